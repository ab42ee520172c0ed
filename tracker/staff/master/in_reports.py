"""What a published report already shows: its place is a public address, and stays."""

from functools import singledispatch

from django.db.models import Model

from tracker.cycle.places import places_of
from tracker.models import Category, Department, Initiative, Manifesto, Pledge, Rating, Report, ReportEntry
from tracker.models.publication import ReportEntryQuerySet


def entries_of(manifesto: Manifesto) -> ReportEntryQuerySet:
    """All rows ever published of a manifesto: an old edition stays readable for ever."""
    return ReportEntry.objects.filter(report__manifesto=manifesto)


@singledispatch
def shows(thing: Model) -> bool:
    """Whether a report shows a thing as a whole; False for kinds that no address names."""
    return False


@shows.register
def _(manifesto: Manifesto) -> bool:
    return Report.objects.filter(manifesto=manifesto).exists()


def shows_rating(rating: Rating) -> bool:
    """Whether a report's scale has this step."""
    scales = Report.objects.filter(manifesto=rating.manifesto_id).values_list("ratings", flat=True)
    return any(step["code"] == rating.code for scale in scales for step in scale)


@shows.register
def _(category: Category) -> bool:
    shown = entries_of(category.manifesto)
    if category.parent is None:
        return shown.filter(category_number=category.number).exists()
    return shown.filter(category_number=category.parent.number, section_number=category.number).exists()


@shows.register
def _(pledge: Pledge) -> bool:
    return entries_of(pledge.section.manifesto).filter(pledge_key__in=places_of(pledge)).exists()


@shows.register
def _(initiative: Initiative) -> bool:
    keys = [f"{place}-{initiative.position}" for place in places_of(initiative.pledge)]
    return entries_of(initiative.pledge.section.manifesto).filter(key__in=keys).exists()


@shows.register
def _(department: Department) -> bool:
    return ReportEntry.objects.with_facet(f"d:{department.code}").exists()

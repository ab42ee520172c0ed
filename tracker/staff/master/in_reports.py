"""What a published report already shows: its place is a public address, and stays."""

from functools import singledispatch

from django.db.models import Model

from tracker.cycle.places import bare_in_reports, places_of, published_places
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
    own = {"category_number": (category.parent or category).number}
    if category.parent:
        own["section_number"] = category.number
    bare = bare_in_reports(category.manifesto_id)
    return entries_of(category.manifesto).filter(**own).exists() or any(
        own.items() <= each.items() for each in bare
    )


@shows.register
def _(pledge: Pledge) -> bool:
    return not published_places(pledge.section.manifesto_id).isdisjoint(places_of(pledge))


def telling_bare(pledge: Pledge) -> list[Report]:
    """The reports that tell a pledge without an initiative, the newest first."""
    own = set(places_of(pledge))
    reports = Report.objects.filter(manifesto=pledge.section.manifesto_id)
    return [each for each in reports if own & {told["pledge_key"] for told in each.bare_pledges}]


@shows.register
def _(initiative: Initiative) -> bool:
    keys = [f"{place}-{initiative.position}" for place in places_of(initiative.pledge)]
    return entries_of(initiative.pledge.section.manifesto).filter(key__in=keys).exists()


@shows.register
def _(department: Department) -> bool:
    return ReportEntry.objects.with_facet(f"d:{department.code}").exists()

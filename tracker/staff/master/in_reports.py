"""What a published report already shows: its place is a public address, and stays."""

from tracker.models import Category, Department, Initiative, Manifesto, Pledge, Rating, Report, ReportEntry
from tracker.models.publication import ReportEntryQuerySet


def entries_of(manifesto: Manifesto) -> ReportEntryQuerySet:
    """All rows ever published of a manifesto: an old edition stays readable for ever."""
    return ReportEntry.objects.filter(report__manifesto=manifesto)


def has_report(manifesto: Manifesto) -> bool:
    return Report.objects.filter(manifesto=manifesto).exists()


def shows_rating(rating: Rating) -> bool:
    """Whether a report's scale has this step."""
    scales = Report.objects.filter(manifesto=rating.manifesto_id).values_list("ratings", flat=True)
    return any(step["code"] == rating.code for scale in scales for step in scale)


def shows_category(category: Category) -> bool:
    shown = entries_of(category.manifesto)
    if category.parent is None:
        return shown.filter(category_number=category.number).exists()
    return shown.filter(category_number=category.parent.number, section_number=category.number).exists()


def shows_pledge(pledge: Pledge) -> bool:
    return entries_of(pledge.section.manifesto).filter(pledge_key=pledge.place).exists()


def shows_initiative(initiative: Initiative) -> bool:
    return entries_of(initiative.pledge.section.manifesto).filter(key=initiative.place).exists()


def shows_department(department: Department) -> bool:
    return ReportEntry.objects.with_facet(f"d:{department.code}").exists()

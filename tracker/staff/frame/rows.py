"""What staff pages show of a row: its scale, the last report's words, its history, its differences."""

from collections.abc import Callable, Iterable

from django.http import HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from tracker.cycle import rounds
from tracker.models import Event, Rating, Report, ReportEntry, ReportingRound, YearlyAction
from tracker.public.rows import badges
from tracker.reports.figures import RatingStep, level
from tracker.words import differences
from tracker.workbooks.bytes import CONTENT_TYPE


def scale_of(round: ReportingRound) -> list[Rating]:
    """The round's ratings, best first."""
    return list(Rating.objects.filter(manifesto=round.manifesto_id).order_by("position"))


def rating_badges(scale: list[Rating]) -> dict[str, SafeString]:
    """A rendered badge per code, the empty code being unrated."""
    steps = [
        RatingStep(rating.code, rating.label, rating.definition, rating.percent, level(place, len(scale)))
        for place, rating in enumerate(scale, start=1)
    ]
    return badges(steps)


def last_told(action: YearlyAction) -> tuple[Report | None, ReportEntry | None]:
    """The manifesto's last report, and what it says of the row's initiative."""
    report = rounds.last_report(action.round.manifesto)
    return report, ReportEntry.objects.filter(report=report, key=action.place).first()


def history_of(action: YearlyAction) -> list[Event]:
    """The row's events, oldest first."""
    return list(Event.objects.filter(subject=action.subject).order_by("number"))


def marked(pieces: Iterable[differences.Piece]) -> SafeString:
    """A difference as markup; additions and removals are also said in words."""
    return format_html_join("", "{}", ((DIFFERENCE_MARKUP[piece.kind](piece.text),) for piece in pieces))


def _between(tag: str, act: str) -> Callable[[str], SafeString]:
    said = '<span class="visually-hidden">［{}］</span>'
    begins, ends = format_html(said, act), format_html(said, f"{act}ここまで")
    return lambda text: format_html("<{0}>{1}{2}{3}</{0}>", tag, begins, text, ends)


DIFFERENCE_MARKUP: dict[str, Callable[[str], str]] = {
    "same": str,
    "added": _between("ins", "追加"),
    "removed": _between("del", "削除"),
}


def workbook_answer(content: bytes, file_name: str) -> HttpResponse:
    """A workbook to be saved under a Japanese name."""
    disposition = content_disposition_header(as_attachment=True, filename=file_name)
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})

"""What staff pages show of a row: its scale, the last report's words, its differences."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from tracker.cycle import manifestos, rounds
from tracker.cycle.places import Places, places_of
from tracker.models import Pledge, Rating, Report, ReportEntry, YearlyAction
from tracker.public.rows import badges
from tracker.reports.figures import RatingStep, level
from tracker.words import differences
from tracker.workbooks.bytes import CONTENT_TYPE


def rating_badges(scale: list[Rating]) -> dict[str, SafeString]:
    """A rendered badge per code, the empty code being unrated."""
    steps = [
        RatingStep(rating.code, rating.label, rating.definition, rating.percent, level(place, len(scale)))
        for place, rating in enumerate(scale, start=1)
    ]
    return badges(steps)


def badges_of(manifestos: Iterable[int]) -> dict[int, dict[str, SafeString]]:
    """The badges of each manifesto, by its id: scales differ. One query."""
    scales: dict[int, list[Rating]] = {pk: [] for pk in manifestos}
    for rating in Rating.objects.filter(manifesto__in=list(scales)).order_by("position"):
        scales[rating.manifesto_id].append(rating)
    return {pk: rating_badges(scale) for pk, scale in scales.items()}


def last_told(action: YearlyAction) -> tuple[Report | None, ReportEntry | None]:
    """The manifesto's last report, and what it says of the row's initiative."""
    report = rounds.last_report(action.round.manifesto)
    keys = Places(action.round.manifesto).ever(action.place)
    return report, ReportEntry.objects.filter(report=report, key__in=keys).first()


class FormerTermsPledge(NamedTuple):
    """A pledge of an earlier term. `address`: where the public reads it, "" where nowhere."""

    term: str
    pledge: Pledge
    address: str


def carried_on_by(action: YearlyAction) -> FormerTermsPledge | None:
    """The pledge of an earlier term that a row's pledge carries on; None where there is none."""
    own = action.initiative.pledge
    if own.continues_id is None:
        return None
    pledge = Pledge.objects.select_related("section__parent", "section__manifesto").get(pk=own.continues_id)
    manifesto = pledge.section.manifesto
    if manifesto.pk == action.round.manifesto_id:
        return None
    told = ReportEntry.objects.filter(report=rounds.last_report(manifesto), pledge_key__in=places_of(pledge))
    key = told.values_list("pledge_key", flat=True).first()
    address = reverse("manifesto:latest:pledge", args=[manifesto.slug, key]) if key else ""
    return FormerTermsPledge(manifestos.name_of(manifesto), pledge, address)


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

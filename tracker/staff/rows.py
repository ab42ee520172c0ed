"""What staff pages show of a row: who may see it, its scale, its ratings as badges, its differences."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from tracker.cycle import permissions
from tracker.models import Rating, YearlyAction
from tracker.public.rows import badges
from tracker.reports.figures import RatingStep, level
from tracker.words import differences
from tracker.workbooks.bytes import CONTENT_TYPE


def visible_action(request: HttpRequest, pk: int) -> YearlyAction:
    """The row, if it is there for this person; else 404."""
    return get_object_or_404(permissions.visible_actions(request.user).with_place().with_departments(), pk=pk)


def scale_of(action: YearlyAction) -> list[Rating]:
    return list(action.round.manifesto.ratings.order_by("position"))


def rating_badges(scale: list[Rating]) -> dict[str, SafeString]:
    """A rendered badge per code, the empty code being unrated."""
    steps = [
        RatingStep(rating.code, rating.label, rating.definition, rating.percent, level(place, len(scale)))
        for place, rating in enumerate(scale, start=1)
    ]
    return badges(steps)


def marked(pieces: Iterable[differences.Piece]) -> SafeString:
    """A difference as markup; additions and removals are also said in words."""
    return format_html_join("", "{}", ((MARKUP[piece.kind](piece.text),) for piece in pieces))


MARKUP: dict[str, Callable[[str], SafeString | str]] = {
    "same": lambda text: text,
    "added": lambda text: format_html(
        '<ins><span class="visually-hidden">［追加］</span>{}<span class="visually-hidden">［追加ここまで］</span></ins>',
        text,
    ),
    "removed": lambda text: format_html(
        '<del><span class="visually-hidden">［削除］</span>{}<span class="visually-hidden">［削除ここまで］</span></del>',
        text,
    ),
}


def workbook_answer(content: bytes, file_name: str) -> HttpResponse:
    """A workbook to be saved under a Japanese name."""
    disposition: Any = content_disposition_header(as_attachment=True, filename=file_name)
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})

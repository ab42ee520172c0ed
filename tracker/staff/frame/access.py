"""Who may open a page of the staff site, and the row that its address names."""

import re
from collections.abc import Callable
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from tracker.cycle import cancelling, permissions
from tracker.cycle.permissions import Visitor
from tracker.models import Event, User, YearlyAction

ROW_NUMBER = re.compile(r"[0-9]{1,18}")  # what a database can be asked for


def allowed(request: HttpRequest, may: Callable[[Visitor], bool], words: str) -> User:
    """The person, if `may` holds for them. Raises PermissionDenied with the words if not."""
    if not may(request.user) or not isinstance(request.user, User):
        raise PermissionDenied(words)
    return request.user


class ToldNotFound(Http404):
    """Nothing is here, or no longer; the message says why, and what to do."""

    heading, status = "ページが見つかりません", 404


class NoSuchTerm(ToldNotFound):
    """An address names a term that is not there: somebody may have taken its beginning back."""

    heading = "この任期（マニフェスト）はありません"

    def __init__(self) -> None:
        super().__init__(
            "アドレスの任期は、もうないか、はじめからありません。ほかの人が任期の開始を取り消したときは、"
            "その理由と内容が「履歴」に残っています。いまある任期は「報告回」の画面で確かめてください。"
        )


class Cancelled(ToldNotFound):
    """What was here went with a cancelled round; the message says so."""

    heading, status = "報告回が取り消されました", 410

    def __init__(self, cancellation: Event) -> None:
        super().__init__(cancelling.in_words(cancellation))


def visible_action(request: HttpRequest, pk: int) -> YearlyAction:
    """The row, if it is there for this person; else 404, which says so where it went with its round."""
    rows = permissions.visible_actions(request.user).with_place().with_departments().with_last_values()
    return rows.select_related("saved_by").filter(pk=pk).first() or not_there(pk)


def not_there(pk: int) -> NoReturn:
    """Raises Http404 for a row; Cancelled for one that went with its round."""
    if cancellation := cancelling.cancellation_of_row(pk):
        raise Cancelled(cancellation)
    raise Http404


def row_number(text: str) -> int | None:
    """The row's id that a form or a query names; None for a text that is none."""
    return int(text) if ROW_NUMBER.fullmatch(text) else None

"""Who may open a page of the staff site, and the row that its address names."""

import re
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tracker.cycle import permissions
from tracker.cycle.permissions import Visitor
from tracker.models import User, YearlyAction

ROW_NUMBER = re.compile(r"[0-9]{1,18}")  # what a database can be asked for


def allowed(request: HttpRequest, may: Callable[[Visitor], bool], words: str) -> User:
    """The person, if `may` holds for them. Raises PermissionDenied with the words if not."""
    if not may(request.user) or not isinstance(request.user, User):
        raise PermissionDenied(words)
    return request.user


def visible_action(request: HttpRequest, pk: int) -> YearlyAction:
    """The row, if it is there for this person; else 404."""
    return get_object_or_404(permissions.visible_actions(request.user).with_place().with_departments(), pk=pk)


def row_number(text: str) -> int | None:
    """The row's id that a form or a query names; None for a text that is none."""
    return int(text) if ROW_NUMBER.fullmatch(text) else None

"""Who may reorganise, the document that a page is about, and whether it is as the page showed it."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tracker.choices import ReorganisationState
from tracker.cycle import permissions
from tracker.models import Reorganisation, User
from tracker.organisation.writing import OVERTAKEN, DocumentOvertaken
from tracker.staff.frame.access import allowed

WORDS = "組織改正を扱えるのは、企画の職員と管理者だけです。"


def keeper(request: HttpRequest) -> User:
    """The person, who may reorganise. There is no such page for departments."""
    if not permissions.may_reorganise(request.user):
        raise Http404
    return allowed(request, permissions.may_reorganise, WORDS)


def a_document(pk: int) -> Reorganisation:
    """The document, or 404."""
    return get_object_or_404(Reorganisation, pk=pk)


def in_preparation(pk: int) -> Reorganisation:
    """The document, which is neither applied nor undone; else 404."""
    return get_object_or_404(Reorganisation, pk=pk, state=ReorganisationState.PREPARED)


def step_number(text: str, document: Reorganisation) -> int:
    """The number of a step that is there, or 404."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= len(document.steps):
        raise Http404
    return number


def require_seen(request: HttpRequest, document: Reorganisation) -> None:
    """Raises DocumentOvertaken where the page showed another version."""
    if request.POST.get("version") != str(document.version):
        raise DocumentOvertaken(OVERTAKEN)

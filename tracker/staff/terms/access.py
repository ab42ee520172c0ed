"""Who may open the pages of a term, and the term that an address names."""

from django.http import Http404, HttpRequest

from tracker.cycle import permissions
from tracker.models import Manifesto, User
from tracker.staff.frame.access import NoSuchTerm, allowed


def beginner(request: HttpRequest) -> User:
    """The person, who begins terms. No such page for departments (404); an administrator may not (403)."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    return allowed(request, permissions.may_begin_terms, "任期を始められるのは企画の職員だけです。")


def a_term(pk: int) -> Manifesto:
    """The term, or 404, which says that it may have been taken back."""
    if (found := Manifesto.objects.filter(pk=pk).first()) is None:
        raise NoSuchTerm
    return found

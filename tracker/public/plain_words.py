"""The site explained in やさしい日本語 and in English: what it is, how it rates, what each step means."""

from django.http import HttpRequest

from tracker.public.context import Context, public_page
from tracker.public.rows import badges
from tracker.public.scope import Scope
from tracker.reports.figures import distribution
from tracker.words.step_words import step_words


@public_page
def easy(request: HttpRequest, scope: Scope) -> Context:
    """For people who learn Japanese, and for children."""
    return _explained(scope)


@public_page
def english(request: HttpRequest, scope: Scope) -> Context:
    """The city's own pages are Japanese only: this one says what they are."""
    return {**_explained(scope), "page_language": "en"}


def _explained(scope: Scope) -> Context:
    entries = list(scope.entries.values("pledge_key", "rating_code"))
    counted = distribution([entry["rating_code"] for entry in entries], scope.scale)
    shares = [(share, step_words(share.step.label)) for share in counted.shares if share.step]
    return {
        "badges": badges(scope.scale),
        "shares": shares,
        "unrated": counted.unrated,
        "total": counted.total,
        "pledge_count": len({entry["pledge_key"] for entry in entries}),
    }

"""The site explained in やさしい日本語 and in English: what it is, how it rates, what each step means."""

from django.http import HttpRequest

from tracker.public.context import Context, public_page
from tracker.public.rated_pledges import STATE_FIELDS
from tracker.public.rows import badges
from tracker.public.scope import Scope
from tracker.public.trend import counted_report
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
    entries = scope.entries.values(*STATE_FIELDS)
    counted = counted_report(scope.this, scope.report, entries)
    told = counted.distribution
    shares = [(share, step_words(share.step.label, share.step.code)) for share in told.shares if share.step]
    return {
        "badges": badges(scope.scale),
        "shares": shares,
        "unrated": told.unrated,
        "total": told.total,
        "pledge_count": counted.pledge_count,
        "pledges": counted.pledges,
    }

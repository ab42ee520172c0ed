"""A person's rows of all years with all that they say: to search, to read again, to print."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.cycle import manifestos
from tracker.models import ReportingRound
from tracker.models.reporting import YearlyActionQuerySet, read_indicators
from tracker.public.search_words import MAX_WORDS_CHARACTERS
from tracker.staff.entry.own_rows import asked_of
from tracker.staff.frame.access import row_number
from tracker.staff.frame.rows import badges_of
from tracker.staff.frame.searching import saying
from tracker.staff.frame.site import show

TEXTS_PER_PAGE, MOST_TEXTS = 50, 1_000


@require_safe
def all_rows(request: HttpRequest) -> HttpResponse:
    """The rows of one round, or of all, the newest first; those that say the words, where these are given."""
    words = request.GET.get("q", "").strip()[:MAX_WORDS_CHARACTERS]
    own = asked_of(request.user)
    rounds = _rounds_of(own)
    round = next((each for each in rounds if each.pk == row_number(request.GET.get("round", ""))), None)
    rows = own.filter(round=round) if round else own
    rows = _newest_first(saying(rows, words) if words else rows)
    per_page = MOST_TEXTS if request.GET.get("show") == "all" else TEXTS_PER_PAGE
    page = Paginator(rows, per_page).get_page(request.GET.get("page"))
    read_indicators(page)
    return show(
        request,
        "entry/all_rows",
        title="担当の取組（すべての年度）",
        words=words,
        most_characters=MAX_WORDS_CHARACTERS,
        rounds=rounds,
        names=manifestos.names(),
        chosen=round,
        page=page,
        groups=[(each, list(alike)) for each, alike in groupby(page, lambda row: row.round)],
        badges=badges_of({row.round.manifesto_id for row in page}),
        query=_query(request),
    )


def _rounds_of(rows: YearlyActionQuerySet) -> list[ReportingRound]:
    rounds = ReportingRound.objects.filter(pk__in=rows.values("round")).select_related("manifesto")
    return list(rounds.newest_first())


def _newest_first(rows: YearlyActionQuerySet) -> YearlyActionQuerySet:
    ordered = rows.with_place().with_departments().in_table_order()
    newest = ("-round__fiscal_year", "-round__as_of", "-round")
    return ordered.order_by(*newest, *ordered.query.order_by)


def _query(request: HttpRequest) -> str:
    """The conditions as a query string, without the page."""
    asked = request.GET.copy()
    for name in set(asked) - {"q", "round", "show"}:
        del asked[name]
    return asked.urlencode()

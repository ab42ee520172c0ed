"""The index of reports: what lists show and filters look through, made from frozen entries.

A new rule reaches reports that are already published: `manage.py rebuild_index` makes their index anew.
"""

from collections.abc import Iterable

from django.db import transaction

from tracker.models import EntryIndex, Report, ReportEntry
from tracker.reports.wordings import wordings
from tracker.words import continuations
from tracker.words.bullets import without_mark
from tracker.words.cutting import cut
from tracker.words.folding import folded_pieces
from tracker.words.reported import Progress, TextKind, choice_tokens
from tracker.words.visible import says_nothing

EXCERPT_CHARACTERS = 90
INDEXED = ("progress", "excerpt", "facets", "search_text")


def index_of(entry: ReportEntry, report: Report) -> EntryIndex:
    """The unsaved index of an entry, saved or not; `entry.index` gives it from now on."""
    progress = Progress(
        results={year: progress_kind(text) for year, text in entry.results.items()},
        plans={year: progress_kind(text) for year, text in entry.plans.items()},
    )
    return EntryIndex(
        entry=entry,
        progress=progress,
        excerpt=excerpt({int(year): text for year, text in entry.results.items()}),
        facets=_facets(entry, report, progress["results"].get(str(report.fiscal_year), "none")),
        search_text=_search_text(entry),
    )


def progress_kind(text: str) -> TextKind:
    """What kind of text a year has: "new" wording, only "continued", or "none"."""
    if says_nothing(text):
        return "none"
    return "continued" if continuations.is_only_continuation(text) else "new"


def excerpt(results: dict[int, str]) -> str:
    """The last concrete wording, cut for lists. Cutting in templates was a third of a page's time."""
    told = [
        (year, lines) for year, lines in continuations.referred(max(results, default=0), results) if lines
    ]
    if not told:
        return ""
    wording = "　".join(without_mark(line) for line in told[-1][1])
    return cut(wording, EXCERPT_CHARACTERS)


def _facets(entry: ReportEntry, report: Report, kind_of_text: TextKind) -> str:
    tokens = [f"d:{department['code']}" for department in entry.departments]
    tokens += [f"s:{goal}" for goal in entry.sdgs or []]
    tokens += [f"p:{project['base_code']}" for project in entry.plan_projects if project["base_code"]]
    tokens += [f"t:{kind_of_text}", *(f"k:{key}" for key in entry.former_pledge_keys or [])]
    tokens += [f"x:{token}" for token in _choices(entry, report)]
    return f" {' '.join(dict.fromkeys(tokens))} "


def _choices(entry: ReportEntry, report: Report) -> list[str]:
    """What is chosen last in extra columns, as the filter's tokens."""
    last = {code: list(told.values())[-1] for code, told in (entry.extra_values or {}).items()}
    return [
        token
        for column in report.extra_columns
        for token, choice in choice_tokens(column).items()
        if last.get(column["code"]) == choice
    ]


def _search_text(entry: ReportEntry) -> str:
    """All wording of an entry, folded for searching, a line per piece."""
    return folded_pieces(wording.text for wording in wordings(vars(entry)))


def outdated(report: Report) -> int:
    """How many entries have no index, or another one than today's rules make."""
    return _outdated(report, _made(report))


@transaction.atomic
def rebuild(report: Report) -> int:
    """Makes a report's index anew if any of it is outdated. Returns for how many entries it was.

    Readers see the old rows until the new ones are all there; a second rebuild at the same time waits.
    """
    Report.objects.select_for_update().get(pk=report.pk)
    made = _made(report)
    count = _outdated(report, made)
    if count:
        EntryIndex.objects.filter(entry__report=report).delete()
        EntryIndex.objects.bulk_create(made, batch_size=500)
    return count


def _made(report: Report) -> list[EntryIndex]:
    return [index_of(entry, report) for entry in report.entries.order_by("position")]


def _outdated(report: Report, made: Iterable[EntryIndex]) -> int:
    stored = {
        entry: values
        for entry, *values in EntryIndex.objects.filter(entry__report=report).values_list("entry", *INDEXED)
    }
    return sum([getattr(row, name) for name in INDEXED] != stored.get(row.entry_id) for row in made)

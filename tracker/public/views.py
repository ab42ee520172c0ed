"""The public pages. Each takes the scope (which report) and shows it; nothing here writes or reads the
workspace.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import Count, F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from tracker.models import Report, ReportEntry
from tracker.models.publication import ReportEntryQuerySet
from tracker.public.changes import against_earlier, comparisons
from tracker.public.charts import Segment, bar, text_bar
from tracker.public.filters import QUERY_NAMES, EntryFilter
from tracker.public.frozen import frozen_page
from tracker.public.rows import Row, badges, entry_list, rating_years, squares, years
from tracker.public.scope import Published, Scope
from tracker.published_tables.file import writing
from tracker.published_tables.from_report import file_name, notes_of, table_of
from tracker.reports.figures import Distribution, RatingStep, distribution, text_counts
from tracker.words.sdgs import GOALS
from tracker.workbooks.bytes import CONTENT_TYPE
from tracker.workbooks.problems import FileProblem

ROWS_PER_PAGE = 250
LATER_FIELDS = ("ended_after", "carried_from")


def _show(request: HttpRequest, scope: Scope, template: str, path: str, **context: Any) -> HttpResponse:
    """Renders a page; `path` is its address within the scope, the same in every report."""
    return render(
        request,
        f"public/{template}.html",
        {"scope": scope, "path": path, "section": path.split("/")[0] or "overview", **context},
    )


def _entries(scope: Scope) -> ReportEntryQuerySet:
    return ReportEntry.objects.filter(report=scope.report).order_by("position")


@dataclass(frozen=True)
class Group:
    """A labelled group of initiatives with its ratings, as counts and as a bar."""

    key: str
    name: str
    distribution: Distribution
    bar: list[Segment]


def _group(scope: Scope, key: str, name: str, rows: Iterable[Row]) -> Group:
    counted = distribution([row["rating_code"] for row in rows], scope.scale)
    return Group(key, name, counted, bar(counted))


@frozen_page()
def overview(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Counts per rating, every pledge as a square, bars per field, the matrix of years, what changed."""
    fields = ("pledge_key", "pledge_number", "pledge_text", "category_number", "rating_code")
    entries = list(_entries(scope).values(*fields, *LATER_FIELDS, progress=F("index__progress")))
    by_category = [
        (category, [entry for entry in entries if entry["category_number"] == category["number"]])
        for category in scope.report.outline["categories"]
    ]
    matrix = [
        (category["number"], category["name"], text_counts([e["progress"] for e in rows], scope.report.years))
        for category, rows in by_category
    ]
    return _show(
        request,
        scope,
        "overview",
        "",
        whole=_group(scope, "", scope.report.title, entries),
        pledge_count=len({entry["pledge_key"] for entry in entries}),
        groups=[
            (
                _group(scope, str(c["number"]), c["name"], rows),
                squares(rows, scope.scale),
                len({e["pledge_key"] for e in rows}),
            )
            for c, rows in by_category
        ],
        badges=badges(scope.scale),
        texts=[
            (counts, text_bar(counts))
            for counts in text_counts([e["progress"] for e in entries], scope.report.years)
        ],
        matrix=[
            (number, name, [(counts, text_bar(counts)) for counts in row]) for number, name, row in matrix
        ],
        cumulative_year=next(
            (year["fiscal_year"] for year in scope.report.years if year["cumulative"]), None
        ),
        comparison=against_earlier(scope),
        **_counted(entries),
    )


def _counted(entries: Iterable[Row]) -> dict[str, int]:
    """How many initiatives are counted as they ended, and how many as they stood before."""
    rows = list(entries)
    names = {"ended_count": "ended_after", "carried_count": "carried_from"}
    return {name: sum(row[field] is not None for row in rows) for name, field in names.items()}


@frozen_page(query=QUERY_NAMES)
def pledges(request: HttpRequest, scope: Scope) -> HttpResponse:
    """All initiatives, filtered; the state is in the address."""
    filters = EntryFilter(request.GET, _entries(scope), scope)
    found = filters.found().for_list()
    page, complaint = _page(request, found)
    query = request.GET.copy()
    query.pop("page", None)
    return _show(
        request,
        scope,
        "pledges",
        "pledges/",
        filters=filters,
        chips=filters.chips(),
        complaints=filters.complaints() + complaint,
        page=page,
        items=entry_list(page.object_list, scope),
        query=query.urlencode(),
    )


def _page(
    request: HttpRequest, found: QuerySet[ReportEntry, dict[str, Any]]
) -> tuple[Page[dict[str, Any]], list[str]]:
    """The page that the query names, or the nearest there is, with a word about it."""
    paginator = Paginator(found, ROWS_PER_PAGE)
    asked = request.GET.get("page") or "1"
    try:
        return paginator.page(asked), []
    except PageNotAnInteger:
        return paginator.page(1), [f"ページ：「{asked[:20]}」は数ではないので、1 ページ目を表示しています。"]
    except EmptyPage:
        last = paginator.num_pages
        return paginator.page(last), [
            f"ページ：「{asked[:20]}」ページはありません。{last} ページ目を表示しています。"
        ]


@frozen_page()
def pledge(request: HttpRequest, scope: Scope, key: str) -> HttpResponse:
    """One pledge: every initiative with its years, ratings and departments, then and now."""
    entries = list(_entries(scope).filter(pledge_key=key))
    if not entries:
        raise Http404
    rendered = badges(scope.scale)
    initiatives = [
        (entry, years(entry, scope.report.years), rating_years(entry, rendered)) for entry in entries
    ]
    return _show(
        request,
        scope,
        "pledge",
        f"pledges/{key}/",
        entry=entries[0],
        initiatives=initiatives,
        has_rating_years=any(rated for _entry, _years, rated in initiatives),
        badges=rendered,
        history=_history(scope, key),
        before=_entries(scope).filter(position__lt=entries[0].position).order_by("-position").first(),
        after=_entries(scope).filter(position__gt=entries[-1].position).first(),
    )


def _badges_of(reports: Iterable[Published]) -> dict[int, dict[str, SafeString]]:
    """The badges of each report by its key: a rating keeps the name that it had then."""
    scales = Report.objects.filter(pk__in=[row.pk for row in reports]).values_list("pk", "ratings")
    return {pk: badges(RatingStep.scale(ratings)) for pk, ratings in scales}


def _history(scope: Scope, key: str) -> list[tuple[Published, list[tuple[int, SafeString]]]]:
    """The pledge's ratings in this report and the ones before it, oldest first; empty while there is only
    one.
    """
    if not scope.earlier:
        return []
    reports = [scope.this, *scope.earlier]
    found = ReportEntry.objects.filter(report__in=[row.pk for row in reports], pledge_key=key).order_by(
        "position"
    )
    rendered = _badges_of(reports)
    told: dict[int, list[tuple[int, SafeString]]] = {}
    for entry in found.only("report_id", "rating_code", "initiative_position"):
        own = rendered[entry.report_id]
        told.setdefault(entry.report_id, []).append(
            (entry.initiative_position, own.get(entry.rating_code, own[""]))
        )
    return [(row, told[row.pk]) for row in reversed(reports) if row.pk in told]


@frozen_page()
def departments(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Every department with the ratings of what it answers for."""
    entries = list(_entries(scope).values("departments", "rating_code"))
    groups = []
    for department in scope.report.outline["departments"]:
        code = department["code"]
        own = [
            e for e in entries if any(t["code"] == code and t["when"] == "current" for t in e["departments"])
        ]
        other = sum(
            any(t["code"] == code and t["when"] != "current" for t in e["departments"]) for e in entries
        )
        groups.append((_group(scope, code, department["name"], own), other))
    nobody = sum(not e["departments"] for e in entries)
    return _show(request, scope, "departments", "departments/", groups=groups, nobody=nobody)


WHEN = (("current", "担当している取組"), ("next", "これから担当する取組"), ("past", "以前に担当していた取組"))


@frozen_page()
def department(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """What one department answers for, did, or will."""
    named = next((row for row in scope.report.outline["departments"] if row["code"] == code), None)
    if named is None:
        raise Http404
    entries = list(_entries(scope).with_facet(f"d:{code}").for_list())
    parts = [
        (
            words,
            [e for e in entries if any(t["code"] == code and t["when"] == when for t in e["departments"])],
        )
        for when, words in WHEN
    ]
    return _show(
        request,
        scope,
        "department",
        f"departments/{code}/",
        group=_group(scope, code, named["name"], parts[0][1]),
        parts=[(words, len(own), entry_list(own, scope)) for words, own in parts if own],
    )


@frozen_page()
def sdgs(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The 17 goals with the ratings of the initiatives that name them."""
    entries = list(_entries(scope).values("sdgs", "rating_code"))
    groups = [
        (goal, _group(scope, str(n), goal.name, [e for e in entries if n in (e["sdgs"] or ())]))
        for n, goal in GOALS.items()
    ]
    unknown = sum(entry["sdgs"] is None for entry in entries)
    stated_none = sum(entry["sdgs"] == [] for entry in entries)
    return _show(
        request,
        scope,
        "sdgs",
        "sdgs/",
        groups=groups,
        total=len(entries),
        unknown=unknown,
        stated_none=stated_none,
    )


@frozen_page()
def sdg(request: HttpRequest, scope: Scope, number: int) -> HttpResponse:
    """The initiatives that name one goal."""
    if number not in GOALS:
        raise Http404
    entries = list(_entries(scope).with_facet(f"s:{number}").for_list())
    goal = GOALS[number]
    group = _group(scope, str(number), goal.name, entries)
    return _show(
        request, scope, "sdg", f"sdgs/{number}/", goal=goal, group=group, items=entry_list(entries, scope)
    )


@frozen_page()
def plans(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The codes of the city's implementation plan, with the ratings of the initiatives that belong to
    them.
    """
    entries = list(_entries(scope).values("plan_projects", "rating_code"))
    groups = []
    for plan in scope.report.outline["plans"]:
        code = plan["code"]
        own = [e for e in entries if any(project["base_code"] == code for project in e["plan_projects"])]
        groups.append((_group(scope, code, code, own), _project_names(own, code)))
    return _show(request, scope, "plans", "plans/", groups=groups)


def _project_names(entries: Iterable[Row], code: str) -> list[tuple[str, str]]:
    """(code as printed, name) of the projects under a code, once each."""
    named = [
        (p["code"], p["name"]) for entry in entries for p in entry["plan_projects"] if p["base_code"] == code
    ]
    return sorted(dict.fromkeys(named))


@frozen_page()
def plan(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The initiatives that belong to one code of the plan."""
    if not any(row["code"] == code for row in scope.report.outline["plans"]):
        raise Http404
    entries = list(_entries(scope).with_facet(f"p:{code}").for_list("plan_projects"))
    group = _group(scope, code, code, entries)
    names = _project_names(entries, code)
    return _show(
        request,
        scope,
        "plan",
        f"plans/{code}/",
        code=code,
        group=group,
        names=names,
        items=entry_list(entries, scope),
    )


@frozen_page()
def ratings(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The rule by which ratings are given, and how the figures are calculated."""
    entries = list(_entries(scope).values("rating_code", *LATER_FIELDS))
    whole = _group(scope, "", scope.report.title, entries)
    return _show(
        request, scope, "ratings", "ratings/", whole=whole, badges=badges(scope.scale), **_counted(entries)
    )


@frozen_page()
def reports(request: HttpRequest, scope: Scope) -> HttpResponse:
    """All reports of the manifesto with every edition, and what each says about itself."""
    pks = [row.pk for row in scope.reports]
    found = Report.objects.defer("outline", "ratings", "years").in_bulk(pks)
    counts = (
        ReportEntry.objects.filter(report__in=pks)
        .values_list("report")
        .annotate(ended_count=Count("ended_after"), carried_count=Count("carried_from"))
    )
    counted = {pk: {"ended": ended, "carried": carried} for pk, ended, carried in counts}
    rows = [(row, found[row.pk], counted.get(row.pk, {})) for row in scope.reports]
    return _show(request, scope, "reports", "reports/", rows=rows)


@frozen_page()
def changes(request: HttpRequest, scope: Scope) -> HttpResponse:
    """What changed against the report before, and what a correction corrected."""
    found = comparisons(scope)
    carried = found[0].rows.carried if found else ()
    return _show(
        request, scope, "changes", "changes/", comparisons=found, carried=carried, badges=badges(scope.scale)
    )


@frozen_page(needs_report=False)
def accessibility(request: HttpRequest, scope: Scope | None) -> HttpResponse:
    """The accessibility policy: what was aimed at, what was tested and how, where to tell of a barrier."""
    return render(request, "public/accessibility.html", {"scope": scope})


@frozen_page()
def download(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The workbook of the scope's edition. What no workbook can hold is told in words (409), never left
    out.
    """
    name = file_name(settings.CITY_CODE, scope.report, "xlsx")
    if not request.path.endswith(f"/{name}"):
        raise Http404
    entries = list(ReportEntry.objects.filter(report=scope.report).order_by("position"))
    try:
        content = writing.write_workbook(table_of(scope.report, entries), notes_of(scope.report, entries))
    except FileProblem as problem:
        return HttpResponse(problem.message, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        content, content_type=CONTENT_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )

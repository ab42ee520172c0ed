"""The public pages. Each shows the report of its scope; nothing here writes, or reads the workspace."""

from collections import Counter
from collections.abc import Collection, Iterable

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from tracker.models import ReportEntry
from tracker.public.answer import consideration, evaluator
from tracker.public.bare_pledges import around, bare_entry, in_words
from tracker.public.change_marks import RatingChanges, changes_between, marks
from tracker.public.changes import comparisons
from tracker.public.context import FRESHNESS, Context, public_page
from tracker.public.continued import former_pledges, later_pledges_of
from tracker.public.entries import EntryValues
from tracker.public.filters import EntryFilter
from tracker.public.groups import NOT_ANEW, counted_as_before, goals_known, largest_total, rated_group
from tracker.public.indicators import OF_PLEDGE, by_initiative
from tracker.public.leads import former_term, leads, nearest
from tracker.public.moved import moved
from tracker.public.pledge_lists import headed, pledge_list
from tracker.public.pledge_parts import NO_NUMBER, NO_PAGE, PLEDGES_PER_PAGE, PledgePart, PledgeParts
from tracker.public.published import Published, page_of_list
from tracker.public.rows import Timeline, badges, extra_answers, rating_years, timeline
from tracker.public.scope import Scope
from tracker.public.trend import counted_report
from tracker.published_tables.file import writing
from tracker.published_tables.from_report import file_name, notes_of, table_of
from tracker.reports.comparison import RATING_FIELDS
from tracker.reports.figures import RatingStep
from tracker.reports.wordings import WORDED
from tracker.words.reported import ONCE, in_charge
from tracker.words.sdgs import GOALS
from tracker.workbooks.bytes import CONTENT_TYPE
from tracker.workbooks.problems import FileProblem

History = list[tuple[Published, list[tuple[ReportEntry, SafeString]]]]  # a pledge's ratings by report
WHEN = (("current", "担当している取組"), ("next", "これから担当する取組"), ("past", "以前に担当していた取組"))


@public_page
def pledges(request: HttpRequest, scope: Scope, number: int | None = None) -> Context | HttpResponse:
    """All initiatives, filtered; the state is in the address.

    The whole list's pages have paths, for files have no queries; one beyond the last leads to the last.
    """
    filters = EntryFilter(request.GET, scope)
    found = PledgeParts(filters.found(), filters.order, filters.found_bare())
    page, complaint = _page(request.GET.get("page") if number is None else str(number), found)
    query = request.GET.copy()
    query.pop("page", None)
    name, arguments = page_of_list(1 if query else page.number)
    if number is not None and arguments != {"number": number}:
        return HttpResponseRedirect(scope.url(name, **arguments), headers={"Cache-Control": FRESHNESS})
    rows = found.rows(page.object_list, *(WORDED if filters.search.words else ()))
    leading = leads(filters)
    return {
        "filters": filters,
        "chips": filters.chips(),
        "complaints": filters.complaints() + complaint,
        "page": page,
        "items": pledge_list(
            rows, scope, headed(scope, found.codes), filters.search, filters.marks, filters.asked_department
        ),
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)),
        "query": query.urlencode(),
        "page_name": name,
        "page_arguments": arguments,
        **goals_known(scope),
        "counted": found.figures,
        "leads": leading,
        "since": filters.since,
        "nearest": [] if found.figures["parts"] else nearest(filters, leading),
        "former_term": former_term(filters, found.figures["initiatives"]),
        "example": next(iter(rows), None),
    }


def _page(asked: str | None, found: PledgeParts) -> tuple[Page[PledgePart], list[str]]:
    """The page that is asked for, or the nearest there is, with a word about it."""
    paginator: Paginator[PledgePart] = Paginator(found, PLEDGES_PER_PAGE)  # type: ignore[arg-type]
    asked = asked or "1"
    try:
        return paginator.page(asked), []
    except PageNotAnInteger:
        return paginator.page(1), [NO_NUMBER.format(asked=asked[:20])]
    except EmptyPage:
        last = paginator.num_pages
        return paginator.page(last), [NO_PAGE.format(asked=asked[:20], last=last)]


@public_page
def pledge(request: HttpRequest, scope: Scope, key: str) -> Context | HttpResponse:
    """One pledge: every initiative with its years, ratings and departments, then and now.

    The address that it had before it moved leads there.
    """
    entries = list(scope.entries.of_pledge(key))
    if not entries:
        return _bare_pledge(scope, key) or moved(scope, key, "pledge")
    rendered, columns = badges(scope.scale), scope.report.extra_columns
    initiatives = [
        (
            entry,
            Timeline.of(timeline(entry, scope.report.years, scope.year_of, columns), scope.report.years),
            rating_years(entry, rendered),
            extra_answers(entry, columns, ONCE),
        )
        for entry in entries
    ]
    before, after = around(scope, entries)
    history = _history(scope, entries[0])
    return {
        "entry": entries[0],
        "changes": marks(_changes(scope, history, entries)),
        "consideration": consideration(scope.report, entries[0].pledge_text),
        "initiatives": initiatives,
        "has_rating_years": any(rated for _entry, _years, rated, _extra in initiatives),
        "badges": rendered,
        "indicators": by_initiative(entries, scope.report.fiscal_year),
        "of_pledge": OF_PLEDGE,
        "history": history,
        "others": _others(scope, entries),
        "former_pledges": former_pledges(scope, entries),
        "later_pledges": later_pledges_of(scope, entries[0]),
        "before": before,
        "after": after,
    }


def _bare_pledge(scope: Scope, key: str) -> Context | None:
    """What its page says of a pledge without an initiative; None where there is none."""
    if (entry := bare_entry(scope.report, key)) is None:
        return None
    before, after = around(scope, [entry])
    return {
        "entry": entry,
        "bare_words": in_words(vars(entry)),
        "consideration": consideration(scope.report, entry.pledge_text),
        "former_pledges": former_pledges(scope, [entry]),
        "later_pledges": later_pledges_of(scope, entry),
        "before": before,
        "after": after,
    }


def _others(scope: Scope, entries: Iterable[ReportEntry]) -> dict[str, EntryValues]:
    """By key, the initiatives of other pledges that these carry on, or that carry these on."""
    return _by_key(scope, _linked(entries) - {entry.key for entry in entries})


def _linked(entries: Iterable[ReportEntry]) -> set[str]:
    """The keys of the initiatives that these carry on, or that carry these on."""
    links = [link for entry in entries for link in [*(entry.continues or []), *(entry.continued_by or [])]]
    return {link["key"] for link in links}


def _by_key(scope: Scope, keys: Collection[str]) -> dict[str, EntryValues]:
    """Initiatives of the scope's report as links name them. One query, none without keys."""
    names = ("key", "pledge_key", "pledge_number", "pledge_text", "initiative_position", "initiative_name")
    found = scope.entries.where(key__in=keys).values(*names) if keys else ()
    return {entry["key"]: entry for entry in found}


def _changes(scope: Scope, history: History, entries: Iterable[ReportEntry]) -> RatingChanges:
    """How the ratings of a pledge differ from those in the report before."""
    before = [entry for row, rated in history if row in scope.earlier[:1] for entry, _badge in rated]
    return changes_between(scope.report, before, entries) if before else {}


def _history(scope: Scope, own: ReportEntry) -> History:
    """The pledge's ratings in this report and those before it, oldest first; empty while there is only one.

    A rating keeps the name that it had then.
    """
    if not scope.earlier:
        return []
    reports = [scope.this, *scope.earlier]
    entries = scope.entries_of(reports).of_pledge_ever(own.pledge_key, own.former_pledge_keys or ())
    told = entries.only("report_id", *RATING_FIELDS).by_report()
    scales = scope.reports_of(reports)
    history = []
    for row in reversed(reports):
        if row.pk in told:
            rendered = badges(RatingStep.scale(scales[row.pk].ratings))
            rated = [(each, rendered.get(each.rating_code, rendered[""])) for each in told[row.pk]]
            history.append((row, rated))
    return history


@public_page
def departments(request: HttpRequest, scope: Scope) -> Context:
    """Every department with the ratings of what it answers for."""
    entries = list(scope.entries.values("departments", "rating_code", *NOT_ANEW))
    groups = []
    for department in scope.report.outline["departments"]:
        code = department["code"]
        own = [entry for entry in entries if _has_duty(entry, code, "current")]
        other = sum(_has_duty(entry, code, "past", "next") for entry in entries)
        groups.append((rated_group(scope, code, department["name"], own), other))
    assigned = [entry for entry in entries if in_charge(entry["departments"])]
    nobody = sum(not entry["departments"] for entry in entries)
    largest = largest_total(group for group, _other in groups)
    return {
        "groups": groups,
        "in_charge": sum(group.distribution.total > 0 for group, _other in groups),
        "nobody": nobody,
        "counted": counted_as_before(assigned),
        "largest": largest,
        "badges": badges(scope.scale),
    }


def _has_duty(entry: EntryValues, code: str, *when: str) -> bool:
    return any(term["code"] == code and term["when"] in when for term in entry["departments"])


@public_page
def department(request: HttpRequest, scope: Scope, code: str) -> Context:
    """What one department answers for, did, or will."""
    named = next((row for row in scope.report.outline["departments"] if row["code"] == code), None)
    if named is None:
        raise Http404
    entries = list(scope.entries.with_facet(f"d:{code}").for_list())
    parts = [(words, [entry for entry in entries if _has_duty(entry, code, when)]) for when, words in WHEN]
    return {
        "group": rated_group(scope, code, named["name"], parts[0][1]),
        "parts": [(words, len(own), pledge_list(own, scope)) for words, own in parts if own],
    }


@public_page
def sdgs(request: HttpRequest, scope: Scope) -> Context:
    """The 17 goals with the ratings of the initiatives that name them."""
    entries = list(scope.entries.values("sdgs", "rating_code", *NOT_ANEW))
    groups = [
        (
            goal,
            rated_group(scope, str(n), goal.name, [entry for entry in entries if n in (entry["sdgs"] or ())]),
        )
        for n, goal in GOALS.items()
    ]
    counted = counted_as_before(entry for entry in entries if entry["sdgs"])
    largest = largest_total(group for _goal, group in groups)
    shown = {"groups": groups, "largest": largest, "badges": badges(scope.scale)}
    return {**shown, "counted": counted, **goals_known(scope)}


@public_page
def sdg(request: HttpRequest, scope: Scope, number: int) -> Context:
    """The initiatives that name one goal."""
    if number not in GOALS:
        raise Http404
    goal, entries = GOALS[number], list(scope.entries.with_facet(f"s:{number}").for_list())
    group = rated_group(scope, str(number), goal.name, entries)
    return {"goal": goal, "group": group, "items": pledge_list(entries, scope), **goals_known(scope)}


@public_page
def plans(request: HttpRequest, scope: Scope) -> Context:
    """The codes of the city's implementation plan, with the ratings of the initiatives under each."""
    entries = list(scope.entries.values("plan_projects", "rating_code", *NOT_ANEW))
    groups = []
    for plan in scope.report.outline["plans"]:
        code = plan["code"]
        own = [e for e in entries if any(project["base_code"] == code for project in e["plan_projects"])]
        groups.append((rated_group(scope, code, code, own), _project_names(own, code)))
    planned = [entry for entry in entries if any(project["base_code"] for project in entry["plan_projects"])]
    largest = largest_total(group for group, _names in groups)
    shown = {"groups": groups, "largest": largest, "badges": badges(scope.scale)}
    return {**shown, "counted": counted_as_before(planned)}


def _project_names(entries: Iterable[EntryValues], code: str) -> list[tuple[str, str]]:
    """(code as printed, name) of the projects under a code, once each."""
    own = (each for entry in entries for each in entry["plan_projects"] if each["base_code"] == code)
    return sorted({(project["code"], project["name"]) for project in own})


@public_page
def plan(request: HttpRequest, scope: Scope, code: str) -> Context:
    """The initiatives that belong to one code of the plan."""
    if not any(row["code"] == code for row in scope.report.outline["plans"]):
        raise Http404
    entries = list(scope.entries.with_facet(f"p:{code}").for_list("plan_projects"))
    group, names = rated_group(scope, code, code, entries), _project_names(entries, code)
    return {"code": code, "group": group, "names": names, "items": pledge_list(entries, scope)}


@public_page
def ratings(request: HttpRequest, scope: Scope) -> Context:
    """The rule by which ratings are given, and how the figures are calculated."""
    entries = list(scope.entries.values("pledge_key", "rating_code", *NOT_ANEW))
    return {
        "whole": rated_group(scope, "", scope.report.title, entries),
        "pledges": counted_report(scope.this, scope.report, entries).pledges,
        "evaluator": evaluator(scope.report),
        "consideration": consideration(scope.report),
        "badges": badges(scope.scale),
    }


@public_page
def reports(request: HttpRequest, scope: Scope) -> Context:
    """All reports of the manifesto with every edition, and what each says about itself."""
    entries, found = scope.entries_of(scope.reports), scope.reports_of(scope.reports)
    ended = Counter(e["report_id"] for e in entries.where(ended_after__isnull=False).values("report_id"))
    carried = Counter(e["report_id"] for e in entries.where(carried_from__isnull=False).values("report_id"))
    return {"rows": [(row, found[row.pk], ended[row.pk], carried[row.pk]) for row in scope.reports]}


@public_page
def changes(request: HttpRequest, scope: Scope) -> Context:
    """What changed against the report before, and what a correction corrected."""
    found = comparisons(scope)
    carried = found[0].rows.carried if found else ()
    told = [entry for each in found for entry in (*each.rows.new, *each.rows.finished)]
    shown = {"comparisons": found, "carried": carried, "badges": badges(scope.scale)}
    return {**shown, "linked": _by_key(scope, _linked(told))}


def accessibility(request: HttpRequest, scope: Scope | None) -> HttpResponse:
    """The accessibility policy: the aim, what was tested and how, and where to report a barrier."""
    return render(request, "public/accessibility.html", {"scope": scope})


def published_table(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The edition's workbook. What no workbook can hold is told in words (409), never left out."""
    name = file_name(scope.city.code, scope.report.as_of, scope.report.edition, "xlsx")
    if not request.path.endswith(f"/{name}"):
        raise Http404
    entries = list(scope.entries)
    try:
        content = writing.write_workbook(table_of(scope.report, entries), notes_of(scope.report, entries))
    except FileProblem as problem:
        return HttpResponse(problem.message, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        content, content_type=CONTENT_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )

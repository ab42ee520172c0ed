"""From the approved workspace to a report that is not saved yet: what would become public, and what of it
stays as it stood.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from tracker.choices import ActionState
from tracker.models import Assignment, Initiative, Report, ReportEntry, ReportingRound, YearlyAction
from tracker.models.catalogue import InitiativeQuerySet
from tracker.reports.digests import CONTENT_FIELDS, content_digest
from tracker.reports.figures import level
from tracker.words import continuations
from tracker.words.bullets import tidy, without_mark
from tracker.words.digests import canonical_json, sha256
from tracker.words.folding import fold_for_search

EXCERPT_CHARACTERS = 90


@dataclass(frozen=True)
class Draft:
    """What would become public: the unsaved report and its unsaved entries.

    `before` is the report that they follow. `left_out` are running initiatives without an approved year that
    are not in it.
    """

    report: Report
    entries: list[ReportEntry]
    before: Report | None
    left_out: list[Initiative]

    @property
    def carried(self) -> list[ReportEntry]:
        """The entries that stay as they stood in the report before."""
        return [entry for entry in self.entries if entry.carried_from]

    @property
    def content_digest(self) -> str:
        """SHA-256 over all that would be said, without date and edition: two drafts with the same one are the
        same.
        """
        header = [str(self.report.as_of), self.report.title, self.report.ratings, self.report.years]
        return sha256(canonical_json([header, [[entry.key, entry.content_digest] for entry in self.entries]]))

    def same_content(self, other: Report) -> bool:
        """Whether a published report already says exactly this."""
        shown = ("title", "ratings", "years")
        return all(getattr(self.report, name) == getattr(other, name) for name in shown) and [
            (entry.key, entry.content_digest) for entry in self.entries
        ] == list(other.entries.order_by("position").values_list("key", "content_digest"))


def draft(round: ReportingRound) -> Draft:
    """The report of a round, as the approved workspace stands now. Writes nothing.

    Only approved rows speak. Where the round's own row is not approved, the initiative stays as it stood in
    the report before; where an earlier year's row is not (it is being corrected), that year does.
    """
    manifesto = round.manifesto
    initiatives = list(_initiatives(round))
    before = Report.objects.of(manifesto.slug).until(round.as_of).first()
    copied = ReportEntry.objects.filter(report=before).defer("search_text", "facets", "excerpt", "progress")
    stood, material = {entry.key: entry for entry in copied}, Material(round)
    made = [(each, _entry(each, round, material, before, stood.get(each.place))) for each in initiatives]
    entries = [entry for _initiative, entry in made if entry]
    for position, entry in enumerate(entries, start=1):
        entry.position = position
    scale = list(manifesto.ratings.order_by("position"))
    result_years, plan_years = (
        {int(year) for entry in entries for year in getattr(entry, n)} for n in ("results", "plans")
    )
    report = Report(
        manifesto=manifesto,
        slug=manifesto.slug,
        title=manifesto.title_as_of(round.as_of),
        as_of=round.as_of,
        fiscal_year=round.fiscal_year,
        ratings=[
            {
                "code": rating.code,
                "label": rating.label,
                "definition": rating.definition,
                "percent": rating.percent,
                "level": level(index, len(scale)),
            }
            for index, rating in enumerate(scale, start=1)
        ],
        years=[
            *(
                {"fiscal_year": y, "kind": "result", "cumulative": y == manifesto.cumulative_year}
                for y in sorted(result_years)
            ),
            *({"fiscal_year": y, "kind": "plan", "cumulative": False} for y in sorted(plan_years)),
        ],
        unapproved_reason="",
    )
    report.entry_count = len(entries)
    report.outline = _outline(entries)
    running = (None, *range(round.fiscal_year, 10_000))
    left_out = [
        initiative for initiative, entry in made if entry is None and initiative.last_fiscal_year in running
    ]
    return Draft(report, entries, before, left_out)


def _outline(entries: list[ReportEntry]) -> dict[str, Any]:
    """What the entries name, once each: fields in order, departments by code, plan codes with the policy's
    name.
    """
    departments = {term["code"]: term["name"] for entry in entries for term in entry.departments}
    plans: dict[str, str] = {}
    for entry in entries:
        for project in entry.plan_projects:
            if project["base_code"]:
                plans.setdefault(project["base_code"], project["name"].split(" ")[0])
    return {
        "categories": [
            {"number": n, "name": name}
            for n, name in {e.category_number: e.category_name for e in entries}.items()
        ],
        "departments": [{"code": code, "name": departments[code]} for code in sorted(departments)],
        "plans": [{"code": code, "name": plans[code]} for code in sorted(plans, key=plan_order)],
    }


def plan_order(code: str) -> list[int]:
    """Plan codes in the plan's order: 2-2-10 after 2-2-9."""
    return [int(part) for part in code.split("-")]


class Told(NamedTuple):
    """What a row says of its year."""

    initiative: int
    fiscal_year: int
    state: str
    result: str
    plan: str
    rating_code: str | None
    rating_reason: str


class Duty(NamedTuple):
    """A department's duty for an initiative."""

    initiative: int
    code: str
    name: str
    from_fiscal_year: int | None
    to_fiscal_year: int | None


class Project(NamedTuple):
    """A plan project of an initiative."""

    initiative: int
    base_code: str
    code: str
    name: str


class Material:
    """All that a round's entries are made from, by initiative: plain rows, for model objects take three times
    as long.
    """

    def __init__(self, round: ReportingRound) -> None:
        of_manifesto = {"initiative__pledge__section__manifesto": round.manifesto_id}
        rows = YearlyAction.objects.filter(**of_manifesto, round__fiscal_year__lte=round.fiscal_year)
        told = (
            "initiative",
            "round__fiscal_year",
            "state",
            "result",
            "plan",
            "rating__code",
            "rating_reason",
        )
        self.told = _grouped(Told, rows.order_by("round__fiscal_year").values_list(*told))
        duty = ("initiative", "department__code", "department__name", "from_fiscal_year", "to_fiscal_year")
        self.duties = _grouped(
            Duty, Assignment.objects.filter(**of_manifesto).order_by("position").values_list(*duty)
        )
        links = Initiative.plan_projects.through.objects.filter(**of_manifesto)
        project = ("initiative", "planproject__base_code", "planproject__code", "planproject__name")
        self.projects = _grouped(Project, links.order_by(*project[1:]).values_list(*project))


Row = TypeVar("Row", Told, Duty, Project)


def _grouped(kind: type[Row], rows: Iterable[Any]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in map(kind._make, rows):
        found.setdefault(row.initiative, []).append(row)
    return found


def _initiatives(round: ReportingRound) -> InitiativeQuerySet:
    """The initiatives that have begun by the round's year, in the order of the table."""
    return (
        Initiative.objects.of(round.manifesto)
        .filter(first_fiscal_year__lte=round.fiscal_year)
        .in_table_order()
    )


def _entry(
    initiative: Initiative,
    round: ReportingRound,
    material: Material,
    before: Report | None,
    stood: ReportEntry | None,
) -> ReportEntry | None:
    """An initiative's entry, without its position; None for one that has nothing approved to say."""
    told = material.told.get(initiative.pk, [])
    approved = [row for row in told if row.state == ActionState.APPROVED]
    ended_after = initiative.last_fiscal_year
    if ended_after is not None and ended_after >= round.fiscal_year:
        ended_after = None
    last_year = round.fiscal_year if ended_after is None else ended_after
    now = next((row for row in approved if row.fiscal_year == last_year), None)
    if not approved or (now is None and ended_after is None):
        return _carried(stood, before, round) if stood and before else None
    results = {row.fiscal_year: tidy(row.result) for row in approved}
    plans = {row.fiscal_year + 1: tidy(row.plan) for row in approved if row.plan}
    history = {
        row.fiscal_year: {
            "fiscal_year": row.fiscal_year,
            "code": row.rating_code,
            "reason": row.rating_reason,
        }
        for row in approved
        if row.rating_code
    }
    for year in [row.fiscal_year for row in told if row.state != ActionState.APPROVED] if stood else []:
        _take_year(year, stood, results, plans, history)
    is_open = any(row.fiscal_year == last_year for row in told) and now is None
    rated = stood if stood and is_open else now or approved[-1]
    entry = _described(initiative, round, material)
    entry.results = {str(year): results[year] for year in sorted(results)}
    entry.plans = {str(year): plans[year] for year in sorted(plans)}
    entry.rating_code = rated.rating_code or ""
    entry.rating_reason = rated.rating_reason
    entry.rating_history = [history[year] for year in sorted(history)]
    entry.ended_after = ended_after
    return _derived(entry, round.fiscal_year)


def _take_year(year: int, stood: ReportEntry | None, results: Any, plans: Any, history: Any) -> None:
    """Keeps what the report before said of a year whose row is not approved just now."""
    if stood is None:
        return
    if str(year) in stood.results:
        results[year] = stood.results[str(year)]
    if str(year + 1) in stood.plans:
        plans[year + 1] = stood.plans[str(year + 1)]
    for rated in stood.rating_history:
        if rated["fiscal_year"] == year:
            history[year] = rated


def _carried(stood: ReportEntry, before: Report, round: ReportingRound) -> ReportEntry:
    """A copy of an entry as it stood, marked so."""
    entry = ReportEntry(**{name: getattr(stood, name) for name in CONTENT_FIELDS})
    entry.carried_from = stood.carried_from or before.as_of
    entry.ended_after = None
    return _derived(entry, round.fiscal_year)


def _described(initiative: Initiative, round: ReportingRound, material: Material) -> ReportEntry:
    """Where an initiative stands in the manifesto, and who answers for it."""
    pledge, section = initiative.pledge, initiative.pledge.section
    category = section.parent or section
    return ReportEntry(
        key=initiative.place,
        category_number=category.number,
        category_name=category.name,
        section_number=section.number,
        section_name=section.name,
        pledge_key=pledge.place,
        pledge_number=pledge.number_label,
        pledge_text=pledge.text,
        initiative_position=initiative.position,
        plan_projects=[
            {"code": project.code, "base_code": project.base_code, "name": project.name}
            for project in material.projects.get(initiative.pk, [])
        ],
        sdgs=initiative.sdgs,
        departments=[_term(duty, round.fiscal_year) for duty in material.duties.get(initiative.pk, [])],
        other_departments=initiative.other_departments,
    )


def _derived(entry: ReportEntry, fiscal_year: int) -> ReportEntry:
    """Fills in what is made from an entry's content: once, here."""
    entry.progress = {
        "results": {year: progress_kind(text) for year, text in entry.results.items()},
        "plans": {year: progress_kind(text) for year, text in entry.plans.items()},
    }
    entry.excerpt = excerpt({int(year): text for year, text in entry.results.items()})
    entry.facets = _facets(entry, fiscal_year)
    entry.search_text = _search_text(entry)
    entry.content_digest = content_digest(entry)
    return entry


def progress_kind(text: str) -> str:
    """What kind of text a year has: "new" wording, only "continued", or "none"."""
    if not text:
        return "none"
    return "continued" if continuations.is_only_continuation(text) else "new"


def excerpt(results: dict[int, str]) -> str:
    """The last concrete wording, cut for lists. Made once here: cutting in templates was a third of a page's
    time.
    """
    told = [
        (year, lines) for year, lines in continuations.referred(max(results, default=0), results) if lines
    ]
    if not told:
        return ""
    wording = "　".join(without_mark(line) for line in told[-1][1])
    return wording if len(wording) <= EXCERPT_CHARACTERS else wording[: EXCERPT_CHARACTERS - 1] + "…"


def _term(duty: Duty, fiscal_year: int) -> dict[str, Any]:
    begin, end = duty.from_fiscal_year, duty.to_fiscal_year
    has_ended, comes_later = end is not None and end < fiscal_year, begin is not None and begin > fiscal_year
    when = "past" if has_ended else "next" if comes_later else "current"
    return {"code": duty.code, "name": duty.name, "from_year": begin, "to_year": end, "when": when}


def _facets(entry: ReportEntry, fiscal_year: int) -> str:
    tokens = [f"d:{term['code']}" for term in entry.departments]
    tokens += [f"s:{goal}" for goal in entry.sdgs or []]
    tokens += [f"p:{project['base_code']}" for project in entry.plan_projects if project["base_code"]]
    tokens += [f"t:{entry.progress['results'].get(str(fiscal_year), 'none')}"]
    return f" {' '.join(dict.fromkeys(tokens))} "


def _search_text(entry: ReportEntry) -> str:
    """All wording of an entry, folded for searching (NFKC, lower case, without spaces), a line per piece."""
    pieces = [
        *(entry.category_name, entry.section_name, entry.pledge_number, entry.pledge_text),
        *(f"{project['code']} {project['name']}" for project in entry.plan_projects),
        *entry.results.values(),
        *entry.plans.values(),
        *(term["name"] for term in entry.departments),
    ]
    return "\n".join(fold_for_search(piece) for piece in pieces if piece)

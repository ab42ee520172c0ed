"""Publishing: the only code that makes reports. Copies the approved workspace into an immutable, self-contained report."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker import continuations, events
from tracker.bullets import without_mark
from tracker.choices import ActionState, EventKind, RoundState
from tracker.events import canonical_json, sha256
from tracker.folding import fold_for_search
from tracker.models import Assignment, Initiative, Manifesto, Report, ReportEntry, ReportingRound, YearlyAction

EXCERPT_CHARACTERS = 90


class PublishingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A publication that must not happen; the message says why and what to do."""


@dataclass(frozen=True)
class Draft:
    """What would become public: the unsaved report and its unsaved entries."""

    report: Report
    entries: list[ReportEntry]

    def same_content(self, other: Report) -> bool:
        """Whether a published report already says exactly this."""
        shown = ("title", "ratings", "years")
        return all(getattr(self.report, name) == getattr(other, name) for name in shown) and [
            (entry.key, entry.content_digest) for entry in self.entries
        ] == list(other.entries.order_by("position").values_list("key", "content_digest"))


def level(position: int, steps: int) -> int:
    """Which of the five looks a step of a scale takes: 1 for the first, 5 for the last."""
    return 1 if steps < 2 else 1 + round((position - 1) * 4 / (steps - 1))


def draft(round: ReportingRound) -> Draft:
    """The report of a round, as the approved workspace stands now. Writes nothing."""
    manifesto = round.manifesto
    initiatives = list(_initiatives(round))
    actions = [action for initiative in initiatives for action in initiative.actions.all()]
    scale = list(manifesto.ratings.order_by("position"))
    result_years = sorted({action.round.fiscal_year for action in actions})
    plan_years = sorted({action.round.fiscal_year + 1 for action in actions if action.plan})
    report = Report(
        manifesto=manifesto,
        slug=manifesto.slug,
        title=manifesto.title,
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
            *({"fiscal_year": y, "kind": "result", "cumulative": y == manifesto.cumulative_year} for y in result_years),
            *({"fiscal_year": y, "kind": "plan", "cumulative": False} for y in plan_years),
        ],
        entry_count=len(initiatives),
    )
    entries = [_entry(initiative, position, round) for position, initiative in enumerate(initiatives, start=1)]
    report.outline = _outline(entries)
    return Draft(report, entries)


def _outline(entries: list[ReportEntry]) -> dict[str, Any]:
    """What the entries name, once each: fields in order, departments by code, plan codes with the policy's name."""
    departments = {term["code"]: term["name"] for entry in entries for term in entry.departments}
    plans: dict[str, str] = {}
    for entry in entries:
        for project in entry.plan_projects:
            if project["base_code"]:
                plans.setdefault(project["base_code"], project["name"].split(" ")[0])
    return {
        "categories": [{"number": n, "name": name} for n, name in {e.category_number: e.category_name for e in entries}.items()],
        "departments": [{"code": code, "name": departments[code]} for code in sorted(departments)],
        "plans": [{"code": code, "name": plans[code]} for code in sorted(plans, key=plan_order)],
    }


def plan_order(code: str) -> list[int]:
    """Plan codes in the plan's order: 2-2-10 after 2-2-9."""
    return [int(part) for part in code.split("-")]


def _initiatives(round: ReportingRound) -> Any:
    """The initiatives that run in the round's year, in the order of the table, with all that an entry needs."""
    year = round.fiscal_year
    approved = YearlyAction.objects.filter(state=ActionState.APPROVED, round__fiscal_year__lte=year)
    return (
        Initiative.objects.filter(pledge__section__manifesto=round.manifesto, first_fiscal_year__lte=year)
        .filter(Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=year))
        .select_related("pledge__section__parent")
        .prefetch_related(
            "plan_projects",
            Prefetch("assignments", Assignment.objects.select_related("department").order_by("position")),
            Prefetch("actions", approved.select_related("round", "rating").order_by("round__fiscal_year")),
        )
        .order_by("pledge__section__parent__number", "pledge__section__number", "pledge__position", "position")
    )


def _entry(initiative: Initiative, position: int, round: ReportingRound) -> ReportEntry:
    pledge, section = initiative.pledge, initiative.pledge.section
    category = section.parent or section
    pledge_key = pledge.place
    actions = list(initiative.actions.all())
    results = {action.round.fiscal_year: action.result for action in actions}
    plans = {action.round.fiscal_year + 1: action.plan for action in actions if action.plan}
    now = next((action for action in actions if action.round.fiscal_year == round.fiscal_year), None)
    entry = ReportEntry(
        position=position,
        key=initiative.place,
        category_number=category.number,
        category_name=category.name,
        section_number=section.number,
        section_name=section.name,
        pledge_key=pledge_key,
        pledge_number=pledge.number_label,
        pledge_text=pledge.text,
        initiative_position=initiative.position,
        plan_projects=[
            {"code": project.code, "base_code": project.base_code, "name": project.name}
            for project in sorted(initiative.plan_projects.all(), key=lambda p: (p.base_code, p.code, p.name))
        ],
        sdgs=initiative.sdgs,
        results={str(year): text for year, text in results.items()},
        plans={str(year): text for year, text in plans.items()},
        progress={
            "results": {str(year): progress_kind(text) for year, text in results.items()},
            "plans": {str(year): progress_kind(text) for year, text in plans.items()},
        },
        excerpt=excerpt(results),
        rating_code=now.rating.code if now and now.rating else "",
        rating_reason=now.rating_reason if now else "",
        rating_history=[
            {"fiscal_year": action.round.fiscal_year, "code": action.rating.code, "reason": action.rating_reason}
            for action in actions
            if action.rating
        ],
        departments=[_term(assignment, round.fiscal_year) for assignment in initiative.assignments.all()],
        other_departments=initiative.other_departments,
    )
    entry.facets = _facets(entry, round.fiscal_year)
    entry.search_text = _search_text(entry)
    entry.content_digest = content_digest(entry)
    return entry


def progress_kind(text: str) -> str:
    """What kind of text a year has: "new" wording, only "continued", or "none"."""
    if not text:
        return "none"
    return "continued" if continuations.is_only_continuation(text) else "new"


def excerpt(results: dict[int, str]) -> str:
    """The last concrete wording, cut for lists. Made once here: cutting in templates was a third of a page's time."""
    told = [(year, lines) for year, lines in continuations.referred(max(results, default=0), results) if lines]
    if not told:
        return ""
    wording = "　".join(without_mark(line) for line in told[-1][1])
    return wording if len(wording) <= EXCERPT_CHARACTERS else wording[: EXCERPT_CHARACTERS - 1] + "…"


def _term(assignment: Assignment, fiscal_year: int) -> dict[str, Any]:
    if assignment.covers(fiscal_year):
        when = "current"
    else:
        when = "past" if assignment.to_fiscal_year and assignment.to_fiscal_year < fiscal_year else "next"
    return {
        "code": assignment.department.code,
        "name": assignment.department.name,
        "from_year": assignment.from_fiscal_year,
        "to_year": assignment.to_fiscal_year,
        "when": when,
    }


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


CONTENT_FIELDS = (
    *("key", "category_number", "category_name", "section_number", "section_name", "pledge_key", "pledge_number", "pledge_text"),
    *("initiative_position", "plan_projects", "sdgs", "results", "plans", "rating_code", "rating_reason", "rating_history"),
    *("departments", "other_departments"),
)


DERIVED_FIELDS = ("position", "progress", "excerpt", "facets", "search_text", "content_digest")


def content_digest(entry: ReportEntry) -> str:
    """SHA-256 over what an entry says (not over what is derived from it)."""
    return sha256(canonical_json({name: getattr(entry, name) for name in CONTENT_FIELDS}))


def digest(report: Report, entries: list[ReportEntry]) -> str:
    """SHA-256 over all that a report and its entries hold, in order; what is derived is shown too, so it counts."""
    names = ("slug", "title", "as_of", "fiscal_year", "edition", "correction_reason", "published_by", "entry_count")
    header = {name: str(getattr(report, name)) for name in names}
    return sha256(
        canonical_json(
            header
            | {
                "published_at": report.published_at.isoformat(),
                "ratings": report.ratings,
                "years": report.years,
                "outline": report.outline,
                "entries": [{name: getattr(entry, name) for name in (*CONTENT_FIELDS, *DERIVED_FIELDS)} for entry in entries],
            }
        )
    )


@transaction.atomic
def publish(round: ReportingRound, *, by: str, reason: str = "") -> tuple[Report, bool]:
    """Publishes a round's state. Returns (report, True), or (the report that already says this, False).

    A report for the date already there makes this a correction: the next edition, which needs a reason. Raises
    PublishingProblem when a row is not approved, there is nothing to publish, or the reason is missing.
    """
    # The manifesto's row is the lock: two publications of one manifesto take turns.
    manifesto = Manifesto.objects.select_for_update().get(pk=round.manifesto_id)
    unapproved = round.actions.exclude(state=ActionState.APPROVED).count()
    if unapproved:
        raise PublishingProblem(_("承認されていない取組が %d 件あるため、公表できません。") % unapproved)
    new = draft(round)
    if not new.entries:
        raise PublishingProblem(_("公表する取組がありません。"))
    last = Report.objects.of(manifesto.slug).filter(as_of=round.as_of).order_by("-edition").first()
    if last and new.same_content(last):
        return last, False
    if last and not reason.strip():
        raise PublishingProblem(_("この時点の公表版がすでにあります。訂正として公表するには、訂正の理由が必要です。"))
    report = new.report
    report.edition = last.edition + 1 if last else 1
    report.correction_reason = reason.strip() if last else ""
    report.published_at = timezone.now()
    report.published_by = by
    report.digest = digest(report, new.entries)
    report.save(force_insert=True)
    for entry in new.entries:
        entry.report = report
    ReportEntry.objects.bulk_create(new.entries, batch_size=500)
    ReportingRound.objects.filter(pk=round.pk).update(state=RoundState.PUBLISHED)
    events.record(
        by=by,
        kind=EventKind.PUBLISHED,
        subject=f"report:{report.slug}/{report.as_of}/{report.edition}",
        reason=report.correction_reason,
        content={"digest": report.digest, "entries": report.entry_count},
    )
    return report, True


def verify(report: Report) -> bool:
    """Whether a stored report still has the content that its digest was made from."""
    return report.digest == digest(report, list(report.entries.order_by("position")))

"""From the approved workspace to an unsaved report: what would become public, and what stays as it stood."""

from dataclasses import dataclass
from typing import cast

from tracker.cycle.places import Places
from tracker.models import ExtraColumn, Initiative, Manifesto, Rating, Report, ReportEntry, ReportingRound
from tracker.reports.bare_pledges import bare_pledges, categories_of
from tracker.reports.corrections import Correction, OfferedChange
from tracker.reports.digests import LATER_HEADER_VALUES, content_digest
from tracker.reports.entries import entry_of
from tracker.reports.figures import levels
from tracker.reports.index import index_of
from tracker.reports.links import link
from tracker.reports.material import WorkspaceRows
from tracker.words.codes import plan_order
from tracker.words.digests import canonical_json, sha256
from tracker.words.reported import (
    BarePledge,
    Outline,
    ReportedColumn,
    ReportedManifesto,
    ReportedRating,
    ReportedYear,
)
from tracker.words.visible import says_nothing, visible


@dataclass(frozen=True)
class Draft:
    """What would become public: the unsaved report and its unsaved entries, each with its unsaved index.

    `before` is the report that they follow. `left_out` are running initiatives that are not in it: their year
    is not approved, and the report before does not have them either. `changes` of the catalogue are what
    a further edition of the same date could take over, or takes over (`is_picked`).
    """

    report: Report
    entries: list[ReportEntry]
    before: Report | None
    left_out: list[Initiative]
    changes: list[OfferedChange]

    @property
    def carried(self) -> list[ReportEntry]:
        """The entries that stay as they stood in the report before."""
        return [entry for entry in self.entries if entry.carried_from]

    @property
    def content_digest(self) -> str:
        """SHA-256 over all that would be said, without the edition: drafts with the same one are the same."""
        report = self.report
        header: list[object] = [
            str(report.as_of),
            report.round_name,
            report.title,
            report.ratings,
            report.years,
        ]
        header += [value for name in LATER_HEADER_VALUES if (value := getattr(report, name))]
        return sha256(canonical_json([header, [[entry.key, entry.content_digest] for entry in self.entries]]))

    def same_content(self, other: Report) -> bool:
        """Whether a published report already says exactly this."""
        shown = ("title", "ratings", "years", *LATER_HEADER_VALUES)
        return all(getattr(self.report, name) == getattr(other, name) for name in shown) and [
            (entry.key, entry.content_digest) for entry in self.entries
        ] == list(other.entries.order_by("position").values_list("key", "content_digest"))


def draft(round: ReportingRound, *, whole_catalogue: bool = False) -> Draft:
    """The report of a round, as the approved workspace stands now. Writes nothing.

    A further edition of its date takes over what is picked of the catalogue, or all (`whole_catalogue`).
    """
    before = Report.objects.of(round.manifesto.slug).until(round.as_of).first()
    places = Places(round.manifesto)
    stood = {places.now(entry.key): entry for entry in ReportEntry.objects.filter(report=before)}
    begun = Initiative.objects.of(round.manifesto).filter(first_fiscal_year__lte=round.fiscal_year)
    rows = WorkspaceRows(round)
    made = [
        (initiative, entry_of(initiative, round, rows, before, stood.get(initiative.place)))
        for initiative in begun.in_table_order()
    ]
    entries = [entry for _initiative, entry in made if entry]
    _leave_out_silent_years(entries, before)
    link(made, round.manifesto, places)
    correction, bare = None, bare_pledges(round, places, entries, before)
    if before and before.as_of == round.as_of and not whole_catalogue:
        correction = Correction(before, round.picked_changes, _described(rows.public_columns))
    if correction:
        entries = correction.entries(entries, stood)
        bare = correction.bare_pledges(bare, entries, places)
    report = _report(round, entries, bare, rows.public_columns)
    if correction:
        correction.put_back_head(report, entries)
    for position, entry in enumerate(entries, start=1):
        entry.report, entry.position = report, position
        entry.content_digest = content_digest(entry)
        entry.index = index_of(entry, report)
    left_out = [
        initiative
        for initiative, entry in made
        if entry is None
        and (initiative.last_fiscal_year or round.fiscal_year) >= round.fiscal_year
        and (correction is None or _has_row(rows, initiative, round))  # what came later belongs to no edition
    ]
    return Draft(report, entries, before, left_out, correction.changes if correction else [])


def _leave_out_silent_years(entries: list[ReportEntry], before: Report | None) -> None:
    """Leaves out results of years of which no initiative says anything: their rows hold only figures, or
    what was planned. What the report before tells of its years stays.
    """
    told = {year for entry in entries for year, text in entry.results.items() if not says_nothing(text)}
    told |= set(map(str, before.result_years)) if before else set()
    for entry in entries:
        entry.results = {year: text for year, text in entry.results.items() if year in told}


def _has_row(rows: WorkspaceRows, initiative: Initiative, round: ReportingRound) -> bool:
    return any(row.fiscal_year == round.fiscal_year for row in rows.years.get(initiative.pk, []))


def _report(
    round: ReportingRound, entries: list[ReportEntry], bare: list[BarePledge], columns: list[ExtraColumn]
) -> Report:
    """The header of a report with these entries and pledges without one, without edition, reasons, digest."""
    return Report(
        manifesto=round.manifesto,
        slug=round.manifesto.slug,
        title=round.manifesto.title_as_of(round.as_of),
        as_of=round.as_of,
        fiscal_year=round.fiscal_year,
        round_name=round.name,
        ratings=_ratings(round),
        years=_years(entries, round.manifesto.cumulative_year),
        outline=_outline(entries, bare),
        extra_columns=_described(columns),
        about=_about(round.manifesto),
        bare_pledges=bare,
        entry_count=len(entries),
    )


def _about(manifesto: Manifesto) -> ReportedManifesto:
    """What a manifesto says of itself; of its term, nothing until its end is known."""
    told = ReportedManifesto(
        mayor=manifesto.mayor,
        evaluator=manifesto.evaluator,
        consideration=manifesto.consideration,
        original_url=manifesto.original_url,
        easy=manifesto.easy,
        english=manifesto.english,
    )
    if original := manifesto.original:
        told["original_sha256"], told["original_size"] = original.sha256, original.size
    if manifesto.last_fiscal_year:
        told["first_fiscal_year"] = manifesto.first_fiscal_year
        told["last_fiscal_year"] = manifesto.last_fiscal_year
    return cast(ReportedManifesto, {name: value for name, value in told.items() if visible(str(value))})


def _described(columns: list[ExtraColumn]) -> list[ReportedColumn]:
    """The public extra columns as a report describes them."""
    return [
        ReportedColumn(
            code=column.code,
            label=column.label,
            kind=column.kind,
            unit=column.unit,
            decimals=column.decimals,
            choices=[*column.open_choices, *column.ended_choices],
            is_once=column.is_once,
        )
        for column in columns
    ]


def _ratings(round: ReportingRound) -> list[ReportedRating]:
    steps = list(round.manifesto.ratings.order_by("position"))
    looks = levels([step.is_ranked for step in steps])
    return [_rating(step, look) for step, look in zip(steps, looks, strict=True)]


def _rating(step: Rating, look: int) -> ReportedRating:
    told = ReportedRating(
        code=step.code, label=step.label, definition=step.definition, percent=step.percent, level=look
    )
    if not step.is_ranked:
        told["ranked"] = False
    return told


def _years(entries: list[ReportEntry], cumulative_year: int | None) -> list[ReportedYear]:
    """The years that any entry has texts of: results first, then plans."""
    results = sorted({int(year) for entry in entries for year in entry.results})
    plans = sorted({int(year) for entry in entries for year in entry.plans})
    return [
        *(ReportedYear(fiscal_year=y, kind="result", cumulative=y == cumulative_year) for y in results),
        *(ReportedYear(fiscal_year=y, kind="plan", cumulative=False) for y in plans),
    ]


def _outline(entries: list[ReportEntry], bare: list[BarePledge]) -> Outline:
    """What the entries and the pledges without one name, once each. A plan code has the policy's name."""
    departments = {each["code"]: each["name"] for entry in entries for each in entry.departments}
    plans: dict[str, str] = {}
    for entry in entries:
        for project in entry.plan_projects:
            if project["base_code"]:
                plans.setdefault(project["base_code"], project["name"].split(" ")[0])
    return {
        "categories": categories_of(entries, bare),
        "departments": [{"code": code, "name": departments[code]} for code in sorted(departments)],
        "plans": [{"code": code, "name": plans[code]} for code in sorted(plans, key=plan_order)],
        "goals": sorted({goal for entry in entries for goal in entry.sdgs or ()}),
    }

"""What a report says of one initiative: only approved rows speak; what is not approved stays as it stood."""

from dataclasses import dataclass
from typing import Any

from tracker.choices import ActionState
from tracker.models import ExtraColumn, Indicator, Initiative, Report, ReportEntry, ReportingRound
from tracker.reports.digests import CONTENT_FIELDS
from tracker.reports.indicators import of_years, reported
from tracker.reports.material import DutyRow, WorkspaceRows, YearRow
from tracker.words.bullets import tidy
from tracker.words.fiscal_years import term_in
from tracker.words.reported import ONCE, RatedYear, ReportedDepartment, ReportedIndicator
from tracker.words.visible import visible


def entry_of(
    initiative: Initiative,
    round: ReportingRound,
    rows: WorkspaceRows,
    before: Report | None,
    stood: ReportEntry | None,
) -> ReportEntry | None:
    """An initiative's entry, without its place in the report; None where nothing approved is to be said.

    `stood` is its entry in the report before. Where the row of the round's year is not approved, the whole
    entry stays as it stood; where an earlier year's row is not (it is being corrected), that year does. An
    initiative that has ended stays as its last year says.
    """
    years = rows.years.get(initiative.pk, [])
    approved = [row for row in years if row.state == ActionState.APPROVED]
    last_year = min(initiative.last_fiscal_year or round.fiscal_year, round.fiscal_year)
    ended_after = last_year if last_year < round.fiscal_year else None
    now = next((row for row in approved if row.fiscal_year == last_year), None)
    if not approved or (now is None and ended_after is None):
        return _carried(initiative, stood, before, rows.public_columns) if stood and before else None
    said = SaidByYear.of(approved, rows.public_columns)
    said.add_from_table(initiative, round.fiscal_year)
    if stood:
        for row in years:
            if row.state != ActionState.APPROVED:
                said.keep(row.fiscal_year, stood)
    is_open = any(row.fiscal_year == last_year for row in years) and now is None
    rated = stood if stood and is_open else now or approved[-1]
    entry = _described(initiative, round, rows)
    entry.results = {str(year): text for year, text in sorted(said.results.items())}
    entry.plans = {str(year): text for year, text in sorted(said.plans.items())}
    entry.rating_code = rated.rating_code or ""
    entry.rating_reason = visible(rated.rating_reason)
    entry.rating_history = [rating for _year, rating in sorted(said.ratings.items())]
    entry.ended_after = ended_after
    entry.extra_values = said.extra_values(rows.public_columns)
    entry.indicators = _measured(rows.indicators.get(initiative.pk, []), years, stood, ended_after)
    return entry


def _measured(
    defined: list[Indicator], years: list[YearRow], stood: ReportEntry | None, ended_after: int | None
) -> list[ReportedIndicator] | None:
    """What the approved years say of indicators; of the others, what the report before did."""
    if not defined:
        return None
    said = {row.fiscal_year: row.extra_values for row in years if row.state == ActionState.APPROVED}
    others = [row.fiscal_year for row in years if row.fiscal_year not in said]
    return reported(defined, said, of_years(stood.indicators, others) if stood else None, ended_after)


@dataclass
class SaidByYear:
    """Texts and ratings by the fiscal year that they are of. A row's plan is of the year after."""

    results: dict[int, str]
    plans: dict[int, str]
    ratings: dict[int, RatedYear]
    extra: dict[int, dict[str, str]]

    @classmethod
    def of(cls, rows: list[YearRow], columns: list[ExtraColumn]) -> "SaidByYear":
        codes = {column.code for column in columns}
        return cls(
            results={row.fiscal_year: tidy(row.result) for row in rows},
            plans={row.fiscal_year + 1: plan for row in rows if (plan := tidy(row.plan))},
            ratings={
                row.fiscal_year: RatedYear(
                    fiscal_year=row.fiscal_year, code=row.rating_code, reason=visible(row.rating_reason)
                )
                for row in rows
                if row.rating_code
            },
            extra={row.fiscal_year: _only(codes, row.extra_values) for row in rows},
        )

    def add_from_table(self, initiative: Initiative, fiscal_year: int) -> None:
        """Adds how a table rated years before a report's own, where no row rates them."""
        for told, code in initiative.earlier_ratings.items():
            if code and (year := int(told)) < fiscal_year and year not in self.ratings:
                self.ratings[year] = RatedYear(fiscal_year=year, code=code, reason="", from_table=True)

    def keep(self, year: int, stood: ReportEntry) -> None:
        """Keeps what the report before said of a year whose row is not approved just now."""
        if str(year) in stood.results:
            self.results[year] = stood.results[str(year)]
        if str(year + 1) in stood.plans:
            self.plans[year + 1] = stood.plans[str(year + 1)]
        for rating in stood.rating_history:
            if rating["fiscal_year"] == year:
                self.ratings[year] = rating
        told = {
            code: said.get(str(year), said.get(ONCE)) for code, said in (stood.extra_values or {}).items()
        }
        self.extra[year] = {code: value for code, value in told.items() if value}

    def extra_values(self, columns: list[ExtraColumn]) -> dict[str, dict[str, str]] | None:
        """By column and year; the last value of a column that holds once, under "". None without any."""
        found: dict[str, dict[str, str]] = {}
        for column in columns:
            years = sorted(self.extra.items())
            told = {str(year): said[column.code] for year, said in years if column.code in said}
            if told:
                found[column.code] = {ONCE: list(told.values())[-1]} if column.is_once else told
        return found or None


def _only(codes: set[str], values: dict[str, str]) -> dict[str, str]:
    return {code: text for code, value in values.items() if code in codes and (text := visible(value))}


def _carried(
    initiative: Initiative, stood: ReportEntry, before: Report, columns: list[ExtraColumn]
) -> ReportEntry:
    """A copy of an entry as it stood, marked so; the pledge's words and place are those of now."""
    as_it_stood = {name: getattr(stood, name) for name in CONTENT_FIELDS}
    entry = ReportEntry(**as_it_stood | _placed(initiative))
    entry.carried_from = stood.carried_from or before.as_of
    entry.former_term_pledge = stood.former_term_pledge
    public, told = {column.code for column in columns}, stood.extra_values or {}
    entry.extra_values = {code: said for code, said in told.items() if code in public} or None
    entry.indicators = stood.indicators
    return entry


def _placed(initiative: Initiative) -> dict[str, Any]:
    """Where an initiative stands in the manifesto, and its pledge's words."""
    pledge, section = initiative.pledge, initiative.pledge.section
    category = section.parent or section
    return {
        "key": initiative.place,
        "category_number": category.number,
        "category_name": category.name,
        "section_number": section.number,
        "section_name": section.name,
        "pledge_key": pledge.place,
        "pledge_number": pledge.number_label,
        "pledge_text": pledge.text,
        "initiative_position": initiative.position,
        "initiative_name": visible(initiative.name),
    }


def _described(initiative: Initiative, round: ReportingRound, rows: WorkspaceRows) -> ReportEntry:
    """Where an initiative stands in the manifesto, and who answers for it."""
    return ReportEntry(
        **_placed(initiative),
        plan_projects=[
            {"code": project.code, "base_code": project.base_code, "name": project.name}
            for project in rows.projects.get(initiative.pk, [])
        ],
        sdgs=initiative.sdgs,
        departments=[department_of(duty, round.fiscal_year) for duty in rows.duties.get(initiative.pk, [])],
        other_departments=initiative.other_departments,
    )


def department_of(duty: DutyRow, fiscal_year: int) -> ReportedDepartment:
    """A duty as a report of a fiscal year tells it."""
    first, last = duty.from_fiscal_year, duty.to_fiscal_year
    when = term_in(fiscal_year, first, last)
    return {"code": duty.code, "name": duty.name, "from_year": first, "to_year": last, "when": when}

"""An entry sheet for somebody to fill in: made from the round as it stands, every cell of it remembered."""

from collections.abc import Mapping, Sequence

from django.core import signing

from tracker.cycle import permissions, rounds
from tracker.entry_sheets.bases import cells_of
from tracker.entry_sheets.file.ratings import Step
from tracker.entry_sheets.file.writing import EntryBook, EntryRow, write
from tracker.entry_sheets.rows import rating_value, refusal
from tracker.models import Department, ReportEntry, ReportingRound, SheetExport, User, YearlyAction
from tracker.words.fiscal_years import day_label

SCHEMA = "1"
SIGNING_SALT = "entry-sheet"
SIGNED = ("schema", "manifesto", "fiscal_year", "department", "export")  # what the signature covers


def export(
    round: ReportingRound, *, by: User, department: Department | None = None
) -> tuple[SheetExport, bytes]:
    """A department's sheet; with `department` None, a workbook of all rows that this person may write.

    That has a sheet for each department. Every row is in one sheet only: that of its first department.
    """
    actions = YearlyAction.objects.filter(permissions.writers_rows(by), round=round)
    actions = actions.answered_by([department.pk]) if department else actions
    found, last = actions.with_place().with_departments().in_table_order(), last_entries(round)
    rows = {action: row_of(action, last.get(action.place)) for action in found}
    cells = cells_of(rows.values())
    made = SheetExport.objects.create(round=round, department=department, made_by=by, cells=cells)
    return made, write(book_of(round, _by_sheet(rows, department), meta_of(made)))


def _by_sheet(rows: Mapping[YearlyAction, EntryRow], only: Department | None) -> dict[str, list[EntryRow]]:
    """Rows by the name of their sheet. Departments are in the order of their codes, rows without one last."""
    sheets: dict[str, list[EntryRow]] = {only.name: []} if only else {}
    placed = [(only or next(iter(action.departments), None), row) for action, row in rows.items()]
    for first, row in sorted(placed, key=lambda pair: pair[0].code if pair[0] else "~"):
        sheets.setdefault(first.name if first else "担当課なし", []).append(row)
    return sheets


def last_entries(round: ReportingRound) -> dict[str, ReportEntry]:
    """The initiatives of the last report, by key."""
    report = rounds.last_report(round.manifesto)
    entries = ReportEntry.objects.filter(report=report).only("key", "results", "plans")
    return {entry.key: entry for entry in entries}


def row_of(action: YearlyAction, last: ReportEntry | None) -> EntryRow:
    """A row as the sheet shows it; `last` is the initiative in the last report."""
    year, pledge = action.round.fiscal_year, action.initiative.pledge
    section = pledge.section
    more = f"　取組{action.initiative.position}" if action.initiative.position > 1 else ""
    former = f"\n（旧 {action.formerly} の担当）" if action.formerly else ""
    about = f"（{action.get_return_field_display()} について）" if action.return_field else ""
    rating, before = action.rating, action.reference_rating
    values = {
        "place": action.place,
        "category": f"{section.parent or ''}\n{section}".strip(),
        "pledge": f"{pledge}{more}{former}",
        "state": action.get_state_display(),
        "return_reason": f"{about}{action.return_reason}",
        "last_result": "\n".join(last.text_lines("results", year - 1)) if last else "",
        "last_plan": "\n".join(last.text_lines("plans", year)) if last else "",
        "last_rating": rating_value(before.code if before else None, action.was_reported and not before),
        "result": action.result,
        "rating": rating_value(rating.code if rating else None, action.is_unrated),
        "rating_reason": action.rating_reason,
        "plan": action.plan,
    }
    return EntryRow(action.pk, action.version, bool(refusal(action.state, action.round)), values)


def book_of(
    round: ReportingRound, sheets: Mapping[str, Sequence[EntryRow]], meta: Mapping[str, str]
) -> EntryBook:
    """A workbook of a round."""
    due = day_label(round.due_on) if round.due_on else ""
    return EntryBook(round.fiscal_year, round.manifesto.name, due, scale_of(round), sheets, meta)


def scale_of(round: ReportingRound) -> list[Step]:
    """The round's ratings, best first."""
    ratings = round.manifesto.ratings.order_by("position")
    return [Step(rating.code, rating.label, rating.definition) for rating in ratings]


def meta_of(made: SheetExport) -> dict[str, str]:
    """What the hidden sheet says of an export, signed."""
    meta = {
        "schema": SCHEMA,
        "manifesto": made.round.manifesto.slug,
        "fiscal_year": str(made.round.fiscal_year),
        "department": made.department.code if made.department else "",
        "export": made.key,
    }
    return meta | {"signature": signature(meta)}


def signature(meta: Mapping[str, str]) -> str:
    """The signature of a hidden sheet: that this server made it."""
    return signing.Signer(salt=SIGNING_SALT).signature("\n".join(meta.get(name, "") for name in SIGNED))

"""An entry sheet for somebody to fill in: made from the round as it stands, every cell of it remembered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from django.core import signing
from django.db.models import prefetch_related_objects

from tracker.choices import ActionState
from tracker.cycle import manifestos, permissions, rounds
from tracker.cycle.places import Places
from tracker.entry_sheets.bases import cells_of
from tracker.entry_sheets.file.columns import EntryColumn, extra_column
from tracker.entry_sheets.file.entry_book import EntryBook, EntryRow
from tracker.entry_sheets.file.indicator_cells import cell_name
from tracker.entry_sheets.file.ratings import Step
from tracker.entry_sheets.file.writing import write
from tracker.entry_sheets.rows import (
    extra_cells,
    indicator_columns,
    rating_value,
    refusal,
    round_columns,
    round_indicators,
)
from tracker.models import Department, Indicator, ReportEntry, ReportingRound, SheetExport, User, YearlyAction
from tracker.models.reporting import read_indicators
from tracker.words.extra_values import NUMBER, in_words
from tracker.words.fiscal_years import day_label
from tracker.words.numbering import behind

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
    measured = round_indicators(round)
    before = former_actuals(round, measured)
    read_indicators(found)
    rows = {action: row_of(action, last.get(action.place), before) for action in found}
    cells = cells_of(rows.values())
    made = SheetExport.objects.create(round=round, department=department, made_by=by, cells=cells)
    sheets = _by_sheet(round, rows, department)
    return made, write(book_of(round, sheets, meta_of(made), by, measured))


def _by_sheet(
    round: ReportingRound, rows: Mapping[YearlyAction, EntryRow], only: Department | None
) -> dict[str, list[EntryRow]]:
    """Rows by the name of their sheet. Departments are in the order of their codes, rows without one last."""
    placed = [(only or next(iter(action.departments), None), row) for action, row in rows.items()]
    names = _names({first for first, _row in placed if first} | ({only} if only else set()), round)
    sheets: dict[str, list[EntryRow]] = {names[only]: []} if only else {}
    for first, row in sorted(placed, key=lambda pair: pair[0].code if pair[0] else "~"):
        sheets.setdefault(names[first] if first else "担当課なし", []).append(row)
    return sheets


def _names(departments: Iterable[Department], round: ReportingRound) -> dict[Department, str]:
    """What each was called in the round's year; with its code where another one was called the same."""
    ordered = sorted(departments, key=attrgetter("code"))
    prefetch_related_objects(ordered, "former_names")
    names = {department: department.name_in(round.fiscal_year) for department in ordered}
    count = Counter(names.values())
    return {each: f"{name}（{each.code}）" if count[name] > 1 else name for each, name in names.items()}


def last_entries(round: ReportingRound) -> dict[str, ReportEntry]:
    """The initiatives of the last report, by their places now."""
    report, places = rounds.last_report(round.manifesto), Places(round.manifesto)
    entries = ReportEntry.objects.filter(report=report).only("key", "results", "plans", "indicators")
    return {places.now(entry.key): entry for entry in entries}


def former_actuals(
    round: ReportingRound, measured: Mapping[int, Sequence[Indicator]]
) -> dict[int, dict[str, str]]:
    """What rows of the year before say, by initiatives with indicators. One query where there are any."""
    rows = YearlyAction.objects.filter(initiative__in=measured, round__fiscal_year=round.fiscal_year - 1)
    ordered = rows.order_by("round__as_of").values_list("initiative", "extra_values")
    return dict(ordered) if measured else {}


def row_of(
    action: YearlyAction, last: ReportEntry | None, before: Mapping[int, Mapping[str, str]]
) -> EntryRow:
    """A row as the sheet shows it; `last` is the initiative in the last report, `before` `former_actuals`."""
    year, pledge = action.round.fiscal_year, action.initiative.pledge
    section = pledge.section
    more = behind(action.initiative.told_apart)
    former = f"\n（旧 {action.formerly} の担当）" if action.formerly else ""
    rating, reference = action.rating, action.reference_rating
    values = {
        "place": action.place,
        "category": f"{section.parent or ''}\n{section}".strip(),
        "pledge": f"{pledge}{more}{former}",
        "state": action.state_label,
        "return_reason": _asked_for(action),
        "last_result": "\n".join(last.text_lines("results", year - 1)) if last else "",
        "last_plan": "\n".join(last.text_lines("plans", year)) if last else "",
        "last_rating": rating_value(
            reference.code if reference else None, action.was_reported and not reference
        ),
        "result": action.result,
        "rating": rating_value(rating.code if rating else None, action.is_unrated),
        "rating_reason": action.rating_reason,
        "plan": action.plan,
        **extra_cells(action.extra_columns, action.extra_values),
        **dict(_indicator_cells(action, last, before.get(action.initiative_id, {}))),
    }
    return EntryRow(action.pk, action.version, bool(refusal(action.state, action.round)), values)


def _indicator_cells(
    action: YearlyAction, last: ReportEntry | None, before: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The cells of the row's indicators. Last year's actual is the published one, else what was typed."""
    year = action.round.fiscal_year
    told = {each["code"]: each["years"].get(str(year - 1)) for each in (last and last.indicators) or ()}
    for indicator in action.indicators:
        code, published = indicator.code, told.get(indicator.code)
        actual = published["actual"] if published else before.get(code, "")
        yield cell_name("name", code), indicator.name
        yield cell_name("unit", code), indicator.unit
        yield cell_name("target", code), _digits(indicator, indicator.targets.get(year, ""))
        yield cell_name("last", code), _digits(indicator, actual)
        yield from extra_cells(indicator.columns, action.extra_values).items()


def _digits(indicator: Indicator, number: str) -> str:
    """A number as people read it, without its unit, which stands beside it."""
    return in_words(NUMBER, "", indicator.decimals, number)


def _asked_for(action: YearlyAction) -> str:
    """What a returned row's department is asked for: by 企画, and by its head."""
    if action.state != ActionState.RETURNED:
        return ""
    about = f"（{action.return_label} について）" if action.return_field else ""
    of_head = f"（課長から）{action.section_reason}" if action.section_reason else ""
    return "\n".join(filter(None, [f"{about}{action.return_reason}", of_head]))


def book_of(
    round: ReportingRound,
    sheets: Mapping[str, Sequence[EntryRow]],
    meta: Mapping[str, str],
    by: User,
    measured: Mapping[int, Sequence[Indicator]],
) -> EntryBook:
    """A workbook of a round, with the columns that `by` writes into, and its indicators."""
    due = day_label(round.due_on) if round.due_on else ""
    called = manifestos.names().get(round.manifesto_id, round.manifesto.name)
    scale, columns = scale_of(round), columns_for(round, by)
    numbers = indicator_columns(measured)
    return EntryBook(round.fiscal_year, called, due, scale, sheets, meta, round.name, columns, numbers)


def columns_for(round: ReportingRound, by: User) -> list[EntryColumn]:
    """The extra columns of a round's sheet, as somebody has them: into others they do not write."""
    return [
        extra_column(each, is_input=permissions.may_fill(by, each), is_public=each.is_public)
        for each in round_columns(round)
    ]


def scale_of(round: ReportingRound) -> list[Step]:
    """The round's ratings, best first."""
    return [Step(rating.code, rating.label, rating.definition) for rating in round.scale]


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

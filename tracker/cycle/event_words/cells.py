"""Cells of an imported table of master data, whose departments are codes: told by their names."""

import re
from collections.abc import Iterator, Mapping

from tracker.cycle.event_words.duties import Pair, Row, duty_lines
from tracker.cycle.event_words.told import EMPTY, Line
from tracker.cycle.event_words.values import goal_in, in_words, label_of, year_in
from tracker.words.fiscal_years import term_label

DUTY = re.compile(r"(\S+)(?: (\d{4})?-(\d{4})?)?")  # 「001」, 「001 2024-」, as the import reads it
HEIR = re.compile(r"(\S+) (\d{4})")  # 「015 2023」
DUTIES, HEIRS, OFFICES, SDGS = "担当課", "引継ぎ先", "所属", "SDGs"  # headings
Offices = Mapping[str, str]  # names by code


def codes_in(heading: str, cell: str) -> set[str]:
    """What may be the codes of departments in a cell."""
    return set(cell.split()) if heading in {DUTIES, HEIRS, OFFICES} else set()


def cell_lines(heading: str, before: str, after: str, offices: Offices) -> Iterator[Line]:
    """What a changed cell says, each department by its name."""
    duties = _duty_pairs(before, after, offices) if heading == DUTIES else None
    if duties is not None:
        yield from duty_lines(duties)
    else:
        was, now = (cell_in_words(heading, cell, offices) for cell in (before, after))
        yield Line(label_of(None, heading), was, now)


def cell_in_words(heading: str, cell: str, offices: Offices) -> str:
    if heading == DUTIES:
        return "、".join(_duty_in_words(line, offices) for line in cell.splitlines()) or EMPTY
    if heading == HEIRS:
        return "、".join(_heir(line, offices) for line in cell.splitlines()) or EMPTY
    if heading == OFFICES:
        return "、".join(offices.get(code, code) for code in cell.split()) or EMPTY
    if heading == SDGS:
        return "、".join(map(_goal, cell.split())) or EMPTY
    if heading.endswith("年度") and len(cell) == 4 and cell.isascii() and cell.isdigit():
        return year_in(int(cell)) or cell
    return in_words(cell)


def _goal(text: str) -> str:
    return goal_in(int(text)) if text.isascii() and text.isdigit() and len(text) < 4 else text


def _heir(line: str, offices: Offices) -> str:
    found = HEIR.fullmatch(line)
    if found is None:
        return line
    return f"{offices.get(found[1], found[1])}（{year_in(int(found[2]))}から）"


def _duty(line: str, position: int, offices: Offices) -> Row | None:
    found = DUTY.fullmatch(line)
    if found is None:
        return None
    code, first, last = found.groups()
    return {
        "department": offices.get(code, code),
        "position": position,
        "from_fiscal_year": int(first) if first else None,
        "to_fiscal_year": int(last) if last else None,
    }


def _duty_pairs(before: str, after: str, offices: Offices) -> list[Pair] | None:
    """Duties before and after by department and first year; None where a cell is no list of duties."""
    sides: list[dict[tuple[object, object], Row]] = []
    for cell in (before, after):
        rows = [_duty(line, position, offices) for position, line in enumerate(cell.splitlines(), start=1)]
        known = [row for row in rows if row is not None]
        if len(known) < len(rows):
            return None
        sides.append({(row["department"], row["from_fiscal_year"]): row for row in known})
    was, now = sides
    pairs = [(was.get(key), now.get(key)) for key in {**was, **now}]
    return [pair for pair in pairs if pair[0] != pair[1]]


def _duty_in_words(line: str, offices: Offices) -> str:
    row = _duty(line, 1, offices)
    if row is None:
        return line
    return f"{row['department']}{term_label(row['from_fiscal_year'], row['to_fiscal_year'])}"

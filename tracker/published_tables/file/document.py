"""A layout as a JSON document, every key optional: read strictly, written whole. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from tracker.published_tables.file.cells import LegendStep, rating_code
from tracker.published_tables.file.columns import MAX_COLUMNS
from tracker.published_tables.file.layout import HeadingBlock, Layout, OutlinePlace, RowPlace
from tracker.published_tables.file.roles import column_of, role_of
from tracker.published_tables.file.scale import MAX_DEFINITION, MAX_LABEL
from tracker.words import codes
from tracker.words.scale_kinds import ScaleKind
from tracker.workbooks.problems import CONTROL_CHARACTER

MAX_TITLE, MAX_ROW = 200, 50_000
MAX_CODE = 12  # characters of a step's code
YEARS = range(1950, 2101)
UNKEEPABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # no database keeps these


class LayoutProblem(Exception):  # noqa: N818 - the field's own word for it
    """A layout that cannot be followed. The message names the key and says why; `words` only say why."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"配置の「{key}」：{message}")
        self.key, self.words = key, message


@dataclass(frozen=True)
class BlockDocument:
    """Heading rows and the roles of their columns by 0-based place, as far as they are told."""

    sheet: str | None = None
    rows: tuple[int, int] | None = None
    roles: Mapping[int, str] | None = None


@dataclass(frozen=True)
class LayoutDocument:
    """What a layout says; None for what it leaves to the proposal. `further` are other heading rows."""

    sheets: tuple[str, ...] | None = None  # empty: all
    block: BlockDocument = BlockDocument()
    further: tuple[BlockDocument, ...] = ()
    outline: tuple[OutlinePlace, ...] | None = None
    scale: tuple[LegendStep, ...] | None = None
    unranked: frozenset[str] = frozenset()
    scale_kind: ScaleKind | None = None
    unrated: tuple[str, ...] | None = None
    title: str | None = None
    as_of: date | None = None
    fiscal_year: int | None = None
    skipped: frozenset[tuple[str | None, int]] = frozenset()  # a sheet of None: whichever
    wanted: frozenset[tuple[str | None, int]] = frozenset()  # rows to read though they look like totals


def parse_document(content: bytes) -> LayoutDocument:
    """The document in a file. Raises LayoutProblem."""
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise LayoutProblem("全体", "JSON として読めません。") from problem
    return document_of(said)


def document_of(said: object) -> LayoutDocument:
    """The document of a JSON value. Raises LayoutProblem for the first key that cannot be followed."""
    if not isinstance(said, dict):
        raise LayoutProblem("全体", "{…} の形で書いてください。")
    unknown = [key for key in said if key not in READERS]
    if unknown:
        raise LayoutProblem(str(unknown[0]), f"このキーはありません（{'、'.join(READERS)} のどれか）。")
    told: dict[str, Any] = {}
    for key, read in READERS.items():
        if said.get(key) is not None:
            told |= read(key, said[key])
    block = BlockDocument(None, told.pop("rows", None), told.pop("roles", None))
    return LayoutDocument(block=block, **told)


def _text(key: str, value: object, limit: int = MAX_TITLE) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise LayoutProblem(key, f"{limit} 字までの文字で書いてください。")
    if UNKEEPABLE.search(value):
        raise LayoutProblem(key, CONTROL_CHARACTER)
    return value.strip()


def _list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise LayoutProblem(key, "[…] の形で書いてください。")
    return value


def _whole(key: str, value: object, allowed: range) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise LayoutProblem(key, f"{allowed[0]} から {allowed[-1]} までの整数で書いてください。")
    return value


def _sheets(key: str, value: object) -> dict[str, Any]:
    names = [] if value == "all" else [_text(key, name) for name in _list(key, value)]
    return {"sheets": tuple(names)}


def _heading_rows(key: str, value: object) -> dict[str, Any]:
    numbers = [_whole(key, number, range(1, MAX_ROW + 1)) for number in _list(key, value)]
    if len(numbers) != 2 or not numbers[0] <= numbers[1] <= numbers[0] + 9:
        raise LayoutProblem(
            key, "見出しの最初の行と、それより下の最後の行を書いてください（10 行まで。JSON では [10, 11]）。"
        )
    return {"rows": (numbers[0], numbers[1])}


def _columns(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise LayoutProblem(key, '{"A": "pledge", …} のように、列ごとに役割を書いてください。')
    roles: dict[int, str] = {}
    for letter, role in value.items():
        try:
            place = column_index_from_string(str(letter)) - 1
        except ValueError:
            raise LayoutProblem(key, f"「{letter}」は列の記号ではありません。") from None
        if place >= MAX_COLUMNS:
            raise LayoutProblem(key, f"「{letter}」列は遠すぎます（{MAX_COLUMNS} 列まで）。")
        try:
            column_of(_text(key, role), "")
        except ValueError as problem:
            raise LayoutProblem(key, f"{letter} 列の{problem}") from None
        roles[place] = role
    return {"roles": roles}


def _further(key: str, value: object) -> dict[str, Any]:
    blocks = []
    for each in _list(key, value):
        if not isinstance(each, dict) or not {"heading_rows", "columns"} <= set(each) <= {
            *("sheet", "heading_rows", "columns")
        }:
            raise LayoutProblem(key, '{"sheet", "heading_rows", "columns"} を並べてください。')
        sheet = None if each.get("sheet") is None else _text(key, each["sheet"])
        rows = _heading_rows(key, each["heading_rows"])["rows"]
        blocks.append(BlockDocument(sheet, rows, _columns(key, each["columns"])["roles"]))
    return {"further": tuple(blocks)}


def _outline(key: str, value: object) -> dict[str, Any]:
    words = value if isinstance(value, list) else [value]
    try:
        found = tuple(dict.fromkeys(OutlinePlace(word) for word in words))
    except (ValueError, TypeError):
        found = ()
    if not found or (OutlinePlace.NONE in found and len(found) > 1):
        names = "、".join(f'"{each.value}"' for each in OutlinePlace)
        raise LayoutProblem(key, f"{names} のどれかを書いてください（none のほかは、並べても書けます）。")
    return {"outline": found}


def _scale(key: str, value: object) -> dict[str, Any]:
    steps: list[LegendStep] = []
    unranked = set()
    for each in _list(key, value):
        if not isinstance(each, dict) or "code" not in each:
            raise LayoutProblem(
                key, '{"code": "A", "label": "達成", "percent": 100} を、進んだ評価から並べてください。'
            )
        if unknown := set(each) - {"code", "label", "percent", "definition", "rank"}:
            raise LayoutProblem(key, f"「{min(unknown)}」は書けません。")
        code = rating_code(_text(key, each["code"], MAX_LABEL))
        if refusal := codes.rating_code_refusal(code):
            raise LayoutProblem(key, refusal)
        label = _text(key, each.get("label") or each["code"], MAX_LABEL)
        definition = _text(key, each["definition"], MAX_DEFINITION) if each.get("definition") else ""
        percent = each.get("percent")
        percent = None if percent is None else _whole(key, percent, range(101))
        if code in (step.code for step in steps):
            raise LayoutProblem(key, f"「{code}」が 2 回あります。")
        if each.get("rank", True) is not True:
            unranked.add(code)
        steps.append(LegendStep(code, label, definition, percent))
    return {"scale": tuple(steps), "unranked": frozenset(unranked)}


def _scale_kind(key: str, value: object) -> dict[str, Any]:
    try:
        return {"scale_kind": ScaleKind(value)}
    except ValueError:
        raise LayoutProblem(
            key, '"ranked"（順序のある評価）か "classes"（順序のない区分）を書いてください。'
        ) from None


def _unrated(key: str, value: object) -> dict[str, Any]:
    return {"unrated": tuple(rating_code(_text(key, each, MAX_LABEL)) for each in _list(key, value))}


def _as_of(key: str, value: object) -> dict[str, Any]:
    try:
        day = date.fromisoformat(_text(key, value))
    except ValueError:
        raise LayoutProblem(key, "日付を 2025-03-31 のように書いてください。") from None
    if day.year not in YEARS:
        raise LayoutProblem(key, f"西暦 {YEARS[0]} 年から {YEARS[-1]} 年までの日付を書いてください。")
    return {"as_of": day}


def _skip_rows(key: str, value: object) -> dict[str, Any]:
    return {"skipped": _rows(key, value)}


def _rows(key: str, value: object) -> frozenset[tuple[str | None, int]]:
    by_sheet: Mapping[str | None, object] = value if isinstance(value, dict) else {None: value}
    return frozenset(
        (None if sheet is None else _text(key, sheet), _whole(key, number, range(1, MAX_ROW + 1)))
        for sheet, numbers in by_sheet.items()
        for number in _list(key, numbers)
    )


READERS: dict[str, Callable[[str, object], dict[str, Any]]] = {
    "sheets": _sheets,
    "heading_rows": _heading_rows,
    "columns": _columns,
    "further_headings": _further,
    "outline": _outline,
    "scale": _scale,
    "scale_kind": _scale_kind,
    "unrated": _unrated,
    "title": lambda key, value: {"title": _text(key, value)},
    "as_of": _as_of,
    "fiscal_year": lambda key, value: {"fiscal_year": _whole(key, value, YEARS)},
    "skip_rows": _skip_rows,
    "read_rows": lambda key, value: {"wanted": _rows(key, value)},
}


def as_document(layout: Layout) -> dict[str, Any]:
    """The document of a layout: read again, it says the same."""
    said: dict[str, Any] = {"sheets": list(layout.sheets) or "all"}
    if layout.blocks:
        first, *others = layout.blocks
        said |= {"heading_rows": [first.first, first.last], "columns": _roles(first)}
        if further := [each for each in others if _roles(each) != _roles(first)]:
            said["further_headings"] = [
                {"sheet": each.sheet, "heading_rows": [each.first, each.last], "columns": _roles(each)}
                for each in further
            ]
    outline = [each.value for each in layout.outline]
    return said | {
        "outline": outline[0] if len(outline) == 1 else outline,
        "scale": [_step(step, layout) for step in layout.scale],
        "scale_kind": layout.scale_kind.value,
        "unrated": list(layout.unrated),
        "title": layout.title or None,
        "as_of": layout.as_of.isoformat() if layout.as_of else None,
        "fiscal_year": layout.fiscal_year,
        "skip_rows": rows_by_sheet(layout.skipped),
        **({"read_rows": rows_by_sheet(layout.wanted)} if layout.wanted else {}),
    }


def _roles(block: HeadingBlock) -> dict[str, str]:
    return {get_column_letter(place + 1): role_of(column) for place, column in enumerate(block.columns)}


def _step(step: LegendStep, layout: Layout) -> dict[str, Any]:
    said: dict[str, Any] = {"code": step.code, "label": step.label, "percent": step.percent}
    said |= {"definition": step.definition} if step.definition else {}
    return said | ({"rank": False} if step.code in layout.unranked else {})


def rows_by_sheet(places: Iterable[RowPlace]) -> list[int] | dict[str, list[int]]:
    """Rows as a document has them: their numbers, by sheet where they have one."""
    by_sheet: dict[str | None, list[int]] = {}
    for sheet, number in sorted(places, key=lambda place: (place[0] or "", place[1])):
        by_sheet.setdefault(sheet, []).append(number)
    if not by_sheet or set(by_sheet) == {None}:
        return by_sheet.get(None, [])
    return {sheet: numbers for sheet, numbers in by_sheet.items() if sheet is not None}

"""What a person has chosen on the page of a table, as changes of its document.

The form carries the whole document that it showed. Only what differs from it was chosen; so two windows, or
Back, never undo each other's choices.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.core.exceptions import BadRequest
from django.http import QueryDict
from openpyxl.utils import column_index_from_string

from tracker.published_tables.file.document import LayoutProblem, document_of, rows_by_sheet
from tracker.published_tables.file.grid import Grid
from tracker.published_tables.file.layout import RowPlace
from tracker.published_tables.file.understanding import roles_by_heading, rows_between

Document = dict[str, Any]
MAX_STEPS = 30
OUTLINES = ("rows", "columns", "sheets")
BETWEEN = "、"  # between what means unrated
# What a person sees of a document's keys: the part of the page, and its words.
PLACES = {
    "sheets": ("sheets", "読むシート"),
    "heading_rows": ("headings", "見出しの行"),
    "columns": ("grid", "列の役割"),
    "further_headings": ("headings", "見出しの行"),
    "outline": ("outline", "分野と項目の場所"),
    "scale": ("scale", "評価の区分"),
    "scale_kind": ("scale", "評価の区分の種類"),
    "unrated": ("unrated", "評価なしの書き方"),
    "title": ("title", "表題"),
    "as_of": ("as_of", "時点"),
    "fiscal_year": ("fiscal_year", "年度のない列の年度"),
    "skip_rows": ("grid", "読まない行"),
    "read_rows": ("grid", "読む行"),
}


@dataclass
class Chosen:
    """Changes of the document, and by its keys what of the choices cannot be taken, in words."""

    changes: Document = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def take(self, key: str, value: object) -> None:
        """A change, if it is one that a document can hold."""
        try:
            document_of({key: value})
        except LayoutProblem as problem:
            self.refuse(key, problem.words)
        else:
            self.changes[key] = value

    def refuse(self, key: str, words: str) -> None:
        self.refused.setdefault(key, words)


def shown_document(post: QueryDict) -> Document:
    """The document that the form showed. Raises BadRequest for what no page of ours has sent."""
    try:
        shown = json.loads(post.get("shown", ""))
    except (ValueError, RecursionError) as problem:
        raise BadRequest("the document that was shown is no JSON") from problem
    if not isinstance(shown, dict) or not _has_shape(shown):
        raise BadRequest("the document that was shown is none")
    return shown


def _has_shape(shown: Document) -> bool:
    """Whether a document can be compared with a form. What it says was proposed, or taken, before."""
    further, steps = shown.get("further_headings", []), shown.get("scale")
    blocks = [shown, *further] if isinstance(further, list) else []
    rows = [shown.get(key) or [] for key in ("skip_rows", "read_rows")]
    numbers = [list(each.values()) if isinstance(each, dict) else [each] for each in rows]
    return (
        bool(blocks)
        and all(isinstance(block, dict) and _is_block(block) for block in blocks)
        and isinstance(steps, list)
        and all(isinstance(each, list) and _are_numbers(each) for each in chain(*numbers))
    )


def _is_block(block: Document) -> bool:
    span, roles = block.get("heading_rows"), block.get("columns")
    is_span = isinstance(span, list) and len(span) == 2 and _are_numbers(span)
    return is_span and isinstance(roles, dict) and all(isinstance(role, str) for role in roles.values())


def _are_numbers(values: list[object]) -> bool:
    return all(isinstance(value, int) for value in values)


def chosen_in(post: QueryDict, grid: Grid, sheet: str | None, said: Mapping[str, Any]) -> Chosen:
    """What was chosen in a form about a sheet (None: the grid has none). `said` is what has been so far:

    another window may have said of it what this form has not shown.
    """
    shown, chosen = shown_document(post), Chosen()
    _headings(post, shown, chosen, grid, sheet, said)
    _rows(post, shown, chosen, sheet, said)
    if "settings" in post:
        _settings(post, shown, chosen, grid)
        _scale(post, shown, chosen)
    return chosen


# ---- Headings and columns


def blocks_in(document: Mapping[str, Any]) -> list[Document]:
    """The headings of a document, the main one first: {"sheet", "heading_rows", "columns"} of each."""
    main = {"heading_rows": document["heading_rows"], "columns": document["columns"]}
    return [main, *document.get("further_headings", [])]


def _headings(
    post: QueryDict, shown: Document, chosen: Chosen, grid: Grid, sheet: str | None, said: Mapping[str, Any]
) -> None:
    main, *further = [_block(post, number, block, chosen) for number, block in enumerate(blocks_in(shown))]
    first, *others = blocks_in(shown)
    if new := _new_block(post, chosen, grid, sheet):
        further.append(new)
    left = [block for block in further if block]
    if main and main["heading_rows"] != first["heading_rows"]:
        chosen.take("heading_rows", main["heading_rows"])
    if main and main["columns"] != first["columns"]:
        chosen.take("heading_rows", main["heading_rows"])
        chosen.take("columns", _beside(main["columns"], first["columns"], said.get("columns") or {}))
    # What is said of the main heading holds for all that are not named.
    if left != others or (left and chosen.changes.keys() & {"heading_rows", "columns"}):
        chosen.take("further_headings", left)


def _beside(chosen: Document, shown: Document, said: Mapping[str, str]) -> Document:
    """The roles, with what another window has said of columns that this form leaves as it showed them."""
    left = {letter: role for letter, role in said.items() if chosen.get(letter) == shown.get(letter)}
    return dict(sorted((chosen | left).items(), key=_by_column))


def _block(post: QueryDict, number: int, block: Document, chosen: Chosen) -> Document | None:
    """A heading as chosen; None for one whose rows were taken away."""
    prefix = f"role-{number}-"
    given = {name.removeprefix(prefix): post[name] for name in post if name.startswith(prefix)}
    roles = {**block["columns"], **given}
    kept = {letter: role for letter, role in roles.items() if role}
    rows = block["heading_rows"]
    if f"first-{number}" in post:
        texts = [post.get(f"{end}-{number}", "").strip() for end in ("first", "last")]
        if not any(texts) and number:
            return None
        rows = _span(texts, chosen) or rows
    return {**block, "heading_rows": rows, "columns": dict(sorted(kept.items(), key=_by_column))}


def _by_column(item: tuple[str, str]) -> tuple[int, str]:
    try:
        return column_index_from_string(item[0]), ""
    except ValueError:
        return 0, item[0]


def _span(texts: list[str], chosen: Chosen) -> list[int] | None:
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 7]
    if len(numbers) == 2:
        return numbers
    chosen.refuse("heading_rows", "見出しの最初の行と最後の行を、行の番号で書いてください。")
    return None


def _new_block(post: QueryDict, chosen: Chosen, grid: Grid, sheet: str | None) -> Document | None:
    """Headings for a sheet that has none yet."""
    texts = [post.get(f"{end}-new", "").strip() for end in ("first", "last")]
    if not any(texts):
        return None
    span = _span(texts, chosen)
    if span is None:
        return None
    rows = rows_between(grid, sheet, *span)
    return {**({"sheet": sheet} if sheet else {}), "heading_rows": span, "columns": roles_by_heading(rows)}


# ---- Rows to leave out


def _rows(
    post: QueryDict, shown: Document, chosen: Chosen, sheet: str | None, said: Mapping[str, Any]
) -> None:
    told, ticked = _numbers(post.get("rows", "").split()), _numbers(post.getlist("skip"))
    there = {(sheet, number) for number in told}
    out = {(sheet, number) for number in ticked} & there
    before = _places(shown.get("skip_rows") or [])
    left_out, taken_in = out - before, (before & there) - out
    if not left_out | taken_in:
        return
    skipped, wanted = (_places(said.get(key, shown.get(key)) or []) for key in ("skip_rows", "read_rows"))
    chosen.take("skip_rows", rows_by_sheet((skipped | left_out) - taken_in))
    chosen.take("read_rows", rows_by_sheet((wanted | taken_in) - left_out))


def _numbers(texts: list[str]) -> set[int]:
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 7}


def _places(told: Any) -> set[RowPlace]:
    by_sheet = told if isinstance(told, dict) else {None: told}
    return {(sheet, number) for sheet, numbers in by_sheet.items() for number in numbers}


# ---- What holds for the whole table


def _settings(post: QueryDict, shown: Document, chosen: Chosen, grid: Grid) -> None:
    for key, value in _told_settings(post, chosen, grid):
        if _in_any_order(value) != _in_any_order(shown.get(key)):
            chosen.take(key, value)


def _in_any_order(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _told_settings(post: QueryDict, chosen: Chosen, grid: Grid) -> Iterator[tuple[str, object]]:
    if "sheets_shown" in post:
        picked = [name for name in grid.sheets if name in post.getlist("sheets")]
        yield "sheets", picked if 0 < len(picked) < len(grid.sheets) else "all"
    places: list[str] = [word for word in OUTLINES if word in post.getlist("outline")]
    outline = places or ["none"]
    yield "outline", outline[0] if len(outline) == 1 else outline
    yield "scale_kind", post.get("scale_kind", "ranked")
    unrated = post.get("unrated", "").replace(",", BETWEEN).split(BETWEEN)
    yield "unrated", [code.strip() for code in unrated if code.strip()]
    yield "title", post.get("title", "").strip() or None
    yield "as_of", post.get("as_of", "").strip() or None
    year = post.get("fiscal_year", "").strip()
    if year and not (year.isascii() and year.isdigit()):
        chosen.refuse("fiscal_year", "年度を一覧から選んでください。")
    else:
        yield "fiscal_year", int(year) if year else None


def _scale(post: QueryDict, shown: Document, chosen: Chosen) -> None:
    """The steps in the order of the page, after a button that moves or takes away one of them."""
    numbers = [str(number) for number in range(MAX_STEPS) if post.get(f"scale-{number}-code", "").strip()]
    act, _, which = post.get("act", "").partition("-")
    if act in {"up", "down"} and which in numbers:
        at, to = numbers.index(which), numbers.index(which) + (-1 if act == "up" else 1)
        if 0 <= to < len(numbers):
            numbers[at], numbers[to] = numbers[to], numbers[at]
    numbers = [number for number in numbers if not (act == "drop" and which == number)]
    steps = [_step(post, f"scale-{number}-", chosen) for number in numbers]
    if steps != (shown.get("scale") or []) or (post.get("scale_ok") and steps):
        chosen.take("scale", steps)


def _step(post: QueryDict, prefix: str, chosen: Chosen) -> Document:
    code, label, percent, definition = (
        post.get(f"{prefix}{name}", "").strip() for name in ("code", "label", "percent", "definition")
    )
    step: Document = {"code": code, "label": label or code, "percent": None}
    percent = percent.rstrip("%％")
    if percent.isascii() and percent.isdigit() and len(percent) < 4:
        step["percent"] = int(percent)
    elif percent:
        chosen.refuse("scale", f"「{code}」の進捗率は、0 から 100 までの整数で書いてください。")
    step |= {"definition": definition} if definition else {}
    return step | ({"rank": False} if post.get(f"{prefix}apart") else {})

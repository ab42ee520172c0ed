"""Workbooks of random layouts are read exactly as they were made, or it is told that something is amiss."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.published_tables.file.books import LEGEND, TITLE, Cells, made, read_book
from tracker.published_tables.file.table import PublishedTable
from tracker.workbooks.problems import FileProblem

ROUTINE = {"blank_kept", "blank_inherited", "number_repeated", "number_skipped"}
FIELDS: tuple[Callable[[int, str], str], ...] = (
    lambda n, name: f"{n}. {name}",
    lambda n, name: f"{'ⅠⅡⅢ'[n - 1]} {name}",
    lambda n, name: f"{n} {name}",
    lambda _n, name: f"【{name}】",
)
NUMBERS: tuple[Callable[[int], str], ...] = (lambda n: "①②③④⑤⑥⑦⑧⑨"[n], lambda n: f"({n + 1})", lambda _n: "")
ORDERS = st.permutations(["result", "rating", "department", "plan"])
HEADINGS = {
    "result": "令和6年度の取組", "plan": "令和7年度の予定", "rating": "進捗状況", "department": "担当課",
}  # fmt: skip
WORDS = st.sampled_from(("・会を開いた。", "12", "2 社", "・甲。\n・乙。", "未定", "A 社と話した。"))
NAMES = st.lists(
    st.sampled_from(("産業", "子ども", "防災", "環境", "行財政")), min_size=1, max_size=3, unique=True
)


@st.composite
def books(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, str, str, str, str]]]:
    """A workbook, and (field, pledge, result, rating, department) of every row that it tells."""
    in_column = draw(st.booleans())
    order, field, number = draw(ORDERS), draw(st.sampled_from(FIELDS)), draw(st.sampled_from(NUMBERS))
    head: Cells = [*(["分野"] if in_column else []), "公約", *(HEADINGS[kind] for kind in order)]
    rows: list[Cells] = [[TITLE], *LEGEND, *([head] if in_column else [])]
    told, merges = [], []
    for place, name in enumerate(draw(NAMES), start=1):
        rows += [] if in_column else [[field(place, name)], head]
        begin = len(rows) + 1
        for pledge in range(draw(st.integers(1, 3))):
            words = f"{name}の約束{pledge + 1}"
            values = {
                "result": draw(WORDS), "plan": "・続ける。", "rating": draw(st.sampled_from("ABC")),
                "department": draw(st.sampled_from(("商工課", "こども課", "防災室"))),
            }  # fmt: skip
            own = [*([name if len(rows) + 1 == begin else None] if in_column else [])]
            rows.append([*own, number(pledge) + words, *(values[kind] for kind in order)])
            told.append((name, words, values["result"], values["rating"], values["department"]))
        if in_column and draw(st.booleans()) and len(rows) > begin:
            merges.append(f"A{begin}:A{len(rows)}")
    return made(rows, merges=" ".join(merges)), told


def said(table: PublishedTable) -> list[tuple[str, str, str, str, str]]:
    return [
        (c.name, p.text, i.results.get(2024, ""), i.rating or "", "・".join(d.name for d in i.departments))
        for c, _s, p in table.pledges()
        for i in p.initiatives
    ]


def play(book: tuple[bytes, list[tuple[str, str, str, str, str]]]) -> None:
    content, expected = book
    try:
        table = read_book(content)
    except FileProblem:
        return
    if [a for a in table.anomalies if a.kind not in ROUTINE]:
        return
    assert said(table) == expected


once = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(books())
@settings(once, max_examples=8)
def test_a_random_workbook_is_read_as_it_was_made_or_told(
    book: tuple[bytes, list[tuple[str, str, str, str, str]]],
) -> None:
    play(book)


@pytest.mark.long
@given(books())
@settings(once, max_examples=200)
def test_two_hundred_random_workbooks_are_read_as_they_were_made_or_told(
    book: tuple[bytes, list[tuple[str, str, str, str, str]]],
) -> None:
    play(book)

"""Names of sheets: what Excel does not take, it is not given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.workbooks.cell_text import units
from tracker.workbooks.sheet_names import sheet_names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["土木課", "農政課"], ["土木課", "農政課"]),
        (["土木課", "土木課", "土木課"], ["土木課", "土木課 (2)", "土木課 (3)"]),
        (["ＩＴ推進課", "it推進課"], ["ＩＴ推進課", "it推進課 (2)"]),
        (["道路/河川課", "[仮]甲:乙*?\\"], ["道路／河川課", "［仮］甲：乙＊？＼"]),
        (["'引用'", "  空白\n課 ", "", "''"], ["引用", "空白 課", "シート", "シート (2)"]),
        (["履歴", "History"], ["履歴 (2)", "History (2)"]),
        (["_meta"], ["_meta (2)"]),
        (["あ" * 40, "あ" * 40], ["あ" * 31, "あ" * 27 + " (2)"]),
        (["𠮷" * 20], ["𠮷" * 15]),
    ],
)
def test_names_are_made_valid_and_single(wanted: list[str], names: list[str]) -> None:
    assert sheet_names(wanted, taken=["_META"]) == names


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_names_become_valid_and_single(wanted: list[str]) -> None:
    names = sheet_names(wanted)
    assert len({name.casefold() for name in names}) == len(wanted)
    assert [
        name
        for name in names
        if not 1 <= units(name) <= 31 or set(name) & set("[]:*?/\\") or name != name.strip("'")
    ] == []

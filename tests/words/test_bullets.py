"""Cells as lines: markup goes, wording stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words import bullets


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("・甲です。 ・乙です。", ["・甲です。", "・乙です。"]),
        ("<ul style='x'> <li>・甲です。</li> <li>乙です。</li> </ul>", ["・甲です。", "・乙です。"]),
        ("前置き<ul><li>甲</li></ul>後書き", ["前置き", "・甲", "後書き"]),
        ("<p>前置き</p><UL><LI>甲</LI></UL>", ["前置き", "・甲"]),
        ("一行目<br>二行目<br/>三行目", ["一行目", "二行目", "三行目"]),
        ("一行目\r\n\n・二行目", ["一行目", "・二行目"]),
        ("ソフト・ハード両面", ["ソフト・ハード両面"]),
        ("・ ・甲", ["・甲"]),
        ("・", []),
        (" 　\xa0", []),
        ("\u200b", []),
        ("･\n•\n・甲", ["・甲"]),
        ("<ul><li></li></ul>", []),
        ("A&amp;B &lt;甲&gt;", ["A&B <甲>"]),
        ("R&D、Q&note", ["R&D、Q&note"]),
        ("<li>人口<A地区 増加>です</li>", ["・人口<A地区 増加>です"]),
        ("<li>甲<!-- 注 --></li>", ["・甲<!-- 注 -->"]),
        ("<b>太字</b>", ["<b>太字</b>"]),
        ("<little>", ["<little>"]),
        ("3 < 5", ["3 < 5"]),
    ],
)
def test_lines_of_a_cell(cell: str, lines: list[str]) -> None:
    assert bullets.lines(cell) == lines


@pytest.mark.parametrize(
    "cell", ["", "  ", "—", " － ", "<p>—</p>", "<ul><li>—</li></ul>", "<ul></ul>", "・"]
)
def test_text_of_nothing_is_empty(cell: str) -> None:
    assert bullets.text(cell) == ""


def test_text_has_a_line_per_bullet() -> None:
    assert bullets.text("<ul><li>甲</li><li>乙</li></ul>") == "・甲\n・乙"


@pytest.mark.parametrize(
    ("cell", "blank"), [("", True), ("<ul><li> </li></ul>", True), ("—", False), ("甲", False)]
)
def test_is_blank_means_nothing_printed(cell: str, blank: bool) -> None:
    assert bullets.is_blank(cell) is blank


@pytest.mark.parametrize(
    ("cell", "nothing"),
    [("—", True), ("ー", True), ("\n- ", True), ("— 甲", False), ("", False), ("——", False)],
)
def test_is_nothing_means_a_lone_dash(cell: str, nothing: bool) -> None:
    assert bullets.is_nothing(cell) is nothing


def test_unmarked_leaves_a_cell_without_markup_as_it_is() -> None:
    assert bullets.unmarked(" 甲  ・乙 ") == " 甲  ・乙 "
    assert bullets.unmarked("<p>甲</p><li>乙") == "甲\n・乙"


@pytest.mark.parametrize(("line", "wording"), [("・甲", "甲"), ("・ 甲", "甲"), ("甲・乙", "甲・乙")])
def test_without_mark_keeps_the_wording(line: str, wording: str) -> None:
    assert bullets.without_mark(line) == wording


TEXTS = st.text(st.sampled_from("甲乙AZ09%・—<>/=\"'　 \t\n\r&;。、①-\xa0")) | st.lists(
    st.sampled_from(
        [
            "<ul>",
            "</ul>",
            "<li>",
            "</li>",
            "<li class='x'>",
            "<br/>",
            "<p>",
            "</p>",
            "<b>",
            "<",
            ">",
            "・",
            " ",
            "甲",
            "乙。",
            "—",
        ]
    )
).map("".join)


def wording(text: str) -> str:
    """A text without our markup, marks and white space."""
    return re.sub(rf"[{bullets.SPACES}\n{bullets.MARK}]", "", bullets.TAG.sub("", text))


@given(TEXTS)
def test_text_loses_nothing_but_markup(cell: str) -> None:
    if not bullets.is_nothing(cell):
        assert wording(bullets.text(cell)) == wording(cell)


@given(TEXTS)
def test_text_is_idempotent(cell: str) -> None:
    once = bullets.text(cell)
    assert bullets.text(once) == once


@given(st.text())
def test_lines_have_no_breaks_and_are_not_blank(cell: str) -> None:
    assert [
        line
        for line in bullets.lines(cell)
        if not line.strip(bullets.SPACES) or "\n" in line or line == bullets.MARK
    ] == []


@pytest.mark.parametrize(
    ("typed", "even"),
    [
        ("駅を直しました。", "・駅を直しました。"),
        ("・駅を直しました。\n道も直しました。", "・駅を直しました。\n・道も直しました。"),
        ("駅前の整備\n市道の舗装", "・駅前の整備\n・市道の舗装"),
        ("駅前の整備を\n進めました。\n道も。", "・駅前の整備を\n進めました。\n・道も。"),
        ("主な内容：\n駅の整備", "・主な内容：\n・駅の整備"),
        ("･駅\n•道", "・駅\n・道"),
        ("※予定です。\n①駅\n(1) 道\n【防災】\n1. 橋", "※予定です。\n①駅\n(1) 道\n【防災】\n1. 橋"),
        ("・駅。\n　内訳", "・駅。\n　内訳"),
        ("（仮称）センターを建てました。\n「まち」を。", "・（仮称）センターを建てました。\n・「まち」を。"),
        ("", ""),
        ("—", "—"),
        ("駅。\n\n道。", "・駅。\n\n・道。"),
    ],
)
def test_lines_without_a_mark_get_one(typed: str, even: str) -> None:
    assert bullets.marked(typed) == even


@given(st.text(alphabet="・･駅。※①（1）-—\n 　：", max_size=40))
def test_marking_twice_is_marking_once_and_touches_no_wording(typed: str) -> None:
    once = bullets.marked(typed)
    assert bullets.marked(once) == once
    assert re.sub("[・･•]", "", once) == re.sub("[・･•]", "", typed)

"""Legends in the forms that cities give them, and what must not be taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.published_tables.file.writing import HEADINGS, PLEDGE_ROW
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.scale import Scale, read_scale, read_scales, steps_in
from tracker.workbooks.problems import FileProblem


def scale(*rows: str | tuple[str, ...]) -> Scale:
    """The scale of rows; a text is a row of one cell."""
    cells = [(row,) if isinstance(row, str) else row for row in rows]
    return read_scale([Row(number, row) for number, row in enumerate(cells, start=1)])


def told(*rows: str | tuple[str, ...]) -> list[tuple[str, str, str, int | None]]:
    return [(step.code, step.label, step.definition, step.percent) for step in scale(*rows).steps]


THREE = [("◎", "実施済", "", None), ("○", "一部実施", "", None), ("△", "未実施", "", None)]


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "<実施状況>",
            "＜実施状況＞",
            "実施状況",
            "【進捗状況の凡例】",
            "評価の区分",
            "■達成状況",
            "凡例",
            "※ 凡例：",
            "達成度（凡例）",
        ),
        *("取組の進捗状況", "自己評価の基準", "記号の説明", "## 評価区分", "［ 達成状況の見方 ］"),
    ],
)
def test_a_legend_begins_with_its_heading(heading: str) -> None:
    assert told(heading, "◎：実施済", "○：一部実施", "△：未実施") == THREE


@pytest.mark.parametrize(
    "rows",
    [
        ["凡例", "◎：実施済　○：一部実施　△：未実施"],
        ["凡例", "◎実施済、○一部実施、△未実施"],
        ["凡例：◎＝実施済、○＝一部実施、△＝未実施"],
        ["【評価】◎…実施済／○…一部実施／△…未実施"],
        ["凡例\n◎：実施済\n○：一部実施\n△：未実施"],
        ["◎：実施済　○：一部実施　△：未実施"],
        ["（◎：実施済　○：一部実施　△：未実施）"],
        ["凡例", "【◎】実施済", "「○」：一部実施", "・△ 未実施"],
        ["凡例", ("◎", "実施済"), ("〇", "一部実施"), ("△", "未実施")],
        [
            ("", "評価の区分", "", ""),
            ("", "", "◎", "実施済"),
            ("", "", "◯", "一部実施"),
            ("", "", "△", "未実施"),
        ],
        [("記号", "内容"), ("◎", "実施済"), ("○", "一部実施"), ("△", "未実施")],
        [("評価の区分", "◎：実施済", "○：一部実施", "△：未実施")],
        ["凡例", "", "◎：実施済", "○：一部実施", "△：未実施", "", "◇：別の話"],
        ["凡例", "次の記号で表します。", "◎：実施済", "○：一部実施", "△：未実施"],
        [HEADINGS, PLEDGE_ROW, "凡例", "◎：実施済", "○：一部実施", "△：未実施"],
    ],
)
def test_a_legend_of_symbols_is_read_in_every_form(rows: list[str | tuple[str, ...]]) -> None:
    assert told(*rows) == THREE


@pytest.mark.parametrize(
    "rows",
    [
        ["評価の区分", "達成", "順調", "おおむね順調", "遅れ"],
        ["評価の区分", "達成／順調／おおむね順調／遅れ"],
        ["評価の区分：達成、順調、おおむね順調、遅れ"],
        ["評価の区分", ("達成", "順調", "おおむね順調", "遅れ")],
        ["評価の区分", "達成 : 達成", "順調 : 順調", "おおむね順調 : おおむね順調", "遅れ : 遅れ"],
    ],
)
def test_a_word_is_its_own_label(rows: list[str | tuple[str, ...]]) -> None:
    words = ("達成", "順調", "おおむね順調", "遅れ")
    assert told(*rows) == [(word, word, "", None) for word in words]


@pytest.mark.parametrize(
    "rows",
    [
        ["評価", "達成：目標に届いた", "遅れ：届かなかった（50%）"],
        ["評価", ("達成", "目標に届いた"), ("遅れ", "届かなかった（50%）")],
        [("区分", "説明"), ("達成", "目標に届いた"), ("遅れ", "届かなかった（50%）")],
        ["評価", "達成 : 達成（目標に届いた）", "遅れ : 遅れ（届かなかった（50%））"],
    ],
)
def test_what_stands_behind_a_word_is_its_definition(rows: list[str | tuple[str, ...]]) -> None:
    assert told(*rows) == [
        ("達成", "達成", "目標に届いた", None),
        ("遅れ", "遅れ", "届かなかった（50%）", 50),
    ]


def test_a_table_of_three_columns_gives_definitions() -> None:
    rows = [("評価", "内容", "進捗率の目安"), ("Ａ", "達成", "100％"), ("Ｂ", "途中", "50％程度")]
    assert told(*rows) == [("A", "達成", "100％", 100), ("B", "途中", "50％程度", 50)]


def test_steps_are_best_first_where_percentages_tell() -> None:
    found = scale("評価", "E：未着手（0%）", "C：途中（50%）", "A：達成（100%）")
    assert [step.code for step in found.steps] == ["A", "C", "E"]
    assert [(a.row, a.kind, a.read) for a in found.anomalies] == [(1, "legend_order", "E・C・A")]


@pytest.mark.parametrize(
    ("lines", "codes", "is_doubtful"),
    [
        (["C：遅れ", "B：順調", "A：達成"], ["A", "B", "C"], False),
        (["E：未着手（0%）", "A：達成"], ["A", "E"], False),
        (["A：甲", "B：乙"], ["A", "B"], False),
        (["B：甲", "A：乙"], ["B", "A"], True),
        (["◎：できたもの", "○：進めているもの", "－：まだのもの（未着手）"], ["◎", "○", "-"], False),
    ],
)
def test_without_percentages_words_and_then_signs_say_which_end_is_the_best(
    lines: list[str], codes: list[str], is_doubtful: bool
) -> None:
    found = scale("評価", *lines)
    assert ([step.code for step in found.steps], found.is_doubtful) == (codes, is_doubtful)


def test_a_dash_is_a_step_or_means_that_there_is_no_rating() -> None:
    step, none = scale("評価", "A：達成", "－：未着手"), scale("評価", "A：達成", "－：評価対象外")
    assert (step.unrated, step.code_of("―"), step.is_unrated("―")) == ((), "-", False)
    assert (none.unrated, none.code_of("―"), none.is_unrated("―")) == (("-",), None, True)


def test_letters_one_below_the_other_need_no_heading() -> None:
    assert told("A 達成したもの", "B 手を付けていないもの") == [
        ("A", "達成したもの", "", None),
        ("B", "手を付けていないもの", "", None),
    ]
    assert told("（ア）できたもの", "（イ）検討するもの")[1][:2] == ("イ", "検討するもの")
    assert told("A 達成したもの", "(1) 道路") == []


def test_two_legends_are_two_scales() -> None:
    rows = ["【実施状況】完了：終わった　取組中：着手した", "【達成度】A：達成　B：遅れ"]
    found = read_scales([Row(number, (text,)) for number, text in enumerate(rows, start=1)])
    assert [[step.code for step in each.steps] for each in found] == [["完了", "取組中"], ["A", "B"]]


@pytest.mark.parametrize(
    ("cell", "code"), [("Ｂ評価", "B"), ("A（達成）", "A"), ("A:達成", "A"), ("C評価", None)]
)
def test_words_round_a_code_do_not_hide_it(cell: str, code: str | None) -> None:
    assert scale("評価", "A：達成", "B：遅れ").code_of(cell) == code


def test_the_rows_of_the_legend_are_known() -> None:
    assert scale("題", "凡例", "◎：済", "", "○：一部　△：未", "注").rows == {1, 2, 4}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ["凡例"],
        ["凡例", "説明"],
        ["凡例", "次の記号で表します。"],
        ["評価について説明します。", "◎：済"],
        ["◎：済"],  # one step is no scale, and there is no heading
        ["・道路：整備　・河川：改修"],
        ["凡例", "1. まち", "◎：済"],
        ["凡例", "(1) 道路", "◎：済"],
        ["凡例", HEADINGS, ("①駅", "◎：済", "○：一部")],
        [HEADINGS, ("", "凡例"), ("", "◎：済　○：一部")],
    ],
)
def test_what_is_no_legend_gives_no_steps(rows: list[str | tuple[str, ...]]) -> None:
    assert told(*rows) == []


def test_words_are_steps_only_where_nothing_else_is() -> None:
    assert told("凡例", "見方", "説明", "A：達成", "B：途中") == [
        ("A", "達成", "", None),
        ("B", "途中", "", None),
    ]


@pytest.mark.parametrize(
    ("rows", "row", "message"),
    [
        (["評価", "A：達成", "A：未達成"], 3, "評価「A」の説明が 2 通りあります。"),
        (["評価", "A：達成（101%）"], 2, "評価「A」の進捗率が 100% を超えています。"),
        (["評価", f"A：{'あ' * 51}"], 2, "評価「A」の説明が長すぎます（50 字まで）。"),
        (["評価", f"達成：{'あ' * 201}"], 2, "評価「達成」の説明が長すぎます（200 字まで）。"),
    ],
)
def test_a_legend_that_contradicts_itself_is_refused(rows: list[str], row: int, message: str) -> None:
    with pytest.raises(FileProblem) as caught:
        scale(*rows)
    assert (caught.value.row, caught.value.message) == (row, message)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *(("○", "○"), ("〇", "○"), ("◯", "○"), (" ○ ", "○"), ("○一部", "○"), ("○：一部", "○"), ("一部", "○")),
        *(("◎", None), ("", None), ("一", None), ("未", "△")),
    ],
)
def test_a_cell_names_its_step(cell: str, code: str | None) -> None:
    assert scale("凡例", "○：一部", "△：未").code_of(cell) == code


def test_a_label_of_two_steps_names_none() -> None:
    assert [scale("評価", "A：実施", "B：実施").code_of(cell) for cell in ("実施", "B実施")] == [None, "B"]


def test_a_code_alone_is_a_code() -> None:
    found = scale("凡例", "○：一部", "△：未")
    assert [found.is_code(cell) for cell in ("〇", "一部", "○一部", "")] == [True, False, False, False]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A : 達成 備考: 甲", [LegendStep("A", "達成 備考: 甲", "", None)]),
        ("A：達成　A：未達成", [LegendStep("A", "達成　A：未達成", "", None)]),
        ("A：達成（期限：令和5年度）", [LegendStep("A", "達成", "期限：令和5年度", None)]),
        (
            "A：達成　B：途中（半分）",
            [LegendStep("A", "達成", "", None), LegendStep("B", "途中", "半分", None)],
        ),
        ("前置き ◎：済　○：一部", []),
        ("", []),
    ],
)
def test_several_steps_share_a_line_where_all_are_of_one_kind(line: str, expected: list[LegendStep]) -> None:
    assert steps_in(line) == expected


CELLS = st.one_of(
    st.sampled_from(
        [
            "凡例",
            "<実施状況>",
            "◎：済　○：一部",
            "A : 達成（100%）",
            "達成",
            "◎",
            "記号",
            "内容",
            "",
            *HEADINGS,
            "1. まち",
        ]
    ),
    st.text(max_size=12),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5).map(tuple), max_size=12))
def test_any_rows_give_a_scale_or_a_file_problem(rows: list[tuple[str, ...]]) -> None:
    try:
        found = read_scale([Row(number, row) for number, row in enumerate(rows, start=1)])
    except FileProblem:
        return
    assert len(found.codes) == len(found.steps)
    assert all(found.code_of(step.code) == step.code for step in found.steps)
    assert bool(found.steps) <= bool(found.rows)

"""Single cells: pledges, plan references, SDGs, departments, the legend."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.published_tables.file import cells, departments
from tracker.published_tables.file.cells import LegendStep, PlanReference
from tracker.published_tables.file.departments import DepartmentCell, DepartmentTerm


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("①駅を直します", ("①", "駅を直します")),
        (" ⑳　橋を\n直します ", ("⑳", "橋を直します")),
        ("㉑橋", ("㉑", "橋")),
        ("(3) 橋", ("(3)", "橋")),
        ("(123) 橋", ("(123)", "橋")),
        ("１２３．橋", ("１２３．", "橋")),
        ("★②\n橋", ("②", "★橋")),
        ("③橋と\n※ 道", ("③", "橋と ※ 道")),
        ("④Web\nsite", ("④", "Web site")),
        ("1234. 橋", ("1234.", "橋")),
        ("12345. 橋", None),
        ("12. 橋", ("12.", "橋")),
        ("①", None),
        ("—", None),
        ("橋", None),
        ("", None),
    ],
)
def test_pledge(cell: str, expected: tuple[str, str] | None) -> None:
    assert cells.read_pledge(cell) == expected


@pytest.mark.parametrize(
    ("line", "category", "section"),
    [
        ("1. まち", (1, "まち"), None),
        ("## ２．まち", (2, "まち"), None),
        ("（1）道路", None, (1, "道路")),
        ("#### (2) 道路", None, (2, "道路")),
        ("まち", None, None),
    ],
)
def test_lines_of_the_outline(
    line: str, category: tuple[int, str] | None, section: tuple[int, str] | None
) -> None:
    assert (cells.read_category(line), cells.read_section(line)) == (category, section)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", []),
        ("—", []),
        ("2-2-3①③ 進出企業 企業誘致事業", [PlanReference("2-2-3①③", "2-2-3", "進出企業 企業誘致事業")]),
        ("2-2-1❶1 流通", [PlanReference("2-2-1❶1", "2-2-1", "流通")]),
        (
            "5-2-1⑩1 見直し\n5-2-1⑩2 ICTの活用",
            [PlanReference("5-2-1⑩1", "5-2-1", "見直し"), PlanReference("5-2-1⑩2", "5-2-1", "ICTの活用")],
        ),
        ("前置き 2-2-1①② 流通", [PlanReference("", "", "前置き"), PlanReference("2-2-1①②", "2-2-1", "流通")]),
        ("番号のない事業", [PlanReference("", "", "番号のない事業")]),
        *(
            (cell, [PlanReference("", "", cell)])
            for cell in ("2024-3-31 まで", "電話 0270-24-5111-2", "1-2-3-4")
        ),
        ("都市計画道路3・3・3号", [PlanReference("", "", "都市計画道路3・3・3号")]),
    ],
)
def test_plan_references(cell: str, expected: list[PlanReference]) -> None:
    assert cells.read_plan_references(cell) == expected


@given(st.text(st.sampled_from("0123-①③❶ 甲乙・（）\n")))
def test_plan_references_keep_all_characters(cell: str) -> None:
    if cells.is_nothing(cell) or cells.is_blank(cell):
        return
    assert "".join("".join(ref.text for ref in cells.read_plan_references(cell)).split()) == "".join(
        cell.split()
    )


@pytest.mark.parametrize(
    ("code", "clear"),
    [("2-2-3①③", True), ("2-2-3①", False), ("2-2-3❶1", False), ("2-2-3⑩①", False), ("", False)],
)
def test_is_clear_code(code: str, clear: bool) -> None:
    assert cells.is_clear_code(PlanReference(code, code[:5], "甲")) is clear


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", (None, "")),
        (" ", (None, "")),
        ("—", ((), "")),
        ("4 17", ((4, 17), "")),
        ("11 11 4", ((11, 4), "")),
        ("12 ∞", ((12,), "∞")),
        ("4 教育・学習", ((4,), "教育・学習")),
        ("4.質の高い教育", ((4,), ".質の高い教育")),
        ("4.7", (None, "4.7")),
        ("2024 4", ((4,), "2024")),
        ("100", (None, "100")),
        ("18 0 3", ((3,), "18 0")),
        ("住み続けられるまち", (None, "住み続けられるまち")),
    ],
)
def test_sdgs(cell: str, expected: tuple[tuple[int, ...] | None, str]) -> None:
    assert cells.read_sdgs(cell) == expected


def term(name: str, from_year: int | None = None, to_year: int | None = None) -> DepartmentTerm:
    return DepartmentTerm(name, from_year, to_year)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", DepartmentCell()),
        ("—", DepartmentCell()),
        ("土木課", DepartmentCell((term("土木課"),))),
        (
            "土木課、農政課,市民病院 企画室",
            DepartmentCell(
                (term("土木課"), term("農政課"), term("市民病院企画室")), joined=("市民病院企画室",)
            ),
        ),
        (
            "土木課 都市計画課 (～R5年度) 道路整備課 (R6年度以降)",
            DepartmentCell(
                (term("土木課", None, 2023), term("都市計画課", None, 2023), term("道路整備課", 2024))
            ),
        ),
        ("学務課（令和4年度から）", DepartmentCell((term("学務課", 2022),))),
        ("学務課（R4年度まで）", DepartmentCell((term("学務課", None, 2022),))),
        ("学務課（R4年度～R5年度）", DepartmentCell((term("学務課", 2022, 2023),))),
        ("企画調整課 外", DepartmentCell((term("企画調整課"),), others=True)),
        (
            "市民病院経営 企画部総務課",
            DepartmentCell((term("市民病院経営企画部総務課"),), joined=("市民病院経営企画部総務課",)),
        ),
        ("行政", DepartmentCell((term("行政"),), doubtful=("行政",))),
        ("行政（～R5年度）", DepartmentCell((term("行政", None, 2023),), doubtful=("行政",))),
        ("（～R5年度）", DepartmentCell(doubtful=("（～R5年度）",))),
        ("学務課（仮）", DepartmentCell((term("学務課"), term("（仮）")), doubtful=("（仮）",))),
        ("学務課（R4年度）", DepartmentCell((term("学務課", 2022, 2022),))),
        ("学務課(R4)", DepartmentCell((term("学務課", 2022, 2022),))),
        ("学務課(～R4)", DepartmentCell((term("学務課", None, 2022),))),
        ("福祉部（子育て課）", DepartmentCell((term("福祉部 子育て課"),))),
        (
            "福祉部（子育て課・高齢課）",
            DepartmentCell((term("福祉部 子育て課"), term("福祉部 高齢課")), joined=("福祉部 高齢課",)),
        ),
        ("子育て課（内線 123）", DepartmentCell((term("子育て課"),), aside=("（内線 123）",))),
        ("子育て課（23-1234）", DepartmentCell((term("子育て課"),), aside=("（23-1234）",))),
        ("商工課ほか", DepartmentCell((term("商工課"),), others=True)),
        ("商工課ほか2課", DepartmentCell((term("商工課"),), others=True)),
        ("商工課→産業課", DepartmentCell((term("産業課"),), former=("商工課",))),
        ("商工課（～R5）→産業課", DepartmentCell((term("商工課", None, 2023), term("産業課")))),
        (
            "学務課（R4年度R5年度）",
            DepartmentCell((term("学務課"), term("（R4年度R5年度）")), doubtful=("（R4年度R5年度）",)),
        ),
        ("土木課・農政課", DepartmentCell((term("土木課"), term("農政課")))),
        ("・土木課\n・農政課", DepartmentCell((term("土木課"), term("農政課")))),
        ("文化・観光課", DepartmentCell((term("文化・観光課"),))),
        ("土木課)", DepartmentCell((term("土木課"), term(")")), doubtful=(")",))),
        ("総務部 情報政策課", DepartmentCell((term("総務部 情報政策課"),))),
        ("総務部\n情報政策課", DepartmentCell((term("総務部 情報政策課"),))),
        ("総務部情報政策課", DepartmentCell((term("総務部情報政策課"),))),
        (
            "総務部 総務課、建設部 総務課（R6年度以降）",
            DepartmentCell((term("総務部 総務課", 2024), term("建設部 総務課", 2024))),
        ),
        (
            "総務部 総務課・情報政策課 人事室",
            DepartmentCell(
                (term("総務部 総務課"), term("総務部 情報政策課"), term("総務部 人事室")),
                joined=("総務部 情報政策課", "総務部 人事室"),
            ),
        ),
        ("総務部 総務課、会計課", DepartmentCell((term("総務部 総務課"), term("会計課")))),
        ("総務部 総務課 議会事務局", DepartmentCell((term("総務部 総務課"), term("議会事務局")))),
        ("総務部", DepartmentCell((term("総務部"),))),
        ("総務部 企画部", DepartmentCell((term("総務部"), term("企画部")))),
        ("総務部（～R5年度）企画部", DepartmentCell((term("総務部", None, 2023), term("企画部")))),
        ("総務部、情報政策課", DepartmentCell((term("総務部"), term("情報政策課")))),
        (
            "市民病院経営 企画部 総務課",
            DepartmentCell((term("市民病院経営企画部 総務課"),), joined=("市民病院経営企画部",)),
        ),
        (
            "教育部 図書館 学校教育課",
            DepartmentCell((term("教育部 図書館"), term("教育部 学校教育課")), joined=("教育部 学校教育課",)),
        ),
        ("消防本部 予防課", DepartmentCell((term("消防本部 予防課"),))),
        (
            "教育委員会 学校教育課 管財課",
            DepartmentCell(
                (term("教育委員会 学校教育課"), term("管財課")), joined=("教育委員会 学校教育課",)
            ),
        ),
        ("水道局 水道課", DepartmentCell((term("水道局 水道課"),), joined=("水道局 水道課",))),
        ("水道局\n水道課", DepartmentCell((term("水道局"), term("水道課")))),
        ("議会事務局 行政課", DepartmentCell((term("議会事務局"), term("行政課")))),
        ("北支所 南支所", DepartmentCell((term("北支所"), term("南支所")))),
        (
            "教育委員会、消防署、中央保育園",
            DepartmentCell((term("教育委員会"), term("消防署"), term("中央保育園"))),
        ),
    ],
)
def test_departments(cell: str, expected: DepartmentCell) -> None:
    assert departments.read_departments(cell) == expected


@pytest.mark.parametrize(
    ("divisions", "sections", "expected"),
    [
        ("総務部", "総務課", DepartmentCell((term("総務部 総務課"),))),
        ("総務部", "総務課 財政課", DepartmentCell((term("総務部 総務課"), term("総務部 財政課")))),
        ("総務部\n建設部", "総務課\n土木課", DepartmentCell((term("総務部 総務課"), term("建設部 土木課")))),
        ("議会事務局", "", DepartmentCell((term("議会事務局"),))),
        ("議会事務局", "—", DepartmentCell((term("議会事務局"),))),
        ("—", "会計課", DepartmentCell((term("会計課"),))),
        ("", "", DepartmentCell()),
        ("総務部", "総務部 総務課", DepartmentCell((term("総務部 総務課"),))),
        (
            "総務部",
            "総務課（～R5年度） 行政課（R6年度以降）",
            DepartmentCell((term("総務部 総務課", None, 2023), term("総務部 行政課", 2024))),
        ),
        (
            "総務部（～R5年度） 企画部（R6年度以降）",
            "情報課",
            DepartmentCell((term("総務部 情報課", None, 2023), term("企画部 情報課", 2024))),
        ),
        ("総務部", "総務課 外", DepartmentCell((term("総務部 総務課"),), others=True)),
        ("会計管理者", "会計課", DepartmentCell((term("会計管理者 会計課"),), doubtful=("会計管理者",))),
    ],
)
def test_in_divisions(divisions: str, sections: str, expected: DepartmentCell) -> None:
    assert (
        departments.in_divisions(
            departments.read_departments(divisions), departments.read_departments(sections)
        )
        == expected
    )


@pytest.mark.parametrize(
    ("divisions", "sections"),
    [
        ("総務部 建設部", "総務課"),
        ("総務部 建設部", "総務課 土木課 財政課"),
        ("総務課", "財政課"),
        ("情報政策課", "総務部"),
    ],
)
def test_in_divisions_that_do_not_match_is_an_error(divisions: str, sections: str) -> None:
    with pytest.raises(ValueError, match="DepartmentTerm"):
        departments.in_divisions(
            departments.read_departments(divisions), departments.read_departments(sections)
        )


@pytest.mark.parametrize(
    ("name", "divided"),
    [
        *(("総務部 総務課", True), ("市民病院事務局 総務課", True), ("東消防署 予防課", True)),
        *(("土木課 農政課", False), ("総務課", False), ("総務部 総務課 係", False), ("総務部 総務", False)),
        ("総務部 総務課 管理課", False),
    ],
)
def test_is_divided(name: str, divided: bool) -> None:
    assert departments.is_divided(name) is divided


PIECES = [
    "土木課",
    "総務部",
    "委員会",
    "水道局",
    "農政課",
    "図書館",
    "支援センター",
    "市民病院経営",
    "企画",
    "（～R5年度）",
    "(R6年度以降)",
    "（仮）",
    "外",
    "(",
    "）",
    "・",
    " ",
    "、",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_departments_never_lose_a_letter(cell: str) -> None:
    found = departments.read_departments(cell)
    if cells.is_blank(cell) or cells.is_nothing(cell):
        return
    kept = (
        "".join(term.name for term in found.terms) + "".join(found.doubtful) + ("外" if found.others else "")
    )
    years = r"[（(](?:～R5年度|R6年度以降)[)）]"
    sought = re.sub(rf"{years}|[\s、・]", "", cell)
    assert [letter for letter in sought if letter not in kept] == []
    assert sum(len(term.name.replace("・", "")) for term in found.terms) + sought.count("外") >= len(sought)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A : 達成（進捗率100%）", LegendStep("A", "達成", "進捗率100%", 100)),
        ("Ｂ：おおむね達成(進捗率 75％程度)", LegendStep("B", "おおむね達成", "進捗率 75％程度", 75)),
        ("◎ : 順調", LegendStep("◎", "順調", "", None)),
        ("A : 達成（進捗率99.5%）", LegendStep("A", "達成", "進捗率99.5%", None)),
        ("A : 達成（進捗率1000%）", LegendStep("A", "達成", "進捗率1000%", None)),
        ("A：達成率 100％", LegendStep("A", "達成率 100％", "", 100)),
        ("A：達成（100%以上）", LegendStep("A", "達成", "100%以上", 100)),
        ("B：順調（80%以上）", LegendStep("B", "順調", "80%以上", None)),
        ("C：途中（50%～80%）", LegendStep("C", "途中", "50%～80%", None)),
        ("C：途中（50～80%）", LegendStep("C", "途中", "50～80%", None)),
        ("C：途中（半分）の見込み", LegendStep("C", "途中（半分）の見込み", "", None)),
        ("順調：計画どおり（80%）", LegendStep("順調", "順調", "計画どおり（80%）", 80)),
        ("順調 : 順調（計画どおり）", LegendStep("順調", "順調", "計画どおり", None)),
        ("検討・準備中＝これから", LegendStep("検討・準備中", "検討・準備中", "これから", None)),
        ("済：終わった", LegendStep("済", "終わった", "", None)),
        ("〇 一部", LegendStep("○", "一部", "", None)),
        ("◯ 一部", LegendStep("○", "一部", "", None)),
        *((f"{cross} 未着手", LegendStep("×", "未着手", "", None)) for cross in "×✕✖"),
        ("C：途中（30%、50%のどちらか）", LegendStep("C", "途中", "30%、50%のどちらか", None)),
        ("【A】達成", LegendStep("A", "達成", "", None)),
        ("B　途中", LegendStep("B", "途中", "", None)),
        ("B途中", None),
        ("○ この表の見方です。", None),
        ("達成", None),
        ("この表の見方についての長い説明 : 甲", None),
    ],
)
def test_legend(line: str, expected: LegendStep | None) -> None:
    assert cells.read_legend(line) == expected

"""The city's own table, row by irregular row; nothing lost; and rows that must be refused."""

import re
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FIXTURE
from tests.published_tables.file.writing import HEADINGS, NEXT_ROW, PLEDGE_ROW, replaced, small_text
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.grid import Grid, Row, grid_of
from tracker.published_tables.file.parser import NO_DATE, parse_table
from tracker.published_tables.file.proposal import SAY_HEADINGS
from tracker.published_tables.file.scale import HOW_TO_WRITE, SAY_STEP
from tracker.published_tables.file.table import PublishedTable, TableInitiative, TablePledge
from tracker.words.bullets import text
from tracker.workbooks.problems import FileProblem

LINES = FIXTURE.read_text().split("\n")


def read(content: str) -> PublishedTable:
    return parse_table(grid_of(content.encode()))


def problem_of(content: str) -> tuple[int | None, str | None, str]:
    """Row, column and message of the problem that reading meets."""
    with pytest.raises(FileProblem) as caught:
        read(content)
    return caught.value.row, caught.value.column, caught.value.message


def initiatives(content: str) -> list[TableInitiative]:
    return read(content).initiatives()


def kinds(table: PublishedTable) -> list[tuple[int, str, str]]:
    return [(anomaly.row, anomaly.column, anomaly.kind) for anomaly in table.anomalies]


@dataclass(frozen=True)
class Expected:
    """What SOURCE's row must become. `text_cells`: where in `text_row` the four years' texts come from."""

    key: str
    number: str
    source: list[int]
    plan_projects: list[tuple[str, str]]
    sdgs: tuple[int, ...] | None
    rating: str | None
    departments: list[tuple[str, int | None, int | None]]
    others: bool
    text_row: int
    text_cells: tuple[int | None, ...]
    anomalies: list[str]


IRREGULAR = {
    79: Expected(
        "2-1-3-2",
        "③",
        [79],
        plan_projects=[("1-1-1❶1", "妊娠出産支援の充実 妊娠支援事業")],
        sdgs=None,
        rating="A",
        departments=[("健康づくり課", None, None)],
        others=False,
        text_row=79,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_inherited", "blank_inherited"],
    ),
    100: Expected(
        "2-3-1-1",
        "①",
        [100],
        plan_projects=[("1-2-2❶", "支援を必要とする人々のサービス提供体制の充実")],
        sdgs=(1, 3, 4),
        rating="A",
        departments=[("社会福祉課", None, None)],
        others=False,
        text_row=100,
        text_cells=(3, 4, 5, 6),
        anomalies=["sdg_words"],
    ),
    101: Expected(
        "2-3-1-2",
        "①",
        [101],
        plan_projects=[],
        sdgs=(3, 4),
        rating="A",
        departments=[("子育て支援課", None, None)],
        others=False,
        text_row=101,
        text_cells=(3, 4, 5, 6),
        anomalies=["sdg_words"],
    ),
    102: Expected(
        "2-3-1-3",
        "①",
        [102],
        plan_projects=[],
        sdgs=(3, 4),
        rating="A",
        departments=[("学校教育課", None, 2022), ("学務課", 2023, None)],
        others=False,
        text_row=102,
        text_cells=(3, 4, 5, 6),
        anomalies=["sdg_words"],
    ),
    116: Expected(
        "2-4-3-1",
        "③",
        [115, 116],
        plan_projects=[
            ("4-2-1①1", "「1行政区1楽習」の推進 生涯学習推進事業"),
            ("4-2-1①2", "学校・家庭・地域が協働する公民館活動の拡充 公民館管理運営事業"),
        ],
        sdgs=None,
        rating="B",
        departments=[("生涯学習課", None, None)],
        others=False,
        text_row=115,
        text_cells=(3, 4, 5, 6),
        anomalies=["reference_joined"],
    ),
    118: Expected(
        "2-4-4-2",
        "④",
        [118],
        plan_projects=[],
        sdgs=None,
        rating="B",
        departments=[("企画調整課", None, None)],
        others=False,
        text_row=117,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_inherited", "blank_inherited", "blank_inherited", "blank_inherited"],
    ),
    122: Expected(
        "2-4-6-1",
        "⑥",
        [122],
        plan_projects=[],
        sdgs=None,
        rating="A",
        departments=[],
        others=False,
        text_row=122,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    123: Expected(
        "2-4-7-1",
        "⑦",
        [123],
        plan_projects=[],
        sdgs=(),
        rating="A",
        departments=[],
        others=False,
        text_row=123,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    130: Expected(
        "2-4-10-2",
        "⑩",
        [130],
        plan_projects=[],
        sdgs=None,
        rating="A",
        departments=[("学校教育課", None, None)],
        others=False,
        text_row=130,
        text_cells=(2, 3, 4, 5),
        anomalies=["row_realigned"],
    ),
    131: Expected(
        "2-4-10-3",
        "⑩",
        [131],
        plan_projects=[],
        sdgs=None,
        rating="B",
        departments=[("生涯学習課", None, None)],
        others=False,
        text_row=131,
        text_cells=(2, 3, 4, 5),
        anomalies=["row_realigned"],
    ),
    139: Expected(
        "3-1-1-2",
        "①",
        [139],
        plan_projects=[("5-1-1②①", "地域コミュニティ活動への支援 町内会議所建設費補助事業")],
        sdgs=(),
        rating=None,
        departments=[],
        others=False,
        text_row=139,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    149: Expected(
        "3-1-7-1",
        "⑦",
        [149],
        plan_projects=[("3-1-1②", "実践的な防災訓練の実施による地域防災力の強化 地域防災事業")],
        sdgs=None,
        rating="B",
        departments=[("安心安全課", None, None)],
        others=False,
        text_row=149,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_kept"],
    ),
    203: Expected(
        "4-5-1-1",
        "①",
        [203],
        plan_projects=[("2-1-4①①", "幹線道路の整備推進 No104~109各事業")],
        sdgs=None,
        rating="C",
        departments=[("土木課", None, 2023), ("都市計画課", None, 2023), ("道路整備課", 2024, None)],
        others=False,
        text_row=203,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    208: Expected(
        "4-5-3-1",
        "③",
        [208],
        plan_projects=[("2-1-4①①", "幹線道路の整備推進 都市計画道路3・3・3号道路改良事業（足利線以南工区）")],
        sdgs=None,
        rating="C",
        departments=[("都市計画課", None, 2023), ("道路整備課", 2024, None)],
        others=False,
        text_row=208,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    210: Expected(
        "4-5-4-1",
        "④",
        [210],
        plan_projects=[],
        sdgs=(),
        rating=None,
        departments=[],
        others=False,
        text_row=210,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    211: Expected(
        "4-5-5-1",
        "⑤",
        [211],
        plan_projects=[],
        sdgs=(),
        rating=None,
        departments=[],
        others=False,
        text_row=211,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    217: Expected(
        "4-5-7-2",
        "⑦",
        [217],
        plan_projects=[("2-1-2①", "土地区画整理事業の推進 伊勢崎駅周辺第二土地区画整理事業")],
        sdgs=None,
        rating="C",
        departments=[("区画整理課", None, None)],
        others=False,
        text_row=217,
        text_cells=(3, None, None, 4),
        anomalies=["blank_inherited", "blank_inherited", "row_realigned"],
    ),
    220: Expected(
        "4-5-9-1",
        "⑨",
        [220],
        plan_projects=[],
        sdgs=None,
        rating="D",
        departments=[("企画調整課", None, None)],
        others=True,
        text_row=220,
        text_cells=(3, 4, 5, 6),
        anomalies=["department_others"],
    ),
    241: Expected(
        "5-1-1-1",
        "①",
        [241],
        plan_projects=[],
        sdgs=(11,),
        rating="C",
        departments=[("企画調整課", None, None), ("健康づくり課", None, None)],
        others=False,
        text_row=241,
        text_cells=(3, 4, 5, 6),
        anomalies=["sdg_words"],
    ),
    243: Expected(
        "5-1-2-2",
        "②",
        [243],
        plan_projects=[],
        sdgs=(3,),
        rating="A",
        departments=[("市民病院経営企画部総務課", None, None), ("地域医療連携室", None, None)],
        others=False,
        text_row=243,
        text_cells=(3, 4, 5, 6),
        anomalies=["department_joined", "sdg_words"],
    ),
    246: Expected(
        "5-1-5-1",
        "⑤",
        [246],
        plan_projects=[("1-1-1①1", "健康づくりの拠点整備 保健センター整備事業")],
        sdgs=(3, 5, 11, 12),
        rating="C",
        departments=[("健康づくり課", None, None)],
        others=False,
        text_row=246,
        text_cells=(3, 4, 5, 6),
        anomalies=["sdg_words"],
    ),
    264: Expected(
        "5-3-3-2",
        "③",
        [264],
        plan_projects=[],
        sdgs=(),
        rating="D",
        departments=[("商工労働課", None, None)],
        others=False,
        text_row=264,
        text_cells=(4, 5, 6, 7),
        anomalies=["row_realigned"],
    ),
    272: Expected(
        "6-1-1-1",
        "①",
        [272],
        plan_projects=[],
        sdgs=None,
        rating="A",
        departments=[("管財課", None, None)],
        others=False,
        text_row=272,
        text_cells=(3, 4, 5, 6),
        anomalies=["row_realigned"],
    ),
    273: Expected(
        "6-1-2-1",
        "②",
        [273],
        plan_projects=[("4-2-1❶1", "公共施設を活用した ギャラリーの設置 文化振興事業")],
        sdgs=None,
        rating="A",
        departments=[("文化観光課", None, None)],
        others=False,
        text_row=273,
        text_cells=(3, 4, 5, 6),
        anomalies=["row_realigned"],
    ),
    278: Expected(
        "6-2-1-1",
        "①",
        [278],
        plan_projects=[("4-2-3❶1", "史跡田島弥平旧宅の保存活用と環境整備 史跡田島弥平旧宅整備活用事業")],
        sdgs=None,
        rating="C",
        departments=[("文化財保護課", None, None)],
        others=False,
        text_row=278,
        text_cells=(3, 4, 5, 6),
        anomalies=["row_realigned"],
    ),
    301: Expected(
        "6-3-8-1",
        "⑧",
        [301],
        plan_projects=[],
        sdgs=None,
        rating="C",
        departments=[("環境政策課", None, 2023), ("資源循環課", None, 2023), ("GX推進課", 2024, None)],
        others=False,
        text_row=301,
        text_cells=(3, 4, 5, 6),
        anomalies=["phrase_year"],
    ),
    313: Expected(
        "6-3-15-1",
        "⑯",
        [313],
        plan_projects=[("3-2-2⑩2", "積極的な4Rの推進 再資源化推進事業")],
        sdgs=(12,),
        rating="B",
        departments=[("資源循環課", None, None)],
        others=False,
        text_row=313,
        text_cells=(3, 4, 5, 6),
        anomalies=["number_skipped", "sdg_words"],
    ),
    324: Expected(
        "7-1-4-1",
        "④",
        [324],
        plan_projects=[("5-1-4⑩3", "課題を共有した都市との情報交換と交流・連携 都市間連携推進事業")],
        sdgs=(11, 17),
        rating=None,
        departments=[("企画調整課", None, None)],
        others=False,
        text_row=324,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    334: Expected(
        "8-1-1-1",
        "①",
        [333, 334, 335],
        plan_projects=[
            ("5-2-1❶1", "事務事業の見直し・効率化企画事業"),
            ("5-2-2❷1", "総合計画実施計画を踏まえた適正な進行管理企画事業"),
            ("5-2-2❸1", "総合計画実施計画を踏まえた適正な進行管理企画事業"),
        ],
        sdgs=(),
        rating="B",
        departments=[("企画調整課", None, None)],
        others=False,
        text_row=333,
        text_cells=(3, 4, 5, 6),
        anomalies=["reference_joined"],
    ),
    335: Expected(
        "8-1-1-1",
        "①",
        [333, 334, 335],
        plan_projects=[
            ("5-2-1❶1", "事務事業の見直し・効率化企画事業"),
            ("5-2-2❷1", "総合計画実施計画を踏まえた適正な進行管理企画事業"),
            ("5-2-2❸1", "総合計画実施計画を踏まえた適正な進行管理企画事業"),
        ],
        sdgs=(),
        rating="B",
        departments=[("企画調整課", None, None)],
        others=False,
        text_row=333,
        text_cells=(3, 4, 5, 6),
        anomalies=["reference_joined"],
    ),
    341: Expected(
        "8-2-1-1",
        "①",
        [340, 341],
        plan_projects=[
            ("5-2-1❶1", "事務事業の見直し・効率化企画事業"),
            ("5-2-2❷1", "総合計画実施計画を踏まえた適正な進行管理企画事業"),
        ],
        sdgs=(),
        rating="B",
        departments=[("企画調整課", None, None)],
        others=False,
        text_row=340,
        text_cells=(3, 4, 5, 6),
        anomalies=["reference_joined"],
    ),
    342: Expected(
        "8-2-1-2",
        "①",
        [342],
        plan_projects=[("5-2-2❸1", "総合計画実施計画を踏まえた適正な進行管理企画事業")],
        sdgs=None,
        rating="B",
        departments=[("事務管理課", None, None)],
        others=False,
        text_row=342,
        text_cells=(4, 5, 6, None),
        anomalies=["row_realigned"],
    ),
    343: Expected(
        "8-2-1-3",
        "①",
        [343],
        plan_projects=[],
        sdgs=(),
        rating="B",
        departments=[("事務管理課", None, None)],
        others=False,
        text_row=343,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_inherited", "blank_inherited"],
    ),
    345: Expected(
        "8-2-2-2",
        "②",
        [345],
        plan_projects=[("5-2-1❶1", "職員定員の適正化と組織機構の適切な見直し定員管理・組織適正化事業")],
        sdgs=(),
        rating="B",
        departments=[("職員課", None, None)],
        others=False,
        text_row=345,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_inherited", "blank_inherited"],
    ),
    346: Expected(
        "8-2-3-1",
        "③",
        [346],
        plan_projects=[("5-2-1❷1", "職員定員の適正化と組織機構の適切な見直し定員管理・組織適正化事業")],
        sdgs=(),
        rating="A",
        departments=[("事務管理課", None, None)],
        others=False,
        text_row=346,
        text_cells=(3, 4, 5, 6),
        anomalies=["blank_kept", "blank_kept", "blank_kept"],
    ),
    352: Expected(
        "8-2-6-2",
        "⑥",
        [352],
        plan_projects=[],
        sdgs=(),
        rating="B",
        departments=[("交通政策課", None, None)],
        others=False,
        text_row=352,
        text_cells=(3, 4, 5, None),
        anomalies=["row_realigned"],
    ),
    367: Expected(
        "8-2-17-1",
        "⑯",
        [367],
        plan_projects=[],
        sdgs=(9,),
        rating="A",
        departments=[("事務管理課", None, None)],
        others=False,
        text_row=367,
        text_cells=(3, 4, 5, 6),
        anomalies=["number_repeated"],
    ),
    368: Expected(
        "8-2-18-1",
        "⑰",
        [368],
        plan_projects=[
            ("5-2-1⑩1", "事務事業の見直し・効率化"),
            ("5-2-1⑩2", "ICT（情報通信技術）の活用 ICT推進基本方針策定事業"),
        ],
        sdgs=(9,),
        rating="B",
        departments=[("情報政策課", None, None)],
        others=False,
        text_row=368,
        text_cells=(3, 4, 5, 6),
        anomalies=[],
    ),
    372: Expected(
        "8-2-21-2",
        "⑳",
        [372],
        plan_projects=[],
        sdgs=(),
        rating="D",
        departments=[("行政課", None, None)],
        others=False,
        text_row=372,
        text_cells=(3, 4, 5, 6),
        anomalies=["dash_as_pledge"],
    ),
}


def test_the_table_has_the_parts_that_a_reader_counts(table: PublishedTable) -> None:
    counts = {
        "fields": len(table.categories),
        "sections": sum(len(category.sections) for category in table.categories),
        "pledges": len(table.pledges()),
        "initiatives": len(table.initiatives()),
        "departments": len(table.department_names()),
    }
    assert counts == {"fields": 8, "sections": 24, "pledges": 138, "initiatives": 207, "departments": 51}
    assert Counter(i.rating for i in table.initiatives()) == {
        "A": 59,
        "B": 77,
        "C": 41,
        "D": 22,
        "E": 4,
        None: 4,
    }


def test_the_table_has_the_head_that_is_printed(table: PublishedTable) -> None:
    assert table.title == "市長マニフェストの達成状況（令和6年3月末時点）"
    assert table.as_of.isoformat() == "2024-03-31"
    assert [(step.code, step.label, step.definition, step.percent) for step in table.ratings] == [
        ("A", "達成", "進捗率100%", 100),
        ("B", "おおむね達成", "進捗率75%程度", 75),
        ("C", "一部達成", "進捗率50%程度", 50),
        ("D", "検討・準備中", "進捗率25%程度", 25),
        ("E", "未着手", "進捗率0%", 0),
    ]
    assert (table.years, table.plan_years, table.cumulative_year) == ([2021, 2022, 2023], [2024], 2021)


@pytest.mark.parametrize("line", IRREGULAR)
def test_an_irregular_row_is_read_as_the_notes_say(table: PublishedTable, line: int) -> None:
    expected = IRREGULAR[line]
    key, pledge, initiative = next(
        (f"{c.number}-{s.number}-{p.position}-{i.position}", p, i)
        for c, s, p in table.pledges()
        for i in p.initiatives
        if line in [source["row"] for source in i.source]
    )
    cells = LINES[expected.text_row - 1].split("\t")
    years = [("" if index is None else text(cells[index])) for index in expected.text_cells]
    found = Expected(
        key,
        pledge.number,
        [source["row"] for source in initiative.source if isinstance(source["row"], int)],
        [(project.code, project.name) for project in initiative.plan_projects],
        initiative.sdgs,
        initiative.rating,
        [(term.name, term.from_year, term.to_year) for term in initiative.departments],
        initiative.others,
        expected.text_row,
        expected.text_cells,
        sorted(a.kind for a in table.anomalies if a.row == line and a.kind != "plan_code_doubtful"),
    )
    assert found == expected
    assert [*initiative.results.items(), *initiative.plans.items()] == list(
        zip([2021, 2022, 2023, 2024], years, strict=True)
    )


def test_a_shifted_rows_stock_phrase_stands_in_the_next_year(table: PublishedTable) -> None:
    shifted = next(i for i in table.initiatives() if i.row == 342)
    assert shifted.results[2022] == "・令和3年度までの取組を引き続き実施しました。"
    assert shifted.results[2023] == "・令和4年度までの取組を引き続き実施しました。"


def test_every_anomaly_names_its_row_and_says_what_was_done(table: PublishedTable) -> None:
    assert [a for a in table.anomalies if not 1 <= a.row <= len(LINES) or not a.done] == []
    assert Counter(a.kind for a in table.anomalies) == {
        "plan_code_doubtful": 104,
        "sdg_words": 13,
        "blank_inherited": 12,
        "row_realigned": 9,
        "reference_joined": 4,
        "blank_kept": 4,
        "department_others": 1,
        "department_joined": 1,
        "phrase_year": 1,
        "number_skipped": 1,
        "number_repeated": 1,
        "dash_as_pledge": 1,
    }


# --- nothing lost ---


def letters(wording: str) -> str:
    """A text without markup, bullets, dashes, brackets and white space: what must not get lost."""
    return re.sub(r"<[^<>]*>|[\s・—、，,／/（）()～~]|年度|以降", "", wording)


def interpreted(pledge: TablePledge, initiative: TableInitiative) -> str:
    """All wording of an initiative's interpreted fields; its source cells are left out."""
    pieces = [pledge.number, pledge.text]
    pieces += [project.text for project in initiative.plan_projects]
    pieces += [*initiative.results.values(), *initiative.plans.values(), initiative.rating or ""]
    pieces += [f"{t.name} {_year(t.from_year)} {_year(t.to_year)}" for t in initiative.departments]
    pieces += ["外"] if initiative.others else []
    pieces += [str(goal) for goal in initiative.sdgs or ()]
    return letters(" ".join(pieces))


def _year(year: int | None) -> str:
    return "" if year is None else f"R{year - 2018}"


def lost(table: PublishedTable, content: str) -> list[tuple[int, str]]:
    """(row, piece) of every piece of a cell that neither the read fields nor an anomaly of the row holds."""
    holders = {
        source["row"]: interpreted(pledge, initiative)
        for _category, _section, pledge in table.pledges()
        for initiative in pledge.initiatives
        for source in initiative.source
    }
    told: dict[int, str] = {}
    for anomaly in table.anomalies:
        told[anomaly.row] = told.get(anomaly.row, "") + letters(anomaly.read)
    missing = []
    for number, line in enumerate(content.split("\n"), start=1):
        if number not in holders:
            continue
        for cell in line.split("\t"):
            for piece in re.split(r"[\s、（）()・<>]+", re.sub(r"<[^<>]*>", " ", cell)):
                sought = letters(piece)
                if sought and sought not in holders[number] and sought not in told.get(number, ""):
                    missing.append((number, piece))
    return missing


def test_nothing_of_the_file_is_lost(table: PublishedTable) -> None:
    assert lost(table, "\n".join(LINES)) == []


def test_the_search_for_lost_text_notices_a_lost_piece(table: PublishedTable) -> None:
    assert lost(
        table, "\n".join(LINES).replace("企業立地促進奨励金を助成しました", "消えた文が助成しました", 1)
    ) == [(18, "消えた文が助成しました。")]


def test_every_row_of_the_file_is_kept_with_its_cells(table: PublishedTable) -> None:
    kept = {source["row"]: source["cells"] for i in table.initiatives() for source in i.source}
    of_tables = {
        n: line.split("\t")
        for n, line in enumerate(LINES, start=1)
        if "\t" in line and line.strip() and not line.startswith(("A :", "B :", "C :", "D :", "E :", "<"))
    }
    assert kept == {n: cells for n, cells in of_tables.items() if cells[0] != HEADINGS[0]}


# --- rows in small ---


def test_a_plain_pair_of_rows_is_read_whole() -> None:
    table = read(small_text())
    (_category, _section, pledge) = table.pledges()[0]
    first, second = pledge.initiatives
    assert (pledge.number, pledge.text) == ("①", "駅を直します")
    assert [(p.code, p.base_code, p.name) for p in first.plan_projects] == [
        ("2-2-3①③", "2-2-3", "駅前 整備事業")
    ]
    assert (first.sdgs, first.rating, first.departments) == ((11,), "A", (DepartmentTerm("土木課"),))
    assert (second.sdgs, second.rating, second.departments) == (None, "B", (DepartmentTerm("農政課"),))
    assert first.results == {2021: "・調べました。", 2022: "・図りました。", 2023: "・建てました。"}
    assert second.plans == {2024: "・丁です。"}
    assert table.anomalies == []


@pytest.mark.parametrize("place", [3, 4, 5, 6, 7, 8])
def test_a_blank_in_a_continuing_row_takes_the_cell_above(place: int) -> None:
    table = read(small_text(PLEDGE_ROW, replaced(NEXT_ROW, {place: " "})))
    first, second = table.initiatives()
    values = [[*i.results.values(), *i.plans.values(), i.rating, i.departments] for i in (first, second)]
    assert values[1][place - 3] == values[0][place - 3]
    assert kinds(table) == [(13, HEADINGS[place], "blank_inherited")]


@pytest.mark.parametrize("place", [3, 4, 5, 6, 7, 8])
def test_a_blank_in_a_pledges_first_row_stays_empty_and_is_told(place: int) -> None:
    table = read(small_text(PLEDGE_ROW, NEXT_ROW, replaced(PLEDGE_ROW, {0: "②橋を直します", place: ""})))
    row = table.initiatives()[2]
    assert [*row.results.values(), *row.plans.values(), row.rating, row.departments][place - 3] in (
        "",
        None,
        (),
    )
    assert kinds(table) == [(14, HEADINGS[place], "blank_kept")]


def test_blanks_all_along_take_the_resolved_cells_above() -> None:
    blank = replaced(NEXT_ROW, {8: ""})
    rows = initiatives(small_text(PLEDGE_ROW, blank, blank))
    assert [row.departments for row in rows] == [(DepartmentTerm("土木課"),)] * 3


def test_a_row_of_a_plan_reference_alone_joins_the_initiative_above() -> None:
    table = read(small_text(PLEDGE_ROW, ("", "2-2-4①② 別の事業", "4 17", "", "", "", "", "", "")))
    (row,) = table.initiatives()
    assert [project.text for project in row.plan_projects] == ["2-2-3①③ 駅前 整備事業", "2-2-4①② 別の事業"]
    assert row.sdgs == (11, 4, 17)
    assert [source["row"] for source in row.source] == [12, 13]
    assert kinds(table) == [(13, "総合計画実施計画の関連事業", "reference_joined")]


def test_a_plan_reference_whose_blank_cells_were_cut_off_still_joins() -> None:
    (row,) = initiatives(small_text(PLEDGE_ROW, ("", "2-2-4①② 別の事業")))
    assert [project.code for project in row.plan_projects] == ["2-2-3①③", "2-2-4①②"]


def test_a_plan_reference_that_ends_the_file_may_be_cut_off_and_is_refused() -> None:
    assert problem_of(small_text(PLEDGE_ROW, ("", "2-2-4①② 別の事業")).rstrip("\n"))[0] == 13


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ((*NEXT_ROW[1:], ""), {}),  # slipped to the left, a blank cell at the end
        (NEXT_ROW[1:], {}),
        ((*NEXT_ROW[:7], "B 農政課", ""), {}),
        ((*NEXT_ROW[:7], "B 農政課"), {}),
        (("", *NEXT_ROW), {}),  # one too many
        ((*NEXT_ROW, "", ""), {}),
        ((*NEXT_ROW[:3], "", *NEXT_ROW[3:]), {}),
        ((*NEXT_ROW[:6], *NEXT_ROW[7:], ""), {2024: ""}),  # the plan's cell lost
    ],
)
def test_a_row_that_slipped_is_put_back_and_told(row: tuple[str, ...], changed: dict[int, str]) -> None:
    table = read(small_text(PLEDGE_ROW, row))
    second = table.initiatives()[1]
    assert (second.rating, second.departments) == ("B", (DepartmentTerm("農政課"),))
    assert second.results == {2021: "・甲です。", 2022: "・乙です。", 2023: "・丙です。"}
    assert second.plans == {2024: "・丁です。"} | changed
    assert [
        kind for row_number, _column, kind in kinds(table) if row_number == 13 and kind != "row_realigned"
    ] == []


REFUSED = {
    "rating and department swapped": replaced(PLEDGE_ROW, {7: "土木課", 8: "A"}),
    "rating and plan swapped": replaced(PLEDGE_ROW, {6: "A", 7: "・開きます。"}),
    "rating and empty SDGs swapped": replaced(PLEDGE_ROW, {2: "A", 7: "—"}),
    "rating and an empty project swapped": replaced(PLEDGE_ROW, {1: "A", 7: "—"}),
    "department and empty SDGs swapped": replaced(PLEDGE_ROW, {2: "土木課", 8: "—"}),
    "department and an empty project swapped": replaced(PLEDGE_ROW, {1: "土木課 農政課", 8: "—"}),
    "rating and an empty plan swapped": replaced(PLEDGE_ROW, {6: "A", 7: "—"}),
    "department and an empty plan swapped": replaced(PLEDGE_ROW, {6: "土木課", 8: "—"}),
    "rating and department swapped beside empty cells": (
        "①駅",
        "—",
        "",
        "—",
        "—",
        "・甲。",
        "—",
        "土木課",
        "A",
    ),
    "cut off before the rating": PLEDGE_ROW[:7],
    "cut off before the department": PLEDGE_ROW[:8],
    "cut off in the middle": PLEDGE_ROW[:4],
    "cut off after the pledge": PLEDGE_ROW[:1],
    "continuing and cut off": NEXT_ROW[:6],
    "rating lost": (*PLEDGE_ROW[:7], "土木課"),
    "department lost": PLEDGE_ROW[:8],
    "SDG numbers among the years": ("①駅", "—", "", "・甲。", "11", "—", "—", "A", "土木課"),
    "two rows in one": (*PLEDGE_ROW, *NEXT_ROW[1:]),
    "a hundred blank cells in the middle": (*PLEDGE_ROW[:3], *[""] * 100, *PLEDGE_ROW[3:]),
    "three thousand cells": (*PLEDGE_ROW[:3], *[""] * 3000, *PLEDGE_ROW[3:]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_cannot_be_read_without_guessing_is_refused(name: str) -> None:
    row, column, message = problem_of(small_text(REFUSED[name], NEXT_ROW))
    assert (row, column) == (12, "実施状況")
    assert message.startswith(("列がずれていて、", "評価「"))


def test_a_pledge_without_its_number_is_refused() -> None:
    assert problem_of(small_text(replaced(PLEDGE_ROW, {0: "駅を直します"}))) == (
        12,
        "マニフェスト",
        (
            "「駅を直します」に番号（①、1. など）がないので、公約と読めません。"
            "番号を付けるか、列のずれを直してください。"
        ),
    )


@pytest.mark.parametrize("place", range(9))
def test_a_duplicated_cell_is_refused(place: int) -> None:
    without_goals = replaced(PLEDGE_ROW, {2: ""})
    row = (*without_goals[: place + 1], *without_goals[place:])
    if place == 2:  # a second blank is no second text
        assert initiatives(small_text(row))[0].results[2021] == "・調べました。"
    else:
        assert problem_of(small_text(row))[0] == 12


@pytest.mark.parametrize("place", [3, 4, 5, 6])
def test_a_duplicated_year_beside_empty_cells_is_refused(place: int) -> None:
    row = ("①駅", "—", "", "—", "・乙。", "・丙。", "・丁。", "A", "土木課")
    doubled = (*row[: place + 1], *row[place:])
    if place == 3:  # a second dash says the same as one
        assert initiatives(small_text(doubled))[0].results == {2021: "", 2022: "・乙。", 2023: "・丙。"}
    else:
        assert problem_of(small_text(doubled))[0] == 12


def test_a_rating_outside_the_legend_is_named() -> None:
    assert problem_of(small_text(replaced(PLEDGE_ROW, {7: "Ｚ"}))) == (
        12,
        "実施状況",
        f"評価「Ｚ」は凡例（A・B・C）にありません。{SAY_STEP}",
    )


def test_blank_cells_behind_a_row_do_not_hide_the_reason() -> None:
    assert (
        problem_of(small_text((*replaced(PLEDGE_ROW, {7: "Ｚ"}), "", "")))[2]
        == f"評価「Ｚ」は凡例（A・B・C）にありません。{SAY_STEP}"
    )


def test_a_rating_in_full_width_is_the_legends() -> None:
    assert initiatives(small_text(replaced(PLEDGE_ROW, {7: " Ｂ "})))[0].rating == "B"


def test_another_scale_is_read_from_its_legend() -> None:
    legend = "〈実施状況〉\n◎：順調\n○：おおむね順調（予定の半分）\n△：遅れ\n"
    table = read(small_text(replaced(PLEDGE_ROW, {7: "◎"}), replaced(NEXT_ROW, {7: "△"}), legend=legend))
    assert [(step.code, step.label, step.definition, step.percent) for step in table.ratings] == [
        ("◎", "順調", "", None),
        ("○", "おおむね順調", "予定の半分", None),
        ("△", "遅れ", "", None),
    ]
    assert [row.rating for row in table.initiatives()] == ["◎", "△"]


def test_a_scale_of_words_is_read() -> None:
    table = read(
        small_text(
            replaced(PLEDGE_ROW, {7: "遅れ"}), legend="【実施状況】\n順調 : 計画どおり\n遅れ : 計画に遅れ\n"
        )
    )
    assert table.initiatives()[0].rating == "遅れ"


def test_a_table_without_legend_says_how_to_write_one() -> None:
    assert problem_of(small_text(legend="")) == (8, "実施状況", HOW_TO_WRITE)


def test_a_table_without_ratings_needs_no_legend() -> None:
    table = read(small_text(replaced(PLEDGE_ROW, {7: "—"}), legend=""))
    assert (table.ratings, [row.rating for row in table.initiatives()]) == ([], [None])


def test_a_blank_line_before_the_first_step_does_not_end_the_legend() -> None:
    assert [step.code for step in read(small_text(legend=LEGEND_WITH_GAP)).ratings] == ["A", "B"]


LEGEND_WITH_GAP = "<実施状況>\n\nA : 達成\nB : 途中\n\nC : 別の話\n"


def test_a_line_that_is_no_part_of_the_table_is_told() -> None:
    table = read(small_text().replace("(1) 道路", "(1) 道路\n※ これは注です。\t\t") + "※ 終わり\n")
    assert [(a.row, a.kind, a.read) for a in table.anomalies] == [
        (11, "unread_line", "※ これは注です。"),
        (15, "unread_line", "※ 終わり"),
    ]


def test_an_exact_copy_of_a_row_is_told() -> None:
    assert kinds(read(small_text(PLEDGE_ROW, NEXT_ROW, NEXT_ROW))) == [(14, "", "row_repeated")]


def test_a_title_that_comes_again_is_told() -> None:
    table = read(small_text() + "市長マニフェストの達成状況（令和5年3月末時点）\n")
    assert table.as_of.isoformat() == "2024-03-31"
    assert kinds(table) == [(14, "", "unread_line")]


def test_a_number_that_skips_or_comes_twice_is_told_and_order_decides() -> None:
    numbers = ["①", "③", "③", "④"]
    table = read(
        small_text(
            *(replaced(PLEDGE_ROW, {0: f"{n}駅を{place}度直します"}) for place, n in enumerate(numbers))
        )
    )
    assert [(p.position, p.number) for _, _, p in table.pledges()] == [(1, "①"), (2, "③"), (3, "③"), (4, "④")]
    assert kinds(table) == [(13, "マニフェスト", "number_skipped"), (14, "マニフェスト", "number_repeated")]


def test_many_gaps_in_the_numbers_are_told_once() -> None:
    rows = (replaced(PLEDGE_ROW, {0: f"{n}駅を{n}度直します"}) for n in "①③⑤⑦⑨")
    table = read(small_text(*rows))
    assert kinds(table) == [(13, "マニフェスト", "number_skipped")]
    assert table.anomalies[0].done.endswith("番号が続かない所は、ほかに 3 か所（14・15・16行目）")


def test_a_number_of_four_digits_is_a_pledges() -> None:
    rows = (replaced(PLEDGE_ROW, {0: f"{n}. 駅を{n}度直します"}) for n in (999, 1000, 1001))
    assert [p.number for _, _, p in read(small_text(*rows)).pledges()] == ["999.", "1000.", "1001."]


def test_a_lone_year_text_is_no_heading() -> None:
    rows = initiatives(small_text(PLEDGE_ROW, ("", "", "", "1. 道を直しました。", "", "", "", "", "")))
    assert (rows[1].results[2021], rows[1].rating) == ("1. 道を直しました。", "A")


def test_year_cells_that_end_like_headings_are_no_heading_row() -> None:
    rows = initiatives(
        small_text(
            replaced(
                PLEDGE_ROW, {3: "・防災の取組", 4: "・防災の取組", 5: "・防犯の取組", 6: "・防火の取組予定"}
            )
        )
    )
    assert rows[0].results == {2021: "・防災の取組", 2022: "・防災の取組", 2023: "・防犯の取組"}


def test_markup_outside_the_year_columns_is_read_too() -> None:
    row = replaced(PLEDGE_ROW, {1: "<p>—</p>", 7: "<p>A</p>", 8: "土木課<br>都市計画課&nbsp;（～R5年度）"})
    (found,) = initiatives(small_text(row))
    assert (found.plan_projects, found.rating) == ([], "A")
    assert found.departments == (
        DepartmentTerm("土木課", None, 2023),
        DepartmentTerm("都市計画課", None, 2023),
    )


def test_markup_that_is_none_of_ours_is_kept_and_told() -> None:
    table = read(small_text(replaced(PLEDGE_ROW, {3: "<b>太字</b>です。"})))
    assert table.initiatives()[0].results[2021] == "<b>太字</b>です。"
    assert kinds(table) == [(12, "令和3年度までの主な取組", "markup")]


def test_a_phrase_of_another_year_is_kept_and_told() -> None:
    table = read(small_text(replaced(PLEDGE_ROW, {5: "・令和2年度までの取組を引き続き実施しました。"})))
    assert table.initiatives()[0].results[2023] == "・令和2年度までの取組を引き続き実施しました。"
    assert kinds(table) == [(12, "令和5年度の主な取組", "phrase_year")]


def test_a_table_without_plan_and_sdg_columns_is_read() -> None:
    keep = [0, 3, 4, 7, 8]
    row = tuple(PLEDGE_ROW[index] for index in keep)
    table = read(
        small_text(
            row, ("", "", "", "", ""), ("", "・甲。", "", "", ""), headings=[HEADINGS[i] for i in keep]
        )
    )
    first, second = table.initiatives()
    assert (first.plan_projects, first.sdgs, first.results) == (
        [],
        None,
        {2021: "・調べました。", 2022: "・図りました。"},
    )
    assert (second.results[2021], second.rating) == ("・甲。", "A")


# --- what stops the reading ---


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("表", (None, None, NO_DATE)),
        (
            "令和6年3月末時点\n",
            (None, None, "公約の表が見つかりません。市長マニフェストの達成状況の表ですか。"),
        ),
        ("令和6年3月末時点\n1. まち\n1. みち\n", (3, None, "分野の番号 1 が 2 回あります。")),
        (
            "令和6年3月末時点\n(1) 道路\n1. まち\n",
            (2, None, "分野の見出し（「1. …」）より前に、項目の見出しがあります。"),
        ),
        (
            "令和6年3月末時点\n1. まち\n(1) 道路\n(1) 水路\n",
            (4, None, "項目の番号 (1) が同じ分野に 2 回あります。"),
        ),
        (
            "令和6年3月末時点\n1. まち\n(1) 道路\n①駅\t—\t—\n",
            (
                4,
                None,
                f"見出しの行（「マニフェスト」「担当課」など）より前に、表の行があります。{SAY_HEADINGS}",
            ),
        ),
        (
            "令和6年3月末時点\n" + "\t".join(HEADINGS) + "\n" + "\t".join(PLEDGE_ROW),
            (
                3,
                None,
                "分野と項目の見出し（「1. …」「(1) …」）より前に、表の行があります。"
                '分野のない表であれば、配置（--layout）に "outline": "none" と書いてください。',
            ),
        ),
        (
            small_text(NEXT_ROW),
            (
                12,
                "マニフェスト",
                "公約（①…）のない行が、項目の最初にあります。"
                "合計などの行であれば、配置（--layout）の skip_rows に、その行の番号を書いてください。",
            ),
        ),
        (
            small_text(legend="実施状況\nA : 達成\nA : 未達成\n"),
            (5, None, "評価「A」の説明が 2 通りあります。"),
        ),
        (
            small_text(legend="実施状況\nA : 達成（進捗率101%）\n"),
            (4, None, "評価「A」の進捗率が 100% を超えています。"),
        ),
        (
            small_text(replaced(PLEDGE_ROW, {8: "土木課（R5年度～R4年度）"})),
            (12, "担当課", "「土木課」の終わりの年度が、始まりの年度より前です。"),
        ),
        (
            small_text(replaced(PLEDGE_ROW, {8: "土木課（～R4年度） 土木課（～R5年度）"})),
            (12, "担当課", "「土木課」の期間が 2 通りあります。"),
        ),
        (
            small_text(replaced(PLEDGE_ROW, {8: "あ" * 101 + "課"})),
            (12, "担当課", f"「{'あ' * 39}…」が長すぎます（100 字まで）。"),
        ),
        (
            small_text(replaced(PLEDGE_ROW, {1: "2-2-3 " + "あ" * 401})),
            (12, "総合計画実施計画の関連事業", f"「{'あ' * 39}…」が長すぎます（400 字まで）。"),
        ),
        (
            small_text(replaced(PLEDGE_ROW, {1: "2-2-3" + "①" * 30 + " 道"})),
            (12, "総合計画実施計画の関連事業", f"「2-2-3{'①' * 30}」が長すぎます（30 字まで）。"),
        ),
        (
            small_text(as_of="あ" * 190 + "令和6年3月末"),
            (1, None, f"「市長マニフェストの達成状況（{'あ' * 25}…」が長すぎます（200 字まで）。"),
        ),
    ],
)
def test_what_stops_the_reading_is_told_with_its_place(
    content: str, expected: tuple[int | None, str | None, str]
) -> None:
    assert problem_of(content) == expected


def test_the_same_department_twice_is_one() -> None:
    (row,) = initiatives(small_text(replaced(PLEDGE_ROW, {8: "土木課 土木課"})))
    assert set(row.departments) == {DepartmentTerm("土木課")}


# --- properties ---

CELL = st.one_of(
    st.sampled_from(
        [
            *PLEDGE_ROW,
            *NEXT_ROW,
            *HEADINGS,
            "",
            " ",
            "—",
            "A 土木課",
            "4 17",
            "∞",
            "1. まち",
            "(2) 橋",
            "②橋",
            "外",
        ]
    ),
    st.sampled_from(
        [
            "・令和4年度までの取組を引き続き実施しました。",
            "<ul><li>甲</li></ul>",
            "土木課（～R5年度）",
            "実施状況",
            "令和6年3月末",
        ]
    ),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=12).map(tuple), max_size=12)


@given(ROWS, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_random_rows_are_read_or_refused_with_a_file_problem(
    rows: list[tuple[str, ...]], with_head: bool, knows_merges: bool, random: object
) -> None:
    head = [tuple(line.split("\t")) for line in small_text().split("\n")] if with_head else []
    grid = Grid(
        tuple(
            Row(
                number,
                cells,
                merged=frozenset({0, len(cells) - 1}) if knows_merges and number % 3 == 0 else frozenset(),
            )
            for number, cells in enumerate([*head, *rows], start=1)
        ),
        knows_merges,
    )
    try:
        table = parse_table(grid)
    except FileProblem:
        return
    assert len(table.initiatives()) >= 1


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from(["", "—", "A", "土木課", "・甲。", "4", "乙の事業"])),
        max_size=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_an_accepted_row_keeps_all_its_text(changes: list[tuple[int, str]]) -> None:
    content = small_text(PLEDGE_ROW, replaced(NEXT_ROW, dict(changes)))
    try:
        table = read(content)
    except FileProblem:
        return
    assert lost(table, content) == []

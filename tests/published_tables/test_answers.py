"""Extra columns, indicators and reasons of a table: loaded, told, changed by difference, taken back whole."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl.worksheet.worksheet import Worksheet

from tests.management.importing import snapshot
from tests.published_tables.file.books import TITLE, Cells, made, read_book
from tests.published_tables.test_taking_back import stand
from tests.staff.people import person
from tracker.choices import Role
from tracker.cycle import event_words
from tracker.cycle.event_words.told import Line
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, ExtraColumn, Indicator, Initiative, ReportingRound, User, YearlyAction
from tracker.published_tables import loading, taking_back
from tracker.published_tables.differences import differences_of
from tracker.published_tables.loading import LoadingOutcome
from tracker.published_tables.row_writer import LoadingProblem
from tracker.reports import publishing

pytestmark = pytest.mark.django_db

HEADINGS: Cells = (
    *("公約", "令和6年度の取組", "成果指標", "単位", "目標値 令和6年度", "目標値 令和7年度"),
    *(
        "実績値 令和4年度",
        "実績値 令和5年度",
        "実績値 令和6年度",
        "達成率 令和6年度",
        "外部評価",
        "評価",
        "担当課",
    ),
)
NURSES: Cells = (
    *("①保育士をふやします", "・募集した。", "就職者", "人", "1,200", 1300, "980", 1020, "1,250.5", 1.042),
    *("順調です。", "A", "保育課"),
)
WAITING: Cells = (
    *(
        None,
        "・園を建てた。",
        "待機児童",
        "人",
        "0人以下",
        None,
        None,
        5,
        "調査中",
        "50%",
        None,
        "B",
        "保育課",
    ),
)
LEGEND = (["<評価>"], ["A：達成"], ["B：順調"], ["C：遅れ"])


def table_of(*rows: Cells, headings: Cells = HEADINGS) -> bytes:
    def percent(sheet: Worksheet) -> None:
        for place in ("J8", "J9"):
            sheet[place].number_format = "0.0%"

    return made([[TITLE], *LEGEND, ["1 子ども"], headings, *(rows or (NURSES, WAITING))], percent)


LATER_FIGURES = (
    *("actual 2023", "actual 2024", "actual 2025", "rate 2025", "extra 外部評価", "rating", "department"),
)
LETTERS = "ABCDEFGHIJKLM"
ROLES = (
    *("pledge", "result 2024", "indicator", "unit", "target 2024", "target 2025"),
    *("actual 2022", "actual 2023", "actual 2024", "rate 2024", "extra 外部評価", "rating", "department"),
)


def load(content: bytes, roles: tuple[str, ...] = ROLES) -> LoadingOutcome:
    table = read_book(content, {"columns": dict(zip(LETTERS, roles, strict=False))})
    digest = "0" * 64
    return loading.load(table, slug="2022", by="企画 花子", file_name="表.xlsx", file_digest=digest)


def values(year: int) -> list[dict[str, str]]:
    rows = YearlyAction.objects.filter(round__fiscal_year=year).order_by("initiative__position")
    return list(rows.values_list("extra_values", flat=True))


@pytest.fixture
def planner() -> User:
    return person("planner", Role.PLANNING)


def test_indicators_are_defined_and_their_actuals_stand_in_rows() -> None:
    outcome = load(table_of())
    nurses, waiting = Indicator.objects.order_by("initiative__position")
    assert vars(nurses) | {
        "code": "k1", "name": "就職者", "unit": "人", "decimals": 1, "direction": "up",
        "target_lines": "令和6年度：1200\n令和7年度：1300", "note": "", "is_of_pledge": False,
    } == vars(nurses)  # fmt: skip
    assert (waiting.code, waiting.direction, waiting.targets) == ("k2", "down", {2024: "0"})
    assert values(2022) == [{"k1": "980"}, {}]
    assert values(2023) == [{"k1": "1020"}, {"k2": "5"}]
    assert values(2024) == [{"k1": "1250.5", "x1": "順調です。"}, {"k2n": "調査中"}]
    assert [each.fiscal_year for each in ReportingRound.objects.order_by("fiscal_year")] == [2022, 2023, 2024]
    assert outcome.named == {
        "columns_added": ["外部評価"],
        "indicators_added": [
            "1-1-1「就職者（人）」：増やす（表の達成率から）",
            "1-1-2「待機児童（人）」：減らす（目標に「以下」とあるので）",
        ],
        "figures_in_words": ["1-1-2「待機児童（人）」令和6年度の実績：調査中"],
        "rates_otherwise": ["1-1-2「待機児童（人）」令和6年度：表は 50%、計算では 実績がありません"],
    }


def test_an_extra_column_is_a_public_text_and_is_told_in_the_history() -> None:
    load(table_of())
    column = ExtraColumn.objects.get()
    assert (column.code, column.label, column.kind, column.is_public) == ("x1", "外部評価", "text", True)
    event = Event.objects.get()
    told = event_words.told(event, event_words.Names.of([event]))
    assert Line("新しい追加の項目（市民に公表する文章）", None, "外部評価") in told.lines


def test_the_same_table_again_changes_nothing() -> None:
    load(table_of())
    before = snapshot()
    assert load(table_of()).is_unchanged
    assert snapshot() == before


def test_a_corrected_copy_changes_only_what_differs_and_says_so_by_name() -> None:
    load(table_of())
    corrected = (*NURSES[:5], 1400, *NURSES[6:8], 1300, *NURSES[9:10], None, *NURSES[11:])
    outcome = load(table_of(corrected, (*WAITING[:10], "もう一歩です。", *WAITING[11:])))
    assert (dict(outcome.created), outcome.changed["Indicator"], outcome.changed["YearlyAction"]) == (
        {},
        1,
        2,
    )
    assert values(2024) == [{"k1": "1300"}, {"k2n": "調査中", "x1": "もう一歩です。"}]
    cells = {(each.place, each.label): (each.before, each.after) for each in differences_of(outcome)}
    assert cells["取組 1-1-1 の令和6年度", "指標「就職者」の実績"] == ("1250.5", "1300")
    assert cells["取組 1-1-1 の令和6年度", "外部評価"] == ("順調です。", "（なし）")
    assert cells["取組 1-1-1 の指標「就職者」", "目標"][1] == "令和6年度：1200\n令和7年度：1400"


def test_an_indicator_that_the_table_lacks_stays_and_is_told() -> None:
    load(table_of())
    renamed = (*NURSES[:2], "採用者", *NURSES[3:])
    outcome = load(table_of(renamed, WAITING))
    assert outcome.named["indicators_not_told"] == ["1-1-1「就職者」"]
    assert outcome.named["indicators_added"] == ["1-1-1「採用者（人）」：増やす（表の達成率から）"]
    assert values(2024)[0] == {"k1": "1250.5", "k3": "1250.5", "x1": "順調です。"}


def test_an_initiative_that_no_cell_tells_of_is_told() -> None:
    bare = ("③ 公園を直します", "－", None, None, None, None, "－", None, None, None, "—", "－", "－")
    outcome = load(table_of(NURSES, WAITING, bare))
    assert outcome.named["initiatives_of_nothing"] == ["1 件：1-2"]
    event = Event.objects.get()
    told = event_words.told(event, event_words.Names.of([event]))
    assert Line("取組の書かれていない公約に、評価なしで 1 件ずつ作る取組", None, "1 件：1-2") in told.lines


def test_a_direction_that_a_target_gainsays_stays_and_is_told() -> None:
    load(table_of())
    Indicator.objects.filter(code="k2").update(direction="keep")
    outcome = load(table_of((*NURSES[:5], 1400, *NURSES[6:]), WAITING))
    told = ["1-1-2「待機児童（人）」：表は 減らす（目標に「以下」とあるので）、いまは 維持する"]
    assert outcome.named["directions_otherwise"] == told
    assert Indicator.objects.get(code="k2").direction == "keep"


def test_a_column_that_is_there_with_another_kind_reads_the_text_or_refuses_with_its_place() -> None:
    load(table_of())
    ExtraColumn.objects.update(kind="number")
    with pytest.raises(LoadingProblem, match="取組 1-1-1 の「外部評価」：数として読めません"):
        load(table_of())
    outcome = load(table_of((*NURSES[:10], "1,200", *NURSES[11:]), WAITING))
    assert (values(2024)[0]["x1"], outcome.created["ExtraColumn"]) == ("1200", 0)


def test_an_older_year_beyond_a_gap_is_what_the_indicator_began_with() -> None:
    roles = (*ROLES[:6], "actual 2019", *ROLES[7:])
    load(table_of(), roles)
    nurses = Indicator.objects.get(name="就職者")
    assert (nurses.base_value, nurses.base_fiscal_year, nurses.decimals) == ("980", 2019, 1)
    assert list(ReportingRound.objects.values_list("fiscal_year", flat=True)) == [2023, 2024]
    assert load(table_of(), roles).is_unchanged


def test_one_that_all_initiatives_of_a_pledge_have_alike_is_the_pledges() -> None:
    load(table_of(NURSES, (*WAITING[:2], *NURSES[2:10], *WAITING[10:])))
    indicator = Indicator.objects.get()
    assert (indicator.is_of_pledge, indicator.initiative.position) == (True, 1)


def test_a_reason_is_kept() -> None:
    load(table_of(), (*ROLES[:10], "reason", *ROLES[11:]))
    reasons = YearlyAction.objects.filter(round__fiscal_year=2024).order_by("initiative__position")
    assert list(reasons.values_list("rating_reason", flat=True)) == ["順調です。", ""]


def test_a_table_of_figures_alone_is_loaded_and_published(planner: User) -> None:
    roles = (ROLES[0], "ignore", *ROLES[2:])
    outcome = load(table_of(), roles)
    report, _is_new = publishing.publish(outcome.round, by=planner.signature)
    (entry, other) = report.entries.order_by("position")
    assert (entry.rating_code, entry.extra_values) == ("A", {"x1": {"2024": "順調です。"}})
    assert (entry.results, report.result_years) == ({}, [])  # nobody was asked for words
    assert entry.indicators is not None
    assert entry.indicators[0]["years"]["2024"]["rate"] == "104.2"
    assert other.indicators is not None
    assert other.indicators[0]["years"]["2024"]["note"] == "調査中"


def test_it_is_taken_back_whole(planner: User) -> None:
    before = stand()
    round = load(table_of()).round
    taking_back.take_back(round, by=planner, reason="別の表だった")
    assert stand() == before


def test_what_somebody_has_answered_since_is_in_the_way(planner: User) -> None:
    outcome = load(table_of())
    first = Initiative.objects.get(position=1)
    manifesto = outcome.round.manifesto
    later = ReportingRound.objects.create(manifesto=manifesto, fiscal_year=2025, as_of=date(2026, 3, 31))
    YearlyAction.objects.create(round=later, initiative=first, extra_values={"k1": "1"})
    with pytest.raises(RoundProblem, match="「就職者」に、あとから入力されたものがある"):
        taking_back.take_back(outcome.round, by=planner, reason="別の表だった")


def test_the_year_after_keeps_what_the_year_before_told(planner: User) -> None:
    publishing.publish(load(table_of()).round, by=planner.signature)
    headings = tuple(str(each).replace("令和6年度の取組", "令和7年度の取組") for each in HEADINGS)
    rows = (("①保育士をふやします", "・続けた。", *NURSES[2:]), (None, "・待った。", *WAITING[2:]))
    later = made([[TITLE.replace("令和7年", "令和8年")], *LEGEND, ["1 子ども"], headings, *rows])
    roles = (*("pledge", "result 2025", "indicator", "unit", "target 2025", "target 2026"), *LATER_FIGURES)
    outcome = load(later, roles)
    assert values(2024) == [{"k1": "1020", "x1": "順調です。"}, {"k2": "5"}]  # as the later table has them
    assert values(2025) == [{"k1": "1250.5", "x1": "順調です。"}, {"k2n": "調査中"}]
    results = YearlyAction.objects.filter(round__fiscal_year=2024).values_list("result", flat=True)
    assert set(results) == {"・募集した。", "・園を建てた。"}
    assert outcome.created["ReportingRound"] == 1


def test_a_load_asks_the_same_number_of_questions_for_any_number_of_indicators() -> None:
    def asked(count: int) -> int:
        rows = [(f"①公約{number}", *NURSES[1:]) for number in range(count)]
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            load(table_of(*rows))
            transaction.set_rollback(True)
        return len(queries)

    assert asked(2) == asked(9)

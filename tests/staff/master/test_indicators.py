"""The file of indicators: what export writes import reads, and a wrong cell is told with its row."""

from django.test import Client

from tests.indicators import define
from tests.staff.master.exchanging import as_csv, confirm, errors_of, export, rows_of, upload
from tests.workspace import Workspace
from tracker.models import Indicator

NEW = ["", "件", "", "", "", "", "", "R6 1,200", "", "", ""]


def test_what_export_writes_import_reads(planner: Client, space: Workspace) -> None:
    define(space.row(1).initiative, note="数え方\n二行目")
    define(
        space.row(2).initiative, "待機児童数", direction="down", formula="from_base", base_value="1,000",
        base_fiscal_year=2022, is_of_pledge=True, target_lines="令和6年度：500",
    )  # fmt: skip
    content = export(planner, Indicator)
    heads, _first, second = rows_of(content)
    assert heads[:3] == ["マニフェスト", "取組の番号", "名称"]
    told = dict(zip(heads, second, strict=True))
    assert (told["目指す方向"], told["達成率の計算"], told["基準値"]) == (
        "減らす",
        "基準値からの進み",
        "1000",
    )
    assert (told["公約全体の指標"], told["基準値の年度"]) == ("はい", "2022")
    assert upload(planner, Indicator, content).context["outcome"].counts["skip"] == 2


def test_new_ones_go_behind_the_others_of_their_initiative(planner: Client, space: Workspace) -> None:
    define(space.row(1).initiative)
    [heads, _row] = rows_of(export(planner, Indicator))
    place = space.row(1).place
    rows = [[space.manifesto.slug, place, name, *NEW] for name in ("二つ目", "三つ目")]
    confirm(planner, Indicator, upload(planner, Indicator, as_csv([heads, *rows])))
    made = Indicator.objects.filter(initiative=space.row(1).initiative_id).order_by("position")
    assert [(each.position, each.name, each.code) for each in made] == [
        (1, "相談件数", "k1"),
        (2, "二つ目", "k2"),
        (3, "三つ目", "k3"),
    ]
    assert made[1].targets == {2024: "1200"}


def test_a_wrong_cell_is_told_with_its_row(planner: Client, space: Workspace) -> None:
    define(space.row(1).initiative)
    [heads, row] = rows_of(export(planner, Indicator))
    for heading, typed, words in (
        ("目標", "令和6年度：約5", "令和6年度の目標：数として読めません"),
        ("目指す方向", "上げる", "「増やす」「減らす」「維持する」のどれか"),
        ("取組の番号", "9-9-9-9", "「9-9-9-9」という取組はありません"),
        ("小数の桁数", "二", "桁数として読めません"),
    ):
        wrong = [typed if name == heading else cell for name, cell in zip(heads, row, strict=True)]
        [told] = errors_of(upload(planner, Indicator, as_csv([heads, wrong])))
        assert words in str(told)
        assert heading in str(told)

"""The desk's lists as Excel: what the pages list, whole, in cells that run nothing."""

import io
from urllib.parse import unquote

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests.indicators import define
from tests.staff.desk.test_left_out import form_of, turned
from tests.staff.desk.test_other_rounds import approved
from tests.staff.people import fill, logged_in, submit
from tests.two_manifestos import NEW, TwoManifestos
from tests.workspace import Workspace
from tracker.models import ReportingRound, YearlyAction
from tracker.workbooks.cell_text import TOO_LONG


def opened(response: HttpResponse) -> Workbook:
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def rows_of(book: Workbook, sheet: int = 0) -> list[list[object]]:
    return [[cell.value for cell in row] for row in book.worksheets[sheet].iter_rows()]


def file_name(response: HttpResponse) -> str:
    return unquote(response["Content-Disposition"].rpartition("''")[2])


def test_the_queue_s_file_has_the_filter_s_rows_with_all_their_texts(space: Workspace) -> None:
    long = "・" + "長い文章。" * 500
    define(space.row(1).initiative)
    row = submit(
        space.row(1),
        space.cast.clerk,
        result=long,
        plan="=1+1",
        rating_id=space.ratings["C"].pk,
        rating_reason="用地の取得が遅れたため",
        extra_values={"k1": "1100", "k1n": "速報値です"},
    )
    submit(space.row(2), space.cast.other)
    client = logged_in(space.cast.planner)
    response = client.get(f"/staff/queue/list.xlsx?round={space.round.pk}&change=changed")
    assert file_name(response) == f"取組の一覧_令和6年度_{timezone.localdate().isoformat()}.xlsx"
    book = opened(response)
    headings, line = rows_of(book)
    found = dict(zip(headings, line, strict=True))
    assert found.pop("提出した日時")
    assert found == {
        "番号": row.place, "分野": "1. まち", "項目": "(1) 道路", "公約": "①駅を直します", "取組": "取組1",
        "担当課": "土木課", "状態": "提出済", "前回の評価": "B おおむね達成", "今回の評価": "C 一部達成",
        "評価の変化": "評価が下がった", "評価を変えた理由": "用地の取得が遅れたため",
        "主な取組（令和6年度）": long, "取組予定（令和7年度）": "・=1+1", "提出した人": "試験 clerk",
        "指標": "相談件数：1,100 件（目標 1,200 件、未達、91.6%）　速報値です",
        "締切": None, "承認した人": None, "企画からの差戻し": None, "課長からの差戻し": None,
    }  # fmt: skip
    assert {cell.data_type for cell in book.worksheets[0][2] if cell.value} == {"s"}
    about = dict(rows_of(book, 1)[1:])  # type: ignore[arg-type]
    assert about["絞り込み（評価の変化）"] == "評価が変わった"
    assert (about["絞り込み（状態）"], about["「取組の一覧」の行数"]) == ("提出済", 1)


def test_a_text_that_no_cell_holds_is_told_in_its_place(space: Workspace) -> None:
    row = fill(space.row(1), space.cast.clerk)
    YearlyAction.objects.filter(pk=row.pk).update(result="長" * 40_000)
    book = opened(logged_in(space.cast.planner).get("/staff/queue/list.xlsx?state=draft"))
    headings, line = rows_of(book)
    assert dict(zip(headings, line, strict=True))["主な取組（令和6年度）"] == TOO_LONG


def test_the_board_s_file_has_numbers(space: Workspace) -> None:
    submit(space.row(1), space.cast.clerk)
    client = logged_in(space.cast.administrator)
    response = client.get(f"/staff/rounds/{space.round.pk}/board.xlsx")
    assert file_name(response).startswith("担当課ごとの進み具合_令和6年度_")
    headings, *lines = rows_of(opened(response))
    shown = client.get(f"/staff/rounds/{space.round.pk}/").context
    assert [line[0] for line in lines] == ["土木課", "農政課", "担当課なし（企画）", "合計"]
    whole = dict(zip(headings, lines[-1], strict=True))
    assert (whole["提出済"], whole["計"], whole["提出まで済んだ割合（%）"]) == (
        1,
        4,
        shown["whole"].done_percent,
    )
    assert [line[headings.index("計")] for line in lines[:-1]] == [line.total for line in shown["lines"]]


def test_the_worsened_rows_file_says_what_the_page_says(space: Workspace) -> None:
    row = approved(space, 1, "C")
    response = logged_in(space.cast.planner).get(f"/staff/rounds/{space.round.pk}/worsened.xlsx")
    headings, line = rows_of(opened(response))
    found = dict(zip(headings, line, strict=True))
    assert found["番号"] == row.place
    told = [found[name] for name in ("前回の評価", "今回の評価", "評価を変えた理由", "状態")]
    assert told == ["B おおむね達成", "C 一部達成", "理由", "承認済"]


def test_the_bulk_list_s_file_tells_what_is_left_out_and_what_is_not_in_it(space: Workspace) -> None:
    rows = [submit(space.row(number), space.cast.both) for number in (1, 2)]
    changed = submit(
        space.row(3), space.cast.both, rating_id=space.ratings["C"].pk, rating_reason="遅れたため"
    )
    client = logged_in(space.cast.planner)
    page = turned(client, client.get("/staff/queue/approve/"), "1", rows[1].pk)
    assert form_of(page)["leave"] == [str(rows[1].pk)]
    book = opened(client.get(f"/staff/queue/approve/list.xlsx?{page.context['kept_query']}"))
    assert [(line[0], line[-1]) for line in rows_of(book)[1:]] == [
        (rows[0].place, None),
        (rows[1].place, "外す"),
    ]
    assert [(line[0], line[-1]) for line in rows_of(book, 1)[1:]] == [
        (changed.place, "評価が変わっています。")
    ]


def test_a_file_names_its_manifesto_where_there_are_several(two: TwoManifestos) -> None:
    client = logged_in(two.new.cast.planner)
    response = client.get(f"/staff/rounds/{two.new.round.pk}/board.xlsx")
    assert file_name(response).startswith(f"担当課ごとの進み具合_{NEW}_令和6年度_")


def test_no_round_has_no_list(space: Workspace) -> None:
    YearlyAction.objects.all().delete()
    ReportingRound.objects.all().delete()
    client = logged_in(space.cast.planner)
    assert client.get("/staff/queue/list.xlsx").status_code == 404
    assert client.get("/staff/queue/approve/list.xlsx").status_code == 404

"""一覧表 (one row per initiative, Japanese headings) and the JSON of one pledge."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl

from tests.public.building import copy_report, make_entry, save_report, term
from tests.public.conftest import Site
from tests.public.open_data.reading import Downloaded, file_name
from tracker.models import ReportEntry
from tracker.public.open_data.writing import _height


def summary(site: Site, day: str = "2024-03-31") -> list[dict[str, str]]:
    content = site.get(f"/2017/data/{file_name('summary', '.csv', day)}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def two_years() -> None:
    """Up, down, the same, newly rated, moved, new; the second report has no text of its own for one."""
    first = save_report([make_entry(n, rating_code=code) for n, code in enumerate("BAC", 1)] + [
        make_entry(4, rating_code=""), make_entry(5, rating_code="D")])  # fmt: skip

    def next_year(found: list[ReportEntry]) -> list[ReportEntry]:
        for entry, code in zip(found, ("A", "C", "C", "E", "C"), strict=True):
            entry.rating_code = code
        found[1].rating_reason = "=入札が不調のため"
        found[0].departments = [term("001", "土木課"), term("002", "旧課", "past"), term("003", "道路課")]
        found[0].other_departments = True
        moved = found[4]
        moved.former_pledge_keys, moved.pledge_key, moved.key = [moved.pledge_key], "1-1-19", "1-1-19-1"
        return [*found, make_entry(20, rating_code="A", results={"2022": "・測量\n・設計"}, plans={})]

    copy_report(first, as_of=date(2025, 3, 31), change=next_year)


def test_summary_tells_each_initiative_with_its_rating_before(site: Site, db: None) -> None:
    two_years()
    rows = summary(site, "2025-03-31")
    names = ("前回の評価", "評価", "評価の動き")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("おおむね達成", "達成", "上がった"),
        ("達成", "一部達成", "下がった"),
        ("一部達成", "一部達成", "同じ"),
        ("評価なし", "未着手", "評価が付いた・なくなった"),
        ("検討・準備中", "一部達成", "上がった"),
        ("", "達成", "新しい取組"),
    ]
    assert {row["前回の時点"] for row in rows[:5]} == {"2024-03-31"}
    assert (rows[0]["担当課"], rows[1]["評価を変えた理由"]) == ("土木課、道路課、ほか", "'=入札が不調のため")
    assert rows[0]["最新の取組の年度"] == "令和5年度"
    assert (rows[5]["最新の取組の年度"], rows[5]["最新の取組"], rows[5]["予定"]) == (
        "令和4年度",
        "・測量 ・設計",
        "",
    )
    first = summary(site)
    assert {(row["前回の評価"], row["評価の動き"]) for row in first} == {("", "")}


def test_summary_is_the_same_in_every_format_and_can_be_read_at_once(site: Site, db: None) -> None:
    two_years()
    rows = summary(site, "2025-03-31")
    answer = site.get(f"/2017/data/{file_name('summary', '.json', '2025-03-31')}").json()
    assert answer["columns_version"] == 9
    assert [[str(value or "") for value in row.values()][10] for row in answer["rows"]] == [
        row["公約"] for row in rows
    ]
    book = openpyxl.load_workbook(
        io.BytesIO(site.get(f"/2017/data/{file_name('summary', '.xlsx', '2025-03-31')}").content)
    )
    sheet = book["summary"]
    header, *lines = sheet.iter_rows(values_only=True)
    assert [list(header), len(lines)] == [list(rows[0]), len(rows)]
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert {sheet.row_dimensions[number].height for number in range(1, len(lines) + 2)} == {18.0, 36.0}
    assert [_height(["あ" * count, 1, None], [62, 5, 5]) for count in (58, 60)] == [36.0, 54.0]
    setup, footer = sheet.page_setup, sheet.oddFooter
    assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == ("landscape", 1, 0)
    assert (sheet.print_title_rows, footer.center.text) == ("$1:$1", "&P / &N")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:AC7")
    assert sheet.print_area == "'summary'!$G$1:$AC$7"  # what each row says alike is not printed
    assert {cell.alignment.vertical for row in sheet.iter_rows() for cell in row if cell.value} == {"top"}
    assert widths["公約"] >= 2 * len("公約20を進めます")
    assert widths["前回の評価"] >= 2 * len("おおむね達成")
    old = site.get(f"/2017/data/{file_name('summary', '_cp932.csv', '2025-03-31')}").content.decode("cp932")
    assert [row["評価"] for row in csv.DictReader(io.StringIO(old))] == [row["評価"] for row in rows]


def test_files_of_all_tables_know_nothing_of_it(city: Downloaded) -> None:
    assert "summary" not in openpyxl.load_workbook(io.BytesIO(city.raw["all", ".xlsx"])).sheetnames
    assert {row["table_name"] for row in city.json["definitions"].rows} & {"summary"} == set()


def pledge(site: Site, path: str) -> Any:
    answer = site.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")
    return answer.json()


def test_a_pledge_has_its_own_data_beside_its_page(site: Site, db: None) -> None:
    two_years()
    page = site.page("/2017/pledges/1-1-19/")
    (address,) = [
        e.attributes["href"] for e in page.all("link") if e.attributes.get("type") == "application/json"
    ]
    found = pledge(site, address)
    assert address in page.one("aside", "permalink").links
    assert found["page"] == "/2017/pledges/1-1-19/"
    assert (found["manifesto"], found["as_of"], found["edition"]) == ("2017", "2025-03-31", 1)
    tables = found["tables"]
    assert [row["initiative_key"] for row in tables["initiatives"]] == ["1-1-19-1"]
    told = [(row["report_as_of"], row["rating_code"]) for row in tables["rating_history"]]
    assert told == [("2024-03-31", "D"), ("2025-03-31", "C")]
    assert tables["former_pledge_keys"][0]["former_pledge_key"] == "1-1-5"
    assert [row["rating_code"] for row in tables["ratings"]] == list("ABCDE")
    old = pledge(site, "/2017/reports/2024-03-31/pledges/1-1-5.json")
    assert old["tables"]["initiatives"][0]["rating_code"] == "D"


def test_where_a_pledge_stood_leads_to_its_data(site: Site, db: None) -> None:
    two_years()
    answer = site.get("/2017/pledges/1-1-5.json")
    assert (answer.status_code, answer["Location"]) == (301, "/2017/pledges/1-1-19.json")
    assert site.status("/2017/pledges/9-9-9.json") == 404

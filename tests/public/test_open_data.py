"""Open data, rule by rule (行政データにおける機械可読性に関するルール, 2026)."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.public.building import RATINGS, YEARS, copy_report, make_entry, save_report, term
from tests.public.conftest import Row, Site, entries_of
from tracker.fiscal_years import short_label
from tracker.models import Report
from tracker.public import open_data
from tracker.public.open_data import CONTENT_TYPES, DATA_SETS, file_name, number_of, parse_file_name, plain

FILES = [(data_set, suffix) for data_set in DATA_SETS for suffix in CONTENT_TYPES]
SETS = pytest.mark.parametrize("data_set", list(DATA_SETS))


def name_of(data_set: str, suffix: str, day: str = "2024-03-31", edition: int = 1) -> str:
    return f"102041_manifesto-{data_set}_{day}_e{edition}.{suffix}"


def content(site: Site, data_set: str, suffix: str, slug: str = "2021", **which: Any) -> bytes:
    answer = site.get(f"/{slug}/data/{name_of(data_set, suffix, **which)}")
    assert answer.status_code == 200
    found: bytes = answer.content
    return found


def csv_rows(site: Site, data_set: str, slug: str = "2021") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(site, data_set, "csv", slug).decode("utf-8-sig"), newline="")))


def csv_records(site: Site, data_set: str, slug: str = "2021") -> list[dict[str, str]]:
    header, *rows = csv_rows(site, data_set, slug)
    return [dict(zip(header, row, strict=True)) for row in rows]


def json_of(site: Site, data_set: str, slug: str = "2021") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content(site, data_set, "json", slug))
    return found


def sheet_of(site: Site, data_set: str, slug: str = "2021") -> Any:
    return sheet(content(site, data_set, "xlsx", slug), data_set)


@lru_cache(maxsize=4)
def sheet(raw: bytes, data_set: str) -> Any:
    """A workbook's only sheet, read once."""
    book = openpyxl.load_workbook(io.BytesIO(raw))
    assert book.sheetnames == [data_set]
    return book[data_set]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Here the cache stays: files take long to make, and a report's files never change."""


@SETS
def test_header_is_one_row_of_unique_plain_names(site: Site, demo: Report, data_set: str) -> None:
    header = csv_rows(site, data_set)[0]
    assert [name for name in header if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []
    assert len(set(header)) == len(header)
    assert [column["name"] for column in json_of(site, data_set)["columns"]] == header
    assert [cell.value for cell in sheet_of(site, data_set)[1]] == header


@SETS
def test_csv_has_a_bom_crlf_and_quotes_everything(site: Site, demo: Report, data_set: str) -> None:
    raw = content(site, data_set, "csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\xef\xbb\xbf") == 1
    text = raw.decode("utf-8-sig")
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == len(csv_rows(site, data_set))
    assert [line for line in text.splitlines() if not re.fullmatch(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*', line)] == []


@SETS
def test_csv_has_no_blank_row_or_column(site: Site, demo: Report, data_set: str) -> None:
    header, *rows = csv_rows(site, data_set)
    assert [row for row in rows if len(row) != len(header) or not any(row)] == []
    always = [name for name, values in zip(header, zip(*rows, strict=True), strict=True) if all(values)]
    assert [name for name in ("municipality_code", "initiative_key", "category_name", "pledge_text") if name not in always] == []


@SETS
def test_excel_is_one_plain_table(site: Site, demo: Report, data_set: str) -> None:
    sheet = sheet_of(site, data_set)
    assert list(sheet.merged_cells.ranges) == []
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type in {"f", "e", "d"}] == []
    assert [row for row in sheet.iter_rows(values_only=True) if not any(value is not None for value in row)] == []
    assert [each for each in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()) if each.hidden] == []
    assert sheet.max_row == len(csv_rows(site, data_set))


@SETS
def test_formats_agree_row_by_row(site: Site, demo: Report, data_set: str) -> None:
    header, *rows = csv_rows(site, data_set)
    in_excel = list(sheet_of(site, data_set).iter_rows(min_row=2, values_only=True))
    in_json = [[record[name] for name in header] for record in json_of(site, data_set)["rows"]]
    assert [["" if value is None else str(value) for value in row] for row in in_excel] == rows
    assert [["" if value is None else str(plain(value)) for value in row] for row in in_json] == rows


@SETS
def test_numbers_are_numbers(site: Site, demo: Report, data_set: str) -> None:
    content = json_of(site, data_set)
    types = {column["name"]: column["type"] for column in content["columns"]}
    kinds = {"整数": int, "文字列": str, "日付": str}
    wrong = [
        (name, value)
        for row in content["rows"]
        for name, value in row.items()
        if value is not None and type(value) is not kinds[types[name]]
    ]
    assert wrong == []
    sheet = sheet_of(site, data_set)
    header = [cell.value for cell in sheet[1]]
    found = {
        (name, type(value))
        for row in sheet.iter_rows(min_row=2, values_only=True)
        for name, value in zip(header, row, strict=True)
        if value is not None
    }
    assert [(name, kind) for name, kind in found if kind is not kinds[types[name]]] == []


@SETS
def test_every_row_says_whose_it_is_and_as_of_when(site: Site, demo: Report, data_set: str) -> None:
    names = ("municipality_code", "municipality_name", "manifesto", "as_of", "edition")
    assert {tuple(row[name] for name in names) for row in csv_records(site, data_set)} == {
        ("102041", "伊勢崎市", "2021", "2024-03-31", "1")
    }


@SETS
def test_plain_formats_have_no_platform_dependent_characters(site: Site, demo: Report, data_set: str) -> None:
    """Everything is in JIS X 0208, but for one wave dash's spelling and a character the city itself misprinted."""
    text = content(site, data_set, "csv").decode("utf-8-sig")
    values = [value for row in sheet_of(site, data_set).iter_rows(values_only=True) for value in row if isinstance(value, str)]
    for wording in (text, "".join(values)):
        assert {character for character in wording if not in_jis(character)} == {"～", "厅"}


def in_jis(character: str) -> bool:
    try:
        character.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("①②⑳", "(1)(2)(20)"),
        ("❶❾➀", "(1)(9)(1)"),
        ("⓪⑴⒈", "(0)(1)(1)"),
        ("㊿㉑", "(50)(21)"),
        ("㈱㈲", "(株)(有)"),
        ("Ⅲⅳ", "IIIiv"),
        ("㎡㌔㏍", "m2キロKK"),
        ("㍻㋿", "平成令和"),
        ("№℡", "NoTEL"),
        ("ⒶⒷ", "(A)(B)"),
        ("½", "½"),
        ("∞〝〟～神髙℃", "∞〝〟～神髙℃"),
        ("=令和6年度", "=令和6年度"),
        ("", ""),
        (3, 3),
        (None, None),
    ],
)
def test_plain_rewrites_just_the_dependent_characters(wording: Any, expected: Any) -> None:
    assert plain(wording) == expected


@pytest.mark.parametrize(("label", "number"), [("④", 4), ("⑳", 20), ("(12)", 12), ("１２", 12), ("", None), ("ア", None)])
def test_number_of_a_printed_label(label: str, number: int | None) -> None:
    assert number_of(label) == number


def test_json_keeps_the_exact_wording(site: Site, demo: Report, rows: list[Row]) -> None:
    records = {record["initiative_key"]: record for record in json_of(site, "initiatives")["rows"]}
    assert list(records) == [row.key for row in rows]
    codes = {row.key: sorted((r.code, r.name) for r in row.initiative.plan_projects) for row in rows}
    assert {
        key: sorted((r[f"plan_code_{n}"], r[f"plan_name_{n}"]) for n in range(1, 6) if r[f"plan_name_{n}"])
        for key, r in records.items()
    } == codes
    assert any("❶" in code for own in codes.values() for code, _name in own)
    assert {key: record["pledge_text"] for key, record in records.items()} == {row.key: row.pledge.text for row in rows}


def test_initiatives_say_what_the_table_says(site: Site, demo: Report, rows: list[Row]) -> None:
    percent = {"A": "100", "B": "75", "C": "50", "D": "25", "E": "0", "": ""}
    for record, row in zip(csv_records(site, "initiatives"), rows, strict=True):
        assert record["initiative_key"] == row.key
        assert (record["rating_status"], record["rating_code"]) == ("rated" if row.rating else "unrated", row.rating)
        assert record["rating_percent"] == percent[row.rating]
        assert record["other_departments"] == str(int(row.initiative.others))
        assert [v for n in range(1, 6) if (v := record[f"department_{n}"])] == row.departments_in(2023)
        goals = row.initiative.sdgs
        assert record["sdgs_status"] == ("unknown" if goals is None else "listed" if goals else "none")
        assert [v for n in range(1, 6) if (v := record[f"sdg_{n}"])] == [str(goal) for goal in goals or ()]
        assert (record["category_name"], record["section_name"]) == (row.category.name, row.section.name)
        assert record["pledge_number"] == str(number_of(row.pledge.number) or "")


def test_unrated_is_blank_and_never_zero(site: Site, demo: Report) -> None:
    unrated = [row for row in json_of(site, "initiatives")["rows"] if row["rating_status"] == "unrated"]
    assert [(row["rating_code"], row["rating_label"], row["rating_percent"]) for row in unrated] == [(None, None, None)] * 4
    rated = [row for row in json_of(site, "initiatives")["rows"] if row["rating_code"] == "E"]
    assert [row["rating_percent"] for row in rated] == [0] * 4


def test_actions_joined_are_the_report_s_texts(site: Site, demo: Report) -> None:
    joined: dict[tuple[str, str, int], list[str]] = {}
    for row in json_of(site, "actions")["rows"]:
        lines = joined.setdefault((row["initiative_key"], row["kind"], row["fiscal_year"]), [])
        lines.append(("・" if row["line_type"] == "bullet" else "") + row["text"])
        assert row["line_number"] == len(lines)
    expected = {
        (entry.key, kind, int(year)): text
        for entry in entries_of(demo)
        for kind, texts in (("result", entry.results), ("plan", entry.plans))
        for year, text in texts.items()
        if text
    }
    assert {key: "\n".join(lines) for key, lines in joined.items()} == expected


def test_actions_tell_year_and_continuation(site: Site, demo: Report) -> None:
    rows = json_of(site, "actions")["rows"]
    assert {(r["fiscal_year"], r["fiscal_year_label"], r["kind"], r["is_cumulative"]) for r in rows} == {
        *(
            (2021, "令和3年度", "result", 1),
            (2022, "令和4年度", "result", 0),
            (2023, "令和5年度", "result", 0),
            (2024, "令和6年度", "plan", 0),
        )
    }
    assert sum(r["is_continuation"] for r in rows) >= 330
    wrong = [r for r in rows if r["is_continuation"] != int("引き続き" in r["text"] and r["continues_fiscal_year"] is not None)]
    assert wrong == []
    assert [
        r
        for r in rows
        if r["is_continuation"] and short_label(r["continues_fiscal_year"]) not in str(plain(r["text"])).replace("５", "5")
    ] == []


def test_years_are_columns_of_the_report(site: Site, db: None) -> None:
    save_report([make_entry(1, results={"2022": "次のとおり\n・甲\n・乙", "2023": ""})])
    record = json_of(site, "initiatives", "2017")["rows"][0]
    assert {name: value for name, value in record.items() if re.search(r"_20\d\d$", name)} == {
        "result_2022": "次のとおり ・甲 ・乙",
        "result_2023": None,
        "plan_2024": "・工事を始めます。",
    }


def test_many_values_make_more_columns(site: Site, db: None) -> None:
    save_report(
        [make_entry(1, departments=[term(f"{n:03d}", f"第{n}課") for n in range(1, 8)], sdgs=[*range(1, 7)]), make_entry(2)]
    )
    header = csv_rows(site, "initiatives", "2017")[0]
    assert [name for name in header if name.startswith("department_")] == [f"department_{n}" for n in range(1, 8)]
    assert [name for name in header if re.fullmatch(r"sdg_\d", name)] == [f"sdg_{n}" for n in range(1, 7)]
    assert [csv_records(site, "initiatives", "2017")[1][f"department_{n}"] for n in (1, 2, 7)] == ["土木課", "", ""]


HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    'a"b',
    "a,b",
    "<script>",
    "_x000D_",
    "0012",
    "2024-03-31",
    "TRUE",
]


@pytest.mark.parametrize("wording", HOSTILE)
def test_text_that_looks_like_something_else_stays_text(site: Site, db: None, wording: str) -> None:
    save_report([make_entry(1, pledge_text=wording)])
    sheet = sheet_of(site, "initiatives", "2017")
    cell = next(c for c, head in zip(sheet[2], sheet[1], strict=True) if head.value == "pledge_text")
    assert (cell.value, cell.data_type) == (wording, "s")
    assert csv_records(site, "initiatives", "2017")[0]["pledge_text"] == wording
    assert json_of(site, "initiatives", "2017")["rows"][0]["pledge_text"] == wording


def test_control_characters_do_not_break_a_workbook(site: Site, db: None) -> None:
    save_report([make_entry(1, pledge_text="甲\x0b乙")])
    sheet = sheet_of(site, "initiatives", "2017")
    assert [c.value for c, head in zip(sheet[2], sheet[1], strict=True) if head.value == "pledge_text"] == ["甲乙"]


@pytest.mark.parametrize(("data_set", "suffix"), FILES)
def test_file_says_what_it_is(site: Site, demo: Report, data_set: str, suffix: str) -> None:
    name = name_of(data_set, suffix)
    answer = site.get(f"/2021/data/{name}")
    assert name.isascii()
    assert answer["Content-Type"] == CONTENT_TYPES[suffix]
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("wrong", [
    "102042_manifesto-initiatives_2024-03-31_e1.csv",
    "102041_manifesto-ratings_2024-03-31_e1.csv",
    "102041_manifesto-initiatives_2024-03-31_e2.csv",
    "102041_manifesto-initiatives_2024-03-31_e0.csv",
    "102041_manifesto-initiatives_2023-03-31_e1.csv",
    "102041_manifesto-initiatives_2024-13-31_e1.csv",
    "102041_manifesto-initiatives_2024-03-31_e1.xls",
    "102041_manifesto-initiatives_2024-03-31_e1.csv.gz",
    "102041_manifesto-initiatives_2024-03-31_e1",
    "102041_manifesto-initiatives_２０２４-03-31_e1.csv",
    "../settings.py",
    "x",
])  # fmt: skip
def test_file_of_a_wrong_name_is_not_found(site: Site, demo: Report, wrong: str) -> None:
    assert site.status(f"/2021/data/{wrong}") == 404


def test_file_of_another_manifesto_is_not_found(site: Site, demo: Report) -> None:
    save_report([make_entry(1)], as_of=date(2021, 3, 31))
    assert site.status(f"/2017/data/{name_of('initiatives', 'csv')}") == 404
    assert site.status(f"/2017/data/{name_of('initiatives', 'csv', '2021-03-31')}") == 200


@pytest.mark.parametrize(("data_set", "suffix"), FILES)
def test_file_name_can_be_read_back(data_set: str, suffix: str) -> None:
    name = file_name(data_set, date(2024, 3, 31), 12, suffix)
    assert parse_file_name(name) == (data_set, date(2024, 3, 31), 12, suffix)


def test_json_tells_report_scale_and_licence(site: Site, demo: Report) -> None:
    content = json_of(site, "initiatives")
    head = {name: value for name, value in content.items() if name not in ("columns", "rows", "ratings")}
    assert head == {
        "title": demo.title,
        "data_set": "initiatives",
        "as_of": "2024-03-31",
        "edition": 1,
        "correction_reason": None,
        "unapproved_reason": None,
        "digest": demo.digest,
        "license": "CC BY 4.0",
    }
    assert content["ratings"] == [
        {name: rating[name] for name in ("code", "label", "definition", "percent")} for rating in demo.ratings
    ]


def test_data_page_lists_files_that_are_there(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2)
    links = [link for each in site.page("/2021/data/").all("ul", "files") for link in each.links]
    assert links == [
        f"/2021/data/{name_of(data_set, suffix, edition=edition)}" for edition in (2, 1) for data_set, suffix in FILES
    ]
    assert [link for link in links if site.status(link) != 200] == []


def test_data_page_defines_every_column(site: Site, demo: Report) -> None:
    tables = site.page("/2021/data/").all("table", "definitions")
    defined = [[row[0] for row in table.table_rows()[1:]] for table in tables]
    assert defined == [csv_rows(site, data_set)[0] for data_set in DATA_SETS]
    assert [row for table in tables for row in table.table_rows() if not all(row)] == []


def test_definitions_of_percentages_have_a_unit(site: Site, demo: Report) -> None:
    columns = {column["name"]: column["description"] for column in json_of(site, "initiatives")["columns"]}
    assert columns["rating_percent"] == "評価が表す進捗率の目安（単位：％）。評価なしは空欄"


def json_ld(site: Site, path: str) -> dict[str, Any]:
    script = site.page(path).one("script", type="application/ld+json")
    found: dict[str, Any] = json.loads("".join(child for child in script.children if isinstance(child, str)))
    return found


def test_json_ld_describes_the_newest_report(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2025, 3, 31), published_at=datetime(2025, 5, 9, 15, 30, tzinfo=UTC))
    found = json_ld(site, "/2021/data/")
    assert {name: found[name] for name in ("@type", "url", "license", "temporalCoverage", "version")} == {
        "@type": "Dataset",
        "url": "/2021/data/",
        "license": "https://creativecommons.org/licenses/by/4.0/deed.ja",
        "temporalCoverage": "2021-04-01/2025-03-31",
        "version": "2025-03-31 e1",
    }
    assert found["dateModified"] == "2025-05-10"  # the day in Japan, as the page says
    assert site.page("/2021/data/").texts("time") == ["令和7年5月10日"]
    addresses = [each["contentUrl"] for each in found["distribution"]]
    assert addresses == [f"/2021/data/{name_of(data_set, suffix, '2025-03-31')}" for data_set, suffix in FILES]
    for each in found["distribution"]:
        assert site.get(each["contentUrl"])["Content-Type"].split(";")[0] == each["encodingFormat"]


def test_json_ld_cannot_close_its_script(site: Site, db: None) -> None:
    save_report([make_entry(1)], title="</script><script>alert(1)</script>&<!--")
    assert json_ld(site, "/2017/data/")["name"] == "伊勢崎市 </script><script>alert(1)</script>&<!--"


def test_report_without_results_has_a_data_page(site: Site, db: None) -> None:
    save_report([make_entry(1, results={}, plans={})], years=[])
    assert json_ld(site, "/2017/data/")["temporalCoverage"] == "2023-04-01/2024-03-31"
    assert len(csv_rows(site, "actions", "2017")) == 1


def test_other_licence_and_city_are_written(site: Site, db: None, settings: Settings) -> None:
    cache.clear()
    settings.DATA_LICENSE, settings.CITY_NAME, settings.CITY_CODE = "PDL 1.0", "前橋市", "102016"
    save_report([make_entry(1)])
    assert json_ld(site, "/2017/data/")["license"] == "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"
    answer = site.get("/2017/data/102016_manifesto-initiatives_2024-03-31_e1.json")
    assert (answer.json()["license"], answer.json()["rows"][0]["municipality_name"]) == ("PDL 1.0", "前橋市")
    cache.clear()


def test_files_of_an_edition_stay_the_same_bytes(site: Site, demo: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is published later, and whenever the file is made."""
    before = {(data_set, suffix): content(site, data_set, suffix) for data_set, suffix in FILES}
    copy_report(demo, as_of=demo.as_of, edition=2, change=lambda entries: entries[1:], ratings=RATINGS)
    copy_report(demo, as_of=date(2025, 3, 31), change=lambda entries: entries[2:], years=YEARS)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls(2031, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    after = {(data_set, suffix): content(site, data_set, suffix) for data_set, suffix in FILES}
    assert [each for each in before if before[each] != after[each]] == []
    with zipfile.ZipFile(io.BytesIO(after["initiatives", "xlsx"])) as book:
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_corrected_edition_says_why(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2, correction_reason="転記の誤り")
    found = json.loads(content(site, "initiatives", "json", edition=2))
    assert (found["edition"], found["correction_reason"], {row["edition"] for row in found["rows"]}) == (2, "転記の誤り", {2})


def test_columns_are_made_for_any_report(db: None) -> None:
    report = save_report([make_entry(1)])
    for data_set in DATA_SETS:
        assert open_data.columns_of(data_set, report, [])[0].name == "municipality_code"


def test_excel_says_where_the_rest_of_a_too_long_text_is(site: Site, db: None) -> None:
    wording = "あ" * 40_000
    save_report([make_entry(1, results={"2023": f"・{wording}"})])
    rows = list(sheet_of(site, "actions", "2017").iter_rows(values_only=True))
    text = dict(zip(rows[0], rows[1], strict=True))["text"]
    assert (len(text), text) == (32_767, "あ" * (32_767 - len(open_data.CUT)) + open_data.CUT)
    assert csv_records(site, "actions", "2017")[0]["text"] == wording


def test_a_plan_project_without_a_code_has_no_code(site: Site, db: None) -> None:
    save_report([make_entry(1, plan_projects=[{"code": "", "base_code": "", "name": "番号のない事業"}])])
    row = json_of(site, "initiatives", "2017")["rows"][0]
    assert (row["plan_code_1"], row["plan_name_1"]) == (None, "番号のない事業")

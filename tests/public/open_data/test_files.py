"""The files: their names, what they are together, and that they stay the same bytes."""

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from tests.public.building import RATINGS, YEARS, copy_report, make_entry, save_report
from tests.public.conftest import Site
from tests.public.open_data.reading import ENDINGS, ENDINGS_OF_ALL, TABLES, Downloaded, file_name
from tests.public.open_data.reports import HOSTILE, SYMBOLS, awkward_entries
from tracker.models import Report
from tracker.public.open_data import files, writing
from tracker.public.open_data.characters import plain
from tracker.public.open_data.files import DataFile, file_named, formats_of
from tracker.public.open_data.table import APART, ONLY_WITH_ROWS

CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    "_cp932.csv": "text/csv; charset=windows-31j",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json; charset=utf-8",
    ".zip": "application/zip",
    "_cp932.zip": "application/zip",
}
ALL_FILES = [(table, ending) for table in TABLES for ending in ENDINGS] + [
    ("all", ending) for ending in ENDINGS_OF_ALL
]


@pytest.mark.parametrize(
    ("content", "ending"), [("initiatives", e) for e in ENDINGS] + [("all", e) for e in ENDINGS_OF_ALL]
)
def test_file_says_what_it_is(site: Site, db: None, content: str, ending: str) -> None:
    save_report([make_entry(1)])
    name = file_name(content, ending)
    answer = site.get(f"/2017/data/{name}")
    assert name.isascii()
    assert answer["Content-Type"] == CONTENT_TYPES[ending]
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("wrong", [
    "102042_manifesto-initiatives_2024-03-31_e1.csv",
    "102041_manifesto-initiatives_2024-03-31_e2.csv",
    "102041_manifesto-initiatives_2024-03-31_e0.csv",
    "102041_manifesto-initiatives_2023-03-31_e1.csv",
    "102041_manifesto-initiatives_2024-13-31_e1.csv",
    "102041_manifesto-initiatives_2024-03-31_e1.xls",
    "102041_manifesto-initiatives_2024-03-31_e1.zip",
    "102041_manifesto-initiatives_2024-03-31_e1_cp932.json",
    "102041_manifesto-initiatives_2024-03-31_e1_sjis.csv",
    "102041_manifesto-all_2024-03-31_e1.csv",
    "102041_manifesto-nothing_2024-03-31_e1.csv",
    "102041_manifesto-initiatives_2024-03-31_e1.csv.gz",
    "102041_manifesto-initiatives_2024-03-31_e1",
    "102041_manifesto-initiatives_２０２４-03-31_e1.csv",
    "../settings.py",
    "catalog.json",
    "x",
])  # fmt: skip
def test_file_of_a_wrong_name_is_not_found(site: Site, demo: Report, wrong: str) -> None:
    assert site.status(f"/2021/data/{wrong}") == 404


def test_file_of_another_manifesto_is_not_found(site: Site, demo: Report) -> None:
    save_report([make_entry(1)], as_of=date(2021, 3, 31))
    assert site.status(f"/2017/data/{file_name('initiatives', '.csv')}") == 404
    assert site.status(f"/2017/data/{file_name('initiatives', '.csv', '2021-03-31')}") == 200


def test_each_name_can_be_read_back() -> None:
    own = [
        DataFile("102041", content, date(2024, 3, 31), 12, each)
        for content in (*TABLES, "all")
        for each in formats_of(content)
    ]
    assert [file_named(file.name, "102041") for file in own] == own
    assert len({file.name for file in own}) == len(own) == len(ALL_FILES)


def test_workbook_of_all_has_every_table_on_a_sheet_of_its_own(city: Downloaded) -> None:
    book = openpyxl.load_workbook(io.BytesIO(city.raw["all", ".xlsx"]))
    assert book.sheetnames == list(TABLES)
    for table, sheet in zip(TABLES, book.worksheets, strict=True):
        header, *rows = sheet.iter_rows(values_only=True)
        assert (list(header), [dict(zip(header, row, strict=True)) for row in rows]) == (
            city.excel[table].header,
            city.excel[table].rows,
        )


def test_json_of_all_is_every_table(city: Downloaded) -> None:
    content = json.loads(city.raw["all", ".json"])
    for table in TABLES:
        own = json.loads(city.raw[table, ".json"])
        assert content["tables"][table] == {
            name: own[name] for name in ("table_title", "about", "key", "columns", "rows")
        }
    assert list(content["tables"]) == list(TABLES)
    assert (content["digest"], content["license"]) == (own["digest"], "CC BY 4.0")


@pytest.mark.parametrize(("ending", "packed"), [(".zip", ".csv"), ("_cp932.zip", "_cp932.csv")])
def test_zip_of_all_is_every_csv(city: Downloaded, ending: str, packed: str) -> None:
    with zipfile.ZipFile(io.BytesIO(city.raw["all", ending])) as archive:
        assert archive.namelist() == [file_name(table, packed) for table in TABLES]
        assert [
            table for table in TABLES if archive.read(file_name(table, packed)) != city.raw[table, packed]
        ] == []
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_files_of_an_edition_stay_the_same_bytes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is published later, and whenever the file is made."""
    own = save_report(awkward_entries(), ratings=SYMBOLS)
    before = Downloaded("2017").download()
    copy_report(own, as_of=own.as_of, edition=2, change=lambda entries: entries[1:], ratings=RATINGS)
    copy_report(own, as_of=date(2025, 3, 31), change=lambda entries: entries[2:], years=YEARS)
    copy_report(
        own, as_of=date(2023, 3, 31), change=lambda entries: entries[3:]
    )  # of an earlier date, but published later

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls(2031, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    after = Downloaded("2017").download()
    assert [which for which in ALL_FILES if before.raw[which] != after.raw[which]] == []


def test_corrected_edition_says_why(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2, correction_reason="転記の誤り", unapproved_reason="調整中")
    content = json.loads(Downloaded("2021", edition=2).raw["sdgs", ".json"])
    assert (content["edition"], content["correction_reason"], content["unapproved_reason"]) == (
        2,
        "転記の誤り",
        "調整中",
    )


def test_other_licence_and_city_are_written(site: Site, db: None, settings: Settings) -> None:
    cache.clear()
    settings.DATA_LICENSE, settings.CITY_NAME, settings.CITY_CODE = "PDL 1.0", "前橋市", "102016"
    save_report([make_entry(1)])
    answer = site.get("/2017/data/102016_manifesto-initiatives_2024-03-31_e1.json")
    assert (answer.json()["license"], answer.json()["rows"][0]["municipality_name"]) == ("PDL 1.0", "前橋市")
    cache.clear()


def test_without_a_code_another_city_has_none(site: Site, db: None, settings: Settings) -> None:
    """Nobody's files carry another city's code: the column is empty, and the names begin without it."""
    cache.clear()
    settings.CITY_NAME, settings.CITY_CODE = "前橋市", ""
    save_report([make_entry(1)])
    told = {
        name: site.get(f"/2017/data/manifesto-{name}_2024-03-31_e1.json").json()["rows"]
        for name in ("initiatives", "definitions", "summary")
    }
    assert (told["initiatives"][0]["municipality_code"], told["summary"][0]["団体コード"]) == (None, None)
    assert {
        row["blank_meaning"] for row in told["definitions"] if row["column_name"] == "municipality_code"
    } == {"コードを設定していない"}
    page = site.get("/2017/data/").content.decode()
    assert ("102041" in page, "全国地方公共団体コード " in page, "/data/manifesto-all_" in page) == (
        *(False, False, True),
    )
    assert "102041" not in site.get("/2017/data/catalog.jsonld").content.decode()
    assert site.get("/2017/data/102041_manifesto-initiatives_2024-03-31_e1.json").status_code == 404
    cache.clear()


def test_text_that_looks_like_something_else_stays_text(awkward: Downloaded) -> None:
    keys = [make_entry(n).key for n in range(5, 5 + len(HOSTILE))]
    written = {row["initiative_key"]: row["pledge_text"] for row in awkward.json["initiatives"].rows}
    assert [written[key] for key in keys] == HOSTILE
    book = openpyxl.load_workbook(io.BytesIO(awkward.raw["initiatives", ".xlsx"]))
    header, *rows = book["initiatives"].iter_rows()
    place = [cell.value for cell in header].index("pledge_text")
    cells = {row[5].value: row[place] for row in rows}
    assert {cells[key].data_type for key in keys} == {"s"}
    assert [cells[key].value for key in keys[:8]] == HOSTILE[:8]
    # A reader that knows how workbooks spell control characters, as Excel does.
    _header, *lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(awkward.raw["initiatives", ".xlsx"]))
        .get_sheet_by_index(0)
        .to_python()
    )
    told = {line[5]: line[place] for line in lines}
    assert [told[key] for key in keys] == [plain(words) for words in HOSTILE]


@pytest.mark.parametrize("letter", ["あ", "𠮷"])
def test_excel_says_where_the_rest_of_a_too_long_text_is(db: None, letter: str) -> None:
    wording = letter * 40_000
    save_report([make_entry(1, results={"2023": f"・{wording}"}, plans={})])
    downloaded = Downloaded("2017")
    room = 32_767 - len(writing.CUT)
    expected = (
        letter * (room // len(letter.encode("utf-16-le")) * 2 if letter == "あ" else room // 2) + writing.CUT
    )
    assert downloaded.excel["actions"].column("text") == [expected]
    assert downloaded.csv["actions"].column("text") == [wording]


def test_only_tables_and_the_whole_are_contents() -> None:
    assert tuple(files.BY_NAME) == (*TABLES, *ONLY_WITH_ROWS, *APART)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(st.recursive(PLAIN, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=30))
def test_json_is_written_as_the_library_writes_it(value: object) -> None:
    told = {"told": value}
    assert writing._json(told) == json.dumps(told, ensure_ascii=False, indent=1).encode()

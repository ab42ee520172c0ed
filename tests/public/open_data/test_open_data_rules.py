"""行政データにおける機械可読性に関するルール (2026-03-31), one test per rule, over every table in every
format.

The files are read back as a stranger would; what they promise in their own definitions is held against what
they contain.
"""

import csv
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest

from tests.public.conftest import Row, Site, entries_of
from tests.public.open_data.reading import ENDINGS, TABLES, Copy, Downloaded
from tests.public.open_data.reports import AWKWARD, HOSTILE, awkward_entries
from tracker.models import Report, ReportEntry

Downloads = dict[str, Downloaded]
PLAIN_FORMATS = ("csv", "cp932", "excel")
RULES = [
    *(f"L1_{number:02}" for number in range(1, 16)),
    *(f"L2_{number:02}" for number in range(1, 7)),
    *(f"L3_{number:02}" for number in range(1, 10)),
]


def every_copy(
    downloads: Downloads, formats: tuple[str, ...] = (*PLAIN_FORMATS, "json")
) -> Iterator[tuple[str, Copy]]:
    """Each table of each report in each format, with what to call it in a message."""
    for report, downloaded in downloads.items():
        for name in formats:
            for table, copy in downloaded.formats[name].items():
                yield f"{report} {table} {name}", copy


def every_sheet(downloads: Downloads) -> Iterator[tuple[str, Any]]:
    for report, downloaded in downloads.items():
        for table, sheet in downloaded.sheets.items():
            yield f"{report} {table}", sheet


def parts(raw: bytes) -> dict[str, bytes]:
    """What a workbook's zip holds."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def columns_where(downloaded: Downloaded, **wanted: Any) -> list[tuple[str, str]]:
    """The columns of which the definitions say all that is wanted."""
    return [
        key
        for key, row in downloaded.definitions.items()
        if all(row[name] == value for name, value in wanted.items())
    ]


def test_each_rule_has_a_test() -> None:
    names = [name for name in vars(sys.modules[__name__]) if re.match(r"test_L\d_", name)]
    assert sorted(set(re.findall(r"L\d_\d\d", " ".join(names)))) == RULES


def test_L1_01_files_are_xlsx_csv_and_json(downloads: Downloads) -> None:  # noqa: N802
    for downloaded in downloads.values():
        for table in TABLES:
            assert "xl/workbook.xml" in parts(downloaded.raw[table, ".xlsx"])
            assert isinstance(json.loads(downloaded.raw[table, ".json"].decode("utf-8")), dict)
            assert (
                downloaded.lines(table)[0]
                == downloaded.lines(table, "_cp932.csv")[0]
                == downloaded.json[table].header
            )


def test_L1_02_one_table_a_sheet(downloads: Downloads) -> None:  # noqa: N802
    for downloaded in downloads.values():
        assert {table: book.sheetnames for table, book in downloaded.books.items()} == {
            table: [table] for table in TABLES
        }
    for name, copy in every_copy(downloads):
        titles = [row for row in copy.rows if list(row.values()) == copy.header]
        assert titles == [], name  # no second table below the first
        assert all(list(row) == copy.header for row in copy.rows), name


def test_L1_03_no_blank_rows_and_columns(downloads: Downloads) -> None:  # noqa: N802
    for name, copy in every_copy(downloads):
        assert None not in copy.header, name
        assert "" not in copy.header, name
        assert [row for row in copy.rows if all(value in (None, "") for value in row.values())] == [], name


def test_L1_04_nothing_beside_the_table(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        for table, sheet in downloaded.sheets.items():
            rows = len(downloaded.json[table].rows)
            last_column = openpyxl.utils.get_column_letter(len(downloaded.json[table].header))
            assert sheet.calculate_dimension() == f"A1:{last_column}{rows + 1}"
            assert (sheet.oddHeader.center.text, sheet.oddFooter.center.text) == (None, None), (report, table)
            assert {len(line) for line in downloaded.lines(table)} == {len(downloaded.json[table].header)}
            assert [cell for line in sheet.iter_rows() for cell in line if cell.comment] == []


def test_L1_05_every_column_has_a_meaningful_unique_name(downloads: Downloads) -> None:  # noqa: N802
    for name, copy in every_copy(downloads):
        assert [
            column for column in copy.header if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column)
        ] == [], name
        assert len(set(copy.header)) == len(copy.header), name
    for downloaded in downloads.values():
        titles = [(row["table_name"], row["column_title"]) for row in downloaded.definitions.values()]
        assert [each for each, count in Counter(titles).items() if count > 1] == []
        assert [title for _table, title in titles if not re.search(r"[ぁ-んァ-ヶ一-龠]", title)] == []


def test_L1_06_no_spaces_or_line_breaks_for_looks(downloads: Downloads) -> None:  # noqa: N802
    for name, copy in every_copy(downloads, PLAIN_FORMATS):
        texts = [value for row in copy.rows for value in row.values() if isinstance(value, str)]
        assert [
            text for text in texts if text != text.strip() or re.search(r"[\r\n\t\x0b\x85\u2028]", text)
        ] == [], name


def test_L1_07_one_value_a_cell(downloads: Downloads, demo: Report, db: None) -> None:  # noqa: N802
    for report, entries in (("demo", entries_of(demo)), ("awkward", awkward_entries())):
        for name in ("csv", "excel", "json"):
            copies = downloads[report].formats[name]
            assert Counter(copies["initiative_departments"].column("initiative_key")) == several(
                entries, "departments"
            )
            assert Counter(copies["initiative_plan_projects"].column("initiative_key")) == several(
                entries, "plan_projects"
            )
            assert set(copies["initiative_sdgs"].column("initiative_key")) == {
                e.key for e in entries if e.sdgs
            }
        bullets = downloads[report].json["actions"].column("text")
        assert [text for text in bullets if text and ("\n" in text or text.startswith("・"))] == []
    numbered = [
        column for _name, copy in every_copy(downloads) for column in copy.header if re.search(r"\d", column)
    ]
    assert numbered == []  # no department_1, department_2


def several(entries: list[ReportEntry], name: str) -> Counter[str]:
    """How many rows each initiative has in a long table."""
    return +Counter({entry.key: len(getattr(entry, name)) for entry in entries})


def test_L1_08_no_platform_dependent_characters(downloads: Downloads) -> None:  # noqa: N802
    dependent = re.compile("[①-⓿❶-➓Ⅰ-ⅿ㈀-㋿㌀-㏿№℡\x00-\x1f\x7f-\x9f]")
    for name, copy in every_copy(downloads, PLAIN_FORMATS):
        assert [
            value
            for row in copy.rows
            for value in row.values()
            if isinstance(value, str) and dependent.search(value)
        ] == [], name
    exact = [
        value for row in downloads["demo"].json["initiative_plan_projects"].rows for value in row.values()
    ]
    assert len([value for value in exact if isinstance(value, str) and "❶" in value]) > 20
    assert downloads["awkward"].json["initiatives"].rows[0]["pledge_text"] == AWKWARD
    names = downloads["awkward"].csv["initiative_departments"].column("department_name")
    assert "𠮷野課" in names  # a proper name stays as it is


def test_L1_08_every_rewriting_is_declared(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        told = {
            (row["table_name"], row["column_name"]) for row in downloaded.csv["rewritten_characters"].rows
        }
        differs = set()
        for table in TABLES:
            for exact, plain in zip(downloaded.json[table].rows, downloaded.csv[table].rows, strict=True):
                differs |= {
                    (table, name)
                    for name, value in exact.items()
                    if isinstance(value, str) and value != (plain[name] or "")
                }
        assert differs == told, report
        assert told <= set(columns_where(downloaded, has_rewriting=1)), report
    counts = {
        (r["column_name"], r["code_point"]): r for r in downloads["demo"].json["rewritten_characters"].rows
    }
    assert (counts["plan_code", "U+2776"]["written_as"], counts["plan_code", "U+2776"]["occurrences"]) == (
        "(1)",
        30,
    )


def test_L1_09_blank_is_not_zero(downloads: Downloads) -> None:  # noqa: N802
    rows = downloads["demo"].csv["initiatives"].rows
    unrated = [row for row in rows if row["rating_status"] == "unrated"]
    assert [(row["rating_code"], row["rating_label"], row["rating_percent"]) for row in unrated] == [
        (None, None, None)
    ] * 4
    assert [row["rating_percent"] for row in rows if row["rating_code"] == "E"] == ["0"] * 4
    for name in ("csv", "cp932", "excel", "json"):
        told = downloads["awkward"].formats[name]["initiatives"].rows[:4]
        assert [None if row["sdg_count"] is None else int(row["sdg_count"]) for row in told] == [
            3,
            1,
            None,
            0,
        ], name
    blank = columns_where(downloads["awkward"], may_be_blank=1)
    assert [
        key for key in blank if downloads["awkward"].definitions[key]["blank_meaning"] in (None, "")
    ] == []


def test_L1_10_no_objects(downloads: Downloads) -> None:  # noqa: N802
    for downloaded in downloads.values():
        for content in (*TABLES, "all"):
            names = parts(downloaded.raw[content, ".xlsx"])
            known = re.compile(
                r"\[Content_Types\]\.xml|_rels/.+|docProps/.+|xl/(workbook|styles|theme/theme1|sharedStrings)\.xml"
            )
            others = [name for name in names if not known.fullmatch(name) and "_rels" not in name]
            assert [name for name in others if not re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)] == []


def test_L1_11_no_meaning_by_format(downloads: Downloads) -> None:  # noqa: N802
    for name, sheet in every_sheet(downloads):
        assert [
            cell.coordinate for row in sheet.iter_rows() for cell in row if cell.has_style and cell.style_id
        ] == [], name
        assert list(sheet.conditional_formatting) == [], name


def test_L1_12_no_merged_cells(downloads: Downloads) -> None:  # noqa: N802
    assert [name for name, sheet in every_sheet(downloads) if sheet.merged_cells.ranges] == []


def test_L1_13_nothing_hidden(downloads: Downloads) -> None:  # noqa: N802
    for name, sheet in every_sheet(downloads):
        rows, columns = sheet.row_dimensions.values(), sheet.column_dimensions.values()
        assert [each for each in rows if each.hidden or each.height == 0] == [], name
        assert [each for each in columns if each.hidden or not each.width] == [], name
        assert (sheet.sheet_state, sheet.auto_filter.ref) == ("visible", None), name


@pytest.mark.parametrize("ending", [".csv", "_cp932.csv"])
def test_L1_14_a_record_is_one_line(downloads: Downloads, ending: str) -> None:  # noqa: N802
    for downloaded in downloads.values():
        for table in TABLES:
            text = downloaded.text(table, ending)
            assert text.endswith('"\r\n')
            assert text.count("\n") == text.count("\r") == 1 + len(downloaded.json[table].rows)


@pytest.mark.parametrize("ending", [".csv", "_cp932.csv"])
def test_L1_15_fields_with_commas_are_quoted(downloads: Downloads, ending: str) -> None:  # noqa: N802
    field = re.compile(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*')
    for downloaded in downloads.values():
        for table in TABLES:
            lines = downloaded.text(table, ending).split("\r\n")[:-1]
            assert [line for line in lines if not field.fullmatch(line)] == []
    texts = downloads["awkward"].csv["initiatives"].column("pledge_text")
    assert [words for words in ("a,b", 'a"b') if words not in texts] == []


def test_L2_01_numbers_are_numbers(downloads: Downloads) -> None:  # noqa: N802
    kinds = {"整数": int, "文字列": str, "日付": str}
    for report, downloaded in downloads.items():
        for (table, name), row in downloaded.definitions.items():
            for values in (downloaded.json[table].column(name), downloaded.excel[table].column(name)):
                assert {type(v) for v in values if v is not None} <= {kinds[row["type"]]}, (
                    report,
                    table,
                    name,
                )
            told = [v for v in downloaded.csv[table].column(name) if v is not None]
            if row["type"] == "整数":
                assert [v for v in told if not re.fullmatch(r"0|[1-9]\d*", v)] == [], (report, table, name)
            if row["type"] == "日付":
                assert [v for v in told if date.fromisoformat(v).isoformat() != v] == [], (
                    report,
                    table,
                    name,
                )


def test_L2_02_nothing_is_left_out(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        full = columns_where(downloaded, may_be_blank=0)
        for table in ("initiatives", "actions", "initiative_sdgs", "rating_history"):
            for name in (
                "category_name",
                "section_name",
                "pledge_text",
                "initiative_key",
                "as_of",
                "municipality_code",
            ):
                assert (table, name) in full
        for name, copies in downloaded.formats.items():
            blank = [
                key
                for key in full
                if None in copies[key[0]].column(key[1]) or "" in copies[key[0]].column(key[1])
            ]
            assert blank == [], (report, name)


def test_L2_03_column_names_stand_in_one_row(downloads: Downloads) -> None:  # noqa: N802
    for name, sheet in every_sheet(downloads):
        first, *second = list(sheet.iter_rows(values_only=True))[:2]
        assert first[:2] == ("municipality_code", "municipality_name"), name
        assert [row[:2] for row in second] in ([], [("102041", "伊勢崎市")]), name
    for name, copy in every_copy(downloads):
        assert set(copy.column("municipality_code")) <= {"102041"}, name


def test_L2_04_choices_have_one_spelling(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        assert list(downloaded.allowed) == columns_where(downloaded, has_allowed_values=1)
        for name, copies in downloaded.formats.items():
            for (table, column), allowed in downloaded.allowed.items():
                assert {str(v) for v in copies[table].column(column) if v is not None} <= allowed, (
                    report,
                    name,
                    table,
                    column,
                )
    used = {
        value
        for key in downloads["awkward"].allowed
        for value in downloads["awkward"].json[key[0]].column(key[1])
    }
    assert {
        "unrated",
        "rated",
        "past",
        "current",
        "next",
        "listed",
        "none",
        "unknown",
        "bullet",
        "lead",
    } <= used


def test_L2_05_free_text_has_its_own_column(downloads: Downloads, rows: list[Row]) -> None:  # noqa: N802
    """「外」 of the city's table is a flag, a rating's reason stands beside the rating, and names are names
    only.
    """
    flags = downloads["demo"].json["initiatives"].column("other_departments")
    assert flags == [int(row.initiative.others) for row in rows]
    assert Counter(flags) == {0: 206, 1: 1}
    listed = set(downloads["demo"].json["departments"].column("department_name"))
    names = set(downloads["demo"].csv["initiative_departments"].column("department_name"))
    assert names == listed
    assert [name for name in names if re.search(r"外$|ほか|（|年度", name)] == []
    changed = [row for row in downloads["awkward"].csv["rating_history"].rows if row["rating_reason"]]
    assert [(row["rating_code"], row["rating_reason"]) for row in changed] == [("△", "理由(1) 二行目")]


def test_L2_06_values_and_no_formulas(downloads: Downloads) -> None:  # noqa: N802
    for downloaded in downloads.values():
        for content in (*TABLES, "all"):
            sheets = [
                xml for name, xml in parts(downloaded.raw[content, ".xlsx"]).items() if "worksheets" in name
            ]
            assert [content for xml in sheets if b"<f>" in xml or b"<f " in xml or b't="e"' in xml] == []
    texts = downloads["awkward"].excel["initiatives"].column("pledge_text")
    assert [words for words in HOSTILE[:8] if words not in texts] == []


@pytest.mark.parametrize("name", ["csv", "cp932"])
def test_L2_06_no_spreadsheet_runs_a_cell_of_a_csv(downloads: Downloads, name: str) -> None:  # noqa: N802
    runs = re.compile(r"[=+\-@＝＋－＠−\t\r](?!$|[0-9.,]+%?$)")
    for report, downloaded in downloads.items():
        cells = [
            cell
            for table in TABLES
            for line in downloaded.formats[name][table].rows
            for cell in line.values()
        ]
        assert [cell for cell in cells if isinstance(cell, str) and runs.match(cell)] == [], report
    texts = downloads["awkward"].formats[name]["initiatives"].column("pledge_text")
    assert texts.count("'@SUM(A1)") == texts.count("-1") == texts.count("'0") == 1
    told = downloads["awkward"].json["rewritten_characters"].rows
    assert ("initiatives", "pledge_text", "U+0040", "（'）@", 1) in [
        (r["table_name"], r["column_name"], r["code_point"], r["written_as"], r["occurrences"]) for r in told
    ]


def test_L3_01_header_in_row_1_and_data_from_row_2(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        for table, sheet in downloaded.sheets.items():
            header = [cell.value for cell in sheet[1]]
            assert header == downloaded.lines(table)[0] == downloaded.json[table].header, (report, table)
            assert sheet.max_row == 1 + len(downloaded.json[table].rows)
            # Nothing stands before the first name but the BOM, which the page states.
            assert downloaded.raw[table, ".csv"].startswith(b'\xef\xbb\xbf"municipality_code"')
            assert downloaded.raw[table, "_cp932.csv"].startswith(b'"municipality_code"')


def test_L3_02_codes_have_code_tables(downloads: Downloads) -> None:  # noqa: N802
    for report, downloaded in downloads.items():
        for name, copies in downloaded.formats.items():
            for (table, column), row in downloaded.definitions.items():
                if row["refers_to_table"]:
                    listed = copies[row["refers_to_table"]].column(row["refers_to_column"])
                    used = [value for value in copies[table].column(column) if value is not None]
                    assert set(used) <= set(listed), (report, name, table, column)
                    assert len(listed) == len(set(listed)), (report, name, table, column)
    referring = {
        (r["refers_to_table"], r["refers_to_column"]) for r in downloads["demo"].definitions.values()
    }
    assert referring - {(None, None)} == {
        *(("initiatives", "initiative_key"), ("pledges", "pledge_key"), ("ratings", "rating_code")),
        *(("departments", "department_code"), ("sdgs", "sdg_number")),
    }
    for downloaded in downloads.values():
        levels = Counter(downloaded.csv["categories"].column("category_level"))
        places = {
            (row["category_number"], row["section_number"]) for row in downloaded.csv["initiatives"].rows
        }
        assert levels == {"category": len({field for field, _section in places}), "section": len(places)}
    assert [(row["sdg_number"], row["sdg_name"]) for row in downloads["demo"].json["sdgs"].rows][::16] == [
        (1, "貧困をなくそう"),
        (17, "パートナーシップで目標を達成しよう"),
    ]


def test_L3_03_special_symbols_are_defined(downloads: Downloads) -> None:  # noqa: N802
    """What stands for something else is explained where a stranger looks: in the definitions."""
    awkward = downloads["awkward"]
    for table, further in (("rewritten_characters", ""), ("cp932_replacements", "〓")):
        symbols = {
            value for value in awkward.csv[table].column("written_as") if re.fullmatch(r"（.+）", value)
        }
        meaning = awkward.definitions[table, "written_as"]["meaning"]
        assert symbols == {"（なし）", "（空白）"}
        assert [symbol for symbol in (*symbols, further) if symbol not in meaning] == []
    flags = [key for key in awkward.allowed if awkward.definitions[key]["type"] == "整数"]
    assert {frozenset(awkward.allowed[key]) for key in flags} == {frozenset("01")}


def test_L3_04_numbers_have_units(downloads: Downloads) -> None:  # noqa: N802
    quantity = re.compile(r"(_percent|_count|fiscal_year|^occurrences|ended_after|edition)$")
    units = {
        "_percent": "％",
        "fiscal_year": "年度",
        "ended_after": "年度",
        "edition": "版",
        "occurrences": "文字",
    }
    found = set()
    for (_table, name), row in downloads["demo"].definitions.items():
        if match := quantity.search(name):
            found.add(name)
            assert row["unit"] == units.get(match[1], row["unit"]), name
            assert row["unit"], name
        values = [str(v) for v in downloads["demo"].json[row["table_name"]].column(name)]
        assert row["type"] == "文字列" or [v for v in values if re.search("[％%年件]", v)] == []
    assert len(found) == 13


def test_L3_05_years_are_gregorian_or_have_gregorian_beside(downloads: Downloads) -> None:  # noqa: N802
    era = re.compile(r"(令和|平成)(元|\d+)年度")
    begin = {"令和": 2019, "平成": 1989}
    for name, copy in every_copy(downloads):
        for row in copy.rows:
            for column, value in row.items():
                if isinstance(value, str) and (match := era.fullmatch(value)):
                    assert column == "fiscal_year_label", name
                    gregorian = begin[match[1]] + (1 if match[2] == "元" else int(match[2])) - 1
                    assert int(row["fiscal_year"]) == gregorian, name
    labels = [key for key in downloads["demo"].definitions if key[1] == "fiscal_year_label"]
    assert {table for table, _name in labels} == {"initiatives", "actions", "rating_history"}
    assert {(r["fiscal_year"], r["fiscal_year_label"]) for r in downloads["demo"].json["actions"].rows} == {
        *((2021, "令和3年度"), (2022, "令和4年度"), (2023, "令和5年度"), (2024, "令和6年度"))
    }


def test_L3_06_standard_area_code_and_formal_name(downloads: Downloads) -> None:  # noqa: N802
    for name, copy in every_copy(downloads):
        rows = {(row["municipality_code"], row["municipality_name"]) for row in copy.rows}
        assert rows <= {("102041", "伊勢崎市")}, name
    digits = [int(digit) for digit in "102041"]
    total = sum(weight * digit for weight, digit in zip((6, 5, 4, 3, 2), digits, strict=False))
    assert digits[-1] == (11 - total % 11) % 10  # the check digit of the 全国地方公共団体コード


def test_L3_07_format_is_stable_and_its_changes_are_logged(downloads: Downloads) -> None:  # noqa: N802
    headers = [{table: copy.header for table, copy in each.json.items()} for each in downloads.values()]
    assert headers[0] == headers[1] == headers[2]  # whatever a report holds
    replayed: dict[str, set[str]] = {}
    for change in downloads["demo"].json["column_changes"].rows:
        names = replayed.setdefault(change["table_name"], set())
        if change["change"] == "added":
            assert change["column_name"] not in names, change
            names.add(change["column_name"])
        else:
            names.remove(change["column_name"])
    assert replayed == {table: set(header) for table, header in headers[0].items()}
    versions = [(row["version"], row["changed_on"]) for row in downloads["demo"].json["column_changes"].rows]
    assert versions == sorted(versions)


def test_L3_08_definitions_and_facts_are_stated(downloads: Downloads, site: Site, demo: Report) -> None:  # noqa: N802
    for downloaded in downloads.values():
        defined = [(table, name) for table, copy in downloaded.json.items() for name in copy.header]
        assert list(downloaded.definitions) == defined
        positions = [row["column_position"] for row in downloaded.definitions.values()]
        assert positions == [
            i for _table, copy in downloaded.json.items() for i in range(1, len(copy.header) + 1)
        ]
    assert all(name.isascii() for _table, name in downloads["demo"].definitions)
    facts = site.page("/2021/data/").section("terms").one("dl", "facts").all("div")
    told = {fact.one("dt").text: fact.one("dd").text for fact in facts}
    for name, words in {
        "ライセンス": "CC BY 4.0",
        "元の資料": "伊勢崎市が公表した市長マニフェストの達成状況の表",
        "更新": "年に1回",
        "最終更新": "令和",
        "文字コード": "CSV は UTF-8（BOM 付き）",
        "書き換えた文字": "rewritten_characters",
        "空欄": "0 ではありません",
        "評価の計算": "計算した値ではありません",
    }.items():
        assert words in told[name]


def test_L3_09_data_are_long(downloads: Downloads) -> None:  # noqa: N802
    years = [
        column
        for _name, copy in every_copy(downloads)
        for column in copy.header
        if re.search(r"(19|20)\d\d", column)
    ]
    assert years == []
    for report, downloaded in downloads.items():
        keys: dict[str, list[str]] = {}
        for table, name in columns_where(downloaded, is_key=1):
            keys.setdefault(table, []).append(name)
        assert list(keys) == list(TABLES)
        for table, names in keys.items():
            found = Counter(tuple(row[name] for name in names) for row in downloaded.json[table].rows)
            assert [key for key, count in found.items() if count > 1] == [], (report, table)
    assert keys["actions"] == ["initiative_key", "fiscal_year", "kind", "line_number"]
    assert keys["rating_history"] == ["initiative_key", "report_as_of"]
    history = Counter(downloads["awkward"].json["rating_history"].column("report_as_of"))
    assert history == {"2023-03-31": 2, "2024-03-31": len(awkward_entries())}


@pytest.mark.parametrize("ending", ENDINGS)
def test_copies_agree_cell_by_cell(downloads: Downloads, ending: str) -> None:
    """One column table serves every format: apart from the declared rewritings, all say the same."""
    name = {".csv": "csv", "_cp932.csv": "cp932", ".xlsx": "excel", ".json": "json"}[ending]
    downloaded = downloads["bare"]
    for table in TABLES:
        exact = [[None if v is None else str(v) for v in row.values()] for row in downloaded.json[table].rows]
        other = [
            [None if v is None else str(v) for v in row.values()]
            for row in downloaded.formats[name][table].rows
        ]
        assert other == exact, table


def test_csv_is_read_by_a_plain_reader_as_well(city: Downloaded) -> None:
    """The BOM belongs to the encoding, not to the first name."""
    reader = csv.DictReader(io.StringIO(city.raw["initiatives", ".csv"].decode("utf-8-sig"), newline=""))
    assert next(reader)["municipality_code"] == "102041"

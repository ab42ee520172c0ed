"""A report's published table: all of the demo, of the year after, and of reports that came from no table."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.management.importing import run_import
from tests.public.building import make_entry, save_report, term
from tests.published_tables.file.tables import meaning
from tests.second_year import UNAPPROVED_REASON, publish_second_year
from tracker.models import Report
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.file.writing import write_workbook
from tracker.published_tables.from_report import file_name, notes_of, table_of

pytestmark = pytest.mark.django_db


def test_the_demos_report_gives_the_table_that_it_was_read_from(demo: Report, table: PublishedTable) -> None:
    assert meaning_in_plan_order(table_of(demo)) == meaning_in_plan_order(table)
    assert (notes_of(demo).head, notes_of(demo).sections) == ((), {})


def meaning_in_plan_order(table: PublishedTable) -> list[Any]:
    """Plan projects are a set in the workspace; a report has them in the plan's order."""
    head, pledges, initiatives = meaning(table)
    for row in initiatives:
        row[1] = sorted(row[1], key=lambda reference: (reference.base_code, reference.code, reference.name))
    return [head, pledges, initiatives]


def imported_again(report: Report, folder: Path) -> Report:
    """The report's own table, imported as another manifesto and published."""
    file = folder / "掲載表.xlsx"
    file.write_bytes(write_workbook(table_of(report), notes_of(report)))
    run_import(file, manifesto="copy", publish=True)
    return Report.objects.get(slug="copy")


def test_the_demos_table_imported_again_is_the_same_report(demo: Report, tmp_path: Path) -> None:
    again = imported_again(demo, tmp_path)
    assert meaning(table_of(again)) == meaning(table_of(demo))
    assert again.entries.count() == 207


@pytest.mark.long
def test_the_year_after_keeps_every_year_and_says_what_is_not_as_the_columns_say(
    demo: Report, tmp_path: Path
) -> None:
    publish_second_year()
    report = Report.objects.get(as_of=date(2025, 3, 31))
    table, notes = table_of(report), notes_of(report)
    assert (table.years, table.plan_years, table.cumulative_year) == (
        [2021, 2022, 2023, 2024],
        [2024, 2025],
        2021,
    )
    assert notes.head == (f"承認が間に合わなかった取組があります。理由：{UNAPPROVED_REASON}",)
    lines = [line for found in notes.sections.values() for line in found]
    assert len(lines) == 3
    assert [line.partition("は、")[2] for line in lines] == [
        *["承認が間に合わなかったため、令和6年3月31日時点の公表のまま載せています。"] * 2,
        "令和5年度で終わった取組です。実施状況は、終わったときのものです。",
    ]
    assert meaning(parse_table(grid_of(write_workbook(table, notes)))) == meaning(table)
    assert meaning(table_of(imported_again(report, tmp_path))) == meaning(table)


def test_a_correction_is_told_with_its_reason() -> None:
    report = save_report([make_entry(1)], edition=2, correction_reason="集計の\n誤り")
    assert notes_of(report).head == ("第2版。訂正の理由：集計の 誤り",)


def test_a_title_without_a_date_gets_it() -> None:
    report = save_report([make_entry(1)])
    assert table_of(report).title == "市長マニフェストの達成状況（令和6年3月末時点）"


def test_typed_texts_read_back_as_they_were_typed(tmp_path: Path) -> None:
    typed = {"2022": "・A\tB ・C", "2023": "<li>&amp;</li>\n　字下げ"}
    entry = make_entry(
        1, results=typed, plans={"2024": "－"}, rating_code="", sdgs=None, pledge_number="", departments=[]
    )
    report = save_report([entry])
    (tmp_path / "表.xlsx").write_bytes(write_workbook(table_of(report)))
    (read,) = read_table(tmp_path / "表.xlsx").initiatives()
    assert (read.results, read.plans) == ({2022: "・A B ・C", 2023: "<li>&amp;</li>\n　字下げ"}, {2024: ""})
    assert (read.rating, read.sdgs, read.departments) == (None, None, ())


def test_a_field_that_was_renamed_has_its_new_name_beside_a_carried_row() -> None:
    old = make_entry(
        1, category_name="旧", section_name="旧", pledge_text="旧", carried_from=date(2023, 3, 31)
    )
    new = make_entry(2, category_name="新", section_name="新", pledge_text="新", pledge_key=old.pledge_key)
    (category,) = table_of(save_report([old, new])).categories
    (section,) = category.sections
    (pledge,) = section.pledges
    assert (category.name, section.name, pledge.text, len(pledge.initiatives)) == ("新", "新", "新", 2)


def test_departments_keep_their_years(tmp_path: Path) -> None:
    duties = [
        term("1", "土木課"),
        term("2", "都市計画課", "past", None, 2022),
        term("3", "道路整備課", "current", 2023),
    ]
    report = save_report([make_entry(1, departments=duties, other_departments=True)])
    (tmp_path / "表.xlsx").write_bytes(write_workbook(table_of(report)))
    (read,) = read_table(tmp_path / "表.xlsx").initiatives()
    told = [(duty.name, duty.from_year, duty.to_year) for duty in read.departments]
    assert (told, read.others) == (
        [("土木課", None, None), ("都市計画課", None, 2022), ("道路整備課", 2023, None)],
        True,
    )


def test_the_files_name_follows_the_open_datas_rule(demo: Report) -> None:
    assert file_name("102041", demo.as_of, demo.edition, "pdf") == "102041_manifesto-table_2024-03-31_e1.pdf"

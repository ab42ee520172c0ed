"""The published table as a file of the public site: where it is linked, what it is, and which addresses have
none.
"""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.public.building import RATINGS, copy_report, make_entry, save_report
from tests.public.conftest import Site
from tests.published_tables.file.tables import meaning
from tracker.models import Report
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.from_report import table_of

NAME = "102041_manifesto-table_2024-03-31_e1.xlsx"


def test_each_edition_has_its_table_linked_in_the_list_of_reports(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2)
    copy_report(demo, as_of=date(2025, 3, 31), change=lambda entries: entries[:3])
    links = [link for link in site.page("/2021/reports/").links if "manifesto-table" in link]
    assert links == [
        "/2021/data/102041_manifesto-table_2025-03-31_e1.xlsx",
        "/2021/data/102041_manifesto-table_2024-03-31_e2.xlsx",
        f"/2021/data/{NAME}",
    ]
    assert [site.status(link) for link in links] == [200, 200, 200]


def test_the_file_reads_back_as_the_report(site: Site, demo: Report, tmp_path: Path) -> None:
    answer = site.get(f"/2021/data/{NAME}")
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer["Content-Disposition"] == f'attachment; filename="{NAME}"'
    (tmp_path / "表.xlsx").write_bytes(answer.content)
    assert meaning(read_table(tmp_path / "表.xlsx")) == meaning(table_of(demo))
    assert site.get(f"/2021/data/{NAME}", **{"if-none-match": answer["ETag"]}).status_code == 304
    assert site.get(f"/2021/data/{NAME}").content == answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/2021/data/102041_manifesto-table_2024-03-31_e2.xlsx",
        "/2021/data/102041_manifesto-table_2024-03-31_e01.xlsx",
        "/2021/data/102041_manifesto-table_2024-03-31_e0.xlsx",
        "/2021/data/102041_manifesto-table_2023-03-31_e1.xlsx",
        "/2021/data/102041_manifesto-table_2024-02-31_e1.xlsx",
        "/2021/data/102042_manifesto-table_2024-03-31_e1.xlsx",
        "/2021/data/x_102041_manifesto-table_2024-03-31_e1.xlsx",
        "/2021/data/102041_manifesto-table_2024-03-31_e1.pdf",
        "/2022/data/102041_manifesto-table_2024-03-31_e1.xlsx",
    ],
)
def test_no_other_name_is_a_file(site: Site, demo: Report, path: str) -> None:
    assert site.status(path) == 404


def test_the_name_carries_the_citys_code(site: Site, demo: Report, settings: Settings) -> None:
    settings.CITY_CODE = "131016"
    assert site.status("/2021/data/131016_manifesto-table_2024-03-31_e1.xlsx") == 200
    assert site.status(f"/2021/data/{NAME}") == 404


def test_a_text_that_no_cell_holds_is_told_and_nothing_is_left_out(site: Site) -> None:
    save_report([make_entry(1, plans={"2024": "あ" * 40_000})])
    answer = site.get(f"/2017/data/{NAME}")
    assert (answer.status_code, answer.content.decode()) == (
        409,
        "取組 1-1-1-1 の「令和6年度の取組予定」が長すぎて、Excel のセルに入りません（32,767 字まで）。",
    )


def test_a_step_without_a_name_is_called_by_its_code(site: Site, tmp_path: Path) -> None:
    """No form leaves a step so; what is published cannot be mended any more."""
    scale = [step | {"label": "", "percent": None} for step in RATINGS]
    save_report([make_entry(1)], ratings=scale)
    (tmp_path / "表.xlsx").write_bytes(site.get(f"/2017/data/{NAME}").content)
    steps = read_table(tmp_path / "表.xlsx").ratings
    assert [(step.code, step.label) for step in steps] == [(step["code"], step["code"]) for step in scale]

"""The city's own file, all the way: what the workspace and the published report hold is what was printed."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.conftest import FIXTURE
from tests.management.importing import import_text, run_import
from tests.published_tables.file.test_parser import letters
from tests.published_tables.file.writing import raw_workbook
from tracker.models import Initiative, Report, YearlyAction
from tracker.published_tables.file import writing
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.table import PublishedTable
from tracker.reports import digests

pytestmark = pytest.mark.django_db


def test_the_loaded_models_hold_what_was_read(demo: Report, table: PublishedTable) -> None:
    found = (
        Initiative.objects.select_related("pledge__section__parent")
        .prefetch_related("plan_projects", "assignments__department", "actions__round", "actions__rating")
        .in_table_order()
    )
    read = [(c, s, p, i) for c, s, p in table.pledges() for i in p.initiatives]
    assert len(found) == len(read) == 207
    for row, (category, section, pledge, initiative) in zip(found, read, strict=True):
        own = {action.round.fiscal_year: action for action in row.actions.all()}
        assert row.pledge.section.parent is not None
        assert (row.pledge.section.parent.number, row.pledge.section.parent.name) == (
            category.number,
            category.name,
        )
        assert (row.pledge.section.number, row.pledge.section.name) == (section.number, section.name)
        assert (row.pledge.position, row.pledge.number_label, row.pledge.text) == (
            pledge.position,
            pledge.number,
            pledge.text,
        )
        assert {(p.code, p.base_code, p.name) for p in row.plan_projects.all()} == {
            (p.code, p.base_code, p.name) for p in initiative.plan_projects
        }
        assert (row.sdgs, row.other_departments) == (
            None if initiative.sdgs is None else list(initiative.sdgs),
            initiative.others,
        )
        assert {year: action.result for year, action in own.items()} == initiative.results
        assert {2024: own[2023].plan} == initiative.plans
        assert (own[2023].rating.code if own[2023].rating else None) == initiative.rating
        assert [(a.department.name, a.from_fiscal_year, a.to_fiscal_year) for a in row.assignments.all()] == [
            (term.name, term.from_year, term.to_year) for term in initiative.departments
        ]
        assert row.source == initiative.source


def test_nothing_of_the_file_is_lost_in_the_report(demo: Report, table: PublishedTable) -> None:
    """Against the file's own cells: what an entry holds, or an anomaly names."""
    told: dict[int, str] = {}
    for anomaly in table.anomalies:
        told[anomaly.row] = told.get(anomaly.row, "") + letters(anomaly.read)
    read = table.initiatives()
    missing = []
    for entry, initiative in zip(demo.entries.order_by("position"), read, strict=True):
        years = [
            f"R{year - 2018}"
            for term in entry.departments
            for year in (term["from_year"], term["to_year"])
            if year
        ]
        held = letters(
            " ".join(
                [
                    *(
                        entry.pledge_number,
                        entry.pledge_text,
                        entry.rating_code,
                        "外" * entry.other_departments,
                    ),
                    *(f"{project['code']} {project['name']}" for project in entry.plan_projects),
                    *(*entry.results.values(), *entry.plans.values(), *years, *map(str, entry.sdgs or ())),
                    *(term["name"] for term in entry.departments),
                ]
            )
        )
        for source in initiative.source:
            pieces = " ".join(map(str, source["cells"] if isinstance(source["cells"], list) else []))
            for piece in pieces_of(pieces):
                if piece not in held and piece not in told.get(int(str(source["row"])), ""):
                    missing.append((source["row"], piece))
    assert missing == []


def pieces_of(text: str) -> list[str]:
    """The words of a text between markup, brackets and white space."""
    found = (letters(piece) for piece in re.split(r"[\s、（）()・<>]+", re.sub(r"<[^<>]*>", " ", text)))
    return [piece for piece in found if piece]


def test_the_demos_report_verifies(demo: Report) -> None:
    assert (demo.entry_count, demo.entries.count(), digests.verify(demo)) == (207, 207, True)


def reported(report: Report) -> list[tuple[str, str]]:
    return list(report.entries.order_by("position").values_list("key", "content_digest"))


def test_every_legitimate_form_of_the_citys_file_says_the_same(
    demo: Report, table: PublishedTable, tmp_path: Path
) -> None:
    text = FIXTURE.read_text()
    cp932 = text.encode("cp932", "ignore")
    as_cp932 = parse_table(grid_of(cp932.decode("cp932").encode()))
    assert parse_table(grid_of(cp932)) == as_cp932
    forms = {
        "bom.txt": b"\xef\xbb\xbf" + FIXTURE.read_bytes(),
        "crlf.txt": text.replace("\n", "\r\n").encode(),
        "published.xlsx": writing.write_workbook(table),
        "raw.xlsx": raw_workbook(grid_of(FIXTURE.read_bytes())),
    }
    for name, content in forms.items():
        (tmp_path / name).write_bytes(content)
        out = run_import(tmp_path / name, publish=True)
        assert (
            out.splitlines()[-1]
            == "2021 2024-03-31 第1版は同じ内容で公表済みです。新しい版は作りませんでした。"
        )
    assert reported(demo) == reported(Report.objects.get())


def test_a_damaged_table_over_a_published_one_changes_no_report(demo: Report, tmp_path: Path) -> None:
    before = reported(demo), YearlyAction.objects.count()
    with pytest.raises(CommandError, match=r"^表\.txt 371行目"):
        import_text(
            tmp_path, FIXTURE.read_text().rsplit("\n", 1)[0].rsplit("\t", 1)[0], publish=True, reason="x"
        )
    assert (reported(demo), YearlyAction.objects.count()) == before

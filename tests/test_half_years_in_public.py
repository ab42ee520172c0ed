"""A year in two rounds as the public sees it: each report keeps its own, the latest tells the year.

Not in tests/public, whose published demo has the address of the workspace that is made here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.half_years import (
    FIRST,
    MARCH,
    SEPTEMBER,
    approve,
    make_first_half,
    open_half,
    publish,
    publish_first_half,
    rows_of,
)
from tests.repeating import once
from tests.workspace import Workspace
from tracker.cycle import rounds, workflow
from tracker.models import Report
from tracker.published_tables.file import writing
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.from_report import notes_of, table_of
from tracker.reports import digests

pytestmark = pytest.mark.django_db

HALF, WHOLE = "令和6年9月末時点（令和6年度上半期）", "令和7年3月末時点（令和6年度下半期）"


def publish_second_half(space: Workspace) -> Report:
    """The first row is better rated and has another text; the second is handed in as it began; the third and
    fourth are not approved.
    """
    first, second, *_ = rows_of(open_half(space))
    step = {"rating_id": space.ratings["A"].pk, "rating_reason": "開通したため"}
    approve(space, first, result="・下半期に1。", **step)
    row = workflow.submit(second.pk, by=space.cast.second_planner, version=second.version)
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    return publish(second.round, unapproved_reason="確認中")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test meets a cold cache."""
    cache.clear()


@pytest.fixture
def halves(space: Workspace) -> tuple[Report, Report]:
    return once(_publish_halves, space)


def _publish_halves(space: Workspace) -> tuple[Report, Report]:
    return publish_first_half(space), publish_second_half(space)


def page(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_years_text_is_the_latest_rounds_and_each_report_keeps_its_own(
    halves: tuple[Report, Report],
) -> None:
    first, second = halves
    told = {
        report.round_name: [
            (entry.results["2024"], entry.plans["2025"], entry.rating_code, entry.carried_from)
            for entry in report.entries.order_by("position")
        ]
        for report in halves
    }
    assert told == {
        "上半期": [(f"・上半期に{n}。", f"・予定{n}。", "B", None) for n in (1, 2, 3, 4)],
        "下半期": [
            ("・下半期に1。", "・工事を始めます。", "A", None),
            ("・上半期に2。", "・予定2。", "B", None),
            ("・上半期に3。", "・予定3。", "B", SEPTEMBER),
            ("・上半期に4。", "・予定4。", "B", SEPTEMBER),
        ],
    }
    assert [len(entry.rating_history) for entry in second.entries.all()] == [2, 2, 2, 2]
    assert (first.fiscal_year, second.fiscal_year) == (2024, 2024)
    assert [digests.verify(report) for report in halves] == [True, True]


def test_pages_say_which_round(halves: tuple[Report, Report]) -> None:
    latest, earlier = page("/2021/"), page(f"/2021/reports/{SEPTEMBER}/")
    assert WHOLE in latest
    assert f"{HALF}の公表版（第1版）を表示しています。" in earlier
    pledge = page("/2021/pledges/1-1-1/")
    assert ("下半期に1。" in pledge, "上半期に1。" in pledge) == (True, False)
    assert f"{HALF}の公表のまま載せています。" in pledge
    assert "令和6年度（2024年度）下半期の内容は、公表のときに" in pledge
    assert "上半期に1。" in page(f"/2021/reports/{SEPTEMBER}/pledges/1-1-1/")
    listed = page("/2021/reports/")
    assert (HALF in listed, WHOLE in listed) == (True, True)


def test_the_second_half_is_compared_with_the_first(halves: tuple[Report, Report]) -> None:
    changes = page("/2021/changes/")
    assert f"{HALF}（第1版）</a>との違い" in changes
    assert "開通したため" in changes
    of_first = page(f"/2021/reports/{SEPTEMBER}/changes/")
    assert "令和6年3月末時点（第1版）</a>との違い" in of_first
    filtered = page(f"/2021/pledges/?changed_since={SEPTEMBER}")
    assert f"{HALF}から変わったもの" in filtered


def test_the_feed_says_which_round(halves: tuple[Report, Report]) -> None:
    feed = page("/2021/feed.atom")
    assert f"<title>{WHOLE} 第1版</title>" in feed
    assert f"{HALF}（第1版）と比べて" in feed


def test_the_published_table_says_which_round(halves: tuple[Report, Report]) -> None:
    assert [notes_of(report).head[0] for report in halves] == [
        "令和6年度上半期の報告です。",
        "令和6年度下半期の報告です。",
    ]
    name = f"/2021/data/102041_manifesto-table_{MARCH}_e1.xlsx"
    assert Client().get(name).status_code == 200


def test_the_table_with_a_name_is_read_back_as_it_was_written(
    halves: tuple[Report, Report], tmp_path: Path
) -> None:
    table, file = table_of(halves[1]), tmp_path / "table.xlsx"
    file.write_bytes(writing.write_workbook(table, notes_of(halves[1])))
    again = read_table(file)
    told = [
        (
            each.title,
            each.as_of,
            each.years,
            [(row.results, row.plans, row.rating) for row in each.initiatives()],
        )
        for each in (table, again)
    ]
    assert told[0] == told[1]


def test_the_data_say_which_round_and_those_without_a_name_are_as_they_were(
    halves: tuple[Report, Report],
) -> None:
    def data(as_of: object) -> dict[str, object]:
        return json.loads(page(f"/2021/data/102041_manifesto-rating-history_{as_of}_e1.json"))

    whole, plain = data(MARCH), data("2024-03-31")
    assert (whole["round_name"], "round_name" in plain) == ("下半期", False)
    names = [column["name"] for column in whole["columns"]]  # type: ignore[index, attr-defined]
    assert (names[5], names[-1]) == ("round_name", "report_round_name")
    rows = [row for row in whole["rows"] if row["initiative_key"] == "1-1-1-1"]  # type: ignore[index, attr-defined]
    told = ("report_as_of", "fiscal_year", "report_round_name", "rating_code")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("2024-03-31", 2023, None, "B"),
        ("2024-09-30", 2024, "上半期", "B"),
        ("2025-03-31", 2024, "下半期", "A"),
    ]  # fmt: skip
    assert "round_name" not in [column["name"] for column in plain["columns"]]  # type: ignore[index, attr-defined]
    listed = page(f"/2021/reports/{MARCH}/data/")
    unnamed = page("/2021/reports/2024-03-31/data/")
    assert ("report_round_name" in listed, "report_round_name" in unnamed) == (True, False)
    assert "令和6年度下半期 オープンデータ" in page(f"/2021/reports/{MARCH}/data/catalog.jsonld")


def test_a_report_without_a_name_has_the_digest_that_it_had(space: Workspace) -> None:
    report = Report.objects.get()
    assert report.round_name == ""
    assert digests.verify(report) is True
    report.round_name = FIRST
    assert digests.verify(report) is False


def test_a_carried_row_of_a_report_dated_after_its_year_answers_for_no_later_year(space: Workspace) -> None:
    """The report on 令和6年度 is as of May 2025: a date in 令和7年度."""
    rounds.describe(space.round, name="", as_of=date(2025, 5, 31), by=space.cast.planner)
    for row in rows_of(space.round):
        approve(space, row, plan="")
    space.round.refresh_from_db()
    publish(space.round)
    later = open_half(space, name="", as_of=date(2026, 5, 31), fiscal_year=2025)
    rows = rows_of(later)
    for row in rows[:-1]:
        approve(space, row)
    publish(later, unapproved_reason="確認中")
    pledge = page("/2021/pledges/1-1-1/")
    assert "令和7年5月末時点の公表のまま載せています。" in pledge
    last = pledge[pledge.index('id="initiative-4"') :]
    assert "令和7年度（2025年度）の内容は、公表のときに" in last
    assert last.count("<h4>令和7年度（2025年度）") == 0


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=3)
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_public_reads_the_latest_approved_rounds_text(
    space: Workspace, plan: list[tuple[bool, bool, bool, bool]]
) -> None:
    """`plan`: a round each, and which of its rows are approved in time."""
    with undone():
        expected: list[str] = [""] * 4
        make_first_half(space)
        for number, approvals in enumerate(plan, start=1):
            day = SEPTEMBER.replace(month=9 + number - 1)
            round = space.round if number == 1 else open_half(space, f"第{number}回", day)
            for place, (row, is_approved) in enumerate(zip(rows_of(round), approvals, strict=True)):
                if is_approved:
                    expected[place] = f"・{number}回目。"
                    approve(space, row, result=expected[place])
            reason = "" if all(approvals) else "確認中"
            report = publish(round, unapproved_reason=reason)
            told = [entry.results.get("2024", "") for entry in report.entries.order_by("position")]
            assert told == expected
        space.round.name, space.round.as_of = "", MARCH

"""The three tables of made-up cities in fixtures/, from the file to what the public reads."""

import json
from pathlib import Path

import pytest
from django.test import Client

from tests.conftest import FIXTURES
from tests.management.importing import run_import
from tests.published_tables.file.books import read_book
from tracker.models import Report, ReportEntry
from tracker.published_tables import loading
from tracker.reports import publishing

pytestmark = pytest.mark.django_db


def published(name: str) -> Report:
    """A fixture, read by the layout beside it where there is one, loaded, loaded again, and published."""
    beside: Path = FIXTURES / f"{name}.json"
    layout = json.loads(beside.read_text()) if beside.exists() else None
    table = read_book((FIXTURES / f"{name}.xlsx").read_bytes(), layout)
    told = {"slug": "term", "by": "企画 花子", "file_name": f"{name}.xlsx", "file_digest": "0" * 64}
    outcome = loading.load(table, **told)
    assert loading.load(table, **told).is_unchanged
    report, _is_new = publishing.publish(outcome.round, by="企画 花子")
    return report


def test_the_command_tells_what_it_would_make_of_indicators() -> None:
    printed = run_import(FIXTURES / "example_indicators.xlsx", check=True)
    assert "新しい指標：1-1-1「待機児童（人）」：減らす（表の達成率から）" in printed
    assert (
        "数として読めず、言葉のまま残す目標と実績：2-1-1「相談のあとの起業（件）」令和6年度の実績：集計中"
        in printed
    )


def page_of(entry: ReportEntry, client: Client) -> str:
    answer = client.get(f"/term/pledges/{entry.pledge_key}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_table_of_indicators(client: Client) -> None:
    entries = list(published("example_indicators").entries.order_by("position"))
    assert [len(entry.indicators or []) for entry in entries] == [2, 1, 2, 1, 1, 1, 1]
    nurses, waiting = entries[0].indicators or []
    assert (nurses["name"], nurses["years"]["2024"]["rate"], nurses["years"]["2025"]["target"]) == (
        *("保育士の新規就職者", "104.1"),
        "130",
    )
    assert (waiting["direction"], waiting["years"]["2024"]["is_reached"]) == ("down", False)
    assert (entries[2].indicators or [])[1]["years"]["2024"]["note"] == "集計中"
    source = page_of(entries[0], client)
    assert ("待機児童" in source, "未達" in source, "104.1" in source) == (True, True, True)


def test_classes_with_field_and_section_as_columns(client: Client) -> None:
    report = published("example_classes")
    entries = list(report.entries.order_by("position"))
    assert [(each.category_name, each.section_name, each.rating_code) for each in entries[:3]] == [
        ("安全", "防災", "実施済"),
        ("安全", "防災", "継続実施"),
        ("安全", "交通", "継続実施"),
    ]
    assert [rating["code"] for rating in report.ratings] == ["実施済", "継続実施", "検討中", "見直し"]
    assert [rating.get("ranked") for rating in report.ratings] == [False] * 4
    assert "温泉の施設を建て直します" in page_of(entries[-1], client)


def test_a_sheet_per_field_with_an_outside_evaluator(client: Client) -> None:
    report = published("example_sheets")
    entries = list(report.entries.order_by("position"))
    assert [(each.category_name, each.pledge_number) for each in entries[2:4]] == [
        ("学び", "3"),
        ("まち", "4"),
    ]
    assert [column["label"] for column in report.extra_columns or []] == ["外部評価"]
    assert (entries[5].extra_values, entries[4].extra_values) == (
        {"x1": {"2024": "遅れの理由が説明されていません。"}},
        None,
    )
    assert "遅れの理由が説明されていません。" in page_of(entries[5], client)

"""Digests of reports: of content alone, and of reports made before there was an index of its own."""

import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection

from tests.management.importing import published
from tracker import triggers
from tracker.models import EntryIndex, Report, ReportEntry
from tracker.reports import digests
from tracker.reports.index import INDEXED
from tracker.words.packing import pack, unpack

pytestmark = pytest.mark.django_db

DERIVED = {
    "progress": {"results": {"2023": "new"}, "plans": {}},
    "excerpt": "建てました。",
    "facets": " t:new ",
    "search_text": "まち\n道路",
}


@pytest.mark.parametrize(
    ("version", "derived", "digest"),
    [
        (1, [DERIVED], "dbc68ade6afd61e19a25e807c2680d919b376729d5e6765a02aafa072dfab593"),
        (2, [], "7eec26b6a00eb4e179644ca32d7c7299de9fca2939f5acb878fae6590af1166a"),
    ],
)
def test_a_digest_is_the_same_for_ever(version: int, derived: list[object], digest: str) -> None:
    """What the code of the first release made of version 1, and that of the second of version 2."""
    report = Report(
        slug="2021",
        title="表",
        as_of=date(2024, 3, 31),
        fiscal_year=2023,
        published_at=datetime(2024, 5, 10, 3, tzinfo=UTC),
        published_by="企画",
        entry_count=1,
        ratings=[{"code": "A", "label": "達成", "definition": "", "percent": 100, "level": 1}],
        years=[{"fiscal_year": 2023, "kind": "result", "cumulative": False}],
        outline={"categories": [{"number": 1, "name": "まち"}], "departments": [], "plans": []},
        digest_version=version,
        derived_in_digest=pack(derived),
    )
    entry = ReportEntry(
        position=1,
        key="1-1-1-1",
        category_number=1,
        category_name="まち",
        section_number=1,
        section_name="道路",
        pledge_key="1-1-1",
        pledge_number="①",
        pledge_text="駅を直します",
        initiative_position=1,
        results={"2023": "・建てました。"},
        rating_code="A",
    )
    entry.content_digest = digests.content_digest(entry)
    assert entry.content_digest == "8f27601f2c338422c30f05e0d7ac9f7be7a7d81099ed6d20f61da6aa473f8040"
    assert digests.digest(report, [entry]) == digest


FORGED = (
    *("title", "published_by", "correction_reason", "fiscal_year", "ratings", "years", "outline"),
    *("unapproved_reason", "chain_head"),
)


@pytest.mark.parametrize("field", FORGED)
def test_verify_notices_a_changed_report(tmp_path: Path, field: str) -> None:
    report = published(tmp_path)
    forged = {"fiscal_year": 2022, "ratings": report.ratings[1:], "years": report.years[1:], "outline": {}}
    with triggers.removed(connection):
        Report.objects.filter(pk=report.pk).update(**{field: forged.get(field, "偽")})
        assert digests.verify(Report.objects.get()) is False
        Report.objects.filter(pk=report.pk).update(**{field: getattr(report, field)})
        assert digests.verify(Report.objects.get()) is True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pledge_text", "偽"),
        ("rating_code", "C"),
        ("results", {"2023": "偽"}),
        ("departments", []),
        ("sdgs", None),
        ("content_digest", "0" * 64),
        ("position", 9),
        ("ended_after", 2022),
        ("carried_from", "2023-03-31"),
    ],
)
def test_verify_notices_a_changed_entry(tmp_path: Path, field: str, value: object) -> None:
    report = published(tmp_path)
    with triggers.removed(connection):
        report.entries.filter(position=1).update(**{field: value})
        assert digests.verify(report) is False


def test_verify_notices_a_removed_entry(tmp_path: Path) -> None:
    report = published(tmp_path)
    with triggers.removed(connection):
        report.entries.filter(position=2).delete()
        assert digests.verify(report) is False


def test_the_index_is_no_part_of_what_is_verified(tmp_path: Path) -> None:
    report = published(tmp_path)
    EntryIndex.objects.update(facets="", excerpt="", search_text="", progress={})
    assert (report.digest_version, digests.verify(report)) == (3, True)


@pytest.fixture
def first_version(tmp_path: Path) -> Report:
    """A published report as the first release left it: its digest covers the index of its time."""
    report = published(tmp_path)
    entries = list(report.entries.order_by("position"))
    report.digest_version = 1
    report.derived_in_digest = pack(EntryIndex.objects.order_by("entry__position").values(*INDEXED))
    report.digest = digests.digest(report, entries)
    with triggers.removed(connection):
        report.save()
    return Report.objects.get()


def test_a_digest_of_version_1_holds_whatever_becomes_of_the_index(first_version: Report) -> None:
    EntryIndex.objects.all().delete()
    assert digests.verify(first_version) is True


@pytest.mark.parametrize("name", INDEXED)
def test_verify_notices_a_change_of_what_a_digest_of_version_1_covers(
    first_version: Report, name: str
) -> None:
    derived = [values | {name: "偽"} for values in unpack(first_version.derived_in_digest)]
    first_version.derived_in_digest = pack(derived)
    assert digests.verify(first_version) is False


@pytest.mark.parametrize("packed", [b"", b"x", pack([{}])])
def test_what_a_digest_of_version_1_covers_is_lost(first_version: Report, packed: bytes) -> None:
    first_version.derived_in_digest = packed
    with pytest.raises((ValueError, OSError, EOFError, zlib.error)):
        digests.verify(first_version)


def test_a_report_of_one_version_is_not_taken_for_the_other(first_version: Report) -> None:
    first_version.digest_version = 2
    assert digests.verify(first_version) is False

"""Reports: the rules of their tables that no trigger holds, and what rows of a report say."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.models.breaking import assert_broken, constraints_of
from tests.workspace import Workspace, newest_report
from tracker.models import Report, ReportEntry

pytestmark = pytest.mark.django_db

# Rules that a trigger checks first (tests/test_triggers.py).
BY_TRIGGER = {"report_edition_once", "entry_position_once", "entry_key_once"}


def test_every_rule_is_tested() -> None:
    assert constraints_of("publication") == {"correction_needs_reason", "entry_position_from_1"} | BY_TRIGGER


def test_a_correction_needs_a_reason(space: Workspace) -> None:
    names = [field.name for field in Report._meta.concrete_fields if field.name != "id"]
    values = {name: getattr(newest_report(space.manifesto), name) for name in names}
    assert_broken(Report(**values | {"edition": 2}), "訂正するときは、理由を書いてください。")


def test_an_entrys_position_begins_at_one(space: Workspace) -> None:
    names = {field.name for field in ReportEntry._meta.concrete_fields}
    texts = dict.fromkeys(
        ("key", "category_name", "section_name", "pledge_key", "pledge_text", "content_digest"), "x"
    )
    numbers: dict[str, Any] = dict.fromkeys(("category_number", "section_number", "initiative_position"), 1)
    assert set(texts) | set(numbers) < names
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportEntry.objects.create(report=newest_report(space.manifesto), position=0, **texts, **numbers)


def test_the_list_leaves_out_what_only_a_pledges_page_shows() -> None:
    assert "results" not in ReportEntry.objects.for_list().query.values_select


def test_an_entrys_lines() -> None:
    entry = ReportEntry(key="1-1-1-1", results={"2023": "・甲\n・乙"}, plans={})
    assert (entry.text_lines("results", 2023), entry.text_lines("plans", 2024)) == (["・甲", "・乙"], [])


def test_rows_name_themselves(space: Workspace) -> None:
    report = newest_report(space.manifesto)
    assert (str(report), str(report.entries.get(position=1))) == ("市長マニフェスト 1", "1-1-1-1")

"""The index of published reports is made anew by a command."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.public.building import make_entry, save_report
from tracker.models import EntryIndex, Report
from tracker.public.published import state_of
from tracker.public.scope import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports() -> list[Report]:
    """Two reports; the index of two entries of the first is not as it should be."""
    made = [save_report([make_entry(number) for number in (1, 2)], slug=slug) for slug in ("2013", "2017")]
    EntryIndex.objects.filter(entry__report=made[0]).update(facets="")
    return made


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("rebuild_index", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_all_reports_are_looked_at_and_counted(reports: list[Report]) -> None:
    right = "2017/2024-03-31/1（取組 2 件）：索引は、内容と合っています。"
    history = "変更の履歴：索引は、内容と合っています。"
    assert said() == ["2013/2024-03-31/1（取組 2 件）：2 件の索引を作り直しました。", right, history]
    assert said() == ["2013/2024-03-31/1（取組 2 件）：索引は、内容と合っています。", right, history]


def test_one_report_is_made_anew(reports: list[Report]) -> None:
    assert said("2017/2024-03-31/1") == ["2017/2024-03-31/1（取組 2 件）：索引は、内容と合っています。"]
    assert EntryIndex.objects.filter(facets="").count() == 2
    assert said("2013/2024-03-31/1") == ["2013/2024-03-31/1（取組 2 件）：2 件の索引を作り直しました。"]
    assert EntryIndex.objects.filter(facets="").count() == 0


def test_kept_pages_notice_it(reports: list[Report]) -> None:
    states = [state_of(published())]
    for _time in range(2):
        said()
        states.append(state_of(published()))
    assert states[0] != states[1]
    assert states[1] == states[2]


def test_a_report_that_is_not_there_is_named_with_those_that_are(reports: list[Report]) -> None:
    with pytest.raises(CommandError, match=r"公表版 x はありません。.*2013/2024-03-31/1、2017/2024-03-31/1"):
        call_command("rebuild_index", "x")
    assert EntryIndex.objects.filter(facets="").count() == 2

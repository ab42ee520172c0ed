"""The submission and the head's confirmation are told apart, wherever the desk tells of a row."""

import io
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from tests.public.markup import parse
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.cycle import section_check, workflow
from tracker.models import Manifesto, Membership, YearlyAction
from tracker.staff.desk.handed_in import HandingIn, handing_in


@pytest.fixture
def last_day(space: Workspace) -> datetime:
    """In the afternoon of the day on which answers are due; the colleague heads `mine`."""
    Manifesto.objects.update(section_check=True)
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    due = space.round.due_on
    assert due is not None
    return timezone.make_aware(datetime(due.year, due.month, due.day, 15, 4))


def confirmed(space: Workspace, submitted_at: datetime, confirmed_at: datetime) -> YearlyAction:
    with time_machine.travel(submitted_at, tick=False):
        row = submit(space.row(), space.cast.clerk)
    with time_machine.travel(confirmed_at, tick=False):
        section_check.confirm(row.pk, by=space.cast.colleague, version=row.version)
    return space.row()


def test_a_head_may_be_late_with_what_was_submitted_in_time(space: Workspace, last_day: datetime) -> None:
    next_day = last_day + timedelta(days=1)
    row = confirmed(space, last_day, next_day)
    other = submit(space.row(2), space.cast.other)  # without a head: straight to the planning office
    assert handing_in([row, other]) == {
        row.pk: HandingIn(last_day, next_day, "締切後に課長確認"),
        other.pk: HandingIn(other.submitted_at, None, ""),
    }


def test_what_was_submitted_again_tells_the_last_submission(space: Workspace, last_day: datetime) -> None:
    next_day = last_day + timedelta(days=1)
    row = confirmed(space, last_day - timedelta(days=3), last_day - timedelta(days=2))
    workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="回数を書いてください。")
    again = confirmed(space, next_day, next_day + timedelta(hours=1))
    told = handing_in([again])[again.pk]
    assert told == HandingIn(next_day, next_day + timedelta(hours=1), "締切後に提出")


def test_every_page_of_the_desk_tells_both(space: Workspace, last_day: datetime) -> None:
    row = confirmed(space, last_day - timedelta(days=2), last_day - timedelta(days=1))
    submitted, at = (timezone.localtime(last_day - timedelta(days=days)) for days in (2, 1))
    client = logged_in(space.cast.planner)
    queue = parse(client.get(f"/staff/queue/?round={space.round.pk}").content.decode()).text
    assert f"{submitted.month}月{submitted.day}日 15:04 提出" in queue
    assert f"{at.month}月{at.day}日 15:04 課長確認" in queue
    review = parse(client.get(f"/staff/actions/{row.pk}/review/").content.decode()).text
    assert "提出：試験 clerk" in review
    assert "課長確認：試験 colleague" in review
    book = load_workbook(io.BytesIO(client.get(f"/staff/queue/list.xlsx?round={space.round.pk}").content))
    headings, line = ([cell.value for cell in each] for each in book.worksheets[0].iter_rows())
    cells = dict(zip(headings, line, strict=True))
    told = [cells[name] for name in ("提出した日時", "確認した課長", "課長が確認した日時")]
    assert told == [f"{submitted:%Y-%m-%d %H:%M}", "試験 colleague", f"{at:%Y-%m-%d %H:%M}"]


def test_no_row_that_a_head_has_confirmed_asks_nothing(space: Workspace) -> None:
    rows = space.rows()
    with CaptureQueriesContext(connection) as asked:
        handing_in(rows)
    assert len(asked) == 0

"""Long sheets beside the web server: who works which batch, what it says on the way, and that none is held
for ever.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.staff.people import fill
from tests.workspace import Workspace, transitions
from tracker.choices import BatchState
from tracker.cycle import events, workflow_in_bulk
from tracker.entry_sheets import applying, receiving, working
from tracker.entry_sheets.applying import MOVED
from tracker.entry_sheets.planning import plan_of
from tracker.models import SheetBatch, YearlyAction

pytestmark = pytest.mark.django_db

OURS = (
    "処理の途中で問題が起きました。何も書き込んでいません。"
    "もう一度試しても同じときは、企画に連絡してください。"
)


def answered(space: Workspace) -> bytes:
    """The clerk's sheet with an answer in its first row."""
    return filled(
        sheet_of(space, space.cast.clerk), {space.row(1).pk: {"result": "・駅を直しました。", "rating": "B"}}
    )


def unread(space: Workspace, content: bytes, name: str = "a.xlsx") -> SheetBatch:
    """A batch that waits to be read."""
    return SheetBatch.objects.create(
        owner=space.cast.clerk,
        round=space.round,
        file_name=name,
        file_digest="",
        content=content,
        state=BatchState.READING,
    )


def confirmed(space: Workspace) -> SheetBatch:
    """A batch that waits to be written."""
    batch = received(space, answered(space), space.cast.clerk)
    batch.state, batch.plan_digest = BatchState.APPLYING, plan_of(batch, space.cast.clerk).digest
    batch.save()
    return batch


def now(batch: SheetBatch) -> SheetBatch:
    return SheetBatch.objects.select_related("owner", "round__manifesto", "export").get(pk=batch.pk)


def let_go(batch: SheetBatch) -> tuple[str, bytes | None, datetime | None, str, int]:
    """Message, and what nobody holds any more."""
    stored = now(batch)
    return stored.message, stored.content, stored.beat_at, stored.worker, stored.done


def everything(space: Workspace) -> tuple[list[dict[str, Any]], str]:
    return list(YearlyAction.objects.filter(round=space.round).order_by("pk").values()), events.head()


def held(batch: SheetBatch, seconds_ago: float) -> None:
    """A batch whose worker, another one, gave its last sign of life so long ago."""
    beat_at = timezone.now() - timedelta(seconds=seconds_ago)
    SheetBatch.objects.filter(pk=batch.pk).update(worker="another", beat_at=beat_at, done=7)


# ---- claiming


def test_the_batch_that_has_waited_longest_is_claimed_first(space: Workspace) -> None:
    batches = [unread(space, b"", name) for name in ("first", "second", "third")]
    for batch, minutes in zip(batches, (5, 9, 1), strict=True):
        SheetBatch.objects.filter(pk=batch.pk).update(uploaded_at=timezone.now() - timedelta(minutes=minutes))
    claimed = [working.claim() for _ in range(4)]
    assert [batch and batch.file_name for batch in claimed] == ["second", "first", "third", None]
    assert len({batch.worker for batch in claimed if batch}) == 3


def test_a_claim_is_a_sign_of_life_and_progress_begins_anew(space: Workspace) -> None:
    batch = confirmed(space)
    held(batch, 61)
    claimed = working.claim()
    assert claimed is not None
    stored = now(batch)
    assert (stored.worker, stored.done, claimed.pk) == (claimed.worker, 0, batch.pk)
    assert stored.worker != "another"
    assert stored.beat_at is not None
    assert timezone.now() - stored.beat_at < timedelta(seconds=20)


@pytest.mark.parametrize(("seconds_ago", "is_free"), [(59, False), (61, True)])
def test_a_worker_counts_as_dead_after_a_minute_of_silence(
    space: Workspace, seconds_ago: int, is_free: bool
) -> None:
    batch = confirmed(space)
    held(batch, seconds_ago)
    assert working.is_waiting(now(batch)) is is_free
    assert (working.claim() is not None) is is_free


@pytest.mark.parametrize("state", sorted(set(BatchState) - {BatchState.READING, BatchState.APPLYING}))
def test_a_batch_with_nothing_to_be_done_is_left_alone(space: Workspace, state: BatchState) -> None:
    batch = confirmed(space)
    SheetBatch.objects.filter(pk=batch.pk).update(state=state)
    assert working.is_waiting(now(batch)) is False
    assert working.claim() is None


def test_a_batch_discarded_at_the_moment_of_its_claim_is_passed_over(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = unread(space, b"", "gone"), unread(space, b"", "kept")

    def token() -> str:
        SheetBatch.objects.filter(pk=gone.pk).delete()
        return "mine"

    monkeypatch.setattr(working, "token", token)
    claimed = working.claim()
    assert claimed == kept


# ---- reading


def test_a_sheet_is_read_and_waits_for_its_confirmation(space: Workspace) -> None:
    batch = unread(space, answered(space))
    assert working.work() == 1
    assert now(batch).state == BatchState.READY
    assert let_go(batch) == ("", None, None, "", 0)
    assert (now(batch).total, plan_of(now(batch), space.cast.clerk).same_count) == (2, 1)


def test_a_file_that_cannot_be_read_says_why(space: Workspace) -> None:
    batch = unread(space, b"PK\x03\x04 broken")
    working.work()
    message, *rest = let_go(batch)
    assert now(batch).state == BatchState.FAILED
    assert message.startswith("a.xlsx")
    assert rest == [None, None, "", 0]


def broken(*args: Any) -> Any:
    raise RuntimeError("a fault of ours")


def test_a_fault_of_ours_while_reading_fails_the_batch(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    batch = unread(space, answered(space))
    monkeypatch.setattr(working, "take_in", broken)
    assert working.work() == 1
    assert now(batch).state == BatchState.FAILED
    assert let_go(batch) == (OURS, None, None, "", 0)
    assert [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == working.__name__
    ] == [("ERROR", f"batch {batch.key} could not be worked")]


# ---- writing


def test_a_confirmed_sheet_is_written(space: Workspace) -> None:
    batch = confirmed(space)
    assert working.work() == 1
    assert now(batch).state == BatchState.APPLIED
    assert let_go(batch) == ("1 件の取組に書き込みました（下書き）。", None, None, "", 2)
    assert space.row(1).result == "・駅を直しました。"
    assert transitions(space.row(1)) == [("not_started", "draft")]
    assert working.work() == 0


def test_a_sheet_that_meets_other_answers_goes_back_to_its_preview_and_can_be_confirmed_again(
    space: Workspace,
) -> None:
    batch = confirmed(space)
    fill(space.row(3), space.cast.colleague)
    before = everything(space)
    assert working.work() == 1
    assert everything(space) == before
    assert now(batch).state == BatchState.READY
    assert let_go(batch) == (str(MOVED), None, None, "", 0)
    clerk = space.cast.clerk
    assert (
        applying.confirm(now(batch), by=clerk, seen=plan_of(now(batch), clerk).digest).state
        == BatchState.APPLIED
    )


def test_a_row_that_moves_while_the_sheet_is_compared_stops_it(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = confirmed(space)

    def compared(*args: Any) -> Any:
        plan = plan_of(*args)
        fill(space.row(1), space.cast.colleague)
        return plan

    monkeypatch.setattr(working, "plan_of", compared)
    working.work()
    assert now(batch).state == BatchState.READY
    assert let_go(batch) == (str(MOVED), None, None, "", 0)
    assert space.row(1).saved_by == space.cast.colleague


@pytest.mark.parametrize(
    "breaks",
    [
        lambda patch: patch.setattr(working, "plan_of", broken),
        lambda patch: patch.setattr(workflow_in_bulk.events, "record_all", lambda happenings, by: broken()),
        lambda patch: patch.setattr(SheetBatch, "save", broken),
    ],
    ids=["comparing", "after the rows are written", "after the events are written"],
)
def test_a_fault_of_ours_while_writing_leaves_the_batch_to_be_confirmed_again(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[pytest.MonkeyPatch], None]
) -> None:
    batch, before = confirmed(space), everything(space)
    with monkeypatch.context() as patch:
        breaks(patch)
        assert working.work() == 1
    assert everything(space) == before
    assert now(batch).state == BatchState.READY
    assert let_go(batch) == (OURS, None, None, "", 0)
    clerk = space.cast.clerk
    applying.confirm(now(batch), by=clerk, seen=plan_of(now(batch), clerk).digest)
    assert (now(batch).state, now(batch).message) == (
        BatchState.APPLIED,
        "1 件の取組に書き込みました（下書き）。",
    )


def test_comparing_gives_signs_of_life(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, seen = confirmed(space), []

    def compared(waiting: SheetBatch, by: Any, advance: Callable[[int], None]) -> Any:
        SheetBatch.objects.filter(pk=batch.pk).update(beat_at=timezone.now() - timedelta(seconds=50))
        advance(1)
        beat_at = now(batch).beat_at
        seen.append(
            (now(batch).done, beat_at is not None and timezone.now() - beat_at < timedelta(seconds=20))
        )
        return plan_of(waiting, by)

    monkeypatch.setattr(working, "plan_of", compared)
    working.work()
    assert seen == [(1, True)]


# ---- a claim that is lost


def taken_over_before(original: Callable[..., Any], batch: SheetBatch) -> Callable[..., Any]:
    """The original, once another worker has taken the batch over."""

    def late(*args: Any, **values: Any) -> Any:
        held(batch, 0)
        return original(*args, **values)

    return late


@pytest.mark.parametrize("original", [plan_of, broken], ids=["it comes to its end", "it fails"])
def test_a_worker_that_lost_its_claim_writes_nothing(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, original: Callable[..., Any]
) -> None:
    batch, before = confirmed(space), everything(space)
    monkeypatch.setattr(working, "plan_of", taken_over_before(original, batch))
    working.work()
    stored = now(batch)
    assert everything(space) == before
    assert (stored.state, stored.worker, stored.done, stored.taken) == (BatchState.APPLYING, "another", 7, {})


def test_a_late_sign_of_life_is_not_the_new_workers(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = confirmed(space)

    def compared(waiting: SheetBatch, by: Any, advance: Callable[[int], None]) -> Any:
        held(batch, 30)
        advance(2)
        return plan_of(waiting, by)

    monkeypatch.setattr(working, "plan_of", compared)
    working.work()
    stored = now(batch)
    assert (stored.worker, stored.done) == ("another", 7)
    assert stored.beat_at is not None
    assert timezone.now() - stored.beat_at > timedelta(seconds=29)


def test_a_reader_that_lost_its_claim_leaves_the_batch_as_it_is(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = unread(space, answered(space))
    monkeypatch.setattr(working, "take_in", taken_over_before(receiving.take_in, batch))
    working.work()
    stored = now(batch)
    assert (stored.state, stored.worker, stored.total) == (BatchState.READING, "another", 0)
    assert stored.content is not None


def test_a_batch_discarded_while_it_is_read_stays_away(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = unread(space, answered(space))

    def read(waiting: SheetBatch, content: bytes) -> None:
        applying.discard(now(batch), by=space.cast.clerk)
        receiving.take_in(waiting, content)

    monkeypatch.setattr(working, "take_in", read)
    assert working.work() == 1
    assert SheetBatch.objects.count() == 0


# ---- waiting for other workers


def test_a_worker_ends_although_others_are_at_work(space: Workspace) -> None:
    held(confirmed(space), 0)
    assert working.work() == 0


def test_a_waiting_worker_takes_over_once_the_other_is_silent(space: Workspace) -> None:
    batch = confirmed(space)
    held(batch, 0)
    assert working.work(silence=timedelta(milliseconds=20), waits=True) == 1
    assert now(batch).state == BatchState.APPLIED


def test_a_waiting_worker_ends_when_the_other_is_alive_after_the_silence(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, pauses = confirmed(space), []
    held(batch, 0)
    clock = [100.0]

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds
        held(batch, 0)

    monkeypatch.setattr(time, "sleep", pause)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    assert working.work(waits=True) == 0
    assert sum(pauses) > working.SILENCE.total_seconds()
    assert sum(pauses) < 2 * working.SILENCE.total_seconds()
    assert now(batch).worker == "another"


def test_a_waiting_worker_ends_when_the_other_is_done(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, pauses = confirmed(space), []
    held(batch, 0)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            SheetBatch.objects.filter(pk=batch.pk).update(state=BatchState.APPLIED)

    monkeypatch.setattr(time, "sleep", pause)
    assert working.work(waits=True) == 0
    assert pauses == [working.PAUSE.total_seconds()] * 2


# ---- the process


def test_the_process_is_started_apart_from_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/entry_sheets/racing_sheets.py starts real ones."""
    calls: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: calls.append((command, options)))
    working.start()
    ((command, options),) = calls
    assert command == [sys.executable, "manage.py", "work_batches", "--verbosity", "0"]
    assert (options["start_new_session"], options["stdin"]) == (True, subprocess.DEVNULL)


def said(**options: Any) -> str:
    out = StringIO()
    call_command("work_batches", stdout=out, **options)
    return out.getvalue()


def test_the_command_says_how_many_it_worked(space: Workspace) -> None:
    unread(space, answered(space))
    confirmed(space)
    assert said() == "2 件の入力シートを処理しました。\n"
    assert said(verbosity=0) == ""


def test_the_command_names_what_it_works(space: Workspace) -> None:
    confirmed(space)
    assert said(verbosity=2) == "a.xlsx：書き込み中\na.xlsx：取込済\n1 件の入力シートを処理しました。\n"


def test_the_command_waits_and_takes_over_where_it_is_told_to(space: Workspace) -> None:
    held(confirmed(space), 0)
    assert said(silence=0.02, wait=True) == "1 件の入力シートを処理しました。\n"


def test_the_command_ends_quietly_before_the_tables_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert said(verbosity=0) == ""
    assert said() == "データベースがまだ準備されていません（manage.py migrate を実行してください）。\n"


def test_the_command_says_in_a_line_that_the_database_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> list[str]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection.introspection, "table_names", refused)
    with pytest.raises(CommandError, match="データベースにつながりません：connection refused"):
        said()

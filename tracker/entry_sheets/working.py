"""Long sheets are worked beside the web server, by a process of its own. The queue is the table of batches:
no broker.

A worker claims a batch by one guarded UPDATE and gives a sign of life as it goes. Whose worker has died, by a
restart or a kill, is claimed by the next one; what was written half is not written, since applying is one
transaction.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tracker.choices import WORKED_BATCHES, BatchState
from tracker.entry_sheets.applying import SheetProblem, apply
from tracker.entry_sheets.planning import plan_of
from tracker.entry_sheets.receiving import take_in
from tracker.models import SheetBatch
from tracker.models.sheets import token
from tracker.workbooks.problems import FileProblem

logger = logging.getLogger(__name__)

SILENCE = timedelta(seconds=60)  # after which a worker counts as dead
PAUSE = timedelta(seconds=5)


def start() -> None:
    """Starts a worker, which ends when nothing is left to do."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "manifesto.settings"}
    command = [sys.executable, "manage.py", "work_batches", "--verbosity", "0"]
    subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )


def is_waiting(batch: SheetBatch) -> bool:
    """Whether a batch has something to be done and nobody alive who does it."""
    return batch.state in WORKED_BATCHES and (
        batch.beat_at is None or batch.beat_at < timezone.now() - SILENCE
    )


def work(
    say: Callable[[str], None] = lambda words: None, *, silence: timedelta = SILENCE, waits: bool = False
) -> int:
    """Works batches until none is free. Returns how many. With `waits` not before the silence is over in
    which a worker that has just died still counts as alive.
    """
    count, end = 0, time.monotonic() + silence.total_seconds() * 1.1
    while True:
        if batch := claim(silence):
            say(f"{batch.file_name}：{batch.get_state_display()}")
            _work(batch)
            say(f"{batch.file_name}：{batch.get_state_display()}")
            count += 1
        elif (
            waits and time.monotonic() < end and SheetBatch.objects.filter(state__in=WORKED_BATCHES).exists()
        ):
            time.sleep(min(silence, PAUSE).total_seconds())
        else:
            return count


def claim(silence: timedelta = SILENCE) -> SheetBatch | None:
    """The batch that has waited longest, now this process's. None where there is nothing to do."""
    free = Q(beat_at__isnull=True) | Q(beat_at__lt=timezone.now() - silence)
    waiting = SheetBatch.objects.filter(free, state__in=WORKED_BATCHES)
    for pk in list(waiting.order_by("uploaded_at", "pk").values_list("pk", flat=True)):
        name = token()
        if waiting.filter(pk=pk).update(worker=name, beat_at=timezone.now(), done=0):
            found = SheetBatch.objects.select_related("owner", "round__manifesto", "export").filter(
                pk=pk, worker=name
            )
            if batch := found.first():  # its owner may have discarded it this moment
                return batch
    return None


def _work(batch: SheetBatch) -> None:
    worker, was = batch.worker, batch.state
    try:
        if was == BatchState.READING:
            _read(batch)
        else:
            _apply(batch)
    except FileProblem as problem:
        _leave(batch, worker, BatchState.FAILED, problem.in_words(batch.file_name))
    except SheetProblem as problem:
        _leave(batch, worker, BatchState.READY, str(problem))
    except Exception:  # a fault of ours must not be worked again and again
        logger.exception("batch %s could not be worked", batch.key)
        words = (
            "処理の途中で問題が起きました。何も書き込んでいません。"
            "もう一度試しても同じときは、企画に連絡してください。"
        )
        _leave(batch, worker, BatchState.FAILED if was == BatchState.READING else BatchState.READY, words)


def _read(batch: SheetBatch) -> None:
    take_in(batch, bytes(batch.content or b""))
    with transaction.atomic():
        if _is_ours(batch):
            batch.beat_at, batch.worker = None, ""
            batch.save()


def _apply(batch: SheetBatch) -> None:
    """Compares with signs of life, then writes in one transaction, which refuses every row that has moved
    meanwhile.
    """
    plan = plan_of(batch, batch.owner, lambda done: _beat(batch, done))
    with transaction.atomic():
        if _is_ours(batch):
            batch.beat_at, batch.worker = None, ""
            apply(batch, plan, by=batch.owner, seen=batch.plan_digest)


def _is_ours(batch: SheetBatch) -> bool:
    """Whether nobody else has taken the batch over, now that it is locked."""
    ours = SheetBatch.objects.select_for_update().filter(
        pk=batch.pk, worker=batch.worker, state__in=WORKED_BATCHES
    )
    return ours.exists()


def _beat(batch: SheetBatch, done: int) -> None:
    SheetBatch.objects.filter(pk=batch.pk, worker=batch.worker).update(done=done, beat_at=timezone.now())


def _leave(batch: SheetBatch, worker: str, state: BatchState, message: str) -> None:
    """Lets go of a batch that could not be worked, with the words for it, unless another worker has it
    now.
    """
    batch.state = state
    SheetBatch.objects.filter(pk=batch.pk, worker=worker).update(
        state=state, message=message, content=None, beat_at=None, worker="", done=0
    )

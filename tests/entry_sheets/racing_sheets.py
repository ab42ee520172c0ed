"""Sudden deaths and races of entry sheets, on a real database: as JSON: `python -m
tests.entry_sheets.racing_sheets`.

A process of its own, as tests/cycle/racing.py. A sheet of 2,000 rows is written by the process that confirms
it, a longer one by `manage.py work_batches`; both are killed at moments spread over the time that they take,
and tried again.
"""

import csv
import io
import json
import mmap
import random
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from manifesto import gunicorn  # noqa: E402
from tests.cycle.racing import killed_after, race, seconds_undisturbed, until_the_server_knows  # noqa: E402
from tests.workspace import Workspace, make_workspace  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.choices import BatchState  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.cycle.workflow_in_bulk import SNAPSHOT  # noqa: E402
from tracker.entry_sheets import applying, receiving, working  # noqa: E402
from tracker.entry_sheets.file.columns import COLUMNS, INPUTS  # noqa: E402
from tracker.entry_sheets.planning import plan_of  # noqa: E402
from tracker.models import ChainHead, Event, SheetBatch, User, YearlyAction  # noqa: E402
from tracker.words import digests  # noqa: E402

PROJECT = Path(__file__).resolve().parents[2]
SHORT, LONG = receiving.LONG_ROWS, receiving.LONG_ROWS + 50
KILLS, WORKER_KILLS, PROCESS_KILLS = 30, 12, 2
BATCHES, WORKERS, ROWS_OF_A_BATCH = 3, 4, 40
SILENCE = timedelta(milliseconds=50)  # instead of a minute
SECONDS_TO_FINISH = 60
MOMENTS = {"before", "inside", "after"}

Act = Callable[[], object]


@dataclass(frozen=True)
class Hall:
    """One workspace with its people; `at_first` is what its rows said before anything was written."""

    space: Workspace
    planner: User
    at_first: dict[str, Any]
    events_at_first: int
    hash_at_first: str

    @classmethod
    def make(cls) -> "Hall":
        space = make_workspace(LONG)
        (values,) = (
            rows_of(space).order_by().values(*SNAPSHOT, "version").distinct()
        )  # all of them say the same
        return cls(space, space.cast.planner, values, events.length(), events.head())

    def batch(self, content: bytes) -> int:
        """An uploaded sheet, ready to be confirmed."""
        return receiving.receive(
            content, file_name="a.csv", round=self.space.round, by=self.planner, submits=False
        ).pk

    def put_back(self, *batches: int) -> None:
        """Everything as it stood before anything was written; the batches are ready again."""
        with triggers.removed(connection):
            rows_of(self.space).update(**self.at_first)
            Event.objects.filter(number__gt=self.events_at_first).delete()
            ChainHead.objects.update(number=self.events_at_first, own_hash=self.hash_at_first)
        SheetBatch.objects.filter(pk__in=batches).update(
            state=BatchState.READY,
            plan_digest="",
            taken={},
            confirmed_at=None,
            message="",
            done=0,
            worker="",
            beat_at=None,
        )

    def stand(self, batch: int) -> dict[str, Any]:
        """What can be seen from outside of where an act got to, and whether all of it holds."""
        rows = rows_of(self.space)
        stored = SheetBatch.objects.get(pk=batch)
        return {
            "batch": stored.state,
            "taken": len(stored.taken),
            "states": Counter(rows.values_list("state", flat=True)),
            "written": digests.sha256(
                json.dumps(list(rows.values_list("pk", "version", "state", "result", "rating", "saved_by")))
            ),
            "events": Event.objects.count() - self.events_at_first,
            "broken": str(events.first_break(Event.objects.order_by("number"), events.known_heads())),
            "triggers": triggers.missing(connection),
        }


def rows_of(space: Workspace) -> Any:
    return YearlyAction.objects.filter(round=space.round).order_by("pk")


def csv_of(rows: Iterable[YearlyAction]) -> bytes:
    """A sheet saved as CSV with an answer in every row."""
    names = ("id", "version", *INPUTS)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([column.heading_for(2024) for column in COLUMNS if column.name in names])
    out.writerows(
        [row.pk, row.version, f"・{row.pk} を直しました。", "B", "", "・次も直します。"] for row in rows
    )
    return text.getvalue().encode("utf-8-sig")


def loaded(batch: int) -> SheetBatch:
    return SheetBatch.objects.select_related("owner", "round__manifesto", "export").get(pk=batch)


# ---- deaths


class Watched:
    """An act that tells, through memory that outlives its process, when it began to write and that it is
    done.
    """

    def __init__(self, act: Act) -> None:
        self.act = act
        self.memory = mmap.mmap(-1, 9)

    def __call__(self) -> None:
        with connection.execute_wrapper(self._look):
            self.act()
        self.memory[8] = 1

    def _look(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "tracker_yearlyaction"') and not self.writing_since:
            self.memory[:8] = struct.pack("d", time.monotonic())
        return execute(sql, params, many, context)

    @property
    def writing_since(self) -> float:
        """The time of the first write; 0 before it."""
        return float(struct.unpack("d", self.memory[:8])[0])

    @property
    def moment(self) -> str:
        """Where the act has got to."""
        return "after" if self.memory[8] else "inside" if self.writing_since else "before"

    def until_it_writes(self) -> None:
        until(lambda: self.moment != "before")


def deaths(
    hall: Hall, batch: int, count: int, act: Act, begin: Act, between: Act = lambda: None
) -> list[dict[str, Any]]:
    """What stood before and after each kill of an act, which goes on with what the one before it left; at
    last, without a kill.

    `begin` brings the batch to where the act can be done, `between` waits until it can be tried again. One
    kill in three comes at some moment of all the time that the act takes undisturbed, the others at one of
    its writing. There are more of them, later and later, if the machine has become too slow for any to come
    after the end.
    """
    begin()
    undisturbed = Watched(act)
    whole = seconds_undisturbed(undisturbed)
    writing = time.monotonic() - undisturbed.writing_since
    new = hall.stand(batch)
    hall.put_back(batch)
    begin()
    before = hall.stand(batch)
    found: list[dict[str, Any]] = []
    chance = random.Random(20240331)
    while len(found) < count or (len(found) < 2 * count and MOMENTS - {each["moment"] for each in found}):
        watched = Watched(act)
        from_the_beginning = len(found) % 3 == 0
        patience = (1.3 if len(found) < count else 3) * (whole if from_the_beginning else writing)
        since = (lambda: None) if from_the_beginning else watched.until_it_writes
        killed_after(chance.random() * patience, watched, since)
        found.append({"moment": watched.moment, "before": before, "after": hall.stand(batch), "new": new})
        if found[-1]["after"] == new:
            hall.put_back(batch)
            begin()
        elif found[-1]["after"] == before:
            between()
        else:  # what must not be, and nothing can go on from there
            hall.put_back(batch)
            return found
    act()
    found.append({"moment": "not killed", "before": before, "after": hall.stand(batch), "new": new})
    hall.put_back(batch)
    return found


def deaths_of_a_confirmation(hall: Hall) -> list[dict[str, Any]]:
    """In a process as one that answers a request."""
    batch = hall.batch(csv_of(rows_of(hall.space)[:SHORT]))
    seen = plan_of(loaded(batch), hall.planner).digest
    return deaths(
        hall, batch, KILLS, lambda: applying.confirm(loaded(batch), by=hall.planner, seen=seen), lambda: None
    )


def long_batch(hall: Hall) -> tuple[int, Act]:
    """A batch for the worker, and how it is confirmed."""
    batch = hall.batch(csv_of(rows_of(hall.space)))
    seen = plan_of(loaded(batch), hall.planner).digest
    return batch, lambda: applying.confirm(loaded(batch), by=hall.planner, seen=seen)


def deaths_of_a_worker(hall: Hall) -> list[dict[str, Any]]:
    """In a process that has done `manage.py`'s start already; the next worker takes over after the
    silence.
    """
    batch, confirm = long_batch(hall)

    def work() -> None:
        call_command("work_batches", silence=SILENCE.total_seconds(), verbosity=0)

    return deaths(hall, batch, WORKER_KILLS, work, confirm, lambda: time.sleep(2 * SILENCE.total_seconds()))


def deaths_of_a_process(hall: Hall) -> list[dict[str, Any]]:
    """`manage.py work_batches` itself, killed some time after it has claimed the batch, and the one that
    comes after it.
    """
    found = []
    batch, confirm = long_batch(hall)
    command = [
        sys.executable,
        "manage.py",
        "work_batches",
        "--silence",
        str(SILENCE.total_seconds()),
        "--verbosity",
        "2",
    ]
    for number in range(PROCESS_KILLS):
        confirm()
        before = hall.stand(batch)
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
        until(lambda: SheetBatch.objects.get(pk=batch).worker != "")
        time.sleep(0.2 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        until_the_server_knows()
        after, is_free_at_once = hall.stand(batch), working.is_waiting(loaded(batch))
        time.sleep(2 * SILENCE.total_seconds())
        following = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
        found.append({
            "before": before, "after": after, "at last": hall.stand(batch), "free at once": is_free_at_once,
            "said": following.stdout, "errors": following.stderr,
        })  # fmt: skip
        hall.put_back(batch)
    return found


def until(is_so: Callable[[], bool]) -> None:
    """Waits for what another process does."""
    end = time.monotonic() + SECONDS_TO_FINISH
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the other process did not get there")
        time.sleep(0.01)


# ---- races


def workers_at_once(hall: Hall) -> dict[str, Any]:
    """More workers than batches, begun at once."""
    rows = list(rows_of(hall.space)[: BATCHES * ROWS_OF_A_BATCH])
    batches = [hall.batch(csv_of(rows[number::BATCHES])) for number in range(BATCHES)]
    for batch in batches:
        seen = plan_of(loaded(batch), hall.planner).digest
        SheetBatch.objects.filter(pk=batch).update(state=BatchState.APPLYING, plan_digest=seen)
    worked: list[int] = []
    outcomes = race([[lambda: worked.append(working.work())]] * WORKERS)
    subjects = Counter(
        Event.objects.filter(number__gt=hall.events_at_first).values_list("subject", flat=True)
    )
    found = {
        "outcomes": outcomes,
        "worked": sum(worked),
        "states": [SheetBatch.objects.get(pk=batch).state for batch in batches],
        "events of a row": Counter(subjects.values()),
        "broken": hall.stand(batches[0])["broken"],
    }
    hall.put_back(*batches)
    SheetBatch.objects.filter(pk__in=batches).delete()
    return found


def started(hall: Hall) -> dict[str, Any]:
    """Real processes, as the pages start them and as the server does when it comes up, each on a batch that
    nobody looks at.
    """
    content = csv_of(rows_of(hall.space))
    waiting = SheetBatch.objects.create(
        owner=hall.planner,
        round=hall.space.round,
        file_name="b.csv",
        file_digest="",
        content=content,
        state=BatchState.READING,
    )
    working.start()
    until(lambda: SheetBatch.objects.get(pk=waiting.pk).state != BatchState.READING)
    read = SheetBatch.objects.get(pk=waiting.pk)
    applying.confirm(loaded(read.pk), by=hall.planner, seen=plan_of(loaded(read.pk), hall.planner).digest)
    gunicorn.resume_batches()
    until(lambda: SheetBatch.objects.get(pk=waiting.pk).state != BatchState.APPLYING)
    return {"read": [read.state, read.total, read.worker], "applied": hall.stand(read.pk)}


def main() -> dict[str, Any]:
    """All of it, each beginning where everything stood at first."""
    hall = Hall.make()
    found, begin = {}, time.monotonic()
    for scenario in (
        deaths_of_a_confirmation,
        deaths_of_a_worker,
        deaths_of_a_process,
        workers_at_once,
        started,
    ):
        found[scenario.__name__] = scenario(hall)
        print(f"{time.monotonic() - begin:5.1f} s {scenario.__name__}", file=sys.stderr)  # noqa: T201
    return found


if __name__ == "__main__":
    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps(main(), default=str))  # noqa: T201

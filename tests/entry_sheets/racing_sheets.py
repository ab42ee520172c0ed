"""Sudden deaths and double clicks of a confirmation, on a real database: prints what happened as JSON.

`python -m tests.entry_sheets.racing_sheets ROWS KILLS`, in a process of its own as tests/cycle/racing.py.
"""

import csv
import io
import json
import mmap
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.cycle.racing import killed_after, race, seconds_undisturbed  # noqa: E402
from tests.workspace import Workspace, make_workspace  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.choices import BatchState  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.cycle.workflow_in_bulk import SNAPSHOT  # noqa: E402
from tracker.entry_sheets import applying, receiving  # noqa: E402
from tracker.entry_sheets.file.columns import COLUMNS, INPUTS  # noqa: E402
from tracker.entry_sheets.planning import plan_of  # noqa: E402
from tracker.models import ChainHead, Event, EventIndex, SheetBatch, User, YearlyAction  # noqa: E402
from tracker.words import digests  # noqa: E402

UNTOUCHED_ROWS = 50  # of the round, which are not in the sheet
CLICKS = 4
SECONDS_TO_FINISH = 60
MOMENTS = ("before", "inside", "after")  # the first write of the act, and its end
AIMS = ("before", "inside", "inside", "after")  # at which moments kills are to come, in turn

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
    def make(cls, row_count: int) -> "Hall":
        space = make_workspace(row_count)
        (values,) = rows_of(space).order_by().values(*SNAPSHOT, "version").distinct()  # all say the same
        return cls(space, space.cast.planner, values, events.length(), events.head())

    def batch(self, rows: Iterable[YearlyAction]) -> int:
        """An uploaded sheet with an answer in each of these rows, ready to be confirmed."""
        return receiving.receive(
            csv_of(rows), file_name="a.csv", round=self.space.round, by=self.planner, submits=False
        ).pk

    def confirming(self, batch: int) -> Act:
        """How a request confirms a batch as it is previewed now."""
        seen = plan_of(loaded(batch), self.planner).digest
        return lambda: applying.confirm(loaded(batch), by=self.planner, seen=seen)

    def put_back(self, batch: int) -> None:
        """Everything as it stood before anything was written; the batch is ready again."""
        with triggers.removed(connection):
            rows_of(self.space).update(**self.at_first)
            EventIndex.objects.filter(event__number__gt=self.events_at_first).delete()
            Event.objects.filter(number__gt=self.events_at_first).delete()
            ChainHead.objects.update(number=self.events_at_first, own_hash=self.hash_at_first)
        values = {"state": BatchState.READY, "plan_digest": "", "taken": {}, "message": ""}
        SheetBatch.objects.filter(pk=batch).update(**values, confirmed_at=None)

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
    """An act that tells, in memory that outlives its process, since when it writes and that it is done."""

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

    def wait_for(self, moment: str) -> None:
        """Waits until the act has got there, or further."""
        end = time.monotonic() + SECONDS_TO_FINISH
        while MOMENTS.index(self.moment) < MOMENTS.index(moment):
            if time.monotonic() > end:
                raise TimeoutError("the other process did not get there")
            time.sleep(0.005)


def deaths_of_a_confirmation(hall: Hall, row_count: int, count: int) -> list[dict[str, Any]]:
    """What stood before and after each kill of a request that confirms a sheet; at last, without a kill.

    Each goes on with what the one before it left. The kills are aimed at the moments in turn; there are up to
    twice as many of them if none has met one of the moments.
    """
    batch = hall.batch(rows_of(hall.space)[:row_count])
    act = hall.confirming(batch)
    before = hall.stand(batch)
    undisturbed = Watched(act)
    whole = seconds_undisturbed(undisturbed)
    writing = time.monotonic() - undisturbed.writing_since
    new = hall.stand(batch)
    hall.put_back(batch)
    seconds = {"before": whole - writing, "inside": writing, "after": 0}
    found: list[dict[str, Any]] = []
    chance = random.Random(20240331)
    missing = set(MOMENTS)
    while len(found) < count or (missing and len(found) < 2 * count):
        aim, watched = AIMS[len(found) % len(AIMS)], Watched(act)
        killed_after(0.9 * chance.random() * seconds[aim], watched, partial(watched.wait_for, aim))
        after = hall.stand(batch)
        found.append({"moment": watched.moment, "before": before, "after": after, "new": new})
        missing -= {watched.moment}
        if after != before:
            hall.put_back(batch)
        if after not in (before, new):  # what must not be, and nothing can go on from there
            return found
    act()
    found.append({"moment": "not killed", "before": before, "after": hall.stand(batch), "new": new})
    hall.put_back(batch)
    return found


# ---- races


def clicks_at_once(hall: Hall, row_count: int) -> dict[str, Any]:
    """The button pressed several times at once."""
    batch = hall.batch(rows_of(hall.space)[:row_count])
    outcomes = race([[hall.confirming(batch)]] * CLICKS)
    told = Event.objects.filter(number__gt=hall.events_at_first)
    subjects = Counter(told.values_list("subject", flat=True))
    return {
        "outcomes": Counter(outcome for (outcome,) in outcomes),
        "events of a row": Counter(subjects.values()),
        "broken": hall.stand(batch)["broken"],
        "batch": hall.stand(batch)["batch"],
    }


def main(row_count: int, kills: int) -> dict[str, Any]:
    hall = Hall.make(row_count + UNTOUCHED_ROWS)
    return {
        "deaths": deaths_of_a_confirmation(hall, row_count, kills),
        "clicks": clicks_at_once(hall, row_count),
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps(main(*map(int, sys.argv[1:])), default=str))  # noqa: T201

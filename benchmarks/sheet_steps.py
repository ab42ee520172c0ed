"""What is done with sheets, a step at a time: `python -m benchmarks.sheet_steps STEP …` prints JSON.

Each is on the database of the environment, in a process of its own; `benchmarks.sheets` puts them together.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from benchmarks.counting import counted_statements, watched_memory
from benchmarks.sizes import USUAL
from benchmarks.staff import BACKEND

DEPARTMENT = 300
EXTRA_COLUMNS = 6
ONE_CHANGED_IN = 20
TIMES = 3
ANSWER = "・説明会を 3 回開き、計画をまとめました。"

Json = dict[str, Any]


def prepare(count: str, file: str, one_in: str) -> Json:
    """A round with drafts, and its sheet with a new answer in one row of so many."""
    from benchmarks import sheet_file
    from tracker.entry_sheets import bases, exporting
    from tracker.models import SheetExport, YearlyAction

    round, planner = _round_of(int(count))
    last = exporting.last_entries(round)
    actions = YearlyAction.objects.filter(round=round).with_place().in_table_order()
    rows = {
        action.pk: _unlike_others(exporting.row_of(action, last.get(action.place), {})) for action in actions
    }
    made = SheetExport.objects.create(round=round, made_by=planner, cells=bases.cells_of(rows.values()))
    changed = set(list(rows)[:: int(one_in)])
    sheet_file.write(
        Path(file),
        (
            {"id": pk, "version": row.version, **row.values} | ({"result": ANSWER} if pk in changed else {})
            for pk, row in rows.items()
        ),
        exporting.meta_of(made),
    )
    return {"rows": len(rows), "changed": len(changed), "bytes": Path(file).stat().st_size}


def _unlike_others(row: Any) -> Any:
    """The fixture's rows are repeated; no two texts of a city's sheet are the same."""
    own = {
        name: f"{row.values[name]}\n・{row.values['place']} の続き" for name in ("last_result", "last_plan")
    }
    return replace(row, values={**row.values, **own})


def take_in(count: str, file: str) -> Json:
    """Seconds from the file to the stored batch, and from there to the plan; statements of both."""
    round, planner = _round_of(int(count))
    content = Path(file).read_bytes()
    reading, comparing, numbers = [], [], []
    for _time in range(TIMES):
        begin = time.perf_counter()
        with counted_statements() as number:
            batch = _stored(round, planner, content)
            read = time.perf_counter()
            _compared(batch, planner, int(count))
        comparing.append(time.perf_counter() - read)
        reading.append(read - begin)
        numbers.append(number())
    return {"reading": median(reading), "comparing": median(comparing), "statements": max(numbers)}


def memory(count: str, file: str) -> Json:
    """The same once, for its memory: this process and the one that reads the workbook."""
    round, planner = _round_of(int(count))
    with watched_memory() as most:
        batch = _stored(round, planner, Path(file).read_bytes())
        _compared(batch, planner, int(count))
    return {"mib": most()}


def _stored(round: Any, planner: Any, content: bytes) -> Any:
    """A batch as the next request finds it."""
    from tracker.entry_sheets import receiving
    from tracker.models import SheetBatch, YearlyAction

    batch = SheetBatch(owner=planner, round=round, file_name="a.xlsx", file_digest="")
    own = YearlyAction.objects.filter(round=round).values_list("pk", flat=True)
    receiving.take_in(batch, content, set(own))
    batch.save()
    return SheetBatch.objects.select_related("owner", "round__manifesto", "export").get(pk=batch.pk)


def _compared(batch: Any, planner: Any, count: int) -> None:
    """The plan, which must find exactly what was changed."""
    from tracker.entry_sheets import planning
    from tracker.entry_sheets.file.comparison import CellOutcome

    plan = planning.plan_of(batch, planner)
    assert plan.counts == {CellOutcome.CHANGED: count // ONE_CHANGED_IN}, plan.counts
    assert {row.message for row in plan.rows} == {""}


def requests(count: str, file: str) -> Json:
    """What a browser waits for with a new answer in every row, in seconds; statements of writing, and memory.

    Everything is handed in, which is the most that a sheet can write, and taken back at the end.
    """
    round, planner = _round_of(int(count))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(planner, backend=BACKEND)
    seconds: dict[str, float] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        answer = act()
        seconds[name] = time.perf_counter() - begin
        return answer

    upload = SimpleUploadedFile("a.xlsx", Path(file).read_bytes())
    with watched_memory() as most:
        sent = {"file": upload, "submits": "yes"}
        told = timed("reading", lambda: client.post(f"/staff/rounds/{round.pk}/sheets/", sent))
        address = told.headers["Location"]
        preview = timed("comparing", lambda: client.get(address)).content.decode()
        seen = preview.split('name="seen" value="')[1].split('"')[0]
        confirming = {"act": "confirm", "seen": seen, "shown": "", "submits": "yes"}
        with counted_statements() as number:
            timed("writing", lambda: client.post(address, confirming))
        states = set(round.actions.values_list("state", flat=True))
        timed("taking back", lambda: client.post(address, {"act": "undo"}))
    assert states == {"submitted"}
    assert set(round.actions.values_list("state", flat=True)) == {"draft"}
    return {"seconds": seconds, "statements": number(), "mib": most()}


def prepare_department() -> Json:
    """A round whose rows are all one department's, and the city's own report."""
    from benchmarks.sizes import add_manifesto
    from tracker.models import Assignment, Department

    round, _planner = _round_of(DEPARTMENT)
    large = Department.objects.create(code="999", name="企画課")
    Assignment.objects.bulk_create(
        Assignment(initiative_id=pk, department=large, position=99)
        for pk in round.actions.values_list("initiative", flat=True)
    )
    add_manifesto(USUAL, "2021")
    return {}


def department() -> Json:
    """The sheet of a department that has every row written, and read and compared."""
    from tracker.entry_sheets import exporting, planning, receiving
    from tracker.models import Department

    round, planner = _round_of(DEPARTMENT)
    large = Department.objects.get(code="999")
    writing, reading = [], []
    for _time in range(TIMES):
        begin = time.perf_counter()
        _made, content = exporting.export(round, by=planner, department=large)
        written = time.perf_counter()
        batch = receiving.receive(content, file_name="a.xlsx", round=round, by=planner, submits=False)
        plan = planning.plan_of(batch, planner)
        reading.append(time.perf_counter() - written)
        writing.append(written - begin)
        assert (len(plan.rows), plan.same_count) == (DEPARTMENT, DEPARTMENT)
    return {"writing": median(writing), "reading": median(reading)}


def prepare_measured() -> Json:
    """Extra columns of each kind, and an indicator of each initiative, with values in every row."""
    from tracker.models import ExtraColumn, Indicator, YearlyAction

    round, _planner = _round_of(DEPARTMENT)
    kinds = {"text": "・事業の説明", "number": "1200.5", "date": "2025-03-31", "choice": "継続"}
    kinds |= {"link": "https://example.jp/"}
    values = {f"x{number}": value for number, value in enumerate([*kinds.values(), "12"], start=1)}
    for number, kind in enumerate([*kinds, "number"], start=1):
        about = {"code": f"x{number}", "label": f"項目{number}", "kind": kind, "decimals": 1}
        ExtraColumn.objects.create(
            manifesto=round.manifesto, position=number, choice_lines="継続\n拡充", **about
        )
    rows = list(round.actions.order_by("pk"))
    assert (len(rows), len(values)) == (DEPARTMENT, EXTRA_COLUMNS)
    about = {
        "position": 1,
        "name": "相談件数",
        "unit": "件",
        "decimals": 1,
        "target_lines": "令和6年度：1200",
    }
    Indicator.objects.bulk_create(
        Indicator(initiative_id=row.initiative_id, code=f"k{number}", **about)
        for number, row in enumerate(rows, start=1)
    )
    for number, row in enumerate(rows, start=1):
        row.extra_values = values | {f"k{number}": str(number), f"k{number}n": "速報値です"}
    YearlyAction.objects.bulk_update(rows, ["extra_values"], 100)
    return {}


def published() -> Json:
    """The published table of the city's own report as a workbook."""
    from tracker.models import Report
    from tracker.published_tables import from_report
    from tracker.published_tables.file import writing as published_writing

    report = Report.objects.get(slug="2021")
    assert report.entry_count == USUAL
    seconds = []
    for _time in range(TIMES):
        begin = time.perf_counter()
        published_writing.write_workbook(from_report.table_of(report), from_report.notes_of(report))
        seconds.append(time.perf_counter() - begin)
    return {"writing": median(seconds)}


def _round_of(count: int) -> tuple[Any, Any]:
    """An open round of so many rows, every one a draft that says what it said last year; and a planner."""
    from django.db.models import CharField, OuterRef, Subquery, Value
    from django.db.models.functions import Cast, Concat
    from django.utils import timezone

    from benchmarks.sizes import add_manifesto
    from tracker.choices import ActionState, Role, RoundState
    from tracker.cycle import rounds
    from tracker.models import Manifesto, ReportingRound, User, YearlyAction

    planner, _new = User.objects.get_or_create(username="bench-planner", defaults={"role": Role.PLANNING})
    slug = f"sheets-{count}"
    found = (
        ReportingRound.objects.filter(manifesto__slug=slug, state=RoundState.OPEN)
        .select_related("manifesto")
        .first()
    )
    if found:
        return found, planner
    add_manifesto(count, slug)
    due_on = timezone.localdate() + timedelta(days=30)
    round = rounds.open_round(
        Manifesto.objects.get(slug=slug), fiscal_year=2024, due_on=due_on, as_of=date(2025, 3, 31), by=planner
    )
    last = YearlyAction.objects.filter(initiative=OuterRef("initiative"), round__fiscal_year=2023)
    own = (Value("\n・整理番号 "), Cast("pk", CharField()))
    steps = round.manifesto.ratings.order_by("position")
    round.actions.update(
        state=ActionState.DRAFT,
        result=Concat(Subquery(last.values("result")), *own),
        plan=Concat(Subquery(last.values("plan")), *own),
        rating=steps[1],
        rating_reason="・前の年度から進みました。",
    )
    return round, planner


STEPS: dict[str, Callable[..., Json]] = {
    step.__name__: step
    for step in (
        prepare,
        take_in,
        memory,
        requests,
        prepare_department,
        department,
        prepare_measured,
        published,
    )
}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))

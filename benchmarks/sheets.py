"""Entry sheets and the published table: `python -m benchmarks.sheets` measures them alone and prints JSON.

A sheet of 20,000 rows and twelve columns, one row in twenty changed, goes through django-import-export and
through ours, each in a process of its own. The largest sheet, every row changed, goes through its requests.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from benchmarks.sheet_steps import DEPARTMENT, EXTRA_COLUMNS, ONE_CHANGED_IN, Json
from benchmarks.site import Databases, environment, own_databases, run
from benchmarks.sizes import USUAL
from tracker.entry_sheets import limits

FEW, MANY = 200, limits.MAX_SHEET_ROWS
RIVALS = ("default", "tuned")
SECONDS_PER_STEP = 900

LEAST_TIMES_QUICKER = 30  # comparing without writing, against the default's dry run
LEAST_TIMES_QUICKER_IN_ALL = 5  # with reading
MOST_STATEMENTS = 20
MOST_SECONDS_TO_WAIT = limits.REQUEST_SECONDS / 3  # for one request with the largest sheet
MOST_STATEMENTS_A_CHUNK = 15  # for the two events of each row; SQLite takes some 90 at a time
MOST_SECONDS_TO_WRITE, MOST_SECONDS_TO_READ = 0.5, 1  # a department's sheet
MOST_SECONDS_WITH_COLUMNS = 1
MOST_SECONDS_TO_PUBLISH = 2


def measure(databases: Databases, migrated: str, say: Callable[[str], None]) -> Json:
    """Everything about sheets, in a database of their own, made from an empty one that is migrated."""
    surroundings = environment(databases.folder, databases.create("sheets", copy_of=migrated))

    def step(module: str, *arguments: object) -> Any:
        words = (str(each) for each in arguments)
        return json.loads(run(surroundings, "-m", f"benchmarks.{module}", *words, seconds=SECONDS_PER_STEP))

    files = {count: databases.folder / f"sheet-{count}.xlsx" for count in (FEW, MANY)}
    for count, file in files.items():
        say(f"a round and a sheet of {count:,} rows")
        step("sheet_steps", "prepare", count, file, ONE_CHANGED_IN)
    found: Json = {}
    for rival in RIVALS:
        say(f"django-import-export, {rival}: {MANY:,} rows")
        found[rival] = step("rivals", rival, f"sheets-{MANY}", files[MANY])
    say(f"ours: {FEW} and {MANY:,} rows")
    found["ours"] = {count: step("sheet_steps", "take_in", count, file) for count, file in files.items()}
    found["memory"] = step("sheet_steps", "memory", MANY, files[MANY])
    say(f"the requests of {FEW} and {MANY:,} rows, all of them changed and handed in")
    found["requests"] = {}
    for count, file in files.items():
        step("sheet_steps", "prepare", count, file, 1)
        found["requests"][count] = step("sheet_steps", "requests", count, file)
    say(f"a sheet of {DEPARTMENT} rows, and the published table of {USUAL} initiatives")
    step("sheet_steps", "prepare_department")
    found["department"] = step("sheet_steps", "department")
    found["published"] = step("sheet_steps", "published")
    say(f"the sheet of {DEPARTMENT} rows with {EXTRA_COLUMNS} extra columns and {DEPARTMENT} indicators")
    step("sheet_steps", "prepare_measured")
    found["measured"] = step("sheet_steps", "department")
    return found


def add_figures(found: Json, figures: Figures) -> None:
    """What was measured, beside its limits."""
    ours, memory = found["ours"][MANY], found["memory"]["mib"]
    for rival in RIVALS:
        theirs = found[rival]
        is_limit = rival == "default"
        figures.add(
            f"comparing {MANY:,} rows, times quicker than import-export, {rival}",
            theirs["comparing"] / ours["comparing"],
            "times",
            least=LEAST_TIMES_QUICKER if is_limit else None,
            note=f"{ours['comparing']:.2f} s against {theirs['comparing']:.1f} s",
        )
        in_all, theirs_in_all = (each["reading"] + each["comparing"] for each in (ours, theirs))
        figures.add(
            "  with reading",
            theirs_in_all / in_all,
            "times",
            least=LEAST_TIMES_QUICKER_IN_ALL if is_limit else None,
            note=f"{in_all:.2f} s against {theirs_in_all:.1f} s",
        )
        figures.add(
            "  memory against its",
            memory / theirs["mib"],
            "times",
            1,
            f"{memory:.0f} MiB against {theirs['mib']:.0f} MiB",
        )
        figures.add("  its statements", theirs["statements"], "queries")
    few = found["ours"][FEW]["statements"]
    note = f"{FEW}: {few}, {MANY:,}: {ours['statements']}"
    figures.add(
        "statements of taking in and comparing a sheet", ours["statements"], "queries", MOST_STATEMENTS, note
    )
    figures.add("  difference between sizes", ours["statements"] - few, "queries", 0)
    largest = found["requests"][MANY]
    for name, seconds in largest["seconds"].items():
        words = f"the largest sheet, {MANY:,} rows: {name}"
        figures.add(words, seconds, "s", MOST_SECONDS_TO_WAIT)
    few = found["requests"][FEW]["statements"]
    note = f"{FEW}: {few}, {MANY:,}: {largest['statements']}"
    per_chunk = (largest["statements"] - few) / (MANY / 500)
    figures.add("  statements of writing, per 500 rows", per_chunk, "queries", MOST_STATEMENTS_A_CHUNK, note)
    figures.add("  memory of its requests", largest["mib"], "MiB")
    department, published = found["department"], found["published"]
    figures.add(
        f"writing an entry sheet of {DEPARTMENT} rows", department["writing"], "s", MOST_SECONDS_TO_WRITE
    )
    figures.add("  reading and comparing it", department["reading"], "s", MOST_SECONDS_TO_READ)
    words = f"writing it with {EXTRA_COLUMNS} extra columns and {DEPARTMENT} indicators"
    figures.add(words, found["measured"]["writing"], "s", MOST_SECONDS_WITH_COLUMNS)
    figures.add("  reading and comparing it", found["measured"]["reading"], "s", MOST_SECONDS_WITH_COLUMNS)
    figures.add(
        f"writing the published table of {USUAL} initiatives",
        published["writing"],
        "s",
        MOST_SECONDS_TO_PUBLISH,
    )


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="manifesto_bench_") as folder,
        own_databases(Path(folder)) as databases,
    ):
        figures = Figures(databases.kind)

        def say(words: str) -> None:
            figures.begin_step()
            print(words, file=sys.stderr, flush=True)

        surroundings = environment(databases.folder, databases.create("migrated"))
        run(surroundings, "manage.py", "migrate", "--verbosity", "0")
        run(surroundings, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        add_figures(measure(databases, "migrated", say), figures)
    print(figures.table(), file=sys.stderr)
    print(json.dumps([asdict(row) | {"is_kept": row.is_kept} for row in figures.rows], indent=1))


if __name__ == "__main__":
    main()

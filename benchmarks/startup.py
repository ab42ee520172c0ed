"""How long importing the city's table takes as a whole process, beside the start of any command."""

import time
from statistics import median

from benchmarks.site import FIXTURE, Databases, environment, run

TIMES = 3


def seconds(surroundings: dict[str, str], *arguments: str) -> float:
    begin = time.perf_counter()
    run(surroundings, "manage.py", *arguments)
    return time.perf_counter() - begin


def measure(databases: Databases, *, migrated: str, name: str) -> tuple[float, float]:
    """Median seconds of the import and of `check`, in turns.

    Each import has its own database; the last one stays as `name`.
    """
    imports, checks = [], []
    for turn in range(1, TIMES + 1):
        database = databases.create(name if turn == TIMES else f"import{turn}", copy_of=migrated)
        surroundings = environment(databases.folder, database, DJANGO_SETTINGS_MODULE="manifesto.settings")
        checks.append(seconds(surroundings, "check"))
        imports.append(seconds(surroundings, "import_report", str(FIXTURE), "--publish"))
    return median(imports), median(checks)

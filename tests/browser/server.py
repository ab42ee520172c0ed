"""A real server for the browser, started as `make run` starts it, on a state folder and a database of its
own.
"""

import atexit
import fcntl
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from shutil import copy2, copytree
from urllib.parse import urlsplit

from tests import machine
from tests.browser.at import program

PROJECT = Path(__file__).resolve().parent.parent.parent
TABLE = PROJECT / "fixtures" / "isesaki_manifesto_2024-03.txt"
SECONDS_TO_START = 60
RUN = re.compile(r"pytest-\d+")  # the folder of a run of tests


@contextmanager
def site_of_two_years(folder: Path) -> Iterator[dict[str, str]]:
    """As `own_site`, with a second year."""
    with own_site(folder) as environment:
        subprocess.run([sys.executable, "-m", "tests.second_year"], cwd=PROJECT, env=environment, check=True)
        yield environment


@contextmanager
def own_site(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """What every process of a site of its own is started with: the city's table is published, nothing is
    served yet.
    """
    with empty_site(folder, **more) as environment:
        import_table(environment, folder)
        yield environment


@contextmanager
def demo_site(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """The same as `make run` makes it: with people to try, and a round that is under way."""
    with empty_site(folder, DEMO="true", **more) as environment:

        def make() -> None:
            import_table(environment, folder)
            manage(environment, "create_demo")

        lent_or_made("demo", environment, folder, make)
        yield environment


@contextmanager
def empty_site(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """The same before its database has a table. One process serves it, unless `more` says otherwise: each
    further one starts anew and reads every template anew.
    """
    with own_database(folder) as url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "manifesto.settings",
            "STATE_DIR": str(folder),
            "DATABASE_URL": url,
            "PORT": str(free_port()),
            "PYTHONPATH": str(PROJECT),
            "WEB_CONCURRENCY": "1",
            **more,
        }
        collect_static(environment, folder)
        yield environment


def collect_static(environment: dict[str, str], folder: Path) -> None:
    """Making these takes seconds and gives every site the same: the first site of a run lends its own."""
    with kept_by_the_run(folder, "static") as kept:
        if not kept.exists():
            manage(environment, "collectstatic", "--noinput")
            copytree(folder / "static", kept)
    if not (folder / "static").exists():
        (folder / "static").symlink_to(kept)


def import_table(environment: dict[str, str], folder: Path) -> None:
    """Publishes the city's table."""

    def make() -> None:
        manage(environment, "migrate")
        manage(environment, "import_report", str(TABLE), "--publish")

    lent_or_made("table", environment, folder, make)


def lent_or_made(what: str, environment: dict[str, str], folder: Path, make: Callable[[], None]) -> None:
    """Fills a site's database, and the state that belongs to it; once a run and kind of database, as above,
    but for another day.
    """
    if "SITE_CLOCK" in environment:
        make()
        return
    url = environment["DATABASE_URL"]
    with kept_by_the_run(folder, f"{what}-{whose(url)}") as kept:
        if not kept.exists():
            make()
            kept.mkdir()
            machine.copy_database(url, lent_address(kept))
            copy_state(folder, kept)
            return
    machine.copy_database(lent_address(kept), url)
    copy_state(kept, folder)


@contextmanager
def kept_by_the_run(folder: Path, name: str) -> Iterator[Path]:
    """Where the run of tests that a site's folder belongs to keeps something for all its workers, one of them
    at a time. A site that no run of tests made keeps it for itself.
    """
    of_run = next((each for each in folder.parents if RUN.fullmatch(each.name)), folder) / "lent"
    of_run.mkdir(exist_ok=True)
    with (of_run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield of_run / name


def whose(url: str) -> str:
    """The kind of a database; a worker's on PostgreSQL are its own, and dropped at its end."""
    return "sqlite" if urlsplit(url).scheme == "sqlite" else f"postgresql-{os.getpid()}"


def lent_address(kept: Path) -> str:
    """Where a database stands that is lent, as it began."""
    return f"sqlite:///{kept}/database" if kept.name.endswith("-sqlite") else lent_on_postgresql(kept)


@cache
def lent_on_postgresql(_kept: Path) -> str:
    """The address of one of this process's; dropped at its end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(machine.postgresql_database("lent"))


def copy_state(site: Path, other: Path) -> None:
    """What belongs to a database and stands beside it: key and seals of its events, passwords of its demo."""
    for file in [*site.glob("seal*"), *site.glob("demo_accounts.txt")]:
        copy2(file, other)


def manage(environment: dict[str, str], *command: str) -> None:
    """Runs a management command to its end."""
    started = [*program(environment, "manage"), *command, "--verbosity", "0"]
    subprocess.run(started, cwd=PROJECT, env=environment, check=True)


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of an empty database: beside DATABASE_URL's and dropped afterwards, or an SQLite file in
    the folder.
    """
    if machine.database_is_postgresql():
        with machine.postgresql_database("browser") as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'browser.sqlite3'}"


@contextmanager
def serving(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The base address of gunicorn, without a final slash, from the moment it says that it is ready. Stopped
    at the end.

    Raises AssertionError when the server does not start, or logged an error while it was in use.
    """
    base = f"http://127.0.0.1:{environment['PORT']}"
    command = [*program(environment, "gunicorn"), "-c", "python:manifesto.gunicorn"]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until_ready(server, f"{base}/readyz", log)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)
    # A refused request is a warning, with a traceback of its own; an error is ours.
    assert not re.search(r"\b(ERROR|CRITICAL)\b", log.read_text()), (
        f"the server logged an error:\n{log.read_text()[-4000:]}"
    )


def wait_until_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Returns at the first 200. Raises AssertionError with the log when the server ends or takes too long."""
    until = time.monotonic() + SECONDS_TO_START
    last = "no answer"
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError as problem:  # HTTPError is one
            last = str(problem)
            time.sleep(0.1)
    raise AssertionError(f"{address}: {last}\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

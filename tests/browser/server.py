"""A real server for the browser, started as `make run` starts it, on a state folder and a database of its
own.
"""

import atexit
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from shutil import copy2
from urllib.parse import urlsplit

from tests import machine
from tests.browser.at import program

PROJECT = Path(__file__).resolve().parent.parent.parent
TABLE = PROJECT / "fixtures" / "isesaki_manifesto_2024-03.txt"
SECONDS_TO_START = 60
_made: list[Path] = []  # the folders of this process's sites


@contextmanager
def published_site(folder: Path) -> Iterator[str]:
    """The base address, without a final slash, of a site with the city's table and a second year. Stopped at
    the end.

    Raises AssertionError when the server does not start, or logged an error while it was in use.
    """
    with own_site(folder) as environment:
        subprocess.run([sys.executable, "-m", "tests.second_year"], cwd=PROJECT, env=environment, check=True)
        with serving(environment, folder / "gunicorn.log") as base:
            yield base


@contextmanager
def own_site(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """What every process of a site of its own is started with: the city's table is published, nothing is
    served yet.
    """
    with empty_site(folder, **more) as environment:
        import_table(environment, folder)
        _made.append(folder)
        yield environment


@contextmanager
def empty_site(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """The same before its database has a table."""
    with own_database(folder) as url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "manifesto.settings",
            "STATE_DIR": str(folder),
            "DATABASE_URL": url,
            "PORT": str(free_port()),
            "PYTHONPATH": str(PROJECT),
            **more,
        }
        collect_static(environment, folder)
        yield environment


def collect_static(environment: dict[str, str], folder: Path) -> None:
    """Making these takes seconds and gives every site the same: the first site of a process lends its own."""
    if lent := first_site_with("static"):
        (folder / "static").symlink_to(lent)
    else:
        manage(environment, "collectstatic", "--noinput")


def import_table(environment: dict[str, str], folder: Path) -> None:
    """Publishes the city's table; once a process and kind of database, as above, but for another day."""
    url = environment["DATABASE_URL"]
    kind = urlsplit(url).scheme
    is_today = "SITE_CLOCK" not in environment
    if is_today and (lent := first_site_with(f"lent-{kind}")):
        machine.copy_database(lent_address(lent), url)
        copy_seals(lent, folder)
        return
    manage(environment, "migrate")
    manage(environment, "import_report", str(TABLE), "--publish")
    if is_today:
        lent = folder / f"lent-{kind}"
        lent.mkdir()
        machine.copy_database(url, lent_address(lent))
        copy_seals(folder, lent)


def lent_address(lent: Path) -> str:
    """Where the database stands that is lent from a site's folder, as it began."""
    return f"sqlite:///{lent}/database" if lent.name == "lent-sqlite" else lent_on_postgresql()


@cache
def lent_on_postgresql() -> str:
    """The address of this process's one; dropped at its end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(machine.postgresql_database("lent"))


def copy_seals(site: Path, other: Path) -> None:
    """The key and the seals of the events that are in the database."""
    for file in site.glob("seal*"):
        copy2(file, other)


def first_site_with(name: str) -> Path | None:
    """What the first site of this process that has it has under a name, while it is there."""
    return next((folder / name for folder in _made if (folder / name).exists()), None)


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
    """The base address of gunicorn, from the moment it says that it is ready."""
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

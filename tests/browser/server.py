"""A real server for the browser, started as `make run` starts it, on a state folder and a database of its own."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import machine

PROJECT = Path(__file__).resolve().parent.parent.parent
TABLE = PROJECT / "fixtures" / "isesaki_manifesto_2024-03.txt"
SECONDS_TO_START = 60


@contextmanager
def published_site(folder: Path) -> Iterator[str]:
    """The base address, without a final slash, of a site with the city's table and a next year's. Stopped at the end.

    Raises AssertionError when the server does not start, or logged an error while it was in use.
    """
    with own_database(folder) as url:
        port = free_port()
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "manifesto.settings",
            "STATE_DIR": str(folder),
            "DATABASE_URL": url,
            "PORT": str(port),
            "PYTHONPATH": str(PROJECT),
        }
        later = folder / "next_year.txt"
        later.write_text(next_year(TABLE.read_text()))
        for command in (
            ["migrate"],
            ["collectstatic", "--noinput"],
            ["import_report", str(TABLE), "--publish"],
            ["import_report", str(later), "--publish", "--manifesto", "2021"],
        ):
            subprocess.run([sys.executable, "manage.py", *command, "--verbosity", "0"], cwd=PROJECT, env=environment, check=True)
        with serving(environment, folder / "gunicorn.log", f"http://127.0.0.1:{port}") as base:
            yield base


def next_year(table: str) -> str:
    """The same table a year on, with some ratings better, some worse, some gone: the pages then have changes to show."""
    later = re.sub(r"(令和|R)(\d+)(年)", lambda found: f"{found[1]}{int(found[2]) + 1}{found[3]}", table)
    for before, after, times in (("C", "B", 9), ("A", "C", 4), ("D", "—", 2)):
        later = later.replace(f"\t{before}\t", f"\t{after}\t", times)
    return later


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of an empty database: beside DATABASE_URL's and dropped afterwards, or an SQLite file in the folder."""
    if machine.database_is_postgresql():
        with machine.postgresql_database("browser") as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'browser.sqlite3'}"


@contextmanager
def serving(environment: dict[str, str], log: Path, base: str) -> Iterator[str]:
    """Gunicorn, from the moment it says that it is ready."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:manifesto.gunicorn"]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(server, f"{base}/readyz", log)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert "Traceback" not in log.read_text(), f"the server logged an error:\n{log.read_text()[-4000:]}"


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

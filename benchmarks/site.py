"""A site of the benchmark's own: databases, management commands and a server, all gone afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parent.parent
FIXTURE = PROJECT / "fixtures" / "isesaki_manifesto_2024-03.txt"
SECONDS_TO_START = 60
SECONDS_PER_COMMAND = 120


class Databases:
    """Databases by name: SQLite files in a folder, or beside the PostgreSQL database of DATABASE_URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        given = os.environ.get("DATABASE_URL", "").strip()
        self.server = given if urlsplit(given).scheme in {"postgres", "postgresql"} else ""
        self.made: list[str] = []

    @property
    def kind(self) -> str:
        return "PostgreSQL" if self.server else "SQLite"

    def url(self, name: str) -> str:
        if self.server:
            return urlsplit(self.server)._replace(path=f"/manifesto_bench_{os.getpid()}_{name}").geturl()
        return f"sqlite:///{self.folder / name}.sqlite3"

    def create(self, name: str, *, copy_of: str | None = None) -> str:
        """A new database, empty or a copy of one that nobody uses just now. Returns its address."""
        if self.server:
            self.made.append(name)
            template = self.url(copy_of) if copy_of else "/template0"
            self._execute("CREATE DATABASE {} TEMPLATE {}", self.url(name), template)
        elif copy_of:
            shutil.copyfile(self.folder / f"{copy_of}.sqlite3", self.folder / f"{name}.sqlite3")
        return self.url(name)

    def drop_all(self) -> None:
        """SQLite's go with their folder."""
        for name in self.made:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.url(name))

    def _execute(self, statement: str, *urls: str) -> None:
        names = [sql.Identifier(urlsplit(url).path.lstrip("/")) for url in urls]
        with psycopg.connect(
            urlsplit(self.server)._replace(path="/postgres").geturl(), autocommit=True
        ) as connection:
            connection.execute(sql.SQL(statement).format(*names))  # type: ignore[arg-type]


@contextmanager
def own_databases(folder: Path) -> Iterator[Databases]:
    databases = Databases(folder)
    try:
        yield databases
    finally:
        databases.drop_all()


def environment(folder: Path, database: str, **more: str) -> dict[str, str]:
    """What a process of the site is started with."""
    own = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "STATE_DIR": str(folder),
        "DATABASE_URL": database,
    }
    return (
        os.environ
        | own
        | {"PYTHONPATH": str(PROJECT), "LOG_LEVEL": "WARNING", "DEBUG": "no", "HTTPS": "no"}
        | more
    )


def run(surroundings: dict[str, str], *arguments: str, seconds: float = SECONDS_PER_COMMAND) -> str:
    """What a Python process of the project prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=surroundings, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds
    )
    return done.stdout


@contextmanager
def serving(surroundings: dict[str, str], log: Path, *, workers: int = 1) -> Iterator[int]:
    """The port of a gunicorn as `make run` starts it, but with workers that live all the time."""
    port = free_port()
    more = {"PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:manifesto.gunicorn", "--max-requests", "0"]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=PROJECT, env=surroundings | more, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}/readyz", log)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Returns at the first 200. Raises RuntimeError with the log when the server ends or takes too long."""
    until = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer\n{log.read_text()[-4000:]}")


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

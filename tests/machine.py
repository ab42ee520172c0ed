"""What a test may need of the machine: a browser, a PostgreSQL server, LibreOffice.

Where one is lacking, the test is skipped with a plain reason; under CI=true it fails instead, so that nothing
is passed over in silence there.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright._impl._driver import compute_driver_executable
from psycopg import sql

LOCAL_POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"
_numbers = count(1)  # of this process's databases


def chromium() -> str:
    """The path of a Chromium: CHROMIUM, or the first one found on the path. Skips or fails without one.

    The headless shell comes first: it draws no window of its own, and opens a page three times as fast.
    """
    names = [os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        lacking(
            "no Chromium was found (apt-get install chromium-headless-shell fonts-noto-cjk libatomic1, or "
            "set CHROMIUM to its path)"
        )
    program = compute_driver_executable()[0]
    driver = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if driver.returncode:
        lacking(
            "the program that drives the browser does not start (apt-get install "
            f"libatomic1): {driver.stderr.strip()}"
        )
    return found


def libreoffice() -> str:
    """The path of LibreOffice, with its spreadsheet program. Skips or fails without it."""
    found = shutil.which("soffice")
    if found is None or shutil.which("localc") is None:  # soffice alone opens no workbook
        lacking("no LibreOffice Calc was found (apt-get install libreoffice-calc)")
    return found


def nginx() -> str:
    """The path of nginx. Skips or fails without it."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        lacking("no nginx was found (apt-get install nginx)")
    return found


def pgbouncer() -> str:
    """The path of PgBouncer. Skips or fails without it."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        lacking("no PgBouncer was found (apt-get install pgbouncer)")
    return found


def systemd_analyze() -> str:
    """The path of what reads systemd's units, where systemd does not run, too. Skips or fails without it."""
    found = shutil.which("systemd-analyze")
    if found is None:
        lacking("no systemd-analyze was found (apt-get install systemd)")
    return found


def weasyprint() -> None:
    """Skips or fails where no PDF can be made."""
    process = [sys.executable, "-m", "tracker.published_tables.pdf_process"]
    if subprocess.run(process, input=b"<p>", capture_output=True, check=False).returncode:
        lacking(
            "WeasyPrint or its libraries are lacking (apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0)"
        )


@contextmanager
def postgresql_database(purpose: str) -> Iterator[str]:
    """The address of an empty database, dropped afterwards: on DATABASE_URL's server, else on the local one.

    Skips or fails where no PostgreSQL answers.
    """
    url = database_url() if database_is_postgresql() else LOCAL_POSTGRESQL
    try:
        connection = psycopg.connect(named(url, "postgres"), autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as problem:
        lacking(f"no PostgreSQL answers (set DATABASE_URL, or start one at {LOCAL_POSTGRESQL}): {problem}")
    name = f"manifesto_{purpose}_{os.getpid()}_{next(_numbers)}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield named(url, name)
        finally:
            connection.execute(drop)


def copy_database(url: str, other: str) -> None:
    """Makes `other` the same as a database of its kind that nobody is connected to."""
    if urlsplit(url).scheme == "sqlite":
        file, copy = (Path(each.removeprefix("sqlite:///")) for each in (url, other))
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as database:
            database.execute("VACUUM INTO ?", [str(copy)])
        return
    source, copied = (sql.Identifier(urlsplit(each).path.lstrip("/")) for each in (url, other))
    with psycopg.connect(named(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copied))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copied, source))


def database_url() -> str:
    """DATABASE_URL as the settings read it; empty means SQLite."""
    return os.environ.get("DATABASE_URL", "").strip()


def database_is_postgresql() -> bool:
    """Whether the test-suite was asked to run on PostgreSQL."""
    return urlsplit(database_url()).scheme in {"postgres", "postgresql"}


def named(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def lacking(reason: str) -> NoReturn:
    """Ends the running test: skipped, or failed under CI=true."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI=true and {reason}", pytrace=False)
    pytest.skip(reason)

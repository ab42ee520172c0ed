"""PgBouncer, run by the configuration of deploy/ of which the marked lines are changed."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests import machine
from tests.browser.server import free_port

CONFIGURATION = Path(__file__).resolve().parents[1] / "deploy/pgbouncer/pgbouncer.ini"
SECONDS_TO_START = 20
# Every transaction of a client is another session's: what one leaves behind is missed, or found by others.
SESSIONS = "server_round_robin = 1\nmin_pool_size = 3\ndefault_pool_size = 12\n"


@contextmanager
def serving(database: str, folder: Path) -> Iterator[str]:
    """A database's address through PgBouncer, until it is left. It lets everybody in, to any database."""
    port, asked = free_port(), urlsplit(database)
    password = f" password={asked.password}" if asked.password else ""
    of_server = f"host={asked.hostname} port={asked.port or 5432} user={asked.username}{password}"
    changes = {
        "manifesto = host=127.0.0.1 port=5432 dbname=manifesto ": f"* = {of_server} ",
        "listen_port = 6432": f"listen_port = {port}",
        "auth_file = /etc/pgbouncer/userlist.txt": "",
        "auth_type = scram-sha-256": "auth_type = any",
        "default_pool_size = 20\n": SESSIONS,
    }
    told = CONFIGURATION.read_text()
    for line, other in changes.items():
        assert told.count(line) == 1, line
        told = told.replace(line, other)
    file = folder / "pgbouncer.ini"
    file.write_text(told)
    as_other = ["-u", "nobody"] if os.getuid() == 0 else []  # it refuses to be root
    with (folder / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen([machine.pgbouncer(), *as_other, str(file)], stderr=log)
    try:
        through = asked._replace(netloc=f"{asked.username}@127.0.0.1:{port}").geturl()
        _wait(through, process)
        yield through
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with closing(psycopg.connect(url)):
                return
        except psycopg.OperationalError:
            assert process.poll() is None, "PgBouncer refuses the configuration"
            assert time.monotonic() < until
            time.sleep(0.05)

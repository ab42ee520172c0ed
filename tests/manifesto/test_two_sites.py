"""The staff site hangs, and the public one does not notice: real processes, real locks, on both databases."""

import base64
import http.client
import io
import json
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from secrets import token_bytes
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests import machine
from tests.browser.server import PROJECT, own_site, serving

pytestmark = pytest.mark.long  # each plays on both databases, whichever the run is for
LOCK_SECONDS = 6
# What a citizen waits at most, where both cores are busy with all this and with other tests. Without the door
# it was the time of the lock or of the uploads, from half a minute to two.
USUAL_SECONDS, MOST_SECONDS = 2.0, 5.0
PUBLIC = ("/livez", "/", "/2021/pledges/", "/2021/pledges/1-1-1/")
TOKEN = "c" * 32
BOUNDARY = "between-the-parts-" * 3  # long: a picture of 19 MB holds any three bytes
TEXT = "・会議を開き、計画をまとめました。"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Served:
    """A running site, and somebody who works on it."""

    base: str
    database: str
    state: Path
    told: dict[str, Any]
    numbers: Iterator[int] = field(default_factory=count)  # the same form twice would be one

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own, by the planner."""
        own = {"Cookie": f"staff_session={self.told['session']}; staff_csrf={TOKEN}"} | headers
        with closing(http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=120)) as connection:
            connection.request("GET" if body is None else "POST", path, body, own)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode(errors="replace"))

    def save(self, place: int = 0, accept: str = "text/html") -> Answer:
        row, version = self.told["rows"][place]
        text = f"{TEXT}{next(self.numbers)}"
        fields = {"result": text, "version": version, "act": "save", "csrfmiddlewaretoken": TOKEN}
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        return self.ask(f"/staff/actions/{row}/", urlencode(fields).encode(), **form)

    def upload(self, content: bytes) -> Answer:
        file = f'name="file"; filename="{next(self.numbers)}.xlsx"'
        parts = {'name="csrfmiddlewaretoken"': TOKEN.encode(), file: content}
        body = b"".join(
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode() + value + b"\r\n"
            for name, value in parts.items()
        )
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.ask(
            f"/staff/rounds/{self.told['round']}/sheets/", body + f"--{BOUNDARY}--\r\n".encode(), **form
        )

    def table_page(self) -> Answer:
        return self.ask(f"/staff/reports/{self.told['report']}/table/")

    def await_pdf(self, *, seconds: float = 240) -> Answer:
        """The PDF, once it is there; as long as it is not, its address leads to the page."""
        end = time.monotonic() + seconds
        while (answer := self.ask(f"/staff/reports/{self.told['report']}/table.pdf")).status == 302:
            assert time.monotonic() < end, "no PDF"
            time.sleep(0.5)
        return answer

    def public_waits(self, *, times: int = 5) -> list[float]:
        """Seconds of some public pages, each asked several times."""
        waits = []
        for path in PUBLIC * times:
            begin = time.monotonic()
            assert self.ask(path).status == 200
            waits.append(time.monotonic() - begin)
        return waits

    def assert_public_answers(self) -> None:
        waits = self.public_waits()
        assert (median(waits) < USUAL_SECONDS, max(waits) < MOST_SECONDS) == (True, True), waits


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("two_sites")
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/site.sqlite3"
        if request.param == "PostgreSQL":
            url = stack.enter_context(machine.postgresql_database("two_sites"))
        more = {"DATABASE_URL": url, "DB_LOCK_SECONDS": str(LOCK_SECONDS), "WEB_CONCURRENCY": "2"}
        environment = stack.enter_context(own_site(folder, **more))
        command = [sys.executable, "-m", "tests.manifesto.at_work"]
        told = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True)
        base = stack.enter_context(serving(environment, folder / "gunicorn.log"))
        found = Served(base, url, folder, json.loads(told.stdout))
        found.public_waits()  # each process has rendered the pages
        yield found


@contextmanager
def locked(served: Served) -> Iterator[None]:
    """The first row is locked: on SQLite with the whole file, as ever."""
    if served.database.startswith("sqlite"):
        file = sqlite3.connect(served.database.removeprefix("sqlite:///"), isolation_level=None)
        with closing(file):
            file.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(served.database) as connection:
        row = served.told["rows"][0][0]
        connection.execute("SELECT 1 FROM tracker_yearlyaction WHERE id = %s FOR UPDATE", [row])
        yield


@contextmanager
def all_at_once(*, number: int, act: Callable[[], Answer]) -> Iterator[list[Future[Answer]]]:
    """So many people do the same; what they are answered can be asked for afterwards."""
    with ThreadPoolExecutor(number) as pool:
        yield [pool.submit(act) for _ in range(number)]


def test_public_site_answers_while_staff_wait_for_a_lock(served: Served) -> None:
    with locked(served), all_at_once(number=16, act=served.save) as hanging:
        time.sleep(1)
        served.assert_public_answers()
        assert not any(answer.done() for answer in hanging[:8])
        answers = [answer.result() for answer in hanging]
    assert {answer.status for answer in answers} == {503}
    for answer in answers:
        assert int(answer.headers["Retry-After"]) > 0
        assert TEXT in answer.body
        assert "もう一度送る" in answer.body
    assert served.save(1).status == 302  # and the site goes on


def test_the_pages_own_script_is_told_to_come_back(served: Served) -> None:
    with locked(served):
        answer = served.save(accept="application/json")
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/json")
    assert json.loads(answer.body)["unavailable"] == "30 秒ほど待って、もう一度お試しください。"


def test_the_pdf_is_made_once_for_all_who_ask_and_nobody_waits_in_a_request(served: Served) -> None:
    machine.weasyprint()
    with all_at_once(number=8, act=served.table_page) as asked:
        served.assert_public_answers()
        pages = [answer.result() for answer in asked]
    assert {page.status for page in pages} == {200}
    assert all("PDF を作っています" in page.body for page in pages)
    made = served.await_pdf()
    assert made.headers["Content-Type"] == "application/pdf"
    assert len(list((served.state / "tables").glob("*.pdf"))) == 1


def test_public_site_answers_while_large_sheets_come_in(served: Served) -> None:
    sheet = heavy(base64.b64decode(served.told["sheet"]))
    with all_at_once(number=24, act=lambda: served.upload(sheet)) as uploads:
        time.sleep(1)
        served.assert_public_answers()
        answers = [answer.result() for answer in uploads]
    assert [answer for answer in answers if answer.status not in {302, 503}] == []
    assert 302 in {answer.status for answer in answers}


def heavy(sheet: bytes) -> bytes:
    """The sheet with a picture of nearly 20 MB, which cannot be packed."""
    file = io.BytesIO(sheet)
    with zipfile.ZipFile(file, "a") as book:
        book.writestr("xl/media/image1.png", token_bytes(19 * 1024 * 1024))
    return file.getvalue()


def connections(served: Served, number: int, said: bytes) -> AbstractContextManager[ExitStack]:
    """So many connections that say something and then nothing more."""
    stack = ExitStack()
    for _ in range(number):
        address = urlsplit(served.base)
        connection = socket.create_connection((str(address.hostname), int(address.port or 0)))
        stack.enter_context(connection)
        connection.sendall(said)
    return stack


@pytest.mark.parametrize(
    ("number", "said"),
    [
        pytest.param(200, b"", id="nothing"),
        pytest.param(40, b"GET / HTTP/1.1\r\nHost:", id="half a heading"),
        pytest.param(
            40,
            b"POST /staff/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\na",
            id="the beginning of a form",
        ),
    ],
)
def test_public_site_answers_beside_connections_that_say_little(
    served: Served, number: int, said: bytes
) -> None:
    with connections(served, number, said):
        time.sleep(1)
        served.assert_public_answers()

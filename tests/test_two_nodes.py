"""Two nodes with one PostgreSQL and the same keys, nothing else shared, behind deploy/nginx: each in turn is
killed while people read and write, and comes back.
"""

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests import machine, nginx
from tests.browser.server import PROJECT, TABLE, empty_site, free_port, manage, wait_until_ready

pytestmark = pytest.mark.long  # plays on PostgreSQL, whichever the run is for
HOST = "manifesto.example.lg.jp"
READERS, WRITERS = 3, 4
SECONDS = 4.0  # of work, before and after each blow
REFUSED_BRIEFLY = {502, 503, 504}  # what a form in flight is answered when its node is killed
TOKEN = "c" * 32
NO_SECTIONS = {f"sections-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}


@dataclass
class Node:
    """A server, as it would be on a machine of its own."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        log = self.folder / "gunicorn.log"
        with log.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:manifesto.gunicorn"],
                cwd=PROJECT,
                env=self.environment | {"PORT": str(self.port), "STATE_DIR": str(self.folder)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until_ready(self.process, f"http://127.0.0.1:{self.port}/readyz", log)

    def kill(self) -> None:
        """The master and its workers at once, as a machine that loses its power."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class People:
    """Who reads and writes until `over`, and what they were answered."""

    port: int
    session: str
    manifesto: int
    over: threading.Event = field(default_factory=threading.Event)
    read: Counter[int] = field(default_factory=Counter)
    first_answers: Counter[int] = field(default_factory=Counter)  # of forms that were not sent before
    open: dict[str, bytes] = field(default_factory=dict)  # forms in flight that got no answer, by name
    names: Iterator[int] = field(default_factory=count)
    sent: list[str] = field(default_factory=list)

    def ask(self, path: str, body: bytes | None = None) -> int:
        """The status of one request through nginx; 0 where the connection broke."""
        headers = {"Host": HOST, "Cookie": f"staff_session={self.session}; staff_csrf={TOKEN}"}
        if body is not None:
            form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
            headers |= form | {"Origin": f"https://{HOST}"}
        trusting = ssl._create_unverified_context()
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trusting)
        with closing(link):
            try:
                link.request("GET" if body is None else "POST", path, body, headers)
                answer = link.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return 0
            return answer.status

    def reads(self) -> None:
        while not self.over.is_set():
            place = next(self.names)
            path = f"/2021/pledges/?q={place}" if place % 2 else "/staff/rounds/"  # nginx keeps neither
            self.read[self.ask(path)] += 1

    def writes(self) -> None:
        """Adds one thing after the other; what is added twice would stand there twice."""
        while not self.over.is_set():
            name = f"分野{next(self.names)}"
            fields = {"manifesto": self.manifesto, "number": "", "name": name, "csrfmiddlewaretoken": TOKEN}
            body = urlencode(fields | NO_SECTIONS).encode()
            status = self.ask("/staff/tracker/category/add/", body)
            self.first_answers[status] += 1
            self.sent.append(name)
            if status != 302:
                self.open[name] = body

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with ThreadPoolExecutor(READERS + WRITERS) as pool:
            acts: list[Callable[[], None]] = [self.reads] * READERS + [self.writes] * WRITERS
            running = [pool.submit(act) for act in acts]
            try:
                yield
            finally:
                self.over.set()
            for each in running:
                each.result()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Node], People, str]]:
    folder = tmp_path_factory.mktemp("two_nodes")
    keys = {name: token_urlsafe(64) for name in ("SECRET_KEY", "SEAL_KEY", "SITE_KEY")}
    nodes, port, plain = [], free_port(), free_port()
    with ExitStack() as stack:
        url = stack.enter_context(machine.postgresql_database("two_nodes"))
        more = {
            "DATABASE_URL": url,
            "HTTPS": "true",
            "TRUSTED_PROXIES": "127.0.0.1",
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        }
        (folder / "first").mkdir()
        environment = stack.enter_context(empty_site(folder / "first", **more, **keys))
        manage(environment, "migrate")
        manage(environment, "import_report", str(TABLE), "--publish")
        told = subprocess.run(
            [sys.executable, "-m", "tests.manifesto.at_work"],
            cwd=PROJECT,
            env=environment | {"HTTPS": "false"},
            stdout=subprocess.PIPE,
            check=True,
        )
        (folder / "second").mkdir()
        (folder / "second/static").symlink_to(folder / "first/static")  # each would have collected its own
        for name in ("first", "second"):
            node = Node(folder / name, environment)
            stack.callback(node.kill)
            nodes.append(node)
            node.start()
        stack.enter_context(before(nodes, folder, plain, port))
        with psycopg.connect(url) as connection:
            ((manifesto,),) = connection.execute("SELECT id FROM tracker_manifesto").fetchall()
        yield nodes, People(port, json.loads(told.stdout)["session"], manifesto), url


@contextmanager
def before(nodes: list[Node], folder: Path, plain: int, port: int) -> Iterator[None]:
    """nginx before all nodes."""
    nginx.certify(folder)
    (folder / "kept").mkdir(mode=0o777)
    changes = {
        "server 127.0.0.1:8000 fail_timeout=3s;": " ".join(
            f"server 127.0.0.1:{node.port} fail_timeout=3s;" for node in nodes
        ),
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/var/cache/nginx/manifesto ": f"{folder}/kept ",
        "/etc/ssl/manifesto.crt": f"{folder}/crt",
        "/etc/ssl/private/manifesto.key": f"{folder}/key",
        "rate=60r/m": "rate=6000r/m",
    }
    with nginx.serving("live-site.conf", changes, folder, f"https://127.0.0.1:{port}"):
        yield


def added(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        rows: list[Any] = connection.execute(
            "SELECT name FROM tracker_category WHERE name LIKE '分野%'"
        ).fetchall()
    return Counter(name for (name,) in rows)


def test_a_killed_node_costs_nobody_anything_but_sending_a_form_again(
    site: tuple[list[Node], People, str],
) -> None:
    nodes, people, url = site
    with people.at_work():
        for node in nodes:
            time.sleep(SECONDS)
            node.kill()
            time.sleep(SECONDS)
            node.start()
        time.sleep(SECONDS)
    assert set(people.read) <= {0, 200}, people.read
    assert people.read[0] <= READERS * len(nodes)  # a page that its node had sent half of
    assert set(people.first_answers) <= REFUSED_BRIEFLY | {0, 302}, people.first_answers
    assert people.first_answers[302] > 10 * WRITERS
    assert len(people.open) <= WRITERS * len(nodes)  # those in flight
    assert max(added(url).values()) == 1
    again(people, url)
    assert added(url) == Counter(people.sent)  # each once: none lost, none twice
    assert_sealed(nodes)


def again(people: People, url: str) -> None:
    """Sends what got no answer again; what its node had begun must wait, until that cannot be any more."""
    waiting = {name: body for name, body in people.open.items() if not is_accepted(people, body)}
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE tracker_sentform SET begun_at = begun_at - interval '3 minutes' WHERE status IS NULL"
        )
    assert [name for name, body in waiting.items() if not is_accepted(people, body)] == []


def is_accepted(people: People, body: bytes) -> bool:
    return people.ask("/staff/tracker/category/add/", body) == 302


def assert_sealed(nodes: list[Node]) -> None:
    """Each has sealed what it recorded, and the chain is whole."""
    for node in nodes:
        told = subprocess.run(
            [sys.executable, "manage.py", "verify_events"],
            cwd=PROJECT,
            env=node.environment | {"STATE_DIR": str(node.folder)},
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        assert (node.folder / "seals.log").exists()

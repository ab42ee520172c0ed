"""deploy/nginx/live-site.conf as it is, run by nginx before a small application that can fail."""

import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread
from urllib.parse import urlsplit

import pytest

from tests.browser.server import free_port
from tests.nginx import ask, certify, changed, serving

SHORT = "/stays/"
END = "    set $manifesto manifesto;\n    include manifesto-proxy.conf;\n}\n"


class Application(socketserver.ThreadingTCPServer):
    """Says how often it was asked, and by whom; or that it cannot answer."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.fails = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer's body waits 40 ms for its head
    server: Application

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.server.asked.append(f"{self.command} {self.path}")
        told = [self.headers[name] for name in ("Host", "X-Forwarded-Proto", "X-Forwarded-For")]
        body = f"{len(self.server.asked)} {told}".encode()
        self.send_response(503 if self.server.fails else 200)
        self.send_header("Cache-Control", "public, no-cache")
        if self.path == SHORT:  # the minute of this page is a second
            self.send_header("X-Accel-Expires", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server calls it so

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def running() -> Iterator[Application]:
    with Application() as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield served
        served.shutdown()


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    with running() as served:
        yield served


@pytest.fixture(scope="module")
def further() -> Iterator[Application]:
    """Another city's, by deploy/nginx/further-city.conf."""
    with running() as served:
        yield served


@pytest.fixture(scope="module")
def base(
    application: Application, further: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder, plain, port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    certify(folder)
    (folder / "kept").mkdir(mode=0o777)
    of_further = {
        "server 127.0.0.1:8001 fail_timeout=3s;": f"server 127.0.0.1:{further.server_address[1]};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/maebashi.crt": f"{folder}/crt",
        "/etc/ssl/private/maebashi.key": f"{folder}/key",
    }
    changes = {
        END: f"{END}{changed('further-city.conf', of_further)}",
        "server 127.0.0.1:8000 fail_timeout=3s;": f"server 127.0.0.1:{application.server_address[1]};",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/var/cache/nginx/manifesto ": f"{folder}/kept ",
        "/etc/ssl/manifesto.crt": f"{folder}/crt",
        "/etc/ssl/private/manifesto.key": f"{folder}/key",
    }
    with serving("live-site.conf", changes, folder, f"https://127.0.0.1:{port}"):
        yield f"https://127.0.0.1:{port}"


def test_each_city_has_its_own_application_and_copies(
    base: str, application: Application, further: Application
) -> None:
    other = {"Host": "manifesto.maebashi.example.lg.jp"}
    assert b"maebashi" in ask(f"{base}/city/", headers=other)[1]
    assert b"maebashi" not in ask(f"{base}/city/")[1]
    assert (application.asked.count("GET /city/"), further.asked) == (1, ["GET /city/"])


def test_what_the_public_reads_is_asked_once_a_minute(base: str, application: Application) -> None:
    first, body = ask(f"{base}/page/")
    assert ask(f"{base}/page/")[1] == body
    assert application.asked.count("GET /page/") == 1
    assert first.headers["Cache-Control"] == "public, no-cache"  # browsers ask each time
    assert f"['{urlsplit(base).netloc}', 'https', '127.0.0.1']".encode() in body
    assert ask(f"{base}/page/?q=1")[1] != body


def test_a_page_that_was_read_stays_while_the_application_is_away(
    base: str, application: Application
) -> None:
    before = ask(f"{base}{SHORT}")[1]
    application.fails = True
    try:
        time.sleep(2)  # it is older than its minute
        assert ask(f"{base}{SHORT}")[1] == before
        assert ask(f"{base}/never-read/")[0].status == 503
        assert ask(f"{base}/readyz")[0].status == 503
    finally:
        application.fails = False
    assert application.asked.count(f"GET {SHORT}") > 1  # it was asked again, and could not answer


def test_nothing_of_the_staff_site_is_kept_and_no_form_is_sent_twice(
    base: str, application: Application
) -> None:
    assert ask(f"{base}/staff/")[1] != ask(f"{base}/staff/")[1]
    application.fails = True
    try:
        assert ask(f"{base}/staff/actions/1/", b"text=1")[0].status == 503
    finally:
        application.fails = False
    assert application.asked.count("POST /staff/actions/1/") == 1


def test_uploads_have_limits(base: str, application: Application) -> None:
    assert ask(f"{base}/staff/sheets/", b"x" * 20_000_000)[0].status == 200
    assert ask(f"{base}/page/", b"x" * 2_000_000)[0].status == 413


def test_a_flood_of_logins_is_stopped(base: str, application: Application) -> None:
    told = [ask(f"{base}/staff/login/", b"password=1")[0].status for _time in range(280)]
    assert told[:200] == [200] * 200
    assert 429 in told
    assert ask(f"{base}/staff/")[0].status == 200

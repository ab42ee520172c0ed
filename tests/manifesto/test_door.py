"""manifesto/door.py: who finds a place, who waits, what is refused; with an application that does as told."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import FileWrapper

import pytest

from manifesto import door
from manifesto.door import Door
from tracker import troubles
from tracker.troubles import Trouble


class Application:
    """Tells which thread answered and what it read; below /…/wait it waits until it may go on."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [])
        if trouble := environ.get(troubles.KEY):
            return Parts(f"refused: {trouble.value}: ".encode() + environ["wsgi.input"].read())
        if environ["PATH_INFO"].endswith("wait"):
            self.may_go_on.wait(30)
        if environ["PATH_INFO"] == "/late":
            raise TimeoutError("the view's own")
        if environ["PATH_INFO"].startswith("/static/"):
            return environ["wsgi.file_wrapper"](io.BytesIO(b"a file"))
        thread, length = threading.current_thread().name.split("_")[0], int(environ["CONTENT_LENGTH"])
        return Parts(f"{thread}: ".encode() + environ["wsgi.input"].read(length))


class Parts(list[bytes]):
    def __init__(self, *parts: bytes) -> None:
        super().__init__(parts)

    def close(self) -> None:
        closed_by.append(threading.current_thread().name.split("_")[0])


closed_by: list[str] = []


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()
    yield made
    made.may_go_on.set()


@pytest.fixture
def site(application: Application) -> Door:
    return Door(application, staff="/staff/")


def ask(
    site: Door,
    path: str,
    body: bytes = b"",
    *,
    length: int | None = None,
    in_pieces: bool = False,
    sent: io.BytesIO | None = None,
) -> bytes:
    """The answer to a request whose body came in, or came in to a part of its `length`; or in pieces."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        environ: WSGIEnvironment = {
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body) if length is None else length),
            "wsgi.input": sent or io.BytesIO(body),
            "wsgi.file_wrapper": FileWrapper,
            "gunicorn.socket": ours,
        }
        if in_pieces:  # their end is known to the server, not to the sender when it began
            del environ["CONTENT_LENGTH"]
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        return b"".join(site(environ, lambda *_arguments: lambda _data: None))


def test_each_site_has_threads_of_its_own(site: Door) -> None:
    closed_by.clear()
    assert ask(site, "/2021/") == b"public: "
    assert ask(site, "/staff/queue/", b"a=1") == b"staff: a=1"
    assert ask(site, "/staff") == b"public: "
    assert closed_by == ["public", "staff", "public"]


def test_a_static_file_is_sent_by_the_server_itself(site: Door) -> None:
    assert ask(site, "/static/site.css") == b"a file"


def test_staff_that_hang_leave_the_public_site_and_livez_alone(site: Door, application: Application) -> None:
    with ThreadPoolExecutor(40) as pool:
        hanging = [pool.submit(ask, site, "/staff/wait") for _ in range(40)]
        time.sleep(0.1)
        assert ask(site, "/") == b"public: "
        application.may_go_on.set()
        assert {each.result() for each in hanging} == {b"staff: "}


def test_livez_answers_while_both_sites_hang(site: Door, application: Application) -> None:
    with ThreadPoolExecutor(40) as pool:
        for path in ("/staff/wait", "/wait"):
            for _ in range(20):
                pool.submit(ask, site, path)
        time.sleep(0.1)
        assert ask(site, "/livez").endswith(b": ")
        application.may_go_on.set()


def test_who_waits_too_long_is_refused_with_what_they_sent(site: Door, application: Application) -> None:
    site.staff.patience = 0.2
    with ThreadPoolExecutor(door.STAFF_THREADS) as pool:
        for _ in range(door.STAFF_THREADS):
            pool.submit(ask, site, "/staff/wait")
        time.sleep(0.1)
        assert ask(site, "/staff/", b"text") == b"refused: busy: text"
        application.may_go_on.set()
    assert ask(site, "/staff/", b"text") == b"staff: text"


def test_who_is_being_answered_is_never_refused(site: Door, application: Application) -> None:
    site.staff.patience = 0.1
    threading.Timer(0.4, application.may_go_on.set).start()
    assert ask(site, "/staff/wait", b"text") == b"staff: text"


def test_without_a_place_it_is_refused_at_once_and_places_come_back(site: Door) -> None:
    site.staff.places = threading.BoundedSemaphore(1)
    with site.staff.places:
        assert ask(site, "/staff/", b"text") == b"refused: busy: text"
        assert ask(site, "/") == b"public: "
    assert [ask(site, "/staff/") for _ in range(3)] == [b"staff: "] * 3


def test_a_time_out_of_the_views_own_is_its_own_affair(site: Door) -> None:
    with pytest.raises(TimeoutError, match="the view's own"):
        ask(site, "/late")


def test_too_much_is_refused(site: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(site, "/staff/", b"text", length=door.BODY_BYTES + 1) == b"refused: too large: "
    monkeypatch.setattr(door, "BODY_BYTES", 4)
    sent = io.BytesIO(b"texts")
    assert ask(site, "/staff/", sent=sent, length=5) == b"refused: too large: "
    assert sent.read() == b""  # nothing is left on the line for whoever reads it next


def test_livez_waits_for_nothing_that_is_sent(site: Door) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        environ = {"PATH_INFO": "/livez", "CONTENT_LENGTH": "9", "gunicorn.socket": ours}
        assert b"".join(site(environ | {"wsgi.input": io.BytesIO()}, lambda *_arguments: lambda _data: None))
        ours.settimeout(5)
        assert ours.recv(1) == b""


def test_what_comes_in_pieces_is_read_to_its_end(site: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(site, "/staff/", b"text", in_pieces=True) == b"staff: text"
    monkeypatch.setattr(door, "BODY_BYTES", 4)
    assert ask(site, "/staff/", b"text", in_pieces=True) == b"staff: text"
    assert ask(site, "/staff/", b"texts", in_pieces=True) == b"refused: too large: "


def test_what_does_not_come_to_its_end_is_refused(site: Door) -> None:
    assert ask(site, "/staff/", b"text", length=5) == b"refused: cut off: "


def test_a_sender_who_stops_is_not_waited_for(site: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as sent:
        theirs.sendall(b"te")
        environ: WSGIEnvironment = {
            "PATH_INFO": "/staff/", "CONTENT_LENGTH": "4", "wsgi.input": sent,
            "wsgi.file_wrapper": FileWrapper, "gunicorn.socket": ours,
        }  # fmt: skip
        begin = time.monotonic()
        assert b"".join(site(environ, lambda *_arguments: lambda _data: None)) == b"refused: cut off: "
        assert time.monotonic() - begin < 10


def test_a_full_disk_at_the_door_is_told(site: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "SpooledTemporaryFile", lambda _size: open("/dev/full", "r+b", buffering=0))  # noqa: PTH123, SIM115
    assert ask(site, "/staff/", b"text") == b"refused: " + Trouble.DISK.value.encode() + b": "

"""The door of the server: what hangs on one site does not stop the other (docs/adr/0015).

gunicorn's threads only carry bytes. Each site has a few threads of its own that work, and places before them
to wait in. Whoever finds no place, or waits too long, gets a page that says so and keeps what was typed.
"""

import io
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from manifesto import gunicorn as server
from tracker import troubles
from tracker.troubles import Trouble

PUBLIC_THREADS = 4
STAFF_THREADS = 6  # and so many connections to the database, PUBLIC_THREADS included, has a process at most
PUBLIC_PATIENCE = 10.0  # seconds to wait for a thread
STAFF_PATIENCE = 20.0
LIVE = "/livez"

BODY_BYTES = 32 * 1024 * 1024  # an entry sheet may have 20 MiB; up to here its page says so
BODY_SECONDS = 60.0  # for all that is sent
BODY_SECONDS_WITHOUT_PLACE = 5.0
ANSWER_SECONDS = 60.0  # for a piece of an answer, to a reader without a proxy
BYTES_IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024


class Refused(Exception):  # noqa: N818 - an answer, no error
    """What was sent cannot be taken in."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class Side:
    """One of the two sites: the threads that work for it, and the places of those who come."""

    def __init__(self, name: str, *, threads: int, patience: float) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.places = threading.BoundedSemaphore(server.places)
        self.patience = patience


class Door:
    """The WSGI application for gunicorn, before Django's. `staff` is how the staff site's addresses begin."""

    def __init__(self, application: WSGIApplication, *, staff: str) -> None:
        self.application = application
        self.prefix = staff
        self.public = Side("public", threads=PUBLIC_THREADS, patience=PUBLIC_PATIENCE)
        self.staff = Side("staff", threads=STAFF_THREADS, patience=STAFF_PATIENCE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == LIVE:
            if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
                _stop_listening(environ)  # here is nothing to be sent: nobody waits for it
            return self.application(environ, start_response)
        side = self.staff if environ["PATH_INFO"].startswith(self.prefix) else self.public
        has_place = side.places.acquire(blocking=False)
        try:
            with closing(SpooledTemporaryFile(BYTES_IN_MEMORY)) as body:
                return self._answer(environ, start_response, side if has_place else None, body)
        finally:
            _let_wait(environ, ANSWER_SECONDS)
            if has_place:
                side.places.release()

    def _answer(
        self, environ: WSGIEnvironment, start_response: StartResponse, side: Side | None, body: IO[bytes]
    ) -> Iterable[bytes]:
        try:
            _take_in(environ, body, BODY_SECONDS if side else BODY_SECONDS_WITHOUT_PLACE)
        except Refused as refused:
            environ |= {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}
            return self._refuse(environ, start_response, refused.trouble)
        if side is None:
            return self._refuse(environ, start_response, Trouble.BUSY)
        work = side.pool.submit(self._work, environ, start_response)
        try:
            return work.result(side.patience)
        except TimeoutError:
            if work.cancel():  # nobody has begun it
                return self._refuse(environ, start_response, Trouble.BUSY)
            return work.result()

    def _work(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The whole answer, made and closed in this thread: its connection to the database belongs to it."""
        answer: Any = self.application(environ, start_response)
        if isinstance(answer, environ["wsgi.file_wrapper"]):
            return cast("Iterable[bytes]", answer)  # a static file: gunicorn sends and closes it
        with closing(answer):
            return list(answer)

    def _refuse(
        self, environ: WSGIEnvironment, start_response: StartResponse, trouble: Trouble
    ) -> Iterable[bytes]:
        """Django's words for it, which need no database (staff/frame/middleware.Troubles)."""
        return self._work(environ | {troubles.KEY: trouble}, start_response)


def _take_in(environ: WSGIEnvironment, body: IO[bytes], seconds: float) -> None:
    """Reads what is sent, so that a slow sender holds nobody who works. Raises Refused.

    What is too large is read, too, and dropped: a browser hears no answer before it has sent all, and what is
    left on the line would hold the thread that reads there next. What comes in pieces tells no length.
    """
    is_in_pieces = "HTTP_TRANSFER_ENCODING" in environ
    length = None if is_in_pieces else int(environ.get("CONTENT_LENGTH") or 0)
    came = 0
    if length != 0:
        stop = threading.Timer(seconds, _stop_listening, [environ])
        stop.start()
        try:
            came = _copy(environ["wsgi.input"], body, length)
        finally:
            stop.cancel()
    if max(came, length or 0) > BODY_BYTES:
        raise Refused(Trouble.TOO_LARGE)
    if length is not None and came < length:
        raise Refused(Trouble.CUT_OFF)
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(came)}
    body.seek(0)


def _copy(sent: IO[bytes], body: IO[bytes], length: int | None) -> int:
    """Copies what comes, as far as it is not too large. How much came: `length` at most. Raises Refused."""
    came = 0
    try:
        while piece := sent.read(PIECE if length is None else min(length - came, PIECE)):
            came += len(piece)
            if came <= BODY_BYTES:
                body.write(piece)
    except OSError as problem:
        if came <= BODY_BYTES:
            raise Refused(troubles.of(problem) or Trouble.CUT_OFF) from problem
    return came


def _stop_listening(environ: WSGIEnvironment) -> None:
    """Ends a reading under way; an answer can still be sent."""
    connection: socket.socket = environ["gunicorn.socket"]
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:  # the sender has gone
        return


def _let_wait(environ: WSGIEnvironment, seconds: float) -> None:
    """How long one piece of the answer may take to be sent."""
    environ["gunicorn.socket"].settimeout(seconds)

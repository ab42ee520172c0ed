"""What the live site answers, without a network: the same application, middleware and static files."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tracker.public.context import AS_FILE

REQUESTS = (request_started, request_finished)
QUIET = {
    "django.request": logging.ERROR,
    "django.security": logging.CRITICAL,
}  # loggers, and from which level
HERE = {"localhost", "127.0.0.1", "[::1]", "*"}  # of ALLOWED_HOSTS, what the public does not know us by


class LiveAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


def public_address() -> str:
    """How the public reaches the site, as far as the settings tell: feeds have it in their links."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    known = [host for host in settings.ALLOWED_HOSTS if host not in HERE and not host.startswith(".")]
    return f"{'https' if settings.HTTPS else 'http'}://{next(iter(known), 'localhost')}"


def is_known(address: str) -> bool:
    """Whether the public can reach that address: without any setting it is this machine's own."""
    return not address.endswith("://localhost")


class Site:
    """The live site as it answers under an address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._application = WSGIHandler()

    def ask(self, path: str, known: str = "") -> LiveAnswer:
        """One GET; `known` is the ETag of what is there already, which a 304 says still holds."""
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _problem: object = None) -> None:
            told.update(status=int(status[:3]), headers=dict(headers))

        answer = self._application(self._request(path, known), start)  # type: ignore[arg-type]
        try:
            body = b"".join(answer)
        finally:
            answer.close()
            cache.clear()  # each address is asked once: 600 pages in memory would serve nobody
        return LiveAnswer(told["status"], told["headers"], body)

    def _request(self, path: str, known: str) -> dict[str, Any]:
        scheme, host = urlsplit(self.address)[:2]
        return {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443" if scheme == "https" else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "HTTP_X_FORWARDED_PROTO": scheme,
            "wsgi.url_scheme": scheme,
            AS_FILE: True,
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
            **({"HTTP_IF_NONE_MATCH": known} if known else {}),
        }


@contextmanager
def asking_much() -> Iterator[None]:
    """An address that is not there, or a host that is not ours, is no news for the log meanwhile, for whoever
    asks tells it in words; and the connection to the database, which may be within a transaction, outlasts
    each request.
    """
    before = {logger: logger.level for logger in map(logging.getLogger, QUIET)}
    for logger in before:
        logger.setLevel(QUIET[logger.name])
    for signal in REQUESTS:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in REQUESTS:
            signal.connect(close_old_connections)
        for logger, level in before.items():
            logger.setLevel(level)

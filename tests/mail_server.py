"""A real mail server for the tests, in a thread of its own, that misbehaves as it is told to."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

LONG = 30.0  # seconds: longer than anybody waits


class MailServer:
    """What the server has accepted, for whom; and what it does to whom.

    `refused`: the answer to some addresses. `slow`: it takes too long over their mails. `dies_in` it hangs up
    in the middle of their mails, `dies_before` it has answered them. `dies_after` so many mails it is gone.
    """

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.mails: list[Message] = []
        self.refused: dict[str, str] = {}
        self.slow: set[str] = set()
        self.dies_in: set[str] = set()
        self.dies_before: set[str] = set()
        self.dies_after: int | None = None

    @property
    def is_dead(self) -> bool:
        return self.dies_after is not None and len(self.accepted) >= self.dies_after

    def recover(self) -> None:
        """From now on it does as it should."""
        self.refused, self.dies_after = {}, None
        self.slow, self.dies_in, self.dies_before = set(), set(), set()

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.is_dead:
            hang_up(server)
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        to = set(envelope.rcpt_tos)
        if to & self.slow:
            await asyncio.sleep(LONG)  # it is cancelled when the other side has hung up
        if to & self.dies_before:
            hang_up(server)
            return "451 gone"
        content = envelope.content
        self.mails.append(message_from_bytes(content if isinstance(content, bytes) else b""))
        self.accepted += envelope.rcpt_tos
        return "250 accepted"


class Mortal(SMTP):
    """Can die between the beginning and the end of a mail."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        handler: MailServer = self.event_handler
        if self.envelope and set(self.envelope.rcpt_tos) & handler.dies_in:
            await self.push("354 go on")
            hang_up(self)
            return
        await super().smtp_DATA(arg)


def hang_up(server: SMTP) -> None:
    if server.transport:
        server.transport.abort()


class Serving(Controller):
    def factory(self) -> SMTP:
        if self.handler.is_dead:
            raise ConnectionError
        return Mortal(self.handler)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving_mails() -> Iterator[tuple[MailServer, int]]:
    """The server and its port."""
    server = MailServer()
    serving = Serving(server, hostname="127.0.0.1", port=free_port())
    serving.start()
    try:
        yield server, serving.port
    finally:
        serving.stop()


@contextmanager
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """The server, which the settings name. Nobody waits for it longer than a second."""
    with serving_mails() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
        yield server

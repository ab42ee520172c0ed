"""The certificates of our own addresses: how long they still hold."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from tracker.doctor.findings import Finding, good, notice, trouble

SECONDS = 3  # to wait for an answer
FEW_DAYS = 30


def ends() -> Iterator[Finding]:
    for host, port in sorted(_places()):
        yield _end(host, port)


def _places() -> set[tuple[str, int]]:
    addresses = map(urlsplit, (settings.PUBLIC_URL, settings.STAFF_SITE_URL))
    return {
        (each.hostname, each.port or 443) for each in addresses if each.scheme == "https" and each.hostname
    }


def _end(host: str, port: int) -> Finding:
    try:
        left = (_not_after(host, port) - datetime.now(UTC)).days
    except ssl.SSLCertVerificationError as problem:
        return trouble(
            "証明書",
            f"{host}：正しくありません（{problem.verify_message}）。",
            "証明書を入れ直してください。",
        )
    except OSError:
        return notice(
            "証明書", f"{host}：ここからはつながらず、確かめられません。", "ほかの機械から確かめてください。"
        )
    words = f"{host}：あと {left} 日で切れます。"
    return (
        good("証明書", words) if left > FEW_DAYS else trouble("証明書", words, "証明書を新しくしてください。")
    )


def _not_after(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)

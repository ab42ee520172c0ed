"""Whom a proxy in front says that somebody is, believed from the addresses that REMOTE_USER_PROXIES names."""

import contextlib
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from tracker import last_runs

NOTED_AGAIN = 60 * 60  # seconds until a header that was not believed is noted again


def named_person(request: HttpRequest) -> str:
    """What the proxy calls whoever asks; "" where it says nothing, or somebody else does.

    The connection's own other end counts: what a request tells of the way that it came is anybody's writing.
    """
    value = (
        str(request.META.get(settings.REMOTE_USER_HEADER, "")).strip() if settings.REMOTE_USER_HEADER else ""
    )
    sender = address_of(request.META.get("REMOTE_ADDR") or "")
    if not value or (sender and any(sender in each for each in settings.REMOTE_USER_PROXIES)):
        return value
    _note(str(sender or "?"))
    return ""


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text spells; one of IPv4 in the manner of IPv6 is the same."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _file() -> Path:
    return Path(settings.STATE_DIR) / "ignored_remote_user"


def _note(sender: str) -> None:
    """For `doctor`: from where a header came that was not believed. Once an hour, whoever it is."""
    with contextlib.suppress(OSError):
        if not _file().exists() or time.time() - _file().stat().st_mtime > NOTED_AGAIN:
            last_runs.note(_file(), sender)


def last_ignored() -> tuple[str, datetime] | None:
    """From where a header came last that was not believed, and when."""
    try:
        return _file().read_text(), datetime.fromtimestamp(_file().stat().st_mtime, UTC)
    except OSError:
        return None

"""Addresses with scheme and host. A page is the same wherever it is read, so its host is a setting."""

from django.conf import settings
from django.http import HttpRequest


def absolute(path: str) -> str:
    """The address where the public finds a path; the path itself while PUBLIC_URL is not set."""
    return f"{settings.PUBLIC_URL}{path}"


def absolute_here(request: HttpRequest, path: str) -> str:
    """The same, by the asked host while PUBLIC_URL is not set: for what makes no sense without a host."""
    return absolute(path) if settings.PUBLIC_URL else request.build_absolute_uri(path)

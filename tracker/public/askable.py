"""What no database can be asked is a bad request, not a failure of the server."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# PostgreSQL's texts hold no NUL; SQLite's numbers have 64 bits, and PostgreSQL refuses longer ones, too.
UNASKABLE = (DataError, OverflowError)


class Askable:
    """Stands before every page, public and staff.

    A cookie with a NUL is none that this site has set: it is as if it had not come. A question that the
    database refuses for a value in the address is answered with 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if "\0" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception, *unused: Any) -> None:
        """Raises BadRequest where the address is at fault. What a form sent is the form's to judge."""
        is_asked = request.method in SAFE_METHODS or "%00" in request.META.get("QUERY_STRING", "")
        if is_asked and isinstance(exception, UNASKABLE):
            raise BadRequest from exception

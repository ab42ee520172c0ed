"""Rendering a staff page: with the menu, and in the staff site's frame."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.staff.frame.site import site


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Renders templates/staff/<template>.html."""
    return render(request, f"staff/{template}.html", {**site.each_context(request), **context}, status=status)

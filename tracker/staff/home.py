"""The first page after the login: what is asked of this person."""

from django.http import HttpRequest, HttpResponse

from tracker.staff.pages import show


def page(request: HttpRequest) -> HttpResponse:
    return show(request, "home", title="ホーム")

"""Logging in: who may, and what somebody sees who failed too often."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.models import User


class StaffBackend(ModelBackend):
    """User name and password. The demo's accounts log in to the demo only, wherever its database goes."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "is_demo", False))

    def get_user(self, user_id: int) -> User | None:
        user = super().get_user(user_id)
        return user if self.user_can_authenticate(user) else None


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failures for this name from this address: says so and when to try again."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "staff/locked_out.html", {"minutes": minutes}, status=429)

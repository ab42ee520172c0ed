"""What tests of mails share: mail is set up, all people have an address, and only some kinds are sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.cycle.notices.sent import only
from tests.mail_server import MailServer, mail_server
from tests.workspace import Workspace
from tracker.choices import MailKind
from tracker.models import User


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_HOST = "mail.example"
    settings.STAFF_SITE_URL = "https://manifesto.example/staff"
    settings.STATE_DIR = tmp_path


@pytest.fixture
def server(settings: Settings, _mail_is_set_up: None) -> Iterator[MailServer]:
    with mail_server(settings) as server:
        yield server


@pytest.fixture
def told(space: Workspace) -> Workspace:
    """The small workspace; all people have an address, and its opening is told already."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@city.example")
    only(space.manifesto, *(set(MailKind) - {MailKind.OPENED, MailKind.REMINDER, MailKind.WEEKLY}))
    assert timezone.now()
    return space

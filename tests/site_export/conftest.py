"""What tests of the exported site share: a small site, exported once."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.public.building import make_entry, save_report
from tests.public.test_bare_pledges import bare
from tests.public.test_original import PDF, about
from tracker.models import Report
from tracker.public import views
from tracker.site_export.apply_site import Releases
from tracker.site_export.exporting import ExportOutcome, export

ADDRESS = "https://manifesto.example.lg.jp"
# Static files as the production's middleware gives them, without having collected any.
STATIC = {"WHITENOISE_USE_FINDERS": True, "WHITENOISE_AUTOREFRESH": True}


def silent(_done: int, _known: int) -> None:
    """Nobody listens."""


def export_to(folder: Path) -> ExportOutcome:
    with Releases(folder).turn() as releases:
        return export(releases, ADDRESS, silent)


@pytest.fixture(scope="package", autouse=True)
def settings_of_the_site() -> Iterator[None]:
    with (
        override_settings(ALLOWED_HOSTS=["manifesto.example.lg.jp"], **STATIC),
        pytest.MonkeyPatch.context() as few,
    ):
        few.setattr(views, "PLEDGES_PER_PAGE", 2)  # so that the list of three has a second page
        yield


@pytest.fixture(scope="package")
def report(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    """A small report with an original, of which one pledge has moved and one has no initiative."""
    entries = [make_entry(1), make_entry(2, former_pledge_keys=["1-1-9"]), make_entry(21)]
    with django_db_blocker.unblock(), transaction.atomic():
        yield save_report(entries, bare_pledges=[bare("1-1-5", "川を守ります")], about=about(PDF))
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def exported(
    report: Report, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ExportOutcome]:
    """The site as it was exported first."""
    folder = tmp_path_factory.mktemp("site") / "own"
    with django_db_blocker.unblock():
        return folder, export_to(folder)


def address_of(name: str) -> str:
    return "/" + quote(name.removesuffix("index.html"))

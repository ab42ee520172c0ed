"""Every file of three reports, downloaded once: the city's own, an awkward one, and one that has hardly
anything to say.
"""

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.public.open_data.reading import Downloaded
from tests.public.open_data.reports import save_awkward, save_bare
from tracker.models import Report


@pytest.fixture(scope="package")
def downloads(demo: Report, django_db_blocker: DjangoDbBlocker) -> dict[str, Downloaded]:
    with django_db_blocker.unblock(), transaction.atomic():
        save_awkward("2017")
        save_bare("2013")
        slugs = {"demo": "2021", "awkward": "2017", "bare": "2013"}
        downloaded = {name: Downloaded(slug).download() for name, slug in slugs.items()}
        transaction.set_rollback(True)
    return downloaded


@pytest.fixture(scope="package")
def city(downloads: dict[str, Downloaded]) -> Downloaded:
    """The city's own report."""
    return downloads["demo"]


@pytest.fixture(scope="package")
def awkward(downloads: dict[str, Downloaded]) -> Downloaded:
    return downloads["awkward"]

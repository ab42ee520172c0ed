"""What tests of signing in share: the providers, and the settings that name them."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.organisation.sign_in.provider import CLIENT, SECRET, SmallProvider, small_provider
from tracker.organisation.sign_in.oidc import provider


@pytest.fixture(scope="module")
def running_provider() -> Iterator[SmallProvider]:
    with small_provider() as running:
        yield running


@pytest.fixture
def small(running_provider: SmallProvider, settings: Settings) -> SmallProvider:
    """The small provider as it begins, and named by the settings."""
    running_provider.__init__(running_provider.base)  # type: ignore[misc]
    provider.forget()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = running_provider.base, CLIENT
    settings.OIDC_CLIENT_SECRET = SECRET
    return running_provider

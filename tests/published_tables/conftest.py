"""Published tables: what is read, not the process that reads it, is what these tests are about."""

import pytest


@pytest.fixture(autouse=True)
def _read_here(read_here: None) -> None:
    """In every test."""

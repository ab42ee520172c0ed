"""Workbooks: they are read as always, in a process of their own, unless a test asks for `read_here`."""

import pytest


@pytest.fixture(autouse=True)
def _read_apart(read_apart: None) -> None:
    """In every test."""

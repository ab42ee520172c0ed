"""What the tests of rounds share."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _no_pdf_is_kept() -> None:
    """Each test has its own made."""
    shutil.rmtree(Path(settings.STATE_DIR) / "tables", ignore_errors=True)

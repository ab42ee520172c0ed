"""Killed thirty times by kill -9, an export, a backup and a restore leave the old or the new, never half.

The upgrade is killed in tests/management/test_former_releases.py, `apply_site.py` in tests/site_export.
"""

from pathlib import Path

import pytest

from tests.apart import empty_databases, run
from tests.killing import TIMES

pytestmark = [pytest.mark.long, pytest.mark.both]
PLAYS = "tests.kill_plays"


def test_an_export_shows_the_old_or_the_new_site(tmp_path: Path) -> None:
    with empty_databases(tmp_path, "exports") as (url,):
        told = run(PLAYS, "exports", str(tmp_path / "site"), url=url, state=tmp_path / "state")
    assert (told["old"] + told["new"], told["other"]) == (TIMES, 0)
    assert min(told["old"], told["new"]) > 0
    assert (told["last"], told["left"]) == (["last"], [".lock", "current", "releases"])


def test_a_backup_is_the_old_or_the_new_one_and_a_restore_is_whole_or_nothing(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with empty_databases(tmp_path, "first", "second", "empty") as (first, second, empty):
        made = run(PLAYS, "backups", str(file), url=first, state=tmp_path / "state")
        told = run(PLAYS, "restores", str(file), empty, second, url=second, state=tmp_path / "other")
    assert made["old"] + made["new"] == TIMES
    assert min(made.values()) > 0
    assert (told["old"] + told["new"], told["other"], told["first"], told["last"]) == (TIMES, 0, "new", "new")
    assert min(told["old"], told["new"]) > 0

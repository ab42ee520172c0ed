"""The system's own checks: what is kept is for the server's user alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.apart import PROJECT
from tracker.apps import check_rights


@pytest.mark.parametrize(("mode", "told"), [(0o700, False), (0o750, True), (0o701, True), (0o600, False)])
def test_a_state_folder_that_others_can_look_into_is_told(
    settings: Settings, tmp_path: Path, mode: int, told: bool
) -> None:
    settings.STATE_DIR = tmp_path
    tmp_path.chmod(mode)
    found = [(each.id, each.msg) for each in check_rights() if str(tmp_path) in each.msg]
    assert found == (
        [("tracker.W001", f"{tmp_path} can be read by other users of this machine")] if told else []
    )


def test_the_start_closes_folder_and_database(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    file.touch(0o644)
    tmp_path.chmod(0o755)
    environment = os.environ | {"STATE_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{file}"}
    environment |= {"SECRET_KEY": "", "SEAL_KEY": "", "SITE_KEY": ""}
    command = [sys.executable, "-c", "import manifesto.settings"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=60)
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path, *tmp_path.iterdir()]}
    keys = {"secret_key": 0o600, "seal_key": 0o600, "site_key": 0o600}
    assert made == {tmp_path.name: 0o700, "x.sqlite3": 0o600, **keys}

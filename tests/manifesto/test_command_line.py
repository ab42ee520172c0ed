"""What stops a command is told in words; what nobody expects is shown whole."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError

from manifesto import command_line


def of_sqlite(name: str) -> OperationalError:
    problem, cause = OperationalError("in English"), sqlite3.OperationalError("in English")
    cause.sqlite_errorname = name
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            ImproperlyConfigured("DEBUG=maybe は使えません。"),
            "できませんでした：DEBUG=maybe は使えません。（--tr",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/x"),
            "できませんでした：/srv/x：読み書きする権限がありません。（--tr",
        ),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), "できませんでした：データベースに書けません。"),
    ],
)
def test_what_is_known_is_told(problem: Exception, words: str) -> None:
    with patch.object(command_line, "execute_from_command_line", side_effect=problem):
        with pytest.raises(SystemExit, match=r"^できませんでした") as told:
            command_line.run(["manage.py", "backup"])
        with pytest.raises(type(problem)):
            command_line.run(["manage.py", "backup", "--traceback"])
    assert str(told.value).startswith(words)


@pytest.mark.parametrize(
    "problem", [IntegrityError("ours"), OSError(errno.EXDEV, "ours"), BrokenPipeError(), KeyError("ours")]
)
def test_what_nobody_expects_is_shown_whole(problem: Exception) -> None:
    with (
        patch.object(command_line, "execute_from_command_line", side_effect=problem),
        patch.object(command_line.unmigrated, "words_for", return_value=""),
        pytest.raises(type(problem)),
    ):
        command_line.run(["manage.py", "backup"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "setting", "words"),
    [
        ("doctor", {"HTTPS": "maybe"}, "HTTPS=maybe は使えません。true か false"),
        ("doctor", {"STATE_DIR": "/proc/none"}, "鍵のファイル /proc/none/secret_key を使えません"),
        ("housekeeping", {"DATABASE_URL": "sqlite:////proc/none/x"}, "データベースのファイルを開けません"),
        (
            "housekeeping",
            {"DATABASE_URL": "sqlite:///{}/empty"},
            "データベースが、この版の形になっていません",
        ),
        ("housekeeping", {"DATABASE_URL": "sqlite:///{}/text"}, "SQLite のものではありません"),
        ("verify_events", {"DATABASE_URL": "postgres://x@127.0.0.1:1/x"}, "サーバーとつながりません"),
        ("migrate", {"DATABASE_URL": "mysql://x@127.0.0.1/x"}, "DATABASE_URL のデータベースは使えません"),
    ],
)
def test_commands_tell_it(command: str, setting: dict[str, str], words: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("これはデータベースではありません。" * 99)
    own = {name: value.replace("{}", str(tmp_path)) for name, value in setting.items()}
    environment = os.environ | {"STATE_DIR": str(tmp_path / "state"), "DATABASE_URL": ""} | own
    done = subprocess.run(
        [sys.executable, "manage.py", command], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert words in done.stderr

"""What stops a command is told in words; what nobody expects is shown whole."""

import argparse
import errno
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import base
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
    with patch.object(command_line, "execute", side_effect=problem):
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
        patch.object(command_line, "execute", side_effect=problem),
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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nosuch", "「nosuch」という命令はありません。manage.py help で、一覧が出ます。"),
        ("exprt_site", "「export_site」ではありませんか。"),
        ("export_site", "使い方：manage.py export_site"),
        ("export_site", "できませんでした：次の引数が要ります：DIR（manage.py export_site --help で、"),
        ("restore --keys", "できませんでした：--keys：値を 1 つ書いてください"),
        ("doctor x", "できませんでした：この命令にない引数です：x"),
        ("doctor --json=3", "できませんでした：--json：値を付けられません（'3'）"),
        ("migrate -v 9", "9 は選べません（0, 1, 2, 3 のどれか）"),
        ("import_report x --fiscal-year y", "できませんでした："),
        ("doctor --help", "  -h, --help            この説明を出して、終わる\n"),
        ("doctor --help", "どれだけ詳しく出すか（0 から 3）"),
        ("help", "manage.py help 命令の名前 で、その命令の説明が出ます。\n\n命令の一覧："),
    ],
)
def test_wrong_arguments_are_told_without_english(
    given: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("_", "ngettext"):  # put back afterwards
        monkeypatch.setattr(argparse, name, getattr(argparse, name))
    monkeypatch.setattr(base, "CommandParser", base.CommandParser)
    with pytest.raises(SystemExit) if given != "help" else nullcontext() as ended:
        command_line.run(["manage.py", *given.split()])
    told = "".join((*capsys.readouterr(), str(ended.value.code) if ended else ""))
    assert words in told
    assert re.findall("usage|error|required|invalid|unrecognized|show this", told) == []

"""The migrations are those of the models. They bring what the first release wrote to the present and back."""

import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests import machine
from tests.public.building import make_entry, save_report

PROJECT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.django_db


def test_no_migration_is_pending() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(f"models and migrations differ:\n{out.getvalue()}")


def test_no_migration_does_what_code_of_today_does() -> None:
    """Else a later change of it would break an older upgrade. Fields may name what checks them."""
    told = [
        (path.name, line)
        for path in sorted((PROJECT / "tracker" / "migrations").glob("*.py"))
        for line in re.findall(r"^(?:from|import) tracker\S*.*$", path.read_text(), re.MULTILINE)
    ]
    assert len(told) > 5
    assert [each for each in told if not re.match(r"(?:from|import) tracker\.models\b", each[1])] == []
    assert [name for name, _line in told if name.startswith(("0004", "0005"))] == []


def is_all_applied() -> bool:
    """What `migrate --check` says."""
    try:
        call_command("migrate", check_unapplied=True, stdout=StringIO())
    except SystemExit:
        return False
    return True


def test_every_migration_is_applied() -> None:
    assert is_all_applied()


def newest_migration() -> str:
    """The name of the last migration, on which no other depends."""
    ((_app, name),) = MigrationLoader(None).graph.leaf_nodes("tracker")
    return name


@pytest.mark.parametrize(
    ("name", "is_needed"), [("0001_squashed_0026_keys_of_the_desk", False), (newest_migration(), True)]
)
def test_what_an_older_version_left_needs_not_what_stands_for_it(name: str, is_needed: bool) -> None:
    assert MigrationRecorder.Migration.objects.filter(app="tracker", name=name).delete()[0] == 1
    assert is_all_applied() is not is_needed


def migrated(url: str, state: Path) -> list[dict[str, Any]]:
    """What tests/migrating.py tells: beginning, present, back, again, reminders, rounds, no way back."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "STATE_DIR": str(state),
    }
    command = [sys.executable, "-m", "tests.migrating"]
    answer = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr
    return list(json.loads(answer.stdout))


@pytest.mark.parametrize(
    "told", [{"former_pledge_keys": ["1-2-1"]}, {"continues": [{"key": "1-1-2-1", "fiscal_year": 2024}]}, {}]
)
def test_what_reports_tell_of_moves_is_not_forgotten(told: dict[str, Any]) -> None:
    save_report([make_entry(1, **told)])
    back = import_module("tracker.migrations.0017_pledges_change_in_mid_term").refuse_to_forget
    with pytest.raises(IrreversibleError) if told else nullcontext():
        back(apps, None)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_imported_comes_to_the_present_and_back(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        told = migrated(f"sqlite:///{tmp_path}/old.sqlite3", tmp_path)
    else:
        with machine.postgresql_database("migrating") as url:
            told = migrated(url, tmp_path)
    first, present, back, again, reminders, rounds, refused = told
    assert first["rows"] == [
        ["・甲", "A", "approved", 1],
        ["・甲", "A", "approved", 1],
        ["・甲", "A", "draft", 1],
    ]
    assert (len(first["events"]), len(first["reports"])) == (2, 1)
    assert back == first
    assert again == present
    assert present == first | {
        "imported": [True, True, False],
        "compared": [[False, None]] * 3,
        "broken": None,
        "head": first["events"][-1][1],
        "unsearched": 0,
        "reports hold": [[1, True, 0]],
        "triggers missing": [],
    }
    assert [excerpt for _progress, excerpt, *_rest in present["index"]] == ["計画を作りました。", ""]
    assert reminders == {
        "one kind": [
            ["reminder", f"2024-05-0{day}", to] for to, day in (("a@x", 1), ("b@x", 1), ("b@x", 2), ("", 3))
        ],
        "split": [[to, day, day, "企画", 7] for to, day in (("a@x", 1), ("b@x", 1), ("b@x", 2), ("", 3))],
        "joined": [[to, day, day, "企画", 7] for to, day in ((["a@x", "b@x"], 1), (["b@x"], 2), ([], 3))],
    }
    apart = [[2017, "imported"], [2018, "imported"], [2019, "closed"], [2023, "published"]]
    assert rounds == {
        "apart": apart,
        "as before": [[2017, "published"], [2018, "closed"], [2019, "closed"], [2023, "published"]],
        "apart again": apart,
    }
    assert refused["reports hold"] == [[3, True, 0], [1, True, 0]]

"""Backups of installations: under writing, into both databases, refused. Killed: tests/test_kills.py."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests import machine
from tests.apart import PROJECT, run

pytestmark = [pytest.mark.long]


@dataclass
class Installation:
    """A folder of state, and the address of a database."""

    state: Path
    url: str

    def manage(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, command)], cwd=PROJECT, env=self.environment,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        own = {"STATE_DIR": str(self.state), "DATABASE_URL": self.url}
        return os.environ | own | {"DJANGO_SETTINGS_MODULE": "manifesto.settings"}

    def play(self, *arguments: str) -> Any:
        return run("tests.backup.playing", *arguments, url=self.url, state=self.state)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A city's installation on SQLite."""
    state = tmp_path_factory.mktemp("first")
    site = Installation(state, f"sqlite:///{state}/site.sqlite3")
    site.play("site")
    return site


@pytest.fixture(scope="module")
def archive(first: Installation) -> Path:
    path = first.state / "backup.zip"
    done = first.manage("backup", path, "--keys", first.state / "keys")
    assert done.returncode == 0, done.stderr
    assert "鍵を書き出しました（secret_key、seal_key、site_key）" in done.stdout
    assert (first.state / "runs" / "backup").exists()  # what `doctor` looks at
    return path


@pytest.fixture
def another(tmp_path: Path) -> Installation:
    """An empty one, with a key of its own."""
    return Installation(tmp_path / "state", f"sqlite:///{tmp_path}/another.sqlite3")


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        yield Installation(tmp_path / "pg", stack.enter_context(machine.postgresql_database("restored")))


def test_it_goes_into_the_other_database_and_back(
    first: Installation, archive: Path, on_postgresql: Installation, another: Installation, tmp_path: Path
) -> None:
    keys = first.state / "keys"
    done = on_postgresql.manage("restore", archive, "--keys", keys)
    assert done.returncode == 0, done.stderr
    assert "（SQLite → PostgreSQL）" in done.stdout
    assert on_postgresql.play("stands") == first.play("stands")
    assert on_postgresql.manage("backup", tmp_path / "back.zip").returncode == 0
    assert another.manage("restore", tmp_path / "back.zip", "--keys", keys).returncode == 0
    stands = another.play("stands")
    assert (stands, stands["missing"]) == (first.play("stands"), [])
    told = _busy_for(on_postgresql, tmp_path, then=lambda: None)  # its counters go on where the rows end
    assert told["rows and events"][0] == told["rows and events"][1] > 0


def _busy_for(site: Installation, tmp_path: Path, *, then: Callable[[], None]) -> Any:
    """What stands after somebody has written without pause, before and while `then` happens."""
    command = [sys.executable, "-m", "tests.backup.playing", "busy", str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=subprocess.PIPE) as busy:
        until = time.monotonic() + 60
        while site.play("stands")["rows and events"][1] == 0 and time.monotonic() < until:
            time.sleep(0.1)
        then()
        (tmp_path / "stop").touch()
        assert busy.wait(60) == 0
    (tmp_path / "stop").unlink()
    return site.play("stands")


def test_a_moment_is_kept_while_others_write(
    archive: Path, first: Installation, another: Installation, tmp_path: Path
) -> None:
    keys = first.state / "keys"
    assert another.manage("restore", archive, "--keys", keys).returncode == 0
    made = []

    def back_up() -> None:
        for number in range(2):
            made.append(tmp_path / f"{number}.zip")
            assert another.manage("backup", made[-1]).returncode == 0

    after = _busy_for(another, tmp_path, then=back_up)
    seen = []
    for number, each in enumerate(made):
        state = tmp_path / f"restored{number}"
        site = Installation(state, f"sqlite:///{tmp_path}/restored{number}.sqlite3")
        done = site.manage("restore", each, "--keys", keys)
        assert done.returncode == 0, done.stderr  # verify_events is part of it
        seen.append(site.play("stands")["rows and events"])
    assert all(rows == events > 0 for rows, events in seen)
    assert sorted(seen) == seen
    assert seen[-1] <= after["rows and events"]


def test_it_is_refused_where_somebody_works_or_the_key_is_another(
    first: Installation, archive: Path, another: Installation
) -> None:
    before = first.play("stands")
    done = first.manage("restore", archive)
    assert (done.returncode, "もうデータがあります" in done.stderr) == (1, True)
    assert first.play("stands") == before
    done = another.manage("restore", archive)
    assert (done.returncode, "バックアップしたときの鍵と違います" in done.stderr) == (1, True)
    assert another.play("stands")["of people"] == 0
    done = another.manage("restore", archive, "--keys", archive)
    assert (done.returncode, "鍵のファイルではありません" in done.stderr) == (1, True)
    done = another.manage("restore", archive, "--without-keys")
    assert "すべての表が、バックアップしたときと同じです" in done.stdout
    assert (done.returncode, "封印が鍵と合わない" in done.stderr) == (1, True)  # told, and true
    assert another.play("stands")["digests"] == before["digests"]


def test_on_trial_nothing_is_touched_where_somebody_works(first: Installation, archive: Path) -> None:
    before, keys = first.play("stands"), first.state / "keys"
    for given in ((), ("--keys", keys)):
        done = first.manage("restore", archive, "--trial", *given)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("バックアップ：") == 1
        assert "戻しました。すべての表が、バックアップしたときと同じです。" in done.stdout
        assert done.stdout.endswith("いまの設備には何も書き込んでいません。\n")
    assert first.play("stands") == before


def test_on_trial_another_key_is_told(archive: Path, another: Installation, tmp_path: Path) -> None:
    done = another.manage("restore", archive, "--trial")
    assert (done.returncode, "試しに戻せませんでした。" in done.stderr) == (1, True)
    assert "バックアップしたときの鍵と違います" in done.stderr
    assert not (tmp_path / "another.sqlite3").stat().st_size


def test_a_damaged_one_is_refused_before_anything_is_touched(
    archive: Path, another: Installation, tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[: len(whole) // 2] + b"?" + whole[len(whole) // 2 + 1 :])
    done = another.manage("restore", damaged)
    assert (done.returncode, "壊れています" in done.stderr) == (1, True)
    assert another.play("stands")["digests"] == {}
    assert another.manage("restore", archive, "--check").returncode == 0
    assert another.play("stands")["digests"] == {}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("backup", "old"), "old は、もうあります。何も書き込んでいません。"),
        (("backup", "new", "--keys", "old"), "old は、もうあります。何も書き込んでいません。"),
        (
            ("restore", "old", "--keys", "old", "--without-keys"),
            "いっしょに使えません。何も書き込んでいません。",
        ),
    ],
)
def test_nothing_is_overwritten_unasked_and_no_key_left_out_beside_one(
    command: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").write_text("鍵でもバックアップでもないもの")
    with pytest.raises(CommandError, match=words):
        call_command(*command)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("old", "鍵でもバックアップでもないもの")
    ]


def test_old_ones_of_a_folder_are_tidied(first: Installation, tmp_path: Path) -> None:
    names = ("manifesto-20200310-010000.zip", "manifesto-20200320-010000.zip", "notes.zip")
    killed = (".manifesto-20200320-010000.zip.77", ".backup-killed/copy.sqlite3", ".backup-now/copy.sqlite3")
    for name in (*names, *killed):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in (killed[0], ".backup-killed"):
        os.utime(tmp_path / name, (0, 0))
    done = first.manage("backup", tmp_path)
    assert (done.returncode, "古いバックアップ 1 件を片付けました" in done.stdout) == (0, True)
    assert {path.name for path in tmp_path.iterdir()} > {names[1], names[2], ".backup-now"}
    assert len(list(tmp_path.iterdir())) == 4

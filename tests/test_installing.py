"""deploy/install.sh into a fresh root, from nothing but a folder of wheels; what its units run, run there."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import machine
from tests.browser.server import free_port, wait_until_ready
from tests.test_systemd import SERVICES, command

pytestmark = pytest.mark.long
PROJECT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 15 * 60  # on a bare machine, whole
HOST = "manifesto.example.lg.jp"
NOWHERE = "http://127.0.0.1:9"  # who asks the internet is refused at once
CLOSED = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("PIP_") and name not in {"DATABASE_URL", "STATE_DIR", "DJANGO_SETTINGS_MODULE"}
} | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)


@dataclass(frozen=True)
class Machine:
    """What install.sh made."""

    root: Path
    wheels: Path

    @property
    def current(self) -> Path:
        return self.root / "opt/manifesto/current"

    @property
    def city(self) -> dict[str, str]:
        """The city's settings, as systemd reads them."""
        return self.settings_of("isesaki")

    def settings_of(self, city: str) -> dict[str, str]:
        lines = (self.root / f"etc/manifesto/{city}.env").read_text().splitlines()
        told = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return {name: value.strip("'") for name, value in told.items()}

    def install(self, *arguments: str, wheels: Path | None = None) -> subprocess.CompletedProcess[str]:
        script = ["sh", str(PROJECT / "deploy/install.sh"), "--root", str(self.root)]
        given = ["--wheels", str(wheels or self.wheels), *arguments]
        return subprocess.run([*script, *given], cwd="/", env=CLOSED, capture_output=True, text=True)

    def run(self, service: str) -> list[str]:
        """A service's command, with the city and this root in its place."""
        words = [word.replace("%i", "isesaki") for word in command(service)]
        return [f"{self.root}{word}" if word.startswith("/") else word for word in words]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make wheels` makes, in an environment that is there."""
    folder = tmp_path_factory.mktemp("wheels")
    told = subprocess.run(["make", "wheels", f"WHEELS={folder}"], cwd=PROJECT, capture_output=True, text=True)
    if told.returncode:
        machine.lacking(f"`make wheels` could not fetch the wheels: {told.stderr[-500:]}")
    return folder


@pytest.fixture(scope="module")
def installed(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    made = Machine(tmp_path_factory.mktemp("machine"), wheels)
    begin = time.monotonic()
    told = made.install("--host", HOST, "isesaki")
    assert told.returncode == 0, told.stdout + told.stderr
    assert time.monotonic() - begin < MOST_SECONDS
    settings = made.root / "etc/manifesto/isesaki.env"
    assert settings.stat().st_mode & 0o077 == 0
    settings.write_text(settings.read_text().replace("PORT=8000", f"PORT={free_port()}"))
    return made


@contextmanager
def served(made: Machine) -> Iterator[str]:
    """The web service, run as its unit says."""
    base, log = f"http://127.0.0.1:{made.city['PORT']}", made.root / "web.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            made.run("manifesto-web@.service"),
            cwd=made.current,
            env=CLOSED | made.city,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_ready(server, f"{base}/readyz", log)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=40)


def titles(base: str) -> list[str]:
    """The titles of a public page and of the login, as the proxy in front asks for them."""
    found = []
    for path in ("/", "/staff/login/"):
        asked = urllib.request.Request(f"{base}{path}", headers={"Host": HOST, "X-Forwarded-Proto": "https"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            found.append(answer.read().decode().split("<title>")[1].split("</title>")[0])
    return found


def test_the_whole_serves_and_its_jobs_end_well(installed: Machine) -> None:
    with served(installed) as base:
        assert all(titles(base))
        for service in SERVICES:
            if "-web@" in service or "-mails@" in service:  # without a mail server systemd skips the mails
                continue
            told = subprocess.run(
                installed.run(service),
                cwd=installed.current,
                env=CLOSED | installed.city,
                capture_output=True,
                text=True,
            )
            assert told.returncode == 0, f"{service}: {told.stdout}{told.stderr}"
    assert list((installed.root / "var/backups/manifesto/isesaki").glob("*.zip"))


def test_an_administrators_command_runs_with_the_citys_settings(installed: Machine) -> None:
    script = installed.root / "usr/local/sbin/manifesto"
    told = subprocess.run([script, "isesaki", "doctor"], env=CLOSED, capture_output=True, text=True)
    assert f"{installed.root}/var/lib/manifesto/isesaki" in told.stdout
    told = subprocess.run([script, "maebashi", "doctor"], env=CLOSED, capture_output=True, text=True)
    assert (told.returncode, "maebashi.env がない" in told.stderr) == (1, True)


def test_a_wheel_that_was_changed_is_refused_and_the_former_release_stays(
    installed: Machine, tmp_path: Path
) -> None:
    changed, before = tmp_path / "wheels", installed.current.resolve()
    shutil.copytree(installed.wheels, changed)
    (wheel,) = changed.glob("jaconv-*.whl")
    wheel.write_bytes(wheel.read_bytes() + b" ")
    told = installed.install(wheels=changed)
    assert told.returncode != 0
    assert "jaconv" in told.stderr
    assert "DO NOT MATCH THE HASHES" in told.stderr
    assert installed.current.resolve() == before


def test_a_further_release_keeps_what_is_there(installed: Machine) -> None:
    before, backups = installed.current.resolve(), installed.root / "var/backups/manifesto/isesaki"
    settings, count = installed.city, len(list(backups.glob("*.zip")))
    told = installed.install()
    assert told.returncode == 0, told.stdout + told.stderr
    assert installed.current.resolve() != before
    assert installed.city == settings
    assert len(list(backups.glob("*.zip"))) == count + 1
    with served(installed) as base:
        assert all(titles(base))


def backups(made: Machine, city: str) -> int:
    return len(list((made.root / "var/backups/manifesto" / city).glob("*.zip")))


def test_a_further_city_has_nothing_to_back_up(installed: Machine) -> None:
    before = backups(installed, "isesaki")
    told = installed.install("--host", "midori.example.lg.jp", "--name", "みどり市", "midori")
    assert told.returncode == 0, told.stdout + told.stderr
    assert (backups(installed, "isesaki"), backups(installed, "midori")) == (before + 1, 0)
    settings = installed.settings_of("midori")
    assert (settings["CITY_NAME"], settings["PORT"] != installed.city["PORT"]) == ("みどり市", True)
    script = installed.root / "usr/local/sbin/manifesto"
    told = subprocess.run([script, "midori", "doctor"], env=CLOSED, capture_output=True, text=True)
    assert "注意　市：全国地方公共団体コードがありません。" in told.stdout
    assert "伊勢崎市" not in told.stdout


def test_a_run_that_stopped_says_how_to_go_on(installed: Machine) -> None:
    """A database that is no more what the running version needs: half of a newer one, or damaged."""
    state = installed.root / "var/lib/manifesto/isesaki"
    database, away = state / "manifesto.sqlite3", state / "away"
    before = installed.current.resolve()
    database.rename(away)
    told = installed.install("--host", HOST, "isesaki")
    assert (told.returncode, installed.current.resolve()) == (1, before)
    assert "isesaki.env はもうあるので、そのまま使います" in told.stdout
    assert "途中で止まりました。上に出た理由を直して、同じ命令をもう一度" in told.stderr
    (state / ".updating").write_text("a release that was never shown\n")
    told = installed.install()
    assert told.returncode == 0, told.stdout + told.stderr
    assert "前に途中で止まったので、そのときに取ったバックアップ" in told.stdout
    assert not (state / ".updating").exists()
    away.rename(database)


def test_what_is_lacking_is_said(wheels: Path, tmp_path: Path) -> None:
    made = Machine(tmp_path, wheels)
    for arguments, words in (
        ((), "市の短い名前を書いてください"),
        (("isesaki",), "--host が要ります"),
        (("--host", HOST, "Isesaki"), "英小文字と数字だけ"),
        (("--host", HOST, "--database", "postgres://m:a'b@127.0.0.1/m", "isesaki"), "' は %27"),
    ):
        told = made.install(*arguments)
        assert told.returncode == 1
        assert words in told.stderr
    told = made.install("--host", HOST, "isesaki", wheels=tmp_path)
    assert told.returncode != 0  # pip names what it does not find
    assert not made.current.exists()

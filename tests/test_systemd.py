"""deploy/systemd: systemd itself reads the units, and what they run is there."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests import machine

UNITS = Path(__file__).resolve().parents[1] / "deploy/systemd"
PYTHON = "/opt/manifesto/current/.venv/bin/python"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
MOST_EXPOSED = 2.0  # systemd's own count from 0 (shut) to 10; a service without a sandbox has 9.6


def lines(unit: str, key: str) -> Iterator[str]:
    for line in (UNITS / unit).read_text().splitlines():
        if line.startswith(f"{key}="):
            yield line.partition("=")[2]


def command(service: str) -> list[str]:
    """What a service runs, in words."""
    (told,) = lines(service, "ExecStart")
    return shlex.split(told)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's files, as far as systemd looks at them: units, its own and ours, and what they run."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(UNITS, root / "etc/systemd/system")
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    for program in (PYTHON, "/bin/kill", "/bin/sh"):
        (root / program[1:]).parent.mkdir(parents=True, exist_ok=True)
        (root / program[1:]).touch(mode=0o755)
    return root


def analyze(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = machine.systemd_analyze()
    return subprocess.run([found, *arguments, f"--root={root}"], capture_output=True, text=True)


def test_systemd_finds_nothing_wrong(root: Path) -> None:
    names = [path.name for path in UNITS.iterdir() if path.is_file()]
    told = analyze(root, "verify", *(name.replace("@", "@isesaki") for name in names))
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
    (root / "etc/systemd/system/broken.service").write_text(
        "[Service]\nExecStart=/nowhere\nProtectSystm=yes\n"
    )
    assert "ProtectSystm" in analyze(root, "verify", "broken.service").stderr


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_shut_in(root: Path, service: str) -> None:
    name = service.replace("@", "@isesaki")
    told = analyze(root, "security", "--offline=true", "--no-pager", name).stdout
    exposed = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert exposed, told
    assert float(exposed[1]) <= MOST_EXPOSED


def test_each_command_is_there() -> None:
    jobs = set()
    for service in SERVICES:
        program, script, *rest = command(service)
        assert program == PYTHON
        if script == "-m":
            assert rest == ["gunicorn", "-c", "python:manifesto.gunicorn"]
            continue
        assert script == "manage.py"
        load_command_class(get_commands()[rest[0]], rest[0]).create_parser("manage.py", rest[0]).parse_args(
            rest[1:]
        )
        jobs.add(service)
    assert {f"{path.stem}.service" for path in UNITS.glob("*.timer")} == jobs
    wanted = " ".join(lines("manifesto@.target", "Wants")).replace("@%i", "@").split()
    assert set(wanted) == {path.name for path in UNITS.glob("*.timer")} | {"manifesto-web@.service"}

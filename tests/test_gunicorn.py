"""manifesto/gunicorn.py: settings that stop a bad start, and what the person at the terminal reads."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from manifesto import environment, gunicorn

PROJECT = Path(__file__).resolve().parent.parent


def server(*addresses: tuple[str, int] | str) -> SimpleNamespace:
    """As much of gunicorn's arbiter as the hooks look at."""
    return SimpleNamespace(cfg=SimpleNamespace(address=list(addresses)))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("value", ["0", "65536", "-1", "８０００", "8000a", "80.0"])
def test_whole_number_refuses_what_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        environment.number("PORT", 8000, highest=65_535)


@pytest.mark.parametrize(("value", "number"), [("", 8000), (" 8080 ", 8080), ("65535", 65535)])
def test_whole_number_reads_or_takes_the_default(
    monkeypatch: pytest.MonkeyPatch, value: str, number: int
) -> None:
    monkeypatch.setenv("PORT", value)
    assert environment.number("PORT", 8000, highest=65_535) == number


def test_start_on_a_taken_port_says_what_to_do(taken_port: int) -> None:
    with pytest.raises(SystemExit) as stopped:
        gunicorn.on_starting(server(("127.0.0.1", taken_port)))
    assert f"127.0.0.1:{taken_port} で待ち受けできません" in str(stopped.value)
    assert f"PORT={taken_port + 1} make run" in str(stopped.value)


def test_start_on_a_free_port_or_a_unix_socket_goes_on() -> None:
    gunicorn.on_starting(server(("127.0.0.1", 0), "/run/manifesto.sock"))


def test_upgrade_in_place_keeps_its_port(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    monkeypatch.setenv("GUNICORN_PID", "1")
    gunicorn.on_starting(server(("127.0.0.1", taken_port)))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """The processes that would have been started: command and options."""
    started: list[tuple[tuple[str, ...], dict[str, Any]]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append((command, options)))
    return started


def test_ready_server_says_its_address(
    processes: list[tuple[tuple[str, ...], dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    gunicorn.when_ready(server(("127.0.0.1", 8080)))
    assert "公開サイトが動いています： http://127.0.0.1:8080/\n" in capsys.readouterr().out


def test_ready_server_goes_on_with_long_sheets_apart_from_itself(
    processes: list[tuple[tuple[str, ...], dict[str, Any]]],
) -> None:
    """tests/entry_sheets/racing_sheets.py lets the real process work."""
    gunicorn.when_ready(server())
    ((command, options),) = processes
    assert command == (sys.executable, "manage.py", "work_batches", "--wait", "--verbosity", "0")
    assert options == {"cwd": PROJECT, "stdin": subprocess.DEVNULL, "start_new_session": True}


def test_that_process_is_quiet_on_a_database_without_tables(tmp_path: Path) -> None:
    environment = os.environ | {
        "STATE_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
    }
    done = subprocess.run(
        gunicorn.BATCHES,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_application_is_loaded_before_the_fork() -> None:
    """SQLite's connections must not be shared between processes."""
    assert not hasattr(gunicorn, "preload_app")
    assert gunicorn.worker_class == "gthread"

"""manifesto/gunicorn.py: settings that stop a bad start, and what the person at the terminal reads."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

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


@pytest.mark.parametrize(("value", "told"), [("", "127.0.0.1"), (" 10.0.0.5 ", "10.0.0.5"), ("::1", "[::1]")])
def test_address_reads_or_takes_the_default(monkeypatch: pytest.MonkeyPatch, value: str, told: str) -> None:
    monkeypatch.setenv("LISTEN_ADDRESS", value)
    assert environment.own_address("LISTEN_ADDRESS", "127.0.0.1") == told


def test_address_refuses_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_ADDRESS", "localhost")
    with pytest.raises(ImproperlyConfigured, match="LISTEN_ADDRESS"):
        environment.own_address("LISTEN_ADDRESS", "127.0.0.1")


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


def test_ready_server_says_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    gunicorn.when_ready(server(("127.0.0.1", 8080)))
    assert "公開サイトが動いています： http://127.0.0.1:8080/\n" in capsys.readouterr().out


def test_no_application_is_loaded_before_the_fork() -> None:
    """SQLite's connections must not be shared between processes."""
    assert not hasattr(gunicorn, "preload_app")
    assert gunicorn.worker_class == "gthread"
    words = "import sys, manifesto.gunicorn; print([m for m in sys.modules if m.startswith('tracker')])"
    loaded = subprocess.check_output([sys.executable, "-c", words], cwd=PROJECT, text=True)
    words = ("tracker.words", "tracker.words.system_errors")
    limits = ("tracker.entry_sheets", "tracker.entry_sheets.limits")
    assert loaded == f"{['tracker', *words, *limits]}\n"

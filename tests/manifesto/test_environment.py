"""Settings from the environment: a missing one has a default, a bad one stops the start."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from manifesto import environment
from manifesto.settings import database

NAME = "MANIFESTO_TEST_SETTING"


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "既定"), ("", "既定"), ("  ", "既定"), (" 値 ", "値")]
)
def test_text(monkeypatch: pytest.MonkeyPatch, value: str | None, expected: str) -> None:
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert environment.text(NAME, "既定") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", True),
        ("true", True),
        ("YES", True),
        ("1", True),
        ("on", True),
        ("no", False),
        ("Off", False),
        ("0", False),
    ],
)
def test_flag(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv(NAME, value)
    assert environment.flag(NAME, default=True) is expected


def test_flag_that_is_neither_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "maybe")
    with pytest.raises(
        ImproperlyConfigured, match="MANIFESTO_TEST_SETTING=maybe は使えません。true か false"
    ):
        environment.flag(NAME, default=False)


@pytest.mark.parametrize(("value", "expected"), [("", ["a", "b"]), ("x", ["x"]), (" x ,, y,", ["x", "y"])])
def test_words(monkeypatch: pytest.MonkeyPatch, value: str, expected: list[str]) -> None:
    monkeypatch.setenv(NAME, value)
    assert environment.words(NAME, "a,b") == expected


def test_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.networks(NAME) == []
    monkeypatch.setenv(NAME, " 10.0.0.1, 192.168.0.0/24,fd00::/8 ")
    assert [str(each) for each in environment.networks(NAME)] == ["10.0.0.1/32", "192.168.0.0/24", "fd00::/8"]


@pytest.mark.parametrize("value", ["nginx", "10.0.0.1/8", "10.0.0"])
def test_a_network_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match="アドレスでないものがあります"):
        environment.networks(NAME)


@pytest.mark.parametrize("value", ["https://example.jp", "http://127.0.0.1:8000/", ""])
def test_origin(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert environment.origin(NAME) == value.rstrip("/")


@pytest.mark.parametrize("value", ["example.jp", "https://example.jp/2021/", "ftp://a", 'https://a"b'])
def test_an_origin_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match="https:// とホスト名だけ"):
        environment.origin(NAME)


@pytest.mark.parametrize(
    "value", ["", "https://login.example.jp/realms/city", "https://a.example:8443", "http://127.0.0.1:8080/x"]
)
def test_address(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert environment.address(NAME) == value


@pytest.mark.parametrize(
    "value",
    ["http://login.example.jp/", "login.example.jp", "https://", "https://a/ b", "http://127.0.0.1.evil.jp/"],
)
def test_an_address_that_is_not_safe_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match="https://"):
        environment.address(NAME)


def test_header(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.header(NAME) == ""
    monkeypatch.setenv(NAME, "X-Remote-User")
    assert environment.header(NAME) == "HTTP_X_REMOTE_USER"
    monkeypatch.setenv(NAME, "X_Remote_User")
    with pytest.raises(ImproperlyConfigured, match="X-Remote-User"):
        environment.header(NAME)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"OIDC_ISSUER": "https://a.example"}, "OIDC_CLIENT_ID"),
        ({"OIDC_ISSUER": "https://a.example", "OIDC_CLIENT_ID": "x", "OIDC_SCOPE": "profile"}, "openid"),
        ({"REMOTE_USER_HEADER": "X-Remote-User"}, "REMOTE_USER_PROXIES"),
    ],
)
def test_half_a_single_sign_on_stops_the_start(given: dict[str, str], said: str, tmp_path: Path) -> None:
    environ = os.environ | given | {"STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "import manifesto.settings"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, said in ended.stderr.splitlines()[-1]) == (1, True)


def test_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.choice(NAME, "a", {"a", "b"}) == "a"
    monkeypatch.setenv(NAME, "b")
    assert environment.choice(NAME, "a", {"a", "b"}) == "b"
    monkeypatch.setenv(NAME, "c")
    with pytest.raises(ImproperlyConfigured, match="次のどれかを書いてください：a、b"):
        environment.choice(NAME, "a", {"a", "b"})


@pytest.fixture(autouse=True)
def _without_a_given_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)


def test_a_given_secret_key_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    assert environment.secret("SECRET_KEY", tmp_path / "key") == "k" * 50
    assert list(tmp_path.iterdir()) == []


def test_a_short_secret_key_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 49)
    with pytest.raises(ImproperlyConfigured, match="50 文字以上の乱数"):
        environment.secret("SECRET_KEY", tmp_path / "key")


def test_a_missing_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    keeping = tmp_path / "var" / "key"
    first = environment.secret("SECRET_KEY", keeping)
    assert len(first) >= 50
    assert stat.S_IMODE(keeping.stat().st_mode) == 0o600
    assert environment.secret("SECRET_KEY", keeping) == first
    assert [path.name for path in keeping.parent.iterdir()] == ["key"]


def test_processes_that_start_together_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: environment.secret("SECRET_KEY", tmp_path / "key"), range(64)))
    assert len(keys) == 1


def test_a_key_file_without_a_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="鍵がありません"):
        environment.secret("SECRET_KEY", tmp_path / "key")


def test_a_place_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ImproperlyConfigured, match=r"を使えません（同じ名前のものがすでにあります）.*SECRET_KEY を設定"
    ):
        environment.secret("SECRET_KEY", tmp_path / "file" / "key")


def test_a_key_file_that_is_no_text_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff" * 80)
    with pytest.raises(ImproperlyConfigured, match="を使えません（文字として読めません）"):
        environment.secret("SECRET_KEY", tmp_path / "key")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_folder_and_the_database_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = environment.private_folder(tmp_path / "a" / "var")
    file = folder / "x.sqlite3"
    environment.private_database(str(file))
    assert (mode(folder), mode(file), file.read_bytes()) == (0o700, 0o600, b"")


def test_what_others_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    names = ("x.sqlite3", "x.sqlite3-wal", "x.sqlite3-shm")
    for name in names:
        (folder / name).write_text(name)
        (folder / name).chmod(0o644)
    environment.private_folder(folder)
    environment.private_database(str(folder / "x.sqlite3"))
    assert [mode(folder), *(mode(folder / name) for name in names)] == [0o700, 0o600, 0o600, 0o600]
    assert [(folder / name).read_text() for name in names] == list(names)


def test_a_database_in_memory_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment.private_database(":memory:")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://x@127.0.0.1/y", "nonsense", "postgres://h:port/x"])
def test_a_database_address_that_is_none_of_ours_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL .*の形で書いてください"):
        database(url)


def test_sqlite_takes_turns() -> None:
    assert database("sqlite:///x.sqlite3")["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_compiles_no_statement_unless_the_address_says_so() -> None:
    settings = database("postgres://u@127.0.0.1/x")
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert settings["OPTIONS"]["options"] == "-c jit=off"
    assert database("postgres://u@127.0.0.1/x?options=-c%20jit%3Don")["OPTIONS"]["options"] == "-c jit=on"


@pytest.mark.parametrize(
    ("told", "contact"), [({}, "伊勢崎市 企画部 企画調整課"), ({"CITY_NAME": "前橋市"}, "前橋市")]
)
def test_the_contact_is_never_another_city_s(tmp_path: Path, told: dict[str, str], contact: str) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CITY_")}
    said = subprocess.run(
        [sys.executable, "-c", "from manifesto.settings import CITY_CONTACT; print(CITY_CONTACT)"],
        env=own | told | {"STATE_DIR": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == contact

"""Reads settings from the environment. A missing one has a default; a bad one stops the start."""

import contextlib
import os
import re
import secrets
import tempfile
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from tracker.words.system_errors import in_words

FLAGS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def text(name: str, default: str) -> str:
    """The variable without the space around it. An empty one counts as missing."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """A yes-or-no variable. Raises ImproperlyConfigured for anything that is neither."""
    value = text(name, str(default)).lower()
    if value not in FLAGS:
        raise ImproperlyConfigured(f"{name}={value} は使えません。true か false と書いてください。")
    return FLAGS[value]


def words(name: str, default: str) -> list[str]:
    """A comma-separated variable as a list without empty pieces."""
    return [piece.strip() for piece in text(name, default).split(",") if piece.strip()]


def networks(name: str) -> "list[IPv4Network | IPv6Network]":
    """A comma-separated variable of addresses and networks. Raises ImproperlyConfigured for anything else."""
    try:
        return [ip_network(word) for word in words(name, "")]
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name} に、アドレスでないものがあります。"
            "127.0.0.1 や 10.0.0.0/24 の形で、コンマで区切ってください。"
        ) from problem


def own_address(name: str, default: str) -> str:
    """An IP address of this machine, IPv6 in brackets. Raises ImproperlyConfigured for anything else."""
    try:
        told = ip_address(text(name, default))
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name} は使えません。127.0.0.1 のような IP アドレスを書いてください。"
        ) from problem
    return f"[{told}]" if told.version == 6 else str(told)


def choice(name: str, default: str, allowed: set[str]) -> str:
    """One of the allowed words. Raises ImproperlyConfigured for any other."""
    value = text(name, default)
    if value not in allowed:
        words = "、".join(sorted(allowed))
        raise ImproperlyConfigured(f"{name}={value} は使えません。次のどれかを書いてください：{words}")
    return value


def number(name: str, default: int, *, highest: int, lowest: int = 1) -> int:
    """A whole number between `lowest` and `highest`. Raises ImproperlyConfigured for anything else."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and lowest <= int(value) <= highest):
        raise ImproperlyConfigured(
            f"{name}={value} は使えません。{lowest} から {highest} までの整数を書いてください。"
        )
    return int(value)


def origin(name: str) -> str:
    """A site's address, scheme and host only, or "". Raises ImproperlyConfigured for anything else."""
    value = text(name, "").rstrip("/")
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", value):
        raise ImproperlyConfigured(
            f"{name}={value} は使えません。https:// とホスト名だけを書き、うしろに何も付けないでください。"
        )
    return value


def address(name: str) -> str:
    """The address of another system, or "": https://, or http:// on this machine only (trials and tests).

    Raises ImproperlyConfigured for anything else.
    """
    value = text(name, "")
    is_safe = re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?", value)
    is_here = re.fullmatch(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[!-~]*)?", value)
    if value and not is_safe and not is_here:
        raise ImproperlyConfigured(
            f"{name}={value} は使えません。https:// から始まるアドレスを書いてください。"
        )
    return value


def header(name: str) -> str:
    """A request header by its own name, as request.META has it; "" where none is named."""
    value = text(name, "")
    if value and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", value):
        raise ImproperlyConfigured(
            f"{name}={value} は使えません。X-Remote-User のような、ヘッダーの名前を書いてください。"
        )
    return f"HTTP_{value.upper().replace('-', '_')}" if value else ""


def secret(name: str, keeping: Path) -> str:
    """The variable, or a random key made once for this installation and kept in a private file."""
    if given := text(name, ""):
        if len(given) < 50:
            raise ImproperlyConfigured(f"{name} は短すぎます。50 文字以上の乱数を書いてください。")
        return given
    try:
        if not keeping.exists():
            _keep(secrets.token_urlsafe(64), keeping)
        kept = keeping.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        why = in_words(problem) if isinstance(problem, OSError) else "文字として読めません"
        raise ImproperlyConfigured(
            f"鍵のファイル {keeping} を使えません（{why}）。"
            f"STATE_DIR のフォルダーと権限を確かめるか、{name} を設定してください。"
        ) from problem
    if len(kept) < 50:
        raise ImproperlyConfigured(
            f"鍵のファイル {keeping} に、鍵がありません。"
            f"バックアップした鍵を戻すか、{name} を設定してください。"
            "まだ何も作っていない設備なら、ファイルを消して、もう一度行ってください。"
        )
    return kept


def _keep(key: str, keeping: Path) -> None:
    """Writes the key in one step: of processes that start together one wins, and none reads half a file."""
    keeping.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=keeping.parent) as new:  # made private (0600)
        new.write(key)
        new.flush()
        with contextlib.suppress(FileExistsError):
            os.link(new.name, keeping)


def private_folder(path: Path) -> Path:
    """The folder, made if it is missing, which nobody but its owner can look into (0700)."""
    with contextlib.suppress(OSError):  # whoever writes into it tells
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_to_others(path)
    return path


def private_database(name: str) -> None:
    """SQLite's file, made if it is missing, and its companions: only their owner can read them (0600)."""
    if name.startswith((":memory:", "file:")):
        return
    with contextlib.suppress(OSError):  # SQLite tells when it cannot open it
        os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))
    for companion in ("", "-wal", "-shm"):  # SQLite makes them with the file's own rights
        close_to_others(Path(name + companion))


def close_to_others(path: Path) -> None:
    """Takes their rights from group and others. What is another user's stays; `check --deploy` tells."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(path.stat().st_mode & 0o700)

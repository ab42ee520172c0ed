"""公開サイトの署名付きファイルを、公開用の Web サーバーで確かめて、切り替えます。

    python3 apply_site.py サイト.zip /srv/site --key 公開鍵     確かめて、切り替える
    python3 apply_site.py --check /srv/site --key 公開鍵        いまのサイトが、署名のとおりかを確かめる
    python3 apply_site.py --rollback /srv/site                  前のサイトに戻す

Web サーバーが見せるのは /srv/site/current です。Python 3.8 以上だけで動きます。

This file is carried alone to a machine that has nothing else of the product, so it is one file without any
library; the product itself checks and switches by the same code. A site's folder holds

    current          a link to the release that is shown; replacing it is the switch
    releases/N       whole sites: the one shown, and the one before it
    .new-…           one that is being written; a run that was killed leaves it, the next one removes it
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

Point = Any  # four whole numbers

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
PRODUCT, FORMAT = "manifesto site", 1
BLOCK = 1024 * 1024
MOST_BYTES = 256 * 1024 * 1024  # of a manifest
MOST_NAMED = 5  # files in a message
KEY = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]+")  # a release's
OURS = re.compile(r"current|releases|\.lock|\.current-new|\.new-.*|lost\+found")  # in a site's folder
READING = (OSError, ValueError, KeyError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
# What the system says most, as tracker/words/system_errors has it: this file goes alone.
REASONS = {
    errno.ENOSPC: "ディスクに空きがありません",
    errno.EDQUOT: "使ってよい容量を超えました",
    errno.EROFS: "書き込めないディスクです",
    errno.EACCES: "読み書きする権限がありません",
    errno.EPERM: "読み書きする権限がありません",
    errno.EEXIST: "同じ名前のものがすでにあります",
    errno.ENOTDIR: "途中の名前が、フォルダーではありません",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.EIO: "ディスクを読み書きできません",
}


class SiteProblem(Exception):  # noqa: N818 - the house's own word for it
    """What is wrong with the files, or in the way, and what to do: in words for people."""


# --- Ed25519 (RFC 8032, 5.1.7): whether a signature is a key's. Nothing here is secret. ---

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, FIELD - 2, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)


def _add(p: Point, q: Point) -> Point:
    """The sum of two points, each x, y, z, t with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032, 5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % FIELD, (p[1] + p[0]) * (q[1] + q[0]) % FIELD
    c, d = 2 * p[3] * q[3] * CURVE % FIELD, 2 * p[2] * q[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


def _times(number: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def _is_same(p: Point, q: Point) -> bool:
    return bool((p[0] * q[2] - q[0] * p[2]) % FIELD == 0 and (p[1] * q[2] - q[1] * p[2]) % FIELD == 0)


def _point(content: bytes) -> Point | None:
    """The point that 32 bytes stand for, or None (RFC 8032, 5.1.3)."""
    number = int.from_bytes(content, "little")
    odd, y = number >> 255, number & (2**255 - 1)
    if y >= FIELD:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, FIELD - 2, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if (x * x - square) % FIELD:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if (x * x - square) % FIELD or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = FIELD - x
    return x, y, 1, x * y % FIELD


BASE = _point((4 * pow(5, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little"))


def is_signed(content: bytes, signature: bytes, key: bytes) -> bool:
    """Whether a signature (64 bytes) of some content is that of the public key (32 bytes)."""
    if len(signature) != 64 or len(key) != 32:
        return False
    owner, nonce = _point(key), _point(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if owner is None or nonce is None or number >= ORDER:
        return False
    told = hashlib.sha512(signature[:32] + key + content).digest()
    challenge = int.from_bytes(told, "little") % ORDER
    return _is_same(_times(number, BASE), _add(nonce, _times(challenge, owner)))


# --- What the files say of themselves ---


class SiteManifest:
    """What a site's manifest tells: each file's digest and size, by its path; when it was made."""

    def __init__(self, content: bytes) -> None:
        """Raises one of READING for what is no manifest."""
        self.content = content
        self.told: dict[str, Any] = json.loads(content)
        if not _is_manifest(self.told):
            raise ValueError
        self.files: dict[str, dict[str, Any]] = self.told["files"]
        self.made_at: str = self.told["made_at"]


def _is_manifest(told: Any) -> bool:
    """Whether what was read has the shape that all that follows relies on."""
    return (
        isinstance(told, dict)
        and isinstance(told.get("made_at"), str)
        and isinstance(told.get("files"), dict)
        and all(map(_is_record, told["files"].values()))
    )


def _is_record(file: Any) -> bool:
    if not isinstance(file, dict) or not isinstance(file.get("sha256"), str):
        return False
    return isinstance(file.get("size"), int) and file["size"] >= 0


def signed_manifest(content: bytes, signature: bytes, key: str) -> SiteManifest:
    """The manifest, if the key has signed it. Raises SiteProblem."""
    try:
        given = bytes.fromhex(signature.decode("ascii").strip())
    except ValueError:
        given = b""
    if not is_signed(content, given, bytes.fromhex(key)):
        raise SiteProblem(
            "署名が公開鍵と合いません。ファイルが壊れているか、書き換えられているか、公開鍵が違います。何も変えていません。"
        )
    try:
        manifest = SiteManifest(content)
        is_ours = manifest.told.get("product") == PRODUCT and manifest.told.get("format") == FORMAT
    except READING:
        is_ours = False
    if not is_ours:
        raise SiteProblem(
            "この apply_site.py では読めない目録です。新しい版で書き出したファイルなら、"
            "その版の apply_site.py を使ってください。何も変えていません。"
        )
    for path in manifest.files:
        if not is_plain(path):
            raise SiteProblem(f"目録に、置けない名前があります（{path[:80]}）。何も変えていません。")
    return manifest


def is_plain(path: str) -> bool:
    """Whether a path stays below the folder that it is put into, on every system."""
    parts = path.split("/")
    unfit = {"", ".", "..", MANIFEST, SIGNATURE} if len(parts) == 1 else {"", ".", ".."}
    return not any(part in unfit or "\\" in part or "\0" in part or ":" in part for part in parts)


def manifest_in(folder: Path, key: str) -> SiteManifest:
    """The signed manifest of a folder. Raises SiteProblem where there is none, or not by the key."""
    try:
        content = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_bytes()
    except OSError as problem:
        raise SiteProblem(f"{folder} に、目録（{MANIFEST}）か署名がありません。") from problem
    return signed_manifest(content, signature, key)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; empty where there is none, or a link stands in its place."""
    if path.is_symlink() or not path.is_file():
        return ""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            whole.update(block)
    return whole.hexdigest()


def check(folder: Path, key: str) -> SiteManifest:
    """Whether a folder holds what its signed manifest says, and nothing else. Raises SiteProblem."""
    manifest = manifest_in(folder, key)
    own = {MANIFEST, SIGNATURE}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not _is_folder(path)} - own
    changed = [path for path in manifest.files if digest_of(folder / path) != manifest.files[path]["sha256"]]
    foreign = sorted(there - manifest.files.keys())
    if changed or foreign:
        found = [("目録と違うか、ないファイル", sorted(changed)), ("目録にないファイル", foreign)]
        raise SiteProblem("。".join(_named(words, paths) for words, paths in found if paths) + "。")
    return manifest


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _named(words: str, paths: list[str]) -> str:
    more = f"、ほか {len(paths) - MOST_NAMED:,} 件" if len(paths) > MOST_NAMED else ""
    return f"{words} {len(paths):,} 件（{'、'.join(paths[:MOST_NAMED])}{more}）"


# --- The switch ---


class Releases:
    """The whole sites in a folder, of which one is shown."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.link = self.folder / "current"
        self.kept = self.folder / "releases"

    @property
    def current(self) -> Path | None:
        """The release that is shown, or None before the first."""
        return self.kept / str(self._shown) if self._shown else None

    @property
    def former(self) -> Path | None:
        """The release that was shown before, or None."""
        before = [number for number in self._numbers() if number < self._shown]
        return self.kept / str(max(before)) if before else None

    @property
    def _shown(self) -> int:
        try:
            return int(Path(os.readlink(str(self.link))).name)  # noqa: PTH115 - Path has it from 3.9 on
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as problem:
            raise SiteProblem(
                f"{self.link} は、この命令が作ったものではありません。別のフォルダーにしてください。"
            ) from problem

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self.kept.iterdir() if NUMBER.fullmatch(path.name)]

    @contextmanager
    def turn(self) -> Iterator[Releases]:
        """Nobody else writes here meanwhile; what a killed run has left is gone. Raises SiteProblem."""
        self._refuse_others()
        try:
            _make_folder(self.kept)
            lock = (self.folder / ".lock").open("ab")
        except OSError as problem:
            raise SiteProblem(f"{self.folder} に書けません（{in_words(problem)}）。") from problem
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as problem:
                raise SiteProblem(
                    f"{self.folder} には、ほかの命令が書いています。終わってから、もう一度行ってください。"
                ) from problem
            self._tidy()
            yield self

    def _refuse_others(self) -> None:
        """Nothing is put into a folder of somebody else's, as a mistyped name gives."""
        if self._shown or not self.folder.is_dir():
            return
        others = sorted(path.name for path in self.folder.iterdir() if not OURS.fullmatch(path.name))
        if others:
            raise SiteProblem(
                f"{self.folder} には、ほかのもの（{others[0]} など）があり、書き出したサイトがありません。"
                "名前を確かめ、空のフォルダーか、まだないフォルダーにしてください。何も変えていません。"
            )

    @contextmanager
    def new(self) -> Iterator[Path]:
        """A folder for the next release, removed unless it was switched to."""
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=str(self.folder)))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(str(folder), ignore_errors=True)

    def switch(self, new: Path) -> None:
        """Shows the new release; the one shown until now is kept. It is on the disk before it is shown."""
        place = self.kept / str(max([self._shown, *self._numbers()]) + 1)
        os.sync()
        new.rename(place)
        self._show(place)
        self._tidy()

    def roll_back(self) -> Path:
        """Shows the former release again, and drops the one shown until now. Raises SiteProblem."""
        former = self.former
        if former is None:
            raise SiteProblem("戻せる前のサイトがありません。何も変えていません。")
        self._show(former)
        self._tidy()
        return former

    def _show(self, place: Path) -> None:
        beside = self.folder / ".current-new"
        if beside.is_symlink():
            beside.unlink()
        beside.symlink_to(Path("releases") / place.name)
        beside.replace(self.link)
        for folder in (self.kept, self.folder):
            _keep_names(folder)

    def _tidy(self) -> None:
        """Leaves the release that is shown, and the newest before it."""
        shown, former = self._shown, self.former
        gone = [self.kept / str(n) for n in self._numbers() if n != shown and self.kept / str(n) != former]
        for path in [*gone, *self.folder.glob(".new-*")]:
            shutil.rmtree(str(path), ignore_errors=True)


def _keep_names(folder: Path) -> None:
    """What was renamed in a folder is on the disk, too."""
    held = os.open(str(folder), os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _make_folder(path: Path) -> None:
    """A folder that the web server's user can look into, whatever the umask."""
    if not path.is_dir():
        _make_folder(path.parent)
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


def put(path: Path, content: bytes) -> None:
    """Writes a file of a new release."""
    _make_folder(path.parent)
    path.write_bytes(content)
    path.chmod(0o644)


def take_over(old: Path, new: Path) -> None:
    """The same file in a new release: another name of it where the disk has such, else a copy."""
    _make_folder(new.parent)
    try:
        os.link(str(old), str(new))
    except OSError:
        shutil.copyfile(str(old), str(new))
        new.chmod(0o644)


# --- From a package to the site ---


def apply(package: Path | str, folder: Path | str, key: str, older: bool = False) -> SiteManifest | None:
    """Shows the site of a package (.zip or folder; a whole site, or the difference to the one shown).

    Returns its manifest, or None where it is shown already. Raises SiteProblem, and has changed nothing.
    """
    with ExitStack() as stack:
        given = stack.enter_context(Package(package))
        manifest = signed_manifest(given.read(MANIFEST), given.read(SIGNATURE), key)
        releases = stack.enter_context(Releases(folder).turn())
        shown = releases.current
        now = shown and _told(shown)
        if now and now.content == manifest.content:
            return None
        if now and now.made_at > manifest.made_at and not older:
            raise SiteProblem(
                f"いまのサイト（{now.made_at}）より古いもの（{manifest.made_at}）です。"
                "古いものに戻すときは --older を付けてください。何も変えていません。"
            )
        with releases.new() as new:
            try:
                _fill(new, manifest, given, shown)
            except OSError as problem:
                raise SiteProblem(
                    f"{folder} に書けません（{in_words(problem)}）。何も変えていません。"
                ) from problem
            check(new, key)
            releases.switch(new)
        return manifest


def roll_back(folder: Path | str) -> Path:
    """Shows the site again that a folder showed before. Raises SiteProblem, and has made nothing, where there
    is none.
    """
    if Releases(folder).current is None:
        raise SiteProblem(
            f"{folder} に、書き出したサイトがありません。名前を確かめてください。何も変えていません。"
        )
    with Releases(folder).turn() as releases:
        return releases.roll_back()


def _told(folder: Path) -> SiteManifest | None:
    """What the shown release says of itself, trusted for nothing; None where it cannot be read."""
    try:
        return SiteManifest((folder / MANIFEST).read_bytes())
    except READING:
        return None


def _fill(new: Path, manifest: SiteManifest, given: Package, shown: Path | None) -> None:
    lacking = []
    for path in sorted(manifest.files):
        file = manifest.files[path]
        if path in given.names:
            put(new / path, given.read(path, file["size"]))
        elif shown and digest_of(shown / path) == file["sha256"]:
            take_over(shown / path, new / path)
        else:
            lacking.append(path)
    if lacking:
        words = _named("足りないファイル", lacking)
        raise SiteProblem(
            f"差分が、いまのサイトに合いません：{words}。"
            "差分を作り直すか、サイト全体の .zip を使ってください。何も変えていません。"
        )
    for name in (MANIFEST, SIGNATURE):
        put(new / name, given.read(name))


class Package:
    """The files of a site as they are carried: a .zip, or a folder."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.zip: zipfile.ZipFile | None = None

    def __enter__(self) -> Package:
        try:
            if self.path.is_dir():
                files = (path for path in self.path.rglob("*") if path.is_file())
                self.names = {path.relative_to(self.path).as_posix() for path in files}
            else:
                self.zip = zipfile.ZipFile(str(self.path))
                self.names = set(self.zip.namelist())
        except READING as problem:
            raise SiteProblem(
                f"{self.path} を読めません。壊れていないか、名前が正しいかを確かめてください。"
            ) from problem
        return self

    def __exit__(self, *_problem: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.zip:
            self.zip.close()

    def read(self, name: str, size: int = MOST_BYTES) -> bytes:
        """A file's content; what is longer than was promised is not read on."""
        try:
            if name not in self.names:  # a device or a pipe is no file of a folder, either
                raise KeyError(name)
            with self.zip.open(name) if self.zip else (self.path / name).open("rb") as file:
                return file.read(size + 1)
        except READING as problem:
            raise SiteProblem(
                f"{self.path} の {name} を読めません。壊れているか、サイトのファイルではありません。"
            ) from problem


# --- The command ---


def key_from(given: str) -> str:
    """A public key as it was typed, or from the file that is named. Raises SiteProblem."""
    text = given.strip().lower()
    if not KEY.fullmatch(text):
        try:
            text = Path(given).read_text(encoding="utf-8-sig").strip().lower()
        except (OSError, ValueError):
            text = ""
    if not KEY.fullmatch(text):
        raise SiteProblem(
            "公開鍵は、64 文字の英数字か、それを書いたファイルの名前です。オープンデータのページにあります。"
        )
    return text


def site_in(folder: Path | str) -> Path:
    """The folder of the files: the release that is shown, or the folder itself."""
    return Releases(folder).current or Path(folder)


class Arguments(argparse.ArgumentParser):
    """argparse tells in English what is wrong with a call. How it is called says more, and needs none."""

    def error(self, message: str) -> NoReturn:
        usage = (__doc__ or "").split("\n\n")[1]
        self.exit(2, f"引数が足りないか、この命令にないものがあります。次のように使います。\n{usage}\n")


def arguments() -> argparse.ArgumentParser:
    parser = Arguments(description="公開サイトの署名付きファイルを確かめて、切り替えます。")
    parser.add_argument("package", nargs="?", help="サイトか差分の .zip（または、それを開いたフォルダー）")
    parser.add_argument("folder", help="サイトを置くフォルダー。Web サーバーが見せるのは、その中の current")
    parser.add_argument("--key", help="公開鍵（64 文字）か、それを書いたファイル")
    parser.add_argument("--check", action="store_true", help="いまのサイトが署名のとおりかを、確かめるだけ")
    parser.add_argument("--rollback", action="store_true", help="前のサイトに戻す")
    parser.add_argument("--older", action="store_true", help="いまのサイトより古いものにも切り替える")
    return parser


def run(given: argparse.Namespace) -> str:
    if given.rollback:
        former = _told(roll_back(given.folder))
        return f"前のサイト（{former.made_at if former else '?'}）に戻しました。"
    if not given.key:
        raise SiteProblem("--key に、公開鍵を書いてください。")
    key = key_from(given.key)
    if given.check:
        manifest = check(site_in(given.folder), key)
        return f"{len(manifest.files):,} 個のファイルは、すべて署名のとおりです（{manifest.made_at}）。"
    if not given.package:
        raise SiteProblem("サイトの .zip と、置くフォルダーを書いてください。")
    applied = apply(given.package, given.folder, key, older=given.older)
    if applied is None:
        return "いまのサイトと同じです。何も変えていません。"
    place = Releases(given.folder).link
    return f"確かめて、切り替えました（{len(applied.files):,} 個のファイル、{applied.made_at}）：{place}"


def in_words(problem: OSError) -> str:
    """Why something failed, in the words of people where we have some."""
    return REASONS.get(problem.errno or 0, str(problem))


def main() -> None:
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal without Japanese stops nothing that is done
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        told = run(arguments().parse_args())
    except SiteProblem as problem:
        sys.exit(f"できませんでした：{problem}")
    except OSError as problem:
        sys.exit(f"できませんでした（{problem.filename or ''}：{in_words(problem)}）。")
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()

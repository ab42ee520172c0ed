"""The one file that checks and switches on the other side, without the product."""

import errno
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.site_export import apply_site
from tracker.site_export.apply_site import MANIFEST, SIGNATURE, Releases, SiteProblem, apply, check, is_signed

OWNER, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
# RFC 8032, 7.1, tests 2 and 3: key, content, signature.
VECTORS = [
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def key_of(owner: Ed25519PrivateKey) -> str:
    return owner.public_key().public_bytes_raw().hex()


KEY = key_of(OWNER)


def make(
    folder: Path, contents: dict[str, str], day: int = 1, owner: Ed25519PrivateKey = OWNER, only: str = ""
) -> Path:
    """A package as the product writes it. `only`: a difference that carries no more than files so named."""
    folder.mkdir()
    files = {
        name: {"sha256": hashlib.sha256(text.encode()).hexdigest(), "size": len(text.encode())}
        for name, text in contents.items()
    }
    told = {"product": "manifesto site", "format": 1, "made_at": f"2026-12-{day:02}", "files": files}
    content = json.dumps(told).encode()
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_text(owner.sign(content).hex() + "\n")
    for name, text in contents.items():
        if name.startswith(only) and ".." not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return folder


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def shown(site: Path) -> dict[str, str]:
    current = site / "current"
    files = (path for path in current.rglob("*") if path.is_file())
    told = {path.relative_to(current).as_posix(): path.read_text() for path in files}
    return {name: text for name, text in told.items() if name not in {MANIFEST, SIGNATURE}}


FIRST = {"index.html": "one", "2021/index.html": "same", "gone.html": "gone"}
SECOND = {"index.html": "two", "2021/index.html": "same", "2021/new.html": "new"}


@pytest.mark.parametrize(("key", "content", "signature"), VECTORS)
def test_signatures_of_the_standard_hold(key: str, content: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(content), bytes.fromhex(signature), bytes.fromhex(key))
    assert not is_signed(bytes.fromhex(content) + b"!", bytes.fromhex(signature), bytes.fromhex(key))


@settings(max_examples=15)  # each takes three times the time of a signature in plain Python
@given(content=st.binary(max_size=99), place=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_signature_holds_for_its_key_and_content_alone(content: bytes, place: int, bit: int) -> None:
    signature, key = OWNER.sign(content), bytes.fromhex(KEY)
    assert is_signed(content, signature, key)
    other = bytearray(signature)
    other[place] ^= 1 << bit
    assert not is_signed(content, bytes(other), key)
    assert not is_signed(content, signature, bytes.fromhex(key_of(STRANGER)))


def test_a_second_form_of_the_same_signature_is_none() -> None:
    signature = OWNER.sign(b"site")
    number = int.from_bytes(signature[32:], "little") + apply_site.ORDER
    assert not is_signed(b"site", signature[:32] + number.to_bytes(32, "little"), bytes.fromhex(KEY))


def test_a_site_a_difference_and_the_way_back(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert apply(zipped(make(tmp_path / "a", FIRST)), site, KEY)
    assert shown(site) == FIRST
    difference = zipped(make(tmp_path / "b", SECOND, day=2, only="2021/new"))
    with pytest.raises(
        SiteProblem, match=r"差分が、いまのサイトに合いません：足りないファイル 1 件（index\.html）"
    ):
        apply(difference, site, KEY)
    assert shown(site) == FIRST
    (tmp_path / "b" / "index.html").write_text("two")
    assert apply(zipped(tmp_path / "b"), site, KEY)
    assert shown(site) == SECOND
    assert check(site / "current", KEY).made_at == "2026-12-02"
    assert apply(zipped(tmp_path / "b"), site, KEY) is None  # the same once more
    with pytest.raises(SiteProblem, match="より古いもの"):
        apply(tmp_path / "a", site, KEY)
    with Releases(site).turn() as releases:
        releases.roll_back()
        assert shown(site) == FIRST
        with pytest.raises(SiteProblem, match="戻せる前のサイトがありません"):
            releases.roll_back()
    assert apply(tmp_path / "b", site, KEY)
    assert apply(tmp_path / "a", site, KEY, older=True)
    assert sorted(path.name for path in (site / "releases").iterdir()) == ["2", "3"]
    assert (site / "current" / "index.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda folder: (folder / "index.html").write_text("bad"),
            "目録と違うか、ないファイル 1 件（index.html）",
        ),
        (lambda folder: (folder / SIGNATURE).write_text("00" * 64), "署名が公開鍵と合いません"),
        (lambda folder: (folder / SIGNATURE).write_text("署名"), "署名が公開鍵と合いません"),
        (lambda folder: (folder / MANIFEST).write_text("{}"), "署名が公開鍵と合いません"),
        (lambda folder: (folder / MANIFEST).unlink(), "manifest.json を読めません"),
        (lambda folder: (folder / "index.html").unlink(), "足りないファイル 1 件（index.html）"),
    ],
)
def test_a_spoilt_package_changes_nothing(tmp_path: Path, spoil, words: str) -> None:  # type: ignore[no-untyped-def]
    site = tmp_path / "site"
    apply(make(tmp_path / "a", FIRST), site, KEY)
    package = make(tmp_path / "b", SECOND, day=2)
    spoil(package)
    for each in (package, zipped(package)):
        with pytest.raises(SiteProblem, match=words):
            apply(each, site, KEY)
    assert shown(site) == FIRST
    assert [path.name for path in (site / "releases").iterdir()] == ["1"]
    assert list(site.glob(".new-*")) == []


def test_a_strangers_site_and_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteProblem, match="署名が公開鍵と合いません"):
        apply(make(tmp_path / "a", FIRST, owner=STRANGER), tmp_path / "site", KEY)
    for number, name in enumerate(["../out.html", "/out.html", "a//b", "c:\\x", MANIFEST, "a/../../b"]):
        content = json.loads((tmp_path / "a" / MANIFEST).read_bytes()) | {
            "files": {name: {"sha256": "", "size": 0}}
        }
        package = tmp_path / f"bad{number}"
        package.mkdir()
        (package / MANIFEST).write_bytes(told := json.dumps(content).encode())
        (package / SIGNATURE).write_text(OWNER.sign(told).hex())
        with pytest.raises(SiteProblem, match="置けない名前"):
            apply(package, tmp_path / "site", KEY)


def test_what_was_planted_in_the_shown_site_is_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    apply(make(tmp_path / "a", FIRST), site, KEY)
    (site / "current" / "2021" / "evil.html").write_text("evil")
    (site / "current" / "gone.html").unlink()
    (site / "current" / "gone.html").symlink_to("/etc/hostname")
    words = "目録と違うか、ないファイル 1 件（gone.html）。目録にないファイル 1 件（2021/evil.html）"
    with pytest.raises(SiteProblem, match=words):
        check(site / "current", KEY)
    # The next site takes nothing of it over.
    apply(make(tmp_path / "b", {**FIRST, "index.html": "two"}, day=2), site, KEY)
    assert shown(site) == {**FIRST, "index.html": "two"}


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "current").mkdir(parents=True)
    with pytest.raises(SiteProblem, match="この命令が作ったものではありません"):
        apply(make(tmp_path / "a", FIRST), site, KEY)
    assert list((site / "current").iterdir()) == []


def test_a_mistyped_name_makes_nothing(tmp_path: Path) -> None:
    """Neither in a folder of somebody else's, nor where there is none, nor before the package is sound."""
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / "mail").touch()
    package = make(tmp_path / "a", FIRST)
    with pytest.raises(SiteProblem, match=r"ほかのもの（mail など）があり.*何も変えていません"):
        apply(package, tmp_path / "srv", KEY)
    with pytest.raises(SiteProblem, match="none に、書き出したサイトがありません"):
        apply_site.roll_back(tmp_path / "none")
    for unsound, key in ((tmp_path / "nothing.zip", KEY), (package, key_of(STRANGER))):
        with pytest.raises(SiteProblem):
            apply(unsound, tmp_path / "none", key)
    there = {path.name for path in tmp_path.iterdir()}
    assert (there, [path.name for path in (tmp_path / "srv").iterdir()]) == ({"srv", "a"}, ["mail"])
    (tmp_path / "disk" / "lost+found").mkdir(parents=True)
    assert apply(package, tmp_path / "disk", KEY)  # a disk of its own


@pytest.mark.parametrize(
    "told",
    [
        b"[]",
        b"null",
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"product": "manifesto site", "format": 1, "made_at": 5, "files": {}}',
        b'{"product": "manifesto site", "format": 1, "made_at": "9", "files": {"a": "b"}}',
        b'{"product": "manifesto site", "format": "1", "made_at": "9", "files": {}}',
    ],
    ids=range(8),
)
def test_a_manifest_of_another_shape_is_refused_and_mended(tmp_path: Path, told: bytes) -> None:
    """Signed it is refused in words; on the site that is shown it keeps no sound one out."""
    site = tmp_path / "site"
    apply(make(tmp_path / "a", FIRST), site, KEY)
    package = make(tmp_path / "b", SECOND, day=2)
    (package / MANIFEST).write_bytes(told)
    (package / SIGNATURE).write_text(OWNER.sign(told).hex())
    with pytest.raises(SiteProblem, match="読めない目録"):
        apply(package, site, KEY)
    assert shown(site) == FIRST
    (site / "current" / MANIFEST).write_bytes(told)
    apply(make(tmp_path / "c", SECOND, day=2), site, KEY, older=b'"9"' in told)
    assert shown(site) == SECOND


def test_a_pipe_is_no_file_of_a_package(tmp_path: Path) -> None:
    package = make(tmp_path / "a", FIRST)
    (package / MANIFEST).unlink()
    os.mkfifo(package / MANIFEST)
    with pytest.raises(SiteProblem, match="読めません"):
        apply(package, tmp_path / "site", KEY)


def test_a_full_disk_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(apply_site, "put", full)
    with pytest.raises(SiteProblem, match="に書けません（ディスクに空きがありません）。何も変えていません"):
        apply(make(tmp_path / "a", FIRST), tmp_path / "site", KEY)


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    package = make(tmp_path / "a", FIRST)
    with Releases(tmp_path / "site").turn(), pytest.raises(SiteProblem, match="ほかの命令が書いています"):
        apply(package, tmp_path / "site", KEY)


def run(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The file alone, by a Python that knows nothing of the product."""
    alone = shutil.copy(apply_site.__file__, tmp_path)
    command = [sys.executable, "-I", "-S", alone, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)


def test_the_command_alone(tmp_path: Path) -> None:
    package, site = zipped(make(tmp_path / "a", FIRST)), tmp_path / "site"
    (tmp_path / "key.txt").write_text(f"\ufeff{KEY}\r\n")  # as Notepad keeps it
    refused = run(tmp_path, package, site)
    assert (refused.returncode, refused.stderr) == (
        1,
        "できませんでした：--key に、公開鍵を書いてください。\n",
    )
    done = run(tmp_path, package, site, "--key", tmp_path / "key.txt")
    words = f"確かめて、切り替えました（3 個のファイル、2026-12-01）：{site}/current\n"
    assert (done.returncode, done.stdout) == (0, words)
    told = run(tmp_path, "--check", site, "--key", KEY)
    assert told.stdout == "3 個のファイルは、すべて署名のとおりです（2026-12-01）。\n"
    again = run(tmp_path, "--rollback", site)
    assert (again.returncode, again.stderr[:8]) == (1, "できませんでした")
    wrong = run(tmp_path, "--rolback", site)
    assert (wrong.returncode, wrong.stderr.startswith("引数が足りないか、")) == (2, True)
    assert "python3 apply_site.py --rollback /srv/site" in wrong.stderr


@pytest.mark.long
def test_killed_at_any_time_it_is_the_old_or_the_new_site(tmp_path: Path) -> None:
    site, chance = tmp_path / "site", random.Random(14)
    old = {f"{n}/index.html": f"old {n}" for n in range(400)}
    new = {f"{n}/index.html": f"new {n}" for n in range(400)}
    packages = [zipped(make(tmp_path / name, each)) for name, each in (("old", old), ("new", new))]
    apply(packages[0], site, KEY)
    alone, seen = shutil.copy(apply_site.__file__, tmp_path), set[str]()
    for turn in range(30):
        command = [sys.executable, "-I", "-S", alone, packages[(turn + 1) % 2], site, "--key", KEY, "--older"]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(0.05, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        check(site / "current", KEY)
        assert shown(site) in (old, new)
        seen.add(shown(site)["1/index.html"])
    assert apply(packages[1], site, KEY, older=True) or shown(site) == new
    assert shown(site) == new
    assert list(site.glob(".new-*")) == []

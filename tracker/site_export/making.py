"""The .zip of the public site for people who have no command line, made beside the requests.

As a PDF of the published table (published_tables/making), it has a key, a digest of all that it is made of,
and is made by a process of its own, which outlives the request and holds the turn until it ends.
"""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tracker import signing, turns
from tracker.public.frozen import code_version
from tracker.public.published import state_of
from tracker.public.scope import published
from tracker.words.digests import canonical_json, sha256

NICENESS = 10  # readers and clerks come first
BEING_MADE = "公開サイトのファイルを、いま作っています。"


class NotMade(Exception):  # noqa: N818 - the message says what happened
    """The last try failed. The next call tries again."""


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / "site_packages"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def key_of(address: str) -> str:
    """What the .zip is made of: the state of publication, the code, the signature's key, the address."""
    told = [code_version(), signing.public_key(), address, state_of(published())]
    return sha256(canonical_json(told))


def kept(key: str) -> Path | None:
    """The .zip, where it is there."""
    file = _folder() / f"{key}.zip"
    return file if file.exists() else None


def begin(key: str, address: str) -> None:
    """Has the .zip made, unless it is there. Raises turns.Busy while one is being made, NotMade once after a
    try that failed.
    """
    with turns.turn("site", BEING_MADE, of=1, patience=0) as held:
        if kept(key):
            return
        problem = _folder() / f"{key}.problem"
        _tell_problem(problem)
        for old in _folder().iterdir():  # what was published since replaces it, or a killed try has left it
            old.unlink()
        file = str(_folder() / f"{key}.zip")
        command = [sys.executable, "manage.py", "export_site", file, "--address", address]
        with problem.open("wb") as errors:
            streams = {"stdin": subprocess.DEVNULL, "stderr": errors}
            process = turns.begin_process(command, held, **streams, cwd=settings.BASE_DIR)
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)


def _tell_problem(file: Path) -> None:
    """Its last words, if it had any: one that was killed is begun again."""
    told = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    if told:
        raise NotMade(f"公開サイトのファイルを作れませんでした。{told[-1]}")

"""The .zip of the public site for people who have no command line, made beside the requests.

As a PDF of the published table (published_tables/making), it has a key, a digest of all that it is made of,
and is made by a process of its own, which outlives the request and holds the turn until it ends.
"""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

from django.conf import settings

from tracker import signing, turns
from tracker.public.frozen import code_version
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
    state = [[row.digest, row.index_state, repr(row.city)] for row in published()]
    return sha256(canonical_json([code_version(), signing.public_key(), address, state]))


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
        for (
            old
        ) in _folder().iterdir():  # replaced by what was published since, or left by one that was killed
            old.unlink()
        command = [sys.executable, "manage.py", "export_site", str(_folder() / f"{key}.zip")]
        with problem.open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603 - the key is a digest, the address is the settings'
                [*command, "--address", address],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=settings.BASE_DIR,
                pass_fds=[held],
                start_new_session=True,  # a restart of the server lets it finish
            )
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    Thread(target=process.wait, daemon=True).start()  # the system is told that we know of its end


def _tell_problem(file: Path) -> None:
    """Its last words, if it had any: one that was killed is begun again."""
    told = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    if told:
        raise NotMade(f"公開サイトのファイルを作れませんでした。{told[-1]}")

"""PDFs of the published table that are made beside the requests, and kept: nobody waits for one in a request.

A PDF has a key, a digest of all that it is made of: another content is another PDF. It is made by a process
of its own, which outlives the request and holds the turn until it ends, however it ends. So what two people
ask for is made once, and one that was killed is begun again by the next who asks.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tracker import turns
from tracker.published_tables import pdf
from tracker.published_tables.pdf_process import LACKING

KEPT_SECONDS = 7 * 24 * 60 * 60  # since somebody last asked for it
ENDINGS = (".pdf", ".part", ".problem")


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / "tables"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def kept(key: str) -> Path | None:
    """The file of a PDF that is there; its date of change is when it was made."""
    file = _folder() / f"{key}.pdf"
    try:
        made = file.stat().st_mtime_ns
        os.utime(file, ns=(time.time_ns(), made))  # asked for now; the time of its making stays
    except FileNotFoundError:
        return None
    return file


def begin(key: str, page: Callable[[], str]) -> None:
    """Has a PDF made of a page, unless it is there, or is being made.

    Raises turns.Busy while another one is being made; PdfUnavailable or PdfProblem where the last try failed,
    once: the next call tries again.
    """
    folder = _folder()
    with turns.turn("pdf", pdf.BEING_MADE, of=1, patience=0) as held:
        if kept(key):
            return
        _tell_problem(folder / f"{key}.problem")
        with tempfile.TemporaryFile() as given:
            given.write(page().encode())
            given.seek(0)
            command = [sys.executable, "-m", "tracker.published_tables.pdf_process", str(folder / key)]
            streams = {"stdin": given, "stderr": subprocess.DEVNULL}
            turns.begin_process(command, held, **streams, cwd=settings.BASE_DIR, env=pdf.surroundings())


def _tell_problem(file: Path) -> None:
    try:
        told = file.read_text(errors="replace")
    except FileNotFoundError:
        return
    file.unlink(missing_ok=True)
    raise pdf.PdfUnavailable(pdf.UNAVAILABLE) if told == LACKING else pdf.problem(told)


def forget_old() -> int:
    """Deletes what nobody has asked for in a week; how many PDFs that were."""
    latest = time.time() - KEPT_SECONDS
    old = [file for file in _folder().iterdir() if file.suffix in ENDINGS and file.stat().st_atime < latest]
    for file in old:
        file.unlink(missing_ok=True)
    return sum(file.suffix == ".pdf" for file in old)

"""Prints the page on standard input as PDF: `python -m tracker.published_tables.pdf_process [PLACE]`.

Without a place the PDF goes to standard output, and the end is MISSING where WeasyPrint or a library of the
system is not there. With one it is PLACE.pdf, whole or not at all; why not is told in PLACE.problem.
"""

import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import IO, Any

MISSING = 3
SECONDS = 180  # the demo takes 8
LACKING = "WeasyPrint"  # all that a problem says where it, or a library of the system, is missing
TOO_SLOW = "時間がかかりすぎたので、やめました"
ALLOWED_PROTOCOLS = ()  # nothing is loaded, neither from the network nor from a file


class NotInstalled(Exception):  # noqa: N818 - no error: an optional part is not there
    """WeasyPrint or Pango."""


def number_headings(_document: object, pdf: Any) -> None:
    """Numbers a table's headings, which WeasyPrint names by their place in memory: same page, same bytes."""
    numbers: dict[int, int] = {}
    for each in pdf.objects:
        if isinstance(each, dict):
            headers = each.get("A", {}).get("Headers", ()) if isinstance(each.get("A"), dict) else ()
            for name in [*headers, *([each["ID"]] if each.get("S") == "/TH" else [])]:
                name.string = numbers.setdefault(name.string, len(numbers) + 1)


def _print(out: IO[bytes]) -> None:
    """Raises NotInstalled, or whatever goes wrong."""
    try:
        from weasyprint import HTML, urls  # only here: it is optional, and takes a second
    except (ImportError, OSError) as problem:  # OSError: Pango is not there
        raise NotInstalled(str(problem)) from problem
    page = sys.stdin.buffer.read().decode()
    document = HTML(string=page, url_fetcher=urls.URLFetcher(allowed_protocols=ALLOWED_PROTOCOLS))
    # Tagged (PDF/UA), so that a screen reader finds headings and tables.
    document.write_pdf(out, pdf_variant="pdf/ua-1", finisher=number_headings)


def main() -> int:
    """The exit code."""
    try:
        _print(sys.stdout.buffer)
    except NotInstalled as problem:
        sys.stderr.write(f"{problem}\n")
        return MISSING
    return 0


def make(place: Path) -> None:
    """Makes PLACE.pdf, or PLACE.problem."""
    part = place.with_suffix(".part")
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(SECONDS)
    try:
        with part.open("wb") as out:
            _print(out)
        part.replace(place.with_suffix(".pdf"))
    except NotInstalled:
        place.with_suffix(".problem").write_text(LACKING)
    except Exception as problem:  # whatever it is, nobody else can tell it
        place.with_suffix(".problem").write_text(f"{type(problem).__name__}: {problem}"[:500])
    finally:
        part.unlink(missing_ok=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(TOO_SLOW)


if __name__ == "__main__":
    os.nice(5)  # pages of the site go first
    gc.disable()  # a quarter of the time goes into looking for what can be let go, and the process ends soon
    if not sys.argv[1:]:
        sys.exit(main())
    make(Path(sys.argv[1]))

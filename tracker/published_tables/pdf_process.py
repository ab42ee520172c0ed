"""The page on standard input as PDF on standard output: `python -m tracker.published_tables.pdf_process`.

Ends with MISSING where WeasyPrint or a library of the system is not there.
"""

import os
import sys
from typing import Any

MISSING = 3
ALLOWED_PROTOCOLS = ()  # nothing is loaded, neither from the network nor from a file


def number_headings(_document: object, pdf: Any) -> None:
    """Numbers a table's headings, which WeasyPrint names by their place in memory: same page, same bytes."""
    numbers: dict[int, int] = {}
    for each in pdf.objects:
        if isinstance(each, dict):
            headers = each.get("A", {}).get("Headers", ()) if isinstance(each.get("A"), dict) else ()
            for name in [*headers, *([each["ID"]] if each.get("S") == "/TH" else [])]:
                name.string = numbers.setdefault(name.string, len(numbers) + 1)


def main() -> int:
    """The exit code."""
    try:
        from weasyprint import HTML, urls  # only here: it is optional, and takes a second
    except (ImportError, OSError) as problem:  # OSError: Pango is not there
        sys.stderr.write(f"{problem}\n")
        return MISSING
    page = sys.stdin.buffer.read().decode()
    document = HTML(string=page, url_fetcher=urls.URLFetcher(allowed_protocols=ALLOWED_PROTOCOLS))
    # Tagged (PDF/UA), so that a screen reader finds headings and tables.
    document.write_pdf(sys.stdout.buffer, pdf_variant="pdf/ua-1", finisher=number_headings)
    return 0


if __name__ == "__main__":
    os.nice(5)  # pages of the site go first
    sys.exit(main())

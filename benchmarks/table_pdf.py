"""The published table of the city's report as PDF: `python -m benchmarks.table_pdf` tells seconds as JSON.

Wall time is what a person waits on a quiet machine; processor time says the same on a busy one.
"""

import json
import resource
import sys
import time

import django


def measure() -> dict[str, float]:
    """From the report to the file, with the process that prints it. {} where WeasyPrint is not installed."""
    from tracker.models import Report
    from tracker.published_tables import pdf
    from tracker.published_tables.from_report import notes_of, table_of

    report = Report.objects.get(slug="2021")
    begun = time.monotonic()
    try:
        content = pdf.write_pdf(table_of(report), notes_of(report))
    except pdf.PdfUnavailable:
        return {}
    return {"seconds": time.monotonic() - begun, "processor": _processor_seconds(), "bytes": len(content)}


def _processor_seconds() -> float:
    """Of the process that printed; the rest is a tenth of it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(measure()))

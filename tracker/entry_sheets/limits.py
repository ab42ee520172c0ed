"""How large an entry sheet may be, and how long one request with the largest may take."""

MAX_SHEET_BYTES = 20 * 1024 * 1024
MAX_SHEET_ROWS = 20_000
LONG_ROWS = 2_000  # with more of them a page says beforehand how long it takes
ROWS_PER_SECOND = 1_000  # read and compared, or written, by a small server; `make bench` measures it
REQUEST_SECONDS = 120  # the server's time-out (manifesto/gunicorn.py); a proxy must wait as long (README)


def seconds_of_waiting(rows: int) -> int | None:
    """About how long a page with so many rows takes; None where nobody needs to be told."""
    return round(rows / ROWS_PER_SECOND) if rows > LONG_ROWS else None

"""Master data have one writer at a time, so that what a form has looked at still holds as it writes."""

from django.db import connection

LOCK = 0x6D616E6A  # PostgreSQL's advisory lock of master data ("manj")


def wait_for_turn() -> None:
    """Keeps others from writing master data until the caller's transaction ends; to be asked before reading.

    SQLite has one writer at a time anyway: whoever is in a transaction.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])

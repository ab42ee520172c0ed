"""Locks that all machines of an installation share: advisory locks of their PostgreSQL.

Each lives in a transaction of a connection of its own. So it needs no session, which PgBouncer would not give
(docs/adr/0046), and it goes with its process, however that ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def advisory_lock(connection: BaseDatabaseWrapper, number: int) -> Iterator[Callable[[], bool]]:
    """A function that tries to get a lock; what it got is given back at the end."""
    own = connection.copy()
    own.set_autocommit(False)
    try:
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # what it guards may be long

            def try_lock() -> bool:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
                return bool(cursor.fetchone()[0])

            yield try_lock
    finally:
        own.close()

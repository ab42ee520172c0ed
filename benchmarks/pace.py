"""How fast this machine is just now, by a job that never changes: a limit in seconds means the same anywhere.

The job is of the kind that the product does: dictionaries, text, JSON, digests, and a database in memory.
"""

import hashlib
import json
import sqlite3
import time
from statistics import median

TIMES = 3
ROWS = 60_000
# That the job takes on the machine whose seconds the limits are: django-import-export, which has not changed,
# needed 34.2 s there for the sheet of 20,000 rows, and 47.5 s where this job took 0.26 s.
SECONDS_OF_LIMITS = 0.19


def now() -> float:
    """How many times as long as on the machine of the limits the job takes; the median of three turns."""
    return median(_seconds() for _ in range(TIMES)) / SECONDS_OF_LIMITS


def _seconds() -> float:
    begin = time.perf_counter()
    texts = {str(number): f"・会議を開き、計画 {number} をまとめました。" for number in range(ROWS)}
    texts = json.loads(json.dumps(texts))
    digests = [(key, text, hashlib.sha256(text.encode()).hexdigest()) for key, text in texts.items()]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE texts (key TEXT PRIMARY KEY, text TEXT, digest TEXT)")
    database.executemany("INSERT INTO texts VALUES (?, ?, ?)", digests)
    found = database.execute("SELECT digest FROM texts WHERE text LIKE '%99%' ORDER BY digest").fetchall()
    database.close()
    assert found
    return time.perf_counter() - begin

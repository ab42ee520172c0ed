"""Measures what the project promises about speed, in some five minutes: `make bench`, `python -m benchmarks`.

Most figures are ratios within one run, so that they mean the same on any machine; limits are in `__main__`
and `sheets`. The site runs as in production (gunicorn, one gthread worker) on a folder and a database of its
own: SQLite, or with DATABASE_URL a further PostgreSQL database beside that one, dropped afterwards. Prints a
table, writes var/bench.json, and ends with 1 if a limit is broken.
"""

"""The server's settings, read by `gunicorn -c python:manifesto.gunicorn` (README, 設定).

No preloading: each worker imports the application after the fork, so that no database connection is ever
shared between processes. SQLite forbids that.
"""

import os
import socket
import sys
from typing import Any

from gunicorn.workers import gthread

from manifesto import environment
from tracker.entry_sheets import limits

wsgi_app = "manifesto.wsgi:application"
port = environment.number("PORT", 8000, highest=65_535)
bind = f"{environment.own_address('LISTEN_ADDRESS', '127.0.0.1')}:{port}"
worker_class = "gthread"
workers = environment.number("WEB_CONCURRENCY", 2, highest=64)
places = 96  # of the public and of the staff site, in one worker: requests at work or waiting (door.py)
threads = 2 * places + 8  # they only carry bytes; some always stay free for /livez and for refusing
timeout = limits.REQUEST_SECONDS  # an answer takes milliseconds; the longest entry sheet, some seconds
graceful_timeout = 30  # seconds
keepalive = 5  # seconds; longer than a proxy's pause between two requests
max_requests = 5_000  # a worker is renewed now and then, which bounds what a leak can cost
max_requests_jitter = 500
accesslog = None  # the proxy in front has one; `--access-logfile -` turns it on
forwarder_headers = ""  # the site's address is no header's business: SCRIPT_NAME moved all links
control_socket_disable = True  # nothing outside the state folder is written

# A connection that has sent nothing gives its thread back after so many seconds; no thread waits for it then.
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.05


def tcp_addresses(server: Any) -> list[tuple[str, int]]:
    """Host and port of each address that is not a Unix socket."""
    return [address for address in server.cfg.address if isinstance(address, tuple)]


def on_starting(server: Any) -> None:
    """Stops at once, in plain words, when the port is taken: gunicorn would try for five seconds first."""
    if "GUNICORN_PID" in os.environ:  # an upgrade in place takes over the listening sockets
        return
    for host, port in tcp_addresses(server):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as problem:
                reason = f"{host}:{port} で待ち受けできません（{problem.strerror}）。"
                sys.exit(f"{reason}\n別の番号を使うには：PORT={port + 1} make run")


def when_ready(server: Any) -> None:
    """Says where the site is, once it listens."""
    addresses = " ".join(f"http://{host}:{port}/" for host, port in tcp_addresses(server))
    sys.stdout.write(
        f"\n  公開サイトが動いています： {addresses}\n  止めるには Ctrl+C を押してください。\n\n"
    )
    sys.stdout.flush()

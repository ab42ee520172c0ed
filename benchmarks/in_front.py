"""nginx in front, loaded by wrk: an exported page beside a plain file of its size, and the live site with its
kept copy beside gunicorn alone. Each pair by turns, the middle of the ratios counts.
"""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.site import PROJECT, free_port, run

PAGE = "/2021/pledges/1-1-1/"
ROUNDS, SECONDS, CONNECTIONS = 5, 2, 16
CONFIGURATION = PROJECT / "deploy/nginx"
AROUND = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{plain}; root {folder}/plain; }}
    include {folder}/exported.conf;
    include {folder}/live.conf;
}}
"""


class Compared(NamedTuple):
    """How many times as many requests the first answers as the second, and both in words."""

    times: float
    in_words: str


def lacking() -> str:
    """The program that is missing, "" where both are there."""
    return next((name for name in ("nginx", "wrk") if not _found(name)), "")


def _found(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


@contextmanager
def serving(surroundings: Mapping[str, str], folder: Path, application: int) -> Iterator[dict[str, str]]:
    """nginx with the exported site, a plain file of its page's size, and the live site: the addresses."""
    folder.mkdir()
    run(dict(surroundings), "manage.py", "export_site", str(folder / "site"), "--address", "http://127.0.0.1")
    page = folder / "site/current" / PAGE.strip("/") / "index.html"
    (folder / "plain").mkdir()
    (folder / "plain/page.html").write_bytes(b"x" * page.stat().st_size)
    ports = {name: free_port() for name in ("plain", "exported", "live", "redirecting")}
    _write(
        folder,
        "exported",
        "exported-site.conf",
        {
            "listen 80;": f"listen 127.0.0.1:{ports['exported']};",
            "/srv/site/current": f"{folder}/site/current",
        },
    )
    (folder / "kept").mkdir(mode=0o777)
    _write(folder, "live", "live-site.conf", {
        "server 127.0.0.1:8000 fail_timeout=3s;": f"server 127.0.0.1:{application};",
        "listen 80;": f"listen 127.0.0.1:{ports['redirecting']};",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports['live']};",
        "/var/cache/nginx/manifesto ": f"{folder}/kept ",
        "ssl_certificate /etc/ssl/manifesto.crt;": "",
        "ssl_certificate_key /etc/ssl/private/manifesto.key;": "",
        "limit_conn manifesto_clients 200;": "",
    })  # fmt: skip
    user = "user root;" if folder.owner() == "root" else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder, plain=ports["plain"]))
    process = subprocess.Popen([str(_found("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        base = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        addresses = {
            "plain": f"{base['plain']}/page.html",
            "exported": f"{base['exported']}{PAGE}",
            "kept": f"{base['live']}{PAGE}",
            "alone": f"http://127.0.0.1:{application}{PAGE}",
        }
        for address in addresses.values():
            _wait(address)
        yield addresses
    finally:
        process.terminate()
        process.wait()


def _write(folder: Path, name: str, source: str, changes: Mapping[str, str]) -> None:
    told = (CONFIGURATION / source).read_text()
    for line, other in changes.items():
        told = told.replace(line, other)
    (folder / f"{name}.conf").write_text(told)
    for included in ("security-headers.conf", "manifesto-proxy.conf"):
        text = (CONFIGURATION / included).read_text()
        (folder / included).write_text(text.replace("limit_conn manifesto_clients 200;", ""))


def _wait(address: str) -> None:
    for _try in range(100):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer 200")


def compare(first: str, second: str) -> Compared:
    """Both by turns, several times."""
    pairs = [(_per_second(first), _per_second(second)) for _round in range(ROUNDS)]
    one, other = (median(column) for column in zip(*pairs, strict=True))
    return Compared(median(a / b for a, b in pairs), f"{one:,.0f} against {other:,.0f} /s")


def _per_second(address: str) -> float:
    command = [str(_found("wrk")), "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", address]
    told = subprocess.check_output(command, text=True)
    if bad := re.search(r"Non-2xx.*|Socket errors.*", told):
        raise RuntimeError(f"{address}: {bad[0]}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found, told
    return float(found[1])

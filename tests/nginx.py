"""nginx, run by a configuration of deploy/ of which the marked lines are changed."""

import os
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError

from tests import machine

CONFIGURATION = Path(__file__).resolve().parents[1] / "deploy/nginx"
AROUND = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
SECONDS_TO_START = 30


@contextmanager
def serving(name: str, changes: Mapping[str, str], folder: Path, base: str) -> Iterator[None]:
    """nginx runs with a file of deploy/nginx until it is left; it answers at `base` when it is entered."""
    (folder / "site.conf").write_text(changed(name, changes))
    for included in ("security-headers.conf", "manifesto-proxy.conf"):
        shutil.copy(CONFIGURATION / included, folder)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder))
    process = subprocess.Popen([machine.nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        _wait(f"{base}/robots.txt", process)
        yield
    finally:
        process.terminate()
        process.wait()


def changed(name: str, changes: Mapping[str, str]) -> str:
    """A configuration in which each line that is named has become another."""
    told = (CONFIGURATION / name).read_text()  # `name` may lead beside that folder
    for line, other in changes.items():
        assert told.count(line) == 1, line
        told = told.replace(line, other)
    return told


def certify(folder: Path) -> None:
    """A key and a certificate that nobody has signed: the files `key` and `crt`."""
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=site"]
    command = ["openssl", "req", "-x509", *kind, "-keyout", folder / "key", "-out", folder / "crt"]
    subprocess.run(command, check=True, capture_output=True)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            ask(url)
            return
        except URLError:
            assert process.poll() is None, "nginx refuses the configuration"
            assert time.monotonic() < until
            time.sleep(0.05)


def ask(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[HTTPResponse | HTTPError, bytes]:
    """One request, whoever has signed the certificate; an error's page counts as an answer."""
    trusting = ssl._create_unverified_context()
    request = urllib.request.Request(url, body, dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=30, context=trusting) as answer:
            return answer, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal, refusal.read()

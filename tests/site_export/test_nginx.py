"""deploy/nginx/exported-site.conf as it is, run by nginx: what it sends is what the live site sends."""

import gzip
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from tests import machine
from tests.browser.server import free_port
from tests.site_export.conftest import address_of, files_of
from tracker.site_export.exporting import ExportOutcome

pytestmark = pytest.mark.django_db  # as those of test_exporting, so that one site serves both
CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/nginx"
AROUND = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/exported-site.conf;
}}
"""


@contextmanager
def serving(site: Path, folder: Path) -> Iterator[str]:
    """The address at which nginx shows a site by our configuration, of which the marked lines are changed."""
    port = free_port()
    told = (CONFIGURATION / "exported-site.conf").read_text()
    for line, other in (("listen 80;", f"listen 127.0.0.1:{port};"), ("root /srv/site/", f"root {site}/")):
        assert told.count(line) == 1, line
        told = told.replace(line, other)
    (folder / "exported-site.conf").write_text(told)
    (folder / "security-headers.conf").write_text((CONFIGURATION / "security-headers.conf").read_text())
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder))
    process = subprocess.Popen([machine.nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        yield _when_it_answers(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait()


def _when_it_answers(base: str, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 30
    while True:
        try:
            ask(f"{base}/robots.txt")
            return base
        except URLError:
            assert process.poll() is None, "nginx refuses the configuration"
            assert time.monotonic() < until
            time.sleep(0.05)


def ask(url: str, **headers: str) -> tuple[HTTPResponse | HTTPError, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal, refusal.read()


@pytest.fixture(scope="module")
def base(exported: tuple[Path, ExportOutcome], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(exported[0], tmp_path_factory.mktemp("nginx")) as address:
        yield address


def test_nginx_sends_what_the_live_site_sends(base: str, exported: tuple[Path, ExportOutcome]) -> None:
    site = exported[0]
    for name, record in files_of(site).items():
        if "encoding" in record or name == "404.html":
            continue
        answer, body = ask(base + address_of(name))
        assert answer.status == 200, name
        assert body == (site / "current" / name).read_bytes(), name
        if "moved_to" in record:  # a page that leads on, where the live site sends a redirect
            continue
        assert answer.headers["Content-Type"] == record["type"], name
        wanted = record["headers"]
        if name.startswith("static/"):  # no names of theirs here: the tests have collected none
            wanted = wanted | {"Cache-Control": "max-age=315360000, public, immutable"}
        if name == "robots.txt":
            assert "Cache-Control" not in wanted  # nginx says of all: ask again
        told = {header: answer.headers[header] for header in wanted if header != "Vary"}
        assert told == {header: value for header, value in wanted.items() if header != "Vary"}, name
        if f"{name}.gz" in files_of(site):
            assert answer.headers["Vary"] == "Accept-Encoding", name


def test_nginx_sends_the_packed_sister_and_asks_again(
    base: str, exported: tuple[Path, ExportOutcome]
) -> None:
    answer, body = ask(f"{base}/", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert body == (exported[0] / "current/index.html.gz").read_bytes()
    assert gzip.decompress(body) == (exported[0] / "current/index.html").read_bytes()
    again, nothing = ask(f"{base}/", **{"If-None-Match": ask(f"{base}/")[0].headers["ETag"]})
    assert (again.status, nothing) == (304, b"")


def test_nginx_says_not_found_as_the_live_site_does(base: str, exported: tuple[Path, ExportOutcome]) -> None:
    record = files_of(exported[0])["404.html"]
    for path in ("/nowhere/", "/2017/data/none.csv", "/static/none.css", "/404.html", "/staff/"):
        answer, body = ask(base + path)
        assert answer.status == 404, path
        assert body == (exported[0] / "current/404.html").read_bytes(), path
        for header, value in record["headers"].items():
            assert answer.headers.get_all(header) == [value], (path, header)

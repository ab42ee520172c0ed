"""The public site as files: what they are, that they are the live ones, and what is done a second time."""

import gzip
import json
import shutil
import zipfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import get_ident
from unittest.mock import patch

import brotli
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from tests.public.building import copy_report
from tests.site_export.conftest import ADDRESS, address_of, export_to
from tests.site_export.shown import as_live, files_of
from tracker import signing
from tracker.models import Report
from tracker.site_export import apply_site, exporting, packing
from tracker.site_export.addresses import is_exported, links
from tracker.site_export.asking import LiveAnswer, Site
from tracker.site_export.exporting import ExportOutcome
from tracker.site_export.writing import FileWriter, Made

# All of them: else pytest plays the module in two parts, and makes its site twice.
pytestmark = pytest.mark.django_db
KEY = signing.public_key


@pytest.fixture
def site(exported: tuple[Path, ExportOutcome], tmp_path: Path, db: None) -> Path:
    """The same for one test, which may change it."""
    shutil.copytree(exported[0], tmp_path / "site", symlinks=True)
    cache.clear()
    return tmp_path / "site"


def test_every_file_is_what_the_live_site_answers(exported: tuple[Path, ExportOutcome], db: None) -> None:
    site, outcome = exported
    assert (outcome.lacking, outcome.left_out, outcome.taken_over) == ({}, {}, 0)
    client, packed = Client(headers={"host": "manifesto.example.lg.jp"}), {"gzip": 0, "br": 0}
    for name, record in files_of(site).items():
        content = (site / "current" / name).read_bytes()
        if encoding := record.get("encoding"):
            packed[str(encoding)] += 1
            unpacked = gzip.decompress(content) if encoding == "gzip" else brotli.decompress(content)
            assert unpacked == (site / "current" / name).with_suffix("").read_bytes(), name
            continue
        answer = client.get(address_of(name), secure=True)
        assert answer.status_code == record.get("status", 200), name
        if target := record.get("moved_to"):
            assert answer.headers["Location"] == target, name
            continue
        live = b"".join(answer)  # type: ignore[call-overload]
        assert live == as_live(name, content), name
        assert answer.headers["Content-Type"] == record["type"], name
        told = dict(answer.headers) | {"Content-Type": ""}
        for header, value in record["headers"].items():
            assert sorted(told[header].split("; ")) == sorted(str(value).split("; ")), (name, header)
    pages = [name for name in files_of(site) if name.endswith("index.html")]
    assert min(packed.values()) > len(pages)


def test_what_is_exported(exported: tuple[Path, ExportOutcome], report: Report) -> None:
    """Whatever a report's pages are called in three scopes, feeds and data; nothing of the staff site."""
    site, slug, dated = exported[0], report.slug, f"{report.slug}/reports/{report.as_of}"
    names = files_of(site).keys()
    key = report.entries.order_by("position")[0].pledge_key
    for within in (slug, dated, f"{dated}/editions/1"):
        for page in ("", "pledges/", "pledges/page/2/", f"pledges/{key}/", "departments/", "sdgs/17/"):
            assert f"{within}/{page}index.html" in names, (within, page)
        for page in ("changes/", "data/"):
            assert f"{within}/{page}index.html" in names, (within, page)
    assert files_of(site)[f"{slug}/pledges/1-1-9/index.html"]["moved_to"] == f"/{slug}/pledges/1-1-2/"
    assert f"{slug}/pledges/1-1-5/index.html" in names
    (original,) = [name for name in names if name.startswith(f"{slug}/original/") and name.endswith(".pdf")]
    assert files_of(site)[original]["type"] == "application/pdf"
    some = {"index.html", "accessibility/index.html", "404.html", "robots.txt", f"{slug}/feed.atom"}
    some |= {f"{slug}/reports/index.html", "static/tracker/site.css", "static/tracker/favicon.svg"}
    assert some - names == set()
    endings = {name.rpartition(".")[2] for name in names if name.startswith(f"{slug}/data/")}
    assert endings >= {"csv", "xlsx", "json", "zip", "html", "gz", "br", "jsonld"}
    assert [name for name in names if name.startswith(("staff", "livez", "readyz"))] == []
    assert ADDRESS in (site / "current" / slug / "feed.atom").read_text()


def test_the_manifest_says_what_it_was_made_from(
    exported: tuple[Path, ExportOutcome], report: Report
) -> None:
    told = json.loads((exported[0] / "current/manifest.json").read_bytes())
    assert told["reports"] == [
        {"manifesto": report.slug, "as_of": str(report.as_of), "edition": 1, "digest": report.digest}
    ]
    assert (told["key"], told["address"]) == (KEY(), ADDRESS)
    page = told["files"]["index.html"]
    assert page["headers"]["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in page["headers"]["Content-Security-Policy"]
    assert page["made_from"].startswith('W/"')


def test_nothing_changed_touches_nothing(site: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in site.rglob("*")}
    outcome = export_to(site)
    assert outcome.manifest is None
    assert outcome.rendered <= 5  # what the live site gives no ETag
    assert {path: path.lstat().st_mtime_ns for path in site.rglob("*") if path != site} == {
        path: time for path, time in before.items() if path != site
    }


def test_a_damaged_file_is_made_anew(site: Path) -> None:
    good = (site / "current/index.html").read_bytes()
    (site / "current/index.html").write_bytes(b"damaged")
    with pytest.raises(CommandError, match=r"目録と違うか、ないファイル 1 件（index\.html）"):
        call_command("verify_site", str(site))
    assert export_to(site).manifest
    assert (site / "current/index.html").read_bytes() == good
    out = StringIO()
    call_command("verify_site", str(site), key=KEY(), stdout=out)
    assert "すべて署名のとおり" in out.getvalue()
    with pytest.raises(CommandError, match="署名が公開鍵と合いません"):
        call_command("verify_site", str(site), key="58" + "00" * 31)


def test_a_new_report_is_a_difference_that_the_other_side_applies(
    site: Path, report: Report, tmp_path: Path
) -> None:
    other, package = tmp_path / "other", tmp_path / "difference.zip"
    apply_site.apply(site / "current", other, KEY())
    with override_settings(STATE_DIR=tmp_path):  # where the export for packing is kept: the site, here
        same = StringIO()
        options = {"since": other / "current/manifest.json", "address": ADDRESS}
        told = StringIO()
        call_command("export_site", str(package), stdout=same, stderr=told, **options)
        assert told.getvalue() == ""  # the address is known
        with override_settings(ALLOWED_HOSTS=["localhost"]):
            call_command("export_site", str(tmp_path / "other.zip"), stdout=StringIO(), stderr=told)
        assert "公開サイトのアドレスが決まっていない" in told.getvalue()
        assert "違うファイルはありません" in same.getvalue()
        assert not package.exists()
        copy_report(report, as_of=report.as_of.replace(year=report.as_of.year + 1))
        out = StringIO()
        call_command("export_site", str(package), stdout=out, **options)
    assert "差分" in out.getvalue()
    assert package.stat().st_mode & 0o777 == 0o600
    edition = f"_{report.as_of}_e1"  # its files stay what they were
    assert [name for name in zipfile.ZipFile(package).namelist() if edition in name] == []
    manifest = apply_site.apply(package, other, KEY())
    assert manifest
    assert len(manifest.told["reports"]) == 2
    for name in manifest.files:
        assert (other / "current" / name).read_bytes() == (site / "current" / name).read_bytes()


def test_an_address_that_has_moved_is_a_page_that_leads_on(tmp_path: Path) -> None:
    class Moved(Site):
        def ask(self, path: str, known: str = "") -> LiveAnswer:
            target = "https://elsewhere.example/" if path == "/away/" else "/2021/pledges/2/?a=1&b=2"
            return LiveAnswer(301, {"Location": target, "X-Frame-Options": "DENY"}, b"")

    writer = FileWriter(Moved(ADDRESS), tmp_path, None, {})
    made = writer.write("/2021/pledges/1/")
    record = made.files["2021/pledges/1/index.html"]
    assert (record["status"], record["moved_to"]) == (301, "/2021/pledges/2/?a=1&b=2")
    assert record["headers"] == {"X-Frame-Options": "DENY"}
    assert (
        'content="0; url=/2021/pledges/2/?a=1&amp;b=2"'
        in (tmp_path / "2021/pledges/1/index.html").read_text()
    )
    assert writer.write("/favicon.ico").files == {}
    with pytest.raises(apply_site.SiteProblem, match="--address"):
        writer.write("/away/")


def test_links_are_found_in_every_kind_of_file() -> None:
    at = ("https://a.example", "/2021/x/")
    page = b'<a href="/one/?q=1#top"><img src="/two.png"><meta content="https://a.example/three">'
    other = (
        b'<a href="https://b.example/four"><a href="mailto:x@a.example"><a href="/staff/"><a href="#here">'
    )
    assert links("text/html; charset=utf-8", *at, page + other) == {"/one/", "/two.png", "/three"}
    assert links("text/css", *at, b"a{background:url('y.svg')}") == {"/2021/x/y.svg"}
    assert links("application/ld+json", *at, b'{"@id": "/2021/data/#all"}') == {"/2021/data/"}
    assert links("application/xml", *at, b"<loc>https://a.example/five/</loc>") == {"/five/"}
    assert links("application/json", *at, b'{"text": "/no"}') == set()


def test_only_the_pages_that_watch_the_server_and_the_staff_site_are_left_out() -> None:
    """A manifesto may be called `livez-2029`."""
    paths = (
        "/livez",
        "/readyz",
        "/staff/",
        "/staff/login/",
        "/livez-2029/",
        "/readyz2/pledges/",
        "/staff-2/",
    )
    assert [path for path in paths if is_exported(path)] == ["/livez-2029/", "/readyz2/pledges/", "/staff-2/"]


def test_assets_that_are_not_collected_are_told(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(name: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {name!r}")

    monkeypatch.setattr("tracker.storage.staticfiles_storage.url", lacking)
    with pytest.raises(CommandError, match="collectstatic --noinput"):
        call_command("export_site", str(tmp_path / "site"), address=ADDRESS, stdout=StringIO())
    assert not (tmp_path / "site").exists()


def test_what_is_published_meanwhile_is_told(
    site: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two states are never shown together."""
    states = iter(range(100))
    monkeypatch.setattr(exporting, "state_of", lambda _rows: next(states))
    monkeypatch.setattr(exporting, "TRIES", 1)
    with pytest.raises(apply_site.SiteProblem, match="書き出すあいだに公表が続いた"):
        export_to(site)
    assert sorted(path.name for path in site.iterdir()) == [".lock", "current", "releases"]


def test_an_address_that_the_site_does_not_know_is_told(
    db: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CommandError, match=r"ALLOWED_HOSTS に https://elsewhere\.example"):
        call_command(
            "export_site", str(tmp_path / "site"), address="https://elsewhere.example", stdout=StringIO()
        )
    assert not (tmp_path / "site/current").exists()
    assert caplog.records == []  # the words are enough


def test_all_processes_write_and_each_address_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    paths, by = [f"/{number}/" for number in range(50)], defaultdict[int, int](int)

    class Writer:
        def write(self, path: str) -> Made:
            by[get_ident()] += 1
            return Made(path, 200)

    monkeypatch.setattr(exporting, "_writers", [Writer()])
    with ThreadPoolExecutor(1) as pool:
        made = [each.path for each in exporting._shared(pool, 1, paths)]
    assert sorted(made) == sorted(paths)
    assert (len(by), sum(by.values())) == (2, 50)


def test_a_difference_needs_the_name_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"\.zip で終わる"):
        call_command("export_site", str(tmp_path / "site"), since=tmp_path / "manifest.json")


def test_two_packages_at_once_take_turns(site: Path, tmp_path: Path) -> None:
    """Until one is packed, nobody else exports into the folder that it is packed from."""
    with override_settings(STATE_DIR=tmp_path):
        with apply_site.Releases(site).turn(), pytest.raises(CommandError, match="ほかの命令が書いています"):
            call_command("export_site", str(tmp_path / "x.zip"), address=ADDRESS, stdout=StringIO())
        assert not (tmp_path / "x.zip").exists()
        seen = []

        def pack(*_given: object) -> int:
            with pytest.raises(CommandError, match="ほかの命令が書いています"):
                call_command("export_site", str(tmp_path / "y.zip"), address=ADDRESS, stdout=StringIO())
            seen.append("refused")
            return 0

        with patch.object(packing, "pack", pack):
            call_command("export_site", str(tmp_path / "x.zip"), address=ADDRESS, stdout=StringIO())
    assert seen == ["refused"]

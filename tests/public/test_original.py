"""The original as a file: only what a published report names, never shown by the browser itself."""

from datetime import date
from hashlib import sha256

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.public.building import make_entry, save_report
from tests.public.conftest import Site
from tracker.models import OriginalFile
from tracker.models.original_files import stored
from tracker.models.publication import let_go
from tracker.reports.verifying import Verification

pytestmark = pytest.mark.django_db
PDF, OTHER = (f"%PDF-1.7\n<script>alert({n})</script>\n%%EOF\n".encode() for n in (1, 2))


def about(content: bytes) -> dict[str, object]:
    file = stored("manifesto.pdf", content, "企画")
    return {"original_sha256": file.sha256, "original_size": file.size}


def test_the_file_of_each_report_stays_and_no_other_is_to_be_had(site: Site) -> None:
    save_report([make_entry(1)], about=about(PDF))
    save_report([make_entry(1)], about=about(OTHER), as_of=date(2025, 3, 31))
    (link,) = [a for a in site.page("/2017/").all("a") if "/original/" in a.attributes["href"]]
    assert link.text == f"マニフェストの原本（PDF、{len(OTHER)} バイト）"
    answer = site.get(link.attributes["href"])
    assert (answer.content, answer["Content-Type"]) == (OTHER, "application/pdf")
    assert answer["Content-Disposition"].startswith('attachment; filename="102041_manifesto-original_')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    contents = PDF, b"%PDF-3%%EOF"
    names = [f"102041_manifesto-original_{sha256(each).hexdigest()[:16]}.pdf" for each in contents]
    stored("draft.pdf", contents[1], "企画")  # of a manifesto that is not published yet
    assert [site.get(f"/2017/original/{name}").status_code for name in names] == [200, 404]
    assert site.get("/2017/original/102041_manifesto-original_.pdf").status_code == 404


def test_a_city_without_a_code_has_none_in_the_name(site: Site, settings: Settings) -> None:
    cache.clear()
    settings.CITY_NAME, settings.CITY_CODE = "前橋市", ""
    save_report([make_entry(1)], about=about(PDF))
    address = f"/2017/original/manifesto-original_{sha256(PDF).hexdigest()[:16]}.pdf"
    assert f'href="{address}"' in site.get("/2017/").content.decode()
    assert site.get(address).content == PDF
    cache.clear()


def test_a_report_without_a_file_offers_none(site: Site) -> None:
    save_report([make_entry(1)])
    assert "公約の原本" not in site.page("/2017/").text
    assert site.get("/2017/original/102041_manifesto-original_.pdf").status_code == 404


def test_what_a_report_names_is_not_let_go_of_and_is_verified() -> None:
    report = save_report([make_entry(1)], about=about(PDF))
    about(OTHER)
    for file in OriginalFile.objects.all():
        let_go(file)
    (kept,) = OriginalFile.objects.all()
    assert kept.sha256 == report.about["original_sha256"]
    OriginalFile.objects.update(content=OTHER)
    assert "マニフェストの原本のファイルが、公表したときのものと違います" in why_not()
    OriginalFile.objects.all().delete()
    assert "マニフェストの原本のファイルが、ありません" in why_not()


def why_not() -> list[str]:
    found = Verification()
    found.run()
    return [each.why for each in found.problems]

"""The planning office gives a manifesto its original as a PDF, which the next report names."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.reports.test_drafting import published
from tests.staff.master.browsing import page, refused, save
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import Event, Manifesto, OriginalFile
from tracker.models.original_files import MOST_BYTES
from tracker.reports.drafting import draft
from tracker.reports.publishing import publish

pytestmark = pytest.mark.django_db
PDF, OTHER = b"%PDF-1.7\none\n%%EOF\n", b"%PDF-1.7\nother\n%%EOF\n"


def sent(client: Client, space: Workspace, content: bytes, name: str = "manifesto.pdf") -> str:
    """Why a file is refused; "" where it is taken."""
    address = page(Manifesto, "change", space.manifesto.pk)
    file = SimpleUploadedFile(name, content, "application/pdf")
    if OriginalFile.objects.count() or content in (PDF, OTHER):
        save(client, address, original_pdf=file)
        return ""
    return refused(client, address, original_pdf=file)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>%PDF-1.7 %%EOF", "PDF ではないか、途中で切れています。"),
        (b"%PDF-1.7\n", "PDF ではないか、途中で切れています。"),
        (b"%PDF-" + b" " * MOST_BYTES, "ファイルが大きすぎます。10 MB までの PDF にしてください。"),
    ],
)
def test_what_is_no_pdf_is_refused_whatever_it_is_called(space: Workspace, content: bytes, why: str) -> None:
    assert why in sent(logged_in(space.cast.planner), space, content)
    assert OriginalFile.objects.count() == 0


def test_a_file_is_kept_told_in_the_history_and_named_by_the_next_report(space: Workspace) -> None:
    client, address = logged_in(space.cast.planner), page(Manifesto, "change", space.manifesto.pk)
    sent(client, space, PDF)
    (first,) = OriginalFile.objects.all()
    assert (bytes(first.content), first.size, first.name) == (PDF, len(PDF), "manifesto.pdf")
    assert first.sha256 in str(Event.objects.latest("number").content)
    assert f"いまのファイル：manifesto.pdf（{len(PDF)} バイト）" in client.get(address).content.decode()
    sent(client, space, PDF, "令和3年マニフェスト.pdf")
    assert "いまのファイル：令和3年マニフェスト.pdf（" in client.get(address).content.decode()
    told = Event.objects.latest("number").content["changes"]["original"]
    assert [each.partition("（")[0] for each in told] == ["manifesto.pdf", "令和3年マニフェスト.pdf"]
    sent(client, space, OTHER)
    (second,) = OriginalFile.objects.all()  # the first was nobody's any more
    report = published(space)
    assert (report.about["original_sha256"], report.about["original_size"]) == (second.sha256, second.size)
    save(client, address, drop_original="on")
    assert Manifesto.objects.get(pk=space.manifesto.pk).original is None
    assert OriginalFile.objects.get() == second
    assert "いまの原本のファイルを外す" not in client.get(address).content.decode()
    assert publish(space.round, by="企画")[1] is False  # taken over where it is picked only
    (change,) = [each for each in draft(space.round).changes if each.what == "マニフェストの説明"]
    assert f"原本のファイル「manifesto.pdf」（SHA-256 {second.sha256[:8]}…）" in change.before

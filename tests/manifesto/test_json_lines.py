"""The log as lines of JSON: where and what, nothing that people typed."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote, unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from manifesto.json_lines import JsonLines
from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import sheet_of
from tests.staff.entry.test_entry import answers
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.cycle import workflow
from tracker.models import YearlyAction

NAME, SECRET, ADDRESS = "hanako.yamada", "himitsu-no-kotoba", "203.0.113.77"
TYPED = "・花子さんの家の前の道を直しました。"


def test_a_line_has_neither_names_nor_typed_text() -> None:
    try:
        raise ValueError("市民 花子 TYPED")
    except ValueError:
        information = sys.exc_info()
    record = logging.LogRecord(
        "axes", logging.WARNING, __file__, 1, "Locked out %s", ("hanako",), information
    )
    record.request = RequestFactory().get("/staff/?q=TYPED")
    record.status_code = 500
    line = JsonLines().format(record)
    told = json.loads(line)
    assert (told["message"], told["path"], told["status"]) == ("Locked out %s", "/staff/", 500)
    assert (told["error"], told["at"][0].split()[-1]) == (
        "ValueError",
        "test_a_line_has_neither_names_nor_typed_text",
    )
    assert not any(word in line for word in ("hanako", "花子", "TYPED", "\n"))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the whole program logs meanwhile, down to the least."""
    out = io.StringIO()
    handler, root = logging.StreamHandler(out), logging.getLogger()
    handler.setFormatter(JsonLines())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_day_s_work_leaves_no_name_and_no_typed_text(
    space: Workspace, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logins, saves, sheets and errors, each with what must not be in the log."""
    visitor = Client(raise_request_exception=False, REMOTE_ADDR=ADDRESS)
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    clerk.raise_request_exception = False
    form = {"username": NAME, "password": SECRET}
    for _time in range(settings.AXES_FAILURE_LIMIT + 1):
        visitor.post("/staff/login/", form)
    Client(enforce_csrf_checks=True, REMOTE_ADDR=ADDRESS).post("/staff/login/", form)
    assert clerk.post(f"/staff/actions/{row.pk}/", answers(row, result=TYPED)).status_code == 302
    for content in (b"TYPED", filled(sheet_of(space, space.cast.clerk), {row.pk: {"result": TYPED}})):
        file = SimpleUploadedFile(f"{NAME}.xlsx", content)
        clerk.post(f"/staff/rounds/{space.round.pk}/sheets/", {"file": file, "submits": "no"})
    visitor.get(f"/{quote(TYPED)}/", {"q": TYPED})
    visitor.get("/staff/", headers={"host": f"{NAME}.example"})

    def fail(*_given: object, **_named: object) -> None:
        raise ValueError(f"{NAME} {TYPED}")

    monkeypatch.setattr(workflow, "save", fail)
    later = YearlyAction.objects.get(pk=row.pk)
    assert clerk.post(f"/staff/actions/{row.pk}/", answers(later, result=TYPED * 2)).status_code == 500
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {each["status"] for each in told if "status" in each} >= {400, 403, 404, 500}
    assert any(each.get("error") == "ValueError" for each in told)
    assert any(each["logger"].startswith("axes") for each in told)
    whole = unquote(lines.getvalue())
    assert [word for word in (NAME, SECRET, TYPED, "TYPED", ADDRESS) if word in whole] == []

"""Import and export as a browser does them."""

import csv
import io
import re
from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from tests.staff.master.browsing import page
from tracker.models import Category, Department, Initiative, PlanProject, Pledge
from tracker.staff.master.resources import MasterImport

EXCHANGED = (Category, Pledge, PlanProject, Department, Initiative)


def export(client: Client, model: type[Model], suffix: str = "csv") -> bytes:
    response = client.get(page(model, "export"), {"format": suffix})
    assert response.status_code == 200
    return response.content


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def upload(client: Client, model: type[Model], content: bytes) -> HttpResponse:
    response: HttpResponse = client.post(
        page(model, "import"), {"file": SimpleUploadedFile("x.bin", content)}
    )
    return response


def outcome_of(response: HttpResponse) -> MasterImport:
    outcome: MasterImport = response.context["outcome"]  # type: ignore[attr-defined]
    return outcome


def packed(response: HttpResponse) -> str:
    match = re.search(r'name="rows" value="([^"]+)"', response.content.decode())
    assert match, response.content.decode()
    return match[1]


def confirm(client: Client, model: type[Model], response: HttpResponse) -> HttpResponse:
    answer: HttpResponse = client.post(page(model, "import"), {"rows": packed(response)})
    return answer


def errors_of(response: HttpResponse) -> list[tuple[int, str, str]]:
    assert response.status_code == 400
    return outcome_of(response).errors

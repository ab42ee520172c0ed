"""Workbooks whose headings stand in two rows, and a person who reads them in the browser."""

import html
import re
from collections.abc import Iterable
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from tests.published_tables.file.writing import book_bytes
from tracker.models import TableUpload
from tracker.words.fiscal_years import date_label, short_label

ROWS = (
    ("まち", "みち", "道を広げます", "・測りました。", "・広げました。", "A", "土木課", "急ぐ"),
    ("まち", "みち", "橋を直します", "・調べました。", "・直しました。", "B", "土木課", ""),
    ("くらし", "みず", "水を守ります", "・配りました。", "・替えました。", "C", "水道課", ""),
)
DASHED = ("role_", "first_", "last_", *(f"scale_{number}_" for number in range(9)))
STEPS = ("A：達成", "B：順調", "C：遅れ")
TOTAL = ("合計", "", "3", "", "", "", "", "")


def two_row_book(
    year: int = 2023,
    rows: Iterable[Iterable[str]] = ROWS,
    *,
    total: bool = True,
    steps: Iterable[str] = STEPS,
    figures: Iterable[Iterable[str]] = (),
) -> bytes:
    """A table of a year: 「だれが」 is no heading that the program knows. `figures`: the rows' indicators."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "公約"
    sheet.append([f"試験市長公約の進捗状況（{date_label(date(year + 1, 3, 31))}）"])
    for line in ("<進捗状況>", *steps):
        sheet.append([line])
    sheet.append(["分野", "項目", "公約", "取組", None, "評価", "だれが", "備考"])
    sheet.append([None, None, None, short_label(year - 1), short_label(year), None, None, None])
    for letter in "ABCFGH":
        sheet.merge_cells(f"{letter}6:{letter}7")
    sheet.merge_cells("D6:E6")
    if measured := list(figures):
        for column, heading in enumerate(("指標", "単位", "目標値", "実績値"), start=9):
            sheet.cell(6, column, heading)
        sheet["K7"] = sheet["L7"] = short_label(year)
        sheet.merge_cells("I6:I7")
        sheet.merge_cells("J6:J7")
        rows = [[*row, *more] for row, more in zip(rows, measured, strict=True)]
    for row in [*rows, *([TOTAL] if total else [])]:
        sheet.append([cell or None for cell in row])
    return book_bytes(book)


def send_file(client: Client, content: bytes, name: str = "公約.xlsx") -> HttpResponse:
    """The answer to an uploaded file."""
    answer: HttpResponse = client.post(
        reverse("staff-load-table"), {"file": SimpleUploadedFile(name, content)}
    )
    return answer


def uploaded(client: Client, content: bytes, name: str = "公約.xlsx") -> TableUpload:
    """What was kept of a file that was taken."""
    assert send_file(client, content, name).status_code == 302
    return TableUpload.objects.latest("pk")


def address(upload: TableUpload, name: str = "reading", **query: int) -> str:
    return reverse(f"staff-load-table-{name}", args=[upload.key], query=query or None)


def fields_of(page: HttpResponse) -> dict[str, list[str]]:
    """What a browser would send of the page's form, as it is shown."""
    source = page.content.decode()
    form = re.search(r'<form method="post" id="reading".*?</form>', source, re.DOTALL)
    assert form is not None
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        told = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if told.get("type") not in {"checkbox", "radio"} or " checked" in tag:
            found.setdefault(told["name"], []).append(html.unescape(told.get("value", "")))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = [html.unescape(chosen[1])] if chosen else [""]
    found.pop("csrfmiddlewaretoken", None)
    return found


def choose(
    client: Client, upload: TableUpload, act: str = "reread", **chosen: str | list[str]
) -> HttpResponse:
    """The answer to the page's form, with some fields chosen otherwise (`_` stands for `-` in a name)."""
    fields = fields_of(client.get(address(upload)))
    for name, value in chosen.items():
        fields[name.replace("_", "-") if name.startswith(DASHED) else name] = (
            value if isinstance(value, list) else [value]
        )
    answer: HttpResponse = client.post(address(upload), {**fields, "act": act})
    return answer


def read_as_it_is(client: Client, content: bytes) -> TableUpload:
    """An upload whose column 「だれが」 was chosen as the department."""
    upload = uploaded(client, content)
    assert choose(client, upload, role_0_G="department").status_code == 302
    return upload


def load(client: Client, upload: TableUpload, **chosen: str) -> HttpResponse:
    """The answer to the button that loads, as its page offers it."""
    page = client.get(address(upload, "check"))
    source = page.content.decode()
    form = re.findall(r"<form.*?</form>", source, re.DOTALL)[-1]
    hidden = dict(
        re.findall(r'<input type="hidden" name="(expected|into|slug|end_missing)" value="([^"]*)"', form)
    )
    answer: HttpResponse = client.post(address(upload, "check"), {"act": "load", **hidden, **chosen})
    return answer

"""An uploaded sheet's page as a browser has it, and what a clerk uploads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client
from openpyxl.utils import get_column_letter

from tests.entry_sheets.filling import Filled, filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.public.markup import Element, parse
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.entry_sheets import applying, planning
from tracker.models import Initiative, SheetBatch, User, YearlyAction

COMPLETE = {"result": "・会議を開きました。", "rating": "B おおむね達成", "plan": "・工事を始めます。"}


def address(batch: SheetBatch, rest: str = "") -> str:
    return f"/staff/sheets/{batch.key}/{rest}"


def taken_in(
    space: Workspace,
    answers: Mapping[int, Mapping[str, Any]],
    *,
    by: User | None = None,
    sheet: bytes = b"",
    submits: bool = False,
) -> SheetBatch:
    """The clerk's sheet with answers, by the rows' numbers, uploaded."""
    user = by or space.cast.clerk
    content = filled(
        sheet or sheet_of(space, user), {space.row(number).pk: values for number, values in answers.items()}
    )
    return received(space, content, user, submits=submits, name="入力シート.xlsx")


@dataclass
class Preview:
    """A batch's page as its owner's browser has it."""

    client: Client
    path: str
    response: Any

    @classmethod
    def of(cls, space: Workspace, batch: SheetBatch, query: str = "", name: str = "clerk") -> "Preview":
        client = logged_in(getattr(space.cast, name))
        path = address(batch) + query
        return cls(client, path, client.get(path))

    @property
    def page(self) -> Element:
        return parse(self.response.content.decode())

    @property
    def problem(self) -> str:
        return self.page.one("div", role="alert").one("p").text

    @property
    def tally(self) -> dict[str, str]:
        each = self.page.one("dl", "tally").all("div")
        return {pair.one("dt").text: pair.one("dd").text for pair in each}

    @property
    def rows(self) -> dict[str, Element]:
        """The rows that are shown, by where they stand in the file."""
        places = ((row.one("p", "entry-place").text, row) for row in self.page.all("div", "sheet-row"))
        return {text[: text.index("行目") + 2]: row for text, row in places}

    @property
    def filters(self) -> dict[str, str]:
        buttons = self.page.one("nav", "sheet-filters").all("button")
        return {button.attributes["value"]: button.text for button in buttons}

    def form(self) -> dict[str, str]:
        """What the page's form sends as it stands."""
        fields = {}
        for each in self.page.one("form", id="choices").all("input"):
            kind, name = each.attributes.get("type", "text"), each.attributes["name"]
            if kind == "hidden" or "checked" in each.attributes:
                fields[name] = each.attributes.get("value", "on")
        return fields

    def press(
        self,
        act: str,
        picked: Mapping[str, str] | None = None,
        *,
        without: tuple[str, ...] = (),
        **fields: str,
    ) -> "Preview":
        """The page after a button; a redirect is followed by `follow`."""
        wanted = {**self.form(), **(picked or {}), **fields}
        sent = {name: value for name, value in wanted.items() if name not in without}
        self.response = self.client.post(self.path, {**sent, "act": act})
        return self

    def follow(self) -> "Preview":
        assert self.response.status_code == 302
        self.path = self.response.headers["Location"]
        self.response = self.client.get(self.path)
        return self


def cells(row: Element) -> dict[str, tuple[str, str]]:
    """By heading the address and the outcome of a row's cells."""
    found = {}
    for cell in row.all("div", "sheet-cell"):
        heading = cell.one("h3")
        spans = [heading.one("span", "sub").text, heading.one("span", "outcome").text]
        found[heading.text.removesuffix(spans[1]).removesuffix(spans[0])] = (spans[0], spans[1])
    return found


def cell(space: Workspace, number: int, name: str) -> str:
    """The address of a cell in the clerk's sheet: セル K6."""
    sheet, row, columns = Filled(sheet_of(space, space.cast.clerk)).place(space.row(number).pk)
    assert sheet.title == "土木課"
    return f"セル {get_column_letter(columns[name])}{row}"


def line(space: Workspace, number: int) -> str:
    _sheet, row, _columns = Filled(sheet_of(space, space.cast.clerk)).place(space.row(number).pk)
    return f"シート「土木課」{row} 行目"


RESULT, RATING, REASON, PLAN = "令和6年度の主な取組", "実施状況", "評価を変えた理由", "令和7年度の取組予定"


def last_batch() -> SheetBatch:
    return SheetBatch.objects.latest("pk")


def with_strange_rows(space: Workspace) -> bytes:
    """Row 1 with the id of a foreign row, row 3 twice, and a column of one's own."""
    opened = Filled(filled(sheet_of(space, space.cast.clerk), {space.row(3).pk: {"result": "・道"}}))
    sheet, third, columns = opened.place(space.row(3).pk)
    for column in columns.values():
        sheet.cell(third + 1, column).value = sheet.cell(third, column).value
    _sheet, first, _columns = opened.place(space.row(1).pk)
    sheet.cell(first, columns["id"]).value = space.row(2).pk
    sheet.cell(first, columns["result"]).value = "・よその課"
    header, _columns = opened.header(sheet)
    sheet.cell(header, max(columns.values()) + 1).value = "メモ"
    return opened.bytes()


def in_conflict(space: Workspace, **answers: str) -> SheetBatch:
    """The colleague saved by the form what the clerk wrote into the sheet."""
    sheet = sheet_of(space, space.cast.clerk)
    fill(space.row(1), space.cast.colleague, result="・会議", rating_id=space.ratings["B"].pk)
    return taken_in(space, {1: {"result": "・駅", **answers}, 3: {"result": "・道"}}, sheet=sheet)


def rows_added(space: Workspace, count: int) -> list[YearlyAction]:
    """Further rows in the round, without a department."""
    pledge = space.row(1).initiative.pledge
    initiatives = Initiative.objects.bulk_create(
        Initiative(pledge=pledge, position=position, first_fiscal_year=2024)
        for position in range(5, 5 + count)
    )
    return YearlyAction.objects.bulk_create(
        YearlyAction(initiative=each, round=space.round) for each in initiatives
    )


def applied(
    space: Workspace, answers: Mapping[int, Mapping[str, Any]], *, submits: bool = False
) -> SheetBatch:
    batch = taken_in(space, answers, submits=submits)
    applying.confirm(batch, by=space.cast.clerk, seen=planning.plan_of(batch, space.cast.clerk).digest)
    return SheetBatch.objects.get(pk=batch.pk)

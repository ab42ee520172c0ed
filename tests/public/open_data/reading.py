"""The open data as a stranger reads it: from the files' bytes, with csv, openpyxl and json, knowing only what
they say.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import openpyxl
from django.test import Client

TABLES = (
    *("initiatives", "actions", "pledges", "rating_history", "initiative_departments", "initiative_sdgs"),
    *("initiative_plan_projects", "ratings", "categories", "departments", "sdgs"),
    *("definitions", "allowed_values", "column_changes", "rewritten_characters", "cp932_replacements"),
)
ENDINGS = (".csv", "_cp932.csv", ".xlsx", ".json")
ENDINGS_OF_ALL = (".xlsx", ".zip", ".json", "_cp932.zip")


def file_name(content: str, ending: str, day: str = "2024-03-31", edition: int = 1) -> str:
    return f"102041_manifesto-{content.replace('_', '-')}_{day}_e{edition}{ending}"


@dataclass
class Copy:
    """A table as one format tells it."""

    header: list[str]
    rows: list[dict[str, Any]]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


class Raw(dict[tuple[str, str], bytes]):
    """The files' bytes by content and ending, each downloaded when first asked for."""

    def __init__(self, slug: str, day: str, edition: int) -> None:
        super().__init__()
        self.slug, self.day, self.edition = slug, day, edition

    def __missing__(self, which: tuple[str, str]) -> bytes:
        answer = Client().get(f"/{self.slug}/data/{file_name(*which, self.day, self.edition)}")
        assert answer.status_code == 200, which
        self[which] = answer.content
        return answer.content


class Copies(dict[str, Copy]):
    """The copies of one format by table, each read when first asked for."""

    def __init__(self, read: Callable[[str], Copy]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, table: str) -> Copy:
        self[table] = self.read(table)
        return self[table]

    def items(self) -> Any:
        return [(table, self[table]) for table in TABLES]


class Downloaded:
    """The files of one edition. Values of CSV are text, or None where the cell is empty."""

    def __init__(self, slug: str, day: str = "2024-03-31", edition: int = 1) -> None:
        self.raw = Raw(slug, day, edition)
        self.csv, self.cp932 = Copies(self._csv), Copies(lambda table: self._csv(table, "_cp932.csv"))
        self.json, self.excel = Copies(self._json), Copies(self._excel)

    def download(self) -> "Downloaded":
        """Every file at once, for the time after the database has forgotten the report."""
        for which in [(t, ending) for t in TABLES for ending in ENDINGS] + [
            ("all", ending) for ending in ENDINGS_OF_ALL
        ]:
            self.raw[which]
        return self

    def text(self, table: str, ending: str = ".csv") -> str:
        """A CSV file's text."""
        return self.raw[table, ending].decode("cp932" if "cp932" in ending else "utf-8-sig")

    def lines(self, table: str, ending: str = ".csv") -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.text(table, ending), newline="")))

    def _csv(self, table: str, ending: str = ".csv") -> Copy:
        header, *lines = self.lines(table, ending)
        return Copy(header, [{n: v or None for n, v in zip(header, line, strict=True)} for line in lines])

    def _json(self, table: str) -> Copy:
        content = json.loads(self.raw[table, ".json"])
        return Copy([column["name"] for column in content["columns"]], content["rows"])

    @cached_property
    def books(self) -> dict[str, Any]:
        return {table: openpyxl.load_workbook(io.BytesIO(self.raw[table, ".xlsx"])) for table in TABLES}

    @cached_property
    def sheets(self) -> dict[str, Any]:
        """The only sheet of each table's workbook."""
        return {table: book.worksheets[0] for table, book in self.books.items()}

    def _excel(self, table: str) -> Copy:
        header, *rows = (
            openpyxl.load_workbook(io.BytesIO(self.raw[table, ".xlsx"]))
            .worksheets[0]
            .iter_rows(values_only=True)
        )
        return Copy(list(header), [dict(zip(header, row, strict=True)) for row in rows])

    @property
    def formats(self) -> dict[str, Copies]:
        return {"csv": self.csv, "cp932": self.cp932, "excel": self.excel, "json": self.json}

    @cached_property
    def definitions(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What the data say of each column themselves: by table and column name."""
        return {(row["table_name"], row["column_name"]): row for row in self.json["definitions"].rows}

    @cached_property
    def allowed(self) -> dict[tuple[str, str], set[str]]:
        """The values of the columns that are choices."""
        found: dict[tuple[str, str], set[str]] = {}
        for row in self.json["allowed_values"].rows:
            found.setdefault((row["table_name"], row["column_name"]), set()).add(row["allowed_value"])
        return found

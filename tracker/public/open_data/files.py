"""The open data's files: how they are named, which there are, and what is in them."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from tracker.public.open_data import writing
from tracker.public.open_data.table import Material
from tracker.public.open_data.tables import BY_NAME, TABLES
from tracker.workbooks.bytes import CONTENT_TYPE

ALL = "all"


@dataclass(frozen=True)
class Format:
    """A kind of file: what its names end with, and what it is called."""

    ending: str
    title: str
    content_type: str

    @property
    def media_type(self) -> str:
        return self.content_type.split(";")[0]


CSV = Format(".csv", "CSV", "text/csv; charset=utf-8")
CP932 = Format("_cp932.csv", "CSV（Shift_JIS）", "text/csv; charset=windows-31j")
EXCEL = Format(".xlsx", "Excel", CONTENT_TYPE)
JSON = Format(".json", "JSON", "application/json; charset=utf-8")
ZIP = Format(".zip", "CSV（ZIP）", "application/zip")
CP932_ZIP = Format("_cp932.zip", "CSV（Shift_JIS、ZIP）", "application/zip")
OF_TABLE, OF_ALL = (EXCEL, CSV, JSON, CP932), (EXCEL, ZIP, JSON, CP932_ZIP)
NAME = re.compile(
    r"(?P<code>[0-9]{6})_manifesto-(?P<content>[a-z0-9-]+)_(?P<as_of>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"_e(?P<edition>[1-9][0-9]{0,3})(?P<ending>(?:_cp932)?\.[a-z]+)"
)


@dataclass(frozen=True)
class DataFile:
    """One file of one edition. `content` is a table's name, or "all"."""

    content: str
    as_of: date
    edition: int
    format: Format

    @property
    def name(self) -> str:
        """ASCII, with municipality code, content, date and edition."""
        content = self.content.replace("_", "-")
        return f"{settings.CITY_CODE}_manifesto-{content}_{self.as_of.isoformat()}_e{self.edition}{self.format.ending}"


def formats_of(content: str) -> tuple[Format, ...]:
    """The formats that a table, or all of them together, can be had in."""
    return OF_ALL if content == ALL else OF_TABLE


def parse(name: str) -> DataFile | None:
    """The file that a name stands for, or None for any other name."""
    match = NAME.fullmatch(name)
    content = match["content"].replace("-", "_") if match else ""
    if not match or match["code"] != settings.CITY_CODE or content not in {ALL, *BY_NAME}:
        return None
    format = next((each for each in formats_of(content) if each.ending == match["ending"]), None)
    try:
        return (
            DataFile(content, date.fromisoformat(match["as_of"]), int(match["edition"]), format)
            if format
            else None
        )
    except ValueError:  # no such day
        return None


def write(file: DataFile, material: Material) -> bytes:
    """A file's bytes."""
    if file.format in {ZIP, CP932_ZIP}:
        return _zip(file, material)
    tables = TABLES if file.content == ALL else (BY_NAME[file.content],)
    if file.format == EXCEL:
        return writing.as_workbook(tables, material)
    if file.content == ALL:
        return writing.all_as_json(tables, material)
    write_table = {CSV: writing.as_csv, CP932: writing.as_cp932, JSON: writing.as_json}[file.format]
    return write_table(tables[0], material)


def _zip(file: DataFile, material: Material) -> bytes:
    """All tables as CSV, under their own names and without the time of packing."""
    out, format = io.BytesIO(), CSV if file.format == ZIP else CP932
    with zipfile.ZipFile(out, "w") as packed:
        for table in TABLES:
            own = DataFile(table.name, file.as_of, file.edition, format)
            packed.writestr(zipfile.ZipInfo(own.name), write(own, material), zipfile.ZIP_DEFLATED)
    return out.getvalue()

"""The open data's files: how they are named, which there are, and what is in them."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date

from tracker.public.open_data import writing
from tracker.public.open_data.summary import SUMMARY
from tracker.public.open_data.table import DataTable, EditionData
from tracker.public.open_data.tables import BY_NAME, summary_of
from tracker.public.published import Published
from tracker.words.codes import in_file_name
from tracker.workbooks.bytes import CONTENT_TYPE

ALL_TABLES = "all"


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
    r"(?:(?P<code>[0-9]{6})_)?manifesto-(?P<content>[a-z0-9-]+)_(?P<as_of>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"_e(?P<edition>[1-9][0-9]{0,3})(?P<ending>(?:_cp932)?\.[a-z]+)"
)


OF_EDITION = re.compile(r"_([0-9]{4}-[0-9]{2}-[0-9]{2})_e([1-9][0-9]{0,3})[._]")


@dataclass(frozen=True)
class DataFile:
    """One file of one edition. `content` is a table's name, or "all"."""

    city_code: str
    content: str
    as_of: date
    edition: int
    format: Format

    @property
    def name(self) -> str:
        """ASCII, with municipality code, content, date and edition."""
        content = self.content.replace("_", "-")
        edition = f"{self.as_of.isoformat()}_e{self.edition}"
        return in_file_name(self.city_code) + f"manifesto-{content}_{edition}{self.format.ending}"


def formats_of(content: str) -> tuple[Format, ...]:
    """The formats that a table, or all of them together, can be had in."""
    return OF_ALL if content == ALL_TABLES else OF_TABLE


def file_named(name: str, city_code: str) -> DataFile | None:
    """The file of a city that a name stands for, or None for any other name."""
    match = NAME.fullmatch(name)
    content = match["content"].replace("-", "_") if match else ""
    if not match or (match["code"] or "") != city_code or content not in {ALL_TABLES, *BY_NAME}:
        return None
    try:
        as_of = date.fromisoformat(match["as_of"])
    except ValueError:  # no such day
        return None
    formats = [format for format in formats_of(content) if format.ending == match["ending"]]
    return DataFile(city_code, content, as_of, int(match["edition"]), formats[0]) if formats else None


def stood_with(rows: list[Published], path: str) -> list[Published]:
    """Those that stood when the edition was published whose file a path names: it is made of no others."""
    slug, told = path.strip("/").partition("/")[0], OF_EDITION.search(path)
    own = (
        row.pk
        for row in rows
        if told and (row.slug, str(row.as_of), str(row.edition)) == (slug, *told.groups())
    )
    if (last := next(own, None)) is None:
        return rows
    return [row for row in rows if row.pk <= last]


def content_of(file: DataFile, edition: EditionData) -> bytes:
    """A file's bytes."""
    if file.format in {ZIP, CP932_ZIP}:
        return _zip(file, edition)
    tables = [summary_of(edition)] if file.content == SUMMARY.name else _tables(file, edition)
    if file.format == EXCEL:
        return writing.as_workbook(tables, edition)
    if file.content == ALL_TABLES:
        return writing.all_as_json(tables, edition)
    write_table = {CSV: writing.as_csv, CP932: writing.as_cp932, JSON: writing.as_json}[file.format]
    return write_table(tables[0], edition)


def _tables(file: DataFile, edition: EditionData) -> list[DataTable]:
    return [table for table in edition.tables if file.content in {ALL_TABLES, table.name}]


def _zip(file: DataFile, edition: EditionData) -> bytes:
    """All tables as CSV, under their own names and without the time of packing."""
    out, format = io.BytesIO(), CSV if file.format == ZIP else CP932
    with zipfile.ZipFile(out, "w") as packed:
        for table in edition.tables:
            own = DataFile(file.city_code, table.name, file.as_of, file.edition, format)
            packed.writestr(zipfile.ZipInfo(own.name), content_of(own, edition), zipfile.ZIP_DEFLATED)
    return out.getvalue()

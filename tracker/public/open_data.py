"""Open data of a report: one table of initiatives (wide) and one of actions (long), as CSV, Excel and JSON.

By the government's 行政データにおける機械可読性に関するルール (2026-03-31): one header row of unique English names, one
value a cell, nothing merged or left out, blank is not zero, Gregorian years. A column table serves every format and
the definitions on the page. CSV and Excel write platform-dependent characters in plain ones (① as (1)); JSON keeps the
exact wording.
"""

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from tracker import continuations
from tracker.bullets import MARK, without_mark
from tracker.fiscal_years import short_label
from tracker.models import Report, ReportEntry

Value = str | int | None
MAX_CELL_CHARACTERS = 32_767  # of Excel
CUT = "…（続きは CSV か JSON にあります）"
NUMBERED_COLUMNS = 5  # department_1 … department_5 and so on; more only where an initiative has more


@dataclass(frozen=True)
class Line:
    """One line of an action's text, a row of the long table."""

    entry: ReportEntry
    kind: str
    fiscal_year: int
    is_cumulative: bool
    number: int
    text: str

    @property
    def type(self) -> str:
        return "bullet" if self.text.startswith(MARK) else "lead"

    @property
    def continues(self) -> continuations.Continuation | None:
        return continuations.in_line(self.text)


@dataclass(frozen=True)
class Column:
    """A column: its physical name, its meaning and unit in Japanese, and how a row gives its value."""

    name: str
    meaning: str
    type: str
    value: Callable[[Any], Value]


def _report_columns(report: Report) -> list[Column]:
    return [
        Column("municipality_code", "全国地方公共団体コード", "文字列", lambda _row: settings.CITY_CODE),
        Column("municipality_name", "地方公共団体名", "文字列", lambda _row: settings.CITY_NAME),
        Column("manifesto", "マニフェストの名前（アドレスの最初の部分）", "文字列", lambda _row: report.slug),
        Column("as_of", "時点（西暦の年月日）", "日付", lambda _row: report.as_of.isoformat()),
        Column("edition", "版。1 が最初の公表、2 以降は訂正", "整数", lambda _row: report.edition),
    ]


def _place_columns(entry: Callable[[Any], ReportEntry]) -> list[Column]:
    return [
        Column("initiative_key", "取組の番号（分野-項目-公約の順-取組の順）", "文字列", lambda row: entry(row).key),
        Column("category_number", "分野の番号", "整数", lambda row: entry(row).category_number),
        Column("category_name", "分野", "文字列", lambda row: entry(row).category_name),
        Column("section_number", "項目の番号", "整数", lambda row: entry(row).section_number),
        Column("section_name", "項目", "文字列", lambda row: entry(row).section_name),
        Column("pledge_position", "項目の中での公約の順", "整数", lambda row: int(entry(row).pledge_key.split("-")[2])),
        Column(
            "pledge_number",
            "公約に付いた番号（元の表の表記。欠番や重複がある）",
            "整数",
            lambda row: number_of(entry(row).pledge_number),
        ),
        Column("pledge_text", "公約", "文字列", lambda row: entry(row).pledge_text),
        Column("initiative_position", "公約の中での取組の順", "整数", lambda row: entry(row).initiative_position),
    ]


def initiative_columns(report: Report, entries: Sequence[ReportEntry]) -> list[Column]:
    """The wide table: a row per initiative."""
    ratings = {rating["code"]: rating for rating in report.ratings}
    columns = [
        *_report_columns(report),
        *_place_columns(lambda entry: entry),
        Column(
            "rating_status",
            "評価の有無（rated：評価あり、unrated：評価なし）",
            "文字列",
            lambda e: "rated" if e.rating_code else "unrated",
        ),
        Column("rating_code", "評価（実施状況）の記号。評価なしは空欄", "文字列", lambda e: e.rating_code or None),
        Column("rating_label", "評価の名称。評価なしは空欄", "文字列", lambda e: ratings.get(e.rating_code, {}).get("label")),
        Column(
            "rating_percent",
            "評価が表す進捗率の目安（単位：％）。評価なしは空欄",
            "整数",
            lambda e: ratings.get(e.rating_code, {}).get("percent"),
        ),
        Column(
            "ended_after",
            "取組が終わった年度（西暦、4月から翌年3月まで）。評価は終わったときのもの。続いている取組は空欄",
            "整数",
            lambda e: e.ended_after,
        ),
        Column(
            "carried_from",
            "承認前のため前の公表のまま載せた取組の、もとの公表の時点（西暦の年月日）。それ以外は空欄",
            "日付",
            lambda e: e.carried_from.isoformat() if e.carried_from else None,
        ),
        Column(
            "other_departments", "担当課がほかにもある（元の表の「外」）：1、ない：0", "整数", lambda e: int(e.other_departments)
        ),
        *_numbered(
            "department", "時点の年度の担当課", entries, lambda e: [t["name"] for t in e.departments if t["when"] == "current"]
        ),
        Column("sdgs_status", "SDGs の記載（listed：あり、none：なし、unknown：元の表から読み取れない）", "文字列", _sdgs_status),
        *_numbered("sdg", "SDGs の目標の番号", entries, lambda e: e.sdgs or []),
        *_numbered(
            "plan_code",
            "総合計画実施計画の関連事業の番号（元の表の表記）",
            entries,
            lambda e: [p["code"] or None for p in e.plan_projects],
        ),
        *_numbered(
            "plan_name", "総合計画実施計画の関連事業の施策と事業の名称", entries, lambda e: [p["name"] for p in e.plan_projects]
        ),
    ]
    for year in report.years:
        name = f"{year['kind']}_{year['fiscal_year']}"
        what = "主な取組" if year["kind"] == "result" else "取組予定"
        until = "まで" if year["cumulative"] else ""
        meaning = f"{short_label(year['fiscal_year'])}{until}の{what}（箇条書きは「・」で区切る）"
        columns.append(Column(name, meaning, "文字列", _year_text(f"{year['kind']}s", str(year["fiscal_year"]))))
    return columns


def _year_text(kind: str, year: str) -> Callable[[ReportEntry], Value]:
    return lambda entry: " ".join(getattr(entry, kind).get(year, "").split("\n")) or None


def _numbered(
    name: str, meaning: str, entries: Sequence[ReportEntry], values: Callable[[ReportEntry], Sequence[Any]]
) -> list[Column]:
    """A column per value, for what an initiative can have several of: one value a cell."""

    def at(index: int) -> Callable[[ReportEntry], Value]:
        return lambda entry: own[index] if len(own := values(entry)) > index else None

    count = max([NUMBERED_COLUMNS, *(len(values(entry)) for entry in entries)])
    type_name = "整数" if name == "sdg" else "文字列"
    return [Column(f"{name}_{n}", f"{meaning}（{n}つ目）", type_name, at(n - 1)) for n in range(1, count + 1)]


def _sdgs_status(entry: ReportEntry) -> str:
    if entry.sdgs is None:
        return "unknown"
    return "listed" if entry.sdgs else "none"


def action_columns(report: Report, entries: Sequence[ReportEntry]) -> list[Column]:
    """The long table: a row per initiative, fiscal year and line of text."""
    return [
        *_report_columns(report),
        *_place_columns(lambda line: line.entry),
        Column("fiscal_year", "年度（西暦、4月から翌年3月まで）", "整数", lambda line: line.fiscal_year),
        Column("fiscal_year_label", "年度（和暦）", "文字列", lambda line: short_label(line.fiscal_year)),
        Column("is_cumulative", "その年度まで：1、その年度のみ：0", "整数", lambda line: int(line.is_cumulative)),
        Column("kind", "種類（result：主な取組、plan：取組予定）", "文字列", lambda line: line.kind),
        Column("line_number", "その年度の文の中での行の順", "整数", lambda line: line.number),
        Column("line_type", "行の種類（bullet：箇条書き、lead：前書き）", "文字列", lambda line: line.type),
        Column("text", "本文（箇条書きの「・」を除く）", "文字列", lambda line: without_mark(line.text)),
        Column("is_continuation", "引き続き行うという記載：1、それ以外：0", "整数", lambda line: int(bool(line.continues))),
        Column(
            "continues_fiscal_year", "引き続き行うとした取組の最後の年度（西暦）。それ以外は空欄", "整数",
            lambda line: line.continues.until if line.continues else None,
        ),
    ]  # fmt: skip


def lines(report: Report, entries: Sequence[ReportEntry]) -> Iterator[Line]:
    """Every line of every text, in order; a year without text has no line."""
    for entry in entries:
        for year in report.years:
            texts = entry.text_lines(f"{year['kind']}s", year["fiscal_year"])
            for number, text in enumerate(texts, start=1):
                yield Line(entry, year["kind"], year["fiscal_year"], year["cumulative"], number, text)


DATA_SETS = {"initiatives": "取組の一覧（1行が1つの取組）", "actions": "年度ごとの取組の一覧（1行が1つの文）"}
FORMATS = {"csv": "CSV（UTF-8、BOM 付き）", "xlsx": "Excel", "json": "JSON（元の表記のまま）"}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
}


def columns_of(data_set: str, report: Report, entries: Sequence[ReportEntry]) -> list[Column]:
    """The columns of a data set."""
    return (initiative_columns if data_set == "initiatives" else action_columns)(report, entries)


def file_name(data_set: str, as_of: date, edition: int, suffix: str) -> str:
    """ASCII, with municipality code, data set, date and edition."""
    return f"{settings.CITY_CODE}_manifesto-{data_set}_{as_of.isoformat()}_e{edition}.{suffix}"


def parse_file_name(name: str) -> tuple[str, date, int, str] | None:
    """What `file_name` was made from, or None for any other name."""
    match = re.fullmatch(r"(\d{6})_manifesto-([a-z]+)_(\d{4}-\d{2}-\d{2})_e([1-9]\d{0,3})\.([a-z]+)", name)
    if not match or match[1] != settings.CITY_CODE or match[2] not in DATA_SETS or match[5] not in FORMATS:
        return None
    try:
        return match[2], date.fromisoformat(match[3]), int(match[4]), match[5]
    except ValueError:
        return None


def write(data_set: str, suffix: str, report: Report, entries: Sequence[ReportEntry]) -> bytes:
    """A data set of a report as a file's bytes."""
    columns = columns_of(data_set, report, entries)
    rows: Sequence[Any] = entries if data_set == "initiatives" else list(lines(report, entries))
    match suffix:
        case "csv":
            return _csv(columns, rows)
        case "xlsx":
            return _xlsx(data_set, columns, rows)
        case _:
            return _json(data_set, columns, rows, report)


def _csv(columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")  # as in RFC 4180
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([plain(column.value(row)) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _xlsx(data_set: str, columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(data_set)

    def cell(value: Value) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value=_as_cell(value))
        made.data_type = "s"  # text that begins with = is text, not a formula
        return made

    sheet.append([column.name for column in columns])
    for row in rows:
        sheet.append([cell(plain(column.value(row))) for column in columns])
    out = io.BytesIO()
    book.save(out)
    return _without_time(out)


def _without_time(book: io.BytesIO) -> bytes:
    """A workbook without the time of its writing: the same report gives the same bytes, whenever it is asked for."""
    out = io.BytesIO()
    with zipfile.ZipFile(book) as written, zipfile.ZipFile(out, "w") as new:
        for name in written.namelist():
            content = written.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # ZipInfo's own date is 1980, too
    return out.getvalue()


def _as_cell(text: str) -> str:
    """Text as a cell can hold it. A longer one says where the rest is: the library would cut it in silence."""
    allowed = ILLEGAL_CHARACTERS_RE.sub("", text)
    return allowed if len(allowed) <= MAX_CELL_CHARACTERS else allowed[: MAX_CELL_CHARACTERS - len(CUT)] + CUT


def _json(data_set: str, columns: Sequence[Column], rows: Sequence[Any], report: Report) -> bytes:
    content = {
        "title": report.title,
        "data_set": data_set,
        "as_of": report.as_of.isoformat(),
        "edition": report.edition,
        "correction_reason": report.correction_reason or None,
        "unapproved_reason": report.unapproved_reason or None,
        "digest": report.digest,
        "license": settings.DATA_LICENSE,
        "ratings": [{name: rating[name] for name in ("code", "label", "definition", "percent")} for rating in report.ratings],
        "columns": [{"name": column.name, "description": column.meaning, "type": column.type} for column in columns],
        "rows": [{column.name: column.value(row) for column in columns} for row in rows],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def plain(value: Value) -> Value:
    """A value without platform-dependent characters: ① ❶ become (1), ㈱ (株), Ⅲ III; other wording is untouched."""
    return "".join(_plain_character(c) for c in value) if isinstance(value, str) else value


def _plain_character(character: str) -> str:
    code = ord(character)
    if 0x2460 <= code <= 0x24FF or 0x2776 <= code <= 0x2793 or 0x3251 <= code <= 0x325F or 0x32B1 <= code <= 0x32BF:
        folded = unicodedata.normalize("NFKC", character)
        number = unicodedata.numeric(character, None)
        words = f"{number:g}" if number is not None else folded
        return words if words.startswith("(") else f"({words})"
    if 0x2150 <= code <= 0x218F or 0x3200 <= code <= 0x33FF or character in "№℡":
        return unicodedata.normalize("NFKC", character)
    return character


def number_of(label: str) -> int | None:
    """The number in a printed label: 4 of ④, 12 of (12); None where there is none."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", label))
    return int(digits) if digits else None

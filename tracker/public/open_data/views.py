"""The open data page, its catalogue for machines, and its files."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse

from tracker import signing
from tracker.public.addresses import absolute
from tracker.public.context import Context, public_page
from tracker.public.moved import moved
from tracker.public.open_data import dcat, files, writing
from tracker.public.open_data.changelog import changes_of, columns_version
from tracker.public.open_data.character_tables import Found, replaced
from tracker.public.open_data.dcat import files_of
from tracker.public.open_data.files import ALL_TABLES, CP932, CP932_ZIP, JSON, DataFile
from tracker.public.open_data.table import APART, DataTable, EditionData
from tracker.public.open_data.tables import edition_of, summary_of
from tracker.public.scope import Scope, choose

MOST_NAMED_ROWS = 10  # of one character in one column; the table of replacements names all
MOST_NAMED_LINES = 100
OLD = {CP932, CP932_ZIP}
GROUPS = {"further": "ほかの表", "codes": "コード表（記号と番号の意味）", "about": "データの説明"}


class Offer(NamedTuple):
    """What can be downloaded of a table: its rows (None where they are about the tables) and its files."""

    table: DataTable
    rows: int | None
    files: list[DataFile]


@dataclass
class Replacement:
    """A character that cp932 cannot hold, in one column of one table."""

    first: Found
    rows: list[Found]

    @property
    def named(self) -> list[str]:
        """The first rows' keys; none for what stands in every row."""
        return [row.key for row in self.rows[:MOST_NAMED_ROWS] if row.row is not None]

    @property
    def unnamed(self) -> int:
        return max(0, len(self.rows) - MOST_NAMED_ROWS)


@public_page
def data(request: HttpRequest, scope: Scope) -> Context:
    """The files of one edition, what their columns mean, and under which licence."""
    edition = edition_of(scope)
    summary, tables = summary_of(edition), edition.tables
    lost, lost_in = replaced(edition), Counter[str]()
    for found in (*lost, *replaced(edition, [summary])):
        lost_in[found.table] += found.occurrences
    replacements = _replacements(lost)
    offers = [
        Offer(table, _rows(table, edition), _modern(files_of(scope.this, table.name)))
        for table in (summary, *tables)
    ]
    offered = {
        group: [offer for offer in offers if offer.table.group == group]
        for group in ("ready", "main", *GROUPS)
    }
    return {
        "ready": offered["ready"],
        "main": offered["main"],
        "groups": [(title, offered[group]) for group, title in GROUPS.items()],
        "all_files": _modern(files_of(scope.this, ALL_TABLES)),
        "old_files": [(table, lost_in[table.name], _old(scope, table.name)) for table in (summary, *tables)],
        "old_all": _old(scope, ALL_TABLES),
        "lost": lost_in.total() - lost_in[summary.name],
        "replacements": replacements[:MOST_NAMED_LINES],
        "more_replacements": max(0, len(replacements) - MOST_NAMED_LINES),
        "replacement_files": _modern(files_of(scope.this, "cp932_replacements")),
        "tables": tables,
        "changes": changes_of((summary, *tables))[::-1],
        "version": columns_version((summary, *tables)),
        "site_key": signing.public_key(),
        "json_ld": dcat.in_script(dcat.schema_org(scope)),
    }


def _rows(table: DataTable, edition: EditionData) -> int | None:
    return None if table.group == "about" else sum(1 for _row in table.rows(edition))


def _modern(offered: Iterable[DataFile]) -> list[DataFile]:
    return [file for file in offered if file.format not in OLD]


def _old(scope: Scope, content: str) -> DataFile:
    return next(file for file in files_of(scope.this, content) if file.format in OLD)


def _replacements(lost: Iterable[Found]) -> list[Replacement]:
    """What cp932 cannot hold, once per table, column and character."""
    found: dict[tuple[str, str, str], Replacement] = {}
    for each in lost:
        key = (each.table, each.column, each.rewriting.character)
        found.setdefault(key, Replacement(each, [])).rows.append(each)
    return list(found.values())


def catalog(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The DCAT catalogue of one edition's tables."""
    content = json.dumps(dcat.dcat(scope), ensure_ascii=False, indent=1)
    return HttpResponse(content, content_type="application/ld+json")


def pledge_data(request: HttpRequest, scope: Scope, key: str) -> HttpResponse:
    """What the tables say of one pledge. The address that it had before it moved leads there."""
    edition = edition_of(scope, key)
    if not edition.entries:
        return moved(scope, key, "pledge_data")
    page, definitions = scope.url("pledge", key=key), f"{scope.url('data')}#definitions"
    content = writing.pledge_as_json(edition, absolute(page), absolute(definitions))
    return HttpResponse(content, content_type=JSON.content_type)


def data_file(request: HttpRequest, scope: Scope, file_name: str) -> HttpResponse:
    """One file of one edition."""
    file = files.file_named(file_name, scope.city.code)
    own = file and choose(scope.reports, scope.report.slug, file.as_of, file.edition, scope.unpublished)
    edition = edition_of(own) if own else None
    if not file or not edition or file.content not in {ALL_TABLES, *APART, *(t.name for t in edition.tables)}:
        raise Http404
    return HttpResponse(
        files.content_of(file, edition),
        content_type=file.format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )

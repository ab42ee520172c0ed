"""The open data page, its catalogue for machines, and its files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.public.frozen import frozen_page
from tracker.public.open_data import dcat, files
from tracker.public.open_data.changelog import CHANGES, VERSION
from tracker.public.open_data.character_tables import Found, replaced
from tracker.public.open_data.dcat import files_of
from tracker.public.open_data.files import ALL, CP932, CP932_ZIP, DataFile
from tracker.public.open_data.table import Material, Table
from tracker.public.open_data.tables import TABLES
from tracker.public.scope import Scope, choose

MOST_NAMED_ROWS = 10  # of one character in one column; the table of replacements names all
MOST_NAMED_LINES = 100
OLD = {CP932, CP932_ZIP}
GROUPS = (("further", "ほかの表"), ("codes", "コード表（記号と番号の意味）"), ("about", "データの説明"))


class Offer(NamedTuple):
    """What can be downloaded of a table: its rows (None where they are about the tables) and its files."""

    table: Table
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


@frozen_page()
def index(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The files of one edition, what their columns mean, and under which licence."""
    material = _material(scope)
    lost = replaced(TABLES, material)
    replacements = _replacements(lost)
    offers = [
        Offer(table, _rows(table, material), _modern(files_of(scope.this, table.name))) for table in TABLES
    ]
    return render(
        request,
        "public/data.html",
        {
            "scope": scope,
            "path": "data/",
            "section": "data",
            "main": [offer for offer in offers if offer.table.group == "main"],
            "groups": [
                (title, [offer for offer in offers if offer.table.group == group]) for group, title in GROUPS
            ],
            "all_files": _modern(files_of(scope.this, ALL)),
            "old_files": [
                (
                    table,
                    sum(found.occurrences for found in lost if found.table == table.name),
                    _old(scope, table.name),
                )
                for table in TABLES
            ],
            "old_all": _old(scope, ALL),
            "lost": sum(found.occurrences for found in lost),
            "replacements": replacements[:MOST_NAMED_LINES],
            "more_replacements": max(0, len(replacements) - MOST_NAMED_LINES),
            "replacement_files": _modern(files_of(scope.this, "cp932_replacements")),
            "tables": TABLES,
            "changes": CHANGES[::-1],
            "version": VERSION,
            "json_ld": dcat.in_script(dcat.schema_org(scope)),
        },
    )


def _material(scope: Scope) -> Material:
    """What the scope's edition is made of. Its files never change, so the reports before it are those that
    stood then.
    """
    return Material(scope.report, replace(scope, base=scope.this.address).earlier)


def _rows(table: Table, material: Material) -> int | None:
    return None if table.group == "about" else sum(1 for _row in table.rows(material))


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


@frozen_page()
def catalog(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The DCAT catalogue of one edition's tables."""
    content = json.dumps(dcat.dcat(scope), ensure_ascii=False, indent=1)
    return HttpResponse(content, content_type="application/ld+json")


@frozen_page()
def download(request: HttpRequest, scope: Scope, file_name: str) -> HttpResponse:
    """One file of one edition."""
    file = files.parse(file_name)
    own = file and choose(scope.reports, scope.report.slug, file.as_of, file.edition)
    if not file or not own:
        raise Http404
    return HttpResponse(
        files.write(file, _material(own)),
        content_type=file.format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )

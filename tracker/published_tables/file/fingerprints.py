"""Headings that are alike but for their years, and a layout taken over from one table to the next. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.heading_rows import find_headings, texts_of
from tracker.published_tables.file.headings import YEAR
from tracker.published_tables.file.understanding import rows_between
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import year_of
from tracker.words.folding import fold

OF_ONE_FILE = {"title", "as_of", "fiscal_year", "skip_rows", "read_rows"}  # said of one table only
DATED_ROLE = re.compile(r"^(rating|result|plan|target|actual|rate) ((?:19|20)\d\d)$")
LAST_LOOKED_AT, MOST_LOOKED_AT = 300, 3_000  # rows of a sheet, and of all, in which a heading is looked for


@dataclass(frozen=True)
class HeadingPrint:
    """A heading by its words: years count from its latest one, `last_year`."""

    fingerprint: str
    height: int
    last_year: int | None


def print_of(rows: Sequence[Row]) -> HeadingPrint:
    """The fingerprint of heading rows."""
    texts = [fold(text) for text in texts_of(rows)]
    while texts and not texts[-1]:
        texts.pop()
    years = [year_of(match) for text in texts for match in YEAR.finditer(text)]
    last = max(years, default=None)
    alike = [YEAR.sub(lambda match: f"<{year_of(match) - (last or 0)}>", text) for text in texts]
    return HeadingPrint(sha256(canonical_json(alike)), len(rows), last)


def prints_of(grid: Grid, document: Mapping[str, Any]) -> list[HeadingPrint]:
    """The headings of a whole document, the main one first."""
    first, last = document["heading_rows"]
    spans = [(None, first, last)]
    spans += [(each.get("sheet"), *each["heading_rows"]) for each in document.get("further_headings", [])]
    found = [rows_between(grid, sheet, begin, end) for sheet, begin, end in spans]
    return [print_of(rows) for rows in found if rows]


class HeadingFinder:
    """Looks for headings in a grid by their fingerprints; rows of one height are looked at once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows = [row for row in grid.rows if row.number <= LAST_LOOKED_AT][:MOST_LOOKED_AT]
        self.known: dict[int, dict[str, list[Row]]] = {}

    def find(self, fingerprint: str, height: int) -> list[Row] | None:
        """The first rows that have a fingerprint."""
        if height not in self.known:
            self.known[height] = {}
            for rows in self._of_height(height):
                self.known[height].setdefault(print_of(rows).fingerprint, rows)
        return self.known[height].get(fingerprint)

    def has_others(self, places: Sequence[Sequence[Row]], fingerprints: Collection[str]) -> bool:
        """Whether a grid has headings beside those: a layout that tells headings would not know them."""
        known = {row.place for rows in places for row in rows}
        found = [self.grid.rows[first : last + 1] for first, last in find_headings(self.grid.rows)]
        return any(
            print_of(rows).fingerprint not in fingerprints and not known & {row.place for row in rows}
            for rows in found
        )

    def _of_height(self, height: int) -> Iterator[list[Row]]:
        for index in range(len(self.rows) - height + 1):
            rows = self.rows[index : index + height]
            if rows[0].sheet == rows[-1].sheet and any(row.filled for row in rows):
                yield rows


def taken_over(
    finder: HeadingFinder,
    document: Mapping[str, Any],
    blocks: Sequence[Mapping[str, Any]],
    last_year: int | None,
) -> dict[str, Any] | None:
    """What was said of a table, for another whose headings are alike; None where they are not.

    Rows are those where the headings stand now, years go on with those of the headings.
    """
    found = [finder.find(str(block["fingerprint"]), int(block["height"])) for block in blocks]
    places = [each for each in found if each]
    if not places or len(places) < len(blocks):
        return None
    tells_headings = bool({"heading_rows", "columns"} & set(document))
    if tells_headings and finder.has_others(places, {str(block["fingerprint"]) for block in blocks}):
        return None
    later = max((print_of(rows).last_year or 0 for rows in places), default=0)
    by = later - last_year if later and last_year else 0
    said = {key: value for key, value in document.items() if key not in OF_ONE_FILE}
    if isinstance(said.get("sheets"), list) and not set(said["sheets"]) <= set(finder.grid.sheets):
        del said["sheets"]
    main, *further = places
    if "columns" in said or "heading_rows" in said:
        said["heading_rows"] = [main[0].number, main[-1].number]
    if "columns" in said:
        said["columns"] = _shifted(said["columns"], by)
    if "further_headings" in said:
        said["further_headings"] = [
            {
                **({"sheet": rows[0].sheet} if rows[0].sheet else {}),
                "heading_rows": [rows[0].number, rows[-1].number],
                "columns": _shifted(told["columns"], by),
            }
            for told, rows in zip(said["further_headings"], further, strict=False)
        ]
    return said


def _shifted(roles: Mapping[str, str], by: int) -> dict[str, str]:
    return {
        letter: DATED_ROLE.sub(lambda m: f"{m[1]} {int(m[2]) + by}", role) for letter, role in roles.items()
    }

"""Manifestos of other sizes, and the queries of their pages: `python -m benchmarks.sizes` prints JSON.

The rows are the fixture's own, repeated or cut off, and go through the same loading and publishing.
"""

import json
from collections import defaultdict
from dataclasses import replace

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

FEW, USUAL, MANY = 20, 207, 5_000
SLUGS = {FEW: "few", USUAL: "2021", MANY: "many"}  # 2021: the fixture, already published

# Which pages, of which sizes. The fixture's term is the first: the others' latest overviews have one beside.
PAGES = {
    "list": (tuple(SLUGS), "pledges/"),
    "overview of a date": (tuple(SLUGS), "reports/2024-03-31/"),
    "overview beside a former term's": ((FEW, MANY), ""),
}


def add_manifesto(count: int, slug: str) -> None:
    """Publishes a manifesto of so many initiatives."""
    from benchmarks.site import FIXTURE
    from tracker.published_tables import loading
    from tracker.published_tables.file.reading import read_table
    from tracker.published_tables.file.table import PublishedTable, TablePledge
    from tracker.reports import publishing

    def resized(table: PublishedTable) -> PublishedTable:
        pledges: dict[tuple[int, int], list[TablePledge]] = defaultdict(list)
        left = count
        while left:
            for category, section, pledge in table.pledges():
                kept = pledge.initiatives[:left]
                left -= len(kept)
                if kept:
                    own = pledges[category.number, section.number]
                    own.append(replace(pledge, position=len(own) + 1, initiatives=kept))
        categories = [
            replace(
                category,
                sections=[replace(s, pledges=pledges[category.number, s.number]) for s in category.sections],
            )
            for category in table.categories
        ]
        return replace(table, categories=categories)

    outcome = loading.load(
        resized(read_table(FIXTURE)), slug=slug, by="bench", file_name="bench", file_digest=""
    )
    report, _is_new = publishing.publish(outcome.round, by="bench")
    assert report.entry_count == count


def queries(path: str) -> int:
    """How many queries a page takes that is rendered anew."""
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(path, headers={"host": "127.0.0.1"})
    assert answer.status_code == 200, path
    return len(captured)


def main() -> None:
    django.setup()
    for count in (FEW, MANY):
        add_manifesto(count, SLUGS[count])
    found = {
        name: {count: queries(f"/{SLUGS[count]}/{rest}") for count in sizes}
        for name, (sizes, rest) in PAGES.items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()

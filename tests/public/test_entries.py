"""A draft's entries, in memory, answer every question as the same report does once it is published."""

from itertools import groupby

import pytest
from django.db import connection
from django.db.models import F

from tests.public.building import make_entry, save_report
from tracker import triggers
from tracker.models import Report, ReportEntry
from tracker.public.entries import Entries, EntryRows
from tracker.words.searching import Search

WORDS = (
    *(
        "防災",
        "子育て 支援",
        "ＤＸ",
        "dx",
        "ﾏｲﾅﾝﾊﾞｰ",
        "①",
        "2-2",
        "の",
        "%",
        "_",
        "\\",
        "見つからない",
        "",
        "　",
    ),
    *("企画調整課", "令和4年度までの取組を引き続き", "市民 市民", "ひろば", "ヒロバ"),
)


@pytest.fixture
def published(db: None, demo: Report) -> Entries:
    return Entries(ReportEntry.objects.filter(report=demo).order_by("position"))


@pytest.fixture
def drafted(db: None, demo: Report) -> Entries:
    """A draft's entries have their index at hand."""
    return Entries(
        ReportEntry.objects.none(), list(demo.entries.select_related("index").order_by("position"))
    )


def keys(entries: Entries) -> list[str]:
    return [entry.key for entry in entries]


def dicts(rows: EntryRows) -> list[dict[str, object]]:
    return [dict(row) for row in rows]


def test_all_in_order(published: Entries, drafted: Entries) -> None:
    assert keys(drafted) == keys(published)
    assert len(keys(drafted)) == 207


def test_every_facet(published: Entries, drafted: Entries) -> None:
    facets = {facet for entry in published for facet in entry.index.facets.split()} | {
        "d:999",
        "s:18",
        "p:2-2",
        "t",
    }
    assert len(facets) > 90
    assert {facet: keys(drafted.with_facet(facet)) for facet in facets} == {
        facet: keys(published.with_facet(facet)) for facet in facets
    }


@pytest.mark.parametrize("words", WORDS)
def test_words(published: Entries, drafted: Entries, words: str) -> None:
    assert keys(drafted.with_words(Search.of(words))) == keys(published.with_words(Search.of(words)))


@pytest.mark.parametrize(
    "codes", [["A"], ["B"], ["C"], ["D"], ["E"], [""], ["A", ""], ["Z"], [], list("EDCBA")]
)
def test_ratings_and_their_order(published: Entries, drafted: Entries, codes: list[str]) -> None:
    assert keys(drafted.rated(codes)) == keys(published.rated(codes))
    assert keys(drafted.by_rating(codes)) == keys(published.by_rating(codes))
    assert keys(drafted.by_rating(codes).with_words(Search.of("市"))) == keys(
        published.by_rating(codes).with_words(Search.of("市"))
    )


def test_equally_rated_entries_stand_by_position_however_they_are_stored(db: None) -> None:
    rows = [make_entry(number, rating_code="AB"[number % 2]) for number in range(1, 7)]
    report = save_report(rows)
    with triggers.removed(connection):
        report.entries.update(position=F("position") + 100)
        for row in rows:
            ReportEntry.objects.filter(pk=row.pk).update(position=7 - row.position)
    published = Entries(report.entries.order_by("position")).by_rating(["A", "B"])
    assert [(entry.rating_code, entry.position) for entry in published] == [
        *(("A", 1), ("A", 3), ("A", 5), ("B", 2), ("B", 4), ("B", 6))
    ]


@pytest.mark.parametrize(
    "condition",
    [
        *({"category_number__exact": number} for number in (1, 8, 9)),
        *({"position__lt": 1}, {"position__gt": 200}, {"position__lt": 9, "position__gt": 3}),
        *(
            {"key__in": {"1-1-1-1", "8-2-16-1", "9"}},
            {"ended_after__isnull": False},
            {"carried_from__isnull": True},
        ),
    ],
)
def test_conditions(published: Entries, drafted: Entries, condition: dict[str, object]) -> None:
    assert keys(drafted.where(**condition)) == keys(published.where(**condition))


def test_every_pledge_and_its_neighbours(published: Entries, drafted: Entries) -> None:
    for _key, group in groupby(published, key=lambda entry: entry.pledge_key):
        own = list(group)
        assert keys(drafted.of_pledge(own[0].pledge_key)) == [entry.key for entry in own]
        assert drafted.around(own) == published.around(own)
    assert keys(drafted.of_pledge("9-9-9")) == keys(published.of_pledge("9-9-9")) == []


def test_values(published: Entries, drafted: Entries) -> None:
    fields = ("key", "sdgs", "departments", "results", "progress", "ended_after", "carried_from")
    assert dicts(drafted.values(*fields)) == dicts(published.values(*fields))
    assert dicts(drafted.for_list("plan_projects")) == dicts(published.for_list("plan_projects"))


def test_reports_stand_side_by_side(published: Entries, drafted: Entries, demo: Report) -> None:
    both = Entries(published.published.filter(position__lte=3), list(drafted)[3:5])
    assert {pk: [entry.position for entry in own] for pk, own in both.by_report().items()} == {
        demo.pk: [1, 2, 3, 4, 5]
    }
    assert len(dicts(both.values("key"))) == 5


def test_what_is_in_memory_asks_no_database(drafted: Entries, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        found = drafted.with_words(Search.of("市")).rated(["A", "B"]).by_rating(["B", "A"])
        assert len(dicts(found.for_list())) == len(keys(found)) > 10
        assert drafted.around(list(drafted)[:1])[0] is None

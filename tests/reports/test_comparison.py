"""What changed between two reports, from entries in memory."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.public.building import make_entry, term
from tracker.models import ReportEntry
from tracker.reports.comparison import Comparison, Difference, compare, compare_ratings
from tracker.reports.transitions import Transitions

SCALE = ("A", "B", "C", "D", "E")


def one(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """The comparison of one initiative's two states."""
    return compare([make_entry(1, **before)], [make_entry(1, **after)], SCALE)


def keys(differences: list[Difference]) -> list[str]:
    return [difference.after.key for difference in differences]


PARTS = ("improved", "worsened", "newly_rated_or_unrated", "reworded", "reassigned", "otherwise_changed")


def parts(compared: Comparison) -> list[str]:
    """The names of the lists that hold something."""
    return [name for name in PARTS if getattr(compared, name)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"rating_code": "B"}, {"rating_code": "A"}, ["improved"]),
        ({"rating_code": "E"}, {"rating_code": "D"}, ["improved"]),
        ({"rating_code": "A"}, {"rating_code": "E"}, ["worsened"]),
        ({"rating_code": ""}, {"rating_code": "E"}, ["newly_rated_or_unrated"]),
        ({"rating_code": "A"}, {"rating_code": ""}, ["newly_rated_or_unrated"]),
        ({"rating_code": "◎"}, {"rating_code": "A"}, ["newly_rated_or_unrated"]),
        ({"rating_code": ""}, {"rating_code": ""}, []),
        ({"pledge_text": "甲"}, {"pledge_text": "乙"}, ["reworded"]),
        ({"results": {"2023": "甲"}}, {"results": {"2023": "乙"}}, ["reworded"]),
        ({"plans": {"2024": "甲"}}, {"plans": {"2024": "乙"}}, ["reworded"]),
        ({"results": {"2023": ""}}, {"results": {"2023": "・"}}, []),
        ({"results": {"2023": "甲\n・"}}, {"results": {"2023": "甲\n\u200b"}}, []),
        ({"plans": {"2024": "\u200b"}}, {"plans": {"2024": "甲"}}, ["reworded"]),
        ({"results": {"2023": "甲"}}, {"results": {"2023": "甲", "2024": "乙"}}, []),
        ({"plans": {"2024": "甲"}}, {"plans": {"2025": "乙"}}, []),
        ({"departments": [term("001", "甲課")]}, {"departments": [term("002", "乙課")]}, ["reassigned"]),
        (
            {"departments": [term("001", "甲課")]},
            {"departments": [term("001", "乙課")]},
            ["otherwise_changed"],
        ),
        ({"departments": [term("001", "甲課")]}, {"departments": [term("101", "甲課")]}, []),
        (
            {"departments": [term("001", "甲課")], "ended_after": 2023},
            {"departments": [term("001", "乙課")], "ended_after": 2023},
            [],
        ),
        ({"departments": [term("001", "甲課")]}, {"departments": []}, ["reassigned"]),
        (
            {"departments": [term("001", "甲課")]},
            {"departments": [term("001", "甲課", "past", None, 2023)]},
            ["reassigned"],
        ),
        (
            {"departments": [term("001", "甲課", "next", 2024)]},
            {"departments": [term("001", "甲課", "current", 2024)]},
            ["reassigned"],
        ),
        (
            {"departments": [term("001", "甲課", "current", None, 2023), term("002", "乙課", "next", 2024)]},
            {"departments": [term("001", "甲課", "past", None, 2023), term("002", "乙課", "current", 2024)]},
            ["reassigned"],
        ),
        (
            {"departments": [term("001", "甲課"), term("002", "乙課")]},
            {"departments": [term("002", "乙課"), term("001", "甲課")]},
            ["otherwise_changed"],
        ),
        (
            {"departments": [term("001", "甲課")]},
            {"departments": [term("001", "甲課", "current", None, 2024), term("002", "乙課", "next", 2025)]},
            ["otherwise_changed"],
        ),
        ({"sdgs": None}, {"sdgs": []}, ["otherwise_changed"]),
        ({"sdgs": [1]}, {"sdgs": [1, 2]}, ["otherwise_changed"]),
        ({"plan_projects": []}, {}, ["otherwise_changed"]),
        ({"category_name": "甲"}, {"category_name": "乙"}, ["otherwise_changed"]),
        ({"section_name": "甲"}, {"section_name": "乙"}, ["otherwise_changed"]),
        ({"pledge_number": "①"}, {"pledge_number": "②"}, ["otherwise_changed"]),
        ({"other_departments": False}, {"other_departments": True}, ["otherwise_changed"]),
        ({}, {}, []),
    ],
)
def test_change_is_named(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    compared = one(before, after)
    assert parts(compared) == expected
    assert compared.is_empty is (not expected)
    assert compared.changed_keys == ({"1-1-1-1"} if expected else set())


def reasons(*rated: tuple[int, str]) -> dict[str, Any]:
    return {
        "rating_history": [{"fiscal_year": year, "code": "A", "reason": reason} for year, reason in rated]
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (reasons((2023, "甲")), reasons((2023, "乙")), ["otherwise_changed"]),
        (reasons((2023, "甲")), reasons((2023, "甲"), (2024, "乙")), []),
        (reasons(), reasons((2024, "乙")), []),
        (reasons((2023, "甲"), (2024, "乙")), reasons((2023, "甲")), []),
    ],
)
def test_reason_counts_for_the_years_that_both_tell(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert parts(one(before, after)) == expected


def test_text_that_appears_or_goes_in_a_year_both_reports_tell_is_a_change() -> None:
    """A correction that adds a missing plan: other initiatives of the report had one."""
    before = [make_entry(1, plans={}), make_entry(2, plans={"2024": "甲"})]
    after = [make_entry(1, plans={"2024": "乙"}), make_entry(2, plans={})]
    compared = compare(before, after, SCALE)
    assert [(d.after.key, d.years) for d in compared.reworded] == [
        ("1-1-1-1", ("2024",)),
        ("1-1-2-1", ("2024",)),
    ]


def test_several_changes_of_one_initiative_are_each_named() -> None:
    compared = one(
        {"rating_code": "B", "sdgs": [1]}, {"rating_code": "A", "pledge_text": "新しい文", "sdgs": [2]}
    )
    assert parts(compared) == ["improved", "reworded", "otherwise_changed"]
    assert len(compared.differences) == 1


def test_years_of_a_reworded_text_are_told_once_and_in_order() -> None:
    compared = one(
        {"results": {"2022": "甲", "2023": "甲"}, "plans": {"2023": "甲"}},
        {"results": {"2022": "乙", "2023": "乙"}, "plans": {"2023": "乙"}},
    )
    assert compared.reworded[0].years == ("2022", "2023")


def test_new_and_ended_initiatives_keep_their_order() -> None:
    before = [make_entry(number) for number in (1, 2, 3)]
    after = [make_entry(number) for number in (5, 2, 4)]
    compared = compare(before, after, SCALE)
    assert [entry.key for entry in compared.new] == ["1-1-5-1", "1-1-4-1"]
    assert [entry.key for entry in compared.ended] == ["1-1-1-1", "1-1-3-1"]
    assert compared.changed_keys == {"1-1-5-1", "1-1-4-1"}
    assert compared.is_empty is False


def test_differences_are_in_the_newer_report_s_order() -> None:
    before = [make_entry(number, rating_code="B") for number in (1, 2, 3)]
    after = [make_entry(number, rating_code="A") for number in (3, 1, 2)]
    assert keys(compare(before, after, SCALE).improved) == ["1-1-3-1", "1-1-1-1", "1-1-2-1"]


def test_ratings_that_were_not_given_anew_are_told_apart() -> None:
    """A carried or ended row is none whose rating was looked at again and stayed."""
    stood = date(2024, 3, 31)
    before = [
        *(make_entry(number, rating_code="B") for number in (1, 2, 3, 4, 5, 6)),
        make_entry(7, rating_code=""),
    ]
    after = [
        make_entry(1, rating_code="B"),
        make_entry(2, rating_code="B", carried_from=stood),
        make_entry(3, rating_code="B", ended_after=2023),
        make_entry(4, rating_code="A"),
        make_entry(5, rating_code="A", carried_from=stood),  # carried from a later edition
        make_entry(6, rating_code="A", ended_after=2023),  # corrected
        make_entry(7, rating_code=""),
    ]
    compared = compare(before, after, SCALE)
    groups = (
        *(compared.rated_the_same, compared.kept_unapproved, compared.kept_by_end),
        compared.kept_unrated,
    )
    found = [[entry.key for entry in group] for group in groups]
    assert found == [["1-1-1-1"], ["1-1-2-1"], ["1-1-3-1"], ["1-1-7-1"]]
    assert keys(compared.improved) == ["1-1-4-1", "1-1-5-1", "1-1-6-1"]
    assert len(compared.kept) + len(compared.improved) == compared.transitions.total


RATINGS = st.lists(st.sampled_from([*SCALE, ""]), min_size=1, max_size=12)


@given(RATINGS, RATINGS)
def test_each_rating_change_has_exactly_one_place(old: list[str], new: list[str]) -> None:
    def entries(codes: list[str]) -> list[ReportEntry]:
        return [make_entry(number, rating_code=code) for number, code in enumerate(codes, start=1)]

    compared = compare(entries(old), entries(new), SCALE)
    placed = keys(compared.improved) + keys(compared.worsened) + keys(compared.newly_rated_or_unrated)
    changed = [
        make_entry(number).key for number, (a, b) in enumerate(zip(old, new, strict=False), start=1) if a != b
    ]
    assert sorted(placed) == sorted(changed)
    assert len(compared.new) == max(0, len(new) - len(old))
    assert len(compared.ended) == max(0, len(old) - len(new))


@given(RATINGS)
def test_report_compared_with_itself_is_empty(codes: list[str]) -> None:
    entries = [make_entry(number, rating_code=code) for number, code in enumerate(codes, start=1)]
    assert compare(entries, entries, SCALE).is_empty is True


# ---- ended, carried over, approved since


def test_initiative_that_has_ended_since_is_told_once() -> None:
    before = [make_entry(1), make_entry(2, ended_after=2022), make_entry(3)]
    after = [make_entry(1, ended_after=2023), make_entry(2, ended_after=2022)]
    compared = compare(before, after, SCALE)
    assert [entry.key for entry in compared.finished] == ["1-1-1-1"]
    assert [entry.key for entry in compared.gone] == ["1-1-3-1"]
    assert (compared.ended, compared.changed_keys) == (compared.finished + compared.gone, {"1-1-1-1"})
    assert (compared.differences, compared.is_empty) == ((), False)


DAY = date(2024, 3, 31)


def test_carried_rows_are_no_change_until_they_are_approved() -> None:
    stood = {"results": {"2023": "甲"}, "plans": {"2024": "乙"}}
    told = {"results": {"2023": "甲", "2024": "丙"}, "plans": {"2024": "乙", "2025": "丁"}}
    first, second, third = (
        [make_entry(1, **stood), make_entry(2, **stood)],
        [make_entry(1, **stood, carried_from=DAY), make_entry(2, **told)],
        [make_entry(1, **told), make_entry(2, **told)],
    )
    while_carried, then = compare(first, second, SCALE), compare(second, third, SCALE)
    assert ([entry.key for entry in while_carried.carried], while_carried.is_empty) == (["1-1-1-1"], True)
    assert compare(second, second, SCALE).is_empty  # carried once more
    assert ([entry.key for entry in then.approved_since], then.carried, then.is_empty) == (
        ["1-1-1-1"],
        (),
        False,
    )
    assert (then.reworded, then.changed_keys) == (
        [],
        {"1-1-1-1"},
    )  # a year that was not approved is no corrected text
    third[0].results = {"2023": "戊", "2024": "丙"}
    assert [d.years for d in compare(second, third, SCALE).reworded] == [("2023",)]


# ---- from which rating to which


def test_transitions_are_counted_with_both_totals() -> None:
    table = Transitions.between(
        [("A", "A"), ("A", "B"), ("", "B"), ("B", ""), ("A", "B")], ("A", "B"), ("A", "B")
    )
    assert (table.before, table.after) == (("A", "B", ""), ("A", "B", ""))
    assert [[table.count(before, after) for after in table.after] for before in table.before] == [
        [1, 2, 0],
        [0, 0, 1],
        [0, 1, 0],
    ]
    assert (table.row_totals, table.column_totals, table.total, table.unchanged) == (
        [3, 1, 1],
        [1, 3, 1],
        5,
        1,
    )


def test_transitions_between_different_scales_have_both() -> None:
    table = Transitions.between([("A", "S"), ("Z", "T")], ("A", "B"), ("S", "T", "U"))
    assert (table.before, table.after) == (("A", "B", "Z", ""), ("S", "T", "U", ""))
    assert (table.row_totals, table.column_totals) == ([1, 0, 1, 0], [1, 1, 0, 0])


CODES = st.sampled_from([*SCALE, "", "S"])
PAIRS = st.lists(st.tuples(CODES, CODES), max_size=30)
SCALES = st.lists(st.sampled_from([*SCALE, "S"]), unique=True, max_size=6)


@given(PAIRS, SCALES, SCALES)
def test_transitions_lose_nothing(pairs: list[tuple[str, str]], before: list[str], after: list[str]) -> None:
    table = Transitions.between(pairs, before, after)
    assert (table.before[: len(before)], table.before[-1]) == (tuple(before), "")
    assert (table.after[: len(after)], table.after[-1]) == (tuple(after), "")
    assert len(set(table.before)) == len(table.before)
    assert len(set(table.after)) == len(table.after)
    assert Counter({b: n for b, n in zip(table.before, table.row_totals, strict=True) if n}) == Counter(
        b for b, _a in pairs
    )
    assert Counter({a: n for a, n in zip(table.after, table.column_totals, strict=True) if n}) == Counter(
        a for _b, a in pairs
    )
    assert (table.total, table.unchanged) == (len(pairs), sum(b == a for b, a in pairs))


@given(PAIRS, SCALES)
def test_lists_and_table_agree(pairs: list[tuple[str, str]], scale: list[str]) -> None:
    before = [make_entry(number, rating_code=code) for number, (code, _new) in enumerate(pairs, start=1)]
    after = [make_entry(number, rating_code=code) for number, (_old, code) in enumerate(pairs, start=1)]
    compared = compare(before, after, scale)
    table = compared.transitions
    ways = Counter(
        {
            way: sum(n for (b, a), n in table.counts.items() if b != a and compared.direction(b, a) == way)
            for way in (-1, 1, 0)
        }
    )
    found = (compared.improved, compared.worsened, compared.newly_rated_or_unrated)
    assert [ways[-1], ways[1], ways[0]] == [len(each) for each in found]
    assert compared.has_rating_changes is any(found)
    assert [compared.direction(a, b) for b in table.before for a in table.after] == [
        -compared.direction(b, a) for b in table.before for a in table.after
    ]
    back = compare(after, before, scale)
    assert (keys(back.improved), keys(back.worsened)) == (keys(compared.worsened), keys(compared.improved))


@given(PAIRS)
def test_comparing_ratings_alone_gives_the_same_of_them(pairs: list[tuple[str, str]]) -> None:
    before = [
        make_entry(number, rating_code=code, sdgs=[1]) for number, (code, _new) in enumerate(pairs, start=1)
    ]
    after = [
        make_entry(number, rating_code=code, sdgs=[2]) for number, (_old, code) in enumerate(pairs, start=2)
    ]
    whole, light = compare(before, after, SCALE), compare_ratings(before, after, SCALE)
    names = ("improved", "worsened", "newly_rated_or_unrated")
    assert [keys(getattr(light, name)) for name in names] == [keys(getattr(whole, name)) for name in names]
    assert (light.new, light.ended, light.transitions) == (whole.new, whole.ended, whole.transitions)

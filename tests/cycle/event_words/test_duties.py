"""Duties edited as rows are told as work that passes from one department to another."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracker.cycle.event_words.duties import duty_lines


def duty(
    office: str, since: int | None = None, until: int | None = None, position: int = 1
) -> dict[str, Any]:
    return {
        "initiative": "①駅を直します (1)",
        "department": office,
        "position": position,
        "from_fiscal_year": since,
        "to_fiscal_year": until,
    }


def words(*pairs: tuple[Any, Any]) -> list[str]:
    return [line.words for line in duty_lines(pairs)]


def test_one_that_ends_and_one_that_begins_are_one_change() -> None:
    ends = (duty("商工労働課"), duty("商工労働課", until=2024))
    assert words(ends, (None, duty("商工振興課", 2025))) == [
        "担当課：商工労働課 → 商工振興課（令和7年度から）"
    ]


def test_a_department_replaced_in_its_row() -> None:
    assert words((duty("甲課", 2025), duty("乙課", 2025))) == ["担当課：甲課 → 乙課（令和7年度から）"]


def test_a_split_and_a_merger() -> None:
    ends = (duty("甲課"), duty("甲課", until=2024))
    heirs = [(None, duty(name, 2025, position=place)) for place, name in ((1, "乙課"), (2, "丙課"))]
    assert words(ends, *heirs) == ["担当課：甲課 → 乙課、丙課（令和7年度から）"]
    both = [(duty(name), duty(name, until=2024)) for name in ("乙課", "丙課")]
    assert words(*both, (None, duty("甲課", 2025))) == ["担当課：乙課、丙課 → 甲課（令和7年度から）"]


def test_one_taken_out_passes_to_the_only_one_that_begins() -> None:
    assert words((duty("甲課"), None), (None, duty("乙課"))) == ["担当課：甲課 → 乙課"]
    assert words((duty("甲課"), None), (None, duty("乙課", 2025))) == ["担当課：甲課 → 乙課（令和7年度から）"]


def test_what_only_begins_ends_or_moves() -> None:
    assert words((None, duty("甲課", 2025))) == ["担当課の追加：甲課（令和7年度から）"]
    assert words((None, duty("甲課"))) == ["担当課の追加：甲課"]
    assert words((duty("甲課"), duty("甲課", until=2024))) == ["担当課の終わり：甲課（令和6年度まで）"]
    assert words((duty("甲課"), None)) == ["担当課から外したもの：甲課"]
    assert words((duty("甲課"), duty("甲課", position=2))) == ["担当課「甲課」の順序：1 → 2"]
    assert words((duty("甲課", until=2024), duty("甲課"))) == ["担当課「甲課」の最終年度：令和6年度 → なし"]


OFFICES = st.sampled_from(["甲課", "乙課", "丙課"])
YEARS = st.none() | st.integers(2020, 2030)
DUTIES = st.none() | st.builds(duty, OFFICES, YEARS, YEARS, st.integers(1, 3))


@given(st.lists(st.tuples(DUTIES, DUTIES), max_size=5))
def test_every_department_whose_duty_changes_is_named(pairs: list[tuple[Any, Any]]) -> None:
    said = "".join(words(*pairs))
    for before, after in pairs:
        if before != after:
            for row in (before, after):
                assert row is None or row["department"] in said

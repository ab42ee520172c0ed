"""Words for values in templates."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from tracker.templatetags.tracker_public import add_half, get, goal, japanese_date, term_years
from tracker.words.sdgs import GOALS


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 3, 31), "令和6年3月31日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2018, 12, 1), "平成30年12月1日"),
        (datetime(2024, 3, 31, 14, 59, tzinfo=UTC), "令和6年3月31日"),
        (datetime(2024, 3, 31, 15, 0, tzinfo=UTC), "令和6年4月1日"),  # already the next day in Japan
    ],
)
def test_date_is_the_day_in_japan(day: date, words: str) -> None:
    assert japanese_date(day) == words


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        (None, None, ""),
        (None, 2023, "（～令和5年度）"),
        (2024, None, "（令和6年度～）"),
        (2022, 2023, "（令和4年度～令和5年度）"),
    ],
)
def test_term_is_told_by_its_limits(begin: int | None, end: int | None, words: str) -> None:
    assert term_years({"from_year": begin, "to_year": end}) == words


def test_value_of_an_unknown_key_is_empty() -> None:
    assert (get({"A": 1}, "A"), get({"A": 1}, "B")) == (1, "")


def test_goals_are_all_seventeen_by_number() -> None:
    assert [goal(number) for number in range(1, 18)] == list(GOALS.values())
    assert len({each.colour for each in GOALS.values()}) == len({each.name for each in GOALS.values()}) == 17


def test_middle_of_a_segment() -> None:
    assert add_half(10.0, 5.0) == 12.5


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>\n  評価が、\n  上がった。\n</p>", "<p>評価が、上がった。</p>"),
        ("<b>あ</b> <i>い</i>\n  う　\n  え", "<b>あ</b> <i>い</i>う　え"),
        (
            '<rect x="{{ x }}"\n  y="2"{% if x %}\n  fill="a"{% endif %}/>\n<b>い</b>',
            '<rect x="1" y="2" fill="a"/><b>い</b>',
        ),
        (
            "{% for word in words %}\n  {{ word }}{% if not forloop.last %}、{% endif %}\n{% endfor %}",
            "a、b\nc",
        ),
    ],
)
def test_lines_that_are_joined(source: str, shown: str) -> None:
    made = Template(f"{{% joined %}}\n  {source}\n{{% endjoined %}}")
    assert made.render(Context({"x": 1, "words": ["a", "b\nc"]})) == shown

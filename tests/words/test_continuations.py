"""The stock phrase 「令和N年度までの取組を引き続き…」."""

import pytest

from tracker.published_tables.file.table import PublishedTable
from tracker.words import continuations
from tracker.words.continuations import Continuation


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("・令和3年度までの取組を引き続き実施しました。", Continuation(2021, True)),
        ("令和５年度までの取り組みを引続き実施します", Continuation(2023, True)),
        ("・平成31年度までの取組を引き続き行っています。", Continuation(2019, True)),
        ("・Ｒ５年度までの取組を引き続き実施しました。", Continuation(2023, True)),
        ("・令和 5 年度 までの取組を 引き続き 実施しました。", Continuation(2023, True)),
        ("・令和4年度の取組を商工団体と連携して引き続き実施しました。", Continuation(2022, False)),
        (
            "・開発意欲の高い事業者のため、令和3年度までの取組を引き続き実施しました。",
            Continuation(2021, False),
        ),
        ("・令和2年度に直し、令和4年度までの取組を引き続き実施しました。", Continuation(2022, False)),
        ("・令和3年度までの取組を引き続き実施し、新たに駅を直しました。", Continuation(2021, False)),
        ("・引き続き、先進事例の調査研究を進めます。", None),
        ("・令和3年度までの取組に加え、研究しました。", None),
        ("", None),
    ],
)
def test_in_line(line: str, expected: Continuation | None) -> None:
    assert continuations.in_line(line) == expected


def test_phrase_years_takes_only_those_that_say_until() -> None:
    text = (
        "・令和3年度までの取組を引き続き実施しました。\n・令和4年度の取組を県と引き続き実施しました。"
        "\n・甲です。"
    )
    assert continuations.phrase_years(text) == [2021]


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("", False),
        ("・甲です。", False),
        ("・令和3年度までの取組を引き続き実施しました。", True),
        ("・令和3年度までの取組を引き続き実施しました。\n・甲です。", False),
        ("・甲のため、令和3年度までの取組を引き続き実施しました。", False),
    ],
)
def test_is_only_continuation(text: str, only: bool) -> None:
    assert continuations.is_only_continuation(text) is only


def test_referred_gives_the_wording_of_the_years_before() -> None:
    results = {
        2023: "・令和4年度までの取組を引き続き実施しました。",
        2021: "・甲です。\n・乙です。",
        2022: "・令和3年度までの取組を引き続き実施しました。\n・丙です。",
        2024: "・丁です。",
        2020: "・令和元年度までの取組を引き続き実施し、新たに駅を直しました。",
    }
    assert continuations.referred(2023, results) == [
        (2020, ["・令和元年度までの取組を引き続き実施し、新たに駅を直しました。"]),
        (2021, ["・甲です。", "・乙です。"]),
        (2022, ["・丙です。"]),
    ]
    assert continuations.referred(2019, results) == []


@pytest.mark.parametrize("year", [2020, 2024, 2031])
@pytest.mark.parametrize("done", [True, False])
def test_phrase_is_recognised(year: int, done: bool) -> None:
    assert continuations.in_line(continuations.phrase(year, done=done)) == Continuation(year - 1, True)


def test_the_citys_table_continues_as_often_as_its_readers_counted(table: PublishedTable) -> None:
    cells = [text for i in table.initiatives() for text in [*i.results.values(), *i.plans.values()] if text]
    # Row 118 takes its four years from the row above, three of them with the phrase.
    assert len(cells) == 756 + 4
    assert sum(bool(continuations.phrase_years(text)) for text in cells) == 330 + 3
    assert sum(continuations.is_only_continuation(text) for text in cells) == 237

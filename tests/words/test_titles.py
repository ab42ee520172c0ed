"""What a term is called."""

import pytest

from tracker.words.titles import name_in, term_name, term_title


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("市長マニフェストの達成状況（令和6年3月末時点）", "市長マニフェストの達成状況"),
        ("市長マニフェスト（第2期）", "市長マニフェスト（第2期）"),
        ("（令和6年3月末時点）", "（令和6年3月末時点）"),
    ],
)
def test_a_name_is_the_title_without_its_date(title: str, name: str) -> None:
    assert name_in(title) == name


@pytest.mark.parametrize(
    ("title", "slug", "name"),
    [
        ("市長マニフェストの達成状況（令和6年3月末時点）", "2021", "市長マニフェスト（2021）"),
        ("市長マニフェスト2025", "2025", "市長マニフェスト2025"),
        ("の達成状況", "2025", "の達成状況（2025）"),
        ("約束" * 100, "2025", "約束" * 19 + "約…（2025）"),
    ],
)
def test_a_term_is_told_from_others_of_the_same_name(title: str, slug: str, name: str) -> None:
    assert term_name(title, slug) == name


def test_a_long_title_is_told_whole_at_the_head_of_its_term() -> None:
    assert term_title("約束" * 100, "2025") == "約束" * 100 + "（2025）"

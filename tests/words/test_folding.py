"""What a search takes for the same."""

from tracker.words.folding import fold_for_search


def test_fold_for_search_makes_widths_and_cases_the_same() -> None:
    assert fold_for_search("ＤＸ 推進\n①") == "dx推進1"

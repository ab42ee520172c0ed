"""A pledge's number before its words."""

import pytest

from tracker.words.numbering import labelled


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("①", "①企業を招きます"),
        ("(6)", "(6)企業を招きます"),
        ("6.", "6.企業を招きます"),
        ("6", "6 企業を招きます"),
        ("６", "６ 企業を招きます"),
        ("3-1", "3-1 企業を招きます"),
        ("ア", "ア 企業を招きます"),
        ("一", "一 企業を招きます"),
        ("", "企業を招きます"),
    ],
)
def test_a_number_is_not_read_with_the_words_behind_it(label: str, shown: str) -> None:
    assert labelled(label, "企業を招きます") == shown

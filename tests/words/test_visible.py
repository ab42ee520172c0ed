"""What is empty to the eye is empty."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words.visible import is_empty_to_the_eye, says_nothing, visible, without_unseen

EMPTY = [
    *("", " ", "　\n", "\t\v\f\x85\u2028", "\xa0", "・", "･", "•", "・\n・", " ・　", "\u200b", "・\u200b"),
    *("\ufeff", "\u00ad", "\u2060\u200d", "\ufe0f", "\U000e0100", "\u3164", "\u115f", "\u2800", "\0\x7f"),
]


@pytest.mark.parametrize("text", EMPTY)
def test_what_shows_nothing_is_empty(text: str) -> None:
    assert is_empty_to_the_eye(text)
    assert says_nothing(text)
    assert visible(text) == ""


@pytest.mark.parametrize("text", ["—", "－", "・ー", "-\n", "・－\u200b", "――"])
def test_a_dash_alone_is_seen_and_says_nothing(text: str) -> None:
    assert not is_empty_to_the_eye(text)
    assert says_nothing(text)
    assert visible(text) == ""


@pytest.mark.parametrize("text", ["。", "・甲", "\u200b甲", "0", "○", "👍", "・甲\n—", "-1", "一"])
def test_what_says_something_is_not_empty_and_stays_as_it_is(text: str) -> None:
    assert not is_empty_to_the_eye(text)
    assert not says_nothing(text)
    assert visible(text) == text


@given(
    st.text(st.characters(exclude_categories=["Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Lo", "Cn", "So", "Po"]))
)
def test_letters_and_digits_are_seen(text: str) -> None:
    assert is_empty_to_the_eye(text) == (not text)
    assert without_unseen(text) == text


def test_every_format_character_but_those_that_show_is_unseen() -> None:
    shown = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    shown |= {*range(0xFFF9, 0xFFFC), *range(0x13430, 0x13440)}
    formats = {code for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"}
    assert {code for code in formats if without_unseen(chr(code))} == shown & formats

"""Places of pledges and initiatives, as they are written and as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words.places import in_words, initiative_numbers, meant_by, numbered, pledge_numbers, written

numbers = st.integers(1, 999)
PLACES = st.one_of(
    st.tuples(numbers, numbers, numbers),
    st.tuples(numbers, st.just(0), numbers),
    st.tuples(st.just(0), st.just(0), numbers),
)


@given(PLACES, numbers)
def test_a_place_is_read_as_it_was_written(place: tuple[int, int, int], position: int) -> None:
    assert pledge_numbers(written(place)) == place
    assert initiative_numbers(written((*place, position))) == (*place, position)


@pytest.mark.parametrize(
    ("text", "words"), [("", "invalid literal"), ("1-1-1-1", "1-1-1-1"), ("a", "invalid literal")]
)
def test_what_is_no_place_of_a_pledge_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pledge_numbers(text)


def test_a_typed_place_may_be_a_pledge_or_an_initiative() -> None:
    assert meant_by("2") == [(0, 0, 2)]
    assert meant_by("1-2") == [(1, 0, 2), (0, 0, 1, 2)]
    assert meant_by("1-1-2") == [(1, 1, 2), (1, 0, 1, 2)]
    assert meant_by("1-1-2-3") == [(1, 1, 2, 3)]
    assert meant_by("99999-1") == [(32_767, 0, 1), (0, 0, 32_767, 1)]


def test_a_place_in_words_leaves_out_what_has_no_name() -> None:
    assert in_words(1, "まち", 2, "道路") == "1. まち　(2) 道路"
    assert in_words(1, "まち", 0, "") == "1. まち"
    assert in_words(0, "", 0, "") == ""
    assert (numbered(1, "まち"), numbered(0, "")) == ("1. まち", "分野のない公約")

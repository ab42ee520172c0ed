"""Sets of ids in an address: any comes back, and what none was packed as is refused, never guessed."""

import re
import zlib
from base64 import urlsafe_b64encode

import pytest

from tracker.words.id_sets import MOST_BYTES, packed_ids, unpacked_ids


@pytest.mark.parametrize("ids", [[], [1], [5, 6, 7], [10**17, 10**17 + 9], list(range(1, 4000, 3))])
def test_packed_ids_come_back(ids: list[int]) -> None:
    word = packed_ids(ids)
    assert (unpacked_ids(word), re.fullmatch(r"[A-Za-z0-9._-]*", word) is not None) == (set(ids), True)


@pytest.mark.parametrize("ids", [[1, 10**9]])
def test_ids_that_no_address_holds_are_refused(ids: list[int]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        packed_ids(ids)


@pytest.mark.parametrize("word", ["x", "1", "1.", "1.x", "-1.eJw", "１.eJw", f"{'9' * 19}.eJw", "1.AAAA"])
def test_what_no_set_was_packed_as_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=re.escape(word)):
        unpacked_ids(word)


@pytest.mark.parametrize("cut", [1, 4])
def test_a_word_that_was_cut_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        unpacked_ids(packed_ids(range(1, 400, 7))[:-cut])


def test_a_word_that_unpacks_to_too_much_is_refused() -> None:
    bomb = urlsafe_b64encode(zlib.compress(bytes(MOST_BYTES + 1))).decode().rstrip("=")
    with pytest.raises(ValueError, match=r"\d"):
        unpacked_ids(f"1.{bomb}")

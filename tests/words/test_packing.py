"""What is packed comes back as it was, one thing at a time."""

import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from tracker.words.packing import lines, pack, unpack

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
THINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda children: st.lists(children) | st.dictionaries(TEXTS, children),
    max_leaves=8,
)


@given(st.lists(THINGS))
def test_packed_things_come_back(things: list[object]) -> None:
    assert list(unpack(pack(things))) == things


@given(st.lists(TEXTS))
def test_each_thing_is_one_line_whatever_breaks_are_in_it(texts: list[str]) -> None:
    assert [json.loads(line) for line in lines(pack(texts))] == texts


def test_no_bytes_are_no_things() -> None:
    assert list(unpack(b"")) == list(unpack(memoryview(b""))) == list(unpack(pack([]))) == []


def test_the_same_things_give_the_same_bytes() -> None:
    things = [{"主な取組": "・駅を直しました。"}] * 50
    assert pack(things) == pack(things)
    assert len(pack(things)) < len(gzip.decompress(pack(things))) / 10


def test_things_are_read_one_at_a_time() -> None:
    told = unpack(pack([1]) + b"what follows is broken")
    assert next(told) == 1

"""Differences of two texts: nothing is lost, no character is cut, and no pair takes long."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words.differences import WORD, Piece, words

ALL_CHARACTERS = st.characters(exclude_categories=())  # lone surrogates too
CLUSTERS = st.sampled_from(
    [
        "👩🏽‍🏫",
        "👨‍👩‍👧",
        "🇯🇵",
        "🇺🇸",
        "葛󠄀",
        "か\u3099",
        "は\u309a",
        "1️⃣",
        "é",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "会",
        "議",
        "を",
        "3",
        "回",
        "・",
        "。",
        "\n",
        "\r\n",
        "　",
    ]
)
TEXTS = st.text(ALL_CHARACTERS) | st.lists(CLUSTERS).map("".join) | st.text("会議をの。12\n", max_size=60)


def joined(pieces: list[Piece], *kinds: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


def marked(before: str, after: str) -> str:
    """The pieces as 「[-removed-]{+added+}」."""
    form = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(form[piece.kind].format(piece.text) for piece in words(before, after))


@given(before=TEXTS, after=TEXTS)
def test_pieces_join_to_both_texts(before: str, after: str) -> None:
    pieces = words(before, after)
    assert joined(pieces, "same", "removed") == before
    assert joined(pieces, "same", "added") == after
    assert all(piece.text for piece in pieces)


@given(text=TEXTS)
def test_equal_texts_are_one_piece(text: str) -> None:
    assert words(text, text) == ([Piece("same", text)] if text else [])
    assert words("", text) == ([Piece("added", text)] if text else [])
    assert words(text, "") == ([Piece("removed", text)] if text else [])


@given(before=st.lists(CLUSTERS), after=st.lists(CLUSTERS))
def test_no_word_is_cut(before: list[str], after: list[str]) -> None:
    pieces = words("".join(before), "".join(after))
    for kind, text in (("removed", "".join(before)), ("added", "".join(after))):
        cut = [word for piece in pieces if piece.kind in ("same", kind) for word in WORD.findall(piece.text)]
        assert cut == WORD.findall(text)


@pytest.mark.parametrize("cluster", ["👩🏽‍🏫", "👨‍👩‍👧", "🇯🇵", "葛󠄀", "か\u3099", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\r\n"])
def test_what_a_reader_sees_as_one_character_is_one_word(cluster: str) -> None:
    assert WORD.findall(f"、{cluster}、") == ["、", cluster, "、"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("・会議を3回開きました。", "・会議を12回開きました。", "・会議を[-3-]{+12+}回開きました。"),
        ("・計画をまとめました。", "・計画をまとめて公表しました。", "・計画をまとめ{+て公表し+}ました。"),
        ("・会議を開く。", "・会議を開く。\n・工事を始める。", "・会議を開く。{+\n・工事を始める。+}"),
        ("・子育て支援センター", "・子育て支援ホール", "・子育て支援[-センター-]{+ホール+}"),
        ("家族👨‍👩‍👧の日", "家族👨‍👩‍👦の日", "家族[-👨‍👩‍👧-]{+👨‍👩‍👦+}の日"),
        ("令和5年度に設計", "令和6年度に工事", "令和[-5-]{+6+}年度に[-設計-]{+工事+}"),
    ],
)
def test_differences_are_told_in_words(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def hard_pairs() -> dict[str, tuple[str, str]]:
    chance = random.Random(3)
    kinds = "会議開催工事計画を実施しましたのでに。、・\nABC012アイウ"
    scattered = ["".join(chance.choices(kinds, k=10_000)) for _ in range(2)]
    return {
        "unlike": (scattered[0], scattered[1]),
        "one kind": ("あ" * 10_000, "あ" * 9_990),
        "lines": ("・\n" * 5_000, "・\n" * 4_000),
        "breaks": ("\n" * 10_000, "\n" * 9_000),
        "shuffled": (scattered[0], "".join(chance.sample(scattered[0], 10_000))),
        "alternating": ("あい" * 5_000, "いう" * 5_000),
        "sparse": (scattered[0], "".join(c if chance.random() > 0.1 else "変" for c in scattered[0])),
        "all different": (
            "".join(map(chr, range(0x3041, 0x3041 + 10_000))),
            "".join(map(chr, range(0x5000, 0x5000 + 10_000))),
        ),
    }


@pytest.mark.parametrize("name", hard_pairs())
def test_long_texts_take_bounded_time(name: str) -> None:
    before, after = hard_pairs()[name]
    begun = time.process_time()
    pieces = words(before, after)
    took = time.process_time() - begun
    assert (joined(pieces, "same", "removed"), joined(pieces, "same", "added")) == (before, after)
    assert took < 3

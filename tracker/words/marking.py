"""Where a searched word stands in a text as it was written, in whatever spelling. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tracker.words.bullets import without_mark
from tracker.words.folding import fold_for_search
from tracker.words.visible import UNSEEN

Spellings = Sequence[Sequence[str]]  # of each word that is looked for, folded: `Search.words`

SENTENCE = re.compile(r"[^。\n]+。?")
MOST_CHARACTERS = 90  # of a sentence that is shown
VOICED = "゛゜ﾞﾟ"  # a mark that joins the letter before it


class MarkedPiece(NamedTuple):
    """A part of a text, and whether it was looked for."""

    text: str
    is_found: bool


def marked(text: str, words: Spellings) -> list[MarkedPiece]:
    """The text in pieces. Where folding it by letters is not folding it whole, nothing is marked."""
    folded, places = _by_letter(text)
    if folded != fold_for_search(text):
        return [MarkedPiece(text, False)]
    spans = _joined(
        (places[at][0], places[at + len(spelling) - 1][1])
        for spellings in words
        for spelling in spellings
        for at in _all_places(spelling, folded)
    )
    pieces, done = [], 0
    for start, end in spans:
        pieces += [MarkedPiece(text[done:start], False), MarkedPiece(text[start:end], True)]
        done = end
    return [piece for piece in [*pieces, MarkedPiece(text[done:], False)] if piece.text]


def telling_sentences(text: str, words: Spellings) -> tuple[str, set[int]]:
    """The first sentence that says most of the words, and which these are, by their place among `words`.

    A word may run on from a sentence into the next: then it is the whole text that says it. ("", set()) where
    no word is said.
    """
    said = _said(text, words)
    if not said:
        return "", said
    sentences = [without_mark(sentence.strip()) for sentence in SENTENCE.findall(text)]
    best = max(sentences, key=lambda sentence: len(_said(sentence, words)))
    return (best, found) if (found := _said(best, words)) else (without_mark(text), said)


def shortened(pieces: Sequence[MarkedPiece], most: int = MOST_CHARACTERS) -> list[MarkedPiece]:
    """A long text round its first found word, so that this is seen; with 「…」 where it is cut."""
    text = "".join(piece.text for piece in pieces)
    if len(text) <= most:
        return list(pieces)
    at = next(
        (len("".join(p.text for p in pieces[:i])) for i, piece in enumerate(pieces) if piece.is_found), 0
    )
    start = max(0, min(at - most // 3, len(text) - most))
    end, place, kept = start + most, 0, []
    for piece in pieces:
        own = piece.text[max(0, start - place) : max(0, end - place)]
        place += len(piece.text)
        kept += [MarkedPiece(own, piece.is_found)] if own else []
    before, after = (MarkedPiece("…", False) if cut else None for cut in (start > 0, end < len(text)))
    return [piece for piece in (before, *kept, after) if piece]


def _said(text: str, words: Spellings) -> set[int]:
    folded = fold_for_search(text)
    return {n for n, spellings in enumerate(words) if any(spelling in folded for spelling in spellings)}


def _by_letter(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text made letter by letter, and of each of its characters where it came from."""
    folded, places, start = "", [], 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins(text[end]):
            continue
        own = _folded_letter(text[start:end])
        folded += own
        places += [(start, end)] * len(own)
        start = end
    return folded, places


def _joins(character: str) -> bool:
    return character in VOICED or bool(unicodedata.combining(character) or UNSEEN.match(character))


@lru_cache(maxsize=4_000)
def _folded_letter(letter: str) -> str:
    return fold_for_search(letter)


def _all_places(spelling: str, folded: str) -> Iterable[int]:
    return (found.start() for found in re.finditer(f"(?={re.escape(spelling)})", folded)) if spelling else ()


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((start, end))
    return joined

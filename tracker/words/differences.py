"""What differs between two texts, word by word. Pure.

A word is a run of kanji, of katakana, or of letters and digits. Every other character stands alone. What a
reader sees as one character (an emoji with its skin tone, a kanji with its variation selector) is never cut.
"""

import re
from dataclasses import dataclass
from itertools import chain, count
from typing import Literal

from diff_match_patch import diff_match_patch

Kind = Literal["same", "added", "removed"]

MAX_SECONDS = 0.3  # of looking for the shortest difference; after them the rest counts as replaced
KINDS: dict[int, Kind] = {0: "same", 1: "added", -1: "removed"}

# What belongs to the character before it: combining and enclosing marks, voicing marks, variation selectors,
# skin tones, tags.
MARKS = (
    "\u0300-\u036f\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
TAIL = rf"(?:[{MARKS}]|\u200d[^\n])*"
KANJI = "々〆\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KATAKANA = "ァ-ヺー-ヿ\u31f0-\u31ff\uff66-\uff9f"
LETTERS = "0-9A-Za-z０-９Ａ-Ｚａ-ｚ"
WORD = re.compile(
    rf"\r\n|(?:[{KANJI}]{TAIL})+|(?:[{KATAKANA}]{TAIL})+|(?:[{LETTERS}]{TAIL})+|[\U0001f1e6-\U0001f1ff]{{2}}{TAIL}|.{TAIL}",
    re.DOTALL,
)
LINE_ENDS = {"\n", "\r", "\r\n"}


@dataclass(frozen=True)
class Piece:
    """A stretch of text that both have, or only one of them."""

    kind: Kind
    text: str


def words(before: str, after: str) -> list[Piece]:
    """The way from one text to the other: "same" and "removed" make `before`, "same" and "added" `after`.

    It takes at most about `MAX_SECONDS` for texts of 10,000 characters. A hard pair is told more coarsely.
    """
    ours, theirs = WORD.findall(before), WORD.findall(after)
    letters = _letters(chain(ours, theirs))
    wording = {letter: word for word, letter in letters.items()}
    engine = diff_match_patch()
    engine.Diff_Timeout = MAX_SECONDS
    found = engine.diff_main(
        "".join(letters[word] for word in ours), "".join(letters[word] for word in theirs), False
    )
    engine.diff_cleanupSemantic(found)
    return [Piece(KINDS[kind], "".join(wording[letter] for letter in text)) for kind, text in found if text]


def _letters(tokens: chain[str]) -> dict[str, str]:
    """A letter for every word, so that the engine, which compares letters, compares words.

    The engine likes to cut beside spaces and what is no letter. The stand-ins are chosen so that it can tell.
    """
    wordlike, other = count(0x20000), count(0xF0000)  # kanji, private use
    letters: dict[str, str] = {}
    for token in tokens:
        if token not in letters:
            letters[token] = chr(next(wordlike if token[0].isalnum() else other))
    # The stand-ins for line breaks count as spaces. For real breaks the engine reads the whole text again and
    # again.
    return letters | dict(zip(sorted(LINE_ENDS & letters.keys()), "\u2028\u2029\x85", strict=False))

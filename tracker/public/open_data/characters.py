"""Characters that CSV and Excel rewrite in plain ones, and those that cp932 (Shift_JIS of Windows) lacks.

JSON keeps the exact wording. Nothing is changed in silence: the table rewritten_characters lists every
rewriting, cp932_replacements every replacement for cp932.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tracker.public.open_data.columns import DataValue
from tracker.workbooks.csv_text import guarded

CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFFFE, 0xFFFF)))
ENDS_LINE = "\t\n\r\x85\u2028\u2029"
SPACES = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
FOR_LOOKS = SPACES + CONTROLS  # around a wording (rule L1-06)
# Circled and bracketed numbers, letters, words; Roman numerals, fractions; squared words; № and ℡; controls.
DEPENDENT = re.compile(
    f"[\u2460-\u24ff\u2776-\u2793\u2150-\u217f\u2189\u3200-\u33ff\u2116\u2121{re.escape(CONTROLS)}]"
)
CIRCLED = re.compile("[\u2460-\u24ff\u2776-\u2793\u3244-\u325f\u3280-\u32bf\u32d0-\u32fe]")
NO_CHARACTER = "〓"  # what Japanese print sets where a type is missing
IN_WORDS = {"": "（なし）", " ": "（空白）"}
HARMLESS = re.compile(r"-?(?:0|[1-9][0-9,]*)(?:\.[0-9]+)?%?|.")  # a number, or one sign alone, runs nothing
# What cp932 has in another spelling of the same shape.
LIKE = {
    "\u301c": "～",
    "\u2014": "―",
    "\u2212": "－",
    "\u2016": "∥",
    "\u00a2": "￠",
    "\u00a3": "￡",
    "\u00ac": "￢",
    "\u00a5": "￥",
    "\u203e": "￣",
    "\u00a0": " ",
}
PRIVATE = re.compile("[\ue000-\uf8ff]")  # 外字: whoever reads them sees characters of their own
# It says how the character before it looks.
VARIATION_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class Rewriting(NamedTuple):
    """A character and what is written for it."""

    character: str
    written_as: str

    @property
    def code_point(self) -> str:
        return f"U+{ord(self.character):04X}"

    @property
    def words(self) -> str:
        """What is written, in words where nothing could be seen."""
        written = self.written_as
        return f"（'）{written[1:]}" if written.startswith("'") else IN_WORDS.get(written, written)

    @property
    def name(self) -> str:
        """The character's name in Unicode; controls have none."""
        return unicodedata.name(self.character, "CONTROL")


def plain(value: DataValue) -> DataValue:
    """A value as CSV and Excel write it: ① and ❶ become (1), ㈱ (株), Ⅲ III, a line break a space."""
    if not isinstance(value, str):
        return value
    return DEPENDENT.sub(lambda found: plain_character(found[0]), value.strip(FOR_LOOKS))


def in_csv(value: DataValue) -> DataValue:
    """A value as CSV writes it: plain, with an apostrophe before a text that a spreadsheet would run."""
    written = plain(value)
    return guarded(written) if isinstance(written, str) and not HARMLESS.fullmatch(written) else written


def rewritings(wording: str) -> Iterator[Rewriting]:
    """What `plain` does to a wording, character by character."""
    core = wording.strip(FOR_LOOKS)
    before = wording.index(core)
    for character in wording[:before] + wording[before + len(core) :]:
        yield Rewriting(character, "")
    for character in DEPENDENT.findall(core):
        if (written := plain_character(character)) != character:
            yield Rewriting(character, written)


def apostrophe(wording: str) -> list[Rewriting]:
    """What `in_csv` does to a wording besides: nothing, or an apostrophe before its first character."""
    written = str(in_csv(wording))
    return [] if written == plain(wording) else [Rewriting(written[1], written[:2])]


@cache
def plain_character(character: str) -> str:
    """What stands for one platform-dependent character."""
    if character in CONTROLS:
        return " " if character in ENDS_LINE else ""
    folded = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
    if not CIRCLED.match(character):
        return folded
    inside = f"{unicodedata.numeric(character):g}" if folded == character else folded.rstrip(".")
    return inside if inside.startswith("(") else f"({inside})"


def in_cp932(text: str) -> str:
    """A text in which each character that cp932 lacks is replaced."""
    if not PRIVATE.search(text) and text == text.encode("cp932", "replace").decode("cp932"):
        return text  # nearly always, and ten times quicker than a look at each character
    return "".join(character if holds(character) else written_in_cp932(character) for character in text)


def replacements(text: str) -> Iterator[Rewriting]:
    """What `in_cp932` does to a text, character by character."""
    if text != in_cp932(text):
        for character in text:
            if not holds(character):
                yield Rewriting(character, written_in_cp932(character))


@cache
def holds(character: str) -> bool:
    """Whether cp932 has the very character. Its codec replaces some in silence, and encodes private ones."""
    if PRIVATE.match(character):
        return False
    try:
        return character.encode("cp932").decode("cp932") == character
    except UnicodeEncodeError:
        return False


def written_in_cp932(character: str) -> str:
    """What is written for a character that cp932 lacks: its like, nothing for a selector, else 〓."""
    return "" if VARIATION_SELECTOR.match(character) else LIKE.get(character, NO_CHARACTER)

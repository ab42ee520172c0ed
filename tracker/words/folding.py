"""Text folded for matching and searching only. It is never shown, nor stored in place of the wording."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import jaconv
from jaconv.conv_table import K2H_TABLE

from tracker.words.visible import UNSEEN, without_unseen

# Horizontal strokes that look alike and are typed for each other: minus, hyphens, dashes, 「ー」, rules.
STROKES = "\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\u2796\u2e3a\u30fc"
TILDES = "\u02dc\u2053\u223c\u223e\u301c\u3030"
KANJI_FORMS = Path(__file__).with_name("kanji_forms.txt")  # groups of forms, a line each; the first is kept


def _kanji_forms() -> dict[str, str]:
    groups = [
        line for line in KANJI_FORMS.read_text(encoding="utf-8").splitlines() if line[:1] not in {"#", ""}
    ]
    return {form: group[0] for group in groups for form in group[1:]}


ALIKE = str.maketrans(
    {**_kanji_forms(), **dict.fromkeys(STROKES, "-"), **dict.fromkeys(TILDES, "~"), "ゕ": "か", "ゖ": "け"}
)


def fold(text: str) -> str:
    """Full-width digits, letters and brackets made half-width (NFKC); white space and the unseen removed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", without_unseen(text)))


def fold_for_search(text: str) -> str:
    """Text as it is searched, by the same rule in the index and in what is asked.

    「ＤＸ推進」 and 「dx推進」 are the same; サービス, ｻｰﾋﾞｽ and さーびす; 2ー2ー3 and ２−２−３; 〜 and ～.
    A stroke is folded whatever stands beside it, so that a part of a text is found in it.
    """
    kana = jaconv.kata2hira(fold(text).lower()).translate(ALIKE)
    return unicodedata.normalize("NFKC", kana)  # a mark that stood apart (か ゛) joins its letter


def folding_tables() -> dict[str, str]:
    """What a script folds by: the unseen, as a class of a pattern, and which letter becomes which."""
    letters = dict.fromkeys((*map(chr, K2H_TABLE), *map(chr, ALIKE)))
    became = {letter: jaconv.kata2hira(letter).translate(ALIKE) for letter in letters}
    return {"unseen": UNSEEN.pattern, "from": "".join(became), "to": "".join(became.values())}


def folded_pieces(pieces: Iterable[str | None]) -> str:
    """Several texts folded for searching, a line each: no word is found across two of them."""
    return "\n".join(fold_for_search(piece) for piece in pieces if piece)

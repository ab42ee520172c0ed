"""Text folded for matching and searching only. It is never shown, nor stored in place of the wording."""

import re
import unicodedata


def fold(text: str) -> str:
    """Full-width digits, letters and brackets made half-width (NFKC), white space removed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def fold_for_search(text: str) -> str:
    """Text as it is searched: 「ＤＸ推進」 and 「dx推進」 are the same."""
    return fold(text).lower()

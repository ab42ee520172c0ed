"""What is asked of a search: each word under all its spellings. Pure.

synonyms.txt has the spellings that the program brings; those in use are kept by people (models/synonyms).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from tracker.words.folding import fold_for_search

SYNONYMS = Path(__file__).with_name("synonyms.txt")
MOST_SPELLINGS = 24  # of one word: one with several pieces from the table has their product
LETTERS = "[a-z0-9]"
KANA = "[ぁ-ゖ-]"  # folded; - is the 「ー」 of a long vowel

Groups = dict[str, tuple[str, ...]]  # a folded spelling, and its group as written


def groups_of(lines: Iterable[str]) -> Groups:
    """The groups of some lines, by each spelling. Raises ValueError, in words, for what is no group."""
    found: Groups = {}
    for line in lines:
        group = tuple(dict.fromkeys(line.split()))
        folded = [fold_for_search(spelling) for spelling in group]
        if len(folded) < 2:
            raise ValueError(
                f"「{line}」のほかの書き方がありません。空白で区切って、2 つ以上書いてください。"
            )
        if len(set(folded)) < len(folded):
            raise ValueError(
                f"「{line}」には、書かなくても同じものとして探す書き方があります。除いてください。"
            )
        if taken := next((spelling for spelling in folded if spelling in found), ""):
            other = " ".join(found[taken])
            raise ValueError(
                f"「{line}」の書き方が、ほかの組「{other}」にもあります。1 つの組にまとめてください。"
            )
        found |= dict.fromkeys(folded, group)
    return found


@cache
def shipped_groups() -> Groups:
    """The groups of synonyms.txt."""
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    return groups_of(line for line in lines if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=4)
def _in_a_word(spellings: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the spellings in a folded word, the longest first; nothing where there are none."""
    return re.compile("|".join(map(_alone, sorted(spellings, key=len, reverse=True))) or "(?!)")


def pattern_of(groups: Groups) -> str:
    """The pattern that finds spellings of the groups in a folded word, for a script too."""
    return _in_a_word(tuple(groups)).pattern


def _alone(spelling: str) -> str:
    """A spelling that is no part of a longer word: letters, and short kana, often are (がん in がんばる)."""
    pattern = re.escape(spelling)
    for kind, longest in ((LETTERS, 100), (KANA, 2)):
        if len(spelling) <= longest and re.fullmatch(f"{kind}+", spelling):
            return f"(?<!{kind}){pattern}(?!{kind})"
    return pattern


@dataclass(frozen=True)
class Search:
    """What a text must say: of each word one of its spellings, folded, the one that was typed first.

    `also` are the pieces from the table as it writes them, each with its other spellings.
    """

    words: tuple[tuple[str, ...], ...]
    also: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, typed: str, groups: Groups | None = None) -> "Search":
        """The search for words between spaces, by these groups, else by those that the program brings.

        A word that nobody can see is none.
        """
        own = shipped_groups() if groups is None else groups
        words = [word for word in map(fold_for_search, typed.split()) if word]
        pattern = _in_a_word(tuple(own))
        pieces = dict.fromkeys(piece for word in words for piece in pattern.findall(word))
        return cls(
            tuple(_spellings(word, pattern, own) for word in words),
            tuple(_told(piece, own[piece]) for piece in pieces),
        )

    def finds(self, folded: str) -> bool:
        """Whether a folded text says all of it."""
        return all(any(spelling in folded for spelling in spellings) for spellings in self.words)


def _spellings(word: str, pattern: re.Pattern[str], groups: Groups) -> tuple[str, ...]:
    ways: list[list[str]] = []
    for between, piece in zip(pattern.split(word), [*pattern.findall(word), ""], strict=True):
        others = [fold_for_search(spelling) for spelling in groups.get(piece, ())]
        ways += [[between], list(dict.fromkeys([piece, *others]))]
    return tuple(map("".join, islice(product(*ways), MOST_SPELLINGS)))


def _told(piece: str, group: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    own = next(spelling for spelling in group if fold_for_search(spelling) == piece)
    return own, tuple(spelling for spelling in group if spelling != own)

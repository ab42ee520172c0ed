"""What is asked of a search: each word under all its spellings. Pure; the spellings are in synonyms.txt."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path

from tracker.words.folding import fold_for_search

SYNONYMS = Path(__file__).with_name("synonyms.txt")
MOST_SPELLINGS = 24  # of one word: one with several pieces from the table has their product
LETTERS = "[a-z0-9]"
KANA = "[ぁ-ゖ-]"  # folded; - is the 「ー」 of a long vowel

Groups = dict[str, tuple[str, ...]]  # a folded spelling, and its group as written


def groups_in(table: str) -> Groups:
    """The groups of a table of synonyms. Raises ValueError, in words, for a line that cannot be one."""
    found: Groups = {}
    for number, line in enumerate(table.splitlines(), start=1):
        group = tuple(dict.fromkeys(() if line.startswith("#") else line.split()))
        folded = [fold_for_search(spelling) for spelling in group]
        if len(folded) == 1:
            raise ValueError(f"{number} 行目：「{line}」のほかの書き方がありません。")
        if len(set(folded)) < len(folded) or not found.keys().isdisjoint(folded):
            words = f"{number} 行目：「{line}」に、検索では同じ書き方か、ほかの組の書き方があります。"
            raise ValueError(words)
        found |= dict.fromkeys(folded, group)
    return found


@cache
def synonyms() -> Groups:
    """The groups of synonyms.txt."""
    return groups_in(SYNONYMS.read_text(encoding="utf-8"))


@cache
def _in_a_word() -> re.Pattern[str]:
    """Finds the table's spellings in a folded word, the longest first."""
    return re.compile("|".join(map(_alone, sorted(synonyms(), key=len, reverse=True))))


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
    def of(cls, typed: str) -> "Search":
        """The search for words between spaces. A word that nobody can see is none."""
        words = [word for word in map(fold_for_search, typed.split()) if word]
        pieces = dict.fromkeys(piece for word in words for piece in _in_a_word().findall(word))
        return cls(tuple(map(_spellings, words)), tuple(map(_told, pieces)))

    def finds(self, folded: str) -> bool:
        """Whether a folded text says all of it."""
        return all(any(spelling in folded for spelling in spellings) for spellings in self.words)


def _spellings(word: str) -> tuple[str, ...]:
    pattern = _in_a_word()
    ways: list[list[str]] = []
    for between, piece in zip(pattern.split(word), [*pattern.findall(word), ""], strict=True):
        others = [fold_for_search(spelling) for spelling in synonyms().get(piece, ())]
        ways += [[between], list(dict.fromkeys([piece, *others]))]
    return tuple(map("".join, islice(product(*ways), MOST_SPELLINGS)))


def _told(piece: str) -> tuple[str, tuple[str, ...]]:
    group = synonyms()[piece]
    own = next(spelling for spelling in group if fold_for_search(spelling) == piece)
    return own, tuple(spelling for spelling in group if spelling != own)

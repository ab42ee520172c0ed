"""The stock phrase 「令和N年度までの取組を引き続き実施しました（します）。」 and what it refers to.

Staff type it every year, and alone it tells a reader nothing. Here it is recognised, so that it can be
counted, and expanded into the wording of the years that it points at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.words.bullets import without_mark
from tracker.words.fiscal_years import FISCAL_YEAR, short_label, year_of
from tracker.words.folding import fold
from tracker.words.visible import is_empty_to_the_eye

# The phrase up to its verb; what follows 「引き続き」 differs (実施しました, 実施します, 実施しています).
PHRASE = re.compile(
    r"^(?P<before>.*?)" + FISCAL_YEAR.pattern + r"(?:まで)?の(?:の)?取り?組み?を(?P<with>.{0,30}?)引き?続き"
)
PURE_PHRASE = re.compile(
    "^" + FISCAL_YEAR.pattern + r"までの取り?組み?を引き?続き(?:実施|継続|行い|行な?って|進め)(?:し|い)?"
    r"(?:ました|ます|しました|します|しています|ています)?。?$"
)


@dataclass(frozen=True)
class Continuation:
    """A line that says "as before": the last year that it points back to, and whether it says only that."""

    until: int
    only: bool


def in_line(line: str) -> Continuation | None:
    """What a line continues, or None. A line that says more beside the phrase counts too."""
    wording = fold(without_mark(line))
    match = PHRASE.match(wording)
    return Continuation(until=year_of(match), only=bool(PURE_PHRASE.match(wording))) if match else None


def phrase_years(text: str) -> list[int]:
    """The years N of every 「令和N年度までの取組を引き続き…」 in the text."""
    return [found.until for line in text.splitlines() if (found := in_line(line)) and "まで" in line]


def is_only_continuation(text: str) -> bool:
    """Whether the text says nothing but "as before"."""
    wordings = [line for line in text.splitlines() if not is_empty_to_the_eye(line)]
    return bool(wordings) and all((found := in_line(line)) is not None and found.only for line in wordings)


def referred(until: int, results: Mapping[int, str]) -> list[tuple[int, list[str]]]:
    """The wording that a continuation up to a year stands for.

    `results` maps fiscal years to texts. Returns (fiscal year, lines) for each year up to `until`, oldest
    first. Lines that only say "as before", or nothing, are left out, and so are years that add nothing.
    """
    found: list[tuple[int, list[str]]] = []
    for year in sorted(year for year in results if year <= until):
        lines = [line for line in results[year].splitlines() if not is_empty_to_the_eye(line)]
        own = [line for line in lines if not ((c := in_line(line)) and c.only)]
        if own:
            found.append((year, own))
    return found


def phrase(fiscal_year: int, *, done: bool) -> str:
    """The stock phrase for a year's text: done in it (しました), or planned for it (します)."""
    return f"・{short_label(fiscal_year - 1)}までの取組を引き続き実施{'しました' if done else 'します'}。"

"""How the entry sheet writes a rating, and what a clerk may type for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from tracker.entry_sheets.file.columns import UNRATED
from tracker.words.folding import fold
from tracker.words.step_names import step_name

UNRATED_WORDS = "評価を付けない"
# Typed for 「評価を付けない」; fold() makes one hyphen of the full-width one.
UNRATED_KEYS = (
    *(UNRATED_WORDS, "評価をつけない", "評価なし", "評価無し", "なし"),
    *("—", "―", "─", "–", "-", "‐", "−", "ー"),
)
# Circles and crosses that an input method offers for the same sign.
LOOKALIKES = str.maketrans("〇◯⭕✕✖╳", "○○○×××")


@dataclass(frozen=True)
class Step:
    """One step of the rating scale."""

    code: str
    label: str
    definition: str = ""

    @property
    def words(self) -> str:
        """As the sheet shows it."""
        return step_name(self.code, self.label)


def written(value: str, scale: Sequence[Step]) -> str:
    """The words of a rating's value. A code that is not in the scale is written as it is."""
    if value == UNRATED:
        return UNRATED_WORDS
    return next((step.words for step in scale if step.code == value), value)


class Ratings:
    """Knows a step again by what is typed: its words, its code, or its label where no other step has it."""

    def __init__(self, scale: Sequence[Step]) -> None:
        self.scale = scale
        codes, words = {step.code: step.code for step in scale}, {step.words: step.code for step in scale}
        self.exact = {"": "", UNRATED_WORDS: UNRATED} | codes | words
        self.known = {_key(typed): UNRATED for typed in UNRATED_KEYS}
        # The least telling first: what a later line knows takes the place of it.
        for spelling in map(attrgetter, ("label", "words", "code")):
            keys = [_key(spelling(step)) for step in scale]
            steps = zip(keys, scale, strict=True)
            self.known |= {key: step.code for key, step in steps if keys.count(key) == 1}
        self.known[""] = ""

    def value(self, typed: str) -> str | None:
        """The code, UNRATED or "" that is meant; None for what is none of them."""
        return self.exact[typed] if typed in self.exact else self.known.get(_key(typed))

    @property
    def refusal(self) -> str:
        """What to say to anything else."""
        allowed = "".join(f"「{words}」" for words in [*(step.words for step in self.scale), UNRATED_WORDS])
        return f"実施状況は{allowed}のどれかを選んでください。"


def _key(typed: str) -> str:
    return fold(typed).translate(LOOKALIKES).casefold()

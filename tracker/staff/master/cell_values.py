"""What a person writes into a cell of a master data file: years, answers, lines."""

import re
from collections.abc import Iterable

from tracker.words.folding import fold

YES, NO, NONE = "はい", "いいえ", "なし"
ANSWERS = dict.fromkeys([YES, "○", "1", "true"], True) | dict.fromkeys([NO, "", "0", "false"], False)
PLAUSIBLE_YEARS = range(1900, 2200)  # fiscal years that are no slip of the finger
NO_YEAR = "西暦 4 桁で書いてください（例：2024）。"


def year_in(text: str) -> int | None:
    """A fiscal year; None for blank. Raises ValueError."""
    folded = fold(text)
    if not folded:
        return None
    if not re.fullmatch(r"\d{4}", folded) or int(folded) not in PLAUSIBLE_YEARS:
        raise ValueError(f"「{text}」は年度として読めません。{NO_YEAR}")
    return int(folded)


def answer_in(text: str) -> bool:
    """Yes or no; blank is no. Raises ValueError."""
    answer = ANSWERS.get(fold(text).lower())
    if answer is None:
        raise ValueError(f"「{text}」は読めません。「はい」か空欄にしてください。")
    return answer


def lines_in(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def in_lines(parts: Iterable[object]) -> str:
    return "\n".join(map(str, parts))

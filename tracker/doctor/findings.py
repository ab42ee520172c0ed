"""What an examination finds: of what, how it stands, in words, and what to do."""

from enum import StrEnum
from typing import NamedTuple


class Soundness(StrEnum):
    """How something stands; only a trouble makes the command end with 1."""

    GOOD = "良好"
    NOTICE = "注意"
    TROUBLE = "問題"


class Finding(NamedTuple):
    """One finding. `to_do` is "" where there is nothing to do."""

    topic: str
    standing: Soundness
    words: str
    to_do: str = ""


def good(topic: str, words: str) -> Finding:
    return Finding(topic, Soundness.GOOD, words)


def notice(topic: str, words: str, to_do: str) -> Finding:
    return Finding(topic, Soundness.NOTICE, words, to_do)


def trouble(topic: str, words: str, to_do: str) -> Finding:
    return Finding(topic, Soundness.TROUBLE, words, to_do)

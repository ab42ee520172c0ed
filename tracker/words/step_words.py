"""What steps of a scale mean in やさしい日本語 and in English, by name: step_words.csv, which grows."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class StepWords(NamedTuple):
    """A step in plain words; each "" where the list does not know the label."""

    easy: str = ""
    english: str = ""


@cache
def _known() -> dict[str, StepWords]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {line["label"]: StepWords(line["easy"], line["english"]) for line in csv.DictReader(file)}


def step_words(*names: str) -> StepWords:
    """By the first name of a step that the list knows: its label, or a code that is a word."""
    return next((_known()[name] for name in names if name in _known()), StepWords())

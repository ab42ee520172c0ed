"""The name of a step of a rating scale, the same on every page, in every file and in every mail. Pure."""


def step_name(code: str, label: str) -> str:
    """「A 達成」, 「◎ 実施済」; a word, which is its own label, once: 「順調」; a code without a label alone."""
    return code if label in {"", code} else f"{code} {label}"

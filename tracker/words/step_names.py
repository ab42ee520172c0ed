"""The name of a step of a rating scale, the same on every page, in every file and in every mail. Pure."""

NOT_RATED = "評価なし"  # what stands where a rating is none


def step_name(code: str, label: str) -> str:
    """「A 達成」, 「◎ 実施済」. A word is its own label and is said once: 「順調」."""
    return code if label in {"", code} else f"{code} {label}"

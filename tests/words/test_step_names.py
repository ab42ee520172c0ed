"""One name for a step of the scale."""

import pytest

from tracker.words.step_names import step_name


@pytest.mark.parametrize(
    ("code", "label", "name"),
    [
        ("A", "達成", "A 達成"),
        ("◎", "実施済", "◎ 実施済"),
        ("順調", "順調", "順調"),
        ("S", "", "S"),
        ("1", "１", "1 １"),
    ],
)
def test_a_word_is_said_once(code: str, label: str, name: str) -> None:
    assert step_name(code, label) == name

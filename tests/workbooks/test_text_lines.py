"""How many lines a text takes."""

import pytest

from tracker.workbooks.text_lines import line_count, text_width


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("市長", 4), ("①“ア”", 8), ("ｱｲ", 2), ("𠮷", 2)]
)
def test_width_counts_half_width_characters(text: str, expected: int) -> None:
    assert text_width(text) == expected


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("", 10, 1),
        ("あいうえお", 10, 1),
        ("あいうえおか", 10, 2),
        ("あいうえ\nお", 10, 2),
        ("あ\n\nい", 10, 3),
        ("あいうえお。", 10, 2),  # the full stop takes its letter along
        ("あいうえabcdef", 10, 2),  # a word is not parted
        ("abcdefghijklmnopqrstuvwxyz", 10, 3),  # unless it is longer than a line
        ("あいう「えお」", 10, 2),
        ("0123456789" * 3 + "あ", 10, 4),
    ],
)
def test_lines(text: str, room: int, expected: int) -> None:
    assert line_count(text, room) == expected

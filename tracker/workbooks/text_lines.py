"""How much room a text takes in a cell, estimated: a program that writes workbooks cannot measure it. Pure.

Widths count half-width characters. A line is broken as Excel does it: between Japanese characters, but not
before a closing mark, and not inside a Latin word or a number.
"""

import re
import unicodedata
from functools import cache

FONT = "游ゴシック"  # of the workbooks that we write
NEVER_FIRST = "、。，．・：；！？ー々」』）〕］｝〉》】ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ"
UNBROKEN = re.compile(rf"(?:[!-~]+|.)[{NEVER_FIRST}]*")


@cache
def character_width(character: str) -> int:
    """2 for a full-width character, 1 for a half-width one; ① and “ are full-width in Japanese fonts."""
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def text_width(text: str) -> int:
    """The width of a text on one line."""
    return sum(map(character_width, text))


def line_count(text: str, room: int) -> int:
    """How many lines a text takes in a cell that is `room` half-width characters wide; at least one."""
    return sum(_lines_of(line, room) for line in text.split("\n"))


def lines_of(line: str, room: int) -> list[str]:
    """One line of a text as it is broken in a cell that is `room` half-width characters wide."""
    if text_width(line) <= room:
        return [line]
    found, used = [""], 0
    for piece in UNBROKEN.findall(line):
        if used and used + text_width(piece) > room:
            found.append("")
            used = 0
        for character in piece:  # a word longer than the line is broken inside
            if used + character_width(character) > room and used:
                found.append("")
                used = 0
            found[-1] += character
            used += character_width(character)
    return found


def _lines_of(line: str, room: int) -> int:
    count, used = 1, 0
    for piece in UNBROKEN.findall(line) if text_width(line) > room else ():
        needed = text_width(piece)
        if used + needed > room and used:
            count, used = count + 1, 0
        count += (needed - 1) // room  # a word longer than the line is broken inside
        used += (needed - 1) % room + 1
    return count

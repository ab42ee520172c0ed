"""Shapes for the SVG that templates write: numbers and colours only.

A step's level, best first, chooses its colour; 0 is grey. Colours are the Digital Agency's blues; the ink
on each fill has a contrast of at least 4.5 to 1 (computed).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.reports.figures import Distribution, RatingStep, TextCounts


@dataclass(frozen=True)
class RatingLook:
    """How a rating is drawn: fill, ink on it, border."""

    fill: str
    ink: str
    border: str


LOOKS = {
    0: RatingLook("#d9d9d9", "#000000", "#767676"),  # outside the order
    1: RatingLook("#00118f", "#ffffff", "#00118f"),
    2: RatingLook("#264af4", "#ffffff", "#264af4"),
    3: RatingLook("#7096f8", "#000000", "#7096f8"),
    4: RatingLook("#c5d7fb", "#000000", "#7096f8"),
    5: RatingLook("#ffffff", "#000000", "#666666"),
}
UNRATED_LOOK = RatingLook("#f2f2f2", "#333333", "#7f7f7f")
BARE_LOOK = RatingLook("#ffffff", "#333333", "#7f7f7f")  # of a pledge without an initiative
BARE_LETTERS = "なし"


def look(step: RatingStep | None) -> RatingLook:
    return LOOKS[step.level] if step else UNRATED_LOOK


BAR = 1000.0  # units wide
LEAST_FOR_LETTER = 30.0


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar, in the bar's units."""

    x: float
    width: float
    look: RatingLook
    letter: str  # empty where it would not fit
    unrated: bool


def bar(distribution: Distribution) -> list[Segment]:
    """A stacked bar of all shares, best first, unrated last."""
    segments, x = [], 0.0
    for share in distribution.shares:
        if not share.count:
            continue
        part = BAR * share.count / distribution.total
        letter = (share.step.letter if share.step else "—") if part >= LEAST_FOR_LETTER else ""
        segments.append(Segment(round(x, 2), round(part, 2), look(share.step), letter, share.step is None))
        x += part
    return segments


def leads(distribution: Distribution) -> list[tuple[float, float]]:
    """Lines from the middle of each segment to that of its column, of as many columns as there are shares."""
    columns, middles, x = len(distribution.shares), [], 0.0
    for place, share in enumerate(distribution.shares):
        part = BAR * share.count / distribution.total if distribution.total else 0
        if share.count:
            middles.append((round(x + part / 2, 1), round(BAR * (place + 0.5) / columns, 1)))
        x += part
    return middles


def bar_room(total: int, largest: int | str) -> float:
    """How wide the picture of a group's bar is, so that bars of one table share a scale; "": it has none."""
    return round(BAR * int(largest) / total, 1) if total and largest else BAR


@dataclass(frozen=True)
class SquarePart:
    """A rectangle of a pledge's square, with its rating's letter in the middle.

    `direction` of its change since the report before: -1 up, 1 down, None none; 0 is drawn as none.
    """

    x: float
    y: float
    width: float
    height: float
    look: RatingLook
    letter: str
    unrated: bool
    direction: int | None = None

    @property
    def arrow(self) -> str:
        """The points of a small triangle in its upper right corner, up or down; empty without a direction."""
        if not self.direction:
            return ""
        size = 7 if min(self.width, self.height) > SQUARE / 2 else 5
        right, top = self.x + self.width - 2, self.y + 2
        flat, tip = (top + size, top) if self.direction < 0 else (top, top + size)
        corners = ((right - size, flat), (right, flat), (right - size / 2, tip))
        return " ".join(f"{round(x, 2):g},{round(y, 2):g}" for x, y in corners)

    @property
    def stroke(self) -> str:
        """Its line: white between dark parts, else the look's border."""
        return self.look.border if self.unrated or self.look.fill == "#ffffff" else "#ffffff"

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def baseline(self) -> float:
        return self.y + self.height / 2 + self.letter_size * 0.36

    @property
    def letter_size(self) -> float:
        return min(20.0, max(9.0, min(self.width, self.height) * 0.72)) / (1.4 if len(self.letter) > 1 else 1)


SQUARE = 44.0


def square(
    steps: Sequence[RatingStep | None], directions: Sequence[int | None] | None = None
) -> list[SquarePart]:
    """A pledge as one square of 44 units, divided evenly among its initiatives, or whole without any."""
    if not steps:
        return [SquarePart(0, 0, SQUARE, SQUARE, BARE_LOOK, BARE_LETTERS, True)]
    moved = directions or [None] * len(steps)
    columns = math.ceil(math.sqrt(len(steps)))
    height = SQUARE / math.ceil(len(steps) / columns)
    parts = []
    for index, step in enumerate(steps):
        row, column = divmod(index, columns)
        width = SQUARE / min(columns, len(steps) - row * columns)
        x, y, w, h = (round(length, 2) for length in (column * width, row * height, width, height))
        parts.append(
            SquarePart(x, y, w, h, look(step), step.letter if step else "—", step is None, moved[index])
        )
    return parts


def pie(percent: int | None) -> str:
    """The path of a sector for a percent, in a circle of radius 7 around (8, 8); empty at 0 or None."""
    if not percent:
        return ""
    if percent >= 100:
        return "M8 1a7 7 0 1 1 0 14a7 7 0 1 1 0-14z"
    angle = 2 * math.pi * percent / 100
    x, y = 8 + 7 * math.sin(angle), 8 - 7 * math.cos(angle)
    return f"M8 8V1A7 7 0 {int(percent > 50)} 1 {x:.2f} {y:.2f}z"


TEXT_LOOKS = {"new": "#0055ad", "continued": "#97d3ff", "none": "#e6e6e6"}


def text_bar(counts: TextCounts) -> list[tuple[float, float, str]]:
    """(x, width, colour) for new, continued and missing texts, in a picture 100 wide."""
    parts, x = [], 0.0
    for name, colour in TEXT_LOOKS.items():
        part = 100 * getattr(counts, name) / counts.total if counts.total else 0
        parts.append((round(x, 2), round(part, 2), colour))
        x += part
    return parts

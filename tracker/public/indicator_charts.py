"""The line chart of an indicator: shapes for the SVG that a template writes. The table beside it says it all.

Actuals are a solid line with dots, targets a dashed one with squares: nothing is told by colour alone. A year
without an actual is a gap, not 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.words.extra_values import NUMBER, in_words
from tracker.words.fiscal_years import era_year

WIDTH, HEIGHT = 360.0, 220.0
TOP, BELOW, RIGHT = 14.0, 40.0, 20.0
LETTER, LEAST_LEFT, MOST_LEFT = 6.5, 36.0, 120.0  # widths: of a digit, and of the room for the scale
MOST_YEAR_LABELS = 6
STEPS = (1, 2, 2.5, 5, 10)
ALIKE = 1e-9  # what differs by less of its size is the same


@dataclass(frozen=True)
class ChartMark:
    """A point of a line."""

    x: float
    y: float

    @property
    def corner(self) -> tuple[float, float]:
        """The upper left corner of a square of 8 units around it."""
        return round(self.x - 4, 2), round(self.y - 4, 2)


@dataclass(frozen=True)
class LineChart:
    """Ticks of the scale and years as (place, label); each line as points, cut where a year is missing.
    `begins`: the foot of the scale where it is not 0, else "".
    """

    left: float
    ticks: list[tuple[float, str]]
    years: list[tuple[float, str]]
    targets: list[list[ChartMark]]
    actuals: list[list[ChartMark]]
    begins: str

    width, height = WIDTH, HEIGHT
    right, bottom = WIDTH - RIGHT, HEIGHT - BELOW

    @property
    def target_lines(self) -> list[str]:
        return [_points(line) for line in self.targets if len(line) > 1]

    @property
    def actual_lines(self) -> list[str]:
        return [_points(line) for line in self.actuals if len(line) > 1]


def _points(line: Sequence[ChartMark]) -> str:
    return " ".join(f"{mark.x},{mark.y}" for mark in line)


def line_chart(targets: Mapping[int, float], actuals: Mapping[int, float], decimals: int) -> LineChart | None:
    """The chart of two lines by fiscal year; None where there is nothing to compare over the years."""
    years = sorted({*targets, *actuals})
    if not actuals or len(years) < 2:
        return None
    scale = _scale([*targets.values(), *actuals.values()], 10.0**-decimals)
    labels = [in_words(NUMBER, "", decimals, f"{value:.{_places(scale)}f}") for value in scale]
    left = min(MOST_LEFT, max(LEAST_LEFT, 10 + LETTER * max(map(len, labels))))
    across = _Axis(years[0], years[-1], left + 14, WIDTH - RIGHT - 8)
    up = _Axis(scale[0], scale[-1], HEIGHT - BELOW, TOP)
    return LineChart(
        left=round(left, 2),
        ticks=[(up.at(value), label) for value, label in zip(scale, labels, strict=True)],
        years=_year_labels(years, across),
        targets=_lines(targets, across, up),
        actuals=_lines(actuals, across, up),
        begins=labels[0] if scale[0] else "",
    )


@dataclass(frozen=True)
class _Axis:
    """From values to places."""

    first: float
    last: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        part = (value - self.first) / (self.last - self.first)
        return round(self.begin + part * (self.end - self.begin), 2)


def _scale(values: Sequence[float], unit: float) -> list[float]:
    """Round numbers from below the least value to above the greatest, two to seven of them.

    None is a part of a `unit`, which is the least that such numbers differ by.
    """
    least, most = min(values), max(values)
    if 0 <= least <= most * 0.6:
        least = 0.0  # a small number looks small
    size = max(abs(least), abs(most)) or 1.0
    spread = most - least if most - least > size * ALIKE else size
    power = 10.0 ** math.floor(math.log10(spread / 4))
    step = max(unit, next(part * power for part in STEPS if part * power * 4 >= spread))
    first, last = math.floor(least / step), math.ceil(most / step)
    last = max(last, first + 1)
    return [number * step for number in range(first, last + 1)]


def _places(scale: Sequence[float]) -> int:
    """How many decimals the numbers of a scale need."""
    step = scale[1] - scale[0]
    return max(0, 1 - math.floor(math.log10(step))) if step < 5 and step != int(step) else 0


def _year_labels(years: Sequence[int], across: _Axis) -> list[tuple[float, str]]:
    every = math.ceil((years[-1] - years[0] + 1) / MOST_YEAR_LABELS)
    return [(across.at(year), era_year(year)) for year in range(years[0], years[-1] + 1, every)]


def _lines(values: Mapping[int, float], across: _Axis, up: _Axis) -> list[list[ChartMark]]:
    """The points, a list for each run of years without a gap."""
    lines: list[list[ChartMark]] = []
    for year in sorted(values):
        mark = ChartMark(across.at(year), up.at(values[year]))
        if year - 1 in values:
            lines[-1].append(mark)
        else:
            lines.append([mark])
    return lines

"""Figures of a report: counts per rating before any average, and what the texts of a year are like. Pure.

Unrated is not zero: it is counted beside the ratings and stays out of every average.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

from tracker.words.reported import Progress, ReportedRating, ReportedYear, TextKind
from tracker.words.step_names import step_name

UNRATED = ""
LEAST_AVERAGED = 5  # ratings: of fewer, an average would say less than their list
TEXT_KINDS: tuple[TextKind, ...] = ("new", "continued", "none")


@dataclass(frozen=True)
class RatingStep:
    """One step of a report's scale. `level` 0 to 5 is its look; `percent` None: the scale gives none.

    `letters`: how many characters of the codes tell the steps apart in pictures, 1 for A and ◎, 2 for 未達
    and 未着手.
    """

    code: str
    label: str
    definition: str
    percent: int | None
    level: int
    letters: int = field(default=1, compare=False)
    is_ranked: bool = True  # False: it stands outside the order

    @classmethod
    def scale(cls, ratings: Iterable[ReportedRating]) -> list["RatingStep"]:
        """The steps of a report's `ratings`."""
        rows = list(ratings)
        codes = [row["code"] for row in rows]
        letters = next((n for n in (1, 2) if len({code[:n] for code in codes}) == len(codes)), 1)
        return [
            cls(
                r["code"],
                r["label"],
                r["definition"],
                r["percent"],
                r["level"],
                letters,
                r.get("ranked", True),
            )
            for r in rows
        ]

    @property
    def is_word(self) -> bool:
        """Whether its code is the word itself, as in 達成・順調・遅れ."""
        return self.code == self.label

    @property
    def is_symbol(self) -> bool:
        """Whether its code is a shape already (◎, △): a circle beside it would be read as another rating."""
        return not self.code.isalnum()

    @property
    def name(self) -> str:
        return step_name(self.code, self.label)

    @property
    def letter(self) -> str:
        """What stands for it in a picture."""
        return self.code[: self.letters]

    @property
    def fullness(self) -> int:
        """How full its mark is drawn, 0 to 100: its percentage, or its place in a scale that gives none."""
        return (5 - self.level) * 25 if self.percent is None else self.percent


@dataclass(frozen=True)
class Share:
    """How many of a group have one rating, and what part of all they are."""

    step: RatingStep | None  # None: unrated
    count: int
    percent_of_all: Decimal  # to one place


@dataclass(frozen=True)
class Distribution:
    """A group's ratings: a share per step, best first, then the unrated ones."""

    shares: tuple[Share, ...]
    total: int

    @property
    def unrated(self) -> int:
        return self.shares[-1].count

    @property
    def rated(self) -> int:
        return self.total - self.unrated

    @property
    def is_ranked(self) -> bool:
        """Whether any step stands in an order; else the steps are classes."""
        return any(share.step.is_ranked for share in self.shares if share.step)

    @property
    def outside(self) -> int:
        """How many have a rating outside the order: they are in no average."""
        return sum(share.count for share in self.shares if share.step and not share.step.is_ranked)

    @property
    def averaged(self) -> int:
        """How many ratings an average is made of."""
        return self.rated - self.outside

    @property
    def has_percents(self) -> bool:
        """Whether the scale gives any degree of progress, so that an average can be asked for."""
        return any(share.step.percent is not None for share in self.shares if share.step)

    @property
    def is_small(self) -> bool:
        """Whether there are ratings, but too few for an average."""
        return 0 < self.averaged < LEAST_AVERAGED

    @property
    def average(self) -> Decimal | None:
        """Mean degree of progress of the rated, in percent to one place.

        None where fewer than LEAST_AVERAGED are rated, or a ranked step that is used has no percent.
        """
        weighted = [(step.percent, count) for step, count in self._ranked]
        if self.averaged < LEAST_AVERAGED or any(percent is None for percent, _count in weighted):
            return None
        return _one_place(Decimal(sum((percent or 0) * count for percent, count in weighted)) / self.averaged)

    @property
    def formula(self) -> str:
        """The average's calculation, written out: 「（100×75件＋75×80件…）÷203件」."""
        terms = "＋".join(f"{step.percent}×{count}件" for step, count in self._ranked)
        return f"（{terms}）÷{self.averaged}件"

    @property
    def _ranked(self) -> list[tuple[RatingStep, int]]:
        """The ranked steps that are used, with their counts."""
        used = [(share.step, share.count) for share in self.shares if share.step and share.count]
        return [(step, count) for step, count in used if step.is_ranked]


def _one_place(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def distribution(codes: Iterable[str], scale: Sequence[RatingStep]) -> Distribution:
    """Counts the rating codes of a group. The empty code, and one outside the scale, count as unrated."""
    known = {step.code for step in scale}
    counts = Counter(code if code in known else UNRATED for code in codes)
    total = counts.total()
    steps: list[RatingStep | None] = [*scale, None]
    return Distribution(
        tuple(
            Share(step, count, _one_place(Decimal(100 * count) / total) if total else Decimal("0.0"))
            for step in steps
            for count in [counts[step.code if step else UNRATED]]
        ),
        total,
    )


@dataclass(frozen=True)
class TextCounts:
    """How many texts of one year say something new, only "as before", or nothing."""

    fiscal_year: int
    kind: str  # "result" or "plan"
    new: int
    continued: int
    none: int

    @property
    def total(self) -> int:
        return self.new + self.continued + self.none


def text_counts(progress: Sequence[Progress | None], years: Iterable[ReportedYear]) -> list[TextCounts]:
    """A count per year of a report's `years`, from the entries' `progress` (None: the entry has no index)."""
    result = []
    for year in years:
        counts = Counter(_text_kind(entry, year) for entry in progress)
        result.append(TextCounts(year["fiscal_year"], year["kind"], *(counts[kind] for kind in TEXT_KINDS)))
    return result


def _text_kind(progress: Progress | None, year: ReportedYear) -> TextKind:
    if not progress:
        return "none"
    texts = progress["results" if year["kind"] == "result" else "plans"]
    return texts.get(str(year["fiscal_year"]), "none")


def first_year(results: Iterable[str], plans: Iterable[str]) -> int:
    """The first fiscal year of which an entry has a row, be it an empty one, from the years of its texts; 0
    where it has none.
    """
    return min(map(int, (*results, *plans)), default=0)


def levels(ranked: Sequence[bool]) -> list[int]:
    """The look of each step of a scale. Those outside the order of a scale that has one have look 0."""
    if not any(ranked):
        return [level(position, len(ranked)) for position in range(1, len(ranked) + 1)]
    places = accumulate(map(int, ranked))
    return [
        level(place, sum(ranked)) if is_ranked else 0 for place, is_ranked in zip(places, ranked, strict=True)
    ]


def level(position: int, steps: int) -> int:
    """Which of the five looks a step of a scale takes: 1 for the first, 5 for the last."""
    return 1 if steps < 2 else 1 + round((position - 1) * 4 / (steps - 1))

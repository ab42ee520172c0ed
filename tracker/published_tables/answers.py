"""What a table tells beyond a row's own fields, as the entry form keeps it: extra columns and indicators.

Works out what is to be defined, and what rows say by codes; `loading` writes it.
An extra column is known by its label, an indicator by its name within its initiative.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tracker import models
from tracker.choices import ColumnKind, IndicatorDirection
from tracker.models.indicators import MAX_NAME, Measured
from tracker.published_tables.file.figures import Figures, figures_of, rate_differs
from tracker.published_tables.file.table import TableIndicator, TableInitiative
from tracker.words import extra_values, indicators
from tracker.words.cutting import cut
from tracker.words.extra_values import ColumnProblem, heading_of
from tracker.words.fiscal_years import short_label

Pairs = Sequence[tuple[TableInitiative, models.Initiative]]  # as read, and as kept
Values = dict[str, Any]
MeasureKey = tuple[int, str]  # an initiative's key, and the indicator's name
CellKey = tuple[int, int]  # an initiative's key, and a fiscal year
SaidByCode = dict[CellKey, dict[str, str]]  # "" takes a value away


def columns_wanted(labels: Iterable[str], there: Mapping[str, models.ExtraColumn]) -> dict[str, Values]:
    """A definition per label: one that is there stays as it is, a new one is a public text of each year."""
    taken = [int(column.code[1:]) for column in there.values()]
    code = max(taken, default=0)
    position = max((column.position for column in there.values()), default=0)
    wanted: dict[str, Values] = {}
    for label in labels:
        if label in there:
            wanted[label] = {}
            continue
        code, position = code + 1, position + 1
        wanted[label] = {"code": f"x{code}", "position": position, "label": label, "kind": ColumnKind.TEXT}
        wanted[label] |= {"is_public": True}
    return wanted


def said_of_columns(
    kept: Pairs, columns: Mapping[str, models.ExtraColumn], fiscal_year: int, places: Mapping[int, str]
) -> SaidByCode:
    """What rows say of the extra columns in the table's year. Raises ColumnProblem, with its place."""
    said: SaidByCode = defaultdict(dict)
    for row, initiative in kept:
        for label, column in columns.items():
            try:
                value = extra_values.value_of(column, row.extras.get(label, ""))
            except ColumnProblem as problem:
                raise ColumnProblem(f"取組 {places[initiative.pk]} の「{label}」：{problem}") from problem
            said[initiative.pk, fiscal_year][column.code] = value
    return said


@dataclass(frozen=True)
class Measure:
    """An indicator of a table, with the initiative that it is kept with."""

    initiative: models.Initiative
    name: str
    whole_name: str
    is_of_pledge: bool
    read: TableIndicator
    figures: Figures

    @property
    def key(self) -> MeasureKey:
        return self.initiative.pk, self.name

    @property
    def heading(self) -> str:
        return heading_of(self.name, self.figures.unit)


def measures_of(kept: Pairs) -> list[Measure]:
    """The indicators of a table. One that a pledge's initiatives have all alike is the pledge's, and once."""
    found: list[Measure] = []
    for _pledge, group in groupby(kept, key=lambda pair: pair[1].pledge_id):
        rows = list(group)
        common = _common([row for row, _kept in rows])
        for number, (row, initiative) in enumerate(rows):
            own = [each for each in row.indicators if each not in common or number == 0]
            found += _measures(row, initiative, own, common)
    return found


def _common(rows: Sequence[TableInitiative]) -> list[TableIndicator]:
    if len(rows) < 2:
        return []
    return [each for each in rows[0].indicators if all(each in row.indicators for row in rows)]


def _measures(
    row: TableInitiative,
    initiative: models.Initiative,
    own: Iterable[TableIndicator],
    common: Sequence[TableIndicator],
) -> Iterator[Measure]:
    """Those of one initiative; a name that comes again is numbered."""
    seen = Counter[str]()
    for each in own:
        whole = each.name or row.text or initiative.pledge.text
        seen[whole] += 1
        again = f"（{seen[whole]}）" if seen[whole] > 1 else ""
        name = cut(whole, MAX_NAME - len(again)) + again
        yield Measure(initiative, name, whole, each in common, each, figures_of(each))


class Measuring:
    """The indicators of a table beside those that are there: definitions, what rows say, what is told."""

    def __init__(
        self,
        measures: Sequence[Measure],
        there: Mapping[MeasureKey, models.Indicator],
        years: Iterable[int],
        places: Mapping[int, str],
    ) -> None:
        self.measures, self.there, self.years, self.places = measures, there, set(years), places
        self.columns = {year for each in measures for year in each.read.actuals} & self.years

    def wanted(self, codes: Iterator[str]) -> dict[MeasureKey, Values]:
        """A definition per indicator; of one that is there only what the table tells."""
        positions = Counter[int]()
        for indicator in self.there.values():
            place = indicator.initiative_id
            positions[place] = max(positions[place], indicator.position)
        wanted: dict[MeasureKey, Values] = {}
        for each in self.measures:
            if stands := self.there.get(each.key):
                wanted[each.key] = self._told_of(each, stands)
                continue
            positions[each.initiative.pk] += 1
            wanted[each.key] = {
                "initiative": each.initiative,
                "position": positions[each.initiative.pk],
                "code": next(codes),
                "name": each.name,
                "is_of_pledge": each.is_of_pledge,
                "direction": each.figures.direction,
                **self._told_of(each, self._begun(each)),
            }
        return wanted

    def _begun(self, each: Measure) -> models.Indicator:
        """A new indicator before the table's figures: it begins with the last year before the table's own."""
        year = max(self._before(each), default=None)
        note = f"名称：{each.whole_name}" if each.whole_name != each.name and "…" in each.name else ""
        base = "" if year is None else each.figures.actuals[year]
        return models.Indicator(base_value=base, base_fiscal_year=year, note=note)

    def _before(self, each: Measure) -> list[int]:
        return [year for year in each.figures.actuals if year < min(self.years)]

    def _told_of(self, each: Measure, stands: models.Indicator) -> Values:
        figures, base = each.figures, stands.base_fiscal_year
        targets = {**stands.targets, **figures.targets}
        lines = [f"{short_label(y)}の目標：{words}" for y, words in figures.target_words.items()]
        lines += [
            f"{short_label(y)}の実績：{figures.actuals[y]}" for y in sorted(self._before(each)) if y != base
        ]
        lines += [
            f"{short_label(y)}の実績：{words}"
            for y, words in figures.actual_words.items()
            if y not in self.years
        ]
        new = [line for line in lines if line not in stands.note.splitlines()]
        return {
            "unit": figures.unit or stands.unit,
            "decimals": max(stands.decimals, figures.decimals),
            "target_lines": indicators.target_lines(targets),
            "base_value": stands.base_value,
            "base_fiscal_year": base,
            "note": "\n".join(filter(None, [stands.note, *new])),
        }

    def said(self, kept: Mapping[MeasureKey, models.Indicator]) -> SaidByCode:
        """What rows say: the actual, and beside it what was printed instead of a number."""
        said: SaidByCode = defaultdict(dict)
        for each in self.measures:
            actual, remark = kept[each.key].columns
            for year in self.columns:
                words = each.figures.actual_words.get(year, "")
                said[each.initiative.pk, year] |= {
                    actual.code: each.figures.actuals.get(year, ""),
                    remark.code: cut(" ".join(words.split()), extra_values.MAX_REMARK),
                }
        return said

    def named(self, kept: Mapping[MeasureKey, models.Indicator]) -> dict[str, list[str]]:
        """What is told by name: what is new, left out, no number, or reckoned otherwise."""
        new = [each for each in self.measures if each.key not in self.there]
        keys = {each.key for each in self.measures}
        gone = [indicator for key, indicator in self.there.items() if key not in keys]
        return {
            "indicators_added": [f"{self._place(each)}：{_direction_words(each.figures)}" for each in new],
            "indicators_not_told": [f"{self.places[one.initiative_id]}「{one}」" for one in gone],
            "directions_otherwise": [
                f"{self._place(each)}：表は {_direction_words(each.figures)}、"
                f"いまは {stands.get_direction_display()}"
                for each in self.measures
                if (stands := self.there.get(each.key)) and _is_told_otherwise(each.figures, stands)
            ],
            "figures_in_words": [words for each in self.measures for words in self._in_words(each)],
            "rates_otherwise": [
                words for each in self.measures for words in self._rates(each, kept[each.key])
            ],
        }

    def _place(self, each: Measure) -> str:
        whole = "（公約全体）" if each.is_of_pledge else ""
        return f"{self.places[each.initiative.pk]}{whole}「{each.heading}」"

    def _in_words(self, each: Measure) -> Iterator[str]:
        for kind, told in (("目標", each.figures.target_words), ("実績", each.figures.actual_words)):
            for year, words in told.items():
                yield f"{self._place(each)}{short_label(year)}の{kind}：{words}"

    def _rates(self, each: Measure, indicator: models.Indicator) -> Iterator[str]:
        for year, printed in each.read.rates.items():
            values = {indicator.code: each.figures.actuals.get(year, "")}
            ours = Measured.of(indicator, year, values).achievement
            if rate_differs(printed, ours.rate):
                yield f"{self._place(each)}{short_label(year)}：表は {printed}、計算では {ours.rate_words}"


def _is_told_otherwise(figures: Figures, stands: models.Indicator) -> bool:
    return figures.is_told and figures.direction != stands.direction


def _direction_words(figures: Figures) -> str:
    label = str(IndicatorDirection(figures.direction).label)
    return f"{label}（{figures.why}）" if figures.why else label

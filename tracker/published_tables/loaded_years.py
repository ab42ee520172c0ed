"""What a table says of its initiatives' years: texts, ratings, extra columns and indicators."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from tracker.choices import ActionState
from tracker.models import ExtraColumn, Indicator, Manifesto, Rating, ReportingRound, YearlyAction
from tracker.models.indicators import free_codes
from tracker.published_tables import answers
from tracker.published_tables.file.table import PublishedTable, TableInitiative
from tracker.published_tables.loaded_catalogue import Pairs
from tracker.published_tables.loaded_rounds import year_of_table
from tracker.published_tables.row_writer import LoadingProblem, RowWriter, Values
from tracker.words import extra_values
from tracker.words.extra_values import ColumnProblem


class LoadedYears:
    """The rows of a table's initiatives, a row per year; `places` are those of the initiatives. The rows of
    `planned` years have nothing but the plan for the year after.
    """

    def __init__(
        self,
        table: PublishedTable,
        years: list[int],
        planned: list[int],
        places: Mapping[int, str],
        writer: RowWriter,
    ) -> None:
        self.table, self.years, self.planned = table, years, planned
        self.places, self.writer = places, writer
        self.fiscal_year = year_of_table(table)
        self.has_reasons = any(row.rating_reason for row in table.initiatives())

    def kept(
        self,
        manifesto: Manifesto,
        rounds: Mapping[int, ReportingRound],
        ratings: Mapping[str, Rating],
        kept: Pairs,
    ) -> Collection[YearlyAction]:
        """All rows of the table's years."""
        said = self._extra_columns(manifesto, kept) + self._indicators(kept)
        return self._actions(rounds, ratings, kept, _joined(said))

    def _extra_columns(self, manifesto: Manifesto, kept: Pairs) -> list[answers.SaidByCode]:
        """Defines the columns that a layout makes public; what rows say of them."""
        if not (labels := self.table.extra_labels):
            return []
        there = {column.label: column for column in manifesto.extra_columns.all()}
        wanted = answers.columns_wanted(labels, there)
        columns = self.writer.keep(ExtraColumn, there, wanted, manifesto=manifesto)
        self.writer.name("columns_added", (label for label in labels if label not in there))
        self.writer.name("columns_internal", (label for label, each in columns.items() if not each.is_public))
        try:
            return [answers.said_of_columns(kept, columns, self.fiscal_year, self.places)]
        except ColumnProblem as problem:
            raise LoadingProblem(str(problem)) from problem

    def _indicators(self, kept: Pairs) -> list[answers.SaidByCode]:
        """Defines the table's indicators; what rows say of them."""
        if not (measures := answers.measures_of(kept)):
            return []
        found = Indicator.objects.filter(initiative__in=[initiative for _row, initiative in kept])
        there = {(each.initiative_id, each.name): each for each in found.select_related("initiative")}
        measuring = answers.Measuring(measures, there, self.years, self.places)
        defined = self.writer.keep(Indicator, there, measuring.wanted(free_codes()))
        for what, told in measuring.named(defined).items():
            self.writer.name(what, told)
        return [measuring.said(defined)]

    def _actions(
        self,
        rounds: Mapping[int, ReportingRound],
        ratings: Mapping[str, Rating],
        kept: Pairs,
        said: answers.SaidByCode,
    ) -> Collection[YearlyAction]:
        actions = YearlyAction.objects.select_related("round", "rating", "initiative")
        found = actions.filter(round__in=list(rounds.values()))
        there = {(action.initiative_id, action.round.fiscal_year): action for action in found}
        wanted: dict[tuple[int, int], Values] = {}
        for row, initiative in kept:
            for year in self._years_of(row):
                key = (initiative.pk, year)
                values = {
                    "initiative": initiative,
                    "round": rounds[year],
                    **self._told_of(row, year, ratings),
                }
                if told := said.get(key):
                    stood = there[key].extra_values if key in there else {}
                    values["extra_values"] = extra_values.kept({**stood, **told})
                if key in there and any(getattr(there[key], name) != value for name, value in values.items()):
                    values["version"] = there[key].version + 1
                    values |= {"was_reported": False, "reference_rating": None}  # the table says what it says
                wanted[key] = values
        return self.writer.keep(YearlyAction, there, wanted).values()

    def _years_of(self, row: TableInitiative) -> list[int]:
        """The years of an initiative's rows: where it has a column of results, or figures or plans ask for a
        row.
        """
        planned = {year for year in self.planned if year + 1 in row.plans}
        return sorted({*row.results, *self.years} - ({*self.table.years} - row.results.keys()) | planned)

    def _told_of(self, row: TableInitiative, year: int, ratings: Mapping[str, Rating]) -> Values:
        """What a row says of a year in its own columns.

        The table rates, gives reasons and plans as of its own date; what earlier tables said of theirs stays.
        """
        values: Values = {"state": ActionState.APPROVED, "is_imported": True}
        if year in row.results:
            values["result"] = row.results[year]
        if year == self.fiscal_year:
            values["rating"] = ratings[row.rating] if row.rating else None
            if self.has_reasons:
                values["rating_reason"] = row.rating_reason
        if year + 1 in row.plans:
            values["plan"] = row.plans[year + 1]
        return values


def _joined(said: Iterable[answers.SaidByCode]) -> answers.SaidByCode:
    """What rows say of columns and of indicators alike."""
    joined: answers.SaidByCode = defaultdict(dict)
    for each in said:
        for key, values in each.items():
            joined[key] |= values
    return joined

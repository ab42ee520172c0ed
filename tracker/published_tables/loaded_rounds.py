"""The rounds that a table's years are of: which there are, which are new, and which stand in its way."""

from datetime import date

from django.db.models import Q

from tracker.choices import RoundState
from tracker.cycle.round_dates import dates_of, free_number
from tracker.models import Manifesto, ReportingRound, YearlyAction
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.row_writer import LoadingProblem, RowWriter, Values
from tracker.words.fiscal_years import date_label, fiscal_year_of, month_or_day, short_label

AT_WORK = [RoundState.OPEN, RoundState.CLOSED, RoundState.CORRECTING]


def year_of_table(table: PublishedTable) -> int:
    """The year that a table reports on: its last, where its date is one of that year's; else the date's."""
    last = table.reported_years[-1]
    first_day, last_day = dates_of(last)
    return last if first_day <= table.as_of <= last_day else fiscal_year_of(table.as_of)


def refuse_under_later_work(round: ReportingRound) -> None:
    """Raises LoadingProblem while departments report on later years: an older table would change under them
    what the pledges say, who answers for them, and which of them run.
    """
    if later := round.manifesto.rounds.filter(as_of__gt=round.as_of, state__in=AT_WORK).first():
        raise LoadingProblem(
            f"この表（{date_label(round.as_of)}）より後の {later.short_label} の報告回が進行中です。"
            "いまの公約の文言や担当課が古い表の内容に戻らないよう、取り込みを中止しました。"
            "公約の文言と番号は「公約の変更」で、公表した内容はその報告回の「訂正」で直せます。"
        )


class LoadedRounds:
    """The rounds of a table's `years` in a manifesto; `fiscal_year` is the table's own."""

    def __init__(
        self, table: PublishedTable, years: list[int], manifesto: Manifesto, writer: RowWriter
    ) -> None:
        self.table, self.years, self.manifesto, self.writer = table, years, manifesto, writer
        self.fiscal_year = year_of_table(table)

    def kept(self) -> dict[int, ReportingRound]:
        """A round per result year. Raises LoadingProblem for one that departments are working in.

        Of an earlier year's rounds the last is meant. A further table of a year whose table is published, of
        a later date, makes a further round.
        """
        self._check_years()
        years = self.years
        found = self.manifesto.rounds.filter(fiscal_year__in=years).order_by("fiscal_year", "as_of")
        there = {round.fiscal_year: round for round in found}
        last = there.get(self.fiscal_year)
        further = last is not None and last.state == RoundState.PUBLISHED and last.as_of < self.table.as_of
        if further:
            del there[self.fiscal_year]
        for round in there.values():
            if round.state in AT_WORK:
                raise LoadingProblem(
                    f"{round.short_label} の報告回が進行中です。"
                    "入力された内容を書き換えないよう、取り込みを中止しました。"
                )
        if YearlyAction.objects.filter(round__in=list(there.values()), is_imported=False).exists():
            raise LoadingProblem(
                "この表の年度は、担当課が入力したものです。入力された内容を表で書き換えることはできません。"
            )
        # The table's date for its own year; an earlier year's stays, or is that year's end.
        dates = {year: there[year].as_of if year in there else date(year + 1, 3, 31) for year in years}
        dates[self.fiscal_year] = self.table.as_of
        wanted: dict[int, Values] = {
            year: {
                "fiscal_year": year,
                "as_of": dates[year],
                "state": there[year].state if year in there else RoundState.IMPORTED,
            }
            for year in years
        }
        if further:
            known = {each.name for each in found if each.fiscal_year == self.fiscal_year}
            short, whole = month_or_day(self.table.as_of), date_label(self.table.as_of).removesuffix("時点")
            name = whole if short in known else short
            wanted[self.fiscal_year] |= {
                "number": free_number(self.manifesto, self.fiscal_year),
                "name": name,
            }
        return self.writer.keep(ReportingRound, there, wanted, manifesto=self.manifesto)

    def _check_years(self) -> None:
        """Raises LoadingProblem where the table's date is not its last year's, or a later table is loaded."""
        label, last = short_label(self.fiscal_year), self.years[-1]
        if self.fiscal_year not in self.years:
            raise LoadingProblem(
                f"時点の年度（{label}）の列がありません。表題の時点と、年度の見出しを確かめてください。"
            )
        if self.fiscal_year != last:
            raise LoadingProblem(
                f"時点より後の年度（{short_label(last)}）の列があります。表題の時点を確かめてください。"
            )
        of_later_year, of_later_date = Q(fiscal_year__gt=self.fiscal_year), Q(as_of__gt=self.table.as_of)
        published_later = of_later_date & Q(fiscal_year=self.fiscal_year, state=RoundState.PUBLISHED)
        later = self.manifesto.rounds.filter(of_later_year | published_later).of_tables().first()
        if later:
            raise LoadingProblem(
                f"より新しい {later.short_label} の表が取り込まれています。"
                "新しい内容を古い表で書き換えないよう、取り込みを中止しました。"
            )
        before = self.manifesto.rounds.filter(fiscal_year__lt=self.fiscal_year, as_of__gte=self.table.as_of)
        if earlier := before.newest_first().first():
            raise LoadingProblem(
                f"前の {earlier.short_label} の報告回の時点（{date_label(earlier.as_of)}）が、"
                "この表の時点より前ではありません。表題の時点を確かめてください。"
            )

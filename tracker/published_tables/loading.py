"""Writes a parsed published table into the workspace: the only code that turns a file into models.

Fields and sections are known by their numbers, pledges by their words, initiatives by their order in the
pledge (identity.py). Everything is compared with what is there; only differences are written, and a journal
keeps each, so that the whole can be taken back (taking_back.py). The rows are approved; their rounds wait to
be published.
"""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction

from tracker import models
from tracker.choices import EventKind
from tracker.cycle import events, one_writer, recorded
from tracker.published_tables.file.keeping import refusal_to_keep
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.identity import Place
from tracker.published_tables.journal import Journal
from tracker.published_tables.loaded_catalogue import LoadedCatalogue
from tracker.published_tables.loaded_duties import LoadedDuties
from tracker.published_tables.loaded_rounds import LoadedRounds, refuse_under_later_work, year_of_table
from tracker.published_tables.loaded_years import LoadedYears
from tracker.published_tables.row_writer import LoadingProblem, RowWriter
from tracker.words.fiscal_years import as_of_in, short_label
from tracker.words.titles import name_in


@dataclass
class LoadingOutcome:
    """What loading did: the round of the table's date, and how many rows were created, changed and ended.

    `row_digests`: what each yearly action of the table says now (`recorded.digest_of`), by id. `named`: what
    its event tells by name. `reworded`: (place, before, after) of each wording that is the table's now.
    `pledge_places`: where each pledge of the table stands, by its place there. `journal` is what taking it
    back needs. `event_number` is that of its event, None where nothing changed.
    """

    round: models.ReportingRound
    created: Counter[str]
    changed: Counter[str]
    row_digests: dict[str, str]
    named: dict[str, list[str]]
    reworded: list[tuple[str, str, str]]
    journal: Journal
    pledge_places: dict[Place, Place]
    event_number: int | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether the table says nothing that is not there already, wherever its rows stand."""
        return not any(line.is_seen for line in self.journal.lines)


@transaction.atomic
def load(
    table: PublishedTable, *, slug: str, by: str, file_name: str, file_digest: str, end_missing: bool = False
) -> LoadingOutcome:
    """Writes a table into the manifesto `slug`, all or nothing.

    Raises LoadingProblem for what cannot be kept, when staff are at work on it, and, unless `end_missing`,
    when the table lacks initiatives that are still running: a file that was cut off looks just like that.
    """
    if refusal := refusal_to_keep(table):
        raise LoadingProblem(refusal)
    one_writer.wait_for_turn()
    with transaction.atomic():
        outcome = _Load(table, slug).outcome(end_missing=end_missing)
        transaction.set_rollback(outcome.is_unchanged)  # where its rows stand is of no matter alone
    if not outcome.is_unchanged:
        refuse_under_later_work(outcome.round)
        counts = {"created": dict(outcome.created), "changed": dict(outcome.changed)}
        manifesto = outcome.round.manifesto
        named = {"model": str(manifesto._meta.verbose_name), "name": str(manifesto), **outcome.named}
        told = {"anomalies": len(table.anomalies), "row_digests": outcome.row_digests}
        told |= {"reworded": outcome.reworded} if outcome.reworded else {}
        content = {"file": file_name, "sha256": file_digest, **named, **counts, **told}
        event = events.record(by=by, kind=EventKind.IMPORTED, subject=f"manifesto:{slug}", content=content)
        outcome.event_number = event.number
        models.TableImport.objects.create(
            round=outcome.round,
            event_number=event.number,
            file_name=file_name,
            journal=outcome.journal.packed(),
        )
    return outcome


class _Load:
    """One load of a table into the manifesto `slug`."""

    def __init__(self, table: PublishedTable, slug: str) -> None:
        self.table, self.slug, self.writer = table, slug, RowWriter()

    def outcome(self, *, end_missing: bool) -> LoadingOutcome:
        """Writes the table, part by part: what a later part needs of an earlier one, it gets from it."""
        table, writer = self.table, self.writer
        manifesto, years = self._manifesto()
        self._refuse_another_scale(manifesto)
        planned = [year for year in table.planning_years if year not in years]
        self._refuse_typed_plans(manifesto, planned)
        rounds = LoadedRounds(table, sorted([*planned, *years]), manifesto, writer).kept()
        ratings = self._ratings(manifesto)
        catalogue = LoadedCatalogue(table, manifesto, writer, first_year=years[0])
        kept = catalogue.kept(end_missing=end_missing)
        LoadedDuties(table, writer).keep(kept)
        told = LoadedYears(table, years, planned, catalogue.places, writer)
        actions = told.kept(manifesto, rounds, ratings, kept)
        digests = {str(action.pk): recorded.digest_of(action) for action in actions}
        return LoadingOutcome(
            rounds[year_of_table(table)],
            +writer.created,
            +writer.changed,
            digests,
            writer.named,
            writer.reworded,
            writer.journal,
            catalogue.identities.places,
        )

    def _ratings(self, manifesto: models.Manifesto) -> dict[str, models.Rating]:
        there = {rating.code: rating for rating in manifesto.ratings.all()}
        steps = enumerate(self.table.ratings, start=1)
        wanted = {
            step.code: {"position": position, **vars(step), "is_ranked": self.table.is_ranked(step)}
            for position, step in steps
        }
        return self.writer.keep(models.Rating, there, wanted, manifesto=manifesto)

    def _refuse_another_scale(self, manifesto: models.Manifesto) -> None:
        """No step takes another one's place. The table may be another manifesto's, come under its address."""
        codes = [step.code for step in self.table.ratings]
        there = dict(manifesto.ratings.order_by("position").values_list("position", "code"))
        if any(there.get(place, code) != code for place, code in enumerate(codes, start=1)):
            raise LoadingProblem(
                f"この表の実施状況の区分（{'、'.join(codes)}）は、マニフェスト「{self.slug}」の区分"
                f"（{'、'.join(there.values())}）と違います。別の任期や別の市の表ではないかを確かめてください。"
                "区分を変えた年度からは、別のマニフェストとして取り込みます。"
            )

    def _refuse_typed_plans(self, manifesto: models.Manifesto, planned: list[int]) -> None:
        """What departments wrote in a year that the table has plans of alone is not written over."""
        typed = models.YearlyAction.objects.filter(round__manifesto=manifesto, is_imported=False)
        years = typed.filter(round__fiscal_year__in=planned).values_list("round__fiscal_year", flat=True)
        if year := min(years, default=None):
            raise LoadingProblem(
                f"{short_label(year + 1)}の予定は、{short_label(year)}の報告回に担当課が書いています。"
                "書き換えないよう、取り込みを中止しました。表のその列を「メモ」にして取り込んでください。"
            )

    def _manifesto(self) -> tuple[models.Manifesto, list[int]]:
        """The manifesto, and the years of the table that may have rows."""
        there = {m.slug: m for m in models.Manifesto.objects.select_for_update().filter(slug=self.slug)}
        begun = self._begun(there.get(self.slug))
        years = [y for y in self.table.reported_years if y >= begun or y in self.table.years]
        values = {
            "slug": self.slug,
            "title": self._title(there.get(self.slug)),
            "first_fiscal_year": min([years[0], *(m.first_fiscal_year for m in there.values())]),
            "cumulative_year": self.table.cumulative_year,
        }
        return self.writer.keep(models.Manifesto, there, {self.slug: values})[self.slug], years

    def _title(self, manifesto: models.Manifesto | None) -> str:
        """The table's; the same one with its date in other words, as we write it, is no other."""
        told, held = self.table.title, manifesto.title if manifesto else ""
        is_same = (name_in(told), as_of_in(told)) == (name_in(held), as_of_in(held))
        return held if is_same else told

    def _begun(self, manifesto: models.Manifesto | None) -> int:
        """The first year that may have rows for the sake of figures: none of an earlier term."""
        if manifesto:
            return manifesto.first_fiscal_year
        of_others = models.ReportingRound.objects.filter(fiscal_year__lt=self.table.first_year)
        last = of_others.exclude(manifesto__slug=self.slug).order_by("-fiscal_year").first()
        return last.fiscal_year + 1 if last else 0

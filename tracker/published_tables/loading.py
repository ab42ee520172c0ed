"""Writes a parsed published table into the workspace: the only code that turns a file into models.

Fields and sections are known by their numbers, pledges by their words, initiatives by their order in the
pledge (identity.py). Everything is compared with what is there; only differences are written, and a journal
keeps each, so that the whole can be taken back (taking_back.py). The rows are approved; their rounds wait to
be published.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q

from tracker import models
from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import events, one_writer, recorded
from tracker.cycle.round_dates import dates_of, free_number
from tracker.models.indicators import free_code
from tracker.published_tables import answers
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.keeping import refusal_to_keep
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.published_tables.identity import (
    Identities,
    Place,
    identities_of,
    initiative_positions,
    renumbered,
)
from tracker.published_tables.journal import Journal
from tracker.words import extra_values
from tracker.words.extra_values import ColumnProblem
from tracker.words.fiscal_years import as_of_in, date_label, fiscal_year_of, month_or_day, short_label
from tracker.words.places import written
from tracker.words.titles import name_in

Key = TypeVar("Key")
Kept = TypeVar("Kept", bound=Model)
Values = dict[str, Any]
Pairs = list[tuple[TableInitiative, models.Initiative]]  # as read, and as kept
OF_THE_COMMAND = "（--end-missing）"  # how the command calls what a page has a box for
MOST_TOLD = 3
ANOTHER_PLEDGE = (
    "同じ公約か、別の公約か分からないものがあります：{}。"
    "言い換えただけの同じ公約であれば、先に「公約の変更」で文言を表のとおりに直してください。"
    f"別の公約であれば、「表にない取組を終わったものとする」{OF_THE_COMMAND}を選んで取り込んでください。"
)
SAME_WORDS = (
    "同じ文言の公約がいくつかあるので、どれのことか分かりません：{}。"
    "先に「公約の変更」で文言を書き分け、表も同じように直してから取り込んでください。"
)
WORDINGS: dict[type[Model], str] = {models.Category: "name", models.Pledge: "text"}  # the public's words


class LoadingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A table that must not be written; the message says why and what to do."""


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
        outcome = _Loader(table, slug, end_missing).load()
        transaction.set_rollback(outcome.is_unchanged)  # where its rows stand is of no matter alone
    if not outcome.is_unchanged:
        _refuse_under_later_work(outcome.round)
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


def _refuse_under_later_work(round: models.ReportingRound) -> None:
    """Raises LoadingProblem while departments report on later years: an older table would change under them
    what the pledges say, who answers for them, and which of them run.
    """
    at_work = [RoundState.OPEN, RoundState.CLOSED, RoundState.CORRECTING]
    if later := round.manifesto.rounds.filter(as_of__gt=round.as_of, state__in=at_work).first():
        raise LoadingProblem(
            f"この表（{date_label(round.as_of)}）より後の {later.short_label} の報告回が進行中です。"
            "いまの公約の文言や担当課が古い表の内容に戻らないよう、取り込みを中止しました。"
            "公約の文言と番号は「公約の変更」で、公表した内容はその報告回の「訂正」で直せます。"
        )


def _listed(told: Sequence[str]) -> str:
    """The first of what is told, and how many more there are."""
    more = f"（ほかに {len(told) - MOST_TOLD} 件）" if len(told) > MOST_TOLD else ""
    return "、".join(told[:MOST_TOLD]) + more


def year_of_table(table: PublishedTable) -> int:
    """The year that a table reports on: its last, where its date is one of that year's; else the date's."""
    last = table.reported_years[-1]
    first_day, last_day = dates_of(last)
    return last if first_day <= table.as_of <= last_day else fiscal_year_of(table.as_of)


def _refuse_impossible(row: Model) -> None:
    """Raises LoadingProblem for what its column does not hold; SQLite would take it."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        try:
            if value not in column.empty_values:
                column.run_validators(value)
        except ValidationError as problem:
            told = (
                f"{row._meta.verbose_name}の「{column.verbose_name}」を書き込めません。{problem.messages[0]}"
            )
            raise LoadingProblem(f"{told}：{str(value)[:60]}") from problem


class _Loader:
    """One load: keeps the counts of what was created and changed."""

    def __init__(self, table: PublishedTable, slug: str, end_missing: bool) -> None:
        self.table, self.slug, self.end_missing = table, slug, end_missing
        self.fiscal_year = year_of_table(table)
        self.created, self.changed = Counter[str](), Counter[str]()
        self.named: dict[str, list[str]] = {}
        self.reworded: list[tuple[str, str, str]] = []
        self.journal = Journal()
        self.years = table.reported_years
        self.has_reasons = any(row.rating_reason for row in table.initiatives())
        self.places: dict[int, str] = {}  # of initiatives

    def load(self) -> LoadingOutcome:
        manifesto = self._manifesto()
        self._refuse_another_scale(manifesto)
        rounds = self._rounds(manifesto)
        self.identities = self._identities(manifesto)
        there = {rating.code: rating for rating in manifesto.ratings.all()}
        steps = enumerate(self.table.ratings, start=1)
        wanted = {
            step.code: {"position": position, **vars(step), "is_ranked": self.table.is_ranked(step)}
            for position, step in steps
        }
        ratings = self._keep(models.Rating, there, wanted, manifesto=manifesto)
        kept = self._initiatives(self._pledges(self._sections(manifesto)))
        self._end_missing(manifesto, kept)
        self._plan_projects(manifesto, kept)
        self._assignments(kept)
        said = self._extra_columns(manifesto, kept) + self._indicators(kept)
        actions = self._actions(rounds, ratings, kept, _joined(said))
        digests = {str(action.pk): recorded.digest_of(action) for action in actions}
        own, counts = rounds[self.fiscal_year], (+self.created, +self.changed)
        told = self.named, self.reworded
        return LoadingOutcome(own, *counts, digests, *told, self.journal, self.identities.places)

    def _keep(
        self, model: type[Kept], there: Mapping[Key, Kept], wanted: Mapping[Key, Values], **common: object
    ) -> dict[Key, Kept]:
        """Creates what is missing and updates what differs, all with the values that they have in `common`.

        Returns all wanted rows by key.
        """
        new = {key: model(**values, **common) for key, values in wanted.items() if key not in there}
        kept = {key: there.get(key) or new[key] for key in wanted}
        differing, names = [], set[str]()
        for key, row in kept.items():
            different = {n: v for n, v in {**wanted[key], **common}.items() if getattr(row, n) != v}
            if different and key in there:
                self.journal.changing(row)
                self._note_wording(key, row, different)
            for name, value in different.items():
                setattr(row, name, value)
            if different:
                differing.append(row)
                names |= different.keys()
        for row in (*new.values(), *differing):
            _refuse_impossible(row)
        model._default_manager.bulk_create(new.values(), batch_size=500)
        if differing:
            model._default_manager.bulk_update(differing, sorted(names), batch_size=500)
        self.journal.created(new.values())
        self.journal.wrote(differing)
        # What a pledge does not stand in is a category without a name: nobody counts it.
        for_none = [row for row in new.values() if isinstance(row, models.Category) and not row.name]
        self.created[model.__name__] += len(new) - len(for_none)
        self.changed[model.__name__] += len(differing)
        return kept

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

    def _note_wording(self, key: object, row: Model, different: Values) -> None:
        """Somebody may have corrected it since the last table: what stood there is told."""
        if (name := WORDINGS.get(type(row))) in different:
            place = written(key) if isinstance(key, tuple) else str(key)
            self.reworded.append((place, getattr(row, name), different[name]))

    def _manifesto(self) -> models.Manifesto:
        there = {m.slug: m for m in models.Manifesto.objects.select_for_update().filter(slug=self.slug)}
        begun = self._begun(there.get(self.slug))
        self.years = [year for year in self.years if year >= begun or year in self.table.years]
        values = {
            "slug": self.slug,
            "title": self._title(there.get(self.slug)),
            "first_fiscal_year": min([self.years[0], *(m.first_fiscal_year for m in there.values())]),
            "cumulative_year": self.table.cumulative_year,
        }
        return self._keep(models.Manifesto, there, {self.slug: values})[self.slug]

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

    def _rounds(self, manifesto: models.Manifesto) -> dict[int, models.ReportingRound]:
        """A round per result year. Raises LoadingProblem for one that departments are working in.

        Of an earlier year's rounds the last is meant. A further table of a year whose table is published, of
        a later date, makes a further round.
        """
        self._check_years(manifesto)
        years = self.years
        found = manifesto.rounds.filter(fiscal_year__in=years).order_by("fiscal_year", "as_of")
        there = {round.fiscal_year: round for round in found}
        last = there.get(self.fiscal_year)
        further = last is not None and last.state == RoundState.PUBLISHED and last.as_of < self.table.as_of
        if further:
            del there[self.fiscal_year]
        for round in there.values():
            if round.state not in {RoundState.PUBLISHED, RoundState.IMPORTED}:
                raise LoadingProblem(
                    f"{round.short_label} の報告回が進行中です。"
                    "入力された内容を書き換えないよう、取り込みを中止しました。"
                )
        if models.YearlyAction.objects.filter(round__in=list(there.values()), is_imported=False).exists():
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
            wanted[self.fiscal_year] |= {"number": free_number(manifesto, self.fiscal_year), "name": name}
        return self._keep(models.ReportingRound, there, wanted, manifesto=manifesto)

    def _check_years(self, manifesto: models.Manifesto) -> None:
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
        later = manifesto.rounds.filter(of_later_year | published_later).of_tables().first()
        if later:
            raise LoadingProblem(
                f"より新しい {later.short_label} の表が取り込まれています。"
                "新しい内容を古い表で書き換えないよう、取り込みを中止しました。"
            )
        before = manifesto.rounds.filter(fiscal_year__lt=self.fiscal_year, as_of__gte=self.table.as_of)
        if earlier := before.newest_first().first():
            raise LoadingProblem(
                f"前の {earlier.short_label} の報告回の時点（{date_label(earlier.as_of)}）が、"
                "この表の時点より前ではありません。表題の時点を確かめてください。"
            )

    def _sections(self, manifesto: models.Manifesto) -> dict[Place, models.Category]:
        there = manifesto.categories.select_related("parent")
        top = {category.number: category for category in there if not category.parent}
        names = {c.number: {"number": c.number, "name": c.name} for c in self.table.categories}
        fields = self._keep(models.Category, top, names, manifesto=manifesto)
        below: dict[Place, models.Category] = {(s.parent.number, s.number): s for s in there if s.parent}
        wanted: dict[Place, Values] = {
            (c.number, s.number): {"parent": fields[c.number], "number": s.number, "name": s.name}
            for c in self.table.categories
            for s in c.sections
        }
        return below | self._keep(models.Category, below, wanted, manifesto=manifesto)

    def _pledges(self, sections: Mapping[Place, models.Category]) -> dict[Place, models.Pledge]:
        place = {section.pk: key for key, section in sections.items()}
        there = models.Pledge.objects.filter(section__in=list(place)).select_related("section")
        wanted: dict[Place, Values] = {}
        for c, s, p in self.table.pledges():
            standing = self._place(c, s, p)
            wanted[standing] = {"section": sections[standing[:2]], "position": standing[-1], "text": p.text}
            if standing[:2] == (c.number, s.number):  # elsewhere it was printed with another one's number
                wanted[standing]["number_label"] = p.number
        return self._keep(models.Pledge, {(*place[p.section_id], p.position): p for p in there}, wanted)

    def _identities(self, manifesto: models.Manifesto) -> Identities:
        """Which pledges the table's are. Raises LoadingProblem where that is not certain."""
        if refusal := renumbered(manifesto, self.table):
            raise LoadingProblem(refusal)
        found = identities_of(manifesto, self.table, self.fiscal_year)
        if found.twice:
            raise LoadingProblem(SAME_WORDS.format(_listed(found.twice)))
        if found.other and not self.end_missing:
            raise LoadingProblem(ANOTHER_PLEDGE.format(_listed(found.other)))
        self._name("pledges_elsewhere", found.elsewhere)
        return found

    def _place(self, category: TableCategory, section: TableSection, pledge: TablePledge) -> Place:
        """Where a pledge of the table stands."""
        return self.identities.places[category.number, section.number, pledge.position]

    def _initiatives(self, pledges: Mapping[Place, models.Pledge]) -> Pairs:
        place = {pledge.pk: key for key, pledge in pledges.items()}
        found = models.Initiative.objects.filter(pledge__in=list(place)).select_related("pledge")
        there: dict[Place, models.Initiative] = {(*place[i.pledge_id], i.position): i for i in found}
        of_pledge = defaultdict[Place, list[models.Initiative]](list)
        for key, initiative in there.items():
            of_pledge[key[:3]].append(initiative)
        read: dict[Place, TableInitiative] = {}
        for pledge in self.table.pledges():
            above, rows = self._place(*pledge), pledge[-1].initiatives
            positions = initiative_positions(len(rows), of_pledge[above], self.fiscal_year)
            read |= {(*above, position): row for position, row in zip(positions, rows, strict=True)}
        begins = self.fiscal_year if there else self.years[0]  # what a later table adds: in its year
        has_notes = any(row.notes for row in read.values())  # a table without such columns takes none away
        wanted = {
            key: {
                "pledge": pledges[key[:3]],
                "position": key[-1],
                "sdgs": None if row.sdgs is None else list(row.sdgs),
                "other_departments": row.others,
                "first_fiscal_year": there[key].first_fiscal_year if key in there else begins,
                "last_fiscal_year": self._last_of(there.get(key)),
                "source": row.source,
            }
            | ({"notes": row.notes} if has_notes else {})
            | self._earlier_ratings(there.get(key), row)
            for key, row in read.items()
        }
        kept = self._keep(models.Initiative, there, wanted)
        self.places = {initiative.pk: written(key) for key, initiative in kept.items()}
        if there:  # of a first table all are new
            self._name("initiatives_added", (written(key) for key in wanted if key not in there))
        return [(row, kept[key]) for key, row in read.items()]

    def _earlier_ratings(self, initiative: models.Initiative | None, row: TableInitiative) -> Values:
        """How the table rates years before its own, beside what earlier tables said of others."""
        told = {str(year): code for year, code in row.ratings_by_year.items() if year < self.fiscal_year}
        known: dict[str, str | None] = initiative.earlier_ratings if initiative else {}
        return {"earlier_ratings": known | told} if told else {}

    def _end_missing(self, manifesto: models.Manifesto, kept: Pairs) -> None:
        """An initiative that the table no longer lists ended before the table's year."""
        running = (
            models.Initiative.objects.of(manifesto)
            .filter(last_fiscal_year=None, first_fiscal_year__lte=self.fiscal_year)
            .with_place()
        )
        missing = running.exclude(pk__in=[row.pk for _read, row in kept]).in_bulk()
        if missing and not self.end_missing:
            names = "、".join(initiative.place for initiative in list(missing.values())[:5])
            more = " など" if len(missing) > 5 else ""
            raise LoadingProblem(
                f"進行中の取組のうち {len(missing)} 件（{names}{more}）が、この表にありません。"
                "表が途中で切れていないか確かめてください。"
                f"終わった取組であれば、「表にない取組を終わったものとする」{OF_THE_COMMAND}を選んで取り込んでください。"
            )
        if new := [each.place for each in missing.values() if each.first_fiscal_year >= self.fiscal_year]:
            raise LoadingProblem(
                f"{short_label(self.fiscal_year)}に始まった取組 {len(new)} 件（{'、'.join(new[:5])}）が、"
                "この表にありません。始まる前に終わったことになるので、終わったものとすることはできません。"
                "前の取込みを取り消すか、表にこの取組を加えてください。"
            )
        ended = {pk: {"last_fiscal_year": self.fiscal_year - 1} for pk in missing}
        self._name("initiatives_ended", (initiative.place for initiative in missing.values()))
        self._keep(models.Initiative, missing, ended)

    def _plan_projects(self, manifesto: models.Manifesto, kept: Pairs) -> None:
        there = {(p.code, p.name): p for p in manifesto.plan_projects.all()}
        wanted = {(told.code, told.name): vars(told) for row, _ in kept for told in row.plan_projects}
        projects = self._keep(models.PlanProject, there, wanted, manifesto=manifesto)
        links = models.Initiative.plan_projects.through
        found = links.objects.filter(initiative_id__in=[initiative.pk for _, initiative in kept])
        known = {(link.initiative_id, link.planproject_id): link.pk for link in found}
        pairs = {(i.pk, projects[told.code, told.name].pk) for row, i in kept for told in row.plan_projects}
        new, gone = sorted(pairs - known.keys()), known.keys() - pairs
        self.journal.created(
            links.objects.bulk_create([links(initiative_id=a, planproject_id=b) for a, b in new])
        )
        lost = links.objects.filter(pk__in=[known[pair] for pair in gone])
        self.journal.deleting(lost)
        lost.delete()
        self.created["Initiative.plan_projects"] += len(new)
        self.changed["Initiative.plan_projects"] += len(gone)

    def _assignments(self, kept: Pairs) -> None:
        departments = self._departments()
        there = defaultdict[int, list[models.Assignment]](list)
        for duty in models.Assignment.objects.filter(initiative__in=[i for _, i in kept]).order_by(
            "position"
        ):
            there[duty.initiative_id].append(duty)
        new = []
        for row, initiative in kept:
            wanted = [
                models.Assignment(
                    initiative=initiative,
                    department=departments[term],
                    position=position,
                    from_fiscal_year=term.from_year,
                    to_fiscal_year=term.to_year,
                )
                for position, term in enumerate(dict.fromkeys(row.departments), start=1)
            ]
            old = there[initiative.pk]
            if not self._says_the_same(old, wanted):
                self.changed["Assignment"] += bool(old)
                self.created["Assignment"] += 0 if old else len(wanted)
                if old:
                    self.journal.deleting(old)
                    models.Assignment.objects.filter(initiative=initiative).delete()
                new += wanted
        self.journal.created(models.Assignment.objects.bulk_create(new, batch_size=500))

    def _last_of(self, initiative: models.Initiative | None) -> int | None:
        """The last year of an initiative that the table has: one that it says nothing against stays."""
        last = initiative.last_fiscal_year if initiative else None
        return last if last is not None and last >= self.fiscal_year else None

    def _says_the_same(self, old: list[models.Assignment], wanted: list[models.Assignment]) -> bool:
        """Whether duties say what the table says. Where it names no later year, what was arranged for later
        years, by a reorganisation for example, is not its matter.
        """
        year = self.fiscal_year
        told = attrgetter("department_id", "from_fiscal_year", "to_fiscal_year")
        if any((each.from_fiscal_year or 0) > year or (each.to_fiscal_year or 0) >= year for each in wanted):
            return [told(duty) for duty in old] == [told(duty) for duty in wanted]
        begun = [told(duty) for duty in old if (duty.from_fiscal_year or 0) <= year]
        then = [(office, first, last if last and last < year else None) for office, first, last in begun]
        return then == [told(duty) for duty in wanted]

    def _departments(self) -> dict[DepartmentTerm, models.Department]:
        """Departments by the duty that names them: the one that was called so in the duty's last year.

        A new one gets the next free three-digit code, in order of appearance.
        """
        stored = list(models.Department.objects.prefetch_related("former_names").order_by("code"))
        used = {each.code for each in stored}
        free = (code for number in range(1, 100_000) if (code := f"{number:03d}") not in used)
        terms = {term: (term.name, self._last_year(term)) for term in self.table.department_terms()}
        there = {
            (department.name_in(year), year): department
            for year in {year for _name, year in terms.values()}
            for department in stored
            if department.is_there_in(year)
        }
        lacking = dict.fromkeys(key[0] for key in terms.values() if key not in there)
        wanted: dict[str, Values] = {name: {"code": next(free), "name": name} for name in lacking}
        if stored:
            self._name("departments_added", wanted)
        new = self._keep(models.Department, {}, wanted)
        return {term: there.get(key) or new[term.name] for term, key in terms.items()}

    def _last_year(self, term: DepartmentTerm) -> int:
        """The last year up to the table's in which a department has a duty."""
        return min(term.to_year or self.fiscal_year, self.fiscal_year)

    def _name(self, what: str, names: Iterable[str]) -> None:
        if found := list(names):
            self.named[what] = found

    def _extra_columns(self, manifesto: models.Manifesto, kept: Pairs) -> list[answers.SaidByCode]:
        """Defines the columns that a layout makes public; what rows say of them."""
        if not (labels := self.table.extra_labels):
            return []
        there = {column.label: column for column in manifesto.extra_columns.all()}
        wanted = answers.columns_wanted(labels, there)
        columns = self._keep(models.ExtraColumn, there, wanted, manifesto=manifesto)
        self._name("columns_added", (label for label in labels if label not in there))
        self._name("columns_internal", (label for label, each in columns.items() if not each.is_public))
        try:
            return [answers.said_of_columns(kept, columns, self.fiscal_year, self.places)]
        except ColumnProblem as problem:
            raise LoadingProblem(str(problem)) from problem

    def _indicators(self, kept: Pairs) -> list[answers.SaidByCode]:
        """Defines the table's indicators; what rows say of them."""
        if not (measures := answers.measures_of(kept)):
            return []
        found = models.Indicator.objects.filter(initiative__in=[initiative for _row, initiative in kept])
        there = {(each.initiative_id, each.name): each for each in found.select_related("initiative")}
        measuring = answers.Measuring(measures, there, self.years, self.places)
        defined = self._keep(models.Indicator, there, measuring.wanted(int(free_code()[1:])))
        for what, told in measuring.named(defined).items():
            self._name(what, told)
        return [measuring.said(defined)]

    def _actions(
        self,
        rounds: Mapping[int, models.ReportingRound],
        ratings: Mapping[str, models.Rating],
        kept: Pairs,
        said: answers.SaidByCode,
    ) -> Collection[models.YearlyAction]:
        actions = models.YearlyAction.objects.select_related("round", "rating", "initiative")
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
        return self._keep(models.YearlyAction, there, wanted).values()

    def _years_of(self, row: TableInitiative) -> list[int]:
        """The years of an initiative's rows: where it has a column of results, or figures ask for a row."""
        return sorted({*row.results, *self.years} - ({*self.table.years} - row.results.keys()))

    def _told_of(self, row: TableInitiative, year: int, ratings: Mapping[str, models.Rating]) -> Values:
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

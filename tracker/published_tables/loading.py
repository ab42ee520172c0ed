"""Writes a parsed published table into the workspace: the only code that turns a file into models.

Identity is the place in the table: field, section, pledge and initiative by their order. Everything is
compared with what is there; only differences are written. The imported year is a published round, its actions
approved.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from tracker import models
from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import events, one_writer, recorded
from tracker.published_tables.file.table import PublishedTable, TableInitiative
from tracker.words.fiscal_years import fiscal_year_of, short_label

Key = TypeVar("Key")
Kept = TypeVar("Kept", bound=Model)
Place = tuple[int, ...]  # field, section, pledge, initiative, as far as it goes
Values = dict[str, Any]
Pairs = list[tuple[TableInitiative, models.Initiative]]  # as read, and as kept


class LoadingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A table that must not be written; the message says why and what to do."""


@dataclass
class LoadingOutcome:
    """What loading did: the round of the table's date, and how many rows were created, changed and ended.

    `row_digests`: what each yearly action of the table says now (`recorded.digest_of`), by id.
    """

    round: models.ReportingRound
    created: Counter[str]
    changed: Counter[str]
    row_digests: dict[str, str]

    @property
    def is_unchanged(self) -> bool:
        return not self.created and not self.changed


@transaction.atomic
def load(
    table: PublishedTable, *, slug: str, by: str, file_name: str, file_digest: str, end_missing: bool = False
) -> LoadingOutcome:
    """Writes a table into the manifesto `slug`, all or nothing.

    Raises LoadingProblem when staff are at work on it, and, unless `end_missing`, when the table lacks
    initiatives that are still running: a file that was cut off looks just like that.
    """
    one_writer.wait_for_turn()
    outcome = _Loader(table, slug, end_missing).load()
    if not outcome.is_unchanged:
        counts = {"created": dict(outcome.created), "changed": dict(outcome.changed)}
        told = {"anomalies": len(table.anomalies), "row_digests": outcome.row_digests}
        content = {"file": file_name, "sha256": file_digest, **counts, **told}
        events.record(by=by, kind=EventKind.IMPORTED, subject=f"manifesto:{slug}", content=content)
    return outcome


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
        self.fiscal_year = fiscal_year_of(table.as_of)
        self.created, self.changed = Counter[str](), Counter[str]()

    def load(self) -> LoadingOutcome:
        manifesto = self._manifesto()
        rounds = self._rounds(manifesto)
        there = {rating.code: rating for rating in manifesto.ratings.all()}
        steps = enumerate(self.table.ratings, start=1)
        wanted = {step.code: {"position": position, **vars(step)} for position, step in steps}
        ratings = self._keep(models.Rating, there, wanted, manifesto=manifesto)
        kept = self._initiatives(self._pledges(self._sections(manifesto)))
        self._end_missing(manifesto, kept)
        self._plan_projects(manifesto, kept)
        self._assignments(kept)
        actions = self._actions(rounds, ratings, kept)
        digests = {str(action.pk): recorded.digest_of(action) for action in actions}
        return LoadingOutcome(rounds[self.fiscal_year], +self.created, +self.changed, digests)

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
        self.created[model.__name__] += len(new)
        self.changed[model.__name__] += len(differing)
        return kept

    def _manifesto(self) -> models.Manifesto:
        there = {m.slug: m for m in models.Manifesto.objects.select_for_update().filter(slug=self.slug)}
        values = {
            "slug": self.slug,
            "title": self.table.title,
            "first_fiscal_year": min([self.table.years[0], *(m.first_fiscal_year for m in there.values())]),
            "cumulative_year": self.table.cumulative_year,
        }
        return self._keep(models.Manifesto, there, {self.slug: values})[self.slug]

    def _rounds(self, manifesto: models.Manifesto) -> dict[int, models.ReportingRound]:
        """A round per result year. Raises LoadingProblem for one that departments are working in."""
        self._check_years(manifesto)
        years = self.table.years
        there = {round.fiscal_year: round for round in manifesto.rounds.filter(fiscal_year__in=years)}
        for round in there.values():
            if round.state != RoundState.PUBLISHED and not round.is_imported:
                raise LoadingProblem(
                    f"{short_label(round.fiscal_year)} の報告回が進行中です。"
                    "入力された内容を書き換えないよう、取り込みを中止しました。"
                )
        if models.YearlyAction.objects.filter(round__in=list(there.values()), is_imported=False).exists():
            raise LoadingProblem(
                "この表の年度は、担当課が入力したものです。入力された内容を表で書き換えることはできません。"
            )
        # The table's date for its own year; an earlier year's stays, or is that year's end.
        dates = {year: there[year].as_of if year in there else date(year + 1, 3, 31) for year in years}
        dates[self.fiscal_year] = self.table.as_of
        states = {year: self._state(there.get(year)) for year in years if year == self.fiscal_year}
        wanted: dict[int, Values] = {
            year: {"fiscal_year": year, "as_of": dates[year], "state": states.get(year, RoundState.PUBLISHED)}
            for year in years
        }
        return self._keep(models.ReportingRound, there, wanted, manifesto=manifesto)

    def _state(self, there: models.ReportingRound | None) -> str:
        """The table's own year waits to be published. Earlier years are told by its report."""
        return there.state if there else RoundState.CLOSED

    def _check_years(self, manifesto: models.Manifesto) -> None:
        """Raises LoadingProblem where the table's date is not its last year's, or a later table is loaded."""
        label, last = short_label(self.fiscal_year), self.table.years[-1]
        if self.fiscal_year not in self.table.years:
            raise LoadingProblem(
                f"時点の年度（{label}）の列がありません。表題の時点と、年度の見出しを確かめてください。"
            )
        if self.fiscal_year != last:
            raise LoadingProblem(
                f"時点より後の年度（{short_label(last)}）の列があります。表題の時点を確かめてください。"
            )
        later = manifesto.rounds.filter(fiscal_year__gt=self.fiscal_year).of_tables().first()
        if later:
            raise LoadingProblem(
                f"より新しい {short_label(later.fiscal_year)} の表が取り込まれています。"
                "新しい内容を古い表で書き換えないよう、取り込みを中止しました。"
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
        return self._keep(models.Category, below, wanted, manifesto=manifesto)

    def _pledges(self, sections: Mapping[Place, models.Category]) -> dict[Place, models.Pledge]:
        place = {section.pk: key for key, section in sections.items()}
        there = models.Pledge.objects.filter(section__in=list(place)).select_related("section")
        wanted: dict[Place, Values] = {
            (c.number, s.number, p.position): {
                "section": sections[c.number, s.number],
                "position": p.position,
                "number_label": p.number,
                "text": p.text,
            }
            for c, s, p in self.table.pledges()
        }
        return self._keep(models.Pledge, {(*place[p.section_id], p.position): p for p in there}, wanted)

    def _initiatives(self, pledges: Mapping[Place, models.Pledge]) -> Pairs:
        place = {pledge.pk: key for key, pledge in pledges.items()}
        found = models.Initiative.objects.filter(pledge__in=list(place)).select_related("pledge")
        there: dict[Place, models.Initiative] = {(*place[i.pledge_id], i.position): i for i in found}
        read: dict[Place, TableInitiative] = {
            (c.number, s.number, p.position, i.position): i
            for c, s, p in self.table.pledges()
            for i in p.initiatives
        }
        begins = self.fiscal_year if there else self.table.years[0]  # what a later table adds: in its year
        has_notes = any(row.notes for row in read.values())  # a table without such columns takes none away
        wanted = {
            key: {
                "pledge": pledges[key[:3]],
                "position": row.position,
                "sdgs": None if row.sdgs is None else list(row.sdgs),
                "other_departments": row.others,
                "first_fiscal_year": there[key].first_fiscal_year if key in there else begins,
                "source": row.source,
            }
            | ({"notes": row.notes} if has_notes else {})
            for key, row in read.items()
        }
        kept = self._keep(models.Initiative, there, wanted, last_fiscal_year=None)
        return [(row, kept[key]) for key, row in read.items()]

    def _end_missing(self, manifesto: models.Manifesto, kept: Pairs) -> None:
        """An initiative that the table no longer lists ended before the table's year."""
        running = models.Initiative.objects.of(manifesto).filter(
            last_fiscal_year=None, first_fiscal_year__lte=self.fiscal_year
        )
        missing = running.exclude(pk__in=[row.pk for _read, row in kept]).in_bulk()
        if missing and not self.end_missing:
            names = "、".join(initiative.place for initiative in list(missing.values())[:5])
            more = " など" if len(missing) > 5 else ""
            raise LoadingProblem(
                f"進行中の取組のうち {len(missing)} 件（{names}{more}）が、この表にありません。"
                "表が途中で切れていないか確かめてください。"
                "終わった取組であれば、--end-missing を付けて取り込んでください。"
            )
        ended = {pk: {"last_fiscal_year": self.fiscal_year - 1} for pk in missing}
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
        links.objects.bulk_create([links(initiative_id=a, planproject_id=b) for a, b in new])
        links.objects.filter(pk__in=[known[pair] for pair in gone]).delete()
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
        told = attrgetter("department_id", "from_fiscal_year", "to_fiscal_year")
        for row, initiative in kept:
            wanted = [
                models.Assignment(
                    initiative=initiative,
                    department=departments[term.name],
                    position=position,
                    from_fiscal_year=term.from_year,
                    to_fiscal_year=term.to_year,
                )
                for position, term in enumerate(dict.fromkeys(row.departments), start=1)
            ]
            old = there[initiative.pk]
            if [told(duty) for duty in old] != [told(duty) for duty in wanted]:
                self.changed["Assignment"] += bool(old)
                self.created["Assignment"] += 0 if old else len(wanted)
                models.Assignment.objects.filter(initiative=initiative).delete()
                new += wanted
        models.Assignment.objects.bulk_create(new, batch_size=500)

    def _departments(self) -> dict[str, models.Department]:
        """Departments by name; a new one gets the next free three-digit code, in order of appearance."""
        there = {living.name: living for living in models.Department.objects.filter(last_fiscal_year=None)}
        used = set(models.Department.objects.values_list("code", flat=True))
        free = (code for number in range(1, 100_000) if (code := f"{number:03d}") not in used)
        lacking = [name for name in self.table.department_names() if name not in there]
        new = {name: {"code": next(free), "name": name} for name in lacking}
        return there | self._keep(models.Department, {}, new)

    def _actions(
        self, rounds: Mapping[int, models.ReportingRound], ratings: Mapping[str, models.Rating], kept: Pairs
    ) -> Collection[models.YearlyAction]:
        actions = models.YearlyAction.objects.select_related("round", "rating", "initiative")
        found = actions.filter(round__in=list(rounds.values()))
        there = {(action.initiative_id, action.round.fiscal_year): action for action in found}
        same = {"state": ActionState.APPROVED, "is_imported": True}
        wanted: dict[tuple[int, int], Values] = {}
        for row, initiative in kept:
            for year, result in row.results.items():
                key = (initiative.pk, year)
                values: Values = {"initiative": initiative, "round": rounds[year], "result": result, **same}
                # The table rates, and plans, as of its own date; what earlier tables said of theirs stays.
                if year == self.fiscal_year:
                    values["rating"] = ratings[row.rating] if row.rating else None
                if year + 1 in row.plans:
                    values["plan"] = row.plans[year + 1]
                if key in there and any(getattr(there[key], name) != value for name, value in values.items()):
                    values["version"] = there[key].version + 1
                    values |= {"was_reported": False, "reference_rating": None}  # a table gives no reasons
                wanted[key] = values
        return self._keep(models.YearlyAction, there, wanted).values()

"""Writes a parsed published table into the workspace: the only code that turns a file into models.

Identity is the place in the table: field, section, pledge and initiative by their order. Everything is
compared with what is there; only differences are written. The imported year is a published round, its actions
approved.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction

from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import events
from tracker.models import (
    Assignment,
    Category,
    Department,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    ReportingRound,
    YearlyAction,
)
from tracker.published_tables.file.table import PublishedTable, TableInitiative
from tracker.words.fiscal_years import fiscal_year_of, short_label

Key = TypeVar("Key")
Kept = TypeVar("Kept", bound=models.Model)
Pairs = list[tuple[TableInitiative, Initiative]]  # as read, and as kept


class LoadingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A table that must not be written; the message says why and what to do."""


@dataclass
class LoadingOutcome:
    """What loading did: the round of the table's date, and how many rows were created, changed and ended."""

    round: ReportingRound
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

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
    loader = _Loader(table, slug, end_missing)
    outcome = loader.load()
    if not outcome.is_unchanged:
        events.record(
            by=by,
            kind=EventKind.IMPORTED,
            subject=f"manifesto:{slug}",
            content={
                "file": file_name,
                "sha256": file_digest,
                "created": dict(outcome.created),
                "changed": dict(outcome.changed),
                "anomalies": len(table.anomalies),
            },
        )
    return outcome


class _Loader:
    """One load: keeps the counts of what was created and changed."""

    def __init__(self, table: PublishedTable, slug: str, end_missing: bool) -> None:
        self.table = table
        self.slug = slug
        self.end_missing = end_missing
        self.fiscal_year = fiscal_year_of(table.as_of)
        self.created: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()

    def load(self) -> LoadingOutcome:
        manifesto = self._manifesto()
        rounds = self._rounds(manifesto)
        ratings = self._keep(
            Rating,
            {rating.code: rating for rating in manifesto.ratings.all()},
            {
                step.code: {
                    "manifesto": manifesto, "position": position, "code": step.code, "label": step.label,
                    "definition": step.definition, "percent": step.percent,
                }
                for position, step in enumerate(self.table.ratings, start=1)
            },
        )  # fmt: skip
        initiatives = self._initiatives(self._pledges(self._sections(manifesto)))
        self._end_missing(manifesto, initiatives)
        self._plan_projects(manifesto, initiatives)
        self._assignments(initiatives)
        self._actions(rounds, ratings, initiatives)
        return LoadingOutcome(rounds[self.fiscal_year], +self.created, +self.changed)

    def _keep(
        self, model: type[Kept], there: Mapping[Key, Kept], wanted: Mapping[Key, Mapping[str, Any]]
    ) -> dict[Key, Kept]:
        """Creates what is missing and updates what differs. Returns all wanted rows by key."""
        kept: dict[Key, Kept] = {}
        new, differing, names = [], [], set()
        for key, values in wanted.items():
            row = there.get(key)
            if row is None:
                kept[key] = row = model(**values)
                new.append(row)
                continue
            kept[key] = row
            different = [name for name, value in values.items() if getattr(row, name) != value]
            for name in different:
                setattr(row, name, values[name])
            if different:
                names.update(different)
                differing.append(row)
        model._default_manager.bulk_create(new, batch_size=500)
        if differing:
            model._default_manager.bulk_update(differing, sorted(names), batch_size=500)
        self.created[model.__name__] += len(new)
        self.changed[model.__name__] += len(differing)
        return kept

    def _manifesto(self) -> Manifesto:
        there = Manifesto.objects.select_for_update().filter(slug=self.slug)
        values = {
            "slug": self.slug,
            "title": self.table.title,
            "first_fiscal_year": min([self.table.years[0], *(m.first_fiscal_year for m in there)]),
            "cumulative_year": self.table.cumulative_year,
        }
        return self._keep(Manifesto, {m.slug: m for m in there}, {self.slug: values})[self.slug]

    def _rounds(self, manifesto: Manifesto) -> dict[int, ReportingRound]:
        """A round per result year. Raises LoadingProblem for one that departments are working in."""
        if self.fiscal_year not in self.table.years:
            raise LoadingProblem(
                f"時点の年度（{short_label(self.fiscal_year)}）の列がありません。"
                "表題の時点と、年度の見出しを確かめてください。"
            )
        if self.fiscal_year != self.table.years[-1]:
            raise LoadingProblem(
                f"時点より後の年度（{short_label(self.table.years[-1])}）の列があります。"
                "表題の時点を確かめてください。"
            )
        later = manifesto.rounds.filter(fiscal_year__gt=self.fiscal_year, state=RoundState.PUBLISHED).first()
        if later:
            raise LoadingProblem(
                f"より新しい {short_label(later.fiscal_year)} の表が取り込まれています。"
                "新しい内容を古い表で書き換えないよう、取り込みを中止しました。"
            )
        there = {
            round.fiscal_year: round for round in manifesto.rounds.filter(fiscal_year__in=self.table.years)
        }
        for round in there.values():
            if round.state != RoundState.PUBLISHED:
                raise LoadingProblem(
                    f"{short_label(round.fiscal_year)} の報告回が進行中です。"
                    "入力された内容を書き換えないよう、取り込みを中止しました。"
                )
        if YearlyAction.objects.filter(round__in=list(there.values()), is_imported=False).exists():
            raise LoadingProblem(
                "この表の年度は、担当課が入力したものです。入力された内容を表で書き換えることはできません。"
            )
        return self._keep(
            ReportingRound,
            there,
            {
                year: {
                    "manifesto": manifesto,
                    "fiscal_year": year,
                    "state": RoundState.PUBLISHED,
                    "as_of": self._as_of(year, there.get(year)),
                }
                for year in self.table.years
            },
        )

    def _as_of(self, year: int, there: ReportingRound | None) -> date:
        """The table's date for its own year; an earlier year's stays, or is that year's end."""
        if year == self.fiscal_year:
            return self.table.as_of
        return there.as_of if there else date(year + 1, 3, 31)

    def _sections(self, manifesto: Manifesto) -> dict[tuple[int, int], Category]:
        there = {category.number: category for category in manifesto.categories.filter(parent=None)}
        categories = self._keep(
            Category,
            there,
            {
                c.number: {"manifesto": manifesto, "number": c.number, "name": c.name}
                for c in self.table.categories
            },
        )
        known = {
            (s.parent.number, s.number): s for s in manifesto.categories.select_related("parent") if s.parent
        }
        return self._keep(
            Category,
            known,
            {
                (c.number, s.number): {
                    "manifesto": manifesto,
                    "parent": categories[c.number],
                    "number": s.number,
                    "name": s.name,
                }
                for c in self.table.categories
                for s in c.sections
            },
        )

    def _pledges(self, sections: Mapping[tuple[int, int], Category]) -> dict[tuple[int, int, int], Pledge]:
        place = {section.pk: key for key, section in sections.items()}
        there = {
            (*place[p.section_id], p.position): p for p in Pledge.objects.filter(section__in=list(place))
        }
        return self._keep(
            Pledge,
            there,
            {
                (c.number, s.number, p.position): {
                    "section": sections[c.number, s.number],
                    "position": p.position,
                    "number_label": p.number,
                    "text": p.text,
                }
                for c, s, p in self.table.pledges()
            },
        )

    def _initiatives(self, pledges: Mapping[tuple[int, int, int], Pledge]) -> Pairs:
        place = {pledge.pk: key for key, pledge in pledges.items()}
        found = Initiative.objects.filter(pledge__section__manifesto__slug=self.slug).select_related("pledge")
        there = {(*place[i.pledge_id], i.position): i for i in found if i.pledge_id in place}
        read = {
            (c.number, s.number, p.position, i.position): i
            for c, s, p in self.table.pledges()
            for i in p.initiatives
        }
        begins = (
            self.fiscal_year if there else self.table.years[0]
        )  # what a later table adds begins in its year
        has_notes = any(
            row.notes for row in read.values()
        )  # a table without such columns takes no notes away
        kept = self._keep(
            Initiative,
            there,
            {
                key: {
                    "pledge": pledges[key[:3]],
                    "position": row.position,
                    "sdgs": None if row.sdgs is None else list(row.sdgs),
                    "other_departments": row.others,
                    "first_fiscal_year": there[key].first_fiscal_year if key in there else begins,
                    "last_fiscal_year": None,
                    "source": row.source,
                }
                | ({"notes": row.notes} if has_notes else {})
                for key, row in read.items()
            },
        )
        return [(row, kept[key]) for key, row in read.items()]

    def _end_missing(self, manifesto: Manifesto, kept: Pairs) -> None:
        """An initiative that the table no longer lists ended before the table's year."""
        running = Initiative.objects.filter(
            pledge__section__manifesto=manifesto,
            last_fiscal_year=None,
            first_fiscal_year__lte=self.fiscal_year,
        )
        missing = running.exclude(pk__in=[row.pk for _read, row in kept]).select_related(
            "pledge__section__parent"
        )
        there = {initiative.pk: initiative for initiative in missing}
        if there and not self.end_missing:
            names = "、".join(initiative.place for initiative in list(there.values())[:5])
            more = " など" if len(there) > 5 else ""
            raise LoadingProblem(
                f"進行中の取組のうち {len(there)} 件（{names}{more}）が、この表にありません。"
                "表が途中で切れていないか確かめてください。"
                "終わった取組であれば、--end-missing を付けて取り込んでください。"
            )
        self._keep(Initiative, there, {pk: {"last_fiscal_year": self.fiscal_year - 1} for pk in there})

    def _plan_projects(self, manifesto: Manifesto, kept: Pairs) -> None:
        wanted = {
            (reference.code, reference.name): {
                "manifesto": manifesto,
                "code": reference.code,
                "base_code": reference.base_code,
                "name": reference.name,
            }
            for row, _initiative in kept
            for reference in row.plan_projects
        }
        projects = self._keep(
            PlanProject, {(p.code, p.name): p for p in manifesto.plan_projects.all()}, wanted
        )
        links = Initiative.plan_projects.through
        ids = [initiative.pk for _row, initiative in kept]
        there = {
            (link.initiative_id, link.planproject_id): link
            for link in links.objects.filter(initiative_id__in=ids)
        }
        pairs = {(i.pk, projects[ref.code, ref.name].pk) for row, i in kept for ref in row.plan_projects}
        links.objects.bulk_create(
            [links(initiative_id=a, planproject_id=b) for a, b in sorted(pairs - there.keys())]
        )
        links.objects.filter(pk__in=[there[pair].pk for pair in there.keys() - pairs]).delete()
        self.created["Initiative.plan_projects"] += len(pairs - there.keys())
        self.changed["Initiative.plan_projects"] += len(there.keys() - pairs)

    def _assignments(self, kept: Pairs) -> None:
        departments = self._departments()
        there: dict[int, list[Assignment]] = {}
        for assignment in Assignment.objects.filter(initiative__in=[i.pk for _row, i in kept]).order_by(
            "position"
        ):
            there.setdefault(assignment.initiative_id, []).append(assignment)
        new: list[Assignment] = []
        for row, initiative in kept:
            old = [
                (a.department_id, a.from_fiscal_year, a.to_fiscal_year) for a in there.get(initiative.pk, [])
            ]
            wanted = list(
                dict.fromkeys((departments[t.name].pk, t.from_year, t.to_year) for t in row.departments)
            )
            if old == wanted:
                continue
            self.changed["Assignment"] += bool(old)
            self.created["Assignment"] += 0 if old else len(wanted)
            Assignment.objects.filter(initiative=initiative).delete()
            new += [
                Assignment(
                    initiative=initiative,
                    department_id=pk,
                    position=position,
                    from_fiscal_year=begin,
                    to_fiscal_year=end,
                )
                for position, (pk, begin, end) in enumerate(wanted, start=1)
            ]
        Assignment.objects.bulk_create(new, batch_size=500)

    def _departments(self) -> dict[str, Department]:
        """Departments by name; a new one gets the next free three-digit code, in order of appearance."""
        there = {
            department.name: department for department in Department.objects.filter(last_fiscal_year=None)
        }
        used = set(Department.objects.values_list("code", flat=True))
        free = (code for number in range(1, 100_000) if (code := f"{number:03d}") not in used)
        new = {
            name: {"code": next(free), "name": name}
            for name in self.table.department_names()
            if name not in there
        }
        return there | self._keep(Department, {}, new)

    def _actions(
        self, rounds: Mapping[int, ReportingRound], ratings: Mapping[str, Rating], kept: Pairs
    ) -> None:
        found = YearlyAction.objects.filter(round__in=list(rounds.values())).select_related(
            "round", "rating", "initiative"
        )
        there = {(action.initiative_id, action.round.fiscal_year): action for action in found}
        wanted: dict[tuple[int, int], dict[str, Any]] = {}
        for row, initiative in kept:
            for year, result in row.results.items():
                key = (initiative.pk, year)
                values: dict[str, Any] = {
                    "initiative": initiative,
                    "round": rounds[year],
                    "result": result,
                    "state": ActionState.APPROVED,
                    "is_imported": True,
                }
                # The table rates, and plans, as of its own date; what earlier tables said of their years
                # stays.
                if year == self.fiscal_year:
                    values["rating"] = ratings[row.rating] if row.rating else None
                if year + 1 in row.plans:
                    values["plan"] = row.plans[year + 1]
                if key in there and any(getattr(there[key], name) != value for name, value in values.items()):
                    values["version"] = there[key].version + 1
                    values |= {"was_reported": False, "reference_rating": None}  # a table gives no reasons
                wanted[key] = values
        self._keep(YearlyAction, there, wanted)

"""What a reorganisation would do, as its page shows it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tracker.choices import ActionState
from tracker.cycle import manifestos, rounds
from tracker.models import Reorganisation, YearlyAction
from tracker.models.organisation import this_fiscal_year
from tracker.organisation import writing
from tracker.organisation.outcome import Duty, Organisation, Outcome, told_apart, words_of
from tracker.organisation.steps import KINDS, MOVE, SPLIT, touched

CHOOSABLE = (SPLIT, MOVE)  # the kinds of step in which somebody chooses who takes over what


@dataclass(frozen=True)
class DepartmentLine:
    """A department in the preview: what it is called, its initiatives and people before and after."""

    code: str
    name_before: str
    name: str
    is_new: bool
    has_ended: bool
    rows: tuple[int, int]
    people: tuple[int, int]
    by_manifesto: tuple[tuple[str, int, int], ...] = ()  # name, before, after; of several only


@dataclass(frozen=True)
class StepShown:
    """A step: its number, what it is in words, what it does, and what stands in its way."""

    number: int
    kind: str
    words: str
    told: dict[str, list[str | None]]
    problems: list[str]
    is_choosable: bool


@dataclass
class Preview:
    """What a document would do, as its page shows it."""

    document: Reorganisation
    outcome: Outcome

    @cached_property
    def fingerprint(self) -> str:
        return writing.fingerprint(self.document, self.outcome)

    @property
    def steps(self) -> list[StepShown]:
        numbered = enumerate(zip(self.document.steps, self.outcome.told, strict=True), start=1)
        return [
            StepShown(
                number,
                KINDS[step["kind"]],
                words_of(step, self.outcome),
                told,
                [each.words for each in self.outcome.problems if each.step == number],
                step["kind"] in CHOOSABLE,
            )
            for number, (step, told) in numbered
        ]

    @property
    def problems(self) -> list[str]:
        return [each.words for each in self.outcome.problems]

    @cached_property
    def lines(self) -> list[DepartmentLine]:
        """The departments that it is about, by code."""
        before, after, year = self.outcome.before, self.outcome.after, self.document.fiscal_year
        found = sorted(touched(self.document.steps) & (before.departments.keys() | after.departments.keys()))
        names = {code: told_apart(each, after.departments[code]) for code, each in before.departments.items()}
        return [
            DepartmentLine(
                code,
                *names.get(code, ("", after.called(code))),
                code not in before.departments,
                not after.departments[code].is_there_in(year),
                (len(before.running(code, year)), len(after.running(code, year))),
                (len(before.members(code)), len(after.members(code))),
                tuple(self._by_manifesto(code)),
            )
            for code in found
        ]

    def _by_manifesto(self, code: str) -> Iterator[tuple[str, int, int]]:
        """A department's initiatives of each manifesto, before and after; none where there is only one."""
        was, will = (
            Counter(self._owner(each, duty) for duty in each.running(code, self.document.fiscal_year))
            for each in (self.outcome.before, self.outcome.after)
        )
        names = self.manifesto_names.values()
        return ((name, was[name], will[name]) for name in names if was[name] or will[name])

    @staticmethod
    def _owner(organisation: Organisation, duty: Duty) -> str:
        task = organisation.tasks.get(duty.initiative)
        return task.manifesto if task else ""

    @cached_property
    def manifesto_names(self) -> dict[str, str]:
        """The names by the slugs that places begin with; empty where there is only one manifesto."""
        found = {manifesto.slug: name for manifesto, name in manifestos.names_of_all().items()}
        return found if len(found) > 1 else {}

    @cached_property
    def open_rows(self) -> list[tuple[str, str, int]]:
        """(round, state, count) of rows of rounds under way that another department answers for."""
        moved = {
            duty.initiative
            for key, duty in self.outcome.before.duties.items()
            if self.outcome.after.duties.get(key) != duty
        }
        rows = YearlyAction.objects.filter(round__in=rounds.current_rounds(), initiative__in=moved)
        found: dict[tuple[str, str], int] = {}
        for row in rows.select_related("round__manifesto"):
            then, now = (
                each.answering(row.initiative_id, row.round.fiscal_year, this_fiscal_year())
                for each in (self.outcome.before, self.outcome.after)
            )
            if then == now:
                continue
            called = self.manifesto_names.get(row.round.manifesto.slug, str(row.round.manifesto))
            round = f"{called} {row.round.short_label}"
            key = round, str(ActionState(row.state).label)
            found[key] = found.get(key, 0) + 1
        return [(round, state, count) for (round, state), count in found.items()]

    @property
    def unmanned(self) -> list[str]:
        """Departments of the document that would have initiatives, and nobody who works there."""
        return [line.name for line in self.lines if line.rows[1] and not line.people[1]]

    @property
    def is_early(self) -> bool:
        """Whether it would be applied before its fiscal year has begun: people and names change at once."""
        return self.document.fiscal_year > this_fiscal_year()

    @property
    def can_apply(self) -> bool:
        return bool(self.document.steps) and not self.outcome.problems

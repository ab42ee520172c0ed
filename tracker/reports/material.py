"""The workspace as publishing reads it: plain rows, for model objects take three times as long."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from django.db.models import Q

from tracker.models import Assignment, FormerName, Indicator, Initiative, ReportingRound, YearlyAction
from tracker.models.organisation import DUTY_ORDER


class YearRow(NamedTuple):
    """What an initiative's row says of its year."""

    initiative: int
    fiscal_year: int
    state: str
    result: str
    plan: str
    rating_code: str | None
    rating_reason: str
    extra_values: dict[str, str]


class DutyRow(NamedTuple):
    """A department's duty for an initiative; `name` is that of the round's year."""

    initiative: int
    code: str
    name: str
    from_fiscal_year: int | None
    to_fiscal_year: int | None


class ProjectRow(NamedTuple):
    """A plan project of an initiative."""

    initiative: int
    base_code: str
    code: str
    name: str


class WorkspaceRows:
    """All that a round's entries are made from, by initiative: years oldest first, duties, plan projects,
    indicators; and the extra columns of which the public reads.

    A year is told by its last round so far in which the initiative has a row; the round's own year by the
    round itself.
    """

    def __init__(self, round: ReportingRound) -> None:
        of_manifesto = {"initiative__pledge__section__manifesto": round.manifesto_id}
        told = Q(round=round) | Q(round__fiscal_year__lt=round.fiscal_year)
        actions = YearlyAction.objects.filter(told, **of_manifesto)
        year = (
            *("initiative", "round__fiscal_year", "state", "result", "plan"),
            *("rating__code", "rating_reason", "extra_values"),
        )
        ordered = actions.order_by("round__fiscal_year", "round__as_of").values_list(*year)
        last = {(row.initiative, row.fiscal_year): row for row in map(YearRow._make, ordered)}
        self.years = _grouped(YearRow, last.values())
        duty = ("initiative", "department__code", "department__name", "from_fiscal_year", "to_fiscal_year")
        assignments = Assignment.objects.filter(**of_manifesto).order_by(*DUTY_ORDER)
        then = _names_in(round.fiscal_year)
        rows = assignments.values_list(*duty)
        self.duties = _grouped(
            DutyRow, ((pk, code, then.get(code, name), *years) for pk, code, name, *years in rows)
        )
        project = ("initiative", "planproject__base_code", "planproject__code", "planproject__name")
        links = Initiative.plan_projects.through.objects.filter(**of_manifesto)
        self.projects = _grouped(ProjectRow, links.order_by(*project[1:]).values_list(*project))
        self.public_columns = list(round.manifesto.extra_columns.filter(is_public=True))
        self.indicators: dict[int, list[Indicator]] = defaultdict(list)
        for indicator in Indicator.objects.filter(**of_manifesto):
            self.indicators[indicator.initiative_id].append(indicator)


def _names_in(fiscal_year: int) -> dict[str, str]:
    """By code what departments were called in a fiscal year that are called otherwise now."""
    former = FormerName.objects.filter(last_fiscal_year__gte=fiscal_year)
    newest_first = former.order_by("-last_fiscal_year").values_list("department__code", "name")
    return dict(newest_first)  # of several, the first one that came to an end


Kind = TypeVar("Kind", YearRow, DutyRow, ProjectRow)


def _grouped(kind: type[Kind], rows: Iterable[Any]) -> dict[int, list[Kind]]:
    found: dict[int, list[Kind]] = {}
    for row in map(kind._make, rows):
        found.setdefault(row.initiative, []).append(row)
    return found

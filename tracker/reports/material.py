"""The workspace as publishing reads it: plain rows, for model objects take three times as long."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from tracker.models import Assignment, Initiative, ReportingRound, YearlyAction
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


class DutyRow(NamedTuple):
    """A department's duty for an initiative."""

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
    """All that a round's entries are made from, by initiative: years oldest first, duties, plan projects."""

    def __init__(self, round: ReportingRound) -> None:
        of_manifesto = {"initiative__pledge__section__manifesto": round.manifesto_id}
        actions = YearlyAction.objects.filter(**of_manifesto, round__fiscal_year__lte=round.fiscal_year)
        year = (
            *("initiative", "round__fiscal_year", "state", "result", "plan"),
            *("rating__code", "rating_reason"),
        )
        self.years = _grouped(YearRow, actions.order_by("round__fiscal_year").values_list(*year))
        duty = ("initiative", "department__code", "department__name", "from_fiscal_year", "to_fiscal_year")
        assignments = Assignment.objects.filter(**of_manifesto).order_by(*DUTY_ORDER)
        self.duties = _grouped(DutyRow, assignments.values_list(*duty))
        project = ("initiative", "planproject__base_code", "planproject__code", "planproject__name")
        links = Initiative.plan_projects.through.objects.filter(**of_manifesto)
        self.projects = _grouped(ProjectRow, links.order_by(*project[1:]).values_list(*project))


Kind = TypeVar("Kind", YearRow, DutyRow, ProjectRow)


def _grouped(kind: type[Kind], rows: Iterable[Any]) -> dict[int, list[Kind]]:
    found: dict[int, list[Kind]] = {}
    for row in map(kind._make, rows):
        found.setdefault(row.initiative, []).append(row)
    return found

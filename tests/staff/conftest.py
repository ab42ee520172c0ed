"""What tests of the staff site share: the published demo with the next year's round open, and the cast."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.extra_columns import define
from tests.indicators import define as define_indicator
from tests.repeating import once
from tests.staff.people import Cast, fill, make_cast, open_round, submit
from tests.two_manifestos import TwoManifestos, make_two_manifestos
from tests.workspace import Workspace
from tracker import turns
from tracker.models import Assignment, Department, PlanProject, Report, ReportingRound, YearlyAction
from tracker.published_tables import making, pdf
from tracker.site_export import making as site_making


@pytest.fixture(autouse=True)
def _nothing_is_made_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of a PDF, or of the public site's .zip, would outlive its test and hold another's turn.
    `pdfs_are_made` has PDFs made.
    """

    def begin(_key: str, _source: object) -> None:
        raise turns.Busy(pdf.BEING_MADE)

    monkeypatch.setattr(making, "begin", begin)
    monkeypatch.setattr(site_making, "begin", begin)


@dataclass(frozen=True)
class Year:
    """The open round of 令和6年度 on the city's own table. `mine` and `theirs` have rows in it."""

    round: ReportingRound
    cast: Cast
    mine: Department
    theirs: Department

    def actions_of(self, department: Department) -> list[YearlyAction]:
        """The department's rows in the round, in the table's order."""
        rows = YearlyAction.objects.filter(round=self.round).answered_by([department.pk])
        return list(rows.with_place().with_departments().in_table_order())

    @property
    def action(self) -> YearlyAction:
        """A row that `mine` alone answers for."""
        return next(action for action in self.actions_of(self.mine) if len(action.departments) == 1)

    @property
    def foreign(self) -> YearlyAction:
        """A row that `theirs` alone answers for."""
        return next(action for action in self.actions_of(self.theirs) if len(action.departments) == 1)


def begin_year(report: Report) -> Year:
    """Opens the round of the year after a report. The two busiest departments are the cast's."""
    busiest = Assignment.objects.filter(to_fiscal_year=None).values_list("department", flat=True)
    ranked = sorted(set(busiest), key=lambda pk: (-list(busiest).count(pk), pk))
    mine, theirs = (Department.objects.get(pk=pk) for pk in ranked[:2])
    cast = make_cast(mine, theirs)
    return Year(open_round(report.manifesto, cast.planner), cast, mine, theirs)


@pytest.fixture(scope="module")
def begun_year(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[Year]:
    """The demo's manifesto in the year after, made once for a module's tests and rolled back after them; not
    in a module with tests that use `demo` alone, or an empty database.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield once(begin_year, demo)
        transaction.set_rollback(True)


@pytest.fixture
def year(begun_year: Year, db: None) -> Year:
    """A round is open and nothing is written yet. One test may change its objects and rows as it likes."""
    return deepcopy(begun_year)


@pytest.fixture
def two(space: Workspace) -> TwoManifestos:
    """Two manifestos; of each the clerk's first row is submitted, and another one a draft."""
    return once(_make_two, space)


def _make_two(space: Workspace) -> TwoManifestos:
    made = make_two_manifestos(space)
    for _name, each in made.both:
        PlanProject.objects.create(manifesto=each.manifesto, code="2-2-3", base_code="2-2-3", name="駅前")
        define(each.manifesto, "外部評価")
        define_indicator(each.row().initiative)
        submit(each.row(1), each.cast.clerk)
        fill(each.row(3), each.cast.clerk)
    return made

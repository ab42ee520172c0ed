"""Who answers for a row whose department has ended since: those that have the duty today, by one rule."""

from datetime import timedelta

import pytest

from tests.cycle.notices.sent import at_the_office
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import MailKind, Role
from tracker.cycle import permissions, workflow
from tracker.cycle.notices.kinds import notices_of
from tracker.cycle.workflow import Content
from tracker.entry_sheets import exporting
from tracker.models import Assignment, Department, User, YearlyAction
from tracker.staff.desk.board import board_context
from tracker.staff.desk.filter import departments_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def heir(space: Workspace) -> Department:
    """土木課 ended with the round's year. 道路課 has its duty for the first row since. Nobody has it for the
    third, which 農政課 shares.
    """
    Department.objects.filter(pk=space.mine.pk).update(last_fiscal_year=2024)
    heir = Department.objects.create(code="009", name="道路課", first_fiscal_year=2025)
    first = Assignment.objects.filter(initiative=space.row(1).initiative)
    first.update(to_fiscal_year=2024)
    Assignment.objects.create(initiative=space.row(1).initiative, department=heir, from_fiscal_year=2025)
    return heir


@pytest.fixture
def successor(heir: Department) -> User:
    return person("successor", Role.DEPARTMENT, heir, email="successor@city.example")


def names(action: YearlyAction) -> list[str]:
    return [department.name for department in action.departments]


def test_those_with_the_duty_today_answer_and_who_is_still_there_answers_on(
    space: Workspace, heir: Department
) -> None:
    rows = space.rows()
    assert [names(row) for row in rows] == [["道路課"], ["農政課"], ["農政課"], []]
    assert [row.in_charge for row in rows] == [
        "道路課（旧 土木課）",
        "農政課",
        "農政課（旧 土木課）",
        "担当課なし（企画）",
    ]


def test_without_anybody_today_it_is_the_planning_office_s(space: Workspace, heir: Department) -> None:
    Assignment.objects.filter(department=heir).delete()
    row = space.row(1)
    assert (row.in_charge, names(row)) == ("担当課なし（企画）（旧 土木課）", [])
    assert row in YearlyAction.objects.without_department()


def test_the_successor_writes_and_who_is_left_over_does_not(
    space: Workspace, heir: Department, successor: User
) -> None:
    row, content = space.row(1), Content(result="・引き継いで書きました。")
    assert workflow.save(row.pk, by=successor, version=row.version, content=content).saved_by == successor
    with pytest.raises(workflow.Forbidden):
        workflow.save(row.pk, by=space.cast.clerk, version=row.version + 1, content=content)
    assert set(permissions.visible_actions(successor).filter(round=space.round)) == {row}
    assert logged_in(space.cast.clerk).get(f"/staff/actions/{row.pk}/").status_code == 404


def test_both_names_stand_wherever_a_row_is_named(
    space: Workspace, heir: Department, successor: User
) -> None:
    row, planner = space.row(1), logged_in(space.cast.planner)
    own = logged_in(successor)
    shown = [own.get(path).content.decode() for path in ("/staff/", f"/staff/actions/{row.pk}/")]
    assert ["令和6年度は土木課の担当でした。" in page for page in shown] == [True, True]
    told = [
        f"/staff/actions/{row.pk}/review/",
        "/staff/queue/?state=all",
        f"/staff/rounds/{space.round.pk}/publish/",
    ]
    assert ["道路課（旧 土木課）" in planner.get(path).content.decode() for path in told] == [True] * 3
    line = exporting.row_of(row, None, {}).values["pledge"]
    assert line.endswith("\n（旧 土木課 の担当）")
    due_on = space.round.due_on
    assert due_on
    moment = at_the_office(due_on + timedelta(days=1))
    notice = next(
        each for each in notices_of(space.round, moment, kinds=[MailKind.REMINDER]) if each.department == heir
    )
    assert "取組1（旧 土木課）" in notice.body


def test_board_queue_and_sheets_count_the_row_for_the_successor(
    space: Workspace, heir: Department, successor: User
) -> None:
    lines = board_context(space.round, space.cast.planner)["lines"]
    assert [(line.name, line.total) for line in lines] == [
        *(("農政課", 2), ("道路課", 1), ("担当課なし（企画）", 1))
    ]
    assert departments_in(2024) == [("002", "農政課"), ("009", "道路課")]
    queue = logged_in(space.cast.planner).get("/staff/queue/?state=all&department=009")
    assert list(queue.context["page"].object_list) == [space.row(1)]
    sheets = logged_in(successor).get(f"/staff/rounds/{space.round.pk}/sheets/")
    assert sheets.context["departments"] == [(heir, 1)]

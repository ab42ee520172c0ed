"""Who may do what: every predicate for every person, and each rule asked of Python and of the database."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.staff.people import person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.cycle import permissions
from tracker.models import Assignment, Department, Membership, User, YearlyAction

pytestmark = pytest.mark.django_db

DEPARTMENT = {"clerk", "colleague", "other", "both", "stranger"}
PLANNING = {"planner", "second_planner"}
STAFF = DEPARTMENT | PLANNING | {"administrator"}
ALLOWED = {
    "may_enter": STAFF,
    "is_planning": PLANNING,
    "is_administrator": {"administrator"},
    "may_see_all_actions": PLANNING | {"administrator"},
    "may_review": PLANNING,
    "may_run_rounds": PLANNING,
    "may_publish": PLANNING,
    "may_see_rounds": PLANNING | {"administrator"},
    "may_see_events": PLANNING | {"administrator"},
    "may_keep_master_data": PLANNING | {"administrator"},
    "may_load_tables": PLANNING | {"administrator"},
    "may_keep_people": {"administrator"},
    "may_reorganise": PLANNING | {"administrator"},
    "may_change_pledges": PLANNING,
    "may_begin_terms": PLANNING,
    "may_invite": PLANNING | {"administrator"},
}
VISIBLE = {"clerk": {1, 3}, "colleague": {1, 3}, "other": {2, 3}, "both": {1, 2, 3}, "stranger": set[int]()}
WRITABLE = VISIBLE | {name: {1, 2, 3, 4} for name in PLANNING} | {"administrator": set()}
SEEN = VISIBLE | {name: {1, 2, 3, 4} for name in PLANNING | {"administrator"}}


def people() -> list[User]:
    """The cast, read anew: what is known of a person is kept with them."""
    return list(User.objects.order_by("pk"))


def test_every_predicate_is_in_the_table() -> None:
    of_rows = {
        "may_write",
        "visible_actions",
        "writers_rows",
        "still_writing",
        "reviewers_rows",
        "may_approve",
        "approvers_rows",
        "may_confirm",
        "confirmers_rows",
        "own_columns",
    }
    of_columns = {"may_fill"}  # tests/staff/test_extra_columns.py
    of_departments = {"heads", "headed_departments", "_offices"}
    of_people = {"require_people_keeper", "may_invite_person", "invitable_people"}
    ours = {
        name
        for name, each in vars(permissions).items()
        if getattr(each, "__module__", "") == permissions.__name__
    }
    assert ours - of_rows - of_columns - of_departments - of_people == set(ALLOWED)


@pytest.mark.parametrize("name", ALLOWED)
def test_predicate(space: Workspace, name: str) -> None:
    predicate = getattr(permissions, name)
    assert {user.username for user in people() if predicate(user)} == ALLOWED[name]
    assert predicate(AnonymousUser()) is False


@pytest.mark.parametrize("name", ALLOWED)
def test_who_has_left_may_nothing(space: Workspace, name: str) -> None:
    User.objects.update(is_active=False)
    assert [user.username for user in people() if getattr(permissions, name)(user)] == []


def test_rows_that_exist_for_a_person(space: Workspace) -> None:
    rows = space.rows()
    found = {
        user.username: {
            number
            for number, row in enumerate(rows, start=1)
            if row in set(permissions.visible_actions(user))
        }
        for user in people()
    }
    assert found == SEEN
    assert list(permissions.visible_actions(AnonymousUser())) == []
    User.objects.update(is_active=False)
    assert [list(permissions.visible_actions(user)) for user in people()] == [[]] * len(SEEN)


def test_rows_that_a_person_may_write(space: Workspace) -> None:
    rows = space.rows()
    assert {
        user.username: {
            number for number, row in enumerate(rows, start=1) if permissions.may_write(user, row)
        }
        for user in people()
    } == WRITABLE
    assert [row for row in rows if permissions.may_write(AnonymousUser(), row)] == []


def agree() -> None:
    """Python and SQL answer alike for everybody and every row. Who may write a row sees it, too."""
    rows = list(YearlyAction.objects.with_place().with_departments())
    for row in rows:
        own = YearlyAction.objects.filter(pk=row.pk)
        asked = [each for each in Department.objects.all() if own.answered_by([each.pk]).exists()]
        assert set(asked) == set(row.departments)
        assert own.without_department().exists() == (not row.departments)
    for user in people():
        in_python = {row.pk for row in rows if permissions.may_write(user, row)}
        assert in_python == set(
            YearlyAction.objects.filter(permissions.writers_rows(user)).values_list("pk", flat=True)
        )
        assert in_python == {row.pk for row in rows if still_writes(user, row)}
        assert in_python <= set(permissions.visible_actions(user).values_list("pk", flat=True))
        reviewed = set(
            YearlyAction.objects.filter(permissions.reviewers_rows(user)).values_list("pk", flat=True)
        )
        assert reviewed == ({row.pk for row in rows} if permissions.may_review(user) else set())


def still_writes(user: User, row: YearlyAction) -> bool:
    return YearlyAction.objects.filter(permissions.still_writing(user, row), pk=row.pk).exists()


YEARS = st.one_of(st.none(), st.integers(2022, 2026))


@pytest.fixture
def for_all(space: Workspace) -> Workspace:
    """One workspace for all examples: each takes back what it did."""
    return space


@given(
    duties=st.lists(st.tuples(st.booleans(), YEARS, YEARS), max_size=3),
    member=st.sampled_from(["none", "mine", "theirs"]),
    role=st.sampled_from(Role.values),
    is_active=st.booleans(),
    ended=st.tuples(YEARS, YEARS),
)
@example(duties=[(True, None, 2023)], member="mine", role="department", is_active=True, ended=(None, None))
@example(duties=[(True, 2024, 2024)], member="mine", role="department", is_active=True, ended=(None, None))
@example(duties=[(True, None, None)], member="mine", role="department", is_active=False, ended=(None, None))
@example(duties=[(True, None, None)], member="mine", role="administrator", is_active=True, ended=(None, None))
@example(duties=[(True, None, None)], member="none", role="planning", is_active=False, ended=(None, None))
@example(
    duties=[(True, None, 2024), (False, 2025, None)],
    member="theirs",
    role="department",
    is_active=True,
    ended=(2024, None),
)
@example(duties=[(True, None, None)], member="mine", role="department", is_active=True, ended=(2023, None))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_python_and_the_database_answer_alike(
    for_all: Workspace,
    duties: list[tuple[bool, int | None, int | None]],
    member: str,
    role: str,
    is_active: bool,
    ended: tuple[int | None, int | None],
) -> None:
    space = for_all
    with transaction.atomic():
        initiative, clerk = space.row().initiative, space.cast.clerk
        Assignment.objects.filter(initiative=initiative).delete()
        for position, (is_mine, first, last) in enumerate(duties, start=1):
            if first and last and last < first:
                first, last = last, first
            department = space.mine if is_mine else space.theirs
            values = {"initiative": initiative, "department": department, "from_fiscal_year": first}
            if not Assignment.objects.filter(**values).exists():
                Assignment.objects.create(**values, to_fiscal_year=last, position=position)
        for department, last in zip((space.mine, space.theirs), ended, strict=True):
            Department.objects.filter(pk=department.pk).update(last_fiscal_year=last)
        Membership.objects.filter(user=clerk).delete()
        if member != "none":
            Membership.objects.create(user=clerk, department=space.mine if member == "mine" else space.theirs)
        User.objects.filter(pk=clerk.pk).update(role=role, is_active=is_active)
        agree()
        transaction.set_rollback(True)


def test_nobody_may_approve_their_own_row(space: Workspace) -> None:
    """Python and SQL answer alike, whoever has submitted it."""
    rows = YearlyAction.objects.filter(pk=space.row().pk)
    for submitter in [None, *people()]:
        rows.update(submitted_by=submitter)
        in_python = {user.username for user in people() if permissions.may_approve(user, rows[0])}
        in_sql = {user.username for user in people() if rows.filter(permissions.approvers_rows(user))}
        assert in_python == in_sql == PLANNING - {submitter.username if submitter else ""}
        assert permissions.may_approve(AnonymousUser(), rows[0]) is False


HEADED = st.sets(st.sampled_from(["clerk", "colleague", "other", "both 001", "both 002"]))
WRITER = st.sampled_from(["", "clerk", "colleague", "other", "both", "planner"])


@given(headed=HEADED, submitter=WRITER, saver=WRITER, gone=st.sampled_from(["", "clerk", "colleague"]))
@example(headed={"clerk"}, submitter="clerk", saver="clerk", gone="")
@example(headed={"clerk", "colleague"}, submitter="clerk", saver="clerk", gone="")
@example(headed={"clerk", "colleague"}, submitter="clerk", saver="colleague", gone="")
@example(headed={"clerk", "colleague"}, submitter="clerk", saver="", gone="colleague")
@example(headed={"clerk", "other", "both 002"}, submitter="other", saver="other", gone="")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_may_confirm_for_a_section(
    for_all: Workspace, headed: set[str], submitter: str, saver: str, gone: str
) -> None:
    """Python and SQL answer alike: a head of a department that answers, and who wrote it only where nobody
    else could.
    """
    with transaction.atomic():
        for name in headed:
            who, _space, code = name.partition(" ")
            own = Membership.objects.filter(user__username=who)
            (own.filter(department__code=code) if code else own).update(is_head=True)
        User.objects.filter(username=gone).update(is_active=False)
        people_by_name = {user.username: user for user in people()}
        writers = {submitter, saver} - {""}
        YearlyAction.objects.update(
            submitted_by=people_by_name.get(submitter), saved_by=people_by_name.get(saver)
        )
        in_office = {
            office: {name.split()[0] for name in headed if name.split()[0] != gone and works in name}
            for office, works in (("001", "001"), ("002", "002"))
        }
        alone = {"clerk": "001", "colleague": "001", "other": "002"}
        for name in headed & set(alone) - {gone}:
            in_office[alone[name]].add(name)
        rows = for_all.rows()
        for user in people_by_name.values():
            in_sql = set(YearlyAction.objects.filter(permissions.confirmers_rows(user)))
            for row in rows:
                heads = set[str]().union(*(in_office[each.code] for each in row.departments))
                others = heads - writers - {user.username}
                wanted = user.username in heads and (user.username not in writers or not others)
                assert permissions.may_confirm(user, row) is wanted
                assert (row in in_sql) is wanted
        assert permissions.may_confirm(AnonymousUser(), rows[0]) is False
        transaction.set_rollback(True)


def test_no_planner_is_a_head(space: Workspace) -> None:
    """The four eyes of the planning office are its own."""
    Membership.objects.create(user=space.cast.planner, department=space.mine, is_head=True)
    assert permissions.headed_departments() == frozenset()
    planner = User.objects.get(username="planner")
    assert permissions.may_confirm(planner, space.row()) is False
    assert not YearlyAction.objects.filter(permissions.confirmers_rows(planner)).exists()


def test_who_may_give_whom_a_link_to_set_a_password(space: Workspace) -> None:
    """Asked of Python and of the database. Planning reaches nobody who has greater rights."""
    person("demo", Role.DEPARTMENT, is_demo=True)
    User.objects.filter(username="colleague").update(is_active=False)
    usable = STAFF - {"colleague"}
    wanted = {name: DEPARTMENT & usable if name in PLANNING else set() for name in STAFF}
    wanted |= {"administrator": usable, "colleague": set(), "demo": set()}
    everybody = people()
    asked = {
        by.username: {each.username for each in everybody if permissions.may_invite_person(by, each)}
        for by in everybody
    }
    stored = {
        by.username: set(permissions.invitable_people(by).values_list("username", flat=True))
        for by in everybody
    }
    assert (asked, stored) == (wanted, wanted)
    assert not permissions.invitable_people(AnonymousUser()).exists()

"""A list of people as it is written: whole, once, as its preview said, and with one event."""

import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.organisation.people.lists import workbook
from tests.staff.master.exchanging import as_csv
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.cycle import events
from tracker.models import Event, Invitation, Membership, PeopleList, User
from tracker.models.organisation import this_fiscal_year
from tracker.organisation import invitations
from tracker.organisation.people import applying, planning
from tracker.organisation.people.applying import PeopleProblem, ShownOtherwise
from tracker.organisation.people.file.comparison import applied
from tracker.organisation.people.stored import stored_people

HEADINGS = ["職員番号", "氏名", "メール", "所属", "兼務", "課長", "役割"]
# Everybody of the cast, some of them changed; `other` and the planners are missing; two are new.
ROWS = [
    ["administrator", "試験 administrator", "", "", "", "", "管理者"],
    ["clerk", "試験 clerk", "", "農政課", "", "○", ""],
    ["colleague", "試験 colleague", "c@city.example", "土木課", "", "", ""],
    ["both", "試験 both", "", "001", "002", "", ""],
    ["stranger", "試験 stranger", "", "", "", "", ""],
    ["n1", "鈴木 花子", "n1@city.example", "土木課", "農政課", "農政課", ""],
    ["n2", "鈴木 次郎", "", "農政課", "", "", "企画"],
]


def listed_by(user: User, rows: list[list[str]] = ROWS, *, closes_missing: bool = True) -> PeopleList:
    return planning.receive_list(
        as_csv([HEADINGS, *rows]),
        file_name="一覧.csv",
        fiscal_year=this_fiscal_year(),
        closes_missing=closes_missing,
        by=user,
    )


def apply(listed: PeopleList, by: User) -> PeopleList:
    return applying.apply_list(listed, by=by, seen=planning.plan_of_list(listed, by).digest)


def test_what_is_written_is_what_the_plan_came_to(space: Workspace) -> None:
    boss = space.cast.administrator
    listed = listed_by(boss)
    before, plan, count = stored_people(), planning.plan_of_list(listed, boss), Event.objects.count()
    done = apply(listed, boss)
    assert [each.person for each in stored_people()] == applied(before, plan)
    assert done.counts == {"new": 2, "returning": 0, "moved": 1, "changed": 1, "leaving": 3, "unchanged": 3}
    assert {User.objects.get(pk=pk).username for pk in done.added} == {"n1", "n2"}
    assert not any(user.has_usable_password() for user in User.objects.filter(pk__in=done.added))
    event = Event.objects.latest("number")
    assert (Event.objects.count(), event.subject) == (count + 1, f"peoplelist:{listed.key}")
    assert event.content["digest"] == plan.digest == done.plan_digest
    assert event.content["people"]["moved"] == {
        "clerk": {"所属": ["土木課", "農政課"], "課長": ["", "農政課"]}
    }
    assert event.content["people"]["leaving"]["other"] == {"使える": ["はい", "いいえ"]}
    assert set(event.content["people"]) == {"new", "moved", "changed", "leaving"}
    assert event.content["people"]["new"]["n2"] == {
        "氏名": ["", "鈴木 次郎"],
        "所属": ["", "農政課"],
        "役割": ["", "企画"],
        "使える": ["", "はい"],
    }
    assert events.first_break(Event.objects.order_by("number"), events.known_heads()) is None
    again = planning.plan_of_list(listed_by(boss), boss)
    assert (list(again.changes), len(again.unchanged)) == ([], 7)
    _content, people = planning.workbook_of_today(this_fiscal_year())
    assert people == 7


def test_the_other_half_of_what_a_person_has_stays(space: Workspace) -> None:
    """A password, a login, a session of who stays; what who leaves had is gone."""
    clerk, other = space.cast.clerk, space.cast.other
    clerk.set_password("ながいあいことば2024")
    clerk.save()
    stays, leaves = logged_in(clerk), logged_in(other)
    invitations.invite([other.pk], by=space.cast.administrator, by_mail=False)
    boss = space.cast.administrator
    apply(listed_by(boss), boss)
    assert User.objects.get(pk=clerk.pk).check_password("ながいあいことば2024")
    assert (stays.get("/staff/").status_code, leaves.get("/staff/").status_code) == (200, 302)
    assert (Session.objects.count(), Invitation.objects.count()) == (1, 0)


def test_who_was_moved_or_closed_obeys_at_once(space: Workspace) -> None:
    """In the session that was open: rows of the old department are not there any more."""
    clerk, planner = logged_in(space.cast.clerk), logged_in(space.cast.planner)
    old, new = (f"/staff/actions/{space.row(number).pk}/" for number in (1, 2))
    assert [clerk.get(page).status_code for page in (old, new)] == [200, 404]
    assert planner.get("/staff/queue/").status_code == 200
    apply(listed_by(space.cast.administrator), space.cast.administrator)
    assert [clerk.get(page).status_code for page in (old, new)] == [404, 200]
    assert planner.get("/staff/queue/").headers["Location"] == "/staff/login/?next=/staff/queue/"


def test_an_account_that_is_switched_off_by_hand_is_out_at_its_next_request(space: Workspace) -> None:
    client = logged_in(space.cast.clerk)
    assert client.get("/staff/").status_code == 200
    User.objects.filter(pk=space.cast.clerk.pk).update(is_active=False)
    assert client.get("/staff/").status_code == 302


def test_what_changed_meanwhile_is_shown_and_not_written(space: Workspace) -> None:
    boss = space.cast.administrator
    listed = listed_by(boss)
    seen = planning.plan_of_list(listed, boss).digest
    Membership.objects.filter(user=space.cast.clerk).update(is_head=True)
    before = stored_people()
    with pytest.raises(ShownOtherwise):
        applying.apply_list(listed, by=boss, seen=seen)
    assert stored_people() == before
    assert apply(listed, boss).state == "applied"


def test_two_lists_at_once_one_wins_and_the_other_sees_what_changed(space: Workspace) -> None:
    one, two = space.cast.administrator, person("boss2", Role.ADMINISTRATOR)
    first, second = listed_by(one, closes_missing=False), listed_by(two, closes_missing=False)
    seen = planning.plan_of_list(second, two).digest
    apply(first, one)
    with pytest.raises(ShownOtherwise):
        applying.apply_list(second, by=two, seen=seen)
    assert list(planning.plan_of_list(second, two).changes) == []


def test_who_keeps_people_no_more_writes_nothing(space: Workspace) -> None:
    """The list of another administrator made them a clerk, or closed them."""
    boss, before = space.cast.administrator, stored_people()
    listed = listed_by(boss)
    for change in ({"role": Role.PLANNING}, {"role": Role.ADMINISTRATOR, "is_active": False}):
        User.objects.filter(pk=boss.pk).update(**change)
        with pytest.raises(PermissionDenied):
            apply(listed, boss)
    for nobody in (space.cast.planner, space.cast.clerk):
        with pytest.raises(PermissionDenied):
            listed_by(nobody)
        with pytest.raises(PermissionDenied):
            apply(listed, nobody)
    assert {each.id for each in stored_people()} == {each.id for each in before}


def refused(listed: PeopleList, by: User) -> str:
    with pytest.raises(PeopleProblem) as raised:
        apply(listed, by)
    return str(raised.value)


def test_a_list_is_applied_by_its_owner_once_in_time_and_without_refusals(space: Workspace) -> None:
    boss, other = space.cast.administrator, person("boss2", Role.ADMINISTRATOR)
    assert "読み込ませた人だけ" in refused(listed_by(boss), other)
    wrong = listed_by(boss, [["n1", "鈴木 花子", "", "どこか課", "", "", ""]])
    assert "直すところが 1 か所" in refused(wrong, boss)
    late = listed_by(boss)
    PeopleList.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    assert "期限を過ぎました" in refused(late, boss)
    listed = listed_by(boss)
    assert not PeopleList.objects.filter(pk=late.pk).exists()  # the next upload lets go of it
    apply(listed, boss)
    same = listed_by(boss)
    assert "変わるところはありません" in refused(same, boss)
    assert "「取込済」" in refused(
        PeopleList(pk=listed.pk, rows=same.rows, owner=boss, fiscal_year=2026), boss
    )
    applying.discard_list(same, by=boss)
    assert not PeopleList.objects.filter(pk=same.pk).exists()


def many(count: int, **changed: str) -> list[list[str]]:
    return [
        [
            f"{number:05}",
            f"職員 {number}番",
            f"p{number}@city.example",
            changed.get("office", "土木課"),
            "",
            "",
            "",
        ]
        for number in range(count)
    ]


def statements(rows: list[list[str]], by: User) -> int:
    with CaptureQueriesContext(connection) as captured:
        apply(listed_by(by, rows, closes_missing=False), by)
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_people(space: Workspace) -> None:
    boss = space.cast.administrator
    few, more = statements(many(3), boss), statements([["x" + row[0], *row[1:]] for row in many(40)], boss)
    assert few == more
    moved = statements(many(3, office="農政課"), boss)
    rows = [["x" + row[0], *row[1:]] for row in many(40, office="農政課")]
    assert moved == statements(rows, boss) <= few


def test_an_excel_of_two_thousand_people_takes_less_than_five_seconds(space: Workspace) -> None:
    """Of this process's own time, whatever else the machine has to do."""
    boss = space.cast.administrator
    content = workbook(many(2_000), HEADINGS)
    given: dict[str, Any] = {"fiscal_year": this_fiscal_year(), "closes_missing": False, "by": boss}
    begin = time.process_time()
    listed = planning.receive_list(content, file_name="一覧.xlsx", **given)
    plan = planning.plan_of_list(listed, boss)
    read = time.process_time()
    applying.apply_list(listed, by=boss, seen=plan.digest)
    written = time.process_time()
    _content, count = planning.workbook_of_today(this_fiscal_year())
    out = time.process_time()
    assert (count, len(plan.changes)) == (2_008, 2_000)
    assert max(read - begin, written - read, out - written) < 5

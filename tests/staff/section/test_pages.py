"""What a head sees and does: the box at home, the list, one row, all unchanged rows at once."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace, make_workspace
from tracker.choices import ActionState, RoundState
from tracker.cycle import section_check, workflow
from tracker.models import Manifesto, Membership, ReportingRound, User, YearlyAction

pytestmark = pytest.mark.django_db

LIST = "/staff/section/"


@pytest.fixture
def checked(space: Workspace) -> Workspace:
    """The colleague heads `mine`."""
    Manifesto.objects.update(section_check=True)
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    return space


def address(row: YearlyAction, rest: str = "confirm/") -> str:
    return f"/staff/actions/{row.pk}/{rest}"


def text_of(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", response.content.decode()))


def seen_in(response: HttpResponse) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', response.content.decode())
    return found[1] if found else ""


def changed(space: Workspace, number: int = 3) -> YearlyAction:
    """A row whose rating is another one than last year."""
    reason = {"rating_id": space.ratings["A"].pk, "rating_reason": "完成したため"}
    return submit(space.row(number), space.cast.both, **reason)


def test_a_heads_home_says_what_waits(checked: Workspace) -> None:
    head = logged_in(checked.cast.colleague)
    assert "いま、確認を待っている取組はありません。" in text_of(head.get("/staff/"))
    submit(checked.row(), checked.cast.clerk)
    changed(checked)
    home = head.get("/staff/")
    assert "課長の確認を待っている取組2 件" in text_of(home)
    assert f"{LIST}?round={checked.round.pk}" in home.content.decode()
    for who in (checked.cast.clerk, checked.cast.other, checked.cast.stranger):
        assert "課長の確認を待っている取組" not in text_of(logged_in(who).get("/staff/"))


def test_without_the_switch_a_head_is_asked_nothing(space: Workspace) -> None:
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    assert "課長の確認を待っている取組" not in text_of(logged_in(space.cast.colleague).get("/staff/"))


def test_who_submits_is_told_where_it_went(checked: Workspace) -> None:
    row, clerk = fill(checked.row(), checked.cast.clerk), logged_in(checked.cast.clerk)
    answer = clerk.post(address(row, "check/"), {"version": row.version}, follow=True)
    assert "を提出しました。課長の確認を待っています。" in text_of(answer)
    row = fill(checked.row(2), checked.cast.other)
    answer = logged_in(checked.cast.other).post(address(row, "check/"), {"version": row.version}, follow=True)
    assert "を提出しました。課長が登録されていないので、企画に直接提出しました。" in text_of(answer)


def test_the_list_confirms_what_has_not_changed_and_names_the_rest(checked: Workspace) -> None:
    plain, other = submit(checked.row(), checked.cast.clerk), changed(checked)
    head = logged_in(checked.cast.colleague)
    page = head.get(LIST)
    assert (list(page.context["page"]), list(page.context["others"])) == ([plain], [other])
    assert "評価の変わらない 1 件をまとめて確認する" in text_of(page)
    answer = head.post(f"{LIST}?round={checked.round.pk}", {"seen": seen_in(page)}, follow=True)
    assert "1 件をまとめて確認し、企画に提出しました。" in text_of(answer)
    assert [checked.row(number).state for number in (1, 3)] == [ActionState.SUBMITTED, ActionState.IN_SECTION]


@pytest.mark.parametrize("how", ["withdrawn", "another came", "nonsense", "nothing"])
def test_what_is_no_longer_as_shown_confirms_nothing(checked: Workspace, how: str) -> None:
    row, head = submit(checked.row(), checked.cast.clerk), logged_in(checked.cast.colleague)
    seen = {"nonsense": "x", "nothing": ""}.get(how, seen_in(head.get(LIST)))
    if how == "withdrawn":
        workflow.withdraw(row.pk, by=checked.cast.clerk, version=row.version)
    if how == "another came":
        submit(checked.row(3), checked.cast.both)
    answer = head.post(LIST, {"seen": seen})
    assert (answer.status_code, "まだ 1 件も確認していません。" in text_of(answer)) == (409, True)
    assert not YearlyAction.objects.filter(state=ActionState.SUBMITTED).exists()


def test_the_list_turns_pages_and_confirms_all_of_them(checked: Workspace) -> None:
    space = make_workspace(240, slug="2025", cast=checked.cast)
    Manifesto.objects.update(section_check=True)
    rows = YearlyAction.objects.filter(round=space.round).answered_by([space.mine.pk])
    answer = {"result": "・甲", "rating": space.ratings["B"], "submitted_by": checked.cast.clerk}
    rows.update(state=ActionState.DRAFT)
    rows.update(state=ActionState.IN_SECTION, submitted_at=timezone.now(), **answer)
    head = logged_in(checked.cast.colleague)
    page = head.get(f"{LIST}?round={space.round.pk}&page=3")
    assert (page.context["page"].paginator.count, page.context["page"].number) == (120, 3)
    assert "全 3 ページの 120 件を確認します" in text_of(page)
    submit(checked.row(), checked.cast.clerk)
    with CaptureQueriesContext(connection) as few:
        section_check.confirm_all(
            [(row.pk, row.version) for row in checked.rows()[:1]], by=User.objects.get(username="colleague")
        )
    with CaptureQueriesContext(connection) as many:
        assert head.post(f"{LIST}?round={space.round.pk}", {"seen": seen_in(page)}).status_code == 302
    assert rows.filter(state=ActionState.SUBMITTED).count() == 120
    told = [query["sql"] for query in many.captured_queries if "tracker_yearlyaction" in query["sql"]]
    assert len(told) < len(few.captured_queries) + 12


def test_one_row_is_confirmed_and_the_next_follows(checked: Workspace) -> None:
    first, second = submit(checked.row(), checked.cast.clerk), changed(checked)
    head = logged_in(checked.cast.colleague)
    page = head.get(address(second))
    assert "評価が上がりました。理由：完成したため" in text_of(page)
    assert "あなたの確認待ち：2 件" in text_of(page)
    answer = head.post(address(second), {"act": "confirm", "version": second.version})
    assert (answer.status_code, answer.headers["Location"]) == (302, address(first))
    answer = head.post(address(first), {"act": "confirm", "version": first.version})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    assert {checked.row(number).confirmed_by for number in (1, 3)} == {checked.cast.colleague}


def test_words_that_were_typed_are_kept(checked: Workspace) -> None:
    row, head = submit(checked.row(), checked.cast.clerk), logged_in(checked.cast.colleague)
    fields: dict[str, Any] = {"version": row.version, "reason": "数を書いてください。"}
    slip = head.post(address(row), {**fields, "act": "confirm"})
    assert (slip.status_code, "数を書いてください。</textarea>" in slip.content.decode()) == (422, True)
    empty = head.post(address(row), {**fields, "act": "give_back", "reason": " "})
    assert (empty.status_code, "理由を書いてください。" in text_of(empty)) == (422, True)
    withdrawn = workflow.withdraw(row.pk, by=checked.cast.clerk, version=row.version)
    late = head.post(address(row), {**fields, "act": "give_back"})
    assert (late.status_code, "数を書いてください。" in late.content.decode()) == (409, True)
    assert (checked.row().state, checked.row().version) == (ActionState.DRAFT, withdrawn.version)


def test_what_was_given_back_says_by_whom(checked: Workspace) -> None:
    row, head = submit(checked.row(), checked.cast.clerk), logged_in(checked.cast.colleague)
    fields = {"act": "give_back", "version": row.version, "reason": "数を書いてください。"}
    assert head.post(address(row), fields).status_code == 302
    clerk = logged_in(checked.cast.clerk)
    assert "課長から：数を書いてください。" in text_of(clerk.get("/staff/"))
    form = text_of(clerk.get(address(row, "")))
    assert "課長からの差戻し 数を書いてください。" in form
    assert "企画からの差戻し" not in form
    desk = text_of(logged_in(checked.cast.planner).get(address(row, "review/")))
    assert "差戻しの理由 課長から：数を書いてください。" in desk


def test_a_head_who_wrote_is_told_why_there_is_no_button(checked: Workspace) -> None:
    Membership.objects.filter(user=checked.cast.both, department=checked.mine).update(is_head=True)
    row = submit(checked.row(), checked.cast.colleague)
    head = logged_in(checked.cast.colleague)
    page = head.get(address(row))
    assert "あなたが書いた取組なので、あなたは確認できません。" in text_of(page)
    assert 'value="confirm"' not in page.content.decode()
    assert head.post(address(row), {"act": "confirm", "version": row.version}).status_code == 403
    Membership.objects.filter(user=checked.cast.both).update(is_head=False)
    own = head.get(address(row, ""))
    assert "課長として確認し、企画に提出する" in text_of(own)
    assert head.post(address(row), {"act": "confirm", "version": row.version}).status_code == 302
    assert checked.row().state == ActionState.SUBMITTED


def test_a_closed_round_says_so(checked: Workspace) -> None:
    row = submit(checked.row(), checked.cast.clerk)
    closing = {"act": "close"}
    page = logged_in(checked.cast.planner).post(f"/staff/rounds/{checked.round.pk}/settings/", closing)
    assert "1件は、課長の確認を待っています。締め切ると、課長も確認できなくなり" in text_of(page)
    ReportingRound.objects.filter(pk=checked.round.pk).update(state=RoundState.CLOSED)
    head = logged_in(checked.cast.colleague)
    assert "この報告回は「締切済」なので、確認できません。" in text_of(head.get(address(row)))
    assert "あなたの確認を待っている取組はありません" in text_of(head.get(LIST))
    late = head.post(f"{LIST}?round={checked.round.pk}", {"seen": "0"})
    assert late.status_code == 409
    assert "この報告回は「締切済」になったので、確認できません。1 件も確認していません。" in text_of(late)


def test_the_settings_say_whether_heads_confirm(checked: Workspace) -> None:
    planner = logged_in(checked.cast.planner)
    path = f"/staff/rounds/{checked.round.pk}/settings/"
    shown = text_of(planner.get(path))
    assert "課長確認 使う（基本データで変える）" in shown
    assert "課長が登録されていない課 1（企画に直接提出されます） 農政課" in shown
    Manifesto.objects.update(section_check=False)
    assert "課長確認 使わない（基本データで変える）" in text_of(planner.get(path))


def test_the_board_has_a_column_only_where_heads_confirm(checked: Workspace) -> None:
    planner, path = logged_in(checked.cast.planner), f"/staff/rounds/{checked.round.pk}/"
    submit(checked.row(), checked.cast.clerk)
    board = planner.get(path)
    assert "土木課、課内確認中 1 件" in board.content.decode()
    assert "そのうち 1 件は、課長の確認待ちです" in text_of(board)
    Manifesto.objects.update(section_check=False)
    assert "課内確認中" in text_of(planner.get(path))  # a row still waits
    row = checked.row()
    workflow.withdraw(row.pk, by=checked.cast.clerk, version=row.version)
    assert "課内確認中" not in text_of(planner.get(path))


def test_a_row_whose_head_is_gone_is_told_to_clerk_and_planner(checked: Workspace) -> None:
    submit(checked.row(), checked.cast.clerk)
    clerk, planner = logged_in(checked.cast.clerk), logged_in(checked.cast.planner)
    gone = "いまは課長が登録されていません"
    assert gone not in text_of(clerk.get("/staff/"))
    assert "1 件は課長が確認中" in text_of(clerk.get("/staff/"))
    Membership.objects.filter(user=checked.cast.colleague).update(is_head=False)
    assert gone in text_of(clerk.get("/staff/"))
    board = text_of(planner.get(f"/staff/rounds/{checked.round.pk}/"))
    assert "課長確認中のうち 1 件は、担当課にいま課長が登録されていません。" in board

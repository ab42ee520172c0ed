"""提出を取り下げる, as a department sees it."""

import pytest

from tests.staff.people import logged_in, submit
from tests.staff.section.test_pages import address, text_of
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import workflow
from tracker.models import Manifesto, Membership

pytestmark = pytest.mark.django_db

BUTTON = "提出を取り下げる"


def test_a_submission_is_withdrawn_by_one_click_and_can_be_written_again(space: Workspace) -> None:
    row = submit(space.row(), space.cast.clerk)
    colleague = logged_in(space.cast.colleague)
    assert BUTTON in text_of(colleague.get(address(row, "")))
    answer = colleague.post(address(row, "withdraw/"), {"version": row.version}, follow=True)
    assert "の提出を取り下げました。書いた内容は残っています。" in text_of(answer)
    assert row.result in answer.content.decode()
    assert (space.row().state, space.row().state_label) == (ActionState.DRAFT, "入力済み")


def test_what_has_been_acted_on_stays_and_the_page_says_why(space: Workspace) -> None:
    row = submit(space.row(), space.cast.clerk)
    approved = workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    clerk = logged_in(space.cast.clerk)
    answer = clerk.post(address(row, "withdraw/"), {"version": row.version})
    told = text_of(answer)
    assert answer.status_code == 409
    assert "取り下げていません この取組は「承認済」なので、取下げできません。" in told
    assert BUTTON not in told
    assert space.row().version == approved.version


def test_a_version_that_is_none_withdraws_nothing(space: Workspace) -> None:
    row = submit(space.row(), space.cast.clerk)
    clerk = logged_in(space.cast.clerk)
    for version in ("", "x", "-1", str(row.version - 1)):
        answer = clerk.post(address(row, "withdraw/"), {"version": version})
        assert (answer.status_code, BUTTON in text_of(answer)) == (409, True)
    assert space.row().state == ActionState.SUBMITTED


def test_a_row_whose_head_has_left_says_the_way_that_is_left(space: Workspace) -> None:
    heads = Membership.objects.filter(user=space.cast.colleague)
    Manifesto.objects.update(section_check=True)
    heads.update(is_head=True)
    row = submit(space.row(), space.cast.clerk)
    clerk = logged_in(space.cast.clerk)
    assert "課長が確認すると、企画に提出されます。" in text_of(clerk.get(address(row, "")))
    heads.update(is_head=False)
    told = text_of(clerk.get(address(row, "")))
    assert "いまは課長が登録されていません。提出を取り下げて、もう一度提出すると、" in told
    assert "課長が確認すると" not in told
    clerk.post(address(row, "withdraw/"), {"version": row.version})
    clerk.post(address(row, "check/"), {"version": space.row().version})
    assert space.row().state == ActionState.SUBMITTED

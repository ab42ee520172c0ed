"""A returned row: what was asked for, at its field, and what has changed since."""

import pytest

from tests.staff.entry.test_entry import address, answers, page
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import section_check, workflow
from tracker.models import Manifesto, Membership, User, YearlyAction
from tracker.staff.entry.returned import since_return, unchanged_since_return


@pytest.fixture
def returned(space: Workspace) -> YearlyAction:
    sent = submit(space.row(), space.cast.clerk, result="・会議を開きました。")
    reason = "回数を書いてください。"
    by = space.cast.planner
    workflow.send_back(sent.pk, by=by, version=sent.version, reason=reason, field="result")
    return space.row()


def test_the_planning_offices_words_stand_at_their_field(space: Workspace, returned: YearlyAction) -> None:
    shown = page(logged_in(space.cast.clerk).get(address(returned)))
    asked = shown.one("p", "asked")
    assert asked.text == "企画から：回数を書いてください。"
    (area,) = (each for each in shown.all("textarea") if each.attributes["name"] == "result")
    assert asked.attributes["id"] in area.attributes["aria-describedby"].split()
    assert "差戻しのあと、何も変わっていません。" in shown.texts("p")


def test_what_has_changed_since_is_told_by_field(space: Workspace, returned: YearlyAction) -> None:
    better = space.ratings["A"].pk
    result = "・会議を 3 回開きました。"
    fill(returned, space.cast.clerk, result=result, rating_id=better, rating_reason="・理由")
    found = since_return(space.row())
    assert found
    assert [label for label, _change in found.told] == ["主な取組", "実施状況", "評価を変えた理由"]
    assert "<ins>" in found.changes["result"]
    assert unchanged_since_return([space.row()]) == set()


def test_a_change_taken_back_is_none(space: Workspace, returned: YearlyAction) -> None:
    fill(returned, space.cast.clerk, result="・ほかの文")
    fill(space.row(), space.cast.clerk, result="・会議を開きました。")
    assert unchanged_since_return([space.row()]) == {returned.pk}


def test_without_a_change_it_asks_once_and_does_not_refuse(space: Workspace, returned: YearlyAction) -> None:
    client = logged_in(space.cast.clerk)
    shown = client.post(address(returned), answers(returned, act="check"), follow=True)
    assert "差戻しのあと、何も変わっていません。このまま提出しますか。" in page(shown).text
    assert "このまま提出する" in [button.text for button in page(shown).all("button")]
    assert "次の内容でよければ「このまま提出する」を押してください。" in page(shown).text
    client.post(address(returned, "check/"), {"version": returned.version})
    assert space.row().state == ActionState.SUBMITTED


def test_with_a_change_the_check_page_shows_it(space: Workspace, returned: YearlyAction) -> None:
    changed = fill(returned, space.cast.clerk, result="・会議を 3 回開きました。")
    shown = page(logged_in(space.cast.clerk).get(address(changed, "check/")))
    assert "差戻しのあとに変わったところ" in shown.text
    assert "提出する" in [button.text for button in shown.all("button")]


def test_a_second_return_counts_from_itself(space: Workspace, returned: YearlyAction) -> None:
    sent = submit(returned, space.cast.clerk, result="・会議を 3 回開きました。")
    by = space.cast.planner
    workflow.send_back(sent.pk, by=by, version=sent.version, reason="時期も書いてください。")
    assert unchanged_since_return(space.rows()) == {returned.pk}


def test_a_submission_that_was_taken_back_is_no_return(space: Workspace, returned: YearlyAction) -> None:
    """What has changed is told against what the planning office returned."""
    sent = submit(returned, space.cast.clerk, result="・会議を 3 回開きました。")
    workflow.withdraw(sent.pk, by=space.cast.clerk, version=sent.version)
    found = since_return(space.row())
    assert found
    assert list(found.changes) == ["result"]


def test_a_heads_return_counts_too(space: Workspace, returned: YearlyAction) -> None:
    Manifesto.objects.update(section_check=True)
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    sent = submit(returned, space.cast.clerk, result="・会議を 3 回開きました。")
    assert sent.state == ActionState.IN_SECTION
    head = User.objects.get(pk=space.cast.colleague.pk)
    section_check.give_back(sent.pk, by=head, version=sent.version, reason="場所も書いてください。")
    assert unchanged_since_return(space.rows()) == {returned.pk}
    shown = page(logged_in(space.cast.clerk).get(address(returned, "check/")))
    assert "場所も書いてください。" in shown.one("section", "notice-warning").text
    assert "このまま提出しますか。" in shown.text


def test_the_desk_shows_what_has_changed_since_the_return(space: Workspace, returned: YearlyAction) -> None:
    submit(returned, space.cast.clerk, result="・会議を 3 回開きました。")
    planner = logged_in(space.cast.planner)
    shown = page(planner.get(address(returned, "review/")))
    assert "差戻しのあとに変わったところ" in shown.texts("h3")
    (added,) = (each.text for each in shown.one("dl", "since-return").all("ins"))
    assert "3 回" in added

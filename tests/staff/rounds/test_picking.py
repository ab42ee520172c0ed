"""The publish page: what a further edition takes over from the catalogue."""

import pytest

from tests.staff.people import logged_in
from tests.workspace import Workspace, newest_report
from tracker.models import Pledge, Report, ReportingRound
from tracker.reports import drafting

pytestmark = pytest.mark.django_db


def correcting(space: Workspace) -> tuple[str, str]:
    """The publish page of last year's round, whose pledge was retyped since; and the key of that change."""
    Pledge.objects.update(text="駅前を直します")
    round = ReportingRound.objects.get(pk=space.last_round.pk)
    return f"/staff/rounds/{round.pk}/publish/", drafting.draft(round).changes[0].key


def test_a_pick_is_kept_with_what_was_typed_and_published_on_the_next_click(space: Workspace) -> None:
    path, key = correcting(space)
    browser = logged_in(space.cast.planner)
    page = browser.get(path)
    assert "公表する必要はありません" in page.content.decode()
    assert f'name="take_{key}"' in page.content.decode()
    sent = {"expected": page.context["draft"].content_digest, "act": "pick", f"take_{key}": "1"}
    picked = browser.post(path, sent)
    assert (picked.status_code, Report.objects.count()) == (200, 1)
    assert "選んだ基本データの変更は 1 件です" in picked.content.decode()
    sent = {"expected": picked.context["draft"].content_digest, "correction_reason": "字の誤り"}
    unticked = browser.post(path, sent)  # the box was cleared: not what was shown before
    assert (unticked.status_code, Report.objects.count()) == (200, 1)
    again = {"expected": unticked.context["draft"].content_digest, "act": "pick", f"take_{key}": "1"}
    shown = browser.post(path, again | {"correction_reason": "字の誤り"})
    assert "字の誤り" in shown.content.decode()
    done = {"expected": shown.context["draft"].content_digest, "correction_reason": "字の誤り"}
    assert browser.post(path, done | {f"take_{key}": "1"}).status_code == 302
    assert set(newest_report(space.manifesto).entries.values_list("pledge_text", flat=True)) == {
        "駅前を直します"
    }


def test_a_pick_on_a_page_that_is_overtaken_writes_nothing_and_stays_ticked(space: Workspace) -> None:
    path, key = correcting(space)
    browser = logged_in(space.cast.planner)
    sent = {"expected": "another", "act": "pick", f"take_{key}": "1", "correction_reason": "字の誤り"}
    answer = browser.post(path, sent)
    assert (answer.status_code, answer.context["ticked"]) == (409, {key})
    assert ReportingRound.objects.get(pk=space.last_round.pk).picked_changes == []
    assert "字の誤り" in answer.content.decode()

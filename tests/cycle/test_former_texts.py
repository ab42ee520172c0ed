"""What a save replaces is kept: another's text, one's own once an hour, a slip at once; and it is bounded."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tests.workspace import Workspace
from tracker.cycle import former_texts, workflow, workflow_in_bulk
from tracker.cycle.workflow import Content, Stale
from tracker.models import FormerText, User, YearlyAction

pytestmark = pytest.mark.django_db


def save(action: YearlyAction, by: User, **values: Any) -> YearlyAction:
    row = YearlyAction.objects.get(pk=action.pk)
    content = Content(**vars(Content.of(row)) | values)
    return workflow.save(row.pk, by=by, version=row.version, content=content)


def kept(action: YearlyAction) -> list[tuple[str, User | None, User | None]]:
    """Result, writer and replacer of the former texts, newest first."""
    found = FormerText.objects.filter(action=action).select_related("written_by", "replaced_by")
    return [(each.content["result"], each.written_by, each.replaced_by) for each in found]


def test_text_that_begins_elsewhere_is_stale_whatever_the_version(space: Workspace) -> None:
    action, clerk = space.row(), space.cast.clerk
    saved = save(action, clerk, result="・会議を開きました。")
    begun, mine = Content(result="・前の文。"), Content(result="・前の文。\n・足した文。")
    with pytest.raises(Stale):
        workflow.save(action.pk, by=clerk, version=saved.version, content=mine, base=begun)
    assert YearlyAction.objects.get(pk=action.pk).result == "・会議を開きました。"
    stored = Content.of(saved)
    assert workflow.save(action.pk, by=clerk, version=saved.version, content=mine, base=stored).version == 3


def test_another_persons_text_is_kept(space: Workspace) -> None:
    action, cast = space.row(), space.cast
    save(action, cast.clerk, result="・担当の文")
    save(action, cast.colleague, result="・同僚の文")
    assert kept(action) == [("・担当の文", cast.clerk, cast.colleague)]
    save(action, cast.colleague, result="・同僚の文")  # no write
    assert len(kept(action)) == 1


def test_one_persons_growing_text_is_kept_once_an_hour_and_a_slip_at_once(space: Workspace) -> None:
    action, clerk, begin = space.row(), space.cast.clerk, timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        for length in range(1, 8):
            save(action, clerk, result="文" * length * 10)
            clock.shift(timedelta(seconds=30))
        assert kept(action) == []
        clock.shift(timedelta(hours=1))
        save(action, clerk, result="文" * 80)
        assert kept(action) == [("文" * 70, clerk, clerk)]
        save(action, clerk, result="文" * (80 - former_texts.TAKEN_AWAY + 1))
        assert len(kept(action)) == 1
        save(action, clerk, result="語" * 100)  # no shorter, but another
        assert kept(action)[0] == ("文" * (80 - former_texts.TAKEN_AWAY + 1), clerk, clerk)
        save(action, clerk, result="")
        assert kept(action)[0] == ("語" * 100, clerk, clerk)


def test_the_former_texts_of_a_row_are_bounded(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former_texts, "MOST", 3)
    action, cast = space.row(), space.cast
    for number in range(6):
        save(action, (cast.clerk, cast.colleague)[number % 2], result=f"・{number}")
    assert [result for result, *_people in kept(action)] == ["・4", "・3", "・2"]


def test_an_entry_sheet_and_its_taking_back_keep_what_they_replace(space: Workspace) -> None:
    action, cast = space.row(), space.cast
    saved = save(action, cast.clerk, result="・画面の文")
    answer = workflow_in_bulk.Answer(action.pk, saved.version, Content(result="・シートの文"))
    taken = workflow_in_bulk.write_all([answer], by=cast.colleague)
    workflow_in_bulk.take_back(taken, by=cast.colleague, reason="")
    assert kept(action) == [
        ("・シートの文", cast.colleague, cast.colleague),
        ("・画面の文", cast.clerk, cast.colleague),
    ]

"""What the chain says of rows."""

import pytest

from tests.workspace import Workspace
from tracker.cycle import recorded, workflow
from tracker.cycle.workflow import Content


def test_a_rows_digest_covers_all_that_a_person_writes() -> None:
    assert set(recorded.NAMES) == {name.removesuffix("_id") for name in vars(Content())}


@pytest.mark.parametrize("name", recorded.NAMES)
def test_each_part_of_the_content_changes_the_digest(name: str) -> None:
    content = dict.fromkeys(recorded.NAMES, "甲")
    assert recorded.content_digest(content | {name: "乙"}) != recorded.content_digest(content)


def test_what_is_empty_does_not_count() -> None:
    content = {"result": "甲", "plan": "", "rating": None, "is_unrated": False}
    assert recorded.content_digest(content) == recorded.content_digest({"result": "甲", "later": "乙"})


def test_a_row_and_the_event_about_it_have_one_digest(space: Workspace) -> None:
    for number in (1, 2):
        action = space.row(number)
        action.result, action.rating, action.is_unrated = "・甲\n・乙", None, number == 2
        told = workflow.happening(action, action.state).content
        assert recorded.digest_of(action) == recorded.content_digest(told)

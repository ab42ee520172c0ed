"""What the open form asks every few seconds: whether somebody else has saved, in words."""

from tests.staff.entry.test_entry import address
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.cycle import rounds
from tracker.models import User


def told(space: Workspace, by: User | None = None) -> tuple[int, str]:
    answer = logged_in(by or space.cast.clerk).get(address(space.row(), "version/")).json()
    return answer["version"], answer["words"]


def test_an_untouched_row_says_nothing(space: Workspace) -> None:
    assert told(space) == (space.row().version, "")


def test_somebody_elses_save_is_told_by_name_and_ones_own_as_such(space: Workspace) -> None:
    saved = fill(space.row(), space.cast.colleague)
    version, words = told(space)
    assert version == saved.version
    assert words.startswith("試験 colleague さんが ")
    assert told(space, space.cast.colleague)[1].startswith("あなたが別の画面で ")


def test_a_row_that_can_be_written_no_more_says_why(space: Workspace) -> None:
    submit(space.row(), space.cast.colleague)
    assert told(space)[1] == "この取組は「提出済」になりました。"
    rounds.close(space.round, by=space.cast.planner)
    assert told(space)[1] == "この取組は「締切済」になりました。"


def test_it_is_there_for_nobody_else(space: Workspace) -> None:
    assert logged_in(space.cast.other).get(address(space.row(), "version/")).status_code == 404

"""A person's rows of all years: searched in any spelling, of one round, printed whole."""

import pytest

from tests.staff.entry.test_entry import address, page
from tests.staff.people import fill, logged_in
from tests.two_manifestos import TwoManifestos
from tests.workspace import Workspace
from tracker.models import User, YearlyAction
from tracker.staff.entry import all_rows


def shown(user: User, query: str = "") -> list[str]:
    """Where the rows of the page lead, in order."""
    response = logged_in(user).get(f"/staff/rows/{query}")
    assert response.status_code == 200
    return [article.one("h3").links[0] for article in page(response).all("article", "row-text")]


def rows(space: Workspace, *numbers: int) -> list[str]:
    """This year's rows and then last year's, counted from 1."""
    last = list(YearlyAction.objects.filter(round=space.last_round).in_table_order())
    return [address(own[number - 1]) for own in (space.rows(), last) for number in numbers]


def test_ones_own_rows_of_all_years_newest_first_and_no_others(space: Workspace) -> None:
    assert shown(space.cast.clerk) == rows(space, 1, 3)
    assert shown(space.cast.other) == rows(space, 2, 3)
    assert shown(space.cast.planner) == rows(space, 4)
    assert shown(space.cast.stranger) == shown(space.cast.administrator) == []


def test_words_are_found_in_any_spelling_and_places_too(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, result="・Ｗｉ－Ｆｉを付けました。")
    assert shown(space.cast.clerk, "?q=wi-fi") == [address(space.row(1))]
    assert shown(space.cast.clerk, "?q=調べました") == rows(space, 1, 3)[2:]
    assert shown(space.cast.clerk, "?q=1-1-1-3") == [rows(space, 3)[0], rows(space, 3)[1]]
    assert shown(space.cast.clerk, "?q=ありません") == []


def test_one_round_alone(space: Workspace) -> None:
    assert shown(space.cast.clerk, f"?round={space.last_round.pk}") == rows(space, 1, 3)[2:]
    assert shown(space.cast.clerk, "?round=nonsense") == rows(space, 1, 3)


def test_several_manifestos_are_named(two: TwoManifestos) -> None:
    shown_rows = page(logged_in(two.both[0][1].cast.clerk).get("/staff/rows/"))
    headings = [heading.text for heading in shown_rows.all("h2")]
    assert len(headings) > 2
    assert all(any(name in heading for name, _space in two.both) for heading in headings)


def test_pages_and_all_on_one_page(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_rows, "TEXTS_PER_PAGE", 3)
    assert shown(space.cast.clerk, "?page=2") == rows(space, 1, 3)[3:]
    assert shown(space.cast.clerk, "?show=all") == rows(space, 1, 3)

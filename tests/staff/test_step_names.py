"""A step of the scale has one name on every page, whatever the scale: letters, symbols, or plain words."""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from tests.entry_sheets.filling import Filled
from tests.entry_sheets.sheets import sheet_of
from tests.public.markup import Element, parse
from tests.staff.people import fill, logged_in, submit
from tests.staff.previews import Preview, taken_in
from tests.workspace import LETTERS, Workspace, make_workspace, newest_report
from tracker.choices import MailKind
from tracker.cycle.notices.kinds import notices_of
from tracker.published_tables.file import own_cells
from tracker.published_tables.from_report import table_of

SYMBOLS = (("◎", "実施済", None), ("○", "一部実施", None), ("△", "検討中", None))
WORDS = (("達成", "達成", None), ("順調", "順調", None), ("要改善", "要改善", None))
NAMES = {
    "ABC": ["A 達成", "B おおむね達成", "C 一部達成"],
    "◎○△": ["◎ 実施済", "○ 一部実施", "△ 検討中"],
    "達成順調要改善": ["達成", "順調", "要改善"],
}


@pytest.fixture(scope="module", params=[LETTERS, SYMBOLS, WORDS], ids=["letters", "symbols", "words"])
def made(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Workspace]:
    """The small workspace on each of the scales."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_workspace(steps=request.param)
        transaction.set_rollback(True)


def names(space: Workspace) -> list[str]:
    """The names of the scale's steps, best first."""
    return NAMES["".join(space.ratings)]


def shown(space: Workspace, name: str, address: str) -> Element:
    """A page as a person of the cast sees it."""
    return parse(logged_in(getattr(space.cast, name)).get(address).content.decode()).one("main")


def hand_in(space: Workspace) -> None:
    """The first row with the best rating and the third with the worst; last year they had the one between."""
    best, _between, worst = space.ratings.values()
    for number, rating in ((1, best), (3, worst)):
        submit(space.row(number), space.cast.clerk, rating_id=rating.pk, rating_reason="見直したため")


def entry_form(space: Workspace) -> str:
    return shown(space, "clerk", f"/staff/actions/{space.row().pk}/").text


def review(space: Workspace) -> str:
    hand_in(space)
    pages = [shown(space, "planner", f"/staff/actions/{space.row(n).pk}/review/") for n in (1, 3)]
    return " ".join(page.text for page in pages)


def queue(space: Workspace) -> str:
    hand_in(space)
    return shown(space, "planner", f"/staff/queue/?round={space.round.pk}&state=all").text


def sheet(space: Workspace) -> str:
    book = Filled(sheet_of(space, space.cast.clerk)).book
    return " ".join(str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value)


def sheet_preview(space: Workspace) -> str:
    """Two rows, in which the sheet says the best and the worst; last year's rating stands beside them."""
    best, _between, worst = names(space)
    batch = taken_in(space, {1: {"rating": best}, 3: {"rating": worst}})
    return Preview.of(space, batch).page.one("main").text


@pytest.mark.parametrize("page", [entry_form, review, queue, sheet, sheet_preview])
def test_a_page_names_every_step_once(space: Workspace, page: Callable[[Workspace], str]) -> None:
    text = page(space)
    assert [name for name in names(space) if name not in text] == []
    assert [word for word in names(space) if f"{word} {word}" in text] == []


def test_the_conflict_page_names_both_sides(space: Workspace) -> None:
    row, best, worst = space.row(), *list(space.ratings.values())[::2]
    fill(row, space.cast.colleague, rating_id=best.pk)
    answer = logged_in(space.cast.clerk).post(
        f"/staff/actions/{row.pk}/", {"version": row.version, "result": "・駅", "rating": worst.pk}
    )
    sides = parse(answer.content.decode()).section("conflict-rating").texts("p", "words")
    assert (answer.status_code, sides) == (409, names(space)[::2])


def test_public_badges(space: Workspace) -> None:
    legend = shown(space, "clerk", "/2021/ratings/").all("table")[0]
    assert legend.texts("span", "rating") == [*names(space), "評価なし"]


def test_the_published_tables_legend_has_code_and_label(space: Workspace) -> None:
    """It is read back by its colon: a word stands on both sides of it."""
    table = table_of(newest_report(space.manifesto))
    steps = [(step.code, step.label) for step in space.ratings.values()]
    legend = [own_cells.legend_line(step) for step in table.ratings]
    assert [line.split("［")[0] for line in legend] == [f"{code} : {label}" for code, label in steps]


def test_board_and_mail_name_no_step(space: Workspace) -> None:
    board = shown(space, "planner", f"/staff/rounds/{space.round.pk}/").text
    mails = [
        notice.body for notice in notices_of(space.round, timezone.now(), days=60, kinds=[MailKind.REMINDER])
    ]
    assert len(mails) == 3
    assert [name for name in names(space) if name in " ".join([board, *mails])] == []

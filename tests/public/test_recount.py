"""Every figure of the overview, the heads of lists and the pages of changes equals one counted anew from the
open data, for three years and a correction. A number on such a page that no rule knows makes a test fail.
"""

import re
from collections.abc import Iterable, Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.public import figures
from tests.public.conftest import Site
from tests.public.markup import Element, parse
from tests.public.recount import STATES, Changes, Edition, pledge_state
from tests.second_year import publish_second_year
from tests.third_year import publish_third_year
from tracker.models import Report

EDITIONS = (("2024-03-31", 1), ("2025-03-31", 1), ("2025-03-31", 2), ("2026-03-31", 1))
# What an edition's own address compares it with: the date before, as it stood then, and what it corrects.
COMPARED = {1: [0], 2: [0, 1], 3: [2]}
EARLIER = [[], [0], [0], [0, 2]]  # the last editions of the dates before

INLINE = {"a", "b", "br", "code", "span", "strong", "sub", "time", "wbr"}
# The frame of a page, menus and the rows of lists, which other tests read, are no figures.
SKIPPED = (
    *(("aside", "permalink"), ("p", "notice-older"), ("ul", "chips")),
    *(("form", ""), ("nav", ""), ("div", "listed")),
)
DIGIT = re.compile(r"\d")


@pytest.fixture(scope="module")
def three_years(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        publish_second_year()
        publish_third_year()
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def editions(three_years: None, django_db_blocker: DjangoDbBlocker) -> list[Edition]:
    """Read once: they are frozen."""
    with django_db_blocker.unblock():
        return [Edition(Site(), *named) for named in EDITIONS]


def is_skipped(element: Element) -> bool:
    classes = element.attributes.get("class", "").split()
    return any(element.name == name and (not cls or cls in classes) for name, cls in SKIPPED)


def blocks(element: Element) -> Iterator[str]:
    """The texts of an element's blocks and table rows that hold a digit, and the names of pictures."""
    if element.name == "tr":
        own = " | ".join(cell.text for cell in element.children if isinstance(cell, Element))
        inside: list[Element] = []
    else:
        pieces, inside = [element.attributes.get("aria-label", "")], []
        _gather(element, pieces, inside)
        own = re.sub(r"\s+", " ", "".join(pieces)).strip()
    if DIGIT.search(own):
        yield own
    for each in inside:
        if not is_skipped(each):
            yield from blocks(each)


def _gather(element: Element, pieces: list[str], inside: list[Element]) -> None:
    """An element's own text, and the blocks and pictures inside it."""
    for child in element.children:
        if isinstance(child, str):
            pieces.append(child)
        elif child.name in INLINE and not child.all("svg"):
            _gather(child, pieces, inside)
        elif "rating" in child.attributes.get("class", "").split():
            pieces.append(child.text)
        else:
            inside.append(child)


def told(site: Site, path: str, query: dict[str, str] | None = None) -> list[str]:
    return [normal(words) for words in blocks(site.page(path, query).one("main"))]


def due(lines: Iterable[str]) -> list[str]:
    """Lines of the rules that have a number in them, as `told` has them."""
    return [normal(line) for line in lines if DIGIT.search(line)]


def normal(words: str) -> str:
    """Without the spaces that only the markup's line breaks make."""
    return re.sub(r"\s+", "", words)


def address(edition: Edition) -> str:
    return f"/2021/reports/{edition.as_of}/editions/{edition.number}/"


def compared(editions: list[Edition], place: int) -> list[Changes]:
    return [Changes(editions[other], editions[place]) for other in COMPARED.get(place, [])]


@pytest.mark.parametrize("place", range(len(EDITIONS)))
def test_overview(site: Site, editions: list[Edition], place: int) -> None:
    edition, changes = editions[place], compared(editions, place)
    earlier = [editions[other] for other in EARLIER[place]]
    wanted = due(figures.overview(edition, next(iter(changes), None), earlier))
    assert told(site, address(edition)) == wanted
    tables = site.page(address(edition)).all("table", "group-table")
    assert all(
        "data-of" in cell.attributes for each in tables for cell in each.all("td", "number")
    )  # on telephones


def test_the_state_of_each_pledge_in_the_data_is_what_its_ratings_come_to(editions: list[Edition]) -> None:
    for edition in editions:
        told = {row["pledge_key"]: row["pledge_state_label"] for row in edition.tables["pledges"]}
        assert told == {key: pledge_state(rows) for key, rows in edition.pledges.items()}
        allowed = {row["allowed_value"] for row in edition.tables["allowed_values"]}
        assert ("ended" in allowed) is any(name.startswith("終わった") for name in told.values())
    assert "ended" in allowed


@pytest.mark.parametrize("place", range(len(EDITIONS)))
def test_changes(site: Site, editions: list[Edition], place: int) -> None:
    edition = editions[place]
    page = told(site, f"{address(edition)}changes/")
    assert page == due(figures.changes_page(edition, compared(editions, place)))


@pytest.mark.parametrize("place", range(len(EDITIONS)))
@pytest.mark.parametrize("name", ["departments", "sdgs", "plans", "ratings"])
def test_tables_of_groups(site: Site, editions: list[Edition], place: int, name: str) -> None:
    edition = editions[place]
    assert told(site, f"{address(edition)}{name}/") == due(getattr(figures, name)(edition))


def test_head_of_each_list(site: Site, editions: list[Edition]) -> None:
    last = editions[-1]
    groups = figures.Groups(last)
    pages: dict[str, Iterable[str]] = {
        **{f"departments/{code}/": figures.department(last, code) for code in groups.departments},
        **{f"sdgs/{number}/": figures.goal(last, number) for number in range(1, 18)},
        **{f"plans/{code}/": figures.plan(last, code) for code in groups.codes},
    }
    assert len(pages) > 80
    for path, rules in pages.items():
        assert (path, told(site, f"/2021/{path}")) == (path, due(rules))


def rated(edition: Edition, code: str) -> list[str]:
    return [key for key in edition.rows if edition.code(key) == code]


def in_state(edition: Edition, words: str) -> list[str]:
    states = {key: pledge_state(rows) for key, rows in edition.pledges.items()}
    return [key for key, row in edition.rows.items() if states[row["pledge_key"]] == words]


def test_head_of_the_list_of_initiatives(site: Site, editions: list[Edition]) -> None:
    last = editions[-1]
    found = {
        "": list(last.rows),
        **{f"field={number}": own for number, own in figures.fields(last).items()},
        **{f"rating={code or 'none'}": rated(last, code) for code in last.codes},
        **{f"pledge_state={state}": in_state(last, words) for words, state in STATES.items()},
    }
    for query, keys in found.items():
        asked = dict([query.split("=")]) if query else {}
        assert (query, told(site, "/2021/pledges/", asked)) == (query, due(figures.pledges(last, keys)))


def test_head_of_the_list_of_a_goal_says_what_is_not_known(site: Site, editions: list[Edition]) -> None:
    last = editions[-1]
    for number in (4, 11):
        keys = figures.Groups(last).of_goal(number)
        wanted = due([*figures.pledges(last, keys), *figures.goals_known(last)])
        assert told(site, "/2021/pledges/", {"sdg": str(number)}) == wanted


def test_list_of_what_changed(site: Site, editions: list[Edition]) -> None:
    changes = Changes(editions[2], editions[3])
    named = {
        *changes.moved(-1, 0, 1),
        *(changes.reassigned + changes.new + changes.finished + changes.approved_since),
        *(*changes.rewordings, *changes.otherwise),
    }
    asked = {"changed_since": editions[2].as_of}
    found = figures.pledges(editions[3], [key for key in editions[3].rows if key in named])
    since = f"評価の横の印は、{figures.day(editions[2].as_of)}の公表版と比べたものです。"
    assert told(site, "/2021/pledges/", asked) == due([*found, since])


def test_every_kind_of_change_is_in_these_years(editions: list[Edition]) -> None:
    """Else the pages could be wrong about it."""
    years = [Changes(editions[old], editions[new]) for new, others in COMPARED.items() for old in others]
    for kind in ("new", "finished", "approved_since", "reassigned", "rewordings", "otherwise"):
        assert any(getattr(changes, kind) for changes in years), kind
    for direction in (-1, 0, 1):
        assert any(changes.moved(direction) for changes in years)
    assert all(edition.carried(edition.rows) and edition.ended(edition.rows) for edition in editions[1:])


def test_a_number_without_a_rule_is_seen() -> None:
    table = "<table><tr><td>1</td><td>2</td></tr></table>"
    page = parse(f"<main><p>甲 <b>3件</b></p><ul><li>乙</li></ul>{table}</main>")
    assert list(blocks(page.one("main"))) == ["甲 3件", "1 | 2"]

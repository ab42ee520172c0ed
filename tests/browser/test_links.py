"""Every page that links lead to: it answers, it says what it is, and what it links to exists."""

from collections import Counter
from urllib.parse import urljoin

import pytest

from tests.browser.crawl import Crawl, Outline, ask, crawl
from tests.browser.problems import listed

EXPECTED = (
    "/",
    "/2021/",
    "/2021/pledges/",
    "/2021/pledges/1-1-1/",
    "/2021/departments/",
    "/2021/sdgs/",
    "/2021/sdgs/4/",
    "/2021/plans/",
    "/2021/plans/2-2-3/",
    "/2021/reports/",
    "/2021/reports/2024-03-31/",
    "/2021/reports/2024-03-31/changes/",
    "/2021/data/",
    "/2021/feed.atom",
    "/2021/ratings/",
    "/accessibility/",
)


def test_each_kind_of_page_is_reached_by_links(crawled: Crawl) -> None:
    reached = {answer.path for answer in crawled.answers.values()}
    assert [path for path in EXPECTED if path not in reached] == []
    pledges = [path for path in reached if path.startswith("/2021/pledges/")]
    assert sum(path.endswith("/") for path in pledges) == 3 + 138  # the list has three pages
    assert sum(path.endswith(".json") for path in pledges) == 138
    assert sum(path.startswith("/2021/departments/") for path in reached) == 1 + 51


def test_each_link_answers(crawled: Crawl) -> None:
    assert not broken(crawled), listed(broken(crawled))


@pytest.mark.long
def test_each_link_of_every_report_answers(site: str, crawled: Crawl) -> None:
    more = crawl(site, single_pages=40, known=crawled)
    assert more.answers.keys() > crawled.answers.keys()
    assert not broken(more), listed(broken(more))


def broken(crawled: Crawl) -> list[tuple[object, ...]]:
    """What does not answer, and which page leads there."""
    return [
        (answer.status, url, crawled.linked_from.get(url))
        for url, answer in crawled.answers.items()
        if answer.status != 200
    ]


def test_each_fragment_exists_on_the_page_it_points_into(crawled: Crawl) -> None:
    ids = {page.url: set(outline_of(page.outline).ids) for page in crawled.pages}
    lost = [
        (page.url, f"{url}#{fragment}")
        for page in crawled.pages
        for url, fragment in crawled.links(page)
        if fragment and url in ids and fragment not in ids[url]
    ]
    assert not lost, listed(lost)


def test_no_id_is_given_twice_on_a_page(crawled: Crawl) -> None:
    ids = {page.url: Counter(outline_of(page.outline).ids) for page in crawled.pages}
    assert [(url, name) for url, count in ids.items() for name, times in count.items() if times > 1] == []


def test_each_page_has_one_heading_a_title_a_description_and_its_language(crawled: Crawl) -> None:
    problems = []
    for page in crawled.pages:
        outline = outline_of(page.outline)
        checks = {
            "one h1": len(outline.headings) == 1 and outline.headings[0].strip() != "",
            "one title": len(outline.titles) == 1 and outline.titles[0].strip() != "",
            "description": outline.description.strip() != "",
            "lang": outline.language == ("en" if page.path.endswith("/english/") else "ja"),
        }
        problems += [(page.url, name) for name, is_met in checks.items() if not is_met]
    assert not problems, listed(problems)


def test_each_address_has_its_own_title(crawled: Crawl) -> None:
    """Addresses that differ in their query only, and those that name the same canonical page, may share
    one.
    """
    owners: dict[str, set[str]] = {}
    for page in crawled.pages:
        outline = outline_of(page.outline)
        if not page.has_query:
            owners.setdefault(outline.titles[0].strip(), set()).add(outline.canonical or page.url)
    shared = [(title, *sorted(urls)) for title, urls in owners.items() if len(urls) > 1]
    assert not shared, listed(shared)


def test_each_canonical_address_answers(crawled: Crawl) -> None:
    named = {urljoin(page.url, outline_of(page.outline).canonical): page.url for page in crawled.pages}
    answers = {url: crawled.answers.get(url) or ask(url) for url in named}
    assert [
        (url, named[url]) for url, answer in answers.items() if (answer.status, answer.target) != (200, url)
    ] == []


def outline_of(outline: Outline | None) -> Outline:
    """A crawled page always has one."""
    assert outline is not None
    return outline

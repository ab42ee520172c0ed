"""The exported site behind nginx passes what the live one passes, and says the same, byte for byte.

The checks are those of the live site's own tests, called with the other site. What is not asked of files:
that the list is filtered without a script (docs/adr/0041; with one, tests/site_export/test_nginx.py asks it).
"""

from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests import machine
from tests.browser import test_axe, test_keyboard, test_links, test_policy, test_without_javascript
from tests.browser.axe import NARROW, WIDE
from tests.browser.conftest import PageType, page_types_of
from tests.browser.crawl import Crawl, crawl
from tests.browser.server import free_port, manage
from tests.nginx import ask, serving
from tests.site_export.shown import as_live, files_of

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHECKS: list[Callable[..., None]] = [
    test_links.test_each_kind_of_page_is_reached_by_links,
    test_links.test_each_link_answers,
    test_links.test_each_link_of_every_report_answers,
    test_links.test_each_fragment_exists_on_the_page_it_points_into,
    test_links.test_no_id_is_given_twice_on_a_page,
    test_links.test_each_page_has_one_heading_a_title_a_description_and_its_language,
    test_links.test_each_address_has_its_own_title,
    test_links.test_each_canonical_address_answers,
    test_axe.test_each_kind_of_page_has_no_violation,
    test_keyboard.test_the_keyboard_alone_is_enough,
    test_policy.test_no_page_complains_or_asks_another_host,
    test_without_javascript.test_each_kind_of_page_shows_its_heading,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="module")
def exported(two_years: dict[str, str], folder: Path) -> Iterator[str]:
    """The base address of nginx with the site of two years as files."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    manage(two_years, "export_site", str(folder / "site"), "--address", base)
    (folder / "nginx").mkdir()
    changes = {"listen 80;": f"listen 127.0.0.1:{port};", "root /srv/site/": f"root {folder}/site/"}
    with serving("exported-site.conf", changes, folder / "nginx", base):
        yield base


@pytest.fixture(scope="module")
def of_export(exported: str) -> dict[str, str | Crawl | list[PageType]]:
    """What the checks ask for, by its name."""
    crawled = crawl(exported)
    return {"site": exported, "crawled": crawled, "page_types": page_types_of(crawled)}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_passes_what_the_live_site_passes(
    check: Callable[..., None],
    of_export: dict[str, str | Crawl | list[PageType]],
    request: pytest.FixtureRequest,
) -> None:
    if "axe" in check.__module__ and machine.database_is_postgresql():
        pytest.skip("the pages are those of the run on SQLite, which looks at each one")
    names = signature(check).parameters
    for width in (WIDE, NARROW) if "width" in names else (0,):
        known = of_export | {"width": width}
        check(**{name: known.get(name) or request.getfixturevalue(name) for name in names})


def test_every_address_says_what_the_live_site_says(exported: str, site: str, folder: Path) -> None:
    """But for what is named: a list's form waits for its script; what has moved is a page that leads on."""
    differ, asked = [], 0
    host = {"Host": urlsplit(exported).netloc}
    for name, record in files_of(folder / "site").items():
        if "encoding" in record or "moved_to" in record or name == "404.html":
            continue
        path = "/" + quote(name.removesuffix("index.html"))
        answer, body = ask(exported + path)
        live, live_body = ask(site + path, headers=host)
        told = answer.status, answer.headers["Content-Type"]
        if told != (live.status, live.headers["Content-Type"]) or as_live(name, body) != live_body:
            differ.append(path)
        asked += 1
    assert differ == []
    assert asked > 1_000

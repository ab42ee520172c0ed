"""What tests of the public site share: the published demo, loaded once, and a reader of its pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.conftest import publish_demo
from tests.public.markup import Element, parse
from tracker import triggers
from tracker.models import Report, ReportEntry
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)


@pytest.fixture(scope="package")
def demo(
    table: PublishedTable, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Report]:
    """The city's own table, published. Shared by all tests of the public site: nothing here may be a
    transactional test.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield publish_demo(table)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test meets a cold cache."""
    cache.clear()


class Site:
    """A visitor who reads pages."""

    def __init__(self) -> None:
        self.client = Client()

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        """The answer to a GET, `query` being a dict, or a query string as it stands."""
        if isinstance(query, str):
            return self.client.get(f"{path}?{query}", headers=headers)
        return self.client.get(path, query or {}, headers=headers)

    def page(self, path: str, query: Any = None) -> Element:
        """A page that must be there, by way of its short address."""
        answer = self.get(path, query)
        if answer.status_code == 302:
            answer = self.get(answer["Location"])
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return parse(answer.content.decode())

    def status(self, path: str) -> int:
        status: int = self.get(path).status_code
        return status


@pytest.fixture
def site(db: None) -> Site:
    return Site()


@dataclass(frozen=True)
class Row:
    """One initiative of the city's table with the place where it stands."""

    category: TableCategory
    section: TableSection
    pledge: TablePledge
    initiative: TableInitiative

    @property
    def pledge_key(self) -> str:
        return f"{self.category.number}-{self.section.number}-{self.pledge.position}"

    @property
    def key(self) -> str:
        return f"{self.pledge_key}-{self.initiative.position}"

    @property
    def rating(self) -> str:
        return self.initiative.rating or ""

    def departments_in(self, fiscal_year: int) -> list[str]:
        """Who answers in a fiscal year."""
        return [
            term.name
            for term in self.initiative.departments
            if (term.from_year or fiscal_year) <= fiscal_year <= (term.to_year or fiscal_year)
        ]


@pytest.fixture(scope="session")
def rows(table: PublishedTable) -> list[Row]:
    """Every initiative of the city's table, as it is read: what figures on pages are checked against."""
    return [Row(c, s, p, initiative) for c, s, p in table.pledges() for initiative in p.initiatives]


def keys_of(page: Element) -> list[str]:
    """The initiatives that a page of a list shows, in its order."""
    return [key_in(entry.one("p", "entry-line").links[0]) for entry in page.all("li", "entry")]


def pages_of(site: Site, path: str, query: Any = None) -> list[Element]:
    """Every page of a list, as its links to the next one lead."""
    pages = [site.page(path, query)]
    while following := [link for link in pages[-1].all("a") if link.attributes.get("rel") == "next"]:
        address, _ = _split(following[0].attributes["href"])
        on, _, asked = address.partition("?")
        pages.append(site.page(on or path, asked))
    return pages


def all_keys_of(site: Site, path: str, query: Any = None) -> list[str]:
    """The initiatives that a list shows on all its pages."""
    return [key for page in pages_of(site, path, query) for key in keys_of(page)]


def key_in(link: str) -> str:
    """The key of the initiative that a link leads to."""
    path, anchor = _split(link)
    return f"{path.rstrip('/').split('/')[-1]}-{anchor.removeprefix('initiative-')}"


def _split(link: str) -> tuple[str, str]:
    path, _, anchor = link.partition("#")
    return path, anchor


def entries_of(report: Report) -> list[ReportEntry]:
    return list(report.entries.order_by("position"))


@pytest.fixture
def nothing_published(db: None) -> None:
    """A database without any report, whatever the tests before have published."""
    connection.check_constraints()  # else PostgreSQL has checks pending, and refuses
    triggers.remove(connection)
    ReportEntry.objects.all().delete()
    Report.objects.all().delete()

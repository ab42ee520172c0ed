"""What tests read of two terms' public pages."""

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.public.markup import Element, parse

OLD, NEW = "/2021/", "/2025/"
CARRIES_ON, CARRIED_ON = "前の任期の公約を引き継いでいます。", "次の任期に引き継がれています。"


def html(address: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def read(address: str) -> Element:
    return parse(html(address))


def status(address: str) -> int:
    return Client().get(address).status_code


def across(address: str) -> list[tuple[str, list[str]]]:
    """What a pledge's page says of other terms: words, and where they lead."""
    return [(each.text, each.links) for each in read(address).all("p", "across-terms")]


def statements(*addresses: str) -> list[int]:
    found = []
    for address in addresses:
        cache.clear()
        with CaptureQueriesContext(connection) as made:
            assert status(address) == 200
        found.append(len(made))
    return found

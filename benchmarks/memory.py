"""Every type of page three times, then the worker's memory: `python -m benchmarks.memory PORT` prints JSON.

The types are the site's URL patterns: links are followed from the first page, one address for each pattern
(with and without a query), and every data file.
"""

import json
import re
import sys
import urllib.request
from urllib.parse import urlsplit

import django
from django.urls import Resolver404, resolve

TIMES = 3
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
# Linked by nobody.
ALSO = (
    *("/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/changes/"),
    *("/livez", "/readyz", "/robots.txt"),
)


def kind(address: str) -> str:
    """The page type of an address."""
    parts = urlsplit(address)
    try:
        route = resolve(parts.path).route
    except Resolver404:  # static files
        return ""
    return parts.path if "/data/" in parts.path else f"{route} {bool(parts.query)}"


def one_of_each(base: str) -> list[str]:
    """An address for every page type that links lead to."""
    found: dict[str, str] = {}
    frontier = ["/", *ALSO]
    while frontier:
        address = frontier.pop().replace("&amp;", "&")
        if (name := kind(address)) and name not in found:
            found[name] = address
            frontier += LINK.findall(get(base + address))
    return list(found.values())


def get(url: str) -> str:
    """The text of a page, "" of anything else. Raises HTTPError for what is not 200."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        is_page = answer.headers.get_content_type() == "text/html"
        return answer.read().decode(errors="replace") if is_page else ""


def main() -> None:
    base = f"http://127.0.0.1:{sys.argv[1]}"
    django.setup()
    addresses = one_of_each(base)
    for address in addresses * TIMES:
        get(base + address)
    with urllib.request.urlopen(f"{base}/memory/", timeout=60) as answer:
        print(json.dumps({"addresses": addresses, "mib": int(answer.read()) / 1024}))


if __name__ == "__main__":
    main()

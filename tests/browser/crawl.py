"""Every address that the public site links to, found by following links from its first page."""

import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

OF_MANY = 6  # a filtered list has thousands of addresses; the first few stand for the others
THREADS = 4
# Permanent addresses that letters and other sites cite, whether or not a page links them.
CITED = ("/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/changes/", "/2021/changes/")


class Outline(HTMLParser):
    """What the tests ask of a page, read from its source."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.links: list[str] = []  # href of a
        self.assets: list[str] = []  # what the page itself loads
        self.ids: list[str] = []
        self.language = self.description = self.canonical = ""
        self.titles: list[str] = []
        self.headings: list[str] = []  # h1
        self._text_of: list[str] | None = None
        self._svg_depth = 0  # an SVG has a title of its own
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        match tag:
            case "html":
                self.language = given.get("lang", "")
            case "a" if "href" in given:
                self.links.append(given["href"])
            case "meta" if given.get("name") == "description":
                self.description = given.get("content", "")
            case "link" if given.get("rel") == "canonical":
                self.canonical = given.get("href", "")
            case "link" | "img" | "script":
                self.assets += [given[name] for name in ("href", "src") if given.get(name)]
            case "title" if not self._svg_depth:
                self._collect(self.titles)
            case "h1":
                self._collect(self.headings)
            case "svg":
                self._svg_depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"title", "h1"}:
            self._text_of = None
        if tag == "svg":
            self._svg_depth -= 1

    def handle_data(self, data: str) -> None:
        if self._text_of is not None:
            self._text_of[-1] += data

    def _collect(self, texts: list[str]) -> None:
        texts.append("")
        self._text_of = texts


@dataclass(frozen=True)
class Answer:
    """One address and what it answered. `outline` is None for what is not HTML and for a redirect."""

    url: str
    target: str  # where a redirect ended; else the address itself
    status: int
    content_type: str
    size: int  # bytes
    outline: Outline | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def has_query(self) -> bool:
        return bool(urlsplit(self.url).query)


@dataclass
class Crawl:
    """All answers by address, in the order found, and from which page each address was first linked."""

    base: str
    answers: dict[str, Answer] = field(default_factory=dict)
    linked_from: dict[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> list[Answer]:
        """The HTML pages."""
        return [answer for answer in self.answers.values() if answer.outline is not None]

    def onward(self, answer: Answer) -> list[str]:
        """Where an answer leads: a redirect to its target, a page to what it links."""
        if answer.target != answer.url:
            return [answer.target]
        return [url for url, _fragment in self.links(answer)]

    def links(self, page: Answer) -> Iterable[tuple[str, str]]:
        """The address and the fragment of each link and asset of a page that stay on this site."""
        if page.outline is None:
            return
        for href in [*page.outline.links, *page.outline.assets]:
            url, fragment = urldefrag(urljoin(page.url, href))
            if url.startswith(f"{self.base}/"):
                yield url, fragment


def crawl(base: str, single_pages: int = OF_MANY, known: Crawl | None = None) -> Crawl:
    """Follows links breadth first, from the first page and the cited ones. Of many alike the first few are
    asked; of an older report's pages of one kind as many as `single_pages`. What is known is not asked again.
    """
    found = Crawl(base)
    before = known.answers if known else {}
    asked: Counter[str] = Counter()
    frontier = [base + path for path in ("/", *CITED)]
    with ThreadPoolExecutor(THREADS) as threads:
        while frontier:
            answers = list(threads.map(lambda url: before.get(url) or ask(url), frontier))
            found.answers |= {answer.url: answer for answer in answers}
            frontier = []
            for answer in answers:
                for url in dict.fromkeys(found.onward(answer)):
                    if url in found.linked_from or url in found.answers:
                        continue
                    found.linked_from[url] = answer.url
                    many = one_of(url)
                    asked[many] += 1
                    if not many or asked[many] <= (OF_MANY if urlsplit(url).query else single_pages):
                        frontier.append(url)
    return found


def one_of(url: str) -> str:
    """What an address is one of many of: a list with its filters, or the single pages of an older report,
    which are the latest one's but for the scope. Empty where each has to be asked.
    """
    path, query = urlsplit(url).path, urlsplit(url).query
    single = re.match(r"/\d+/reports/.+/(pledges|departments|sdgs|plans)/(?=.)", path)
    return path if query else single[0] if single else ""


def ask(url: str) -> Answer:
    """One GET; an error's page counts as an answer."""
    try:
        response = urllib.request.urlopen(url, timeout=180)
    except urllib.error.HTTPError as refusal:
        response = refusal
    with response:
        body, content_type = response.read(), response.headers.get("Content-Type", "")
        is_page = content_type.startswith("text/html") and response.url == url
        outline = Outline(body.decode()) if is_page else None
        return Answer(url, response.url, response.status, content_type, len(body), outline)

"""The public pages before they are public: the same as afterwards, and nothing of them stays."""

import re
from datetime import date
from functools import cache as cache_of_calls
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import a_third_at_once
from tests.staff.conftest import Year
from tests.staff.people import logged_in, submit
from tracker.cycle import rounds, workflow
from tracker.models import Event, Manifesto, Report, ReportEntry, ReportingRound
from tracker.public.entries import Entries
from tracker.reports import drafting, publishing
from tracker.reports.index import INDEXED
from tracker.staff.rounds import preview

PAGES = (
    *(
        "",
        "pledges/",
        "departments/",
        "sdgs/",
        "sdgs/4/",
        "plans/",
        "ratings/",
        "changes/",
        "reports/",
        "data/",
    ),
    "reports/2025-03-31/pledges/",
    "reports/2025-03-31/editions/1/",
)
NOTICE = "公表前の確認用です。まだ公表されていません。"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def prefix(year: Year) -> str:
    return f"/staff/rounds/{year.round.pk}/preview/"


@pytest.fixture
def approved(year: Year) -> Year:
    """A row approved with words that nobody else has."""
    saved = submit(year.action, year.cast.planner, result="・未公表の内容です。")
    workflow.approve(saved.pk, by=year.cast.second_planner, version=saved.version)
    return year


def stored() -> Any:
    """Everything that a publication writes."""
    return [
        list(Report.objects.values().order_by("pk")),
        list(ReportEntry.objects.values_list("pk", flat=True).order_by("pk")),
        list(Event.objects.values_list("own_hash", flat=True).order_by("number")),
        list(ReportingRound.objects.values().order_by("pk")),
    ]


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 404), ("both", 404), ("stranger", 404), ("administrator", 403)]
)
def test_only_the_planning_office_sees_it(approved: Year, who: str, status: int) -> None:
    browser = logged_in(getattr(approved.cast, who))
    assert [browser.get(prefix(approved) + page).status_code for page in ("", "pledges/", "nonsense")] == [
        status
    ] * 3


def test_nobody_sees_it_without_a_login(approved: Year) -> None:
    answer = Client().get(prefix(approved))
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/staff/login/")


@pytest.mark.parametrize("page", a_third_at_once(PAGES, others=pytest.mark.wide))
def test_nothing_stays(approved: Year, page: str) -> None:
    browser, before = logged_in(approved.cast.planner), stored()
    answer = browser.get(prefix(approved) + page)
    assert answer.status_code == 200
    assert NOTICE in answer.content.decode()
    assert stored() == before
    assert cache._cache == {}
    assert "no-store" in answer.headers["Cache-Control"]
    assert not {"ETag", "Last-Modified"} & set(answer.headers)
    assert "未公表の内容です" not in Client().get("/2021/pledges/").content.decode()


@pytest.fixture
def drafted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is made once, however many pages are looked at."""
    monkeypatch.setattr(preview, "draft", cache_of_calls(preview.draft))


def pages_below(browser: Client, root: str, but: str) -> dict[str, str]:
    """The pages that links lead to from the first one, by their rest of address, without those that match."""
    found: dict[str, str] = {}
    ahead = {""}
    while ahead:
        rest = ahead.pop()
        answer = browser.get(root + rest)
        assert answer.status_code == 200, rest
        found[rest] = answer.content.decode()
        links = re.findall(rf'(?:href|action)="{root}([^"?#]*)', found[rest])
        ahead |= {link for link in links if not re.match(f"data/1|{but}", link)} - found.keys()
    return found


def words(page: str, root: str) -> str:
    """A page's lines without its address, notice, digests and moments of publication."""
    page = re.sub(r'<aside class="site-notice".*?</aside>', "", page).replace(root, "/2021/")
    moments = (r'datetime="\d{4}-\d\d-\d\dT[^"]*"', "<(?:updated|published)>[^<]*", '"published_at": "[^"]*"')
    page = re.sub("|".join((*moments, "[0-9a-f]{64}")), "", page)
    return "\n".join(line.strip() for line in page.splitlines() if line.strip())


def assert_is_as_afterwards(year: Year, but: str) -> dict[str, str]:
    """Every page of the preview, without those that match, is the one that is there after the publication."""
    before = pages_below(logged_in(year.cast.planner), prefix(year), but)
    publishing.publish(year.round, by="", **preview.REASONS)
    after = pages_below(Client(), "/2021/", but)
    assert before.keys() == after.keys()
    for page, previewed in before.items():
        assert words(previewed, prefix(year)) == words(after[page], "/2021/"), page
    return before


@pytest.mark.parametrize(
    ("older", "count"),
    [
        pytest.param("", 20, id="lists for their single pages"),
        pytest.param("reports/", 250, id="single pages", marks=pytest.mark.long),
    ],
)
def test_every_page_is_as_it_is_afterwards(
    approved: Year, drafted_once: None, older: str, count: int
) -> None:
    """The lists stand for their single pages, but one; in the long run in older reports only."""
    place = approved.action.initiative.pledge.place
    pages = assert_is_as_afterwards(approved, but=rf"{older}.*(pledges|departments|sdgs|plans)/(?!{place}).")
    assert len(pages) > count
    assert "未公表の内容です" in pages[f"pledges/{place}/"]


@pytest.mark.long
def test_every_page_of_a_correction_is_as_it_is_afterwards(approved: Year, drafted_once: None) -> None:
    """The lists stand for their single pages, but one."""
    publishing.publish(approved.round, by="企画", unapproved_reason="確認中")
    rounds.start_correction(approved.round, by=approved.cast.planner, reason="数の誤り")
    other = submit(approved.foreign, approved.cast.planner, result="・あとから承認した、未公表の内容です。")
    workflow.approve(other.pk, by=approved.cast.second_planner, version=other.version)
    place = approved.foreign.initiative.pledge.place
    pages = assert_is_as_afterwards(approved, but=rf".*(pledges|departments|sdgs|plans)/(?!{place}).")
    assert "あとから承認した、未公表の内容です" in pages[f"pledges/{place}/"]
    assert "第2版" in pages[""]


def test_a_draft_holds_what_its_published_report_holds(approved: Year) -> None:
    drafted = drafting.draft(approved.round).entries
    report, _is_new = publishing.publish(approved.round, by="", **preview.REASONS)
    fields = [field.attname for field in ReportEntry._meta.fields if field.name not in ("id", "report")]
    stored = list(report.entries.order_by("position"))
    drafts, copies = (
        [
            [getattr(entry, name) for name in fields] + [getattr(entry.index, name) for name in INDEXED]
            for entry in each
        ]
        for each in (drafted, stored)
    )
    assert drafts == copies
    entries = Entries(ReportEntry.objects.none(), drafted), Entries(report.entries.order_by("position"))
    for facet in {facet for entry in stored for facet in entry.index.facets.split()}:
        keys = [[entry.key for entry in each.with_facet(facet)] for each in entries]
        assert keys[0] == keys[1]


@pytest.mark.parametrize("page", [*PAGES, "feed.atom", "pledges/?q=未公表の内容&rating=A&sort=worst"])
def test_it_only_reads(approved: Year, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a preview locks nothing")

    monkeypatch.setattr(QuerySet, "select_for_update", lock)
    browser = logged_in(approved.cast.planner)
    with CaptureQueriesContext(connection) as made:
        assert browser.get(prefix(approved) + page).status_code == 200
    assert [query["sql"] for query in made if not query["sql"].startswith("SELECT")] == []
    assert [query["sql"] for query in made if "FOR UPDATE" in query["sql"]] == []


@pytest.mark.parametrize("page", a_third_at_once(PAGES, others=pytest.mark.wide))
def test_links_stay_inside(approved: Year, page: str) -> None:
    text = logged_in(approved.cast.planner).get(prefix(approved) + page).content.decode()
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', text))
    of_round = f"/staff/rounds/{approved.round.pk}/"
    own = (prefix(approved), f"{of_round}publish/", f"{of_round}decision/", "/static/", "/accessibility/")
    assert [link for link in sorted(links) if not link.startswith(own) and link != "/"] == []
    assert len(links) > 10


@pytest.mark.long
def test_every_link_leads_somewhere(approved: Year) -> None:
    browser = logged_in(approved.cast.planner)
    links: set[str] = set()
    for page in ("", "reports/", "data/", "changes/"):
        text = browser.get(prefix(approved) + page).content.decode()
        links |= {link.split("#")[0] for link in re.findall(r'href="(/staff/rounds/[^"]*)"', text)}
    chosen = [link for link in sorted(links) if "pledges/" not in link][:40]
    assert [(link, code) for link in chosen if (code := browser.get(link).status_code) != 200] == []


@pytest.mark.parametrize(
    "rest",
    [
        "nonsense",
        "nonsense/",
        "livez",
        "pledges",
        "pledges/99-9-9/",
        "reports/2020-01-01/",
        "reports/2025-02-30/",
        "../../",
        "%00/",
    ],
)
def test_what_is_not_there_is_404(approved: Year, rest: str) -> None:
    before = stored()
    assert logged_in(approved.cast.planner).get(prefix(approved) + rest).status_code == 404
    assert stored() == before


def test_it_is_for_reading_only(approved: Year) -> None:
    browser = logged_in(approved.cast.planner)
    assert browser.post(prefix(approved)).status_code == 405
    head = browser.head(prefix(approved))
    assert (head.status_code, head.content) == (200, b"")


def test_filters_work(approved: Year) -> None:
    text = (
        logged_in(approved.cast.planner)
        .get(f"{prefix(approved)}pledges/", {"q": "未公表の内容"})
        .content.decode()
    )
    assert "<strong>1件</strong>の取組" in text


def test_where_nothing_can_be_published_the_publish_page_says_why(approved: Year) -> None:
    manifesto = Manifesto.objects.create(slug="2025", title="次のマニフェスト", first_fiscal_year=2025)
    round = manifesto.rounds.create(fiscal_year=2025, as_of=date(2026, 3, 31))
    answer = logged_in(approved.cast.planner).get(f"/staff/rounds/{round.pk}/preview/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/rounds/{round.pk}/publish/")


def test_the_feed_is_there_too(approved: Year) -> None:
    before = stored()
    answer = logged_in(approved.cast.planner).get(f"{prefix(approved)}feed.atom")
    assert (answer.status_code, stored()) == (200, before)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "令和7年3月末時点" in answer.content.decode()

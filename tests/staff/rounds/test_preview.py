"""The public pages before they are public: the same as afterwards, and nothing of them stays."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.staff.conftest import Year
from tests.staff.people import logged_in, submit
from tracker.cycle import workflow
from tracker.models import Event, Report, ReportEntry, ReportingRound
from tracker.reports import publishing

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


@pytest.mark.parametrize("page", PAGES)
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


def test_it_is_the_page_as_it_is_afterwards(approved: Year) -> None:
    browser = logged_in(approved.cast.planner)
    pages = [page for page in PAGES if page != "reports/"] + [
        f"pledges/{approved.action.initiative.pledge.place}/"
    ]
    before = {page: browser.get(prefix(approved) + page).content.decode() for page in pages}
    publishing.publish(approved.round, by="企画", unapproved_reason="（公表のときに書く理由）")
    visitor = Client()
    for page, previewed in before.items():
        moved = re.sub(r'<aside class="site-notice".*?</aside>', "", previewed).replace(
            prefix(approved), "/2021/"
        )
        assert words(moved) == words(visitor.get(f"/2021/{page}").content.decode()), page
    assert "未公表の内容です" in before[pages[-1]]


def words(page: str) -> str:
    """A page without its moments of publication, and without blank lines."""
    page = re.sub(r'<time datetime="\d{4}-\d\d-\d\dT[^>]*>', "<time>", page)
    return "\n".join(line.strip() for line in page.splitlines() if line.strip())


@pytest.mark.parametrize("page", PAGES)
def test_links_stay_inside(approved: Year, page: str) -> None:
    text = logged_in(approved.cast.planner).get(prefix(approved) + page).content.decode()
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', text))
    own = (prefix(approved), f"/staff/rounds/{approved.round.pk}/publish/", "/static/", "/accessibility/")
    assert [link for link in sorted(links) if not link.startswith(own) and link != "/"] == []
    assert len(links) > 10


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


def test_where_nothing_can_be_published_the_publish_page_says_why(
    approved: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise publishing.PublishingProblem

    monkeypatch.setattr(publishing, "publish", refuse)
    answer = logged_in(approved.cast.planner).get(prefix(approved))
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/staff/rounds/{approved.round.pk}/publish/",
    )


def test_the_feed_is_there_too(approved: Year) -> None:
    before = stored()
    answer = logged_in(approved.cast.planner).get(f"{prefix(approved)}feed.atom")
    assert (answer.status_code, stored()) == (200, before)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "令和7年3月末時点" in answer.content.decode()

"""Which report an address shows: latest, of a date, of an edition; and what is not there."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from tests.public.building import copy_report, make_entry, save_report
from tests.public.conftest import Site
from tracker.models import Report, ReportEntry
from tracker.public import scope
from tracker.site_export.addresses import named

SCOPES = ("/2021/", "/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/editions/1/")
IN_SCOPE = (
    *(
        "",
        "pledges/",
        "pledges/1-1-1/",
        "pledges/8-2-16/",
        "departments/",
        "departments/001/",
        "sdgs/",
        "sdgs/4/",
        "sdgs/17/",
    ),
    *("plans/", "plans/2-2-3/", "ratings/", "changes/", "easy/", "english/"),
)
ELSEWHERE = (
    "/",
    "/accessibility/",
    "/2021/reports/",
    "/2021/data/",
    "/2021/feed.atom",
    "/livez",
    "/readyz",
    "/robots.txt",
    "/sitemap.xml",
    "/2021/picture.png",
)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("path", IN_SCOPE)
def test_page_is_there_in_each_scope(site: Site, demo: Report, scope: str, path: str) -> None:
    assert site.status(scope + path) == 200


@pytest.mark.parametrize("path", ELSEWHERE)
def test_page_is_there_once(site: Site, demo: Report, path: str) -> None:
    assert site.status(path) == 200


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    "path",
    [
        *("departments/999/", "departments/無い/", "sdgs/18/", "sdgs/0/", "plans/9-9-9/", "plans/2-2/"),
        *("pledges/9-9-9/", "pledges/1-1/", "pledges/0-1-1/", "pledges/1-1-1-1/", "nowhere/", "editions/9/"),
    ],
)
def test_page_of_something_unknown_is_not_found(site: Site, demo: Report, scope: str, path: str) -> None:
    assert site.status(scope + path) == 404


@pytest.mark.parametrize(
    "path",
    [
        "/2020/",
        "/2020/pledges/",
        "/2020/data/",
        "/2021/reports/2023-03-31/",
        "/2021/reports/2024-99-99/",
        "/2021/reports/2024-02-30/pledges/",
        "/2021/reports/0000-00-00/",
        "/2021/reports/2024-03-31/editions/9/",
        "/2021/reports/2024-03-31/editions/0/pledges/",
        f"/2021/reports/2024-03-31/editions/{10**30}/",
        "/2021/reports/latest/",
        "/2021/%00/",
        "/％/",
    ],
)
def test_report_that_is_not_there_is_not_found(site: Site, demo: Report, path: str) -> None:
    assert site.status(path) == 404


@pytest.mark.parametrize(
    "path",
    ["/2021/", "/2021/pledges/", "/2021/data/", "/", "/accessibility/", "/livez", "/readyz", "/robots.txt"],
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_writing_method_is_refused(db: None, demo: Report, path: str, method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/2021/pledges/", "/livez"])
def test_unknown_host_is_refused_with_a_page(site: Site, demo: Report, path: str) -> None:
    answer = site.client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "送られた内容を読み取れません" in answer.content.decode()
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/accessibility/"])
def test_page_before_anything_is_published_is_friendly(
    site: Site, nothing_published: None, path: str
) -> None:
    page = site.page(path)
    wanted = {"/": "まだ公表されていません", "/accessibility/": "ウェブアクセシビリティ方針"}
    assert page.one("h1").text == wanted[path]
    assert page.links[-1] == "https://creativecommons.org/licenses/by/4.0/deed.ja"


def test_front_page_before_anything_is_published_says_so(site: Site, nothing_published: None) -> None:
    answer = site.get("/")
    assert "まだ公表されていません" in answer.content.decode()
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/2021/", "/2021/pledges/", "/2021/reports/", "/2021/data/", "/2021/reports/2024-03-31/"]
)
def test_manifesto_before_anything_is_published_is_not_found(
    site: Site, nothing_published: None, path: str
) -> None:
    assert site.status(path) == 404


def heading_of(site: Site, path: str) -> str:
    """The date and edition that an overview shows."""
    return site.page(path).one("p", "as-of").text


def test_each_address_shows_its_own_report(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2024, 3, 31), edition=2)
    copy_report(demo, as_of=date(2025, 3, 31))
    assert {path: heading_of(site, path) for path in ("/", *SCOPES)} == {
        "/": "令和7年3月末時点",
        "/2021/": "令和7年3月末時点",
        "/2021/reports/2024-03-31/": "令和6年3月末時点（訂正 第2版）",
        "/2021/reports/2024-03-31/editions/1/": "令和6年3月末時点",
    }


def test_links_of_an_older_report_stay_in_it(site: Site, demo: Report) -> None:
    """Old lists that lead to the current year are another site's bug (caps #722)."""
    copy_report(demo, as_of=date(2025, 3, 31))
    for base, path in product(SCOPES[1:], IN_SCOPE):
        page = site.page(base + path)
        own = [each for each in page.one("main").links if each.startswith(base)]
        others = {
            each.split("#")[0]
            for each in page.one("main").links
            if each.startswith("/") and not each.startswith(base)
        }
        assert len(own) > 0 or path == "changes/"
        assert others - {f"/2021/{path}", SCOPES[2] + path} == (
            {"/2021/feed.atom"} if path == "changes/" else set()
        )
        menu = page.one("nav", "site-nav").links
        assert [each for each in menu if not each.startswith(base)] == ["/2021/reports/", "/2021/data/"]


def test_older_report_says_so_and_leads_to_the_latest(site: Site, demo: Report) -> None:
    assert [path for path in IN_SCOPE if site.page(SCOPES[1] + path).all("p", "notice-older")] == []
    copy_report(demo, as_of=date(2025, 3, 31))
    for path in IN_SCOPE:
        notice = site.page(SCOPES[1] + path).one("p", "notice-older")
        assert notice.text == (
            "令和6年3月末時点の公表版（第1版）を表示しています。"
            "あとから公表したものがあります。最新のページを見る"
        )
        assert notice.links == [f"/2021/{path}"]


def test_an_edition_that_was_corrected_says_so_and_leads_to_the_correction(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2)
    path = "pledges/1-1-1/"
    notice = site.page(SCOPES[2] + path).one("p", "notice-older")
    assert notice.text == (
        "令和6年3月末時点の公表版（第1版）を表示しています。この版は、あとで訂正されました。"
        "訂正した第2版のページを見る（訂正した箇所）"
    )
    second = "/2021/reports/2024-03-31/editions/2/"
    assert notice.links == [SCOPES[1] + path, f"{second}changes/"]
    assert site.status(notice.links[0]) == site.status(notice.links[1]) == 200
    assert site.page(SCOPES[1] + path).all("p", "notice-older") == []
    copy_report(demo, as_of=date(2025, 3, 31))
    notice = site.page(SCOPES[2] + path).one("p", "notice-older")
    assert notice.links == [SCOPES[1] + path, f"{second}changes/", f"/2021/{path}"]


def test_pages_of_a_date_stay_when_later_reports_follow(site: Site, demo: Report) -> None:
    """So they are neither rendered nor exported again. Asked for anew, they would be the same."""
    copy_report(demo, as_of=date(2025, 3, 31))
    dated = [path for path in named() if path.startswith(SCOPES[1])]
    paths = [path for path in dated if not re.search(r"/pledges/\d", path)] + dated[::20]
    before = answers(site, paths)
    copy_report(demo, as_of=date(2026, 3, 31), change=lambda entries: entries[1:])
    cache.clear()
    after = answers(site, paths)
    changed = {path for path in paths if after[path] != before[path]}
    assert changed == {f"{scope}data/" for scope in SCOPES[1:]}  # which tells of the others' data
    copy_report(demo, as_of=demo.as_of, edition=2, change=lambda entries: entries[1:])
    kept = {path for path, answer in answers(site, paths).items() if answer == after[path]}
    assert kept == set()


def answers(site: Site, paths: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """How they are recognised, and what they say."""
    found = {path: site.get(path) for path in dict.fromkeys(paths)}
    return {path: (answer.headers["ETag"], answer.content) for path, answer in found.items()}


@pytest.mark.parametrize("scope", SCOPES)
def test_each_page_names_its_permanent_address(site: Site, demo: Report, scope: str) -> None:
    assert {path: site.page(scope + path).one("aside", "permalink").links[0] for path in IN_SCOPE} == {
        path: SCOPES[2] + path for path in IN_SCOPE
    }


def test_earlier_manifesto_keeps_its_address_and_is_linked(site: Site, demo: Report) -> None:
    save_report([make_entry(1)], slug="2017", as_of=date(2021, 3, 31), title="前の任期")
    save_report([make_entry(1)], slug="2013", as_of=date(2017, 3, 31), title="前の前の任期")
    others = site.page("/").section("others")
    assert others.links == ["/2017/", "/2017/closing/", "/2013/", "/2013/closing/"]
    closing = "任期のまとめ"
    assert others.texts("a") == ["前の任期（2017）", closing, "前の前の任期（2013）", closing]
    assert site.page("/2017/").section("others").links == ["/2021/", "/2013/", "/2013/closing/"]
    assert heading_of(site, "/2017/") == "令和3年3月末時点"
    assert heading_of(site, "/2021/") == "令和6年3月末時点"


def test_manifesto_without_others_lists_none(site: Site, nothing_published: None) -> None:
    save_report([make_entry(1)])
    assert [
        each for each in site.page("/").all("section") if each.attributes.get("aria-labelledby") == "others"
    ] == []


# ---- permanence


FRAME = (
    r"<title>.*?</title>",
    r'<meta property="og:title".*?>',
    r'<link rel="canonical".*?>',
    r'<nav class="breadcrumb.*?</nav>',
    r'<p class="notice notice-older".*?</p>',
)


def without_frame(html: str) -> str:
    """A page without what tells where it stands among the reports: title, canonical link, breadcrumbs,
    notice.
    """
    for part in FRAME:
        html = re.sub(part, "", html, flags=re.DOTALL)
    return "\n".join(line for line in html.splitlines() if line.strip())


def corrected(entries: list[ReportEntry]) -> list[ReportEntry]:
    """Another rating, another wording, another department name."""
    entries[0].rating_code = "E"
    entries[1].results = {**entries[1].results, "2023": "・訂正しました。"}
    for entry in entries:
        entry.departments = [duty | {"name": f"新{duty['name']}"} for duty in entry.departments]
    return entries[:-1]


def pinned(site: Site, report: Report) -> dict[str, str]:
    """What every page of an edition's own address says."""
    base = f"/{report.slug}/reports/{report.as_of}/editions/{report.edition}/"
    return {path: without_frame(site.get(base + path).content.decode()) for path in IN_SCOPE}


def test_edition_stays_as_it_was_published_whatever_follows(site: Site, demo: Report) -> None:
    """Later correction, later year, and a correction of an earlier year: none of them changes an edition's
    own pages.
    """
    earlier = copy_report(demo, as_of=date(2023, 3, 31), change=corrected)
    first = copy_report(demo, as_of=date(2025, 3, 31), change=corrected)
    before = pinned(site, demo) | {f"2025 {path}": page for path, page in pinned(site, first).items()}
    copy_report(earlier, as_of=earlier.as_of, edition=2, change=corrected)
    copy_report(demo, as_of=demo.as_of, edition=2, change=corrected)
    copy_report(first, as_of=first.as_of, edition=2, change=corrected)
    copy_report(first, as_of=date(2026, 3, 31), change=corrected)
    after = pinned(site, demo) | {f"2025 {path}": page for path, page in pinned(site, first).items()}
    assert [path for path in before if before[path] != after[path]] == []


def test_only_the_frame_of_an_older_edition_changes(site: Site, demo: Report) -> None:
    """Exactly the title's addition, the notice, the breadcrumb's edition and the canonical link."""
    before = {path: site.page(SCOPES[2] + path) for path in IN_SCOPE}
    copy_report(demo, as_of=demo.as_of, edition=2, change=corrected)
    for path in IN_SCOPE:
        after = site.page(SCOPES[2] + path)
        assert before[path].one("link", rel="canonical").attributes["href"] == f"/2021/{path}"
        assert after.one("link", rel="canonical").attributes["href"] == SCOPES[2] + path
        titles = [page.one("title").text.split("｜")[0] for page in (before[path], after)]
        assert titles[1] == f"{titles[0]}（令和6年3月末時点・第1版）"
        trail = [page.one("nav", "breadcrumb").texts("li")[1] for page in (before[path], after)]
        assert trail == ["令和6年3月末時点", "令和6年3月末時点（第1版）"]
        assert len(after.all("p", "notice-older")) == 1


# ---- the reports around one


@pytest.fixture
def crossed(nothing_published: None) -> list[Report]:
    """Two years, and then a correction of the first."""
    first = save_report([make_entry(1)])
    return [
        first,
        copy_report(first, as_of=date(2025, 3, 31)),
        copy_report(first, as_of=date(2024, 3, 31), edition=2),
    ]


def test_carried_rows_lead_to_the_edition_that_stood_then(crossed: list[Report]) -> None:
    first, second, _corrected = crossed
    shown = scope.choose(scope.published(), "2017", date(2025, 3, 31), None)
    assert shown is not None
    stood = shown.stood(date(2024, 3, 31))
    assert stood is not None
    assert (shown.report, stood.pk, shown.stood(date(2023, 3, 31))) == (second, first.pk, None)


def test_changes_are_counted_from_what_stood_before_at_the_same_date_or_an_earlier_one(
    crossed: list[Report],
) -> None:
    rows = scope.published()
    first, second, corrected = (next(row for row in rows if row.pk == report.pk) for report in crossed)
    assert [scope.predecessor(row, rows) for row in (first, second, corrected)] == [None, first, first]


def test_of_two_manifestos_on_one_date_the_one_published_last_comes_first(nothing_published: None) -> None:
    for slug in ("2017", "2013", "2021"):
        save_report([make_entry(1)], slug=slug)
    assert [row.slug for row in scope.published()] == ["2021", "2013", "2017"]


@pytest.mark.parametrize(("percents", "has"), [([None, 50], True), ([0, None], True), ([None, None], False)])
def test_a_scale_has_degrees_of_progress_where_any_step_has_one(
    nothing_published: None, percents: list[int | None], has: bool
) -> None:
    steps = [
        {"code": code, "label": code, "definition": "", "percent": percent, "level": 1}
        for code, percent in zip("AB", percents, strict=True)
    ]
    save_report([make_entry(1)], ratings=steps)
    shown = scope.choose(scope.published(), None, None, None)
    assert shown is not None
    assert shown.has_percents is has


# ---- a kept connection that has died


def test_dead_connection_is_replaced_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = [OperationalError("server closed the connection"), []]
    closed: list[bool] = []

    def ask() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(scope, "_published", ask)
    monkeypatch.setattr(
        scope, "connection", SimpleNamespace(in_atomic_block=False, close=lambda: closed.append(True))
    )
    assert (scope.published(), closed) == ([], [True])


def test_connection_in_a_transaction_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    def fail() -> None:
        if not closed:
            raise OperationalError("server closed the connection")

    dead = SimpleNamespace(in_atomic_block=True, close=lambda: closed.append(True))
    monkeypatch.setattr(scope, "_published", fail)
    monkeypatch.setattr(scope, "connection", dead)
    with pytest.raises(OperationalError):
        scope.published()
    assert closed == []

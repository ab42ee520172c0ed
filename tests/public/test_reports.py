"""The list of reports: every edition, with its own pages."""

from datetime import date

from tests.public.building import copy_report
from tests.public.conftest import Site
from tracker.models import Report


def test_only_report_is_the_latest(site: Site, demo: Report) -> None:
    page = site.page("/2021/reports/")
    assert [each.text for each in page.one("ol", "report-list").all("h2")] == ["令和6年3月末時点第1版最新"]
    assert page.one("ol", "report-list").texts("span", "tag") == ["最新"]
    assert (
        page.one("p", "note").text
        == "いまはこの公表版だけです。次に公表したときから、ふたつの公表版の違いを見られます。"
    )
    assert page.texts("code") == [demo.digest, demo.chain_head]


def test_reports_are_listed_newest_first_with_all_editions(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2025, 3, 31))
    copy_report(demo, as_of=date(2024, 3, 31), edition=2)
    page = site.page("/2021/reports/")
    assert page.texts("h2") == [
        "令和7年3月末時点第1版最新",
        "令和6年3月末時点第2版",
        "令和6年3月末時点第1版訂正の前",
    ]
    assert page.texts("span", "tag") == ["最新", "訂正の前"]
    assert page.all("p", "note") == []
    links = page.one("ol", "report-list").links
    bases = [
        f"/2021/reports/{day}/editions/{edition}/"
        for day, edition in (("2025-03-31", 1), ("2024-03-31", 2), ("2024-03-31", 1))
    ]
    own = ["/2021/reports/2025-03-31/", "/2021/reports/2024-03-31/"]
    assert [link for link in links if link in own] == own
    pages = [link for link in links if link not in own and not link.endswith(".xlsx")]
    assert pages == [base + path for base in bases for path in ("", "pledges/", "changes/")][:-1]  # the first
    assert [link for link in links if site.status(link) != 200] == []


def test_digests_are_those_of_the_reports(site: Site, demo: Report) -> None:
    newer = copy_report(demo, as_of=date(2025, 3, 31))
    assert site.page("/2021/reports/").texts("code") == [newer.digest, demo.digest, demo.chain_head]

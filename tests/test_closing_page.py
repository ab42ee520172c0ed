"""The closing page, and pledges across terms, by reports that are made directly."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.cache import cache

from tests.across_terms import CARRIES_ON, NEW, OLD, across, html, read, statements, status
from tests.public.building import RATINGS, copy_report, make_entry, save_report
from tracker.models import Report, ReportEntry
from tracker.words.reported import FormerTermPledge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test meets a cold cache."""
    cache.clear()


def former(key: str = "1-1-1", slug: str = "2021") -> FormerTermPledge:
    return FormerTermPledge(slug=slug, manifesto="前の約束", key=key, number="①", text="駅を直す")


def carrying(count: int, **links: FormerTermPledge) -> list[ReportEntry]:
    """Entries, of which those by number carry something on: `e1=former()`."""
    return [make_entry(n, former_term_pledge=links.get(f"e{n}")) for n in range(1, count + 1)]


def test_where_the_former_term_has_no_report_there_are_words_without_a_link() -> None:
    """When it gets one later, the latest page leads there, and a dated page stays as it is."""
    save_report(carrying(2, e1=former()), slug="2025", as_of=date(2026, 3, 31))
    dated = f"{NEW}reports/2026-03-31/pledges/1-1-1/"
    said = f"{CARRIES_ON}前の約束（2021）：①駅を直す"
    assert (across(f"{NEW}pledges/1-1-1/"), across(dated)) == ([(said, [])], [(said, [])])
    before = html(dated)
    save_report([make_entry(1)], slug="2021")
    assert across(f"{NEW}pledges/1-1-1/")[0][1] == [f"{OLD}pledges/1-1-1/"]
    assert html(dated) == before


def test_a_former_pledge_that_no_report_has_is_no_link() -> None:
    save_report([make_entry(1)], slug="2021")
    save_report(carrying(1, e1=former("1-1-9")), slug="2025", as_of=date(2026, 3, 31))
    assert [links for _said, links in across(f"{NEW}pledges/1-1-1/")] == [[]]


def test_of_three_terms_each_knows_those_after_and_before_it() -> None:
    save_report([make_entry(1)], slug="2017", as_of=date(2021, 3, 31))
    save_report(carrying(1, e1=former(slug="2017")), slug="2021")
    save_report(
        carrying(2, e1=former(slug="2017"), e2=former()), slug="2025", as_of=date(2026, 3, 31), title="新"
    )
    links = {slug: [link for _said, link in across(f"/{slug}/pledges/1-1-1/")] for slug in ("2017", "2021")}
    assert links == {
        "2017": [["/2021/pledges/1-1-1/"], ["/2025/pledges/1-1-1/"]],
        "2021": [["/2017/pledges/1-1-1/"], ["/2025/pledges/1-1-2/"]],
    }
    assert [status(f"/{slug}/closing/") for slug in ("2017", "2021", "2025")] == [200, 200, 404]
    assert read("/2017/closing/").one("p", "notice").links == ["/2021/"]


def closed_term(count: int = 45) -> Report:
    """Several fields' worth of initiatives: ended, carried, unrated; two to a pledge now and then."""
    entries = [make_entry(n) for n in range(1, count + 1)]
    for n, entry in enumerate(entries):
        entry.category_number, entry.category_name = 1 + n % 3, f"分野{1 + n % 3}"
        entry.pledge_key = f"{1 + n % 3}-1-{1 + n // 6}"
        entry.initiative_position = 1 + n % 6 // 3
        entry.key = f"{entry.pledge_key}-{entry.initiative_position}"
        entry.ended_after = 2022 if n % 7 == 3 else None
        entry.carried_from = date(2023, 3, 31) if n % 11 == 5 else None
    entries.sort(key=lambda entry: [int(number) for number in entry.key.split("-")])
    return save_report(entries, slug="2021")


def successor(count: int = 3, **links: FormerTermPledge) -> Report:
    return save_report(carrying(count, **links), slug="2025", as_of=date(2026, 3, 31), title="新しい約束")


def counts(entries: Iterable[ReportEntry]) -> list[int]:
    """By a rule of its own: per step, best first, unrated, all."""
    told = Counter(entry.rating_code for entry in entries)
    return [*(told[step["code"]] for step in RATINGS), told[""], told.total()]


def average(entries: Iterable[ReportEntry]) -> str:
    percents = {step["code"]: step["percent"] for step in RATINGS}
    known = [percents[entry.rating_code] for entry in entries if entry.rating_code]
    return str((Decimal(sum(known)) / len(known)).quantize(Decimal("0.1"), ROUND_HALF_UP)) + "%"


def test_the_closing_pages_figures_are_those_of_the_last_report() -> None:
    entries = list(closed_term().entries.order_by("position"))
    successor(e1=former("1-1-1"), e2=former("1-1-1"), e3=former("2-1-3"))
    page = read(f"{OLD}closing/")
    pledges: dict[str, set[str]] = {}
    for entry in entries:
        pledges.setdefault(entry.pledge_key, set()).add(entry.rating_code)
    kept = sum(codes == {"A"} for codes in pledges.values())
    sentence = f"{len(pledges)}の公約のうち{kept}件が、すべての取組で達成。"
    assert page.one("p", "lead").text == sentence
    whole = counts(entries)
    assert [row[1] for row in page.one("table", "distribution").table_rows()[1:]] == [f"{n}件" for n in whole]
    fields = {row[0]: row[2:] for row in page.one("table", "group-table").table_rows()[1:]}
    for number in (1, 2, 3):
        own = [entry for entry in entries if entry.category_number == number]
        assert fields[f"{number}. 分野{number}"] == [*map(str, counts(own)), average(own)]
    assert fields["全体"] == [*map(str, whole), average(entries)]
    ended = sum(entry.ended_after is not None for entry in entries)
    carried = sum(entry.carried_from is not None for entry in entries)
    assert (ended, carried) == (6, 4)
    assert f"終わった取組 {ended}件は、終わったときの評価で数えています。" in html(f"{OLD}closing/")
    assert f"承認前の取組 {carried}件は、前の公表のままの評価で数えています。" in html(f"{OLD}closing/")


def test_each_term_stands_beside_the_other_by_its_latest_report() -> None:
    entries = [list(report.entries.order_by("position")) for report in (closed_term(), successor())]
    for address, order in ((f"{OLD}closing/", (0, 1)), (NEW, (1, 0))):
        told = read(address).all("section", "term-counted")
        assert [each.all("ul", "figures")[0].texts("b") for each in told] == [
            [f"{count}件" for count in counts(entries[place])] for place in order
        ]


@pytest.mark.parametrize(("last", "words"), [(2024, "進行中"), (2023, "「達成」の取組なし")])
def test_nothing_of_a_term_that_is_over_is_under_way(last: int, words: str) -> None:
    report = save_report([make_entry(1, rating_code="B")], slug="2021", about={"last_fiscal_year": last})
    assert report.fiscal_year == 2023
    successor()
    own = read(f"{OLD}closing/").all("section", "term-counted")[0].all("ul", "figures")[1]
    assert f"公約：{words} 1件" in own.texts("li")


def test_the_closing_page_says_what_each_pledge_came_to() -> None:
    entries = list(closed_term().entries.order_by("position"))
    successor(e1=former("1-1-1"), e2=former("1-1-1"), e3=former("2-1-3"))
    section = read(f"{OLD}closing/").section("pledges")
    shown = {
        each.one("p", "entry-pledge").links[0]: [
            own.text for own in each.one("ul", "closed-initiatives").all("li")
        ]
        for each in section.all("li")
        if each.all("p", "entry-pledge")
    }
    names = {step["code"]: f"{step['code']} {step['label']}" for step in RATINGS} | {"": "評価なし"}
    expected: dict[str, list[str]] = {}
    for entry in entries:
        ended = " 令和4年度で終了" if entry.ended_after else ""
        carried = " 令和5年3月末時点のまま（承認前）" if entry.carried_from else ""
        told = f"取組{entry.initiative_position} {names[entry.rating_code]}{ended}{carried}"
        expected.setdefault(f"{OLD}pledges/{entry.pledge_key}/", []).append(told)
    assert {key: [_plain(text) for text in own] for key, own in shown.items()} == {
        key: [_plain(text) for text in own] for key, own in expected.items()
    }


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_closing_page_lists_what_is_carried_on() -> None:
    closed_term()
    successor(e1=former("1-1-1"), e2=former("1-1-1"), e3=former("2-1-3"))
    section = read(f"{OLD}closing/").section("carried-on")
    assert section.one("h2").text == "次の任期で引き継ぐ公約2件"
    assert section.links == [
        *(f"{OLD}pledges/1-1-1/", f"{NEW}pledges/1-1-1/", f"{NEW}pledges/1-1-2/"),
        *(f"{OLD}pledges/2-1-3/", f"{NEW}pledges/1-1-3/"),
    ]


def test_a_closing_page_without_continued_pledges_says_so() -> None:
    closed_term()
    successor()
    assert "引き継ぐとされた公約はありません" in read(f"{OLD}closing/").section("carried-on").text


def test_the_closing_page_names_the_term_its_last_report_and_its_years() -> None:
    report = closed_term()
    copy_report(report, as_of=date(2025, 3, 31), title="前の約束（令和7年3月末時点）", edition=1)
    copy_report(report, as_of=date(2025, 3, 31), title="前の約束（令和7年3月末時点）", edition=2)
    successor()
    page = read(f"{OLD}closing/")
    assert page.one("p", "term-name").text == "前の約束（2021）"
    last, years, later = page.one("dl", "facts").all("dd")
    assert last.links == [f"{OLD}reports/2025-03-31/editions/2/"]
    assert _plain(last.text) == "令和7年3月末時点（第2版）令和7年5月10日公表"
    assert (years.text, later.links) == ("令和4年度まで、令和5年度", [NEW])


@pytest.mark.parametrize("count", [20, 400])
def test_as_many_statements_whatever_the_size(count: int) -> None:
    save_report([make_entry(n) for n in range(1, count + 1)], slug="2021")
    links = {f"e{n}": former(f"1-1-{n}") for n in range(1, 21)}
    save_report(carrying(count, **links), slug="2025", as_of=date(2026, 3, 31))
    pages = (OLD, f"{OLD}closing/", f"{OLD}pledges/1-1-1/", f"{NEW}pledges/1-1-1/")
    assert statements(*pages) == [3, 7, 6, 5]

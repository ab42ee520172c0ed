"""Two terms as the public sees them: what carries on what, and which term a page is of.

Not in tests/public, whose published demo has the address of the workspace that is made here.
"""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from tests.across_terms import CARRIED_ON, CARRIES_ON, NEW, OLD, across, html, read, status
from tests.half_years import approve, problems, publish, rows_of
from tests.next_term import NextTerm, make_next_term, publish_last_year
from tests.public.building import copy_report
from tests.public.markup import parse
from tests.repeating import once
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.cycle import catalogue
from tracker.models import Category, Pledge, Report, ReportEntry

pytestmark = pytest.mark.django_db

OLD_NAME, NEW_NAME = "市長マニフェスト（2021）", "新しい約束（2025）"
LISTED = (
    *("", "pledges/", "pledges/1-1-1/", "departments/", "sdgs/", "plans/", "ratings/", "changes/", "data/"),
)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test meets a cold cache."""
    cache.clear()


@pytest.fixture
def term(space: Workspace) -> NextTerm:
    """The old term's last report is out; the new one has begun."""
    return once(_publish_and_begin, space)


def _publish_and_begin(space: Workspace) -> NextTerm:
    publish_last_year(space)
    return make_next_term(space)


LINK = re.compile(r'href="(/[^"#?]*)')


def frozen_bytes(base: str) -> dict[str, bytes]:
    """Every dated and edition page of a term, and its data files, by following links."""
    client, found, todo = Client(), dict[str, bytes](), [f"{base}reports/", f"{base}data/"]
    frozen = re.compile(rf"{base}(reports/.|data/[0-9])")
    while todo:
        if (path := todo.pop()) in found:
            continue
        answer = client.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.content
        if answer.headers["Content-Type"].startswith("text/html"):
            todo += [link for link in LINK.findall(answer.content.decode()) if frozen.match(link)]
    return {path: content for path, content in found.items() if frozen.match(path)}


def test_no_byte_of_the_old_terms_dated_pages_and_files_changes(term: NextTerm) -> None:
    before = frozen_bytes(OLD)
    assert len([path for path in before if path.startswith(f"{OLD}reports/")]) > 40
    assert len([path for path in before if path.startswith(f"{OLD}data/")]) > 100
    term.publish()
    after = frozen_bytes(OLD)
    assert [path for path in before if after[path] != before[path]] == []
    assert before.keys() == after.keys()
    assert problems() == []


def test_a_term_that_is_alone_says_nothing_of_terms(term: NextTerm) -> None:
    for path in LISTED:
        page = html(OLD + path)
        assert (OLD_NAME in page, "任期" in page) == (False, False), path
    assert status(f"{OLD}closing/") == 404


def test_the_newer_pledge_names_the_former_one_and_leads_there(term: NextTerm) -> None:
    term.publish()
    said = f"{CARRIES_ON}{OLD_NAME}：①駅を直します"
    for scope in (NEW, f"{NEW}reports/2026-03-31/", f"{NEW}reports/2026-03-31/editions/1/"):
        assert across(f"{scope}pledges/1-1-1/") == [(said, [f"{OLD}pledges/1-1-1/"])]
        assert across(f"{scope}pledges/1-1-2/") == []


def test_the_older_pledge_names_all_that_carry_it_on_on_its_latest_page_only(term: NextTerm) -> None:
    assert across(f"{OLD}pledges/1-1-1/") == []
    term.publish()
    assert across(f"{OLD}pledges/1-1-1/") == [
        (f"{CARRIED_ON}{NEW_NAME}：①駅の南口を直します", [f"{NEW}pledges/1-1-1/"]),
        (f"{CARRIED_ON}{NEW_NAME}：③駅前を直します", [f"{NEW}pledges/1-1-3/"]),
    ]
    assert across(f"{OLD}reports/2025-03-31/pledges/1-1-1/") == []
    assert across(f"{OLD}reports/2025-03-31/editions/1/pledges/1-1-1/") == []


def test_both_sides_find_each_other_after_the_old_pledge_has_moved(term: NextTerm) -> None:
    """The newer report has its old place for ever; the old term is corrected under the new one."""
    term.publish()
    old = Report.objects.of("2021").latest("as_of")

    def moved(entries: list[ReportEntry]) -> list[ReportEntry]:
        for entry in entries:
            entry.pledge_key, entry.former_pledge_keys = "1-2-1", ["1-1-1"]
            entry.key = f"1-2-1-{entry.initiative_position}"
        return entries

    copy_report(old, as_of=old.as_of, edition=2, change=moved)
    ((_said, (link,)),) = across(f"{NEW}pledges/1-1-1/")
    answer = Client().get(link, follow=True)
    assert (answer.redirect_chain, answer.status_code) == ([(f"{OLD}pledges/1-2-1/", 301)], 200)
    assert [links for _said, links in across(f"{OLD}pledges/1-2-1/")] == [
        [f"{NEW}pledges/1-1-1/"],
        [f"{NEW}pledges/1-1-3/"],
    ]


def test_a_pledge_that_has_moved_since_the_last_report_leads_somewhere(term: NextTerm) -> None:
    former = term.pledges[0].continues
    assert former is not None
    section = Category.objects.create(
        manifesto=term.former.manifesto, parent=former.section.parent, number=2, name="公園"
    )
    words = {"number_label": "①", "by": term.former.cast.planner, "reason": "移す"}
    catalogue.move(former, section=section, position=1, **words)
    term.publish()
    ((_said, (link,)),) = across(f"{NEW}pledges/1-1-1/")
    assert (link, status(link)) == (f"{OLD}pledges/1-1-1/", 200)


def test_the_preview_shows_the_former_pledge_and_ends_no_term(term: NextTerm) -> None:
    client = logged_in(term.former.cast.planner)
    draft = f"/staff/rounds/{term.round.pk}/preview/"
    for row in rows_of(term.round):
        approve(
            term.former, row, rating_id=term.manifesto.ratings.get(code="A").pk, is_unrated=False,
            rating_reason="初めての評価",
        )  # fmt: skip
    (said,) = parse(html(f"{draft}pledges/1-1-1/", client)).all("p", "across-terms")
    assert (said.text.startswith(CARRIES_ON), said.links) == (True, [f"{OLD}pledges/1-1-1/"])
    assert parse(html(draft, client)).section("others").links == [OLD]
    assert (status(f"{OLD}closing/"), client.get(f"{draft}closing/").status_code) == (404, 404)


def test_the_preview_of_a_correction_of_the_old_term_has_its_closing_page(term: NextTerm) -> None:
    term.publish()
    client = logged_in(term.former.cast.planner)
    draft = f"/staff/rounds/{term.former.round.pk}/preview/"
    page = parse(html(f"{draft}closing/", client))
    assert page.one("h1").text == "任期のまとめ"
    assert f"{NEW}pledges/1-1-1/" in page.section("carried-on").links
    assert CARRIED_ON in html(f"{draft}pledges/1-1-1/", client)


def test_every_link_of_the_closing_page_leads_somewhere(term: NextTerm) -> None:
    term.publish()
    links = {link.partition("#")[0].partition("?")[0] for link in read(f"{OLD}closing/").links}
    assert {link: status(link) for link in links if link.startswith("/")} == {
        link: 200 for link in links if link.startswith("/")
    }


@pytest.mark.parametrize("address", [OLD, f"{OLD}reports/", f"{OLD}pledges/1-1-1/", NEW, f"{NEW}reports/"])
def test_the_closing_page_is_linked(term: NextTerm, address: str) -> None:
    term.publish()
    assert f"{OLD}closing/" in read(address).links


def test_a_term_says_on_its_latest_pages_only_that_the_next_has_begun(term: NextTerm) -> None:
    term.publish()
    for path in LISTED:
        (notice,) = read(OLD + path).all("p", "notice-older")
        closing = [f"{OLD}closing/"] if path else []  # the overview has it among its facts
        assert notice.links == [*closing, NEW], path
        assert read(NEW + path).all("p", "notice-older") == [], path
    assert read(f"{OLD}reports/2025-03-31/").all("p", "notice-older") == []


def test_every_page_names_its_term_where_there_are_two(term: NextTerm) -> None:
    term.publish()
    for base, name in ((OLD, OLD_NAME), (NEW, NEW_NAME)):
        for path in (*LISTED, "reports/", *(["closing/"] if base == OLD else [])):
            page = read(base + path)
            assert f"｜{name}｜" in page.one("title").text, (base, path)
            where = page.one("p", "term-name") if path == "" else page.one("nav", "breadcrumb")
            assert name in where.text, (base, path)
        catalogue_of_data = Client().get(f"{base}data/catalog.jsonld").json()
        assert name[-6:] in catalogue_of_data["dct:title"]["@value"]
        assert name[-6:] in read(f"{base}feed.atom").texts("title")[0]
    titles = [read(base + path).one("title").text for base in (OLD, NEW) for path in LISTED]
    assert len(set(titles)) == len(titles)


def test_a_dated_page_names_its_term_if_another_one_was_there_before(term: NextTerm) -> None:
    term.publish()
    assert NEW_NAME in read(f"{NEW}reports/2026-03-31/pledges/").one("title").text
    assert OLD_NAME not in html(f"{OLD}reports/2025-03-31/pledges/")


def test_the_home_page_is_the_newest_terms_whatever_is_corrected(term: NextTerm) -> None:
    term.publish()
    old = Report.objects.of("2021").latest("as_of")
    copy_report(old, as_of=date(2026, 5, 31), title="前の任期の最後")
    assert read("/").one("p", "term-name").text == NEW_NAME


def test_a_first_report_that_lacks_pledges_does_not_call_them_all_that_was_promised(term: NextTerm) -> None:
    row = rows_of(term.round)[0]
    rating = term.manifesto.ratings.get(code="C").pk
    approve(term.former, row, rating_id=rating, is_unrated=False, rating_reason="初めての評価")
    publish(term.round, unapproved_reason="調整中")
    lead = "市民のみなさんに約束した公約のうち 1の公約を、"
    assert lead in read(NEW).text
    assert "約束した公約のうち" not in read(OLD).text


def test_a_long_pledge_is_told_whole_on_its_own_page_only(term: NextTerm) -> None:
    text = "駅前を直します。" * 75
    Pledge.objects.filter(pk=term.pledges[0].pk).update(text=text)
    term.publish()
    page = read(f"{NEW}pledges/1-1-1/")
    assert (page.one("h1").text, page.one("h1").attributes["class"]) == (f"①{text}", "is-long")
    [(told, _links)] = [each for each in across(f"{OLD}pledges/1-1-1/") if "①" in each[0]]
    assert (text in told, text[:99] in told) == (False, True)

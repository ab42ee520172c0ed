"""A term that is called as the former one: each page says which is meant. Who comes back finds the way on."""

import pytest
from django.test import Client

from tests.half_years import rows_of
from tests.next_term import make_next_term
from tests.public.markup import parse
from tests.staff.people import logged_in, open_round
from tests.workspace import Workspace
from tracker.cycle import term_pledges, terms
from tracker.models import Category, Event, Manifesto, Pledge

OLD_YEARS, NEW_YEARS = "（令和3年度～）", "（令和7年度～令和10年度）"


@pytest.fixture
def browser(space: Workspace) -> Client:
    return logged_in(space.cast.planner)


@pytest.fixture
def term(space: Workspace) -> Manifesto:
    title = space.manifesto.title
    return terms.begin(title=title, first_fiscal_year=2025, last_fiscal_year=2028, by=space.cast.planner)


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return parse(answer.content.decode()).one("main").text


def links_of(browser: Client, address: str) -> list[str]:
    return parse(browser.get(address).content.decode()).one("main").links


def bring_one(space: Workspace, term: Manifesto) -> Pledge:
    former = Pledge.objects.get(section__manifesto=space.manifesto)
    brought = term_pledges.carried_on(space.manifesto, [former.pk], 2025)
    term_pledges.bring_in(term, brought, by=space.cast.planner)
    return Pledge.objects.get(section__manifesto=term)


def test_pages_of_a_term_name_the_years_of_both(browser: Client, space: Workspace, term: Manifesto) -> None:
    title, own = space.manifesto.name, f"/staff/terms/{term.pk}/"
    assert f"{title}{NEW_YEARS}：任期の準備" in text_of(browser, own)
    for address in (own, f"{own}scale/", f"{own}former/", "/staff/terms/begin/"):
        assert f"{title}{OLD_YEARS}" in text_of(browser, address).replace("に切り替える", ""), address
    assert f"「{title}{OLD_YEARS}」の区分を下に入れる" in text_of(browser, f"{own}scale/")
    assert f"「{title}{OLD_YEARS}」の区分を入れました" in text_of(browser, f"{own}scale/?like=2021")
    assert f"「{title}{OLD_YEARS}」の公約から" in text_of(browser, f"{own}former/")
    assert f"「{title}{NEW_YEARS}」の開始を、まるごと" in text_of(browser, f"{own}take-back/")
    form = {"reason": "まちがい", "seen": terms.contents_of(term).digest}
    after = browser.post(f"{own}take-back/", form, follow=True).content.decode()
    assert f"「{title}{NEW_YEARS}」の開始を取り消しました" in after


def test_the_history_names_the_years_of_terms_with_one_title(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    began = Event.objects.get(content__act=terms.BEGUN)
    assert f"{term.name}{NEW_YEARS}" in text_of(browser, f"/staff/tracker/event/{began.pk}/change/")
    terms.change(term, title="別の約束", first_fiscal_year=2025, last_fiscal_year=2028, by=space.cast.planner)
    assert term.name in text_of(browser, f"/staff/tracker/event/{began.pk}/change/")


def test_home_leads_back_to_a_term_in_preparation(browser: Client, space: Workspace, term: Manifesto) -> None:
    own = f"/staff/terms/{term.pk}/"
    assert own in links_of(browser, "/staff/")  # the former term's round is open
    asked = "/staff/?manifesto=2025"
    assert "まだ準備中です" in text_of(browser, asked)
    assert "/staff/rounds/open/?manifesto=2025" not in links_of(browser, asked)
    assert own in links_of(browser, asked)
    assert "/staff/rounds/open/?manifesto=2025" not in links_of(browser, "/staff/rounds/")
    assert own in links_of(browser, "/staff/terms/begin/")
    bring_one(space, term)
    open_round(term, space.cast.planner, 2025)
    assert [own in links_of(browser, each) for each in ("/staff/", "/staff/terms/begin/")] == [False, True]
    assert "準備中の任期" not in text_of(browser, "/staff/terms/begin/")


def test_pledges_of_a_term_in_preparation_lead_there_and_back(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    own, listed = f"/staff/terms/{term.pk}/", "/staff/pledges/?manifesto=2025"
    assert listed not in links_of(browser, own)
    pledge = bring_one(space, term)
    assert listed in links_of(browser, own)
    assert "任期の準備へ戻る" in text_of(browser, listed)
    assert "任期の準備へ戻る" in text_of(browser, f"/staff/pledges/{pledge.pk}/")
    open_round(term, space.cast.planner, 2025)
    assert "任期の準備へ戻る" not in text_of(browser, f"/staff/pledges/{pledge.pk}/")


def test_years_that_the_former_terms_rounds_have_reached_are_told(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """Its last year is not written down, as it is after an import."""
    own, last = f"/staff/terms/{term.pk}/", space.round.fiscal_year
    assert (space.manifesto.last_fiscal_year, "まで続いています" in text_of(browser, own)) == (None, False)
    terms.change(term, title=term.title, first_fiscal_year=last, last_fiscal_year=2028, by=space.cast.planner)
    assert "まで続いています" in text_of(browser, own)


def test_a_terms_changes_begin_with_its_beginning(browser: Client, space: Workspace, term: Manifesto) -> None:
    terms.take_back(term, by=space.cast.planner, reason="年度", seen=terms.contents_of(term).digest)
    again = terms.begin(
        title="もう一度", first_fiscal_year=2025, last_fiscal_year=None, by=space.cast.planner
    )
    shown = browser.get(f"/staff/terms/{again.pk}/").context["events"]
    assert [event.content["act"] for event, _told in shown] == [terms.BEGUN]


def test_who_writes_and_who_reviews_reads_what_a_pledge_carries_on(space: Workspace) -> None:
    new = make_next_term(space)
    row, other = rows_of(new.round)[:2]
    words = "前の任期の公約を引き継いでいます。"
    browser = logged_in(space.cast.planner)
    pages = [f"/staff/actions/{row.pk}/", f"/staff/actions/{row.pk}/review/"]
    public = "/2021/pledges/1-1-1/"
    for address in pages:
        assert words in text_of(browser, address)
        assert public in links_of(browser, address)
    assert words not in text_of(browser, f"/staff/actions/{other.pk}/")


def test_a_long_pledge_is_cut_where_it_is_told_as_done(space: Workspace, browser: Client) -> None:
    section = Category.objects.get(manifesto=space.manifesto, parent__isnull=False)
    fields = {"section": section.pk, "text": "約束" * 300, "reason": "新しい", "parts": "1"}
    fields["first_fiscal_year"] = 2024
    checked = browser.post("/staff/pledges/add/?manifesto=2021", {**fields, "act": "check"})
    expected = checked.context["happening"].digest
    done = browser.post(
        "/staff/pledges/add/?manifesto=2021", {**fields, "act": "do", "expected": expected}, follow=True
    )
    told = [str(each) for each in done.context["messages"]]
    assert [("約束" * 29 in each, "約束" * 31 in each) for each in told] == [(True, False)]


def test_a_pledges_page_leads_to_the_other_terms_side(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    new = bring_one(space, term)
    old = Pledge.objects.get(section__manifesto=space.manifesto)
    for here, there, words in (
        (new, old, "引継ぎ元 公約 1-1-1（令和3年度からの任期）"),
        (old, new, "引継ぎ先 公約 1-1-1（令和7年度からの任期）"),
    ):
        assert words in text_of(browser, f"/staff/pledges/{here.pk}/")
        assert f"/staff/pledges/{there.pk}/" in links_of(browser, f"/staff/pledges/{here.pk}/")

"""The pages of a pledge in mid-term: fields, what will happen by name, and the act."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.half_years import SECOND, make_first_half, open_half
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.cycle import catalogue, rounds
from tracker.models import Category, Event, Initiative, InitiativeContinuation, Pledge, Report
from tracker.public.changes import BARE_BEGUN, BARE_ENDED, BARE_GONE, BARE_NEW
from tracker.reports import drafting, publishing

WHY = "議会での説明に合わせるため"
EXPECTED = re.compile(r'name="expected" value="([0-9a-f]{64})"')


def pledge_of(space: Workspace) -> Pledge:
    return Pledge.objects.get(section__manifesto=space.manifesto, position=1, section__number=1)


def other_section(space: Workspace) -> Category:
    field = Category.objects.get(manifesto=space.manifesto, parent=None)
    return Category.objects.create(manifesto=space.manifesto, parent=field, number=2, name="公園")


def address(space: Workspace, act: str) -> str:
    if act == "add":
        return "/staff/pledges/add/?manifesto=2021"
    if act == "split":
        return f"/staff/initiatives/{space.row(3).initiative_id}/split/"
    return f"/staff/pledges/{pledge_of(space).pk}/{act}/"


def fields(space: Workspace, act: str) -> dict[str, Any]:
    """What a person writes into the form of an act."""
    parts = {"parts": 1, "part-1-departments": ["土木課"]}
    return {
        "reason": WHY,
        **{
            "add": {
                "section": pledge_of(space).section_id, "text": "公園を増やします", "number_label": "②",
                "first_fiscal_year": 2024, "adds_rows": "on", **parts,
            },
            "initiatives": {"first_fiscal_year": 2024, **parts},
            "correct": {
                "text": "駅前を直します", "number_label": "①", "section_name": "道路",
                "category_name": "まち",
            },
            "end": {"last_fiscal_year": 2023},
            "move": {"section": other_section(space).pk if act == "move" else 0, "number_label": "③"},
            "split": {
                "goes_on": "", "last_fiscal_year": 2023, "adds_rows": "on",
                "part-1-departments": ["土木課"], "part-2-departments": ["農政課"], "part-2-goals": [11],
            },
        }[act],
    }  # fmt: skip


ACTS = ("add", "initiatives", "correct", "end", "move", "split")


def checked(browser: Client, path: str, values: dict[str, Any]) -> tuple[str, str]:
    """The page of what will happen, and what it stands for."""
    page = browser.post(path, {**values, "act": "check"})
    source = page.content.decode()
    found = EXPECTED.search(source)
    assert (page.status_code, bool(found)) == (200, True), source
    assert found
    return source, found[1]


def done(browser: Client, path: str, values: dict[str, Any]) -> Any:
    _source, expected = checked(browser, path, values)
    return browser.post(path, {**values, "act": "do", "expected": expected})


@pytest.mark.parametrize("act", ACTS)
def test_it_tells_what_will_happen_and_then_does_it(space: Workspace, act: str) -> None:
    browser, path, values = logged_in(space.cast.planner), address(space, act), fields(space, act)
    assert browser.get(path).status_code == 200
    count = Event.objects.count()
    source, expected = checked(browser, path, values)
    assert Event.objects.count() == count
    assert (WHY in source, "すでに公表した 1 版は変わりません" in source) == (True, True)
    answer = browser.post(path, {**values, "act": "do", "expected": expected})
    assert answer.status_code == 302
    page = browser.get(answer.url).content.decode()
    assert WHY in page
    catalogue_events = Event.objects.filter(number__gt=count, kind="catalogue")
    assert catalogue_events.count() == 1


def test_a_pledge_in_the_is_another_is_asked_about_once(space: Workspace) -> None:
    browser, path, values = logged_in(space.cast.planner), address(space, "add"), fields(space, "add")
    done(browser, path, values)
    page = browser.post(path, {**values, "act": "check"})
    told = "同じ文の公約が 1-1-2（1. まち ＞ (1) 道路）にあります。"
    assert (page.status_code, told in page.content.decode()) == (422, True)
    assert done(browser, path, {**values, "is_another": "on"}).status_code == 302
    assert Pledge.objects.filter(text=values["text"]).count() == 2


@pytest.mark.parametrize("act", ACTS)
def test_back_to_the_form_keeps_what_was_typed(space: Workspace, act: str) -> None:
    browser, path, values = logged_in(space.cast.planner), address(space, act), fields(space, act)
    page = browser.post(path, {**values, "act": "edit"})
    source = page.content.decode()
    assert (page.status_code, f"{WHY}</textarea>" in source, "field-error" in source) == (200, True, False)
    assert all(str(name) in source for name in values.get("part-1-departments", []))


@pytest.mark.parametrize("act", ACTS)
def test_without_a_reason_nothing_happens(space: Workspace, act: str) -> None:
    browser, path = logged_in(space.cast.planner), address(space, act)
    values = {**fields(space, act), "reason": "　"}
    page = browser.post(path, {**values, "act": "check"})
    assert (page.status_code, "理由を書いてください" in page.content.decode()) == (422, True)


def test_what_has_changed_meanwhile_is_shown_anew(space: Workspace) -> None:
    browser, path, values = logged_in(space.cast.planner), address(space, "correct"), fields(space, "correct")
    _source, expected = checked(browser, path, values)
    names = {"number_label": "①", "section_name": "道路", "category_name": "まち"}
    catalogue.correct(
        pledge_of(space), text="停車場を直します", by=space.cast.second_planner, reason="古い名前", **names
    )
    answer = browser.post(path, {**values, "act": "do", "expected": expected})
    source = answer.content.decode()
    assert answer.status_code == 409
    assert pledge_of(space).text == "停車場を直します"
    told = "確かめたあとに、ほかの人が変えたため", "停車場", "古い名前", space.cast.second_planner.signature
    assert [words for words in told if words not in source] == []
    again = EXPECTED.search(source)
    assert again
    assert browser.post(path, {**values, "act": "do", "expected": again[1]}).status_code == 302
    assert pledge_of(space).text == "駅前を直します"


def test_two_that_split_the_same_one(space: Workspace) -> None:
    browser, path, values = logged_in(space.cast.planner), address(space, "split"), fields(space, "split")
    _source, expected = checked(browser, path, values)
    assert done(logged_in(space.cast.second_planner), path, values).status_code == 302
    answer = browser.post(path, {**values, "act": "do", "expected": expected})
    source = answer.content.decode()
    assert (answer.status_code, "この取組は 令和5年度 で終わっています" in source) == (409, True)
    assert WHY in source  # what was typed is there for copying
    assert InitiativeContinuation.objects.count() == 2


def test_a_changed_promise_goes_from_the_page_of_typos_to_a_new_pledge(space: Workspace) -> None:
    browser, pledge = logged_in(space.cast.planner), pledge_of(space)
    page = browser.get(address(space, "correct")).content.decode()
    following = f"/staff/pledges/add/?manifesto=2021&continues={pledge.pk}"
    assert f'formaction="{following.replace("&", "&amp;")}"' in page
    typed = {**fields(space, "correct"), "text": "駅を 3 つ直します", "act": "begin"}
    source = browser.post(following, typed).content.decode()
    assert ("駅を 3 つ直します</textarea>" in source, f"{WHY}</textarea>" in source) == (True, True)
    assert f'<option value="{pledge.pk}" selected>' in source
    values = {
        **fields(space, "add"), "text": "駅を 3 つ直します", "continued": pledge.pk, "ends_continued": "on"
    }  # fmt: skip
    source, _expected = checked(browser, following, values)
    assert source.count("令和5年度まで）") == 4
    assert done(browser, following, values).status_code == 302
    new = Pledge.objects.get(text="駅を 3 つ直します")
    assert set(new.initiatives.get().continues.values_list("predecessor__pledge", flat=True)) == {pledge.pk}


def test_one_more_initiative_keeps_what_was_typed(space: Workspace) -> None:
    browser, path = logged_in(space.cast.planner), address(space, "add")
    page = browser.post(path, {**fields(space, "add"), "act": "more"})
    source = page.content.decode()
    assert (page.status_code, len(page.context["parts"]), "field-error" in source) == (200, 2, False)
    assert 'value="土木課"' in source
    crowded = browser.post(path, {**fields(space, "add"), "parts": "99", "act": "more"})
    assert len(crowded.context["parts"]) == 10


def test_a_typed_row_refuses_an_end_in_words(space: Workspace) -> None:
    fill(space.row(2), space.cast.other)
    browser, path = logged_in(space.cast.planner), address(space, "end")
    answer = browser.post(path, {**fields(space, "end"), "act": "check"})
    assert (answer.status_code, "取組 1-1-1-2：" in answer.content.decode()) == (422, True)


def test_a_move_is_refused_during_a_correction(space: Workspace) -> None:
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    answer = logged_in(space.cast.planner).post(
        address(space, "move"), {**fields(space, "move"), "act": "check"}
    )
    assert (answer.status_code, "訂正を終えてから移してください" in answer.content.decode()) == (409, True)


def test_a_move_is_seen_in_the_preview_at_once(space: Workspace) -> None:
    browser = logged_in(space.cast.planner)
    assert done(browser, address(space, "move"), fields(space, "move")).status_code == 302
    below = f"/staff/rounds/{space.round.pk}/preview/pledges"
    old = browser.get(f"{below}/1-1-1/")
    assert (old.status_code, old.url) == (301, f"{below}/1-2-1/")
    assert "（以前" not in browser.get("/2021/pledges/1-1-1/").content.decode()
    assert "1-1-1 から 1-2-1 に移りました" in browser.get(f"{below}/1-2-1/").content.decode()
    page = browser.get(f"/staff/pledges/{pledge_of_moved().pk}/").content.decode()
    assert f'href="{below}/1-2-1/"' in page


def pledge_of_moved() -> Pledge:
    return Pledge.objects.get(former_places__place="1-1-1")


def test_reports_before_and_after_a_move_lead_to_each_other(space: Workspace) -> None:
    browser = logged_in(space.cast.planner)
    done(browser, address(space, "move"), fields(space, "move"))
    publishing.publish(space.round, by="企画", unapproved_reason="間に合わないため")
    latest = browser.get("/2021/pledges/1-1-1/")
    assert (latest.status_code, latest.url) == (301, "/2021/pledges/1-2-1/")
    assert latest.headers["Cache-Control"] == "public, no-cache"
    page = browser.get("/2021/pledges/1-2-1/").content.decode()
    assert page.count('<a href="/2021/reports/2024-03-31/editions/1/pledges/1-1-1/">') == 1  # the history
    old = "/2021/reports/2024-03-31/pledges"
    assert browser.get(f"{old}/1-1-1/").status_code == 200
    assert browser.get(f"{old}/1-2-1/").url == f"{old}/1-1-1/"  # type: ignore[attr-defined]
    assert browser.get(f"{old}/1-3-1/").status_code == 404
    changes = browser.get("/2021/changes/").content.decode()
    assert ("ほかの分野・項目に移した公約の取組" in changes, "新しい取組</h3>" in changes) == (True, False)
    feed = browser.get("/2021/feed.atom").content.decode()
    assert feed.count("：1. まち　(1) 道路 → 1. まち　(2) 公園") == 4
    assert Report.objects.count() == 2


def a_bare_pledge(space: Workspace) -> Pledge:
    """One without an initiative, that the report of the first half tells; the second half runs."""
    river = Pledge.objects.create(section=pledge_of(space).section, position=2, text="川を守ります")
    publishing.publish(make_first_half(space), by="企画", unapproved_reason="間に合わないため")
    open_half(space)
    return river


def test_a_pledge_without_an_initiative_leaves_its_place_as_others_do(space: Workspace) -> None:
    river, browser = a_bare_pledge(space), logged_in(space.cast.planner)
    path = reverse("staff-pledge-move", args=[river.pk])
    values = fields(space, "move")
    source, _expected = checked(browser, path, values)
    assert ("はまだ公表していないので" in source, "/2021/pledges/1-1-2/ を開いた人は" in source) == (
        False,
        True,
    )
    assert done(browser, path, values).status_code == 302
    second = space.manifesto.rounds.get(name=SECOND)
    publishing.publish(second, by="企画", unapproved_reason="間に合わないため")
    old = "/2021/reports/2024-09-30/pledges"
    assert browser.get("/2021/pledges/1-1-2/")["Location"] == "/2021/pledges/1-2-1/"
    assert browser.get(f"{old}/1-2-1/")["Location"] == f"{old}/1-1-2/"
    changes = browser.get("/2021/changes/").content.decode()
    assert [words in changes for words in (BARE_NEW, BARE_GONE, BARE_BEGUN)] == [False, False, False]


def test_a_pledge_without_an_initiative_is_told_what_can_be_done(space: Workspace) -> None:
    river, browser = a_bare_pledge(space), logged_in(space.cast.planner)
    pages = {
        act: browser.get(reverse(f"staff-pledge{act}", args=[river.pk])).content.decode()
        for act in ("", "-end", "-correct")
    }
    assert "取組が始まらないまま、この公約を終わったものとします。" in pages["-end"]
    assert "次の公表から公約が載ります" not in pages[""]
    assert "「取組はまだありません」と載ったままになります" in pages["-correct"]
    following = f"/staff/pledges/add/?manifesto=2021&continues={river.pk}"
    begun = browser.post(following, {"text": "川を直します", "act": "begin"})
    assert begun.context["form"]["continued"].value() is None
    values = {**fields(space, "add"), "text": "川を直します"}
    refused = browser.post(following, {**values, "continued": river.pk, "act": "check"}).content.decode()
    assert "この公約には、まだ取組がないので" in refused
    assert done(browser, following, values).status_code == 302


def test_a_pledge_without_an_initiative_ends_and_begins_again_with_one(space: Workspace) -> None:
    river, browser = a_bare_pledge(space), logged_in(space.cast.planner)
    here, path, begin = (
        reverse(f"staff-pledge{act}", args=[river.pk]) for act in ("", "-end", "-initiatives")
    )
    assert path in browser.get(here).content.decode()
    early = browser.post(path, {"last_fiscal_year": 2020, "reason": WHY, "act": "check"})
    assert early.status_code == 422
    source, _expected = checked(browser, path, {"last_fiscal_year": 2023, "reason": WHY})
    assert "令和5年度" in source
    assert done(browser, path, {"last_fiscal_year": 2023, "reason": WHY}).status_code == 302
    page = browser.get(here).content.decode()
    assert ("取組のないまま、令和5年度で終わった公約です。" in page, path in page, WHY in page) == (
        True,
        False,
        True,
    )
    assert "取組のないまま 令和5年度 で終わっています。" in browser.get(path).content.decode()
    second = space.manifesto.rounds.get(name=SECOND)
    (told,) = drafting.draft(second).report.bare_pledges
    assert told["ended_after"] == 2023
    publishing.publish(second, by="企画", unapproved_reason="間に合わないため")
    assert BARE_ENDED in browser.get("/2021/changes/").content.decode()
    values = {**fields(space, "initiatives"), "first_fiscal_year": 2025}
    assert done(browser, begin, values).status_code == 302
    river.refresh_from_db()
    assert river.last_fiscal_year is None
    told_events = [event.content["changes"] for event in Event.objects.filter(subject=f"pledge:{river.pk}")]
    assert told_events == [{"最後の年度": [None, 2023]}, {"最後の年度": [2023, None]}]


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("", 1),
        ("1-1-1", 1),
        ("1-1-1-3", 1),
        ("駅", 1),
        ("土木課", 1),
        ("ひろば", 1),
        ("駅 ひろば", 1),
        ("空港", 0),
    ],
)
def test_pledges_are_found_by_place_words_department_and_an_initiative_s_name(
    space: Workspace, words: str, places: int
) -> None:
    Initiative.objects.filter(pk=space.row(2).initiative_id).update(name="ヒロバの整備")
    page = logged_in(space.cast.planner).get("/staff/pledges/", {"q": words})
    assert (page.status_code, page.context["count"]) == (200, places)


def test_a_moved_pledge_is_found_by_its_former_place(space: Workspace) -> None:
    browser = logged_in(space.cast.planner)
    done(browser, address(space, "move"), fields(space, "move"))
    assert "1-2-1　③駅を直します" in browser.get("/staff/pledges/", {"q": "1-1-1"}).content.decode()


def test_the_master_data_lead_there(space: Workspace) -> None:
    initiative, pledge = space.row().initiative, pledge_of(space)
    link = f'href="/staff/pledges/{pledge.pk}/"'
    paths = (
        f"/staff/tracker/pledge/{pledge.pk}/change/",
        f"/staff/tracker/initiative/{initiative.pk}/change/",
    )
    for path in paths:
        assert link in logged_in(space.cast.planner).get(path).content.decode()
        assert link not in logged_in(space.cast.administrator).get(path).content.decode()
    for path in ("/staff/rounds/", f"/staff/rounds/{space.round.pk}/"):
        assert 'href="/staff/pledges/"' in logged_in(space.cast.planner).get(path).content.decode()


def test_a_moved_place_stays_closed_in_master_data(space: Workspace) -> None:
    browser = logged_in(space.cast.planner)
    home = pledge_of(space).section
    done(browser, address(space, "move"), fields(space, "move"))
    form = {"section": home.pk, "position": 1, "number_label": "", "text": "別の公約"}
    form |= {f"initiatives-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    page = browser.post("/staff/tracker/pledge/add/", form)
    assert "1-1-1 は、別の公約が公表されていた番号です" in page.content.decode()


def test_the_pages_ask_as_often_for_many_as_for_one(space: Workspace) -> None:
    browser, pledge = logged_in(space.cast.planner), pledge_of(space)
    paths = ("/staff/pledges/", f"/staff/pledges/{pledge.pk}/")
    for path in paths:
        browser.get(path)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            browser.get(path)
        return len(found)

    before = [asked(path) for path in paths]
    for number in range(10):
        Initiative.objects.create(pledge=pledge, position=50 + number, first_fiscal_year=2024)
        Pledge.objects.create(section=pledge.section, position=50 + number, text=f"公約{number}")
    assert [asked(path) for path in paths] == before

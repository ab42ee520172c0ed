"""Thirty searches as citizens type them, with the answers that they look for."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.public.building import copy_report, make_entry, save_report
from tests.public.conftest import Site, all_keys_of
from tests.public.markup import Element
from tracker.models import Report, ReportEntry, Synonym
from tracker.words.folding import fold_for_search

FORMER = "企画政策課"  # what 企画調整課 was called in the report before
LIST = "/2021/pledges/"


@pytest.fixture(scope="module", autouse=True)
def earlier(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        for entry in entries:
            entry.departments = [
                {**each, "name": FORMER if each["code"] == "002" else each["name"]}
                for each in entry.departments
            ]
        return entries

    with django_db_blocker.unblock(), transaction.atomic():
        copy_report(demo, as_of=date(2023, 3, 31), change=change)
        yield
        transaction.set_rollback(True)


def leads_of(page: Element) -> list[tuple[str, str]]:
    return [(each.text, each.links[0]) for nav in page.all("nav", "leads") for each in nav.all("li")]


def near(page: Element) -> list[tuple[str, str]]:
    return [(each.text, each.links[0]) for box in page.all("div", "empty") for each in box.all("li")]


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("防災", "防災"),
        ("ＤＸ", "DX"),
        ("サービス", "さーびす"),
        ("サービス", "ｻｰﾋﾞｽ"),
        ("障がい者", "障害者"),
        ("子供", "子ども"),
        ("ごみ", "ゴミ"),
        ("空家", "空き家"),
        ("2-2-3①", "２ー２ー３①"),
        ("防\u200b災", "防災"),
        ("高﨑", "高崎"),
        ("令和5～7", "令和5〜7"),
        ("学童クラブ", "放課後児童クラブ"),
    ],
)
def test_spellings_of_one_word_find_the_same(site: Site, demo: Report, typed: str, other: str) -> None:
    """And that is what says it: the plain text is looked through, in both spellings."""
    assert all_keys_of(site, LIST, {"q": typed}) == all_keys_of(site, LIST, {"q": other})
    said = {fold_for_search(typed), fold_for_search(other)}
    texts = dict(demo.entries.order_by("position").values_list("key", "index__search_text"))
    by_hand = [key for key, text in texts.items() if any(each in text for each in said)]
    assert set(by_hand) <= set(all_keys_of(site, LIST, {"q": typed}))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("1-1-2", "/2021/pledges/1-1-2/"),
        ("１ー１ー２", "/2021/pledges/1-1-2/"),
        ("公約1-1-2", "/2021/pledges/1-1-2/"),
        ("1-1-2-3", "/2021/pledges/1-1-2/#initiative-3"),
        ("取組 1-1-2-3", "/2021/pledges/1-1-2/#initiative-3"),
        ("総合計画2-2-3", "/2021/plans/2-2-3/"),
        ("評価なし", "/2021/pledges/?rating=none#results"),
        ("達成", "/2021/pledges/?rating=A#results"),
        ("未着手", "/2021/pledges/?rating=E#results"),
        ("Ｂ評価", "/2021/pledges/?rating=B#results"),
        ("SDGs 13", "/2021/sdgs/13/"),
        ("目標４", "/2021/sdgs/4/"),
        ("気候変動", "/2021/sdgs/13/"),
        ("企業誘致課", "/2021/departments/001/"),
        (FORMER, "/2021/departments/002/"),
        ("産業支援", "/2021/pledges/?field=1#results"),
        ("引き続き", "/2021/pledges/?text=continued#results"),
        ("変化あり", "/2021/pledges/?changed_since=2023-03-31#results"),
        ("下がった", "/2021/pledges/?changed_since=2023-03-31#results"),
    ],
)
def test_a_code_or_a_word_of_the_filters_leads_there(site: Site, typed: str, address: str) -> None:
    found = leads_of(site.page(LIST, {"q": typed}))
    assert address in [link for _words, link in found][:2], found
    path, _, rest = address.partition("?")
    assert site.get(path.partition("#")[0], rest.partition("#")[0]).status_code == 200


def test_a_place_finds_what_stands_there(site: Site) -> None:
    assert all_keys_of(site, LIST, {"q": "1-1-2-3"}) == ["1-1-2-3"]
    assert {"1-1-2-1", "1-1-2-2", "1-1-2-3"} <= set(all_keys_of(site, LIST, {"q": "1-1-2"}))
    assert all_keys_of(site, LIST, {"q": "9-9-9-9"}) == []


def test_what_is_near_is_said_once_and_begins_no_word_in_its_middle(site: Site) -> None:
    page = site.page(LIST, {"q": "評価なし"})
    assert leads_of(page)
    assert not set(leads_of(page)) & set(near(page))
    for typed, parts in (("マイナンバー", []), ("市長の給料", ["市長"]), ("LINE", []), ("LINE予約", [])):
        told = [words.partition("（")[0] for words, _link in near(site.page(LIST, {"q": typed}))]
        assert told == [f"「{part}」で探す" for part in parts], typed  # and not 「ンバー」, 「長の」, 「IN」


@pytest.mark.parametrize(
    ("query", "first"),
    [
        (
            {"q": "防災訓練車"},
            ("「防災訓練」で探す（", "/2021/pledges/?q=%E9%98%B2%E7%81%BD%E8%A8%93%E7%B7%B4#results"),
        ),
        ({"q": "防災 ドローン"}, ("「防災」だけで探す（", "/2021/pledges/?q=%E9%98%B2%E7%81%BD#results")),
        ({"q": "企画調製課"}, ("担当課：企画調整課", "/2021/departments/002/")),
        (
            {"q": "防災", "sdg": "1"},
            ("ほかの条件を外して「防災」を探す（", "/2021/pledges/?q=%E9%98%B2%E7%81%BD#results"),
        ),
    ],
)
def test_nothing_found_proposes_what_is_near(
    site: Site, query: dict[str, str], first: tuple[str, str]
) -> None:
    page = site.page(LIST, query)
    assert page.one("p", "result-count").text == "207件中 0件の取組"
    words, link = near(page)[0]
    assert (words[: len(first[0])], link) == first
    path, _, rest = link.partition("?")
    counts = [words.rpartition("（")[2].removesuffix("件）")] if "件）" in words else []
    if counts:
        told = site.page(path, rest.partition("#")[0]).one("p", "result-count").text
        assert told == f"207件中 {counts[0]}件の取組"


def test_what_is_near_to_nothing_is_not_made_up(site: Site) -> None:
    assert near(site.page(LIST, {"q": "かいごほけん"})) == []
    assert leads_of(site.page(LIST, {"q": "かいごほけん"})) == []


def test_a_spelling_that_the_planning_office_adds_counts_at_once(site: Site, db: None) -> None:
    """On pages that were kept before, too; and no longer once it is taken away."""
    save_report([make_entry(1, pledge_text="乗合タクシーを走らせます"), make_entry(2)])
    asked = "/2017/pledges/", {"q": "デマンドバス"}
    assert all_keys_of(site, *asked) == []
    added = Synonym.objects.create(spellings="デマンドバス 乗合タクシー")
    assert all_keys_of(site, *asked) == ["1-1-1-1"]
    told = "「デマンドバス」は、「乗合タクシー」の書き方でも探しました。"
    assert told in site.page(*asked).texts("p", "support")
    Synonym.objects.filter(pk=added.pk).delete()
    assert all_keys_of(site, *asked) == []


def test_hints_name_forms_of_numbers_that_are_there(site: Site, db: None) -> None:
    save_report([make_entry(1, plan_projects=[])])
    assert (
        site.page("/2017/pledges/").one("p", id="q-help").text.endswith("公約の番号（1-1-1）でも探せます。")
    )
    assert "総合計画の番号（" in site.page(LIST).one("p", id="q-help").text

"""The list's filters against a plain filter over the same entries."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from tests.public.building import copy_report, make_entry, save_report, term
from tests.public.conftest import Site, all_keys_of, entries_of, keys_of
from tests.public.markup import Element
from tests.public.recount import STATES, pledge_state
from tracker.models import Report, ReportEntry
from tracker.public.filters import QUERY_NAMES, EntryFilter
from tracker.public.pledge_parts import PledgeParts
from tracker.public.scope import Unpublished, choose, published
from tracker.words.continuations import is_only_continuation
from tracker.words.folding import fold_for_search
from tracker.words.searching import Search

QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CHANGED = {"1-1-1-1": "rating", "1-1-2-1": "text", "2-1-1-1": "department", "8-2-1-1": "new"}


@pytest.fixture(scope="module", autouse=True)
def earlier(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    """A report of the year before, from which exactly the entries of CHANGED differ."""

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        for entry in entries:
            match CHANGED.get(entry.key):
                case "rating":
                    entry.rating_code = "E" if entry.rating_code != "E" else "D"
                case "text":
                    entry.results = {**entry.results, "2022": "・前の文です。"}
                case "department":
                    entry.departments = [term("001", "企業誘致課")]
        return [entry for entry in entries if CHANGED.get(entry.key) != "new"]

    with django_db_blocker.unblock(), transaction.atomic():
        yield copy_report(demo, as_of=date(2023, 3, 31), change=change)
        transaction.set_rollback(True)


@pytest.fixture
def entries(db: None, demo: Report) -> list[ReportEntry]:
    return entries_of(demo)


def pieces(entry: ReportEntry) -> list[str]:
    """All wording that a search looks through."""
    found = [entry.category_name, entry.section_name, entry.pledge_number, entry.pledge_text]
    found += [f"{project['code']} {project['name']}" for project in entry.plan_projects]
    found += [*entry.results.values(), *entry.plans.values(), *(duty["name"] for duty in entry.departments)]
    return list(map(fold_for_search, found))


def kind(entry: ReportEntry) -> str:
    text = entry.results.get("2023", "")
    return "none" if not text else "continued" if is_only_continuation(text) else "new"


def in_state(entries: list[ReportEntry], state: str) -> set[str]:
    """The pledges whose ratings come to a state."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        rows.setdefault(entry.pledge_key, []).append(vars(entry))
    return {key for key, own in rows.items() if STATES[pledge_state(own)] == state}


def matches(entry: ReportEntry, query: dict[str, Any], entries: list[ReportEntry]) -> bool:
    """Whether an entry of all meets every condition: the filter said once more, in plain Python."""
    conditions: dict[str, Callable[[Any], bool]] = {
        "q": lambda value: all(
            any(spelling in piece for spelling in spellings for piece in pieces(entry))
            for spellings in Search.of(value).words
        ),
        "field": lambda value: str(entry.category_number) == value,
        "pledge_state": lambda value: entry.pledge_key in in_state(entries, value),
        "rating": lambda values: not values or (entry.rating_code or "none") in values,
        "department": lambda value: value in {duty["code"] for duty in entry.departments},
        "sdg": lambda value: int(value) in (entry.sdgs or []),
        "plan": lambda value: value in {project["base_code"] for project in entry.plan_projects},
        "text": lambda value: kind(entry) == value,
        "changed_since": lambda value: entry.key in CHANGED,
        "sort": lambda value: True,
    }
    return all(conditions[name](value) for name, value in query.items())


def reference(entries: list[ReportEntry], query: dict[str, Any]) -> list[str]:
    """The keys that a list with this query shows, in order."""
    found = [entry for entry in entries if matches(entry, query, entries)]
    best = {code: place for place, code in enumerate(["A", "B", "C", "D", "E", ""])}
    if query.get("sort") == "best":
        found.sort(key=lambda entry: best[entry.rating_code])
    if query.get("sort") == "worst":
        found.sort(key=lambda entry: (entry.rating_code == "", -best[entry.rating_code]))
    return [entry.key for entry in found]


def test_each_list_of_choices_begins_with_what_no_condition_means(site: Site, demo: Report) -> None:
    page = site.page("/2021/pledges/")
    firsts = {each.attributes["name"]: each.all("option")[0] for each in page.all("select")}
    assert {name: (first.attributes["value"], first.text) for name, first in firsts.items()} == {
        "field": ("", "すべての分野"),
        "pledge_state": ("", "すべて"),
        "department": ("", "すべての担当課"),
        "sdg": ("", "すべての目標"),
        "plan": ("", "すべての番号"),
        "text": ("", "すべて"),
        "changed_since": ("", "指定しない"),
        "sort": ("", "公約の順"),
    }


SINGLE: list[dict[str, Any]] = [
    *({"field": str(number)} for number in range(1, 9)),
    *({"pledge_state": state} for state in STATES.values()),
    *({"rating": [code]} for code in ("A", "B", "C", "D", "E", "none")),
    *({"sdg": str(number)} for number in (1, 3, 4, 11, 17)),
    *({"text": value} for value in ("new", "continued", "none")),
    *({"department": code} for code in ("001", "017", "051")),
    *({"plan": code} for code in ("1-1-1", "2-2-3")),
    *({"sort": value} for value in ("best", "worst")),
    *(
        {"q": words}
        for words in ("防災", "ＤＸ", "dx", "子育て 支援", "令和", "伊勢崎駅", "見つからないことば")
    ),
    {"rating": ["A", "none"]},
    {"changed_since": "2023-03-31"},
]


@pytest.mark.parametrize("query", SINGLE, ids=lambda query: urlencode(query, doseq=True))
def test_filter_alone_finds_what_it_says(
    site: Site, entries: list[ReportEntry], query: dict[str, Any]
) -> None:
    page = site.page("/2021/pledges/", query)
    expected = reference(entries, query)
    assert all_keys_of(site, "/2021/pledges/", query) == expected
    assert page.one("p", "result-count").text == f"207件中 {len(expected)}件の取組"
    assert page.all("div", "notice-warning") == []


def test_single_filters_are_worth_testing(entries: list[ReportEntry]) -> None:
    """Each of them leaves something out, and all but one find something."""
    found = [len(reference(entries, query)) for query in SINGLE if "sort" not in query]
    assert [count for count in found if count == 207] == []
    assert found.count(0) <= 2


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("施策7-8-9の推進", "７−８−９"),
        ("施策７－８－９の推進", "7ー8ー9"),
        ("令和5〜7年度", "令和5～7年度"),
        ("サービスの向上", "さーびす"),
        ("防災訓練", "防\u200b災"),
        ("防\u200b災訓練", "防災"),
        ("障害者の就労", "障がい者"),
        ("子ども食堂", "子供食堂"),
        ("ごみの減量", "ゴミ"),
        ("空家の活用", "空き家"),
    ],
)
def test_a_word_is_found_in_another_spelling(site: Site, db: None, written: str, typed: str) -> None:
    save_report([make_entry(1, pledge_text=written), make_entry(2)])
    assert keys_of(site.page("/2017/pledges/", {"q": typed})) == ["1-1-1-1"]


def test_other_spellings_that_were_looked_for_are_told(site: Site, entries: list[ReportEntry]) -> None:
    told = "「障がい」は、「障害」「障碍」の書き方でも探しました。"
    results = site.page("/2021/pledges/", {"q": "障がい者 防災"}).one("div", "results")
    assert results.texts("p").count(told) == 1
    plain = site.page("/2021/pledges/", {"q": "防災"}).one("div", "results")
    assert [words for words in plain.texts("p") if "の書き方でも" in words] == []


@pytest.mark.parametrize("typed", ["\u200b", "\ufeff \u200b"])
def test_words_that_nobody_sees_are_no_condition(site: Site, entries: list[ReportEntry], typed: str) -> None:
    page = site.page("/2021/pledges/", {"q": typed})
    assert page.one("p", "result-count").text == "207件中 207件の取組"
    assert page.all("ul", "chips") == []


WORDS = st.sampled_from(
    ["防災", "ＤＸ", "整備", "子育て", "支援", "ﾏｲﾅﾝﾊﾞｰ", "①", "2-2", "企画調整課", "ＩＣＴ", "%", "_", "の"]
)
VALID = st.fixed_dictionaries(
    {},
    optional={
        "q": st.lists(WORDS, min_size=1, max_size=3).map("　".join),
        "field": st.sampled_from([str(number) for number in range(1, 9)]),
        "pledge_state": st.sampled_from([*STATES.values()]),
        "rating": st.lists(st.sampled_from(["A", "B", "C", "D", "E", "none"]), unique=True, min_size=1),
        "department": st.sampled_from([f"{number:03d}" for number in range(1, 52)]),
        "sdg": st.sampled_from([str(number) for number in range(1, 18)]),
        "plan": st.sampled_from(["1-1-1", "1-2-1", "2-2-3"]),
        "text": st.sampled_from(["new", "continued", "none"]),
        "changed_since": st.just("2023-03-31"),
        "sort": st.sampled_from(["best", "worst"]),
    },
)


@QUICK
@given(query=VALID)
def test_filters_together_find_what_meets_all_of_them(
    site: Site, entries: list[ReportEntry], query: dict[str, Any]
) -> None:
    page = site.page("/2021/pledges/", query)
    assert all_keys_of(site, "/2021/pledges/", query) == reference(entries, query)
    assert page.all("div", "notice-warning") == []


@QUICK
@given(query=VALID)
def test_a_draft_is_filtered_as_the_published_report(
    entries: list[ReportEntry], demo: Report, query: dict[str, Any]
) -> None:
    scope = choose(published(), demo.slug, None, None)
    assert scope is not None
    drafted = replace(scope, unpublished={demo.pk: Unpublished(demo, entries)})
    asked = QueryDict(urlencode(query, doseq=True))
    filters = [EntryFilter(asked, each) for each in (drafted, scope)]
    found = [list(each.found().for_list()) for each in filters]
    assert found[0] == found[1]
    parts = [PledgeParts(each.found(), each.order) for each in filters]
    assert parts[0].figures == parts[1].figures
    assert parts[0][0:50] == parts[1][0:50]
    assert list(parts[0].rows(parts[0][0:3])) == list(parts[1].rows(parts[1][0:3]))


@QUICK
@given(query=VALID)
def test_each_chip_s_link_removes_just_its_condition(
    site: Site, entries: list[ReportEntry], query: dict[str, Any]
) -> None:
    page = site.page("/2021/pledges/", query)
    conditions = [
        (name, value)
        for name, values in query.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    conditions = [(name, value) for name, value in conditions if name != "sort"]
    chips = page.one("ul", "chips").links if conditions else []
    all_pairs = sorted(parse_qsl(urlencode(query, doseq=True)))
    left = []
    for link in chips:
        path, _, rest = link.removesuffix("#results").partition("?")
        assert path == "/2021/pledges/"
        left.append([pair for pair in all_pairs if pair not in parse_qsl(rest)])
    assert sorted(left) == sorted([pair] for pair in conditions)


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("q=%20防災%20", ""),
        ("q=防災&page=2", ""),
        ("field=1&field=2&sort=best", "sort=best"),
        ("rating=A&rating=B", "rating=B"),
    ],
)
def test_chip_of_an_odd_spelling_is_removed_too(site: Site, query: str, rest: str) -> None:
    link = site.page("/2021/pledges/", query).one("ul", "chips").links[0]
    assert link == "/2021/pledges/" + (f"?{rest}" if rest else "") + "#results"


def test_chips_name_the_condition_in_words(site: Site) -> None:
    query = {
        "q": "防災",
        "field": "3",
        "pledge_state": "partly_kept",
        "rating": ["A", "none"],
        "sdg": "4",
        "text": "continued",
        "changed_since": "2023-03-31",
        "sort": "best",
    }
    page = site.page("/2021/pledges/", query)
    assert [words.removesuffix(" 外す") for words in page.one("ul", "chips").texts("li")] == [
        "ことば：防災",
        "分野：3. 安全安心なまちづくり、地域コミュニティのあり方検討",
        "公約の状況：一部の取組で達成",
        "評価：A 達成",
        "評価：評価なし",
        "SDGs：4 質の高い教育をみんなに",
        "最新年度の記載：「引き続き」だけの記載",
        "変化：令和5年3月末時点から変わったもの",
    ]
    assert page.one("ul", "chips").all("a")[0].attributes["aria-label"] == "条件「ことば：防災」を外す"


def warnings(page: Element) -> list[str]:
    return [words for notice in page.all("div", "notice-warning") for words in notice.texts("li")]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("field=99", "分野：「99」という選択肢はありません。この条件は使わずに表示しています。"),
        (
            "pledge_state=no_initiative",  # there is none such
            "公約の状況：「no_initiative」という選択肢はありません。この条件は使わずに表示しています。",
        ),
        ("rating=Z", "評価：「Z」という選択肢はありません。この条件は使わずに表示しています。"),
        ("department=999", "担当課：「999」という選択肢はありません。この条件は使わずに表示しています。"),
        ("sdg=18", "SDGs：「18」という選択肢はありません。この条件は使わずに表示しています。"),
        (
            "plan=9-9-9",
            "総合計画の施策番号：「9-9-9」という選択肢はありません。この条件は使わずに表示しています。",
        ),
        ("text=old", "最新年度の記載：「old」という選択肢はありません。この条件は使わずに表示しています。"),
        (
            "changed_since=2024-03-31",
            "変化：「2024-03-31」という選択肢はありません。この条件は使わずに表示しています。",
        ),
        ("sort=random", "並び順：「random」という選択肢はありません。この条件は使わずに表示しています。"),
        ("q=" + "字" * 101, "ことば：検索のことばは 100 文字までです。この条件は使わずに表示しています。"),
        *(
            (
                f"q=防{code}災",
                "ことば：検索のことばに使えない文字があります。この条件は使わずに表示しています。",
            )
            for code in ("%07", "%1F", "%0A")
        ),
        (
            "rating=" + "Z" * 31,
            f"評価：「{'Z' * 30}」という選択肢はありません。この条件は使わずに表示しています。",
        ),
        ("q=%00", "ことば：検索のことばに使えない文字があります。この条件は使わずに表示しています。"),
        ("page=x", "ページ：「x」は数ではないので、1 ページ目を表示しています。"),
        ("page=4", "ページ：「4」ページはありません。3 ページ目を表示しています。"),
        ("page=-1", "ページ：「-1」ページはありません。3 ページ目を表示しています。"),
        (
            "page=" + "9" * 5000,
            "ページ：「99999999999999999999」は数ではないので、1 ページ目を表示しています。",
        ),
    ],
)
def test_nonsense_is_named_and_everything_else_is_shown(site: Site, query: str, words: str) -> None:
    page = site.page("/2021/pledges/", query)
    assert warnings(page) == [words]
    assert page.one("p", "result-count").text == "207件中 207件の取組"


def test_unknown_rating_does_not_undo_a_known_one(site: Site, entries: list[ReportEntry]) -> None:
    page = site.page("/2021/pledges/", {"rating": ["A", "Z"]})
    assert keys_of(page) == reference(entries, {"rating": ["A"]})[: len(keys_of(page))] != []
    assert warnings(page) == ["評価：「Z」という選択肢はありません。この条件は使わずに表示しています。"]


def test_unknown_value_does_not_undo_the_other_conditions(site: Site, entries: list[ReportEntry]) -> None:
    page = site.page("/2021/pledges/", {"field": "99", "rating": ["A"]})
    assert keys_of(page) == reference(entries, {"rating": ["A"]})[: len(keys_of(page))] != []


@pytest.fixture
def small(db: None) -> Report:
    """Two rows, where only the answer matters."""
    return save_report([make_entry(1), make_entry(2)])


@QUICK
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from([*QUERY_NAMES, "x", "", "<script>"]), st.text(max_size=30)), max_size=6
    )
)
@example(pairs=[("q", "\x00"), ("rating", "\x00"), ("page", "\x00"), ("\x00", "\x00")])
@example(pairs=[("q", "\ufdfa" * 100), ("page", "１")])
@example(pairs=[("q", "'\"\\%_;--"), ("department", "%"), ("sdg", "1e3"), ("page", "1e3")])
def test_nonsense_never_fails_and_unknown_names_change_nothing(
    site: Site, small: Report, pairs: list[tuple[str, str]]
) -> None:
    query = urlencode(pairs, errors="surrogatepass")
    known = urlencode([pair for pair in pairs if pair[0] in QUERY_NAMES], errors="surrogatepass")
    assert site.get("/2017/pledges/", query).content == site.get("/2017/pledges/", known).content


@pytest.mark.parametrize(
    "query",
    [
        "q=%ED%A0%80",
        "q=%FF%FE",
        "rating=%FF",
        "%FF=%FF",
        "&&==&",
        "q",
        "page=",
        "rating=",
        "q=&rating=&field=",
    ],
)
def test_query_that_is_no_text_is_survived(site: Site, small: Report, query: str) -> None:
    assert site.page("/2017/pledges/", query)


def test_empty_values_are_no_conditions(site: Site) -> None:
    """The form sends every field, filled or not."""
    page = site.page(
        "/2021/pledges/", "q=&field=&department=&sdg=&plan=&text=&changed_since=&sort=&page=&rating="
    )
    assert page.one("p", "result-count").text == "207件中 207件の取組"
    assert (warnings(page), page.all("ul", "chips")) == ([], [])


# ---- words


def found(site: Site, words: str) -> list[str]:
    return keys_of(site.page("/2017/pledges/", {"q": words}))


@pytest.fixture
def worded(db: None) -> Report:
    texts = [
        "防災訓練",
        "ＤＸ推進とＡＩ活用",
        "100%達成_率",
        "'引用\"符\\円",
        "子育て\n支援センター",
        "50％以上",
    ]
    return save_report(make_entry(number, pledge_text=text) for number, text in enumerate(texts, start=1))


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("防災", [1]),
        ("災訓", [1]),
        ("防", [1]),
        ("DX", [2]),
        ("dx", [2]),
        ("ｄｘ", [2]),
        ("ＡＩ　ＤＸ", [2]),
        ("ai 防災", []),
        ("100%", [3]),
        ("%", [3, 6]),
        ("0％", [3, 6]),
        ("_", [3]),
        ("達成_率", [3]),
        ("達成x率", []),
        ("\\", [4]),
        ("'引用\"", [4]),
        ("'; DROP TABLE", []),
        ("子育て支援", [5]),
        ("  \u3000 ", [1, 2, 3, 4, 5, 6]),
        ("①", [1, 2, 3, 4, 5, 6]),
        ("土木課 公約", []),
        ("土木課 分野1", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_words_are_found_folded_and_literally(
    site: Site, worded: Report, words: str, numbers: list[int]
) -> None:
    assert found(site, words) == [f"1-1-{number}-1" for number in numbers]


def test_word_does_not_join_two_pieces(site: Site, db: None) -> None:
    save_report([make_entry(1, pledge_text="道路", results={"2023": "整備"}, plans={})])
    assert found(site, "道路整備") == []
    assert found(site, "道路 整備") == ["1-1-1-1"]


def test_search_form_shows_the_words_again_escaped(site: Site, worded: Report) -> None:
    answer = site.get("/2017/pledges/", {"q": "\"><script>alert('1')</script>"})
    text = answer.content.decode()
    assert "<script>" not in text
    page = site.page("/2017/pledges/", {"q": "\"><script>alert('1')</script>"})
    assert page.one("input", type="search").attributes["value"] == "\"><script>alert('1')</script>"
    assert page.one("div", "empty").links == ["/2017/pledges/"]


# ---- order, repetition, reports


def test_order_is_of_the_scale_and_unrated_come_last_either_way(site: Site, db: None) -> None:
    save_report(
        make_entry(number, rating_code=code)
        for number, code in enumerate(["", "C", "A", "E", "A", ""], start=1)
    )

    def order(sort: str) -> list[str]:
        return [key.split("-")[2] for key in keys_of(site.page("/2017/pledges/", {"sort": sort}))]

    assert order("") == ["1", "2", "3", "4", "5", "6"]
    assert order("best") == ["3", "5", "2", "4", "1", "6"]
    assert order("worst") == ["4", "2", "3", "5", "1", "6"]


def test_last_of_repeated_values_counts_from_the_cache_too(site: Site, entries: list[ReportEntry]) -> None:
    """Two spellings that mean different lists must not share a kept page."""
    for query, field in (("field=1&field=2", "2"), ("field=2&field=1", "1"), ("field=1&field=2", "2")):
        assert keys_of(site.page("/2021/pledges/", query)) == reference(entries, {"field": field})
    counts = [
        site.page("/2021/pledges/", query).one("strong").text for query in ("field=1", "field=1&field=")
    ]
    assert counts == ["31件", "207件"]


def test_first_report_offers_no_comparison(site: Site, db: None) -> None:
    save_report([make_entry(1)])
    page = site.page("/2017/pledges/")
    assert page.all("select", id="id_changed_since") == []
    assert (
        page.one("form", "filters").texts("p", "support")[-1]
        == "最初の公表版なので、前回からの変化ではまだ探せません。"
    )


def test_second_report_offers_comparison_with_the_first(site: Site, demo: Report) -> None:
    options = site.page("/2021/pledges/").one("select", id="id_changed_since").all("option")
    assert [option.attributes["value"] for option in options] == ["", "2023-03-31"]


def test_changed_since_counts_a_rating_back_and_forth_by_the_reports_it_names(site: Site, db: None) -> None:
    def rated(code: str) -> Any:
        def change(entries: list[ReportEntry]) -> list[ReportEntry]:
            entries[0].rating_code = code
            return entries

        return change

    first = save_report([make_entry(1, rating_code="B"), make_entry(2)], as_of=date(2022, 3, 31))
    copy_report(first, as_of=date(2023, 3, 31), change=rated("A"))
    copy_report(first, as_of=date(2024, 3, 31), change=rated("B"))
    assert keys_of(site.page("/2017/pledges/", {"changed_since": "2023-03-31"})) == ["1-1-1-1"]
    assert keys_of(site.page("/2017/pledges/", {"changed_since": "2022-03-31"})) == []


def test_choices_are_those_of_the_report_s_date(site: Site, db: None) -> None:
    first = save_report([make_entry(1, departments=[term("001", "土木課")])], as_of=date(2023, 3, 31))

    def rename(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].departments = [term("001", "道路課")]
        return entries

    copy_report(first, as_of=date(2024, 3, 31), change=rename)
    names = {
        path: site.page(path).one("select", id="id_department").texts("option")
        for path in ("/2017/pledges/", "/2017/reports/2023-03-31/pledges/")
    }
    assert names == {
        "/2017/pledges/": ["すべての担当課", "道路課"],
        "/2017/reports/2023-03-31/pledges/": ["すべての担当課", "土木課"],
    }


def test_form_keeps_what_was_asked(site: Site) -> None:
    query = {"q": "防災", "field": "3", "rating": ["A", "none"], "department": "001", "sort": "worst"}
    form = site.page("/2021/pledges/", query).one("form", "filters")
    chosen = {
        each.attributes["name"]: [
            o.attributes["value"] for o in each.all("option") if "selected" in o.attributes
        ]
        for each in form.all("select")
    }
    assert {name: values for name, values in chosen.items() if values != [""]} == {
        "field": ["3"],
        "department": ["001"],
        "sort": ["worst"],
    }
    assert [
        box.attributes["value"] for box in form.all("input", type="checkbox") if "checked" in box.attributes
    ] == ["A", "none"]


def test_every_control_has_a_label(site: Site) -> None:
    form = site.page("/2021/pledges/").one("form", "filters")
    controls = [each.attributes["id"] for each in form.descendants() if each.name in ("input", "select")]
    assert sorted(controls) == sorted(label.attributes["for"] for label in form.all("label"))
    cache.clear()


def reports_with_a_past() -> None:
    """A term before, and three reports: of a rating that fell twice, a department that was, an end."""
    save_report([make_entry(1, pledge_text="ごみを減らします")], slug="2013", as_of=date(2017, 3, 31))
    before = [term("037", "河川課", "past"), term("001", "土木課"), term("002", "港湾課", "next")]
    for year, code in ((2022, "A"), (2023, "C"), (2024, "D")):
        entries = [
            make_entry(1, rating_code=code, departments=before),
            make_entry(2, ended_after=2022, results={"2022": "・計画を作りました。"}),
            make_entry(3, departments=[term("037", "河川課"), term("002", "港湾課", "past")]),
            *map(make_entry, range(4, 9)),
        ]
        save_report(entries, as_of=date(year, 3, 31))


def test_a_list_says_what_its_marks_departments_and_years_are(site: Site, db: None) -> None:
    reports_with_a_past()

    def page(query: str) -> Element:
        return site.page("/2017/pledges/", query)

    own = [
        [row.text for row in page(f"department={code}").all("span", "entry-departments")]
        for code in ("037", "002")
    ]
    assert own == [
        ["土木課 以前の担当：河川課", "河川課"],
        ["土木課 今後の担当：港湾課", "河川課 以前の担当：港湾課"],
    ]
    since = {year: page(f"changed_since={year}-03-31") for year in (2022, 2023)}
    assert [each.one("span", "change-mark").text for each in since.values()] == [
        f"{code}→D ▼（令和{year - 2018}年3月末時点の{code}から下がった）"
        for year, code in ((2022, "A"), (2023, "C"))
    ]
    for year, each in since.items():
        assert f"評価の横の印は、令和{year - 2018}年3月末時点の公表版と比べたものです。" in each.texts(
            "p", "note"
        )
    why = "終わった取組と承認前の取組は、最新年度の報告がないので、ここに入っています。"
    found = [page(query).one("div", "results").text for query in ("text=none", "text=continued")]
    assert [why in each for each in found] == [True, False]


def test_a_search_that_finds_little_names_the_term_before(site: Site, db: None) -> None:
    reports_with_a_past()
    told = "前の任期「市長マニフェスト（2013）」の公約と取組でも、「ごみ」を探せます。"
    found = site.page("/2017/pledges/", "q=ごみ").one("p", "across-terms")
    assert (found.text, found.links) == (told, ["/2013/pledges/?q=%E3%81%94%E3%81%BF#results"])
    assert keys_of(site.page("/2013/pledges/", "q=ごみ")) == ["1-1-1-1"]
    for path, query in (
        ("/2017/", "q=計画"),
        ("/2017/", "rating=A"),
        ("/2013/", "q=港"),
        ("/2017/reports/2024-03-31/", "q=ごみ"),
    ):
        assert site.page(f"{path}pledges/", query).all("p", "across-terms") == [], (path, query)

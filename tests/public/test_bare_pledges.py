"""A pledge without an initiative is shown wherever pledges are, and counted as what it is."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from tests.public.building import make_entry, outline, save_report
from tests.public.conftest import Site
from tests.public.open_data.reading import file_name
from tracker.models import Report
from tracker.published_tables.from_report import notes_of
from tracker.site_export.addresses import named

pytestmark = pytest.mark.django_db
NONE_YET = "取組はまだありません"
LAST = "no_initiative"


def bare(key: str, text: str, **values: Any) -> dict[str, Any]:
    """As a report has it, in a field and a section of the place's numbers."""
    field, section, _position = map(int, key.split("-"))
    return {
        "pledge_key": key,
        "category_number": field,
        "category_name": f"分野{field}",
        "section_number": section,
        "section_name": f"項目{section}",
        "pledge_number": "⑨",
        "pledge_text": text,
        "former_pledge_keys": None,
        "former_term_pledge": None,
        **values,
    }


BARE = [bare("1-1-3", "川の水をきれいにします"), bare("2-1-1", "港を直します", former_pledge_keys=["3-1-1"])]


def report_with_bare(**values: Any) -> Report:
    """1-1-1 with A, 1-1-2 unrated, 1-1-4 with E; without an initiative 1-1-3, and 2-1-1 in a field alone."""
    entries = [make_entry(n, rating_code=code) for n, code in ((1, "A"), (2, ""), (4, "E"))]
    told = outline(entries)
    told["categories"].append({"number": 2, "name": "分野2"})
    return save_report(entries, outline=told, **{"bare_pledges": BARE, **values})


def test_the_overview_counts_and_draws_them(site: Site) -> None:
    report_with_bare()
    page = site.page("/2017/")
    assert page.one("h1").text.startswith("5の公約のうち1件が、すべての取組で達成。")
    assert "このうち2の公約には、取組がまだありません。" in page.text
    (counts,) = (table for table in page.all("table") if "pledge-counts" in table.attributes["class"])
    assert counts.table_rows()[-2:] == [
        ["取組がまだない 公約のための取組が、まだ始まっていない", "2件"],
        ["合計", "5件"],
    ]
    leading = [f"/2017/pledges/?pledge_state={state}" for state in ("kept", "not_begun", "unrated", LAST)]
    assert counts.links == leading  # nothing leads to what is not there
    assert page.section("squares").one("ul", "figures").links == leading
    names = [a.attributes["title"] for a in page.section("squares").all("a") if "title" in a.attributes]
    assert [name.rpartition("（")[2] for name in names] == [
        *("A 達成）", "評価なし）", f"{NONE_YET}）", "E 未着手）", f"{NONE_YET}）")
    ]
    heads = [h.text for h in page.section("squares").all("h3")]
    assert heads == ["1. 分野1 公約4件・取組3件", "2. 分野2 公約1件・取組0件"]


def listed(site: Site, query: str = "") -> list[str]:
    return [h.text for h in site.page("/2017/pledges/", query).all("h3", "listed-pledge")]


def test_the_list_has_them_in_their_places_and_finds_them_by_words_and_field(site: Site) -> None:
    report_with_bare()
    page = site.page("/2017/pledges/")
    assert [h.text for h in page.all("h2", "listed-heading")] == ["1. 分野1", "2. 分野2"]
    assert [h.text[:2] for h in page.all("h3", "listed-pledge")] == ["①公", "①公", "⑨川", "①公", "⑨港"]
    assert [li.text for li in page.all("li", "bare")] == [NONE_YET, NONE_YET]
    assert "公約では 5件です。このうち2件には、取組がまだありません。" in page.one("div", "results").text
    assert listed(site, "q=かわの水") == []
    assert listed(site, "q=川ノ水") == listed(site, "q=1-1-3") == ["⑨川の水をきれいにします"]
    assert listed(site, f"pledge_state={LAST}") == ["⑨川の水をきれいにします", "⑨港を直します"]
    assert listed(site, f"pledge_state={LAST}&q=川") == ["⑨川の水をきれいにします"]
    assert listed(site, f"pledge_state={LAST}&rating=A") == []
    assert listed(site, "pledge_state=kept") == ["①公約1を進めます"]
    assert listed(site, "field=2") == listed(site, "q=港&field=2") == ["⑨港を直します"]
    assert [listed(site, query) for query in ("rating=none", "text=none", "department=001&q=川")] == [
        ["①公約2を進めます"], *([], [])]  # fmt: skip
    by_rating = site.page("/2017/pledges/", "sort=worst")
    assert [h.text for h in by_rating.all("h2", "listed-heading")] == [
        *("E 未着手", "A 達成", "評価なし", "取組のない公約")
    ]


def test_each_has_a_page_between_its_neighbours(site: Site) -> None:
    report_with_bare()
    page = site.page("/2017/pledges/1-1-3/")
    assert page.one("h1").text == "⑨川の水をきれいにします"
    assert any(words.startswith(NONE_YET) for words in page.texts("p", "notice"))
    around = page.one("nav", "neighbours").links
    assert around == ["/2017/pledges/1-1-2/", "/2017/pledges/1-1-4/"]
    assert site.page("/2017/pledges/1-1-4/").one("nav", "neighbours").links == [
        *("/2017/pledges/1-1-3/", "/2017/pledges/2-1-1/")
    ]
    assert site.get("/2017/pledges/3-1-1/")["Location"] == "/2017/pledges/2-1-1/"
    assert site.get("/2017/pledges/9-9-9/").status_code == 404
    assert "/2017/pledges/2-1-1/</loc>" in site.get("/sitemap.xml").content.decode()
    assert {"/2017/pledges/1-1-3/", "/2017/reports/2024-03-31/pledges/3-1-1/"} <= set(named())


def rows_of(site: Site, table: str, day: str = "2024-03-31") -> list[dict[str, str]]:
    content = site.get(f"/2017/data/{file_name(table, '.csv', day)}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_the_data_tell_them_and_the_state_of_each_pledge(site: Site) -> None:
    report_with_bare()
    states = [(r["pledge_key"], r["initiative_count"], r["pledge_state"]) for r in rows_of(site, "pledges")]
    assert states == [
        *(("1-1-1", "1", "kept"), ("1-1-2", "1", "unrated"), ("1-1-3", "0", "no_initiative")),
        *(("1-1-4", "1", "not_begun"), ("2-1-1", "0", "no_initiative")),
    ]
    names = ("取組の記号", "評価", "評価の動き", "公約の記号", "公約の状態")
    assert [tuple(row[name] for name in names) for row in rows_of(site, "summary")][1:3] == [
        ("1-1-2-1", "評価なし", "", "1-1-2", "評価なし"),
        ("", "", "", "1-1-3", "取組がまだない"),
    ]
    assert {"2", "2-1"} <= {row["category_key"] for row in rows_of(site, "categories")}
    assert rows_of(site, "former_pledge_keys")[0]["former_pledge_key"] == "3-1-1"
    told = site.get("/2017/pledges/1-1-3.json").json()["tables"]
    assert [row["pledge_text"] for row in told["pledges"]] == ["川の水をきれいにします"]
    assert {name for name, rows in told.items() if rows} == {"pledges", "ratings"}
    assert site.get("/2017/data/").status_code == 200


def test_one_that_ended_without_an_initiative_says_so_wherever_it_stands(site: Site) -> None:
    report_with_bare()
    ended = [BARE[0], BARE[1] | {"ended_after": 2023}]
    report_with_bare(as_of=date(2025, 3, 31), bare_pledges=ended)
    words = "取組のないまま、令和5年度で終わりました"
    page, overview = site.page("/2017/pledges/"), site.page("/2017/")
    assert [li.text for li in page.all("li", "bare")] == [NONE_YET, words]
    told = "このうち1件には、取組がまだありません。このうち1件は、取組のないまま終わりました。"
    assert told in page.one("div", "results").text
    assert page.texts("p", "note") == []  # of initiatives, none has ended
    states = [option.attributes["value"] for option in page.one("select", id="id_pledge_state").all("option")]
    assert states[-2:] == [LAST, "ended_without_initiative"]
    assert listed(site, "pledge_state=ended_without_initiative") == ["⑨港を直します"]
    assert listed(site, f"pledge_state={LAST}") == ["⑨川の水をきれいにします"]
    assert "取組のないまま終わった 1件" in overview.section("squares").one("ul", "figures").text
    assert "このうち1の公約は、取組のないまま終わりました。" in overview.text
    assert f"港を直します（{words}）" in str([a.attributes.get("title") for a in overview.all("a")])
    assert f"{words}。" in site.page("/2017/pledges/2-1-1/").texts("p", "notice")
    assert "港を直します取組のないまま終わりました。" in site.page("/2017/changes/").text
    assert (
        "取組がまだない公約 1件。 取組のないまま終わった公約 1件。"
        in site.get("/2017/feed.atom").content.decode()
    )
    day = "2025-03-31"
    rows = [rows_of(site, table, day)[-1] for table in ("pledges", "summary")]
    assert rows[0]["pledge_state"] == "ended_without_initiative"
    assert (rows[1]["公約の状態"], rows[1]["終わった年度"]) == ("取組のないまま終わった", "2023")
    values = [
        [row["allowed_value"] for row in rows_of(site, "allowed_values", each)]
        for each in (day, "2024-03-31")
    ]
    assert ["ended_without_initiative" in each for each in values] == [True, False]
    notes = notes_of(Report.objects.latest("pk"), [])
    assert "次の公約は、取組のないまま終わりました。" in str(notes)


def test_the_files_of_an_older_report_stay_as_they_were(site: Site) -> None:
    """They have no column that came later, and tell of none."""
    save_report([make_entry(1)], digest_version=2)
    assert "pledge_state" not in rows_of(site, "pledges")[0]
    assert "公約の状態" not in rows_of(site, "summary")[0]
    assert "9" not in {row["version"] for row in rows_of(site, "column_changes")}
    assert site.get(f"/2017/data/{file_name('pledges', '.json')}").json()["columns_version"] == 3
    page = site.page("/2017/data/").text
    assert "公約の状態" not in page
    assert "取組がまだない" not in page


def test_a_city_without_goals_and_plan_sees_nothing_of_them(site: Site) -> None:
    entries = [make_entry(1, sdgs=None, plan_projects=[])]
    save_report(entries, outline={**outline(entries), "goals": []})
    page = site.page("/2017/pledges/1-1-1/")
    assert {"SDGs", "総合計画"}.isdisjoint(a.text for a in page.one("nav", "site-nav").all("a"))
    assert [dt.text for dt in page.one("dl", "facts").all("dt")] == ["評価の基準", "担当課"]
    listed_page = site.page("/2017/pledges/")
    assert listed_page.all("select", id="id_sdg") == []
    assert not {"/2017/sdgs/", "/2017/plans/"} & set(
        site.get("/sitemap.xml").content.decode().split("testserver")
    )
    save_report([make_entry(1, sdgs=None)], as_of=date(2025, 3, 31))  # as an older report: it does not say
    assert "SDGs" in [a.text for a in site.page("/2017/").one("nav", "site-nav").all("a")]


def test_what_is_found_in_the_name_of_a_field_or_a_section_is_marked_there(site: Site) -> None:
    report_with_bare()
    page = site.page("/2017/pledges/", "q=分野2")
    assert [h.text for h in page.one("h2", "listed-heading").all("mark")] == ["分野2"]
    assert [
        m.text for m in site.page("/2017/pledges/", "q=項目1").all("p", "entry-place")[0].all("mark")
    ] == ["項目1"]

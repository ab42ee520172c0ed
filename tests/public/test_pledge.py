"""A pledge's page: plan beside result, "as before" explained in place, ratings and departments then and
now.
"""

from datetime import date

import pytest

from tests.public.building import YEARS, copy_report, make_entry, save_report, term
from tests.public.conftest import Row, Site
from tests.public.markup import Element
from tracker.models import Report, ReportEntry
from tracker.words.bullets import without_mark

UNKNOWN_GOALS = "分かりません（元の表のアイコンから番号を読み取れないか、記載がありません）"


def told_years(initiative: Element) -> list[Element]:
    """The years that an initiative tells, the oldest first; the page has the newest first."""
    return initiative.all("li", "year")[::-1]


def years_of(initiative: Element) -> dict[str, dict[str, list[str]]]:
    """Heading of a year → 予定 or 主な取組 → its lines."""
    found: dict[str, dict[str, list[str]]] = {}
    for year in told_years(initiative):
        parts = [part for cls in ("plan", "result") for part in year.all("div", cls)]
        found[year.one("h4").text] = {part.one("h5").text: own_lines(part) for part in parts}
    return found


def own_lines(part: Element) -> list[str]:
    """The lines of a text itself, without what they refer to."""
    return [child.text for child in part.children if isinstance(child, Element) and child.name == "p"]


def test_every_pledge_tells_its_initiatives_as_the_table_does(
    site: Site, demo: Report, rows: list[Row]
) -> None:
    pledges: dict[str, list[Row]] = {}
    for row in rows:
        pledges.setdefault(row.pledge_key, []).append(row)
    for key, own in list(pledges.items())[::4]:
        page = site.page(f"/2021/pledges/{key}/")
        assert page.one("h1").text == f"{own[0].pledge.number}{own[0].pledge.text}"
        sections = page.all("section", "initiative")
        assert [each.attributes["id"] for each in sections] == [
            f"initiative-{row.initiative.position}" for row in own
        ]
        for section, row in zip(sections, own, strict=True):
            assert years_of(section) == expected_years(row)
            facts = {
                each.one("dt").text: each.one("dd").text for each in section.one("dl", "facts").all("div")
            }
            assert facts["評価の基準"].startswith(
                f"{row.rating}：" if row.rating else "評価は付けられていません"
            )


def expected_years(row: Row) -> dict[str, dict[str, list[str]]]:
    def shown(text: str) -> list[str]:
        return [" ".join(without_mark(line).split()) for line in text.split("\n")] if text else ["記載なし"]

    results, plans = row.initiative.results, row.initiative.plans
    return {
        "令和3年度（2021年度）まで": {"主な取組（実績）": shown(results.get(2021, ""))},
        "令和4年度（2022年度）": {"主な取組（実績）": shown(results.get(2022, ""))},
        "令和5年度（2023年度）": {"主な取組（実績）": shown(results.get(2023, ""))},
        "令和6年度（2024年度）": {"予定": shown(plans.get(2024, ""))},
    }


def test_continuation_is_followed_by_what_it_refers_to(site: Site, db: None) -> None:
    entry = make_entry(
        results={
            "2022": "まず次のことをしました。\n・計画を作りました。",
            "2023": "・令和4年度までの取組を引き続き実施しました。\n・工事を始めました。",
        },
        plans={"2024": "・令和5年度までの取組を引き続き実施します。"},
    )
    save_report([entry])
    page = site.page("/2017/pledges/1-1-1/")
    told = {
        year.one("h4").text: [
            (each.one("summary").text, [(p.attributes["class"], p.text) for p in each.all("p")])
            for each in year.all("details", "refers-to")
        ]
        for year in told_years(page)
    }
    first = [
        ("refers-to-year", "令和4年度の記載"),
        ("bullet", "まず次のことをしました。"),
        ("bullet", "計画を作りました。"),
    ]
    second = [("refers-to-year", "令和5年度の記載"), ("bullet", "工事を始めました。")]
    assert told == {
        "令和4年度（2022年度）まで": [],
        "令和5年度（2023年度）": [("引き続き行った内容：まず次のことをしました。 計画を作りました。", first)],
        "令和6年度（2024年度）": [("引き続き行う内容：工事を始めました。（ほか2件）", first + second)],
    }


def test_each_continuation_of_the_table_is_explained_where_something_was_said(
    site: Site, demo: Report, rows: list[Row]
) -> None:
    """A result of FY2023 that is only "as before" stands beside the wording of FY2021 or FY2022."""
    phrase = "令和4年度までの取組を引き続き実施しました。"
    found = [
        row
        for row in rows
        if row.initiative.results.get(2023) == f"・{phrase}" and row.initiative.results.get(2021)
    ]
    assert len(found) > 20
    for row in found[::6]:
        section = site.page(f"/2021/pledges/{row.pledge_key}/").one(
            "section", id=f"initiative-{row.initiative.position}"
        )
        year = told_years(section)[2]
        told = year.one("details", "refers-to")
        assert own_lines(year.one("div", "result")) == [phrase]
        assert told.texts("p")[0] == "令和3年度の記載"
        assert told.texts("p", "bullet")[0] == without_mark(row.initiative.results[2021].split("\n")[0])


def test_line_kinds_are_kept(site: Site, db: None) -> None:
    save_report([make_entry(results={"2022": "次のことをしました。\n・計画", "2023": ""}, plans={})])
    first, second, third = (
        [(p.attributes["class"], p.text) for p in year.all("p")]
        for year in told_years(site.page("/2017/pledges/1-1-1/"))
    )
    assert first == [("lead-line", "次のことをしました。"), ("bullet", "計画")]
    assert second == third == [("nothing", "記載なし")]


def test_plan_stands_beside_its_year_s_result(site: Site, demo: Report) -> None:
    """Last year's plan for FY2024 next to the result of FY2024, once there are both."""
    years = [
        *(year for year in demo.years if year["kind"] == "result"),
        {"fiscal_year": 2024, "kind": "result", "cumulative": False},
        {"fiscal_year": 2024, "kind": "plan", "cumulative": False},
        {"fiscal_year": 2025, "kind": "plan", "cumulative": False},
    ]

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        for entry in entries:
            entry.results = {**entry.results, "2024": "・予定のとおり行いました。"}
            entry.plans = {**entry.plans, "2025": "・さらに進めます。"}
        return entries

    copy_report(demo, as_of=date(2025, 3, 31), change=change, years=years)
    first = site.page("/2021/pledges/1-1-1/").all("section", "initiative")[0]
    pairs = [
        (year.one("h4").text, [each.text for each in year.all("h5")], len(year.all("div", "both")))
        for year in told_years(first)
    ]
    assert pairs == [
        ("令和3年度（2021年度）まで", ["主な取組（実績）"], 0),
        ("令和4年度（2022年度）", ["主な取組（実績）"], 0),
        ("令和5年度（2023年度）", ["主な取組（実績）"], 0),
        ("令和6年度（2024年度）", ["予定", "主な取組（実績）"], 1),
        ("令和7年度（2025年度）", ["予定"], 0),
    ]
    both = first.one("div", "both")
    assert own_lines(both.one("div", "result")) == ["予定のとおり行いました。"]
    assert own_lines(both.one("div", "plan")) != ["記載なし"]


def test_departments_then_and_now_are_told_apart(site: Site, db: None) -> None:
    duties = [
        term("001", "土木課", "past", None, 2022),
        term("002", "道路課", "current", 2023, None),
        term("003", "公園課", "next", 2024, 2025),
    ]
    save_report([make_entry(departments=duties, other_departments=True), make_entry(2, departments=[])])
    facts = site.page("/2017/pledges/1-1-1/").one("dl", "facts").all("dd")[1]
    assert facts.text == (
        "土木課（～令和4年度）以前の担当、道路課（令和5年度～）、公園課（令和6年度～令和7年度）"
        "今後の担当 ほか"
    )
    assert facts.links == [f"/2017/departments/{code}/" for code in ("001", "002", "003")]
    assert site.page("/2017/pledges/1-1-2/").one("dl", "facts").all("dd")[1].text == "市の担当課の記載なし"


@pytest.mark.parametrize(
    ("sdgs", "words"),
    [
        (None, UNKNOWN_GOALS),
        ([], "なし"),
        ([1, 17], "1 貧困をなくそう 17 パートナーシップで目標を達成しよう"),
    ],
)
def test_goals_say_whether_they_are_known(site: Site, db: None, sdgs: list[int] | None, words: str) -> None:
    save_report([make_entry(sdgs=sdgs)])
    assert site.page("/2017/pledges/1-1-1/").one("dl", "facts").all("dd")[3].text == words


def test_plan_projects_are_linked_by_their_safe_code(site: Site, db: None) -> None:
    projects = [
        {"code": "2-2-3❶", "base_code": "2-2-3", "name": "市道整備"},
        {"code": "", "base_code": "", "name": "その他事業"},
    ]
    save_report([make_entry(plan_projects=projects), make_entry(2, plan_projects=[])])
    facts = site.page("/2017/pledges/1-1-1/").one("dl", "facts").all("dd")[2]
    assert (facts.text, facts.links) == ("2-2-3❶ 市道整備その他事業", ["/2017/plans/2-2-3/"])
    assert site.page("/2017/pledges/1-1-2/").one("dl", "facts").all("dd")[2].text == "なし"


def test_reason_of_a_changed_rating_is_shown(site: Site, db: None) -> None:
    save_report([make_entry(rating_code="B", rating_reason="入札が遅れたため")])
    criterion = site.page("/2017/pledges/1-1-1/").one("dl", "facts").all("dd")[0]
    assert criterion.text == "B：おおむね達成（進捗率75%程度）評価の理由：入札が遅れたため"


def test_first_report_has_no_history(site: Site, demo: Report) -> None:
    section = site.page("/2021/pledges/1-1-1/").section("history")
    assert section.texts("p") == ["これが最初の公表版なので、評価の推移はまだありません。"]


def test_history_tells_each_report_s_rating_in_the_words_of_its_time(site: Site, db: None) -> None:
    """Renaming a step of the scale must not rewrite what was said before."""
    first = save_report([make_entry(1, rating_code="B"), make_entry(2)], as_of=date(2022, 3, 31))

    def rated(code: str) -> object:
        def change(entries: list[ReportEntry]) -> list[ReportEntry]:
            entries[0].rating_code = code
            return entries

        return change

    second = copy_report(first, as_of=date(2023, 3, 31), change=rated(""))  # type: ignore[arg-type]
    copy_report(second, as_of=date(2023, 3, 31), edition=2, change=rated("C"))  # type: ignore[arg-type]
    scale = [{"code": "S", "label": "完了", "definition": "", "percent": 100, "level": 1}]
    copy_report(first, as_of=date(2024, 3, 31), change=rated("S"), ratings=scale)  # type: ignore[arg-type]
    history = site.page("/2017/pledges/1-1-1/").section("history")
    assert history.one("table").table_rows() == [
        ["時点", "取組1"],
        ["令和4年3月末時点", "B おおむね達成"],
        ["令和5年3月末時点", "C 一部達成"],
        ["令和6年3月末時点", "S 完了"],
    ]
    assert history.links == [
        f"/2017/reports/{year}-03-31/editions/{edition}/pledges/1-1-1/"
        for year, edition in ((2022, 1), (2023, 2), (2024, 1))
    ]
    middle = site.page("/2017/reports/2023-03-31/pledges/1-1-1/").section("history").one("table").table_rows()
    assert middle == [
        ["時点", "取組1"],
        ["令和4年3月末時点", "B おおむね達成"],
        ["令和5年3月末時点", "C 一部達成"],
    ]


def test_history_of_a_new_pledge_begins_with_it(site: Site, db: None) -> None:
    first = save_report([make_entry(1)], as_of=date(2023, 3, 31))
    copy_report(
        first, as_of=date(2024, 3, 31), change=lambda entries: [*entries, make_entry(2, rating_code="D")]
    )
    table = site.page("/2017/pledges/1-1-2/").section("history").one("table").table_rows()
    assert table == [["時点", "取組1"], ["令和6年3月末時点", "D 検討・準備中"]]


def test_neighbours_lead_through_all_pledges(site: Site, demo: Report, rows: list[Row]) -> None:
    keys = list(dict.fromkeys(row.pledge_key for row in rows))
    for key, expected in (
        (keys[0], [keys[1]]),
        (keys[1], [keys[0], keys[2]]),
        (keys[70], [keys[69], keys[71]]),
        (keys[-1], [keys[-2]]),
    ):
        links = site.page(f"/2021/pledges/{key}/").one("nav", "neighbours").links
        assert links == [f"/2021/pledges/{each}/" for each in expected]


def test_pledge_of_several_initiatives_has_an_index(site: Site, db: None) -> None:
    both = [
        make_entry(1),
        make_entry(2, key="1-1-1-2", pledge_key="1-1-1", initiative_position=2, rating_code=""),
        make_entry(3),
    ]
    save_report(both)
    index = site.page("/2017/pledges/1-1-1/").one("nav", "initiative-index")
    assert index.texts("li") == ["取組1 B おおむね達成 土木課", "取組2 評価なし 土木課"]
    assert index.links == ["#initiative-1", "#initiative-2"]
    assert site.page("/2017/pledges/1-1-3/").all("nav", "initiative-index") == []


def test_year_told_by_result_and_cumulative_is_marked(site: Site, db: None) -> None:
    save_report([make_entry()], years=YEARS)
    page = site.page("/2017/pledges/1-1-1/")
    assert page.texts("h4") == ["令和6年度（2024年度）", "令和5年度（2023年度）", "令和4年度（2022年度）まで"]
    older = page.one("details", "folded")
    assert (older.one("summary").text, older.texts("h4")) == (
        "令和4年度までの予定と実績（1年度）",
        ["令和4年度（2022年度）まで"],
    )


def test_years_before_an_initiative_began_are_not_told_as_empty(site: Site, db: None) -> None:
    save_report([make_entry(1), make_entry(2, results={"2023": ""})])
    old, new = (site.page(f"/2017/pledges/1-1-{n}/") for n in (1, 2))
    words = "この取組の報告は、令和5年度（2023年度）に始まりました。"
    assert [words in page.texts("p", "note") for page in (old, new)] == [False, True]
    years = [page.one("section", "initiative").texts("h4") for page in (old, new)]
    assert years == [
        ["令和6年度（2024年度）", "令和5年度（2023年度）", "令和4年度（2022年度）まで"],
        ["令和6年度（2024年度）", "令和5年度（2023年度）"],
    ]
    assert any("始まる前" in told for told in site.page("/2017/").section("years").texts("p"))


def test_both_sides_of_a_continuation_name_the_other_pledge(site: Site, db: None) -> None:
    to, back = ([{"key": f"1-1-{number}-1", "fiscal_year": 2023}] for number in (2, 1))
    save_report([make_entry(1, continued_by=to), make_entry(2, continues=back)])
    for number, other in ((1, 2), (2, 1)):
        page = site.page(f"/2017/pledges/1-1-{number}/")
        named = [link.text for link in page.all("a") if f"/pledges/1-1-{other}/#" in link.attributes["href"]]
        assert [f"公約{other}を進めます" in text for text in named] == [True]

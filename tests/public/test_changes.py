"""What changed between two reports, as the page tells it."""

from datetime import date
from typing import Any

import pytest

from tests.public.building import RATINGS, copy_report, make_entry, save_report, term
from tests.public.conftest import Site
from tests.public.markup import Element
from tracker.choices import ActionState, RoundState
from tracker.models import (
    Department,
    Initiative,
    Manifesto,
    Pledge,
    Rating,
    Report,
    ReportEntry,
    ReportingRound,
    YearlyAction,
)
from tracker.reports import publishing


def figures(section: Element) -> dict[str, str]:
    """What changed; test_recount counts what stayed."""
    items = section.one("ul", "figures").all("li")
    told = {each.all("span")[0].text.lstrip("▲▼ "): each.one("b").text for each in items}
    return {words: count for words, count in told.items() if "同じ" not in words and "まま" not in words}


def sections(page: Element) -> list[Element]:
    return page.one("main").all("section")


def moves(section: Element, title: str) -> list[list[str]]:
    """The ratings that moved, of the list with this title: initiative, before, now, reason."""
    block = next(each for each in section.all("div", "moves") if each.one("h3").text.startswith(title))
    children = [child for child in block.children if isinstance(child, Element)]
    found = []
    for place, child in enumerate(children):
        if child.name == "h4":
            before, after = child.texts("span", "rating")
            for item in children[place + 1].all("li"):
                found.append([item.one("a").text, before, after, item.one("p").text.removeprefix("理由：")])
    return found


def listed(section: Element, heading: str) -> list[str]:
    """The items of the list that follows a heading."""
    children = [child for child in section.children if isinstance(child, Element)]
    place = next(
        index for index, child in enumerate(children) if child.name == "h3" and child.text.startswith(heading)
    )
    return next(child for child in children[place:] if child.name == "ul").texts("li")


@pytest.mark.parametrize(
    "base", ["/2021/", "/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/editions/1/"]
)
def test_first_report_has_nothing_to_compare(site: Site, demo: Report, base: str) -> None:
    page = site.page(f"{base}changes/")
    assert page.one("p", "empty").text.startswith("これが最初の公表版なので、比べられる公表版がありません。")
    assert sections(page) == []


BEFORE: list[dict[str, Any]] = [
    {"rating_code": "B"},
    {"rating_code": "B"},
    {"rating_code": ""},
    {"rating_code": "A"},
    {"departments": [term("001", "土木課")]},
    {"results": {"2022": "・甲", "2023": "・乙"}},
    {"pledge_text": "前の文"},
    {"sdgs": None},
    {},
]
AFTER: list[dict[str, Any]] = [
    {"rating_code": "A"},
    {"rating_code": "D", "rating_reason": "入札が不調"},
    {"rating_code": "E"},
    {"rating_code": ""},
    {"departments": [term("001", "土木課", "past", None, 2023), term("002", "道路課", "current", 2024)]},
    {"results": {"2022": "・甲", "2023": "・丙"}},
    {"pledge_text": "新しい文"},
    {"sdgs": [3]},
]


@pytest.fixture
def two(db: None) -> Report:
    """Two years of one manifesto: each kind of change once, the ninth initiative ended, the tenth new."""
    first = save_report(
        [make_entry(number, **values) for number, values in enumerate(BEFORE, start=1)],
        as_of=date(2024, 3, 31),
    )
    after = [
        make_entry(number, **{**BEFORE[number - 1], **values}) for number, values in enumerate(AFTER, start=1)
    ]
    for number in (1, 2, 3, 4, 5, 6, 7, 8):
        after[number - 1].rating_code = AFTER[number - 1].get("rating_code", make_entry(number).rating_code)
    save_report([*after, make_entry(10)], as_of=date(2025, 3, 31))
    return first


def test_each_change_is_listed_in_its_place(site: Site, two: Report) -> None:
    (section,) = sections(site.page("/2017/changes/"))
    assert section.one("h2").text == "令和6年3月末時点（第1版）との違い"
    assert section.one("h2").links == ["/2017/reports/2024-03-31/editions/1/"]
    assert figures(section) == {
        "評価が上がった": "1件",
        "評価が下がった": "1件",
        "評価が付いた・なくなった": "2件",
        "新しい取組": "1件",
        "終わった取組": "1件",
        "担当課が変わった": "1件",
        "文章が直った": "2件",
        "そのほかの記載が変わった": "1件",
    }
    name = "①公約{0}を進めます（取組1）".format
    assert moves(section, "評価が上がった取組") == [[name(1), "B おおむね達成", "A 達成", "記載なし"]]
    assert moves(section, "評価が下がった取組") == [
        [name(2), "B おおむね達成", "D 検討・準備中", "入札が不調"]
    ]
    assert moves(section, "評価が付いた・なくなった取組") == [
        [name(4), "A 達成", "評価なし", "記載なし"],
        [name(3), "評価なし", "E 未着手", "記載なし"],
    ]
    assert listed(section, "新しい取組") == [f"{name(10)} 評価：E 未着手"]
    assert listed(section, "終わった取組") == [f"{name(9)}この公表版には載っていません。"]
    assert listed(section, "担当課が変わった取組") == [f"{name(5)} 担当課：土木課 → 道路課（令和6年度～）"]
    assert listed(section, "文章が直った取組") == [
        f"{name(6)} 直った箇所： 2023年度（前の文を見る）",
        "①新しい文（取組1） 直った箇所：公約の文（前の文を見る）",
    ]
    assert listed(section, "そのほかの記載") == [f"{name(8)} 変わった記載：SDGs（前の記載を見る）"]


def test_links_lead_to_the_report_that_has_the_initiative(site: Site, two: Report) -> None:
    (section,) = sections(site.page("/2017/changes/"))
    older = "/2017/reports/2024-03-31/editions/1/"
    links = [link for link in section.links if link.startswith(older)]
    assert links == [
        older,
        *(f"{older}pledges/{key}" for key in ("1-1-9/#initiative-1", "1-1-6/", "1-1-7/", "1-1-8/")),
    ]
    assert [link for link in section.links if site.status(link.split("#")[0]) != 200] == []


def test_gains_and_losses_look_the_same(site: Site, two: Report) -> None:
    (section,) = sections(site.page("/2017/changes/"))
    pair = section.one("div", "moves-pair").all("div", "moves")
    shapes = [
        [
            (child.name, child.attributes.get("class"))
            for child in block.descendants()
            if not child.name.startswith(("svg", "path"))
        ]
        for block in pair
    ]
    assert [block.one("h3").text for block in pair] == ["評価が上がった取組1件", "評価が下がった取組1件"]
    assert shapes[0] == shapes[1]


def rated(*codes: str, **values: Any) -> list[ReportEntry]:
    return [make_entry(number, rating_code=code, **values) for number, code in enumerate(codes, start=1)]


def test_table_tells_from_which_rating_to_which(site: Site, db: None) -> None:
    save_report(rated("A", "A", "B", "C", "C", "", "D"))
    save_report(
        [*rated("A", "B", "A", "A", "A", "E", ""), make_entry(9, rating_code="A")], as_of=date(2025, 3, 31)
    )
    (section,) = sections(site.page("/2017/changes/"))
    table = section.one("table", "transitions")
    names = ["A 達成", "B おおむね達成", "C 一部達成", "D 検討・準備中", "E 未着手", "評価なし"]
    assert table.one("caption").text == "評価の移り変わり（取組の数）：行が前の評価、列が今回の評価"
    assert table.one("thead").table_rows() == [["前の評価", *names, "合計"]]
    assert [row for row in bare(table) if row[0] != "合計"] == [
        ["A 達成", "1", "↓1", "0", "0", "0", "0", "2"],
        ["B おおむね達成", "↑1", "0", "0", "0", "0", "0", "1"],
        ["C 一部達成", "↑2", "0", "0", "0", "0", "0", "2"],
        ["D 検討・準備中", "0", "0", "0", "0", "0", "1", "1"],
        ["E 未着手", "0", "0", "0", "0", "0", "0", "0"],
        ["評価なし", "0", "0", "0", "0", "1", "0", "1"],
    ]
    assert bare(table)[-1] == ["合計", "4", "1", "0", "0", "1", "1", "7"]
    assert section.one("p", "moves-in-words").text == (
        "どちらの公表版にもある取組は7件です。そのうち評価が変わらなかったものは1件、"
        "上がったものは3件、下がったものは1件、評価が付いた・なくなったものは2件です。"
    )
    assert {each.attributes["scope"] for each in table.all("th")} == {"col", "row"}


def bare(table: Element) -> list[list[str]]:
    """A table's rows below its head, without what is there for screen readers only."""
    rows = [row for part in ("tbody", "tfoot") for row in table.one(part).all("tr")]
    return [[seen(cell) for cell in row.children if isinstance(cell, Element)] for row in rows]


def seen(cell: Element) -> str:
    hidden = "".join(cell.texts("span", "visually-hidden"))
    return cell.text.removesuffix(hidden)


def test_each_number_that_is_a_change_leads_to_its_list(site: Site, db: None) -> None:
    save_report(rated("A", "A", "B", "C", "C", "", "D"))
    save_report(rated("A", "B", "A", "A", "A", "E", ""), as_of=date(2025, 3, 31))
    (section,) = sections(site.page("/2017/changes/"))
    links = section.one("table", "transitions").all("a")
    lists = {each.attributes["id"]: each for each in section.all("h4", "move")}
    assert [(link.text, lists[link.attributes["href"][1:]].text) for link in links] == [
        ("↓1件がAからBに下がった", "A 達成 →から B おおむね達成 1件"),
        ("↑1件がBからAに上がった", "B おおむね達成 →から A 達成 1件"),
        ("↑2件がCからAに上がった", "C 一部達成 →から A 達成 2件"),
        ("1件がDから評価なしに変わった", "D 検討・準備中 →から 評価なし 1件"),
        ("1件が評価なしからEに変わった", "評価なし →から E 未着手 1件"),
    ]
    assert len(lists) == 5
    assert (
        len(
            {
                cell.attributes["class"]
                for link in links
                for cell in section.all("td")
                if link in cell.children
            }
        )
        == 1
    )


def test_list_without_a_row_says_so_beside_the_other(site: Site, db: None) -> None:
    save_report(rated("B", "C"))
    save_report(rated("A", "C"), as_of=date(2025, 3, 31))
    (section,) = sections(site.page("/2017/changes/"))
    assert [block.one("h3").text for block in section.all("div", "moves")] == [
        "評価が上がった取組1件",
        "評価が下がった取組0件",
    ]
    assert section.all("div", "moves")[1].texts("p") == ["評価が下がった取組はありません。"]


def test_no_table_where_no_rating_changed(site: Site, db: None) -> None:
    save_report(rated("B", "C"))
    save_report(rated("B", "C", sdgs=[3]), as_of=date(2025, 3, 31))
    (section,) = sections(site.page("/2017/changes/"))
    assert (section.all("table"), section.all("div", "moves")) == ([], [])
    assert section.one("p", "moves-in-words").text == (
        "評価が変わった取組はありません（どちらの公表版にもある取組2件の評価は、すべて同じです）。"
    )


def test_reports_of_different_scales_show_what_can_be_shown(site: Site, db: None) -> None:
    save_report(rated("B", "E", "A", ""))
    scale = [{"code": "S", "label": "完了", "definition": "", "percent": 100, "level": 1}, *RATINGS[:2]]
    save_report(rated("A", "S", "B", "S"), as_of=date(2025, 3, 31), ratings=scale)
    (section,) = sections(site.page("/2017/changes/"))
    assert section.one("p", "notice").text.startswith(
        "ふたつの公表版で評価の区分が違います。表の行は前の区分、列は今回の区分です。"
    )
    table = section.one("table", "transitions")
    assert table.one("thead").texts("th") == [
        "前の評価",
        "S 完了",
        "A 達成",
        "B おおむね達成",
        "評価なし",
        "合計",
    ]
    assert bare(table) == [
        ["A 達成", "0", "0", "↓1", "0", "1"],
        ["B おおむね達成", "0", "↑1", "0", "0", "1"],
        ["C 一部達成", "0", "0", "0", "0", "0"],
        ["D 検討・準備中", "0", "0", "0", "0", "0"],
        ["E 未着手", "1", "0", "0", "0", "1"],
        ["評価なし", "1", "0", "0", "0", "1"],
        ["合計", "2", "1", "1", "0", "4"],
    ]
    assert [row[1:3] for row in moves(section, "評価が付いた・なくなった・区分が変わった取組")] == [
        ["E 未着手", "S 完了"],
        ["評価なし", "S 完了"],
    ]


def test_initiative_that_ended_and_one_that_is_gone_are_both_told(site: Site, db: None) -> None:
    save_report(rated("B", "C", "A"))
    after = [make_entry(1, rating_code="B", ended_after=2023), make_entry(3, rating_code="A")]
    save_report(after, as_of=date(2025, 3, 31))
    (section,) = sections(site.page("/2017/changes/"))
    assert figures(section)["終わった取組"] == "2件"
    assert listed(section, "終わった取組") == [
        "①公約1を進めます（取組1） 令和5年度（2023年度）で終了しました。終わったときの評価：B おおむね達成",
        "①公約2を進めます（取組1）この公表版には載っていません。",
    ]
    copy_report(Report.objects.get(as_of=date(2025, 3, 31)), as_of=date(2026, 3, 31))
    assert (
        sections(site.page("/2017/changes/"))[0].one("p", "empty").text
        == "取組に変わったところはありません。"
    )


def test_rows_carried_over_are_listed_with_date_and_reason_until_they_are_approved(
    site: Site, db: None
) -> None:
    save_report(rated("B", "C"))
    carried = [make_entry(1, rating_code="B", carried_from=date(2024, 3, 31)), make_entry(2, rating_code="C")]
    carried[1].results = {"2022": "・甲", "2023": "・乙", "2024": "・丙"}
    save_report(carried, as_of=date(2025, 3, 31), unapproved_reason="調整が続いているため")
    _year, section = sections(site.page("/2017/changes/"))
    assert section.one("h2").text == "承認前のため、前の公表のまま載せた取組1件"
    assert section.texts("p") == [
        (
            "この公表のときに、令和6年度（2024年度）の内容がまだ承認されていなかった取組です。"
            "理由：調整が続いているため"
        )
    ]
    assert section.one("h3").text == "令和6年3月末時点のまま1件"
    assert section.texts("li") == ["①公約1を進めます（取組1）"]
    assert section.links == ["/2017/reports/2024-03-31/editions/1/", "/2017/pledges/1-1-1/#initiative-1"]
    approved = [make_entry(1, rating_code="B", results={**carried[0].results, "2024": "・丁"}), carried[1]]
    save_report(approved, as_of=date(2025, 3, 31), edition=2)
    _year, correction = sections(site.page("/2017/changes/"))
    assert listed(correction, "承認された取組") == ["①公約1を進めます（取組1）"]
    assert figures(correction)["文章が直った"] == "0件"


def test_more_than_a_hundred_rows_carried_over_are_folded_by_date(site: Site, db: None) -> None:
    save_report([make_entry(number) for number in range(1, 103)])
    dates = [date(2023, 3, 31)] + [date(2024, 3, 31)] * 101
    carried = [make_entry(number, carried_from=day) for number, day in enumerate(dates, start=1)]
    save_report(carried, as_of=date(2025, 3, 31), unapproved_reason="調整が続いているため")
    section = site.page("/2017/changes/").all("section")[-1]
    assert section.texts("h3") == ["令和5年3月末時点のまま1件", "令和6年3月末時点のまま101件"]
    folded = section.one("details", "folded")
    assert folded.one("summary").text == "101件の取組をすべて見る"
    assert (len(folded.all("li")), len(section.all("li"))) == (101, 102)


def test_report_that_leaves_rows_out_says_why(site: Site, db: None) -> None:
    save_report(rated("B", "C"), unapproved_reason="新しい取組の内容が決まっていないため")
    words = "承認前のため、この公表版に載せていない取組があります。理由：新しい取組の内容が決まっていないため"
    assert words in site.page("/2017/changes/").texts("p")
    assert words in site.page("/2017/").texts("p", "note")


def test_reports_without_a_difference_say_so(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2025, 3, 31))
    (section,) = sections(site.page("/2021/changes/"))
    assert section.one("p", "empty").text == "取組に変わったところはありません。"
    assert section.all("ul", "figures") == []


def test_rating_before_is_named_in_the_words_of_its_time(site: Site, db: None) -> None:
    first = save_report([make_entry(1, rating_code="B"), make_entry(2, rating_code="E")])

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].rating_code = "A"
        entries[1].rating_code = "A"
        return entries

    scale = [RATINGS[0] | {"label": "完了"}, RATINGS[1] | {"label": "順調"}]
    copy_report(first, as_of=date(2025, 3, 31), change=change, ratings=scale)
    (section,) = sections(site.page("/2017/changes/"))
    assert [row[1:3] for row in moves(section, "評価が上がった取組")] == [["B おおむね達成", "A 完了"]]
    assert [row[1:3] for row in moves(section, "評価が付いた・なくなった・区分が変わった取組")] == [
        ["E 未着手", "A 完了"]
    ]


def test_departments_that_answered_together_are_set_apart(site: Site, db: None) -> None:
    first = save_report([make_entry(1, departments=[term("001", "土木課"), term("002", "都市計画課")])])

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].departments = [term("003", "道路課")]
        return entries

    copy_report(first, as_of=date(2025, 3, 31), change=change)
    (section,) = sections(site.page("/2017/changes/"))
    (told,) = listed(section, "担当課が変わった取組")
    assert told.partition("：")[2] == "土木課、都市計画課 → 道路課"


def test_department_from_and_to_nobody_is_said(site: Site, db: None) -> None:
    first = save_report([make_entry(1, departments=[]), make_entry(2)])

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].departments, entries[1].departments = entries[1].departments, []
        return entries

    copy_report(first, as_of=date(2025, 3, 31), change=change)
    (section,) = sections(site.page("/2017/changes/"))
    assert [item.partition("：")[2] for item in listed(section, "担当課が変わった取組")] == [
        "なし → 土木課",
        "土木課 → なし",
    ]


def test_correction_tells_reason_and_places_beside_the_year_s_changes(site: Site, two: Report) -> None:
    newest = Report.objects.get(slug="2017", as_of=date(2025, 3, 31))

    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].rating_code = "C"
        return entries

    copy_report(newest, as_of=newest.as_of, edition=2, change=change, correction_reason="転記の誤り")
    page = site.page("/2017/changes/")
    assert page.one("p", "as-of").text == "令和7年3月末時点・第2版"
    year, correction = sections(page)
    assert (year.one("h2").text, correction.one("h2").text) == (
        "令和6年3月末時点（第1版）との違い",
        "訂正した箇所（第1版との違い）",
    )
    assert correction.texts("p")[0] == "訂正の理由：転記の誤り"
    assert moves(correction, "評価が下がった取組") == [
        ["①公約1を進めます（取組1）", "A 達成", "C 一部達成", "記載なし"]
    ]
    assert moves(year, "評価が下がった取組")[0][1:3] == ["B おおむね達成", "C 一部達成"]
    first = sections(site.page("/2017/reports/2025-03-31/editions/1/changes/"))
    assert [each.one("h2").text for each in first] == ["令和6年3月末時点（第1版）との違い"]


def test_correction_of_the_first_report_is_compared_with_its_first_edition(site: Site, demo: Report) -> None:
    copy_report(
        demo,
        as_of=demo.as_of,
        edition=2,
        change=lambda entries: entries[:-1],
        correction_reason="重複を除いた",
    )
    (section,) = sections(site.page("/2021/changes/"))
    assert section.one("h2").links == ["/2021/reports/2024-03-31/editions/1/"]
    assert figures(section)["終わった取組"] == "1件"
    assert site.page("/2021/").one("aside", "permalink").texts("p")[0].endswith("訂正の理由：重複を除いた")


def test_newer_report_is_compared_with_the_corrected_figures(site: Site, demo: Report) -> None:
    """The latest page sees the last edition of the year before; an edition's own address what stood when it
    was published.
    """
    copy_report(demo, as_of=date(2025, 3, 31))
    copy_report(demo, as_of=demo.as_of, edition=2)
    heads = {
        base: sections(site.page(f"{base}changes/"))[0].one("h2").text
        for base in ("/2021/", "/2021/reports/2025-03-31/editions/1/")
    }
    assert heads == {
        "/2021/": "令和6年3月末時点（第2版）との違い",
        "/2021/reports/2025-03-31/editions/1/": "令和6年3月末時点（第1版）との違い",
    }


# ---- from the workspace to the page


def next_year() -> ReportingRound:
    """The round of FY2024, every action approved as it was the year before, and plans for FY2025."""
    manifesto = Manifesto.objects.get()
    last = manifesto.rounds.get(fiscal_year=2023)
    round = manifesto.rounds.create(fiscal_year=2024, as_of=date(2025, 3, 31), state=RoundState.CLOSED)
    actions = [
        YearlyAction(
            initiative=action.initiative,
            round=round,
            result="・予定のとおり行いました。",
            plan="・さらに進めます。",
            rating=action.rating,
            state=ActionState.APPROVED,
            is_imported=True,
        )
        for action in last.actions.select_related("initiative", "rating")
    ]
    YearlyAction.objects.bulk_create(actions)
    return round


PASSED_ON = 11  # duties that pass to another department with 令和6年度, by the city's table itself


def test_second_year_and_a_rename_from_the_workspace(site: Site, demo: Report) -> None:
    round = next_year()
    scale = {rating.code: rating for rating in Rating.objects.all()}
    action = {
        code: round.actions.filter(rating__code=code).order_by("initiative__pk")[0] for code in ("B", "C")
    }
    YearlyAction.objects.filter(pk=action["B"].pk).update(rating=scale["A"])
    YearlyAction.objects.filter(pk=action["C"].pk).update(
        rating=scale["E"], rating_reason="用地の取得が遅れたため"
    )
    unrated = round.actions.filter(rating=None).order_by("initiative__pk")[0]
    YearlyAction.objects.filter(pk=unrated.pk).update(rating=scale["D"])
    department = Department.objects.get(name="企業誘致課")
    duties = department.assignments.count()
    Department.objects.filter(pk=department.pk).update(name="産業立地課")
    ended = Initiative.objects.order_by("pk").last()
    assert ended is not None
    Initiative.objects.filter(pk=ended.pk).update(last_fiscal_year=2023)
    round.actions.filter(initiative=ended).delete()
    new = Initiative.objects.create(
        pledge=Pledge.objects.order_by("pk")[0], position=9, first_fiscal_year=2024
    )
    new.actions.create(
        round=round, result="・始めました。", rating=scale["D"], state=ActionState.APPROVED, is_imported=True
    )
    before = {
        path: site.get(f"/2021/reports/2024-03-31/{path}").content for path in ("departments/", "pledges/")
    }
    assert "企業誘致課" in before["departments/"].decode()
    publishing.publish(round, by="企画調整課")
    (section,) = sections(site.page("/2021/changes/"))
    assert figures(section) == {
        "評価が上がった": "1件",
        "評価が下がった": "1件",
        "評価が付いた・なくなった": "1件",
        "新しい取組": "1件",
        "終わった取組": "1件",
        "担当課が変わった": f"{PASSED_ON}件",
        "文章が直った": "0件",
        "そのほかの記載が変わった": f"{duties}件",
    }
    assert moves(section, "評価が下がった取組")[0][1:] == ["C 一部達成", "E 未着手", "用地の取得が遅れたため"]
    told = [item.partition("変わった記載：")[2] for item in listed(section, "そのほかの記載")]
    assert told == ["担当課の名前（企業誘致課 → 産業立地課）（前の記載を見る）"] * duties
    names = {
        path: "企業誘致課" in site.page(f"{path}departments/").texts("a")
        for path in ("/2021/", "/2021/reports/2024-03-31/")
    }
    assert names == {"/2021/": False, "/2021/reports/2024-03-31/": True}
    first = site.page("/2021/pledges/1-1-1/").all("section", "initiative")[0]
    assert [len(year.all("div", "both")) for year in first.all("li", "year")] == [0, 1, 0, 0, 0]


def test_correction_of_the_header_alone_is_told(site: Site, demo: Report) -> None:
    scale = [{**rating, "label": f"新しい{rating['label']}"} for rating in demo.ratings]
    copy_report(
        demo,
        as_of=demo.as_of,
        edition=2,
        ratings=scale,
        title="市長公約の達成状況",
        correction_reason="名称の誤り",
    )
    (section,) = sections(site.page("/2021/changes/"))
    assert section.texts("p") == [
        "訂正の理由：名称の誤り",
        "公表版の評価の区分と基準、表題が変わりました。前の評価の付け方を見る",
        "取組に変わったところはありません。",
    ]


def test_another_date_s_title_is_no_change_of_the_header(site: Site, two: Report) -> None:
    newest = Report.objects.get(slug="2017", as_of=date(2025, 3, 31))
    copy_report(newest, as_of=date(2026, 3, 31), title="市長マニフェストの達成状況（令和8年3月末時点）")
    (section,) = sections(site.page("/2017/changes/"))
    assert section.texts("p") == ["取組に変わったところはありません。"]

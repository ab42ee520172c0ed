"""The overview: its figures against those counted from the city's own table."""

import re
import unicodedata
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.public.building import copy_report, make_entry, save_report
from tests.public.conftest import Row, Site
from tests.public.markup import Element
from tracker.models import Report, ReportEntry
from tracker.published_tables.file.table import PublishedTable

PERCENT = {"A": 100, "B": 75, "C": 50, "D": 25, "E": 0}
LABELS = {
    "A": "A 達成",
    "B": "B おおむね達成",
    "C": "C 一部達成",
    "D": "D 検討・準備中",
    "E": "E 未着手",
    "": "評価なし",
}
ONLY_CONTINUED = re.compile(r"・?令和(\d+|元)年度までの取組を引き続き(実施|継続)(しました|します)。?")


def average(codes: list[str]) -> str:
    """The mean of the rated, as a page writes it; none of fewer than five."""
    rated = [PERCENT[code] for code in codes if code]
    if len(rated) < 5:
        return "―"
    return f"{(Decimal(sum(rated)) / len(rated)).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def test_table_has_the_known_size(rows: list[Row], table: PublishedTable) -> None:
    """What the figures below are checked against, written down once."""
    assert (len(table.categories), len(table.pledges()), len(rows)) == (8, 138, 207)
    assert Counter(row.rating for row in rows) == {"A": 59, "B": 77, "C": 41, "D": 22, "E": 4, "": 4}
    assert average([row.rating for row in rows]) == "70.3%"


def test_lead_tells_pledges_and_initiatives(site: Site, demo: Report) -> None:
    assert site.page("/2021/").one("p", "lead").texts("strong") == ["138の公約", "207の取組"]


def test_counts_per_rating_are_those_of_the_table(site: Site, demo: Report, rows: list[Row]) -> None:
    counted = Counter(row.rating for row in rows)
    body = site.page("/2021/").one("table", "distribution").table_rows()
    assert [row[1] for row in body[1:-1]] == [f"{counted[code]}件" for code in LABELS]
    assert [row[0].startswith(words) for row, words in zip(body[1:-1], LABELS.values(), strict=True)] == [
        True
    ] * 6
    assert [row[2] for row in body[1:-1]] == ["28.5%", "37.2%", "19.8%", "10.6%", "1.9%", "1.9%"]
    assert body[-1] == ["合計", "207件", "100%"]


@pytest.mark.parametrize("path", ["/2021/", "/2021/ratings/"])
def test_counts_lead_to_lists_of_that_many(site: Site, demo: Report, rows: list[Row], path: str) -> None:
    counted = Counter(row.rating for row in rows)
    links = site.page(path).one("table", "distribution").links
    found = [site.page(*link.split("?")).one("p", "result-count").text for link in links]
    assert found == [f"207件中 {counted[code]}件の取組" for code in LABELS]


@pytest.mark.parametrize("path", ["/2021/", "/2021/ratings/"])
def test_average_is_shown_with_its_formula(site: Site, demo: Report, path: str) -> None:
    assert site.page(path).one("p", "average").text == (
        (
            "平均進捗率 70.3% ＝（100×59件＋75×77件＋50×41件＋25×22件＋0×4件）"
            "÷203件　※評価なし4件は計算に入れていません"
        ).replace("\u3000", " ")
    )


def test_fields_have_their_own_figures_and_add_up(site: Site, demo: Report, rows: list[Row]) -> None:
    table = site.page("/2021/").section("fields").one("table", "group-table").table_rows()
    expected = []
    for number, name in dict.fromkeys((row.category.number, row.category.name) for row in rows):
        codes = [row.rating for row in rows if row.category.number == number]
        expected.append(
            [
                f"{number}. {name}",
                "",
                *(str(codes.count(code)) for code in LABELS),
                str(len(codes)),
                average(codes),
            ]
        )
    assert table[1:-1] == expected
    assert table[-1] == ["全体", "", "59", "77", "41", "22", "4", "4", "207", "70.3%"]
    for column in range(2, 9):
        assert sum(int(row[column]) for row in table[1:-1]) == int(table[-1][column])


def test_each_pledge_is_one_square_that_leads_to_it(site: Site, demo: Report, rows: list[Row]) -> None:
    squares = [link for each in site.page("/2021/").all("ul", "squares") for link in each.all("a")]
    pledges: dict[str, list[Row]] = {}
    for row in rows:
        pledges.setdefault(row.pledge_key, []).append(row)
    assert len(squares) == 138
    assert [each.attributes["href"] for each in squares] == [f"/2021/pledges/{key}/" for key in pledges]
    assert [each.attributes["aria-label"] for each in squares] == [
        square_name(own) for own in pledges.values()
    ]
    assert [each.attributes["title"] for each in squares] == [
        each.attributes["aria-label"] for each in squares
    ]
    assert [len(each.all("rect")) for each in squares] == [len(own) for own in pledges.values()]
    assert [each.texts("text") for each in squares] == [
        [row.rating or "—" for row in own] for own in pledges.values()
    ]


def square_name(own: list[Row]) -> str:
    """What a screen reader says of a square."""
    words = [LABELS[row.rating] for row in own]
    ratings = (
        words[0]
        if len(own) == 1
        else f"取組{len(own)}件：" + "、".join(f"{w} {words.count(w)}件" for w in dict.fromkeys(words))
    )
    return f"{own[0].pledge.number}{own[0].pledge.text}（{ratings}）"


def test_each_square_resolves(site: Site, demo: Report) -> None:
    links = [link for each in site.page("/2021/").all("ul", "squares") for link in each.links]
    assert [link for link in links if site.status(link) != 200] == []


def test_fields_squares_tell_their_counts(site: Site, demo: Report, rows: list[Row]) -> None:
    counts = [
        each.one("h3").one("span", "count").text
        for each in site.page("/2021/").all("section", "field-squares")
    ]
    expected = []
    for number in range(1, 9):
        own = [row for row in rows if row.category.number == number]
        expected.append(f"公約{len({row.pledge_key for row in own})}件・取組{len(own)}件")
    assert counts == expected


def text_kind(text: str) -> str:
    """Whether a year's text says something, only "as before", or nothing, by a rule of the test's own."""
    if not text:
        return "無"
    folded = [unicodedata.normalize("NFKC", line).replace(" ", "") for line in text.split("\n")]
    return "継" if all(ONLY_CONTINUED.fullmatch(line) for line in folded) else "新"


def kinds(rows: list[Row], kind: str, year: int) -> list[str]:
    found = Counter(text_kind(getattr(row.initiative, kind).get(year, "")) for row in rows)
    return [f"{name} {found[name]}" for name in "新継無"]


def test_only_continued_texts_are_counted_by_year_and_field(
    site: Site, demo: Report, rows: list[Row]
) -> None:
    section = site.page("/2021/").section("years")
    columns = [("results", 2021), ("results", 2022), ("results", 2023), ("plans", 2024)]
    heads = section.one("thead").texts("th")
    assert heads == [
        "分野",
        "令和3年度（2021年度）まで",
        "令和4年度（2022年度）",
        "令和5年度（2023年度）",
        "令和6年度（2024年度）予定",
    ]
    body = [cells(row) for row in section.one("tbody").all("tr")]
    by_field = [[row for row in rows if row.category.number == number] for number in range(1, 9)]
    assert body == [[kinds(own, *column) for column in columns] for own in by_field]
    assert cells(section.one("tfoot")) == [kinds(rows, *column) for column in columns]
    assert [cell[1] for cell in cells(section.one("tfoot"))] == ["継 0", "継 57", "継 81", "継 99"]


def cells(row: Element) -> list[list[str]]:
    return [[span.text for span in cell.one("span", "text-counts").all("span")] for cell in row.all("td")]


def test_first_report_says_that_there_is_nothing_to_compare(site: Site, demo: Report) -> None:
    page = site.page("/2021/")
    section = page.section("changes")
    assert page.one("h1").text == "138の公約のうち31件が、すべての取組で達成。"
    assert section.links == []
    assert section.texts("p") == [
        "これが最初の公表版なので、比べられる前回の公表版がまだありません。"
        "次の公表からは、評価が上がった取組も下がった取組も、ここで同じようにお知らせします。"
    ]


def test_second_report_tells_gains_and_losses_alike(site: Site, demo: Report) -> None:
    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        rated = [entry for entry in entries if entry.rating_code == "B"]
        for entry in rated[:3]:
            entry.rating_code = "A"
        for entry in rated[3:5]:
            entry.rating_code = "D"
        return entries[:-1]

    copy_report(demo, as_of=date(2025, 3, 31), change=change)
    page = site.page("/2021/")
    section = page.section("changes")
    assert page.one("h1").text.endswith("前回から、取組3件の評価が上がり、2件が下がりました。")
    assert section.one("ul", "figures").texts("li")[:2] == ["▲ 評価が上がった 3件", "▼ 評価が下がった 2件"]
    assert section.all("p")[0].text == "令和6年3月末時点の公表版と比べました。変化の一覧を見る"
    assert section.links == ["/2021/changes/"]


def test_unrated_only_has_no_average_and_no_zero(site: Site, db: None) -> None:
    """An average that takes "not rated" for 0 is the commonest bug of such sites (decidim #500, caps
    #507).
    """
    save_report([make_entry(1, rating_code=""), make_entry(2, rating_code="")])
    page = site.page("/2017/")
    assert (
        page.one("p", "average").text
        == "平均進捗率は計算できません（評価された取組がないか、評価に進捗率の目安がないためです）。"
    )
    assert page.section("fields").one("tfoot").table_rows() == [
        ["全体", "", "0", "0", "0", "0", "0", "2", "2", "―"]
    ]
    assert page.all("strong", "average-figure") == []


def test_scale_without_percent_has_no_average(site: Site, db: None) -> None:
    ratings = [
        {"code": code, "label": label, "definition": "", "percent": None, "level": level}
        for code, label, level in (("◎", "達成", 1), ("○", "順調", 3), ("△", "遅れ", 5))
    ]
    save_report([make_entry(1, rating_code="◎"), make_entry(2, rating_code="△")], ratings=ratings)
    page = site.page("/2017/")
    assert [row[:2] for row in page.one("table", "distribution").table_rows()[1:]] == [
        ["◎ 達成", "1件"],
        ["○ 順調", "0件"],
        ["△ 遅れ", "1件"],
        ["評価なし 評価が付けられていない取組", "0件"],
        ["合計", "2件"],
    ]
    assert "計算できません" in page.one("p", "average").text
    assert site.page("/2017/pledges/", {"rating": "◎"}).one("p", "result-count").text == "2件中 1件の取組"
    assert page.one("table", "distribution").links[0] == "/2017/pledges/?rating=%E2%97%8E"


def test_unrated_stay_out_of_the_average(site: Site, db: None) -> None:
    codes = [*"ABABAB", ""]
    save_report([make_entry(number, rating_code=code) for number, code in enumerate(codes, start=1)])
    assert site.page("/2017/").one("strong", "average-figure").text == "87.5%"


def test_few_ratings_have_no_average_but_a_word_about_it(site: Site, db: None) -> None:
    save_report([make_entry(number, rating_code="A") for number in range(1, 5)])
    page = site.page("/2017/")
    assert page.one("p", "average").text == (
        "評価のある取組が5件より少ないため、平均進捗率は出していません。件数で見てください。"
    )
    assert page.section("fields").one("tfoot").table_rows()[0][-1] == "―"


def test_search_box_leads_to_the_list_of_the_same_report(site: Site, demo: Report) -> None:
    for base in ("/2021/", "/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/editions/1/"):
        form = site.page(base).one("form", "quick-search")
        assert (form.attributes["action"], form.attributes["method"]) == (f"{base}pledges/#results", "get")
        assert form.one("label").attributes["for"] == form.one("input").attributes["id"]

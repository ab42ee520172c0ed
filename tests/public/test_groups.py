"""The same rows seen from departments, SDGs and the plan: figures agree with the table and with each
other.
"""

from collections import Counter

import pytest

from tests.public.building import make_entry, save_report, term
from tests.public.conftest import Row, Site, keys_of
from tests.public.markup import Element
from tests.public.test_overview import LABELS, average
from tracker.models import Report
from tracker.words.sdgs import GOALS


def figures(codes: list[str]) -> list[str]:
    """The cells of a group: nothing for the bar, counts, total, average."""
    return ["", *(str(codes.count(code)) for code in LABELS), str(len(codes)), average(codes)]


def summary(page: Element) -> list[str]:
    return page.one("div", "group-summary").one("ul", "figures").texts("b")


def test_departments_have_the_counts_of_the_table(site: Site, demo: Report, rows: list[Row]) -> None:
    table = site.page("/2021/departments/").one("table", "group-table").table_rows()
    codes: dict[str, list[str]] = {}
    others: Counter[str] = Counter()
    for row in rows:
        current = row.departments_in(2023)
        for name in dict.fromkeys(current):
            codes.setdefault(name, []).append(row.rating)
        others.update({t.name for t in row.initiative.departments} - set(current))
    names = list(dict.fromkeys(t.name for row in rows for t in row.initiative.departments))
    assert len(names) == 51
    expected = []
    for name in names:
        note = f"（以前または今後の担当 {others[name]}件）" if name not in codes else ""
        expected.append([name + note, *figures(codes.get(name, []))])
    assert sorted(table[1:]) == sorted(expected)


def test_departments_tell_how_many_initiatives_have_none(site: Site, demo: Report, rows: list[Row]) -> None:
    nobody = sum(not row.initiative.departments for row in rows)
    assert nobody == 5
    notes = site.page("/2021/departments/").texts("p", "note")
    assert notes[-1] == f"市の担当課の記載がない取組が{nobody}件あります。"


@pytest.mark.parametrize(("name", "of"), [("departments", "担当課"), ("sdgs", "目標"), ("plans", "番号")])
def test_a_table_of_letters_says_what_they_and_a_missing_average_mean(
    site: Site, demo: Report, name: str, of: str
) -> None:
    page = site.page(f"/2021/{name}/")
    assert page.one("ul", "legend").texts("li") == [*LABELS.values()]
    few = f"評価のある取組が5件より少ない{of}には、平均を出していません。"
    assert page.texts("p", "note")[0] == few


def test_department_page_agrees_with_the_list_of_departments(site: Site, demo: Report) -> None:
    page = site.page("/2021/departments/")
    for row, cells in zip(
        page.one("tbody").all("tr"), page.one("table", "group-table").table_rows()[1:], strict=True
    ):
        own = site.page(row.links[0])
        assert summary(own) == [f"{count}件" for count in cells[2:9]]
        current = [each for each in own.all("section") if each.one("h2").text.startswith("担当している取組")]
        assert sum(len(keys_of(section)) for section in current) == int(cells[8])


def test_department_filter_finds_its_page_s_initiatives(site: Site, demo: Report) -> None:
    for code in ("001", "012", "030"):
        page = site.page(f"/2021/departments/{code}/")
        assert sorted(keys_of(page)) == sorted(keys_of(site.page("/2021/pledges/", {"department": code})))


def test_department_page_tells_past_and_coming_duties_apart(site: Site, db: None) -> None:
    duties = [
        term("001", "土木課", "past", None, 2022),
        term("002", "道路課", "current", 2023, None),
        term("003", "公園課", "next", 2024, None),
    ]
    save_report([make_entry(1, departments=duties), make_entry(2, departments=[term("001", "土木課")])])
    parts = {
        code: [
            (part.one("h2").text, keys_of(part))
            for part in site.page(f"/2017/departments/{code}/").one("main").all("section")
        ]
        for code in ("001", "002", "003")
    }
    assert parts == {
        "001": [("担当している取組1件", ["1-1-2-1"]), ("以前に担当していた取組1件", ["1-1-1-1"])],
        "002": [("担当している取組1件", ["1-1-1-1"])],
        "003": [("これから担当する取組1件", ["1-1-1-1"])],
    }
    assert summary(site.page("/2017/departments/003/"))[-1] == "0件"
    page = site.page("/2017/departments/")
    assert page.texts("span", "sub") == ["（以前または今後の担当 1件）"]
    assert page.one("p", "lead").text.startswith(
        "令和6年3月末時点の担当課は 2課です。ほかに、以前または今後に担当する課を載せています。"
    )


def test_departments_without_an_orphan_say_nothing_of_it(site: Site, db: None) -> None:
    save_report([make_entry(1)])
    page = site.page("/2017/departments/")
    assert len(page.all("p", "note")) == 1  # of averages
    assert page.one("p", "lead").text.startswith("令和6年3月末時点の担当課は 1課です。ひとつの")


def test_goals_have_the_counts_of_the_table(site: Site, demo: Report, rows: list[Row]) -> None:
    table = site.page("/2021/sdgs/").one("table", "group-table").table_rows()
    assert table[1:] == [
        [
            f"{number} {goal.name}",
            *figures([row.rating for row in rows if number in (row.initiative.sdgs or ())]),
        ]
        for number, goal in GOALS.items()
    ]


def test_goals_tell_what_is_not_known(site: Site, demo: Report, rows: list[Row]) -> None:
    unknown = sum(row.initiative.sdgs is None for row in rows)
    none = sum(row.initiative.sdgs == () for row in rows)
    told = (
        f"207件のうち {unknown}件は、SDGs の目標が分かりません"
        "（元の表のアイコンから番号を読み取れないか、記載がありません）。"
        f"{none}件には関連する目標がありません。ここに出るのは目標の分かるものだけです。"
    )
    for address in ("sdgs/", "sdgs/4/", "sdgs/2/", "pledges/?sdg=4", "pledges/?sdg=2&rating=A"):
        path, _, query = f"/2021/{address}".partition("?")
        assert site.page(path, query).one("p", "notice").text == told, address
    for address in ("pledges/", "pledges/?sdg=99"):
        path, _, query = f"/2021/{address}".partition("?")
        page = site.page(path, query)
        assert page.all("p", "notice") == []
        words = f"207件のうち {unknown}件は、SDGs の目標が分からないので、この条件では探せません。"
        assert page.one("form", "filters").texts("p").count(words) == 1
    description = site.get("/2021/sdgs/4/").content.decode().split('name="description"')[1].split(">")[0]
    assert f"207件のうち {unknown}件は、SDGs の目標が分かりません。" in description


def test_goal_page_lists_its_initiatives(site: Site, demo: Report, rows: list[Row]) -> None:
    for number, goal in GOALS.items():
        page = site.page(f"/2021/sdgs/{number}/")
        own = [row for row in rows if number in (row.initiative.sdgs or ())]
        assert page.one("h1").text == f"目標{number} {goal.name}"
        assert keys_of(page) == [row.key for row in own]
        if own:
            assert summary(page) == [f"{count}件" for count in figures([row.rating for row in own])[1:8]]
        else:
            assert page.one("p", "empty").links == ["/2021/sdgs/"]


def test_goals_known_of_all_have_no_notice(site: Site, nothing_published: None) -> None:
    save_report([make_entry(1, sdgs=[1]), make_entry(2, sdgs=[])])
    assert site.page("/2017/sdgs/").all("p", "notice") == []


def test_goal_one_is_not_goal_eleven(site: Site, db: None) -> None:
    save_report([make_entry(1, sdgs=[1]), make_entry(2, sdgs=[11]), make_entry(3, sdgs=[1, 11])])
    assert keys_of(site.page("/2017/sdgs/1/")) == ["1-1-1-1", "1-1-3-1"]
    assert keys_of(site.page("/2017/sdgs/11/")) == ["1-1-2-1", "1-1-3-1"]


def plan_codes(row: Row) -> set[str]:
    return {reference.base_code for reference in row.initiative.plan_projects if reference.base_code}


def test_plan_codes_have_the_counts_of_the_table(site: Site, demo: Report, rows: list[Row]) -> None:
    page = site.page("/2021/plans/")
    codes = sorted(
        {code for row in rows for code in plan_codes(row)},
        key=lambda code: [int(part) for part in code.split("-")],
    )
    table = page.one("table", "group-table").table_rows()[1:]
    assert [link.text for link in page.one("tbody").all("a")] == codes
    assert [cells[1:] for cells in table] == [
        figures([row.rating for row in rows if code in plan_codes(row)]) for code in codes
    ]


def test_plan_page_lists_its_initiatives_and_printed_codes(site: Site, demo: Report, rows: list[Row]) -> None:
    for code in sorted({code for row in rows for code in plan_codes(row)}):
        page = site.page(f"/2021/plans/{code}/")
        own = [row for row in rows if code in plan_codes(row)]
        references = {
            (r.code, r.name) for row in own for r in row.initiative.plan_projects if r.base_code == code
        }
        assert keys_of(page) == [row.key for row in own]
        names = page.one("main").all("ul")[0].texts("li")
        assert names == [f"{printed} {name}" for printed, name in sorted(references)]


def test_plan_code_is_not_found_inside_a_longer_one(site: Site, db: None) -> None:
    def project(code: str) -> list[dict[str, str]]:
        return [{"code": f"{code}①", "base_code": code, "name": "道路の整備 事業"}]

    save_report(
        [make_entry(1, plan_projects=project("2-2-1")), make_entry(2, plan_projects=project("2-2-10"))]
    )
    assert keys_of(site.page("/2017/plans/2-2-1/")) == ["1-1-1-1"]
    assert keys_of(site.page("/2017/pledges/", {"plan": "2-2-10"})) == ["1-1-2-1"]


def test_plan_with_many_projects_names_two(site: Site, db: None) -> None:
    projects = [
        {"code": f"1-1-1{mark}", "base_code": "1-1-1", "name": name}
        for mark, name in zip("①②③", "甲乙丙", strict=True)
    ]
    save_report([make_entry(1, plan_projects=projects)])
    assert site.page("/2017/plans/").texts("span", "sub") == ["甲／乙 など"]


def test_total_of_a_report_is_the_same_on_each_page(site: Site, demo: Report) -> None:
    """Totals that differ between pages are another site's bug (caps #362)."""
    overview, ratings = (
        site.page(path).one("table", "distribution").table_rows() for path in ("/2021/", "/2021/ratings/")
    )
    assert overview == ratings
    found = site.page("/2021/pledges/").one("p", "result-count").text
    assert found == "207件中 207件の取組"
    by_field = [
        site.page("/2021/pledges/", {"field": str(number)}).one("p", "result-count").one("strong").text
        for number in range(1, 9)
    ]
    table = site.page("/2021/").section("fields").one("tbody").table_rows()
    assert by_field == [f"{row[8]}件" for row in table]
    assert sum(int(words.removesuffix("件")) for words in by_field) == 207

"""The pages in やさしい日本語 and English: made from the scale, or the manifesto's own words."""

import pytest

from tests.public.building import RATINGS, make_entry, save_report
from tests.public.conftest import Site
from tests.public.markup import Element
from tracker.models import Report
from tracker.words.step_words import step_words


def rows(page: Element) -> list[list[str]]:
    return page.one("table").table_rows()[1:]


def test_steps_are_explained_by_the_reports_own_scale(site: Site, db: None) -> None:
    own = [RATINGS[0], {**RATINGS[3], "label": "独自の区分", "percent": None, "definition": "話し合いの途中"}]
    save_report([make_entry(1, rating_code="A"), make_entry(2, rating_code="")], ratings=own)
    easy, english = (rows(site.page(f"/2017/{name}/")) for name in ("easy", "english"))
    assert easy == [
        ["A 達成", "やくそくした ことが できました。（100%）", "1"],
        ["D 独自の区分", "話し合いの途中", "0"],
        [
            "評価なし",
            "評価ひょうかを つけて いません。「まだ できて いない」という 意味いみでは ありません。",
            "1",
        ],
    ]
    assert english == [
        ["A 達成", "Achieved (100%)", "1"],
        ["D 独自の区分", "独自の区分 (in Japanese)", "0"],
        ["評価なし", "Not rated. This does not mean that nothing was done.", "1"],
    ]
    pages = [site.page(f"/2017/{name}/") for name in ("easy", "english")]
    told = [page.one("section", **{"aria-labelledby": "steps"}).texts("p")[0] for page in pages]
    assert told[0].endswith("公約こうやく 2の うち 1は、ぜんぶの 取組とりくみが「達成」です。")
    assert told[1].endswith("1 of the 2 pledges have the best rating (達成) for all of their initiatives.")


def test_classes_are_explained_by_their_names_and_no_pledge_is_counted(site: Site, db: None) -> None:
    own = [
        {
            **RATINGS[0],
            "code": "実施済",
            "label": "終えたもの",
            "definition": "",
            "percent": None,
            "ranked": False,
        },
        {
            **RATINGS[1],
            "code": "保留",
            "label": "止めているもの",
            "definition": "",
            "percent": None,
            "ranked": False,
        },
    ]
    save_report([make_entry(1, rating_code="保留")], ratings=own)
    pages = [site.page(f"/2017/{name}/") for name in ("easy", "english")]
    assert [[row[1] for row in rows(page)[:2]] for page in pages] == [
        ["しました。", "止めているもの"],
        ["Done", "止めているもの (in Japanese)"],
    ]
    assert [words in page.text for words, page in zip(("ぜんぶの", "best rating"), pages, strict=True)] == [
        False
    ] * 2


def test_the_manifestos_own_words_stand_instead_and_nothing_runs_in_them(site: Site, db: None) -> None:
    said = {"easy": "やさしい 文です。\n\n<script>1</script>", "english": "Our own words."}
    save_report([make_entry(1)], about=said)
    easy, english = (site.page(f"/2017/{name}/") for name in said)
    assert easy.one("div", "explained").texts("p") == ["やさしい 文です。", "<script>1</script>"]
    assert english.one("div", "explained").texts("p") == ["Our own words."]
    assert [page.all("section", id="what") for page in (easy, english)] == [[], []]


def test_each_part_says_its_language(site: Site, demo: Report) -> None:
    page = site.page("/2021/english/")
    assert page.one("html").attributes["lang"] == "en"
    japanese = [
        ("header", "site-header"),
        ("nav", "breadcrumb"),
        ("aside", "permalink"),
        ("footer", "site-footer"),
    ]
    assert {page.one(*part).attributes.get("lang") for part in japanese} == {"ja"}
    assert {row.one("th").attributes["lang"] for row in page.one("table").one("tbody").all("tr")} == {"ja"}
    assert "lang" not in site.page("/2021/easy/").one("footer", "site-footer").attributes
    links = [a for a in site.page("/2021/").one("footer").all("a") if a.attributes.get("lang") == "en"]
    assert [a.attributes["href"] for a in links] == ["/2021/english/"]


@pytest.mark.parametrize("label", [step["label"] for step in RATINGS])
def test_the_steps_of_our_own_table_are_all_known(label: str) -> None:
    assert all(step_words(label))

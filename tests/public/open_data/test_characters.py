"""Characters: rewritten in plain ones, replaced for cp932, and all of it told."""

import unicodedata
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tests.public.building import make_entry, save_report
from tests.public.conftest import Site
from tests.public.open_data.reading import TABLES, Downloaded, file_name
from tracker.public.open_data.characters import (
    DEPENDENT,
    LIKE,
    apostrophe,
    in_cp932,
    in_csv,
    plain,
    replacements,
    rewritings,
)
from tracker.public.open_data.shared_columns import printed_number
from tracker.workbooks.csv_text import unguarded

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "①❶㈱Ⅲ \u3000\n\r\t\x0b\u2028〜—−𠮷😀葛\U000e0100\ue000あA1"
)


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("①②⑳", "(1)(2)(20)"),
        ("❶❾➀", "(1)(9)(1)"),
        ("⓪⑴⒈", "(0)(1)(1)"),
        ("㊿㉑㉈", "(50)(21)(10)"),
        ("㈱㈲㊑㋐", "(株)(有)(株)(ア)"),
        ("Ⅲⅳ", "IIIiv"),
        ("㎡㌔㏍", "m2キロKK"),
        ("㍻㋿", "平成令和"),
        ("№℡", "NoTEL"),
        ("ⒶⒷ⒜", "(A)(B)(a)"),
        ("⅓", "1/3"),
        ("½", "½"),
        ("∞〝〟～神髙℃𠮷", "∞〝〟～神髙℃𠮷"),
        ("=令和6年度", "=令和6年度"),
        ("一行目\r\n二行目\t三", "一行目  二行目 三"),
        ("　前後　", "前後"),
        ("甲\x0b乙\x01", "甲乙"),
        ("　", ""),
        ("", ""),
        (3, 3),
        (None, None),
    ],
)
def test_plain_rewrites_just_the_dependent_characters(wording: Any, expected: Any) -> None:
    assert plain(wording) == expected


@given(TEXTS)
def test_plain_is_what_the_rewritings_say(wording: str) -> None:
    """Whoever reads the table of rewritings can follow each difference."""
    told = [(each.character, each.written_as) for each in rewritings(wording)]
    written = str(plain(wording))
    left = list(wording)
    for character, _written in told:
        left.remove(character)
    kept = [character for character in written if character in left and left.remove(character) is None]
    assert (left, len(kept)) == ([], len(wording) - len(told))
    assert bool(told) == (written != wording)
    assert plain(written) == written
    assert [c for c in written if DEPENDENT.match(c) and unicodedata.category(c) != "Cn"] == []


@pytest.mark.parametrize(
    ("wording", "written", "words"),
    [
        ("=1+1|cmd", "'=1+1|cmd", "（'）="),
        ("+81-3", "'+81-3", "（'）+"),
        ("-環境", "'-環境", "（'）-"),
        ("@SUM(A1)", "'@SUM(A1)", "（'）@"),
        ("＝1", "'＝1", "（'）＝"),
        ("－５", "'－５", "（'）－"),
        ("−5", "'−5", "（'）−"),
        ("\t\r=1", "'=1", "（'）="),
        ("'=1", "''=1", "（'）'"),
        ("-1-2", "'-1-2", "（'）-"),
        ("-01", "'-01", "（'）-"),
        ("+5", "'+5", "（'）+"),
    ],
)
def test_csv_writes_an_apostrophe_before_what_would_run_and_tells_it(
    wording: str, written: str, words: str
) -> None:
    assert in_csv(wording) == written
    assert unguarded(written) == plain(wording)
    assert [each.words for each in apostrophe(wording)] == [words]


@pytest.mark.parametrize(
    "wording",
    ["-5", "-0.5", "-1,234", "-5%", "-", "＋", "'0", "甲=乙", "1-2", "―", "・-甲", "", "#N/A", -5, None],
)
def test_csv_leaves_numbers_and_other_texts_alone(wording: Any) -> None:
    assert in_csv(wording) == wording
    assert apostrophe(str(wording)) == []


@given(TEXTS)
def test_cp932_holds_what_is_left_and_every_replacement_is_told(wording: str) -> None:
    written = in_cp932(wording)
    assert written.encode("cp932").decode("cp932") == written
    told = iter(replacements(wording))
    rebuilt = "".join(next(told).written_as if not stands(character) else character for character in wording)
    assert (rebuilt, list(told)) == (written, [])


def stands(character: str) -> bool:
    """Whether a character comes back from cp932 as itself, by the codec alone and without private
    characters.
    """
    if unicodedata.category(character) == "Co":
        return False
    encoded = character.encode("cp932", "ignore")
    return encoded != b"" and encoded.decode("cp932") == character


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("厅を𠮷に😀", "〓を〓に〓"),
        ("10〜20", "10～20"),
        ("—−‖¢£¬¥‾\u00a0", "―－∥￠￡￢￥￣ "),
        ("葛\U000e0100城", "葛城"),
        ("外\ue000字", "外〓字"),
        ("①㈱髙﨑", "①㈱髙﨑"),
    ],
)
def test_cp932_writes_like_characters_else_a_mark(wording: str, expected: str) -> None:
    assert in_cp932(wording) == expected
    assert all(in_cp932(like) == like for like in LIKE.values())


def test_demo_s_only_lost_character_is_named(city: Downloaded) -> None:
    """厅 is a misprint of 庁 in the city's own table."""
    names = ("table_name", "column_name", "row_number", "row_key", "code_point", "written_as", "occurrences")
    for copies in (city.csv, city.cp932):
        assert [tuple(row[name] for name in names) for row in copies["cp932_replacements"].rows] == [
            ("actions", "text", "1097", "8-2-18-1/2023/result/3", "U+5385", "〓", "1"),
            ("actions", "text", "1098", "8-2-18-1/2023/result/4", "U+5385", "〓", "1"),
        ]
    row = city.json["actions"].rows[1097 - 1]
    assert (row["initiative_key"], row["line_number"], row["text"].count("厅")) == ("8-2-18-1", 3, 1)
    assert city.cp932["actions"].rows[1097 - 1]["text"] == row["text"].replace("厅", "〓")


def test_every_difference_between_the_encodings_is_named(downloads: dict[str, Downloaded]) -> None:
    for report, downloaded in downloads.items():
        told: dict[tuple[str, str, int], int] = {}
        for row in downloaded.json["cp932_replacements"].rows:
            place = (row["table_name"], row["column_name"], row["row_number"])
            told[place] = told.get(place, 0) + row["occurrences"]
        differs: dict[tuple[str, str, int], int] = {}
        for table in TABLES:
            pairs = zip(downloaded.csv[table].rows, downloaded.cp932[table].rows, strict=True)
            for number, (new, old) in enumerate(pairs, start=1):
                for name, value in new.items():
                    if value != old[name]:
                        differs[table, name, number] = len([c for c in str(value) if not stands(c)])
        assert differs == told, report
    assert len(downloads["awkward"].json["cp932_replacements"].rows) > 20


def test_a_city_name_that_cp932_lacks_is_named_once_a_table(db: None, settings: Settings) -> None:
    cache.clear()
    settings.CITY_NAME, settings.CITY_CODE = "𠮷野①町", "102041"
    save_report([make_entry(1, plans={})])
    downloaded = Downloaded("2017")
    named: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    for row in downloaded.json["cp932_replacements"].rows:
        named[row["table_name"]].append(
            (row["column_name"], row["row_number"], row["row_key"], row["code_point"])
        )
    assert named == {table: [("municipality_name", None, None, "U+20BB7")] for table in TABLES}
    rewritten = [
        (row["table_name"], row["code_point"]) for row in downloaded.json["rewritten_characters"].rows
    ]
    assert [table for table in TABLES if (table, "U+2460") not in rewritten] == []
    assert {row["municipality_name"] for row in downloaded.cp932["definitions"].rows} == {"〓野(1)町"}
    assert "すべての行" in Site().page("/2017/data/").section("old-files").one("table").text
    cache.clear()


def test_page_tells_before_the_download_what_cannot_be_written(site: Site, demo: Any) -> None:
    section = site.page("/2021/data/").section("old-files")
    assert section.texts("strong") == ["Shift_JIS で書けない文字が、すべての表を合わせて 2字あります。"]
    assert section.one("table").table_rows()[1:] == [
        ["厅（U+5385）", "〓", "actions", "text", "8-2-18-1/2023/result/3、8-2-18-1/2023/result/4"]
    ]
    downloads = section.one("ul", "old-files").texts("li")
    assert downloads[0].endswith("：書けない文字 2字")  # 一覧表, which has the texts of the two years
    assert downloads[1:3] == ["取組の一覧：書けない文字 0字", "年度ごとの取組の内容：書けない文字 2字"]
    links = section.one("details").links
    assert links == [
        f"/2021/data/{file_name(c, e)}"
        for c, e in [("all", "_cp932.zip"), *((t, "_cp932.csv") for t in ("summary", *TABLES))]
    ]


def test_page_says_so_where_everything_can_be_written(site: Site, db: None) -> None:
    save_report([make_entry(1)])
    section = site.page("/2017/data/").section("old-files")
    assert "この公表版には、Shift_JIS で書けない文字はありません。" in section.texts("p")
    assert section.all("table") == []


def test_page_shortens_a_long_list_and_says_where_the_rest_is(site: Site, db: None) -> None:
    chinese = [chr(0x3400 + n) for n in range(105)]
    save_report(
        [make_entry(n + 1, pledge_text="𠮷", plan_projects=[], results={}, plans={}) for n in range(12)],
        slug="2013",
    )
    save_report([make_entry(1, pledge_text="".join(chinese), plan_projects=[], results={}, plans={})])
    (row, *_others) = site.page("/2013/data/").section("old-files").one("table").table_rows()[1:]
    assert row[4].endswith("、1-1-10-1、ほか 2行")
    section = site.page("/2017/data/").section("old-files")
    assert len(section.one("table").table_rows()) == 1 + 100
    tables = len([table for table in TABLES if table in {"initiatives", "pledges", "rating_history"}]) + 2
    assert f"ほかに {105 * tables - 100}件あります。" in section.texts("p")


@pytest.mark.parametrize(
    ("label", "number"),
    [("④", 4), ("⑳", 20), ("❹", 4), ("(12)", 12), ("１２", 12), ("", None), ("ア", None), ("4-2", None)],
)
def test_number_of_a_printed_label(label: str, number: int | None) -> None:
    assert printed_number(label) == number

"""The open data page of an edition, and what it and its catalogue tell machines."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.public.building import copy_report, make_entry, save_report
from tests.public.conftest import Site
from tests.public.open_data.reading import ENDINGS, ENDINGS_OF_ALL, TABLES, Downloaded, file_name
from tracker.models import Report

EDITION = "/2021/reports/2024-03-31/editions/1/data/"
OFFERED = (*TABLES, "summary")
ALL_FILES = {file_name(t, e) for t in OFFERED for e in ENDINGS} | {
    file_name("all", e) for e in ENDINGS_OF_ALL
}
PUBLISHED_TABLE = file_name("table", ".xlsx")  # 掲載表, no open data


def data_links(site: Site, path: str) -> list[str]:
    links = site.page(path).one("main").links
    return [link.rpartition("/")[2] for link in links if "_manifesto-" in link]


@pytest.mark.parametrize("path", ["/2021/data/", EDITION, "/2021/reports/2024-03-31/data/"])
def test_page_offers_every_file(site: Site, demo: Report, path: str) -> None:
    assert set(data_links(site, path)) == ALL_FILES | {PUBLISHED_TABLE}


def test_every_offered_file_is_there(site: Site, db: None) -> None:
    save_report([make_entry(1)])
    links = [link for link in site.page("/2017/data/").one("main").links if "_manifesto-" in link]
    assert len(set(links)) == len(ALL_FILES) + 1
    assert [link for link in links if site.status(link) != 200] == []


def test_main_files_come_first(site: Site, demo: Report) -> None:
    section = site.page("/2021/data/").section("main-files")
    assert section.texts("h3") == [
        "一覧表（1つの取組を1行に）",
        "取組の一覧",
        "年度ごとの取組の内容",
        "すべての表をまとめたファイル",
        "掲載表",
    ]
    assert [each.texts("a")[0].split("1")[0] for each in section.all("ul", "files")] == ["Excel"] * 4
    assert section.texts("p", "file-title")[2].endswith("全1116行。")
    assert data_links(site, "/2021/data/")[:3] == [
        file_name("summary", ending) for ending in (".xlsx", ".csv", ".json")
    ]


def test_page_of_an_older_edition_offers_its_own_files_and_leads_to_the_others(
    site: Site, demo: Report
) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2)
    copy_report(demo, as_of=date(2025, 3, 31))
    page = site.page(EDITION)
    assert set(data_links(site, EDITION)) == ALL_FILES | {PUBLISHED_TABLE}
    assert page.one("p", "notice-older").links == [
        "/2021/reports/2024-03-31/data/",
        "/2021/reports/2024-03-31/editions/2/changes/",
        "/2021/data/",
    ]
    assert page.section("other-editions").links == [
        "/2021/reports/2025-03-31/editions/1/data/",
        "/2021/reports/2024-03-31/editions/2/data/",
    ]
    newest = site.page("/2021/data/").section("other-editions").texts("li")
    assert newest == ["令和6年3月末時点（第2版）のデータ", "令和6年3月末時点（第1版）のデータ"]
    assert {name.split("_e")[1][0] for name in data_links(site, "/2021/reports/2024-03-31/data/")} == {"2"}


def test_page_defines_every_column_as_the_data_do(site: Site, city: Downloaded, demo: Report) -> None:
    section = site.page("/2021/data/").section("definitions")
    for table, details in zip(TABLES, section.all("details"), strict=True):
        head, *rows = details.one("table").table_rows()
        told = [row[0].split("◆")[0] for row in rows]
        assert (details.attributes["id"], told) == (f"table-{table}", city.json[table].header)
        assert head == ["列名", "日本語名と意味", "型と単位", "値の決まり", "空欄"]
        for row in rows:
            own = city.definitions[table, row[0].split("◆")[0]]
            unit = f"（{own['unit']}）" if own["unit"] else ""
            meaning = f"：{own['meaning']}" if own["meaning"] else ""
            assert (row[1], row[2], row[4]) == (
                own["column_title"] + meaning,
                own["type"] + unit,
                own["blank_meaning"] or "なし",
            )
    values = {row[0]: row[3] for row in section.all("details")[0].one("table").table_rows()}
    assert values["rating_status"] == "rated：評価あり、unrated：評価なし"
    assert values["rating_code"] == "ratings の rating_code にある値"


def test_page_tells_the_changes_of_columns_newest_first(site: Site, demo: Report) -> None:
    changes = site.page("/2021/data/").section("changes").one("ul", "data-changes").texts("li")
    begin = (
        "変更9（令和8年12月1日） summary に加えた列：公約の記号、公約の状態。",
        "変更9（令和8年12月1日） pledges に加えた列：pledge_state、pledge_state_label。",
        "変更8（令和8年11月30日） summary に加えた列：団体コード、",
        "変更3（令和8年11月29日） rating_history に加えた列：ended_after。",
        "変更2（令和8年11月25日） cp932_replacements に加えた列：municipality_code、",
    )
    assert [told.startswith(words) for told, words in zip(changes, begin, strict=False)] == [True] * 5
    assert changes[-2].startswith("変更1（令和8年11月24日） actions に加えた列：")
    assert [
        each for each in changes if "initiatives からなくした列：department_1、department_2" in each
    ] != []


def json_ld(site: Site, path: str) -> dict[str, Any]:
    script = site.page(path).one("script", type="application/ld+json")
    found: dict[str, Any] = json.loads("".join(child for child in script.children if isinstance(child, str)))
    return found


def test_json_ld_describes_the_newest_report(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2025, 3, 31), published_at=datetime(2025, 5, 9, 15, 30, tzinfo=UTC))
    found = json_ld(site, "/2021/data/")
    assert {
        name: found[name]
        for name in ("@type", "url", "license", "temporalCoverage", "version", "dateModified")
    } == {
        "@type": "Dataset",
        "url": "/2021/data/",
        "license": "https://creativecommons.org/licenses/by/4.0/deed.ja",
        "temporalCoverage": "2021-04-01/2025-03-31",
        "version": "2025-03-31 e1",
        "dateModified": "2025-05-10",  # the day in Japan, as the page says
    }
    assert set(site.page("/2021/data/").section("terms").texts("time")) == {"令和7年5月10日"}
    addresses = [each["contentUrl"] for each in found["distribution"]]
    kept = [(c, e) for c in ("initiatives", "actions") for e in (".xlsx", ".csv", ".json", "_cp932.csv")]
    assert addresses == [
        f"/2021/data/{file_name(content, ending, '2025-03-31')}"
        for content, ending in [*kept, *(("all", ending) for ending in ENDINGS_OF_ALL)]
    ]
    for each in found["distribution"]:
        assert site.get(each["contentUrl"])["Content-Type"].split(";")[0] == each["encodingFormat"]
    assert json_ld(site, EDITION)["url"] == EDITION


def test_json_ld_cannot_close_its_script(site: Site, nothing_published: None) -> None:
    save_report([make_entry(1)], title="</script><script>alert(1)</script>&<!--")
    assert json_ld(site, "/2017/data/")["name"] == "伊勢崎市 </script><script>alert(1)</script>&<!--"


def test_report_without_results_has_a_data_page(site: Site, db: None) -> None:
    save_report([make_entry(1, results={}, plans={})], years=[])
    assert json_ld(site, "/2017/data/")["temporalCoverage"] == "2023-04-01/2024-03-31"
    assert Downloaded("2017").csv["actions"].rows == []


def test_other_licence_is_told(site: Site, db: None, settings: Settings) -> None:
    cache.clear()
    settings.DATA_LICENSE = "PDL 1.0"
    save_report([make_entry(1)])
    terms = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"
    assert json_ld(site, "/2017/data/")["license"] == terms
    catalogue = site.get("/2017/data/catalog.jsonld").json()
    assert {each["dct:license"]["@id"] for each in catalogue["dcat:dataset"]} == {terms}
    cache.clear()


def catalogue(site: Site, path: str = "/2021/data/") -> Any:
    """The catalogue that a page names."""
    page = site.page(path)
    (address,) = [
        e.attributes["href"] for e in page.all("link") if e.attributes.get("type") == "application/ld+json"
    ]
    assert address == f"{path}catalog.jsonld"
    assert address in page.section("terms").links
    answer = site.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/ld+json")
    return json.loads(answer.content)


def test_catalogue_lists_every_table_and_file(site: Site, demo: Report) -> None:
    found = catalogue(site)
    assert (found["@type"], found["@id"]) == ("dcat:Catalog", f"{EDITION}catalog.jsonld")
    assert set(found["@context"]) == {"dcat", "dct", "foaf", "skos", "vcard", "xsd"}
    assert [each["@id"] for each in found["dcat:dataset"]] == [
        f"{EDITION}#table-{name}" for name in ("all", *OFFERED)
    ]
    ids = {each.attributes.get("id") for each in site.page(EDITION).descendants()}
    assert {f"table-{name}" for name in ("all", *OFFERED)} <= ids
    files = [each for dataset in found["dcat:dataset"] for each in dataset["dcat:distribution"]]
    assert {each["dcat:downloadURL"]["@id"] for each in files} == {f"/2021/data/{name}" for name in ALL_FILES}


def test_catalogue_tells_each_data_set_s_facts(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=date(2025, 3, 31), published_at=datetime(2025, 5, 9, 15, 30, tzinfo=UTC))
    found = catalogue(site)
    dataset = found["dcat:dataset"][1]
    distributions = dataset.pop("dcat:distribution")
    page = "/2021/reports/2025-03-31/editions/1/data/"
    japanese = {"@language": "ja"}
    city = {"@value": "伊勢崎市"} | japanese
    assert dataset == {
        "@id": f"{page}#table-initiatives",
        "@type": "dcat:Dataset",
        "dct:identifier": "102041_manifesto-initiatives_2025-03-31_e1",
        "dct:title": {"@value": "伊勢崎市 市長マニフェストの達成状況 取組の一覧"} | japanese,
        "dct:description": {"@value": "1行が1つの取組です。評価、終わった年度、担当課の数などがあります。"}
        | japanese,
        "dcat:keyword": [
            {"@value": word} | japanese for word in ("市長マニフェスト", "公約", "実施状況", "評価")
        ],
        "dcat:version": "2025-03-31 e1",
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": city, "dct:identifier": "102041"},
        "dct:issued": {"@value": "2025-05-10", "@type": "xsd:date"},
        "dct:modified": {"@value": "2025-05-10", "@type": "xsd:date"},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/JPN"},
        "dct:license": {"@id": "https://creativecommons.org/licenses/by/4.0/deed.ja"},
        "dct:spatial": {"@type": "dct:Location", "dct:identifier": "102041", "skos:prefLabel": city},
        "dct:accrualPeriodicity": {
            "@id": "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
        },
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": "2021-04-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": "2025-03-31", "@type": "xsd:date"},
        },
        "dct:conformsTo": {
            "@type": "dct:Standard",
            "dct:title": {"@value": "行政データにおける機械可読性に関するルール"} | japanese,
            "dct:issued": {"@value": "2026-03-31", "@type": "xsd:date"},
        },
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": {"@value": "伊勢崎市 企画部 企画調整課"} | japanese,
        },
        "dcat:landingPage": {"@id": page},
    }
    assert distributions[1] == {
        "@type": "dcat:Distribution",
        "dct:title": {"@value": "取組の一覧 CSV"} | japanese,
        "dcat:accessURL": {"@id": page},
        "dcat:downloadURL": {"@id": f"/2021/data/{file_name('initiatives', '.csv', '2025-03-31')}"},
        "dcat:mediaType": {"@id": "https://www.iana.org/assignments/media-types/text/csv"},
        "dct:license": {"@id": "https://creativecommons.org/licenses/by/4.0/deed.ja"},
    }
    packed = found["dcat:dataset"][0]["dcat:distribution"][1]
    types = "https://www.iana.org/assignments/media-types/"
    assert (packed["dcat:mediaType"]["@id"], packed["dcat:packageFormat"]["@id"]) == (
        f"{types}text/csv",
        f"{types}application/zip",
    )


def test_catalogue_of_a_correction_names_what_it_corrects(site: Site, demo: Report) -> None:
    copy_report(demo, as_of=demo.as_of, edition=2)
    newest, oldest = catalogue(site), catalogue(site, EDITION)
    assert newest["dcat:dataset"][1]["dcat:previousVersion"] == {"@id": f"{EDITION}#table-initiatives"}
    assert [each for each in oldest["dcat:dataset"] if "dcat:previousVersion" in each] == []


def test_catalogue_names_where_to_ask(site: Site, db: None, settings: Settings) -> None:
    cache.clear()
    settings.CITY_CONTACT_URL = "https://www.city.example.jp/contact"
    save_report([make_entry(1)])
    contact = site.get("/2017/data/catalog.jsonld").json()["dcat:dataset"][0]["dcat:contactPoint"]
    assert contact["vcard:hasURL"] == {"@id": "https://www.city.example.jp/contact"}
    cache.clear()

"""Moved pledges and initiatives that carry on others: tables that only such editions have."""

import csv
import io
import json
import zipfile

import pytest
from django.test import Client

from tests.public.building import make_entry, save_report
from tests.public.open_data.reading import TABLES, file_name
from tracker.public.open_data.table import ONLY_WITH_ROWS

pytestmark = pytest.mark.django_db


def rows(name: str) -> list[dict[str, str]]:
    content = Client().get(f"/2017/data/{file_name(name, '.csv')}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def told() -> list[str]:
    """The tables that the whole has."""
    return list(json.loads(Client().get(f"/2017/data/{file_name('all', '.json')}").content)["tables"])


def test_a_moved_pledge_is_joined_with_its_former_keys() -> None:
    save_report([make_entry(1), make_entry(2, former_pledge_keys=["1-3-1", "2-1-5"])])
    found = rows("former_pledge_keys")
    assert [(row["pledge_key"], row["former_pledge_key"]) for row in found] == [
        ("1-1-2", "1-3-1"),
        ("1-1-2", "2-1-5"),
    ]
    assert told() == [*TABLES, "former_pledge_keys"]


def test_an_initiative_names_those_that_it_carries_on() -> None:
    link = {"key": "1-1-1-1", "fiscal_year": 2024}
    save_report([make_entry(1, continued_by=[{**link, "key": "1-1-2-1"}]), make_entry(2, continues=[link])])
    (row,) = rows("initiative_continuations")
    names = ("initiative_key", "predecessor_key", "from_fiscal_year")
    assert [row[name] for name in names] == ["1-1-2-1", "1-1-1-1", "2024"]
    assert told() == [*TABLES, "initiative_continuations"]


FORMER = {"slug": "2013", "manifesto": "前の題", "key": "1-2-3", "number": "③", "text": "駅を直す"}


def test_a_pledge_names_the_one_of_an_earlier_term_that_it_carries_on() -> None:
    """Once, however many initiatives it has."""
    second = make_entry(2, key="1-1-1-2", pledge_key="1-1-1", initiative_position=2)
    entries = [make_entry(1), second, make_entry(3)]
    for entry in entries[:2]:
        entry.former_term_pledge = FORMER
    save_report(entries)
    names = (
        *("pledge_key", "former_manifesto", "former_manifesto_title", "former_term_pledge_key"),
        *("former_term_pledge_label", "former_term_pledge_text"),
    )
    assert [[row[name] for name in names] for row in rows("former_term_pledges")] == [
        ["1-1-1", "2013", "前の題", "1-2-3", "(3)", "駅を直す"]
    ]
    assert told() == [*TABLES, "former_term_pledges"]
    assert "former_manifesto" in {row["column_name"] for row in rows("definitions")}
    changed = {row["table_name"] for row in rows("column_changes") if row["version"] == "5"}
    assert changed == {"former_term_pledges"}


COST = {"code": "x1", "label": "事業費", "kind": "number", "unit": "千円", "decimals": 1, "choices": []}
COURSE = {
    "code": "x3",
    "label": "方向性",
    "kind": "choice",
    "unit": "",
    "decimals": 0,
    "choices": ["継続", "拡充"],
}


def test_a_manifestos_own_columns_have_their_values_and_their_meaning() -> None:
    said = {"x1": {"2023": "1200.5", "2024": "-3"}, "x3": {"": "継続"}}
    columns = [{**COST, "is_once": False}, {**COURSE, "is_once": True}]
    save_report([make_entry(1, extra_values=said), make_entry(2)], extra_columns=columns)
    names = ("initiative_key", "extra_column_code", "value_of", "fiscal_year", "fiscal_year_label", "value")
    assert [[row[name] for name in names] for row in rows("extra_values")] == [
        ["1-1-1-1", "x1", "2023", "2023", "令和5年度", "1200.5"],
        ["1-1-1-1", "x1", "2024", "2024", "令和6年度", "-3"],
        ["1-1-1-1", "x3", "all", "", "", "継続"],
    ]
    names = (
        "extra_column_code",
        "extra_column_unit",
        "extra_column_decimals",
        "extra_column_choices",
        "is_once",
    )
    assert [[row[name] for name in names] for row in rows("extra_columns")] == [
        ["x1", "千円", "1", "", "0"],
        ["x3", "", "", "継続、拡充", "1"],
    ]
    assert told() == [*TABLES, "extra_values", "extra_columns"]
    assert "extra_column_unit" in {row["column_name"] for row in rows("definitions")}


def test_an_edition_without_them_says_nothing_of_them() -> None:
    save_report([make_entry(1)])
    assert told() == list(TABLES)
    for name in ONLY_WITH_ROWS:
        assert Client().get(f"/2017/data/{file_name(name, '.csv')}").status_code == 404
        assert name not in Client().get("/2017/data/").content.decode()
        assert name not in Client().get("/2017/data/catalog.jsonld").content.decode()
    packed = zipfile.ZipFile(io.BytesIO(Client().get(f"/2017/data/{file_name('all', '.zip')}").content))
    assert len(packed.namelist()) == len(TABLES)
    assert {row["version"] for row in rows("column_changes")} == {"1", "2", "3", "9"}


def test_an_edition_with_them_tells_their_columns() -> None:
    save_report([make_entry(2, former_pledge_keys=["1-3-1"])])
    changed = {row["table_name"] for row in rows("column_changes") if row["version"] == "4"}
    assert changed == {"former_pledge_keys"}
    assert "former_pledge_keys" in {row["table_name"] for row in rows("definitions")}
    page = Client().get("/2017/data/").content.decode()
    assert file_name("former_pledge_keys", ".csv") in page

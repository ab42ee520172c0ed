"""Tables without sections, without fields, of classes, with ratings of earlier years: from the table to the
pages and the data, and written again.
"""

import csv
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.test import Client

from tests.published_tables.file.tables import CITY, initiative, meaning, table_with
from tests.published_tables.file.writing import book_bytes
from tests.staff.people import person
from tracker.choices import Role
from tracker.models import Category, Initiative, Manifesto, Pledge, Rating, Report, ReportingRound
from tracker.published_tables import loading, taking_back
from tracker.published_tables.file import writing
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.reading import table_in
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.published_tables.from_report import notes_of, table_of
from tracker.reports import digests, publishing
from tracker.words.scale_kinds import ScaleKind

pytestmark = pytest.mark.django_db

CLASSES = [LegendStep("ア", "済んだもの", "", None), LegendStep("イ", "検討するもの", "", None)]


def pledges(*texts: str, **values: Any) -> list[TablePledge]:
    """Pledges without numbers, each with one initiative."""
    return [TablePledge(n, "", text, [initiative(**values)]) for n, text in enumerate(texts, start=1)]


def without_sections() -> PublishedTable:
    fields = [
        TableCategory(1, "まち", [TableSection(0, "", pledges("駅を直します", "道を直します"))]),
        TableCategory(2, "くらし", [TableSection(1, "福祉", pledges("園を建てます"))]),
    ]
    return table_with(categories=fields)


def without_fields() -> PublishedTable:
    return table_with(categories=[TableCategory(0, "", [TableSection(0, "", pledges("駅を直します", "道"))])])


def of_classes(rating: str = "ア", **values: Any) -> PublishedTable:
    return table_with(initiative(rating=rating), ratings=CLASSES, has_ranks=False, **values)


def load(table: PublishedTable) -> loading.LoadingOutcome:
    return loading.load(table, slug="2021", by="企画 花子", file_name="表.xlsx", file_digest="0" * 64)


def publish(table: PublishedTable) -> Report:
    """The report of a loaded table."""
    publishing.publish(load(deepcopy(table)).round, by="企画 花子")
    return Report.objects.latest("pk")


def page(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def data(report: Report, name: str) -> list[dict[str, str]]:
    """A table of the open data of the only report."""
    file = f"102041_manifesto-{name.replace('_', '-')}_{report.as_of}_e{report.edition}.csv"
    answer = Client().get(f"/2021/data/{file}")
    assert answer.status_code == 200, name
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def all_initiatives() -> Iterator[str]:
    return (each.place for each in Initiative.objects.with_place().in_table_order())


def test_pledges_of_a_field_without_sections_have_short_places() -> None:
    report = publish(without_sections())
    assert [each.place for each in Pledge.objects.order_by("pk")] == ["1-1", "1-2", "2-1-1"]
    assert list(all_initiatives()) == ["1-1-1", "1-2-1", "2-1-1-1"]
    assert list(report.entries.values_list("key", "pledge_key")) == [
        *(("1-1-1", "1-1"), ("1-2-1", "1-2"), ("2-1-1-1", "2-1-1"))
    ]
    assert digests.verify(report)


def test_pages_of_a_field_without_sections_name_the_field_alone() -> None:
    publish(without_sections())
    own = page("/2021/pledges/1-2/")
    assert '<p class="pledge-place">1. まち</p>' in own
    assert '<li aria-current="page">公約 1-2</li>' in own
    assert '<h2 class="listed-heading">1. まち</h2>' in page("/2021/pledges/?field=1")
    assert page("/2021/pledges/?field=1").count('<li class="entry">') == 2
    assert Client().get("/2021/pledges/1-1-1/").status_code == 404  # an initiative's key, no pledge's


def test_pages_without_fields_ask_and_say_nothing_of_them() -> None:
    report = publish(without_fields())
    assert [each.place for each in Pledge.objects.order_by("pk")] == ["1", "2"]
    overview, found = page("/2021/"), page("/2021/pledges/")
    assert ("分野ごとの状況" in overview, "分野のない公約" in overview) == (False, False)
    assert (overview.count("すべての公約"), 'name="field"' in found) == (1, False)
    assert 'class="pledge-place"' not in page("/2021/pledges/2/")
    assert [row["category_name"] for row in data(report, "initiatives")] == ["", ""]
    assert data(report, "categories") == []


def test_data_of_short_places_say_what_an_empty_cell_means() -> None:
    report = publish(without_sections())
    rows = data(report, "pledges")
    assert [(row["pledge_key"], row["section_number"], row["pledge_position"]) for row in rows] == [
        *(("1-1", "", "1"), ("1-2", "", "2"), ("2-1-1", "1", "1"))
    ]
    assert [row["category_key"] for row in data(report, "categories")] == ["1", "2", "2-1"]
    meanings = {(r["table_name"], r["column_name"]): r["blank_meaning"] for r in data(report, "definitions")}
    assert meanings["pledges", "section_name"] == "項目のない公約"


def test_definitions_of_a_whole_outline_promise_that_no_cell_is_empty() -> None:
    report = publish(table_with())
    meanings = {(r["table_name"], r["column_name"]): r["blank_meaning"] for r in data(report, "definitions")}
    assert meanings["pledges", "section_name"] == ""


@pytest.mark.parametrize("shape", [without_sections, without_fields, of_classes])
def test_a_published_table_of_any_shape_is_read_as_it_was_written(shape: Any) -> None:
    told = table_of(publish(shape()))
    again = table_in(writing.write_workbook(told))
    assert meaning(again) == meaning(told)


@pytest.mark.parametrize("shape", [without_sections, without_fields, of_classes])
def test_a_table_of_any_shape_is_loaded_once_and_taken_back_whole(shape: Any) -> None:
    round = load(shape()).round
    assert load(shape()).is_unchanged
    taking_back.take_back(round, by=person("planner", Role.PLANNING), reason="別の表だった")
    assert (Pledge.objects.count(), Category.objects.count(), Rating.objects.count()) == (0, 0, 0)


def test_a_pledge_without_an_initiative_is_published_and_read_again() -> None:
    """What the table says of it is loaded as such, told by the report, and written into its row again."""
    shape = table_with()
    section = shape.categories[0].sections[0]
    section.pledges.append(TablePledge(2, "②", "橋を架けます"))
    section.pledges += [TablePledge(3, "③", "道を直します", [initiative(rating="B")])]
    report = publish(shape)
    bridge = Pledge.objects.get(text="橋を架けます")
    assert (bridge.place, bridge.initiatives.count()) == ("1-1-2", 0)
    assert [each["pledge_key"] for each in report.bare_pledges] == ["1-1-2"]
    told = table_of(report)
    content = writing.write_workbook(told, notes_of(report))
    again = table_in(content)
    assert meaning(again) == meaning(told)
    assert [pledge.text for _c, _s, pledge in again.pledges() if not pledge.initiatives] == ["橋を架けます"]
    assert load(again).is_unchanged
    book = openpyxl.load_workbook(BytesIO(content))
    book.worksheets[0].append(["※ 確かめました。"])  # somebody's: the general reader reads it
    by_hand = table_in(book_bytes(book))
    assert [(p.text, len(p.initiatives)) for _c, _s, p in by_hand.pledges()] == [
        ("駅を直します", 1), ("橋を架けます", 0), ("道を直します", 1)
    ]  # fmt: skip


def test_classes_have_no_average_and_no_up_and_down() -> None:
    publish(of_classes("イ"))
    assert Manifesto.objects.get().scale_kind is ScaleKind.CLASSES
    later = of_classes("ア", years=[2021, 2022, 2023], plan_years=[2024])
    later.title, later.as_of = (
        "市長マニフェストの達成状況（令和6年3月末時点）",
        later.as_of.replace(year=2024),
    )
    for each in later.initiatives():
        each.results, each.plans = dict.fromkeys(later.years, "・しました。"), {2024: "・します。"}
    report = publish(later)
    changes = page("/2021/changes/")
    assert ("上がった" in changes, "下がった" in changes, "評価が変わった取組" in changes) == (
        False,
        False,
        True,
    )
    assert "平均進捗率" not in page("/2021/")
    assert [row["has_rank"] for row in data(report, "rating_ranks")] == ["0", "0"]
    assert report.ratings[0] == {
        "code": "ア",
        "label": "済んだもの",
        "definition": "",
        "percent": None,
        "level": 1,
        "ranked": False,
    }
    assert digests.verify(report)


def test_a_step_outside_the_order_is_in_no_average() -> None:
    steps = [*CITY, LegendStep("他", "対象外", "", None)]
    rated = [initiative(number, rating="A") for number in range(1, 6)]
    rows = [*rated, initiative(6, rating="他")]
    report = publish(table_with(*rows, ratings=steps, unranked=frozenset({"他"})))
    assert Manifesto.objects.get().scale_kind is ScaleKind.RANKED
    assert (report.unranked_codes, report.ratings[-1]["level"]) == (["他"], 0)
    assert '平均進捗率 <strong class="average-figure">100.0%</strong>' in page("/2021/")
    assert "順序のない区分の1件は計算に入れていません" in page("/2021/")


def rated_before(*ratings: tuple[int, str | None], **values: Any) -> TableInitiative:
    return initiative(ratings_by_year=dict(ratings), **values)


def test_ratings_of_earlier_years_stand_in_the_history_as_what_the_table_said() -> None:
    report = publish(table_with(rated_before((2021, "B"), (2020, None), rating="A")))
    entry = report.entries.get()
    assert entry.rating_history == [
        {"fiscal_year": 2021, "code": "B", "reason": "", "from_table": True},
        {"fiscal_year": 2022, "code": "A", "reason": ""},
    ]
    assert page("/2021/pledges/1-1-1/").count("のちの表に載っていた評価") == 1
    assert [(row["fiscal_year"], row["rating_code"]) for row in data(report, "earlier_ratings")] == [
        ("2021", "B")
    ]
    assert ReportingRound.objects.count() == 2  # of the years with results: none was invented
    assert digests.verify(report)


def test_a_later_table_adds_to_the_ratings_of_earlier_years() -> None:
    load(table_with(rated_before((2020, "B"))))
    outcome = load(table_with(rated_before((2019, "A"))))
    assert Initiative.objects.get().earlier_ratings == {"2020": "B", "2019": "A"}
    assert outcome.changed["Initiative"] == 1
    load(table_with(initiative()))
    assert Initiative.objects.get().earlier_ratings == {"2020": "B", "2019": "A"}


def test_no_report_without_earlier_ratings_has_their_table() -> None:
    report = publish(table_with())
    address = f"/2021/data/102041_manifesto-earlier-ratings_{report.as_of}_e1.csv"
    assert Client().get(address).status_code == 404

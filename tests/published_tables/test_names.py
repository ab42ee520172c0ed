"""Initiatives with names of their own: from the table to the pages and the data, and written again."""

from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.published_tables.file.tables import initiative, meaning, table_with
from tests.published_tables.test_shapes import data, load, page, publish
from tests.staff.people import person
from tracker.choices import Role
from tracker.cycle import rounds
from tracker.cycle.term_pledges import carried_on
from tracker.models import Initiative, Manifesto, Pledge
from tracker.published_tables import loading
from tracker.published_tables.file import writing
from tracker.published_tables.file.reading import table_in
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.from_report import table_of
from tracker.published_tables.row_writer import LoadingProblem
from tracker.reports import digests
from tracker.reports.drafting import draft
from tracker.staff.terms.table import workbook

pytestmark = pytest.mark.django_db


def named(*names: str, **values: object) -> PublishedTable:
    """A table of one pledge whose initiatives are called so."""
    rows = [initiative(number, text=name) for number, name in enumerate(names, start=1)]
    return table_with(*rows, **values)


def names() -> list[tuple[int, str]]:
    return list(Initiative.objects.order_by("position").values_list("position", "name"))


def test_a_name_goes_from_the_table_to_every_page_and_file() -> None:
    report = publish(named("駅前の広場", ""))
    assert list(report.entries.values_list("initiative_name", flat=True)) == ["駅前の広場", ""]
    assert digests.verify(report)
    assert "取組1　駅前の広場" in page("/2021/pledges/1-1-1/")
    assert "取組1　駅前の広場</a>" in page("/2021/pledges/")
    assert "取組1　<mark>駅前の広場</mark></a>" in page("/2021/pledges/?q=駅前の広場")
    assert Client().get("/2021/pledges/list.json").json()["entries"][0][12:] == ["駅前の広場"]
    assert [row["initiative_name"] for row in data(report, "initiatives")] == ["駅前の広場", ""]
    assert list(data(report, "rating_history")[0])[15:18] == [
        *("initiative_position", "initiative_name", "report_as_of")
    ]
    assert [row["取組の名前"] for row in data(report, "summary")] == ["駅前の広場", ""]
    told = [row for row in data(report, "definitions") if row["column_name"] == "initiative_name"]
    assert {(row["column_title"], row["blank_meaning"]) for row in told} == {
        ("取組の名前", "名前を付けていない取組")
    }
    again = table_in(writing.write_workbook(table_of(report)))
    assert meaning(again) == meaning(table_of(report))
    assert [each.text for each in again.initiatives()] == ["駅前の広場", ""]


def test_a_name_is_one_line_of_some_length_wherever_it_enters() -> None:
    with pytest.raises(LoadingProblem, match="取組の名前」を書き込めません。名前が長すぎます（201 文字）"):
        load(named("長" * 201, ""))
    load(named("長" * 200, ""))
    found = Initiative.objects.get(position=1)
    field = Initiative._meta.get_field("name").formfield()
    assert field.clean(" 駅前の\r\n  広場 ") == "駅前の 広場"
    found.name = "長" * 201
    for refuse in (lambda: field.clean(found.name), found.full_clean):
        with pytest.raises(ValidationError, match="200 文字までで書いてください"):
            refuse()


def test_without_names_nothing_tells_of_them() -> None:
    report = publish(named("", ""))
    assert [digests.content(entry).get("initiative_name", "-") for entry in report.entries.all()] == ["-"] * 2
    assert "{name}" not in Client().get("/2021/pledges/list.json").json()["row"]
    assert "initiative_name" not in data(report, "initiatives")[0]
    assert "取組の名前" not in data(report, "summary")[0]
    assert "取組名" not in [cell for row in writing.lay_out(table_of(report)).rows for cell in row.cells]


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (("乙", "甲"), [(1, "甲"), (2, "乙")]),  # in another order
        (("丙", "甲", "乙"), [(1, "甲"), (2, "乙"), (3, "丙")]),  # a new one between them
        (("甲", "乙を広げる"), [(1, "甲"), (2, "乙を広げる")]),  # in other words
        (("", ""), [(1, "甲"), (2, "乙")]),  # a table without names takes none away
    ],
)
def test_a_later_table_knows_initiatives_by_their_names(
    later: tuple[str, ...], kept: list[tuple[int, str]]
) -> None:
    load(named("甲", "乙"))
    outcome = load(named(*later))
    assert names() == kept
    told = [("1-1-1-2", "乙", "乙を広げる")] if "乙を広げる" in later else []
    assert outcome.reworded == told


def test_a_table_that_lacks_one_of_the_names_is_refused() -> None:
    """Beside names, nothing is taken for another initiative because it stands in its place."""
    load(named("甲", "乙", "丙"))
    with pytest.raises(loading.LoadingProblem, match=r"進行中の取組のうち 2 件（1-1-1-2、1-1-1-3）"):
        load(named("甲", "丁"))


def test_a_correction_offers_another_name_and_takes_it_over_when_picked() -> None:
    report = publish(named("駅前の広場"))
    Initiative.objects.update(name="駅前のひろば")
    round = report.manifesto.rounds.get(fiscal_year=2022)
    rounds.start_correction(round, by=person("planner", Role.PLANNING), reason="誤り")
    found = draft(round)
    (change,) = [each for each in found.changes if each.what == "取組の名前"]
    assert (change.before, change.after) == ("駅前の広場", "駅前のひろば")
    assert [entry.initiative_name for entry in found.entries] == ["駅前の広場"]
    round.picked_changes = [change.key]
    assert [entry.initiative_name for entry in draft(round).entries] == ["駅前のひろば"]


def test_a_name_goes_along_into_the_next_term() -> None:
    load(named("駅前の広場"))
    former = Manifesto.objects.get()
    (brought,) = carried_on(former, Pledge.objects.values_list("pk", flat=True), 2025)
    assert [each.name for each in brought.initiatives] == ["駅前の広場"]
    sheet = openpyxl.load_workbook(BytesIO(workbook(former, 2025))).worksheets[0]
    assert [row[-1].value for row in sheet.iter_rows()] == ["取組の名前", "駅前の広場"]

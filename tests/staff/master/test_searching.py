"""Lists of master data are searched by the folding of the public search."""

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.staff.master.browsing import page
from tests.workspace import Workspace
from tracker.models import Department, Initiative, PlanProject, Pledge, User, YearlyAction


def found(client: Client, model: type[Model], typed: str) -> list[str]:
    """What the list shows for a search, in its order."""
    answer = client.get(page(model), {"q": typed})
    assert answer.status_code == 200
    return [str(row.pk) for row in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("SDGsの推進", "ＳＤＧｓ"),
        ("施策２－２－３", "2ー2ー3"),
        ("施策2-2-3", "２−２−３"),
        ("令和5〜7年度", "5～7"),
        ("サービスの向上", "さーびす"),
        ("防\u200b災訓練", "防災 訓練"),
        ("障害者の就労", "障がい者"),
        ("子ども食堂", "子供"),
    ],
)
def test_a_pledge_is_found_in_another_spelling(
    space: Workspace, planner: Client, written: str, typed: str
) -> None:
    pledge = space.row().initiative.pledge
    Pledge.objects.exclude(pk=pledge.pk).update(text="ほかの公約")
    Pledge.objects.filter(pk=pledge.pk).update(text=written)
    assert found(planner, Pledge, typed) == [str(pledge.pk)]
    assert found(planner, Pledge, f"{typed} 見つからないことば") == []


def test_words_in_different_fields_and_related_rows_are_found_together(
    space: Workspace, planner: Client, project: PlanProject
) -> None:
    initiative = space.row().initiative
    department = initiative.assignments.get().department
    Department.objects.filter(pk=department.pk).update(name="ＤＸ推進課")
    assert found(planner, Initiative, "dx推進課 企業誘致") == [str(initiative.pk)]
    assert found(planner, PlanProject, "２−２−３") == [str(project.pk)]
    assert found(planner, YearlyAction, "見つからないことば") == []


def test_people_are_found(space: Workspace, administrator: Client) -> None:
    clerk = space.cast.clerk
    User.objects.filter(pk=clerk.pk).update(first_name="サトシ")
    assert found(administrator, User, "さとし") == [str(clerk.pk)]


@pytest.mark.parametrize("typed", ["", "\u200b"])
def test_a_word_that_nobody_sees_is_no_condition(space: Workspace, planner: Client, typed: str) -> None:
    assert len(found(planner, Initiative, typed)) == Initiative.objects.count() > 1


def test_other_spellings_are_told(space: Workspace, planner: Client) -> None:
    said = planner.get(page(Pledge), {"q": "子供"}).content.decode()
    assert said.count("「子供」は、「子ども」「こども」の書き方でも探しました。") == 1


def test_a_search_needs_as_many_queries_whatever_it_finds(space: Workspace, planner: Client) -> None:
    counts = set()
    for typed in ("", "見つからないことば", "公約"):
        with CaptureQueriesContext(connection) as made:
            found(planner, Pledge, typed)
        counts.add(len(made))
    assert max(counts) - min(counts) <= 1

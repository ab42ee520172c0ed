"""Reorganisations in the database: applied whole, undone whole, and what was published stays."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workspace import Workspace
from tracker.choices import ReorganisationState
from tracker.cycle import events
from tracker.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    Event,
    FormerName,
    Membership,
    Reorganisation,
    Report,
    User,
    YearlyAction,
)
from tracker.organisation import writing
from tracker.organisation.steps import DocumentStep
from tracker.organisation.writing import DocumentOvertaken, ReorganisationProblem
from tracker.reports.digests import verify

pytestmark = pytest.mark.django_db
TABLES = (Department, FormerName, DepartmentSuccession, Membership, Assignment)
NEW: DocumentStep = {"kind": "create", "departments": ["009"], "name": "まちづくり課"}
MERGE: DocumentStep = {"kind": "merge", "departments": ["001", "002"], "successors": ["009"]}


def tables() -> dict[str, list[dict[str, Any]]]:
    """All that a reorganisation may write."""
    return {
        model.__name__: [
            {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            for row in model._default_manager.order_by("pk")
        ]
        for model in TABLES
    }


def document(*steps: DocumentStep, year: int = 2025) -> Reorganisation:
    return Reorganisation.objects.create(fiscal_year=year, title="春の組織改正", steps=list(steps))


def applied(found: Reorganisation, by: User) -> Reorganisation:
    writing.apply(found, by=by, expected=writing.fingerprint(found, writing.worked_out(found)))
    return Reorganisation.objects.get(pk=found.pk)


def test_applied_and_undone_everything_is_as_it_was(space: Workspace) -> None:
    before, texts = tables(), list(YearlyAction.objects.values())
    done = applied(document(NEW, MERGE), space.cast.planner)
    assert (done.state, done.applied_by) == (ReorganisationState.APPLIED, space.cast.planner.signature)
    assert Department.objects.get(code="001").last_fiscal_year == 2024
    heir = Department.objects.get(code="009")
    assert set(heir.people.values_list("username", flat=True)) >= {space.cast.clerk.username}
    row = space.row(3)
    assert [str(each) for each in row.departments] == ["まちづくり課"]  # today is later than 2025
    assert list(YearlyAction.objects.values()) == texts
    writing.undo(done, by=space.cast.planner, reason="来年に延ばすため")
    assert tables() == before
    assert all(verify(report) for report in Report.objects.all())
    assert events.first_break(Event.objects.order_by("number")) is None


def test_one_event_per_step_in_words(space: Workspace) -> None:
    applied(document(NEW, MERGE), space.cast.planner)
    create, merge = Event.objects.order_by("-number")[:2][::-1]
    assert create.subject == f"department:{Department.objects.get(code='009').pk}"
    assert create.content["changes"] == {"新しい課": [None, "まちづくり課"]}
    assert (merge.content["act"], merge.content["fiscal_year"]) == ("組織改正：統合", 2025)
    assert merge.content["name"] == "土木課、農政課"
    assert merge.content["changes"]["担当 1-1-1-1"] == ["土木課", "まちづくり課"]
    assert merge.content["changes"]["所属 試験 clerk（clerk）"] == ["土木課", "まちづくり課"]
    assert merge.actor == space.cast.planner.signature


def test_what_was_changed_since_is_named_and_nothing_is_undone(space: Workspace) -> None:
    done = applied(document(NEW, MERGE), space.cast.planner)
    heir = Department.objects.get(code="009")
    Membership.objects.create(user=space.cast.planner, department=heir)
    Department.objects.filter(code="001").update(name="旧土木課")
    before = tables()
    with pytest.raises(ReorganisationProblem) as problem:
        writing.undo(done, by=space.cast.planner, reason="誤り")
    assert "担当課「土木課」" in str(problem.value)
    assert f"所属「{space.cast.planner} まちづくり課」" in str(problem.value)
    assert tables() == before


def test_no_undo_leads_back_to_a_department_that_has_ended_since(space: Workspace) -> None:
    """A later document ended it, which wrote none of the first one's rows."""
    row = space.row(1).initiative.pk
    move: DocumentStep = {
        "kind": "move",
        "departments": ["001"],
        "successors": ["002"],  # type: ignore[typeddict-item]
        "initiatives": {str(row): "002"},
    }
    first = applied(document(move), space.cast.planner)
    end: DocumentStep = {"kind": "abolish", "departments": ["001"], "successors": ["002"]}
    applied(document(end), space.cast.planner)
    before = tables()
    with pytest.raises(ReorganisationProblem, match="土木課"):
        writing.undo(first, by=space.cast.planner, reason="誤り")
    assert tables() == before


def test_what_would_meet_another_is_refused_in_words(space: Workspace) -> None:
    rename: DocumentStep = {"kind": "rename", "departments": ["001"], "name": "道路課"}
    done = applied(document(rename), space.cast.planner)
    Department.objects.create(code="010", name="土木課")
    before = tables()
    with pytest.raises(ReorganisationProblem, match="同じ名称の課"):
        writing.undo(done, by=space.cast.planner, reason="誤り")
    assert tables() == before


def test_a_reason_and_a_right_are_needed(space: Workspace) -> None:
    done = applied(document(NEW, MERGE), space.cast.planner)
    with pytest.raises(ReorganisationProblem, match="理由"):
        writing.undo(done, by=space.cast.planner, reason="　")
    for act in (
        lambda: writing.undo(done, by=space.cast.clerk, reason="x"),
        lambda: writing.apply(document(), by=space.cast.clerk, expected=""),
        lambda: writing.write_steps(document(), [NEW], by=space.cast.clerk),
        lambda: writing.delete(document(), by=space.cast.clerk),
    ):
        with pytest.raises(ReorganisationProblem, match="企画の職員と管理者だけ"):
            act()


def test_what_was_not_looked_at_is_not_done(space: Workspace) -> None:
    found = document(NEW, MERGE)
    seen = writing.fingerprint(found, writing.worked_out(found))
    Assignment.objects.filter(department=space.mine).first().delete()  # type: ignore[union-attr]
    before = tables()
    with pytest.raises(DocumentOvertaken):
        writing.apply(found, by=space.cast.planner, expected=seen)
    assert tables() == before


def test_two_people_apply_at_once_and_one_wins(space: Workspace) -> None:
    found = document(NEW, MERGE)
    seen = writing.fingerprint(found, writing.worked_out(found))
    writing.apply(found, by=space.cast.planner, expected=seen)
    with pytest.raises(DocumentOvertaken):
        writing.apply(found, by=space.cast.second_planner, expected=seen)
    assert Department.objects.filter(code="009").count() == 1


def test_two_documents_that_touch_the_same_department_are_refused_by_name(space: Workspace) -> None:
    document(NEW, MERGE)
    other = document()
    rename: DocumentStep = {"kind": "rename", "departments": ["001"], "name": "道路課"}
    with pytest.raises(ReorganisationProblem, match="「土木課」は、準備中の「春の組織改正」でも扱っています"):
        writing.write_steps(other, [rename], by=space.cast.planner)
    blind = document(rename)
    with pytest.raises(ReorganisationProblem, match="同じ課を扱っています"):
        applied(blind, space.cast.planner)


def test_steps_are_written_over_those_that_were_read(space: Workspace) -> None:
    read = document(NEW)
    written = writing.write_steps(read, [NEW, MERGE], by=space.cast.planner)
    with pytest.raises(DocumentOvertaken):
        writing.write_steps(read, [], by=space.cast.planner)
    stored = Reorganisation.objects.get(pk=read.pk)
    assert (stored.steps, stored.version) == ([NEW, MERGE], written.version)
    writing.write_steps(written, [NEW], by=space.cast.planner)
    assert Reorganisation.objects.get(pk=read.pk).steps == [NEW]


def test_names_may_change_hands(space: Workspace) -> None:
    """One department is renamed, and another takes its name."""
    steps: list[DocumentStep] = [
        {"kind": "rename", "departments": ["001"], "name": "道路課"},
        {"kind": "rename", "departments": ["002"], "name": "土木課"},
    ]
    before = tables()
    done = applied(document(*steps), space.cast.planner)
    assert dict(Department.objects.filter(code__in=["001", "002"]).values_list("code", "name")) == {
        "001": "道路課",
        "002": "土木課",
    }
    writing.undo(done, by=space.cast.planner, reason="誤り")
    assert tables() == before


def test_the_same_statements_for_many_rows(space: Workspace) -> None:
    def statements() -> int:
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            applied(document(NEW, MERGE), space.cast.planner)
            transaction.set_rollback(True)
        return len(queries)

    few = statements()
    initiative = space.row(1).initiative
    for number in range(30):
        more = type(initiative).objects.create(
            pledge=initiative.pledge, position=50 + number, first_fiscal_year=2021
        )
        Assignment.objects.create(initiative=more, department=space.mine)
        person = User.objects.create(username=f"many-{number}")
        Membership.objects.create(user=person, department=space.mine)
    assert statements() == few


def test_a_document_that_is_given_up_leaves_its_steps_in_the_history(space: Workspace) -> None:
    found = document(NEW, MERGE)
    writing.delete(found, by=space.cast.planner)
    assert not Reorganisation.objects.exists()
    assert Event.objects.latest("number").content["steps"] == [
        "新しい課：まちづくり課",
        "統合：土木課、農政課 → まちづくり課",
    ]


# --- generated


def random_steps(seed: int) -> Iterator[DocumentStep]:
    """Steps that may or may not be possible, over departments that are there or made on the way."""
    chance = random.Random(seed)
    codes = ["001", "002"]
    for number in range(chance.randint(1, 4)):
        kind = chance.choice(["rename", "create", "merge", "split", "abolish", "move"])
        about, heirs = chance.choice(codes), chance.sample(codes, min(len(codes), chance.randint(1, 2)))
        if kind == "create":
            codes.append(f"n{seed}-{number}")
            yield {"kind": kind, "departments": [codes[-1]], "name": f"新課{seed}-{number}"}
        elif kind == "rename":
            yield {"kind": kind, "departments": [about], "name": f"改名{seed}-{number}"}
        else:
            keys = [str(pk) for pk in Assignment.objects.values_list("initiative", flat=True)]
            chosen = {key: chance.choice(heirs) for key in keys if chance.random() < 0.7}
            yield {
                "kind": kind,
                "departments": [about],
                "successors": heirs if kind == "split" else heirs[:1],
                "initiatives": chosen,
                "rest": heirs[0],
            }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=3))
def test_no_series_of_reorganisations_breaks_what_must_hold(space: Workspace, seeds: list[int]) -> None:
    """No duty of a department where it is not there, nothing published changes, undo restores all."""
    with transaction.atomic():
        published = list(Report.objects.values_list("digest", flat=True))
        undone: list[tuple[Reorganisation, dict[str, list[dict[str, Any]]]]] = []
        for year, seed in enumerate(seeds, start=2025):
            before, found = tables(), document(*random_steps(seed), year=year)
            if writing.worked_out(found).problems:
                found.delete()
                continue
            undone.append((applied(found, space.cast.planner), before))
            for duty in Assignment.objects.select_related("department"):
                last = duty.department.last_fiscal_year
                assert last is None or (duty.to_fiscal_year is not None and duty.to_fiscal_year <= last)
                assert duty.department.first_fiscal_year is None or duty.from_fiscal_year is not None
            assert all(row.departments for row in space.rows()[:3])  # the fourth never had one
        assert list(Report.objects.values_list("digest", flat=True)) == published
        assert all(verify(report) for report in Report.objects.all())
        for done, before in reversed(undone):
            writing.undo(done, by=space.cast.planner, reason="試し")
            assert tables() == before
        transaction.set_rollback(True)

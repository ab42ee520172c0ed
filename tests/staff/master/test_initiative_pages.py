"""Pages of initiatives: their end, notes, goals, duties and plan projects."""

import pytest
from django.test import Client

from tests.staff.master.browsing import page, refused, save
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import Initiative, Manifesto, PlanProject, Pledge
from tracker.staff.master import by_name


def test_ending_is_a_page_of_its_own(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    source = planner.get(page(Initiative, "change", initiative.pk)).content.decode()
    assert f'href="/staff/initiatives/{initiative.pk}/end/"' in source
    assert 'name="last_fiscal_year"' not in source


def test_notes_of_other_columns_are_shown_and_stay(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    address = page(Initiative, "change", initiative.pk)
    assert "表にあったほかの列" not in planner.get(address).content.decode()
    notes = {"備考": "<市債>\n3 年"}
    Initiative.objects.filter(pk=initiative.pk).update(notes=notes)
    assert "<p><b>備考</b><br>&lt;市債&gt;<br>3 年</p>" in planner.get(address).content.decode()
    save(planner, address)
    assert Initiative.objects.get(pk=initiative.pk).notes == notes


def test_sdgs_have_three_answers(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    address = page(Initiative, "change", initiative.pk)
    answers: list[tuple[dict[str, object], list[int] | None]] = [
        ({"goals": ["11", "3"]}, [3, 11]),
        ({"goals": None, "has_no_goals": "on"}, []),
        ({"goals": None, "has_no_goals": None}, None),
    ]
    for sent, stored in answers:
        save(planner, address, **sent)
        assert Initiative.objects.get(pk=initiative.pk).sdgs == stored
    assert "どちらかを外してください" in refused(planner, address, goals=["1"], has_no_goals="on")


def test_duties_once_per_department_and_year(planner: Client, space: Workspace) -> None:
    initiative = space.row(2).initiative
    address = page(Initiative, "change", initiative.pk)
    two = {f"assignments-{row}-department": space.mine.pk for row in (1, 2)}
    assert "二度書かれています" in refused(planner, address, **two, **{"assignments-TOTAL_FORMS": 3})
    sent = {"assignments-1-department": space.mine.pk, "assignments-1-from_fiscal_year": 2024}
    save(planner, address, **sent)
    duties = initiative.assignments.order_by("position").values_list("department", "from_fiscal_year")
    assert list(duties) == [(space.theirs.pk, None), (space.mine.pk, 2024)]


def test_things_are_chosen_by_part_of_their_name(
    planner: Client, space: Workspace, project: PlanProject
) -> None:
    initiative, manifesto = space.row().initiative, space.manifesto
    address = page(Initiative, "change", initiative.pk)
    one = PlanProject.objects.create(
        manifesto=manifesto, code="9-9-1①", base_code="9-9-1", name="灯台の塗替え"
    )
    two = PlanProject.objects.create(manifesto=manifesto, code="9-9-2", base_code="9-9-2", name="灯台の見学")
    save(planner, address, plan_projects=["塗替え", "９-9-2", "9-9-2 灯台の見学", " "])
    assert set(initiative.plan_projects.all()) == {one, two}
    assert "2 件あります" in refused(planner, address, plan_projects=["灯台"])
    words = "「どこにもない」にあたるものはありません"
    assert words in refused(planner, address, plan_projects=["どこにもない"])
    other = Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    PlanProject.objects.create(manifesto=other, name="別の任期の事業")
    assert "別のマニフェストの関連事業" in refused(planner, address, plan_projects=["別の任期の事業"])
    save(planner, address, plan_projects=[])
    assert list(initiative.plan_projects.all()) == []


def test_few_things_are_listed_and_many_are_asked_for(
    planner: Client, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = space.row().initiative.pledge
    called = f"{pledge.place} {pledge.text}"
    source = planner.get(page(Initiative, "add")).content.decode()
    assert f'<option value="{called}">' in source
    assert "data-source" not in source
    monkeypatch.setattr(by_name, "LISTED", 0)
    source = planner.get(page(Initiative, "add")).content.decode()
    assert f'<option value="{called}">' not in source
    assert "data-source" in source
    Pledge.objects.create(section=pledge.section, position=2, text="ほかの公約")
    asked = "/staff/autocomplete/?app_label=tracker&model_name=initiative&field_name=pledge&term=駅を"
    assert planner.get(asked).json()["results"] == [{"id": str(pledge.pk), "text": called}]


def test_autocomplete_by_role(planner: Client, space: Workspace, project: PlanProject) -> None:
    PlanProject.objects.create(manifesto=space.manifesto, name="ほかの事業")
    address = (
        "/staff/autocomplete/?app_label=tracker&model_name=initiative&field_name=plan_projects&term=企業誘致"
    )
    assert logged_in(space.cast.clerk).get(address).status_code == 403
    found = planner.get(address).json()["results"]
    assert [each["text"] for each in found] == [str(project)]


def test_a_place_may_be_taken_again_in_other_years(planner: Client, space: Workspace) -> None:
    initiative = space.row(1).initiative
    address = page(Initiative, "change", initiative.pk)
    new = {"assignments-1-department": space.theirs.pk, "assignments-1-position": 1}
    apart = {"assignments-0-to_fiscal_year": 2023, "assignments-1-from_fiscal_year": 2024}
    meeting = {"assignments-0-to_fiscal_year": 2024, "assignments-1-from_fiscal_year": 2024}
    told = "順序が重なっています：1。同じ年度に担当する課は、別々の数にしてください。"
    assert told in refused(planner, address, **new, **meeting)
    assert told in refused(planner, address, **new)
    save(planner, address, **new, **apart)
    duties = initiative.assignments.values_list("department", "position", "to_fiscal_year")
    assert list(duties) == [(space.mine.pk, 1, 2023), (space.theirs.pk, 1, None)]
    assert [each.name for each in space.row(1).departments] == ["農政課"]

"""Extra columns through the staff site: defined, typed, refused, reviewed, approved, published."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.extra_columns import define, define_all
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace, newest_report
from tracker.choices import ActionState, Role
from tracker.cycle import workflow
from tracker.models import Event, ExtraColumn, FormerText, YearlyAction
from tracker.reports import publishing
from tracker.staff.entry.form import as_base

TYPED = {
    "extra_x1": "・道を広げました。",
    "extra_x2": "１，２００.5 千円",
    "extra_x3": "令和7年3月31日",
    "extra_x4": "継続",
    "extra_x5": "https://example.jp/road",
    "extra_x6": "庁内だけの話",
}
KEPT = {
    "x1": "・道を広げました。",
    "x2": "1200.5",
    "x3": "2025-03-31",
    "x4": "継続",
    "x5": "https://example.jp/road",
    "x6": "庁内だけの話",
}


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define_all(space.manifesto)
    return space


def answers(row: YearlyAction, **typed: str) -> dict[str, Any]:
    content = workflow.Content.of(row)
    return {
        "version": row.version,
        "base": as_base(content),
        "result": "・直しました。",
        "rating": str(row.reference_rating_id),
        "rating_reason": "",
        "plan": "・続けます。",
        **typed,
    }


def post(client: Client, row: YearlyAction, act: str = "save", **typed: str) -> Any:
    return client.post(reverse("staff-entry", args=[row.pk]), {**answers(row, **typed), "act": act})


def test_what_is_typed_is_kept_and_shown_again(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    assert post(clerk, row, **TYPED).status_code == 302
    assert space.row(1).extra_values == KEPT
    page = clerk.get(reverse("staff-entry", args=[row.pk])).content.decode()
    for value in ('value="1200.5"', 'value="2025-03-31"', "<option selected>継続</option>", "庁内だけの話"):
        assert value in page
    checked = clerk.get(reverse("staff-check", args=[row.pk])).content.decode()
    assert "1,200.5 千円" in checked
    assert "令和7年3月31日" in checked


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("extra_x2", "約1200", "数として読めません"),
        ("extra_x3", "令和6年13月", "日付として読めません"),
        ("extra_x4", "休止", "という選択肢はありません"),
        ("extra_x5", "example.jp", "https:// か http://"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_stays_typed(
    space: Workspace, field: str, typed: str, words: str
) -> None:
    answer = post(logged_in(space.cast.clerk), space.row(1), **{**TYPED, field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">' in page
    assert words in page
    if field != "extra_x4":
        assert typed in page
    assert "庁内だけの話" in page
    assert space.row(1).extra_values == {}


def test_the_form_asks_a_constant_number_of_queries(
    space: Workspace, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    clerk, address = logged_in(space.cast.clerk), reverse("staff-entry", args=[space.row(1).pk])
    clerk.get(address)
    with django_assert_max_num_queries(15):
        assert clerk.get(address).status_code == 200
    public = reverse("manifesto:latest:pledges", args=["2021"])
    with django_assert_max_num_queries(8):
        assert Client().get(public).status_code == 200


def test_what_is_required_is_asked_for_before_it_is_handed_in(space: Workspace) -> None:
    ExtraColumn.objects.filter(code="x2").update(is_required=True)
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    answer = post(clerk, row, "check", extra_x1="・道")
    assert answer.status_code == 422
    assert "「事業費」を書いてください。" in answer.content.decode()
    row = space.row(1)
    assert row.state_label == "入力中"
    assert post(clerk, row, "check", extra_x1="・道", extra_x2="0").status_code == 302
    assert space.row(1).state_label == "入力済み"


def test_a_text_too_long_is_refused_before_it_is_handed_in(space: Workspace) -> None:
    answer = post(logged_in(space.cast.clerk), space.row(1), "check", extra_x1="あ" * 10_001)
    assert answer.status_code == 422
    assert "「説明」は 10,000 文字までです" in answer.content.decode()
    assert len(space.row(1).extra_values["x1"]) == 10_001


def test_a_column_that_has_ended_is_asked_for_no_more_and_keeps_its_values(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    ExtraColumn.objects.filter(code="x2").update(last_fiscal_year=2023)
    clerk = logged_in(space.cast.clerk)
    page = clerk.get(reverse("staff-entry", args=[space.row(1).pk])).content.decode()
    assert 'id="id_extra_x2"' not in page
    post(clerk, space.row(1), **{**TYPED, "extra_x1": "・別の文", "extra_x2": "5"})
    assert space.row(1).extra_values == {**KEPT, "x1": "・別の文"}


def test_a_choice_that_has_ended_stays_where_it_is_and_is_chosen_no_more(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values={"x4": "継続"})
    ExtraColumn.objects.filter(code="x4").update(choice_lines="拡充", ended_choice_lines="継続")
    clerk = logged_in(space.cast.clerk)
    assert post(clerk, space.row(1), extra_x1="・文", extra_x4="継続").status_code == 302
    assert space.row(1).extra_values == {"x1": "・文", "x4": "継続"}
    answer = post(logged_in(space.cast.both), space.row(3), extra_x4="継続")
    assert answer.status_code == 422
    assert "いまは使わない選択肢です" in answer.content.decode()


def test_the_planning_offices_column_is_its_own(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    assert 'id="id_extra_x7"' not in clerk.get(reverse("staff-entry", args=[row.pk])).content.decode()
    post(clerk, row, **TYPED, extra_x7="妥当")
    assert "x7" not in space.row(1).extra_values
    planner = logged_in(space.cast.planner)
    assert 'id="id_extra_x7"' in planner.get(reverse("staff-entry", args=[row.pk])).content.decode()
    post(planner, space.row(1), **TYPED, extra_x7="妥当")
    assert space.row(1).extra_values == {**KEPT, "x7": "妥当"}


def test_autosave_keeps_values_and_tells_what_is_wrong(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    address, headers = reverse("staff-entry", args=[row.pk]), {"Accept": "application/json"}
    saved = clerk.post(address, answers(row, **TYPED), headers=headers)
    assert saved.status_code == 200
    assert json.loads(saved.json()["base"])["extra_values"] == KEPT
    partly = clerk.post(address, answers(space.row(1), extra_x1="・別", extra_x2="x"), headers=headers)
    assert (partly.status_code, [name for name, _words in partly.json()["errors"]]) == (200, ["extra_x2"])
    assert space.row(1).extra_values == {"x1": "・別", "x2": KEPT["x2"]}  # what stood there stays


def test_two_people_choose_between_their_values(space: Workspace) -> None:
    row = space.row(1)
    fill(row, space.cast.colleague, result="・直しました。", plan="・続けます。", extra_values={"x2": "7"})
    clerk = logged_in(space.cast.clerk)
    told = post(clerk, row, extra_x2="8", extra_x1="・文")
    assert told.status_code == 409
    assert "7.0 千円" in told.content.decode()
    now = space.row(1)
    sent = {**answers(row, extra_x2="8", extra_x1="・文"), "version": now.version}
    picks = {"pick_extra_x1": "mine", "pick_extra_x2": "theirs"}
    assert clerk.post(reverse("staff-resolve", args=[row.pk]), sent | picks).status_code == 302
    assert space.row(1).extra_values == {"x1": "・文", "x2": "7"}


def test_a_former_value_comes_back_and_an_older_text_takes_none_away(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    fill(row, space.cast.colleague, extra_values=KEPT)
    fill(space.row(1), space.cast.clerk, extra_values={})
    former = FormerText.objects.get()
    page = clerk.get(reverse("staff-former-texts", args=[row.pk])).content.decode()
    assert "1,200.5 千円" in page
    sent = {"former": former.pk, "version": space.row(1).version}
    assert clerk.post(reverse("staff-former-texts", args=[row.pk]), sent).status_code == 302
    assert space.row(1).extra_values == KEPT
    FormerText.objects.filter(pk=former.pk).update(content={"result": "・前の文", "rating_id": None})
    clerk.post(reverse("staff-former-texts", args=[row.pk]), {**sent, "version": space.row(1).version})
    assert (space.row(1).result, space.row(1).extra_values) == ("・前の文", KEPT)


def test_the_planning_office_fills_in_beside_its_approval(space: Workspace) -> None:
    ExtraColumn.objects.filter(code="x7").update(is_required=True)
    row = submit(space.row(1), space.cast.clerk, extra_values=KEPT)
    planner, address = logged_in(space.cast.planner), reverse("staff-review", args=[row.pk])
    page = planner.get(address).content.decode()
    assert "1,200.5 千円" in page
    assert 'id="id_extra_x7" name="extra_x7" form="answer"' in page
    refused = planner.post(address, {"act": "approve", "version": row.version, "reason": "", "extra_x7": ""})
    assert refused.status_code == 422
    assert "「外部評価」を選んでください。" in refused.content.decode()
    wrong = planner.post(address, {"act": "fill_in", "version": row.version, "reason": "", "extra_x7": "良"})
    assert wrong.status_code == 422
    sent = {"act": "fill_in", "version": row.version, "reason": "", "extra_x7": "妥当"}
    assert planner.post(address, sent).status_code == 302
    assert space.row(1).extra_values == {**KEPT, "x7": "妥当"}
    row = space.row(1)
    sent = {"act": "approve", "version": row.version, "reason": "", "extra_x7": "要改善"}
    assert planner.post(address, sent).status_code == 302
    row = space.row(1)
    assert (row.state, row.extra_values["x7"]) == (ActionState.APPROVED, "要改善")
    told = Event.objects.filter(subject=row.subject).order_by("number")
    assert told.filter(from_state="submitted", to_state="submitted").count() == 2
    assert told.last().content["extra_words"]["x7"] == ["外部評価", "要改善"]  # type: ignore[union-attr]
    history = planner.get(reverse("staff-entry", args=[row.pk])).content.decode()
    assert "企画の項目に記入しました。" in history


def test_a_department_does_not_fill_in_what_is_submitted(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values=KEPT)
    with pytest.raises(workflow.Forbidden):
        workflow.fill_in(row.pk, by=space.cast.clerk, version=row.version, values={"x7": "妥当"})
    done = workflow.fill_in(row.pk, by=space.cast.planner, version=row.version, values={"x1": "企画の文"})
    assert done.extra_values == KEPT


def test_rows_that_lack_the_planning_offices_value_are_not_approved_in_bulk(space: Workspace) -> None:
    ExtraColumn.objects.filter(code="x7").update(is_required=True)
    rows = [submit(space.row(number), space.cast.both) for number in (1, 2)]
    workflow.fill_in(rows[0].pk, by=space.cast.planner, version=rows[0].version, values={"x7": "妥当"})
    at_once = YearlyAction.objects.filter(workflow.approvable_at_once(space.cast.planner))
    assert [row.pk for row in at_once.submitted()] == [rows[0].pk]
    seen = [(row.pk, row.version) for row in space.rows()[:2]]
    with pytest.raises(workflow.Blocked) as blocked:
        workflow.approve_all(seen, by=space.cast.planner)
    assert [why for _row, why in blocked.value.rows] == ["「外部評価」を選んでください。"]
    assert workflow.approve_all(seen[:1], by=space.cast.planner) == 1


def test_the_button_for_nothing_new_takes_last_years_words_but_no_number_of_that_year(
    space: Workspace,
) -> None:
    last = YearlyAction.objects.filter(round=space.last_round, initiative=space.row(1).initiative_id)
    last.update(extra_values={"x1": "去年の理由", "x2": "900", "x4": "廃止", "x6": "去年の話"})
    clerk = logged_in(space.cast.clerk)
    page = clerk.get(reverse("staff-entry", args=[space.row(1).pk])).content.decode()
    assert "900.0 千円" in page
    post(clerk, space.row(1), "same", result="", rating="", plan="", extra_x6="今年の話")
    assert space.row(1).extra_values == {"x1": "去年の理由", "x6": "今年の話"}


def test_from_the_form_to_the_published_page_and_never_the_internal_one(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values={**KEPT, "x7": "妥当"})
    row = workflow.fill_in(row.pk, by=space.cast.planner, version=row.version, values={"x7": "妥当"})
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    publishing.publish(space.round, by="企画", unapproved_reason="ほかはまだです。")
    report = newest_report(space.manifesto)
    assert [column["code"] for column in report.extra_columns] == ["x1", "x2", "x3", "x4", "x5", "x7"]
    entry = report.entries.get(key=row.place)
    assert entry.extra_values == {
        **{code: {"2024": KEPT[code]} for code in ("x1", "x2", "x3", "x4")},
        "x5": {"": KEPT["x5"]},
        "x7": {"2024": "妥当"},
    }
    page = Client().get(reverse("manifesto:latest:pledge", args=["2021", entry.pledge_key]))
    text = page.content.decode()
    for words in ("1,200.5 千円", "令和7年3月31日", 'href="https://example.jp/road"', "外部評価"):
        assert words in text
    assert "庁内" not in text
    found = Client().get(reverse("manifesto:latest:pledges", args=["2021"]), {"extra": "x4-1"})
    assert "条件「そのほかの項目：今後の方向性：継続」を外す" in found.content.decode()
    assert found.context["page"].paginator.count == 1


@pytest.mark.parametrize(("role", "status"), [("planner", 200), ("administrator", 200), ("clerk", 403)])
def test_who_defines_columns(space: Workspace, role: str, status: int) -> None:
    client = logged_in(getattr(space.cast, role))
    for address in (
        reverse("admin:tracker_extracolumn_changelist"),
        reverse("admin:tracker_extracolumn_add"),
        reverse("admin:tracker_extracolumn_change", args=[ExtraColumn.objects.all()[0].pk]),
    ):
        assert client.get(address).status_code == status


def test_a_column_with_values_is_renamed_or_ended_and_never_lost(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    planner, column = logged_in(space.cast.planner), ExtraColumn.objects.get(code="x4")
    address = reverse("admin:tracker_extracolumn_change", args=[column.pk])
    sent = {
        "position": 4,
        "label": "これから",
        "kind": "choice",
        "decimals": 0,
        "choice_lines": "継続\r\n拡充",
        "filled_by": "department",
        "first_fiscal_year": "",
        "last_fiscal_year": "2025",
    }
    assert planner.post(address, sent).status_code == 302
    column.refresh_from_db()
    assert (column.code, column.label, column.last_fiscal_year) == ("x4", "これから", 2025)
    for wrong in ({"kind": "text"}, {"choice_lines": "拡充"}):
        assert planner.post(address, sent | wrong).status_code == 200
    planner.post(reverse("admin:tracker_extracolumn_delete", args=[column.pk]), {"post": "yes"})
    assert ExtraColumn.objects.filter(pk=column.pk).exists()
    unused = define(space.manifesto, "未使用")
    planner.post(reverse("admin:tracker_extracolumn_delete", args=[unused.pk]), {"post": "yes"})
    assert not ExtraColumn.objects.filter(pk=unused.pk).exists()


def test_a_name_that_the_entry_sheet_has_already_is_refused(space: Workspace) -> None:
    planner = logged_in(space.cast.planner)
    sent = {"manifesto": space.manifesto.pk, "kind": "text", "decimals": 0, "filled_by": Role.DEPARTMENT}
    for label in ("実施状況", "令和6年度の主な取組"):
        answer = planner.post(reverse("admin:tracker_extracolumn_add"), sent | {"label": label})
        assert "同じ見出しの列があります" in answer.content.decode()

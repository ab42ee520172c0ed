"""Indicators through the staff site: defined, typed, refused, met in conflict, reviewed, published."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from tests.extra_columns import define_all
from tests.indicators import define
from tests.staff.people import fill, logged_in, submit
from tests.staff.test_extra_columns import answers, post
from tests.workspace import Workspace, newest_report
from tracker.cycle import rounds, workflow
from tracker.entry_sheets.rows import content_of, round_indicators, stored_rows
from tracker.models import Event, FormerText, Indicator, YearlyAction
from tracker.reports import publishing
from tracker.staff.entry.suggested import suggested_rating

TYPED = {"extra_k1": "１，１００ 件", "extra_k1n": "速報値です"}
KEPT = {"k1": "1100", "k1n": "速報値です"}


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define(space.row(1).initiative)
    return space


def test_what_is_typed_is_kept_and_told_beside_the_target(space: Workspace) -> None:
    last = YearlyAction.objects.filter(round=space.last_round, initiative=space.row(1).initiative_id)
    last.update(extra_values={"k1": "950"})
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    page = clerk.get(reverse("staff-entry", args=[row.pk])).content.decode()
    assert "<dt>令和6年度の目標</dt><dd>1,200 件</dd>" in page
    assert "前の報告：950 件（まだ公表していません）" in page
    assert post(clerk, row, **TYPED).status_code == 302
    assert space.row(1).extra_values == KEPT
    page = clerk.get(reverse("staff-entry", args=[row.pk])).content.decode()
    assert 'value="1100"' in page
    assert "<b>未達</b>（91.6%）" in page
    checked = clerk.get(reverse("staff-check", args=[row.pk])).content.decode()
    assert "1,100 件" in checked
    assert "速報値です" in checked
    assert f'href="{reverse("staff-entry", args=[row.pk])}#id_extra_k1"' in checked


def test_another_initiatives_form_does_not_ask_for_it(space: Workspace) -> None:
    page = logged_in(space.cast.both).get(reverse("staff-entry", args=[space.row(2).pk])).content.decode()
    assert "extra_k1" not in page
    post(logged_in(space.cast.both), space.row(2), **TYPED)
    assert space.row(2).extra_values == {}


def test_a_missing_actual_is_handed_in_and_is_not_nought(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    assert post(clerk, row, "check").status_code == 302
    checked = clerk.get(reverse("staff-check", args=[row.pk])).content.decode()
    assert "実績がありません" in checked
    assert "0.0%" not in checked
    post(clerk, space.row(1), extra_k1="0")
    checked = clerk.get(reverse("staff-check", args=[row.pk])).content.decode()
    assert "<b>未達</b>（0.0%）" in checked


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("extra_k1", "約1200", "数として読めません"),
        ("extra_k1", "12.5", "小数のない数で書いてください"),
        ("extra_k1n", "あ" * 501, "500 文字までです"),
        ("extra_k1n", "一\n二", "1 行で書く欄です"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_all_stays_typed(
    space: Workspace, field: str, typed: str, words: str
) -> None:
    answer = post(logged_in(space.cast.clerk), space.row(1), **{**TYPED, field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#id_{field}">' in page
    assert words in page
    assert typed.split("\n")[0] in page
    assert space.row(1).extra_values == {}


def test_the_form_asks_a_constant_number_of_queries(
    space: Workspace, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    define_all(space.manifesto)
    for number in range(2, 5):
        define(space.row(1).initiative, f"指標{number}")
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    clerk, address = logged_in(space.cast.clerk), reverse("staff-entry", args=[space.row(1).pk])
    clerk.get(address)
    with django_assert_max_num_queries(15):
        assert clerk.get(address).status_code == 200


def test_autosave_keeps_an_actual_and_tells_what_is_wrong(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    address, headers = reverse("staff-entry", args=[row.pk]), {"Accept": "application/json"}
    saved = clerk.post(address, answers(row, **TYPED), headers=headers)
    assert json.loads(saved.json()["base"])["extra_values"] == KEPT
    typed = {**TYPED, "extra_k1": "x", "extra_k1n": "速報値", "result": "・後から書いた文"}
    partly = clerk.post(address, answers(space.row(1), **typed), headers=headers)
    assert (partly.status_code, partly.json()["errors"][0][0]) == (200, "extra_k1")
    row = space.row(1)  # the others are saved, and what stood there stays
    assert (row.result, row.extra_values) == ("・後から書いた文", {**KEPT, "k1n": "速報値"})
    assert json.loads(partly.json()["base"])["extra_values"] == row.extra_values
    unbound = clerk.post(address, {**answers(row, **typed), "base": "?"}, headers=headers)
    assert (unbound.status_code, space.row(1).version) == (422, row.version)


def test_two_people_choose_between_their_actuals(space: Workspace) -> None:
    row = space.row(1)
    fill(row, space.cast.colleague, result="・直しました。", plan="・続けます。", extra_values={"k1": "7"})
    clerk = logged_in(space.cast.clerk)
    told = post(clerk, row, extra_k1="8", extra_k1n="速報")
    assert told.status_code == 409
    assert "指標「相談件数」の実績（件）" in told.content.decode()
    sent = {**answers(row, extra_k1="8", extra_k1n="速報"), "version": space.row(1).version}
    picks = {"pick_extra_k1": "theirs", "pick_extra_k1n": "mine"}
    assert clerk.post(reverse("staff-resolve", args=[row.pk]), sent | picks).status_code == 302
    assert space.row(1).extra_values == {"k1": "7", "k1n": "速報"}


def test_a_former_actual_comes_back(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    fill(row, space.cast.colleague, extra_values=KEPT)
    fill(space.row(1), space.cast.clerk, extra_values={})
    page = clerk.get(reverse("staff-former-texts", args=[row.pk])).content.decode()
    assert "1,100 件" in page
    sent = {"former": FormerText.objects.get().pk, "version": space.row(1).version}
    assert clerk.post(reverse("staff-former-texts", args=[row.pk]), sent).status_code == 302
    assert space.row(1).extra_values == KEPT


def test_an_entry_sheet_without_cells_for_it_takes_no_actual_away(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    measured = round_indicators(space.round)
    stored = stored_rows(space.round, space.cast.clerk, measured)[space.row(1).pk]
    assert stored.values["extra_k1"] == KEPT["k1"]
    assert content_of(stored.with_writes({"result": "・別の文", "rating": ""}), {}).extra_values == KEPT


def test_a_review_tells_what_it_comes_to_and_history_says_so(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values=KEPT)
    planner = logged_in(space.cast.planner)
    page = planner.get(reverse("staff-review", args=[row.pk])).content.decode()
    assert "<td>1,200 件</td>" in page
    assert "<b>未達</b>（91.6%）" in page
    content = Event.objects.filter(subject=row.subject).latest("pk").content
    assert content["extra_words"]["k1"] == ["指標「相談件数」の実績", "1,100 件"]
    history = planner.get(reverse("staff-entry", args=[row.pk])).content.decode()
    assert "指標「相談件数」の補足" in history


def test_from_the_form_to_the_published_page(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values=KEPT)
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    publishing.publish(space.round, by="企画", unapproved_reason="ほかはまだです。")
    entry = newest_report(space.manifesto).entries.get(key=row.place)
    page = Client().get(reverse("manifesto:latest:pledge", args=["2021", entry.pledge_key])).content.decode()
    assert "令和6年度の実績は 1,100 件（目標 1,200 件）で、<b>未達</b>です。達成率は 91.6% です。" in page
    assert "速報値です" in page
    assert 'class="line-chart"' in page


@pytest.mark.parametrize(("role", "status"), [("planner", 200), ("administrator", 200), ("clerk", 403)])
def test_who_defines_indicators(space: Workspace, role: str, status: int) -> None:
    client, pk = logged_in(getattr(space.cast, role)), Indicator.objects.get().pk
    for address in (
        reverse("admin:tracker_indicator_changelist"),
        reverse("admin:tracker_indicator_add"),
        reverse("admin:tracker_indicator_change", args=[pk]),
    ):
        assert client.get(address).status_code == status


def sent(space: Workspace, **values: object) -> dict[str, object]:
    """The form of an indicator as a person sends it."""
    initiative = space.row(2).initiative
    return {
        "initiative": f"{initiative.place} {initiative.pledge.text}",
        "position": "",
        "name": "待機児童数",
        "unit": "人",
        "decimals": 0,
        "direction": "down",
        "formula": "ratio",
        "base_value": "",
        "target_lines": "R6 ５０人\n2025：10",
        "note": "",
        **values,
    }


def test_a_definition_is_kept_in_one_spelling_and_told_in_the_history(space: Workspace) -> None:
    planner = logged_in(space.cast.planner)
    assert planner.post(reverse("admin:tracker_indicator_add"), sent(space)).status_code == 302
    made = Indicator.objects.get(name="待機児童数")
    assert (made.code, made.position, made.target_lines) == ("k2", 1, "令和6年度：50\n令和7年度：10")
    page = planner.get(reverse("admin:tracker_indicator_history", args=[made.pk])).content.decode()
    assert "指標を追加しました。" in page
    told = Event.objects.get(subject=f"indicator:{made.pk}").content
    assert (told["place"], told["changes"]["direction"]) == (made.initiative.place, [None, "down"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"target_lines": "50"}, "「50」は目標として読めません"),
        ({"target_lines": "R6：1.5"}, "令和6年度の目標：小数のない数で書いてください"),
        ({"formula": "from_base"}, "基準値が要ります"),
        ({"formula": "from_base", "base_value": "5", "direction": "keep"}, "「維持」の達成率は"),
        ({"base_value": "五"}, "数として読めません"),
        ({"initiative": "9-9-9-9"}, "にあたるものはありません"),
    ],
)
def test_a_wrong_definition_is_refused_in_words(
    space: Workspace, wrong: dict[str, object], words: str
) -> None:
    answer = logged_in(space.cast.planner).post(reverse("admin:tracker_indicator_add"), sent(space, **wrong))
    assert words in answer.content.decode()
    assert Indicator.objects.count() == 1


def test_an_indicator_with_actuals_stays_with_its_initiative_and_is_never_lost(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    planner, made = logged_in(space.cast.planner), Indicator.objects.get()
    change = reverse("admin:tracker_indicator_change", args=[made.pk])
    answer = planner.post(change, sent(space, position=1))
    assert "別の取組には移せません" in answer.content.decode()
    planner.post(reverse("admin:tracker_indicator_delete", args=[made.pk]), {"post": "yes"})
    own = f"{space.row(1).place} {space.row(1).initiative.pledge.text}"
    ended = sent(space, initiative=own, position=1, name="相談の件数", last_fiscal_year=2023)
    assert planner.post(change, ended).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.code, made.last_fiscal_year) == ("相談の件数", "k1", 2023)
    page = planner.get(reverse("staff-entry", args=[space.row(1).pk])).content.decode()
    assert 'id="id_extra_k1"' not in page
    post(planner, space.row(1), extra_k1="9", result="・別の文")
    assert space.row(1).extra_values == KEPT


def test_a_rating_is_suggested_by_the_lowest_rate_and_never_chosen(space: Workspace) -> None:
    define(space.row(1).initiative, "整備率", unit="％", target_lines="R6：100")
    define(space.row(1).initiative, "満足度", unit="点", target_lines="")
    for code, rate in (("A", 100), ("B", 80), ("C", 0)):
        space.ratings[code].from_rate = rate
        space.ratings[code].save()
    clerk, address = logged_in(space.cast.clerk), reverse("staff-entry", args=[space.row(1).pk])
    assert "指標からの目安" not in clerk.get(address).content.decode()
    post(clerk, space.row(1), rating="", extra_k1="1100", extra_k2="82")
    page = clerk.get(address).content.decode()
    assert "保存した実績では、「整備率」の達成率が 82.0% です" in page
    assert "達成率がまだない指標：満足度" in page
    assert space.row(1).rating is None
    suggested = suggested_rating(space.row(1))
    assert suggested is not None
    assert suggested.rating == space.ratings["B"]


def test_without_thresholds_nothing_is_suggested(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, extra_values=KEPT)
    assert suggested_rating(space.row(1)) is None


def test_a_number_that_comes_too_late_is_shown_for_copying(space: Workspace) -> None:
    clerk, row = logged_in(space.cast.clerk), space.row(1)
    sent = {**answers(row, extra_k1="1234567"), "act": "save"}
    rounds.close(space.round, by=space.cast.planner)
    answer = clerk.post(reverse("staff-entry", args=[row.pk]), sent)
    assert answer.status_code == 409
    assert "1234567" in answer.content.decode()

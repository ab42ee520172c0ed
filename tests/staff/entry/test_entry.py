"""The entry form: drafts, autosave, check, submission; and that no way out of it loses a typed word."""

import json
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.public.markup import Element, parse
from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tracker.choices import ActionState
from tracker.cycle import rounds, workflow, workflow_in_bulk
from tracker.cycle.workflow import Content
from tracker.models import Event, Initiative, User, YearlyAction
from tracker.staff.entry.form import EntryForm, as_base
from tracker.staff.frame import kept

JSON = {"accept": "application/json"}
TYPED = "・🏯 𠮷野家で①会議を 3 回開きました。\n=SUM(A1)\n<b>&amp;"


def address(action: YearlyAction, rest: str = "") -> str:
    return f"/staff/actions/{action.pk}/{rest}"


def answers(action: YearlyAction, **values: Any) -> dict[str, Any]:
    """What a browser sends from the form of a row as it stands."""
    return {
        "result": action.result,
        "rating": "none" if action.is_unrated else action.rating_id or "",
        "rating_reason": action.rating_reason,
        "plan": action.plan,
        "version": action.version,
        "base": as_base(Content.of(action)),
        "act": "save",
        **values,
    }


def page(response: Any) -> Element:
    return parse(response.content.decode())


def typed(response: Any) -> dict[str, str]:
    """The form's texts as the page shows them."""
    return {area.attributes["name"]: area.raw_text for area in page(response).all("textarea")}


def test_a_form_shows_last_years_words_beside_this_years_box(year: Year) -> None:
    action = year.action
    entry = rounds.last_report(year.round.manifesto).entries.get(key=action.place)  # type: ignore[union-attr]
    text = page(logged_in(year.cast.clerk).get(address(action))).text
    assert "令和6年度（2024年度）の主な取組" in text
    assert "令和7年度（2025年度）の取組予定" in text
    for line in [*entry.text_lines("results", 2023), *entry.text_lines("plans", 2024)]:
        assert line.removeprefix("・") in text


def test_a_draft_may_be_incomplete_and_keeps_every_character(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action
    response = client.post(address(action), answers(action, result=TYPED.replace("\n", "\r\n")))
    assert (response.status_code, response.headers["Location"]) == (302, address(action))
    action.refresh_from_db()
    assert (action.result, action.state, action.version) == (TYPED, ActionState.DRAFT, 2)
    assert (action.saved_by, action.rating) == (year.cast.clerk, None)
    assert typed(client.get(address(action)))["result"].strip("\n") == TYPED


def test_autosave_is_the_same_save_and_tells_the_new_version(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action
    told = client.post(address(action), answers(action, result=TYPED), headers=JSON).json()
    saved = YearlyAction.objects.get(pk=action.pk)
    assert (told["version"], json.loads(told["base"])) == (saved.version, vars(Content.of(saved)))
    again = client.post(address(action), answers(saved, base=told["base"], plan="・次"), headers=JSON)
    assert (again.status_code, again.json()["version"]) == (200, saved.version + 1)


def test_saving_the_same_content_again_writes_nothing(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), fill(year.action, year.cast.clerk)
    events = Event.objects.count()
    client.post(address(action), answers(action))
    client.post(address(action), answers(action, version=1))  # a second click of an older page
    assert YearlyAction.objects.get(pk=action.pk).version == action.version
    assert Event.objects.count() == events


@pytest.mark.parametrize(("act", "name", "phrase"), [
    ("phrase_result", "result", "・令和5年度までの取組を引き続き実施しました。"),
    ("phrase_plan", "plan", "・令和6年度までの取組を引き続き実施します。"),
])  # fmt: skip
def test_the_stock_phrase_is_inserted_without_a_script(year: Year, act: str, name: str, phrase: str) -> None:
    action = year.action
    logged_in(year.cast.clerk).post(address(action), answers(action, act=act, **{name: "・前からの文"}))
    assert getattr(YearlyAction.objects.get(pk=action.pk), name) == f"・前からの文\n{phrase}"


def test_an_initiative_that_begins_this_year_is_offered_nothing_to_go_on_with(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action

    def offered() -> list[str]:
        return [b.attributes["value"] for b in page(client.get(address(action))).all("button", "phrase")]

    copied = ["copy_result", "copy_plan"]
    assert offered() == ["phrase_result", *copied, "phrase_plan"]
    Initiative.objects.filter(pk=action.initiative_id).update(first_fiscal_year=year.round.fiscal_year)
    assert offered() == [*copied, "phrase_plan"]


def test_submitting_goes_by_the_check_page(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action
    wanted = {
        "result": TYPED,
        "plan": "・続けます。",
        "rating": action.reference_rating_id or "none",
        "act": "check",
    }
    response = client.post(address(action), answers(action, **wanted))
    assert response.headers["Location"] == address(action, "check/")
    shown = client.get(address(action, "check/"))
    source = shown.content.decode()
    assert "まだ提出していません" in source
    assert "・=SUM(A1)" in source  # as it will be submitted
    action.refresh_from_db()
    assert action.state == ActionState.DRAFT
    done = client.post(address(action, "check/"), {"version": action.version})
    assert done.headers["Location"] == "/staff/"
    action.refresh_from_db()
    assert (action.state, action.submitted_by, action.result) == (
        ActionState.SUBMITTED,
        year.cast.clerk,
        TYPED.replace("\n=", "\n・="),  # each line gets its mark
    )
    again = client.post(address(action, "check/"), {"version": action.version - 1})  # the second click
    assert again.headers["Location"] == "/staff/"


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "１", "9" * 30, "9" * 5000])
def test_a_version_that_is_none_submits_nothing(year: Year, version: str) -> None:
    action = fill(year.action, year.cast.clerk)
    response = logged_in(year.cast.clerk).post(address(action, "check/"), {"version": version})
    assert response.status_code == 409
    assert YearlyAction.objects.get(pk=action.pk).state == ActionState.DRAFT


def test_an_incomplete_submission_is_saved_and_told_on_top_and_beside_the_fields(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action
    response = client.post(address(action), answers(action, plan=TYPED, act="check"))
    assert response.status_code == 422
    top = page(response).one("div", "notice-error")
    assert [link.attributes["href"] for link in top.all("a")] == ["#id_result", "#rating"]
    beside = [each.text for each in page(response).all("p", "error")]
    assert [link.text for link in top.all("a")] == beside
    assert "下書きは保存しました" in top.text
    assert YearlyAction.objects.get(pk=action.pk).plan == TYPED


def test_of_a_row_into_which_nothing_was_written_no_draft_is_claimed(year: Year) -> None:
    client, action = logged_in(year.cast.clerk), year.action
    checked = page(client.post(address(action), answers(action, act="check")))
    lead = "まだ何も書かれていません。提出するには、次の 2 件を直してください"
    assert checked.one("div", "notice-error").one("h2").text == lead
    saved = page(client.post(address(action), answers(action), follow=True))
    assert saved.one("div", "told").text == "まだ何も書かれていません。下書きも、まだありません。"
    assert "まだ保存されていません。" in saved.text


def test_a_changed_rating_demands_a_reason(year: Year) -> None:
    client = logged_in(year.cast.clerk)
    action = next(a for a in year.actions_of(year.mine) if a.reference_rating_id)
    other = action.round.manifesto.ratings.exclude(pk=action.reference_rating_id).first()
    assert other is not None
    without = client.post(address(action), answers(action, result="・a", rating=other.pk, act="check"))
    assert [link.attributes["href"] for link in page(without).one("div", "notice-error").all("a")] == [
        "#id_rating_reason"
    ]
    action.refresh_from_db()
    with_reason = client.post(
        address(action), answers(action, rating_reason="・工事が遅れたため", act="check")
    )
    assert with_reason.status_code == 302


@pytest.mark.parametrize("values", [
    {"rating": "999999"}, {"rating": "x"}, {"rating": "1' OR 1"},
    {"version": "x"}, {"version": ""}, {"version": "-1"},
    {"result": "a\x00b"}, {"plan": "a\x1bb"}, {"rating_reason": "\ufffe"},
])  # fmt: skip
def test_nonsense_is_an_error_beside_the_field_and_the_text_stays(year: Year, values: dict[str, str]) -> None:
    action = year.action
    response = logged_in(year.cast.clerk).post(
        address(action), answers(action, **{"result": TYPED, **values})
    )
    assert response.status_code == 422
    assert page(response).one("div", "notice-error").text
    if "result" not in values:
        assert typed(response)["result"].strip("\n") == TYPED
    assert YearlyAction.objects.get(pk=action.pk).version == action.version


def test_a_line_break_pasted_from_a_word_processor_is_a_line_break(year: Year) -> None:
    action = year.action
    logged_in(year.cast.clerk).post(address(action), answers(action, result="・a\v・b\u2028・c\r・d"))
    assert YearlyAction.objects.get(pk=action.pk).result == "・a\n・b\n・c\n・d"


@pytest.mark.parametrize("base", [
    "", "nonsense", "[]", "{}", '{"result": 1}', '{"rating_id": []}', "null", '"x"', "{" * 5000,
    "[" * 100_000, "\0", "1" * 5000, '{"result": "\\ud800"}',
])  # fmt: skip
def test_a_base_that_is_none_is_survived(year: Year, base: str) -> None:
    action = year.action
    colleague = fill(action, year.cast.colleague)
    response = logged_in(year.cast.clerk).post(address(action), answers(action, result=TYPED, base=base))
    assert response.status_code == 409
    assert typed(response)["result"].strip("\n") == TYPED
    assert YearlyAction.objects.get(pk=action.pk).version == colleague.version


def conflict(year: Year) -> tuple[Client, YearlyAction, Any]:
    """The clerk opened the form; the colleague saved; the clerk saves."""
    client, seen = logged_in(year.cast.clerk), year.action
    stored = fill(seen, year.cast.colleague, result="・同僚の文", plan="・同僚の予定")
    response = client.post(address(seen), answers(seen, result=TYPED, rating_reason="・私の理由"))
    return client, stored, response


def test_a_stale_save_shows_base_theirs_and_mine(year: Year) -> None:
    _client, stored, response = conflict(year)
    assert response.status_code == 409
    content = page(response)
    sides = [
        [p.raw_text for p in section.all("p", "words")] for section in content.all("section", "conflict")
    ]
    assert sides[0] == ["（空）", "・同僚の文", TYPED]
    assert "試験 colleague" in content.text
    checked = {
        r.attributes["name"]: r.attributes["value"] for r in content.all("input") if "checked" in r.attributes
    }
    assert checked == {"pick_rating_reason": "mine", "pick_plan": "theirs"} | (
        {"pick_rating": "theirs"} if stored.has_rating else {}
    )
    assert YearlyAction.objects.get(pk=stored.pk).result == "・同僚の文"


def resolution(response: Any, **picks: str) -> dict[str, Any]:
    """What the conflict page sends with these choices."""
    content = page(response)
    form = next(f for f in content.all("form") if str(f.attributes.get("action", "")).endswith("/resolve/"))
    fields: dict[str, Any] = {
        str(each.attributes["name"]): each.attributes.get("value", "")
        for each in form.all("input")
        if each.attributes.get("type") != "radio" or "checked" in each.attributes
    }
    return (
        fields
        | {str(a.attributes["name"]): a.raw_text.removeprefix("\n") for a in form.all("textarea")}
        | picks
    )


def test_the_chosen_sides_are_saved(year: Year) -> None:
    client, stored, response = conflict(year)
    done = client.post(address(stored, "resolve/"), resolution(response, pick_result="both"))
    assert done.status_code == 302
    now = YearlyAction.objects.get(pk=stored.pk)
    assert now.result == f"・同僚の文\n{TYPED}"
    assert (now.plan, now.rating_reason, now.saved_by) == ("・同僚の予定", "・私の理由", year.cast.clerk)


def test_a_field_without_a_choice_is_asked_again_and_nothing_is_lost(year: Year) -> None:
    client, stored, response = conflict(year)
    again = client.post(address(stored, "resolve/"), resolution(response))
    assert again.status_code == 409
    assert "すべての項目で選んでください" in again.content.decode()
    assert resolution(again)["result"] == TYPED
    assert YearlyAction.objects.get(pk=stored.pk).version == stored.version


def test_a_third_save_meanwhile_is_shown_again(year: Year) -> None:
    client, stored, response = conflict(year)
    third = fill(stored, year.cast.both, result="・三人目の文")
    again = client.post(address(stored, "resolve/"), resolution(response, pick_result="mine"))
    assert again.status_code == 409
    assert "・三人目の文" in again.content.decode()
    assert resolution(again)["result"] == TYPED
    done = client.post(address(stored, "resolve/"), resolution(again, pick_result="mine"))
    assert done.status_code == 302
    assert YearlyAction.objects.get(pk=third.pk).result == TYPED


def test_a_choice_comes_too_late_in_a_closed_round_and_is_kept_for_copying(year: Year) -> None:
    client, stored, response = conflict(year)
    close(year)
    told = client.post(address(stored, "resolve/"), resolution(response))  # nothing was chosen yet
    assert told.status_code == 409
    assert "この報告回は「締切済」なので、保存できません。" in page(told).text
    assert TYPED in [area.raw_text.removeprefix("\n") for area in page(told).all("textarea")]


def test_a_row_that_stands_as_it_began_again_is_compared_with_what_is_typed(year: Year) -> None:
    """A colleague's sheet was taken in and taken back while the form was open: nobody has saved the row."""
    seen, colleague = year.action, year.cast.colleague
    answer = workflow_in_bulk.Answer(seen.pk, seen.version, workflow.Content(result="・シートの文"))
    taken = workflow_in_bulk.write_all([answer], by=colleague, reason="入力シートの取込")
    workflow_in_bulk.take_back(taken, by=colleague, reason="入力シートの取消")
    response = logged_in(year.cast.clerk).post(address(seen), answers(seen, result=TYPED))
    assert response.status_code == 409
    assert "は、あなたが開いたあとに変わりました。" in page(response).text
    done = logged_in(year.cast.clerk).post(
        address(seen, "resolve/"), resolution(response, pick_result="mine", pick_rating="theirs")
    )
    assert (done.status_code, YearlyAction.objects.get(pk=seen.pk).result) == (302, TYPED)


def test_autosave_hears_of_a_conflict_and_writes_nothing(year: Year) -> None:
    seen = year.action
    stored = fill(seen, year.cast.colleague)
    response = logged_in(year.cast.clerk).post(address(seen), answers(seen, result=TYPED), headers=JSON)
    at = timezone.localtime(stored.saved_at).strftime("%H:%M")
    told = {"conflict": True, "words": f"試験 colleague さんが {at} に、この取組を保存しました。"}
    assert (response.status_code, response.json()) == (409, told)
    assert YearlyAction.objects.get(pk=seen.pk).result == stored.result


def close(year: Year) -> None:
    rounds.close(year.round, by=year.cast.planner)


def submit_it(year: Year) -> None:
    submit(year.action, year.cast.colleague)


@pytest.mark.parametrize("happening", [close, submit_it])
def test_a_save_that_comes_too_late_is_refused_and_kept_for_copying(year: Year, happening: Any) -> None:
    client, seen = logged_in(year.cast.clerk), year.action
    happening(year)
    response = client.post(address(seen), answers(seen, result=TYPED))
    assert response.status_code == 409
    assert TYPED in [area.raw_text.removeprefix("\n") for area in page(response).all("textarea")]
    autosave = client.post(address(seen), answers(seen, result=TYPED), headers=JSON)
    assert (autosave.status_code, list(autosave.json())) == (409, ["refused"])


def test_a_duty_lost_meanwhile_is_404_for_the_row_and_the_text_is_kept_for_copying(year: Year) -> None:
    client, seen = logged_in(year.cast.clerk), year.action
    seen.initiative.assignments.update(to_fiscal_year=2023)
    assert client.get(address(seen)).status_code == 404
    response = client.post(address(seen), answers(seen, result=TYPED, rating="none"))
    assert response.status_code == 404
    assert [area.raw_text.removeprefix("\n") for area in page(response).all("textarea")] == [TYPED]


def test_an_administrator_sees_a_row_but_may_not_write(year: Year) -> None:
    client, action = logged_in(year.cast.administrator), year.action
    assert client.get(address(action)).status_code == 200
    response = client.post(address(action), answers(action, result=TYPED))
    assert response.status_code == 403
    assert TYPED in [area.raw_text.removeprefix("\n") for area in page(response).all("textarea")]


def test_a_save_after_the_sessions_end_brings_the_text_back_after_the_login(year: Year) -> None:
    action, clerk = year.action, year.cast.clerk
    clerk.set_password("a-long-password")
    clerk.save()
    browser = Client()
    response = browser.post(address(action), answers(action, result=TYPED))
    assert response.status_code == 401
    packed = next(
        i.attributes["value"] for i in page(response).all("input") if i.attributes["name"] == "kept"
    )
    assert TYPED in [value for _name, value in signing.loads(packed, salt=kept.SALT)["fields"]]
    logged = browser.post(
        "/staff/login/", {"username": "clerk", "password": "a-long-password", "kept": packed, "next": "x"}
    )
    assert logged.headers["Location"] == "/staff/kept/"
    shown = page(browser.get("/staff/kept/"))
    assert TYPED in [area.raw_text.removeprefix("\n") for area in shown.all("textarea")]
    assert YearlyAction.objects.get(pk=action.pk).version == action.version  # nothing is sent without a click
    key = next(i.attributes["value"] for i in shown.all("input") if i.attributes.get("name") == "kept_again")
    fields = answers(action, result=TYPED, kept_again=str(key))
    assert browser.post(address(action), fields).status_code == 302
    assert YearlyAction.objects.get(pk=action.pk).result == TYPED
    assert browser.get("/staff/kept/").headers["Location"] == "/staff/"


def test_autosave_after_the_sessions_end_is_401(year: Year) -> None:
    response: HttpResponse = Client().post(
        address(year.action), answers(year.action, result=TYPED), headers=JSON
    )
    assert (response.status_code, json.loads(response.content)) == (401, {"error": "login"})


def test_a_form_from_before_another_login_keeps_its_text_for_copying(year: Year) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.clerk, backend="tracker.staff.frame.authentication.StaffBackend")
    response = client.post(address(year.action), answers(year.action, result=TYPED))
    assert response.status_code == 403
    assert TYPED in [area.raw_text.removeprefix("\n") for area in page(response).all("textarea")]


def test_a_returned_row_shows_the_planning_offices_words_at_its_field(year: Year) -> None:
    sent = submit(year.action, year.cast.clerk)
    workflow.send_back(
        sent.pk, by=year.cast.planner, version=sent.version, reason="回数を書いてください。", field="result"
    )
    content = page(logged_in(year.cast.clerk).get(address(sent)))
    assert "回数を書いてください。" in content.one("section", "notice-warning").text
    assert "#id_result" in [
        link.attributes.get("href") for link in content.one("section", "notice-warning").all("a")
    ]


@pytest.mark.parametrize("who", ["clerk", "both", "planner"])
def test_who_may_write_gets_the_form(year: Year, who: str) -> None:
    person: User = getattr(year.cast, who)
    assert page(logged_in(person).get(address(year.action))).all("textarea")


def test_every_character_of_a_form_survives_it(year: Year) -> None:
    sent = answers(year.action, result="  ・a  \n\n  b\t")
    form = EntryForm(sent, action=year.action, scale=[], columns=[])
    form.is_valid()
    assert form.cleaned_data["result"] == "  ・a  \n\n  b\t"


def test_a_row_answered_with_no_rating_is_shown(year: Year) -> None:
    action = fill(
        year.action, year.cast.clerk, rating_id=None, is_unrated=True, rating_reason="・始まっていないため"
    )
    client = logged_in(year.cast.clerk)
    assert "評価を付けない" in page(client.get(address(action, "check/"))).all("dl", "answers")[0].text
    done = workflow.submit(action.pk, by=year.cast.clerk, version=action.version)
    assert "評価を付けない" in page(client.get(address(done))).all("dl", "answers")[0].text

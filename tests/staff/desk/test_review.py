"""The review page: what it compares, what it lets a person do, and what happens when somebody was quicker."""

import re
from datetime import date

import pytest
from django.test import Client

from tests.extra_columns import define
from tests.public.markup import parse
from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tests.staff.sizes import overdue, report_of
from tracker.choices import ActionState, RoundState
from tracker.cycle import workflow
from tracker.cycle.workflow import Content
from tracker.models import Event, ExtraColumn, Report, ReportEntry, ReportingRound, YearlyAction
from tracker.staff.desk.review import compared_text
from tracker.staff.desk.walk import Walk

STATES = ("not_started", "draft", "submitted", "returned", "approved")


def address(action: YearlyAction, query: str = "") -> str:
    return f"/staff/actions/{action.pk}/review/{query}"


def fresh(action: YearlyAction) -> YearlyAction:
    return YearlyAction.objects.with_place().with_departments().get(pk=action.pk)


def send(client: Client, action: YearlyAction, act: str, query: str = "", **values: object) -> object:
    return client.post(address(action, query), {"act": act, "version": action.version, **values})


def in_state(year: Year, state: str) -> YearlyAction:
    """The row of `mine` in some state; returned and approved by the second planner."""
    cast, action = year.cast, year.action
    if state == "draft":
        fill(action, cast.clerk)
    elif state != "not_started":
        action = submit(action, cast.clerk)
        if state == "returned":
            workflow.send_back(
                action.pk, by=cast.second_planner, version=action.version, reason="根拠を。", field="plan"
            )
        if state == "approved":
            workflow.approve(action.pk, by=cast.second_planner, version=action.version)
    return fresh(action)


def test_approving_goes_on_to_the_next_row_of_the_same_filter(year: Year) -> None:
    rows = [submit(action, year.cast.clerk) for action in year.actions_of(year.mine)[:3]]
    client = logged_in(year.cast.planner)
    query = f"?round={year.round.pk}&department={year.mine.code}"
    response = send(client, rows[0], "approve", query)
    assert (response.status_code, response["Location"]) == (302, address(rows[1], f"{query}&of=3"))
    page = client.get(response["Location"])
    assert [str(message) for message in page.context["messages"]] == [
        f"{rows[0].place}「{rows[0].initiative.pledge}」を承認しました。"
    ]
    done = fresh(rows[0])
    assert (done.state, done.approved_by) == (ActionState.APPROVED, year.cast.planner)
    response = send(client, rows[2], "approve", query)
    assert response["Location"] == f"/staff/queue/{query}"


def test_returning_carries_the_reason_and_the_field(year: Year) -> None:
    action = in_state(year, "submitted")
    client = logged_in(year.cast.planner)
    response = send(client, action, "return", reason="回数の根拠を書いてください。\r\n", field="result")
    assert response.status_code == 302
    done = fresh(action)
    assert (done.state, done.return_reason, done.return_field) == (
        "returned",
        "回数の根拠を書いてください。",
        "result",
    )
    assert "差し戻しました" in client.get(response["Location"]).content.decode()


def test_returning_may_be_about_an_extra_column(year: Year) -> None:
    column = define(year.round.manifesto, "説明")
    field, action = f"extra_{column.code}", in_state(year, "submitted")
    client = logged_in(year.cast.planner)
    assert (field, "説明") in client.get(address(action)).context["form"].fields["field"].choices
    send(client, action, "return", reason="だれのためかを書いてください。", field=field)
    assert fresh(action).return_field == field
    page = logged_in(year.cast.clerk).get(f"/staff/actions/{action.pk}/").content.decode()
    found = [words in page for words in ("（説明について）", f'href="#id_{field}"', f'id="{field}-asked"')]
    assert found == [True] * 3
    ExtraColumn.objects.update(last_fiscal_year=year.round.fiscal_year - 1)
    page = logged_in(year.cast.clerk).get(f"/staff/actions/{action.pk}/").content.decode()
    words = ("（説明について）", "だれのためかを", "いまはこの画面にありません", "その項目へ")
    assert [each in page for each in words] == [True, True, True, False]


def test_a_row_handed_in_again_shows_what_was_asked_for(year: Year) -> None:
    sent = submit(year.action, year.cast.clerk)
    back = workflow.send_back(
        sent.pk, by=year.cast.planner, version=sent.version, reason="回数を。", field="result"
    )
    assert "前に差し戻したときの理由" not in logged_in(year.cast.planner).get(address(back)).content.decode()
    again = submit(fresh(back), year.cast.clerk, result="・3 回開きました。")
    shown = parse(logged_in(year.cast.planner).get(address(again)).content.decode())
    assert "前に差し戻したときの理由 企画から（主な取組）：回数を。" in shown.one("main").text


def test_reopening_takes_an_approval_back(year: Year) -> None:
    action = in_state(year, "approved")
    response = send(
        logged_in(year.cast.planner), action, "reopen", "?state=approved", reason="数の誤りが分かったため。"
    )
    done = fresh(action)
    assert response.status_code == 302
    assert (done.state, done.return_reason, done.approved_by) == (
        "returned",
        "数の誤りが分かったため。",
        None,
    )


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("not_started", []),
        ("draft", []),
        ("submitted", ["approve", "return"]),
        ("returned", []),
        ("approved", ["reopen"]),
    ],
)
def test_only_possible_acts_are_offered(year: Year, state: str, possible: list[str]) -> None:
    action = in_state(year, state)
    for person, acts in ((year.cast.planner, possible), (year.cast.administrator, []), (year.cast.clerk, [])):
        page = logged_in(person).get(address(action))
        assert (page.status_code, page.context["possible"]) == (200, acts)
        assert re.findall(r'name="act" value="(\w+)"', page.content.decode()) == acts


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ["approve", "return", "reopen"])
def test_acts_are_accepted_in_their_states_only(year: Year, state: str, act: str) -> None:
    action = in_state(year, state)
    accepted = {("submitted", "approve"), ("submitted", "return"), ("approved", "reopen")}
    response = send(
        logged_in(year.cast.planner), action, act, reason="" if act == "approve" else "理由です。"
    )
    assert response.status_code == (302 if (state, act) in accepted else 409)
    assert (fresh(action).version != action.version) == ((state, act) in accepted)


def test_who_may_see_and_who_may_act(year: Year) -> None:
    action = in_state(year, "submitted")
    seen = {name: logged_in(who).get(address(action)).status_code for name, who in vars(year.cast).items()}
    mine = dict.fromkeys(("clerk", "colleague", "both"), 200)
    not_mine = dict.fromkeys(("other", "stranger"), 404)
    assert seen == mine | not_mine | dict.fromkeys(("planner", "second_planner", "administrator"), 200)
    acted = {
        name: send(logged_in(who), action, "approve").status_code
        for name, who in vars(year.cast).items()
        if name != "planner"
    }
    forbidden = dict.fromkeys(("clerk", "colleague", "both", "administrator"), 403)
    assert acted == forbidden | not_mine | {"second_planner": 302}
    assert logged_in(year.cast.planner).get("/staff/actions/99999999999999999999/review/").status_code == 404


def test_nobody_approves_what_they_submitted_and_the_page_says_why(year: Year) -> None:
    action = submit(year.action, year.cast.planner)
    client = logged_in(year.cast.planner)
    page = client.get(address(action))
    why = "あなたが提出した取組なので、あなたは承認できません。ほかの企画の職員が承認します。"
    assert (page.context["possible"], page.context["why_not"]) == (["return"], why)
    refused = send(client, action, "approve")
    assert refused.status_code == 403
    assert (
        "自分が提出したものは承認できません。ほかの企画の職員が承認してください。" in refused.content.decode()
    )
    assert fresh(action).state == ActionState.SUBMITTED
    assert logged_in(year.cast.second_planner).get(address(action)).context["why_not"] == ""


@pytest.mark.parametrize(
    ("round_state", "state", "possible"),
    [
        (RoundState.CLOSED, "submitted", ["approve"]),
        (RoundState.CLOSED, "approved", []),
        (RoundState.PUBLISHED, "approved", []),
        (RoundState.CORRECTING, "approved", ["reopen"]),
        (RoundState.CORRECTING, "submitted", ["approve", "return"]),
    ],
)
def test_round_decides_what_is_possible(
    year: Year, round_state: str, state: str, possible: list[str]
) -> None:
    action = in_state(year, state)
    ReportingRound.objects.filter(pk=year.round.pk).update(state=round_state)
    page = logged_in(year.cast.planner).get(address(action))
    assert page.context["possible"] == possible
    assert bool(page.context["why_not"]) == (round_state in (RoundState.CLOSED, RoundState.PUBLISHED))


@pytest.mark.parametrize("act", ["return", "reopen"])
def test_a_missing_reason_is_an_error_beside_the_field(year: Year, act: str) -> None:
    action = in_state(year, "submitted" if act == "return" else "approved")
    response = send(logged_in(year.cast.planner), action, act, reason=" \r\n", field="plan")
    page = response.content.decode()
    error = "理由を書いてください。担当課が、何を直せばよいか分かるように書きます。"
    assert (response.status_code, response.context["errors"]) == (422, [("reason", error)])
    assert f'<li><a href="#id_reason">{error}</a></li>' in page
    assert f'<p class="error" id="reason-error">{error}</p>' in page
    assert '<option value="plan" selected>' in page
    assert fresh(action).version == action.version


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"field": "gone"}, [("field", "一覧から選んでください。")]),
        (
            {"reason": "前の行\n\x00"},
            [("reason", "2 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。")],
        ),
        ({"reason": "長" * 10_001}, [("reason", "10,000 文字までです（いま 10,001 文字）。")]),
    ],
)
def test_nonsense_in_a_field_keeps_what_was_typed(
    year: Year, values: dict[str, str], errors: list[tuple[str, str]]
) -> None:
    action = in_state(year, "submitted")
    sent = {"reason": "書いた理由です。", **values}
    response = send(logged_in(year.cast.planner), action, "return", **sent)
    assert (response.status_code, response.context["errors"]) == (422, errors)
    assert response.context["form"].data["reason"] == sent["reason"]
    assert fresh(action).version == action.version


@pytest.mark.parametrize(
    "values",
    [
        {"act": "publish"},
        {"act": ""},
        {"version": ""},
        {"version": "x"},
        {"version": "-1"},
        {"version": "9" * 5000},
    ],
)
def test_an_unreadable_act_changes_nothing(year: Year, values: dict[str, str]) -> None:
    action = in_state(year, "submitted")
    sent = {"act": "return", "version": str(action.version), "reason": "書いた理由です。", **values}
    response = logged_in(year.cast.planner).post(address(action), sent)
    assert response.status_code == 422
    assert [name for name, _message in response.context["errors"]] == [""]
    assert "書いた理由です。</textarea>" in response.content.decode()
    assert fresh(action).version == action.version


def test_a_stale_return_is_409_with_the_row_as_it_is_now(year: Year) -> None:
    seen = in_state(year, "submitted")
    workflow.send_back(seen.pk, by=year.cast.second_planner, version=seen.version, reason="先に返します。")
    now = submit(fresh(seen), year.cast.clerk, result="・書き直しました。")
    client = logged_in(year.cast.planner)
    response = send(client, seen, "return", reason="私の書いた理由です。")
    page = response.content.decode()
    assert response.status_code == 409
    assert "画面を開いたあとに、ほかの人がこの取組を保存しました。" in page
    assert "私の書いた理由です。</textarea>" in page
    assert "書き直しました" in page
    assert re.findall(r'name="version" value="(\d+)"', page) == [str(now.version)]
    assert send(client, now, "return", reason="私の書いた理由です。").status_code == 302


def test_what_was_typed_is_shown_where_the_act_is_gone(year: Year) -> None:
    seen = in_state(year, "submitted")
    workflow.approve(seen.pk, by=year.cast.second_planner, version=seen.version)
    response = send(logged_in(year.cast.planner), seen, "return", reason="私の書いた理由です。")
    assert (response.status_code, response.context["typed"]) == (409, ["私の書いた理由です。"])
    assert response.context["possible"] == ["reopen"]
    assert "この取組は「承認済」なので、差戻しできません。" in response.content.decode()


def test_previous_and_next_follow_the_filter(year: Year) -> None:
    rows = [submit(action, year.cast.clerk) for action in year.actions_of(year.mine)[:3]]
    query = f"?round={year.round.pk}&department={year.mine.code}&state=submitted"
    walk = logged_in(year.cast.planner).get(address(rows[1], query)).context["walk"]
    assert walk == Walk(
        query=f"{query}&of=3".removeprefix("?"),
        back=f"/staff/queue/{query}#row-{rows[1].pk}",
        list_name="承認待ち",
        words=f"提出済・{year.mine.name}",
        count=3,
        position=2,
        previous=rows[0].pk,
        next=rows[2].pk,
    )
    elsewhere = logged_in(year.cast.planner).get(address(year.foreign, query)).context["walk"]
    assert (elsewhere.position, elsewhere.previous, elsewhere.next) == (0, None, None)
    assert elsewhere.back == f"/staff/queue/{query}"
    listed = logged_in(year.cast.planner).get(address(rows[1], f"?round={year.round.pk}&state=all"))
    assert listed.context["walk"].list_name == "取組の一覧"  # as the list calls itself
    assert logged_in(year.cast.clerk).get(address(rows[1], query)).context["walk"] is None


def test_rows_that_are_done_are_counted_on(year: Year) -> None:
    rows = [submit(action, year.cast.clerk) for action in year.actions_of(year.mine)[:4]]
    client = logged_in(year.cast.planner)
    query = f"?round={year.round.pk}&department={year.mine.code}"
    shown = [client.get(address(rows[0], query)).context["walk"]]
    for row in rows[:2]:
        done = send(client, row, "approve", f"?{shown[-1].query}")
        shown.append(client.get(done["Location"]).context["walk"])
    assert [(walk.position, walk.count) for walk in shown] == [(1, 4), (2, 4), (3, 4)]
    last = client.get(address(rows[3], f"?{shown[-1].query}"))
    assert (last.context["walk"].position, last.context["walk"].count) == (4, 4)
    assert f"絞り込み：提出済・{year.mine.name}　のうち <b>4件中4件目</b>" in last.content.decode()
    assert [words in last.content.decode() for words in ("承認して次へ", ">承認する<")] == [False, True]


@pytest.mark.parametrize("of", ["0", "-1", "x", "１", "9" * 30])
def test_a_count_that_is_none_is_not_believed(year: Year, of: str) -> None:
    row = submit(year.action, year.cast.clerk)
    walk = logged_in(year.cast.planner).get(address(row, f"?of={of}")).context["walk"]
    assert (walk.position, walk.count) == (1, 1)


def test_history_is_the_rows_own_newest_last(year: Year) -> None:
    action = in_state(year, "returned")
    submit(fresh(action), year.cast.colleague)
    submit(year.foreign, year.cast.other)
    page = logged_in(year.cast.planner).get(address(action))
    own = [moment.event for moment in page.context["history"].moments if moment.is_own]
    states = [(event.from_state, event.to_state) for event in own]
    assert states == [
        ("not_started", "draft"),
        ("draft", "submitted"),
        ("submitted", "returned"),
        ("returned", "submitted"),
    ]
    assert [event.pk for event in own] == list(
        Event.objects.filter(subject=action.subject).order_by("number").values_list("pk", flat=True)
    )
    assert "差戻しの理由（翌年度の取組予定について）：根拠を。" in page.content.decode()


def test_history_tells_no_rating_from_one_not_yet_chosen(year: Year) -> None:
    first, second = year.actions_of(year.mine)[:2]
    workflow.save(first.pk, by=year.cast.clerk, version=first.version, content=Content("・会議"))
    unrated = Content("・会議", is_unrated=True)
    workflow.save(second.pk, by=year.cast.clerk, version=second.version, content=unrated)
    client, shown = logged_in(year.cast.planner), []
    for action in (first, second):
        history = parse(client.get(address(action)).content.decode()).one("section", "history")
        shown.append(history.one("dl", "answers").all("dd")[1].text)
    assert shown == ["（選ばれていません）", "評価を付けない"]


@pytest.mark.parametrize(
    ("results", "before", "name"),
    [
        (
            {"2022": "古い", "2023": "前の年", "2024": "同じ年"},
            "同じ年",
            "令和6年3月末時点の公表版の「主な取組（令和6年度）」",
        ),
        ({"2022": "古い", "2023": "前の年"}, "前の年", "令和6年3月末時点の公表版の「主な取組（令和5年度）」"),
        ({"2022": "古い", "2023": ""}, "古い", "令和6年3月末時点の公表版の「主な取組（令和4年度）」"),
        ({"2025": "先の年"}, "", ""),
        ({}, "", ""),
    ],
)
def test_compared_with_the_same_year_else_with_the_one_before(
    results: dict[str, str], before: str, name: str
) -> None:
    entry, report = ReportEntry(results=results), Report(as_of=date(2024, 3, 31))
    found = compared_text("results", "主な取組", 2024, "今年", entry, report)
    assert (found.before, found.after, found.before_name, found.name) == (
        before,
        "今年",
        name,
        "主な取組（令和6年度）",
    )


def test_without_an_entry_all_is_new() -> None:
    found = compared_text("results", "主な取組", 2024, "今年\r\n\r\n", None, None)
    assert (found.before_name, found.before, found.after) == ("", "", "今年")


def test_page_marks_words_in_words_and_escapes_them(year: Year) -> None:
    action = year.action
    report_of(year.round, action, results={"2023": "・会議を3回<b>開いた。"}, plans={"2024": "・工事。"})
    action = submit(action, year.cast.clerk, result="・会議を4回<b>開いた。", plan="・工事。")
    response = logged_in(year.cast.planner).get(address(action))
    marked = response.context["result"].marked
    assert marked == (
        "・会議を"
        '<del><span class="visually-hidden">［削除］</span>3'
        '<span class="visually-hidden">［削除ここまで］</span></del>'
        '<ins><span class="visually-hidden">［追加］</span>4'
        '<span class="visually-hidden">［追加ここまで］</span></ins>'
        "回&lt;b&gt;開いた。"
    )
    assert marked in response.content.decode()
    assert response.context["planned"] == ["・工事。"]
    assert (response.context["plan"].is_unchanged, response.context["result"].is_unchanged) == (True, False)


def test_late_submission_is_marked(year: Year) -> None:
    action = in_state(year, "submitted")
    client = logged_in(year.cast.planner)
    assert "締切後に提出" not in client.get(address(action)).content.decode()
    overdue(year.round)
    assert "締切後に提出" in client.get(address(action)).content.decode()


def test_what_a_person_typed_never_becomes_markup(year: Year) -> None:
    hostile = "<script>alert(1)</script>"
    action = submit(year.action, year.cast.clerk, result=hostile, plan=hostile, rating_reason=hostile)
    workflow.send_back(action.pk, by=year.cast.planner, version=action.version, reason=hostile)
    page = logged_in(year.cast.planner).get(address(action)).content.decode()
    assert (hostile in page, page.count("&lt;script&gt;") >= 4) == (False, True)


def test_a_reason_typed_beside_an_approval_stops_it_and_stays(year: Year) -> None:
    action = submit(year.action, year.cast.clerk)
    response = send(logged_in(year.cast.planner), action, "approve", reason="消えてはならない理由")
    assert response.status_code == 422
    assert response.context["form"].data["reason"] == "消えてはならない理由"
    assert YearlyAction.objects.get(pk=action.pk).state == "submitted"


def test_a_reason_typed_beside_an_approval_is_shown_where_it_has_no_field_left(year: Year) -> None:
    """A closed round takes approvals and returns nothing."""
    action = submit(year.action, year.cast.clerk)
    ReportingRound.objects.filter(pk=action.round_id).update(state="closed")
    response = send(logged_in(year.cast.planner), action, "approve", reason="消えてはならない理由")
    assert (response.status_code, response.context["possible"]) == (422, ["approve"])
    assert response.content.decode().count(">消えてはならない理由</textarea>") == 1

"""The list of events: what it says, what it finds, and what it keeps back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.public.markup import parse
from tests.staff.master.browsing import page, save
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.cycle import rounds, workflow
from tracker.models import Department, Event, Initiative, PlanProject, User
from tracker.staff.history.pages import EVENTS_PER_PAGE

LIST = page(Event)
TYPED = ["1-1-1-2", "１－１－１－２", " 1‐1‐1‐2 ", "1ー1ー1ー2"]


@pytest.fixture
def planner(space: Workspace) -> Client:
    return logged_in(space.cast.planner)


@pytest.fixture
def administrator(space: Workspace) -> Client:
    return logged_in(space.cast.administrator)


def found(client: Client, **asked: str) -> list[Event]:
    response = client.get(LIST, asked)
    assert response.status_code == 200
    assert response.context["complaints"] == []
    return [shown.event for shown in response.context["events"]]


def ended(space: Workspace) -> None:
    """One initiative is submitted, another one, and the first ends."""
    row = submit(space.row(2), space.cast.other)
    submit(space.row(1), space.cast.clerk)
    rounds.end_initiative(row.initiative, last_fiscal_year=2024, by=space.cast.planner, reason="済んだため")


@pytest.mark.parametrize("typed", TYPED)
def test_what_happened_to_an_initiative_is_found_by_its_place(
    planner: Client, space: Workspace, typed: str
) -> None:
    ended(space)
    row = space.row(2)
    own = Event.objects.filter(subject__in=[row.subject, f"initiative:{row.initiative_id}"])
    assert found(planner, q=typed) == list(own.order_by("-number"))
    assert own.count() == 3


def test_a_pledges_place_finds_its_initiatives_and_no_other_number(planner: Client, space: Workspace) -> None:
    ended(space)
    assert len(found(planner, q="1-1-1")) == 5
    assert found(planner, q="1-1-11") == []
    assert found(planner, q="11-1-1") == []


def test_a_plans_number_is_found_beside_places(planner: Client, space: Workspace) -> None:
    project = PlanProject.objects.create(
        manifesto=space.manifesto, code="2-2-3", base_code="2-2-3", name="駅"
    )
    save(planner, page(PlanProject, "change", project.pk), name="駅前整備")
    assert [event.subject for event in found(planner, q="2-2-3")] == [f"planproject:{project.pk}"]
    assert found(planner, q="2-2-33") == []


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("農政課", 3), ("済んだ", 1), ("other", 2), ("試験　ＯＴＨＥＲ", 2), ("提出しました", 2),
        ("ﾉｳｾｲ", 0), ("駅ヲ直シマス", 5), ("えきを", 0), ("どこにもない", 0),
    ],
)  # fmt: skip
def test_words_are_found_in_any_width_and_kana(
    planner: Client, space: Workspace, typed: str, count: int
) -> None:
    ended(space)
    assert len(found(planner, q=typed)) == count


def test_a_departments_name_finds_its_own_changes_too(planner: Client, space: Workspace) -> None:
    save(planner, page(Department, "change", space.theirs.pk), name="農業振興課")
    assert [event.subject for event in found(planner, q="農業")] == [f"department:{space.theirs.pk}"]
    assert len(found(planner, q="農政課")) == 1


def test_filters_by_kind_subject_person_and_days(planner: Client, space: Workspace) -> None:
    ended(space)
    assert {event.kind for event in found(planner, kind="transition")} == {"transition"}
    assert [event.kind for event in found(planner, about="pledge")] == ["catalogue"]
    assert len(found(planner, about="row", by="clerk")) == 2
    assert {event.actor for event in found(planner, by="試験 clerk")} == {space.cast.clerk.signature}
    today = timezone.localdate()
    every = Event.objects.count()
    assert len(found(planner, since=str(today), until=str(today))) == every
    assert found(planner, since=str(today + timedelta(days=1))) == []
    assert found(planner, until=str(today - timedelta(days=1))) == []
    assert len(found(planner, q="農政課", kind="transition", about="row", by="other", since=str(today))) == 2


def test_what_cannot_be_understood_is_named_and_left_out(planner: Client, space: Workspace) -> None:
    asked = {
        "kind": "moon",
        "about": "x",
        "since": "昨日",
        "until": "2025-02-30",
        "q": "あ" * 101,
        "zzz": "1",
    }
    response = planner.get(LIST, asked | {"page": "x"})
    assert response.status_code == 200
    assert [words.partition("：")[0] for words in response.context["complaints"]] == [
        "ことば", "出来事", "何について", "いつから", "いつまで",
        "アドレスの中の「zzz」は、このページでは使わない指定です。",
    ]  # fmt: skip
    assert response.context["page"].paginator.count == Event.objects.count()
    backwards = planner.get(LIST, {"since": "2025-02-02", "until": "2025-02-01"})
    assert "「いつから」より前の日付です" in backwards.context["complaints"][0]
    for day in ("0001-01-01", "9999-12-31"):
        assert len(planner.get(LIST, {"since": day, "until": day}).context["complaints"]) == 2


@pytest.mark.parametrize("lookup", ["content__icontains", "content__changes__email__1__startswith"])
def test_the_content_of_events_cannot_be_guessed_by_an_address(
    planner: Client, space: Workspace, lookup: str
) -> None:
    response = planner.get(LIST, {lookup: "hanako"})
    assert response.context["page"].paginator.count == Event.objects.count()
    assert len(response.context["complaints"]) == 1


def test_the_list_reads_as_sentences(planner: Client, space: Workspace) -> None:
    ended(space)
    text = parse(planner.get(LIST).content.decode()).one("ol", "history-list").text
    for words in (
        "この取組を令和6年度で終わったものとしました。",
        "終わる理由：済んだため",
        "提出しました。",
        "令和6年度 1-1-1-2 ①駅を直します",
        "報告回を開きました（締切",
        "公表しました（取組 4 件）。",
        "令和6年3月末時点の公表版 第1版",
    ):
        assert words in text
    for raw in ("{", "None", "False", "action:", "transition", "last_fiscal_year"):
        assert raw not in text


def test_none_found_and_none_there(planner: Client, space: Workspace) -> None:
    assert "この条件に合う履歴はありません" in planner.get(LIST, {"q": "どこにもない"}).content.decode()


def test_events_that_no_search_finds_are_told(planner: Client, space: Workspace) -> None:
    submit(space.row(2), space.cast.other)
    Event.objects.latest("number").index.delete()
    assert planner.get(LIST, {"q": "駅"}).context["unsearched"] == 1
    assert planner.get(LIST).context["unsearched"] == 0
    assert len(planner.get(LIST).context["events"]) == Event.objects.count()


def test_an_event_tells_of_a_person_what_their_page_would_tell(
    administrator: Client, planner: Client, space: Workspace
) -> None:
    clerk = space.cast.clerk
    save(administrator, page(User, "change", clerk.pk), email="hanako@example.jp", role="planning")
    event, own = Event.objects.latest("number"), page(User, "change", clerk.pk)
    shown = page(Event, "change", event.pk)
    for client, tells in ((administrator, True), (planner, False)):
        for address in (shown, LIST):
            text = client.get(address).content.decode()
            assert ("hanako@example.jp" in text, "<b>企画</b>" in text, own in text) == (tells,) * 3
            assert ("利用者 試験 clerk" in text, "管理者だけが見られます" in text) == (True, not tells)
        assert len(found(client, q="hanako@example")) == tells
        assert len(found(client, q="試験clerk", about="person")) == 1
    assert planner.get(own).status_code == 403


def test_pages_of_a_long_list(planner: Client, space: Workspace) -> None:
    row = space.row(1)
    for _ in range(EVENTS_PER_PAGE // 2 + 1):
        row = submit(row, space.cast.clerk)
        row = workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="もう一度")
    response = planner.get(LIST, {"q": "駅", "page": "2"})
    assert response.context["page"].number == 2
    assert "q=%E9%A7%85&amp;page=1" in response.content.decode()
    assert planner.get(LIST, {"page": "999"}).context["page"].number == 2


def queries(client: Client, address: str, **asked: str) -> int:
    client.get(address, asked)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address, asked).status_code == 200
    return len(seen)


def test_few_statements_however_many_events(planner: Client, space: Workspace) -> None:
    submit(space.row(3), space.cast.clerk)
    few = [queries(planner, LIST), queries(planner, LIST, q="1-1-1")]
    ended(space)
    assert [queries(planner, LIST), queries(planner, LIST, q="1-1-1")] == few
    assert max(few) <= 14


def test_one_event_tells_all_of_it(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    address = page(Initiative, "change", initiative.pk)
    save(planner, address, first_fiscal_year=2020, **{"assignments-0-to_fiscal_year": 2030})
    event = Event.objects.latest("number")
    text = parse(planner.get(page(Event, "change", event.pk)).content.decode()).one("main").text
    assert "始まりの年度：令和3年度 → 令和2年度" in text
    assert "担当課の終わり：土木課（令和12年度まで）" in text
    assert "取組 1-1-1-1 ①駅を直します" in text
    assert planner.get(page(Event, "change", 999_999)).status_code == 404
    history = parse(planner.get(page(Initiative, "history", initiative.pk)).content.decode())
    assert "始まりの年度：令和3年度 → 令和2年度" in history.one("ol", "history-list").text
    assert f"{LIST}?q=1-1-1-1" in planner.get(page(Initiative, "history", initiative.pk)).content.decode()


def test_a_department_sees_neither_list_nor_event(space: Workspace) -> None:
    clerk, event = logged_in(space.cast.clerk), Event.objects.latest("number")
    assert clerk.get(LIST).status_code == 403
    assert clerk.get(page(Event, "change", event.pk)).status_code == 403
    assert clerk.get(page(Event, "history", event.pk)).status_code == 403

"""The review queue: order, filters in the address, and what a line says."""

import pytest

from tests.repeating import once
from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tests.staff.sizes import overdue
from tracker.choices import ActionState, RoundState
from tracker.cycle import workflow
from tracker.models import Assignment, Rating, ReportingRound, User, YearlyAction

REASON = "工事が終わったため。"


def listed(user: User, query: str = "") -> list[str]:
    """The places of the rows on the first page of the queue."""
    response = logged_in(user).get(f"/staff/queue/{query}")
    assert response.status_code == 200
    return [action.place for action in response.context["page"]]


def listed_all(user: User, query: str) -> list[YearlyAction]:
    """The rows on all pages of the queue."""
    pages = logged_in(user).get(f"/staff/queue/{query}").context["page"].paginator
    return list(pages.object_list)


def another_rating(action: YearlyAction, step: int) -> Rating:
    """The rating some steps below (above: negative) the last report's."""
    assert action.reference_rating is not None
    return action.round.manifesto.ratings.get(position=action.reference_rating.position + step)


def rated(year: Year, positions: list[int]) -> list[YearlyAction]:
    """Untouched rows of `mine` that the last report rates at one of the given steps."""
    rows = [
        a
        for a in year.actions_of(year.mine)
        if a.reference_rating and a.reference_rating.position in positions
    ]
    return [action for action in rows if action.state == ActionState.NOT_STARTED]


@pytest.fixture
def desk(year: Year) -> dict[str, YearlyAction]:
    """One submitted row of each kind. The unchanged one is first in the table, and must come last here."""
    return once(_submitted, year)


def _submitted(year: Year) -> dict[str, YearlyAction]:
    clerk = year.cast.clerk
    rows = rated(year, [2, 3, 4])
    unchanged = submit(rows[0], clerk)
    first = rows[1]
    YearlyAction.objects.filter(pk=first.pk).update(was_reported=False, reference_rating=None)
    first = submit(
        YearlyAction.objects.get(pk=first.pk), clerk, rating_id=first.reference_rating_id, is_unrated=False
    )
    up = submit(rows[2], clerk, rating_id=another_rating(rows[2], -1).pk, rating_reason=REASON)
    down = submit(rows[3], clerk, rating_id=another_rating(rows[3], 1).pk, rating_reason=REASON)
    dropped = submit(rows[4], clerk, rating_id=None, is_unrated=True, rating_reason=REASON)
    names = {"unchanged": unchanged, "first": first, "up": up, "down": down, "dropped": dropped}
    return {name: YearlyAction.objects.with_place().get(pk=action.pk) for name, action in names.items()}


def test_changed_ratings_come_first_then_first_ones_then_unchanged(
    year: Year, desk: dict[str, YearlyAction]
) -> None:
    names = ("up", "down", "dropped", "first", "unchanged")
    assert listed(year.cast.planner) == [desk[name].place for name in names]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("changed", ["up", "down", "dropped"]),
        ("up", ["up"]),
        ("down", ["down"]),
        ("first", ["first"]),
        ("unchanged", ["unchanged"]),
    ],
)
def test_filter_by_kind_of_change(
    year: Year, desk: dict[str, YearlyAction], change: str, names: list[str]
) -> None:
    assert listed(year.cast.planner, f"?change={change}") == [desk[name].place for name in names]
    assert listed(year.cast.planner, f"?change={change}&state=approved") == []


def test_a_row_without_an_answer_is_no_change(year: Year) -> None:
    fill(year.action, year.cast.clerk, rating_id=None, is_unrated=False)
    assert listed(year.cast.planner, "?state=all&change=changed") == []
    assert listed(year.cast.planner, "?state=all&change=unchanged") == []
    assert listed(year.cast.planner, "?state=draft") == [year.action.place]


def test_every_state_can_be_listed(year: Year, desk: dict[str, YearlyAction]) -> None:
    planner, rows = year.cast.planner, desk["unchanged"]
    workflow.approve(rows.pk, by=planner, version=rows.version)
    workflow.send_back(desk["up"].pk, by=planner, version=desk["up"].version, reason="理由")
    client = logged_in(planner)
    found = {
        state: client.get(f"/staff/queue/?state={state}").context["page"].paginator.count
        for state in ActionState.values
    }
    assert found == {
        "not_started": 202,
        "draft": 0,
        "in_section": 0,
        "submitted": 3,
        "returned": 1,
        "approved": 1,
    }
    assert client.get("/staff/queue/?state=all").context["page"].paginator.count == 207


def test_filter_by_department(year: Year, desk: dict[str, YearlyAction]) -> None:
    planner = year.cast.planner
    theirs = submit(year.foreign, year.cast.other)
    Assignment.objects.filter(initiative=desk["first"].initiative).delete()
    mine = [desk[name].place for name in ("up", "down", "dropped", "unchanged")]
    assert listed(planner, f"?department={year.mine.code}") == mine
    assert listed(planner, f"?department={year.theirs.code}") == [theirs.place]
    assert listed(planner, "?department=-") == [desk["first"].place]


@pytest.mark.parametrize(
    "words", ["2ー2ー3", "２−２−３", "さーびす", "防災", "障がい者", "子供", "～気球館", "気球館 ｻｰﾋﾞｽ"]
)
def test_filter_by_words_takes_other_spellings(year: Year, desk: dict[str, YearlyAction], words: str) -> None:
    result = "・施策２－２－３〜気球館で、防\u200b災と障害者とこどものサービスXYZ。"
    found = fill(year.foreign, year.cast.other, result=result)
    assert listed(year.cast.planner, f"?state=all&q={words} xyz") == [found.place]


def test_no_word_is_found_across_two_texts(year: Year, desk: dict[str, YearlyAction]) -> None:
    fill(year.foreign, year.cast.other, result="・終わりは甲", plan="・乙で始まる")
    assert listed(year.cast.planner, "?state=all&q=甲・乙") == []


def test_the_desk_tells_other_spellings(year: Year) -> None:
    page = logged_in(year.cast.planner).get("/staff/queue/?state=all&q=障がい者").content.decode()
    assert page.count("「障がい」は、「障害」「障碍」の書き方でも探しました。") == 1


@pytest.mark.parametrize("words", ["気球館", "気球館　１２", "気球館 ﾎｰﾙ", "ABC", "ＡＢＣ"])
def test_filter_by_words_takes_full_and_half_width(
    year: Year, desk: dict[str, YearlyAction], words: str
) -> None:
    found = fill(year.foreign, year.cast.other, result="・気球館で 12 回、ABC ホールで開きました。")
    assert listed(year.cast.planner, f"?state=all&q={words}") == [found.place]


def test_filter_by_place(year: Year, desk: dict[str, YearlyAction]) -> None:
    place = desk["up"].place
    assert listed(year.cast.planner, f"?q={place}") == [place]
    pledge = place.rsplit("-", 1)[0]
    assert place in listed(year.cast.planner, f"?state=all&q={pledge}")
    assert listed(year.cast.planner, "?state=all&q=99999999999-1-1-1") == []


def test_filter_by_lateness(year: Year, desk: dict[str, YearlyAction]) -> None:
    assert listed(year.cast.planner, "?late=late") == []
    overdue(year.round)
    submitted = [desk[name].place for name in ("up", "down", "dropped", "first", "unchanged")]
    assert (
        listed(year.cast.planner, "?late=late")
        == listed(year.cast.planner, "?late=submitted&state=all")
        == submitted
    )
    assert listed(year.cast.planner, "?late=open") == []
    late = {
        late: len(listed_all(year.cast.planner, f"?state=all&late={late}"))
        for late in ("late", "open", "submitted")
    }
    assert late == {"late": 207, "open": 202, "submitted": 5}


def test_a_line_says_what_matters(year: Year, desk: dict[str, YearlyAction]) -> None:
    overdue(year.round)
    page = logged_in(year.cast.planner).get("/staff/queue/?change=up").content.decode()
    line = page[page.index('<ol class="queue">') : page.index("</ol>", page.index('<ol class="queue">'))]
    action = desk["up"]
    assert action.rating is not None
    assert action.reference_rating is not None
    said = (
        action.place,
        str(action.initiative.pledge),
        year.mine.name,
        REASON,
        str(year.cast.clerk),
        "締切後に提出",
        "上がった",
    )
    assert [words for words in said if words not in line] == []
    assert line.index(action.reference_rating.label) < line.index(action.rating.label)
    assert f"/staff/actions/{action.pk}/review/?round={year.round.pk}&amp;change=up" in line


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("?state=gone", "状態：「gone」という選択肢はありません。この条件は使わずに表示しています。"),
        (
            "?department=nobody",
            "担当課：「nobody」という選択肢はありません。この条件は使わずに表示しています。",
        ),
        ("?change=x", "評価の変化：「x」という選択肢はありません。この条件は使わずに表示しています。"),
        ("?late=2", "締切：「2」という選択肢はありません。この条件は使わずに表示しています。"),
        ("?q=%00", "ことば：検索のことばに使えない文字があります。この条件は使わずに表示しています。"),
        ("?q=" + "長" * 101, "ことば：検索のことばは 100 文字までです。この条件は使わずに表示しています。"),
        ("?colour=red", "アドレスの中の「colour」は、このページでは使わない指定です。"),
    ],
)
def test_nonsense_in_the_address_is_named(year: Year, query: str, complaint: str) -> None:
    response = logged_in(year.cast.planner).get(f"/staff/queue/{query}")
    assert (response.status_code, response.context["complaints"]) == (200, [complaint])


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999999", "%00"])
def test_nonsense_pages_are_a_page(year: Year, page: str) -> None:
    assert logged_in(year.cast.planner).get(f"/staff/queue/?page={page}").status_code == 200


@pytest.mark.parametrize("round", ["0", "x", "-1", "9" * 18, "9" * 30, "9" * 5000, "１"])
def test_a_round_that_is_not_there_is_404(year: Year, round: str) -> None:
    assert logged_in(year.cast.planner).get(f"/staff/queue/?round={round}").status_code == 404


def test_round_is_the_one_worked_in_unless_asked(year: Year) -> None:
    client = logged_in(year.cast.planner)
    old = ReportingRound.objects.exclude(pk=year.round.pk).latest("fiscal_year")
    assert client.get("/staff/queue/").context["round"] == year.round
    assert client.get(f"/staff/queue/?round={old.pk}").context["round"] == old
    ReportingRound.objects.filter(pk=year.round.pk).update(state=RoundState.PUBLISHED)
    ReportingRound.objects.filter(pk=old.pk).update(state=RoundState.CORRECTING)
    assert client.get("/staff/queue/").context["round"] == old


def test_queue_without_any_round(year: Year) -> None:
    YearlyAction.objects.all().delete()
    ReportingRound.objects.all().delete()
    response = logged_in(year.cast.planner).get("/staff/queue/")
    assert (response.status_code, response.context["round"]) == (200, None)
    assert logged_in(year.cast.planner).get("/staff/queue/approve/").status_code == 404


def test_who_sees_the_queue(year: Year) -> None:
    status = {name: logged_in(who).get("/staff/queue/").status_code for name, who in vars(year.cast).items()}
    planning = {"planner": 200, "second_planner": 200, "administrator": 200}
    assert status == dict.fromkeys(("clerk", "colleague", "other", "both", "stranger"), 404) | planning
    assert logged_in(year.cast.planner).post("/staff/queue/").status_code == 405

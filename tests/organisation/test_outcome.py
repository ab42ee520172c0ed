"""What a reorganisation does, worked out on plain values."""

from dataclasses import replace
from typing import cast

import pytest

from tracker.organisation.outcome import (
    DepartmentNow,
    Duty,
    Organisation,
    Outcome,
    Post,
    Task,
    outcome_of,
    words_of,
)
from tracker.organisation.steps import DocumentStep

YEAR = 2025


def organisation() -> Organisation:
    """土木課 with initiatives 1 and 2 and two people, 農政課 with 3, both with 4."""
    return Organisation(
        departments={
            "001": DepartmentNow("001", "土木課", "建設部"),
            "002": DepartmentNow("002", "農政課"),
            "003": DepartmentNow("003", "財政課", is_contact=True),
        },
        duties={
            1: Duty(1, "001", 1),
            2: Duty(2, "001", 1, 2021),
            3: Duty(3, "002", 1),
            4: Duty(4, "001", 1),
            5: Duty(4, "002", 2),
        },
        posts={1: Post(1, "001"), 2: Post(2, "001"), 3: Post(3, "002")},
        tasks={key: Task(f"1-1-1-{key}", f"取組{key}") for key in (1, 2, 3, 4)},
        people={1: "青木", 2: "井上", 3: "上田"},
    )


def happened(*steps: DocumentStep, to: Organisation | None = None) -> Outcome:
    return outcome_of(to or organisation(), YEAR, steps)


def answering(outcome: Outcome, year: int) -> dict[int, list[str]]:
    """Who has which initiative in a year, in order."""
    found: dict[int, list[Duty]] = {}
    for duty in outcome.after.duties.values():
        if (duty.first or 0) <= year and duty.reaches(year):
            found.setdefault(duty.initiative, []).append(duty)
    return {
        key: [each.department for each in sorted(duties, key=lambda each: each.position)]
        for key, duties in sorted(found.items())
    }


def words(outcome: Outcome) -> list[str]:
    return [each.words for each in outcome.problems]


def create(code: str, name: str) -> DocumentStep:
    return {"kind": "create", "departments": [code], "name": name}


def test_a_rename_keeps_the_department_and_its_name_of_the_years_before() -> None:
    outcome = happened({"kind": "rename", "departments": ["001"], "name": "道路課", "division": "建設部"})
    assert outcome.after.departments["001"] == DepartmentNow("001", "道路課", "建設部")
    before = next(iter(outcome.after.names.values()))
    assert (before.name, before.division, before.last) == ("土木課", "建設部", 2024)
    assert outcome.after.duties == outcome.before.duties
    assert outcome.told == [{"名称": ["土木課", "道路課"]}]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"name": "道路課", "division": "都市部"}, "土木課 → 道路課"),
        ({"name": "土木課", "division": "都市部"}, "建設部 土木課 → 都市部 土木課"),
        ({"name": "土木課"}, "建設部 土木課 → 土木課"),
        (
            {"name": "土木課", "division": "建設部", "short_name": "土木"},
            "土木課（略称：なし） → 土木課（略称：土木）",
        ),
    ],
)
def test_a_rename_tells_what_of_the_name_changes(names: dict[str, str], told: str) -> None:
    step = cast(DocumentStep, {"kind": "rename", "departments": ["001"], **names})
    assert words_of(step, happened(step)) == told


def test_a_merger_moves_everything_and_nobody_has_two_duties_for_one() -> None:
    outcome = happened(
        create("009", "まちづくり課"), {"kind": "merge", "departments": ["001", "002"], "successors": ["009"]}
    )
    assert words(outcome) == []
    assert answering(outcome, 2024) == {1: ["001"], 2: ["001"], 3: ["002"], 4: ["001", "002"]}
    assert answering(outcome, 2025) == {key: ["009"] for key in (1, 2, 3, 4)}
    assert {post.department for post in outcome.after.posts.values()} == {"009"}
    assert [outcome.after.departments[code].last for code in ("001", "002")] == [2024, 2024]
    assert {each.successor for each in outcome.after.successions.values()} == {"009"}
    assert outcome.told == [
        {"新しい課": [None, "まちづくり課"]},
        {
            "土木課：最後の年度": [None, "令和6年度"],
            "土木課：引継ぎ先": [None, "まちづくり課"],
            "担当 1-1-1-1": ["土木課", "まちづくり課"],
            "担当 1-1-1-2": ["土木課", "まちづくり課"],
            "担当 1-1-1-4": ["土木課、農政課", "まちづくり課"],
            "所属 青木（）": ["土木課", "まちづくり課"],
            "所属 井上（）": ["土木課", "まちづくり課"],
            "農政課：最後の年度": [None, "令和6年度"],
            "農政課：引継ぎ先": [None, "まちづくり課"],
            "担当 1-1-1-3": ["農政課", "まちづくり課"],
            "所属 上田（）": ["農政課", "まちづくり課"],
        },
    ]
    assert outcome.homeless == []


def test_a_split_goes_as_it_was_chosen_and_what_is_left_to_the_rest() -> None:
    step: DocumentStep = {
        "kind": "split",
        "departments": ["001"],
        "successors": ["002", "003"],
        "initiatives": {"1": "002"},
        "people": {"2": "003"},
        "rest": "003",
    }
    outcome = happened(step)
    assert words(outcome) == []
    assert answering(outcome, 2025) == {1: ["002"], 2: ["003"], 3: ["002"], 4: ["003", "002"]}
    assert {post.person: post.department for post in outcome.after.posts.values()} == {
        1: "003",
        2: "003",
        3: "002",
    }
    unchosen = happened({**step, "rest": ""})  # type: ignore[typeddict-item]
    assert words(unchosen) == ["「土木課」の取組のうち、引継ぎ先を選んでいないもの：1-1-1-2、1-1-1-4"]
    assert unchosen.after == unchosen.before


def test_a_duty_that_begins_later_is_handed_over_as_it_is_and_one_that_ends_earlier_is_extended() -> None:
    given = organisation()
    given.duties[6] = Duty(3, "001", 2, 2027)
    given.duties[5] = replace(given.duties[5], last=2025)
    outcome = happened({"kind": "abolish", "departments": ["001"], "successors": ["002"]}, to=given)
    assert answering(outcome, 2030) == {1: ["002"], 2: ["002"], 3: ["002"], 4: ["002"]}
    assert not [
        duty for duty in outcome.after.duties.values() if duty.department == "001" and duty.reaches(YEAR)
    ]


def test_an_initiative_that_has_ended_goes_along() -> None:
    """Its last year may still have to be reported on; nobody chooses for it."""
    given = organisation()
    given.tasks = {**given.tasks, 1: Task("1-1-1-1", "取組1", 2024)}
    chosen: DocumentStep = {
        "kind": "split",
        "departments": ["001"],
        "successors": ["002", "003"],
        "initiatives": {"2": "003", "4": "003"},
        "people": {"1": "003", "2": "003"},
    }
    outcome = happened(chosen, to=given)
    assert words(outcome) == []
    assert answering(outcome, 2025)[1] == ["002"]


def test_a_department_that_is_not_there_takes_nothing_over() -> None:
    outcome = happened({"kind": "abolish", "departments": ["001"], "successors": ["999"]})
    assert words(outcome) == ["「土木課」の引継ぎ先「999」は、令和7年度にはありません。"]
    assert outcome.after == outcome.before


def test_a_department_that_ends_later_takes_nothing_over() -> None:
    given = organisation()
    given.departments["002"] = replace(given.departments["002"], last=2026)
    outcome = happened({"kind": "abolish", "departments": ["001"], "successors": ["002"]}, to=given)
    assert words(outcome) == ["「農政課」は令和8年度でなくなるので、「土木課」の引継ぎ先にできません。"]
    assert outcome.after == outcome.before


@pytest.mark.parametrize(("last", "is_taken"), [(None, True), (2025, True), (2024, False)])
def test_a_name_is_free_once_its_department_has_ended(last: int | None, is_taken: bool) -> None:
    given = organisation()
    given.departments["002"] = replace(given.departments["002"], last=last)
    said = ["「農政課」という担当課が、ほかにあります（コード 002）。"]
    assert words(happened(create("009", "農政課"), to=given)) == (said if is_taken else [])


@pytest.mark.parametrize(("count", "more"), [(10, ""), (12, " ほか 2 件")])
def test_of_many_the_first_ten_are_named(count: int, more: str) -> None:
    given = organisation()
    given.tasks = {key: Task(f"1-1-1-{key}", "取組") for key in range(1, count + 1)}
    given.duties = {key: Duty(key, "001", 1) for key in given.tasks}
    places = [f"1-1-1-{key}" for key in range(1, 11)]
    left = happened({"kind": "abolish", "departments": ["001"]}, to=given)
    named = "、".join(f"{place} 取組" for place in places)
    assert words(left) == [f"担当課がなくなる取組があります。引継ぎ先を選んでください：{named}{more}"]
    unchosen = happened({"kind": "split", "departments": ["001"], "successors": ["002", "003"]}, to=given)
    named = "、".join(places)
    assert words(unchosen) == [f"「土木課」の取組のうち、引継ぎ先を選んでいないもの：{named}{more}"]


@pytest.mark.parametrize("concurrent", [("001",), ("002",), ("001", "002"), ()])
@pytest.mark.parametrize("head", ["001", "002", ""])
def test_what_a_person_was_stays_where_they_are_in_both(concurrent: tuple[str, ...], head: str) -> None:
    given = organisation()
    for key, code in ((1, "001"), (4, "002")):
        given.posts[key] = Post(1, code, is_concurrent=code in concurrent, is_head=code == head)
    outcome = happened({"kind": "abolish", "departments": ["001"], "successors": ["002"]}, to=given)
    assert [post for post in outcome.after.posts.values() if post.person == 1] == [
        Post(1, "002", is_concurrent=concurrent == ("001", "002"), is_head=bool(head))
    ]


def test_who_cannot_log_in_any_more_moves_along_untold() -> None:
    """Nobody chooses for them: they go to the first successor."""
    given = organisation()
    given.posts[4] = Post(9, "001")
    step: DocumentStep = {
        "kind": "split",
        "departments": ["001"],
        "successors": ["002", "003"],
        "initiatives": {"1": "003", "2": "003", "4": "003"},
        "people": {"1": "003", "2": "003"},
    }
    outcome = happened(step, to=given)
    assert outcome.after.posts[4] == Post(9, "002")
    people = [what for what in outcome.told[0] if what.startswith("所属")]
    assert people == ["所属 青木（）", "所属 井上（）"]


def test_who_is_not_chosen_for_is_named() -> None:
    step: DocumentStep = {
        "kind": "split",
        "departments": ["001"],
        "successors": ["002", "003"],
        "initiatives": {"1": "002", "2": "002", "4": "002"},
    }
    outcome = happened(step)
    assert words(outcome) == ["「土木課」の人のうち、引継ぎ先を選んでいない人：井上、青木"]
    assert outcome.after == outcome.before


def test_moving_takes_the_chosen_and_leaves_the_department() -> None:
    step: DocumentStep = {
        "kind": "move",
        "departments": ["001"],
        "successors": ["003"],
        "initiatives": {"2": "003"},
    }
    outcome = happened(step)
    assert answering(outcome, 2025) == {1: ["001"], 2: ["003"], 3: ["002"], 4: ["001", "002"]}
    assert outcome.after.departments["001"].last is None


def test_the_contact_goes_along() -> None:
    outcome = happened({"kind": "abolish", "departments": ["003"], "successors": ["002"]})
    contacts = [code for code, each in outcome.after.departments.items() if each.is_contact]
    assert contacts == ["002"]


ENDED = {"kind": "abolish", "departments": ["001"], "successors": ["002"]}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"kind": "abolish", "departments": ["999"]}], ["コード「999」の担当課がありません。"]),
        (
            [{"kind": "abolish", "departments": ["001"]}],
            ["担当課がなくなる取組があります。引継ぎ先を選んでください：1-1-1-1 取組1、1-1-1-2 取組2"],
        ),
        (
            [{"kind": "split", "departments": ["001"], "successors": ["001", "002"]}],
            ["「土木課」の引継ぎ先が、「土木課」自身です。"],
        ),
        (
            [ENDED, {"kind": "abolish", "departments": ["002"], "successors": ["001"]}],
            ["「農政課」の引継ぎ先「土木課」は、令和7年度にはありません。"],
        ),
        ([ENDED, ENDED], ["「土木課」は、令和7年度にはありません（廃止できません）。"]),
        ([create("001", "別の課")], ["コード「001」は、「土木課」が使っています。"]),
        ([create("009", "農政課")], ["「農政課」という担当課が、ほかにあります（コード 002）。"]),
        (
            [{"kind": "rename", "departments": ["001"], "name": "農政課"}],
            ["「農政課」という担当課が、ほかにあります（コード 002）。"],
        ),
        (
            [{"kind": "rename", "departments": ["001"], "name": "土木課", "division": "建設部"}],
            ["「土木課」の名称・部・略称が、いまと同じです。"],
        ),
        (
            [{"kind": "rename", "departments": ["001"], "name": name} for name in ("道路課", "道路河川課")],
            ["「道路課」は、令和7年度かそれより後に、すでに名称を変えています。"],
        ),
        (
            [{"kind": "move", "departments": ["001"], "successors": ["002"], "initiatives": {"3": "002"}}],
            ["「土木課」は、もう担当していません：1-1-1-3"],
        ),
        (
            [{"kind": "move", "departments": ["001"], "successors": ["002"]}],
            ["「土木課」から移す取組と、移す先を選んでください。"],
        ),
        (
            [create("009", "新しい課"), {"kind": "abolish", "departments": ["009"], "successors": ["002"]}],
            ["「新しい課」は、令和7年度に置く課です。同じ年度にはなくせません。"],
        ),
    ],
)
def test_what_must_not_be_is_refused_in_words(steps: list[DocumentStep], said: list[str]) -> None:
    assert words(happened(*steps)) == said


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"kind": "rename", "departments": ["001"], "name": "道路課"}, "土木課 → 道路課"),
        (create("009", "新しい課"), "新しい課"),
        ({"kind": "merge", "departments": ["001", "002"], "successors": ["003"]}, "土木課、農政課 → 財政課"),
        ({"kind": "abolish", "departments": ["003"]}, "財政課"),
    ],
)
def test_a_step_is_told_in_a_few_words(step: DocumentStep, said: str) -> None:
    assert words_of(step, happened(step)) == said


@pytest.mark.parametrize(("last", "who"), [(None, "001"), (2025, "001"), (2024, "002")])
def test_who_answered_then_answers_now_as_long_as_it_is_there(last: int | None, who: str) -> None:
    given = organisation()
    given.departments["001"] = replace(given.departments["001"], last=last)
    given.duties = {1: Duty(1, "001", 1, None, 2024), 2: Duty(1, "002", 1, 2025)}
    assert given.answering(1, 2024, 2025) == {who}


def test_those_without_a_place_are_named() -> None:
    given = organisation()
    given.duties = {}
    outcome = happened({"kind": "abolish", "departments": ["001"]}, to=given)
    assert (words(outcome), outcome.homeless) == ([], ["井上", "青木"])

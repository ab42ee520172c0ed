"""Pledges counted as pledges: by all their initiatives, on scales of several kinds."""

import pytest

from tracker.reports.figures import RatingStep
from tracker.reports.pledge_states import PledgeRule, PledgeState, RatedPledge, pledge_counts


def scale(words: str, ranked: bool = True) -> list[RatingStep]:
    """Steps by their first letters, best first; one in brackets stands outside the order."""
    steps = []
    for level, word in enumerate(words.split(), start=1):
        is_ranked = ranked and not word.startswith("（")
        name = word.strip("（）")
        steps.append(RatingStep(name, name, "", None, level, is_ranked=is_ranked))
    return steps


LETTERS = scale("達成 順調 未着手 （対象外）")


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        *(("達成", "kept"), ("達成 達成", "kept")),
        *(("達成 順調", "partly_kept"), ("達成 -", "partly_kept"), ("達成 対象外", "partly_kept")),
        *(("順調", "under_way"), ("順調 未着手", "under_way"), ("順調 -", "under_way")),
        *(("未着手 未着手", "not_begun"), ("未着手 -", "not_begun")),
        *(("-", "unrated"), ("対象外", "unrated"), ("- 対象外", "unrated")),
    ],
)
def test_state_of_a_pledge(codes: str, state: str) -> None:
    steps = {step.code: step for step in LETTERS}
    rule = PledgeRule.of(LETTERS)
    assert rule
    ratings = [steps.get(code) for code in codes.split()]
    assert rule.state(RatedPledge(ratings)) == state
    over = state if state in {"kept", "partly_kept"} else "ended"
    assert rule.state(RatedPledge(ratings, is_over=True)) == over


def test_state_of_a_pledge_without_initiatives() -> None:
    rule = PledgeRule.of(LETTERS)
    assert rule
    states = [rule.state(RatedPledge((), is_over)) for is_over in (False, True)]
    assert states == ["no_initiative", "ended_without_initiative"]


def test_a_state_that_a_report_has_not_is_not_told_where_it_is_seldom() -> None:
    counts = pledge_counts([RatedPledge([LETTERS[1]])], LETTERS)
    ended = pledge_counts([RatedPledge([LETTERS[1]], is_over=True)], LETTERS)
    assert counts
    assert ended
    assert PledgeState.ENDED not in [line[0] for line in counts.lines]
    assert (PledgeState.ENDED, "終わった（達成の取組なし）", 1) in [
        (state, name, count) for state, name, _rule, count in ended.lines
    ]


def test_a_scale_that_does_not_say_that_nothing_is_begun() -> None:
    steps = scale("達成 順調 遅れ")
    counts = pledge_counts([RatedPledge([steps[2]]), RatedPledge([steps[0]])], steps)
    assert counts
    assert [(state, count) for state, _name, _rule, count in counts.lines] == [
        *((PledgeState.KEPT, 1), (PledgeState.PARTLY, 0), (PledgeState.UNDER_WAY, 1)),
        (PledgeState.UNRATED, 0),
    ]
    assert counts.rule.names[PledgeState.UNDER_WAY] == "「達成」の取組はまだない"  # 遅れ is no 「進行中」


def test_a_step_of_zero_percent_says_it_without_the_word() -> None:
    steps = [RatingStep("A", "完了", "", 100, 1), RatingStep("Z", "これから", "", 0, 5)]
    rule = PledgeRule.of(steps)
    assert rule
    assert (rule.state(RatedPledge([steps[1]])), rule.names["not_begun"]) == ("not_begun", "これから")


def test_classes_have_no_states() -> None:
    steps = scale("順調 見直し", ranked=False)
    assert pledge_counts([RatedPledge([steps[0]])], steps) is None


def test_every_state_is_named_and_explained() -> None:
    rule = PledgeRule.of(LETTERS)
    assert rule
    assert all(rule.names[state] and rule.meanings[state] for state in PledgeState)

"""Base, theirs and mine: the comparison against a reference in three lines, and that no side is ever lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.cycle.workflow import Content
from tracker.staff.entry.conflict import compare, merge
from tracker.words.three_way import BOTH, MINE, THEIRS

texts = st.sampled_from(["", "・a", "・b", "・c\n・d"])
ratings = st.sampled_from([(None, False), (None, True), (1, False), (2, False)])


@st.composite
def contents(draw: st.DrawFn) -> Content:
    rating_id, is_unrated = draw(ratings)
    return Content(draw(texts), draw(texts), rating_id, is_unrated, draw(texts))


def fields(content: Content) -> dict[str, object]:
    return {
        "result": content.result,
        "rating": (content.rating_id, content.is_unrated),
        "rating_reason": content.rating_reason,
        "plan": content.plan,
    }


@given(contents(), contents(), contents())
def test_suggestions_follow_the_three_line_rule(base: Content, theirs: Content, mine: Content) -> None:
    b, t, m = fields(base), fields(theirs), fields(mine)
    wanted = {
        name: MINE if t[name] == b[name] else THEIRS if m[name] == b[name] else ""
        for name in b
        if t[name] != m[name]
    }
    assert {each.field: each.suggestion for each in compare(base, theirs, mine)} == wanted


@given(contents(), contents(), contents(), st.data())
def test_merging_keeps_the_chosen_side_of_every_field(
    base: Content, theirs: Content, mine: Content, data: st.DataObject
) -> None:
    found = compare(base, theirs, mine)
    picks = {each.field: data.draw(st.sampled_from(list(each.sides))) for each in found}
    merged, t, m = fields(merge(found, theirs, picks)), fields(theirs), fields(mine)
    for name, value in merged.items():
        if name not in picks:
            assert value == t[name] == m[name]
        elif picks[name] == BOTH:
            assert value == f"{t[name]}\n{m[name]}"
        else:
            assert value == (m if picks[name] == MINE else t)[name]


@given(contents(), contents())
def test_without_a_base_nothing_is_suggested(theirs: Content, mine: Content) -> None:
    assert {each.suggestion for each in compare(None, theirs, mine)} <= {""}


def test_every_field_wants_its_choice() -> None:
    theirs, mine = Content(result="・a", plan="・b"), Content(result="・c", plan="・d")
    with pytest.raises(KeyError):
        merge(compare(None, theirs, mine), theirs, {"result": MINE})


@pytest.mark.parametrize(
    ("theirs", "mine", "choices"),
    [("・a", "・b", [THEIRS, MINE, BOTH]), ("", "・b", [THEIRS, MINE]), ("・a", "", [THEIRS, MINE])],
)
def test_two_texts_can_be_kept_one_after_the_other(theirs: str, mine: str, choices: list[str]) -> None:
    (found,) = compare(None, Content(result=theirs), Content(result=mine))
    assert list(found.sides) == choices


@pytest.mark.parametrize("choice", ["", "nobody", BOTH])
def test_what_is_no_choice_is_refused(choice: str) -> None:
    theirs, mine = Content(rating_id=1), Content(rating_id=2)
    with pytest.raises(KeyError):
        merge(compare(None, theirs, mine), theirs, {"rating": choice})

"""Codes that are parsed: which spellings mean the same, and what is none."""

import pytest

from tracker.words import codes


@pytest.mark.parametrize(
    "typed", ["2-2-3", "２－２－３", " ２‐２‐３ ", "2−2−3", "2ー2ー3", "2–2—3", "2 - 2 - 3", "２-２-３"]
)
def test_plan_codes_that_mean_the_same_are_one(typed: str) -> None:
    assert codes.plan_code(typed) == "2-2-3"
    assert codes.plan_code_refusal("2-2-3") == ""


@pytest.mark.parametrize(
    "code", ["2.2.3", "その他", "2/2/3", "2-2-", "2-2-3X", "1-2-3-4-5", "123-4", "一-二"]
)
def test_anything_else_is_refused_with_the_way_to_write_it(code: str) -> None:
    told = codes.plan_code_refusal(codes.plan_code(code))
    assert "2-2-3 のように、数字をハイフンでつないで" in told
    assert codes.plan_code(code) in told


@pytest.mark.parametrize("code", ["2002/2/3", "2002-02-03", "2002年2月3日", "2002/2/3 0:00:00"])
def test_a_date_is_known_as_excels_doing(code: str) -> None:
    assert "Excel が番号を日付に変えています" in codes.plan_code_refusal(codes.plan_code(code))


def test_plan_codes_stand_in_the_plans_order_and_others_last() -> None:
    wanted = ["2-2", "2-2-3", "2-2-9", "2-2-10", "10-1-1", "2.2.3", "その他", "２-２-３"]
    assert sorted(sorted(wanted), key=codes.plan_order) == wanted


@pytest.mark.parametrize(
    ("typed", "code"), [("Ａ", "A"), (" A ", "A"), ("〇", "○"), ("✕", "×"), ("順調", "順調"), ("①", "①")]
)
def test_a_step_has_one_spelling(typed: str, code: str) -> None:
    assert codes.rating_code(typed) == code
    assert codes.rating_code_refusal(code) == ""


@pytest.mark.parametrize("typed", ["none", "None", "ｎｏｎｅ", "A B", "A　B", "A：B", "（A）", "A=B"])
def test_what_cannot_be_read_again_is_no_step(typed: str) -> None:
    assert codes.rating_code_refusal(codes.rating_code(typed))

"""What a search takes for the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words.folding import KANJI_FORMS, fold_for_search

ALPHABET = st.text(
    st.sampled_from(
        "サさがガヶケヴーｰ−-—〜～~ＤdＫK1２①㈱ｶﾞ゛\u3099\u309a \u3000\n\u200b\ufeff\u00ad\ufe0f葛\U000e0100"
    ),
    max_size=8,
) | st.text(max_size=8)


def test_fold_for_search_makes_widths_and_cases_the_same() -> None:
    assert fold_for_search("ＤＸ 推進\n①") == "dx推進1"


@pytest.mark.parametrize(
    "spellings",
    [
        ("2-2-3", "２−２−３", "2ー2ー3", "2ｰ2ｰ3", "２－２－３", "2‐2‑3", "2–2—3", "2―2─3"),
        ("R3〜R6", "R3～R6", "r3~R6", "Ｒ３∼Ｒ６"),
        ("サービス", "さーびす", "ｻｰﾋﾞｽ", "サ−ビス", "サ―ビス", "サーヒ\u3099ス", "サー\u200bビス"),
        ("防災", "防\u200b災", "防\ufeff災", "防\u00ad災", "防\u2060 災"),
        ("葛城", "葛\U000e0100城", "葛\ufe00城"),
        ("霞ヶ関", "霞ケ関", "霞け関"),
        ("ゔぁいおりん", "ヴァイオリン"),
        ("SDGs", "ＳＤＧｓ", "sdgs"),
        ("高崎", "髙﨑", "高﨑"),
        ("渡辺", "渡邉", "渡邊"),
        ("斎藤", "齋藤", "斉藤"),
    ],
)
def test_what_looks_alike_is_searched_as_one(spellings: tuple[str, ...]) -> None:
    assert {fold_for_search(each) for each in spellings} == {fold_for_search(spellings[0])}


def test_what_differs_stays_apart() -> None:
    words = ["びょういん", "びよういん", "はは", "ばば", "ぱぱ", "2-2", "2~2", "22"]
    assert len({fold_for_search(word) for word in words}) == len(words)


@given(ALPHABET)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_for_search(fold_for_search(text)) == fold_for_search(text)


def has_mark(character: str) -> bool:
    """Whether it ends in a mark that joins the letter before it, and so makes another one (か ゛)."""
    return any(unicodedata.combining(part) for part in unicodedata.normalize("NFKC", character))


WITHOUT_MARKS = st.characters(exclude_categories=["M", "Lo"]).filter(lambda each: not has_mark(each))


@given(
    st.text(WITHOUT_MARKS | st.sampled_from("サービスヴさ防災"), max_size=6),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_a_part_of_a_text_is_found_in_it(text: str, start: int, end: int) -> None:
    assert fold_for_search(text[start:end]) in fold_for_search(text)


def test_no_form_of_a_kanji_stands_in_two_groups() -> None:
    lines = [line for line in KANJI_FORMS.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 20
    assert all(len(line) > 1 for line in lines)
    assert len(set("".join(lines))) == len("".join(lines))

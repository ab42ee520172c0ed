"""A search looks for each word under all its spellings."""

import pytest

from tracker.words.folding import fold_for_search
from tracker.words.searching import MOST_SPELLINGS, Search, groups_in, synonyms


def finds(typed: str, text: str) -> bool:
    return Search.of(typed).finds(fold_for_search(text))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("障がい者", "障害者の就労支援"),
        ("障害者", "障がい者"),
        ("障碍者福祉", "障がい者福祉センター"),
        ("子供", "こどもの居場所"),
        ("コドモ食堂", "子ども食堂"),
        ("ゴミ", "ごみ出し"),
        ("空家", "空き家バンク"),
        ("空き家", "特定空家等"),
        ("ＤＸ", "デジタルトランスフォーメーション"),
        ("DX推進 空家", "空き家対策とデジタル・トランスフォーメーション、dx推進"),
        ("がん検診", "癌検診"),
        ("２−２−３", "2ー2ー3"),
    ],
)
def test_another_spelling_is_found(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"), [("障がい者 空家", "障害者"), ("高校", "小学校"), ("子供", "子"), ("防災", "防火")]
)
def test_what_says_something_else_is_not_found(typed: str, text: str) -> None:
    assert not finds(typed, text)


@pytest.mark.parametrize("word", ["がんばる", "email", "indexes", "みごみ"])
def test_a_part_of_a_longer_word_is_no_spelling_of_another(word: str) -> None:
    assert Search.of(word).words == ((fold_for_search(word),),)
    assert Search.of(word).also == ()


def test_what_else_was_looked_for_is_told_as_the_table_writes_it() -> None:
    search = Search.of("コドモと障碍者 サービス")
    assert search.also == (("こども", ("子ども", "子供")), ("障碍", ("障がい", "障害")))
    assert search.words[1] == (fold_for_search("サービス"),)
    assert search.words[0][0] == "こどもと障碍者"
    assert len(search.words[0]) == 9


@pytest.mark.parametrize("typed", ["", "　 ", "\u200b", "\u200b \ufeff"])
def test_what_nobody_sees_is_no_word(typed: str) -> None:
    assert Search.of(typed) == Search((), ())


def test_many_pieces_in_one_word_are_bounded() -> None:
    found = Search.of("子ども障がい" * 8).words
    assert [len(spellings) for spellings in found] == [MOST_SPELLINGS]
    assert found[0][0] == fold_for_search("子ども障がい" * 8)


def test_the_table_has_groups_of_two_or_more() -> None:
    assert len(set(synonyms().values())) >= 30
    assert {len(group) > 1 for group in synonyms().values()} == {True}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("# 説明\n障がい\n", "2 行目：「障がい」のほかの書き方がありません。"),
        ("ゴミ ごみ", "1 行目：「ゴミ ごみ」に、検索では同じ書き方か、ほかの組の書き方があります。"),
        ("甲 乙\n\n乙 丙", "3 行目：「乙 丙」に、検索では同じ書き方か、ほかの組の書き方があります。"),
    ],
)
def test_a_line_that_is_no_group_is_named(table: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        groups_in(table)

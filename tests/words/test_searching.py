"""A search looks for each word under all its spellings."""

import importlib

import pytest

from tracker.words.folding import fold_for_search
from tracker.words.searching import MOST_SPELLINGS, Search, groups_of, shipped_groups


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


def test_the_table_is_what_migrations_have_put_in() -> None:
    """A line that is added to synonyms.txt reaches installations by a migration of its own."""
    put_in = importlib.import_module("tracker.migrations.0034_synonyms").SHIPPED.strip().splitlines()
    assert put_in == [" ".join(group) for group in dict.fromkeys(shipped_groups().values())]


def test_the_table_has_groups_of_two_or_more() -> None:
    assert len(set(shipped_groups().values())) >= 30
    assert {len(group) > 1 for group in shipped_groups().values()} == {True}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["障がい"], "「障がい」のほかの書き方がありません。空白で区切って、2 つ以上書いてください。"),
        (
            ["ゴミ ごみ"],
            "「ゴミ ごみ」には、書かなくても同じものとして探す書き方があります。除いてください。",
        ),
        (
            ["甲 乙", "乙 丙"],
            "「乙 丙」の書き方が、ほかの組「甲 乙」にもあります。1 つの組にまとめてください。",
        ),
    ],
)
def test_a_line_that_is_no_group_is_named(lines: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        groups_of(lines)


def test_groups_that_people_keep_take_the_place_of_those_that_are_shipped() -> None:
    kept = groups_of(["公園 広場"])
    assert Search.of("公園 空家", kept).words == (("公園", "広場"), ("空家",))
    assert Search.of("公園", {}).words == (("公園",),)

"""Advice stands on the page in the page's own words: nobody there writes a layout."""

from tracker.published_tables.file import columns, proposal, scale
from tracker.staff.tables.advice import on_the_page

ADVICE = [
    words
    for module in (columns, proposal, scale)
    for name, words in vars(module).items()
    if name[:4] == "SAY_"
]


def test_every_advice_has_words_and_a_place_on_the_page() -> None:
    assert len(ADVICE) > 8
    for advice in ADVICE:
        words, way = on_the_page(f"まだ読めません。{advice}")
        assert (words.startswith("まだ読めません。"), "--layout" in words, way[:1]) == (True, False, "#")


def test_the_row_itself_is_the_way_where_it_is_chosen_there() -> None:
    assert on_the_page(f"合計です。{proposal.SAY_SKIP}", "?page=2#row-70")[1] == "?page=2#row-70"
    assert on_the_page(f"年度がありません。{proposal.SAY_YEAR}", "?page=2#row-70")[1] == "#fiscal_year"
    assert on_the_page("壊れています。", "#row-1") == ("壊れています。", "#row-1")

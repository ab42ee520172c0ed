"""A manifesto's title, and its name: the title without the date that a published table's title carries."""

import re

from tracker.words.cutting import cut

MOST_OF_A_NAME = 40  # characters
DATE_IN_TITLE = re.compile(r"（[^（）]*時点[^（）]*）\s*$")


def name_in(title: str) -> str:
    """The title without its date; the whole title where that leaves nothing."""
    return DATE_IN_TITLE.sub("", title) or title


def term_title(title: str, slug: str) -> str:
    """What tells a term from others: its title, and its addresses' beginning where that does not say it.

    「市長マニフェスト（2021）」: a city may call each term's the same. 「…の達成状況」 is the table.
    """
    name = _of_the_term(title)
    return name if slug in name else f"{name}（{slug}）"


def term_name(title: str, slug: str) -> str:
    """The same in fewer characters, to stand in a sentence or a link: a title may have 200."""
    return term_title(cut(_of_the_term(title), MOST_OF_A_NAME), slug)


def _of_the_term(title: str) -> str:
    return name_in(title).removesuffix("の達成状況") or name_in(title)

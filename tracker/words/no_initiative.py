"""How a pledge without an initiative is told, and how a table tells one. Pure."""

from tracker.words.folding import fold

NO_INITIATIVE = "取組はまだありません"


def says_no_initiative(text: str) -> bool:
    """Whether a cell says so and nothing else; brackets and a full stop around it do not count."""
    return fold(text).strip("()。") == NO_INITIATIVE

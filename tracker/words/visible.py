"""What of a text the eye can see. Pure."""

import re

# Default_Ignorable_Code_Point of Unicode: zero-width spaces and joiners, soft hyphens, marks of direction,
# variation selectors, fillers; besides them the byte order mark, controls, and the empty Braille pattern.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
# A bullet without wording is not seen to say anything.
NOTHING_TO_SEE = re.compile(f"[{_UNSEEN}\\s・･•·‧∙⋅]*")
DASHES = "—―－‐–ー─-"  # one of them alone is a table's way to say: nothing
NOTHING_SAID = re.compile(f"[{_UNSEEN}\\s・･•·‧∙⋅{DASHES}]*")


def without_unseen(text: str) -> str:
    """A text without the characters that nobody sees. White space stays."""
    return UNSEEN.sub("", text)


def is_empty_to_the_eye(text: str) -> bool:
    """Whether a text says nothing to whoever looks at it: white space, unseen characters and bullets only."""
    return NOTHING_TO_SEE.fullmatch(text) is not None


def says_nothing(text: str) -> bool:
    """Whether a whole text is empty to the eye, or no more than the dash that a table prints for nothing."""
    return NOTHING_SAID.fullmatch(text) is not None


def visible(text: str) -> str:
    """The text as it is; "" where it says nothing."""
    return "" if says_nothing(text) else text

"""The contrast of all colours that stand on each other, computed from the style sheets: light and dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tracker.public.charts import LOOKS, UNRATED_LOOK

STYLES = Path(settings.BASE_DIR) / "tracker" / "static" / "tracker"
TEXT, SHAPE = 4.5, 3.0  # WCAG 1.4.3, 1.4.11
GROUNDS = ("paper", "paper-soft", "paper-blue", "warning-paper")
INKS = ("ink", "ink-soft", "key", "link", "link-visited", "link-hover", "link-active")
PAIRS = [
    *((ink, ground, TEXT) for ink in INKS for ground in GROUNDS[:3]),
    *((ink, "warning-paper", TEXT) for ink in ("ink", "link", "link-visited")),
    *(("error", "paper", TEXT), ("on-key", "key", TEXT), ("on-key", "key-strong", TEXT)),
    *((line, "paper", SHAPE) for line in ("line-strong", "focus", "key")),
    ("warning-line", "warning-paper", SHAPE),
    ("ink", "line-soft", TEXT),  # the cells of what stayed the same
]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def light() -> dict[str, str]:
    return tokens((STYLES / "tokens.css").read_text())


def dark() -> dict[str, str]:
    [block] = re.findall(
        r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", (STYLES / "public.css").read_text(), re.S
    )
    return light() | tokens(block)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [light, dark], ids=["light", "dark"])
def test_every_pair_has_contrast(scheme: object) -> None:
    colours = scheme()  # type: ignore[operator]
    assert round(contrast("#ffffff", "#000000"), 2) == 21
    low = [
        (ink, ground, round(found, 2))
        for ink, ground, least in PAIRS
        if (found := contrast(colours[ink], colours[ground])) < least
    ]
    assert low == []


def test_dark_changes_every_colour_that_stands_on_paper() -> None:
    same = {name for name, colour in light().items() if dark()[name] == colour}
    assert same == {"focus-ring"}


def test_letters_in_pictures_and_marked_words_are_read_in_every_scheme() -> None:
    pairs = [(look.ink, look.fill) for look in [*LOOKS.values(), UNRATED_LOOK]]
    mark = re.search(r"^mark \{ background: (#\w+); color: (#\w+)", (STYLES / "public.css").read_text(), re.M)
    assert mark
    pairs.append((mark[1], mark[2]))
    assert [pair for pair in pairs if contrast(*pair) < TEXT] == []


def test_no_colour_of_the_public_site_stands_outside_the_tokens() -> None:
    """But marked words, whose ink and ground go together."""
    css = (STYLES / "site.css").read_text() + (STYLES / "public.css").read_text()
    outside = re.sub(
        r"@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{.*?\}", "", css, flags=re.S
    )
    lines = [line for line in outside.splitlines() if re.search(r"#[0-9a-f]{3,6}\b", line)]
    assert [line.split(" {")[0].strip() for line in lines] == ["mark", ":root"]

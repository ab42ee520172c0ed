"""The empty space between what stands on a page."""

from playwright.sync_api import Locator

CLEAR = 8  # CSS pixels between two things that are not one


def gap(upper: Locator, lower: Locator) -> float:
    """How far below the first the second begins, in CSS pixels; each is one element."""
    above, below = upper.bounding_box(), lower.bounding_box()
    assert above is not None
    assert below is not None
    return below["y"] - above["y"] - above["height"]

"""What the steps of a rating scale are to each other."""

from enum import Enum


class ScaleKind(Enum):
    """Whether a scale has an order."""

    RANKED = "ranked"
    CLASSES = "classes"  # steps without an order: no averages, no up and down

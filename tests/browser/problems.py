"""How a test that looks at many pages tells what it found."""

from collections.abc import Iterable


def listed(problems: Iterable[object]) -> str:
    """A line per problem: pytest cuts long lists, and the one that matters may be the last."""
    return "\n".join(
        ["", *(" ".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in problems)]
    )

"""A text that has to fit. Pure."""


def cut(text: str, most: int) -> str:
    """The text in `most` characters; one that is longer ends with 「…」 in its place."""
    return text if len(text) <= most else text[: most - 1] + "…"

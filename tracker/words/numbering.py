"""A pledge's words behind its printed number (番号の表記), an initiative's name behind its own. Pure."""


def spaced(label: str) -> str:
    """The number as it stands before words: with a space where they would else be read as one.

    「①」 needs none; 「6」 before 「企業を」 would be six firms.
    """
    return f"{label} " if label and (label[-1].isdecimal() or label[-1].isalpha()) else label


def labelled(label: str, text: str) -> str:
    """「①駅を直します」, 「6 企業を招きます」."""
    return f"{spaced(label)}{text}"


def initiative_called(position: int, name: str | None) -> str:
    """「取組2」, with its name 「取組2　駅前の整備」."""
    return f"取組{position}" + behind(name)


def behind(name: str | None) -> str:
    """A name as it stands behind a number; "" for none."""
    return f"　{name}" if name else ""

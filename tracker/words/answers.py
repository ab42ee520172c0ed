"""What an answer lacks before it can be handed in. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tracker.words.extra_values import CHOICE, DescribedColumn, field_of
from tracker.words.visible import says_nothing

MAX_CHARACTERS = 10_000  # of one text; a cell of a workbook holds 32,767
WRITTEN_TEXTS = ("result", "rating_reason", "plan")


class Answered(Protocol):
    """What a person writes of a year: a row of the workspace, or a content on its way into one."""

    @property
    def result(self) -> str: ...
    @property
    def plan(self) -> str: ...
    @property
    def rating_id(self) -> int | None: ...
    @property
    def is_unrated(self) -> bool: ...
    @property
    def rating_reason(self) -> str: ...
    @property
    def extra_values(self) -> Mapping[str, str]: ...


# What `lacking` reads of an answer, for who loads no more of it: mypy holds the rule to the protocol.
ANSWERED = tuple(name for name, value in vars(Answered).items() if isinstance(value, property))


def lacking(
    answer: Answered, reference_rating_id: int | None, was_reported: bool, columns: Sequence[DescribedColumn]
) -> dict[str, str]:
    """What handing it in would lack, by field: the same words in form, check page and Excel.

    `columns` are the extra columns that are asked of whoever hands it in.
    """
    errors = {}
    if says_nothing(answer.result):
        errors["result"] = "主な取組を書いてください。"
    if answer.rating_id is None and not answer.is_unrated:
        errors["rating"] = "実施状況を選んでください。評価しない取組は「評価を付けない」を選びます。"
    elif was_reported and answer.rating_id != reference_rating_id and says_nothing(answer.rating_reason):
        errors["rating_reason"] = "評価が前回の公表と違います。評価を変えた理由を書いてください。"
    for name in WRITTEN_TEXTS:
        if len(getattr(answer, name)) > MAX_CHARACTERS:
            errors[name] = too_long(getattr(answer, name))
    return errors | lacking_values(columns, answer.extra_values)


def lacking_values(columns: Sequence[DescribedColumn], values: Mapping[str, str]) -> dict[str, str]:
    """What the values of extra columns lack, by field."""
    errors = {}
    for column in columns:
        value = values.get(column.code, "")
        if column.is_required and says_nothing(value):
            act = "選んで" if column.kind == CHOICE else "書いて"
            errors[field_of(column.code)] = f"「{column.label}」を{act}ください。"
        elif len(value) > MAX_CHARACTERS:
            errors[field_of(column.code)] = f"「{column.label}」は {too_long(value)}"
    return errors


def too_long(text: str) -> str:
    """The words for a text beyond MAX_CHARACTERS."""
    return f"{MAX_CHARACTERS:,} 文字までです（いま {len(text):,} 文字）。"

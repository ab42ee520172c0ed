"""Rules that the database holds, each with its name and the words for whoever breaks it."""

from django.db.models import CheckConstraint, F, Q, UniqueConstraint


def once(name: str, fields: tuple[str, ...], words: str, where: Q | None = None) -> UniqueConstraint:
    """No two rows have the same in all these fields; with `where`, no two of the rows that it is true of."""
    return UniqueConstraint(fields=fields, name=name, condition=where, violation_error_message=words)


def always(name: str, condition: Q, words: str) -> CheckConstraint:
    """The condition is true of every row."""
    return CheckConstraint(condition=condition, name=name, violation_error_message=words)


def in_order(first: str, last: str) -> Q:
    """What the field `last` holds is not before what `first` holds. Either may be missing."""
    return Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": F(first)})

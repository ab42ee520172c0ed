"""How pages of the staff site search rows by their words, in any spelling, or by their place."""

import re
from functools import reduce
from operator import or_

from django.db.models import Q

from tracker.models import Category
from tracker.models.reporting import ACTION_PLACE, YearlyActionQuerySet
from tracker.models.synonyms import search_for
from tracker.words.folding import folded_pieces
from tracker.words.places import LEVELS, meant_by

TEXTS = ("initiative__pledge__text", "initiative__name", "result", "plan", "rating_reason")
TYPED_PLACE = re.compile(r"\d+(-\d+){0,3}")


def saying(rows: YearlyActionQuerySet, words: str) -> YearlyActionQuerySet:
    """The rows that say every word, or stand at that place. Folded text is no column: all rows are read."""
    search = search_for(words)
    texts = {pk: folded_pieces(own) for pk, *own in rows.values_list("pk", *TEXTS)}
    for spellings in search.words:
        said = Q(pk__in=[pk for pk, text in texts.items() if any(each in text for each in spellings)])
        rows = rows.filter(said | _at(spellings[0]) if names_a_place(spellings[0]) else said)
    return rows


def names_a_place(typed: str) -> bool:
    """Whether a text can be a place; a short one (1-2, 2) only where pledges stand without a section."""
    if not TYPED_PLACE.fullmatch(typed):
        return False
    return typed.count("-") >= LEVELS - 1 or Category.objects.filter(name="").exists()


def _at(place: str) -> Q:
    """The rows of a pledge (1-1-2), or one of them (1-1-2-3)."""
    return reduce(or_, (Q(**dict(zip(ACTION_PLACE, numbers, strict=False))) for numbers in meant_by(place)))

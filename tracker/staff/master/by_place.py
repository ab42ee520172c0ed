"""Lists of master data are searched by a place, too: 1-1-2 is a pledge, 1-1-2-2 one of its initiatives."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from tracker.models import Initiative, Pledge, YearlyAction
from tracker.models.catalogue import PLACE, PLEDGE_PLACE
from tracker.models.reporting import ACTION_PLACE
from tracker.staff.frame.searching import names_a_place
from tracker.staff.master.generic import M, ModelAdmin
from tracker.words.codes import plan_code
from tracker.words.places import LEVELS, meant_by

TYPED_PLACE = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3}){0,3}")
PLACE_HELP = "ことばのほか、番号（1-1-2-2、公約は 1-1-2）でも探せます。"


def typed_place(typed: str) -> str:
    """A text as a place, in whatever width; "" where it is none."""
    place = plan_code(typed)
    return place if TYPED_PLACE.fullmatch(place) else ""


def place_in(typed: str) -> str:
    """The place that somebody searches for; "" where it can be none."""
    place = typed_place(typed)
    return place if place and names_a_place(place) else ""


def at(path: Sequence[str], place: str) -> Q:
    """What stands at a place, or below it; a short one may be a pledge's or an initiative's. `path` leads to
    its numbers.
    """
    return reduce(or_, (Q(**dict(zip(path, numbers, strict=False))) for numbers in meant_by(place)))


class FoundByPlace(ModelAdmin[M]):
    """A list whose search knows places. `place_path` leads from its rows to the numbers."""

    place_path: Sequence[str] = PLACE

    def at_place(self, place: str) -> Q:
        return at(self.place_path, place)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if place := place_in(search_term):  # the words may hold the same numbers, of a plan
            found = queryset.filter(self.at_place(place) | Q(pk__in=found.values("pk")))
        return found, may_repeat


def things_at(place: str) -> list[str]:
    """The subjects of what stands at a place now: pledge, initiatives, rows."""
    things: dict[str, QuerySet[Any]] = {
        "initiative": Initiative.objects.filter(at(PLACE, place)),
        "action": YearlyAction.objects.filter(at(ACTION_PLACE, place)),
    }
    if place.count("-") < LEVELS:
        things["pledge"] = Pledge.objects.filter(at(PLEDGE_PLACE, place))
    return [f"{kind}:{pk}" for kind, found in things.items() for pk in found.values_list("pk", flat=True)]

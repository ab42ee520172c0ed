"""Who can be mailed: active people with an address, by department; demo people on a demo site only."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from tracker.choices import Role
from tracker.models import Membership, User


@dataclass(frozen=True)
class Addresses:
    """Each address once, in the order of the people's user names; `None` is the planning office."""

    clerks: dict[int | None, list[str]]
    heads: dict[int | None, list[str]]


def addresses_of(departments: Iterable[int]) -> Addresses:
    """The addresses of the people of some departments, their heads among them, and of the planning office.

    Who works in several departments is asked by each of them.
    """
    planners = _people().filter(role=Role.PLANNING).order_by("username").values_list("email", flat=True)
    clerks: dict[int | None, list[str]] = {None: list(dict.fromkeys(planners))}
    heads: dict[int | None, list[str]] = {}
    places = Membership.objects.filter(
        user__in=_people().filter(role=Role.DEPARTMENT), department__in=list(departments)
    )
    named = places.order_by("user__username").values_list("department", "user__email", "is_head")
    for pk, email, is_head in named:
        for those in (clerks, heads) if is_head else (clerks,):
            if email not in those.setdefault(pk, []):
                those[pk].append(email)
    return Addresses(clerks, heads)


def _people() -> QuerySet[User]:
    people = User.objects.filter(is_active=True).exclude(email="")
    return people if settings.DEMO else people.filter(is_demo=False)

"""Which manifesto a page is about, and the ways to the others. Where there is only one, nothing is said.

The address alone says which one: a row, a round, a pledge, or `?manifesto=`. No session remembers it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse

from tracker.choices import RoundState
from tracker.cycle import manifestos, permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import (
    Category,
    ExtraColumn,
    Indicator,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    ReportingRound,
    SheetBatch,
    YearlyAction,
)
from tracker.staff.frame.access import NoSuchTerm

# What a page is about, by the names that templates know it under; the first that is there tells.
ABOUT = ("manifesto", "round", "action", "batch", "initiative", "pledge", "original")
OF_A_ROUND = {
    *("staff-board", "staff-worsened", "staff-round-settings", "staff-publish", "staff-mails"),
    "staff-sheets",
}
OF_THE_DESK = {"staff-queue", "staff-bulk-approval", "staff-review"}
ASKED_BY_NAME = {"staff-home", "staff-pledges", "staff-pledge-add", "staff-round-open"}
OF_A_TERM = "staff-term"
OF_A_PLEDGE = ("staff-pledge", "staff-initiative")  # how their addresses are named


@dataclass(frozen=True)
class ManifestoHere:
    """The name of the manifesto that a page is about, and (name, address) of the others."""

    name: str
    others: list[tuple[str, str]]


def by_need() -> QuerySet[Manifesto]:
    """All, those that departments write for first, then those with a round under way; the newest first."""
    open_round = ReportingRound.objects.filter(manifesto=OuterRef("pk"), state=RoundState.OPEN)
    under_way = current_rounds().order_by().filter(manifesto=OuterRef("pk"))
    need = Case(
        When(Exists(open_round), then=Value(0)), When(Exists(under_way), then=Value(1)), default=Value(2)
    )
    return Manifesto.objects.alias(need=need).order_by("need", "-first_fiscal_year", "-pk")


def asked_manifesto(request: HttpRequest) -> Manifesto | None:
    """The manifesto that `?manifesto=` names (else 404), without it the first by need. None without any."""
    if slug := request.GET.get("manifesto", ""):
        if (found := Manifesto.objects.filter(slug=slug).first()) is None:
            raise NoSuchTerm
        return found
    return by_need().first()


@singledispatch
def manifesto_id_of(thing: object) -> int | None:
    """The manifesto that a thing belongs to; None for what belongs to none."""
    return None


@manifesto_id_of.register
def _(manifesto: Manifesto) -> int | None:
    return manifesto.pk


@manifesto_id_of.register(ReportingRound)
@manifesto_id_of.register(Category)
@manifesto_id_of.register(PlanProject)
@manifesto_id_of.register(ExtraColumn)
def _(thing: ReportingRound | Category | PlanProject | ExtraColumn) -> int | None:
    return thing.manifesto_id


@manifesto_id_of.register
def _(indicator: Indicator) -> int | None:
    return indicator.initiative.pledge.section.manifesto_id


@manifesto_id_of.register(YearlyAction)
@manifesto_id_of.register(SheetBatch)
def _(thing: YearlyAction | SheetBatch) -> int | None:
    return thing.round.manifesto_id


@manifesto_id_of.register
def _(pledge: Pledge) -> int | None:
    return pledge.section.manifesto_id


@manifesto_id_of.register
def _(initiative: Initiative) -> int | None:
    return initiative.pledge.section.manifesto_id


def manifesto_here(
    request: HttpRequest, context: Mapping[str, Any], way: Callable[[int], str] | None = None
) -> ManifestoHere | None:
    """What a page says of the manifesto that its context is about; None where nothing needs to be said.

    `way`: the address that leads to another manifesto, where the page knows better than its own address does.
    """
    about = next((context[name] for name in ABOUT if context.get(name)), None)
    known = manifesto_id_of(about)
    called = manifestos.names_of_all() if known else {}
    here = next((name for each, name in called.items() if each.pk == known), "")
    if len(called) < 2 or not here:
        return None
    others = {each: name for each, name in called.items() if each.pk != known}
    ways = {each.pk: way(each.pk) for each in others} if way else _ways(request, others)
    return ManifestoHere(here, [(name, ways[each.pk]) for each, name in others.items() if each.pk in ways])


def _ways(request: HttpRequest, others: Iterable[Manifesto]) -> dict[int, str]:
    """The address of the same kind of page for each other manifesto that has something for this person."""
    route = request.resolver_match.url_name or "" if request.resolver_match else ""
    rounds = _rounds(request, [each.pk for each in others])
    if not permissions.may_see_rounds(request.user):
        return {pk: _clerks_page(route, round) for pk, round in rounds.items()}
    if route.startswith(OF_A_TERM):
        return {each.pk: reverse("staff-term", args=[each.pk]) for each in others}
    return {each.pk: _page(route, each.slug, rounds.get(each.pk)) for each in others}


def _rounds(request: HttpRequest, others: list[int]) -> dict[int, ReportingRound]:
    """Of each manifesto the round to look at: the newest under way, else the newest; of a department's people
    only one in which they have rows.
    """
    is_over = Case(When(state=RoundState.PUBLISHED, then=Value(1)), default=Value(0))
    found: QuerySet[ReportingRound] = ReportingRound.objects.filter(manifesto__in=others)
    if not permissions.may_see_rounds(request.user):
        rows = permissions.visible_actions(request.user)
        found = current_rounds().filter(manifesto__in=others, pk__in=rows.values("round"))
    ordered = found.alias(is_over=is_over).order_by("is_over", "-fiscal_year", "-as_of", "-pk")
    rounds: dict[int, ReportingRound] = {}
    for round in ordered:
        rounds.setdefault(round.manifesto_id, round)
    return rounds


def _clerks_page(route: str, round: ReportingRound) -> str:
    if route == "staff-sheets":
        return reverse(route, args=[round.pk])
    return reverse("staff-home", fragment=f"round-{round.pk}")


def _page(route: str, slug: str, round: ReportingRound | None) -> str:
    """The same page of another manifesto; its pledges from the page of a pledge; else home, which is its."""
    named = {"manifesto": slug}
    if route in ASKED_BY_NAME:
        return reverse(route, query=named)
    if route.startswith(OF_A_PLEDGE):
        return reverse("staff-pledges", query=named)
    if round and route in OF_A_ROUND:
        return reverse(route, args=[round.pk])
    if round and route in OF_THE_DESK:
        return reverse("staff-queue", query={"round": round.pk})
    return reverse("staff-home", query=named)

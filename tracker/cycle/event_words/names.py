"""The names that an old event's content lacks: those of what is there now, read for many events at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Model, Prefetch, QuerySet

from tracker.cycle import manifestos
from tracker.models import (
    ROWS_PER_STATEMENT,
    Assignment,
    Category,
    Department,
    Event,
    ExtraColumn,
    Indicator,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    User,
    YearlyAction,
)
from tracker.words.step_names import step_name


@dataclass(frozen=True)
class Thing:
    """What an event is about, as it is called today."""

    name: str
    place: str = ""
    departments: tuple[str, ...] = ()


@dataclass
class Names:
    """Things by their events' subject, and steps of scales. `is_asking` False: asks no database.

    `owners`: the slug of the manifesto that a subject belongs to, where there are several. `within`: the
    manifesto that a page is about; its events need not tell it from the others.
    """

    things: dict[str, Thing] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    is_asking: bool = False
    within: Manifesto | None = None

    @classmethod
    def of(cls, events: Iterable[Event], within: Manifesto | None = None) -> "Names":
        """The names for these events, in a constant number of statements for every 500."""
        listed = list(events)
        names = cls(is_asking=True, within=within)
        for kind, keys in _keys_by_kind(event for event in listed if not is_named(event)):
            for thing in READ[kind]().filter(pk__in=keys):
                names.things[f"{kind}:{thing.pk}"] = _thing(thing)
        if len(names.manifestos) > 1:
            for kind, keys in _keys_by_kind(event for event in listed if "manifesto" not in event.content):
                if kind in OWNER:
                    owners = READ[kind]().filter(pk__in=keys).values_list("pk", OWNER[kind])
                    names.owners |= {f"{kind}:{pk}": slug for pk, slug in owners}
        return names

    def manifesto_of(self, event: Event) -> str:
        """The name of the manifesto in which an event's thing has its place; "" where there is only one."""
        slug = event.content.get("manifesto") or self.owners.get(event.subject)
        is_owned = event.subject.partition(":")[0] in OWNER
        return self.manifestos.get(str(slug), "") if is_owned and len(self.manifestos) > 1 else ""

    @cached_property
    def steps(self) -> dict[tuple[str, str], str]:
        """「A 達成」 by manifesto and code, as the scales are now."""
        if not self.is_asking:
            return {}
        rows = Rating.objects.values_list("manifesto__slug", "code", "label")
        return {(slug, code): step_name(code, label) for slug, code, label in rows}

    @cached_property
    def offices(self) -> dict[str, str]:
        """The departments' names by their codes."""
        return {each.code: str(each) for each in Department.objects.all()} if self.is_asking else {}

    @cached_property
    def manifestos(self) -> dict[str, str]:
        """What each is called beside the others, by their names in addresses."""
        return {manifesto.slug: name for manifesto, name in self._called.items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each is called alone, by their names in addresses."""
        return {manifesto.slug: manifesto.name for manifesto in self._called}

    @cached_property
    def _called(self) -> dict[Manifesto, str]:
        if self.within:
            return {self.within: self.within.name}
        return manifestos.names_of_all() if self.is_asking else {}


NO_NAMES = Names()


def is_named(event: Event) -> bool:
    """Whether the content has all names of its own, and where the thing stood."""
    kind, content = event.subject.partition(":")[0], event.content
    if kind == "action":
        return "pledge" in content
    placed = kind in {"category", "pledge", "initiative"}
    return "name" in content and ("place" in content or not placed)


def _keys_by_kind(events: Iterable[Event]) -> Iterator[tuple[str, list[int]]]:
    """The keys of the things that can be read for events, by kind, as many as go into a statement."""
    wanted = defaultdict[str, set[int]](set)
    for event in events:
        kind, _colon, key = event.subject.partition(":")
        if kind in READ and key.isascii() and key.isdigit() and len(key) < 19:
            wanted[kind].add(int(key))
    for kind, keys in wanted.items():
        ordered = sorted(keys)
        for at in range(0, len(ordered), ROWS_PER_STATEMENT):
            yield kind, ordered[at : at + ROWS_PER_STATEMENT]


def _thing(thing: Model) -> Thing:
    if isinstance(thing, YearlyAction):
        pledge, offices = thing.initiative.pledge, tuple(map(str, thing.departments))
        return Thing(str(pledge), thing.place, offices)
    if isinstance(thing, Initiative):
        offices = tuple(str(duty.department) for duty in thing.assignments.all())
        return Thing(str(thing.pledge), thing.place, offices)
    return Thing(str(thing), thing.place if isinstance(thing, (Pledge, Category)) else "")


def _actions() -> QuerySet[YearlyAction]:
    return YearlyAction.objects.with_place().with_departments()


def _initiatives() -> QuerySet[Initiative]:
    duties = Prefetch("assignments", Assignment.objects.with_department())
    return Initiative.objects.with_place().prefetch_related(duties)


# By the kind of a subject: the things that can be read for it.
READ = {
    "action": _actions,
    "initiative": _initiatives,
    "pledge": lambda: Pledge.objects.select_related("section__parent"),
    "category": lambda: Category.objects.select_related("parent"),
    "planproject": PlanProject.objects.all,
    "extracolumn": ExtraColumn.objects.all,
    "indicator": Indicator.objects.all,
    "department": Department.objects.all,
    "user": User.objects.all,
}
# Of those, what has a place in a manifesto: the way to its slug.
OWNER = {
    "action": "round__manifesto__slug",
    "initiative": "pledge__section__manifesto__slug",
    "pledge": "section__manifesto__slug",
    "category": "manifesto__slug",
    "planproject": "manifesto__slug",
    "extracolumn": "manifesto__slug",
    "indicator": "initiative__pledge__section__manifesto__slug",
}

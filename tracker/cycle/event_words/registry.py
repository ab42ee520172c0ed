"""Which rule tells which event; what no rule knows is told more plainly."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from tracker.choices import EventKind
from tracker.cycle.event_words.names import NO_NAMES, Names
from tracker.cycle.event_words.subjects import SUBJECTS, about, is_private, place_of, thing_of, untold
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import in_words, is_empty, label_of
from tracker.models import Event

Teller = Callable[[Event, Names], Told]


@dataclass(frozen=True)
class Rule:
    """How some events of a kind are told: `keys` of their content; `silent` ones are for programs only."""

    tell: Teller
    keys: frozenset[str]
    silent: frozenset[str]
    when: Callable[[Event], bool]
    wordless: Callable[[Event], list[str]]


RULES: dict[str, list[Rule]] = {}


def words_for(
    kind: EventKind,
    *,
    keys: Collection[str] = (),
    silent: Collection[str] = (),
    when: Callable[[Event], bool] = lambda event: True,
    wordless: Callable[[Event], list[str]] = lambda event: [],
) -> Callable[[Teller], Teller]:
    """Adds a rule; of several that fit, the one that was added last tells. `wordless`: what it finds no word
    for inside the values.
    """

    def add(tell: Teller) -> Teller:
        rule = Rule(tell, frozenset(keys), frozenset(silent), when, wordless)
        RULES.setdefault(str(kind), []).insert(0, rule)
        return tell

    return add


def told(event: Event, names: Names = NO_NAMES) -> Told:
    """The event in words, whatever its content is."""
    rule = _rule(event)
    found = rule.tell(event, names) if rule else Told(f"{event.get_kind_display()}がありました。")
    known = rule.keys | rule.silent if rule else frozenset(("model", "name", "place"))
    more = tuple(_plain(key, value) for key, value in _more(event, known))
    place = place_of(event, names)
    return replace(
        found,
        about=found.about or about(event, names),
        lines=found.lines + more,
        places=tuple(dict.fromkeys([*([place] if place else []), *found.places])),
        departments=found.departments or thing_of(event, names).departments,
        is_private=found.is_private or is_private(event),
        untold=found.untold or untold(event, names),
        manifesto=names.manifesto_of(event),
    )


def _rule(event: Event) -> Rule | None:
    return next((rule for rule in RULES.get(str(event.kind), ()) if rule.when(event)), None)


def _more(event: Event, known: Collection[str]) -> list[tuple[str, object]]:
    """What is left of a content that says something."""
    return [(key, value) for key, value in event.content.items() if key not in known and not is_empty(value)]


def _plain(key: str, value: object) -> Line:
    return Line(label_of(None, key), None, in_words(value))


def wordless(event: Event) -> list[str]:
    """What an event has that nobody has words for: developers' names, for the tests."""
    rule, kind = _rule(event), event.subject.partition(":")[0]
    if rule is None:
        return [f"kind {event.kind}"]
    lacking = [f"key {key}" for key in event.content if key not in rule.keys | rule.silent]
    subject = [] if kind in SUBJECTS else [f"subject {kind}"]
    return [*subject, *lacking, *rule.wordless(event)]

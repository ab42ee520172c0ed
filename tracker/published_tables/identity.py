"""Which pledge of the workspace a pledge of a table is. Pure, but for the reading of what stands there.

A name says more than an order: pledges are moved, added and dropped between two tables. What has the same
words is the same pledge, wherever it stands; what was reworded is looked for in its own section, by likeness.
Where a table's pledge may be another one than it says, nothing is guessed: it is told (docs/adr/0032).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from operator import attrgetter, itemgetter

from tracker.models import Initiative, Manifesto, Pledge, ReportEntry
from tracker.published_tables.file.table import PublishedTable, TablePledge
from tracker.words.cutting import cut
from tracker.words.folding import fold
from tracker.words.places import pledge_numbers, written

Place = tuple[int, ...]  # field, section, pledge, initiative, as far as it goes
LIKE = 0.6  # two pledges of one section share less than this, but for a few short ones
# What makes two the same, of words and place, the surest first.
SAME_WHEN: list[Callable[[str, Place], Hashable]] = [
    lambda words, place: (words, place[:2]),
    lambda words, place: (words, place),
    lambda words, place: words,
]
LONG_ENOUGH = 6  # characters that make a text that another one holds more than a chance
MOST_COMPARED = 20_000  # pairs: some seconds
MOST_OF_A_TEXT = 40


@dataclass(frozen=True)
class StandingPledge:
    """A pledge that is there: its place, the places that reports had it at, and whether it still runs."""

    name: str
    text: str  # folded
    place: Place
    former: tuple[Place, ...]
    is_running: bool

    @property
    def places(self) -> list[Place]:
        return [self.place, *self.former]

    @property
    def sections(self) -> list[Place]:
        """Where it stands and stood."""
        return list(dict.fromkeys(place[:2] for place in self.places))


@dataclass(frozen=True)
class ListedPledge:
    """A pledge of a table: its section, its place there by order, its words folded."""

    pledge: TablePledge
    place: Place
    text: str

    @property
    def section(self) -> Place:
        return self.place[:2]

    @property
    def in_words(self) -> str:
        """Where the file has it, and what it says."""
        row = ""
        for first in self.pledge.initiatives[:1]:
            sheet = next((f"シート「{each['sheet']}」の " for each in first.source if each.get("sheet")), "")
            row = f"の{sheet}{first.row}行目"
        return f"表{row}「{cut(self.pledge.text, MOST_OF_A_TEXT)}」"


@dataclass
class Identities:
    """What was found: the place of each of a table's pledges, by its place in the table.

    `elsewhere` tells those that the table lists in another section than they stand in. `twice` and `other`
    tell what may be one pledge under two names: because the words are several pledges' own, or because in one
    section a pledge is missing while another one is new.
    """

    places: dict[Place, Place] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def identities_of(manifesto: Manifesto, table: PublishedTable, fiscal_year: int) -> Identities:
    """Which pledges a table's are; what is new gets a place that no pledge has, or had in a report."""
    listed = [
        ListedPledge(pledge, (c.number, s.number, pledge.position), fold(pledge.text))
        for c, s, pledge in table.pledges()
    ]
    standing = _standing(manifesto, fiscal_year)
    if not standing:
        return Identities({each.place: each.place for each in listed})
    pairs = _same(listed, standing)
    found = Identities()
    last = _last_positions(manifesto, standing)
    for each in listed:
        if known := pairs.get(each.place):
            found.places[each.place] = known.place
            if known.place[:2] != each.section:
                found.elsewhere.append(f"{written(known.place)}（{each.in_words}）")
        else:
            last[each.section] = max(each.pledge.position, last.get(each.section, 0) + 1)
            found.places[each.place] = (*each.section, last[each.section])
    _find_doubtful(found, *_left(listed, standing, pairs))
    return found


def renumbered(manifesto: Manifesto, table: PublishedTable) -> str:
    """Why a table cannot be taken whose fields or sections have changed their numbers; "" where none has."""
    there = manifesto.categories.named().select_related("parent")
    names = {(each.parent.number if each.parent else None, each.number): each.name for each in there}
    told: list[tuple[int | None, int, str]] = [(None, c.number, c.name) for c in table.categories]
    told += [(c.number, s.number, s.name) for c in table.categories for s in c.sections]
    for above, number, name in told:
        now = names.get((above, number), name)
        others = [n for (parent, n), other in names.items() if parent == above and fold(other) == fold(name)]
        if fold(now) != fold(name) and others:
            return (
                f"「{name}」の番号が、表では {number}、いまは {others[0]} です"
                f"（いまの {number} は「{now}」）。"
                "分野や項目の番号が変わると、公約が別の分野や項目のものになります。"
                "表の番号をいまのとおりに直してから取り込んでください。"
            )
    return ""


def initiative_positions(names: Sequence[str], there: Iterable[Initiative], fiscal_year: int) -> list[int]:
    """Where the initiatives of a pledge stand that a table lists, by their names in its order.

    A name that one of both sides has says it. The others' order does: a table that lists as many as run in
    its year, and not those that ended before, means these. Beside names, what is more or less is new.
    """
    held = {each.position: each for each in there}
    known = _called_so(names, held.values())
    running = [p for p in sorted(held) if _runs(held[p], fiscal_year) and p not in known.values()]
    others = [row for row in range(len(names)) if row not in known]
    if len(others) != len(running):
        first = max(held) + 1 if known else 1
        running = list(range(first, first + len(others)))
    positions = known | dict(zip(others, running, strict=True))
    return [positions[row] for row in range(len(names))]


def _called_so(names: Sequence[str], there: Iterable[Initiative]) -> dict[int, int]:
    """By row the position of the one initiative of its name, where no other row has that."""
    ours, theirs = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for row, name in enumerate(names):
        ours[fold(name)].append(row)
    for each in there:
        theirs[fold(each.name)].append(each.position)
    both = [(rows, theirs[name]) for name, rows in ours.items() if name and name in theirs]
    return {rows[0]: found[0] for rows, found in both if len(rows) == len(found) == 1}


def _runs(initiative: Initiative, fiscal_year: int) -> bool:
    return (initiative.last_fiscal_year or fiscal_year) >= fiscal_year


def _standing(manifesto: Manifesto, fiscal_year: int) -> list[StandingPledge]:
    """The pledges that are there, in the order of their places. Three queries."""
    pledges = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
    found = [
        StandingPledge(
            pledge.text,
            fold(pledge.text),
            pledge_numbers(pledge.place),
            tuple(pledge_numbers(each.place) for each in pledge.former_places.all()),
            any(_runs(each, fiscal_year) for each in pledge.initiatives.all()),
        )
        for pledge in pledges.prefetch_related("former_places", "initiatives")
    ]
    return sorted(found, key=attrgetter("place"))


def _last_positions(manifesto: Manifesto, standing: Iterable[StandingPledge]) -> dict[Place, int]:
    """The last position of each section that a pledge has, or ever had in a report."""
    entries = ReportEntry.objects.filter(report__manifesto=manifesto).order_by()
    published = map(pledge_numbers, entries.values_list("pledge_key", flat=True).distinct())
    last: dict[Place, int] = {}
    for place in (*published, *(place for each in standing for place in each.places)):
        last[place[:2]] = max(last.get(place[:2], 0), place[2])
    return last


def _same(listed: Sequence[ListedPledge], standing: Sequence[StandingPledge]) -> dict[Place, StandingPledge]:
    """The pledge that each of a table's is, by its place in the table, as far as there is one."""
    pairs: dict[Place, StandingPledge] = {}
    for key in SAME_WHEN:
        here, there = _left(listed, standing, pairs)
        ours = defaultdict[Hashable, list[ListedPledge]](list)
        theirs = defaultdict[Hashable, dict[StandingPledge, Place]](dict)
        for one in here:
            ours[key(one.text, one.place)].append(one)
        for other in there:
            for place in other.places:
                theirs[key(other.text, place)].setdefault(other, place)
        for same, those in ours.items():
            ones, others = _left(those, sorted(theirs[same], key=theirs[same].__getitem__), pairs)
            if len(ones) == len(others):  # in order, where both sides have equally many
                pairs.update((one.place, other) for one, other in zip(ones, others, strict=True))
    return pairs | _reworded(*_left(listed, standing, pairs))


def _left(
    listed: Iterable[ListedPledge], standing: Iterable[StandingPledge], pairs: Mapping[Place, StandingPledge]
) -> tuple[list[ListedPledge], list[StandingPledge]]:
    """Those that have no partner yet."""
    taken = {each.place for each in pairs.values()}
    return (
        [each for each in listed if each.place not in pairs],
        [each for each in standing if each.place not in taken],
    )


def _reworded(
    listed: Sequence[ListedPledge], standing: Sequence[StandingPledge]
) -> dict[Place, StandingPledge]:
    """Those of one section that are alike, the most alike first. Of another table altogether none is."""
    likely = [
        (here, there)
        for here in listed
        for there in standing
        if here.section in there.sections and here.text != there.text  # no order tells the same words apart
    ]
    if len(likely) > MOST_COMPARED:
        return {}
    alike = [
        (_likeness(here.text, there.text), here.place in there.places, here, there) for here, there in likely
    ]
    pairs: dict[Place, StandingPledge] = {}
    for likeness, _is_in_place, here, there in sorted(alike, key=itemgetter(0, 1), reverse=True):
        if likeness >= LIKE and here.place not in pairs and there not in pairs.values():
            pairs[here.place] = there
    return pairs


def _likeness(one: str, other: str) -> float:
    short, long = sorted((one, other), key=len)
    if len(short) >= LONG_ENOUGH and short in long:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _find_doubtful(
    found: Identities, listed: Iterable[ListedPledge], standing: Iterable[StandingPledge]
) -> None:
    """Names what is left on both sides, with the nearest that it may be."""
    running = [each for each in standing if each.is_running]
    for each in listed:
        for told, others in (
            (found.twice, [other for other in running if other.text == each.text]),
            (found.other, [other for other in running if each.section in other.sections]),
        ):
            if others:
                near = min(others, key=lambda other: abs(other.place[-1] - each.pledge.position))
                now = f"いまの公約 {written(near.place)}「{cut(near.name, MOST_OF_A_TEXT)}」"
                told.append(f"{each.in_words}と、{now}")
                break

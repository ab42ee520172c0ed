"""Events as pages show them: in words, with the page of what they are about, differences marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from tracker.cycle import event_words, permissions
from tracker.cycle.event_words import Line, Told
from tracker.cycle.event_words.values import actor_in_words
from tracker.models import Event
from tracker.staff.frame.access import row_number
from tracker.staff.frame.rows import marked
from tracker.words import differences

LINES_IN_LISTS = 4  # of an event; all of them are on its own page
COMPARED_AT_MOST = 40_000  # characters on one page; beyond, texts are shown without marks


@dataclass(frozen=True)
class ShownLine:
    """A line, with the difference marked where its values are long."""

    line: Line
    marked: SafeString | None = None


@dataclass(frozen=True)
class Shown:
    """An event in words. `address`: the page of what it is about, "" where there is none for this person."""

    event: Event
    told: Told
    lines: Sequence[ShownLine]
    address: str = ""
    is_kept_back: bool = False

    @property
    def actor(self) -> str:
        return actor_in_words(self.event.actor)

    @property
    def first_lines(self) -> Sequence[ShownLine]:
        return self.lines[:LINES_IN_LISTS]

    @property
    def more_lines(self) -> int:
        return max(len(self.lines) - LINES_IN_LISTS, 0)

    @property
    def own_page(self) -> str:
        return reverse("admin:tracker_event_change", args=[self.event.pk])


class Marker:
    """Marks differences until a page has had enough of them: comparing long texts takes time."""

    def __init__(self, at_most: int = COMPARED_AT_MOST) -> None:
        self.left = at_most

    def between(self, before: str, after: str) -> SafeString | None:
        size = len(before) + len(after)
        if size > self.left:
            return None
        self.left -= size
        return marked(differences.words(before, after))


def shown(events: Iterable[Event], user: permissions.Visitor) -> list[Shown]:
    """Events as this person may read them, in a constant number of statements."""
    listed = list(events)
    names, marker = event_words.Names.of(listed), Marker()
    return [_shown(event, event_words.told(event, names), user, marker) for event in listed]


def _shown(event: Event, told: Told, user: permissions.Visitor, marker: Marker) -> Shown:
    """What an event tells of a person is what their page would tell."""
    if told.is_private and not permissions.may_keep_people(user):
        return Shown(event, told, (), is_kept_back=True)
    lines = [shown_line(line, marker) for line in told.lines]
    is_gone = event.content.get("act") == "削除"
    return Shown(event, told, lines, "" if is_gone else address_of(event.subject, user))


def shown_line(line: Line, marker: Marker) -> ShownLine:
    if line.before is None or not line.is_long:
        return ShownLine(line)
    return ShownLine(line, marker.between(line.before, line.after))


def address_of(subject: str, user: permissions.Visitor) -> str:
    """The page of what an event is filed under; "" where there is none."""
    kind, _colon, key = subject.partition(":")
    if kind == "action" and row_number(key) is not None:
        return reverse("staff-entry", args=[key])
    if kind == "report":
        try:
            return reverse("manifesto:edition:overview", args=key.split("/"))
        except NoReverseMatch:
            return ""
    if kind == "user" and not permissions.may_keep_people(user):
        return ""
    of_master_data = {"category", "pledge", "initiative", "planproject", "extracolumn", "indicator"}
    of_master_data |= {"department", "user"}
    if kind in of_master_data and row_number(key) is not None:
        return reverse(f"admin:tracker_{kind}_change", args=[key])
    return ""

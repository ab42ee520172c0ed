"""A row's own history: what was done with it, its initiative and its round, in the order of time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.safestring import SafeString

from tracker.choices import EventKind, RoundState
from tracker.cycle import event_words
from tracker.cycle.event_words import Told
from tracker.cycle.event_words.values import actor_in_words
from tracker.models import Event, FormerText, Report, YearlyAction
from tracker.staff.history.shown import Marker, ShownLine, shown_line

SHOWN_AT_ONCE = 20  # the newest; earlier ones unfold
SAME_WRITE = timedelta(seconds=2)  # between an event and the former text that the same write left


@dataclass(frozen=True)
class TextThen:
    """One of a row's texts as an event found it. `marked`: against the event before, where it differs."""

    label: str
    text: str
    marked: SafeString | None = None


@dataclass(frozen=True)
class Moment:
    """Something that happened, for the row's page. `former`: a text that somebody else wrote over."""

    at: datetime
    actor: str
    told: Told
    event: Event | None = None
    is_own: bool = True  # of the row itself, not of its round or its initiative
    lines: Sequence[ShownLine] = ()
    texts: Sequence[TextThen] = ()
    changed: Sequence[str] = ()  # the names of the texts that differ from the event before
    former: FormerText | None = None


@dataclass(frozen=True)
class RowHistory:
    """All moments, oldest first, and where the newest ones begin."""

    moments: list[Moment]
    has_former_texts: bool  # what saves replaced, on a page of its own

    @property
    def earlier(self) -> list[Moment]:
        return self.moments[:-SHOWN_AT_ONCE]

    @property
    def newest(self) -> list[Moment]:
        return self.moments[-SHOWN_AT_ONCE:]


def history_of(action: YearlyAction) -> RowHistory:
    """What happened to a row, in a constant number of statements."""
    events = list(Event.objects.filter(_about(action)).order_by("number"))
    names = event_words.Names.of(events, within=action.round.manifesto)
    moments = list(_moments(action, [(event, event_words.told(event, names)) for event in events]))
    formers = list(FormerText.objects.filter(action=action).select_related("written_by", "replaced_by"))
    moments += _written_over(formers, events)
    return RowHistory(sorted(moments, key=lambda moment: moment.at), bool(formers))


def _about(action: YearlyAction) -> Q:
    """The row, its initiative, its pledge, its round, and the reports of its round's date."""
    round = action.round
    own = [action.subject, f"initiative:{action.initiative_id}", f"pledge:{action.initiative.pledge_id}"]
    reports: Iterable[Report] = ()
    if round.state not in {RoundState.OPEN, RoundState.CLOSED}:  # which no report tells yet
        reports = Report.objects.of(round.manifesto.slug).filter(as_of=round.as_of)
    subjects = [*own, round.subject, *(report.subject for report in reports)]
    tables = Q(subject=f"manifesto:{round.manifesto.slug}", kind=EventKind.IMPORTED)
    return Q(subject__in=subjects) | tables & Q(content__row_digests__has_key=str(action.pk))


def _moments(action: YearlyAction, told: Iterable[tuple[Event, Told]]) -> Iterator[Moment]:
    before: dict[str, str] = {}
    marker = Marker()
    for event, words in told:
        is_own = event.subject == action.subject
        texts = [_then(label, text, before, marker) for label, text in words.texts]
        changed = [label for label, text in words.texts if before and before.get(label, "") != text]
        yield Moment(
            event.happened_at,
            actor_in_words(event.actor),
            words,
            event,
            is_own,
            [shown_line(line, marker) for line in words.lines],
            texts,
            changed,
        )
        before = dict(words.texts) or before


def _then(label: str, text: str, before: dict[str, str], marker: Marker) -> TextThen:
    was = before.get(label, "")
    return TextThen(label, text, marker.between(was, text) if was and text and was != text else None)


def _written_over(formers: Iterable[FormerText], events: Sequence[Event]) -> Iterator[Moment]:
    """Texts that somebody else wrote over, and whose write is not told by an event."""
    for former in formers:
        who = former.replaced_by
        if who is None or who == former.written_by or _is_told(former, who.signature, events):
            continue
        whose = f"{former.written_by} さんの書いた" if former.written_by else ""
        told = Told(f"{whose}内容を書き換えました。")
        yield Moment(former.replaced_at, who.signature, told, former=former)


def _is_told(former: FormerText, actor: str, events: Sequence[Event]) -> bool:
    """Whether an entry sheet wrote over the text: that is an event, with the sheet as its reason."""
    subject, at = f"action:{former.action_id}", former.replaced_at
    own = [event for event in events if (event.subject, event.actor) == (subject, actor) and event.reason]
    return any(abs(event.happened_at - at) < SAME_WRITE for event in own)

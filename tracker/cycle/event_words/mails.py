"""Which kinds of mail a manifesto sends."""

from tracker.choices import EventKind, MailKind
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.told import Line, Told
from tracker.models import Event

CHOICE = {True: "送る", False: "送らない"}


@words_for(
    EventKind.CATALOGUE, keys={"mails"}, silent={"manifesto"}, when=lambda event: "mails" in event.content
)
def turned(event: Event, names: Names) -> Told:
    kinds, found = event.content["mails"], dict(MailKind.choices)
    rows = kinds.items() if isinstance(kinds, dict) else ()
    lines = tuple(
        Line(f"{found.get(kind, kind)}のメール", CHOICE[not is_on], CHOICE[bool(is_on)])
        for kind, is_on in rows
    )
    return Told("送るメールの種類を変えました。", lines=lines)

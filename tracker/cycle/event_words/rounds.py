"""Rounds: opened, extended, closed, corrected; rows added."""

from tracker.choices import CANCELLED, EventKind, RoundState
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import day_in, in_words, listed, texts_in
from tracker.models import Event

MOVES: dict[str, str] = {
    RoundState.CLOSED: "締め切りました。",
    RoundState.CORRECTING: "訂正を始めました。",
    RoundState.PUBLISHED: "訂正を終えました。",
    RoundState.OPEN: "もう一度受け付けるようにしました。",
    RoundState.IMPORTED: "訂正を終え、公表を待つ状態に戻しました。",
}

MAILS = {"mails", "reminders"}  # the second in older events, which knew this kind only


def _day(event: Event, name: str) -> str:
    return day_in(event.content.get(name)) or "なし"


def _wordless(event: Event) -> list[str]:
    return [] if event.to_state in {"", *MOVES} else [f"state {event.to_state}"]


@words_for(EventKind.ROUND, wordless=_wordless)
def moved(event: Event, names: Names) -> Told:
    return Told(MOVES.get(event.to_state, "報告回を変えました。"))


@words_for(EventKind.ROUND, keys={"due_on", "due_before"}, when=lambda event: "due_on" in event.content)
def extended(event: Event, names: Names) -> Told:
    return Told(f"締切日を {_day(event, 'due_before')} から {_day(event, 'due_on')} に変えました。")


@words_for(
    EventKind.ROUND,
    keys={"due_before"},
    when=lambda event: "due_before" in event.content and "due_on" not in event.content,
)
def corrected_after_its_due_date(event: Event, names: Names) -> Told:
    lines = (Line("締切日", _day(event, "due_before"), "なし"),)
    return Told(MOVES[RoundState.CORRECTING], lines=lines)


@words_for(EventKind.ROUND, keys={"added", "places"}, when=lambda event: "added" in event.content)
def added(event: Event, names: Names) -> Told:
    places = texts_in(event.content.get("places"))
    lines = (Line("加えた取組", None, listed(places)),) if places else ()
    return Told(f"取組 {in_words(event.content['added'])}件を加えました。", lines=lines, places=tuple(places))


@words_for(
    EventKind.ROUND,
    keys={"name", "name_before", "as_of", "as_of_before"},
    when=lambda event: "as_of_before" in event.content,
)
def described(event: Event, names: Names) -> Told:
    content = event.content
    found = (
        Line("名前", in_words(content.get("name_before")), in_words(content.get("name"))),
        Line("時点", _day(event, "as_of_before"), _day(event, "as_of")),
    )
    lines = tuple(line for line in found if line.before != line.after)
    return Told(f"{'と'.join(line.label for line in lines) or '名前と時点'}を変えました。", lines=lines)


@words_for(
    EventKind.ROUND,
    keys={"fiscal_year", "name", "as_of", "due_on", "typed", "rows", *MAILS, "unconfirmed_sheets"},
    silent={"round"},
    when=lambda event: event.to_state == CANCELLED,
)
def cancelled(event: Event, names: Names) -> Told:
    content = event.content
    rows, mails = content.get("rows"), content.get("mails", content.get("reminders"))
    places = texts_in(list(rows.values())) if isinstance(rows, dict) else []
    lines = [Line("時点と締切", None, f"{_day(event, 'as_of')}、{_day(event, 'due_on')}")]
    if sheets := texts_in(content.get("unconfirmed_sheets")):
        lines.append(Line("確認していなかった入力シート", None, listed(sheets)))
    if isinstance(mails, list) and mails:
        lines.append(Line("送ってあったメール", None, f"{len(mails):,} 通"))
    told = f"取組 {len(places):,}件、うち書かれていたもの {in_words(content.get('typed'))}件"
    return Told(f"報告回を取り消しました（{told}）。", lines=tuple(lines), places=tuple(places))


@words_for(EventKind.ROUND, keys={"due_on", "as_of", "rows", "name"}, when=lambda event: not event.from_state)
def opened(event: Event, names: Names) -> Told:
    told = f"締切 {_day(event, 'due_on')}、取組 {in_words(event.content.get('rows'))}件"
    lines = (Line("時点", None, _day(event, "as_of")),) if "as_of" in event.content else ()
    if name := event.content.get("name"):
        lines = (Line("名前", None, in_words(name)), *lines)
    return Told(f"報告回を開きました（{told}）。", lines=lines)

"""What events are about: how each kind of subject is called, and by which group it is looked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tracker.cycle.event_words.names import Names, Thing
from tracker.cycle.event_words.values import in_words, year_in
from tracker.models import Event
from tracker.words.fiscal_years import date_label

POSITION = re.compile(r" \(\d+\)$")  # of an initiative: its place tells the same


@dataclass(frozen=True)
class Subject:
    """A kind of subject: its name, the group that a reader chooses it by, how its key is told."""

    name: str
    group: str
    key_in_words: Callable[[str, Names], str] = lambda key, names: ""


def _round(key: str, names: Names, called: str = "") -> str:
    """`called`: the round's own name, where an event tells it."""
    slug, _slash, rest = key.partition("/")
    when, _slash, number = rest.partition("/")  # a later one of its year has a number
    which = called or (f" {number} 回目" if number else "")
    return f"{_manifesto_beside(slug, names)}{_year_or_day(when)}{which}の報告回"


def _report(key: str, names: Names) -> str:
    slug, _slash, rest = key.partition("/")
    when, _slash, edition = rest.partition("/")
    return f"{_manifesto_beside(slug, names)}{_year_or_day(when)}の公表版 第{edition or '?'}版"


def _manifesto(key: str, names: Names) -> str:
    return names.manifestos.get(key, f"マニフェスト {key}")


def _apart(key: str, name: str, names: Names) -> str:
    """A manifesto's name in an event; one that is called so still, as it is told from the others."""
    return names.manifestos[key] if names.titles.get(key) == name else name


def _manifesto_beside(slug: str, names: Names) -> str:
    """The manifesto's name, where there is more than one."""
    return f"{names.manifestos.get(slug, slug)} " if len(names.manifestos) > 1 else ""


def _year_or_day(when: str) -> str:
    if when.isascii() and when.isdigit() and len(when) < 5:
        return year_in(int(when)) or when
    try:
        return date_label(date.fromisoformat(when))
    except ValueError:
        return when


# The groups of the history's filter, in their order.
GROUPS = {
    "row": "年度ごとの報告",
    "pledge": "公約・取組",
    "department": "担当課",
    "person": "利用者",
    "round": "報告回",
    "report": "公表版",
    "manifesto": "マニフェスト・表の取込",
    "city": "市の名前と問い合わせ先",
    "synonym": "検索のことば",
}
SUBJECTS = {
    "action": Subject("", "row"),
    "initiative": Subject("取組", "pledge"),
    "pledge": Subject("公約", "pledge"),
    "category": Subject("分野", "pledge"),
    "planproject": Subject("関連事業", "pledge"),
    "extracolumn": Subject("追加の項目", "manifesto"),
    "indicator": Subject("指標", "pledge"),
    "department": Subject("担当課", "department"),
    "user": Subject("利用者", "person"),
    "peoplelist": Subject("利用者の一覧", "person"),
    "reorganisation": Subject("組織改正", "department"),
    "round": Subject("", "round", _round),
    "report": Subject("", "report", _report),
    "manifesto": Subject("", "manifesto", _manifesto),
    "city": Subject("", "city"),
    "synonym": Subject("検索のことば", "synonym"),
}
PRIVATE = {"user", "peoplelist"}  # whose values only their keepers read


def is_private(event: Event) -> bool:
    """Whether an event is about a person: what it changed is for those who keep people."""
    return event.subject.partition(":")[0] in PRIVATE


def kinds_of(group: str) -> list[str]:
    """The kinds of subject in a group."""
    return [kind for kind, subject in SUBJECTS.items() if subject.group == group]


def about(event: Event, names: Names) -> str:
    """What an event is about, by the names in its content, else by those of today."""
    kind, _colon, key = event.subject.partition(":")
    known, content, thing = SUBJECTS.get(kind), event.content, thing_of(event, names)
    name = in_words(content.get("name") or thing.name) if content.get("name") or thing.name else ""
    if kind == "action":
        name = str(content.get("pledge") or thing.name)
    if kind == "round":
        name = _round(key, names, str(content.get("name") or ""))
    if kind == "initiative":
        name = POSITION.sub("", name)
    if kind == "manifesto" and name:
        name = _apart(key, name, names)
    if not name and known:
        name = known.key_in_words(key, names)
    title = known.name if known else str(content.get("model") or "")
    year = "" if kind == "round" else year_in(content.get("fiscal_year"))
    if year and kind == "action":
        year = f"{year}{content.get('round_name') or ''}"
    pieces = (title, year, place_of(event, names), name)
    return " ".join(piece for piece in pieces if piece)


def thing_of(event: Event, names: Names) -> Thing:
    return names.things.get(event.subject, Thing(""))


def place_of(event: Event, names: Names) -> str:
    """Where what an event is about stood then, or stands now; "" for what has no place."""
    place = event.content.get("place")
    return place if isinstance(place, str) and place else thing_of(event, names).place


def untold(event: Event, names: Names) -> str:
    """What an event does not tell of what it is about, in words."""
    kind, content = event.subject.partition(":")[0], event.content
    is_named = "pledge" in content if kind == "action" else "name" in content
    if is_named or kind not in {"action", "initiative", "pledge", "category", "planproject", "department"}:
        return ""
    if names.is_asking and not thing_of(event, names).name:
        return "これは、もう残っていないものの履歴です。当時の名前は記録されていません。"
    return "当時の名前は記録されていないため、いまの名前で示しています。"

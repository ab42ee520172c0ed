"""The organisation: steps of a reorganisation, and lists of people."""

from tracker.choices import EventKind
from tracker.cycle.event_words.catalogue import changed
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import in_words, listed, texts_in, year_in
from tracker.models import Event

STEPS = {
    "組織改正：名称の変更": "組織改正で、名称を変えました。",
    "組織改正：新しい課": "組織改正で、課を置きました。",
    "組織改正：統合": "組織改正で、課を統合しました。",
    "組織改正：分割": "組織改正で、課を分けました。",
    "組織改正：廃止": "組織改正で、課を廃止しました。",
    "組織改正：担当の移動": "組織改正で、担当を移しました。",
    "組織改正の取消し": "組織改正を取り消し、実施する前に戻しました。",
    "準備をやめた": "準備していた組織改正をやめました。",
}
# What a list of people did to somebody.
CHANGES = {
    "new": "新しい人",
    "returning": "また使えるようにした人",
    "moved": "異動した人",
    "changed": "内容が変わった人",
    "leaving": "使えなくした人",
}
MOST_NAMED = 50  # people whose values are told; of more, who they are


def _wordless(event: Event) -> list[str]:
    return [] if str(event.content.get("act")) in STEPS else [f"act {event.content.get('act')}"]


@words_for(
    EventKind.CATALOGUE,
    keys={"act", "model", "name", "changes", "fiscal_year", "reorganisation", "departments", "steps"},
    when=lambda event: "reorganisation" in event.content,
    wordless=_wordless,
)
def reorganised(event: Event, names: Names) -> Told:
    content, found = event.content, changed(event, names)
    lines = list(found.lines)
    if str(content.get("act")) in STEPS and content.get("reorganisation") != content.get("name"):
        lines.insert(0, Line("組織改正", None, in_words(content["reorganisation"])))
    if steps := texts_in(content.get("steps")):
        lines.append(Line("準備していたステップ", None, "\n".join(steps)))
    what = STEPS.get(str(content.get("act")), found.what)
    return Told(what, lines=tuple(lines), departments=tuple(texts_in(content.get("departments"))))


@words_for(
    EventKind.CATALOGUE,
    keys={"act", "model", "name", "fiscal_year", "closes_missing", "counts", "people"},
    silent={"digest"},
    when=lambda event: event.subject.startswith("peoplelist:"),
)
def listed_people(event: Event, names: Names) -> Told:
    content = event.content
    lines = [Line("ファイル", None, in_words(content.get("name")))]
    if content.get("closes_missing"):
        lines.append(Line("表にない人", None, "使えなくする"))
    people = content.get("people")
    for kind, found in people.items() if isinstance(people, dict) else ():
        label, who = CHANGES.get(kind, "変わった人"), found if isinstance(found, dict) else {}
        if len(who) > MOST_NAMED:
            lines.append(Line(label, None, listed(list(who))))
        else:
            lines += [Line(f"{label}「{name}」", None, _values(values)) for name, values in who.items()]
    year = year_in(content.get("fiscal_year"))
    return Told(f"{year or ''}の利用者の一覧を取り込みました。", lines=tuple(lines))


def _values(values: object) -> str:
    """「所属：商工労働課 → 商工振興課、氏名：…」."""
    found = values.items() if isinstance(values, dict) else ()
    pairs = [(name, both) for name, both in found if isinstance(both, (list, tuple)) and len(both) == 2]
    return "、".join(f"{name}：{in_words(was)} → {in_words(now)}" for name, (was, now) in pairs) or "変更なし"

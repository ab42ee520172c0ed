"""The beginning of a term: its years and scale, the pledges that were brought in, and its taking back."""

from collections.abc import Iterator
from typing import Any

from tracker.choices import EventKind
from tracker.cycle.event_words.catalogue import change_lines, wordless_changes
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import UNNAMED, goal_in, in_words, label_of, model_of, texts_in, year_in
from tracker.models import Event

TERM_ACTS = {
    "任期の開始": "次の任期を始めました。",
    "任期の変更": "始めた任期の内容を変えました。",
    "任期の公約": "任期に公約を加えました。",
    "任期の取消し": "任期の開始を、まるごと取り消しました。",
    "分野と項目の追加": "分野と項目を加えました。",
}
LISTS = {
    "categories": "加えた分野と項目",
    "plan_projects": "加えた関連事業",
    "pledges": "加えた公約",
    "linked": "前の任期の公約とつないだ公約",
}
# No database need keep the order of a content.
ORDER = ("title", "first_fiscal_year", "last_fiscal_year", "slug", "実施状況の区分", "追加の項目", *LISTS)
GONE = {"categories": "分野と項目", "plan_projects": "関連事業", "pledges": "公約"}


@words_for(
    EventKind.CATALOGUE,
    keys={"act", "model", "name", "changes", "first_fiscal_year", "gone", *LISTS},
    when=lambda event: str(event.content.get("act")) in TERM_ACTS,
    wordless=lambda event: [*wordless_changes(event), *_wordless_gone(event)],
)
def of_term(event: Event, names: Names) -> Told:
    content, gone = event.content, event.content.get("gone")
    lines = [*change_lines(event, is_new=content["act"] == "任期の開始"), *_first_year(content)]
    for name, label in LISTS.items():
        lines += _listed(label, content.get(name))
    if isinstance(gone, dict):
        lines += _gone_lines(gone)
    places = [str(row[0]) for name in ("pledges", "linked") for row in _rows(content.get(name))]
    told = TERM_ACTS[str(content["act"])]
    return Told(told, lines=tuple(lines), places=tuple(places), reason_label="取り消す理由")


def _wordless_gone(event: Event) -> list[str]:
    gone, model = event.content.get("gone"), model_of("manifesto")
    named = [name for name in gone if name not in GONE] if isinstance(gone, dict) else []
    return [f"gone {name}" for name in named if label_of(model, name) == UNNAMED]


def _first_year(content: dict[str, Any]) -> Iterator[Line]:
    if year := year_in(content.get("first_fiscal_year")):
        yield Line("取組の始まりの年度", None, year)


def _gone_lines(gone: dict[str, Any]) -> Iterator[Line]:
    model = model_of("manifesto")
    for name in sorted(gone, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        value = gone[name]
        if name in GONE:
            yield from _listed(f"なくなった{GONE[name]}", value)
        else:
            field = model and next((each for each in model._meta.fields if each.name == name), None)
            yield Line(label_of(model, name), None, in_words(value, field))


def _listed(label: str, rows: object) -> Iterator[Line]:
    if found := _rows(rows):
        yield Line(f"{label}（{len(found)}）", None, "\n".join(map(_row, found)))


def _rows(rows: object) -> list[list[Any]]:
    return [row for row in rows if isinstance(row, list) and row] if isinstance(rows, list) else []


def _row(row: list[Any]) -> str:
    """「1-1-1 ①駅を直します（前の任期の 1-1-2 の続き、土木課）」."""
    words = " ".join(str(part) for part in row[:2] if part)
    former = [f"前の任期の {row[2]} の続き"] if len(row) > 2 and row[2] else []
    parts = _rows(row[3]) if len(row) > 3 else []
    more = "、".join([*former, *filter(None, map(_part, parts))])
    return f"{words}（{more}）" if more else words


def _part(part: list[Any]) -> str:
    offices, projects = texts_in(part[0]), texts_in(part[1]) if len(part) > 1 else []
    goals = part[2] if len(part) > 2 and isinstance(part[2], list) else []
    indicators = texts_in(part[3]) if len(part) > 3 else []
    told = [*offices, *projects, *(f"SDGs {goal_in(goal)}" for goal in goals)]
    told += [f"指標「{name}」" for name in indicators]
    told = [f"「{part[4]}」" if len(part) > 4 else "", *told]
    return "・".join(filter(None, told))

"""Master data: each value before and after, and the rows that are edited with a thing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from tracker.choices import EventKind
from tracker.cycle.event_words.cells import cell_in_words, cell_lines
from tracker.cycle.event_words.duties import duty_lines
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.subjects import is_private
from tracker.cycle.event_words.told import EMPTY, Line, Told
from tracker.cycle.event_words.values import (
    UNNAMED,
    field_of,
    in_words,
    is_empty,
    is_untouched,
    label_of,
    model_of,
    texts_in,
    year_in,
)
from tracker.models import Event

IMPORTED = {"取込で追加", "取込で変更"}  # whose changes are cells, by their headings
CREATED = {"追加", "取込で追加"}
ACTS = {
    "追加": "{}を追加しました。",
    "変更": "{}を変えました。",
    "削除": "{}を削除しました。",
    "取込で追加": "表を取り込んで、{}を追加しました。",
    "取込で変更": "表を取り込んで、{}を変えました。",
    "パスワードの設定": "パスワードを設定しました。",
    "パスワードの変更": "本人がパスワードを変えました。",
    "ログインの停止の解除": "ログインの停止を解きました。",
    "2 段階認証の設定（本人）": "本人が、2 段階認証のアプリを設定しました。",
    "2 段階認証の解除": "2 段階認証を解除しました。次のログインで設定し直します。",
    "回復コードの作り直し（本人）": "本人が、回復コードを作り直しました。",
    "回復コードでのログイン": "アプリの代わりに、回復コードを使いました。",
    "招待": "招待しました。",
    "パスワードの再設定の案内": "パスワードを設定しなおす案内を作りました。",
    "パスワードの設定（本人が招待番号で）": "本人が、招待の番号でパスワードを設定しました。",
    "公約の追加": "公約を加えました。",
    "取組の追加": "公約に取組を加えました。",
    "誤字の訂正": "{}の誤字を直しました。",
    "公約の終わり": "公約を終わったものとしました。",
    "取組の分割": "取組を分けました。",
    "公約の移動": "公約を移しました。",
}
MID_TERM = {"ended", "begun", "rows_gone"}  # what an act on a pledge tells of its initiatives

MOST_LABELS = 3  # named in the sentence; of more changes, the thing
# What a row that is edited with a thing is called by.
ROW_NAMES = {
    "rating": ("code", "label"),
    "category": ("number", "name"),
    "initiative": ("position",),
    "membership": ("department",),
    "departmentsuccession": ("successor",),
}
Row = Mapping[str, Any]


def wordless_changes(event: Event) -> list[str]:
    """The changed fields that nobody has a name for."""
    model = _model(event)
    return [f"field {name}" for name in _changes(event) if label_of(model, name.partition(":")[0]) == UNNAMED]


def change_lines(event: Event, *, is_new: bool) -> list[Line]:
    """A line for each value that has changed, or that a new thing has."""
    return list(_lines(_model(event), _changes(event), "追加" if is_new else "変更"))


def _wordless(event: Event) -> list[str]:
    act = event.content.get("act")
    return [*([] if act is None or str(act) in ACTS else [f"act {act}"]), *wordless_changes(event)]


@words_for(
    EventKind.CATALOGUE,
    keys={"act", "model", "name", "place", "changes", *MID_TERM},
    silent={"manifesto", "offices"},  # `offices`: the names of departments whose codes the changes have
    wordless=_wordless,
)
def changed(event: Event, names: Names) -> Told:
    said = event.content.get("act")
    act = said if isinstance(said, str) and said else "変更"
    if act in IMPORTED:
        lines = tuple(_imported_lines(event, act, names))
    else:
        lines = tuple(_lines(_model(event), _changes(event), act))
    labels = list(dict.fromkeys(line.label for line in lines))
    more, places = _mid_term(event)
    kind = in_words(event.content.get("model") or "基本データ")
    is_named = act.endswith("変更") and 0 < len(labels) <= MOST_LABELS and not is_private(event)
    subject = f"{'・'.join(labels)}" if is_named else kind
    what = ACTS[act].format(subject) if act in ACTS else f"{kind}：{act}"
    return Told(what, lines=(*lines, *more), places=places)


def _mid_term(event: Event) -> tuple[list[Line], tuple[str, ...]]:
    """What an act on a pledge did to its initiatives, and their places."""
    told: dict[str, list[str]] = {name: [] for name in MID_TERM}
    places: list[str] = []
    for name, found in told.items():
        rows = event.content.get(name)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, list) and len(row) > 1:
                places.append(str(row[0]))
                offices = f"、{'、'.join(texts_in(row[2]))}" if len(row) > 2 and row[2] else ""
                found.append(f"{row[0]}（{year_in(row[1]) or '？'}{offices}）")
    labels = {"ended": "終わった取組", "begun": "始まる取組", "rows_gone": "なくした、まだ書かれていない報告"}
    return [Line(labels[n], None, "、".join(told[n])) for n in labels if told[n]], tuple(places)


@words_for(
    EventKind.CATALOGUE,
    keys={"place", "model", "name", "last_fiscal_year", "departments", "deleted_rows"},
    silent={"manifesto"},
    when=lambda event: "last_fiscal_year" in event.content,
)
def ended(event: Event, names: Names) -> Told:
    content, years = event.content, event.content.get("deleted_rows")
    rows = [year_in(year) for year in years if year_in(year)] if isinstance(years, list) else []
    lines = (Line("なくした、まだ書かれていない報告", None, "、".join(rows)),) if rows else ()
    told = f"この取組を{year_in(content['last_fiscal_year']) or '？'}で終わったものとしました。"
    offices = tuple(texts_in(content.get("departments")))
    return Told(told, lines=lines, departments=offices, reason_label="終わる理由")


def _imported_lines(event: Event, act: str, names: Names) -> Iterable[Line]:
    stored = event.content.get("offices")
    offices = stored if isinstance(stored, dict) else names.offices
    for heading, (before, after) in _changes(event).items():
        was, now = str(before or ""), str(after or "")
        if act in CREATED:
            yield Line(label_of(None, heading), None, cell_in_words(heading, now, offices))
        else:
            yield from cell_lines(heading, was, now, offices)


def _model(event: Event) -> type[Model] | None:
    return model_of(event.subject.partition(":")[0])


def _changes(event: Event) -> dict[str, tuple[Any, Any]]:
    """Before and after by name; what is of another make is left to be told by nobody."""
    told = event.content.get("changes")
    found = told.items() if isinstance(told, dict) else ()
    pairs = ((name, both) for name, both in found if isinstance(both, (list, tuple)) and len(both) == 2)
    return {name: (before, after) for name, (before, after) in pairs}


def _lines(model: type[Model] | None, found: Mapping[str, tuple[Any, Any]], act: str) -> Iterable[Line]:
    rows: dict[str, list[tuple[Row | None, Row | None]]] = {}
    for name, (before, after) in found.items():
        accessor, colon, _key = name.partition(":")
        if colon and all(value is None or isinstance(value, dict) for value in (before, after)):
            rows.setdefault(accessor, []).append((before, after))
        else:
            yield from _line(model, name, before, after, act)
    for accessor, pairs in rows.items():
        if accessor == "assignments":
            yield from duty_lines(pairs)
        else:
            yield from _row_lines(model, accessor, pairs)


def _line(model: type[Model] | None, name: str, before: object, after: object, act: str) -> Iterable[Line]:
    field = field_of(model, name)
    label = label_of(model, name)
    if act in CREATED or act == "削除":
        value = before if act == "削除" else after
        if not is_untouched(value, field):
            yield Line(label, None, _value(name, value, field))
    else:
        yield Line(label, _value(name, before, field), _value(name, after, field))


def _value(name: str, value: object, field: Any) -> str:
    """A value under the name of its field, or under a name for people: a year is told as one under both."""
    return (name.endswith(("年度", "_year")) and year_in(value)) or in_words(value, field)


def _row_lines(
    parent: type[Model] | None, accessor: str, pairs: Iterable[tuple[Row | None, Row | None]]
) -> Iterable[Line]:
    relation = field_of(parent, accessor)
    model = getattr(relation, "related_model", None)
    label = str(model._meta.verbose_name) if model else label_of(None, accessor)
    above = getattr(getattr(relation, "field", None), "name", "")  # its parent: told already
    for before, after in pairs:
        if before is None:
            yield Line(f"{label}の追加", None, _row_words(model, after or {}, above))
        elif after is None:
            yield Line(f"{label}の削除", None, _row_words(model, before, above))
        else:
            called = f"{label}「{_row_name(model, before, above)}」"
            for name in {**before, **after}:
                if name != above and before.get(name) != after.get(name):
                    field = field_of(model, name)
                    was, now = in_words(before.get(name), field), in_words(after.get(name), field)
                    yield Line(f"{called}の{label_of(model, name)}", was, now)


def _row_name(model: Any, row: Row, above: str) -> str:
    return _called(model, row) or _row_words(model, row, above)


def _row_words(model: Any, row: Row, above: str) -> str:
    """All that a row says: what it is called by, then its other values with their names."""
    told = {name: field_of(model, name) for name in row if name not in {above, *_names_of(model)}}
    others = [
        f"{label_of(model, name)}：{in_words(row[name], field)}"
        for name, field in told.items()
        if not is_untouched(row[name], field)
    ]
    return "、".join(filter(None, [_called(model, row), *others])) or EMPTY


def _called(model: Any, row: Row) -> str:
    """A row by its names: 「A 達成」; "" where it has none."""
    told = {name: row[name] for name in _names_of(model) if not is_empty(row.get(name))}
    return " ".join(in_words(value, field_of(model, name)) for name, value in told.items())


def _names_of(model: Any) -> tuple[str, ...]:
    return ROW_NAMES.get(model._meta.model_name if model else "", ())

"""Values of an event's content in words, with the Japanese names of fields."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model

from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle.event_words.told import EMPTY
from tracker.words.fiscal_years import day_label, short_label
from tracker.words.sdgs import GOALS

STATES: dict[str, str] = dict([*RoundState.choices, *ActionState.choices])
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_LIST = 20  # places in a line; of more, their number
UNNAMED = "そのほかの記録"
# Kinds of events, where their own name is too short for a list of choices.
KINDS: dict[str, str] = {
    EventKind.IMPORTED: "表の取込",
    EventKind.TRANSITION: "報告の提出・承認など",
    EventKind.CATALOGUE: "基本データの変更",
}
# Who acts where nobody is logged in.
ACTORS = {
    "import_report": "コマンドによる取込（import_report）",
    "create_demo": "見本データの作成（create_demo）",
    "createsuperuser": "コマンドによる管理者の登録（createsuperuser）",
    "changepassword": "コマンドによるパスワードの設定（changepassword）",
}
# Fields that Django names otherwise than this product does.
RENAMED = {"username": "利用者名", "is_active": "使える"}
# Names of what no model's field names, by the key of a content.
LABELS = {
    "SDGs": "SDGs の目標",
    "act": "したこと",
    "added": "加えた取組の数",
    "as_of": "時点",
    "departments": "担当課",
    "due_before": "前の締切日",
    "due_on": "締切日",
    "entries": "取組の数",
    "file": "ファイル",
    "fiscal_year": "年度",
    "last_fiscal_year": "終わりの年度",
    "name": "名称",
    "place": "番号",
    "places": "番号",
    "plan": "翌年度の取組予定",
    "pledge": "公約",
    "rating": "実施状況",
    "rating_reason": "評価を変えた理由",
    "result": "主な取組",
    "rows": "取組の数",
    "carried": "前回の公表のままの取組",
    "left_out": "載せなかった取組",
    "unapproved_reason": "承認されていない取組を残した理由",
}


def model_of(kind: str) -> type[Model] | None:
    """The model that a subject's kind, or a name in a content, stands for."""
    try:
        return apps.get_model("tracker", kind)
    except (LookupError, ValueError):
        return None


def field_of(model: type[Model] | None, name: str) -> Any:
    """A model's field or relation; None where it has none of the name (any more)."""
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def label_of(model: type[Model] | None, name: str) -> str:
    """The name of a field for people. The headings of an imported table are their own names."""
    field = field_of(model, name)
    rows = getattr(field, "related_model", None)  # of a relation that is told as rows
    label = getattr(field, "verbose_name", "") or (rows and rows._meta.verbose_name) or LABELS.get(name, "")
    if name in RENAMED:
        return RENAMED[name]
    if name in LABELS or (label and not str(label).isascii()):
        return str(label)
    return UNNAMED if name.isascii() else name


def in_words(value: object, field: Any = None) -> str:
    """A value as a person reads it: no codes, no JSON."""
    name = getattr(field, "name", "")
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if is_empty(value):
        return "なし" if value == [] and name == "sdgs" else EMPTY
    if isinstance(value, int) and name.endswith("_year"):
        return short_label(value) if 1_000 <= value <= 9_999 else str(value)
    if isinstance(value, str):
        return dict(getattr(field, "flatchoices", ())).get(value) or day_in(value) or value
    if isinstance(value, Mapping):
        return "、".join(_pair(str(key), part) for key, part in value.items() if not is_empty(part)) or EMPTY
    if isinstance(value, Sequence):
        return "、".join(goal_in(part) if name == "sdgs" else in_words(part) for part in value)
    return str(value)


def is_empty(value: object) -> bool:
    return value is None or value == "" or value == {} or value == []


def is_untouched(value: object, field: Any) -> bool:
    """Whether a new thing's value says nothing: nobody chose it."""
    return is_empty(value) or (value is False and isinstance(field, BooleanField))


def _pair(key: str, value: object) -> str:
    return f"{label_of(None, key)}：{in_words(value)}"


def goal_in(number: object) -> str:
    """「4 質の高い教育をみんなに」; what is no goal's number as it is."""
    goal = GOALS.get(number) if isinstance(number, int) else None
    return f"{goal.number} {goal.name}" if goal else in_words(number)


def day_in(written: Any) -> str:
    """「令和7年3月31日」 for a date as JSON holds it; "" for anything else."""
    try:
        return day_label(date.fromisoformat(written)) if DAY.fullmatch(str(written)) else ""
    except ValueError:
        return ""


def year_in(value: object) -> str:
    """「令和6年度」; "" for what is no year."""
    return short_label(value) if isinstance(value, int) and 1_000 <= value <= 9_999 else ""


def texts_in(value: object) -> list[str]:
    """The texts of a list in a content; none of anything else."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def actor_in_words(actor: str) -> str:
    return ACTORS.get(actor, actor)


def listed(places: Sequence[str]) -> str:
    """「1-1-1-1、1-1-1-2」, and the number of all where they are many."""
    more = f" など {len(places):,} 件" if len(places) > LONGEST_LIST else ""
    return "、".join(places[:LONGEST_LIST]) + more

"""Yearly actions: what somebody did with a row, and what it said then."""

from collections.abc import Iterator, Mapping

from tracker.choices import CANCELLED, ActionField, ActionState, EventKind
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.subjects import thing_of, untold
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import STATES, in_words, texts_in
from tracker.models import Event
from tracker.words.step_names import NOT_RATED

State = ActionState
SENTENCES: dict[tuple[str, str], str] = {
    (State.NOT_STARTED, State.DRAFT): "書き始めました。",
    (State.DRAFT, State.SUBMITTED): "提出しました。",
    (State.RETURNED, State.SUBMITTED): "直して、もう一度提出しました。",
    (State.SUBMITTED, State.APPROVED): "承認しました。",
    (State.SUBMITTED, State.RETURNED): "差し戻しました。",
    (State.APPROVED, State.RETURNED): "承認を取り消して、差し戻しました。",
    (State.DRAFT, State.NOT_STARTED): "書いたものを取り消し、書き始める前に戻しました。",
    (State.SUBMITTED, State.NOT_STARTED): "提出を取り消し、書き始める前に戻しました。",
    (State.SUBMITTED, State.DRAFT): "提出を取り消し、入力中に戻しました。",
    (State.DRAFT, State.DRAFT): "内容を書き換えました。",
    (State.RETURNED, State.RETURNED): "差し戻された内容を書き換えました。",
    (State.SUBMITTED, State.SUBMITTED): "企画の項目に記入しました。",
    (State.DRAFT, State.IN_SECTION): "提出し、課長の確認に回しました。",
    (State.RETURNED, State.IN_SECTION): "直して、もう一度提出し、課長の確認に回しました。",
    (State.IN_SECTION, State.SUBMITTED): "課長が確認し、企画に提出しました。",
    (State.IN_SECTION, State.RETURNED): "課長が差し戻しました。",
    (State.IN_SECTION, State.DRAFT): "提出を取り下げ、入力中に戻しました。",
    (State.IN_SECTION, State.NOT_STARTED): "提出を取り消し、書き始める前に戻しました。",
    **{(state, CANCELLED): "報告回の取消しで、取組の行がなくなりました。" for state in State},
}
# Where the department itself goes a way that a return takes, too.
WITHDRAWN_SENTENCES: dict[str, str] = {
    State.DRAFT: "提出を取り下げ、入力中に戻しました。",
    State.RETURNED: "提出を取り下げ、差し戻されたところに戻しました。",
}
UNRATED, UNCHOSEN = "評価を付けない", "（選ばれていません）"
TOLD = {"fiscal_year", "place", "pledge", "departments", "return_field", *ActionField.values}
TOLD |= {"is_unrated", "rating_label", "rating_before", "rating_before_label", "was_reported"}
TOLD |= {"round_name", "former_texts", "withdrawn", "extra_values", "extra_words", "return_label"}


def _wordless(event: Event) -> list[str]:
    way = event.from_state, event.to_state
    return [] if way in {("", ""), *SENTENCES} else [f"way {way[0]} > {way[1]}"]


@words_for(EventKind.TRANSITION, keys=TOLD, silent={"manifesto", "version"}, wordless=_wordless)
def moved(event: Event, names: Names) -> Told:
    content = event.content
    field = dict(ActionField.choices).get(str(content.get("return_field") or ""))
    field = _text(content, "return_label") or field
    is_withdrawn = bool(content.get("withdrawn"))
    is_returned = event.to_state == State.RETURNED and not is_withdrawn
    label = f"差戻しの理由{f'（{field}について）' if field else ''}" if is_returned else "理由"
    offices = tuple(texts_in(content.get("departments"))) or thing_of(event, names).departments
    return Told(
        (WITHDRAWN_SENTENCES.get(event.to_state) if is_withdrawn else None)
        or SENTENCES.get((event.from_state, event.to_state))
        or _plainly(event),
        lines=tuple(_lines(event, names)),
        texts=(*_texts(event, names), *_former_texts(event)),
        departments=offices,
        reason_label=label,
        untold=untold(event, names),
    )


def _former_texts(event: Event) -> Iterator[tuple[str, str]]:
    """What a row that went with its round had said before, and who wrote it."""
    former = event.content.get("former_texts")
    for each in former if isinstance(former, list) else ():
        by = str(each.get("written_by") or "") if isinstance(each, dict) else ""
        for name, label in ActionField.choices if isinstance(each, dict) else ():
            if text := each.get(name):
                yield f"前の{label}{f'（{by}）' if by else ''}", in_words(text)
        for label, text in extra_words_in(each) if isinstance(each, dict) else ():
            yield f"前の{label}{f'（{by}）' if by else ''}", text


def _plainly(event: Event) -> str:
    before, after = (STATES.get(state, "") for state in (event.from_state, event.to_state))
    return f"状態を「{before or '不明'}」から「{after or '不明'}」に変えました。"


def _lines(event: Event, names: Names) -> list[Line]:
    """The rating, where it is no longer that of the last report."""
    content = event.content
    if "rating_before" not in content or not (content.get("rating") or content.get("is_unrated")):
        return []
    before = _step(event, "rating_before", names)
    if before is None and not content.get("was_reported", False):
        return []
    now = _step(event, "rating", names)
    if before == now:
        return []
    return [Line("実施状況", before or NOT_RATED, now or NOT_RATED, "前回の公表から")]


def _texts(event: Event, names: Names) -> list[tuple[str, str]]:
    content = event.content
    rating = _step(event, "rating", names) or (UNRATED if content.get("is_unrated") else UNCHOSEN)
    found = [(str(ActionField.RESULT.label), _text(content, "result")), ("実施状況", rating)]
    if reason := _text(content, "rating_reason"):
        found.append((str(ActionField.RATING_REASON.label), reason))
    return [*found, (str(ActionField.PLAN.label), _text(content, "plan")), *extra_words_in(content)]


def extra_words_in(content: Mapping[str, object]) -> list[tuple[str, str]]:
    """The extra columns' names of then, and their values in words."""
    told = content.get("extra_words")
    return [(str(label), str(words)) for label, words in told.values()] if isinstance(told, dict) else []


def _text(content: dict[str, object], name: str) -> str:
    return str(content.get(name) or "")


def _step(event: Event, name: str, names: Names) -> str | None:
    """「A 達成」 as it was called then, else as today; None for no step."""
    content = event.content
    code = content.get(name)
    if not isinstance(code, str) or not code:
        return None
    return str(content.get(f"{name}_label") or names.steps.get((str(content.get("manifesto")), code), code))

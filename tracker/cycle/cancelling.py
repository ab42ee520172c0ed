"""A round that was opened by mistake goes, with its rows. Everything that was typed stays, in the events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.choices import CANCELLED, ActionState, BatchState, EventKind
from tracker.cycle import events, manifestos, rounds
from tracker.cycle.former_texts import TEXTS
from tracker.cycle.recorded import extra_told, happening
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, FormerText, ReportingRound, SentMail, User, YearlyAction
from tracker.models.reporting import read_indicators
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import round_label
from tracker.words.visible import says_nothing


class WrittenMeanwhile(RoundProblem):
    """Somebody has written into the round since its rows were shown."""


@dataclass(frozen=True)
class TypedRow:
    """A row into which somebody has written: who, how much stands there, and how many former texts it has."""

    row: YearlyAction
    former: list[FormerText]

    @property
    def writers(self) -> list[str]:
        """Who wrote, handed in or approved, as far as it is known."""
        people = [self.row.saved_by, self.row.submitted_by, self.row.approved_by]
        people += [each.written_by for each in self.former]
        return list(dict.fromkeys(person.signature for person in people if person))

    @property
    def characters(self) -> int:
        texts = [*(getattr(self.row, name) for name in TEXTS), *self.row.extra_values.values()]
        return sum(map(len, texts))


def typed_rows(round: ReportingRound) -> list[TypedRow]:
    """The rows that somebody has written into, in the table's order. A constant number of queries."""
    return [each for each in _rows(round) if each.former or _is_written(each.row)]


def _is_written(row: YearlyAction) -> bool:
    return row.state != ActionState.NOT_STARTED and not row.is_as_begun


def _rows(round: ReportingRound) -> list[TypedRow]:
    found = YearlyAction.objects.filter(round=round).with_place().with_departments()
    former: dict[int, list[FormerText]] = {}
    for each in FormerText.objects.filter(action__round=round).select_related("written_by").order_by("pk"):
        former.setdefault(each.action_id, []).append(each)
    rows = list(found.select_related("saved_by").in_table_order())
    read_indicators(rows)
    return [TypedRow(row, former.get(row.pk, [])) for row in rows]


def seen_digest(typed: Iterable[TypedRow]) -> str:
    """What a person has looked at before cancelling: it changes with every row that is written into."""
    return sha256(canonical_json([[each.row.pk, each.row.version] for each in typed]))


@transaction.atomic
def cancel(round: ReportingRound, *, by: User, reason: str, seen: str) -> None:
    """Takes a round back that was never published, with its rows, sheets and mails.

    `seen` is the `seen_digest` of what the person has looked at. Every row that says something leaves an
    event with what it said, and what it had said before. Raises RoundProblem, WrittenMeanwhile.
    """
    round = rounds.locked_whole(round, by)
    rounds.require_unpublished(round, "取り消せません")
    if says_nothing(reason):
        raise RoundProblem("取り消す理由を書いてください。", "reason")
    rows = _rows(round)
    typed = [each for each in rows if each.former or _is_written(each.row)]
    if seen != seen_digest(typed):
        words = "確かめているあいだに、だれかが書き込みました。まだ取り消していません。"
        raise WrittenMeanwhile(f"{words}下の一覧をもう一度確かめてください。")
    steps = dict(round.manifesto.ratings.values_list("pk", "code"))
    told = [_of_row(each, reason.strip(), steps) for each in rows if _says_something(each)]
    events.record_all([_of_round(round, rows, len(typed), reason.strip()), *told], by=by.signature)
    SentMail.objects.filter(round=round).delete()
    YearlyAction.objects.filter(round=round).delete()
    round.delete()


def _says_something(each: TypedRow) -> bool:
    return bool(each.former) or each.row.state != ActionState.NOT_STARTED


def _of_row(each: TypedRow, reason: str, steps: Mapping[int, str]) -> Event:
    told = happening(each.row, each.row.state, reason)
    told.to_state = CANCELLED
    if each.former:
        told.content["former_texts"] = [_of_former(text, each.row, steps) for text in each.former]
    return told


def _of_former(text: FormerText, row: YearlyAction, steps: Mapping[int, str]) -> dict[str, Any]:
    """A text that was replaced, in an event's words: its rating by the code."""
    said = {name: value for name, value in text.content.items() if name != "rating_id"}
    by = text.written_by.signature if text.written_by else ""
    rating = steps.get(text.content.get("rating_id") or 0)
    said |= extra_told(row, text.content.get("extra_values") or {})
    return {**said, "rating": rating, "written_by": by, "written_at": _moment(text.written_at)}


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _of_round(round: ReportingRound, rows: Iterable[TypedRow], typed: int, reason: str) -> Event:
    mails = SentMail.objects.filter(round=round).order_by("pk")
    sheets = round.sheet_batches.filter(state=BatchState.READY).order_by("pk")
    content = {
        "round": round.pk,
        "fiscal_year": round.fiscal_year,
        "name": round.name,
        "as_of": str(round.as_of),
        "due_on": str(round.due_on or ""),
        "typed": typed,
        "rows": {str(each.row.pk): each.row.place for each in rows},
        "mails": [
            [kind, _moment(sent_at), code or "", to]
            for kind, sent_at, code, to in mails.values_list(
                "kind", "sent_at", "department__code", "recipient"
            )
        ],
        "unconfirmed_sheets": list(sheets.values_list("file_name", flat=True)),
    }
    told = Event(kind=EventKind.ROUND, subject=round.subject, reason=reason, content=content)
    told.from_state, told.to_state = str(round.state), CANCELLED
    return told


def cancellation_of_row(pk: int) -> Event | None:
    """The event of the round that a row went with; None for a row that was in no cancelled one."""
    return next((event for event in _cancellations() if str(pk) in event.content.get("rows", {})), None)


def cancellation_of_round(pk: int) -> Event | None:
    """The event of a round's cancellation; None for a round that was not cancelled."""
    return next((event for event in _cancellations() if event.content.get("round") == pk), None)


def _cancellations() -> Iterable[Event]:
    return Event.objects.filter(kind=EventKind.ROUND, to_state=CANCELLED).order_by("-number")


def in_words(event: Event) -> str:
    """What has become of a cancelled round, for whoever was at work in it."""
    year = round_label(event.content["fiscal_year"], event.content["name"])
    slug = event.subject.partition(":")[2].partition("/")[0]
    words = f"{year}{manifestos.beside(slug)}の報告回は、企画が取り消しました（理由：{event.reason}）。"
    return f"{words}それまでに保存した内容は履歴に残っているので、必要なときは企画に連絡してください。"

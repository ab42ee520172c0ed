"""The import of a table is undone as a whole, while nothing that it wrote was changed or published since."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_

from django.db import transaction
from django.db.models import Model, ProtectedError, Q

from tracker.choices import EventKind, RoundState
from tracker.cycle import events, one_writer, permissions, recorded, rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import (
    ROWS_PER_STATEMENT,
    Assignment,
    Department,
    Manifesto,
    ReportingRound,
    TableImport,
    TableUpload,
    User,
    YearlyAction,
)
from tracker.published_tables.journal import JournalLine, Values, lines_of, model_named, row_of, values_of
from tracker.words.visible import says_nothing

# What goes with a round that an import made, and was written for nothing else.
GOES_ALONG = {"TableImport", "TableLayout", "SheetExport", "SheetBatch"}
ANSWERED = {"ExtraColumn", "Indicator"}  # what is filled in, in rows
MOST_NAMED = 5


@dataclass(frozen=True)
class TakenBack:
    """What taking back does: how many rows go, are as they were before, or come back; and who stays.

    `staying` are departments that the import made and that somebody has used since.
    """

    gone: Counter[str]
    restored: Counter[str]
    staying: list[Department]


def last_import(round: ReportingRound) -> TableImport | None:
    """The import that can be taken back now: the manifesto's last, if it is of this round.

    Publishing forgets them all (reports/publishing.py).
    """
    last = TableImport.objects.filter(round__manifesto=round.manifesto_id).order_by("-pk").first()
    return last if last and last.round_id == round.pk else None


@transaction.atomic
def take_back(round: ReportingRound, *, by: User, reason: str) -> TakenBack:
    """Undoes the last import of a round. Raises RoundProblem, naming what was changed since."""
    if not permissions.may_run_rounds(by):
        raise RoundProblem("取り込みを取り消せるのは企画の職員だけです。")
    if says_nothing(reason):
        raise RoundProblem("取り消す理由を書いてください。", "reason")
    one_writer.wait_for_turn()
    rounds.lock_all(round.manifesto_id)
    if (found := last_import(round)) is None:
        raise RoundProblem("取り消せる取り込みがありません。公表したか、ほかの人が取り消しています。")
    lines = lines_of(found.journal)
    _require_untouched(round.manifesto, lines)
    _require_unanswered(round.manifesto, lines)
    undone, digests = _undo(lines)
    gone = [line.pk for line in lines if line.model == "YearlyAction" and line.before is None]
    content = {
        "file": found.file_name,
        "import": found.event_number,
        "gone": dict(undone.gone),
        "restored": dict(undone.restored),
        "row_digests": digests,
        "taken_back": gone,
    }
    TableImport.objects.filter(pk=found.pk).delete()
    # The table can be read otherwise, and loaded again, without being uploaded once more.
    TableUpload.objects.filter(event_number=found.event_number).update(event_number=None, round=None)
    subject, words = f"manifesto:{round.manifesto.slug}", f"取り込みの取消し：{reason.strip()}"
    events.record(by=by.signature, kind=EventKind.IMPORTED, subject=subject, content=content, reason=words)
    return undone


def _require_untouched(manifesto: Manifesto, lines: Iterable[JournalLine]) -> None:
    """Raises RoundProblem where a row does not say any more what the import wrote."""
    if manifesto.rounds.filter(state=RoundState.CORRECTING).exists():
        raise RoundProblem("訂正中の報告回があるので、取り消せません。")
    written: dict[str, dict[int, Values]] = {}
    for line in lines:
        if line.now is not None:
            written.setdefault(line.model, {})[line.pk] = line.now
    touched: list[str] = []
    for name, wanted in written.items():
        rows = _rows(name, wanted)
        touched += [
            _named(rows.get(pk), name, pk) for pk, now in wanted.items() if _differs(rows.get(pk), now)
        ]
    if touched:
        more = f" など {len(touched)} 件" if len(touched) > MOST_NAMED else ""
        words = "取り込んだあとに変更されたものがあるので、取り消せません：%s%s。"
        raise RoundProblem(words % ("、".join(touched[:MOST_NAMED]), more))


def _require_unanswered(manifesto: Manifesto, lines: Iterable[JournalLine]) -> None:
    """Raises RoundProblem where rows that are not the import's answer a column, or an indicator, that is."""
    made = [line.now for line in lines if line.model in ANSWERED and line.before is None and line.now]
    codes = {values["code"]: values.get("label") or values["name"] for values in made}
    if not codes:
        return
    own = {line.pk for line in lines if line.model == "YearlyAction"}
    rows = YearlyAction.objects.filter(round__manifesto=manifesto)
    held = [values for pk, values in rows.values_list("pk", "extra_values") if pk not in own]
    former = rows.filter(former_texts__isnull=False).values_list("former_texts__content", flat=True)
    held += [content.get("extra_values") or {} for content in former]
    if answered := [label for code, label in codes.items() if any(code in values for values in held)]:
        names = "、".join(f"「{label}」" for label in answered[:MOST_NAMED])
        words = "取り込みで加わった%sに、あとから入力されたものがあるので、取り消せません。"
        raise RoundProblem(words % names)


def _differs(row: Model | None, now: Values) -> bool:
    said = values_of(row) if row else {}
    return any(said.get(name) != value for name, value in now.items())


def _named(row: Model | None, name: str, pk: int) -> str:
    kind = model_named(name)._meta.verbose_name
    return f"{kind}「{row}」" if row else f"{kind}（{pk} 番、削除されています）"


def _rows(name: str, pks: Iterable[int]) -> dict[int, Model]:
    found: dict[int, Model] = {}
    for chunk in _chunks(sorted(pks)):
        rows = model_named(name)._base_manager.filter(pk__in=chunk)
        found |= {row.pk: row for row in rows}
    return found


def _undo(lines: Sequence[JournalLine]) -> tuple[TakenBack, dict[str, str]]:
    """Undoes the lines, last first. Returns what it did, and the digests of the yearly actions restored."""
    gone, restored, restored_rows = Counter[str](), Counter[str](), list[int]()
    staying = _staying(lines)
    stay = {("Department", department.pk) for department in staying}
    for (name, was_made, is_gone), group in groupby(lines[::-1], _kind):
        own = [line for line in group if (line.model, line.pk) not in stay]
        if was_made:
            _delete(name, [line.pk for line in own])
            gone[name] += len(own)
            continue
        rows = [row_of(name, line.before or {}) for line in own]
        if is_gone:
            model_named(name)._base_manager.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)
        else:
            _restore(name, rows)
        restored[name] += len(own)
        restored_rows += [line.pk for line in own if name == "YearlyAction"]
    actions = YearlyAction.objects.filter(pk__in=restored_rows).select_related("rating")
    return TakenBack(+gone, +restored, staying), {str(row.pk): recorded.digest_of(row) for row in actions}


def _kind(line: JournalLine) -> tuple[str, bool, bool]:
    return line.model, line.before is None, line.now is None


def _staying(lines: Sequence[JournalLine]) -> list[Department]:
    """Departments that the import made and that others than its own rows name: duties of other initiatives,
    people, successions, names, mails.
    """
    made, duties = (
        [line.pk for line in lines if line.model == name and line.before is None]
        for name in ("Department", "Assignment")
    )
    own = set(duties)
    held = Assignment.objects.filter(department__in=made).values_list("pk", "department")
    of_others = {department for pk, department in held if pk not in own}
    named = ("memberships", "successions", "inheritances", "former_names", "sent_mails", "refused_mails")
    used = reduce(or_, (Q((f"{relation}__isnull", False)) for relation in named), Q(pk__in=of_others))
    return list(Department.objects.filter(used, pk__in=made).distinct().order_by("code"))


def _restore(name: str, rows: Sequence[Model]) -> None:
    model = model_named(name)
    columns = [each.name for each in model._meta.concrete_fields if not each.primary_key]
    model._base_manager.bulk_update(rows, columns, batch_size=100)


def _delete(name: str, pks: Sequence[int]) -> None:
    """Deletes rows. Raises RoundProblem where others, which the import did not write, would go with them."""
    model = model_named(name)
    for chunk in _chunks(pks):
        try:
            _count, kinds = model._base_manager.filter(pk__in=chunk).delete()
        except ProtectedError as problem:
            names = "、".join(sorted({str(each) for each in problem.protected_objects})[:MOST_NAMED])
            raise RoundProblem(
                f"取り込んだあとに加えられたものがあるので、取り消せません：{names}。"
            ) from problem
        others = {kind.rpartition(".")[2] for kind, count in kinds.items() if count} - GOES_ALONG - {name}
        if others:
            kinds_told = "、".join(sorted(str(model_named(each)._meta.verbose_name) for each in others))
            words = "取り込んだものの下に、あとから加えられたもの（%s）があるので、取り消せません。"
            raise RoundProblem(words % kinds_told)


def _chunks(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    return (pks[at : at + ROWS_PER_STATEMENT] for at in range(0, len(pks), ROWS_PER_STATEMENT))

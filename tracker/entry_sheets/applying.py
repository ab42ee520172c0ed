"""A confirmed sheet is written through the workflow, all or nothing. It can be taken back until touched."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from tracker.choices import BatchState
from tracker.cycle import permissions, workflow, workflow_in_bulk
from tracker.entry_sheets.planning import Picks, Plan, plan_of
from tracker.models import SheetBatch, User

MOVED_MEANWHILE = (
    "確かめているあいだに、取組が変更されました。まだ何も書き込んでいません。"
    "下の新しい内容をもう一度確かめてください。"
)


class SheetProblem(Exception):  # noqa: N818 - the field's own word for it
    """Something that cannot be done with an uploaded sheet: why, and what to do. Nothing was written."""


class SeenOtherwise(SheetProblem):
    """The database is no longer as the preview showed it: back to the preview."""


@transaction.atomic
def keep_choices(
    batch: SheetBatch, *, by: User, picks: Picks, left_out: Collection[int], submits: bool
) -> SheetBatch:
    """Remembers choices of the preview. Raises SheetProblem where they come too late."""
    batch = _locked(batch, by)
    _require_ready(batch)
    batch.picks = {pk: dict(own) for pk, own in picks.items()}
    batch.left_out, batch.submits = sorted(left_out), submits
    batch.save(update_fields=["picks", "left_out", "submits"])
    return batch


@transaction.atomic
def discard(batch: SheetBatch, *, by: User) -> None:
    """Forgets an uploaded sheet that has written nothing. Raises SheetProblem."""
    batch = _locked(batch, by)
    if batch.state != BatchState.READY:
        raise SheetProblem(f"この取込は「{batch.get_state_display()}」なので、やめられません。")
    batch.delete()


@transaction.atomic
def confirm(batch: SheetBatch, *, by: User, seen: str) -> SheetBatch:
    """Applies a batch as chosen, if its plan is the one that was seen (`Plan.digest`).

    Owner and plan are looked at again here; permission, round, states and versions by the workflow as it
    writes. Raises SheetProblem, SeenOtherwise.
    """
    batch = _locked(batch, by)
    _require_ready(batch)
    plan = plan_of(batch, by)
    _require_decided(plan, seen)
    answers = plan.answers.values()
    try:
        taken = workflow_in_bulk.write_all(answers, by=by, reason=f"入力シート「{batch.file_name}」の取込")
    except workflow.NotNow as problem:
        raise SheetProblem(str(problem)) from problem
    except (workflow.Blocked, workflow.Stale) as problem:
        raise SeenOtherwise(MOVED_MEANWHILE) from problem
    batch.taken = {str(pk): each for pk, each in taken.items()}
    batch.state, batch.plan_digest, batch.confirmed_at = BatchState.APPLIED, seen, timezone.now()
    batch.message = _told(plan) + _told_refused(plan)
    batch.save()
    return batch


def _told(plan: Plan) -> str:
    """What a plan did, once it is applied: a row that is only handed in was not written into."""
    submitted, unwritten = plan.submitted, plan.submitted_as_they_stand
    written = len(plan.answers) - unwritten
    if not written:
        return f"{submitted} 件の取組を提出しました。内容は、前に保存したままです。"
    if not submitted:
        return f"{written} 件の取組に書き込みました（下書き）。"
    if not unwritten and written == submitted:
        return f"{submitted} 件を提出しました。"
    if not unwritten:
        return f"{written} 件の取組に書き込み、うち {submitted} 件を提出しました。"
    return (
        f"{written} 件の取組に書き込み、{submitted} 件を提出しました"
        f"（うち {unwritten} 件は、前に保存したままの内容です）。"
    )


def _told_refused(plan: Plan) -> str:
    """What a plan left as it was because the sheet is wrong there."""
    refused = sum(row.has_error for row in plan.rows)
    words = (
        f"直すところがある {refused} 行は取り込んでいません。シートを直して、もう一度読み込ませてください。"
    )
    return words if refused else ""


@transaction.atomic
def undo(batch: SheetBatch, *, by: User) -> SheetBatch:
    """Takes back what a batch wrote. Its owner may, and the planning office.

    Raises SheetProblem, or Blocked with the rows that were touched since.
    """
    batch = _under_lock(batch)
    if batch.owner_id != by.pk and not permissions.is_planning(by):
        raise SheetProblem("取り消せるのは、取り込んだ人と企画だけです。")
    if batch.state != BatchState.APPLIED:
        raise SheetProblem(f"この取込は「{batch.get_state_display()}」なので、取り消せません。")
    taken = {int(pk): each for pk, each in batch.taken.items()}
    try:
        workflow_in_bulk.take_back(taken, by=by, reason=f"入力シート「{batch.file_name}」の取込の取消し")
    except (workflow.NotNow, workflow.Stale) as problem:
        raise SheetProblem(str(problem)) from problem
    batch.state, batch.undone_at, batch.undone_by = BatchState.UNDONE, timezone.now(), by
    batch.save(update_fields=["state", "undone_at", "undone_by"])
    return batch


def _under_lock(batch: SheetBatch) -> SheetBatch:
    found = SheetBatch.objects.select_for_update(of=("self",))
    return found.select_related("owner", "round__manifesto", "export").get(pk=batch.pk)


def _locked(batch: SheetBatch, by: User) -> SheetBatch:
    """The batch, locked, for its owner."""
    batch = _under_lock(batch)
    if batch.owner_id != by.pk:
        raise SheetProblem("取り込めるのは、このシートを読み込ませた人だけです。")
    return batch


def _require_ready(batch: SheetBatch) -> None:
    if batch.has_expired:
        raise SheetProblem("確認の期限を過ぎました。シートをもう一度読み込ませてください。")
    if batch.state != BatchState.READY:
        raise SheetProblem(f"この取込は「{batch.get_state_display()}」です。")


def _require_decided(plan: Plan, seen: str) -> None:
    if plan.digest != seen:
        raise SeenOtherwise(MOVED_MEANWHILE)
    if undecided := plan.undecided:
        words = "どちらを残すか決まっていない行が %d 行あります。すべて選んでから、取り込んでください。"
        raise SheetProblem(words % len(undecided))
    if not plan.answers:
        raise SheetProblem("取り込む変更がありません。")

"""Publishing, the only code that makes reports: it copies the approved workspace into an immutable report."""

from django.db import transaction
from django.utils import timezone

from tracker.choices import EventKind, RoundState
from tracker.cycle import events, rounds
from tracker.models import EntryIndex, Event, Report, ReportEntry, ReportingRound, TableImport
from tracker.reports.digests import digest
from tracker.reports.drafting import Draft, draft
from tracker.words.visible import says_nothing


class PublishingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A publication that must not happen; the message says why and what to do."""


@transaction.atomic
def publish(
    round: ReportingRound,
    *,
    by: str,
    reason: str = "",
    unapproved_reason: str = "",
    expected: str | None = None,
    whole_catalogue: bool = False,
) -> tuple[Report, bool]:
    """Publishes a round's state. Returns (report, True), or (the report that already says this, False).

    A report for the date already there makes this a correction: the next edition, which needs a `reason`.
    Rows that are not approved need an `unapproved_reason` and stay as they stood in the report before.
    `expected` is the `content_digest` of the draft that a person has looked at. `whole_catalogue`: see
    `draft`; of a table that was imported, all is meant. Raises PublishingProblem when
    a reason is missing, there is nothing to publish, or the content is not the expected one any more.
    """
    round = _locked(round)
    new = draft(round, whole_catalogue=whole_catalogue)
    _require_publishable(new, unapproved_reason, expected)
    last = Report.objects.of(new.report.slug).filter(as_of=round.as_of).order_by("-edition").first()
    if last and new.same_content(last):
        _mark_published(round, by)
        return last, False
    if last and says_nothing(reason):
        raise PublishingProblem(
            "この時点の公表版がすでにあります。訂正として公表するには、訂正の理由が必要です。"
        )
    report = completed(new, last, by=by, reason=reason, unapproved_reason=unapproved_reason)
    _write(new)
    ReportingRound.objects.filter(pk=round.pk).update(state=RoundState.PUBLISHED, picked_changes=[])
    # What came with the same table as an earlier year is public with it.
    told = ReportingRound.objects.before(round).filter(state=RoundState.IMPORTED)
    told.update(state=RoundState.PUBLISHED)
    TableImport.objects.filter(round__manifesto=round.manifesto_id).delete()  # no import is undone any more
    _record(new, by)
    for other in ReportingRound.objects.after(round).select_related("manifesto"):
        if other.state in {RoundState.OPEN, RoundState.CLOSED}:
            rounds.refresh_references(other)
    return report, True


def _locked(round: ReportingRound) -> ReportingRound:
    """The round; nobody publishes or writes into any of the manifesto's rounds meanwhile.

    All of them, because a report tells earlier years too, and is the reference of later ones. Raises
    PublishingProblem.
    """
    try:
        found = {each.pk: each for each in rounds.lock_all(round.manifesto_id)}
    except rounds.RoundProblem as problem:
        raise PublishingProblem(str(problem)) from problem
    if round.pk not in found:
        raise PublishingProblem("この報告回は、いま取り消されました。")
    return found[round.pk]


def _write(new: Draft) -> None:
    new.report.save(force_insert=True)
    ReportEntry.objects.bulk_create(new.entries, batch_size=500)
    EntryIndex.objects.bulk_create([entry.index for entry in new.entries], batch_size=500)


def _record(new: Draft, by: str) -> None:
    report, taken = new.report, [change for change in new.changes if change.is_picked]
    taken_over = [f"{each.what}：{each.before} → {each.after}" for each in taken]
    events.record(
        by=by,
        kind=EventKind.PUBLISHED,
        subject=report.subject,
        reason=report.correction_reason,
        content={
            "digest": report.digest,
            "entries": report.entry_count,
            "unapproved_reason": report.unapproved_reason,
            "carried": [entry.key for entry in new.carried],
            "left_out": [initiative.place for initiative in new.left_out],
        }
        | ({"taken_over": taken_over} if taken_over else {}),
    )


def completed(new: Draft, last: Report | None, *, by: str, reason: str, unapproved_reason: str) -> Report:
    """The draft's report with what it says of its publication, unsaved; `last` is its date's last edition."""
    report = new.report
    report.edition = last.edition + 1 if last else 1
    report.correction_reason = reason.strip() if last else ""
    report.unapproved_reason = unapproved_reason.strip() if _is_incomplete(new) else ""
    report.published_at = timezone.now()
    report.published_by = by
    report.chain_head = events.head()
    report.digest = digest(report, new.entries)
    return report


def _mark_published(round: ReportingRound, by: str) -> None:
    """A round that ends without a new report: a correction that changed nothing."""
    if round.state != RoundState.PUBLISHED:
        ReportingRound.objects.filter(pk=round.pk).update(state=RoundState.PUBLISHED, picked_changes=[])
        happening = Event(kind=EventKind.ROUND, subject=round.subject, from_state=str(round.state))
        happening.to_state = str(RoundState.PUBLISHED)
        events.record_all([happening], by=by)


def _is_incomplete(draft: Draft) -> bool:
    return bool(draft.carried or draft.left_out)


def _require_publishable(new: Draft, unapproved_reason: str, expected: str | None) -> None:
    if expected is not None and expected != new.content_digest:
        raise PublishingProblem(
            "確かめたあとに、公表する内容が変わりました。もう一度確かめてから公表してください。"
        )
    if not new.entries:
        raise PublishingProblem("公表する取組がありません。")
    if _is_incomplete(new) and says_nothing(unapproved_reason):
        count = len(new.carried) + len(new.left_out)
        words = (
            "承認されていない取組が %d 件あります。前回の公表のまま残して公表するには、その理由が必要です。"
        )
        raise PublishingProblem(words % count)

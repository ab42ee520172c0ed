"""Publishing, the only code that makes reports: it copies the approved workspace into an immutable report."""

from django.db import transaction
from django.utils import timezone

from tracker.choices import EventKind, RoundState
from tracker.cycle import events, rounds
from tracker.models import EntryIndex, Event, Manifesto, Report, ReportEntry, ReportingRound
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
) -> tuple[Report, bool]:
    """Publishes a round's state. Returns (report, True), or (the report that already says this, False).

    A report for the date already there makes this a correction: the next edition, which needs a `reason`.
    Rows that are not approved need an `unapproved_reason` and stay as they stood in the report before.
    `expected` is the `content_digest` of the draft that a person has looked at. Raises PublishingProblem when
    a reason is missing, there is nothing to publish, or the content is not the expected one any more.
    """
    rounds_of_manifesto = _locked(round)
    round = rounds_of_manifesto.pop(round.pk)
    new = draft(round)
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
    ReportingRound.objects.filter(pk=round.pk).update(state=RoundState.PUBLISHED)
    _record(new, by)
    for other in rounds_of_manifesto.values():
        if other.fiscal_year > round.fiscal_year and other.state in {RoundState.OPEN, RoundState.CLOSED}:
            rounds.refresh_references(other)
    return report, True


def _locked(round: ReportingRound) -> dict[int, ReportingRound]:
    """The manifesto's rounds by key, oldest first; nobody publishes or writes into them meanwhile.

    All of them, because a report tells earlier years too, and is the reference of later ones.
    """
    Manifesto.objects.select_for_update().get(pk=round.manifesto_id)  # the lock of publications
    locked = ReportingRound.objects.select_for_update(of=("self",)).filter(manifesto=round.manifesto_id)
    return {each.pk: each for each in locked.select_related("manifesto").order_by("fiscal_year")}


def _write(new: Draft) -> None:
    new.report.save(force_insert=True)
    ReportEntry.objects.bulk_create(new.entries, batch_size=500)
    EntryIndex.objects.bulk_create([entry.index for entry in new.entries], batch_size=500)


def _record(new: Draft, by: str) -> None:
    report = new.report
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
        },
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
        ReportingRound.objects.filter(pk=round.pk).update(state=RoundState.PUBLISHED)
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

"""What a correction is for, and which rows it has reopened: told wherever the planning office works in it."""

from dataclasses import dataclass

from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import rounds
from tracker.models import Event, ReportingRound, YearlyAction
from tracker.staff.rounds.access import own_report


@dataclass(frozen=True)
class UnderCorrection:
    """A round under correction. `rows` are those whose approval was taken back since it began."""

    round: ReportingRound
    told: str
    reason: str
    rows: list[YearlyAction]

    @property
    def done(self) -> int:
        """How many of them are approved again."""
        return sum(row.state == ActionState.APPROVED for row in self.rows)


def correction_of(round: ReportingRound) -> UnderCorrection | None:
    """None for a round that is not being corrected. Asks the database a constant number of times."""
    if round.state != RoundState.CORRECTING:
        return None
    own = Event.objects.filter(kind=EventKind.ROUND, subject=round.subject, to_state=RoundState.CORRECTING)
    begun = own.exclude(from_state=RoundState.CORRECTING).order_by("number").last()
    reopened = Event.objects.filter(
        kind=EventKind.TRANSITION,
        number__gt=begun.number if begun else 0,
        from_state=ActionState.APPROVED,
        to_state=ActionState.RETURNED,
    )
    keys = {int(subject.partition(":")[2]) for subject in reopened.values_list("subject", flat=True)}
    rows = YearlyAction.objects.filter(round=round, pk__in=keys).with_place()
    return UnderCorrection(round, _told(round), begun.reason if begun else "", list(rows.in_table_order()))


def _told(round: ReportingRound) -> str:
    """Which edition the correction makes, and that the public reads the former one meanwhile."""
    unchanged = "公表済みの内容は、まだ変わっていません。"
    if report := own_report(round):
        return f"{report.dated_label}の第{report.edition + 1}版を作るための訂正中です。{unchanged}"
    if round.is_public_here and (later := rounds.last_report(round.manifesto)):
        return (
            f"{round.short_label}の内容を訂正中です。この年度は{later.dated_label}の公表版に載っています。"
            f"訂正を終えてから、その版を公表し直します。{unchanged}"
        )
    return "表から取り込んだ内容を、公表の前に訂正中です。この報告回の内容は、まだ公表されていません。"

"""The board of a round: department by state, what is late, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.choices import HANDED_IN, OUTSTANDING, ActionState, RoundState
from tracker.cycle import permissions, rounds, section_check
from tracker.cycle.permissions import Visitor
from tracker.models import Assignment, ReportingRound, YearlyAction
from tracker.models.reporting import late_rows
from tracker.staff.desk.correcting import correction_of
from tracker.staff.desk.filter import NO_DEPARTMENT
from tracker.staff.desk.workbooks import desk_workbook
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round
from tracker.workbooks.list_writing import ListSheet

MISSING_SHOWN = 20


@dataclass(frozen=True)
class BoardLine:
    """One line of the board: a department, or the whole round (`code` ""). `queue` is its rows' address."""

    code: str
    name: str
    queue: str
    counts: dict[ActionState, int]
    open_late: int
    submitted_late: int

    def telling(self, states: list[ActionState]) -> "BoardLine":
        """The line with these states only, of which the others are empty."""
        return replace(self, counts={state: self.counts[state] for state in states})

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return self.total - self.done

    @property
    def done(self) -> int:
        """Submitted or approved."""
        return sum(self.counts[state] for state in HANDED_IN)

    @property
    def approved(self) -> int:
        return self.counts[ActionState.APPROVED]

    @property
    def done_percent(self) -> int:
        """Rounded down: 100 only where all is done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def done_width(self) -> float:
        """The submitted and approved part of a bar 100 wide."""
        return bar_width(self.done, self.total)

    @property
    def approved_width(self) -> float:
        return bar_width(self.approved, self.total)


def bar_width(part: int, whole: int) -> float:
    """A part of a bar 100 wide."""
    return round(100 * part / whole, 1) if whole else 0


@require_safe
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """The board on a page of its own. `?sort=late`: departments that are late first."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    round = a_round(pk)
    context = board_context(round, request.user, latest_first=request.GET.get("sort") == "late")
    return show(request, "rounds/board", title=f"{round.label}の進み具合", **context)


@require_safe
def board_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The board's table as Excel, its numbers as numbers."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    round = a_round(pk)
    shown = board_context(round, request.user, latest_first=request.GET.get("sort") == "late")
    states = [state.label for state in shown["states"]]
    headings = ["担当課", *states, "計", "提出まで済んだ割合（%）", "締切後に未提出", "遅れて提出"]
    lines: list[BoardLine] = [*shown["lines"], shown["whole"]]
    rows: list[list[str | int]] = [
        [line.name, *line.counts.values(), line.total, line.done_percent, line.open_late, line.submitted_late]
        for line in lines
    ]
    return desk_workbook(round, ListSheet("担当課ごとの進み具合", headings, rows))


def board_context(round: ReportingRound, user: Visitor, *, latest_first: bool = False) -> dict[str, Any]:
    """What templates/staff/desk/board.html shows. Five queries, and two for a round with a name."""
    begun_from = round.follows
    days_left = round.days_left(timezone.localdate())
    rows, numbers, lines = YearlyAction.objects.filter(round=round), _aggregates(round), _departments(round)
    if latest_first:
        lines.sort(key=lambda line: (-line.open_late, -line.open, -line.submitted_late))
    whole = _line(round, "", "合計", rows.aggregate(**numbers))
    others = rows.without_department().aggregate(**numbers)
    nobody = _line(round, NO_DEPARTMENT, "担当課なし（企画）", others)
    states = section_check.told_states(round.manifesto, whole.counts)
    missing = rounds.missing_initiatives(round).in_table_order() if round.is_writable else None
    missing_count = missing.count() if missing is not None else 0
    return {
        "round": round,
        "states": states,
        "lines": [each.telling(states) for each in ([*lines, nobody] if nobody.total else lines)],
        "whole": whole.telling(states),
        "counted_again": sum(line.total for line in lines) + nobody.total - whole.total,
        "latest_first": latest_first,
        "days_left": days_left,
        "is_running": round.state != RoundState.PUBLISHED,
        "due_words": due_words(days_left),
        "next_step": next_step(round, whole),
        "stranded": section_check.stranded(rows).count() if whole.counts[ActionState.IN_SECTION] else 0,
        "as_begun": rows.as_begun().count() if begun_from else 0,
        "begun_from": begun_from,
        "correction": correction_of(round),
        "missing_count": missing_count,
        "missing": list(missing[:MISSING_SHOWN]) if missing is not None and missing_count else [],
        "may_run": permissions.may_run_rounds(user),
        "may_publish": permissions.may_publish(user),
    }


def due_words(days_left: int | None) -> str:
    """「あと12日」, 「今日が締切です」, 「締切を3日過ぎました」."""
    if days_left is None:
        return "締切日は決まっていません"
    if days_left > 0:
        return f"あと{days_left}日"
    return f"締切を{-days_left}日過ぎました" if days_left else "今日が締切です"


def next_step(round: ReportingRound, whole: BoardLine) -> str:
    """What the planning office does next, in a sentence or two."""
    waiting = whole.counts[ActionState.SUBMITTED]
    if round.state == RoundState.PUBLISHED:
        told = "公表済みです。公表した" if round.is_public_here else "公表された表から取り込んだ年度です。"
        return f"{told}内容を直すときは、設定で「訂正を始める」を選びます。"
    if round.is_imported:
        later = ReportingRound.objects.after(round).filter(state=RoundState.IMPORTED).exists()
        told = "表から取り込みました。まだ公表していません。"
        if later:
            return f"{told}この年度の内容は、あとの年度の公表版に入ります。"
        return f"{told}内容を確かめて、公表するか、設定で訂正を始めるか、取り込みを取り消してください。"
    if whole.approved == whole.total:
        return "すべての取組が承認済です。公表する内容を確かめて、公表へ進めます。"
    if waiting:
        return f"提出済の取組が {waiting} 件あります。内容を確かめて、承認するか差し戻してください。"
    if round.state == RoundState.CORRECTING:
        return (
            "訂正中です。直す取組の承認を取り消すと、担当課が書き直せます。"
            "直し終わったら、もう一度公表します。"
        )
    if round.state == RoundState.CLOSED:
        return (
            f"締め切りました。承認されていない取組が {whole.open} 件あります。"
            "締切を延ばすか、前回のまま残して公表します。"
        )
    if whole.open_late:
        return f"締切を過ぎた取組が {whole.open} 件あります。催促メールを送るか、締切を延ばしてください。"
    if in_section := whole.counts[ActionState.IN_SECTION]:
        told = f"担当課の入力を待っています（残り {whole.open} 件。"
        return f"{told}そのうち {in_section} 件は、課長の確認待ちです）。"
    return f"担当課の入力を待っています（残り {whole.open} 件）。"


def _aggregates(round: ReportingRound, prefix: str = "") -> dict[str, Count]:
    """Counts per state and of what is late; `prefix` leads from the counted table to the rows."""

    def number(states: Iterable[ActionState], *further: Q) -> Count:
        condition = Q(*further, **{f"{prefix}state__in": states})
        return Count(f"{prefix}pk", filter=condition, distinct=bool(prefix))

    late = late_rows(round, prefix)
    return {
        **{state.value: number([state]) for state in ActionState},
        "submitted_late": number(HANDED_IN, late),
        "open_late": number(OUTSTANDING, late),
    }


def _departments(round: ReportingRound) -> list[BoardLine]:
    """A line per department that answers for rows, by code; counted in the database."""
    path = "initiative__actions__"
    counted: Any = (
        Assignment.objects.answering(round.fiscal_year)
        .filter(**{f"{path}round": round})
        .values("department__code", "department__name")
        .annotate(**_aggregates(round, path))
        .order_by("department__code")
    )
    return [_line(round, each["department__code"], each["department__name"], each) for each in counted]


def _line(round: ReportingRound, code: str, name: str, counts: dict[str, int]) -> BoardLine:
    query = {"round": round.pk} | ({"department": code} if code else {})
    states = {state: counts[state.value] for state in ActionState}
    late = counts["open_late"], counts["submitted_late"]
    return BoardLine(code, name, reverse("staff-queue", query=query), states, *late)

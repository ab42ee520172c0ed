"""What a workbook's row says of a yearly action, in the same words as the desk's pages."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from tracker.models import ExtraColumn, Rating, ReportingRound, YearlyAction
from tracker.models.indicators import Measured
from tracker.staff.desk.filter import RATING_CHANGES, change_between
from tracker.staff.desk.handed_in import HandingIn
from tracker.words.extra_values import asked_in, said
from tracker.words.fiscal_years import short_label
from tracker.words.step_names import NOT_RATED, step_name

PLACE_HEADINGS = ("番号", "分野", "項目", "公約", "取組", "担当課")


def place_cells(action: YearlyAction) -> list[str]:
    """Where a row stands and who answers for it."""
    pledge = action.initiative.pledge
    names = str(pledge.section.parent), str(pledge.section), str(pledge)
    return [action.place, *names, action.initiative.called, action.in_charge]


def rating_name(rating: Rating | None) -> str:
    return step_name(rating.code, rating.label) if rating else NOT_RATED


def text_headings(round: ReportingRound, *, measured: bool) -> list[str]:
    """How the columns of the new texts are called. `measured`: some row of the list has indicators."""
    year = round.fiscal_year
    own = (column.heading for column in _columns_of(round))
    texts = [f"主な取組（{short_label(year)}）", f"取組予定（{short_label(year + 1)}）"]
    return [*texts, *own, *(["指標"] if measured else [])]


def are_measured(rows: Iterable[YearlyAction]) -> bool:
    """Whether some row has indicators to tell of."""
    return any(row.measured for row in rows)


def _columns_of(round: ReportingRound) -> list[ExtraColumn]:
    return asked_in(round.fiscal_year, round.manifesto.columns)


def text_cells(action: YearlyAction, *, measured: bool) -> list[str]:
    """The new texts of a row, as `text_headings` calls them."""
    values = action.extra_values
    own = (said(column, values.get(column.code, "")) for column in action.extra_columns)
    indicators = "\n".join(map(_indicator, action.measured))
    return [action.result, action.plan, *own, *([indicators] if measured else [])]


def _indicator(told: Measured) -> str:
    """「相談件数：1,100 件（目標 1,200 件、未達、91.6%）　速報値です」."""
    came = told.achievement
    about = [f"目標 {told.target_words}" if told.target else "", came.verdict, came.rate_words]
    words = f"{told.indicator}：{told.actual_words or 'まだありません'}（{'、'.join(filter(None, about))}）"
    return f"{words}　{told.note}".rstrip()


def queue_headings(round: ReportingRound, *, with_heads: bool, measured: bool) -> list[str]:
    """`with_heads`: heads have confirmed rows, and two columns tell of it."""
    ratings = ("前回の評価", "今回の評価", "評価の変化", "評価を変えた理由")
    heads = ("確認した課長", "課長が確認した日時") if with_heads else ()
    handed_in = ("提出した人", "提出した日時", *heads, "締切", "承認した人")
    returned = ("企画からの差戻し", "課長からの差戻し")
    texts = text_headings(round, measured=measured)
    return [*PLACE_HEADINGS, "状態", *ratings, *texts, *handed_in, *returned]


def queue_cells(action: YearlyAction, handed_in: HandingIn, *, with_heads: bool, measured: bool) -> list[str]:
    """A line of the queue, as `queue_headings` names it, with its texts in full."""
    before = rating_name(action.reference_rating) if action.was_reported else ""
    after = rating_name(action.rating) if action.has_rating else ""
    ratings = [before, after, change_name(action), action.rating_reason]
    submitted = [_name(action.submitted_by), _moment(handed_in.submitted_at)]
    confirmed = [_name(action.confirmed_by), _moment(handed_in.confirmed_at)] if with_heads else []
    people = [*submitted, *confirmed, handed_in.late, _name(action.approved_by)]
    texts = text_cells(action, measured=measured)
    returned = [action.return_reason, action.section_reason]
    return [*place_cells(action), action.state_label, *ratings, *texts, *people, *returned]


def change_name(action: YearlyAction) -> str:
    """How the rating differs from the reference; empty while none is chosen."""
    if not action.has_rating:
        return ""
    kind = change_between(action.was_reported, action.reference_rating, action.rating)
    return RATING_CHANGES[kind][0]


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _name(person: object) -> str:
    return str(person) if person else ""

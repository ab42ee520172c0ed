"""Which date and which name a round may have. Rounds follow each other by fiscal year and by date alike."""

from datetime import date

from tracker.models import Event, Manifesto, ReportingRound
from tracker.models.reporting import MAX_ROUND_NAME, subject_of_round
from tracker.words.fiscal_years import day_label, label, short_label
from tracker.words.folding import fold
from tracker.words.typed_text import control_refusal, line_refusal


def dates_of(fiscal_year: int) -> tuple[date, date]:
    """The first and the last day as of which a year may be reported on.

    Cities report at the end of March, in the year itself, or some months after it.
    """
    return date(fiscal_year, 4, 1), date(fiscal_year + 1, 12, 31)


def date_refusal(round: ReportingRound) -> str:
    """Why a round, saved or not, cannot be true as of its `as_of`; "" where it can."""
    first, last = dates_of(round.fiscal_year)
    if not first <= round.as_of <= last:
        words = "%s の時点は、年度の始まり（%s）から翌年度の 12 月末（%s）までの日付にしてください。"
        return words % (label(round.fiscal_year), day_label(first), day_label(last))
    later = round.manifesto.rounds.exclude(pk=round.pk).filter(as_of__gte=round.as_of).newest_first().first()
    if later:
        words = "時点は、%s の報告回の時点（%s）より後の日付にしてください。"
        return words % (later.short_label, day_label(later.as_of))
    return ""


def too_early(fiscal_year: int, as_of: date | None, today: date) -> str:
    """What is told as if it had been already, of a year and a date (None: one that may come yet); "" else."""
    first, _last = dates_of(fiscal_year)
    if today < first:
        words = "%s は、まだ始まっていません（%sから）。年度を確かめてください。"
        return words % (label(fiscal_year), day_label(first))
    if as_of and today < as_of:
        words = "時点（%s）が、きょう（%s）より後です。まだ来ていない日の状況とすることになります。"
        return f"{words % (day_label(as_of), day_label(today))}時点を確かめてください。"
    return ""


def name_refusal(round: ReportingRound) -> str:
    """Why a round, saved or not, cannot have its `name`; "" where it can."""
    same_year = round.manifesto.rounds.filter(fiscal_year=round.fiscal_year).exclude(pk=round.pk)
    names = list(same_year.values_list("name", flat=True))
    if names and not round.name:
        told = "、".join(f"「{name}」" if name else "名前のない報告回" for name in names)
        words = (
            "%s の報告回はすでにあります（%s）。見分けられるように、「下半期」などの名前を書いてください。"
        )
        return words % (label(round.fiscal_year), told)
    if fold(round.name) in map(fold, names):
        words = "%s には「%s」という報告回がすでにあります。別の名前にしてください。"
        return words % (short_label(round.fiscal_year), round.name)
    if len(round.name) > MAX_ROUND_NAME:
        return f"報告回の名前は {MAX_ROUND_NAME} 文字までで書いてください。"
    return control_refusal(round.name) or line_refusal(round.name)


def next_round(manifesto: Manifesto) -> tuple[int, str]:
    """Year and name that probably come next: after 上半期 the same year's 下半期, else the next year.

    The manifesto's first year, where it has no round yet.
    """
    last = manifesto.rounds.newest_first().first()
    if last is None:
        return manifesto.first_fiscal_year, ""
    if last.name == "上半期":
        return last.fiscal_year, "下半期"
    return last.fiscal_year + 1, "上半期" if last.name == "下半期" else ""


def probable_date(fiscal_year: int, name: str) -> date:
    """The end of September for 上半期, else that of the fiscal year."""
    return date(fiscal_year, 9, 30) if name == "上半期" else date(fiscal_year + 1, 3, 31)


def free_number(manifesto: Manifesto, fiscal_year: int) -> int:
    """The number of a year's next round: cancelled ones keep theirs, and their events."""
    known = set(manifesto.rounds.filter(fiscal_year=fiscal_year).values_list("number", flat=True))
    number = 1
    while number in known or _has_events(subject_of_round(manifesto.slug, fiscal_year, number)):
        number += 1
    return number


def _has_events(subject: str) -> bool:
    return Event.objects.filter(subject=subject).exists()

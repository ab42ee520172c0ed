"""A round opens, is extended, closes, is corrected; an initiative ends. reports/publishing.py publishes."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracker.choices import HANDED_IN, ActionState, EventKind, RoundState
from tracker.cycle import events, permissions
from tracker.models import (
    ROWS_PER_STATEMENT,
    Event,
    Initiative,
    Manifesto,
    Report,
    ReportEntry,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.models.catalogue import InitiativeQuerySet
from tracker.words.fiscal_years import fiscal_year_of, label, short_label
from tracker.words.visible import says_nothing

FISCAL_YEARS = range(2000, 2100)  # that a round may be for


class RoundProblem(Exception):  # noqa: N818 - the field's own word for it
    """What must not be done with a round, in words. `field` is the form's field that it is about, if any."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def current_rounds() -> QuerySet[ReportingRound]:
    """The rounds that staff work in, newest first."""
    rounds = ReportingRound.objects.exclude(state=RoundState.PUBLISHED)
    return rounds.select_related("manifesto").order_by("-fiscal_year", "pk")


def next_fiscal_year(manifesto: Manifesto) -> int:
    """The year after the manifesto's last round, or its first."""
    last = manifesto.rounds.order_by("-fiscal_year").values_list("fiscal_year", flat=True).first()
    return manifesto.first_fiscal_year if last is None else last + 1


@transaction.atomic
def open_round(
    manifesto: Manifesto, *, fiscal_year: int, due_on: date, as_of: date, by: User
) -> ReportingRound:
    """Opens the round of a fiscal year, with a row for every initiative that runs in it. Raises RoundProblem.

    A row's reference is the last report: whether that had the initiative, and how it rated it.
    """
    _require_planning(by)
    Manifesto.objects.select_for_update().get(pk=manifesto.pk)
    _require_openable(manifesto, fiscal_year, as_of)
    today = timezone.localdate()
    _require_future(due_on, today)
    round = ReportingRound.objects.create(
        manifesto=manifesto, fiscal_year=fiscal_year, opens_on=today, due_on=due_on, as_of=as_of
    )
    count = _add_rows(round, Initiative.objects.of(manifesto).running_in(fiscal_year))
    if not count:
        raise RoundProblem(f"{label(fiscal_year)} に続いている取組がありません。")
    _record(round, by, "", RoundState.OPEN, due_on=str(due_on), as_of=str(as_of), rows=count)
    return round


def _require_openable(manifesto: Manifesto, fiscal_year: int, as_of: date) -> None:
    if fiscal_year not in FISCAL_YEARS:
        words = f"年度は西暦で、{FISCAL_YEARS[0]} から {FISCAL_YEARS[-1]} までの数で書いてください。"
        raise RoundProblem(words, "fiscal_year")
    if running := manifesto.rounds.filter(state=RoundState.OPEN).first():
        words = "%s の報告回が受付中です。締め切って公表してから、次の報告回を開いてください。"
        raise RoundProblem(words % label(running.fiscal_year))
    if manifesto.rounds.filter(state=RoundState.CLOSED).exists():
        words = "締め切ったまま公表していない報告回があります。公表してから、次の報告回を開いてください。"
        raise RoundProblem(words)
    if manifesto.rounds.filter(fiscal_year__gte=fiscal_year).exists():
        words = "%s か、それより新しい年度の報告回がすでにあります。"
        raise RoundProblem(words % label(fiscal_year), "fiscal_year")
    if fiscal_year_of(as_of) != fiscal_year:
        raise RoundProblem(f"時点は {label(fiscal_year)} の中の日付にしてください。", "as_of")


@transaction.atomic
def extend(round: ReportingRound, *, due_on: date, by: User) -> ReportingRound:
    """Sets another due date. A closed round takes answers again. Raises RoundProblem."""
    round = _locked(round, by)
    if round.state == RoundState.PUBLISHED:
        raise RoundProblem("公表した報告回の締切は変えられません。直すときは「訂正を始める」を使います。")
    _require_future(due_on, timezone.localdate())
    due_before, round.due_on = round.due_on, due_on
    state = RoundState.OPEN if round.state == RoundState.CLOSED else round.state
    return _move(round, by, state, due_on=str(due_on), due_before=str(due_before or ""))


@transaction.atomic
def close(round: ReportingRound, *, by: User) -> ReportingRound:
    """The round takes no more answers. What is submitted can still be approved. Raises RoundProblem."""
    round = _locked(round, by)
    _require_state(round, RoundState.OPEN, "締め切れません")
    return _move(round, by, RoundState.CLOSED)


@transaction.atomic
def start_correction(round: ReportingRound, *, by: User, reason: str) -> ReportingRound:
    """Lets rows of a published round be reopened, for a further edition. Raises RoundProblem.

    The report that is corrected becomes the reference: a rating that differs from it needs a reason.
    """
    round = _locked(round, by)
    _require_state(round, RoundState.PUBLISHED, "訂正を始められません")
    if says_nothing(reason):
        raise RoundProblem("訂正を始める理由を書いてください。", "reason")
    refresh_references(round)
    return _move(round, by, RoundState.CORRECTING, reason=reason.strip())


@transaction.atomic
def finish_correction(round: ReportingRound, *, by: User) -> ReportingRound:
    """Ends a correction without publishing the round, once all its rows are approved. Raises RoundProblem.

    This is for a year that only a later report tells: that report is then published anew.
    """
    round = _locked(round, by)
    _require_state(round, RoundState.CORRECTING, "訂正を終えられません")
    if unapproved := YearlyAction.objects.filter(round=round).unapproved().count():
        words = "承認されていない取組が %d 件あります。承認してから、訂正を終えてください。"
        raise RoundProblem(words % unapproved)
    return _move(round, by, RoundState.PUBLISHED)


@transaction.atomic
def add_missing(round: ReportingRound, *, by: User) -> int:
    """Adds rows for initiatives entered since the round opened. Returns how many. Raises RoundProblem."""
    round = _locked(round, by)
    if not round.is_writable:
        raise RoundProblem("受付中でない報告回には加えられません。")
    count = _add_rows(round, missing_initiatives(round))
    if count:
        _record(round, by, round.state, round.state, added=count)
    return count


def missing_initiatives(round: ReportingRound) -> InitiativeQuerySet:
    """Initiatives that run in the round's year and have no row in it."""
    running = Initiative.objects.of(round.manifesto).running_in(round.fiscal_year)
    return running.exclude(actions__round=round)


@transaction.atomic
def end_initiative(initiative: Initiative, *, last_fiscal_year: int, by: User, reason: str) -> Initiative:
    """Ends an initiative after a fiscal year. Reports go on showing it as it ended. Raises RoundProblem.

    Its untouched rows of later years are deleted. A row that somebody has written into stands in the way.
    """
    _require_planning(by)
    if says_nothing(reason):
        raise RoundProblem("終わる理由を書いてください。", "reason")
    # Locked from the top down, as everywhere: nobody opens or fills up a round meanwhile.
    manifesto = Manifesto.objects.select_for_update().get(categories__pledges__initiatives=initiative)
    list(ReportingRound.objects.select_for_update().filter(manifesto=manifesto).order_by("fiscal_year"))
    initiative = Initiative.objects.with_place().get(pk=initiative.pk)
    if initiative.last_fiscal_year is not None:
        raise RoundProblem(f"この取組は {short_label(initiative.last_fiscal_year)} で終わっています。")
    if not initiative.first_fiscal_year <= last_fiscal_year <= FISCAL_YEARS[-1]:
        words = "終わりの年度は、始まりの年度（%s）からの西暦で書いてください。"
        raise RoundProblem(words % label(initiative.first_fiscal_year), "last_fiscal_year")
    _delete_untouched(YearlyAction.objects.filter(initiative=initiative), last_fiscal_year)
    initiative.last_fiscal_year = last_fiscal_year
    initiative.save(update_fields=["last_fiscal_year"])
    subject, reason = f"initiative:{initiative.pk}", reason.strip()
    content = {"place": initiative.place, "last_fiscal_year": last_fiscal_year}
    events.record(by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=content, reason=reason)
    return initiative


def _delete_untouched(rows: QuerySet[YearlyAction], last_fiscal_year: int) -> None:
    """Deletes the rows of later years. Raises RoundProblem where somebody has written into one."""
    later = rows.filter(round__fiscal_year__gt=last_fiscal_year)
    if written := later.exclude(state=ActionState.NOT_STARTED).select_related("round").first():
        words = "%s の内容がすでに入力されています（%s）。終わりの年度を確かめてください。"
        told = label(written.round.fiscal_year), written.get_state_display()
        raise RoundProblem(words % told, "last_fiscal_year")
    later.delete()


def last_report(manifesto: Manifesto) -> Report | None:
    """What the public sees of a manifesto now."""
    return Report.objects.of(manifesto.slug).first()


def refresh_references(round: ReportingRound) -> None:
    """Makes the report as it stands now the rows' reference. The round must be locked.

    A row that was handed in without the reason that it would now need keeps its old reference until it is
    returned.
    """
    rated = references(round)
    differing = []
    for row in YearlyAction.objects.filter(round=round).with_place():
        before = row.was_reported, row.reference_rating_id
        row.was_reported, row.reference_rating_id = row.place in rated, rated.get(row.place)
        is_bound = row.state in HANDED_IN and not row.rating_reason
        if before != (row.was_reported, row.reference_rating_id) and not (is_bound and row.rating_changed):
            differing.append(row)
    YearlyAction.objects.bulk_update(differing, ["was_reported", "reference_rating"], ROWS_PER_STATEMENT)


def references(round: ReportingRound, **of_entries: str) -> dict[str, int | None]:
    """The last report up to the round's date: by place the rating's id, None where it is not rated."""
    report = Report.objects.of(round.manifesto.slug).until(round.as_of).first()
    return _rated(round, report, **of_entries)


def ratings_before(round: ReportingRound) -> dict[str, int | None]:
    """As `references`, of the report before the round's date: its own editions are no longer counted."""
    earlier = Report.objects.of(round.manifesto.slug).filter(as_of__lt=round.as_of)
    return _rated(round, earlier.current_editions().first())


def _rated(round: ReportingRound, report: Report | None, **of_entries: str) -> dict[str, int | None]:
    steps: dict[str, int] = dict(round.manifesto.ratings.values_list("code", "pk"))
    entries = ReportEntry.objects.filter(report=report, **of_entries).values_list("key", "rating_code")
    return {key: steps.get(code) for key, code in entries}


def _add_rows(round: ReportingRound, initiatives: Iterable[Initiative]) -> int:
    rated = references(round)
    rows = [
        YearlyAction(
            initiative=initiative,
            round=round,
            was_reported=initiative.place in rated,
            reference_rating_id=rated.get(initiative.place),
        )
        for initiative in initiatives
    ]
    YearlyAction.objects.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)
    return len(rows)


def _require_planning(by: User) -> None:
    if not permissions.may_run_rounds(by):
        raise RoundProblem("報告回を扱えるのは企画の職員だけです。")


def _require_future(due_on: date, today: date) -> None:
    if due_on < today:
        raise RoundProblem("締切日は、今日か、それより後の日付にしてください。", "due_on")


def _locked(round: ReportingRound, by: User) -> ReportingRound:
    _require_planning(by)
    return ReportingRound.objects.select_for_update(of=("self",)).select_related("manifesto").get(pk=round.pk)


def _require_state(round: ReportingRound, state: RoundState, refused: str) -> None:
    if round.state != state:
        raise RoundProblem(f"この報告回は「{round.get_state_display()}」なので、{refused}。")


def _move(round: ReportingRound, by: User, to: str, *, reason: str = "", **content: object) -> ReportingRound:
    """Writes the round's next state, and its due date, with the event that tells `content`."""
    before, round.state = round.state, to
    round.save(update_fields=["state", "due_on"])
    _record(round, by, before, to, reason, **content)
    return round


def _record(
    round: ReportingRound, by: User, before: str, after: str, reason: str = "", **content: object
) -> None:
    happening = Event(kind=EventKind.ROUND, subject=round.subject, reason=reason, content=content)
    happening.from_state, happening.to_state = str(before), str(after)
    events.record_all([happening], by=by.signature)

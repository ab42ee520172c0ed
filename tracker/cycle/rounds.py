"""A round opens, is extended, closes, is corrected; an initiative ends.

reports/publishing.py publishes it, cancelling.py takes it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tracker.choices import BOUND, ActionState, EventKind, RoundState
from tracker.cycle import events, permissions, round_dates
from tracker.cycle.places import Places
from tracker.cycle.recorded import happening
from tracker.models import (
    ROWS_PER_STATEMENT,
    Event,
    Initiative,
    Manifesto,
    Rating,
    Report,
    ReportEntry,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.models.catalogue import InitiativeQuerySet
from tracker.models.reporting import read_indicators
from tracker.words.extra_values import asked_in
from tracker.words.fiscal_years import label, short_label
from tracker.words.visible import says_nothing

FISCAL_YEARS = range(2000, 2100)  # that a round may be for
TERM_GONE = "この任期の開始は、ほかの人が取り消しました。「報告回」の画面で、いまある任期を確かめてください。"


class RoundProblem(Exception):  # noqa: N818 - the field's own word for it
    """What must not be done with a round, in words. `field` is the form's field that it is about, if any."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def current_rounds() -> QuerySet[ReportingRound]:
    """The rounds that staff work in, newest first. Of a table's rounds the last: it tells the others."""
    later = ReportingRound.objects.filter(manifesto=OuterRef("manifesto"), as_of__gt=OuterRef("as_of"))
    told_by_later = Q(Exists(later), state=RoundState.IMPORTED)
    rounds = ReportingRound.objects.exclude(state=RoundState.PUBLISHED).exclude(told_by_later)
    return rounds.select_related("manifesto").order_by("-fiscal_year", "-as_of", "pk")


def is_in_use() -> Exists:
    """As a column: whether a round was opened, or a table published. Before that, a site is being set up."""
    return Exists(ReportingRound.objects.exclude(state=RoundState.IMPORTED))


@transaction.atomic
def open_round(
    manifesto: Manifesto, *, fiscal_year: int, due_on: date, as_of: date, by: User, name: str = ""
) -> ReportingRound:
    """Opens a round of a fiscal year, with a row for every initiative that runs in it. Raises RoundProblem.

    A row's reference is the last report: whether that had the initiative, and how it rated it. A later round
    of a year begins with the texts of the earlier one, as drafts.
    """
    _require_planning(by)
    manifesto = _locked_manifesto(manifesto.pk)
    _require_openable(manifesto, fiscal_year)
    today = timezone.localdate()
    _require_future(due_on, today)
    round = ReportingRound(
        manifesto=manifesto, fiscal_year=fiscal_year, opens_on=today, due_on=due_on, as_of=as_of, name=name
    )
    _require_name_and_date(round)
    round.number = round_dates.free_number(manifesto, fiscal_year)
    round.save()
    rows = _add_rows(round, Initiative.objects.of(manifesto).running_in(fiscal_year), by)
    if not rows:
        raise RoundProblem(f"{label(fiscal_year)} に続いている取組がありません。")
    named = {"name": name} if name else {}
    _record(round, by, "", RoundState.OPEN, due_on=str(due_on), as_of=str(as_of), rows=len(rows), **named)
    _record_beginnings(round, rows, by)
    return round


def _require_openable(manifesto: Manifesto, fiscal_year: int) -> None:
    if fiscal_year not in FISCAL_YEARS:
        words = f"年度は西暦で、{FISCAL_YEARS[0]} から {FISCAL_YEARS[-1]} までの数で書いてください。"
        raise RoundProblem(words, "fiscal_year")
    if running := manifesto.rounds.filter(state=RoundState.OPEN).first():
        words = "%s の報告回が受付中です。締め切って公表してから、次の報告回を開いてください。"
        raise RoundProblem(words % running.label)
    if manifesto.rounds.filter(state=RoundState.CLOSED).exists():
        words = "締め切ったまま公表していない報告回があります。公表してから、次の報告回を開いてください。"
        raise RoundProblem(words)
    if manifesto.rounds.filter(state=RoundState.IMPORTED).exists():
        words = "表から取り込んだまま公表していない報告回があります。"
        raise RoundProblem(f"{words}公表するか、取り込みを取り消してから、次の報告回を開いてください。")
    if manifesto.rounds.filter(fiscal_year__gt=fiscal_year).exists():
        words = "%s より新しい年度の報告回がすでにあります。"
        raise RoundProblem(words % label(fiscal_year), "fiscal_year")
    if fiscal_year < manifesto.first_fiscal_year:
        words = "%s は、この任期の最初の年度（%s）より前です。この任期の年度を選んでください。"
        told = label(fiscal_year), label(manifesto.first_fiscal_year)
        raise RoundProblem(words % told, "fiscal_year")


def _require_name_and_date(round: ReportingRound) -> None:
    if words := round_dates.name_refusal(round):
        raise RoundProblem(words, "name")
    if words := round_dates.date_refusal(round):
        raise RoundProblem(words, "as_of")


@transaction.atomic
def describe(round: ReportingRound, *, name: str, as_of: date, by: User) -> ReportingRound:
    """Gives a round that was never published another name or date. References follow. Raises RoundProblem."""
    round = locked_whole(round, by)
    require_unpublished(round, "名前と時点は変えられません")
    before, round.name, round.as_of = (round.name, round.as_of), name, as_of
    if before == (name, as_of):
        return round
    _require_name_and_date(round)
    round.save(update_fields=["name", "as_of"])
    refresh_references(round)
    told = {"name": name, "name_before": before[0], "as_of": str(as_of), "as_of_before": str(before[1])}
    _record(round, by, round.state, round.state, **told)
    return round


def require_unpublished(round: ReportingRound, refused: str) -> None:
    """Raises RoundProblem unless departments answer in the round, and no report was made of it."""
    if round.state not in {RoundState.OPEN, RoundState.CLOSED}:
        raise RoundProblem(f"この報告回は「{round.get_state_display()}」なので、{refused}。")
    if round.manifesto.reports.filter(as_of=round.as_of).exists():
        raise RoundProblem(f"この報告回の時点の公表版がすでにあるので、{refused}。")


@transaction.atomic
def extend(round: ReportingRound, *, due_on: date, by: User) -> ReportingRound:
    """Sets another due date. A closed round takes answers again. Raises RoundProblem."""
    round = _locked(round, by)
    if round.state == RoundState.PUBLISHED:
        raise RoundProblem("公表した報告回の締切は変えられません。直すときは「訂正を始める」を使います。")
    if round.is_imported:
        words = "表から取り込んだ報告回には、締切がありません。直すときは「訂正を始める」を使います。"
        raise RoundProblem(words)
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
    """Lets rows of a published round be reopened, for a further edition; or those that came with a table,
    before it is published. Raises RoundProblem.

    The report that is corrected becomes the reference: a rating that differs from it needs a reason. A due
    date that has passed was the collection's: the correction has none until somebody sets one.
    """
    round = _locked(round, by)
    if not round.is_imported:
        _require_state(round, RoundState.PUBLISHED, "訂正を始められません")
    if says_nothing(reason):
        raise RoundProblem("訂正を始める理由を書いてください。", "reason")
    _pick_nothing(round)
    refresh_references(round)
    content: dict[str, object] = {}
    if round.due_on and round.due_on < timezone.localdate():
        content, round.due_on = {"due_before": str(round.due_on)}, None
    return _move(round, by, RoundState.CORRECTING, reason=reason.strip(), **content)


@transaction.atomic
def pick_changes(round: ReportingRound, keys: Iterable[str], *, by: User) -> None:
    """Chooses what a further edition takes over from the catalogue. The event of its publication tells it."""
    round = _locked(round, by)
    round.picked_changes = sorted(set(keys))
    round.save(update_fields=["picked_changes"])


def _pick_nothing(round: ReportingRound) -> None:
    """A correction begins with nothing picked, and leaves nothing picked."""
    round.picked_changes = []
    round.save(update_fields=["picked_changes"])


@transaction.atomic
def finish_correction(round: ReportingRound, *, by: User) -> ReportingRound:
    """Ends a correction without publishing the round, once all its rows are approved. Raises RoundProblem.

    This is for a year that only a later report tells: that report is then published anew. What came with a
    table and was never published waits for it again.
    """
    round = _locked(round, by)
    _require_state(round, RoundState.CORRECTING, "訂正を終えられません")
    if unapproved := YearlyAction.objects.filter(round=round).unapproved().count():
        words = "承認されていない取組が %d 件あります。承認してから、訂正を終えてください。"
        raise RoundProblem(words % unapproved)
    _pick_nothing(round)
    return _move(round, by, RoundState.PUBLISHED if round.is_public_here else RoundState.IMPORTED)


@transaction.atomic
def add_missing(round: ReportingRound, *, by: User, only: Sequence[Initiative] = ()) -> int:
    """Adds rows for initiatives entered since the round opened. Returns how many. Raises RoundProblem.

    `only` names some of them; nothing named means all.
    """
    round = _locked(round, by)
    if not round.is_writable:
        raise RoundProblem("受付中でない報告回には加えられません。")
    lacking = missing_initiatives(round)
    lacking = lacking.filter(pk__in=[each.pk for each in only]) if only else lacking
    missing = list(lacking.with_place().in_table_order())
    if rows := _add_rows(round, missing, by):
        places = [initiative.place for initiative in missing]
        _record(round, by, round.state, round.state, added=len(rows), places=places)
        _record_beginnings(round, rows, by)
    return len(rows)


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
    lock_all(Manifesto.objects.get(categories__pledges__initiatives=initiative).pk)
    initiative = Initiative.objects.with_place().get(pk=initiative.pk)
    deleted = ended(initiative, last_fiscal_year)
    subject, reason = f"initiative:{initiative.pk}", reason.strip()
    content = {
        "model": str(initiative._meta.verbose_name),
        "name": str(initiative),
        "place": initiative.place,
        "manifesto": initiative.pledge.section.manifesto.slug,
        "departments": [str(duty.department) for duty in initiative.assignments.select_related("department")],
        "last_fiscal_year": last_fiscal_year,
        "deleted_rows": deleted,
    }
    events.record(by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=content, reason=reason)
    return initiative


def lock_all(manifesto_id: int) -> list[ReportingRound]:
    """Locks a manifesto with its rounds, from the top down as everywhere; returns these, oldest first.

    Nobody opens or fills up a round, or publishes, meanwhile. Raises RoundProblem.
    """
    manifesto = _locked_manifesto(manifesto_id)
    return list(manifesto.rounds.select_for_update().order_by("fiscal_year", "as_of"))


def ended(initiative: Initiative, last_fiscal_year: int) -> list[int]:
    """The rule of `end_initiative`, for whoever has locked all and records it. Raises RoundProblem.

    Returns the fiscal years of the rows that it deleted.
    """
    if initiative.last_fiscal_year is not None:
        raise RoundProblem(f"この取組は {short_label(initiative.last_fiscal_year)} で終わっています。")
    if not initiative.first_fiscal_year <= last_fiscal_year <= FISCAL_YEARS[-1]:
        words = "終わりの年度は、始まりの年度（%s）からの西暦で書いてください。"
        raise RoundProblem(words % label(initiative.first_fiscal_year), "last_fiscal_year")
    deleted = _delete_untouched(YearlyAction.objects.filter(initiative=initiative), last_fiscal_year)
    initiative.last_fiscal_year = last_fiscal_year
    initiative.save(update_fields=["last_fiscal_year"])
    return deleted


def _delete_untouched(rows: QuerySet[YearlyAction], last_fiscal_year: int) -> list[int]:
    """Deletes the rows of later years, which it returns. Raises RoundProblem where one is written into."""
    later = rows.filter(round__fiscal_year__gt=last_fiscal_year)
    if written := later.exclude(state=ActionState.NOT_STARTED).select_related("round").first():
        words = "%s の内容がすでに入力されています（%s）。終わりの年度を確かめてください。"
        raise RoundProblem(words % (written.round.label, written.get_state_display()), "last_fiscal_year")
    years = list(later.order_by("round__fiscal_year").values_list("round__fiscal_year", flat=True))
    later.delete()
    return years


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
        is_bound = row.state in BOUND and not row.rating_reason
        if before != (row.was_reported, row.reference_rating_id) and not (is_bound and row.rating_changed):
            differing.append(row)
    YearlyAction.objects.bulk_update(differing, ["was_reported", "reference_rating"], ROWS_PER_STATEMENT)


def references(round: ReportingRound, place: str = "") -> dict[str, int | None]:
    """The last report up to the round's date: by place the rating's id, None where it is not rated.

    The places are those of now, wherever the report has a pledge that has moved since. `place` asks for that
    of one initiative.
    """
    report = Report.objects.of(round.manifesto.slug).until(round.as_of).first()
    return _rated(round, report, place)


def report_before(round: ReportingRound) -> Report | None:
    """The last report before the round's date: the round's own editions are not counted."""
    earlier = Report.objects.of(round.manifesto.slug).filter(as_of__lt=round.as_of)
    return earlier.current_editions().first()


def ratings_before(round: ReportingRound) -> dict[str, int | None]:
    """As `references`, of `report_before`."""
    return _rated(round, report_before(round))


def _rated(round: ReportingRound, report: Report | None, place: str = "") -> dict[str, int | None]:
    steps: dict[str, int] = dict(round.manifesto.ratings.values_list("code", "pk"))
    places, entries = Places(round.manifesto), ReportEntry.objects.filter(report=report)
    if place:
        entries = entries.filter(key__in=places.ever(place))
    rated = entries.values_list("key", "rating_code")
    return {places.now(key): steps.get(code) for key, code in rated}


def _add_rows(round: ReportingRound, initiatives: Iterable[Initiative], by: User) -> list[YearlyAction]:
    rated, steps = references(round), {step.pk: step for step in round.manifesto.ratings.all()}
    earlier = {row.initiative_id: row for row in YearlyAction.objects.filter(round=round.follows)}
    columns = asked_in(round.fiscal_year, round.manifesto.columns)
    once = {column.code for column in columns if column.is_once}
    stands = _last_values(round) if once else {}
    rows = []
    for initiative in initiatives:
        reference = steps.get(rated.get(initiative.place) or 0)
        row = YearlyAction(initiative=initiative, round=round, reference_rating=reference)
        row.was_reported = initiative.place in rated
        last = stands.get(initiative.pk, {})
        row.extra_values = {code: value for code, value in last.items() if code in once}
        if before := earlier.get(initiative.pk):
            _begin_with(row, before, steps)
        rows.append(row)
    return YearlyAction.objects.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)


def _last_values(round: ReportingRound) -> dict[int, dict[str, str]]:
    """By initiative the extra values of its last row before a round."""
    rows = YearlyAction.objects.filter(round__in=ReportingRound.objects.before(round))
    ordered = rows.order_by("round__fiscal_year", "round__as_of")
    return dict(ordered.values_list("initiative", "extra_values"))


def _begin_with(row: YearlyAction, before: YearlyAction, steps: Mapping[int, Rating]) -> None:
    """Takes over what the earlier round's row says, for a draft: nobody has written it, nor handed it in.

    The reason of a rating is taken over where it still is one: where the last report has another rating.
    """
    row.result, row.plan, row.is_unrated = before.result, before.plan, before.is_unrated
    row.rating = steps.get(before.rating_id or 0)
    row.rating_reason = before.rating_reason if row.rating_changed else ""
    row.extra_values = before.extra_values
    if row.result or row.plan or row.has_rating:
        row.state = ActionState.DRAFT


def _record_beginnings(round: ReportingRound, rows: Iterable[YearlyAction], by: User) -> None:
    """An event for each row that began with the texts of the year's earlier round."""
    keys = [row.pk for row in rows if row.is_as_begun]
    if keys and (earlier := round.follows):
        begun = YearlyAction.objects.filter(pk__in=keys).with_place().with_departments().order_by("pk")
        read_indicators(begun)
        reason = f"{earlier.short_label}の内容から始めました。"
        told = [happening(row, ActionState.NOT_STARTED, reason) for row in begun]
        events.record_all(told, by=by.signature)


def _require_planning(by: User) -> None:
    if not permissions.may_run_rounds(by):
        raise RoundProblem("報告回を扱えるのは企画の職員だけです。")


def _require_future(due_on: date, today: date) -> None:
    if due_on < today:
        raise RoundProblem("締切日は、今日か、それより後の日付にしてください。", "due_on")


def locked_whole(round: ReportingRound, by: User) -> ReportingRound:
    """The round, its manifesto locked before it: nobody opens another, or publishes. Raises RoundProblem."""
    _require_planning(by)
    _locked_manifesto(round.manifesto_id)
    return _locked(round, by)


def _locked_manifesto(pk: int) -> Manifesto:
    """The manifesto as it stands, if nobody has taken it back meanwhile. Raises RoundProblem."""
    if (found := Manifesto.objects.select_for_update().filter(pk=pk).first()) is None:
        raise RoundProblem(TERM_GONE)
    return found


def _locked(round: ReportingRound, by: User) -> ReportingRound:
    _require_planning(by)
    rounds = ReportingRound.objects.select_for_update(of=("self",)).select_related("manifesto")
    if (found := rounds.filter(pk=round.pk).first()) is None:
        raise RoundProblem("この報告回は、いま取り消されました。")
    return found


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
    told = Event(kind=EventKind.ROUND, subject=round.subject, reason=reason, content=content)
    told.from_state, told.to_state = str(before), str(after)
    events.record_all([told], by=by.signature)

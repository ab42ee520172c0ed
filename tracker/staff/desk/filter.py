"""The review desk's filter: which rows of a round, in which order. Its state is the query string."""

from typing import Any, cast

import django_filters
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.http import QueryDict

from tracker.choices import HANDED_IN, OUTSTANDING, ActionState, RoundState
from tracker.cycle import rounds
from tracker.models import Assignment, Department, Rating, ReportingRound, YearlyAction
from tracker.models.reporting import HAS_RATING, UNCHANGED_RATING, late_rows
from tracker.models.reporting import YearlyActionQuerySet as Rows
from tracker.public.search_words import MAX_WORDS_CHARACTERS, UNKNOWN_CHOICE, WordsFilter
from tracker.staff.frame.searching import saying

CONDITIONS = ("department", "state", "change", "q", "late")
COUNT_AT_FIRST = "of"  # how many rows there were when a walk through them began (walk.py)
# What the addresses of the filter's pages say besides.
PAGE_NAMES = ("round", "page", "others", "seen", "show", "out", COUNT_AT_FIRST)
ALL_STATES = "all"
WORDS_LABEL = "ことば"
NO_DEPARTMENT = "-"  # which is no department's code

IN_ORDER = Q(was_reported=True, rating__is_ranked=True, reference_rating__is_ranked=True)
RATING_CHANGES: dict[str, tuple[str, Q]] = {
    "changed": ("評価が変わった", HAS_RATING & Q(was_reported=True) & ~UNCHANGED_RATING),
    "up": ("評価が上がった", IN_ORDER & Q(rating__position__lt=F("reference_rating__position"))),
    "down": ("評価が下がった", IN_ORDER & Q(rating__position__gt=F("reference_rating__position"))),
    "first": ("初めての報告", HAS_RATING & Q(was_reported=False)),
    "unchanged": ("評価が変わらない", HAS_RATING & UNCHANGED_RATING),
}
# What each choice takes in of the kinds that `change_between` tells.
KINDS_OF_CHANGE = {name: {name} for name in RATING_CHANGES} | {"changed": {"changed", "up", "down"}}
LATE_CHOICES = (("late", "締切に遅れたもの"), ("open", "締切後に未提出"), ("submitted", "締切後に提出"))
LATE_STATES = {"open": OUTSTANDING, "submitted": HANDED_IN}
# The place of a row in the queue: what needs the closest look comes first.
URGENCY = Case(
    When(RATING_CHANGES["changed"][1], then=Value(0)),
    When(RATING_CHANGES["first"][1], then=Value(1)),
    When(RATING_CHANGES["unchanged"][1], then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


def departments_in(fiscal_year: int) -> list[tuple[str, str]]:
    """(code, name) of the departments that answer for rows of a fiscal year."""
    duties = Assignment.objects.answering(fiscal_year)
    answering = Department.objects.filter(pk__in=duties.values("department"))
    return list(answering.order_by("code").values_list("code", "name"))


class QueueFilter(django_filters.FilterSet):
    """Rows of one round. Without a condition: the submitted ones, or all where it is published."""

    department = django_filters.ChoiceFilter(
        label="担当課", method="of_department", empty_label="すべての担当課"
    )
    state = django_filters.ChoiceFilter(
        label="状態",
        method="in_state",
        empty_label=None,
        choices=[*ActionState.choices, (ALL_STATES, "すべての状態")],
    )
    change = django_filters.ChoiceFilter(
        label="評価の変化",
        method="with_change",
        empty_label="すべて",
        choices=[(name, words) for name, (words, _rows) in RATING_CHANGES.items()],
    )
    q = WordsFilter(
        label=WORDS_LABEL,
        method="with_words",
        max_length=MAX_WORDS_CHARACTERS,
        help_text="公約・主な取組・取組予定・理由から探します。番号（1-1-2-3）でも探せます。",
    )
    late = django_filters.ChoiceFilter(
        label="締切", method="only_late", empty_label="指定しない", choices=LATE_CHOICES
    )

    class Meta:
        model = YearlyAction
        fields: list[str] = []

    def __init__(self, data: QueryDict, round: ReportingRound) -> None:
        self.round = round
        query = data.copy()
        is_over = round.state == RoundState.PUBLISHED  # nothing waits any more
        query["state"] = data.get("state") or (ALL_STATES if is_over else ActionState.SUBMITTED.value)
        self.asked = data
        super().__init__(query, YearlyAction.objects.filter(round=round))
        choices = [(NO_DEPARTMENT, "担当課なし（企画）"), *departments_in(round.fiscal_year)]
        self.filters["department"].extra["choices"] = choices
        for field in self.form.fields.values():
            field.error_messages["invalid_choice"] = UNKNOWN_CHOICE
            field.error_messages["max_length"] = (
                "検索のことばは %(limit_value)d 文字までです。この条件は使わずに表示しています。"
            )

    def of_department(self, rows: Rows, name: str, value: str) -> Rows:
        if value == NO_DEPARTMENT:
            return rows.without_department()
        return rows.answered_by(Department.objects.filter(code=value).values_list("pk", flat=True))

    def in_state(self, rows: Rows, name: str, value: str) -> Rows:
        return rows if value == ALL_STATES else rows.filter(state=value)

    def with_change(self, rows: Rows, name: str, value: str) -> Rows:
        """Against the rows' reference. Once the round is published, that may be its own report: then against
        the report before it, too.
        """
        change = RATING_CHANGES[value][1]
        if not self.reads_earlier_report:
            return rows.filter(change)
        earlier = Q(pk__in=_changed_since_before(self.round, value))
        return rows.filter(change & earlier if value == "unchanged" else change | earlier)

    def with_words(self, rows: Rows, name: str, value: str) -> Rows:
        return saying(rows, value)

    def only_late(self, rows: Rows, name: str, value: str) -> Rows:
        late = rows.filter(late_rows(self.round))
        return late.filter(state__in=LATE_STATES[value]) if value in LATE_STATES else late

    @property
    def reads_earlier_report(self) -> bool:
        """Whether the rows' reference may be the round's own report: then the one before it counts, too."""
        return self.round.state in {RoundState.PUBLISHED, RoundState.CORRECTING}

    def rows(self) -> Rows:
        """The rows that fulfil every condition that was understood. Changed ratings come first."""
        found = cast(Rows, self.qs).in_table_order()
        return found.order_by(URGENCY, *found.query.order_by)

    def as_asked(self, **values: Any) -> dict[str, str]:
        """The conditions by name, without the page. `values` replace some; None drops one."""
        wanted = {name: self.asked.get(name, "") for name in CONDITIONS} | {"round": self.round.pk} | values
        return {name: str(wanted[name]) for name in ("round", *CONDITIONS) if wanted[name]}

    def query(self, **values: Any) -> str:
        """`as_asked` as a query string."""
        query = QueryDict(mutable=True)
        query.update(self.as_asked(**values))
        return query.urlencode()

    @property
    def is_submitted(self) -> bool:
        """Whether the list is that of the rows that wait for approval."""
        return bool(self.form["state"].value() == ActionState.SUBMITTED)

    @property
    def list_name(self) -> str:
        """What the list is called: 「承認待ち」 only where it is that."""
        return "承認待ち" if self.is_submitted else "取組の一覧"

    @property
    def state_words(self) -> str:
        """The name of the state that is listed."""
        return str(dict(self.form.fields["state"].choices).get(self.form["state"].value(), "すべての状態"))  # type: ignore[attr-defined]

    def conditions(self) -> list[tuple[str, str]]:
        """The conditions in force besides the state: (name, wording)."""
        self.form.is_valid()
        asked = {name: value for name, value in self.form.cleaned_data.items() if value and name != "state"}
        found = []
        for name, value in asked.items():
            field = self.form.fields[name]
            found.append((str(field.label), str(dict(getattr(field, "choices", ())).get(value, value))))
        return found

    def complaints(self) -> list[str]:
        """What in the query could not be understood, in words."""
        fields, errors = self.form.fields, self.form.errors
        found = [f"{fields[name].label}：{words}" for name in errors for words in errors[name]]
        unknown = sorted(name[:30] for name in self.asked if name not in (*CONDITIONS, *PAGE_NAMES))
        if unknown:
            names = "」「".join(unknown)
            found.append(f"アドレスの中の「{names}」は、このページでは使わない指定です。")
        return found


def _changed_since_before(round: ReportingRound, change: str) -> list[int]:
    """The rows whose rating so differs from the report before the round's date."""
    before = rounds.ratings_before(round)
    scale = {rating.pk: rating for rating in round.manifesto.ratings.all()}

    def kind(row: YearlyAction) -> str:
        return change_between(row.place in before, scale.get(before.get(row.place) or 0), row.rating)

    rows = YearlyAction.objects.filter(round=round).with_place()
    return [row.pk for row in rows if row.has_rating and kind(row) in KINDS_OF_CHANGE[change]]


def change_between(was_told: bool, before: Rating | None, after: Rating | None) -> str:
    """One of "first", "unchanged", "up" and "down", or "changed" without a direction."""
    if not was_told:
        return "first"
    if before == after:
        return "unchanged"
    if before is None or after is None:
        return "changed"
    return {-1: "up", 0: "changed", 1: "down"}[after.direction_from(before)]

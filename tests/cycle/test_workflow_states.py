"""Random years: people do what they like in any order, and the workspace never stands where it must not.

Beside the database stands a model, a dict per row, that says of each act what must come of it.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.workspace import Workspace
from tracker.choices import TRANSITIONS, ActionState
from tracker.cycle import events, rounds, section_check, workflow
from tracker.cycle.workflow import Content
from tracker.cycle.workflow_in_bulk import Answer, Json, take_back, write_all
from tracker.models import Event, Manifesto, Membership, Report, User, YearlyAction
from tracker.reports import digests, publishing

pytestmark = pytest.mark.django_db

PLANNERS = {"planner", "second_planner"}
WRITERS = [
    {"clerk", "colleague", "both"},
    {"other", "both"},
    {"clerk", "colleague", "other", "both"},
    set[str](),
]
ROW = st.integers(0, 3)
WHO = st.sampled_from(
    ["clerk", "colleague", "other", "both", "stranger", "planner", "second_planner", "administrator"]
)
PLANNER = st.sampled_from(["planner", "second_planner", "second_planner", "clerk"])
AGE = st.sampled_from([0, 0, 0, 0, 1, -1])  # of the version that a person has seen
REASON = st.sampled_from(["", " ", "数がない"])
HEADS = st.sets(st.sampled_from(["clerk", "colleague", "other", "both"]))
HEAD = st.sampled_from(["clerk", "colleague", "colleague", "other", "both", "stranger", "planner"])
BOUND = {"in_section", "submitted", "approved"}
RATING = st.sampled_from(["A", "B", "B", "B", "C", "unrated", "open"])


@dataclass(frozen=True)
class Row:
    """A row as it must stand. `rating` is a code, "unrated" or "open"; `reference` a code or "unrated"."""

    state: str = "not_started"
    version: int = 1
    result: str = ""
    plan: str = ""
    rating: str = "open"
    reason: str = ""
    reference: str = "B"
    saved_by: str = ""
    submitted_by: str = ""
    confirmed_by: str = ""
    approved_by: str = ""
    return_reason: str = ""
    section_reason: str = ""

    @property
    def is_changed(self) -> bool:
        return ("unrated" if self.rating == "open" else self.rating) != self.reference

    @property
    def is_complete(self) -> bool:
        return bool(self.result) and self.rating != "open" and bool(not self.is_changed or self.reason)


class Year(RuleBasedStateMachine):
    """One example: a year in a transaction of its own, rolled back at the end."""

    space: Workspace

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.pks = [row.pk for row in self.space.rows()]
        self.people = {user.username: user for user in User.objects.all()}
        self.rows = [Row() for _ in self.pks]
        self.public = ["B"] * len(self.pks)  # the ratings that the last report tells
        self.round, self.accepted, self.checked = "open", 0, ("", 0)
        self.reports = self.stored_reports()
        self.taken: dict[int, tuple[Json, Row]] = {}
        self.has_section_check, self.heads = False, set[str]()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def stored_reports(self) -> list[tuple[Any, ...]]:
        return list(Report.objects.order_by("pk").values_list("as_of", "edition", "digest"))

    def check(self, number: int, expected: str | Row, act: Any, *args: Any, **values: Any) -> None:
        """Does an act. `expected` is the row afterwards, or the name of what must be raised."""
        try:
            with transaction.atomic():
                act(*args, **values)
            outcome = ""
        except workflow.WorkflowProblem as problem:
            outcome = type(problem).__name__
        assert outcome == ("" if isinstance(expected, Row) else expected)
        if isinstance(expected, Row):
            self.accepted += expected.state != self.rows[number].state
            self.rows[number] = expected

    def refusal(
        self, number: int, who: str, version: int, states: set[str], round_states: set[str], *, review: bool
    ) -> str:
        """What stops an act before its content is looked at."""
        row = self.rows[number]
        if who not in (PLANNERS if review else WRITERS[number] | PLANNERS):
            return "Forbidden"
        return "NotNow" if self.round not in round_states or row.state not in states else ""

    @rule(
        number=ROW,
        who=WHO,
        age=AGE,
        result=st.sampled_from(["", "・甲", "・乙"]),
        plan=st.sampled_from(["", "・丙"]),
        rating=RATING,
        reason=st.sampled_from(["", "理由"]),
    )
    def save(self, number: int, who: str, age: int, result: str, plan: str, rating: str, reason: str) -> None:
        row = self.rows[number]
        step = self.space.ratings.get(rating)
        content = Content(result, plan, step and step.pk, rating == "unrated", reason)
        expected: str | Row = self.refusal(
            number, who, age, {"not_started", "draft", "returned"}, {"open", "correcting"}, review=False
        )
        if not expected and (result, plan, rating, reason) == (row.result, row.plan, row.rating, row.reason):
            expected = row
        elif not expected and age:
            expected = "Stale"
        elif not expected:
            state = "draft" if row.state == "not_started" else row.state
            expected = replace(
                row,
                state=state,
                version=row.version + 1,
                result=result,
                plan=plan,
                rating=rating,
                reason=reason,
                saved_by=who,
            )
        by = self.people[who]
        self.check(
            number,
            expected,
            workflow.save,
            self.pks[number],
            by=by,
            version=row.version + age,
            content=content,
        )

    @rule(number=ROW, who=WHO, age=AGE)
    def submit(self, number: int, who: str, age: int) -> None:
        row = self.rows[number]
        expected: str | Row = self.refusal(
            number, who, age, {"draft", "returned"}, {"open", "correcting"}, review=False
        )
        if not expected:
            done = replace(row, state=self.goes_to(number), version=row.version + 1, submitted_by=who)
            expected = "Stale" if age else done if row.is_complete else "Incomplete"
        by = self.people[who]
        self.check(number, expected, workflow.submit, self.pks[number], by=by, version=row.version + age)

    def goes_to(self, number: int) -> str:
        """Where a submission of a row leads."""
        return "in_section" if self.has_section_check and self.heads & WRITERS[number] else "submitted"

    @rule(is_used=st.booleans(), heads=HEADS)
    def change_heads(self, is_used: bool, heads: set[str]) -> None:
        """The switch, and who heads the departments that they are in."""
        Manifesto.objects.filter(pk=self.space.manifesto.pk).update(section_check=is_used)
        Membership.objects.update(is_head=False)
        Membership.objects.filter(user__username__in=heads).update(is_head=True)
        self.has_section_check, self.heads = is_used, heads
        self.people = {user.username: user for user in User.objects.all()}

    def may_confirm(self, number: int, who: str) -> bool:
        row, heads = self.rows[number], self.heads & WRITERS[number]
        writers = {row.saved_by, row.submitted_by}
        return who in heads and (who not in writers or not heads - writers)

    def refused_head(self, number: int, who: str) -> str:
        if not self.may_confirm(number, who):
            return "Forbidden"
        is_now = self.round in {"open", "correcting"} and self.rows[number].state == "in_section"
        return "" if is_now else "NotNow"

    @rule(number=ROW, who=HEAD, age=AGE)
    def confirm(self, number: int, who: str, age: int) -> None:
        row = self.rows[number]
        expected: str | Row = self.refused_head(number, who)
        if not expected:
            done = replace(
                row, state="submitted", version=row.version + 1, confirmed_by=who, section_reason=""
            )
            expected = "Stale" if age else done
        act, pk = section_check.confirm, self.pks[number]
        self.check(number, expected, act, pk, by=self.people[who], version=row.version + age)

    @rule(number=ROW, who=HEAD, age=AGE, reason=REASON)
    def head_gives_back(self, number: int, who: str, age: int, reason: str) -> None:
        row = self.rows[number]
        expected: str | Row = self.refused_head(number, who)
        if not expected:
            done = replace(row, state="returned", version=row.version + 1, section_reason=reason.strip())
            expected = "Stale" if age else done if reason.strip() else "Incomplete"
        act, pk = section_check.give_back, self.pks[number]
        self.check(number, expected, act, pk, by=self.people[who], version=row.version + age, reason=reason)

    @rule(who=HEAD, age=AGE)
    def confirm_all(self, who: str, age: int) -> None:
        """All rows that a head's page shows; of one version before, none."""
        user = self.people[who]
        ready = section_check.waiting_for(user).filter(section_check.confirmable_at_once(user))
        shown = {self.pks.index(pk) for pk in ready.values_list("pk", flat=True)}
        wanted = {
            number
            for number, row in enumerate(self.rows)
            if not self.refused_head(number, who) and not row.is_changed
        }
        assert shown == wanted
        expected = "Forbidden" if who not in self.heads else "Blocked" if age and wanted else ""
        rows = [(self.pks[number], self.rows[number].version + age) for number in wanted]
        try:
            with transaction.atomic():
                assert section_check.confirm_all(rows, by=user) == len(wanted)
            outcome = ""
        except workflow.WorkflowProblem as problem:
            outcome = type(problem).__name__
        assert outcome == expected
        for number in wanted if not outcome else ():
            row = self.rows[number]
            self.rows[number] = replace(
                row, state="submitted", version=row.version + 1, confirmed_by=who, section_reason=""
            )
            self.accepted += 1

    @rule(number=ROW, who=WHO, age=AGE)
    def withdraw(self, number: int, who: str, age: int) -> None:
        row = self.rows[number]
        states, round_states = {"submitted", "in_section"}, {"open", "correcting"}
        expected: str | Row = self.refusal(number, who, age, states, round_states, review=False)
        if not expected:
            state = "returned" if row.return_reason or row.section_reason else "draft"
            done = replace(row, state=state, version=row.version + 1, submitted_by="", confirmed_by="")
            expected = "Stale" if age else done
        by = self.people[who]
        self.check(number, expected, workflow.withdraw, self.pks[number], by=by, version=row.version + age)

    @rule(
        numbers=st.sets(ROW, min_size=1), who=st.sampled_from(["both", "planner"]),
        rating=st.sampled_from(["A", "B", "B", "unrated"]), is_approved=st.booleans(), head=HEAD,
    )  # fmt: skip
    def hand_in(self, numbers: set[int], who: str, rating: str, is_approved: bool, head: str) -> None:
        """Whole answers at once, so that examples get far."""
        for number in sorted(numbers):
            self.save(
                number,
                who,
                0,
                "・甲",
                "・丙",
                rating,
                "" if rating == self.rows[number].reference else "理由",
            )
            self.submit(number, who, 0)
            if is_approved:
                self.confirm(number, head, 0)
                self.approve(number, "second_planner", 0)

    @rule(
        numbers=st.sets(ROW, min_size=1), who=WHO, age=AGE, result=st.sampled_from(["", "・甲", "・乙"]),
        rating=RATING, reason=st.sampled_from(["", "理由"]), submits=st.booleans(),
    )  # fmt: skip
    def bring_a_sheet(
        self, numbers: set[int], who: str, age: int, result: str, rating: str, reason: str, submits: bool
    ) -> None:
        """Many rows at once, all or none; what it took away is kept, to be put back."""
        step = self.space.ratings.get(rating)
        content = Content(result, "・丙", step and step.pk, rating == "unrated", reason)
        after, blocked = {}, False
        for number in numbers:
            row = self.rows[number]
            written = (row.result, row.plan, row.rating, row.reason) != (result, "・丙", rating, reason)
            state = "draft" if row.state == "not_started" and written else row.state
            new = replace(
                row,
                state=state,
                version=row.version + written,
                result=result,
                plan="・丙",
                rating=rating,
                reason=reason,
                saved_by=who if written else row.saved_by,
            )
            if submits:
                done = replace(new, state=self.goes_to(number), version=new.version + 1, submitted_by=who)
                blocked |= not new.is_complete
                new = done
            blocked |= bool(age) or row.state not in {"not_started", "draft", "returned"}
            after[number] = new
        is_theirs = all(who in WRITERS[number] | PLANNERS for number in numbers)
        first_is_theirs = self.round in {"open", "correcting"}
        expected = "NotNow" if not first_is_theirs else "Blocked" if blocked or not is_theirs else ""
        writings = [
            Answer(self.pks[number], self.rows[number].version + age, content, submits)
            for number in sorted(numbers)
        ]
        try:
            with transaction.atomic():
                taken = write_all(writings, by=self.people[who], reason="シート")
            outcome = ""
        except workflow.WorkflowProblem as problem:
            outcome = type(problem).__name__
        assert outcome == expected
        if not outcome:
            self.taken = {number: (taken[self.pks[number]], self.rows[number]) for number in numbers}
            for number, row in after.items():
                before = self.rows[number]
                self.accepted += (before.state == "not_started" and row.state != "not_started") + (
                    row.state in BOUND
                )
                self.rows[number] = row

    @precondition(lambda self: self.taken)
    @rule(who=st.sampled_from(["both", "planner", "other", "planner"]))
    def take_the_sheet_back(self, who: str) -> None:
        touched = any(
            self.rows[number].version != taken["version"] for number, (taken, _row) in self.taken.items()
        )
        is_theirs = all(who in WRITERS[number] | PLANNERS for number in self.taken)
        open_now = self.round in {"open", "correcting"}
        expected = "NotNow" if not open_now else "Blocked" if touched or not is_theirs else ""
        try:
            with transaction.atomic():
                take_back(
                    {self.pks[number]: taken for number, (taken, _row) in self.taken.items()},
                    by=self.people[who],
                    reason="取消",
                )
            outcome = ""
        except workflow.WorkflowProblem as problem:
            outcome = type(problem).__name__
        assert outcome == expected
        if not outcome:
            for number, (_taken, before) in self.taken.items():
                now = self.rows[number]
                self.accepted += now.state != before.state
                self.rows[number] = replace(before, version=now.version + 1, reference=now.reference)
            self.taken = {}

    @staticmethod
    def approved(row: Row, who: str) -> Row:
        settled = {"return_reason": "", "section_reason": ""}
        return replace(row, state="approved", version=row.version + 1, approved_by=who, **settled)

    @rule(number=ROW, who=PLANNER, age=AGE)
    def approve(self, number: int, who: str, age: int) -> None:
        row = self.rows[number]
        expected: str | Row = self.refusal(
            number, who, age, {"submitted"}, {"open", "closed", "correcting"}, review=True
        )
        if not expected:
            done = self.approved(row, who)
            expected = "Forbidden" if who == row.submitted_by else "Stale" if age else done
        by = self.people[who]
        self.check(number, expected, workflow.approve, self.pks[number], by=by, version=row.version + age)

    @rule(number=ROW, who=PLANNER, age=AGE, reason=REASON, is_reopened=st.booleans())
    def give_back(self, number: int, who: str, age: int, reason: str, is_reopened: bool) -> None:
        row = self.rows[number]
        states = {"approved"} if is_reopened else {"submitted"}
        expected: str | Row = self.refusal(number, who, age, states, {"open", "correcting"}, review=True)
        if not expected:
            done = replace(
                row, state="returned", version=row.version + 1, approved_by="", return_reason=reason.strip(),
                reference=self.public[number], confirmed_by="",
            )  # fmt: skip
            expected = "Stale" if age else done if reason.strip() else "Incomplete"
        act = workflow.reopen if is_reopened else workflow.send_back
        by = self.people[who]
        self.check(number, expected, act, self.pks[number], by=by, version=row.version + age, reason=reason)

    @rule(numbers=st.sets(ROW, min_size=1), who=PLANNER, age=AGE, is_all_ready=st.booleans())
    def approve_all(self, numbers: set[int], who: str, age: int, is_all_ready: bool) -> None:
        def is_ready(row: Row) -> bool:
            return row.state == "submitted" and not row.is_changed and row.submitted_by != who

        if is_all_ready:
            numbers = {number for number in range(len(self.rows)) if is_ready(self.rows[number])}
        wanted = [(self.pks[number], self.rows[number].version + age) for number in numbers]
        possible = (
            self.round != "published" and not age and all(is_ready(self.rows[number]) for number in numbers)
        )
        expected = "Forbidden" if who not in PLANNERS else "" if possible or not numbers else "Blocked"
        try:
            with transaction.atomic():
                assert workflow.approve_all(wanted, by=self.people[who]) == len(numbers)
            outcome = ""
        except workflow.WorkflowProblem as problem:
            outcome = type(problem).__name__
        assert outcome == expected
        for number in numbers if not outcome else ():
            row = self.rows[number]
            self.rows[number] = self.approved(row, who)
            self.accepted += 1

    @rule(
        which=st.sampled_from(
            ["close", "extend", "start_correction", "start_correction", "finish_correction"]
        )
    )
    def run_the_round(self, which: str) -> None:
        to = {
            "close": {"open": "closed"},
            "extend": {"open": "open", "closed": "open", "correcting": "correcting"},
            "start_correction": {"published": "correcting"},
            "finish_correction": {"correcting": "published"},
        }[which].get(self.round)
        if which == "finish_correction" and any(row.state != "approved" for row in self.rows):
            to = None
        values: dict[str, Any] = {
            "extend": {"due_on": self.space.round.due_on},
            "start_correction": {"reason": "誤り"},
        }.get(which, {})
        try:
            with transaction.atomic():
                getattr(rounds, which)(self.space.round, by=self.space.cast.planner, **values)
            outcome = True
        except rounds.RoundProblem:
            outcome = False
        assert outcome is (to is not None)
        self.round = to or self.round
        if outcome and which == "start_correction":
            self.rows = [self.referred(row, code) for row, code in zip(self.rows, self.public, strict=True)]

    @staticmethod
    def referred(row: Row, code: str) -> Row:
        """The row compared with the report, unless it is submitted and would then lack a reason."""
        new = replace(row, reference=code)
        is_bound = row.state in BOUND and new.is_changed and not row.reason
        return row if is_bound else new

    @precondition(lambda self: any(row.state == "approved" for row in self.rows))
    @rule()
    def publish(self) -> None:
        with transaction.atomic():
            report, is_new = publishing.publish(
                self.space.round, by="企画", reason="訂正のため", unapproved_reason="確認中のため"
            )
        for number, row in enumerate(self.rows):
            if row.state == "approved":
                self.public[number] = row.rating
        self.round = "published"
        told = report.entries.order_by("position").values_list("rating_code", flat=True)
        assert list(told) == ["" if code == "unrated" else code for code in self.public]
        if is_new:
            self.reports = [*self.reports, (report.as_of, report.edition, report.digest)]

    @invariant()
    def the_rows_stand_as_the_model_says(self) -> None:
        stored = []
        for row in YearlyAction.objects.filter(round=self.space.round).with_place().in_table_order():
            assert row.round.state == self.round
            code = row.rating.code if row.rating else "unrated" if row.is_unrated else "open"
            stored.append(
                Row(
                    row.state, row.version, row.result, row.plan, code, row.rating_reason,
                    row.reference_rating.code if row.reference_rating else "unrated",
                    *(getattr(each, "username", "") for each in (row.saved_by, row.submitted_by)),
                    *(getattr(each, "username", "") for each in (row.confirmed_by, row.approved_by)),
                    row.return_reason, row.section_reason,
                )
            )  # fmt: skip
        assert [asdict(row) for row in stored] == [asdict(row) for row in self.rows]
        for row in stored:
            assert row.state in ActionState.values
            assert row.confirmed_by == "" or row.state in {"submitted", "approved"}
            if row.state in BOUND:
                assert row.reason or not row.is_changed
            if row.state == "approved":
                assert row.approved_by in PLANNERS - {row.submitted_by}
            if row.state == "returned":
                assert row.return_reason or row.section_reason

    @invariant()
    def every_transition_is_an_event_and_the_chain_and_all_reports_hold(self) -> None:
        if (now := (events.head(), self.accepted)) == self.checked:
            return
        self.checked = now
        told = list(Event.objects.order_by("number"))
        written = [(event.from_state, event.to_state) for event in told if event.kind == "transition"]
        moves = [way for way in written if way[0] != way[1]]  # a sheet's write may stay within a state
        assert len(moves) == self.accepted
        assert set(moves) <= {(str(before), str(after)) for before, after in TRANSITIONS}
        assert events.first_break(told, events.known_heads()) is None

        assert self.stored_reports() == self.reports
        assert [digests.verify(report) for report in Report.objects.all()] == [True] * len(self.reports)


@pytest.mark.parametrize("years", [5, pytest.param(25, marks=pytest.mark.long)])
def test_no_forbidden_state_is_reached(made: Workspace, db: None, years: int) -> None:
    Year.space = made
    limits = settings(
        max_examples=years,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(Year, settings=limits)  # type: ignore[no-untyped-call]

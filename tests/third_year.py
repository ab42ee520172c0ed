"""A correction of the second year, and the third: a reorganisation, a new name, initiatives that end or begin
or stay unapproved, once more or for the first time, and ratings that rise, fall, come and go.
"""

from collections.abc import Iterable

from tests.second_year import write_and_approve
from tests.staff.people import fill, open_round
from tracker.choices import ActionState
from tracker.cycle import rounds, workflow
from tracker.models import (
    Assignment,
    Department,
    Initiative,
    Manifesto,
    PlanProject,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.reports import publishing

# Rating before and now, of how many, and why.
STEPS = (
    ("B", "A", 7, "施設が開いたため"),
    ("C", "D", 3, "補助の対象から外れたため"),
    ("E", "", 1, "国の事業に移ったため"),
    ("", "C", 2, "市の事業に戻ったため"),
)
UNAPPROVED_REASON = "集計が終わっていないため"
MOVED = 5  # duties that go to another department with the year
NAME = "健康づくり推進課"  # what a department is called from now on


def publish_third_year() -> None:
    """Corrects the published second year, then plays the round of 令和7年度 and publishes it."""
    manifesto = Manifesto.objects.get()
    writer, approver = (User.objects.get(username=f"second-year-{name}") for name in ("writer", "approver"))
    _correct(manifesto.rounds.get(fiscal_year=2024), writer, approver)
    _reorganise(manifesto)
    initiatives = list(Initiative.objects.of(manifesto).running_in(2025).in_table_order())
    for initiative in initiatives[10:12]:
        rounds.end_initiative(initiative, last_fiscal_year=2024, by=writer, reason="計画の期間が終わったため")
    for number in (0, 1):  # the second will not be approved in time
        first = initiatives[number]
        Initiative.objects.create(pledge=first.pledge, position=20 + number, first_fiscal_year=2025)
    round = open_round(manifesto, writer, 2025)
    rows = list(YearlyAction.objects.filter(round=round).with_place().in_table_order())
    new = [row for row in rows if not row.was_reported]
    waiting = {
        rows[-3].pk,
        rows[20].pk,
        new[-1].pk,
    }  # one that waited before, one that did not, one that is new
    ids = dict(manifesto.ratings.values_list("code", "pk"))
    write_and_approve(_values(rows, ids), waiting, writer, approver)
    publishing.publish(round, by="企画調整課", unapproved_reason=UNAPPROVED_REASON)


def _correct(round: ReportingRound, writer: User, approver: User) -> None:
    """The second edition: a rating, a reason, a text and SDGs were wrong; one row is not approved anew."""
    rounds.start_correction(round, by=approver, reason="転記に誤りがあったため")
    approved = YearlyAction.objects.filter(round=round, state=ActionState.APPROVED).with_place()
    rows = list(approved.in_table_order())
    ids = dict(round.manifesto.ratings.values_list("code", "pk"))
    better = next(row for row in rows if row.rating_id == ids["D"])
    reason = next(row for row in rows if row.rating_reason and row != better)
    changes: list[tuple[YearlyAction, dict[str, object]]] = [
        (better, {"rating_id": ids["C"], "is_unrated": False, "rating_reason": "集計の誤り"}),
        (reason, {"rating_id": reason.rating_id, "rating_reason": "別の理由"}),
        (rows[30], {"result": "・会議を二度開きました。", "rating_id": rows[30].rating_id}),
    ]
    for row, values in changes:
        reopened = workflow.reopen(row.pk, by=approver, version=row.version, reason="誤り")
        saved = fill(reopened, writer, **values)
        _approve(workflow.submit(saved.pk, by=writer, version=saved.version), approver)
    workflow.reopen(rows[40].pk, by=approver, version=rows[40].version, reason="確かめ直すため")
    Initiative.objects.filter(pk=rows[50].initiative_id).update(sdgs=[4, 11])
    round.refresh_from_db()
    publishing.publish(
        round, by="企画調整課", reason="転記に誤りがあったため", unapproved_reason="確かめ直すため"
    )


def _approve(row: YearlyAction, approver: User) -> None:
    workflow.approve(row.pk, by=approver, version=row.version)


def _reorganise(manifesto: Manifesto) -> None:
    """From 令和7年度 some duties are a new department's; another has a new name; a project is added."""
    new = Department.objects.create(code="990", name="みどり推進課")
    lasting = Assignment.objects.filter(to_fiscal_year=None, position=1).order_by("pk")
    for duty in lasting[:MOVED]:
        Assignment.objects.filter(pk=duty.pk).update(to_fiscal_year=2024)
        Assignment.objects.create(
            initiative=duty.initiative, department=new, position=90, from_fiscal_year=2025
        )
    renamed = lasting.exclude(department__in=[duty.department_id for duty in lasting[:MOVED]])
    Department.objects.filter(pk=renamed.last().department_id).update(name=NAME)  # type: ignore[union-attr]
    initiative = Initiative.objects.of(manifesto).in_table_order()[60]
    initiative.plan_projects.add(PlanProject.objects.exclude(initiatives=initiative)[0])


def _values(
    rows: Iterable[YearlyAction], ids: dict[str, int]
) -> Iterable[tuple[YearlyAction, dict[str, object]]]:
    """What is written into each row beside what `fill` writes."""
    steps = {before: [(after, reason)] * count for before, after, count, reason in STEPS}
    for row in rows:
        before = row.reference_rating.code if row.reference_rating else ""
        values: dict[str, object] = {}
        if not row.was_reported:
            values = {"rating_id": ids["E"], "is_unrated": False, "rating_reason": "今年度から始めたため"}
        elif steps.get(before):
            after, reason = steps[before].pop()
            values = {"rating_id": ids.get(after), "is_unrated": not after, "rating_reason": reason}
        yield row, values

"""The year after the city's table, played through the workflow: ratings up, down and gone with reasons, an
initiative that has ended, a new one, and two that were not approved in time.

Called in a test, or run on a site's own database: `python -m tests.second_year`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import django
from django.db import transaction

if TYPE_CHECKING:  # models wait for `django.setup`
    from tracker.models import User, YearlyAction

# Rating before and now, of how many, and why.
STEPS = (
    ("C", "B", 9, "用地の取得が終わり、工事に入ったため"),
    ("A", "C", 4, "利用者が減り、事業の組み直しを始めたため"),
    ("D", "", 2, "県の事業に移り、市では評価しないため"),
)
UNAPPROVED = 2  # the last rows that were there before
UNAPPROVED_REASON = "関係機関との調整が続いているため"


def publish_second_year() -> None:
    """Plays the round of 令和6年度 on the published demo and publishes it. The last initiative ends, another
    follows it.
    """
    from tests.staff.people import open_round, person
    from tracker.choices import Role
    from tracker.cycle import rounds
    from tracker.models import Initiative, Manifesto, YearlyAction
    from tracker.reports import publishing

    manifesto = Manifesto.objects.get()
    writer, approver = (person(f"second-year-{name}", Role.PLANNING) for name in ("writer", "approver"))
    last = list(Initiative.objects.of(manifesto).in_table_order())[-1]
    rounds.end_initiative(last, last_fiscal_year=2023, by=writer, reason="目的を果たしたため")
    Initiative.objects.create(pledge=last.pledge, position=last.position + 1, first_fiscal_year=2024)
    round = open_round(manifesto, writer)
    ids = dict(manifesto.ratings.values_list("code", "pk"))
    steps = {before: [(after, reason)] * count for before, after, count, reason in STEPS}
    rows = list(YearlyAction.objects.filter(round=round).with_place().in_table_order())
    waiting = [row.pk for row in rows if row.was_reported][-UNAPPROVED:]
    written: list[tuple[YearlyAction, dict[str, object]]] = []
    for row in rows:
        values: dict[str, object] = {}
        if not row.was_reported:
            values = {"rating_id": ids["D"], "is_unrated": False, "rating_reason": "今年度から始めたため"}
        elif row.reference_rating and steps.get(row.reference_rating.code):
            after, reason = steps[row.reference_rating.code].pop()
            values = {"rating_id": ids.get(after), "is_unrated": not after, "rating_reason": reason}
        written.append((row, values))
    write_and_approve(written, waiting, writer, approver)
    publishing.publish(round, by="企画調整課", unapproved_reason=UNAPPROVED_REASON)


def write_and_approve(
    written: Iterable[tuple[YearlyAction, dict[str, object]]],
    waiting: Collection[int],
    writer: User,
    approver: User,
) -> None:
    """Fills all rows of a round; hands in and approves those that are not to wait. In bulk, as far as that
    takes them: one by one they take seconds.
    """
    from tests.staff.people import complete
    from tracker.cycle import workflow, workflow_in_bulk
    from tracker.cycle.workflow_in_bulk import Answer
    from tracker.models import YearlyAction

    answers = [
        Answer(row.pk, row.version, complete(row, **values), submits=row.pk not in waiting)
        for row, values in written
    ]
    versions = {pk: told["version"] for pk, told in workflow_in_bulk.write_all(answers, by=writer).items()}
    handed_in = YearlyAction.objects.filter(pk__in=versions.keys() - set(waiting))
    alike = set(handed_in.filter(workflow.approvable_at_once(approver)).values_list("pk", flat=True))
    workflow.approve_all([(pk, versions[pk]) for pk in alike], by=approver)
    for row in handed_in.exclude(pk__in=alike):
        workflow.approve(row.pk, by=approver, version=row.version)


if __name__ == "__main__":
    django.setup()
    with transaction.atomic():
        publish_second_year()

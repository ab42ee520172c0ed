"""The year after the city's table, played through the workflow: ratings up, down and gone with reasons, an
initiative that has ended, a new one, and two that were not approved in time.

Called in a test, or run on a site's own database: `python -m tests.second_year`.
"""

import django
from django.db import transaction

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
    from tests.staff.people import fill, open_round, person
    from tracker.choices import Role
    from tracker.cycle import rounds, workflow
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
    for row in rows:
        values: dict[str, object] = {}
        if not row.was_reported:
            values = {"rating_id": ids["D"], "is_unrated": False, "rating_reason": "今年度から始めたため"}
        elif row.reference_rating and steps.get(row.reference_rating.code):
            after, reason = steps[row.reference_rating.code].pop()
            values = {"rating_id": ids.get(after), "is_unrated": not after, "rating_reason": reason}
        saved = fill(row, writer, **values)
        if row.pk not in waiting:
            submitted = workflow.submit(saved.pk, by=writer, version=saved.version)
            workflow.approve(submitted.pk, by=approver, version=submitted.version)
    publishing.publish(round, by="企画調整課", unapproved_reason=UNAPPROVED_REASON)


if __name__ == "__main__":
    django.setup()
    with transaction.atomic():
        publish_second_year()

"""What a whole city hall does in a year beside the few who are watched: `python -m tests.browser.the_rest
people|enter|approve|desk`.

A process of its own, on the site's database and through the same functions as the pages. Prints JSON.
"""

import json
import sys

import django

PASSWORD = "a-long-password-1"


def people() -> dict[str, object]:
    """The cast with a password, and somebody who belongs to every department."""
    from tests.staff.people import make_cast, person
    from tracker.choices import Role
    from tracker.models import Department

    ranked = sorted(
        Department.objects.all(), key=lambda d: (-d.assignments.filter(to_fiscal_year=None).count(), d.pk)
    )
    cast = make_cast(ranked[0], ranked[1])
    everybody = person("everybody", Role.DEPARTMENT, *ranked)
    for user in [*vars(cast).values(), everybody]:
        user.set_password(PASSWORD)
        user.save()
    return {"mine": ranked[0].name, "theirs": ranked[1].name}


def enter() -> dict[str, object]:
    """Everybody writes and submits what is left; every ninth rating changes, up and down in turn, with a
    reason.
    """
    from tests.staff.people import submit
    from tracker.models import Rating, User, YearlyAction

    everybody, second = User.objects.get(username="everybody"), User.objects.get(username="second_planner")
    steps = list(Rating.objects.order_by("position"))
    rows = YearlyAction.objects.filter(state="not_started").with_place().with_departments().in_table_order()
    for number, row in enumerate(rows, start=1):
        values = {}
        if number % 9 == 0 and row.reference_rating:
            place = steps.index(row.reference_rating) + (1 if number % 18 else -1)
            other = steps[min(max(place, 0), len(steps) - 1)]
            values = {"rating_id": other.pk, "rating_reason": f"・状況が変わったため（{row.place}）"}
        submit(row, everybody if row.departments else second, **values)
    return states()


CHANGED, UNCHANGED = 25, 60  # rows on the desk


def desk() -> dict[str, object]:
    """The year's round is open, and some rows wait for approval: most as rated before, some not."""
    from tests.staff.people import open_round, submit
    from tracker.models import Manifesto, Rating, User, YearlyAction

    by = User.objects.get(username="everybody")
    round = open_round(Manifesto.objects.get(), User.objects.get(username="planner"))
    steps = list(Rating.objects.order_by("position"))
    rows = YearlyAction.objects.filter(round=round, reference_rating__isnull=False)
    rated = rows.with_place().with_departments().in_table_order()
    for number, row in enumerate([row for row in rated if row.departments][: CHANGED + UNCHANGED]):
        values = {}
        if number < CHANGED:
            place = steps.index(row.reference_rating)
            other = steps[place + 1 if place + 1 < len(steps) and number % 3 else place - 1]
            values = {"rating_id": other.pk, "rating_reason": f"・状況が変わったため（{row.place}）"}
        submit(row, by, **values)
    return {"round": round.pk} | states()


def approve() -> dict[str, object]:
    """What bulk approval leaves over is looked at one by one."""
    from tracker.cycle import workflow
    from tracker.models import User, YearlyAction

    planner = User.objects.get(username="planner")
    for row in YearlyAction.objects.filter(state="submitted"):
        workflow.approve(row.pk, by=planner, version=row.version)
    return states()


def states() -> dict[str, object]:
    """How many rows stand where, and which ratings changed to what."""
    from django.db.models import Count

    from tracker.models import YearlyAction

    rows = YearlyAction.objects.filter(round__fiscal_year=2024)
    changed = [row for row in rows.with_place() if row.rating_changed]
    return {
        "states": dict(rows.order_by().values_list("state").annotate(Count("pk"))),
        "changed": {
            row.place: [code(row.reference_rating), code(row.rating), row.rating_reason] for row in changed
        },
    }


def code(rating: object) -> str:
    return getattr(rating, "code", "")


if __name__ == "__main__":
    django.setup()
    acts = {"people": people, "enter": enter, "approve": approve, "states": states, "desk": desk}
    print(json.dumps(acts[sys.argv[1]]()))

"""The staff site at sizes: queries, bulk approval, publishing. `python -m benchmarks.staff` prints JSON.

Needs the manifestos of `benchmarks.sizes`. Opens a round in each, with one clerk who is in every department.
"""

import json
import time
from datetime import date, timedelta

import django
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.sizes import MANY, SLUGS, USUAL

BACKEND = "tracker.staff.frame.authentication.StaffBackend"


class Staff:
    """People and rounds; imports Django's models once they can be."""

    def __init__(self) -> None:
        from django.utils import timezone

        from tracker.choices import Role
        from tracker.cycle import rounds
        from tracker.models import Department, Manifesto, Membership, User

        self.planner = User.objects.create(username="bench-planner", role=Role.PLANNING)
        self.submitter = User.objects.create(username="bench-clerk", role=Role.DEPARTMENT)
        departments = Department.objects.all()
        Membership.objects.bulk_create(Membership(user=self.submitter, department=d) for d in departments)
        due_on = timezone.localdate() + timedelta(days=30)
        self.rounds = {
            count: rounds.open_round(
                Manifesto.objects.get(slug=slug),
                fiscal_year=2024,
                due_on=due_on,
                as_of=date(2025, 3, 31),
                by=self.planner,
            )
            for count, slug in SLUGS.items()
        }

    def submit_everything(self) -> None:
        """Writes and submits every row with its last rating, through the tables: quick, by allowed steps."""
        from django.utils import timezone

        from tracker.choices import ActionState
        from tracker.models import YearlyAction

        rows = YearlyAction.objects.filter(round__in=list(self.rounds.values()))
        rows.update(
            result="・会議を開き、計画をまとめました。",
            plan="・工事を始めます。",
            rating=F("reference_rating"),
            state=ActionState.DRAFT,
            was_reported=True,
        )
        rows.filter(rating=None).update(is_unrated=True)
        rows.update(state=ActionState.SUBMITTED, submitted_by=self.submitter, submitted_at=timezone.now())

    def queries(self) -> dict[str, dict[int, int]]:
        """How many queries each page takes, by the number of rows in its round."""
        pages = ("home", "entry form", "board", "queue", "review")
        found: dict[str, dict[int, int]] = {page: {} for page in pages}
        for count, round in self.rounds.items():
            others = [each for each in self.rounds.values() if each != round]
            hidden = [(each, each.state) for each in others]
            for each in others:  # a person works in one round at a time
                type(each).objects.filter(pk=each.pk).update(state="published")
            row = round.actions.order_by("pk")[0].pk
            clerk, planner = self.client(self.submitter), self.client(self.planner)
            found["home"][count] = counted(clerk, "/staff/")
            found["entry form"][count] = counted(clerk, f"/staff/actions/{row}/")
            found["board"][count] = counted(planner, f"/staff/rounds/{round.pk}/")
            found["queue"][count] = counted(planner, f"/staff/queue/?round={round.pk}")
            found["review"][count] = counted(planner, f"/staff/actions/{row}/review/")
            for each, state in hidden:
                type(each).objects.filter(pk=each.pk).update(state=state)
        return found

    def client(self, user: object) -> Client:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user, backend=BACKEND)  # type: ignore[arg-type]
        return client

    def approval(self, count: int) -> tuple[int, float]:
        """Statements and seconds of approving all rows of a round in one go."""
        from tracker.cycle import workflow

        rows = list(self.rounds[count].actions.values_list("pk", "version"))
        begin = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            assert workflow.approve_all(rows, by=self.planner) == count
        return len(captured), time.perf_counter() - begin

    def publishing(self, count: int) -> float:
        """Seconds of publishing a round whose rows are all approved."""
        from tracker.reports import publishing

        begin = time.perf_counter()
        report, is_new = publishing.publish(self.rounds[count], by="bench")
        assert is_new
        assert report.entry_count == count
        return time.perf_counter() - begin


def counted(client: Client, path: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return len(captured)


def main() -> None:
    django.setup()
    staff = Staff()
    found: dict[str, object] = {"queries": {"empty round": staff.queries()}}
    staff.submit_everything()
    found["queries"] |= {"everything submitted": staff.queries()}  # type: ignore[operator]
    found["approval"] = {count: staff.approval(count) for count in SLUGS}
    found["publishing"] = {count: staff.publishing(count) for count in (USUAL, MANY)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

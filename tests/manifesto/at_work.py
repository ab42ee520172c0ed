"""People at work on a published site: `python -m tests.manifesto.at_work` opens a round and prints, as JSON,
who they are and what they work on.
"""

import base64
import json
import sys

import django

django.setup()

from django.test import Client  # noqa: E402

from tests.staff.people import open_round, person  # noqa: E402
from tracker.choices import Role  # noqa: E402
from tracker.entry_sheets import exporting  # noqa: E402
from tracker.models import Manifesto, Report, User, YearlyAction  # noqa: E402


def session(user: User) -> str:
    """A cookie with which a person is logged in."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user, backend="tracker.staff.frame.authentication.StaffBackend")
    return client.cookies["staff_session"].value


def main() -> None:
    planner = person("planner", Role.PLANNING)
    round = open_round(Manifesto.objects.get(slug="2021"), planner)
    rows = YearlyAction.objects.filter(round=round).order_by("pk")
    _made, sheet = exporting.export(round, by=planner)
    told = {
        "session": session(planner),
        "round": round.pk,
        "rows": [[row.pk, row.version] for row in rows],
        "report": Report.objects.latest("pk").pk,
        "sheet": base64.b64encode(sheet).decode(),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

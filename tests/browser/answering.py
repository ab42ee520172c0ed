"""Who answers for the rows of a site, asked in its database: `python -m tests.browser.answering`.

Prints JSON: of each round how many rows are answered for by somebody who can log in, by the planning office
because no department has the duty, and by nobody.
"""

import json
import sys
from collections import Counter

import django


def answering() -> dict[str, list[int]]:
    from tracker.choices import Role
    from tracker.models import User, YearlyAction
    from tracker.staff.people.standing import StandingKind, standing_of, with_standing

    people = with_standing(User.objects.prefetch_related("departments"))
    can_log_in = {StandingKind.ABLE, StandingKind.INVITED}
    able = [each for each in people if standing_of(each).kind in can_log_in]
    manned = {office.pk for each in able if each.role == Role.DEPARTMENT for office in each.departments.all()}
    assert any(each.role == Role.PLANNING for each in able)
    found: dict[str, Counter[str]] = {}
    for row in YearlyAction.objects.select_related("round__manifesto").with_departments():
        offices = {office.pk for office in row.departments}
        who = "planning" if not offices else "department" if offices & manned else "nobody"
        found.setdefault(f"{row.round.manifesto.slug} {row.round.short_label}", Counter())[who] += 1
    return {
        round: [count[who] for who in ("department", "planning", "nobody")] for round, count in found.items()
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(answering()))

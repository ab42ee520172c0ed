"""Several at once, and a sudden death, on a real database: prints what came of it, as JSON.

`python -m tests.organisation.racing`, in a process of its own.
"""

import json
import random
from collections import Counter
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.cycle.racing import killed_after, race, seconds_undisturbed  # noqa: E402
from tests.organisation.people.test_applying import listed_by, many  # noqa: E402
from tests.staff.people import person  # noqa: E402
from tracker.choices import Role  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.models import Department, Event, Invitation, PeopleList, User  # noqa: E402
from tracker.organisation import invitations  # noqa: E402
from tracker.organisation.people import applying, planning  # noqa: E402

THREADS, KILLS, PEOPLE = 6, 5, 300


def kinds(results: list[list[str]]) -> Counter[str]:
    return Counter(each.partition("(")[0] for thread in results for each in thread)


def race_to_apply(bosses: list[User]) -> dict[str, Any]:
    """The same list in many hands: one applies it, the others see that it was."""
    lists = [listed_by(boss, many(20), closes_missing=False) for boss in bosses]
    seen = [planning.plan_of_list(listed, boss).digest for listed, boss in zip(lists, bosses, strict=True)]
    tries = [
        [partial(applying.apply_list, listed, by=boss, seen=digest)]
        for listed, boss, digest in zip(lists, bosses, seen, strict=True)
    ]
    outcomes = kinds(race(tries))
    return {"outcomes": outcomes, "events": Event.objects.filter(subject__startswith="peoplelist:").count()}


def race_to_close_each_other(bosses: list[User]) -> dict[str, Any]:
    """Lists that leave out all administrators but their own: somebody always stays."""
    lists = [listed_by(boss, [[boss.username, boss.get_full_name(), *[""] * 5]]) for boss in bosses]
    seen = [planning.plan_of_list(listed, boss).digest for listed, boss in zip(lists, bosses, strict=True)]
    tries = [
        [partial(applying.apply_list, listed, by=boss, seen=digest)]
        for listed, boss, digest in zip(lists, bosses, seen, strict=True)
    ]
    outcomes = kinds(race(tries))
    left = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR).count()
    User.objects.filter(role=Role.ADMINISTRATOR).update(is_active=True)
    return {"outcomes": outcomes, "left": left}


def race_to_accept(bosses: list[User]) -> dict[str, Any]:
    clerk = person("racer", Role.DEPARTMENT)
    [made] = invitations.invite([clerk.pk], by=bosses[0], by_mail=False).invitations
    number = invitations.number_of(made)
    tries = [[partial(invitations.accept, "racer", number, f"あいことば{n}番2026")] for n in range(THREADS)]
    outcomes = kinds(race(tries))
    told = Event.objects.filter(
        subject=f"user:{clerk.pk}", content__act__startswith="パスワードの設定"
    ).count()
    return {"outcomes": outcomes, "events": told}


def race_to_invite(bosses: list[User]) -> dict[str, Any]:
    people = [person(f"invited{number}", Role.DEPARTMENT).pk for number in range(20)]
    tries = [[partial(invitations.invite, people, by=boss, by_mail=False)] for boss in bosses]
    outcomes = kinds(race(tries))
    made = Invitation.objects.filter(user__in=people)
    return {
        "outcomes": outcomes,
        "invitations": made.count(),
        "batches": made.values("batch").distinct().count(),
    }


def stand() -> list[object]:
    """What can be seen from outside of where an application got to."""
    told = Event.objects.filter(subject__startswith="peoplelist:").count()
    applied = PeopleList.objects.filter(state="applied").count()
    return [User.objects.count(), told - applied]


def kills(boss: User) -> list[dict[str, Any]]:
    """Before and after each kill, at moments spread over the time that applying takes."""
    chance, found = random.Random(20260401), []

    def attempt(number: int) -> partial[PeopleList]:
        rows = [[f"k{number}x{row[0]}", *row[1:]] for row in many(PEOPLE)]
        listed = listed_by(boss, rows, closes_missing=False)
        return partial(applying.apply_list, listed, by=boss, seen=planning.plan_of_list(listed, boss).digest)

    duration = seconds_undisturbed(attempt(99))
    for number in range(KILLS):
        act, before = attempt(number), stand()
        is_done = killed_after(1.3 * duration * (number + chance.random()) / KILLS, act)
        found.append({"done": is_done, "before": before, "after": stand()})
    return found


if __name__ == "__main__":
    call_command("migrate", verbosity=0, skip_checks=True)
    Department.objects.create(code="001", name="土木課")
    keepers = [person(f"boss{number}", Role.ADMINISTRATOR) for number in range(THREADS)]
    told = {each.__name__: each(keepers) for each in (race_to_apply, race_to_accept, race_to_invite)}
    told |= {"race_to_close_each_other": race_to_close_each_other(keepers), "kills": kills(keepers[0])}
    broken = events.first_break(Event.objects.order_by("number"), events.known_heads())
    print(json.dumps(told | {"broken": str(broken)}, default=str))  # noqa: T201

"""Races and sudden deaths, on a real database: prints what happened, as JSON.

`python -m tests.cycle.racing races ROWS` or `kills ROWS KILLS`, in a process of its own: the test database of
SQLite lives in memory and knows no second connection.
"""

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.staff.people import person, submit  # noqa: E402
from tests.workspace import Workspace, make_workspace  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.choices import ActionState, Role, RoundState  # noqa: E402
from tracker.cycle import events, rounds, section_check, workflow  # noqa: E402
from tracker.cycle.workflow import Content  # noqa: E402
from tracker.models import Event, Manifesto, Membership, Report, ReportingRound, User, YearlyAction  # noqa: E402
from tracker.reports import digests, publishing  # noqa: E402

THREADS = 8
EXPECTED = (workflow.WorkflowProblem, rounds.RoundProblem, publishing.PublishingProblem)

Try = Callable[[], object]


def race(tries: Sequence[Sequence[Try]]) -> list[list[str]]:
    """Every list of tries in a thread of its own, begun at once. "" for a try that was done, else why not."""
    begin = Barrier(len(tries))

    def run(mine: Sequence[Try]) -> list[str]:
        begin.wait()
        try:
            return [outcome(each) for each in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


def outcome(attempt: Try) -> str:
    try:
        attempt()
    except EXPECTED as problem:
        return type(problem).__name__
    except Exception as problem:  # what must not be: "database is locked", a deadlock
        return repr(problem)
    return ""


def summary(results: list[list[str]]) -> dict[str, Any]:
    """Winners and losers; how many tries of each place of the lists were done; whether the chain holds."""
    done = [sum(thread[place] == "" for thread in results) for place in range(min(map(len, results)))]
    return {
        "outcomes": Counter(each for thread in results for each in thread),
        "winners": sorted(set(done)),
        "broken": str(events.first_break(Event.objects.order_by("number"), events.known_heads())),
    }


def seen(space: Workspace, state: ActionState) -> list[tuple[int, int]]:
    """The rows with their versions, all brought to a state by SQL."""
    rows = YearlyAction.objects.filter(round=space.round)
    with triggers.removed(connection):
        rows.update(
            state=state, result="・甲", rating=space.ratings["B"], submitted_by=space.cast.clerk,
            submitted_at=timezone.now(), approved_by=None, return_reason="数がない",
        )  # fmt: skip
    return list(rows.order_by("pk").values_list("pk", "version"))


def each_in_some_order(rows: list[tuple[int, int]], act: Callable[[int, int], object]) -> list[Try]:
    """Threads meet at the same rows: the same order for all."""
    return [lambda pk=pk, version=version: act(pk, version) for pk, version in rows]  # type: ignore[misc]


def transitions_of(space: Workspace, to: str) -> Counter[int]:
    """How often how many events say of a row that it came into a state: {1: 100} is once each."""
    subjects = [row.subject for row in YearlyAction.objects.filter(round=space.round)]
    each = Counter(Event.objects.filter(subject__in=subjects, to_state=to).values_list("subject", flat=True))
    return Counter(each.values())


def race_to_submit(space: Workspace, planners: list[User]) -> dict[str, Any]:
    rows = seen(space, ActionState.DRAFT)
    who = [space.cast.both, *planners[1:]]
    results = race(
        [each_in_some_order(rows, lambda pk, v, by=by: workflow.submit(pk, by=by, version=v)) for by in who]
    )
    return summary(results) | {"events": transitions_of(space, "submitted")}


def race_to_approve(space: Workspace, planners: list[User]) -> dict[str, Any]:
    rows = seen(space, ActionState.SUBMITTED)
    results = race(
        [
            each_in_some_order(rows, lambda pk, v, by=by: workflow.approve(pk, by=by, version=v))
            for by in planners
        ]
    )
    return summary(results) | {"events": transitions_of(space, "approved")}


def race_to_save(space: Workspace, planners: list[User]) -> dict[str, Any]:
    rows = seen(space, ActionState.DRAFT)

    def saving(by: User) -> list[Try]:
        content = Content(result=f"・{by.username}の文", rating_id=space.ratings["B"].pk)
        return each_in_some_order(rows, lambda pk, v: workflow.save(pk, by=by, version=v, content=content))

    results = race([saving(by) for by in planners])
    stored = YearlyAction.objects.filter(round=space.round).order_by("pk").select_related("saved_by")
    wins = [
        next((by for by, thread in zip(planners, results, strict=True) if not thread[n]), None)
        for n in range(len(rows))
    ]
    return summary(results) | {
        "winner's text kept": [
            row.result == f"・{by.username}の文" for row, by in zip(stored, wins, strict=True) if by
        ].count(True),
        "versions": Counter(row.version - before for row, (_pk, before) in zip(stored, rows, strict=True)),
    }


def race_all_at_once_against_one_by_one(space: Workspace, planners: list[User]) -> dict[str, Any]:
    rows = seen(space, ActionState.SUBMITTED)
    bulk: list[list[Try]] = [[lambda by=by: workflow.approve_all(rows, by=by)] for by in planners[:4]]  # type: ignore[misc]
    single = [
        each_in_some_order(rows, lambda pk, v, by=by: workflow.approve(pk, by=by, version=v))
        for by in planners[4:]
    ]
    results = race([*bulk, *single])
    done = sum(each == "" for thread in results[4:] for each in thread) + len(rows) * sum(
        t == [""] for t in results[:4]
    )
    return summary(results) | {"events": transitions_of(space, "approved"), "done": done}


def made_heads(space: Workspace, planners: list[User]) -> list[User]:
    """Four people who head both departments; the racing people themselves are planners."""
    Manifesto.objects.filter(pk=space.manifesto.pk).update(section_check=True)
    heads = [
        User.objects.get_or_create(username=f"head{number}", defaults={"role": Role.DEPARTMENT})[0]
        for number in range(len(planners) // 2)
    ]
    for head in heads:
        for office in (space.mine, space.theirs):
            Membership.objects.get_or_create(user=head, department=office, defaults={"is_head": True})
    return heads


def race_for_the_section(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """Heads confirm, one by one and all at once, a clerk withdraws, planners approve what has been confirmed:
    of each version of a row one act wins. In a larger workspace, of which 100 rows have departments.
    """
    space = make_workspace(133, slug=f"{space.manifesto.slug}-section", cast=space.cast)
    seen(space, ActionState.IN_SECTION)
    heads = made_heads(space, planners)
    nobodys = YearlyAction.objects.filter(round=space.round).without_department()
    rows = list(YearlyAction.objects.filter(round=space.round).exclude(pk__in=nobodys).order_by("pk"))
    pairs = [(row.pk, row.version) for row in rows]
    confirming = [
        each_in_some_order(pairs, lambda pk, v, by=by: section_check.confirm(pk, by=by, version=v))
        for by in heads[:3]
    ]
    at_once: list[Try] = [lambda: section_check.confirm_all(pairs[:10], by=heads[3])]
    clerk = space.cast.both
    withdrawing = each_in_some_order(pairs, lambda pk, v: workflow.withdraw(pk, by=clerk, version=v))
    approving = [
        each_in_some_order(pairs, lambda pk, v, by=by: workflow.approve(pk, by=by, version=v + 1))
        for by in planners[:2]
    ]
    late = each_in_some_order(pairs, lambda pk, v: workflow.withdraw(pk, by=clerk, version=v + 1))
    results = race([*confirming, at_once, withdrawing, late, *approving])
    subjects = [row.subject for row in rows]
    told = Counter(Event.objects.filter(subject__in=subjects).values_list("subject", "content__version"))
    ways = Counter(Event.objects.filter(subject__in=subjects).values_list("from_state", "to_state"))
    stands = Counter(YearlyAction.objects.get(pk=pk).state for pk, _version in pairs)
    confirmed = sum(thread.count("") for thread in results[:3]) + 10 * results[3].count("")
    return summary(results) | {
        "rows": len(rows),
        "per version": sorted(set(told.values())),
        "ways": {f"{before}>{after}": count for (before, after), count in ways.items()},
        "stands": stands,
        "confirmed": confirmed,
        "withdrawn": [thread.count("") for thread in results[4:6]],
        "approved": sum(thread.count("") for thread in results[6:]),
    }


def race_to_close(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """The round is closed while rows are submitted: nothing comes in after that."""
    rows = seen(space, ActionState.DRAFT)
    submitting = each_in_some_order(rows, lambda pk, v: workflow.submit(pk, by=planners[0], version=v))

    def close() -> None:
        while YearlyAction.objects.filter(round=space.round, state=ActionState.SUBMITTED).count() < 20:
            time.sleep(0.002)
        rounds.close(space.round, by=planners[1])

    results = race([submitting, [close]])
    closed = Event.objects.get(subject=space.round.subject, to_state="closed").number
    late = Event.objects.filter(to_state="submitted", number__gt=closed).count()
    return summary(results) | {"late": late}


def race_to_close_while_saving(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """People save, who share the round's lock, until it is closed: nothing is saved after that."""
    rows, closed = seen(space, ActionState.DRAFT), threading.Event()
    late: list[int] = []

    def save(pk: int, version: int, by: User) -> None:
        is_late = closed.is_set()
        workflow.save(pk, by=by, version=version, content=Content(result="・保存した文"))
        late.extend([pk] if is_late else [])

    def close() -> None:
        while YearlyAction.objects.filter(round=space.round, result="・保存した文").count() < 10:
            time.sleep(0.002)
        rounds.close(space.round, by=planners[0])
        closed.set()

    savers = [
        each_in_some_order(rows[n::4], lambda pk, v, by=by: save(pk, v, by))
        for n, by in enumerate(planners[:4])
    ]
    told = summary(race([*savers, [close]]))
    saved = YearlyAction.objects.filter(round=space.round, result="・保存した文").count()
    return told | {"late": len(late), "saved": saved, "done": told["outcomes"][""] - 1}


def race_to_save_beside_each_other(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """One is in the middle of a save; another's, of another row, does not wait for it; closing does."""
    (mine, _version), (other, version), *_rest = seen(space, ActionState.DRAFT)
    is_held, is_saved, order = threading.Event(), threading.Event(), []

    @transaction.atomic
    def hold() -> None:
        workflow.lock_shared(mine)
        is_held.set()
        is_saved.wait(5)
        time.sleep(0.3)
        order.append("held")

    def save() -> None:
        is_held.wait(5)
        workflow.save(other, by=planners[1], version=version, content=Content(result="・文"))
        order.append("saved")
        is_saved.set()

    def close() -> None:
        is_saved.wait(10)
        rounds.close(space.round, by=planners[2])
        order.append("closed")

    return summary(race([[hold], [save], [close]])) | {"order": order}


def race_to_publish(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """The round is published while rows are approved: the report has exactly what was approved before it."""
    rows = seen(space, ActionState.SUBMITTED)
    approving = [each_in_some_order(rows[n::4], lambda pk, v, by=by: workflow.approve(pk, by=by, version=v))
                 for n, by in enumerate(planners[:4])]  # fmt: skip

    def publish() -> None:
        while YearlyAction.objects.filter(round=space.round, state=ActionState.APPROVED).count() < 20:
            time.sleep(0.002)
        publishing.publish(space.round, by="企画", unapproved_reason="確認中")

    results = race([*approving, [publish]])
    report = Report.objects.get(manifesto=space.manifesto, fiscal_year=2024)
    published = Event.objects.get(subject=f"report:{report.slug}/{report.as_of}/1").number
    subjects = {row.subject for row in YearlyAction.objects.filter(round=space.round)}
    before = Event.objects.filter(subject__in=subjects, to_state="approved", number__lt=published).count()
    after = Event.objects.filter(subject__in=subjects, to_state="approved", number__gt=published).count()
    return summary(results) | {
        "told as approved": report.entries.filter(carried_from=None).count() - before,
        "approved after": after,
        "holds": digests.verify(report),
    }


def race_a_correction_against_answers(space: Workspace, planners: list[User]) -> dict[str, Any]:
    """Last year's correction is published, which touches this year's rows, while people save them."""
    rows = seen(space, ActionState.DRAFT)
    rounds.start_correction(space.last_round, by=planners[0], reason="誤り")
    for old in YearlyAction.objects.filter(round=space.last_round)[:10]:
        again = workflow.reopen(old.pk, by=planners[0], version=old.version, reason="誤り")
        sent = submit(
            again, planners[0], rating_id=space.ratings["A"].pk, is_unrated=False, rating_reason="転記の誤り"
        )
        workflow.approve(sent.pk, by=planners[1], version=sent.version)

    def save(pk: int, _version: int) -> None:
        row = YearlyAction.objects.get(pk=pk)
        workflow.save(
            pk,
            by=planners[2],
            version=row.version,
            content=replace(Content.of(row), plan=str(time.monotonic_ns())),
        )

    publish: list[Try] = [lambda: publishing.publish(space.last_round, by="企画", reason="誤り")]
    results = race([each_in_some_order(rows, save), each_in_some_order(rows[::-1], save), publish])
    changed = YearlyAction.objects.filter(round=space.round, reference_rating=space.ratings["A"]).count()
    return {"publishing": results[2], "references": changed} | summary(results)


def race_to_open(space: Workspace, planners: list[User]) -> dict[str, Any]:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    values: dict[str, Any] = {
        "due_on": timezone.localdate() + timedelta(days=9),
        "as_of": date(2026, 3, 31),
        "fiscal_year": 2025,
    }
    tries: list[list[Try]] = [
        [lambda by=by: rounds.open_round(space.manifesto, by=by, **values)] for by in planners
    ]  # type: ignore[misc]
    results = race(tries)
    return summary(results) | {
        "rows": YearlyAction.objects.filter(round__manifesto=space.manifesto, round__fiscal_year=2025).count()
    }


RACES = {
    race.__name__: race
    for race in (
        *(race_to_submit, race_to_approve, race_to_save, race_all_at_once_against_one_by_one),
        *(race_to_close, race_to_publish, race_a_correction_against_answers, race_to_open),
        *(race_to_close_while_saving, race_to_save_beside_each_other, race_for_the_section),
    )
}


def races(row_count: int) -> dict[str, Any]:
    """All races, each in a manifesto of its own."""
    planners = [person(f"planner{number}", Role.PLANNING) for number in range(THREADS)]
    found, cast = {}, None
    for number, (name, run) in enumerate(RACES.items()):
        space = make_workspace(row_count, slug=f"race-{number}", cast=cast)
        cast = space.cast
        begin = time.monotonic()
        found[name] = run(space, planners) | {"seconds": round(time.monotonic() - begin, 1)}
    return found


# ---- sudden deaths


def approving(space: Workspace) -> None:
    rows = list(YearlyAction.objects.filter(round=space.round).values_list("pk", "version"))
    workflow.approve_all(rows, by=space.cast.planner)


def publishing_again(space: Workspace) -> None:
    publishing.publish(space.round, by="企画", reason="誤り")


def stand(space: Workspace) -> dict[str, Any]:
    """What can be seen from outside of where the act got to, and whether all of it holds."""
    rows = YearlyAction.objects.filter(round=space.round)
    said = Event.objects.filter(subject__in=[row.subject for row in rows], to_state="approved").count()
    reports = list(Report.objects.filter(manifesto=space.manifesto))
    return {
        "states": sorted(set(rows.values_list("state", flat=True))),
        "approvals": said,
        "round": ReportingRound.objects.get(pk=space.round.pk).state,
        "reports": len(reports),
        "publications": Event.objects.filter(subject__startswith=f"report:{space.manifesto.slug}/").count(),
        "hold": all(digests.verify(report) for report in reports),
        "broken": str(events.first_break(Event.objects.order_by("number"), events.known_heads())),
        "triggers": triggers.missing(connection),
    }


def made_ready(space: Workspace, act: Callable[[Workspace], None], number: int) -> None:
    """All submitted, or all approved with something new to publish."""
    seen(space, ActionState.SUBMITTED)
    if act is publishing_again:
        with triggers.removed(connection):
            YearlyAction.objects.filter(round=space.round).update(
                state=ActionState.APPROVED, approved_by=space.cast.planner, result=f"・{number} 回目"
            )
            ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.CORRECTING)


def begun(act: Callable[[], object]) -> int:
    """Does an act in a process of its own, which ends with 0 when it is done. The process's id."""
    connection.close()
    child = os.fork()
    if not child:
        try:
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)  # the rest of the scenario is the parent's
    return child


def killed_after(
    seconds: float, act: Callable[[], object], since: Callable[[], object] = lambda: None
) -> bool:
    """Whether an act was done in a process that is killed a while after `since` has returned."""
    child = begun(act)
    since()
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    until_the_server_knows()
    assert os.WIFSIGNALED(status) or status == 0
    return not os.WIFSIGNALED(status)


def until_the_server_knows() -> None:
    """PostgreSQL ends what a dead client had begun a moment later: only then is it told where that got to.
    Sessions that wait for work, as PgBouncer keeps them, hold nothing.
    """
    if connection.vendor == "postgresql":
        at_work = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
            "backend_type = 'client backend' AND state <> 'idle'"
        )
        with connection.cursor() as cursor:
            while cursor.execute(at_work).fetchone() != (1,):  # this one
                time.sleep(0.005)


def seconds_undisturbed(act: Callable[[], object]) -> float:
    """How long an act takes that nobody kills, in a process as the others."""
    begin = time.monotonic()
    assert os.waitpid(begun(act), 0)[1] == 0
    return time.monotonic() - begin


def kills(row_count: int, count: int) -> list[dict[str, Any]]:
    """What stood before and after each kill, at moments spread over the time that each act takes."""
    space, found = make_workspace(row_count), []
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.OPEN)
    chance = random.Random(20240331)
    for act in (approving, publishing_again):
        made_ready(space, act, 99)
        duration = seconds_undisturbed(partial(act, space))
        for number in range(count):
            made_ready(space, act, number)
            before = stand(space)
            is_done = killed_after(1.3 * duration * (number + chance.random()) / count, partial(act, space))
            found.append({"act": act.__name__, "done": is_done, "before": before, "after": stand(space)})
    return found


if __name__ == "__main__":
    call_command("migrate", verbosity=0, skip_checks=True)
    play: Callable[..., object] = {"races": races, "kills": kills}[sys.argv[1]]
    print(json.dumps(play(*map(int, sys.argv[2:])), default=str))  # noqa: T201

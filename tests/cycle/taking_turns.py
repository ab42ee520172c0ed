"""Two people at once on PostgreSQL, each pair of acts stopped at the moment that matters: prints what became.

`python -m tests.cycle.taking_turns`, in a process of its own, on an empty database. The first act stops in
the middle, with all that it has written still unseen; the second begins and either waits for it or goes by;
then the first goes on. SQLite has one writer at a time and needs no such care.
"""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.conftest import FIXTURE  # noqa: E402
from tests.cycle.racing import seen  # noqa: E402
from tests.entry_sheets.filling import filled  # noqa: E402
from tests.entry_sheets.sheets import received  # noqa: E402
from tests.management.importing import next_year  # noqa: E402
from tests.organisation.people.test_applying import listed_by  # noqa: E402
from tests.published_tables.file.writing import small_text  # noqa: E402
from tests.published_tables.test_loading import load  # noqa: E402
from tests.staff.people import logged_in, person  # noqa: E402
from tests.workspace import Workspace, make_workspace  # noqa: E402
from tracker.choices import ActionState, EventKind, Role, RoundState  # noqa: E402
from tracker.cycle import cancelling, events, rounds, workflow, workflow_in_bulk  # noqa: E402
from tracker.cycle.workflow import Content  # noqa: E402
from tracker.entry_sheets import applying, exporting, planning  # noqa: E402
from tracker.models import Event, PeopleList, Reorganisation, ReportingRound, SheetBatch, YearlyAction  # noqa: E402
from tracker.organisation import invitations, writing  # noqa: E402
from tracker.organisation.people import applying as people_applying  # noqa: E402
from tracker.organisation.people import planning as people_planning  # noqa: E402
from tracker.published_tables import loading  # noqa: E402
from tracker.published_tables.file.reading import read_table  # noqa: E402
from tracker.published_tables.row_writer import LoadingProblem  # noqa: E402
from tracker.reports import index, publishing  # noqa: E402

Act = Callable[[], object]
EXPECTED = (
    *(workflow.WorkflowProblem, rounds.RoundProblem, publishing.PublishingProblem, applying.SheetProblem),
    *(writing.ReorganisationProblem, people_applying.PeopleProblem, LoadingProblem),
)
PATIENCE = 20  # seconds
EXAMPLE = FIXTURE.parent / "example_symbols.csv"
BEFORE_ITS_EVENTS, INSIDE_THE_CHAIN = (events, "record_all"), (events, "event_hash")


def in_turn(first: Act, second: Act, stop: tuple[Any, str] = BEFORE_ITS_EVENTS) -> dict[str, Any]:
    """How two acts end, and whether the second waited while the first stood still at its first `stop`."""
    stopped, go_on, me = threading.Event(), threading.Event(), threading.local()
    original = getattr(*stop)

    def wait_once(*args: Any, **values: Any) -> Any:
        if getattr(me, "is_first", False) and not stopped.is_set():
            stopped.set()
            assert go_on.wait(PATIENCE)
        return original(*args, **values)

    def run(act: Act, is_first: bool) -> str:
        me.is_first = is_first
        try:
            return outcome(act)
        finally:
            connection.close()

    setattr(*stop, wait_once)
    try:
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(run, first, True)
            assert stopped.wait(PATIENCE), one.result()
            two = pool.submit(run, second, False)
            has_waited = waits(two)
            go_on.set()
            return {"first": one.result(), "second": two.result(), "waited": has_waited}
    finally:
        setattr(*stop, original)


def outcome(act: Act) -> str:
    """ "" for an act that was done, else the first sentence of why not."""
    try:
        act()
    except EXPECTED as problem:
        return str(problem).partition("。")[0]
    except Exception as problem:  # what must not be
        return repr(problem)
    return ""


def waits(act: Future[str]) -> bool:
    """Whether an act comes to stand at another's lock, rather than to its end."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _moment in range(PATIENCE * 50):
        with connection.cursor() as cursor:
            if cursor.execute(waiting).fetchone() != (0,):
                return True
        if act.done():
            return False
        time.sleep(0.02)
    raise AssertionError("neither done nor waiting")


def made(slug: str) -> Workspace:
    cast = made_before[0].cast if made_before else None
    made_before.append(make_workspace(slug=slug, cast=cast))
    return made_before[-1]


made_before: list[Workspace] = []


def close(space: Workspace) -> Act:
    return lambda: rounds.close(space.round, by=space.cast.planner)


def save(space: Workspace, number: int = 1) -> Act:
    row = space.row(number)
    content = Content(result="・書きました。", plan="", rating_id=space.ratings["B"].pk)
    return lambda: workflow.save(row.pk, by=space.cast.planner, version=row.version, content=content)


def publish(space: Workspace, round: ReportingRound) -> Act:
    return lambda: publishing.publish(round, by="企画", reason="誤り", unapproved_reason="確認中")


def states(space: Workspace) -> list[str]:
    return [str(row.state) for row in space.rows()]


def nothing_is_saved_into_a_round_that_closes(slug: str) -> dict[str, Any]:
    space = made(slug)
    return in_turn(close(space), save(space)) | {"states": states(space)}


def nothing_is_sent_back_in_a_round_that_closes(slug: str) -> dict[str, Any]:
    space = made(slug)
    pk, version = seen(space, ActionState.SUBMITTED)[0]
    send_back = partial(workflow.send_back, pk, by=space.cast.planner, version=version, reason="数がない")
    return in_turn(close(space), send_back) | {"states": states(space)}


def a_round_closes_after_the_save_that_came_first(slug: str) -> dict[str, Any]:
    space = made(slug)
    told = in_turn(save(space), close(space))
    return told | {"order": list(Event.objects.order_by("-number").values_list("to_state", flat=True)[:2])}


def no_sheet_is_written_into_a_round_that_closes(slug: str) -> dict[str, Any]:
    space = made(slug)
    row = space.row()
    answer = workflow_in_bulk.Answer(row.pk, row.version, Content(result="・書きました。"))
    write = partial(workflow_in_bulk.write_all, [answer], by=space.cast.planner)
    return in_turn(close(space), write) | {"states": states(space)}


def a_row_that_somebody_is_writing_is_named(slug: str) -> dict[str, Any]:
    """Somebody who asks for no round's lock, such as an import."""
    space = made(slug)
    row = space.row()
    answer = workflow_in_bulk.Answer(row.pk, row.version, Content(result="・書きました。"))

    def write() -> None:
        with transaction.atomic():
            YearlyAction.objects.filter(pk=row.pk).update(plan="・予定", version=F("version") + 1)
            events.record(by="取込", kind=EventKind.IMPORTED, subject=row.subject)

    told = in_turn(write, partial(workflow_in_bulk.write_all, [answer], by=space.cast.planner))
    return told | {"texts": [space.row().result, space.row().plan]}


def nothing_is_approved_in_a_round_that_is_published(slug: str) -> dict[str, Any]:
    space = made(slug)
    rows = seen(space, ActionState.SUBMITTED)
    approve = partial(workflow.approve_all, rows, by=space.cast.planner)
    return in_turn(publish(space, space.round), approve) | {"states": sorted(set(states(space)))}


def a_round_closes_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    told = in_turn(close(space), close(space))
    return told | {"events": Event.objects.filter(subject=space.round.subject, to_state="closed").count()}


def corrected(space: Workspace) -> Act:
    """Last year's rating is corrected to A for all; ready to be published, while no round is running."""
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    YearlyAction.objects.filter(round=space.last_round).update(rating=space.ratings["A"])
    return publish(space, space.last_round)


def opened(space: Workspace) -> Act:
    values = {"due_on": timezone.localdate() + timedelta(days=9), "as_of": date(2026, 3, 31)}
    return lambda: rounds.open_round(space.manifesto, fiscal_year=2025, by=space.cast.planner, **values)


def references(space: Workspace) -> list[str]:
    rows = YearlyAction.objects.filter(round__manifesto=space.manifesto, round__fiscal_year=2025)
    return sorted(set(rows.values_list("reference_rating__code", flat=True)))


def a_round_opens_on_the_report_that_is_being_published(slug: str) -> dict[str, Any]:
    space = made(slug)
    return in_turn(corrected(space), opened(space)) | {"references": references(space)}


def a_report_reaches_the_round_that_is_being_opened(slug: str) -> dict[str, Any]:
    space = made(slug)
    return in_turn(opened(space), corrected(space)) | {"references": references(space)}


def a_round_opens_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    return in_turn(opened(space), opened(space))


def a_report_is_published_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    told = in_turn(publish(space, space.round), publish(space, space.round))
    return told | {
        "editions": list(space.manifesto.reports.filter(fiscal_year=2024).values_list("edition", flat=True))
    }


def batch_of(space: Workspace) -> tuple[SheetBatch, str]:
    """A sheet that is ready to be confirmed, and its preview."""
    planner = space.cast.planner
    _made, content = exporting.export(space.round, by=planner)
    batch = received(space, filled(content, {space.row().pk: {"result": "・駅"}}), planner)
    batch = applying.keep_choices(batch, by=planner, picks={}, left_out=[], submits=False)
    return batch, planning.plan_of(batch, planner).digest


def confirm(space: Workspace, batch: SheetBatch, seen: str) -> Act:
    return lambda: applying.confirm(batch, by=space.cast.planner, seen=seen)


def a_sheet_is_confirmed_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    batch, seen = batch_of(space)
    told = in_turn(confirm(space, batch, seen), confirm(space, batch, seen))
    return told | {"batch": SheetBatch.objects.get(pk=batch.pk).state}


def a_sheet_is_not_thrown_away_while_it_is_written(slug: str) -> dict[str, Any]:
    space = made(slug)
    batch, seen = batch_of(space)

    discard = partial(applying.discard, batch, by=space.cast.planner)
    return in_turn(confirm(space, batch, seen), discard) | {
        "batches": SheetBatch.objects.filter(pk=batch.pk).count()
    }


def a_sheet_is_taken_back_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    batch, seen = batch_of(space)
    confirm(space, batch, seen)()

    undo = partial(applying.undo, batch, by=space.cast.planner)
    return in_turn(undo, undo) | {"batch": SheetBatch.objects.get(pk=batch.pk).state}


def the_chain_does_not_fork(slug: str) -> dict[str, Any]:
    """Two rounds, which know nothing of each other."""
    one, other = made(slug), made(f"{slug}-b")
    told = in_turn(save(one), save(other), INSIDE_THE_CHAIN)
    return told | {"broken": str(events.first_break(Event.objects.order_by("number"), events.known_heads()))}


def an_index_is_made_anew_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    report = space.manifesto.reports.get()
    report.entries.first().index.delete()
    rebuild = partial(index.rebuild, report)
    told = in_turn(rebuild, rebuild, (index, "_outdated"))
    return told | {"outdated": index.outdated(report)}


def an_end_waits_for_the_round_that_is_being_opened(slug: str) -> dict[str, Any]:
    space = made(slug)
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    initiative = space.row().initiative
    end = partial(
        rounds.end_initiative, initiative, last_fiscal_year=2024, by=space.cast.planner, reason="完了"
    )
    told = in_turn(opened(space), end)
    return told | {
        "rows": YearlyAction.objects.filter(initiative=initiative, round__fiscal_year=2025).count()
    }


def an_end_waits_for_the_row_that_is_being_written(slug: str) -> dict[str, Any]:
    space = made(slug)
    initiative = space.row().initiative
    end = partial(
        rounds.end_initiative, initiative, last_fiscal_year=2023, by=space.cast.planner, reason="完了"
    )
    return in_turn(save(space), end) | {"states": states(space)}


def enter(by: Client, **values: object) -> Act:
    """Sends the form of a new field of a manifesto."""

    def act() -> None:
        formset = {"sections-TOTAL_FORMS": 0, "sections-INITIAL_FORMS": 0}
        answer = by.post("/staff/tracker/category/add/", {**formset, **values})
        if answer.status_code != 302:
            raise workflow.NotNow(answer.context["adminform"].form.non_field_errors()[0])

    return act


def what_two_enter_at_once_is_there_once(slug: str) -> dict[str, Any]:
    space = made(slug)
    values = {"manifesto": space.manifesto.pk, "number": 77, "name": "新しい分野"}
    people = logged_in(space.cast.planner), logged_in(space.cast.second_planner)
    end = in_turn(*(enter(one, **values) for one in people))
    return end | {"fields": space.manifesto.categories.filter(number=77).count()}


def a_table_is_loaded_once(slug: str) -> dict[str, Any]:
    told = {"slug": f"{slug}-table", "by": "企画", "file_name": EXAMPLE.name, "file_digest": "0" * 64}
    act = partial(loading.load, read_table(EXAMPLE), **told)
    return in_turn(act, act) | {"events": Event.objects.filter(subject=f"manifesto:{slug}-table").count()}


def a_document_is_not_rewritten_while_it_is_done(slug: str) -> dict[str, Any]:
    planner = made(slug).cast.planner
    steps = [{"kind": "create", "departments": ["901"], "name": "新しい課"}]
    document = Reorganisation.objects.create(fiscal_year=2025, title="春", steps=steps)
    seen = writing.fingerprint(document, writing.worked_out(document))
    apply = partial(writing.apply, document, by=planner, expected=seen)
    rewrite = partial(writing.write_steps, document, [], by=planner)
    return in_turn(apply, rewrite) | {"steps": len(Reorganisation.objects.get(pk=document.pk).steps)}


def a_round_opens_after_the_one_that_is_being_cancelled(slug: str) -> dict[str, Any]:
    space = made(slug)
    seen = cancelling.seen_digest(cancelling.typed_rows(space.round))
    values = {"by": space.cast.planner, "reason": "年度のまちがい", "seen": seen}
    told = in_turn(partial(cancelling.cancel, space.round, **values), opened(space))
    years = space.manifesto.rounds.order_by("fiscal_year").values_list("fiscal_year", flat=True)
    return told | {"years": list(years)}


def who_asks_twice_gets_one_link(slug: str) -> dict[str, Any]:
    user = person(f"{slug}-asks", Role.DEPARTMENT, email=f"{slug}@city.example")
    ask = partial(invitations.ask, user.username)
    return in_turn(ask, ask) | {"links": user.invitations.count()}


def a_list_is_not_thrown_away_while_it_is_applied(slug: str) -> dict[str, Any]:
    boss = made(slug).cast.administrator
    listed = listed_by(boss, [[f"{slug}-n1", "鈴木 花子", *[""] * 5]], closes_missing=False)
    seen = people_planning.plan_of_list(listed, boss).digest
    apply = partial(people_applying.apply_list, listed, by=boss, seen=seen)
    told = in_turn(apply, partial(people_applying.discard_list, listed, by=boss))
    return told | {"lists": PeopleList.objects.filter(pk=listed.pk).count()}


def no_table_is_loaded_beside_a_round_that_is_being_opened(slug: str) -> dict[str, Any]:
    planner, slug = made(slug).cast.planner, f"{slug}-table"
    first = load(small_text(), slug).round
    publishing.publish(first, by="企画")
    values = {"fiscal_year": 2024, "due_on": timezone.localdate(), "as_of": date(2025, 3, 31)}
    begin = partial(rounds.open_round, first.manifesto, by=planner, **values)
    told = in_turn(begin, partial(load, next_year(), slug))
    return told | {"states": sorted(first.manifesto.rounds.values_list("state", flat=True))}


SCENES = (
    nothing_is_saved_into_a_round_that_closes,
    nothing_is_sent_back_in_a_round_that_closes,
    a_round_closes_after_the_save_that_came_first,
    no_sheet_is_written_into_a_round_that_closes,
    a_row_that_somebody_is_writing_is_named,
    nothing_is_approved_in_a_round_that_is_published,
    a_round_closes_once,
    a_round_opens_on_the_report_that_is_being_published,
    a_report_reaches_the_round_that_is_being_opened,
    a_round_opens_once,
    a_report_is_published_once,
    a_sheet_is_confirmed_once,
    a_sheet_is_not_thrown_away_while_it_is_written,
    a_sheet_is_taken_back_once,
    the_chain_does_not_fork,
    an_index_is_made_anew_once,
    an_end_waits_for_the_round_that_is_being_opened,
    an_end_waits_for_the_row_that_is_being_written,
    what_two_enter_at_once_is_there_once,
    a_table_is_loaded_once,
    a_document_is_not_rewritten_while_it_is_done,
    a_round_opens_after_the_one_that_is_being_cancelled,
    who_asks_twice_gets_one_link,
    a_list_is_not_thrown_away_while_it_is_applied,
    no_table_is_loaded_beside_a_round_that_is_being_opened,
)


if __name__ == "__main__":
    setup_test_environment()
    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps({scene.__name__: scene(f"turn-{number}") for number, scene in enumerate(SCENES)}))  # noqa: T201

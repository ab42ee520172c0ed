"""Whoever writes to the database beside the application is found out by `verify_events`.

Each tampering is done as by somebody who may do everything in the database, triggers and hashes included, but
has no access to STATE_DIR, where the key and the log of seals are. What is not seen is told here, too.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from tests.management.importing import published
from tests.management.test_verify_events import outcome
from tests.staff.people import Cast, fill, make_cast, open_round, submit
from tracker import triggers
from tracker.choices import ActionState, EventKind
from tracker.cycle import events, seals, workflow
from tracker.models import (
    ChainHead,
    Department,
    EntryIndex,
    Event,
    Initiative,
    Rating,
    Report,
    ReportEntry,
    YearlyAction,
)
from tracker.reports import digests, index, publishing

pytestmark = pytest.mark.django_db

FORGED = "・書き換えました。"


@pytest.fixture(scope="module")
def written(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """Two reports, and a round with a submitted, an approved, a returned and a begun row."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield write(tmp_path_factory.mktemp("table"))
        transaction.set_rollback(True)


def write(folder: Path) -> Cast:
    report = published(folder, by="取込")
    mine, theirs = Department.objects.order_by("code")
    cast = make_cast(mine, theirs)
    for place in ("1-1-1-3", "1-1-1-4"):
        Initiative.objects.create(
            pledge=Initiative.objects.order_by("pk")[0].pledge,
            position=int(place[-1]),
            first_fiscal_year=2021,
        )
    round = open_round(report.manifesto, cast.planner)
    first, second, third, fourth = YearlyAction.objects.filter(round=round).with_place().in_table_order()
    done = submit(first, cast.clerk)
    workflow.approve(done.pk, by=cast.planner, version=done.version)
    submit(second, cast.other)
    back = submit(third, cast.planner, is_unrated=True)
    workflow.send_back(back.pk, by=cast.second_planner, version=back.version, reason="数がない")
    fill(fourth, cast.planner)
    publishing.publish(round, by="企画", unapproved_reason="まだのため")
    events.record(by="企画", kind=EventKind.CATALOGUE, subject="initiative:1", reason="名前を直した")
    return cast


@pytest.fixture
def sealed(written: Cast, db: None, settings: Settings, tmp_path: Path) -> Cast:
    """The same with the log that the commits would have left: the tests' transaction has none."""
    settings.STATE_DIR = tmp_path
    for number, own_hash in Event.objects.order_by("number").values_list("number", "own_hash"):
        seals.keep(number, own_hash)
    return written


# --- what somebody with the database alone can do


def rechain(chained: Sequence[Event], seal: str | None = None) -> None:
    """Puts a whole chain in place of the other, with right numbers, links, hashes and head."""
    previous = events.GENESIS
    for number, event in enumerate(chained, start=1):
        event.number, event.previous_hash = number, previous
        event.own_hash = previous = events.event_hash(event)
    Event.objects.all().delete()
    Event.objects.bulk_create(chained)
    ChainHead.objects.update(
        number=len(chained), own_hash=previous, **({} if seal is None else {"seal": seal})
    )
    heads = {event.own_hash for event in chained}
    for report in Report.objects.exclude(chain_head__in=heads):
        report.chain_head = chained[0].own_hash
        redigest(report)


def chain() -> list[Event]:
    return list(Event.objects.order_by("number"))


def row(state: str, /, **values: object) -> None:
    """Rewrites the row of this year's round that stands in a state."""
    assert YearlyAction.objects.filter(state=state, is_imported=False).update(**values) == 1


def imported(**values: object) -> None:
    first = YearlyAction.objects.filter(is_imported=True).order_by("pk")[:1]
    assert YearlyAction.objects.filter(pk__in=first.values("pk")).update(**values) == 1


def other_rating(**of: object) -> Rating:
    now = YearlyAction.objects.filter(**of).order_by("pk")[0].rating
    return Rating.objects.exclude(pk=now.pk if now else None)[0]


def redigest(report: Report) -> str:
    """Makes a report's digests anew, those of its entries and its index too."""
    entries = list(report.entries.order_by("position"))
    EntryIndex.objects.filter(entry__report=report).delete()
    for entry in entries:
        entry.content_digest = digests.content_digest(entry)
        entry.save()
        made = index.index_of(entry, report)
        made.entry = entry
        made.save()
    report.digest = digests.digest(report, entries)
    report.save()
    return report.digest


def with_its_event(report: Report) -> None:
    """Makes a report's digests anew, and the event of its publication, and the chain from there on."""
    digest, chained = redigest(report), chain()
    for event in chained:
        if event.subject == report.subject:
            event.content["digest"] = digest
    rechain(chained)
    for event in chained:  # the heads of reports have moved, and so have their digests
        if event.subject == report.subject:
            event.content["digest"] = Report.objects.get(pk=report.pk).digest
    rechain(chained)


def last_report() -> Report:
    return Report.objects.order_by("pk")[1]


def forge_entry() -> Report:
    report = last_report()
    entry = report.entries.order_by("position")[0]
    entry.results = {**entry.results, "2024": FORGED}
    entry.save()
    return report


def delete_report() -> str:
    report = last_report()
    EntryIndex.objects.filter(entry__report=report).delete()
    ReportEntry.objects.filter(report=report).delete()
    subject = report.subject
    report.delete()
    return subject


# Events.


def cut(count: int, seal: str | None = None) -> None:
    rechain(chain()[:-count], seal)


def cut_with_the_seal_of_then() -> None:
    end = chain()[-2]
    cut(1, seals.seal(end.number, end.own_hash))


def cut_all() -> None:
    delete_report()
    first = Report.objects.get()
    EntryIndex.objects.all().delete()
    ReportEntry.objects.filter(report=first).delete()
    first.delete()
    Event.objects.all().delete()
    ChainHead.objects.all().delete()


def rewrite_event(field: str, place: int = 5) -> None:
    chained = chain()
    setattr(chained[place], field, "別の人" if field == "actor" else "別の理由")
    rechain(chained)


def rewrite_event_and_row() -> None:
    row("submitted", result=FORGED)
    subject = YearlyAction.objects.get(state="submitted").subject
    chained = chain()
    for event in chained:
        if event.subject == subject:
            event.content["result"] = FORGED
    rechain(chained)


def drop_event_between() -> None:
    chained = chain()
    del chained[-3]
    rechain(chained)


def false_event(kind: str = EventKind.CATALOGUE, **values: object) -> Event:
    values = {"actor": "x", "subject": "initiative:1", "content": {}, **values}
    return Event(happened_at=timezone.now(), kind=kind, **values)


def put_event_between() -> None:
    rechain([*chain()[:5], false_event(), *chain()[5:]])


def append_event(seal: str | None = None) -> None:
    rechain([*chain(), false_event()], seal)


def approve_with_an_event() -> None:
    """What the application would have written, by hand."""
    action = YearlyAction.objects.with_place().get(state="submitted")
    action.state = ActionState.APPROVED
    told = workflow.happening(action, ActionState.SUBMITTED)
    row("submitted", state="approved", approved_by=the_approver())
    rechain(
        [*chain(), false_event(told.kind, subject=told.subject, content=told.content, to_state="approved")]
    )


def the_approver() -> object:
    return YearlyAction.objects.filter(approved_by__isnull=False)[0].approved_by


def swap_order() -> None:
    chained = chain()
    chained[4], chained[5] = chained[5], chained[4]
    rechain(chained)


# Rows.


def delete_row() -> None:
    YearlyAction.objects.filter(state="approved", is_imported=False).delete()


def approve_beside() -> None:
    row("submitted", state="approved", approved_by=the_approver())


def smuggle_as_imported() -> None:
    row("draft", state="approved", is_imported=True, result=FORGED)


# Reports.


def forge_entry_with_hashes() -> None:
    redigest(forge_entry())


def forge_entry_with_hashes_and_event() -> None:
    with_its_event(forge_entry())


def drop_entry() -> None:
    report = last_report()
    EntryIndex.objects.filter(entry__report=report, entry__position=report.entry_count).delete()
    report.entries.filter(position=report.entry_count).delete()
    report.entry_count -= 1
    redigest(report)


def drop_report_and_event() -> None:
    subject = delete_report()
    rechain([event for event in chain() if event.subject != subject])


def swap_reports() -> None:
    first, second = Report.objects.order_by("pk")
    for pk, as_of in ((first.pk, date(1999, 3, 31)), (second.pk, first.as_of), (first.pk, second.as_of)):
        Report.objects.filter(pk=pk).update(as_of=as_of)
    for report in Report.objects.all():
        redigest(report)


def swap_reports_with_events() -> None:
    swap_reports()
    for report in Report.objects.order_by("pk"):
        with_its_event(report)


def add_report() -> None:
    report = last_report()
    entries = list(report.entries.order_by("position"))
    report.pk, report.edition, report.correction_reason, report._state.adding = None, 2, "偽", True
    report.save()
    for entry in entries:
        entry.pk, entry.report, entry._state.adding = None, report, True
        entry.save()
    redigest(report)


def retitle_report() -> None:
    report = last_report()
    report.title = "偽"
    redigest(report)


def backdate_report() -> None:
    report = last_report()
    report.published_at = report.published_at.replace(year=2020)
    with_its_event(report)


Act = Callable[[], None]
# What is done, and in which parts `verify_events` sees it.
SEEN: dict[str, tuple[str, Act]] = {
    "the last event cut off, with the head": ("履歴", lambda: cut(1)),
    "the last three events cut off, with the head": ("履歴 公表版 取組", lambda: cut(3)),
    "the last event cut off, with the seal of then": ("履歴", cut_with_the_seal_of_then),
    "the last event cut off, without a seal": ("履歴", lambda: cut(1, "")),
    "all events and reports gone": ("履歴 取組", cut_all),
    "an event's reason rewritten": ("履歴 公表版", lambda: rewrite_event("reason")),
    "an event's actor rewritten": ("履歴 公表版", lambda: rewrite_event("actor")),
    "the last event rewritten": ("履歴", lambda: rewrite_event("actor", -1)),
    "the last event rewritten, without a seal": (
        "履歴",
        lambda: (rewrite_event("actor", -1), rechain(chain(), ""))[0],
    ),
    "a text rewritten in row and events": ("履歴 公表版", rewrite_event_and_row),
    "an event dropped": ("履歴 公表版 取組", drop_event_between),
    "an event put between": ("履歴 公表版", put_event_between),
    "two events in each other's place": ("履歴 公表版 取組", swap_order),
    "an event appended": ("履歴", append_event),
    "an event appended, without a seal": ("履歴", lambda: append_event("")),
    "an approval written by hand, with its event": ("履歴", approve_with_an_event),
    "a submitted result rewritten": ("取組", lambda: row("submitted", result=FORGED)),
    "a submitted plan rewritten": ("取組", lambda: row("submitted", plan=FORGED)),
    "a submitted rating changed": (
        "取組",
        lambda: row("submitted", rating=other_rating(state="submitted"), rating_reason="x"),
    ),
    "a submitted reason rewritten": ("取組", lambda: row("submitted", rating_reason=FORGED)),
    "an approved result rewritten": ("取組", lambda: row("approved", result=FORGED, version=99)),
    "an approved row unrated": (
        "取組",
        lambda: row("approved", rating=None, is_unrated=True, rating_reason="x"),
    ),
    "a row approved beside the workflow": ("取組", approve_beside),
    "a returned row put back to draft": ("取組", lambda: row("returned", state="draft")),
    "a begun row put back to nothing": ("取組", lambda: row("draft", state="not_started")),
    "a row deleted": ("取組", delete_row),
    "a begun row passed off as imported": ("取組", smuggle_as_imported),
    "last year's imported text rewritten": ("取組", lambda: imported(result=FORGED)),
    "last year's imported rating changed": ("取組", lambda: imported(rating=other_rating(is_imported=True))),
    "an entry rewritten": ("公表版", lambda: (forge_entry(), None)[1]),
    "an entry rewritten, with its hashes": ("公表版", forge_entry_with_hashes),
    "an entry rewritten, with hashes, event and chain": ("履歴", forge_entry_with_hashes_and_event),
    "an entry dropped, with count and hashes": ("公表版", drop_entry),
    "a report deleted": ("公表版", lambda: (delete_report(), None)[1]),
    "a report deleted, with its event": ("履歴", drop_report_and_event),
    "two reports swapped, with their hashes": ("公表版", swap_reports),
    "two reports swapped, with hashes, events and chain": ("履歴", swap_reports_with_events),
    "a report added": ("公表版", add_report),
    "a report's title rewritten, with its hashes": ("公表版", retitle_report),
    "a report backdated, with hashes, event and chain": ("履歴", backdate_report),
}
UNSEEN: dict[str, Act] = {
    "a draft's text rewritten": lambda: row("draft", result=FORGED),
    "the reason of a return rewritten": lambda: row("returned", return_reason=FORGED),
    "who approved exchanged": lambda: row("approved", approved_by=None, is_imported=True),
    "a department renamed": lambda: (Department.objects.filter(code="001").update(name="偽"), None)[1],
}


def test_what_nobody_touched_holds(sealed: Cast) -> None:
    said = outcome()
    assert (said["problems"], said["notices"]) == ([], [])
    assert said["log"] == {"lines": said["events"], "reaches": said["events"], "unreadable": 0}
    assert said["rows"] == YearlyAction.objects.count()
    assert set(YearlyAction.objects.filter(is_imported=False).values_list("state", flat=True)) == {
        "approved",
        "submitted",
        "returned",
        "draft",
    }


@pytest.mark.parametrize("name", SEEN)
def test_a_tampering_is_seen(sealed: Cast, name: str) -> None:
    parts, act = SEEN[name]
    with triggers.removed(connection):
        act()
    assert {each["part"] for each in outcome()["problems"]} == set(parts.split())


@pytest.mark.parametrize("name", UNSEEN)
def test_what_is_compared_with_nothing_is_not_seen(sealed: Cast, name: str) -> None:
    """README says so. Whoever makes one of them seen moves it up, and mends README."""
    with triggers.removed(connection):
        UNSEEN[name]()
    assert outcome()["problems"] == []

"""Whoever changes one event, or a report, is found out."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker, Settings

from tests.management.importing import published
from tests.public.building import make_entry, save_report
from tests.staff.people import make_cast, open_round, submit
from tracker import triggers
from tracker.choices import EventKind
from tracker.cycle import events, seals, workflow
from tracker.cycle.recorded import Recorded
from tracker.models import (
    ChainHead,
    Department,
    EntryIndex,
    Event,
    Manifesto,
    Report,
    ReportEntry,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.reports import digests, publishing, verifying
from tracker.reports.index import INDEXED
from tracker.words.packing import pack

pytestmark = pytest.mark.django_db

SQLITE = connection.vendor == "sqlite"
LENGTH = 9
NO_LOG = "控え（{}）がありません。次に何かを記録したときに作ります。"


@pytest.fixture(scope="module")
def written(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Event]]:
    """Written once for this module's tests, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield write(tmp_path_factory.mktemp("table"))
        transaction.set_rollback(True)


@pytest.fixture
def chain(written: list[Event], db: None) -> list[Event]:
    """The events as they were written, to be tampered with."""
    return list(Event.objects.order_by("number"))


def write(folder: Path) -> list[Event]:
    """A chain in which every kind of event is: import, publication, round, transitions and their reasons."""
    report = published(folder, by="取込")
    mine, theirs = Department.objects.order_by("code")
    cast = make_cast(mine, theirs)
    round = open_round(report.manifesto, cast.planner)
    first, second = YearlyAction.objects.filter(round=round).with_place().in_table_order()
    done = submit(first, cast.clerk)
    workflow.send_back(
        done.pk, by=cast.planner, version=done.version, reason="数を書いてください", field="result"
    )
    submit(second, cast.other)
    events.record(
        by="企画",
        kind=EventKind.CATALOGUE,
        subject="initiative:1",
        content={"last_fiscal_year": 2024},
        reason="完了",
    )
    found = list(Event.objects.order_by("number"))
    assert len(found) == LENGTH
    return found


def outcome() -> dict[str, Any]:
    """What the command says in JSON, and with which code it ends."""
    out, code = StringIO(), 0
    try:
        call_command("verify_events", json=True, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(str(end.code))
    said = json.loads(out.getvalue())
    assert (said["holds"], bool(said["problems"])) == (code == 0, code == 1)
    return dict(said)


def first_bad() -> int | None:
    problems = outcome()["problems"]
    return problems[0]["number"] if problems else None


def execute(sql: str, *values: object) -> None:
    with triggers.removed(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)


def update(number: int, column: str, value: object) -> None:
    execute(f'UPDATE tracker_event SET "{column}" = %s WHERE number = %s', value, number)


def test_an_untouched_chain_holds(chain: list[Event]) -> None:
    out = StringIO()
    call_command("verify_events", stdout=out)
    assert out.getvalue().splitlines() == [
        "履歴 9 件を確かめました。改ざんは見つかりませんでした。",
        "公表版 1 件も、公表したときのままです（確認番号の方式 3：1 件）。",
        f"取組の行 {YearlyAction.objects.count()} 件も、履歴のとおりです。",
        f"履歴の終わり：9 番 {chain[-1].own_hash}（封印は鍵と合っています）",
        f"ご注意：{NO_LOG.format(seals.log_path())}",
    ]
    assert outcome() == {
        "events": LENGTH,
        "reports": 1,
        "rows": YearlyAction.objects.count(),
        "digest_versions": {"3": 1},
        "end": {"number": LENGTH, "hash": chain[-1].own_hash, "sealed": True},
        "log": {"lines": 0, "reaches": 0, "unreadable": 0},
        "holds": True,
        "problems": [],
        "notices": [NO_LOG.format(seals.log_path())],
    }


def test_an_empty_chain_holds() -> None:
    with triggers.removed(connection):
        for model in (ReportEntry, Report, Event, ChainHead, YearlyAction):
            model._default_manager.all().delete()
    said = outcome()
    assert (said["events"], said["reports"], said["rows"]) == (0, 0, 0)
    assert (said["end"], said["problems"], said["notices"]) == (
        {"number": 0, "hash": events.GENESIS, "sealed": False},
        [],
        [],
    )


def test_every_column_of_an_event_is_covered() -> None:
    columns = {field.column for field in Event._meta.concrete_fields}
    assert columns == {"id", *FORGED}


FORGED: dict[str, object] = {
    "number": 99,
    "happened_at": "2020-01-01 00:00:00+00:00",
    "actor": "別人",
    "kind": "unknown",
    "subject": "action:0",
    "from_state": "approved",
    "to_state": "not_started",
    "reason": "別の理由",
    "content": '{"forged": true}',
    "previous_hash": "1" * 64,
    "own_hash": "2" * 64,
}


@pytest.mark.parametrize("number", range(1, LENGTH + 1))
@pytest.mark.parametrize("column", FORGED)
def test_a_changed_column_is_found(chain: list[Event], column: str, number: int) -> None:
    value = FORGED[column]
    if SQLITE and column == "happened_at":
        value = "2020-01-01 00:00:00"
    update(number, column, value)
    assert first_bad() == number


@pytest.mark.parametrize("number", range(1, LENGTH + 1))
def test_a_deleted_event_is_found(chain: list[Event], number: int) -> None:
    execute("DELETE FROM tracker_event WHERE number = %s", number)
    assert first_bad() == number


@pytest.mark.parametrize("count", range(1, LENGTH + 1))
def test_a_chain_that_was_cut_off_is_found_also_when_it_went_on(chain: list[Event], count: int) -> None:
    execute("DELETE FROM tracker_event WHERE number > %s", LENGTH - count)
    assert first_bad() == LENGTH - count + 1
    events.record(by="x", kind=EventKind.ROUND, subject="round:2021/2024")
    assert first_bad() == LENGTH - count + 1


@pytest.mark.parametrize("number", range(1, LENGTH))
def test_two_events_in_each_others_place_are_found(chain: list[Event], number: int) -> None:
    for before, after in ((number, 1000), (number + 1, number), (1000, number + 1)):
        update(before, "number", after)
    assert first_bad() == number


@pytest.mark.parametrize("number", range(1, LENGTH + 1))
def test_an_event_that_was_put_between_is_found(chain: list[Event], number: int) -> None:
    for later in range(LENGTH, number - 1, -1):
        update(later, "number", later + 1)
    false = Event(
        number=number, happened_at=timezone.now(), actor="x", kind=EventKind.ROUND, subject="x", content={}
    )
    false.previous_hash = chain[number - 2].own_hash if number > 1 else events.GENESIS
    false.own_hash = events.event_hash(false)
    false.save()
    assert first_bad() == number + 1


def test_an_event_that_was_added_at_the_end_is_found(chain: list[Event]) -> None:
    false = Event(
        number=LENGTH + 1,
        happened_at=timezone.now(),
        actor="x",
        kind=EventKind.ROUND,
        subject="x",
        content={},
    )
    false.previous_hash = chain[-1].own_hash
    false.own_hash = events.event_hash(false)
    false.save()
    assert first_bad() == LENGTH + 1


@pytest.mark.parametrize("number", range(1, LENGTH + 1))
def test_a_forged_event_with_a_hash_of_its_own_is_found(chain: list[Event], number: int) -> None:
    """The next event, or for the last one the chain's head, still names the true one."""
    forged = chain[number - 1]
    forged.reason = "別の理由"
    with triggers.removed(connection):
        Event.objects.filter(pk=forged.pk).update(reason=forged.reason, own_hash=events.event_hash(forged))
    assert first_bad() == number + 1


def test_a_chain_that_was_forged_whole_misses_what_reports_carry(chain: list[Event]) -> None:
    head, hashes = events.GENESIS, {}
    for event in chain:
        event.actor, event.previous_hash = "別人", head
        event.own_hash = head = hashes[event.pk] = events.event_hash(event)
    with triggers.removed(connection):
        for event in chain:
            Event.objects.filter(pk=event.pk).update(
                actor=event.actor, previous_hash=event.previous_hash, own_hash=event.own_hash
            )
        ChainHead.objects.update(own_hash=head)
    assert first_bad() == LENGTH + 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("happened_at", "gestern"),
        ("happened_at", ""),
        ("content", "[1]"),
        ("content", "null"),
        ("content", '"x"'),
    ],
)
@pytest.mark.skipif(not SQLITE, reason="PostgreSQL takes no such value")
def test_a_value_that_cannot_be_read_is_found(chain: list[Event], column: str, value: object) -> None:
    update(3, column, value)
    assert first_bad() == 3


def test_a_moment_that_is_none_here_is_told_all_the_same(chain: list[Event]) -> None:
    update(3, "happened_at", "9999-12-31 23:59:59" + ("" if SQLITE else "+00:00"))
    [problem] = outcome()["problems"]
    assert (problem["number"], problem["happened_at"][:16]) == (3, "9999-12-31 23:59")


def test_behind_the_first_bad_event_nothing_is_compared_with_what_was_not_read(chain: list[Event]) -> None:
    """The publication is behind it, so that the report is compared with its own digest only."""
    update(1, "actor", "別人")
    assert [(each["part"], each["number"]) for each in outcome()["problems"]] == [("履歴", 1)]


def test_a_report_that_no_event_tells_of_is_named(chain: list[Event]) -> None:
    save_report([make_entry(1)], slug="2017")
    assert [(each["subject"], each["why"]) for each in outcome()["problems"]] == [
        ("report:2017/2024-03-31/1", "公表の履歴に記録されたものと違います")
    ]


def test_a_publication_that_says_nothing_is_named(chain: list[Event]) -> None:
    events.record(by="x", kind=EventKind.PUBLISHED, subject="report:2017/2024-03-31/1", content={})
    assert [(each["subject"], each["why"]) for each in outcome()["problems"]] == [
        ("report:2017/2024-03-31/1", "公表の履歴があるのに、公表版がありません")
    ]


@pytest.mark.parametrize("moment", ["before the events are read", "after the events are read"])
def test_what_is_published_meanwhile_is_no_difference(
    chain: list[Event], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def publish_meanwhile(*args: Any) -> Any:
        if moment.startswith("after"):
            found = first_break(*args)
        Manifesto.objects.update(title="別の題")
        round = ReportingRound.objects.get(fiscal_year=Report.objects.get().fiscal_year)
        assert publishing.publish(round, by="x", reason="誤り", whole_catalogue=True)[1] is True
        return found if moment.startswith("after") else first_break(*args)

    first_break = events.first_break
    monkeypatch.setattr(events, "first_break", publish_meanwhile)
    assert outcome()["problems"] == []


@pytest.fixture
def chain_for_all(chain: list[Event]) -> list[Event]:
    """One chain for all examples: each takes back what it did."""
    return chain


@given(
    number=st.integers(1, LENGTH),
    column=st.sampled_from(["actor", "subject", "reason"]),
    value=st.text("あa \n", max_size=5),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_text_is_found(chain_for_all: list[Event], number: int, column: str, value: str) -> None:
    with transaction.atomic():
        before = getattr(chain_for_all[number - 1], column)
        update(number, column, value)
        assert first_bad() == (None if before == value else number)
        transaction.set_rollback(True)


def test_the_words_name_the_first_bad_event(chain: list[Event]) -> None:
    update(5, "reason", "別の理由")
    update(7, "reason", "別の理由")
    event = chain[4]
    with pytest.raises(CommandError) as caught:
        call_command("verify_events")
    happened_at = f"{timezone.localtime(event.happened_at):%Y-%m-%d %H:%M:%S}"
    assert caught.value.returncode == 1
    assert str(caught.value).splitlines() == [
        "履歴 4 件を確かめ、正しくないところが見つかりました。",
        (
            f"履歴 5 番（{happened_at}、{event.subject}、{event.actor}）：内容が、"
            "記録されたときのものと違います。"
        ),
    ]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE tracker_report SET title = '偽'", "内容が、公表したときのものと違います"),
        ("UPDATE tracker_report SET digest = '0'", "内容が、公表したときのものと違います"),
        (
            "UPDATE tracker_reportentry SET rating_code = 'C' WHERE position = 2",
            "内容が、公表したときのものと違います",
        ),
        ("DELETE FROM tracker_reportentry WHERE position = 2", "内容が、公表したときのものと違います"),
    ],
)
def test_a_changed_report_is_named(chain: list[Event], sql: str, why: str) -> None:
    EntryIndex.objects.all().delete()  # refers to the entries, and one of them is deleted
    execute(sql)
    assert [(each["subject"], each["why"], each["digest_version"]) for each in outcome()["problems"]] == [
        ("report:2021/2024-03-31/1", why, 3)
    ]


def first_version(derived: bytes | None = None) -> None:
    """Makes the report one of the first release, whose digest covers the index of its time."""
    report = Report.objects.get()
    report.digest_version = 1
    report.derived_in_digest = pack(EntryIndex.objects.order_by("entry__position").values(*INDEXED))
    report.digest = digests.digest(report, list(report.entries.order_by("position")))
    report.derived_in_digest = report.derived_in_digest if derived is None else derived
    with triggers.removed(connection):
        report.save()


def test_a_report_of_the_first_version_is_verified_by_its_own_rule(chain: list[Event]) -> None:
    first_version()
    said = outcome()
    assert said["digest_versions"] == {"1": 1}
    assert [each["why"] for each in said["problems"]] == ["公表の履歴に記録されたものと違います"]


@pytest.mark.parametrize("derived", [b"", b"x", pack([{}, {}]), pack([{}, {}])[:-9], pack([[1], [2]])])
def test_a_report_that_lost_what_its_digest_covers_is_named(chain: list[Event], derived: bytes) -> None:
    first_version(derived)
    with pytest.raises(
        CommandError,
        match="公表版 report:2021/2024-03-31/1（確認番号の方式 1）：内容が、公表したときのものと違います。",
    ):
        call_command("verify_events")


def test_an_index_that_is_not_what_the_content_says_is_named(chain: list[Event]) -> None:
    EntryIndex.objects.filter(entry__position=1).update(excerpt="偽")
    EntryIndex.objects.filter(entry__position=2).delete()
    assert [each["why"] for each in outcome()["problems"]] == [
        "取組 2 件の索引が、内容と合いません。manage.py rebuild_index で作り直せます"
    ]
    call_command("rebuild_index", stdout=StringIO())
    assert outcome()["problems"] == []


def test_a_report_forged_with_its_digest_is_not_what_the_event_says(chain: list[Event]) -> None:
    report = Report.objects.get()
    report.title = "偽"
    with triggers.removed(connection):
        digest = digests.digest(report, list(report.entries.order_by("position")))
        Report.objects.filter(pk=report.pk).update(title="偽", digest=digest)
    assert [each["why"] for each in outcome()["problems"]] == ["公表の履歴に記録されたものと違います"]


def test_a_report_that_is_gone_is_named(chain: list[Event]) -> None:
    with triggers.removed(connection):
        ReportEntry.objects.all().delete()
        Report.objects.all().delete()
    with pytest.raises(
        CommandError, match="公表版 report:2021/2024-03-31/1：公表の履歴があるのに、公表版がありません。"
    ):
        call_command("verify_events")


def test_of_a_changed_event_and_an_appended_one_the_changed_one_is_named(chain: list[Event]) -> None:
    update(8, "reason", "別の理由")
    with triggers.removed(connection):
        ChainHead.objects.update(number=5)
    assert first_bad() == 8


def test_a_long_chain_tells_how_far_it_is(chain: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "STEP", 4)
    err = StringIO()
    call_command("verify_events", stdout=StringIO(), stderr=err)
    assert err.getvalue().split() == ["4", "件まで確かめました…", "8", "件まで確かめました…"]


@pytest.fixture
def log(chain: list[Event], settings: Settings, tmp_path: Path) -> Path:
    """The log as the commits would have left it: the tests' transaction has none."""
    settings.STATE_DIR = tmp_path
    for event in chain:
        seals.keep(event.number, event.own_hash)
    return seals.log_path()


def test_the_log_is_told_where_it_reaches_the_end(log: Path) -> None:
    out = StringIO()
    call_command("verify_events", stdout=out)
    assert out.getvalue().splitlines()[-1] == "控え：9 番まで、履歴と合っています。"
    assert (outcome()["log"], outcome()["notices"]) == ({"lines": 9, "reaches": 9, "unreadable": 0}, [])


def test_a_log_that_is_behind_is_told_and_is_no_tampering(log: Path) -> None:
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:6]) + lines[6][:50])
    assert outcome()["notices"] == [
        "控えは 6 番までです。あとの 3 件は、次に何かを記録したときに、まとめて控えます。",
        "控えに、読めない行が 1 行あります（ディスクの空きがなかったときなどに残ります）。",
    ]


def test_a_log_of_another_key_is_found(log: Path, settings: Settings) -> None:
    settings.SEAL_KEY = "another" * 10
    assert [(each["part"], each["why"]) for each in outcome()["problems"]] == [
        ("控え", "封印が鍵と合わない行が 9 行あります（控えが書き換えられたか、鍵が替わっています）"),
        ("履歴", "履歴の終わりの封印が、鍵と合いません（このシステムの外で書かれたか、鍵が替わっています）"),
    ]


def test_a_line_of_the_log_that_our_key_did_not_make_is_named(log: Path) -> None:
    lines = log.read_text().splitlines()
    other = lines[3][:-1] + ("1" if lines[3].endswith("0") else "0")
    log.write_text("\n".join([*lines[:3], other, *lines[4:], ""]))
    why = "封印が鍵と合わない行が 1 行あります（控えが書き換えられたか、鍵が替わっています）"
    assert [(each["part"], each["subject"], each["why"]) for each in outcome()["problems"]] == [
        ("控え", "4 行目", why)
    ]


def test_the_first_event_that_only_the_log_knows_is_named(log: Path) -> None:
    for number in (10, 11):
        seals.keep(number, "f" * 64)
    assert [(each["part"], each["number"], each["why"]) for each in outcome()["problems"]] == [
        ("履歴", 10, "控えには 11 番まであります。終わりの履歴が削除されています")
    ]


def test_a_log_that_cannot_be_read_stops_the_command(log: Path) -> None:
    log.unlink()
    log.mkdir()
    with pytest.raises(CommandError) as caught:
        call_command("verify_events")
    assert str(caught.value) == f"控え（{log}）を読めません：Is a directory。"


def test_a_seal_that_our_key_did_not_make_is_seen_without_the_log(chain: list[Event]) -> None:
    seals.log_path().unlink(missing_ok=True)
    with triggers.removed(connection):
        ChainHead.objects.update(seal="0" * 64)
    assert [each["why"] for each in outcome()["problems"]] == [
        "履歴の終わりの封印が、鍵と合いません（このシステムの外で書かれたか、鍵が替わっています）"
    ]


def test_a_chain_from_before_there_were_seals_holds_and_says_so(chain: list[Event]) -> None:
    with triggers.removed(connection):
        ChainHead.objects.update(number=LENGTH, seal="")
    said = outcome()
    assert (said["problems"], said["end"]["sealed"]) == ([], False)
    assert said["notices"][-1] == "履歴の終わりに、まだ封印がありません。次に何かを記録したときに付きます。"


def test_a_head_that_was_written_down_must_be_in_the_chain(chain: list[Event]) -> None:
    call_command(
        "verify_events", head=[chain[4].own_hash, f" {chain[8].own_hash.upper()} "], stdout=StringIO()
    )
    with pytest.raises(CommandError, match="履歴 10 番：あったはずの履歴が見つかりません"):
        call_command("verify_events", head=["f" * 64])
    with pytest.raises(CommandError, match="--head 12：ハッシュは、0〜9 と a〜f の 64 文字です。"):
        call_command("verify_events", head=["12"])


def bare(imported: list[Event]) -> None:
    """Makes imports those of a release that named no rows, with all hashes."""
    previous = events.GENESIS
    with triggers.removed(connection):
        for event in imported:
            event.content.pop("row_digests", None)
            event.previous_hash = previous
            event.own_hash = previous = events.event_hash(event)
            event.save()
        end = {"own_hash": previous, "seal": seals.seal(LENGTH, previous)}
        ChainHead.objects.update(**end)
        Report.objects.update(chain_head="")
        report = Report.objects.get()
        report.digest = digests.digest(report, list(report.entries.order_by("position")))
        report.save()


def test_rows_of_an_old_import_are_not_compared_and_that_is_told(chain: list[Event]) -> None:
    imported = YearlyAction.objects.filter(is_imported=True).count()
    bare(chain)
    said = outcome()
    assert [each["why"] for each in said["problems"]] == [
        "公表の履歴に記録されたものと違います"
    ]  # made anew above
    assert said["rows"] == YearlyAction.objects.count() - imported
    assert said["notices"][-1] == (
        f"取組 {imported} 件は、行ごとの記録がない古い取込のものなので、履歴と比べられません。"
    )


def test_a_row_that_moved_on_meanwhile_is_no_difference(
    chain: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody hands in while the command is under way: its event is behind what was looked through."""
    returned = YearlyAction.objects.get(state="returned")

    def hand_in(recorded: Recorded) -> Iterator[tuple[str, str]]:
        workflow.submit(returned.pk, by=User.objects.get(username="clerk"), version=returned.version)
        return differences(recorded)

    differences = Recorded.differences
    monkeypatch.setattr(Recorded, "differences", hand_in)
    assert outcome()["problems"] == []

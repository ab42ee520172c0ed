"""What all tests share: the published demo, loaded once a module, and emptying tables that refuse it."""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from copy import deepcopy
from itertools import cycle
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.template.base import Template
from django.template.context import Context
from django.test import TransactionTestCase, override_settings
from django.test.signals import template_rendered
from django.utils.safestring import SafeString
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from tests.repeating import once
from tests.scheduling import OneSiteOneWorker, begun, others_of_third
from tests.workspace import Workspace, make_workspace
from tracker import triggers, turns
from tracker.cycle import event_words, seals
from tracker.cycle.event_words import index
from tracker.management.commands import import_report
from tracker.models import Event, Report, Synonym
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.file.table import PublishedTable
from tracker.workbooks import cell_process, safe_reading

# How fast a machine is, is for benchmarks to say.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

PROJECT = Path(__file__).resolve().parents[1]
FIXTURES = PROJECT / "fixtures"
FIXTURE = FIXTURES / "isesaki_manifesto_2024-03.txt"
RUN_APART = safe_reading.run_apart
SYMBOLS, WORDS = FIXTURES / "example_symbols.csv", FIXTURES / "example_words.xlsx"


@pytest.fixture(scope="session")
def table() -> PublishedTable:
    """The city's own table as it is read. Shared: do not change it."""
    return read_table(FIXTURE)


@pytest.fixture(scope="session", autouse=True)
def _own_turns(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Other workers make a PDF at the same time."""
    turns.keep_in(tmp_path_factory.mktemp("turns"))


def run_here(given: IO[bytes], answer: IO[bytes], *_held: int) -> int:
    """Stands in for `safe_reading.run_apart`."""
    cell_process.write_answer(given.read(), answer)
    return 0


@pytest.fixture(scope="session", autouse=True)
def _read_here() -> Iterator[None]:
    """Workbooks are read in the tests' own process: starting one for each takes a tenth of a second. In
    tests/workbooks they are read as always.
    """
    with patch.object(safe_reading, "run_apart", run_here):
        yield


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, where `read_apart` is the rule."""
    monkeypatch.setattr(safe_reading, "run_apart", run_here)


@pytest.fixture
def read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are read in a process with limits: for files that are to break it."""
    monkeypatch.setattr(safe_reading, "run_apart", RUN_APART)


def publish_demo(table: PublishedTable) -> Report:
    """Imports and publishes the city's own table, which is read once for all tests."""
    with patch.object(import_report, "read_table", lambda *_file: deepcopy(table)):
        return once(_import_and_publish)


def _import_and_publish() -> Report:
    call_command("import_report", FIXTURE, publish=True, verbosity=0)
    return Report.objects.get()


@pytest.fixture(scope="module")
def demo(
    table: PublishedTable, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Report]:
    """The city's own table, imported and published. Shared by a module's tests and rolled back after them.

    A test that uses it also needs `db`; what the test writes is rolled back at its own end.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield publish_demo(table)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Workspace]:
    """A small workspace, made once for a module's tests and rolled back after them; not in a module that uses
    `demo`.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield once(make_workspace)
        transaction.set_rollback(True)


@pytest.fixture
def space(made: Workspace, db: None) -> Workspace:
    """The small workspace for one test, which may change its objects and rows as it likes."""
    return deepcopy(made)


@pytest.fixture(autouse=True, scope="session")
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What acts keep outside the database is not the developer's."""
    with override_settings(STATE_DIR=tmp_path_factory.mktemp("state")):
        yield


@pytest.fixture(autouse=True, scope="session")
def _emptying_without_triggers(_state_of_its_own: None) -> Iterator[None]:
    """Transactional tests end with a flush, which the append-only triggers refuse; seals go with events. What
    a migration has put in stays.
    """
    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: TransactionTestCase) -> None:
        synonyms = list(Synonym.objects.all())
        with triggers.removed(connection):
            original(self)
        Synonym.objects.bulk_create(synonyms)
        seals.log_path().unlink(missing_ok=True)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]


@pytest.fixture(autouse=True, scope="session")
def _events_have_words() -> Iterator[None]:
    """Whatever a test records must have words for people (tracker/cycle/event_words)."""
    original = index.write

    def write(happenings: Sequence[Event]) -> None:
        for event in happenings:
            lacking = event_words.wordless(event)
            assert not lacking, f"tracker/cycle/event_words has no words for {lacking} of {event.kind}"
        original(happenings)

    with patch.object(index, "write", write):
        yield


def a_third_at_once(cases: Iterable[Any], others: pytest.MarkDecorator = pytest.mark.long) -> list[Any]:
    """The cases of a table in which each stands for itself: the ordinary run plays each third one; the others
    are `long`, or `wide` where they are so quick that each acceptance plays them all.
    """
    marks = cycle([(), others, others])
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=next(marks)) for case in cases
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneSiteOneWorker | None:
    """Stands in for `--dist loadfile`."""
    return OneSiteOneWorker(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """The tests themselves live to the end: looking again and again whether they are rubbish takes a tenth of
    the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _only_pages_are_told(django_test_environment: None) -> Iterator[None]:
    """Of a page the client notes the context; not those of its hundreds of parts, which nobody asks for."""

    def render(self: Template, context: Context) -> SafeString:
        if context.template is self:
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    with patch.object(Template, "_render", render):
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest first; else as they were collected. TEST_THIRD=0, 1, 2 leaves others for another day
    (tests/scheduling.py).

    Coverage, which doubles a test's time, is not measured where our code runs in another process, or runs
    again and again through the same lines: of a test's cases the first is measured, of generated ones none.
    """
    if third := os.environ.get("TEST_THIRD"):
        left_out = set(others_of_third(items, int(third), is_second=connection.vendor != "sqlite"))
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: begun(item.path.relative_to(PROJECT).as_posix()))
    measured = set[str]()
    for item in items:
        test = item.nodeid.partition("[")[0]
        is_elsewhere = item.get_closest_marker("long") or item.get_closest_marker("browser")
        if is_elsewhere or test in measured or hasattr(getattr(item, "obj", None), "hypothesis"):
            item.add_marker("no_cover")
        measured.add(test)


@pytest.fixture(autouse=True, scope="session")
def _clock() -> Iterator[None]:
    """TEST_CLOCK=2028-02-29T12:00+09:00 moves the clock of this process, which then runs on from there."""
    moment = os.environ.get("TEST_CLOCK")
    with time_machine.travel(moment, tick=True) if moment else nullcontext():
        yield

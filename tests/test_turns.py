"""tracker/turns.py: so many at once across processes, and never a turn that nobody holds."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tracker import turns
from tracker.turns import Busy, turn

PROJECT = Path(__file__).resolve().parent.parent
HOLD = """
import sys, time
from pathlib import Path
from tracker import turns
turns.keep_in(Path(sys.argv[1]))
with turns.turn("work", "", of=1, patience=0):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    turns.keep_in(tmp_path / "turns")


def test_no_more_than_so_many_at_once() -> None:
    with turn("work", "", of=2, patience=0), turn("work", "", of=2, patience=0):
        with pytest.raises(Busy, match="ほかの人"), turn("work", "ほかの人が使っています", of=2, patience=0):
            pytest.fail("a third turn of two")
        with turn("other work", "", of=1, patience=0):
            pass
    with turn("work", "", of=1, patience=0):
        pass


def test_who_waits_gets_the_next_turn() -> None:
    begun, order = threading.Event(), []

    def first() -> None:
        with turn("work", "", of=1, patience=0):
            begun.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)
    with turn("work", "", of=1, patience=30):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_killed_process_holds_no_turn(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "turns")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Busy), turn("work", "", of=1, patience=0.1):
            pytest.fail("another process holds it")
        process.kill()
    with turn("work", "", of=1, patience=5):
        pass


def test_a_turn_lasts_until_the_process_that_inherited_it_ends() -> None:
    with turn("work", "", of=1, patience=0) as held:
        child = subprocess.Popen(["sleep", "60"], pass_fds=[held])
    try:
        with pytest.raises(Busy), turn("work", "", of=1, patience=0):
            pytest.fail("the child works on")
    finally:
        child.kill()
        child.wait()
    with turn("work", "", of=1, patience=5):
        pass

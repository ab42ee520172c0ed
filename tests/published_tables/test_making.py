"""PDFs that are made beside the requests: once, whoever asks, whatever becomes of the process."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.machine import weasyprint
from tracker import turns
from tracker.published_tables import making, pdf
from tracker.published_tables.pdf import PdfProblem, PdfUnavailable

KEY = "0" * 64
PAGE = "<html lang=ja><title>表</title><p>読めます"


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path
    turns.keep_in(tmp_path / "turns")
    return tmp_path / "tables"


@pytest.fixture
def fake_weasyprint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Puts a module of its name in front, of this text."""

    def put(text: str) -> None:
        (tmp_path / "weasyprint.py").write_text(text)
        monkeypatch.setattr(pdf, "SURROUNDINGS", (*pdf.SURROUNDINGS, "PYTHONPATH"))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.1)


def is_free() -> bool:
    try:
        with turns.turn("pdf", "", of=1, patience=0):
            return True
    except turns.Busy:
        return False


def test_two_who_ask_have_it_made_once_and_find_it_kept(folder: Path) -> None:
    weasyprint()
    pages: list[str] = []

    def page() -> str:
        pages.append(PAGE)
        return PAGE

    making.begin(KEY, page)
    with pytest.raises(turns.Busy):
        making.begin(KEY, page)
    until(is_free)
    making.begin(KEY, page)
    file = making.kept(KEY)
    assert file is not None
    assert (file.read_bytes()[:5], pages, sorted(each.name for each in folder.iterdir())) == (
        b"%PDF-",
        [PAGE],
        [f"{KEY}.pdf"],
    )
    assert folder.stat().st_mode & 0o777 == 0o700


def test_one_that_is_killed_is_begun_again_by_the_next_who_asks(
    folder: Path, fake_weasyprint: Callable[[str], None], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    fake_weasyprint(f"import os, time; open({str(begun)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    making.begin(KEY, lambda: PAGE)
    until(lambda: begun.exists() and bool(begun.read_text()))
    os.kill(int(begun.read_text()), signal.SIGKILL)
    until(is_free)
    assert making.kept(KEY) is None
    fake_weasyprint("raise RuntimeError('no room')")
    making.begin(KEY, lambda: PAGE)
    until(is_free)
    with pytest.raises(PdfProblem, match="RuntimeError: no room"):
        making.begin(KEY, lambda: PAGE)
    making.begin(KEY, lambda: PAGE)  # told once: this one tries again
    until(is_free)


def test_without_weasyprint_it_says_what_to_do(folder: Path, fake_weasyprint: Callable[[str], None]) -> None:
    fake_weasyprint("raise OSError('cannot load library libpango')")
    making.begin(KEY, lambda: PAGE)
    until(is_free)
    with pytest.raises(PdfUnavailable, match=r"^PDF を作る部品"):
        making.begin(KEY, lambda: PAGE)


def test_what_nobody_asked_for_in_a_week_goes(folder: Path) -> None:
    folder.mkdir()
    old, asked_for, half = (folder / name for name in ("a.pdf", "b.pdf", "c.part"))
    for file in (old, asked_for, half):
        file.write_bytes(b"%PDF-")
        os.utime(file, (0, 0))
    assert making.kept("b") == asked_for
    assert making.forget_old() == 1
    assert [file.exists() for file in (old, asked_for, half)] == [False, True, False]
    assert asked_for.stat().st_mtime == 0  # when it was made is still known

"""`housekeeping`: ended sessions and old sheets go; what an upload may still be compared with stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from tests.entry_sheets.sheets import received, sheet_of
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.entry_sheets import pruning
from tracker.models import ReportingRound, SheetBatch, SheetExport


def kept() -> tuple[int, int]:
    return SheetExport.objects.count(), SheetBatch.objects.count()


@pytest.fixture
def uploaded(space: Workspace, read_here: None) -> SheetBatch:
    """A sheet that was made and came back, both long ago."""
    batch = received(space, sheet_of(space, space.cast.clerk), space.cast.clerk)
    SheetExport.objects.update(made_at=timezone.now() - pruning.KEPT_FOR - timedelta(hours=1))
    SheetBatch.objects.update(
        uploaded_at=timezone.now() - pruning.KEPT_FOR - timedelta(hours=1), state="applied"
    )
    return batch


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.CORRECTING])
def test_sheets_of_a_round_that_takes_answers_stay(uploaded: SheetBatch, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=uploaded.round_id).update(state=state)
    call_command("housekeeping")
    assert kept() == (1, 1)


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.PUBLISHED])
def test_old_sheets_of_other_rounds_go(
    uploaded: SheetBatch, state: RoundState, capsys: pytest.CaptureFixture[str]
) -> None:
    ReportingRound.objects.filter(pk=uploaded.round_id).update(state=state)
    call_command("housekeeping")
    assert kept() == (0, 0)
    assert "作ったもの 1 件、取り込んだもの 1 件" in capsys.readouterr().out


def test_young_sheets_stay(uploaded: SheetBatch) -> None:
    ReportingRound.objects.filter(pk=uploaded.round_id).update(state=RoundState.PUBLISHED)
    SheetExport.objects.update(made_at=timezone.now())
    SheetBatch.objects.update(uploaded_at=timezone.now())
    call_command("housekeeping")
    assert kept() == (1, 1)


def test_one_run_has_an_end(uploaded: SheetBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    ReportingRound.objects.filter(pk=uploaded.round_id).update(state=RoundState.PUBLISHED)
    old = SheetExport.objects.get()
    SheetExport.objects.bulk_create(
        SheetExport(round=old.round, made_by=old.made_by, made_at=old.made_at, cells=b"") for _ in range(6)
    )
    monkeypatch.setattr(pruning, "ROWS_PER_STATEMENT", 2)
    monkeypatch.setattr(pruning, "MOST_AT_ONCE", 4)
    assert pruning.forget_old() == (4, 1)
    assert pruning.forget_old() == (3, 0)


@pytest.mark.django_db
def test_ended_sessions_go_and_others_stay() -> None:
    now = timezone.now()
    for key, hours in (("ended", -1), ("running", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=hours))
    call_command("housekeeping")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["running"]

"""`housekeeping`: ended sessions and old sheets go; what an upload may still be compared with stays."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.entry_sheets.sheets import received, sheet_of
from tests.workspace import Workspace
from tracker import last_runs
from tracker.choices import RoundState
from tracker.entry_sheets import pruning
from tracker.models import (
    Invitation,
    PeopleList,
    RefusedMail,
    ReportingRound,
    SentForm,
    SentMail,
    SheetBatch,
    SheetExport,
)
from tracker.organisation import invitations


def kept() -> tuple[int, int]:
    return SheetExport.objects.count(), SheetBatch.objects.count()


@pytest.fixture
def uploaded(space: Workspace) -> SheetBatch:
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


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_stops_nothing_else(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STATE_DIR = tmp_path
    Session.objects.create(session_key="ended", session_data="", expire_date=timezone.now())
    SentForm.objects.create(key="old", begun_at=timezone.now() - timedelta(minutes=11))
    old = tmp_path / "tables" / "old.pdf"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (0, 0))

    def refuse(path: Path, **_more: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        with pytest.raises(SystemExit) as ended:
            call_command("housekeeping")
    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (
        1,
        f"使われていない掲載表（PDF）を消せませんでした（{old}：書き込めないディスクです）。\n",
    )
    assert "  二重送信を見分ける控え 1 件\n" in told.out
    assert (Session.objects.exists(), SentForm.objects.exists()) == (False, False)
    assert last_runs.last_run("housekeeping") is None
    with monkeypatch.context() as patched:
        patched.setattr(Path, "touch", refuse)
        with pytest.raises(SystemExit):
            call_command("housekeeping")
    assert "終わったことを、STATE_DIR に書けませんでした。" in capsys.readouterr().err
    call_command("housekeeping")
    assert last_runs.last_run("housekeeping")


def test_lists_and_invitations_that_are_over_go(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    boss, now = space.cast.administrator, timezone.now()
    lists = [PeopleList.objects.create(owner=boss, fiscal_year=2026) for _ in range(2)]
    PeopleList.objects.filter(pk=lists[0].pk).update(expires_at=now)
    people = [space.cast.clerk.pk, space.cast.other.pk]
    made = invitations.invite(people, by=boss, by_mail=False).invitations
    long_ago = now - invitations.KEPT_AFTER - timedelta(days=8)
    Invitation.objects.filter(pk=made[0].pk).update(made_at=long_ago, expires_at=long_ago + timedelta(days=7))
    call_command("housekeeping")
    out = capsys.readouterr().out
    assert "  確かめなかった利用者の一覧 1 件\n  終わった招待 1 件\n" in out
    assert [list(PeopleList.objects.all()), list(Invitation.objects.all())] == [lists[1:], [made[1]]]


def test_old_records_of_people_go(space: Workspace) -> None:
    """Failures after 90 days, addresses of mails after years; younger ones stay."""
    for days in (89, 91):
        attempt = AccessAttempt.objects.create(
            username=f"{days}", ip_address="10.0.0.1", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=timezone.now() - timedelta(days=days))
    common = {"round": space.round, "kind": "opened", "department": None}
    for days in (3 * 365, 3 * 367):
        at = timezone.now() - timedelta(days=days)
        SentMail.objects.create(
            **common, occasion=f"{days}", recipient="a@example.jp", sent_at=at, row_count=1
        )
    for days in (360, 370):
        at = timezone.now() - timedelta(days=days)
        RefusedMail.objects.create(
            **common, occasion="x", recipient=f"{days}@example.jp", why="x", tried_at=at, next_try_at=at
        )
    call_command("housekeeping")
    assert [each.username for each in AccessAttempt.objects.all()] == ["89"]
    assert [each.occasion for each in SentMail.objects.all()] == [f"{3 * 365}"]
    assert [each.recipient for each in RefusedMail.objects.all()] == ["360@example.jp"]


def test_what_nobody_confirmed_or_sends_again_goes(space: Workspace) -> None:
    """While the round goes on, too: an upload's text, and the note that a form was sent."""
    batches = [received(space, sheet_of(space, space.cast.clerk), space.cast.clerk) for _ in range(2)]
    now = timezone.now()
    SheetBatch.objects.filter(pk=batches[0].pk).update(expires_at=now)
    for key, minutes in (("old", 11), ("young", 9)):
        SentForm.objects.create(key=key, begun_at=now - timedelta(minutes=minutes))
    call_command("housekeeping")
    assert list(SheetBatch.objects.all()) == batches[1:]
    assert [form.key for form in SentForm.objects.all()] == ["young"]

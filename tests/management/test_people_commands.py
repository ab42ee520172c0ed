"""The commands about people ask in plain words; they, and one's own password, leave their events."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.management import asking
from tracker.models import Event, User

PASSWORD = "ながいあいことば2024"

pytestmark = pytest.mark.django_db


def last() -> tuple[str, str, str]:
    event = Event.objects.latest("number")
    return event.actor, event.subject, event.content["act"]


def test_the_first_administrator_is_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="kanri", email="", interactive=False, verbosity=0)
    user = User.objects.get(username="kanri")
    assert last() == ("createsuperuser", f"user:{user.pk}", "追加")
    assert PASSWORD not in str(Event.objects.latest("number").content)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What somebody types at the terminal; all of it is asked for. It ends as with Ctrl+C."""
    answers: list[str] = []

    def answer(_words: str = "") -> str:
        if not answers:
            raise KeyboardInterrupt
        return answers.pop(0)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr(asking, "getpass", answer)
    yield answers
    assert answers == []


def test_the_first_administrator_is_asked_for_until_all_can_be_taken(typed: list[str]) -> None:
    User.objects.create(username="Sato")
    typed += ["", "市長", "sato", "kanri", "x@", "", "short", PASSWORD, "ちがう", PASSWORD, PASSWORD]
    told, out = StringIO(), StringIO()
    call_command("createsuperuser", stdout=out, stderr=told)
    assert [line for line in told.getvalue().splitlines() if line] == [
        "このフィールドは空ではいけません。",
        "利用者名は、半角の英数字と @ . + - _ で書いてください。",
        "大文字と小文字が違うだけの利用者名があります。別の名前にしてください。",
        "有効なメールアドレスを入力してください。",
        "このパスワードは短すぎます。最低 10 文字以上必要です。",
        "2 回のパスワードが違います。もう一度、はじめから打ってください。",
    ]
    assert out.getvalue() == "管理者「kanri」を作りました。職員用サイト（/staff/）にログインできます。\n"
    user = User.objects.get(username="kanri")
    assert (user.is_superuser, user.check_password(PASSWORD)) == (True, True)
    assert last() == ("createsuperuser", f"user:{user.pk}", "追加")


def test_who_stops_asking_for_an_administrator_makes_none(typed: list[str]) -> None:
    typed += ["kanri", ""]
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("createsuperuser", stderr=told)
    assert (ended.value.code, told.getvalue()) == (1, "\nやめました。だれも作っていません。\n")
    assert not User.objects.filter(username="kanri").exists()


@pytest.mark.parametrize("command", [["createsuperuser"], ["changepassword", "kanri"]])
def test_without_a_terminal_nobody_is_asked(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create(username="kanri")
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="端末から、人が実行してください"):
        call_command(*command)


def test_a_password_set_by_the_command_is_in_the_history(typed: list[str]) -> None:
    user = User.objects.create(username="kanri")
    typed += ["1234567890", PASSWORD, PASSWORD]
    out = StringIO()
    call_command("changepassword", "kanri", stdout=out, stderr=StringIO())
    assert out.getvalue() == "「kanri」のパスワードを変えました。\n"
    assert last() == ("changepassword", f"user:{user.pk}", "パスワードの設定")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_nobody_of_that_name_has_a_password(typed: list[str]) -> None:
    with pytest.raises(CommandError, match="利用者「kanri」は登録されていません。"):
        call_command("changepassword", "kanri")


def test_ones_own_new_password_is_in_the_history_and_a_refused_one_is_not(space: Workspace) -> None:
    clerk = space.cast.clerk
    clerk.set_password(PASSWORD)
    clerk.save()
    count, client = Event.objects.count(), logged_in(clerk)
    new = {"new_password1": "べつのあいことば2025", "new_password2": "べつのあいことば2025"}
    assert client.post("/staff/password_change/", {"old_password": "ちがう", **new}).status_code != 302
    assert Event.objects.count() == count
    assert client.post("/staff/password_change/", {"old_password": PASSWORD, **new}).status_code == 302
    assert last() == (clerk.signature, f"user:{clerk.pk}", "パスワードの変更")

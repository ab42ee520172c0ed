"""What a command asks of the person at the terminal, until the answer is one that the site takes."""

import sys
from collections.abc import Callable
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from tracker.models import User

Tell = Callable[[str], object]  # what was wrong with an answer
PASSWORD, AGAIN = "パスワード（打った文字は出ません）：", "パスワード（もう一度）："
UNLIKE = "2 回のパスワードが違います。もう一度、はじめから打ってください。"
NOBODY_THERE = "端末から、人が実行してください（パスワードを打ってもらいます）。何も変えていません。"


def refuse_without_terminal() -> None:
    """Raises CommandError where nobody could answer."""
    if not sys.stdin.isatty():
        raise CommandError(NOBODY_THERE)


def answer_for(words: str, refused: Callable[[str], str], tell: Tell) -> str:
    """What was typed; `refused` gives the words for what cannot be taken, "" for what can."""
    while why := refused(typed := input(words).strip()):
        tell(why)
    return typed


def new_password(person: User, tell: Tell) -> str:
    """A password that was typed twice, and is none of those that are too easy."""
    while why := _refusal(typed := getpass(PASSWORD), person):
        tell(why)
    return typed


def _refusal(typed: str, person: User) -> str:
    try:
        validate_password(typed, person)
    except ValidationError as refused:
        return "\n".join(refused.messages)
    return "" if getpass(AGAIN) == typed else UNLIKE

"""Failures of the system, told in Japanese."""

import errno
import os
import smtplib
import socket

import pytest

from tracker.words.system_errors import REASONS, in_words


@pytest.mark.parametrize("number", REASONS)
def test_known_errors_have_no_english(number: int) -> None:
    told = in_words(OSError(number, os.strerror(number)))
    assert told == REASONS.get(number if number != errno.EPERM else errno.EACCES)
    assert os.strerror(number) not in told


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "相手のサーバーの名前が見つかりません"),
        (TimeoutError("timed out"), "相手のサーバーが答えません"),
        (OSError(errno.EXDEV, "Invalid cross-device link"), f"システムのエラー {errno.EXDEV}"),
        (
            smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (452, b"full")}),
            "メールサーバーが宛先を受け付けません（452、550）",
        ),
        (smtplib.SMTPAuthenticationError(535, b"bad"), "メールサーバーにログインできません（535）"),
        (smtplib.SMTPDataError(554, b"spam"), "メールサーバーが断りました（554）"),
        (
            smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
            "メールサーバーが通信を切りました",
        ),
        (smtplib.SMTPNotSupportedError("no AUTH"), "メールサーバーとやりとりできません"),
        (ValueError("宛先が空です"), "宛先が空です"),
        (ValueError(), "ValueError"),
    ],
)
def test_each_says_what_can_be_understood(problem: Exception, words: str) -> None:
    assert in_words(problem) == words

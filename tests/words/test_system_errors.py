"""Failures of the system, told in Japanese."""

import errno
import os
import smtplib
import socket
import sqlite3

import psycopg
import pytest

from tracker.words.system_errors import (
    CANNOT_CONNECT,
    NOT_THIS_VERSION,
    POSTGRESQL,
    REASONS,
    SQLITE,
    in_words,
    of_database,
)


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


@pytest.mark.parametrize("name", [*SQLITE, "SQLITE_READONLY_ROLLBACK", "SQLITE_IOERR_FSYNC"])
def test_sqlites_errors_have_words(name: str) -> None:
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorname = name
    wrapped = Exception("disk I/O error")
    wrapped.__cause__ = cause
    assert in_words(wrapped) == in_words(cause) == next(SQLITE[key] for key in SQLITE if name.startswith(key))


def test_a_table_that_is_lacking_asks_for_migrate() -> None:
    with pytest.raises(sqlite3.OperationalError) as found:
        sqlite3.connect(":memory:").execute("SELECT * FROM tracker_report")
    assert of_database(found.value) == NOT_THIS_VERSION
    assert of_database(psycopg.errors.UndefinedTable("no")) == NOT_THIS_VERSION


def test_postgresqls_errors_have_words() -> None:
    assert of_database(psycopg.errors.DiskFull("no")) == POSTGRESQL["53100"]
    assert of_database(psycopg.errors.InvalidPassword("no")) == POSTGRESQL["28"]
    assert of_database(psycopg.errors.AdminShutdown("no")) == CANNOT_CONNECT
    assert of_database(psycopg.OperationalError("connection refused")) == CANNOT_CONNECT
    assert (of_database(psycopg.errors.UniqueViolation("no")), of_database(ValueError("no"))) == ("", "")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ('FATAL:  password authentication failed for user "m"', "28"),
        ('FATAL:  role "m" does not exist', "28"),
        ('FATAL:  ユーザー"m"のパスワード認証に失敗しました', "28"),
        ('FATAL:  database "m" does not exist', "3D000"),
        ('FATAL:  データベース"m"は存在しません', "3D000"),
        ("FATAL:  sorry, too many clients already", "53300"),
    ],
)
def test_why_postgresql_lets_nobody_in_is_told(said: str, state: str) -> None:
    assert of_database(psycopg.OperationalError(f"connection failed: {said}")) == POSTGRESQL[state]

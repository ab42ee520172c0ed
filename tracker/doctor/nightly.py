"""When the commands that cron runs last ended well on this machine."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from tracker.doctor.findings import Finding, good, notice
from tracker.last_runs import last_run


class Nightly(NamedTuple):
    """A command, what it is for, and how old its last run may be."""

    command: str
    words: str
    at_most: timedelta


RUNS = (
    Nightly("backup", "バックアップ", timedelta(days=2)),
    Nightly("housekeeping", "片付け", timedelta(days=2)),
    Nightly("verify_events", "履歴の検査", timedelta(days=8)),
    Nightly("send_mails", "メールの送信", timedelta(hours=1)),
)


def runs() -> Iterator[Finding]:
    """Of mails only where there is a server for them."""
    for each in RUNS:
        if each.command == "send_mails" and not settings.EMAIL_HOST:
            continue
        last = last_run(each.command)
        to_do = f"cron などで manage.py {each.command} が動いているかを確かめてください。"
        if last is None:
            yield notice(each.words, "このサーバーで、最後まで終わったことがありません。", to_do)
            continue
        told = f"最後に終わったのは {timezone.localtime(last):%Y-%m-%d %H:%M} です。"
        is_late = timezone.now() - last > each.at_most
        yield notice(each.words, told, to_do) if is_late else good(each.words, told)

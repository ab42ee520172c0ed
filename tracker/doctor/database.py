"""The database: whether it protects, keeps time, is sealed, and how large it grows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from tracker.cycle import seals
from tracker.doctor.findings import Finding, good, notice, trouble
from tracker.models import ChainHead, Event, ReportEntry
from tracker.public.health import NotReady, reason_not_ready

WORDS = {
    NotReady.DISK: ("ディスクに書けません。", "空きと権限を確かめてください。"),
    NotReady.UNREACHABLE: ("データベースが答えません。", "動いているかを確かめてください。"),
    NotReady.READ_ONLY: ("データベースに書けません。", "空きと権限を確かめてください。"),
    NotReady.MIGRATIONS: (
        "データベースが、この版のものではありません。",
        "manage.py migrate を実行してください。",
    ),
    NotReady.TRIGGERS: ("公表版と履歴の保護が欠けています。", "manage.py migrate を実行してください。"),
}
MOST_APART = timedelta(seconds=5)
MEBIBYTE = 1024**2
MONTH = timedelta(days=30)


def protected() -> Iterator[Finding]:
    if reason := reason_not_ready():
        yield trouble("データベース", *WORDS[reason])
    else:
        yield good("データベース", f"{_called()}。この版のもので、公表版と履歴は保護されています。")


def _called() -> str:
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def clock() -> Iterator[Finding]:
    """The time zone, the database's clock beside ours, and ours beside the last event's."""
    now = datetime.now(UTC)
    told = f"{timezone.localtime(now):%Y-%m-%d %H:%M}（{settings.TIME_ZONE}）"
    last = Event.objects.order_by("-number").values_list("happened_at", flat=True).first()
    if last and last > now + MOST_APART:
        yield trouble(
            "時計", f"{told}。最後の履歴より前の時刻です。", "サーバーの時計（NTP）を直してください。"
        )
    elif abs(_database_time(now) - now) > MOST_APART:
        words = f"{told}。データベースのサーバーの時計とずれています。"
        yield trouble("時計", words, "両方のサーバーの時計（NTP）を合わせてください。")
    else:
        yield good("時計", f"{told}。")


def _database_time(here: datetime) -> datetime:
    if connection.vendor != "postgresql":
        return here  # SQLite runs in this process
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return told


def chain() -> Iterator[Finding]:
    """Whether the end of the history is sealed by our key; `verify_events` looks at all of it."""
    head = ChainHead.objects.first()
    if head is None or not head.number:
        yield good("履歴", "まだありません。")
    elif head.seal and seals.is_ours(head.number, head.own_hash, head.seal):
        yield good("履歴", f"{head.number:,} 番まであり、終わりの封印は鍵と合っています。")
    elif head.seal:
        yield trouble(
            "履歴",
            "終わりの封印が、この鍵（SEAL_KEY）のものではありません。",
            "verify_events で確かめてください。",
        )
    else:
        yield notice("履歴", "終わりに封印がありません。", "だれかが何かをすると、封印されます。")


def size() -> Iterator[Finding]:
    since = timezone.now() - MONTH
    events, lately = Event.objects.count(), Event.objects.filter(happened_at__gte=since).count()
    words = f"{_bytes() / MEBIBYTE:,.1f} MiB。履歴 {events:,} 件（この 30 日で {lately:,} 件）、"
    yield good("大きさ", f"{words}公表した取組 {ReportEntry.objects.count():,} 件。")


def _bytes() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    path = Path(str(connection.settings_dict["NAME"]))
    return path.stat().st_size if path.exists() else 0

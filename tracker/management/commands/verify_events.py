"""`manage.py verify_events`: recomputes the chain of events, and the digest and index of every report.

Ends with 1 if one does not hold.
"""

import json
import sys
import zlib
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.choices import EventKind
from tracker.cycle import events
from tracker.cycle.events import Break
from tracker.models import Event, Report
from tracker.reports import digests, index

CHUNK = 2_000  # events held at a time
STEP = 10_000  # events between two words about the progress
# What values raise that we never wrote; the last three are those of packed bytes.
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as it was recorded: an event, as far as it is there, or a report."""

    subject: str
    why: str
    number: int | None = None  # of an event
    happened_at: str = ""
    actor: str = ""
    digest_version: int | None = None  # of a report

    def __str__(self) -> str:
        if self.number is None:
            version = f"（確認番号の方式 {self.digest_version}）" if self.digest_version else ""
            return f"公表版 {self.subject}{version}：{self.why}。"
        named = "、".join(word for word in (self.happened_at, self.subject, self.actor) if word)
        return f"履歴 {self.number} 番{f'（{named}）' if named else ''}：{self.why}。"


class Command(BaseCommand):
    help = "履歴と公表版が、記録されたときのままかを確かめます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="結果を JSON で出力する")

    def handle(self, *args: Any, **options: Any) -> None:
        self.count, self.published = 0, dict[str, str]()
        # Reports and heads are read before the events: people go on working meanwhile.
        reports = list(Report.objects.order_by("pk"))
        broken = self._chain(events.known_heads())
        problems = ([broken] if broken else []) + list(self._reports(reports, chain_holds=broken is None))
        if options["json"]:
            self._print_json(reports, problems)
        elif problems:
            words = "\n".join(str(problem) for problem in problems)
            raise CommandError(
                f"履歴 {self.count:,} 件を確かめ、正しくないところが見つかりました。\n{words}", returncode=1
            )
        else:
            self.stdout.write(f"履歴 {self.count:,} 件を確かめました。改ざんは見つかりませんでした。")
            told = "、".join(f"方式 {version}：{count:,} 件" for version, count in _versions(reports).items())
            versions = f"（確認番号の{told}）" if told else ""
            self.stdout.write(f"公表版 {len(reports):,} 件も、公表したときのままです{versions}。")

    def _print_json(self, reports: list[Report], problems: list[Mismatch]) -> None:
        outcome = {
            "events": self.count,
            "reports": len(reports),
            "digest_versions": _versions(reports),
            "holds": not problems,
            "problems": [asdict(each) for each in problems],
        }
        self.stdout.write(json.dumps(outcome, ensure_ascii=False, indent=1))
        if problems:
            sys.exit(1)

    def _chain(self, heads: list[str]) -> Mismatch | None:
        """The first event that does not hold."""
        try:
            broken = events.first_break(self._stored(), heads)
        except UNREADABLE:
            broken = Break(self.count + 1, "読み取れない値が入っています")
        if broken is None and self.count > (length := events.length()):
            broken = Break(
                length + 1, "最後の履歴のあとに、付け足されています", Event.objects.get(number=length + 1)
            )
        if broken is None:
            return None
        if broken.event is None:
            return Mismatch("", broken.why, broken.number)
        event = broken.event
        happened_at = (
            f"{timezone.localtime(event.happened_at):%Y-%m-%d %H:%M:%S}" if event.happened_at else ""
        )
        return Mismatch(event.subject, broken.why, broken.number, happened_at, event.actor)

    def _stored(self) -> Iterator[Event]:
        """All events, oldest first; counts them and keeps what they say of publications."""
        for event in Event.objects.order_by("number").iterator(chunk_size=CHUNK):
            yield event
            self.count += 1
            if event.kind == EventKind.PUBLISHED:
                self.published[event.subject] = event.content.get("digest", "")
            if self.count % STEP == 0:
                self.stderr.write(f"{self.count:,} 件まで確かめました…")

    def _reports(self, reports: list[Report], *, chain_holds: bool) -> Iterator[Mismatch]:
        """Reports that differ from their digest, from the event of their publication, or from their index."""
        for report in reports:
            if not _holds(report):
                yield _mismatch(report, "内容が、公表したときのものと違います")
                continue
            if chain_holds and self.published.get(report.subject) != report.digest:
                yield _mismatch(report, "公表の履歴に記録されたものと違います")
            if count := index.outdated(report):
                words = f"取組 {count:,} 件の索引が、内容と合いません。manage.py rebuild_index で作り直せます"
                yield _mismatch(report, words)
        if chain_holds:
            missing = self.published.keys() - {report.subject for report in Report.objects.all()}
            yield from (
                Mismatch(subject, "公表の履歴があるのに、公表版がありません") for subject in sorted(missing)
            )


def _mismatch(report: Report, why: str) -> Mismatch:
    return Mismatch(report.subject, why, digest_version=report.digest_version)


def _versions(reports: Iterable[Report]) -> dict[int, int]:
    """How many reports have a digest of each version."""
    return dict(sorted(Counter(report.digest_version for report in reports).items()))


def _holds(report: Report) -> bool:
    try:
        return digests.verify(report)
    except UNREADABLE:
        return False

"""`manage.py verify_events`: recomputes the chain of events and the digest of every report. Ends with 1 if
one does not hold.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.choices import EventKind
from tracker.cycle import events
from tracker.cycle.events import Break
from tracker.models import Event, Report
from tracker.reports import digests

CHUNK = 2_000  # events held at a time
STEP = 10_000  # events between two words about the progress
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError)  # what values raise that we never wrote


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it was recorded. `number`, `happened_at` and `actor` of an event, as far as it
    is there.
    """

    subject: str
    why: str
    number: int | None = None
    happened_at: str = ""
    actor: str = ""

    def __str__(self) -> str:
        if self.number is None:
            return f"公表版 {self.subject}：{self.why}。"
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
            self._print_json(problems)
        elif problems:
            words = "\n".join(str(problem) for problem in problems)
            raise CommandError(
                f"履歴 {self.count:,} 件を確かめ、正しくないところが見つかりました。\n{words}", returncode=1
            )
        else:
            self.stdout.write(f"履歴 {self.count:,} 件を確かめました。改ざんは見つかりませんでした。")
            self.stdout.write(f"公表版 {Report.objects.count():,} 件も、公表したときのままです。")

    def _print_json(self, problems: list[Problem]) -> None:
        outcome = {"events": self.count, "reports": Report.objects.count(), "holds": not problems}
        self.stdout.write(
            json.dumps(
                outcome | {"problems": [asdict(each) for each in problems]}, ensure_ascii=False, indent=1
            )
        )
        if problems:
            sys.exit(1)

    def _chain(self, heads: list[str]) -> Problem | None:
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
            return Problem("", broken.why, broken.number)
        event = broken.event
        happened_at = (
            f"{timezone.localtime(event.happened_at):%Y-%m-%d %H:%M:%S}" if event.happened_at else ""
        )
        return Problem(event.subject, broken.why, broken.number, happened_at, event.actor)

    def _stored(self) -> Iterator[Event]:
        """All events, oldest first; counts them and keeps what they say of publications."""
        for event in Event.objects.order_by("number").iterator(chunk_size=CHUNK):
            yield event
            self.count += 1
            if event.kind == EventKind.PUBLISHED:
                self.published[event.subject] = event.content.get("digest", "")
            if self.count % STEP == 0:
                self.stderr.write(f"{self.count:,} 件まで確かめました…")

    def _reports(self, reports: list[Report], *, chain_holds: bool) -> Iterator[Problem]:
        """Reports that are not what their digest, or the event of their publication, says."""
        for report in reports:
            if not _holds(report):
                yield Problem(_subject(report), "内容が、公表したときのものと違います")
            elif chain_holds and self.published.get(_subject(report)) != report.digest:
                yield Problem(_subject(report), "公表の履歴に記録されたものと違います")
        if chain_holds:
            missing = self.published.keys() - {_subject(report) for report in Report.objects.all()}
            yield from (
                Problem(subject, "公表の履歴があるのに、公表版がありません") for subject in sorted(missing)
            )


def _subject(report: Report) -> str:
    """What the event of its publication is filed under."""
    return f"report:{report.slug}/{report.as_of}/{report.edition}"


def _holds(report: Report) -> bool:
    try:
        return digests.verify(report)
    except UNREADABLE:
        return False

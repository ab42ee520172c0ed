"""Whether everything is still as it was recorded: the chain of events, its seal and log, reports, and rows.

Compared are things that were written apart (docs/adr/0014): the chain with itself, its end with the seal, its
events with the log outside the database, reports and rows with their events, an index with its content.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from tracker.choices import EventKind
from tracker.cycle import events, seals
from tracker.cycle.events import Break
from tracker.cycle.recorded import Recorded
from tracker.models import ChainHead, Event, OriginalFile, Report
from tracker.reports import digests, index

CHUNK = 2_000  # events held at a time
STEP = 10_000  # events between two words about the progress
# What values raise that we never wrote; the last three are those of packed bytes.
UNREADABLE = (ValueError, TypeError, AttributeError, OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as it was recorded. `part`: 履歴, 控え, 公表版 or 取組."""

    part: str
    subject: str
    why: str
    number: int | None = None  # of an event
    happened_at: str = ""
    actor: str = ""
    digest_version: int | None = None  # of a report

    def __str__(self) -> str:
        if self.number is not None:
            named = "、".join(word for word in (self.happened_at, self.subject, self.actor) if word)
            return f"{self.part} {self.number} 番{f'（{named}）' if named else ''}：{self.why}。"
        version = f"（確認番号の方式 {self.digest_version}）" if self.digest_version else ""
        return f"{self.part} {self.subject}{version}：{self.why}。"


class Verification:
    """One look through everything. `run` finds `problems`; `notices` tells what could not be verified.

    `heads` are further hashes that must be in the chain; `tell` hears now and then how many events are done.
    """

    def __init__(self, heads: Sequence[str] = (), tell: Callable[[int], None] = lambda _count: None) -> None:
        self.tell = tell
        # What must be in the chain is read before the events: people go on working meanwhile.
        self.log = seals.read()
        self.end = ChainHead.objects.filter(pk=1).first() or ChainHead(number=0, own_hash=events.GENESIS)
        self.heads = [*events.known_heads(), *heads]
        self.reports = list(Report.objects.order_by("pk"))
        self.count = 0
        self.published: dict[str, str] = {}
        self.recorded = Recorded()
        self.differs_from_log: Event | None = None  # the first
        self.problems: list[Mismatch] = []
        self.notices: list[str] = []

    def run(self) -> None:
        broken = self._chain()
        chain_holds = broken is None
        self.problems = [broken] if broken else [*self._log(), *self._end()]
        self.problems += self._reports(chain_holds=chain_holds)
        if chain_holds:
            self.problems += (Mismatch("取組", *each) for each in self.recorded.differences())
            if self.recorded.not_comparable:
                words = "取組 {:,} 件は、行ごとの記録がない古い取込のものなので、履歴と比べられません。"
                self.notices.append(words.format(self.recorded.not_comparable))

    @property
    def digest_versions(self) -> dict[int, int]:
        """How many reports have a digest of each version."""
        return dict(sorted(Counter(report.digest_version for report in self.reports).items()))

    @property
    def is_sealed(self) -> bool:
        return seals.is_ours(self.end.number, self.end.own_hash, self.end.seal)

    def _chain(self) -> Mismatch | None:
        """The first event that does not hold."""
        try:
            broken = events.first_break(self._stored(), self.heads)
        except UNREADABLE:
            broken = Break(self.count + 1, "読み取れない値が入っています")
        if broken is None and self.count > (length := events.length()):
            words = "最後の履歴のあとに、付け足されています"
            broken = Break(length + 1, words, Event.objects.get(number=length + 1))
        return _of_event(broken.number, broken.why, broken.event) if broken else None

    def _stored(self) -> Iterator[Event]:
        """All events, oldest first; counts them and keeps what they say of publications and rows."""
        for event in Event.objects.order_by("number").iterator(chunk_size=CHUNK):
            yield event
            self.count += 1
            if event.kind == EventKind.PUBLISHED:
                self.published[event.subject] = event.content.get("digest", "")
            self.recorded.take(event)
            if self.differs_from_log is None and self.log.hashes.get(event.number, {event.own_hash}) != {
                event.own_hash
            }:
                self.differs_from_log = event
            if self.count % STEP == 0:
                self.tell(self.count)

    def _end(self) -> Iterator[Mismatch]:
        """The seal of the chain's end."""
        if self.end.number == 0 or self.is_sealed:
            return
        if not self.end.seal and not self.log.lines:
            self.notices.append("履歴の終わりに、まだ封印がありません。次に何かを記録したときに付きます。")
            return
        why = (
            "履歴の終わりの封印が、鍵と合いません（このシステムの外で書かれたか、鍵が替わっています）"
            if self.end.seal
            else "履歴の終わりの封印が、消されています"
        )
        yield Mismatch("履歴", "", why, self.end.number)

    def _log(self) -> Iterator[Mismatch]:
        """The log against the events: lines that differ or go beyond, and how far it reaches."""
        if event := self.differs_from_log:
            yield _of_event(event.number, "控えに残したときの履歴と違います（書き換えられています）", event)
        if self.log.reaches > self.count:
            words = "控えには {:,} 番まであります。終わりの履歴が削除されています"
            yield Mismatch("履歴", "", words.format(self.log.reaches), self.count + 1)
        if foreign := self.log.foreign:
            words = "封印が鍵と合わない行が {:,} 行あります（控えが書き換えられたか、鍵が替わっています）"
            yield Mismatch("控え", f"{foreign[0]:,} 行目", words.format(len(foreign)))
        if not self.log.exists and self.end.number:
            self.notices.append(f"控え（{seals.log_path()}）がありません。次に何かを記録したときに作ります。")
        elif self.log.reaches < self.end.number:
            words = "控えは {:,} 番までです。あとの {:,} 件は、次に何かを記録したときに、まとめて控えます。"
            self.notices.append(words.format(self.log.reaches, self.end.number - self.log.reaches))
        if self.log.unreadable:
            words = "控えに、読めない行が {:,} 行あります（ディスクの空きがなかったときなどに残ります）。"
            self.notices.append(words.format(len(self.log.unreadable)))

    def _reports(self, *, chain_holds: bool) -> Iterator[Mismatch]:
        """Reports that differ from their digest, from the event of their publication, or from their index."""
        for report in self.reports:
            if not _holds(report):
                yield _of_report(report, "内容が、公表したときのものと違います")
                continue
            if chain_holds and self.published.get(report.subject) != report.digest:
                yield _of_report(report, "公表の履歴に記録されたものと違います")
            if why := _original_problem(report):
                yield _of_report(report, why)
            if count := index.outdated(report):
                words = f"取組 {count:,} 件の索引が、内容と合いません。manage.py rebuild_index で作り直せます"
                yield _of_report(report, words)
        if chain_holds:
            missing = self.published.keys() - {report.subject for report in Report.objects.all()}
            yield from (
                Mismatch("公表版", subject, "公表の履歴があるのに、公表版がありません")
                for subject in sorted(missing)
            )


def _of_event(number: int, why: str, event: Event | None) -> Mismatch:
    if event is None:
        return Mismatch("履歴", "", why, number)
    return Mismatch("履歴", event.subject, why, number, _moment(event), event.actor)


def _moment(event: Event) -> str:
    """When it happened, as far as that is a moment here: the last night of 9999 is none in Japan."""
    try:
        return f"{timezone.localtime(event.happened_at):%Y-%m-%d %H:%M:%S}" if event.happened_at else ""
    except OverflowError:
        return str(event.happened_at)


def _of_report(report: Report, why: str) -> Mismatch:
    return Mismatch("公表版", report.subject, why, digest_version=report.digest_version)


def _original_problem(report: Report) -> str:
    """What is wrong with the file that a report names as its manifesto's original; "" where all is well."""
    if not (digest := report.about.get("original_sha256")):
        return ""
    if (found := OriginalFile.objects.filter(sha256=digest).first()) is None:
        return "マニフェストの原本のファイルが、ありません"
    return "" if found.is_whole else "マニフェストの原本のファイルが、公表したときのものと違います"


def _holds(report: Report) -> bool:
    try:
        return digests.verify(report)
    except UNREADABLE:
        return False

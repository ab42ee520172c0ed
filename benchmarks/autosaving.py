"""Many people who type at once: how long an autosave takes. `python -m benchmarks.autosaving PORT` prints
JSON.

Opens the round of the published city's next year, with one clerk per row, and lets each save as the page's
own script does, again and again. One thread holds all connections, so that the server is what is measured.
"""

import json
import random
import select
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from statistics import quantiles

import django

from benchmarks.client import Connection

PEOPLE = 100
SECONDS_BETWEEN = 2.0  # the page's script waits 20 s, or until a field is left
SECONDS = 10.0
CSRF = "b" * 32
BOUNDARY = "----bench"
RESULT = "・会議を開き、計画をまとめました。\n" * 12


@dataclass
class Typist:
    """One person in their own row: what their browser knows, and the answers' milliseconds."""

    path: str
    cookie: str
    version: int
    port: int
    connection: Connection = field(init=False)
    sent_at: float = 0.0
    saves: int = 0
    base: str = ""

    def connect(self) -> None:
        self.connection = Connection(self.port)

    def save(self) -> None:
        self.sent_at = time.perf_counter()
        self.connection.ask(self.request())

    def request(self) -> bytes:
        self.saves += 1
        fields = {
            "csrfmiddlewaretoken": CSRF, "result": f"{RESULT}{self.saves}", "rating": "", "rating_reason": "",
            "plan": "・工事を始めます。", "version": str(self.version), "base": self.base, "act": "save",
        }  # fmt: skip
        body = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ).encode()
        body += f"--{BOUNDARY}--\r\n".encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
            f"Cookie: staff_session={self.cookie}; staff_csrf={CSRF}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def heard(self) -> float:
        """Seconds from sending to the answer. Raises RuntimeError for anything but a saved row."""
        seconds = time.perf_counter() - self.sent_at
        if self.connection.received[9:12] != b"200":
            raise RuntimeError(f"{self.path} was answered with\n{self.connection.received[:2000].decode()}")
        answer = json.loads(self.connection.received.partition(b"\r\n\r\n")[2])
        self.version, self.base = answer["version"], answer["base"]
        if self.connection.head.lower().find(b"\r\nconnection: close") >= 0:
            self.connect()
        return seconds


def people(port: int) -> list[Typist]:
    """The clerks with their sessions, and the rows they write into."""
    from django.test import Client
    from django.utils import timezone

    from tracker.choices import Role
    from tracker.cycle import rounds
    from tracker.models import Manifesto, Membership, User

    planner = User.objects.create(username="load-planner", role=Role.PLANNING)
    round = rounds.open_round(
        Manifesto.objects.get(slug="2021"),
        fiscal_year=2024,
        due_on=timezone.localdate() + timedelta(days=30),
        as_of=date(2025, 3, 31),
        by=planner,
    )
    rows = round.actions.with_place().with_departments().order_by("pk")  # type: ignore[attr-defined]
    typists = []
    for number, row in enumerate([row for row in rows if row.departments][:PEOPLE]):
        user = User.objects.create(username=f"load-{number}", role=Role.DEPARTMENT)
        Membership.objects.create(user=user, department=row.departments[0])
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user, backend="tracker.staff.frame.authentication.StaffBackend")
        cookie = client.cookies["staff_session"].value
        typists.append(Typist(f"/staff/actions/{row.pk}/", cookie, row.version, port))
    return typists


def type_along(typists: list[Typist], *, between: float, seconds: float) -> list[float]:
    """The seconds of every save. Each person saves `between` seconds after their last save began, or as soon
    as it is answered.
    """
    poll, by_socket, waiting, found = select.poll(), {}, [], []
    begin = time.perf_counter()
    for place, typist in enumerate(typists):
        typist.connect()
        heappush(waiting, (begin + random.random() * between, place))
    under_way = 0
    while waiting or under_way:
        now = time.perf_counter()
        while waiting and waiting[0][0] <= now:
            _due, place = heappop(waiting)
            if now - begin > seconds:
                continue
            typist = typists[place]
            typist.save()
            by_socket[typist.connection.socket.fileno()] = place
            poll.register(typist.connection.socket, select.POLLIN)
            under_way += 1
        if not waiting and not under_way:
            break
        pause = max(0.0, waiting[0][0] - time.perf_counter()) if waiting else 60.0
        for number, _event in poll.poll(pause * 1000 + 1):
            place = by_socket[number]
            typist = typists[place]
            if not typist.connection.receive():
                continue
            poll.unregister(number)
            under_way -= 1
            found.append(typist.heard())
            heappush(waiting, (max(typist.sent_at + between, time.perf_counter()), place))
    return found


def main() -> None:
    django.setup()
    typists = people(int(sys.argv[1]))
    type_along(typists, between=SECONDS_BETWEEN, seconds=SECONDS_BETWEEN)  # every thread has its connection
    paced = type_along(typists, between=SECONDS_BETWEEN, seconds=SECONDS)
    at_once = type_along(typists, between=0.0, seconds=SECONDS)
    told = {"p95": quantiles(paced, n=100)[94], "saves": len(paced), "per_second": len(at_once) / SECONDS}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

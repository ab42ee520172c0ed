"""The HTTP client, in a process of its own: reads a plan from standard input, prints a JSON line per turn.

One thread polls a few keep-alive connections, each with one request under way. It costs about 30 µs a
request, so the server is what is measured. A plan names pairs; the two of a pair take short turns, again and
again, so that whatever else the machine does meets both.
"""

import json
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass

CONNECTIONS = 4  # as many as the worker has threads
SECONDS_TO_WAIT = 60


@dataclass(frozen=True)
class Target:
    """An address that is asked again and again. `conditional`: with the ETag of its first answer."""

    name: str
    path: str
    conditional: bool = False


@dataclass(frozen=True)
class Plan:
    """Rounds of pairs (what is compared with, what is measured). A turn ends by its seconds or requests."""

    port: int
    pairs: tuple[tuple[Target, Target], ...]
    rounds: int
    seconds: float
    requests: int

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        told = json.loads(text)
        pairs = tuple((Target(**base), Target(**target)) for base, target in told["pairs"])
        return cls(**told | {"pairs": pairs})


class Connection:
    """One keep-alive connection and the answer that it is receiving."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_TO_WAIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def ask(self, request: bytes) -> None:
        self.received = b""
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Takes what there is; True when the answer is complete. Raises ConnectionError if it cannot be."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed a connection")
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        return bool(found) and len(body) >= int(header(head, b"content-length") or 0)

    @property
    def head(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[0]


def header(head: bytes, name: bytes) -> bytes:
    """A header's value; empty where it is missing."""
    start = head.lower().find(b"\r\n" + name + b":")
    return head[start + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if start >= 0 else b""


def request_for(path: str, *more: bytes) -> bytes:
    """A browser's request."""
    lines = [f"GET {path} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Accept-Encoding: gzip", *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def ask_once(port: int, request: bytes) -> bytes:
    """The head of one answer."""
    connection = Connection(port)
    connection.ask(request)
    while not connection.receive():
        pass
    connection.socket.close()
    return connection.head


def prepared(port: int, target: Target) -> tuple[bytes, bytes]:
    """The request of a target and the status of its answers, asked a few times to be warm in each thread."""
    request, status = request_for(target.path), b"200"
    if target.conditional:
        etag = header(ask_once(port, request), b"etag")
        request, status = request_for(target.path, b"If-None-Match: " + etag), b"304"
    turn(port, request, status, seconds=0.3, requests=50)
    return request, status


def turn(port: int, request: bytes, status: bytes, *, seconds: float, requests: int) -> float:
    """Requests per second. Raises RuntimeError for an answer with another status."""
    connections = {
        connection.socket.fileno(): connection
        for connection in (Connection(port) for _ in range(CONNECTIONS))
    }
    poll = select.poll()
    for number in connections:
        poll.register(number, select.POLLIN)
    begin = time.perf_counter()
    for connection in connections.values():
        connection.ask(request)
    answered, under_way = 0, CONNECTIONS
    while under_way:
        events = poll.poll(SECONDS_TO_WAIT * 1000)
        if not events:
            raise TimeoutError(f"no answer in {SECONDS_TO_WAIT} seconds")
        for number, _event in events:
            connection = connections[number]
            if not connection.receive():
                continue
            if connection.received[9:12] != status:
                raise RuntimeError(f"{request!r}\nwas answered with\n{connection.head.decode()}")
            answered += 1
            if answered + under_way <= requests and time.perf_counter() - begin < seconds:
                connection.ask(request)
            else:
                under_way -= 1
    elapsed = time.perf_counter() - begin
    for connection in connections.values():
        connection.socket.close()
    return answered / elapsed


def main() -> None:
    plan = Plan.from_json(sys.stdin.read())
    requests = {target.name: prepared(plan.port, target) for pair in plan.pairs for target in pair}

    def rate(target: Target) -> float:
        request, status = requests[target.name]
        return turn(plan.port, request, status, seconds=plan.seconds, requests=plan.requests)

    for _round in range(plan.rounds):
        for base, target in plan.pairs:
            print(json.dumps([target.name, rate(base), rate(target)]), flush=True)


if __name__ == "__main__":
    main()

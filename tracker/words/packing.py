"""Many small things in one field of a row: JSON line by line, compressed, never whole in memory."""

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

LEVEL = 1  # of zlib: Japanese prose shrinks to a fifth, in a third of the time that the default takes


def pack(things: Iterable[object]) -> bytes:
    """Things that JSON can hold, as bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, mtime=0) as file:
        for thing in things:
            file.write(json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return out.getvalue()


def lines(packed: bytes | memoryview) -> Iterator[str]:
    """Each thing as JSON, one at a time. No bytes are no things."""
    if packed:
        with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="\n") as text:
            yield from text


def unpack(packed: bytes | memoryview) -> Iterator[Any]:
    """The things, one at a time."""
    return map(json.loads, lines(packed))

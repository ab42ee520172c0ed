"""A set of ids as a short word for an address: of two thousand rows any choice is a few hundred signs."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection

MOST_BYTES = 1 << 16  # of a set unpacked: ids that are half a million apart
LONGEST = 2_500  # characters: gunicorn takes addresses of 4,094


def packed_ids(ids: Collection[int]) -> str:
    """The word; "" for none. Raises ValueError for ids that lie too far apart."""
    if not ids:
        return ""
    first, size = min(ids), (max(ids) - min(ids)) // 8 + 1
    if size > MOST_BYTES:
        raise ValueError(size)
    bits = bytearray(size)
    for each in ids:
        bits[(each - first) // 8] |= 1 << (each - first) % 8
    word = f"{first}.{urlsafe_b64encode(zlib.compress(bytes(bits), 9)).decode().rstrip('=')}"
    if len(word) > LONGEST:
        raise ValueError(len(word))
    return word


def unpacked_ids(word: str) -> set[int]:
    """The ids. Raises ValueError for what no set was packed as."""
    if not word:
        return set()
    first, dot, packed = word.partition(".")
    if not dot or not first.isascii() or not first.isdigit() or len(first) > 18 or len(word) > LONGEST:
        raise ValueError(word)
    unpacking = zlib.decompressobj()
    try:
        bits = unpacking.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MOST_BYTES)
    except (zlib.error, ValueError) as problem:
        raise ValueError(word) from problem
    if not unpacking.eof:
        raise ValueError(word)
    start = int(first)
    return {start + place for place in range(8 * len(bits)) if bits[place // 8] >> place % 8 & 1}

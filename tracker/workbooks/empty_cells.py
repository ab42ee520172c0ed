"""Takes the empty cells out of a sheet's XML before the scan: a sheet formatted to its end has millions."""

import re
from collections.abc import Iterable, Iterator

# Empty cells that name their place, and rows of nothing else. Expat would call back for each, which takes ten
# times as long. In XML `<` begins a tag, or lies in a comment or CDATA, which stays one. So what is taken out
# was an empty cell, or no cell.
_CELL = rb'c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?(?: t="n")? ?(?:/>|></c>)\s*+'
_ROW = rb'row r="[0-9]{1,7}"(?: [A-Za-z0-9:]+="[^"<>&]*")*+ ?(?:/>|>\s*+(?:<' + _CELL + rb")*+</row>)\s*+"
EMPTY_CELLS = re.compile(rb"<(?:" + _CELL + rb"(?:<" + _CELL + rb")*+|" + _ROW + rb"(?:<" + _ROW + rb")*+)")
MAX_HELD_BYTES = 1024 * 1024


def without_empty_cells(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes without runs of empty cells; what is cut by the end of a piece may stay."""
    rest = b""
    for number, piece in enumerate(pieces):
        if number == 0 and not is_utf_8(piece):
            yield piece
            yield from pieces
            return
        rest += piece
        end = rest.rfind(b"<")
        if end <= 0 or len(rest) - end > MAX_HELD_BYTES:
            end = len(rest)
        yield EMPTY_CELLS.sub(b"", rest[:end]) if b'<c r="' in rest or b'<row r="' in rest else rest[:end]
        rest = rest[end:]
    yield rest


def is_utf_8(beginning: bytes) -> bool:
    """Whether a part begins in an encoding that holds ASCII as it is. The other that XML knows is UTF-16."""
    return not beginning.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in beginning[:4]

"""The parts of a zip, unpacked in pieces. The zip's own figures are claims, held against what is in it."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.workbooks.problems import FileProblem

BROKEN = "ブックが壊れています。Excel で開けるか確かめ、保存し直してください。"
LOCKED = "パスワード付きの zip です。パスワードを外し、Excel ブック（.xlsx）のまま選んでください。"
PIECE_BYTES = 256 * 1024
LOCAL_HEADER = 30  # bytes, then the name and the extra field (APPNOTE 4.3.7)


@dataclass(frozen=True)
class ZipPart:
    """One part of a package. `packed` are its bytes as they lie in the zip."""

    name: str
    size: int
    checksum: int
    is_deflated: bool
    packed: memoryview

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces. Raises FileProblem when size or checksum are not as stated."""
        size = checksum = 0
        for piece in self._inflated() if self.is_deflated else self._stored():
            size += len(piece)
            if size > self.size:
                raise FileProblem(BROKEN)
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if (size, checksum) != (self.size, self.checksum):
            raise FileProblem(BROKEN)

    def _stored(self) -> Iterator[bytes]:
        for start in range(0, len(self.packed), PIECE_BYTES):
            yield bytes(self.packed[start : start + PIECE_BYTES])

    def _inflated(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        for start in range(0, len(self.packed), PIECE_BYTES):
            waiting: bytes | memoryview = self.packed[start : start + PIECE_BYTES]
            while waiting and not unpacker.eof:
                if piece := unpacker.decompress(waiting, PIECE_BYTES):
                    yield piece
                waiting = unpacker.unconsumed_tail
        while not unpacker.eof:  # what the last bytes still give
            piece = unpacker.decompress(b"", PIECE_BYTES)
            if not piece:
                raise FileProblem(BROKEN)
            yield piece


def parts_of(content: bytes, most: int) -> list[ZipPart]:
    """A zip's parts. Raises FileProblem if it is damaged, locked, of too many parts or of deceiving names."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except Exception as problem:  # a damaged directory trips zipfile in many ways
        raise FileProblem(BROKEN) from problem
    if len(entries) > most:
        raise FileProblem(
            f"ブックの中の部品が多すぎます（{most:,} 個まで）。表だけを新しいブックに写して保存してください。"
        )
    _check_names([entry.orig_filename for entry in entries])
    view = memoryview(content)
    return [_part(entry, view) for entry in entries if not entry.is_dir()]


def _check_names(names: Sequence[str]) -> None:
    """Raises FileProblem for names that two readers may take for different parts; case does not count."""
    if len({name.lower() for name in names}) < len(names):
        raise FileProblem(BROKEN)
    for name in names:
        if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/"):
            raise FileProblem(BROKEN)


def _part(entry: zipfile.ZipInfo, content: memoryview) -> ZipPart:
    if entry.flag_bits & 0x1:
        raise FileProblem(LOCKED)
    header = content[entry.header_offset : entry.header_offset + LOCAL_HEADER]
    is_known = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if not is_known or len(header) < LOCAL_HEADER or bytes(header[:4]) != b"PK\x03\x04":
        raise FileProblem(BROKEN)
    name_and_extra = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = entry.header_offset + LOCAL_HEADER + name_and_extra
    packed = content[start : start + entry.compress_size]
    if len(packed) < entry.compress_size:
        raise FileProblem(BROKEN)
    is_deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    return ZipPart(entry.filename, entry.file_size, entry.CRC, is_deflated, packed)

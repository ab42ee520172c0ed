"""The file of a backup: a zip of tables and files, with a manifest of each part and its digest.

    manifest.json    what made it, when, of which migrations; each part's rows or bytes and SHA-256
    tables/LABEL     a table's rows (rows.as_line)
    files/NAME       files of STATE_DIR

The zip's comment is the SHA-256 of the manifest. So a damaged or shortened file is known before it is used.
"""

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

FORMAT = 1
PRODUCT = "manifesto backup"
MANIFEST = "manifest.json"
BLOCK = 1024 * 1024
# What reading a damaged zip raises.
READING = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


class ArchiveProblem(Exception):  # noqa: N818 - the house's own word for it
    """A file that cannot be used as a backup, and why: in words for people."""


@dataclass(frozen=True)
class TablePart:
    """A table: its model's label, what its columns are called, how many rows it has."""

    label: str
    columns: list[str]
    rows: int
    sha256: str

    @property
    def name(self) -> str:
        return f"tables/{self.label}"


@dataclass(frozen=True)
class FilePart:
    """A file of STATE_DIR."""

    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return f"files/{self.path}"


@dataclass
class Manifest:
    """What a backup says of itself. `migrations`: those that its database had, by app.

    `seal_key`: a digest of the key of its seals, which tells whether another one is the same.
    """

    version: str
    made_at: str
    city: str
    database: str
    migrations: dict[str, list[str]]
    seal_key: str
    tables: list[TablePart] = field(default_factory=list)
    files: list[FilePart] = field(default_factory=list)
    format: int = FORMAT
    product: str = PRODUCT

    @property
    def rows(self) -> int:
        """How many rows it holds in all."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()


class Writer:
    """Writes the parts of a backup, one after the other, and their digests into the manifest."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self.manifest = manifest
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def add_table(self, label: str, columns: list[str], lines: Iterable[bytes]) -> TablePart:
        whole, rows = sha256(), 0
        with self.zip.open(f"tables/{label}", "w", force_zip64=True) as part:
            for line in lines:
                part.write(line)
                whole.update(line)
                rows += 1
        table = TablePart(label, columns, rows, whole.hexdigest())
        self.manifest.tables.append(table)
        return table

    def add_file(self, path: str, content: bytes) -> None:
        part = FilePart(path, len(content), sha256(content).hexdigest())
        self.zip.writestr(part.name, content)
        self.manifest.files.append(part)

    def close(self) -> None:
        told = self.manifest.as_json()
        self.zip.writestr(MANIFEST, told)
        self.zip.comment = sha256(told).hexdigest().encode()
        self.zip.close()


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A private file that stands under its name when it is whole and on the disk, and not before."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _keep_name(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """The name itself is on the disk, too."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


class Reader:
    """A backup that is whole: every part was read once and is as its manifest says."""

    def __init__(self, path: Path) -> None:
        """Raises ArchiveProblem for a file that is no backup of ours, is damaged, or of a later format."""
        try:
            self.zip = zipfile.ZipFile(path)
            told = self.zip.read(MANIFEST)
        except FileNotFoundError as problem:
            raise ArchiveProblem(f"{path} がありません。") from problem
        except READING as problem:
            raise ArchiveProblem(
                f"{path.name} は、この製品のバックアップではないか、壊れています。"
            ) from problem
        if sha256(told).hexdigest().encode() != self.zip.comment:
            raise ArchiveProblem(
                f"{path.name} は、この製品のバックアップではないか、壊れています（目録が合いません）。"
            )
        self.manifest = _manifest(path.name, json.loads(told))
        self._check_all(path.name)

    def _check_all(self, name: str) -> None:
        parts: list[TablePart | FilePart] = [*self.manifest.tables, *self.manifest.files]
        wanted = {part.name: part.sha256 for part in parts}
        if {*wanted, MANIFEST} != set(self.zip.namelist()):
            raise ArchiveProblem(f"{name} は壊れています（目録と中身が合いません）。")
        for part, digest in wanted.items():
            whole = sha256()
            try:
                with self.zip.open(part) as file:
                    while block := file.read(BLOCK):
                        whole.update(block)
            except READING as problem:
                raise ArchiveProblem(f"{name} は壊れています（{part} を読めません）。") from problem
            if whole.hexdigest() != digest:
                raise ArchiveProblem(f"{name} は壊れています（{part} が目録と合いません）。")

    def lines(self, table: TablePart) -> Iterator[bytes]:
        with self.zip.open(table.name) as part:
            yield from part

    def file(self, path: str) -> bytes | None:
        """A file's content; None where the backup has none of the name."""
        found = next((part for part in self.manifest.files if part.path == path), None)
        return self.zip.read(found.name) if found else None


def _manifest(name: str, told: Any) -> Manifest:
    try:
        if told["product"] != PRODUCT:
            raise ArchiveProblem(f"{name} は、この製品のバックアップではありません。")
        if told["format"] > FORMAT:
            raise ArchiveProblem(
                f"{name} は、新しい版（{told['version']}）で作ったバックアップです。"
                "その版か、より新しい版で戻してください。"
            )
        tables = [TablePart(**part) for part in told.pop("tables")]
        files = [FilePart(**part) for part in told.pop("files")]
        return Manifest(**told, tables=tables, files=files)
    except (KeyError, TypeError) as problem:
        raise ArchiveProblem(f"{name} の目録を読めません。") from problem

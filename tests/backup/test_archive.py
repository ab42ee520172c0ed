"""The file of a backup: whole, or refused with a reason."""

from pathlib import Path

import pytest

from tracker.backup.archive import ArchiveProblem, Manifest, Reader, Writer, new_file

LINES = [b'["x", 1]\n', b'["y", 2]\n']


def archive(path: Path) -> Path:
    with new_file(path) as file:
        writer = Writer(
            file, Manifest("1.0.0", "2026-11-30T09:00:00+00:00", "市", "sqlite", {"tracker": ["0001"]}, "k")
        )
        writer.add_file("seals.log", b"line\n")
        writer.add_table("tracker.Pledge", ["id", "text"], LINES)
        writer.close()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    reader = Reader(archive(tmp_path / "x.zip"))
    (table,) = reader.manifest.tables
    assert (table.label, table.columns, table.rows) == ("tracker.Pledge", ["id", "text"], 2)
    assert list(reader.lines(table)) == LINES
    assert (reader.file("seals.log"), reader.file("other")) == (b"line\n", None)
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]
    assert (tmp_path / "x.zip").stat().st_mode & 0o777 == 0o600


def test_a_changed_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    whole = archive(tmp_path / "x.zip").read_bytes()
    damaged = tmp_path / "damaged.zip"
    unnoticed = []
    for place in range(len(whole)):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            reader = Reader(damaged)
            unnoticed.append((place, reader.manifest == Reader(tmp_path / "x.zip").manifest))
        except ArchiveProblem:
            pass
    # Times and rights of a member are no content: what is read is the same.
    assert all(is_same for _place, is_same in unnoticed)
    assert len(unnoticed) < len(whole) / 4


@pytest.mark.parametrize("length", [0, 1, 100, -1, -60])
def test_a_shortened_file_is_none(tmp_path: Path, length: int) -> None:
    path = archive(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ArchiveProblem, match=r"x\.zip"):
        Reader(path)


def test_another_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(ArchiveProblem, match="ありません"):
        Reader(tmp_path / "nothing.zip")
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(ArchiveProblem, match="この製品のバックアップではないか、壊れています"):
        Reader(tmp_path / "x.zip")


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(b"%d" % (1 // 0))
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]

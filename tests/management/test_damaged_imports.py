"""`manage.py import_report` on damaged files: each is imported, or refused with nothing written."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import transaction
from openpyxl import load_workbook
from openpyxl.cell import MergedCell
from pytest_django import DjangoDbBlocker

from tests.conftest import FIXTURE, SYMBOLS, WORDS
from tests.management.importing import counts, import_text, published
from tests.published_tables.file.writing import HEADINGS
from tracker.models import Initiative
from tracker.published_tables.file import writing
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_published")]

Damage = Callable[[random.Random, list[list[str]]], None]
SHORT = "\n".join(FIXTURE.read_text().split("\n")[:140])


def table_row(chance: random.Random, rows: list[list[str]]) -> list[str]:
    return chance.choice(
        [row for row in rows if sum(map(bool, row)) > 3 and row[0] not in (HEADINGS[0], "公約")]
    )


def drop_cell(chance: random.Random, rows: list[list[str]]) -> None:
    row = table_row(chance, rows)
    del row[chance.randrange(len(row))]


def double_cell(chance: random.Random, rows: list[list[str]]) -> None:
    row = table_row(chance, rows)
    place = chance.randrange(len(row))
    row.insert(place, row[place])


def swap_cells(chance: random.Random, rows: list[list[str]]) -> None:
    row = table_row(chance, rows)
    a, b = chance.sample(range(len(row)), 2)
    row[a], row[b] = row[b], row[a]


def blank_cell(chance: random.Random, rows: list[list[str]]) -> None:
    row = table_row(chance, rows)
    row[chance.randrange(len(row))] = ""


def delete_line(chance: random.Random, rows: list[list[str]]) -> None:
    del rows[chance.randrange(len(rows))]


def double_line(chance: random.Random, rows: list[list[str]]) -> None:
    place = chance.randrange(len(rows))
    rows.insert(place, list(rows[place]))


def swap_lines(chance: random.Random, rows: list[list[str]]) -> None:
    a, b = chance.sample(range(len(rows)), 2)
    rows[a], rows[b] = rows[b], rows[a]


CELL_DAMAGE: list[Damage] = [
    drop_cell,
    double_cell,
    swap_cells,
    blank_cell,
    delete_line,
    double_line,
    swap_lines,
]


def damaged_text(seed: int) -> bytes:
    rows = [line.split("\t") for line in SHORT.split("\n")]
    damage_cells(seed, rows)
    return "\n".join("\t".join(row) for row in rows).encode()


def damage_cells(seed: int, rows: list[list[str]]) -> None:
    chance = random.Random(seed)
    for _ in range(chance.choice([1, 1, 2, 5])):
        CELL_DAMAGE[seed % len(CELL_DAMAGE)](chance, rows)


def damaged_csv(seed: int, content: bytes) -> bytes:
    """A CSV file with damaged cells, or damaged itself."""
    if seed % 3 == 0:
        return damaged_bytes(seed, content)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    damage_cells(seed, rows)
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def damaged_book(seed: int, content: bytes) -> bytes:
    """A workbook with damaged cells (moved, doubled or blank), or damaged itself."""
    if seed % 3 == 0:
        return (damaged_bytes, damaged_part, one_letter_off)[seed // 3 % 3](seed, content)
    chance = random.Random(seed)
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    for _ in range(chance.choice([1, 1, 2, 5])):
        row = chance.randrange(11, sheet.max_row + 1)
        cells = [cell for cell in sheet[row] if not isinstance(cell, MergedCell)]
        a, b = chance.sample(cells, 2) if len(cells) > 1 else cells * 2
        a.value, b.value = chance.choice(
            [(b.value, a.value), (a.value, a.value), (None, b.value), ("余り", b.value)]
        )
    if seed % 3 == 2:
        area = chance.choice(list(sheet.merged_cells.ranges))
        sheet.unmerge_cells(str(area))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def damaged_bytes(seed: int, content: bytes) -> bytes:
    """Cut off, or with some bytes flipped, or with a piece left out."""
    chance = random.Random(seed)
    if seed % 3 == 0:
        return content[: chance.randrange(1, len(content))]
    changed = bytearray(content)
    if seed % 3 == 1:
        for _ in range(chance.choice([1, 3, 30])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    else:
        start = chance.randrange(len(changed))
        del changed[start : start + chance.choice([1, 10, 1000])]
    return bytes(changed)


def damaged_part(seed: int, content: bytes) -> bytes:
    """A workbook whose zip is whole, but one of its parts has flipped or missing bytes."""
    chance = random.Random(seed)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice(names)
        for name in names:
            part = old.read(name)
            new.writestr(name, damaged_bytes(seed, part) if name == victim else part)
    return file.getvalue()


def one_letter_off(seed: int, content: bytes) -> bytes:
    """A workbook whose parts stay well-formed, but a letter or digit of one says something else."""
    chance = random.Random(seed)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        victim = chance.choice(
            [name for name in old.namelist() if "sheet" in name or "styles" in name or "workbook" in name]
        )
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == victim:
                places = [place for place, byte in enumerate(part) if chr(byte).isalnum()]
                for place in chance.sample(places, 3):
                    part[place] = ord(chance.choice("0123456789ABCabc"))
            new.writestr(name, bytes(part))
    return file.getvalue()


@pytest.fixture(scope="module")
def short_book() -> bytes:
    return writing.write_workbook(parse_table(grid_of(SHORT.encode())))


@pytest.fixture(scope="module")
def _published(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A small table, published once for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        published(tmp_path_factory.mktemp("published"))
        yield
        transaction.set_rollback(True)


def seeds(count: int) -> list[Any]:
    """The first quarter in every run, the others where time does not matter."""
    return [pytest.param(seed, marks=pytest.mark.long if seed >= count // 4 else ()) for seed in range(count)]


def imports_or_refuses(folder: Path, content: bytes) -> None:
    """The import succeeds, or ends in a CommandError that names the file and has written nothing."""
    before = counts()
    try:
        import_text(folder, content)
    except CommandError as problem:
        refusal = str(problem)
    else:
        assert Initiative.objects.filter(last_fiscal_year=None).exists()
        return
    assert refusal.startswith("表.txt")
    assert counts() == before


@pytest.mark.parametrize("seed", seeds(42))
def test_a_damaged_table_is_imported_or_refused(tmp_path: Path, seed: int) -> None:
    imports_or_refuses(tmp_path, damaged_text(seed))


@pytest.mark.parametrize("seed", seeds(18))
def test_a_damaged_text_file_is_imported_or_refused(tmp_path: Path, seed: int) -> None:
    imports_or_refuses(tmp_path, damaged_bytes(seed, SHORT.encode()))


@pytest.mark.parametrize("seed", seeds(12))
def test_a_damaged_workbook_is_imported_or_refused(tmp_path: Path, short_book: bytes, seed: int) -> None:
    imports_or_refuses(tmp_path, damaged_bytes(seed, short_book))


@pytest.mark.parametrize("seed", seeds(12))
def test_a_workbook_with_a_damaged_part_is_imported_or_refused(
    tmp_path: Path, short_book: bytes, seed: int
) -> None:
    imports_or_refuses(tmp_path, damaged_part(seed, short_book))


@pytest.mark.parametrize("seed", seeds(12))
def test_a_workbook_that_says_something_else_is_imported_or_refused(
    tmp_path: Path, short_book: bytes, seed: int
) -> None:
    imports_or_refuses(tmp_path, one_letter_off(seed, short_book))


@pytest.mark.parametrize("seed", seeds(50))
def test_a_damaged_table_of_symbols_is_imported_or_refused(tmp_path: Path, seed: int) -> None:
    imports_or_refuses(tmp_path, damaged_csv(seed, SYMBOLS.read_bytes()))


@pytest.mark.parametrize("seed", seeds(50))
def test_a_damaged_table_of_words_is_imported_or_refused(tmp_path: Path, seed: int) -> None:
    imports_or_refuses(tmp_path, damaged_book(seed, WORDS.read_bytes()))

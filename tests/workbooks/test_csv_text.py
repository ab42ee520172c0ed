"""Text files: the encodings that a city hall makes, and CSV that is none."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.workbooks.csv_text import (
    MOST_ROWS,
    NOT_TEXT,
    TOO_MANY_CSV_ROWS,
    TOO_WIDE,
    UNKNOWN_ENCODING,
    UNMATCHED_QUOTES,
    decoded,
    read_csv,
)
from tracker.workbooks.disguises import WEB_PAGE
from tracker.workbooks.problems import FileProblem


def as_csv(*rows: list[str], delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def problem(content: bytes) -> tuple[str, int | None]:
    with pytest.raises(FileProblem) as caught:
        read_csv(content)
    return caught.value.message, caught.value.row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_encoding_and_the_line_ends_make_no_difference(encoding: str, line_end: str) -> None:
    assert decoded("①㈱、甲\n乙\n".replace("\n", line_end).encode(encoding)) == "①㈱、甲\n乙\n"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_the_commonest(delimiter: str) -> None:
    rows = [["甲", '乙"丙"', "丁\n戊"], ["", f"己{delimiter}庚"]]
    assert read_csv(as_csv(*rows, delimiter=delimiter).encode()) == rows


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")), min_size=2, max_size=5),
        max_size=5,
    )
)
def test_what_csv_writes_is_read_again(rows: list[list[str]]) -> None:
    headings = ["公約", "取組", "評価", "担当課"] * 20  # commas, more than any other delimiter
    assert read_csv(as_csv(headings, *rows).encode()) == [headings, *rows]


@pytest.mark.parametrize(
    ("content", "message", "row"),
    [
        (b"1\n\x81\xff\xfe\x00", UNKNOWN_ENCODING, 2),
        ("取組の一覧\n駅を直します。".encode()[:-1], UNKNOWN_ENCODING, 2),
        (b"\xff\xfea", UNKNOWN_ENCODING, 1),
        ("甲\n乙\0丙".encode(), NOT_TEXT, 2),
        ("市長\t甲".encode("utf-16-le"), UNKNOWN_ENCODING, 1),
        (b"<html><body><table>", WEB_PAGE, None),
        ('番号,版\n1,"開いたまま\n'.encode(), UNMATCHED_QUOTES, 2),
        ('番号,版\n1,"甲"乙\n'.encode(), UNMATCHED_QUOTES, 2),
        (b"a,b\n" + b"1," * 300, TOO_WIDE, 2),
        (b"," * 6_000, TOO_WIDE, None),
        (b"1\n" * (MOST_ROWS + 1), TOO_MANY_CSV_ROWS, None),
    ],
)
def test_what_is_no_csv_is_refused(content: bytes, message: str, row: int | None) -> None:
    assert problem(content) == (message, row)

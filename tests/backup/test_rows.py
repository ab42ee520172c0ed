"""Rows as lines: any value comes back as it was, and equal rows have equal lines."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from tracker.backup.rows import as_line, as_row, tables

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.lists(JSON, max_size=3) | st.dictionaries(st.text(), JSON, max_size=3)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
) | (st.datetimes(timezones=st.just(UTC)) | st.times() | st.decimals(allow_nan=False) | DOCUMENTS)


@given(st.lists(VALUES, max_size=6))
def test_any_row_comes_back(row: list[Any]) -> None:
    line = as_line(row)
    assert line.count(b"\n") == 1
    assert as_row(line) == row
    assert [type(value) for value in as_row(line)] == [type(value) for value in row]


def test_keys_of_json_have_one_order() -> None:
    assert as_line([{"b": 1, "a": [{"d": 1, "c": 2}]}]) == as_line([{"a": [{"c": 2, "d": 1}], "b": 1}])


def test_what_looks_like_our_own_mark_is_kept_as_it_is() -> None:
    row = [{"date": "2024-03-31"}, date(2024, 3, 31), "2024-03-31", datetime(2024, 3, 31, 1, 2, 3, 4, UTC)]
    assert as_row(as_line(row)) == row
    assert as_row(as_line([time(1, 2), Decimal("1.20"), b"\x00\xff", "\ud800", "\u2028"]))[1] == Decimal(
        "1.20"
    )


@pytest.mark.parametrize("line", [b"", b"{}", b"[", b'[{"pickle": ""}]', b'[{"date": "x"}]', b"\xff"])
def test_another_line_is_none_of_ours(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the archive tells which part it was
        as_row(line)


def test_nobody_comes_in_by_a_backup_and_nothing_of_the_work_is_left_out() -> None:
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    left_out = labels - {model._meta.label for model in tables(apps)}
    ours = {label for label in left_out if label.startswith("tracker.")}
    assert ours == {"tracker.SentForm"}  # it has the names of sessions that live
    assert {label.partition(".")[0] for label in left_out - ours} == {"sessions", "axes"}

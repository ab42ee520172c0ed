"""The rows of a file that a page has shown. They travel in its form, signed, until they are confirmed."""

from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied

from tracker.staff.master.files import MasterFile

CONFIRM_WITHIN_HOURS = 2
MAX_PACKED = 2_000_000  # characters; Django takes forms of 2.5 MB


def pack(file: MasterFile, *more: object, salt: str) -> str:
    """The rows, and what else is to come back with them, for who is named by the salt; "" where too many."""
    packed = signing.dumps([file.headings, file.rows, file.numbers, *more], salt=salt, compress=True)
    return packed if len(packed) <= MAX_PACKED else ""


def unpack(packed: str, *, salt: str, called: str) -> tuple[MasterFile, list[Any]]:
    """The rows, and what else was packed. `called` is the file in words.

    Raises PermissionDenied for what is nobody's, somebody else's, or too old.
    """
    try:
        max_age = CONFIRM_WITHIN_HOURS * 60 * 60  # seconds
        headings, rows, numbers, *more = signing.loads(packed, salt=salt, max_age=max_age)
    except signing.BadSignature as problem:
        words = f"取込の確認は、{called}を選んだ本人が {CONFIRM_WITHIN_HOURS} 時間以内に行ってください。"
        raise PermissionDenied(f"{words}{called}を選び直してください。") from problem
    return MasterFile(tuple(headings), tuple(map(tuple, rows)), tuple(numbers)), more

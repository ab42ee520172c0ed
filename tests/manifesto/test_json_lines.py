"""The log as lines of JSON: where and what, nothing that people typed."""

import json
import logging
import sys

from django.test import RequestFactory

from manifesto.json_lines import JsonLines


def test_a_line_has_neither_names_nor_typed_text() -> None:
    try:
        raise ValueError("市民 花子 TYPED")
    except ValueError:
        information = sys.exc_info()
    record = logging.LogRecord(
        "axes", logging.WARNING, __file__, 1, "Locked out %s", ("hanako",), information
    )
    record.request = RequestFactory().get("/staff/?q=TYPED")
    record.status_code = 500
    line = JsonLines().format(record)
    told = json.loads(line)
    assert (told["message"], told["path"], told["status"]) == ("Locked out %s", "/staff/", 500)
    assert (told["error"], told["at"][0].split()[-1]) == (
        "ValueError",
        "test_a_line_has_neither_names_nor_typed_text",
    )
    assert not any(word in line for word in ("hanako", "花子", "TYPED", "\n"))

"""A workbook as a file's bytes, without the time of its writing: the same content gives the same bytes."""

import io
import re
import zipfile

from openpyxl import Workbook

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITTEN_AT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NO_TIME = b"1980-01-01T00:00:00Z"  # the date that the parts of the zip have too


def without_time(book: Workbook) -> bytes:
    """The file of a workbook; saving the same content again, at any time, gives the same bytes."""
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as written, zipfile.ZipFile(out, "w") as new:
        for name in written.namelist():
            content = written.read(name)
            if name == "docProps/core.xml":
                content = WRITTEN_AT.sub(NO_TIME, content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()

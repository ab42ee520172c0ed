"""What a file really is, by its first bytes and its parts, when somebody took it for an Excel workbook."""

import codecs
import re
from collections.abc import Collection

from tracker.workbooks.problems import FileProblem

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF_MAGIC = b"%PDF-"

SAVE_AS_XLSX = "「Excel ブック（.xlsx）」で保存し直してください。"
NO_BOOK = f"Excel のブック（.xlsx）ではありません。{SAVE_AS_XLSX}"
WEB_PAGE = f"中身が Web ページ（HTML）や XML のファイルです。Excel で開き、{SAVE_AS_XLSX}"
PLAIN_TEXT = f"Excel のブックではなく、文字だけのファイル（CSV など）です。Excel で開き、{SAVE_AS_XLSX}"
WORD_FILE = "Word の文書です。Excel ブック（.xlsx）を選んでください。"
POWERPOINT = "PowerPoint の資料です。Excel ブック（.xlsx）を選んでください。"

WEB_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|table|meta|\?xml|\?mso|!--)", re.IGNORECASE)
SAMPLE_CHARACTERS = 4096  # enough to tell markup, or a delimiter


def looks_like_text(content: bytes) -> bool:
    """Whether a file is to be read as text (CSV): it is no zip, no old Office file, no PDF, and not blank."""
    is_workbook = content.startswith((ZIP_MAGIC, OLE_MAGIC)) or PDF_MAGIC in content[:1024]
    return not is_workbook and bool(content.strip())


def refuse_unless_zip(content: bytes) -> None:
    """Raises FileProblem naming what the file is, unless it begins as a zip does."""
    if content.startswith(ZIP_MAGIC):
        return
    if not content.strip():
        raise FileProblem("ファイルが空です。")
    if content.startswith(OLE_MAGIC):
        raise FileProblem(_old_office(content))
    if PDF_MAGIC in content[:1024]:  # a PDF may have some bytes before its mark
        raise FileProblem("PDF のファイルです。元の Excel ブック（.xlsx）を選んでください。")
    raise FileProblem(_by_text(content))


def refuse_other_packages(names: Collection[str], mimetype: bytes) -> None:
    """Raises FileProblem for a zip that is no .xlsx. `mimetype` is the beginning of the part of that name."""
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise FileProblem(f"バイナリ形式（.xlsb）のブックです。Excel で開き、{SAVE_AS_XLSX}")
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise FileProblem(f"OpenDocument（.ods など）のファイルです。表計算ソフトで開き、{SAVE_AS_XLSX}")
    if "word/document.xml" in names:
        raise FileProblem(WORD_FILE)
    if "ppt/presentation.xml" in names:
        raise FileProblem(POWERPOINT)
    raise FileProblem(NO_BOOK)


def _old_office(content: bytes) -> str:
    """An OLE file by the streams that its directory names: an encrypted package, or Office before 2007."""
    if _has_stream(content, "EncryptedPackage") or _has_stream(content, "EncryptionInfo"):
        return "パスワード付きのブックです。Excel で開いてパスワードを外し、保存し直してください。"
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        return f"古い形式（.xls）のブックです。Excel で開き、{SAVE_AS_XLSX}"
    if _has_stream(content, "WordDocument"):
        return WORD_FILE
    if _has_stream(content, "PowerPoint Document"):
        return POWERPOINT
    return f"パスワード付きのブック、または古い形式（.xls）です。パスワードを外し、{SAVE_AS_XLSX}"


def _has_stream(content: bytes, name: str) -> bool:
    """Whether a directory entry has this name."""
    # [MS-CFB] 2.6.1: 64 bytes of UTF-16, then the length in bytes, its end included.
    entry = name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(2, "little")
    found = content.find(entry)
    while found >= 0 and found % 128:  # entries are 128 bytes each; elsewhere it is somebody's text
        found = content.find(entry, found + 1)
    return found >= 0


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8 (with or without BOM), cp932, or UTF-16 with BOM (Excel's Unicode text).

    Raises UnicodeDecodeError, with the place where it is no UTF-8, for any other.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        try:
            return content.decode("cp932")
        except UnicodeDecodeError:
            raise problem from None


def is_web_page(text: str) -> bool:
    """Whether a text is HTML or XML."""
    return bool(WEB_MARKUP.match(text[:SAMPLE_CHARACTERS]))


def _by_text(content: bytes) -> str:
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        return NO_BOOK
    told = WEB_PAGE if is_web_page(text) else PLAIN_TEXT
    return NO_BOOK if "\0" in text else told

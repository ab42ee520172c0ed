"""Workbooks written part by part: those that must not be opened, and those that are only awkward."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from tracker.workbooks.disguises import OLE_MAGIC

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    RELATIONS: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
TEXTS = "xl/sharedStrings.xml"
TWO_ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>'
    '<row r="2"><c r="B2" t="s"><v>1</v></c></row>'
)
TWO_ROWS_READ = [["甲", "1"], ["", "乙"]]


def sheet(rows: str = TWO_ROWS, *, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def texts(*inner: str, said: str = "") -> str:
    return f'<sst xmlns="{MAIN}"{said}>' + "".join(f"<si>{each}</si>" for each in inner) + "</sst>"


def book(*sheets: tuple[str, str]) -> str:
    """The workbook part: names and states; the n-th sheet is the n-th part."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="s{number}"/>'
        for number, (name, state) in enumerate(sheets, start=1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'


def relations(*targets: tuple[str, str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, kind, target in targets
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def content_types(sheets: int) -> str:
    kinds = {BOOK: "sheet.main", TEXTS: "sharedStrings", "xl/styles.xml": "styles"}
    kinds |= {f"xl/worksheets/sheet{number}.xml": "worksheet" for number in range(1, sheets + 1)}
    said = "".join(
        f'<Override PartName="/{name}" ContentType="{SPREADSHEET}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    usual = "".join(
        f'<Default Extension="{ending}" ContentType="{kind}"/>'
        for ending, kind in (
            ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("xml", "application/xml"),
        )
    )
    return f'<Types xmlns="{PACKAGE}/content-types">{usual}{said}</Types>'


def parts(
    *sheets: str, names: Iterable[tuple[str, str]] = (), **replaced: str | bytes
) -> dict[str, str | bytes]:
    """The parts of a small workbook: of its sheets' XML, by default one with two rows and two columns."""
    sheets = sheets or (sheet(),)
    named = tuple(names) or tuple((f"シート{number}", "visible") for number in range(1, len(sheets) + 1))
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(len(sheets)),
        "_rels/.rels": relations(("r1", "officeDocument", BOOK)),
        BOOK: book(*named),
        "xl/_rels/workbook.xml.rels": relations(
            *(
                (f"s{number}", "worksheet", f"worksheets/sheet{number}.xml")
                for number in range(1, len(sheets) + 1)
            ),
            ("t", "sharedStrings", "sharedStrings.xml"),
            ("f", "styles", "styles.xml"),
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1">'
        '<numFmt numFmtId="164" formatCode="General"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
        '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/>'
        '<xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>',
        TEXTS: texts("<t>甲</t>", "<t>乙</t>"),
    }
    made |= {f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets, start=1)}
    return made | replaced


def package(content: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return file.getvalue()


def workbook(*sheets: str, **replaced: str | bytes) -> bytes:
    return package(parts(*sheets, **replaced))


def with_parts(**others: str | bytes) -> bytes:
    """The small workbook with other parts, named with `__` for a slash and `_dot_` for a dot."""
    return package(
        parts() | {name.replace("__", "/").replace("_dot_", "."): part for name, part in others.items()}
    )


# --- zips that lie ---


def _deflated(megabytes: int) -> bytes:
    """So many megabytes of one letter, deflated, without their ever being in memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(b"a" * 1024 * 1024) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def one_cell_of(megabytes: int, *, stated_bytes: int | None = None) -> bytes:
    """A small zip whose sheet unpacks to so much. `stated_bytes` is what the zip says of it, if it lies."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts().items():
            if name != SHEET:
                archive.writestr(name, part)
        archive.writestr(SHEET, _deflated(megabytes), zipfile.ZIP_STORED)
        entry = archive.getinfo(
            SHEET
        )  # what is changed here goes into the zip's directory, which readers go by
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.file_size = megabytes * 1024 * 1024 if stated_bytes is None else stated_bytes
    return file.getvalue()


def with_packed_size(change: int) -> bytes:
    """A zip whose directory says of the sheet that more or fewer bytes of it lie there than do."""
    content = bytearray(workbook())
    place = content.rindex(SHEET.encode()) - 46 + 20  # in its entry of the directory
    packed = int.from_bytes(content[place : place + 4], "little")
    content[place : place + 4] = (packed + change).to_bytes(4, "little")
    return bytes(content)


def twice(name: str) -> bytes:
    """Two parts of one name: which one a reader takes is its own choice."""
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("placeholder", sheet())
        archive.filelist[-1].filename = name
    return file.getvalue()


def with_flag(content: bytes, flag: int) -> bytes:
    """A zip whose directory says this of every part."""
    changed = bytearray(content)
    place = changed.find(b"PK\x01\x02")
    while place >= 0:
        changed[place + 8] |= flag
        place = changed.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


# --- other files ---


def old_office(*streams: str) -> bytes:
    """An OLE file as far as anybody looks: its mark, and a directory with these streams."""
    directory = b"".join(
        stream.encode("utf-16-le").ljust(64, b"\0")
        + (2 * len(stream) + 2).to_bytes(2, "little")
        + b"\2\1"
        + b"\0" * 60
        for stream in ("Root Entry", *streams)
    )
    return OLE_MAGIC.ljust(512, b"\0") + directory


CSV = "番号,取組\r\n1,駅前を整備しました\r\n"
WEB_PAGE = "<html><head><meta charset='utf-8'></head><body><table><tr><td>甲</td></tr></table></body></html>"


# --- XML that lies ---

LAUGHS = "<!DOCTYPE sst [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{10 * f'&{before};'}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
OUTSIDE = '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def declared(part: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + part


def in_utf_16(part: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-16"?>' + part).encode("utf-16")


def filled(address: str) -> str:
    """A sheet whose only cell is there."""
    return sheet(row_of(int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), address))


def row_of(number: int, *addresses: str) -> str:
    return (
        f'<row r="{number}">' + "".join(f'<c r="{address}"><v>1</v></c>' for address in addresses) + "</row>"
    )


def one_row_of(columns: int) -> str:
    return (
        '<row r="1">'
        + "".join(f'<c r="{column(n)}1" t="s"><v>0</v></c>' for n in range(1, columns + 1))
        + "</row>"
    )


def many_errors(rows: int) -> str:
    """Three a row."""
    return "".join(
        f'<row r="{row}">' + "".join(f'<c r="{name}{row}" t="e"><v>#N/A</v></c>' for name in "ABC") + "</row>"
        for row in range(1, rows + 1)
    )


def many_areas(count: int) -> list[str]:
    """Areas of two cells, one above the other, that do not overlap."""
    return [f"{name}{2 * n + 1}:{name}{2 * n + 2}" for n in range(count // 10) for name in "ABCDEFGHIJ"]


def merged(*areas: str) -> str:
    return sheet(
        after="<mergeCells>" + "".join(f'<mergeCell ref="{area}"/>' for area in areas) + "</mergeCells>"
    )


def column(number: int) -> str:
    """The letters of a 1-based column."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def repeated_text() -> bytes:
    """A short file that says a long text so often that all of it together has gigabytes."""
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 30_001))
    return workbook(sheet(rows), **{TEXTS: texts(f"<t>{'長' * 32_767}</t>")})


def picture_as_sheet() -> bytes:
    named = relations(
        ("s1", "worksheet", "worksheets/sheet1.bin"), ("t", "sharedStrings", "sharedStrings.xml")
    )
    return package(
        parts() | {"xl/_rels/workbook.xml.rels": named, "xl/worksheets/sheet1.bin": b"\x89PNG\r\n"}
    )


BROKEN = "ブックが壊れています。Excel で開けるか確かめ、保存し直してください。"
UNREADABLE = (
    "Excel のブックとして開けません。壊れているか、別の形式のファイルです。"
    "Excel で開いて保存し直してください。"
)
UNUSUAL = "Excel とは違う書き方のブックです。Excel で開いて保存し直してください。"
DECLARES = (
    "ブックの中に許されない宣言（DOCTYPE／ENTITY）があります。Excel で新しいブックに写して保存してください。"
)
MISCOUNTED = (
    "ブックの中の文字列の数が正しくないか、多すぎます。表だけを新しいブックに写して保存してください。"
)
MACROS = "マクロ入りのブックです。「Excel ブック（.xlsx）」で保存し直してください（マクロは取り除かれます）。"
LINKS = (
    "ほかのブックへのリンクがあります。Excel の「データ」→「リンクの編集」で「リンクの解除」"
    "をしてから、保存し直してください。"
)
OBJECTS = (
    "オブジェクト（埋め込んだファイルや ActiveX コントロール）があります。"
    "取り除いてから、保存し直してください。"
)
TOO_BIG = "ブックの中身が大きすぎます（展開後 400 MB まで）。表だけを新しいブックに写して保存してください。"
SQUEEZED = "ブックの中身が不自然に圧縮されています。Excel で開いて保存し直してください。"
LONG_TEXT = "文字が多すぎるセルがあります（1 つのセルに 32,767 文字まで）。そのセルの文字を減らしてください。"
TOO_MUCH_TEXT = "ブックの中の文字が多すぎます。シートや行を分けて、別のブックに保存してください。"
TOO_LARGE = "シートが大きすぎます（50000 行、200 列まで）。"
MANY_MERGES = "結合セルが多すぎます（20000 か所、200000 セルまで）。"
MANY_SHEETS = "シートが多すぎます（300 枚まで）。使わないシートを削除してください。"
MANY_PARTS = "ブックの中の部品が多すぎます（2,000 個まで）。表だけを新しいブックに写して保存してください。"
MANY_FINDINGS = "エラー値や計算結果のない数式が多すぎます。Excel で開いて直してください。"
LOCKED = "パスワード付きの zip です。パスワードを外し、Excel ブック（.xlsx）のまま選んでください。"
ENCRYPTED = "パスワード付きのブックです。Excel で開いてパスワードを外し、保存し直してください。"
OLD_BOOK = "古い形式（.xls）のブックです。Excel で開き、「Excel ブック（.xlsx）」で保存し直してください。"
OLD_OFFICE = (
    "パスワード付きのブック、または古い形式（.xls）です。"
    "パスワードを外し、「Excel ブック（.xlsx）」で保存し直してください。"
)
WORD = "Word の文書です。Excel ブック（.xlsx）を選んでください。"
POWERPOINT = "PowerPoint の資料です。Excel ブック（.xlsx）を選んでください。"
OPEN_DOCUMENT = (
    "OpenDocument（.ods など）のファイルです。表計算ソフトで開き、「Excel ブック（.xlsx）」"
    "で保存し直してください。"
)
BINARY_BOOK = (
    "バイナリ形式（.xlsb）のブックです。Excel で開き、「Excel ブック（.xlsx）」で保存し直してください。"
)
NO_BOOK = "Excel のブック（.xlsx）ではありません。「Excel ブック（.xlsx）」で保存し直してください。"
EMPTY = "ファイルが空です。"
PDF = "PDF のファイルです。元の Excel ブック（.xlsx）を選んでください。"
MARKUP = (
    "中身が Web ページ（HTML）や XML のファイルです。Excel で開き、「Excel ブック（.xlsx）」"
    "で保存し直してください。"
)
PLAIN_TEXT = (
    "Excel のブックではなく、文字だけのファイル（CSV など）です。"
    "Excel で開き、「Excel ブック（.xlsx）」で保存し直してください。"
)


def far(address: str) -> str:
    return f"表から遠く離れたセル（{address}）があります。そのセルを削除してください。"


# What the file is, how it is made, and what the person who chose it is told.
DISGUISED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", EMPTY),
    "white space": (lambda: b" \r\n", EMPTY),
    "xls": (lambda: old_office("Workbook", "SummaryInformation"), OLD_BOOK),
    "xls of 1995": (lambda: old_office("Book"), OLD_BOOK),
    "encrypted": (lambda: old_office("EncryptionInfo", "EncryptedPackage"), ENCRYPTED),
    "xls that speaks of encryption": (
        lambda: old_office("Workbook") + b"\0" * 6 + "EncryptedPackage".encode("utf-16-le"),
        OLD_BOOK,
    ),
    "xls that quotes an encrypted one": (
        lambda: old_office("Workbook") + b"\0" * 6 + old_office("EncryptedPackage"),
        OLD_BOOK,
    ),
    "doc": (lambda: old_office("WordDocument"), WORD),
    "ppt": (lambda: old_office("PowerPoint Document"), POWERPOINT),
    "another OLE file": (lambda: old_office("__properties_version1.0"), OLD_OFFICE),
    "PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", PDF),
    "web page": (lambda: WEB_PAGE.encode(), MARKUP),
    "web page in cp932": (lambda: b"\r\n" + WEB_PAGE.encode("cp932"), MARKUP),
    "XML of Excel 2003": (
        lambda: b'\xef\xbb\xbf<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
        MARKUP,
    ),
    "CSV": (lambda: CSV.encode("utf-8-sig"), PLAIN_TEXT),
    "CSV in cp932": (lambda: CSV.encode("cp932"), PLAIN_TEXT),
    "text of Excel in UTF-16": (lambda: CSV.replace(",", "\t").encode("utf-16"), PLAIN_TEXT),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NO_BOOK),
    "UTF-16 that is cut": (lambda: b"\xff\xfea", NO_BOOK),
}
OTHER_PACKAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "ods": (
        lambda: package(
            {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
        ),
        OPEN_DOCUMENT,
    ),
    "xlsb": (lambda: package({"xl/workbook.bin": b"\x83\1"}), BINARY_BOOK),
    "docx": (lambda: package({"word/document.xml": "<w/>"}), WORD),
    "pptx": (lambda: package({"ppt/presentation.xml": "<p/>"}), POWERPOINT),
    "another zip": (lambda: package({"甲.txt": "甲"}), NO_BOOK),
    "zip with an odd mimetype": (lambda: package({"mimetype": b""}), NO_BOOK),
}
DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "mark of a zip only": (lambda: b"PK\x03\x04", BROKEN),
    "cut": (lambda: workbook()[:-40], BROKEN),
    "cut in front": (lambda: b"PK\x03\x04" + workbook()[400:], BROKEN),
    "parts with a password": (lambda: with_flag(workbook(), 1), LOCKED),
    "parts packed in another way": (lambda: package(parts(), zipfile.ZIP_LZMA), BROKEN),
    "part that is cut": (lambda: with_packed_size(-10), BROKEN),
    "part with a flipped bit": (lambda: flipped(workbook(), 60), BROKEN),
    "part that goes beyond the file": (lambda: with_packed_size(10_000), BROKEN),
    "absolute name": (lambda: package(parts() | {"/etc/passwd": "x"}), BROKEN),
    "name that climbs": (lambda: package(parts() | {"xl/../../x.xml": "<x/>"}), BROKEN),
    "name of Windows": (lambda: package(parts() | {"xl\\x.xml": "<x/>"}), BROKEN),
    "two sheets of one name": (lambda: twice(SHEET), BROKEN),
    "two sheets of one name but for case": (lambda: twice(SHEET.upper()), BROKEN),
    "2,001 parts": (lambda: package(parts() | {f"x/{number}": "" for number in range(2_001)}), MANY_PARTS),
    "301 sheets": (
        lambda: with_parts(**{BOOK: book(*((f"{number}", "visible") for number in range(301)))}),
        MANY_SHEETS,
    ),
    "sheet without its part": (
        lambda: package({name: part for name, part in parts().items() if name != SHEET}),
        BROKEN,
    ),
    "workbook without relationships": (
        lambda: package(
            {name: part for name, part in parts().items() if name != "xl/_rels/workbook.xml.rels"}
        ),
        BROKEN,
    ),
    "two sheets with one name": (
        lambda: package(parts(sheet(), sheet(), names=[("甲", "visible")] * 2)),
        BROKEN,
    ),
    "workbook without sheets": (lambda: package({BOOK: "<workbook/>"}), UNREADABLE),
    "workbook that is no XML": (lambda: with_parts(**{BOOK: "gold"}), BROKEN),
    "sheet that is no XML": (lambda: workbook("<worksheet>"), BROKEN),
    "sheet that is no sheet": (lambda: workbook(f'<worksheet xmlns="{MAIN}"/>'), BROKEN),
    "sheet that is a picture": (picture_as_sheet, BROKEN),
    "sheet with two tables": (lambda: workbook(sheet(TWO_ROWS + "</sheetData><sheetData>")), BROKEN),
    "elements in elements": (lambda: workbook(sheet("<x>" * 20_000 + "</x>" * 20_000)), BROKEN),
    "row of no number": (
        lambda: workbook(sheet('<row r="one"/><row r="2x"><c r="A1"><v>1</v></c></row>')),
        BROKEN,
    ),
}
EXHAUSTING: dict[str, tuple[Callable[[], bytes], str]] = {
    "1 MB that unpacks to 1 GB": (lambda: one_cell_of(1024), TOO_BIG),
    "1 MB that unpacks to 300 MB": (lambda: one_cell_of(300), SQUEEZED),
    "1 GB said to be 1 KB": (lambda: one_cell_of(1024, stated_bytes=1000), BROKEN),
    "1 MB said to be 9 MB": (lambda: one_cell_of(1, stated_bytes=9 * 1024 * 1024), BROKEN),
    "cell of 9 MB": (
        lambda: workbook(sheet(f'<row r="1"><c r="A1" t="str"><v>{"x" * 9_000_000}</v></c></row>')),
        LONG_TEXT,
    ),
    "text of 9 MB": (lambda: with_parts(**{TEXTS: texts(f"<t>{'x' * 9_000_000}</t>")}), LONG_TEXT),
    "comment of 9 MB": (lambda: workbook(sheet(f"<!--{'x' * 9_000_000}-->")), UNUSUAL),
    "attribute of 9 MB": (lambda: workbook(sheet(f'<row r="1" x="{"x" * 9_000_000}"/>')), UNUSUAL),
    "long text in 30,000 cells": (repeated_text, TOO_MUCH_TEXT),
    "4 billion texts": (
        lambda: with_parts(**{TEXTS: texts("<t>甲</t>", said=' uniqueCount="4294967295"')}),
        MISCOUNTED,
    ),
    "4 billion uses of texts": (
        lambda: with_parts(**{TEXTS: texts("<t>甲</t>", said=' count="4294967295"')}),
        MISCOUNTED,
    ),
    "texts that cannot be counted": (
        lambda: with_parts(**{TEXTS: texts("<t>甲</t>", said=' count="many"')}),
        BROKEN,
    ),
    "cell in the last corner": (lambda: workbook(filled("XFD1048576")), far("XFD1048576")),
    "cell in the last row": (lambda: workbook(filled("A1048576")), far("A1048576")),
    "cell in the row after the last allowed": (lambda: workbook(filled("A50001")), far("A50001")),
    "cell in the last column": (lambda: workbook(filled("XFD1")), far("XFD1")),
    "cell in the last row, in other quotes": (
        lambda: workbook(filled("A1048576").replace('"', "'")),
        far("A1048576"),
    ),
    "cell in the last row, with a prefix": (
        lambda: workbook(
            filled("A1048576").replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
        ),
        far("A1048576"),
    ),
    "cell in the last row, behind what a careless scan takes for a comment": (
        lambda: workbook(
            sheet('<row r="1" x="&lt;!--"/><row r="1048576"><c r="A1048576"><v>1</v></c></row>')
        ),
        far("A1048576"),
    ),
    "cell without an address in the last row": (
        lambda: workbook(sheet('<row r="1048576"><c><v>1</v></c></row>')),
        TOO_LARGE,
    ),
    "cell without an address after 201 empty ones": (
        lambda: workbook(sheet("<row>" + 200 * "<c/>" + "<c><v>1</v></c></row>")),
        TOO_LARGE,
    ),
    "cell without an address after empty ones with addresses": (
        lambda: workbook(sheet('<row r="1"><c r="GR1"/><c><v>1</v></c></row>')),
        TOO_LARGE,
    ),
    "two cells, far apart": (lambda: workbook(sheet(row_of(1, "GR1") + row_of(49_999, "A49999"))), TOO_LARGE),
    "16,384 columns of text": (lambda: workbook(sheet(one_row_of(16_384))), far("GS1")),
    "merge over the whole sheet": (lambda: workbook(merged("A1:XFD1048576")), far("XFD1048576")),
    "merge over what is allowed, again and again": (
        lambda: workbook(merged(*["A1:CV1000"] * 3)),
        MANY_MERGES,
    ),
    "merge over the whole sheet, spelled oddly": (
        lambda: workbook(merged("&#65;1:XFD1048576")),
        far("XFD1048576"),
    ),
    "merge in a part that is no sheet": (
        lambda: with_parts(xl__sheet_dot_bin='<mergeCell ref="A1:XFD1"/>'),
        far("XFD1"),
    ),
    "merges the wrong way round": (lambda: workbook(merged(*["CV1000:A1"] * 3)), MANY_MERGES),
    "50,000 merges": (lambda: workbook(merged(*many_areas(50_000))), MANY_MERGES),
    "100,001 errors": (lambda: workbook(sheet(many_errors(33_334))), MANY_FINDINGS),
}
DECEIVING: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: with_parts(**{TEXTS: LAUGHS + "]>" + texts("<t>&i;</t>")}), DECLARES),
    "entity from outside": (lambda: with_parts(**{TEXTS: OUTSIDE + texts("<t>&x;</t>")}), DECLARES),
    "DOCTYPE in the workbook": (
        lambda: with_parts(**{BOOK: "<!DOCTYPE workbook>" + book(("甲", "visible"))}),
        DECLARES,
    ),
    "DOCTYPE in UTF-16": (lambda: with_parts(**{TEXTS: in_utf_16(OUTSIDE + texts("<t>&x;</t>"))}), DECLARES),
    "DOCTYPE in a part that nobody names": (
        lambda: with_parts(docProps__core_dot_xml=OUTSIDE + "<a/>"),
        DECLARES,
    ),
    "DOCTYPE under the name of a picture": (
        lambda: with_parts(xl__media__a_dot_png=OUTSIDE + "<a/>"),
        DECLARES,
    ),
    "sheet in UTF-16": (lambda: workbook(**{SHEET: in_utf_16(sheet())}), UNUSUAL),
    "sheet in UTF-16 without a declaration": (lambda: workbook(**{SHEET: sheet().encode("utf-16")}), UNUSUAL),
    "sheet in Latin-1": (lambda: workbook('<?xml version="1.0" encoding="ISO-8859-1"?>' + sheet()), UNUSUAL),
    "value in two pieces": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v>5<!-- -->6</v></c></row>')),
        UNUSUAL,
    ),
    "value in CDATA": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v><![CDATA[5]]></v></c></row>')),
        UNUSUAL,
    ),
    "value after an instruction": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v><?a b?>5</v></c></row>')),
        UNUSUAL,
    ),
    "value in character references": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v>5&#54;</v></c></row>')),
        UNUSUAL,
    ),
    "two values": (lambda: workbook(sheet('<row r="1"><c r="A1"><v>5</v><v>6</v></c></row>')), UNUSUAL),
    "text and a value": (
        lambda: workbook(sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is><v>6</v></c></row>')),
        UNUSUAL,
    ),
    "formula after its value": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v>5</v><f>1</f></c></row>')),
        UNUSUAL,
    ),
    "text that is not there": (
        lambda: workbook(sheet('<row r="1"><c r="A1" t="s"><v>2</v></c></row>')),
        UNUSUAL,
    ),
    "text number minus one": (
        lambda: workbook(sheet('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>')),
        UNUSUAL,
    ),
    "address of four letters": (
        lambda: workbook(sheet('<row r="1"><c r="AAAA1"><v>1</v></c></row>')),
        UNUSUAL,
    ),
    "error that nobody knows": (
        lambda: workbook(sheet('<row r="3"><c r="C3" t="e"><v>#GETTING_DATA</v></c></row>')),
        "セル C3 がエラー値（#GETTING_DATA）です。文字に直してください。",
    ),
    "unknown kind of cell": (
        lambda: workbook(sheet('<row r="1"><c r="A1" t="q"><v>1</v></c></row>')),
        UNREADABLE,
    ),
    "number beyond all numbers": (
        lambda: workbook(sheet('<row r="1"><c r="A1"><v>1E400</v></c></row>')),
        UNREADABLE,
    ),
    "macros": (lambda: with_parts(xl__vbaProject_dot_bin=OLE_MAGIC), MACROS),
    "macros of Excel 4": (lambda: with_parts(xl__macrosheets__sheet1_dot_xml=sheet()), MACROS),
    "links to other workbooks": (
        lambda: with_parts(xl__externalLinks__externalLink1_dot_xml="<externalLink/>"),
        LINKS,
    ),
    "embedded file": (lambda: with_parts(xl__embeddings__oleObject1_dot_bin=OLE_MAGIC), OBJECTS),
    "ActiveX": (lambda: with_parts(xl__activeX__activeX1_dot_xml="<a/>"), OBJECTS),
}
HOSTILE = DISGUISED | OTHER_PACKAGES | DAMAGED | EXHAUSTING | DECEIVING


@cache
def hostile(name: str) -> bytes:
    """The file of this name, made once."""
    return HOSTILE[name][0]()


# --- awkward, but somebody's honest work ---


def million_empty_rows() -> bytes:
    """What Excel writes when all rows have been formatted: two filled cells, a million rows with a style."""
    said = 'spans="1:2" s="1" customFormat="1" x14ac:dyDescent="0.15"'
    styled = "".join(
        f'<row r="{row}" {said}><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>'
        for row in range(3, 1_000_001)
    )
    xml = sheet(TWO_ROWS + styled, before='<dimension ref="A1:B1000000"/>')
    return workbook(
        xml.replace("<worksheet ", '<worksheet xmlns:x14ac="http://schemas.microsoft.com/office/x14ac" ', 1)
    )


def linked(*ranges: str) -> bytes:
    """The small workbook with a link to a place of its own over each of the ranges."""
    links = "".join(f'<hyperlink ref="{each}" location="A1"/>' for each in ranges)
    return workbook(sheet(after=f"<hyperlinks>{links}</hyperlinks>"))


def ruled(*ranges: str) -> bytes:
    """The small workbook with a list to choose from over all the ranges at once."""
    told = f'type="list" sqref="{" ".join(ranges)}"'
    rule = f'<dataValidation {told}><formula1>"甲,乙"</formula1></dataValidation>'
    return workbook(sheet(after=f'<dataValidations count="1">{rule}</dataValidations>'))


def formatted(*ranges: str) -> bytes:
    """The small workbook with a conditional format over each of the ranges."""
    rule = '<cfRule type="expression" priority="1"><formula>A1=1</formula></cfRule>'
    formats = (f'<conditionalFormatting sqref="{each}">{rule}</conditionalFormatting>' for each in ranges)
    return workbook(sheet(after="".join(formats)))


def noted(*places: str) -> bytes:
    """The small workbook with a note at each of the places."""
    notes = (f'<comment ref="{each}" authorId="0"><text><t>注</t></text></comment>' for each in places)
    said = f'<comments xmlns="{MAIN}"><commentList>{"".join(notes)}</commentList></comments>'
    return with_parts(xl__comments1_dot_xml=said)


WHOLE, FIRST_COLUMN = "A1:XFD1048576", "A1:A1048576"
WIDE_RANGES: dict[str, Callable[[], bytes]] = {
    f"{what} over {where}": partial(make, where)
    for what, make in {"link": linked, "list": ruled, "format": formatted, "note": noted}.items()
    for where in (WHOLE, FIRST_COLUMN)
}
# About 20 MB of each, not so alike that they would be refused as squeezed.
MANY: dict[str, Callable[[], bytes]] = {
    "links": lambda: linked(*(f"A{number}:XFD{number * 7 % 1_048_576}" for number in range(340_000))),
    "formats": lambda: formatted(*(f"A{number}:XFD{number * 7 % 1_048_576}" for number in range(140_000))),
    "notes": lambda: noted(*(f"XFD{number * 7 % 1_048_576}" for number in range(240_000))),
}


def japanese_table(rows: int, columns: int) -> tuple[bytes, list[list[str]]]:
    """A large table of sentences, no two cells alike, and what it says."""
    said = [
        [
            f"令和{row}年度に{place}番目の駅前広場を整備し、𠮷田橋の架け替えに着手しました。"
            for place in range(columns)
        ]
        for row in range(rows)
    ]
    names = [column(number) for number in range(1, columns + 1)]
    written = "".join(
        f'<row r="{row + 1}">'
        + "".join(
            f'<c r="{name}{row + 1}" t="s"><v>{row * columns + place}</v></c>'
            for place, name in enumerate(names)
        )
        + "</row>"
        for row in range(rows)
    )
    shared = texts(
        *(f"<t>{text}</t>" for line in said for text in line), said=f' uniqueCount="{rows * columns}"'
    )
    return workbook(sheet(written), **{TEXTS: shared}), said


def strict_workbook() -> bytes:
    """「Strict Open XML ブック」: other namespaces, dates as text."""
    content = parts(sheet(TWO_ROWS + '<row r="3"><c r="A3" t="d"><v>2024-04-01</v></c></row>'))
    for name, part in content.items():
        assert isinstance(part, str)
        for usual, other in STRICT.items():
            part = part.replace(usual, other)
        content[name] = declared(part)
    return package(content)

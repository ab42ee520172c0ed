"""Looks into a workbook's bytes before the real parser sees them: `cell_process` comes by here."""

import posixpath
from collections.abc import Iterable, Mapping
from xml.parsers import expat

from tracker.workbooks.disguises import refuse_other_packages, refuse_unless_zip
from tracker.workbooks.findings import Limits, ScannedBook, ScannedSheet
from tracker.workbooks.part_scan import LARGE_PART, scan
from tracker.workbooks.parts import BROKEN, ZipPart, parts_of
from tracker.workbooks.problems import FileProblem

MACROS = "マクロ入りのブックです。「Excel ブック（.xlsx）」で保存し直してください（マクロは取り除かれます）。"
LINKS = (
    "ほかのブックへのリンクがあります。Excel の「データ」→「リンクの編集」で「リンクの解除」"
    "をしてから、保存し直してください。"
)
OBJECTS = (
    "オブジェクト（埋め込んだファイルや ActiveX コントロール）があります。"
    "取り除いてから、保存し直してください。"
)
SQUEEZED = "ブックの中身が不自然に圧縮されています。Excel で開いて保存し直してください。"
MAX_RATIO = 250  # unpacked to packed, of a large part; a sheet of equal empty rows has 40
LARGE = 10 * 1024 * 1024  # bytes
SCANNED_FIRST = ("xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml", "xl/sharedstrings.xml")


def look_inside(content: bytes, limits: Limits) -> dict[str, ScannedSheet]:
    """What was seen of each sheet that the workbook lists, by name, in its order.

    Raises FileProblem, in words for the person who chose the file, for what must not or cannot be opened.
    """
    refuse_unless_zip(content)
    try:
        return _look(content, limits)
    except FileProblem:
        raise
    except Exception as problem:  # zlib and expat have errors of their own for damaged data, numbers are none
        raise FileProblem(BROKEN) from problem


def _look(content: bytes, limits: Limits) -> dict[str, ScannedSheet]:
    parts = {part.name.lower(): part for part in parts_of(content, limits.parts)}
    mimetype = parts.get("mimetype")
    refuse_other_packages(parts, next(iter(mimetype.pieces()), b"") if mimetype else b"")
    _check_sizes(list(parts.values()), limits)
    _check_contents(parts)
    book = ScannedBook(limits)
    for name in SCANNED_FIRST[:2]:
        if name in parts:
            _scan(parts[name], book)
    names = _names(book, parts)
    scanned: dict[str, ScannedSheet] = {}
    others = [name for name in parts if name not in SCANNED_FIRST]
    for name in [*(name for name in SCANNED_FIRST[2:] if name in parts), *others]:
        try:
            scanned[name] = _scan(parts[name], book)
        except FileProblem as problem:
            problem.sheet = names.get(name)
            raise
    for part in names:
        for each in _aside_of(part, scanned):
            scanned[part].comments |= each.comments
            scanned[part].pictures |= each.pictures
    return {name: scanned[part] for part, name in names.items()}


def _aside_of(part: str, scanned: Mapping[str, ScannedSheet]) -> list[ScannedSheet]:
    """What lies over the cells of a sheet, notes and pictures: it stands in parts that its relations name."""
    folder, name = posixpath.split(part)
    relations = scanned.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    targets = (posixpath.join("/", folder, each) for each in (relations.aside if relations else ()))
    parts = {posixpath.normpath(each).lower().lstrip("/") for each in targets}
    return [scanned[each] for each in parts if each in scanned]


def _check_sizes(parts: list[ZipPart], limits: Limits) -> None:
    """Checks the sizes as stated; that they are true is seen when the parts are unpacked."""
    if sum(part.size for part in parts) > limits.unpacked_bytes:
        raise FileProblem(
            f"ブックの中身が大きすぎます（展開後 {limits.unpacked_bytes // 1024 // 1024} MB まで）。"
            "表だけを新しいブックに写して保存してください。"
        )
    if any(part.size > LARGE and part.size > MAX_RATIO * len(part.packed) for part in parts):
        raise FileProblem(SQUEEZED)


def _check_contents(names: Iterable[str]) -> None:
    for name in names:
        if name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/"):
            raise FileProblem(MACROS)
        if name.startswith("xl/externallinks/"):
            raise FileProblem(LINKS)
        if name.startswith(("xl/embeddings/", "xl/activex/")):
            raise FileProblem(OBJECTS)


def _scan(part: ZipPart, book: ScannedBook) -> ScannedSheet:
    """Any part may be named as a sheet, whatever it is called; only what is no XML at all is left alone."""
    try:
        return scan(part.pieces, book, is_small=part.size < LARGE_PART)
    except expat.ExpatError:
        if part.name.lower().endswith((".xml", ".rels")):
            raise
        for _piece in part.pieces():  # its size is checked all the same
            pass
        return ScannedSheet()


def _names(book: ScannedBook, parts: Mapping[str, ZipPart]) -> dict[str, str]:
    """The sheets' names by their parts, in the workbook's order. A sheet without a part is refused."""
    names: dict[str, str] = {}
    for name, relation in book.sheets:
        path = posixpath.join("/xl", book.relations.get(relation, ""))
        target = posixpath.normpath(path).lower().lstrip("/")
        is_told_apart = target not in names and name not in names.values()
        if target not in parts or target in SCANNED_FIRST or not is_told_apart:
            raise FileProblem(BROKEN, sheet=name)
        names[target] = name
    return names

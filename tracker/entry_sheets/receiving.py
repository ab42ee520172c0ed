"""An uploaded sheet is read, checked to be this round's, and kept until it is confirmed."""

import hashlib
import itertools
from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter

from django.utils.crypto import constant_time_compare

from tracker.cycle import manifestos, permissions
from tracker.entry_sheets import limits, pruning
from tracker.entry_sheets.bases import forget_untouched_references
from tracker.entry_sheets.exporting import SCHEMA, columns_for, scale_of, signature
from tracker.entry_sheets.file import reading
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.entry_sheets.rows import indicator_columns, round_indicators
from tracker.models import ReportingRound, SheetBatch, SheetExport, User, YearlyAction
from tracker.words.fiscal_years import label
from tracker.words.packing import pack, unpack
from tracker.workbooks.problems import FileProblem

FILE_KINDS = (".xlsx", ".csv")
MAX_FILE_NAME = 200
SHEET_TOO_LARGE = f"ファイルが大きすぎます（{limits.MAX_SHEET_BYTES // 1024 // 1024} MB まで）。"
SHEET_TOO_LONG = (
    f"取組の行が多すぎます（{limits.MAX_SHEET_ROWS:,} 行まで）。課ごとのシートに分けて取り込んでください。"
)
DOWNLOAD_AGAIN = "画面から入力シートをもう一度ダウンロードして、そこに入力してください。"
# Of an UploadedRow, as they are kept.
ROW_FIELDS = ("sheet", "row", "id", "version", "values", "problems", "elsewhere")
NO_NUL = "\ufffd"  # a heading may hold what PostgreSQL's JSON cannot


def receive(content: bytes, *, file_name: str, round: ReportingRound, by: User, submits: bool) -> SheetBatch:
    """Keeps what an uploaded sheet says. Raises FileProblem for what is no sheet of this round."""
    if len(content) > limits.MAX_SHEET_BYTES:
        raise FileProblem(SHEET_TOO_LARGE)
    pruning.forget_unconfirmed()
    digest, name = hashlib.sha256(content).hexdigest(), file_name[-MAX_FILE_NAME:]
    batch = SheetBatch(owner=by, round=round, file_name=name, file_digest=digest, submits=submits)
    own = YearlyAction.objects.filter(permissions.writers_rows(by), round=round)
    take_in(batch, content, set(own.values_list("pk", flat=True)))
    batch.save()
    return batch


def take_in(batch: SheetBatch, content: bytes, own: Collection[int] = ()) -> None:
    """Reads a file into its batch, which is not saved. `own` are the ids of its owner's rows.

    Raises FileProblem.
    """
    round = batch.round
    meta, sheets = reading.read_raw(content)
    batch.export = _export_of(meta, round)
    rows, problems = reading.interpret(
        sheets,
        scale=scale_of(round),
        fiscal_year=round.fiscal_year,
        extra=columns_for(round, batch.owner),
        measured=indicator_columns(round_indicators(round)),
    )
    if not rows:
        raise FileProblem(problems[0].message if problems else "取組の行が 1 行もありません。")
    if len(rows) > limits.MAX_SHEET_ROWS:
        raise FileProblem(SHEET_TOO_LONG)
    forget_untouched_references(rows, batch.export, own)
    letters = {row.sheet: dict(row.letters) for row in rows}
    batch.rows = pack(itertools.chain([letters], map(attrgetter(*ROW_FIELDS), rows)))
    batch.problems = [{k: text.replace("\0", NO_NUL) for k, text in vars(each).items()} for each in problems]
    batch.total = len(rows)


def rows_of(batch: SheetBatch) -> Iterator[UploadedRow]:
    """What was read, row by row; of its owner's rows without the reference cells that nobody touched."""
    kept = unpack(batch.rows)
    letters: dict[str, dict[str, str]] = next(kept, {})
    for sheet, row, pk, version, values, problems, *elsewhere in kept:
        yield UploadedRow(sheet, row, pk, version, values, problems, letters[sheet], *elsewhere)


def _export_of(meta: Mapping[str, str], round: ReportingRound) -> SheetExport | None:
    """What the sheet was made from; None for a CSV, which does not tell. Raises FileProblem for any other."""
    if not meta:
        return None
    if not constant_time_compare(meta.get("signature", ""), signature(meta)):
        words = "このシステムで作った入力シートではないか、隠れた情報が書き換えられています。"
        raise FileProblem(words + DOWNLOAD_AGAIN)
    if meta.get("schema") != SCHEMA:
        raise FileProblem(f"入力シートの形式が古くなっています。{DOWNLOAD_AGAIN}")
    if (meta.get("manifesto"), meta.get("fiscal_year")) != (round.manifesto.slug, str(round.fiscal_year)):
        words = "この入力シートは %s の報告のものではありません。%sを確かめてください。"
        is_others = meta.get("manifesto") != round.manifesto.slug
        which = f"{label(round.fiscal_year)}{round.name}{manifestos.beside(round.manifesto_id)}"
        raise FileProblem(words % (which, "マニフェスト" if is_others else "年度"))
    if made := round.sheet_exports.filter(key=meta["export"]).first():
        return made
    if made := SheetExport.objects.filter(key=meta["export"]).select_related("round").first():
        words = "この入力シートは %s の報告のものです。%s の報告には取り込めません。"
        there, here = (f"{each.label}{manifestos.beside(each.manifesto_id)}" for each in (made.round, round))
        raise FileProblem(words % (there, here))
    return None

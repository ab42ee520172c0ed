"""A table that was uploaded: read once, kept with what its owner says of it, loaded as it was shown."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from tracker.cycle import permissions
from tracker.models import TableUpload, User
from tracker.published_tables import kept_layouts, loading
from tracker.published_tables.file import packed_grid
from tracker.published_tables.file.grid import Grid, grid_of
from tracker.published_tables.file.reading import MAX_TABLE_BYTES
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.file.understanding import Understanding, understand
from tracker.published_tables.loading import LoadingOutcome
from tracker.published_tables.row_writer import LoadingProblem
from tracker.words.packing import pack, unpack
from tracker.workbooks.problems import FileProblem

MAX_TABLE_NAME = 200
TABLE_TOO_LARGE = f"ファイルが大きすぎます（{MAX_TABLE_BYTES // 1024 // 1024} MB まで）。"
MAX_TABLE_ROWS = 20_000  # each choice on the page reads them all again
TABLE_TOO_LONG = (
    f"表の行が多すぎます（{MAX_TABLE_ROWS:,} 行まで）。要る表だけを、新しいブックに写してください。"
)
MOST_KEPT = 20  # uploads of one person
EMPTY = "表に何も書かれていません。"


@dataclass(frozen=True)
class ReadUpload:
    """An upload, its cells, and what they are understood as."""

    upload: TableUpload
    grid: Grid
    understood: Understanding

    @property
    def table(self) -> PublishedTable:
        """The table. Raises LoadingProblem where it cannot be read yet."""
        if self.understood.table is None:
            raise LoadingProblem(
                "この表はまだ読み取れていません。読み方の画面で、止まっている所を直してください。"
            )
        return self.understood.table


@transaction.atomic
def receive_table(content: bytes, *, file_name: str, by: User) -> TableUpload:
    """Keeps the cells of an uploaded file, and begins with the layout of an earlier table where one fits.

    Raises FileProblem for a file that is no table at all.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise FileProblem(TABLE_TOO_LARGE)
    grid = grid_of(content)
    filled = sum(bool(row.filled) for row in grid.rows)
    if not filled:
        raise FileProblem(EMPTY)
    if filled > MAX_TABLE_ROWS:
        raise FileProblem(TABLE_TOO_LONG)
    forget_old_tables()
    _forget_beyond(by, MOST_KEPT - 1)
    fitting = kept_layouts.fitting(grid)
    return TableUpload.objects.create(
        owner=by,
        file_name=file_name[-MAX_TABLE_NAME:],
        file_digest=hashlib.sha256(content).hexdigest(),
        grid=pack(packed_grid.parts_of(grid)),
        document=fitting.document if fitting else {},
        layout=fitting.layout if fitting else None,
    )


def read_upload(upload: TableUpload) -> ReadUpload:
    """An upload as it is read now."""
    grid = grid_of_upload(upload)
    return ReadUpload(upload, grid, understand(grid, upload.document))


def grid_of_upload(upload: TableUpload) -> Grid:
    return packed_grid.grid_from(unpack(upload.grid))


def say(upload: TableUpload, changes: Mapping[str, Any]) -> None:
    """Keeps what its owner says of a table, beside what was said before."""
    if changes:
        with transaction.atomic():
            own = TableUpload.objects.select_for_update().filter(pk=upload.pk)
            held = own.values_list("document", flat=True).first() or {}  # given up in another window: nothing
            upload.document = {key: value for key, value in {**held, **changes}.items() if value is not None}
            own.update(document=upload.document)


def begin_anew(upload: TableUpload, document: Mapping[str, Any]) -> None:
    """Forgets what was said of a table, and takes a document instead; an empty one is the program's own."""
    upload.document, upload.layout = dict(document), None
    upload.save(update_fields=["document", "layout"])


@transaction.atomic
def load_upload(found: ReadUpload, *, by: User) -> LoadingOutcome:
    """Loads a table as it is read, and keeps how it was read with the manifesto. Raises LoadingProblem."""
    upload = TableUpload.objects.select_for_update().defer("grid").filter(pk=found.upload.pk).first()
    if upload is None:
        raise LoadingProblem("この表の取り込みは、ほかの画面でやめています。")
    if not permissions.may_load_tables(by):
        raise LoadingProblem("表を取り込めるのは、企画の職員と管理者だけです。")
    if upload.is_loaded or upload.document != found.upload.document:
        raise LoadingProblem(
            "この表は、ほかの画面で取り込まれたか、読み方が変えられています。開き直してください。"
        )
    outcome = loading.load(
        found.table,
        slug=found.upload.slug,
        by=by.signature,
        file_name=upload.file_name,
        file_digest=upload.file_digest,
        end_missing=found.upload.end_missing,
    )
    if outcome.is_unchanged:
        return outcome
    kept_layouts.keep(found.grid, found.understood.document, upload, outcome.round.manifesto, by)
    upload.round = outcome.round
    upload.event_number = outcome.event_number
    upload.save(update_fields=["round", "event_number"])
    return outcome


def _forget_beyond(owner: User, most: int) -> None:
    """Lets go of a person's oldest uploads, where there are more."""
    old = TableUpload.objects.filter(owner=owner).values_list("pk", flat=True)[most:]
    TableUpload.objects.filter(pk__in=list(old)).delete()


def forget_old_tables() -> int:
    """Lets go of uploads that nobody has needed for long: how many."""
    return TableUpload.objects.filter(expires_at__lt=timezone.now()).delete()[1].get("tracker.TableUpload", 0)

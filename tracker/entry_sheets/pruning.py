"""Lets go of what entry sheets leave behind, once nobody can need it any more."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from tracker.choices import WRITABLE_ROUNDS, BatchState
from tracker.models import ROWS_PER_STATEMENT, SheetBatch, SheetExport

KEPT_FOR = timedelta(days=90)  # after a sheet was made or uploaded, when its round takes no more answers
MOST_AT_ONCE = 20 * ROWS_PER_STATEMENT  # of each kind in one run


def forget_old() -> tuple[int, int]:
    """Deletes old sheets of rounds that take no answers: how many (made, uploaded).

    While a round takes answers, all of its sheets stay: one that was made is what an upload is compared with.
    What they wrote stays in the rows and their history.
    """
    before = timezone.now() - KEPT_FOR
    made = SheetExport.objects.exclude(round__state__in=WRITABLE_ROUNDS).filter(made_at__lt=before)
    uploaded = SheetBatch.objects.exclude(round__state__in=WRITABLE_ROUNDS).filter(uploaded_at__lt=before)
    return _delete(made), _delete(uploaded)


def forget_unconfirmed() -> int:
    """Deletes uploads that nobody confirmed in time: how many. What they say is kept no longer."""
    late = SheetBatch.objects.filter(state=BatchState.READY, expires_at__lt=timezone.now())
    return late.delete()[1].get("tracker.SheetBatch", 0)


def _delete(rows: QuerySet[SheetExport] | QuerySet[SheetBatch]) -> int:
    """In pieces, so that others can write in between."""
    number = 0
    while number < MOST_AT_ONCE and (pks := list(rows.values_list("pk", flat=True)[:ROWS_PER_STATEMENT])):
        rows.filter(pk__in=pks).delete()
        number += len(pks)
    return number

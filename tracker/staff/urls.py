"""Addresses of the staff site: our own pages first, then the admin's."""

from django.urls import path

from tracker.staff import (
    batch_pages,
    board,
    bulk,
    entry,
    home,
    initiative_pages,
    kept_page,
    master,
    preview,
    publish_pages,
    queue,
    reminder_pages,
    review,
    round_pages,
    sheet_pages,
    table_pages,
)
from tracker.staff.site import site

own = site.admin_view

urlpatterns = [
    path("", own(home.page), name="staff-home"),
    path("kept/", own(kept_page.page), name="staff-kept"),
    path("actions/<int:pk>/", own(entry.page), name="staff-entry"),
    path("actions/<int:pk>/check/", own(entry.check), name="staff-check"),
    path("actions/<int:pk>/resolve/", own(entry.resolve), name="staff-resolve"),
    path("actions/<int:pk>/review/", own(review.page), name="staff-review"),
    path("queue/", own(queue.page), name="staff-queue"),
    path("queue/approve/", own(bulk.page), name="staff-bulk"),
    path("rounds/<int:pk>/", own(board.page), name="staff-board"),
    path("rounds/", own(round_pages.listing), name="staff-rounds"),
    path("rounds/open/", own(round_pages.opening), name="staff-round-open"),
    path("rounds/<int:pk>/settings/", own(round_pages.settings), name="staff-round-settings"),
    path("rounds/<int:pk>/publish/", own(publish_pages.page), name="staff-publish"),
    path("rounds/<int:pk>/preview/", own(preview.page), {"rest": ""}, name="staff-preview"),
    path("rounds/<int:pk>/preview/<path:rest>", own(preview.page), name="staff-preview-page"),
    path("rounds/<int:pk>/reminders/", own(reminder_pages.page), name="staff-reminders"),
    path("rounds/<int:pk>/sheets/", own(sheet_pages.page), name="staff-sheets"),
    path("rounds/<int:pk>/sheet.xlsx", own(sheet_pages.download), name="staff-sheet"),
    path("sheets/<slug:key>/", own(batch_pages.page), name="staff-batch"),
    path("sheets/<slug:key>/errors.xlsx", own(batch_pages.errors), name="staff-batch-errors"),
    path("reports/<int:pk>/table.pdf", own(table_pages.pdf), name="staff-table-pdf"),
    path("initiatives/<int:pk>/end/", own(initiative_pages.end), name="staff-initiative-end"),
    path("", master.site.urls),
]

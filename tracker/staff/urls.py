"""Addresses of the staff site: our own pages first, then the admin's."""

from django.urls import path

from tracker.staff import home, master
from tracker.staff.desk import board, bulk, queue, review
from tracker.staff.entry import pages
from tracker.staff.frame import kept_page
from tracker.staff.frame.site import site
from tracker.staff.rounds import initiatives, preview, publish, reminders, table
from tracker.staff.rounds import pages as round_pages
from tracker.staff.sheets.batch import batch_errors, sheet_batch
from tracker.staff.sheets.pages import download_sheet, round_sheets

own = site.admin_view

urlpatterns = [
    path("", own(home.page), name="staff-home"),
    path("kept/", own(kept_page.page), name="staff-kept"),
    path("actions/<int:pk>/", own(pages.page), name="staff-entry"),
    path("actions/<int:pk>/check/", own(pages.check), name="staff-check"),
    path("actions/<int:pk>/resolve/", own(pages.resolve), name="staff-resolve"),
    path("actions/<int:pk>/review/", own(review.page), name="staff-review"),
    path("queue/", own(queue.page), name="staff-queue"),
    path("queue/approve/", own(bulk.page), name="staff-bulk"),
    path("rounds/<int:pk>/", own(board.page), name="staff-board"),
    path("rounds/", own(round_pages.listing), name="staff-rounds"),
    path("rounds/open/", own(round_pages.opening), name="staff-round-open"),
    path("rounds/<int:pk>/settings/", own(round_pages.settings), name="staff-round-settings"),
    path("rounds/<int:pk>/publish/", own(publish.page), name="staff-publish"),
    path("rounds/<int:pk>/preview/", own(preview.page), {"rest": ""}, name="staff-preview"),
    path("rounds/<int:pk>/preview/<path:rest>", own(preview.page), name="staff-preview-page"),
    path("rounds/<int:pk>/reminders/", own(reminders.page), name="staff-reminders"),
    path("rounds/<int:pk>/sheets/", own(round_sheets), name="staff-sheets"),
    path("rounds/<int:pk>/sheet.xlsx", own(download_sheet), name="staff-sheet"),
    path("sheets/<slug:key>/", own(sheet_batch), name="staff-batch"),
    path("sheets/<slug:key>/errors.xlsx", own(batch_errors), name="staff-batch-errors"),
    path("reports/<int:pk>/table.pdf", own(table.pdf), name="staff-table-pdf"),
    path("initiatives/<int:pk>/end/", own(initiatives.end), name="staff-initiative-end"),
    path("", master.site.urls),
]

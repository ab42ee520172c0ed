"""Addresses of the staff site: our own pages first, then the admin's."""

from django.urls import include, path

from tracker.staff import master
from tracker.staff.desk.board import board
from tracker.staff.desk.bulk_approval import bulk_approval
from tracker.staff.desk.queue import queue
from tracker.staff.desk.review import review
from tracker.staff.entry.former import former_texts
from tracker.staff.entry.pages import check, entry, resolve
from tracker.staff.frame.kept_texts import kept_texts
from tracker.staff.frame.site import site
from tracker.staff.home import home
from tracker.staff.rounds import preview
from tracker.staff.rounds.initiatives import end_initiative
from tracker.staff.rounds.pages import open_round, round_list, round_settings
from tracker.staff.rounds.publish import publish_round
from tracker.staff.rounds.reminders import remind
from tracker.staff.rounds.table import table_pdf
from tracker.staff.sheets.batch import batch_errors, sheet_batch
from tracker.staff.sheets.pages import download_sheet, round_sheets

own = site.admin_view

urlpatterns = [
    path("", own(home), name="staff-home"),
    path("kept/", own(kept_texts), name="staff-kept-texts"),
    path("actions/<int:pk>/", own(entry), name="staff-entry"),
    path("actions/<int:pk>/check/", own(check), name="staff-check"),
    path("actions/<int:pk>/former/", own(former_texts), name="staff-former-texts"),
    path("actions/<int:pk>/resolve/", own(resolve), name="staff-resolve"),
    path("actions/<int:pk>/review/", own(review), name="staff-review"),
    path("queue/", own(queue), name="staff-queue"),
    path("queue/approve/", own(bulk_approval), name="staff-bulk-approval"),
    path("rounds/", own(round_list), name="staff-rounds"),
    path("rounds/open/", own(open_round), name="staff-round-open"),
    path("rounds/<int:pk>/", own(board), name="staff-board"),
    path("rounds/<int:pk>/settings/", own(round_settings), name="staff-round-settings"),
    path("rounds/<int:pk>/publish/", own(publish_round), name="staff-publish"),
    path("rounds/<int:pk>/preview/", include((preview.pages, "preview"))),
    path("rounds/<int:pk>/reminders/", own(remind), name="staff-reminders"),
    path("rounds/<int:pk>/sheets/", own(round_sheets), name="staff-sheets"),
    path("rounds/<int:pk>/sheet.xlsx", own(download_sheet), name="staff-sheet"),
    path("sheets/<slug:key>/", own(sheet_batch), name="staff-batch"),
    path("sheets/<slug:key>/errors.xlsx", own(batch_errors), name="staff-batch-errors"),
    path("reports/<int:pk>/table.pdf", own(table_pdf), name="staff-table-pdf"),
    path("initiatives/<int:pk>/end/", own(end_initiative), name="staff-initiative-end"),
    path("", master.site.urls),
]

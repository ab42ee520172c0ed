"""Addresses of the staff site: our own pages first, then the admin's."""

from django.urls import include, path

from tracker.staff import master
from tracker.staff.condition import condition
from tracker.staff.desk.board import board, board_workbook
from tracker.staff.desk.bulk_approval import bulk_approval, bulk_workbook
from tracker.staff.desk.keys import desk_keys
from tracker.staff.desk.queue import queue, queue_workbook
from tracker.staff.desk.review import review
from tracker.staff.desk.worsened import worsened, worsened_workbook
from tracker.staff.entry.all_rows import all_rows
from tracker.staff.entry.autosave import row_version
from tracker.staff.entry.former import former_texts
from tracker.staff.entry.pages import check, entry, resolve
from tracker.staff.entry.submission import submission
from tracker.staff.entry.withdrawal import withdraw
from tracker.staff.frame.kept_texts import kept_texts
from tracker.staff.frame.site import site
from tracker.staff.home import home
from tracker.staff.organisation import pages as organisation
from tracker.staff.organisation import step_pages
from tracker.staff.people.entrance import forgotten, set_password
from tracker.staff.people.lists import people_list, people_lists, people_workbook
from tracker.staff.people.pages import people, slips
from tracker.staff.pledges import pages as pledges
from tracker.staff.rounds import preview
from tracker.staff.rounds.cancel import cancel_round, take_back_import
from tracker.staff.rounds.decision import decision_page, decision_pdf, decision_workbook
from tracker.staff.rounds.initiatives import end_initiative
from tracker.staff.rounds.mails import round_mails, turn_mails
from tracker.staff.rounds.pages import open_round, round_list, round_settings
from tracker.staff.rounds.publish import publish_round
from tracker.staff.rounds.site_files import site_files, site_package
from tracker.staff.rounds.table import table_page, table_pdf, table_workbook
from tracker.staff.section.pages import section_row, section_rows
from tracker.staff.setting_up.pages import setting_up
from tracker.staff.sheets.batch import batch_errors, sheet_batch
from tracker.staff.sheets.pages import download_sheet, round_sheets
from tracker.staff.sign_in.own_factor import own_second_factor
from tracker.staff.sign_in.second_step import recovery_codes, second_login_step
from tracker.staff.sign_in.single_sign_on import back_from_provider, by_proxy, to_provider
from tracker.staff.tables import preview as table_preview
from tracker.staff.tables.check import table_check
from tracker.staff.tables.reading import table_layout, table_reading
from tracker.staff.tables.uploading import load_table
from tracker.staff.terms import bringing
from tracker.staff.terms import pages as terms

own = site.admin_view

urlpatterns = [
    path("", own(home), name="staff-home"),
    path("kept/", own(kept_texts), name="staff-kept-texts"),
    path("rows/", own(all_rows), name="staff-all-rows"),
    path("actions/<int:pk>/", own(entry), name="staff-entry"),
    path("actions/<int:pk>/check/", own(check), name="staff-check"),
    path("actions/<int:pk>/former/", own(former_texts), name="staff-former-texts"),
    path("actions/<int:pk>/resolve/", own(resolve), name="staff-resolve"),
    path("actions/<int:pk>/version/", own(row_version), name="staff-row-version"),
    path("actions/<int:pk>/withdraw/", own(withdraw), name="staff-withdraw"),
    path("actions/<int:pk>/confirm/", own(section_row), name="staff-section-row"),
    path("actions/<int:pk>/review/", own(review), name="staff-review"),
    path("section/", own(section_rows), name="staff-section"),
    path("queue/", own(queue), name="staff-queue"),
    path("queue/list.xlsx", own(queue_workbook), name="staff-queue-workbook"),
    path("queue/keys/", own(desk_keys), name="staff-desk-keys"),
    path("queue/approve/", own(bulk_approval), name="staff-bulk-approval"),
    path("queue/approve/list.xlsx", own(bulk_workbook), name="staff-bulk-workbook"),
    path("rounds/", own(round_list), name="staff-rounds"),
    path("rounds/open/", own(open_round), name="staff-round-open"),
    path("rounds/site/", own(site_files), name="staff-site-files"),
    path("rounds/site.zip", own(site_package), name="staff-site-package"),
    path("rounds/<int:pk>/", own(board), name="staff-board"),
    path("rounds/<int:pk>/board.xlsx", own(board_workbook), name="staff-board-workbook"),
    path("rounds/<int:pk>/worsened/", own(worsened), name="staff-worsened"),
    path("rounds/<int:pk>/worsened.xlsx", own(worsened_workbook), name="staff-worsened-workbook"),
    path("rounds/<int:pk>/settings/", own(round_settings), name="staff-round-settings"),
    path("rounds/<int:pk>/cancel/", own(cancel_round), name="staff-round-cancel"),
    path("rounds/<int:pk>/take-back/", own(take_back_import), name="staff-import-take-back"),
    path("rounds/<int:pk>/publish/", own(publish_round), name="staff-publish"),
    path("rounds/<int:pk>/preview/", include((preview.pages, "preview"))),
    path("rounds/<int:pk>/mails/", own(round_mails), name="staff-mails"),
    path("rounds/<int:pk>/mails/kinds/", own(turn_mails), name="staff-mail-kinds"),
    path("rounds/<int:pk>/submission/", own(submission), name="staff-submission"),
    path("rounds/<int:pk>/sheets/", own(round_sheets), name="staff-sheets"),
    path("rounds/<int:pk>/sheet.xlsx", own(download_sheet), name="staff-sheet"),
    path("sheets/<slug:key>/", own(sheet_batch), name="staff-batch"),
    path("sheets/<slug:key>/errors.xlsx", own(batch_errors), name="staff-batch-errors"),
    path("rounds/<int:pk>/decision/", own(decision_page), name="staff-decision"),
    path("rounds/<int:pk>/decision.pdf", own(decision_pdf), name="staff-decision-pdf"),
    path("rounds/<int:pk>/decision.xlsx", own(decision_workbook), name="staff-decision-workbook"),
    path("reports/<int:pk>/table/", own(table_page), name="staff-table"),
    path("reports/<int:pk>/table.pdf", own(table_pdf), name="staff-table-pdf"),
    path("reports/<int:pk>/table.xlsx", own(table_workbook), name="staff-table-workbook"),
    path("setting-up/", own(setting_up), name="staff-setting-up"),
    path("condition/", own(condition), name="staff-condition"),
    path("tables/", own(load_table), name="staff-load-table"),
    path("tables/<slug:key>/", own(table_reading), name="staff-load-table-reading"),
    path("tables/<slug:key>/layout.json", own(table_layout), name="staff-load-table-layout"),
    path("tables/<slug:key>/check/", own(table_check), name="staff-load-table-check"),
    path("tables/<slug:table>/preview/", include((table_preview.pages, "table-preview"))),
    path("pledges/", own(pledges.pledge_list), name="staff-pledges"),
    path("pledges/add/", own(pledges.add_pledge), name="staff-pledge-add"),
    path("pledges/sections/", own(bringing.add_place), name="staff-pledge-sections"),
    path("pledges/<int:pk>/", own(pledges.pledge_page), name="staff-pledge"),
    path("pledges/<int:pk>/initiatives/", own(pledges.add_initiatives), name="staff-pledge-initiatives"),
    path("pledges/<int:pk>/correct/", own(pledges.correct_pledge), name="staff-pledge-correct"),
    path("pledges/<int:pk>/end/", own(pledges.end_pledge), name="staff-pledge-end"),
    path("pledges/<int:pk>/move/", own(pledges.move_pledge), name="staff-pledge-move"),
    path("initiatives/<int:pk>/split/", own(pledges.split_initiative), name="staff-initiative-split"),
    path("initiatives/<int:pk>/end/", own(end_initiative), name="staff-initiative-end"),
    path("terms/begin/", own(terms.begin_term), name="staff-term-begin"),
    path("terms/<int:pk>/", own(terms.term_page), name="staff-term"),
    path("terms/<int:pk>/years/", own(terms.term_years), name="staff-term-years"),
    path("terms/<int:pk>/scale/", own(terms.term_scale), name="staff-term-scale"),
    path("terms/<int:pk>/former/", own(bringing.former_pledges), name="staff-term-former"),
    path("terms/<int:pk>/table/", own(bringing.pledge_table), name="staff-term-table"),
    path("terms/<int:pk>/table.xlsx", own(bringing.term_workbook), name="staff-term-workbook"),
    path("terms/<int:pk>/take-back/", own(terms.take_back_term), name="staff-term-take-back"),
    path("reorganisations/", own(organisation.reorganisations), name="staff-reorganisations"),
    path("reorganisations/<int:pk>/", own(organisation.reorganisation), name="staff-reorganisation"),
    path(
        "reorganisations/<int:pk>/add/<slug:kind>/", own(step_pages.add_step), name="staff-reorganisation-add"
    ),
    path(
        "reorganisations/<int:pk>/steps/<int:number>/",
        own(step_pages.edit_step),
        name="staff-reorganisation-step",
    ),
    path(
        "reorganisations/<int:pk>/steps/<int:number>/choices/",
        own(step_pages.choices),
        name="staff-reorganisation-choices",
    ),
    path(
        "reorganisations/<int:pk>/choices.xlsx",
        own(step_pages.choices_file),
        name="staff-reorganisation-file",
    ),
    path(
        "reorganisations/<int:pk>/choices/",
        own(step_pages.choices_upload),
        name="staff-reorganisation-upload",
    ),
    path("people/", own(people), name="staff-people"),
    path("people/list.xlsx", own(people_workbook), name="staff-people-workbook"),
    path("people/lists/", own(people_lists), name="staff-people-lists"),
    path("people/lists/<slug:key>/", own(people_list), name="staff-people-list"),
    path("people/slips/<slug:batch>/", own(slips), name="staff-slips"),
    path("second-factor/", own(own_second_factor), name="staff-second-factor"),
    path("second-factor/codes/", own(recovery_codes), name="staff-recovery-codes"),
    path("login/provider/", site.open_view(to_provider), name="staff-provider"),
    path("login/provider/back/", site.open_view(back_from_provider), name="staff-provider-back"),
    path("login/proxy/", site.open_view(by_proxy), name="staff-proxy"),
    path("login/second/", site.open_view(second_login_step), name="staff-second-step"),
    # For those who cannot log in.
    path("invitation/", site.open_view(set_password), name="staff-invitation"),
    path("forgotten/", site.open_view(forgotten), name="staff-forgotten"),
    path("", master.site.urls),
]

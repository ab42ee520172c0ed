"""Every form of the staff site, ready to be sent; and all of them sent twice at once, on a real database.

`python -m tests.staff.frame.sending` plays the second part and prints, as JSON, what came of each.
"""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Model
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import setup_test_environment
from django.utils import timezone

from tests.cycle.notices.sent import only
from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import sheet_of
from tests.extra_columns import define
from tests.indicators import define as define_indicator
from tests.published_tables.file.writing import small_text
from tests.staff.master.browsing import form_of, page
from tests.staff.master.exchanging import as_csv, export, packed, rows_of, upload
from tests.staff.people import fill, logged_in, submit
from tests.staff.previews import COMPLETE, Preview, taken_in
from tests.staff.sign_in.codes import code_of, with_app
from tests.the_city import write_city
from tests.workspace import Workspace, make_workspace
from tracker import triggers
from tracker.choices import MailKind, RoundState
from tracker.cycle import cancelling, rounds, terms, workflow
from tracker.cycle.workflow import Content
from tracker.models import (
    Assignment,
    Category,
    City,
    Department,
    Event,
    ExtraColumn,
    FormerText,
    Indicator,
    Initiative,
    Invitation,
    MailSwitch,
    Manifesto,
    Membership,
    PeopleList,
    PlanProject,
    Pledge,
    Reorganisation,
    Report,
    ReportingRound,
    SentForm,
    SentMail,
    SheetBatch,
    Synonym,
    TableUpload,
    User,
    YearlyAction,
)
from tracker.models.organisation import this_fiscal_year
from tracker.organisation import writing
from tracker.organisation.people import planning
from tracker.organisation.steps import DocumentStep
from tracker.published_tables import loading, uploads
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.reports import drafting, publishing
from tracker.staff.entry.form import as_base
from tracker.staff.organisation import choices_file
from tracker.staff.terms.table import HEADINGS

COUNTED: tuple[type[Model], ...] = (
    *(
        Category,
        Department,
        Event,
        ExtraColumn,
        FormerText,
        Indicator,
        Initiative,
        Manifesto,
        PlanProject,
        Pledge,
        MailSwitch,
        SentMail,
        Report,
    ),
    *(Assignment, Invitation, PeopleList, Reorganisation, ReportingRound, SheetBatch, TableUpload, User),
    YearlyAction,
)
PASSWORD = "ながいあいことば2024"
MAIL = {"EMAIL_HOST": "mail.example", "STAFF_SITE_URL": "https://manifesto.example/staff"}
EXPECTED = re.compile(r'name="expected" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Sending:
    """A form as a person sends it. `told`: whether the answer says something, once."""

    by: User
    path: str
    fields: dict[str, Any]
    file: tuple[str, bytes] | None = None
    told: bool = True
    session: dict[str, Any] = field(default_factory=dict)

    def browser(self) -> tuple[Client, str]:
        """A browser that checks against forgery, and the token of a page that it has opened."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.by, backend="tracker.staff.frame.authentication.StaffBackend")
        if self.session:
            session = client.session
            session.update(self.session)
            session.save()
        return client, token_of(client)

    def send(self, client: Client, token: str) -> HttpResponse:
        data = {**self.fields, "csrfmiddlewaretoken": token}
        if self.file:
            data["file"] = SimpleUploadedFile(*self.file)
        answer: HttpResponse = client.post(self.path, data)
        return answer


def token_of(client: Client) -> str:
    found = TOKEN.search(client.get(PLAIN_PAGE).content.decode())
    assert found
    return found[1]


def stand() -> dict[str, int]:
    """How many there are of everything that a form may make."""
    return {model.__name__: model._default_manager.count() for model in COUNTED}


PLAIN_PAGE = "/staff/password_change/"  # a form and messages, without lists: the scenes share a database
Deed = Callable[[Workspace], Sending]
DEEDS: dict[str, tuple[str, Deed]] = {}  # by name: the route, and what makes the scene


def deed(route: str) -> Callable[[Deed], Deed]:
    def known(make: Deed) -> Deed:
        DEEDS[make.__name__] = (route, make)
        return make

    return known


# ---- a reorganisation

DOCUMENT = "staff/reorganisations/<int:pk>/"


def of_document(space: Workspace, rest: str = "", *, told: bool = False, **fields: object) -> Sending:
    """A document about departments of its own: all deeds may be done in one database."""
    Reorganisation.objects.all().delete()
    unique = Department.objects.count()
    old, heir, new = (f"{letter}{unique}" for letter in "ahn")
    for code in (old, heir):
        Department.objects.create(code=code, name=f"課{code}")
    steps: list[DocumentStep] = [
        {"kind": "create", "departments": [new], "name": f"課{new}"},
        {"kind": "split", "departments": [old], "successors": [heir, new], "rest": new},
    ]
    document = Reorganisation.objects.create(fiscal_year=2025, title="春の改正", steps=steps)
    seen = writing.fingerprint(document, writing.worked_out(document))
    given = {name: str(value).format(heir=heir, new=new) for name, value in fields.items()}
    form = {"version": 1, "expected": seen, **given}
    return Sending(space.cast.planner, f"/staff/reorganisations/{document.pk}/{rest}", form, told=told)


@deed("staff/reorganisations/")
def prepare(space: Workspace) -> Sending:
    fields = {"fiscal_year": "2026", "title": "春の改正"}
    return Sending(space.cast.planner, "/staff/reorganisations/", fields, told=False)


@deed(DOCUMENT)
def apply(space: Workspace) -> Sending:
    return of_document(space, told=True, act="apply")


@deed(DOCUMENT)
def undo_reorganisation(space: Workspace) -> Sending:
    sending = of_document(space, told=True, act="undo", version=2, reason="延期のため")
    document = Reorganisation.objects.latest("pk")
    writing.apply(document, by=space.cast.planner, expected=str(sending.fields["expected"]))
    return sending


@deed(DOCUMENT)
def give_up(space: Workspace) -> Sending:
    return of_document(space, told=True, act="delete")


@deed(f"{DOCUMENT}add/<slug:kind>/")
def add_step(space: Workspace) -> Sending:
    return of_document(space, "add/rename/", department="{heir}", name="農業{heir}")


@deed(f"{DOCUMENT}steps/<int:number>/")
def edit_step(space: Workspace) -> Sending:
    return of_document(space, "steps/1/", code="{new}", name="まちづくり{new}")


@deed(f"{DOCUMENT}steps/<int:number>/choices/")
def choose_heirs(space: Workspace) -> Sending:
    return of_document(space, "steps/2/choices/", take_rest="{heir}")


@deed(f"{DOCUMENT}choices/")
def upload_heirs(space: Workspace) -> Sending:
    sending = of_document(space, "choices/", told=True)
    steps = Reorganisation.objects.latest("pk").steps
    content = choices_file.write(steps, writing.read_organisation(), 2025)
    return replace(sending, file=("引継ぎ先.xlsx", content))


# ---- a row

ROW = "staff/actions/<int:pk>/"


def address(row: YearlyAction, rest: str = "") -> str:
    return f"/staff/actions/{row.pk}/{rest}"


def answers(row: YearlyAction, **values: object) -> dict[str, Any]:
    typed = {"result": "・書きました。", "plan": "", "rating": row.reference_rating_id, "rating_reason": ""}
    return {**typed, "version": row.version, "base": as_base(Content.of(row)), "act": "save", **values}


@deed(ROW)
def save(space: Workspace) -> Sending:
    row = space.row()
    return Sending(space.cast.clerk, address(row), answers(row))


@deed(ROW + "check/")
def hand_in(space: Workspace) -> Sending:
    row = fill(space.row(), space.cast.clerk)
    return Sending(space.cast.clerk, address(row, "check/"), {"version": row.version})


@deed("staff/rounds/<int:pk>/submission/")
def hand_in_all(space: Workspace) -> Sending:
    rows = [fill(row, space.cast.clerk) for row in (space.row(1), space.row(3))]
    fields = {"rows": [f"{row.pk}:{row.version}" for row in rows]}
    return Sending(space.cast.clerk, f"/staff/rounds/{space.round.pk}/submission/", fields)


@deed(ROW + "withdraw/")
def withdraw(space: Workspace) -> Sending:
    row = submit(space.row(), space.cast.clerk)
    return Sending(space.cast.clerk, address(row, "withdraw/"), {"version": row.version})


def waiting_for_head(space: Workspace) -> YearlyAction:
    Manifesto.objects.filter(pk=space.manifesto.pk).update(section_check=True)
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    return submit(space.row(), space.cast.clerk)


@deed(ROW + "confirm/")
def confirm_for_section(space: Workspace) -> Sending:
    row = waiting_for_head(space)
    return Sending(space.cast.colleague, address(row, "confirm/"), {"act": "confirm", "version": row.version})


@deed(ROW + "confirm/")
def give_back(space: Workspace) -> Sending:
    row = waiting_for_head(space)
    fields = {"act": "give_back", "version": row.version, "reason": "数を書いてください。"}
    return Sending(space.cast.colleague, address(row, "confirm/"), fields)


@deed("staff/section/")
def confirm_all(space: Workspace) -> Sending:
    row = waiting_for_head(space)
    page = logged_in(space.cast.colleague).get(f"/staff/section/?round={row.round_id}").content.decode()
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    path = f"/staff/section/?round={row.round_id}"
    return Sending(space.cast.colleague, path, {"seen": seen})


@deed(ROW + "resolve/")
def resolve(space: Workspace) -> Sending:
    row = fill(space.row(), space.cast.colleague)
    picks = {f"pick_{name}": "mine" for name in ("result", "rating", "rating_reason", "plan")}
    return Sending(space.cast.clerk, address(row, "resolve/"), answers(row) | picks)


@deed(ROW + "former/")
def bring_back(space: Workspace) -> Sending:
    row = fill(space.row(), space.cast.colleague)
    former = FormerText.objects.create(action=row, content=vars(Content(result="・前の文。")))
    return Sending(space.cast.clerk, address(row, "former/"), {"version": row.version, "former": former.pk})


def judged(space: Workspace, row: YearlyAction, act: str) -> Sending:
    reason = "" if act == "approve" else "理由です。"
    fields = {"act": act, "version": row.version, "reason": reason, "field": ""}
    return Sending(space.cast.planner, address(row, "review/"), fields)


@deed(ROW + "review/")
def approve(space: Workspace) -> Sending:
    return judged(space, submit(space.row(), space.cast.clerk), "approve")


@deed(ROW + "review/")
def fill_in(space: Workspace) -> Sending:
    column = define(space.manifesto, "外部評価")
    sent = judged(space, submit(space.row(), space.cast.clerk), "approve")
    return Sending(sent.by, sent.path, {**sent.fields, "act": "fill_in", f"extra_{column.code}": "妥当"})


@deed(ROW + "review/")
def send_back(space: Workspace) -> Sending:
    return judged(space, submit(space.row(), space.cast.clerk), "return")


@deed(ROW + "review/")
def reopen(space: Workspace) -> Sending:
    row = submit(space.row(), space.cast.clerk)
    row = workflow.approve(row.pk, by=space.cast.second_planner, version=row.version)
    return judged(space, row, "reopen")


@deed("staff/queue/approve/")
def approve_all(space: Workspace) -> Sending:
    rows = [submit(space.row(number), space.cast.both) for number in (1, 2)]
    path = f"/staff/queue/approve/?round={space.round.pk}"
    pairs = " ".join(f"{row.pk}:{row.version}" for row in rows)
    return Sending(space.cast.planner, path, {"rows": pairs})


@deed("staff/queue/approve/")
def leave_out(space: Workspace) -> Sending:
    row = submit(space.row(), space.cast.both)
    fields = {"rows": f"{row.pk}:{row.version}", "page_rows": row.pk, "leave": row.pk, "turn": "1"}
    return Sending(space.cast.planner, f"/staff/queue/approve/?round={space.round.pk}", fields, told=False)


@deed("staff/queue/keys/")
def switch_keys_off(space: Workspace) -> Sending:
    return Sending(space.cast.planner, "/staff/queue/keys/", {"use": "no"})


# ---- a round

ROUND = "staff/rounds/<int:pk>/"


def of_round(space: Workspace, page: str, told: bool = True, **fields: object) -> Sending:
    return Sending(space.cast.planner, f"/staff/rounds/{space.round.pk}/{page}/", fields, told=told)


def published(space: Workspace) -> None:
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")


@deed("staff/rounds/open/")
def open_round(space: Workspace) -> Sending:
    published(space)
    due = str(timezone.localdate() + timedelta(days=20))
    fields = {"act": "open", "fiscal_year": 2025, "as_of": "2026-03-31", "due_on": due}
    path = f"/staff/rounds/open/?manifesto={space.manifesto.slug}"
    return Sending(space.cast.planner, path, fields | {"manifesto": space.manifesto.pk})


@deed(ROUND + "settings/")
def extend(space: Workspace) -> Sending:
    due = str(timezone.localdate() + timedelta(days=77))
    return of_round(space, "settings", act="extend", due_on=due)


@deed(ROUND + "settings/")
def close(space: Workspace) -> Sending:
    return of_round(space, "settings", act="close", unfinished=len(space.rows()))


@deed(ROUND + "settings/")
def correct(space: Workspace) -> Sending:
    published(space)
    return of_round(space, "settings", act="correct", reason="誤り")


@deed(ROUND + "settings/")
def finish(space: Workspace) -> Sending:
    with triggers.removed(connection):
        rows = YearlyAction.objects.filter(round=space.round)
        rows.update(state="approved", is_imported=True, rating=F("reference_rating"))
        ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.CORRECTING)
    return of_round(space, "settings", act="finish")


@deed(ROUND + "settings/")
def add_missing(space: Workspace) -> Sending:
    pledge = space.row().initiative.pledge
    Initiative.objects.create(pledge=pledge, position=90, first_fiscal_year=2024)
    return of_round(space, "settings", act="add_missing")


@deed(ROUND + "settings/")
def describe(space: Workspace) -> Sending:
    return of_round(space, "settings", act="describe", name="上半期", as_of="2024-09-30")


@deed(ROUND + "cancel/")
def cancel(space: Workspace) -> Sending:
    fill(space.row(), space.cast.clerk)
    seen = cancelling.seen_digest(cancelling.typed_rows(space.round))
    return of_round(space, "cancel", reason="年度のまちがい", seen=seen)


@deed(ROUND + "take-back/")
def take_back(space: Workspace) -> Sending:
    table = parse_table(grid_of(small_text().encode()))
    source = {"by": "企画", "file_name": "表.txt", "file_digest": "0" * 64}
    made = loading.load(table, slug="2017", **source).round
    return Sending(space.cast.planner, f"/staff/rounds/{made.pk}/take-back/", {"reason": "別の市の表"})


@deed(ROUND + "publish/")
def publish(space: Workspace) -> Sending:
    expected = drafting.draft(space.round).content_digest
    return of_round(space, "publish", expected=expected, unapproved_reason="確認中")


@deed(ROUND + "mails/")
def send_mails(space: Workspace) -> Sending:
    rounds.extend(space.round, due_on=timezone.localdate(), by=space.cast.planner)
    User.objects.filter(pk=space.cast.clerk.pk).update(email="clerk@city.example")
    only(space.manifesto, MailKind.REMINDER)
    return of_round(space, "mails", days=3)


@deed(ROUND + "mails/kinds/")
def turn_mails(space: Workspace) -> Sending:
    return of_round(space, "mails/kinds", kind=[kind for kind in MailKind if kind != MailKind.WEEKLY])


@deed("staff/initiatives/<int:pk>/end/")
def end(space: Workspace) -> Sending:
    path = f"/staff/initiatives/{space.row().initiative_id}/end/"
    return Sending(space.cast.planner, path, {"act": "end", "last_fiscal_year": 2023, "reason": "済んだため"})


# ---- pledges in mid-term

PLEDGE = "staff/pledges/<int:pk>/"


def of_pledge(space: Workspace, page: str, **values: object) -> Sending:
    """An act on the pledge, after its page has told what will happen."""
    return confirmed(space, f"/staff/pledges/{space.row().initiative.pledge_id}/{page}/", values)


def confirmed(space: Workspace, path: str, values: dict[str, Any]) -> Sending:
    values = {**values, "reason": "議会での説明に合わせるため"}
    page = logged_in(space.cast.planner).post(path, {**values, "act": "check"}).content.decode()
    found = EXPECTED.search(page)
    assert found
    return Sending(space.cast.planner, path, {**values, "act": "do", "expected": found[1]})


@deed("staff/pledges/add/")
def begin_pledge(space: Workspace) -> Sending:
    values = {"section": space.row().initiative.pledge.section_id, "text": "公園", "first_fiscal_year": 2024}
    return confirmed(space, f"/staff/pledges/add/?manifesto={space.manifesto.slug}", values)


@deed(PLEDGE + "initiatives/")
def begin_initiative(space: Workspace) -> Sending:
    return of_pledge(space, "initiatives", first_fiscal_year=2024)


@deed(PLEDGE + "correct/")
def correct_pledge(space: Workspace) -> Sending:
    return of_pledge(space, "correct", text="駅前", section_name="道路", category_name="まち")


@deed(PLEDGE + "end/")
def end_pledge(space: Workspace) -> Sending:
    return of_pledge(space, "end", last_fiscal_year=2023)


@deed(PLEDGE + "move/")
def move_pledge(space: Workspace) -> Sending:
    return of_pledge(space, "move", section=space.row().initiative.pledge.section_id, position=7)


@deed("staff/pledges/sections/")
def add_section(space: Workspace) -> Sending:
    path = f"/staff/pledges/sections/?manifesto={space.manifesto.slug}"
    return Sending(space.cast.planner, path, {"category_name": "くらし", "section_name": "みどり"})


# ---- the next term

TERM = "staff/terms/<int:pk>/"


def next_term(space: Workspace) -> Manifesto:
    """A term after all that there are."""
    year = 1 + max(Manifesto.objects.values_list("first_fiscal_year", flat=True))
    return terms.begin(title="次の任期", first_fiscal_year=year, last_fiscal_year=None, by=space.cast.planner)


def of_former(space: Workspace) -> Manifesto:
    """A term after the workspace's own: nothing lies between them."""
    Manifesto.objects.filter(pk=space.manifesto.pk).update(
        first_fiscal_year=1 + max(Manifesto.objects.values_list("first_fiscal_year", flat=True))
    )
    return next_term(space)


def told_first(space: Workspace, path: str, values: dict[str, Any], carried: re.Pattern[str]) -> Sending:
    """What a page has told by name, to be done."""
    page = logged_in(space.cast.planner).post(path, values).content.decode()
    expected, fields = EXPECTED.search(page), carried.search(page)
    assert expected
    assert fields
    return Sending(space.cast.planner, path, {"act": "do", "expected": expected[1], fields[1]: fields[2]})


@deed("staff/terms/begin/")
def begin_term(space: Workspace) -> Sending:
    year = 1 + max(Manifesto.objects.values_list("first_fiscal_year", flat=True))
    return Sending(
        space.cast.planner, "/staff/terms/begin/", {"title": "次の任期", "first_fiscal_year": year}
    )


@deed(TERM + "years/")
def change_years(space: Workspace) -> Sending:
    term = next_term(space)
    fields = {"title": "別の表題", "first_fiscal_year": term.first_fiscal_year}
    return Sending(space.cast.planner, f"/staff/terms/{term.pk}/years/", fields)


@deed(TERM + "scale/")
def set_scale(space: Workspace) -> Sending:
    fields = {"act": "save", "steps": 1, "step-1-code": "A", "step-1-label": "達成"}
    return Sending(space.cast.planner, f"/staff/terms/{next_term(space).pk}/scale/", fields)


@deed(TERM + "former/")
def choose_pledges(space: Workspace) -> Sending:
    path = f"/staff/terms/{of_former(space).pk}/former/"
    values = {"act": "check", "pledge": pledge_of(space).pk}
    return told_first(space, path, values, re.compile(r'name="(pledge)" value="([^"]+)"'))


@deed(TERM + "table/")
def bring_table(space: Workspace) -> Sending:
    path = f"/staff/terms/{next_term(space).pk}/table/"
    told = {"分野": "まち", "項目": "橋", "公約": "橋を架けます"}
    rows = [HEADINGS, [told.get(heading, "") for heading in HEADINGS]]
    values = {"file": SimpleUploadedFile("公約.csv", as_csv(rows))}
    return told_first(space, path, values, re.compile(r'name="(rows)" value="([^"]+)"'))


TABLE = "staff/tables/<slug:key>/"


def table_of(space: Workspace) -> TableUpload:
    """A table that the administrator has uploaded, for a manifesto of its own."""
    content, by = small_text().encode(), space.cast.administrator
    upload = uploads.receive_table(content, file_name="表.txt", by=by)
    upload.slug = unused(space)
    upload.save()
    return upload


@deed("staff/tables/")
def upload_table(space: Workspace) -> Sending:
    file = ("表.txt", small_text().encode())
    return Sending(space.cast.administrator, "/staff/tables/", {}, file=file, told=False)


@deed(TABLE)
def choose_column(space: Workspace) -> Sending:
    path, client = f"/staff/tables/{table_of(space).key}/", logged_in(space.cast.administrator)
    shown = client.get(path).context["shown"]
    return Sending(space.cast.administrator, path, {"shown": shown, "role-0-C": "ignore"}, told=False)


@deed(TABLE + "check/")
def load_table(space: Workspace) -> Sending:
    upload = table_of(space)
    path, client = f"/staff/tables/{upload.key}/check/", logged_in(space.cast.administrator)
    fields = {
        "act": "load",
        "into": ":new",
        "slug": upload.slug,
        "expected": client.get(path).context["expected"],
    }
    return Sending(space.cast.administrator, path, fields)


@deed(TERM + "take-back/")
def take_back_term(space: Workspace) -> Sending:
    term = next_term(space)
    seen = terms.contents_of(term).digest
    fields = {"reason": "年度のまちがい", "seen": seen}
    return Sending(space.cast.planner, f"/staff/terms/{term.pk}/take-back/", fields)


@deed("staff/initiatives/<int:pk>/split/")
def split_initiative(space: Workspace) -> Sending:
    path = f"/staff/initiatives/{space.row().initiative_id}/split/"
    return confirmed(space, path, {"last_fiscal_year": 2023})


# ---- entry sheets

BATCH = "staff/sheets/<slug:key>/"


@deed(ROUND + "sheets/")
def upload_sheet(space: Workspace) -> Sending:
    content = filled(sheet_of(space, space.cast.clerk), {space.row().pk: COMPLETE})
    path = f"/staff/rounds/{space.round.pk}/sheets/"
    return Sending(space.cast.clerk, path, {}, file=("入力シート.xlsx", content), told=False)


def of_batch(space: Workspace, act: str, told: bool) -> Sending:
    preview = Preview.of(space, taken_in(space, {1: COMPLETE}))
    return Sending(space.cast.clerk, preview.path, {**preview.form(), "act": act}, told=told)


@deed(BATCH)
def choose(space: Workspace) -> Sending:
    return of_batch(space, "choose", told=False)


@deed(BATCH)
def discard(space: Workspace) -> Sending:
    return of_batch(space, "discard", told=True)


@deed(BATCH)
def confirm(space: Workspace) -> Sending:
    return of_batch(space, "confirm", told=False)


@deed(BATCH)
def undo(space: Workspace) -> Sending:
    preview = Preview.of(space, taken_in(space, {1: COMPLETE})).press("confirm")
    return Sending(space.cast.clerk, preview.path, {"act": "undo"})


# ---- master data, people, and what one keeps


@deed("staff/kept/")
def let_go(space: Workspace) -> Sending:
    form = {"key": "abc", "path": "/staff/", "fields": [["result", "・文"]], "is_too_old": False}
    return Sending(
        space.cast.clerk, "/staff/kept/", {"key": "abc"}, told=False, session={"kept_forms": [form]}
    )


@deed("staff/password_change/")
def change_password(space: Workspace) -> Sending:
    space.cast.other.set_password("まえのあいことば2024")
    space.cast.other.save()
    fields = {"old_password": "まえのあいことば2024", "new_password1": PASSWORD, "new_password2": PASSWORD}
    return Sending(space.cast.other, "/staff/password_change/", fields, told=False)


@deed("staff/tracker/user/<id>/password/")
def set_password(space: Workspace) -> Sending:
    path = f"/staff/tracker/user/{space.cast.stranger.pk}/password/"
    return Sending(space.cast.administrator, path, {"password1": PASSWORD, "password2": PASSWORD})


@deed("staff/tracker/user/<path:object_id>/unlock/")
def unlock(space: Workspace) -> Sending:
    path = f"/staff/tracker/user/{space.cast.stranger.pk}/unlock/"
    return Sending(space.cast.administrator, path, {"act": "unlock"})


@deed("staff/tracker/user/<path:object_id>/second-factor/")
def remove_second_factor(space: Workspace) -> Sending:
    with_app(space.cast.stranger)
    path = f"/staff/tracker/user/{space.cast.stranger.pk}/second-factor/"
    return Sending(space.cast.administrator, path, {"act": "remove"})


@deed("staff/second-factor/")
def renew_codes(space: Workspace) -> Sending:
    secret, _codes = with_app(space.cast.planner, -1)
    fields = {"password_code": code_of(secret), "act": "codes"}
    return Sending(space.cast.planner, "/staff/second-factor/", fields, told=False)


def people_table(space: Workspace) -> tuple[str, bytes]:
    """A list with one new person."""
    rows = [["職員番号", "氏名", "所属"], [unused(space), "鈴木 一郎", space.mine.code]]
    return "一覧.csv", as_csv(rows)


@deed("staff/people/lists/")
def upload_people(space: Workspace) -> Sending:
    fields = {"fiscal_year": str(this_fiscal_year())}
    return Sending(space.cast.administrator, "/staff/people/lists/", fields, people_table(space), told=False)


@deed("staff/people/lists/<slug:key>/")
def apply_people(space: Workspace) -> Sending:
    name, content = people_table(space)
    by, given = space.cast.administrator, {"fiscal_year": this_fiscal_year(), "closes_missing": False}
    listed = planning.receive_list(content, file_name=name, by=by, **given)
    seen = planning.plan_of_list(listed, by).digest
    fields = {"act": "confirm", "seen": seen, "fiscal_year": str(this_fiscal_year())}
    return Sending(by, f"/staff/people/lists/{listed.key}/", fields, told=False)


@deed("staff/people/")
def make_slips(space: Workspace) -> Sending:
    someone = User.objects.create(username=f"i{space.manifesto.pk}", last_name="招待", first_name="人")
    fields = {"pick": str(someone.pk), "act": "slips", "scope": "picked"}
    return Sending(space.cast.administrator, "/staff/people/", fields)


def new(model: type[Model], **values: Callable[[Workspace], object] | object) -> None:
    """A form that adds one."""
    name = model._meta.model_name

    def add(space: Workspace) -> Sending:
        given = {key: value(space) if callable(value) else value for key, value in values.items()}
        by = space.cast.administrator
        return Sending(by, page(model, "add"), {**form_of(logged_in(by), page(model, "add")), **given})

    add.__name__ = f"add_{name}"
    deed(f"staff/tracker/{name}/add/")(add)


def pledge_of(space: Workspace) -> Pledge:
    return space.row().initiative.pledge


def unused(space: Workspace) -> str:
    """A word that no other workspace has."""
    return f"x{space.manifesto.pk}"


new(Manifesto, slug=lambda s: unused(s), title="次のマニフェスト", first_fiscal_year=2025)
new(Category, manifesto=lambda s: s.manifesto.pk, number="", name="次の分野")
new(Pledge, section=lambda s: pledge_of(s).section_id, position="", text="次の公約")
new(
    Initiative,
    pledge=lambda s: f"{pledge_of(s).place} {pledge_of(s).text}",
    position="",
    first_fiscal_year=2024,
)
new(PlanProject, manifesto=lambda s: s.manifesto.pk, code="", base_code="", name="次の事業")
new(
    ExtraColumn, manifesto=lambda s: s.manifesto.pk, position="", label="次の項目", kind="text", decimals=0,
    filled_by="department",
)  # fmt: skip
new(
    Indicator,
    initiative=lambda s: f"{s.row().initiative.place} {s.row().initiative.pledge.text}",
    position="",
    name="次の指標",
    decimals=0,
    direction="up",
    formula="ratio",
)
new(Synonym, spellings=lambda s: f"丙{unused(s)} 丁{unused(s)}")
new(Department, code=lambda s: unused(s), name=lambda s: f"次の課{unused(s)}")
new(
    User, username=lambda s: unused(s), last_name="鈴木", first_name="一郎", role="planning",
    password1=PASSWORD, password2=PASSWORD,
)  # fmt: skip


def one_of(model: type[Model]) -> Callable[[Workspace], Model]:
    """Something that belongs to the workspace alone and that nothing else needs."""

    def make(space: Workspace) -> Model:
        if model is City:
            return write_city()
        if model is Synonym:
            return Synonym.objects.create(spellings="甲乙 乙甲")
        if model is Manifesto:
            return Manifesto.objects.create(slug=unused(space), title="ほか", first_fiscal_year=2025)
        if model is Category:
            return Category.objects.create(manifesto=space.manifesto, number=80, name="ほか")
        if model is Pledge:
            return Pledge.objects.create(section=pledge_of(space).section, position=80, text="ほか")
        if model is Initiative:
            return Initiative.objects.create(pledge=pledge_of(space), position=80, first_fiscal_year=2024)
        if model is PlanProject:
            return PlanProject.objects.create(manifesto=space.manifesto, name="ほか")
        if model is ExtraColumn:
            return define(space.manifesto, "ほか")
        if model is Indicator:
            return define_indicator(space.row().initiative, "ほか")
        if model is Department:
            return Department.objects.create(code=unused(space), name=f"ほかの課{unused(space)}")
        return User.objects.create(username=unused(space), last_name="ほか", first_name="人")

    return make


CHANGED: dict[type[Model], dict[str, object]] = {
    City: {"name": "別の市"},
    Synonym: {"spellings": "甲乙 乙甲 こうおつ"},
    Manifesto: {"title": "別の表題"},
    Category: {"name": "別の名称"},
    Pledge: {"text": "別の公約"},
    Initiative: {"first_fiscal_year": 2023},
    PlanProject: {"name": "別の事業"},
    ExtraColumn: {"label": "別の項目"},
    Indicator: {"name": "別の指標"},
    Department: {"last_fiscal_year": 2030},
    User: {"last_name": "別"},
}


def changed(model: type[Model]) -> None:
    """The forms that change one, and delete it."""
    name, make = model._meta.model_name, one_of(model)

    def change(space: Workspace) -> Sending:
        by, path = space.cast.administrator, page(model, "change", make(space).pk)
        seen = logged_in(by).get(path).context["seen"]
        return Sending(by, path, {**form_of(logged_in(by), path), "seen": seen, **CHANGED[model]})

    def delete(space: Workspace) -> Sending:
        return Sending(space.cast.administrator, page(model, "delete", make(space).pk), {"post": "yes"})

    for act in (change, delete) if model not in {City, User} else (change,):
        act.__name__ = f"{act.__name__}_{name}"
        deed(f"staff/tracker/{name}/<path:object_id>/{'delete' if act is delete else 'change'}/")(act)


NEW_ROWS: dict[type[Model], Callable[[Workspace, list[str]], list[str]]] = {
    Category: lambda s, _row: [s.manifesto.slug, "70", "取り込んだ分野"],
    Pledge: lambda s, _row: [s.manifesto.slug, "1-1-70", "", "取り込んだ公約"],
    PlanProject: lambda s, _row: [s.manifesto.slug, "", "取り込んだ事業", ""],
    Department: lambda s, _row: [unused(s), f"取り込んだ課{unused(s)}", "", "", ""],
    Initiative: lambda s, row: [s.manifesto.slug, "1-1-1-70", *row[2:]],
    Indicator: lambda s, _row: [s.manifesto.slug, s.row().place, "取り込んだ指標", *[""] * 11],
}


def imported(model: type[Model]) -> None:
    """The form that confirms an import."""
    name = model._meta.model_name

    def take_in(space: Workspace) -> Sending:
        client = logged_in(space.cast.administrator)
        table = rows_of(export(client, model))
        shown = upload(client, model, as_csv([table[0], NEW_ROWS[model](space, table[-1])]))
        return Sending(space.cast.administrator, page(model, "import"), {"rows": packed(shown)})

    take_in.__name__ = f"import_{name}"
    deed(f"staff/tracker/{name}/import/")(take_in)


for each in CHANGED:
    changed(each)
for each in NEW_ROWS:
    imported(each)


# ---- all of them twice at once


@contextmanager
def mail() -> Iterator[None]:
    with override_settings(**MAIL):
        yield


def at_once(sending: Sending) -> dict[str, Any]:
    """The same form in two threads: their answers, how often it is told, and what stands before and after."""
    client, token = sending.browser()
    clients = [client, Client(enforce_csrf_checks=True)]
    clients[1].cookies = client.cookies.copy()  # type: ignore[assignment]
    begin, before = Barrier(2), stand()

    def run(one: Client) -> list[object]:
        try:
            begin.wait()
            response = sending.send(one, token)
            return [response.status_code, response.headers.get("Location")]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answered = list(pool.map(run, clients))
    told = [messages_on(client, PLAIN_PAGE), messages_on(client, PLAIN_PAGE)]
    return {"answers": answered, "told": told, "before": before, "after": stand()}


def messages_on(client: Client, path: str) -> list[str]:
    response = client.get(path, follow=True)
    return [f"{told.level_tag}: {told.message}" for told in (response.context or {}).get("messages", [])]


def play() -> dict[str, Any]:
    found, cast = {}, None
    for number, (name, (_route, make)) in enumerate(DEEDS.items()):
        space = make_workspace(slug=f"s-{number}", cast=cast)
        Pledge.objects.filter(section__manifesto=space.manifesto).update(text=f"公約{number}を果たします")
        cast = space.cast
        sending = make(space)
        found[name] = at_once(sending) | {"is told": sending.told}
    return found | {"left": SentForm.objects.filter(status=None).count()}


if __name__ == "__main__":
    setup_test_environment()
    call_command("migrate", verbosity=0, skip_checks=True)
    with mail():
        print(json.dumps(play(), default=str))  # noqa: T201

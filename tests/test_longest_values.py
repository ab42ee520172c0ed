"""The longest allowed value in every field, and a year walked through with them.

SQLite takes what is longer than its column, PostgreSQL does not. So what is stored at the end is measured: a
value that was composed longer than its column fails on both.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import CharField, EmailField, Model
from django.db.models.functions import Length
from django.test import Client
from pytest_django.fixtures import Settings

from tests.entry_sheets.filling import filled
from tests.public.markup import parse
from tests.staff.master.browsing import page, save
from tests.staff.master.exchanging import EXCHANGED, export, upload
from tests.staff.people import logged_in
from tests.workspace import Workspace, make_workspace
from tracker.cycle import events
from tracker.models import (
    Assignment,
    Category,
    Department,
    Event,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    Report,
    User,
)
from tracker.models.catalogue import MAX_TITLE
from tracker.staff.frame.fields import MAX_REASON
from tracker.staff.master.in_reports import shows

pytestmark = pytest.mark.django_db
FILLED = (Rating, Category, Pledge, PlanProject, Department, User)
NOT_FREE = {"password", "role"}  # a hash, a choice
REASON = "長" * MAX_REASON
DATE = "（3月時点）"
FILE_NAME = "長" * 250 + ".xlsx"
LABEL = "b" * 63
STEPS = (("A", 100), ("B", 75), ("C", 50))


def longest(field: "CharField[Any, Any]", row: Model) -> str:
    """A value of the field's full length, another for each row."""
    if isinstance(field, EmailField):
        return f"{row.pk:064}@{LABEL}.{LABEL}.{'b' * (field.max_length or 0)}"[: field.max_length or 0]
    if field.name == "base_code":  # numbers and hyphens only: a plan has no longer ones
        return f"{row.pk % 90 + 10}-22-33-44"
    letter = "a" if field.validators[0:-1] else "長"
    return f"{row.pk}".ljust(field.max_length or 0, letter)


def fill_up(model: type[Model]) -> None:
    for row in model._default_manager.all():
        fixed = NOT_FREE | ({"code"} if isinstance(row, Rating) or shows(row) else set())  # as on their pages
        for field in row._meta.concrete_fields:
            if isinstance(field, CharField) and field.name not in fixed:
                setattr(row, field.name, longest(field, row))
        row.full_clean(exclude=["password"])
        row.save()


@pytest.fixture
def full() -> Workspace:
    """The small workspace with the longest value wherever somebody may write one."""
    space = make_workspace(
        slug="s" * 20, steps=[(letter * 12, letter * 50, percent) for letter, percent in STEPS]
    )
    project = PlanProject.objects.create(
        manifesto=space.manifesto, code="2-2-3①", base_code="2-2-3", name="道"
    )
    space.row(1).initiative.plan_projects.add(project)
    Manifesto.objects.update(title="長" * (MAX_TITLE - len(DATE)) + DATE)
    Assignment.objects.create(
        initiative=space.row(4).initiative, department=Department.objects.create(code="003", name="新しい課")
    )
    for model in FILLED:
        fill_up(model)
    return space


def over_long() -> list[tuple[str, str, int]]:
    """Every stored text that is longer than its column: model, field and length."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField) and field.max_length:
                rows = model._base_manager.annotate(length=Length(field.name))
                lengths = rows.filter(length__gt=field.max_length).values_list("length", flat=True)
                found += [(model.__name__, field.name, length) for length in lengths]
    return found


def ok(response: Any, status: int = 302) -> Any:
    assert response.status_code == status, response.context and response.context.get("problem")
    return response


def write(client: Client, space: Workspace, number: int, rating: str = "A") -> None:
    """Writes and hands in one row as its department does."""
    row = space.row(number)
    typed = {"result": "・長" * 1000, "plan": "・長" * 1000, "rating": space.ratings[rating * 12].pk}
    form = {**typed, "rating_reason": REASON, "version": row.version, "act": "save"}
    ok(client.post(f"/staff/actions/{row.pk}/", form))
    ok(client.post(f"/staff/actions/{row.pk}/check/", {"version": space.row(number).version}))
    assert space.row(number).state == "submitted"


def review(client: Client, space: Workspace, number: int, act: str) -> None:
    row = space.row(number)
    sent = {
        "act": act,
        "version": row.version,
        "reason": "" if act == "approve" else REASON,
        "field": "result",
    }
    ok(client.post(f"/staff/actions/{row.pk}/review/", sent))


def publish(client: Client, space: Workspace) -> Report:
    address = f"/staff/rounds/{space.round.pk}/publish/"
    expected = client.get(address).context["publication"].draft.content_digest
    reasons = {"correction_reason": REASON, "unapproved_reason": REASON}
    ok(client.post(address, {"expected": expected, **reasons}))
    return Report.objects.latest("pk")


def pages_from(client: Client, *addresses: str) -> Iterator[tuple[str, int]]:
    """These pages and all that they lead to, with the status of each."""
    waiting, known = list(addresses), set(addresses)
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        yield address, response.status_code
        if response.headers.get("Content-Type", "").startswith("text/html"):
            links = {link.partition("#")[0] for link in parse(response.content.decode()).links}
            new = {link for link in links if link.startswith(addresses) and link not in known}
            known |= new
            waiting += sorted(new)


@pytest.mark.long
@pytest.mark.both
def test_a_year_with_the_longest_values(full: Workspace, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.STAFF_SITE_URL = "localhost", "https://" + "a" * 200 + ".example/staff/"
    clerk, planner = logged_in(full.cast.both), logged_in(full.cast.planner)
    ok(planner.post(f"/staff/rounds/{full.round.pk}/mails/", {"days": 60}))
    assert len(mail.outbox) > 0
    for number, rating in ((1, "A"), (2, "B"), (3, "A")):
        write(clerk, full, number, rating)
    review(planner, full, 1, "return")
    write(clerk, full, 1)
    review(planner, full, 1, "approve")
    review(planner, full, 1, "reopen")
    write(clerk, full, 1)
    review(planner, full, 3, "approve")
    ok(planner.post("/staff/queue/approve/", {"rows": f"{full.row(2).pk}:{full.row(2).version}"}))
    first, dated = publish(planner, full), "…（令和7年3月末時点）"
    assert first.title == "長" * (MAX_TITLE - len(dated)) + dated
    correct = {"act": "correct", "reason": REASON}
    ok(planner.post(f"/staff/rounds/{full.round.pk}/settings/", correct))
    review(planner, full, 3, "reopen")
    write(clerk, full, 3, "C")
    review(planner, full, 3, "approve")
    assert publish(planner, full).edition == 2
    assert events.first_break(Event.objects.order_by("number")) is None
    assert over_long() == []
    public = dict(pages_from(Client(), f"/{full.manifesto.slug}/"))
    assert (set(public.values()), len(public) > 30) == ({200}, True)
    told = dict(pages_from(planner, "/staff/tracker/event/"))
    assert (set(told.values()), len(told) > 10) == ({200}, True)


def test_a_sheet_with_the_longest_values(full: Workspace) -> None:
    clerk, row = logged_in(full.cast.both), full.row(1)
    made = ok(clerk.get(f"/staff/rounds/{full.round.pk}/sheet.xlsx"), 200)
    ok(
        clerk.get(f"/staff/rounds/{full.round.pk}/sheet.xlsx?department={full.row(1).departments[0].code}"),
        200,
    )
    sheet = filled(made.content, {row.pk: {"result": "・長" * 1000, "rating": "Z" * 200}})
    for content, act in ((sheet, "discard"), (filled(made.content, {row.pk: {"result": "・長"}}), "confirm")):
        file = SimpleUploadedFile(FILE_NAME, content)
        answer = ok(clerk.post(f"/staff/rounds/{full.round.pk}/sheets/", {"file": file}))
        batch = answer.headers["Location"]
        seen = ok(clerk.get(batch), 200).context["plan"].digest
        ok(clerk.get(f"{batch}errors.xlsx"), 200)
        ok(clerk.post(batch, {"act": act, "seen": seen}))
    assert full.row(1).result == "・長"
    ok(clerk.post(batch, {"act": "undo"}))
    assert (full.row(1).result, over_long()) == ("", [])


def test_master_data_with_the_longest_values(full: Workspace) -> None:
    administrator = logged_in(full.cast.administrator)
    save(administrator, page(User, "change", full.cast.clerk.pk), role="planning")
    save(administrator, page(Department, "change", full.mine.pk), first_fiscal_year=2000)
    for model in EXCHANGED:
        for suffix in ("csv", "xlsx"):
            answer = upload(administrator, model, export(administrator, model, suffix))
            assert answer.status_code == 200, (model, suffix)
            assert answer.context["outcome"].errors == []  # type: ignore[attr-defined]
        pk = model._default_manager.values_list("pk", flat=True)[0]
        ok(administrator.get(page(model, "change", pk)), 200)
        ok(administrator.get(page(model, "history", pk)), 200)
    assert Event.objects.filter(kind="catalogue").count() == 2
    assert over_long() == []


@pytest.mark.parametrize(("name", "shown"), [("長" * 150, "長" * 47 + "…"), ("企画", "企画"), ("", None)])
def test_who_did_something_fits_whatever_the_name(name: str, shown: str | None) -> None:
    user = User(username="a" * 150, last_name=name)
    assert user.signature == (f"{shown}（{'a' * 150}）" if shown else "a" * 150)
    assert len(user.signature) <= 200

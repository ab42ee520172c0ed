"""Every address of the staff site × method × role × own row or another's × year × state: what it answers.

The expected answers are written here once more, in plain rules; the code is not asked. An address without a
rule fails the test.
"""

import logging
import re
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.extra_columns import define
from tests.indicators import define as define_indicator
from tests.published_tables.file.writing import small_text
from tests.staff.conftest import Year
from tests.staff.people import Cast, fill, logged_in, submit
from tests.the_city import write_city
from tests.workspace import Workspace
from tracker.choices import ActionState, RoundState
from tracker.cycle import rounds, workflow
from tracker.cycle.workflow import Content
from tracker.models import (
    Assignment,
    Department,
    FormerText,
    Manifesto,
    Membership,
    PeopleList,
    PlanProject,
    Reorganisation,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.published_tables import pdf, uploads
from tracker.reports import publishing
from tracker.staff.entry.form import as_base
from tracker.words.packing import pack

ROLES = ("anonymous", "stranger", "other", "clerk", "both", "planner", "second_planner", "administrator")
DEPARTMENT = {"stranger", "other", "clerk", "both"}
PLANNING = {"planner", "second_planner"}
OWN = {"clerk", "both"}  # whose department answers for the row
HEADS = {"both"}  # of their departments


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Every address of the staff site, as its pattern."""
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


STAFF_ROUTES = sorted({route for route in routes(get_resolver().url_patterns) if route.startswith("staff/")})


@pytest.fixture
def year(space: Workspace) -> Year:
    """The small workspace: the answers do not depend on how many rows there are."""
    Membership.objects.filter(user__username__in=HEADS).update(is_head=True)
    write_city()
    PlanProject.objects.create(manifesto=space.manifesto, code="2-2-3", base_code="2-2-3", name="駅前整備")
    define(space.manifesto, "外部評価")
    define_indicator(space.row().initiative)
    return Year(space.round, space.cast, space.mine, space.theirs)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are expected here; a traceback of each takes longer than the request."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


# --- pages of a row ---------------------------------------------------------------------------------------
WRITABLE = {RoundState.OPEN, RoundState.CORRECTING}
EDITABLE = {ActionState.NOT_STARTED, ActionState.DRAFT, ActionState.RETURNED}


def row_answer(page: str, method: str, role: str, state: str, round_state: str) -> int:
    """What a page of a row answers."""
    if role == "anonymous":
        return 302 if method == "GET" else 401
    if (method == "GET" and page in {"resolve", "withdraw"}) or (page, method) == ("version", "POST"):
        return 405
    if role in DEPARTMENT - OWN:
        return 404
    writable = round_state in WRITABLE
    if page == "review":
        if method == "GET":
            return 200
        possible = {
            "approve": state == ActionState.SUBMITTED and round_state != RoundState.PUBLISHED,
            "return": state == ActionState.SUBMITTED and writable,
            "reopen": state == ActionState.APPROVED and writable,
        }
        return 403 if role not in PLANNING else 302 if possible[method] else 409
    if page == "confirm":
        if role not in HEADS:
            return 403
        ready = writable and state == ActionState.IN_SECTION
        return 200 if method == "GET" else 302 if ready else 409
    if method == "GET" and page in {"entry", "former", "version"}:
        return 200
    if role == "administrator":
        return 403
    if page == "check":
        ready = writable and state in {ActionState.DRAFT, ActionState.RETURNED}
        return (200 if ready else 302) if method == "GET" else (302 if ready else 409)
    if page == "withdraw":
        return 302 if writable and state in {ActionState.SUBMITTED, ActionState.IN_SECTION} else 409
    return 302 if writable and state in EDITABLE else 409


Scene = Callable[[Year], YearlyAction]


def not_started(year: Year) -> YearlyAction:
    return year.action


def draft(year: Year) -> YearlyAction:
    return fill(year.action, year.cast.colleague)


def submitted(year: Year) -> YearlyAction:
    return submit(year.action, year.cast.colleague)


def in_section(year: Year) -> YearlyAction:
    Manifesto.objects.filter(pk=year.round.manifesto_id).update(section_check=True)
    return submitted(year)


def returned(year: Year) -> YearlyAction:
    row = submitted(year)
    return workflow.send_back(
        row.pk, by=year.cast.second_planner, version=row.version, reason="直してください。"
    )


def approved(year: Year) -> YearlyAction:
    row = submitted(year)
    return workflow.approve(row.pk, by=year.cast.second_planner, version=row.version)


def closed(before: Scene) -> Scene:
    def scene(year: Year) -> YearlyAction:
        row = before(year)
        rounds.close(year.round, by=year.cast.planner)
        return row

    return scene


def published(before: Scene) -> Scene:
    def scene(year: Year) -> YearlyAction:
        row = before(year)
        publishing.publish(year.round, by="企画", unapproved_reason="間に合わなかったため")
        return row

    return scene


def correcting(before: Scene) -> Scene:
    def scene(year: Year) -> YearlyAction:
        row = published(before)(year)
        rounds.start_correction(year.round, by=year.cast.planner, reason="誤りがあったため")
        return YearlyAction.objects.get(pk=row.pk)

    return scene


def reopened(year: Year) -> YearlyAction:
    row = correcting(approved)(year)
    return workflow.reopen(row.pk, by=year.cast.second_planner, version=row.version, reason="数が違うため")


def imported(year: Year) -> YearlyAction:
    return YearlyAction.objects.get(initiative=year.action.initiative, round__fiscal_year=2023)


SCENES: dict[str, Scene] = {
    **{each.__name__: each for each in (not_started, draft, in_section, submitted, returned, approved)},
    **{
        f"closed, {each.__name__}": closed(each)
        for each in (not_started, draft, in_section, submitted, returned, approved)
    },
    **{f"published, {each.__name__}": published(each) for each in (draft, submitted, approved)},
    **{f"correcting, {each.__name__}": correcting(each) for each in (draft, submitted, approved)},
    "correcting, reopened": reopened,
    "last year's, imported": imported,
}


def row_form(page: str, act: str, row: YearlyAction) -> dict[str, Any]:
    """A form that would be accepted if anything is."""
    if page == "review":
        return {"act": act, "version": row.version, "reason": "" if act == "approve" else "理由です。"}
    if page == "confirm":
        return {"act": act, "version": row.version, "reason": "" if act == "confirm" else "理由です。"}
    if page in {"check", "withdraw"}:
        return {"version": row.version}
    if page == "former":
        return {"version": row.version, "former": row.former_texts.get().pk}
    typed = {
        "result": "・書き足しました。",
        "plan": row.plan,
        "rating": row.rating_id or "none",
        "rating_reason": "・理由",
    }
    base = as_base(Content.of(row))
    return {
        **typed,
        "version": row.version,
        "base": base,
        "act": "save",
        "pick_result": "mine",
        "pick_rating": "mine",
    } | {"pick_rating_reason": "mine"}


ROW_PAGES = {"entry": "", "check": "check/", "resolve": "resolve/", "review": "review/", "former": "former/"}
ROW_PAGES |= {"withdraw": "withdraw/", "confirm": "confirm/", "version": "version/"}
ROW_METHODS = {page: ["GET", "POST"] for page in ROW_PAGES} | {
    "review": ["GET", "approve", "return", "reopen"],
    "confirm": ["GET", "confirm", "give_back"],
}


def browser(cast: Cast, role: str) -> Client:
    if role == "anonymous":
        return Client()
    person: User = getattr(cast, role)
    return logged_in(person)


def test_pages_of_a_row_that_waits_for_its_head(year: Year) -> None:
    pages_answer(year.cast, in_section(year), {})


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES)
def test_pages_of_a_row(year: Year, scene: str) -> None:
    pages_answer(year.cast, SCENES[scene](year), {})


def test_pages_of_a_row_whose_department_has_ended(year: Year) -> None:
    """Who has the duty today stands where the clerk stood."""
    row = year.action
    Department.objects.filter(pk=year.mine.pk).update(last_fiscal_year=2024)
    Assignment.objects.create(
        initiative=row.initiative, department=year.theirs, from_fiscal_year=2025, position=2
    )
    pages_answer(year.cast, row, {"clerk": "other", "other": "clerk"})


def pages_answer(cast: Cast, row: YearlyAction, in_place_of: dict[str, str]) -> None:
    """Asserts what all pages of a row answer to everybody, some standing in the place of others."""
    FormerText.objects.create(action=row, content=vars(Content(result="・前の文。")))
    state, round_state = row.state, ReportingRound.objects.get(pk=row.round_id).state
    wanted, found = {}, {}
    for role in ROLES:
        client = browser(cast, role)
        for page, rest in ROW_PAGES.items():
            for method in ROW_METHODS[page]:
                cell = (page, method, role)
                wanted[cell] = row_answer(page, method, in_place_of.get(role, role), state, round_state)
                found[cell] = answer(
                    client, f"/staff/actions/{row.pk}/{rest}", method, row_form(page, method, row)
                )
    assert found == wanted


def answer(client: Client, path: str, method: str, form: dict[str, Any]) -> int:
    """The status of one request, whose writes are taken back."""
    with transaction.atomic():
        status = (client.get(path) if method == "GET" else client.post(path, form)).status_code
        transaction.set_rollback(True)
    return status


# --- all other pages --------------------------------------------------------------------------------------
def everyone(get: int, post: int) -> Callable[[str, str], int]:
    return lambda role, method: (
        (302, 401)[method == "POST"] if role == "anonymous" else (get, post)[method == "POST"]
    )


def planning_office(get: int, post: int, *, administrator: int = 403) -> Callable[[str, str], int]:
    """Departments find nothing there. The administrator reads where `administrator` is 200; never acts."""

    def rule(role: str, method: str) -> int:
        if role == "anonymous":
            return (302, 401)[method == "POST"]
        if method == "POST" and post == 405:
            return 405
        if role in DEPARTMENT:
            return 404
        if role == "administrator":
            return administrator if method == "GET" else 403
        return (get, post)[method == "POST"]

    return rule


def people_pages(get: int, post: int, *, planner: int = 200) -> Callable[[str, str], int]:
    """Departments find nothing there; administrators all; the planning office where `planner` is 200."""

    def rule(role: str, method: str) -> int:
        if role == "anonymous":
            return (302, 401)[method == "POST"]
        if method == "POST" and post == 405:
            return 405
        if role in DEPARTMENT:
            return 404
        if role in PLANNING and planner == 403:
            return 403
        return (get, post)[method == "POST"]

    return rule


def submitting(get: int, post: int) -> Callable[[str, str], int]:
    """Who is asked to answer for rows of the round; others find nothing, and an administrator looks on."""

    def rule(role: str, method: str) -> int:
        if role == "anonymous":
            return (302, 401)[method == "POST"]
        refused = {"stranger": 404, "administrator": 403}
        return refused.get(role, (get, post)[method == "POST"])

    return rule


def section_heads(get: int, post: int) -> Callable[[str, str], int]:
    """Nobody else finds anything there."""

    def rule(role: str, method: str) -> int:
        if role == "anonymous":
            return (302, 401)[method == "POST"]
        return (get, post)[method == "POST"] if role in HEADS else 404

    return rule


def open_to_all(get: int, post: int) -> Callable[[str, str], int]:
    return lambda _role, method: (get, post)[method == "POST"]


def keepers(get: int, post: int) -> Callable[[str, str], int]:
    """The planning office and administrators alike; departments find nothing there."""
    rule = planning_office(get, post, administrator=get)
    return lambda role, method: rule("planner" if role == "administrator" else role, method)


def administrators(role: str, method: str) -> int:
    """Nobody else finds anything there; it is only read."""
    if role == "anonymous":
        return (302, 401)[method == "POST"]
    return 405 if method == "POST" else (200 if role == "administrator" else 404)


OTHER_PAGES: dict[str, Callable[[str, str], int]] = {
    "staff/": everyone(200, 405),
    "staff/kept/": everyone(302, 302),
    "staff/rows/": everyone(200, 405),
    "staff/section/": section_heads(200, 409),
    "staff/queue/": planning_office(200, 405, administrator=200),
    "staff/queue/list.xlsx": planning_office(200, 405, administrator=200),
    "staff/queue/keys/": planning_office(200, 422),
    "staff/queue/approve/": planning_office(200, 422),
    "staff/queue/approve/list.xlsx": planning_office(200, 405),
    "staff/rounds/": planning_office(200, 405, administrator=200),
    "staff/rounds/open/": planning_office(200, 422),
    "staff/rounds/site/": planning_office(200, 405),
    "staff/rounds/site.zip": planning_office(302, 405),  # it is being made
    "staff/rounds/<int:pk>/": planning_office(200, 405, administrator=200),
    "staff/rounds/<int:pk>/board.xlsx": planning_office(200, 405, administrator=200),
    "staff/rounds/<int:pk>/worsened/": planning_office(200, 405, administrator=200),
    "staff/rounds/<int:pk>/worsened.xlsx": planning_office(200, 405, administrator=200),
    "staff/rounds/<int:pk>/settings/": planning_office(200, 422),
    "staff/rounds/<int:pk>/cancel/": planning_office(200, 422),
    "staff/rounds/<int:pk>/take-back/": planning_office(200, 422),
    "staff/rounds/<int:pk>/submission/": submitting(200, 422),
    "staff/rounds/<int:pk>/publish/": planning_office(200, 409),
    "staff/rounds/<int:pk>/preview/": planning_office(200, 405),
    "staff/rounds/<int:pk>/mails/": planning_office(200, 409),
    "staff/rounds/<int:pk>/mails/kinds/": planning_office(302, 302),
    "staff/initiatives/<int:pk>/end/": planning_office(200, 422),
    "staff/initiatives/<int:pk>/split/": planning_office(200, 422),
    "staff/setting-up/": keepers(200, 405),
    "staff/condition/": administrators,
    "staff/tables/": keepers(200, 422),
    "staff/pledges/": planning_office(200, 405),
    "staff/pledges/add/": planning_office(200, 422),
    "staff/pledges/sections/": planning_office(200, 422),
    "staff/pledges/<int:pk>/": planning_office(200, 405),
    "staff/pledges/<int:pk>/initiatives/": planning_office(200, 422),
    "staff/pledges/<int:pk>/correct/": planning_office(200, 422),
    "staff/pledges/<int:pk>/end/": planning_office(200, 422),
    "staff/pledges/<int:pk>/move/": planning_office(200, 422),
    "staff/terms/begin/": planning_office(200, 422),
    "staff/terms/<int:pk>/": planning_office(200, 405),
    "staff/terms/<int:pk>/years/": planning_office(200, 422),
    "staff/terms/<int:pk>/scale/": planning_office(200, 200),
    "staff/terms/<int:pk>/former/": planning_office(200, 200),
    "staff/terms/<int:pk>/table/": planning_office(200, 422),
    "staff/terms/<int:pk>/table.xlsx": planning_office(200, 405),
    "staff/terms/<int:pk>/take-back/": planning_office(200, 422),
    "staff/people/": people_pages(200, 422),
    "staff/people/list.xlsx": people_pages(200, 405, planner=403),
    "staff/people/lists/": people_pages(200, 422, planner=403),
    "staff/people/lists/<slug:key>/": people_pages(200, 422, planner=403),
    "staff/people/slips/<slug:batch>/": people_pages(404, 405),  # somebody else's: tests/staff/people_pages
    "staff/invitation/": open_to_all(200, 422),
    "staff/login/provider/": open_to_all(302, 403),  # there is none; what it lets in: tests/staff/sign_in
    "staff/login/proxy/": open_to_all(302, 403),
    "staff/login/provider/back/": lambda role, method: (
        405 if method == "POST" else 403 if role == "anonymous" else 302
    ),
    "staff/login/second/": lambda role, method: (
        302 if role != "anonymous" or method == "GET" else 403  # no login waits
    ),
    "staff/second-factor/": everyone(404, 404),  # nobody has one
    "staff/second-factor/codes/": everyone(302, 302),
    "staff/forgotten/": open_to_all(200, 409),  # no mail is set up
    "staff/reports/<int:pk>/table/": planning_office(200, 405),
    "staff/reports/<int:pk>/table.pdf": planning_office(302, 405),  # it is being made
    "staff/reports/<int:pk>/table.xlsx": planning_office(200, 405),
    "staff/rounds/<int:pk>/decision/": planning_office(200, 405),
    "staff/rounds/<int:pk>/decision.pdf": planning_office(302, 405),
    "staff/rounds/<int:pk>/decision.xlsx": planning_office(200, 405),
}


DOCUMENT = "staff/reorganisations/<int:pk>/"
REORGANISATION_PAGES: dict[str, Callable[[str, str], int]] = {
    "staff/reorganisations/": keepers(200, 422),
    DOCUMENT: keepers(200, 200),
    f"{DOCUMENT}add/<slug:kind>/": keepers(200, 422),
    f"{DOCUMENT}steps/<int:number>/": keepers(200, 422),
    f"{DOCUMENT}steps/<int:number>/choices/": keepers(200, 409),
    f"{DOCUMENT}choices.xlsx": keepers(200, 405),
    f"{DOCUMENT}choices/": keepers(405, 409),
}
# Held by tests/staff/sheets/test_permissions.py.
SHEET_ROUTES = {
    *("staff/rounds/<int:pk>/sheets/", "staff/rounds/<int:pk>/sheet.xlsx"),
    *("staff/sheets/<slug:key>/", "staff/sheets/<slug:key>/errors.xlsx"),
}
# An upload of the planner's: nobody else has it. What the pages do is asked in tests/staff/tables.
TABLE_PAGES: dict[str, tuple[int, int]] = {
    "staff/tables/<slug:key>/": (200, 400),
    "staff/tables/<slug:key>/layout.json": (200, 405),
    "staff/tables/<slug:key>/check/": (200, 422),
}
# What stands in the place of each argument of a previewed page.
PREVIEWED = {
    "<date:as_of>": "2024-03-31", "<int:edition>": "1", "<pledge:key>": "1-1-1", "<slug:code>": "001",
    "<str:code>": "2-2-3", "<int:number>": "4", "<str:file_name>": "x.csv", "<path:rest>": "nonsense",
    "<path:code>": "2-2-3",
}  # fmt: skip
PREVIEW_ROUTES = [route for route in STAFF_ROUTES if route.startswith("staff/rounds/<int:pk>/preview/")]
TABLE_PREVIEW = "staff/tables/<slug:table>/preview/"
TABLE_PREVIEW_ROUTES = [route for route in STAFF_ROUTES if route.startswith(TABLE_PREVIEW)]
ROW_ROUTES = {f"staff/actions/<int:pk>/{rest}" for rest in ROW_PAGES.values()}


NO_ROWS = pack([["CSV", {}, []]])  # of a list of people


@pytest.mark.parametrize("route", OTHER_PAGES)
def test_pages_of_rounds(year: Year, route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Who gets it is asked here, not what is in it.
    monkeypatch.setattr(pdf, "write_pdf", lambda *_arguments: b"%PDF-")
    pk = (
        year.action.initiative_id
        if route.startswith("staff/initiatives")
        else year.action.initiative.pledge_id
        if "pledges" in route
        else some_pk("report")
        if "reports" in route
        else year.round.manifesto_id
        if "terms" in route
        else year.round.pk
    )
    path = "/" + route.replace("<int:pk>", str(pk))
    path += "?manifesto=2021" if route.endswith("sections/") else ""
    if "<slug:" in route:
        key = PeopleList.objects.create(owner=year.cast.administrator, fiscal_year=2024, rows=NO_ROWS).key
        path = re.sub("<slug:[a-z]+>", key, path)
    cells = list(product(ROLES, ("GET", "POST")))
    wanted = {cell: OTHER_PAGES[route](*cell) for cell in cells}
    assert {
        (role, method): answer(browser(year.cast, role), path, method, {"act": "nonsense"})
        for role, method in cells
    } == wanted


@pytest.mark.parametrize("route", REORGANISATION_PAGES)
def test_pages_of_reorganisations(space: Workspace, route: str) -> None:
    step = {"kind": "split", "departments": ["001"], "successors": ["002", "003"]}
    document = Reorganisation.objects.create(fiscal_year=2025, steps=[step])
    values = {"<int:pk>": document.pk, "<int:number>": 1, "<slug:kind>": "rename"}
    path = "/" + reduce(lambda text, each: text.replace(each, str(values[each])), values, route)
    rule = REORGANISATION_PAGES[route]
    for role, method in product(ROLES, ("GET", "POST")):
        wanted = 405 if method == "GET" and rule("planner", "GET") == 405 and role != "anonymous" else None
        found = answer(browser(space.cast, role), path, method, {"act": "nonsense"})
        assert found == (wanted or rule(role, method)), (role, method)


def test_every_page_of_the_preview_is_the_planning_office_s(year: Year) -> None:
    """What it shows them is asked in tests/staff/rounds/test_preview.py."""
    roles = ("anonymous", "clerk", "administrator")
    clients = {role: browser(year.cast, role) for role in (*roles, "planner")}
    found = {}
    for route in PREVIEW_ROUTES:
        path = "/" + route.replace("<int:pk>", str(year.round.pk))
        for argument, value in PREVIEWED.items():
            path = path.replace(argument, value)
        assert "<" not in path
        refusals = [answer(clients[role], path, "GET", {}) for role in roles]
        found[route] = [*refusals, answer(clients["planner"], path, "POST", {})]
    assert set(map(tuple, found.values())) == {(302, 404, 403, 405)}
    assert len(found) > 40


@pytest.mark.parametrize("route", TABLE_PAGES)
def test_pages_of_an_uploaded_table(year: Year, route: str) -> None:
    path = "/" + route.replace("<slug:key>", planners_table(year))
    for role, method in product(ROLES, ("GET", "POST")):
        get, post = TABLE_PAGES[route]
        wanted = {"anonymous": (302, 401), "planner": (get, post)}.get(
            role, (404, 405 if post == 405 else 404)
        )
        found = answer(browser(year.cast, role), path, method, {"act": "nonsense"})
        assert found == wanted[method == "POST"], (role, method)


def test_every_page_that_shows_a_table_before_it_is_loaded_is_its_owner_s(year: Year) -> None:
    """What it shows them is asked in tests/staff/tables."""
    roles = ("anonymous", "clerk", "administrator", "second_planner")
    clients = {role: browser(year.cast, role) for role in (*roles, "planner")}
    key, found = planners_table(year), {}
    for route in TABLE_PREVIEW_ROUTES:
        path = "/" + route.replace("<slug:table>", key)
        for argument, value in PREVIEWED.items():
            path = path.replace(argument, value)
        assert "<" not in path
        refusals = [answer(clients[role], path, "GET", {}) for role in roles]
        found[route] = [*refusals, answer(clients["planner"], path, "POST", {})]
    assert set(map(tuple, found.values())) == {(302, 404, 404, 404, 405)}
    assert len(found) > 40


def planners_table(year: Year) -> str:
    """The key of a table that the planner has uploaded."""
    return uploads.receive_table(small_text().encode(), file_name="表.txt", by=year.cast.planner).key


# --- the admin's pages ------------------------------------------------------------------------------------
MASTER = {"city", "manifesto", "category", "pledge", "initiative", "planproject", "extracolumn", "department"}
MASTER |= {"indicator", "synonym"}
PEOPLE = {"user"}
RECORDS = {"event", "yearlyaction", "reportinground", "report"}  # read only
MODEL = re.compile(r"staff/tracker/(?P<model>[a-z]+)/(?P<rest>.*)")
COMMON = {
    "staff/login/": 200, "staff/logout/": 405, "staff/jsi18n/": 200,
    "staff/password_change/": 200, "staff/password_change/done/": 200,
}  # fmt: skip
# Answered with 403 or 404 for departments; looked at one by one in tests/staff/master.
FOR_KEEPERS = {"staff/autocomplete/", "staff/^(?P<app_label>tracker)/$"}
NOWHERE = {"staff/(?P<url>.*)$", "staff/r/<path:content_type_id>/<path:object_id>/"}


def model_route(route: str) -> tuple[str, str] | None:
    found = MODEL.fullmatch(route)
    return (found["model"], found["rest"]) if found and found["model"] in MASTER | PEOPLE | RECORDS else None


def test_every_address_has_a_rule() -> None:
    known = (
        {*OTHER_PAGES, *REORGANISATION_PAGES, *PREVIEW_ROUTES, *TABLE_PAGES, *TABLE_PREVIEW_ROUTES}
        | ROW_ROUTES
        | SHEET_ROUTES
        | set(COMMON)
        | FOR_KEEPERS
        | NOWHERE
    )
    unknown = [route for route in STAFF_ROUTES if route not in known and model_route(route) is None]
    assert unknown == []


def may_keep(role: str, model: str) -> bool:
    return role == "administrator" or (role in PLANNING and model not in PEOPLE)


ADMIN_ROUTES = [route for route in STAFF_ROUTES if model_route(route)]


@pytest.mark.parametrize("role", ["anonymous", "stranger", "clerk", "planner", "administrator"])
def test_the_admins_pages_are_for_keepers_only(year: Year, role: str) -> None:
    client = browser(year.cast, role)
    found, wanted = {}, {}
    for route in ADMIN_ROUTES:
        model, rest = model_route(route) or ("", "")
        path = "/" + route.replace("<path:object_id>", str(some_pk(model))).replace(
            "<id>", str(some_pk(model))
        )
        allowed = may_keep(role, model)
        for method in ("GET", "POST"):
            status = answer(client, path, method, {})
            found[route, method] = status
            if role == "anonymous":
                wanted[route, method] = 302 if method == "GET" else 401
            elif rest == "<path:object_id>/":
                wanted[route, method] = 302  # leads to an address with a rule of its own
            elif not allowed:
                wanted[route, method] = status if status in {403, 404} else 403
            else:
                wanted[route, method] = (
                    status if status < 500 and (status != 403 or is_closed(model, rest)) else 200
                )
    assert found == wanted
    if role in DEPARTMENT:
        assert set(found.values()) <= {403, 404, 302}


def is_closed(model: str, rest: str) -> bool:
    """What even a keeper may not do: write records; delete a person."""
    return model in RECORDS or "delete" in rest or "add" in rest or "import" in rest


def some_pk(model: str) -> int:
    from django.apps import apps

    return apps.get_model("tracker", model)._default_manager.order_by("pk").values_list("pk", flat=True)[0]


@pytest.mark.parametrize("route", COMMON)
def test_common_pages(year: Year, route: str) -> None:
    for role in ROLES:
        status = answer(browser(year.cast, role), f"/{route}", "GET", {})
        if role == "anonymous":
            assert status == (200 if route == "staff/login/" else 302)
        else:
            assert status == (302 if route == "staff/login/" else COMMON[route]), role


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_other_method_does_anything(year: Year, method: str) -> None:
    version = year.action.version
    for rest in ROW_PAGES.values():
        status = getattr(logged_in(year.cast.planner), method)(
            f"/staff/actions/{year.action.pk}/{rest}"
        ).status_code
        assert status == 405
    assert YearlyAction.objects.get(pk=year.action.pk).version == version

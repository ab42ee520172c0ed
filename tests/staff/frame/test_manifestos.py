"""Where two manifestos could be meant, every page says which and leads to the other. Alone, it is unnamed."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tests.staff.people import logged_in
from tests.staff.test_permission_matrix import (
    ADMIN_ROUTES,
    OTHER_PAGES,
    ROW_ROUTES,
    SHEET_ROUTES,
    model_route,
)
from tests.two_manifestos import NEW, OLD, TwoManifestos
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.cycle import manifestos
from tracker.models import (
    Category,
    ExtraColumn,
    Indicator,
    Manifesto,
    PlanProject,
    Pledge,
    Report,
    ReportingRound,
    YearlyAction,
)

HERE = re.compile(r'<nav class="manifesto-here".*?</nav>', re.DOTALL)
# Which things an address of a kind names.
OWN: dict[str, Callable[[Workspace], int]] = {
    "staff/rounds/": lambda space: space.round.pk,
    "staff/actions/": lambda space: space.row().pk,
    "staff/pledges/": lambda space: Pledge.objects.get(section__manifesto=space.manifesto).pk,
    "staff/initiatives/": lambda space: space.row().initiative_id,
    "staff/terms/": lambda space: space.manifesto.pk,
    "staff/reports/": lambda space: Report.objects.get(manifesto=space.manifesto).pk,
}
ADMIN_OWN: dict[str, Callable[[Workspace], int]] = {
    "category": lambda space: Category.objects.filter(manifesto=space.manifesto).first().pk,  # type: ignore[union-attr]
    "pledge": OWN["staff/pledges/"],
    "initiative": OWN["staff/initiatives/"],
    "extracolumn": lambda space: ExtraColumn.objects.get(manifesto=space.manifesto).pk,
    "indicator": lambda space: (
        Indicator.objects.get(initiative__pledge__section__manifesto=space.manifesto).pk
    ),
    "planproject": lambda space: PlanProject.objects.get(manifesto=space.manifesto).pk,
}
NOT_NAMED = {  # files
    *(
        "staff/rounds/<int:pk>/sheet.xlsx",
        "staff/rounds/<int:pk>/decision.pdf",
        "staff/rounds/<int:pk>/decision.xlsx",
        "staff/reports/<int:pk>/table.pdf",
        "staff/reports/<int:pk>/table.xlsx",
        "staff/terms/<int:pk>/table.xlsx",
    )
}


def text_of(client: Client, path: str) -> tuple[int, str]:
    answer = client.get(path, follow=True)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code, answer.content.decode() if is_page else ""


def pages(two: TwoManifestos) -> Iterator[tuple[str, str]]:
    """Address and the name of the manifesto that it is about, of all pages of one thing."""
    routes = [*OTHER_PAGES, *ROW_ROUTES, *(route for route in SHEET_ROUTES if "<int" in route)]
    for name, space in two.both:
        for route in sorted(set(routes) - NOT_NAMED):
            kind = next((kind for kind in OWN if route.startswith(kind) and "<int:pk>" in route), "")
            if kind and "/preview/" not in route:
                yield f"/{route.replace('<int:pk>', str(OWN[kind](space)))}", name
        for route in ADMIN_ROUTES:
            model, _rest = model_route(route) or ("", "")
            if model in ADMIN_OWN and "<" in route:
                yield "/" + re.sub("<[a-z:_]*>", str(ADMIN_OWN[model](space)), route), name


@pytest.mark.parametrize("role", ["clerk", "planner", "administrator"])
def test_every_page_of_one_thing_says_of_which_manifesto(two: TwoManifestos, role: str) -> None:
    client, seen = logged_in(getattr(two.old.cast, role)), set()
    for path, name in pages(two):
        status, source = text_of(client, path)
        if status == 200 and source and "errors.xlsx" not in path:
            here = HERE.findall(source)
            if path.endswith("/check/") or "resolve" in path or "take-back" in path:
                continue  # leads elsewhere in this state
            assert (path, [name in each for each in here]) == (path, [True])
            seen.add(path)
    assert len(seen) >= {"clerk": 6, "planner": 50, "administrator": 20}[role]


def switches(client: Client, path: str) -> list[tuple[str, str]]:
    """The ways to other manifestos that a page offers."""
    here = client.get(path).context["manifesto_here"]
    return list(here.others) if here else []


def test_each_kind_of_page_leads_to_the_same_of_the_other(two: TwoManifestos) -> None:
    client, old, new = logged_in(two.old.cast.planner), two.old, two.new
    pledge, end = OWN["staff/pledges/"](old), OWN["staff/initiatives/"](old)
    ways = {
        "/staff/": "/staff/?manifesto=2021",
        "/staff/?manifesto=2021": "/staff/?manifesto=2025",
        f"/staff/rounds/{old.round.pk}/": f"/staff/rounds/{new.round.pk}/",
        f"/staff/rounds/{old.last_round.pk}/settings/": f"/staff/rounds/{new.round.pk}/settings/",
        f"/staff/rounds/{new.round.pk}/publish/": f"/staff/rounds/{old.round.pk}/publish/",
        f"/staff/rounds/{new.round.pk}/sheets/": f"/staff/rounds/{old.round.pk}/sheets/",
        f"/staff/queue/?round={old.round.pk}": f"/staff/queue/?round={new.round.pk}",
        f"/staff/actions/{old.row().pk}/review/": f"/staff/queue/?round={new.round.pk}",
        f"/staff/terms/{old.manifesto.pk}/": f"/staff/terms/{new.manifesto.pk}/",
        f"/staff/pledges/{pledge}/": "/staff/pledges/?manifesto=2025",
        f"/staff/initiatives/{end}/end/": "/staff/pledges/?manifesto=2025",
        "/staff/pledges/add/?manifesto=2025": "/staff/pledges/add/?manifesto=2021",
        "/staff/rounds/open/?manifesto=2021": "/staff/rounds/open/?manifesto=2025",
        f"/staff/actions/{old.row().pk}/": "/staff/?manifesto=2025",
        f"/staff/tracker/pledge/{pledge}/change/": (
            f"/staff/tracker/pledge/?section__manifesto__id__exact={new.manifesto.pk}"
        ),
    }
    assert {path: [address for _name, address in switches(client, path)] for path in ways} == {
        path: [address] for path, address in ways.items()
    }
    assert switches(client, "/staff/pledges/") == []  # which has both


def test_a_clerk_is_led_to_rounds_with_own_rows_only(two: TwoManifestos) -> None:
    new, rows = two.new, YearlyAction.objects.filter(round=two.new.round)
    client, own = logged_in(two.old.cast.clerk), f"/staff/actions/{two.old.row(3).pk}/"
    assert switches(client, own) == [(NEW, f"/staff/#round-{new.round.pk}")]
    sheets = f"/staff/rounds/{two.old.round.pk}/sheets/"
    assert switches(client, sheets) == [(NEW, f"/staff/rounds/{new.round.pk}/sheets/")]
    for row in rows:
        row.initiative.assignments.all().delete()
    assert (switches(client, own), switches(client, sheets)) == ([], [])


def test_a_manifesto_without_a_round_is_switched_to_at_home(two: TwoManifestos) -> None:
    Manifesto.objects.create(slug="2029", title="さらに先の約束", first_fiscal_year=2029)
    client = logged_in(two.old.cast.planner)
    found = dict(switches(client, f"/staff/rounds/{two.old.round.pk}/"))
    assert found["さらに先の約束"] == "/staff/?manifesto=2029"
    home = client.get("/staff/?manifesto=2029").content.decode()
    later = Manifesto.objects.get(slug="2029")
    assert f'<a class="button-like" href="/staff/terms/{later.pk}/">任期の準備を続ける</a>' in home
    assert f"{OLD} 令和6年度（2024年度）（受付中、承認待ち 1件）" in " ".join(home.split())


def test_a_manifesto_that_is_alone_is_not_named(space: Workspace) -> None:
    row = space.row()
    paths = ["/staff/", "/staff/queue/", "/staff/rounds/", "/staff/pledges/", f"/staff/actions/{row.pk}/"]
    paths += [f"/staff/rounds/{space.round.pk}/{rest}" for rest in ("", "settings/", "sheets/", "publish/")]
    paths += ["/staff/tracker/pledge/", f"/staff/tracker/pledge/{row.initiative.pledge_id}/change/"]
    paths += ["/staff/tracker/event/", "/staff/tracker/pledge/export/"]
    for role in ("clerk", "planner", "administrator"):
        client = logged_in(getattr(space.cast, role))
        for path in paths:
            source = client.get(path).content.decode()
            assert "manifesto-here" not in source, path
            assert "に切り替える" not in source, path
    assert "manifesto_name" not in logged_in(space.cast.planner).get(paths[-4]).content.decode()
    assert (manifestos.names(), manifestos.beside(space.manifesto.pk)) == ({}, "")


@pytest.mark.parametrize("path", ["/staff/", "/staff/pledges/", "/staff/pledges/add/", "/staff/rounds/open/"])
def test_a_name_that_no_manifesto_has_is_not_there(space: Workspace, path: str) -> None:
    client = logged_in(space.cast.planner)
    assert client.get(f"{path}?manifesto=2021").status_code == 200
    assert client.get(f"{path}?manifesto=2099").status_code == 404


def about(two: TwoManifestos) -> str:
    """The manifesto that the planning office's home is about, when nobody asks for one."""
    name: str = logged_in(two.old.cast.planner).get("/staff/").context["manifesto_here"].name
    return name


def test_home_is_about_the_manifesto_that_is_written_for_then_under_way_then_the_newest(
    two: TwoManifestos,
) -> None:
    of = ReportingRound.objects.filter
    assert about(two) == NEW
    of(pk=two.new.round.pk).update(state=RoundState.CLOSED)
    assert about(two) == OLD
    of(pk=two.old.round.pk).update(state=RoundState.PUBLISHED)
    assert about(two) == NEW
    of(pk=two.new.round.pk).update(state=RoundState.PUBLISHED)
    of(pk=two.old.round.pk).update(state=RoundState.CORRECTING)
    assert about(two) == OLD
    of(pk=two.old.round.pk).update(state=RoundState.PUBLISHED)
    assert about(two) == NEW

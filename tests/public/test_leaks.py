"""Nothing that is not published is ever shown: by walking everything, and by looking at the code."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from tests.public.conftest import Site
from tests.public.open_data.reading import ENDINGS, ENDINGS_OF_ALL, TABLES, file_name
from tests.the_city import write_city
from tracker.choices import ActionState
from tracker.models import (
    Category,
    Department,
    ExtraColumn,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    Report,
    User,
    YearlyAction,
)

PUBLIC = Path(settings.BASE_DIR) / "tracker" / "public"
WORKSPACE = {
    f"tracker.models.{name}"
    for name in ("catalogue", "extra_columns", "indicators", "organisation", "reporting")
}
PUBLISHED = {"EntryIndex", "Report", "ReportEntry"}
CITY = {"city", "city.CityFacts", "city.public_city_now"}  # who publishes; of its office, nothing is read
SEARCHED = {"synonyms", "synonyms.groups_now", "synonyms.search_for"}  # what searches take for the same
FOLLOWED = r"\.manifesto\b(?!_)|\.office\b|\bplanning_office"


@pytest.fixture
def poisoned(demo: Report, db: None) -> None:
    """A workspace in which everything was changed after the publication and nothing of it approved."""
    Manifesto.objects.update(title="LEAK-manifesto")
    Category.objects.update(name="LEAK-category")
    Pledge.objects.update(text="LEAK-pledge", number_label="LEAK")
    PlanProject.objects.update(name=Concat(Value("LEAK-plan "), "name"))
    Rating.objects.update(label="LEAK-rating", definition="LEAK-definition")
    for department in Department.objects.all():
        Department.objects.filter(pk=department.pk).update(name=f"LEAK-department-{department.code}")
    YearlyAction.objects.update(
        result="LEAK-result",
        plan="LEAK-plan",
        rating_reason="LEAK-reason",
        state=ActionState.RETURNED,
        return_reason="LEAK-return",
        is_imported=False,
    )
    round = Manifesto.objects.get().rounds.create(fiscal_year=2024, as_of=date(2025, 3, 31))
    pledge = Pledge.objects.order_by("pk")[0]
    initiative = Initiative.objects.create(pledge=pledge, position=99, first_fiscal_year=2021)
    YearlyAction.objects.create(
        initiative=initiative, round=round, result="LEAK-new", return_reason="LEAK-return"
    )
    for code, label, is_public in (("x1", "LEAK-column", False), ("x2", "LEAK-public", True)):
        ExtraColumn.objects.create(
            manifesto=round.manifesto, position=code[1:], code=code, label=label, is_public=is_public
        )
    YearlyAction.objects.update(extra_values={"x1": "LEAK-internal", "x2": "LEAK-value"})
    User.objects.create(username="LEAK-user", first_name="LEAK-person")
    write_city(office_name="LEAK-office", office_telephone="LEAK-telephone", office_mail="LEAK@example.jp")


def crawl(site: Site, begin: str) -> dict[str, bytes]:
    """Every internal address that can be reached by links, without query strings, with what it answers; of
    the single pledges, departments and plans each third one.
    """
    found: dict[str, bytes] = {}
    waiting = [begin]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        answer = site.get(address)
        assert answer.status_code == 200, address
        found[address] = answer.content
        if answer["Content-Type"].startswith("text/html"):
            links = re.findall(r'(?:href|action|data-index)="(/[^"#?]*)', answer.content.decode())
            waiting += [link for link in links if not link.startswith("/static/") and not left_out(link)]
    return found


def left_out(link: str) -> bool:
    """A dated address of a pledge, department, goal or plan: the same rows as at the latest address. Of the
    latest ones two thirds.
    """
    if link == "/2021/pledges/list.json":
        return False
    single = re.search(r"/(pledges|departments|sdgs|plans)/.", link) is not None
    return single and ("/reports/" in link or sum(link.encode()) % 3 > 0)


def assert_complete(found: dict[str, bytes]) -> None:
    """The walk must have seen every kind of page, or it proves nothing."""
    single = re.compile(r"/(pledges|departments|sdgs|plans)/(?:page/)?[^/]+?(/|\.json)$")
    kinds = {single.sub(r"/\1/*\2", address) for address in found}
    base = (
        "",
        "pledges/",
        "pledges/*/",
        "pledges/*.json",
        "departments/",
        "departments/*/",
        "sdgs/",
        "sdgs/*/",
        "plans/",
        "plans/*/",
        "ratings/",
        "changes/",
        "easy/",
        "english/",
    )
    tables = (*TABLES, "summary")
    files = {f"/2021/data/{file_name(table, ending)}" for table in tables for ending in ENDINGS}
    files |= {f"/2021/data/{file_name('all', ending)}" for ending in ENDINGS_OF_ALL}
    files |= {f"/2021/data/{file_name('table', '.xlsx')}"}  # the published table
    expected = {
        "/",
        "/accessibility/",
        "/2021/reports/",
        "/2021/data/",
        "/2021/data/catalog.jsonld",
        "/2021/reports/2024-03-31/data/",
        "/2021/reports/2024-03-31/data/catalog.jsonld",
        "/2021/reports/2024-03-31/editions/1/data/",
        "/2021/reports/2024-03-31/editions/1/data/catalog.jsonld",
        "/2021/feed.atom",
        *files,
        *(f"/2021/{path}" for path in base),
    }
    dated = ("/2021/reports/2024-03-31/", "/2021/reports/2024-03-31/editions/1/")
    pinned_bases = {address + path for address in dated for path in base if "*" not in path}
    # Nothing links a first report's changes, for there are none; test_scope asks for them.
    assert kinds == {address for address in expected | pinned_bases if not address.endswith("/changes/")}
    assert len([address for address in found if re.fullmatch(r"/2021/pledges/[^/]+/", address)]) > 40


def test_no_page_and_no_file_shows_the_workspace(site: Site, poisoned: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = crawl(site, "/")
    assert_complete(found)
    assert [address for address, content in found.items() if b"LEAK" in content] == []
    asked = " ".join(query["sql"] for query in queries)
    tables = set(re.findall(r'"(tracker_\w+|auth_\w+|django_\w+)"', asked))
    reports = {"tracker_entryindex", "tracker_report", "tracker_reportentry"}
    assert tables == reports | {"tracker_city", "tracker_sitecontact", "tracker_synonym"}
    assert re.findall(r'"office_\w+"', asked) == []


def test_search_does_not_find_the_workspace(site: Site, poisoned: None) -> None:
    assert site.page("/2021/pledges/", {"q": "leak"}).one("p", "result-count").text == "207件中 0件の取組"


def imports(path: Path) -> set[str]:
    """Every module and name that a file imports, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


@pytest.mark.parametrize(
    "path",
    [*sorted(PUBLIC.rglob("*.py")), *sorted((PUBLIC.parent / "templatetags").glob("*.py"))],
    ids=lambda p: p.stem,
)
def test_public_module_imports_no_workspace(path: Path) -> None:
    named = {
        name.removeprefix("tracker.models.") for name in imports(path) if name.startswith("tracker.models.")
    }
    allowed = {
        *PUBLISHED,
        *CITY,
        *SEARCHED,
        "OriginalFile",  # of which a page gives what a report names (tests/public/test_original.py)
        "publication",
        *(
            f"publication.{name}"
            for name in ("LIST_FIELDS", "ReportEntryQuerySet", "ReportQuerySet", *PUBLISHED)
        ),
    }
    assert named - allowed == set()
    assert imports(path) & WORKSPACE == set()
    assert {
        name
        for name in imports(path)
        if name.startswith(("tracker.loading", "tracker.events", "django.apps"))
    } == set()


def test_public_code_follows_no_relation_to_the_workspace() -> None:
    """`report.manifesto` would lead from a report back into the workspace; `city.office` is the staff's."""
    templates = Path(settings.BASE_DIR) / "templates"
    public = [path for path in templates.rglob("*.html") if path.relative_to(templates).parts[0] != "staff"]
    places = [*PUBLIC.rglob("*.py"), *public]
    assert [path.name for path in places if re.search(FOLLOWED, path.read_text())] == []

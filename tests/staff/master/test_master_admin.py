"""What all pages of master data share: who may, events, deletions, and the number of queries."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.public.markup import parse
from tests.staff.master.browsing import KEPT, RECORDS, form_of, page, refused, save
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import EventKind, Role
from tracker.cycle import catalogue, events
from tracker.models import (
    Assignment,
    Category,
    Department,
    DepartmentSuccession,
    Event,
    Initiative,
    Manifesto,
    Membership,
    PlanProject,
    Pledge,
    Rating,
    User,
    YearlyAction,
)
from tracker.reports import publishing
from tracker.staff.master import in_reports


def all_pages(*models: type[Model]) -> Iterator[str]:
    for model in models:
        pk = model._default_manager.values_list("pk", flat=True)[0]
        yield page(model)
        if model in RECORDS:
            continue
        for name in ("add", "import", "export") if model not in (Manifesto, User) else ("add",):
            yield page(model, name)
        for name in ("change", "delete", "history") if model is not User else ("change", "history"):
            yield page(model, name, pk)


def statuses(client: Client, addresses: Iterator[str]) -> set[int]:
    return {client.get(address).status_code for address in addresses}


@pytest.mark.parametrize(
    ("name", "kept", "people"),
    [
        ("clerk", 403, 403),
        ("stranger", 403, 403),
        ("planner", 200, 403),
        ("administrator", 200, 200),
        (None, 302, 302),
    ],
)
def test_pages_by_role(
    space: Workspace, project: PlanProject, name: str | None, kept: int, people: int
) -> None:
    client = logged_in(getattr(space.cast, name)) if name else Client()
    assert statuses(client, all_pages(*KEPT, *RECORDS)) == {kept}
    assert statuses(client, all_pages(User)) == {people}
    assert client.get("/staff/tracker/").status_code == kept


def test_nothing_is_written_without_permission(space: Workspace, project: PlanProject) -> None:
    before, client = Event.objects.count(), logged_in(space.cast.clerk)
    sent = {"post": "yes", "name": "x", "manifesto": project.manifesto_id}
    for address in (
        page(PlanProject, "add"),
        page(PlanProject, "change", project.pk),
        page(PlanProject, "delete", project.pk),
    ):
        assert client.post(address, sent).status_code == 403
    assert logged_in(space.cast.planner).post(page(User, "add"), {}).status_code == 403
    assert Event.objects.count() == before


def test_index_explains_each_kind(planner: Client) -> None:
    groups = planner.get("/staff/tracker/").context["master_groups"]
    names = [[model["object_name"] for model in models] for _name, models in groups]
    assert names == [
        ["City", "Synonym"],
        ["Manifesto", "Category", "Pledge", "Initiative", "Indicator", "PlanProject", "ExtraColumn"],
        ["Department"],
        ["ReportingRound", "YearlyAction", "Report", "Event"],
    ]
    assert all(model["explained"] for _name, models in groups for model in models)


def test_labels_are_japanese(administrator: Client, space: Workspace) -> None:
    names = set(vars(space.cast))
    tags = "label|th|legend|h1|h2|button|dt"
    for address in all_pages(*KEPT, User):
        source = administrator.get(address).content.decode()
        labels = re.findall(rf"<(?:{tags})\b[^>]*>(.*?)</(?:{tags})>", source, re.S)
        words = [re.sub(r"<[^>]+>", " ", label).strip() for label in labels]
        english = [word for word in words if re.fullmatch(r"[A-Za-z][A-Za-z _?.:-]{2,}", word)]
        assert [word for word in english if word not in names] == [], address


# Deleting


def test_what_is_referred_to_is_not_deleted(planner: Client, space: Workspace, project: PlanProject) -> None:
    initiative = space.row().initiative
    pledge = initiative.pledge
    for thing in (initiative, pledge, pledge.section, space.mine, project, space.manifesto):
        address = page(type(thing), "delete", thing.pk)
        shown, sent = planner.get(address), planner.post(address, {"post": "yes"})
        assert "使われているので、削除できません" in shown.content.decode(), thing
        assert sent.status_code == 200
        assert type(thing)._default_manager.filter(pk=thing.pk).exists()


def test_a_pledge_that_a_report_tells_without_an_initiative_stays(planner: Client, space: Workspace) -> None:
    field = space.row().initiative.pledge.section.parent
    section = Category.objects.create(manifesto=space.manifesto, parent=field, number=2, name="川")
    river = Pledge.objects.create(section=section, position=1, text="川を守ります")
    publishing.publish(space.round, by="企画", unapproved_reason="間に合わないため")
    address = page(Pledge, "delete", river.pk)
    planner.post(address, {"post": "yes"})
    assert "取組のない公約として載っています" in planner.get(address).content.decode()
    assert Pledge.objects.filter(pk=river.pk).exists()
    assert [in_reports.shows(each) for each in (river, section)] == [True, True]
    form = planner.get(page(Pledge, "change", river.pk)).context["adminform"]
    assert set(form.readonly_fields) >= {"section", "position"}
    assert catalogue.why_taken(section, 1) != ""
    Pledge.objects.filter(pk=river.pk).delete()  # as an older release let it be
    assert catalogue.next_position(section) == 2


def test_what_is_not_referred_to_is_deleted_with_an_event(planner: Client, space: Workspace) -> None:
    unused = PlanProject.objects.create(manifesto=space.manifesto, code="9-9-9", name="使われない事業")
    assert planner.post(page(PlanProject, "delete", unused.pk), {"post": "yes"}).status_code == 302
    event = Event.objects.latest("number")
    assert (event.subject, event.content["act"]) == (f"planproject:{unused.pk}", "削除")
    assert event.content["changes"]["name"] == ["使われない事業", None]
    assert not PlanProject.objects.filter(pk=unused.pk).exists()


def test_a_rating_in_use_stays(planner: Client, space: Workspace) -> None:
    address = page(Manifesto, "change", space.manifesto.pk)
    assert "保護された" in refused(planner, address, **{"ratings-1-DELETE": "on"})
    save(planner, address, **{"ratings-0-code": "S", "ratings-0-label": "完了"})
    first = Rating.objects.order_by("position")[0]
    assert (first.code, first.label) == ("A", "完了")


# Events


def test_a_change_is_one_event_with_values(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    assignment, before = initiative.assignments.get(), Event.objects.count()
    address = page(Initiative, "change", initiative.pk)
    save(planner, address, first_fiscal_year=2020, **{"assignments-0-to_fiscal_year": 2030})
    event = Event.objects.latest("number")
    assert Event.objects.count() == before + 1
    told = (event.kind, event.subject, event.actor)
    assert told == (EventKind.CATALOGUE, f"initiative:{initiative.pk}", space.cast.planner.signature)
    was = {
        "initiative": str(initiative),
        "department": space.mine.name,
        "position": 1,
        "from_fiscal_year": None,
    }
    assert event.content == {
        "act": "変更",
        "model": "取組",
        "name": str(initiative),
        "manifesto": "2021",
        "place": "1-1-1-1",
        "changes": {
            "first_fiscal_year": [2021, 2020],
            f"assignments:{assignment.pk}": [
                {**was, "to_fiscal_year": None},
                {**was, "to_fiscal_year": 2030},
            ],
        },
    }
    assert events.first_break(Event.objects.order_by("number")) is None
    history = planner.get(page(Initiative, "history", initiative.pk)).content.decode()
    assert "始まりの年度" in history
    assert space.cast.planner.signature in history


def test_saving_without_a_change_is_no_event(administrator: Client, space: Workspace) -> None:
    before, initiative = Event.objects.count(), space.row().initiative
    for thing in (initiative, space.mine, space.cast.clerk, space.manifesto, initiative.pledge):
        save(administrator, page(type(thing), "change", thing.pk))
    assert Event.objects.count() == before


def test_no_change_without_its_event(
    planner: Client, project: PlanProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the chain cannot be written")

    monkeypatch.setattr(events, "record_all", fail)
    with pytest.raises(RuntimeError):
        save(planner, page(PlanProject, "change", project.pk), name="別の名前")
    assert PlanProject.objects.get(pk=project.pk).name == project.name
    unused = PlanProject.objects.create(manifesto=project.manifesto, name="使われない事業")
    with pytest.raises(RuntimeError):
        planner.post(page(PlanProject, "delete", unused.pk), {"post": "yes"})
    assert PlanProject.objects.filter(pk=unused.pk).exists()


def test_a_change_over_somebody_elses_is_refused_once_and_keeps_what_was_typed(
    planner: Client, space: Workspace
) -> None:
    pledge = space.row().initiative.pledge
    address = page(Pledge, "change", pledge.pk)
    form = parse(planner.get(address).content.decode()).one("form", "admin-form")
    fields = {
        each.attributes["name"]: each.attributes.get("value", "")
        for each in form.all("input")
        if each.attributes.get("name")
    }
    fields |= {area.attributes["name"]: area.raw_text.removeprefix("\n") for area in form.all("textarea")}
    Pledge.objects.filter(pk=pledge.pk).update(text="ほかの人が直した公約")
    mine = fields | {"text": "わたしが直した公約"}
    shown = parse(planner.post(address, mine).content.decode())
    assert "ほかの人がこのデータを変えました" in shown.one("div", "notice-error").text
    assert "わたしが直した公約" in shown.one("form", "admin-form").text
    assert Pledge.objects.get(pk=pledge.pk).text == "ほかの人が直した公約"
    again = {
        each.attributes["name"]: each.attributes.get("value", "")
        for each in shown.all("input")
        if each.attributes.get("name") == "seen"
    }
    assert planner.post(address, mine | again).status_code == 302
    assert Pledge.objects.get(pk=pledge.pk).text == "わたしが直した公約"


@pytest.mark.parametrize("character", ["\0", "\x01", "\x7f", "\ufffe", "\uffff"])
def test_a_control_character_is_refused_beside_its_field(
    planner: Client, space: Workspace, character: str
) -> None:
    pledge, rating = space.row().initiative.pledge, space.manifesto.ratings.all()[0]
    said = refused(planner, page(Pledge, "change", pledge.pk), text=f"よい{character}公約")
    assert said.count("使えない文字（制御文字）が入っています") >= 1
    said = refused(
        planner, page(Manifesto, "change", space.manifesto.pk), **{"ratings-0-label": f"達{character}成"}
    )
    assert said.count("使えない文字（制御文字）が入っています") >= 1
    pledge.refresh_from_db()
    rating.refresh_from_db()
    assert [character in text for text in (pledge.text, rating.label)] == [False, False]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\v", "\u2028"])
def test_a_line_break_is_refused_in_a_name_only(planner: Client, space: Workspace, line_break: str) -> None:
    words, department = "1 行で書く欄です。途中の改行を消してください。", space.cast.clerk.departments.get()
    typed = f"総務{line_break}Bcc: x@example.jp"
    assert words in refused(planner, page(Department, "change", department.pk), name=typed)
    pledge = page(Pledge, "change", space.row().initiative.pledge_id)
    assert (
        planner.post(pledge, form_of(planner, pledge) | {"text": f"よい{line_break}公約"}).status_code == 302
    )


@pytest.mark.parametrize("first", ["0", "205", "9999", "20255", "32767"])
def test_a_year_that_is_a_slip_of_the_finger_is_an_error(
    administrator: Client, space: Workspace, first: str
) -> None:
    """A manifesto that began in 9999 would leave the page that opens a round without a next year to offer."""
    words = ["西暦 4 桁で書いてください（例：2024）。"]
    address = page(Manifesto, "add")
    sent = {"title": "市長マニフェスト", "first_fiscal_year": first, "slug": "x"}
    response = administrator.post(address, form_of(administrator, address) | sent)
    assert response.context["adminform"].form.errors == {"first_fiscal_year": words}
    address = page(Initiative, "change", space.row().initiative_id)
    told = administrator.get(address).content.decode()
    assert '<span class="note">令和3年度</span>' in told  # beside a year in figures what the site calls it
    fields = form_of(administrator, address) | {"assignments-0-from_fiscal_year": first}
    formset = administrator.post(address, fields).context["inline_admin_formsets"][0].formset
    assert formset.errors[0] == {"from_fiscal_year": words}


# Query counts


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_lists_take_a_constant_number_of_queries(administrator: Client, space: Workspace) -> None:
    addresses = [page(model) for model in (*KEPT, User, *RECORDS)]
    few = {address: count_queries(administrator, f"{address}?o=1") for address in addresses}
    section = space.row().initiative.pledge.section
    for number in range(30):
        department = Department.objects.create(code=f"x{number}", name=f"追加課{number}")
        DepartmentSuccession.objects.create(predecessor=department, successor=space.mine, fiscal_year=2024)
        project = PlanProject.objects.create(manifesto=space.manifesto, code=f"9-9-{number}", name="事業")
        Category.objects.create(
            manifesto=space.manifesto, parent=section.parent, number=50 + number, name="追加"
        )
        pledge = Pledge.objects.create(section=section, position=50 + number, text="追加の公約")
        initiative = Initiative.objects.create(pledge=pledge, position=1, first_fiscal_year=2024)
        initiative.plan_projects.add(project)
        Assignment.objects.create(initiative=initiative, department=department)
        YearlyAction.objects.create(initiative=initiative, round=space.round)
        Membership.objects.create(user=person(f"u{number}", Role.DEPARTMENT), department=department)
        events.record(by="test", kind=EventKind.CATALOGUE, subject=f"pledge:{pledge.pk}")
    many = {address: count_queries(administrator, f"{address}?o=1") for address in addresses}
    few[page(Event)] += 1  # the names that those events, which have none, lack
    assert many == few
    assert max(many.values()) <= 15


@pytest.mark.parametrize("text", ["\u200b", "・", "\u3164 \u2800"])
def test_a_name_that_nobody_sees_is_refused(planner: Client, space: Workspace, text: str) -> None:
    department, pledge = space.cast.clerk.departments.get(), space.row().initiative.pledge
    words = "見える文字がありません。書き直してください。"
    assert words in refused(planner, page(Department, "change", department.pk), name=text)
    assert words in refused(planner, page(Pledge, "change", pledge.pk), text=text)


def test_what_was_typed_is_shown_where_the_thing_has_been_deleted_meanwhile(space: Workspace) -> None:
    section = space.row().initiative.pledge.section
    gone = Pledge.objects.create(section=section, position=9, text="川を守ります")
    client = logged_in(space.cast.planner)
    address = page(Pledge, "change", gone.pk)
    values = form_of(client, address) | {"text": "川と池を守ります"}
    gone.delete()
    answer = client.post(address, values)
    assert (answer.status_code, answer.content.decode().count(">川と池を守ります</textarea>")) == (404, 1)

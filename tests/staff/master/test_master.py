"""Master data in the admin: who may, what stays once it is published, and the event that each change
leaves.
"""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.public.markup import parse
from tests.staff.conftest import Year
from tests.staff.people import logged_in, person
from tracker.choices import EventKind, Role
from tracker.cycle import events
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
    Report,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.staff.master import by_name
from tracker.staff.master.by_name import ByName

pytestmark = pytest.mark.django_db

KEPT = (Manifesto, Category, Pledge, Initiative, PlanProject, Department)
RECORDS = (ReportingRound, YearlyAction, Report, Event)


def page(model: type, name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:tracker_{model._meta.model_name}_{name}", args=args)  # type: ignore[attr-defined]


def form_of(client: Client, address: str) -> dict[str, str]:
    """What a browser would send of a page's form, unchanged."""
    context = client.get(address).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, str] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif isinstance(field.field, ByName):
                data[field.html_name] = field.field.texts(value)  # type: ignore[assignment]
            elif value is not None and value is not False:
                data[field.html_name] = value
    return data


def save(client: Client, address: str, **changed: object) -> None:
    """Sends the form with some fields changed, and demands that it is accepted."""
    data = {
        name: value for name, value in {**form_of(client, address), **changed}.items() if value is not None
    }
    response = client.post(address, data)
    assert response.status_code == 302, response.context["errors"]


def refused(client: Client, address: str, **changed: object) -> str:
    """Sends the form and demands that it is not accepted; the page that says why."""
    data = {
        name: value for name, value in {**form_of(client, address), **changed}.items() if value is not None
    }
    response = client.post(address, data)
    assert response.status_code == 200
    return response.content.decode()


def statuses(client: Client, addresses: Iterator[str]) -> set[int]:
    return {client.get(address).status_code for address in addresses}


def all_pages(models: tuple[type, ...]) -> Iterator[str]:
    for model in models:
        pk = model._default_manager.first().pk  # type: ignore[attr-defined]
        yield page(model)
        for name in ("add",) if model not in RECORDS else ():
            yield page(model, name)
        for name in ("change", "delete", "history") if model not in RECORDS else ():
            if (model, name) != (User, "delete"):
                yield page(model, name, pk)
        for name in ("import", "export") if model in (*KEPT[1:], User) else ():
            yield page(model, name)


def test_pages_by_role(year: Year) -> None:
    for user in (year.cast.clerk, year.cast.stranger):
        client = logged_in(user)
        assert statuses(client, all_pages((*KEPT, User, *RECORDS))) == {403}
        assert client.get("/staff/tracker/").status_code == 403
    planner, administrator = logged_in(year.cast.planner), logged_in(year.cast.administrator)
    assert statuses(planner, all_pages((*KEPT, *RECORDS))) == {200}
    assert statuses(planner, all_pages((User,))) == {403}
    assert statuses(administrator, all_pages((*KEPT, User, *RECORDS))) == {200}
    assert planner.get("/staff/tracker/").status_code == 200
    assert statuses(Client(), all_pages((*KEPT, User, *RECORDS))) == {302}


def test_nothing_is_written_without_permission(year: Year) -> None:
    before = Event.objects.count()
    client, project = logged_in(year.cast.clerk), PlanProject.objects.first()
    assert project is not None
    for address in (
        page(PlanProject, "add"),
        page(PlanProject, "change", project.pk),
        page(PlanProject, "delete", project.pk),
    ):
        assert (
            client.post(address, {"post": "yes", "name": "x", "manifesto": project.manifesto_id}).status_code
            == 403
        )
    assert logged_in(year.cast.planner).post(page(User, "add"), {}).status_code == 403
    assert Event.objects.count() == before


def test_records_cannot_be_written(year: Year) -> None:
    client = logged_in(year.cast.administrator)
    for model in RECORDS:
        pk = model._default_manager.first().pk  # type: ignore[attr-defined]
        assert client.get(page(model, "add")).status_code == 403
        assert client.post(page(model, "delete", pk), {"post": "yes"}).status_code == 403
    action = YearlyAction.objects.first()
    assert action is not None
    response = client.get(page(YearlyAction, "change", action.pk))
    assert (response.status_code, response.headers["Location"]) == (302, f"/staff/actions/{action.pk}/")


@pytest.mark.parametrize("key", ["abc", "0", "-1", "9" * 30, "9" * 5000, "%00", "²", "_5F"])
def test_a_record_that_is_not_there_is_404(year: Year, key: str) -> None:
    administrator, clerk = logged_in(year.cast.administrator), logged_in(year.cast.clerk)
    for model in (ReportingRound, YearlyAction, Report):
        address = f"/staff/tracker/{model._meta.model_name}/{key}/change/"
        assert (administrator.get(address).status_code, clerk.get(address).status_code) == (404, 403)


def test_a_year_that_no_calendar_has_finds_nothing(year: Year) -> None:
    assert (
        logged_in(year.cast.planner).get("/staff/tracker/event/?happened_at__year=99999999999").status_code
        == 404
    )


def test_autocomplete_by_role(year: Year) -> None:
    address = (
        "/staff/autocomplete/?app_label=tracker&model_name=initiative&field_name=plan_projects&term=企業誘致"
    )
    assert logged_in(year.cast.clerk).get(address).status_code == 403
    found = [each["text"] for each in logged_in(year.cast.planner).get(address).json()["results"]]
    assert found == [str(each) for each in PlanProject.objects.filter(name__contains="企業誘致")]
    assert found


def test_index_explains_each_kind(year: Year) -> None:
    groups = logged_in(year.cast.planner).get("/staff/tracker/").context["master_groups"]
    names = [[model["object_name"] for model in models] for _name, models in groups]
    assert names == [
        ["Manifesto", "Category", "Pledge", "Initiative", "PlanProject"],
        ["Department"],
        ["ReportingRound", "YearlyAction", "Report", "Event"],
    ]
    assert all(model["explained"] for _name, models in groups for model in models)


def test_labels_are_japanese(year: Year) -> None:
    client, names = logged_in(year.cast.administrator), set(vars(year.cast))
    for address in all_pages((*KEPT, User)):
        source = client.get(address).content.decode()
        labels = re.findall(
            r"<(?:label|th|legend|h1|h2|button|dt)\b[^>]*>(.*?)</(?:label|th|legend|h1|h2|button|dt)>",
            source,
            re.S,
        )
        words = [re.sub(r"<[^>]+>", " ", label).strip() for label in labels]
        english = [
            word for word in words if re.fullmatch(r"[A-Za-z][A-Za-z _?.:-]{2,}", word) and word not in names
        ]
        assert english == [], address


# Places that are published


def test_published_places_stay(year: Year) -> None:
    client = logged_in(year.cast.planner)
    pledge = (
        Pledge.objects.filter(initiatives__actions__isnull=False).select_related("section__parent").first()
    )
    assert pledge is not None
    save(
        client,
        page(Pledge, "change", pledge.pk),
        position=99,
        section=Category.objects.last().pk,
        text="新しい文",
    )  # type: ignore[union-attr]
    changed = Pledge.objects.get(pk=pledge.pk)
    assert (changed.place, changed.text) == (pledge.place, "新しい文")
    initiative = pledge.initiatives.get(position=1)
    save(client, page(Initiative, "change", initiative.pk), position=99, last_fiscal_year=2022)
    assert Initiative.objects.get(pk=initiative.pk).place == initiative.place
    assert Initiative.objects.get(pk=initiative.pk).last_fiscal_year is None
    save(client, page(Pledge, "change", pledge.pk), **{"initiatives-0-position": 50})
    assert Initiative.objects.get(pk=initiative.pk).position == 1
    save(client, page(Category, "change", pledge.section_id), number=77)
    assert Category.objects.get(pk=pledge.section_id).number == pledge.section.number
    save(client, page(Category, "change", pledge.section.parent_id), **{"sections-0-number": 77})
    assert not Category.objects.filter(number=77).exists()
    save(client, page(Department, "change", year.mine.pk), code="zzz")
    assert Department.objects.get(pk=year.mine.pk).code == year.mine.code
    save(client, page(Manifesto, "change", year.round.manifesto_id), slug="other")
    assert Manifesto.objects.get().slug == "2021"


def test_ending_is_a_page_of_its_own(year: Year) -> None:
    initiative = year.action.initiative
    source = logged_in(year.cast.planner).get(page(Initiative, "change", initiative.pk)).content.decode()
    assert f'href="/staff/initiatives/{initiative.pk}/end/"' in source
    assert 'name="last_fiscal_year"' not in source


def test_notes_of_other_columns_are_shown_and_stay(year: Year) -> None:
    initiative, client = year.action.initiative, logged_in(year.cast.planner)
    address = page(Initiative, "change", initiative.pk)
    assert "表にあったほかの列" not in client.get(address).content.decode()
    notes = {"備考": "<市債>\n3 年"}
    Initiative.objects.filter(pk=initiative.pk).update(notes=notes)
    assert "<p><b>備考</b><br>&lt;市債&gt;<br>3 年</p>" in client.get(address).content.decode()
    save(client, address)
    initiative.refresh_from_db()
    assert initiative.notes == notes


def new_pledge(year: Year) -> Pledge:
    section = Category.objects.filter(parent__isnull=False).first()
    assert section is not None
    pledge = Pledge.objects.create(section=section, position=90, text="まだ公表していない公約")
    for position in (1, 2):
        Initiative.objects.create(pledge=pledge, position=position, first_fiscal_year=2020 + position)
    return pledge


def years(pledge: Pledge) -> list[int]:
    return list(pledge.initiatives.order_by("position").values_list("first_fiscal_year", flat=True))


def test_unpublished_initiatives_change_places(year: Year) -> None:
    pledge, client = new_pledge(year), logged_in(year.cast.planner)
    address = page(Pledge, "change", pledge.pk)
    save(client, address, **{"initiatives-0-position": 2, "initiatives-1-position": 1})
    assert years(pledge) == [2022, 2021]
    save(client, address, position=91)
    assert Pledge.objects.get(pk=pledge.pk).position == 91


def test_a_new_row_without_a_place_goes_to_the_end(year: Year) -> None:
    pledge, client = new_pledge(year), logged_in(year.cast.planner)
    save(client, page(Pledge, "change", pledge.pk), **{"initiatives-2-first_fiscal_year": 2030})
    assert list(pledge.initiatives.values_list("position", "first_fiscal_year")) == [
        (1, 2021),
        (2, 2022),
        (3, 2030),
    ]
    added = {"pledge": pledge.place, "position": "", "first_fiscal_year": 2031}
    save(client, page(Initiative, "add"), **added)
    assert years(pledge) == [2021, 2022, 2030, 2031]


def test_a_deleted_row_leaves_its_place_to_another(year: Year) -> None:
    pledge, client = new_pledge(year), logged_in(year.cast.planner)
    save(
        client,
        page(Pledge, "change", pledge.pk),
        **{"initiatives-0-position": 2, "initiatives-1-DELETE": "on"},
    )
    assert list(pledge.initiatives.values_list("position", "first_fiscal_year")) == [(2, 2021)]


def test_two_rows_with_one_place_are_refused(year: Year) -> None:
    pledge, client = new_pledge(year), logged_in(year.cast.planner)
    words = refused(
        client,
        page(Pledge, "change", pledge.pk),
        **{"initiatives-0-position": 2, "initiatives-1-position": 2},
    )
    assert "順序が重なっています：2" in words
    assert "1 から 999 までの数" in refused(
        client, page(Pledge, "change", pledge.pk), **{"initiatives-0-position": 30000}
    )
    assert years(pledge) == [2021, 2022]


def test_categories_have_two_levels(year: Year) -> None:
    client = logged_in(year.cast.planner)
    field = Category.objects.filter(parent=None).first()
    assert field is not None
    section = field.sections.first()
    assert section is not None
    other = Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    fresh = Category.objects.create(manifesto=other, number=1, name="新しい分野")
    Category.objects.create(manifesto=other, parent=fresh, number=1, name="新しい項目")
    assert "別のマニフェストの分野です" in refused(
        client, page(Category, "change", fresh.pk), parent=field.pk
    )
    second = Category.objects.create(manifesto=other, number=2, name="二つ目")
    assert "ほかの分野の項目にはできません" in refused(
        client, page(Category, "change", fresh.pk), parent=second.pk
    )
    assert "正しく選択" in refused(client, page(Category, "change", second.pk), parent=section.pk)
    save(client, page(Category, "change", fresh.pk), **{"sections-1-name": "あとから"})
    assert list(fresh.sections.values_list("number", "name", "manifesto__slug")) == [
        (1, "新しい項目", "2025"),
        (2, "あとから", "2025"),
    ]


def test_sdgs_have_three_answers(year: Year) -> None:
    client, initiative = logged_in(year.cast.planner), year.action.initiative
    address = page(Initiative, "change", initiative.pk)
    for sent, stored in (
        ({"goals": ["11", "3"]}, [3, 11]),
        ({"goals": None, "has_no_goals": "on"}, []),
        ({"goals": None, "has_no_goals": None}, None),
    ):
        save(client, address, **sent)
        assert Initiative.objects.get(pk=initiative.pk).sdgs == stored
    assert "どちらかを外してください" in refused(client, address, goals=["1"], has_no_goals="on")


def test_duties_once_per_department_and_year(year: Year) -> None:
    client, initiative = logged_in(year.cast.planner), year.foreign.initiative
    address = page(Initiative, "change", initiative.pk)
    count = initiative.assignments.count()
    two = {f"assignments-{row}-department": year.mine.pk for row in (count, count + 1)}
    words = refused(client, address, **two, **{"assignments-TOTAL_FORMS": count + 2})
    assert "二度書かれています" in words
    save(
        client,
        address,
        **{f"assignments-{count}-department": year.mine.pk, f"assignments-{count}-from_fiscal_year": 2024},
    )
    assert list(initiative.assignments.values_list("department", "from_fiscal_year").order_by("position"))[
        -1
    ] == (year.mine.pk, 2024)


def test_things_are_chosen_by_part_of_their_name(year: Year) -> None:
    client, initiative = logged_in(year.cast.planner), year.action.initiative
    address = page(Initiative, "change", initiative.pk)
    manifesto = year.round.manifesto
    one = PlanProject.objects.create(
        manifesto=manifesto, code="9-9-1①", base_code="9-9-1", name="灯台の塗替え"
    )
    two = PlanProject.objects.create(manifesto=manifesto, code="9-9-2", base_code="9-9-2", name="灯台の見学")
    save(client, address, plan_projects=["塗替え", "９-9-2", "9-9-2 灯台の見学", " "])
    assert set(initiative.plan_projects.all()) == {one, two}
    assert "2 件あります" in refused(client, address, plan_projects=["灯台"])
    assert "「どこにもない」にあたるものはありません" in refused(
        client, address, plan_projects=["どこにもない"]
    )
    other = Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    PlanProject.objects.create(manifesto=other, name="別の任期の事業")
    assert "別のマニフェストの関連事業" in refused(client, address, plan_projects=["別の任期の事業"])
    save(client, address, plan_projects=[])
    assert list(initiative.plan_projects.all()) == []


def test_few_things_are_listed_and_many_are_asked_for(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    client = logged_in(year.cast.planner)
    source = client.get(page(Initiative, "add")).content.decode()
    assert source.count("<option value=") >= Pledge.objects.count()
    assert "data-source" not in source
    monkeypatch.setattr(by_name, "LISTED", 10)
    source = client.get(page(Initiative, "add")).content.decode()
    assert "data-source" in source
    pledge = Pledge.objects.filter(text__contains="誘致企業").get()
    asked = "/staff/autocomplete/?app_label=tracker&model_name=initiative&field_name=pledge&term=誘致企業"
    assert client.get(asked).json()["results"] == [
        {"id": str(pledge.pk), "text": f"{pledge.place} {pledge.text}"}
    ]


# Deleting


def test_what_is_referred_to_is_not_deleted(year: Year) -> None:
    client, initiative = logged_in(year.cast.planner), year.action.initiative
    project = PlanProject.objects.filter(initiatives__isnull=False).first()
    assert project is not None
    things = (
        initiative,
        initiative.pledge,
        initiative.pledge.section,
        year.mine,
        project,
        year.round.manifesto,
    )
    for thing in things:
        address = page(type(thing), "delete", thing.pk)
        shown, sent = client.get(address), client.post(address, {"post": "yes"})
        assert "使われているので、削除できません" in shown.content.decode(), thing
        assert sent.status_code == 200
        assert type(thing)._default_manager.filter(pk=thing.pk).exists()


def test_what_is_not_referred_to_is_deleted_with_an_event(year: Year) -> None:
    client, manifesto = logged_in(year.cast.planner), year.round.manifesto
    project = PlanProject.objects.create(manifesto=manifesto, code="9-9-9", name="使われない事業")
    assert client.post(page(PlanProject, "delete", project.pk), {"post": "yes"}).status_code == 302
    event = Event.objects.last()
    assert event is not None
    assert (event.subject, event.content["act"]) == (f"planproject:{project.pk}", "削除")
    assert event.content["changes"]["name"] == ["使われない事業", None]
    assert not PlanProject.objects.filter(pk=project.pk).exists()


def test_a_rating_in_use_stays(year: Year) -> None:
    client, address = logged_in(year.cast.planner), page(Manifesto, "change", year.round.manifesto_id)
    assert "保護された" in refused(client, address, **{"ratings-0-DELETE": "on"})
    save(client, address, **{"ratings-0-code": "S", "ratings-0-label": "完了"})
    first = Rating.objects.order_by("position")[0]
    assert (first.code, first.label) == ("A", "完了")


# Events


def test_a_change_is_one_event_with_values(year: Year) -> None:
    client, initiative = logged_in(year.cast.planner), year.action.initiative
    assignment = initiative.assignments.get()
    before = Event.objects.count()
    save(
        client,
        page(Initiative, "change", initiative.pk),
        first_fiscal_year=2020,
        **{"assignments-0-to_fiscal_year": 2030},
    )
    event = Event.objects.order_by("-number")[0]
    assert Event.objects.count() == before + 1
    assert (event.kind, event.subject, event.actor) == (
        EventKind.CATALOGUE,
        f"initiative:{initiative.pk}",
        year.cast.planner.signature,
    )
    was = {
        "initiative": str(initiative),
        "department": year.mine.name,
        "position": 1,
        "from_fiscal_year": None,
    }
    assert event.content == {
        "act": "変更",
        "model": "取組",
        "name": str(initiative),
        "changes": {
            "first_fiscal_year": [initiative.first_fiscal_year, 2020],
            f"assignments:{assignment.pk}": [
                {**was, "to_fiscal_year": None},
                {**was, "to_fiscal_year": 2030},
            ],
        },
    }
    assert events.first_break(Event.objects.order_by("number")) is None
    history = client.get(page(Initiative, "history", initiative.pk)).content.decode()
    assert "始まりの年度" in history
    assert year.cast.planner.signature in history


def test_saving_without_a_change_is_no_event(year: Year) -> None:
    client, before = logged_in(year.cast.administrator), Event.objects.count()
    for thing in (
        year.action.initiative,
        year.mine,
        year.cast.clerk,
        year.round.manifesto,
        year.action.initiative.pledge,
    ):
        save(client, page(type(thing), "change", thing.pk))
    assert Event.objects.count() == before


def test_no_change_without_its_event(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the chain cannot be written")

    monkeypatch.setattr(events, "record_all", fail)
    client, project = logged_in(year.cast.planner), PlanProject.objects.all()[0]
    with pytest.raises(RuntimeError):
        save(client, page(PlanProject, "change", project.pk), name="別の名前")
    assert PlanProject.objects.get(pk=project.pk).name == project.name
    unused = PlanProject.objects.create(manifesto=project.manifesto, name="使われない事業")
    with pytest.raises(RuntimeError):
        client.post(page(PlanProject, "delete", unused.pk), {"post": "yes"})
    assert PlanProject.objects.filter(pk=unused.pk).exists()


def test_events_are_searched_and_filtered(year: Year) -> None:
    client = logged_in(year.cast.planner)
    save(client, page(PlanProject, "change", PlanProject.objects.all()[0].pk), name="探される名前")
    found = client.get(page(Event), {"kind": "catalogue"}).context["cl"].result_list
    assert [event.kind for event in found] == [EventKind.CATALOGUE]
    assert client.get(page(Event), {"q": "planner", "kind": "catalogue"}).context["cl"].result_count == 1
    assert client.get(page(Event), {"q": "どこにもない"}).context["cl"].result_count == 0
    source = client.get(page(Event)).content.decode()
    assert 'href="/2021/reports/2024-03-31/editions/1/"' in source
    assert "令和6年度の報告回" in source


# People


def test_a_person_is_added_with_a_department(year: Year) -> None:
    client = logged_in(year.cast.administrator)
    new = {
        "username": "suzuki",
        "last_name": "鈴木",
        "first_name": "一郎",
        "role": "planning",
        "password1": "ながいあいことば2024",
        "password2": "ながいあいことば2024",
        "memberships-0-department": year.mine.pk,
    }
    save(client, page(User, "add"), **new)
    user = User.objects.get(username="suzuki")
    assert (str(user), user.role, user.is_superuser, user.is_staff) == (
        "鈴木 一郎",
        Role.PLANNING,
        False,
        False,
    )
    assert user.check_password("ながいあいことば2024")
    assert [each.department for each in user.memberships.all()] == [year.mine]
    told = str(Event.objects.order_by("-number")[0].content)
    assert "suzuki" in told
    assert user.password not in told


def test_a_password_is_set_with_an_event_that_does_not_tell_it(year: Year) -> None:
    client, clerk = logged_in(year.cast.administrator), year.cast.clerk
    address = reverse("admin:auth_user_password_change", args=[clerk.pk])
    assert client.post(address, {"password1": "short", "password2": "short"}).status_code == 200
    sent = {"password1": "ながいあいことば2024", "password2": "ながいあいことば2024"}
    assert client.post(address, sent).status_code == 302
    clerk.refresh_from_db()
    assert clerk.check_password(sent["password1"])
    event = Event.objects.order_by("-number")[0]
    assert (event.subject, event.content) == (
        f"user:{clerk.pk}",
        {"act": "パスワードの設定", "model": "利用者", "name": str(clerk), "changes": {}},
    )
    assert logged_in(year.cast.planner).post(address, sent).status_code == 403


def test_people_are_switched_off_not_deleted(year: Year) -> None:
    client, clerk = logged_in(year.cast.administrator), year.cast.clerk
    assert client.post(page(User, "delete", clerk.pk), {"post": "yes"}).status_code == 403
    theirs = logged_in(clerk)
    assert theirs.get("/staff/").status_code == 200
    save(client, page(User, "change", clerk.pk), is_active=None)
    assert not User.objects.get(pk=clerk.pk).is_active
    assert theirs.get("/staff/").status_code == 302


def test_nobody_shuts_themselves_out(year: Year) -> None:
    client, own = logged_in(year.cast.administrator), page(User, "change", year.cast.administrator.pk)
    assert "自分の役割と「有効」は変えられません" in refused(client, own, is_active=None)
    assert "自分の役割と「有効」は変えられません" in refused(client, own, role="planning")
    save(client, own, email="a@example.jp")
    user = User.objects.get(pk=year.cast.administrator.pk)
    assert (user.is_active, user.role, user.email) == (True, Role.ADMINISTRATOR, "a@example.jp")


def test_djangos_own_rights_are_not_offered(year: Year) -> None:
    form = form_of(logged_in(year.cast.administrator), page(User, "change", year.cast.clerk.pk))
    assert not {"is_superuser", "is_staff", "groups", "user_permissions", "password", "is_demo"} & set(form)
    save(
        logged_in(year.cast.administrator),
        page(User, "change", year.cast.clerk.pk),
        is_superuser="on",
        is_staff="on",
        is_demo="on",
    )
    clerk = User.objects.get(pk=year.cast.clerk.pk)
    assert (clerk.is_superuser, clerk.is_staff, clerk.is_demo) == (False, False, False)


# Query counts


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_lists_take_a_constant_number_of_queries(year: Year) -> None:
    client = logged_in(year.cast.administrator)
    models = (*KEPT, User, *RECORDS)
    addresses = {page(model): model for model in models}
    few = {address: count_queries(client, f"{address}?o=1") for address in addresses}
    manifesto, section = year.round.manifesto, Category.objects.filter(parent__isnull=False)[0]
    for number in range(30):
        department = Department.objects.create(code=f"x{number}", name=f"追加課{number}")
        DepartmentSuccession.objects.create(predecessor=department, successor=year.mine, fiscal_year=2024)
        project = PlanProject.objects.create(manifesto=manifesto, code=f"9-9-{number}", name=f"事業{number}")
        Category.objects.create(manifesto=manifesto, parent=section.parent, number=50 + number, name="追加")
        pledge = Pledge.objects.create(section=section, position=50 + number, text="追加の公約")
        initiative = Initiative.objects.create(pledge=pledge, position=1, first_fiscal_year=2024)
        initiative.plan_projects.add(project)
        Assignment.objects.create(initiative=initiative, department=department)
        YearlyAction.objects.create(initiative=initiative, round=year.round)
        Membership.objects.create(user=person(f"u{number}", Role.DEPARTMENT), department=department)
        events.record(by="test", kind=EventKind.CATALOGUE, subject=f"pledge:{pledge.pk}")
    many = {address: count_queries(client, f"{address}?o=1") for address in addresses}
    assert many == few
    assert max(many.values()) <= 15


def test_a_change_over_somebody_elses_is_refused_once_and_keeps_what_was_typed(year: Year) -> None:
    client, pledge = logged_in(year.cast.planner), year.action.initiative.pledge
    address = f"/staff/tracker/pledge/{pledge.pk}/change/"
    form = parse(client.get(address).content.decode()).one("form", "admin-form")
    fields = {
        i.attributes["name"]: i.attributes.get("value", "")
        for i in form.all("input")
        if i.attributes.get("name")
    }
    fields |= {area.attributes["name"]: area.raw_text.removeprefix("\n") for area in form.all("textarea")}
    type(pledge).objects.filter(pk=pledge.pk).update(text="ほかの人が直した公約")
    mine = fields | {"text": "わたしが直した公約"}
    response = client.post(address, mine)
    page = parse(response.content.decode())
    assert "ほかの人がこのデータを変えました" in page.one("div", "notice-error").text
    assert "わたしが直した公約" in page.one("form", "admin-form").text
    assert type(pledge).objects.get(pk=pledge.pk).text == "ほかの人が直した公約"
    again = {
        i.attributes["name"]: i.attributes.get("value", "")
        for i in page.all("input")
        if i.attributes.get("name") == "seen"
    }
    assert client.post(address, mine | again).status_code == 302
    assert type(pledge).objects.get(pk=pledge.pk).text == "わたしが直した公約"


@pytest.mark.parametrize("name", ["accessibility", "staff", "static"])
def test_a_manifesto_takes_no_other_pages_address(year: Year, name: str) -> None:
    client = logged_in(year.cast.administrator)
    fields = form_of(client, page(Manifesto, "add")) | {
        "title": "市長マニフェスト",
        "first_fiscal_year": "2025",
        "slug": name,
    }
    response = client.post(page(Manifesto, "add"), fields)
    assert response.context["adminform"].form.errors == {
        "slug": [f"「{name}」は、ほかのページのアドレスです。別の名前にしてください。"]
    }


@pytest.mark.parametrize("first", ["0", "205", "9999", "20255", "32767"])
def test_a_year_that_is_a_slip_of_the_finger_is_an_error(year: Year, first: str) -> None:
    """A manifesto that began in 9999 would leave the page that opens a round without a next year to offer."""
    client = logged_in(year.cast.administrator)
    words = ["西暦 4 桁で書いてください（例：2024）。"]
    fields = form_of(client, page(Manifesto, "add")) | {
        "title": "市長マニフェスト",
        "first_fiscal_year": first,
        "slug": "x",
    }
    assert client.post(page(Manifesto, "add"), fields).context["adminform"].form.errors == {
        "first_fiscal_year": words
    }
    address = page(Initiative, "change", year.action.initiative_id)
    fields = form_of(client, address) | {"assignments-0-from_fiscal_year": first}
    formset = client.post(address, fields).context["inline_admin_formsets"][0].formset
    assert formset.errors[0] == {"from_fiscal_year": words}

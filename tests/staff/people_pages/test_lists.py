"""The pages of a list of people: upload, preview by name, conditions that can be changed, confirmation."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from tests.organisation.people.test_applying import HEADINGS, ROWS, listed_by, many
from tests.public.markup import Element, parse
from tests.staff.master.exchanging import as_csv
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import Membership, PeopleList, User
from tracker.models.organisation import this_fiscal_year
from tracker.organisation.people import planning

LISTS = "/staff/people/lists/"


def path_of(listed: PeopleList) -> str:
    return f"{LISTS}{listed.key}/"


def shown(response: Any) -> Element:
    return parse(response.content.decode())


def send(client: Client, listed: PeopleList, **fields: str) -> Any:
    """The preview's form as it stands, with what was changed in it."""
    page = client.get(path_of(listed))
    own = {"act": "confirm", "seen": page.context["plan"].digest, "fiscal_year": str(listed.fiscal_year)}
    own |= {"closes_missing": "on"} if listed.closes_missing else {}
    return client.post(path_of(listed), {name: text for name, text in (own | fields).items() if text})


def upload(client: Client, content: bytes, name: str = "一覧.csv", **fields: str) -> Any:
    given = {"fiscal_year": str(this_fiscal_year()), **fields, "file": SimpleUploadedFile(name, content)}
    return client.post(LISTS, given)


def test_from_the_upload_to_the_outcome(space: Workspace) -> None:
    client = logged_in(space.cast.administrator)
    answer = upload(client, as_csv([HEADINGS, *ROWS]), closes_missing="on")
    listed = PeopleList.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, path_of(listed))
    assert (listed.closes_missing, listed.file_name) == (True, "一覧.csv")
    page = shown(client.get(path_of(listed)))
    moved = page.section("moved").table_rows()
    assert moved[1:] == [["試験 clerk", "clerk", "所属：土木課 → 農政課", "課長：なし → 農政課", "3 行目"]]
    assert [row[0] for row in page.section("leaving").table_rows()[1:]] == [
        "試験 other", "試験 planner", "試験 second_planner",
    ]  # fmt: skip
    assert "鈴木 花子" in page.section("new").text
    done = send(client, listed)
    assert done.headers["Location"] == path_of(listed)
    outcome = shown(client.get(path_of(listed)))
    assert "新しい人のうち 2 人は、まだパスワードがない" in outcome.text
    assert f"/staff/people/?list={listed.key}" in outcome.links
    again = {"act": "confirm", "fiscal_year": str(this_fiscal_year())}
    assert client.post(path_of(listed), again).status_code == 409


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です。"),
        (b"\x89PNG" + bytes(40), "文字の表ではありません"),
        (as_csv([["番号", "名前"], ["1", "山田"]]), "の見出しがある表が見つかりません。"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(
    space: Workspace, content: bytes, words: str
) -> None:
    answer = upload(logged_in(space.cast.administrator), content, closes_missing="on")
    page = shown(answer)
    assert (answer.status_code, PeopleList.objects.count()) == (422, 0)
    assert words in page.one("p", "error").text
    box = next(each for each in page.all("input") if each.attributes.get("name") == "closes_missing")
    assert "checked" in box.attributes  # what was chosen is kept


def test_a_refused_cell_is_named_and_nothing_can_be_confirmed(space: Workspace) -> None:
    boss = space.cast.administrator
    listed = listed_by(boss, [["n1", "鈴木 花子", "", "どこか課", "", "", "部長"]], closes_missing=False)
    client = logged_in(boss)
    page = shown(client.get(path_of(listed)))
    assert [row[:3] for row in page.table_rows()[1:]] == [
        ["D2", "鈴木 花子", "所属"],
        ["G2", "鈴木 花子", "役割"],
    ]
    assert "この内容で取り込む" not in page.text
    assert (send(client, listed).status_code, User.objects.filter(username="n1").exists()) == (422, False)


def test_what_changed_meanwhile_is_shown_and_the_choices_stay(space: Workspace) -> None:
    boss, client = space.cast.administrator, logged_in(space.cast.administrator)
    listed = listed_by(boss)
    seen = client.get(path_of(listed)).context["plan"].digest
    Membership.objects.filter(user=space.cast.colleague).update(department=space.theirs)
    answer = send(client, listed, seen=seen)
    page = shown(answer)
    assert answer.status_code == 409
    assert "確かめているあいだに、利用者か担当課が変わりました。" in page.one("div", "notice-error").text
    assert len(page.section("moved").table_rows()) == 3
    assert answer.context["form"].initial == {"fiscal_year": this_fiscal_year(), "closes_missing": True}
    assert send(client, listed).status_code == 302


def test_other_conditions_are_shown_before_they_are_applied(space: Workspace) -> None:
    boss, client = space.cast.administrator, logged_in(space.cast.administrator)
    listed = listed_by(boss, closes_missing=False)
    assert "表にない人（3人" in shown(client.get(path_of(listed))).text
    answer = send(client, listed, closes_missing="on")
    assert (answer.status_code, User.objects.filter(is_active=False).count()) == (409, 0)
    assert "使えなくする人" in shown(answer).text
    listed.refresh_from_db()
    assert listed.closes_missing
    assert send(client, listed, act="choose", closes_missing="").status_code == 302
    listed.refresh_from_db()
    assert not listed.closes_missing
    assert send(client, listed, act="choose", fiscal_year="1999").status_code == 422


def test_next_years_list_says_that_it_changes_at_once(space: Workspace) -> None:
    client = logged_in(space.cast.administrator)
    upload(client, as_csv([HEADINGS, *ROWS]), fiscal_year=str(this_fiscal_year() + 1))
    assert "4 月を待たずにすぐに変わります" in shown(client.get(path_of(PeopleList.objects.get()))).text


def test_another_administrator_sees_it_and_does_not_apply_it(space: Workspace) -> None:
    other = logged_in(person("boss2", Role.ADMINISTRATOR))
    listed = listed_by(space.cast.administrator)
    assert "この内容で取り込む" not in shown(other.get(path_of(listed))).text
    assert other.post(path_of(listed), {"act": "confirm"}).status_code == 403
    assert logged_in(space.cast.administrator).get(f"{LISTS}nonsense/").status_code == 404


def test_a_list_is_given_up(space: Workspace) -> None:
    client, listed = logged_in(space.cast.administrator), listed_by(space.cast.administrator)
    answer = send(client, listed, act="discard")
    assert (answer.headers["Location"], PeopleList.objects.count()) == (LISTS, 0)
    assert client.post(path_of(listed), {"act": "discard"}).status_code == 404


def test_the_list_of_today_leaves_out_the_demo_and_who_is_closed(space: Workspace) -> None:
    person("demo", Role.DEPARTMENT, is_demo=True)
    User.objects.filter(pk=space.cast.other.pk).update(is_active=False)
    client = logged_in(space.cast.administrator)
    assert "見本の利用者（1 人）は、この表に入りません。" in shown(client.get(LISTS)).text
    answer = client.get("/staff/people/list.xlsx")
    assert "no-store" in answer.headers["Cache-Control"]

    rows = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {
        *("administrator", "both", "clerk", "colleague", "planner", "second_planner", "stranger")
    }
    assert upload(client, answer.content, "一覧.xlsx").status_code == 302
    plan = planning.plan_of_list(PeopleList.objects.get(), space.cast.administrator)
    assert (list(plan.changes), len(plan.unchanged)) == ([], 7)


def test_the_number_of_statements_does_not_grow_with_the_people(space: Workspace) -> None:
    boss, counts = space.cast.administrator, []
    for rows in (many(3), many(60)):
        client, listed = logged_in(boss), listed_by(boss, rows, closes_missing=False)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path_of(listed)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]

"""What loading would do is told, done once as it was told, taken back, and remembered for the next table."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.staff.people import logged_in, person
from tests.staff.tables.books import ROWS, address, choose, load, read_as_it_is, two_row_book, uploaded
from tracker.choices import EventKind, Role, RoundState
from tracker.models import (
    Event,
    Initiative,
    Manifesto,
    Pledge,
    Report,
    ReportingRound,
    TableLayout,
    TableUpload,
    User,
)
from tracker.published_tables import taking_back

pytestmark = pytest.mark.django_db
CHANGED = [(*ROWS[0][:4], "・舗装しました。", "B", "水道課", "急がない"), *ROWS[1:]]


@pytest.fixture
def planner(db: None) -> Client:
    return logged_in(person("kikaku", Role.PLANNING))


@pytest.fixture
def loaded(planner: Client) -> TableUpload:
    upload = read_as_it_is(planner, two_row_book())
    assert load(planner, upload).status_code == 302
    upload.refresh_from_db()
    return upload


def test_it_is_told_before_it_is_done(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    page = planner.get(address(upload, "check"))
    assert dict(page.context["created"]) == {
        "分野と項目": 4, "公約": 3, "取組": 3, "年度別の取組": 6, "担当": 3, "担当課": 2, "評価の区分": 3,
    }  # fmt: skip
    assert "新しいマニフェスト（公開ページのアドレスは /2022/）" in page.content.decode()
    assert (Manifesto.objects.count(), Event.objects.count()) == (0, 0)


def test_the_public_pages_are_shown_before_anything_is_loaded(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    way = planner.get(address(upload, "check")).context["pledges"][0][0]
    page = planner.get(way)
    source = page.content.decode()
    assert (page.status_code, "道を広げます" in source, "まだ取り込んでいません" in source) == (
        200,
        True,
        True,
    )
    assert (Manifesto.objects.count(), Report.objects.count()) == (0, 0)


def test_pledges_without_field_have_pages_before_and_after_it_is_loaded(planner: Client) -> None:
    rows = [("", "", *row[2:]) for row in ROWS]
    upload = uploaded(planner, two_row_book(rows=rows, total=False))
    choose(planner, upload, role_0_A="ignore", role_0_B="ignore", role_0_G="department")
    shown = planner.get(address(upload, "check")).context["pledges"]
    assert [(name, text) for _way, name, text in shown] == [("", row[2]) for row in ROWS]
    assert [planner.get(way).status_code for way, _name, _text in shown] == [200, 200, 200]
    load(planner, upload)
    assert sorted(pledge.place for pledge in Pledge.objects.all()) == ["1", "2", "3"]


def test_it_is_loaded_as_it_was_told_and_once(planner: Client, loaded: TableUpload) -> None:
    assert (Initiative.objects.count(), Report.objects.count()) == (3, 0)
    assert set(ReportingRound.objects.values_list("state", flat=True)) == {RoundState.IMPORTED}
    event = Event.objects.get()
    assert (event.kind, event.number, event.content["file"]) == (
        EventKind.IMPORTED,
        loaded.event_number,
        "公約.xlsx",
    )
    again = planner.post(address(loaded, "check"), {"act": "load"})
    assert (again.status_code, again.headers["Location"]) == (302, address(loaded))
    assert Event.objects.count() == 1
    page = planner.get(address(loaded))
    assert "取り込みました" in page.content.decode()
    assert reverse("staff-import-take-back", args=[loaded.round_id]) in page.content.decode()


def test_what_was_not_told_is_not_loaded(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    choose(planner, upload, title="別の表題（令和6年3月末時点）")
    page = load(planner, upload, expected="0" * 64)
    assert (page.status_code, "いま取り込むと起きることが違います" in page.content.decode()) == (409, True)
    assert Manifesto.objects.count() == 0


def test_another_destination_is_checked_first(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    fields = {"act": "look", "into": ":new", "slug": "だめ"}
    assert planner.post(address(upload, "check"), fields).status_code == 422
    assert planner.post(address(upload, "check"), {**fields, "slug": "machi"}).status_code == 302
    assert "/machi/" in planner.get(address(upload, "check")).content.decode()


def test_a_new_manifesto_takes_nobody_s_address(planner: Client, loaded: TableUpload) -> None:
    upload = uploaded(planner, two_row_book(rows=CHANGED))
    for slug in ("", "2022"):
        page = planner.post(address(upload, "check"), {"act": "look", "into": ":new", "slug": slug})
        assert (page.status_code, "「2022」は、いまある" in page.content.decode()) == (422, True)


def test_differences_are_told_by_cell(planner: Client, loaded: TableUpload) -> None:
    upload = uploaded(planner, two_row_book(rows=CHANGED))
    page = planner.get(address(upload, "check"))
    told = {(each.place, each.label): (each.before, each.after) for each in page.context["differences"]}
    assert told == {
        ("取組 1-1-1-1 の令和5年度", "主な取組"): ("・広げました。", "・舗装しました。"),
        ("取組 1-1-1-1 の令和5年度", "実施状況"): ("A", "B"),
        ("取組 1-1-1-1", "表にあったほかの列"): ("備考：急ぐ", "備考：急がない"),
        ("取組 1-1-1-1", "担当課"): ("土木課", "水道課"),
    }
    assert (page.context["created"], dict(page.context["changed"])) == (
        [],
        {"取組": 1, "年度別の取組": 1, "担当": 1},
    )


def test_what_the_table_lacks_is_asked_and_then_ended(planner: Client, loaded: TableUpload) -> None:
    upload = uploaded(planner, two_row_book(2024, ROWS[:2]))
    page = planner.get(address(upload, "check"))
    assert "1 件（2-1-1-1）が、この表にありません" in page.context["refusal"]
    planner.post(address(upload, "check"), {"act": "look", "into": "2022", "end_missing": "on"})
    page = planner.get(address(upload, "check"))
    assert (page.context["refusal"], page.context["ended"]) == ("", ["2-1-1-1"])
    assert load(planner, upload).status_code == 302
    assert Initiative.objects.get(pledge__text="水を守ります").last_fiscal_year == 2023


def test_it_is_taken_back_and_can_be_read_otherwise(planner: Client, loaded: TableUpload) -> None:
    user = User.objects.get(username="kikaku")
    taking_back.take_back(ReportingRound.objects.get(pk=loaded.round_id), by=user, reason="列のまちがい")
    loaded.refresh_from_db()
    assert (loaded.is_loaded, loaded.round, Pledge.objects.count()) == (False, None, 0)
    assert planner.get(address(loaded)).context["over"][6].role == "department"
    assert load(planner, loaded).status_code == 302
    assert Pledge.objects.count() == 3


def test_the_next_table_finds_how_the_last_was_read(planner: Client, loaded: TableUpload) -> None:
    assert TableLayout.objects.get().manifesto.slug == "2022"
    other = logged_in(person("kikaku2", Role.PLANNING))
    upload = uploaded(other, two_row_book(2024), "来年.xlsx")
    page = other.get(address(upload))
    assert [each.role for each in page.context["over"]][3:7] == [
        "result 2023",
        "result 2024",
        "rating",
        "department",
    ]
    assert "「公約.xlsx」）の読み方を使いました" in page.content.decode()
    assert other.get(address(upload, "check")).context["form"].initial["into"] == "2022"
    other.post(address(upload), {"act": "anew"})
    assert other.get(address(upload)).context["over"][6].role == "note だれが"
    assert uploaded(other, two_row_book(2024, total=False)).document["columns"]["G"] == "department"


def test_a_table_without_choices_keeps_none(planner: Client) -> None:
    assert load(planner, uploaded(planner, two_row_book())).status_code == 302
    assert TableLayout.objects.count() == 0


def test_old_uploads_go(planner: Client, capsys: pytest.CaptureFixture[str]) -> None:
    old, young = uploaded(planner, two_row_book()), uploaded(planner, two_row_book())
    TableUpload.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert planner.get(address(old)).status_code == 404
    call_command("housekeeping")
    assert list(TableUpload.objects.all()) == [young]
    assert "読み込んだまま 14 日たった表 1 件" in capsys.readouterr().out

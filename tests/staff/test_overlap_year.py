"""The overlap year, page by page: counts take in both manifestos, rows and files say whose they are."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from tests.half_years import open_half, publish_first_half
from tests.staff.master.browsing import page
from tests.staff.master.exchanging import as_csv, errors_of, export, rows_of, upload
from tests.staff.people import logged_in, submit
from tests.two_manifestos import NEW, OLD, TwoManifestos
from tests.workspace import Workspace
from tracker.choices import ActionState, MailKind, RoundState
from tracker.cycle import catalogue, rounds
from tracker.cycle.notices.kinds import notices_of
from tracker.entry_sheets import exporting
from tracker.models import (
    Category,
    Event,
    Initiative,
    PlanProject,
    Pledge,
    Reorganisation,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.staff.frame import kept_texts
from tracker.staff.pledges.told import unpublished_round

YEAR = "令和6年度"


@pytest.fixture
def planner(two: TwoManifestos) -> Client:
    return logged_in(two.old.cast.planner)


def source(response: HttpResponse) -> str:
    """A page with its white space in one piece."""
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", response.content.decode())


# --- home ------------------------------------------------------------------------------------------------
def test_planning_home_counts_what_waits_in_both(planner: Client, two: TwoManifestos) -> None:
    submit(two.old.row(2), two.old.cast.other)
    home = source(planner.get("/staff/"))
    assert f"{OLD} {YEAR}（2024年度）（受付中、承認待ち 2件）" in home
    assert "すべての報告回を合わせて 3 件です" in home
    assert [row.manifesto for row in planner.get("/staff/").context["tasks"]] == [OLD, NEW]
    assert f"{NEW} {YEAR}（2024年度）（受付中、承認待ち 1件）" in source(
        planner.get("/staff/?manifesto=2021")
    )


def test_an_administrators_home_names_the_rounds(two: TwoManifestos) -> None:
    home = source(logged_in(two.old.cast.administrator).get("/staff/"))
    assert all(f">{name} {YEAR}（2024年度）の報告</a>" in home for name in (OLD, NEW))


def test_a_clerk_sees_how_much_is_left_in_both_and_of_which(two: TwoManifestos) -> None:
    home = logged_in(two.old.cast.clerk).get("/staff/")
    assert home.context["left"] == 2  # a draft of each
    ways = [f'<a href="#round-{s.round.pk}">{name} {YEAR}（1件）</a>' for name, s in two.both]
    told = source(home)
    assert all(way in told for way in ways)
    assert re.findall(r'class="count">(まち[^<]*|新しい[^<]*)<', told) == [OLD, NEW]


def test_turning_the_pages_of_one_manifesto_leaves_the_other_where_it_is(
    two: TwoManifestos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.staff.home.TASKS_PER_PAGE", 1)
    client = logged_in(two.old.cast.clerk)
    address = f"?round={two.old.round.pk}&amp;page=2"
    assert address in source(client.get("/staff/"))
    tasks = client.get("/staff/", {"round": two.old.round.pk, "page": 2}).context["tasks"]
    assert {each.manifesto: each.page.number for each in tasks} == {OLD: 2, NEW: 1}


# --- the desk --------------------------------------------------------------------------------------------
def test_the_queue_leads_to_the_other_even_where_nothing_waits(planner: Client, two: TwoManifestos) -> None:
    YearlyAction.objects.filter(round=two.new.round).update(state=ActionState.DRAFT)
    here = planner.get("/staff/queue/").context["manifesto_here"]
    assert here.name == OLD
    assert here.others == [(NEW, f"/staff/queue/?round={two.new.round.pk}")]


def test_the_way_through_a_queue_stays_in_its_manifesto(planner: Client, two: TwoManifestos) -> None:
    for _name, space in two.both:
        submit(space.row(2), space.cast.other)
    first, second = two.old.row(1), two.old.row(2)
    shown = planner.get(f"/staff/actions/{first.pk}/review/?round={two.new.round.pk}")
    assert (shown.context["walk"].count, shown.context["walk"].next) == (2, second.pk)
    done = planner.post(f"/staff/actions/{first.pk}/review/", {"act": "approve", "version": first.version})
    assert done["Location"] == f"/staff/actions/{second.pk}/review/?round={two.old.round.pk}&of=2"
    done = planner.post(done["Location"], {"act": "approve", "version": second.version})
    assert done["Location"] == f"/staff/queue/?round={two.old.round.pk}"
    assert two.new.row(1).state == ActionState.SUBMITTED


def test_bulk_approval_takes_the_rows_of_one_manifesto(planner: Client, two: TwoManifestos) -> None:
    address = f"/staff/queue/approve/?round={two.old.round.pk}"
    shown = planner.get(address)
    assert [action.pk for action in shown.context["page"]] == [two.old.row(1).pk]
    assert OLD in shown.context["manifesto_here"].name
    assert planner.post(address, {"rows": shown.context["pairs"]}).status_code == 302
    states = [space.row(1).state for _name, space in two.both]
    assert states == [ActionState.APPROVED, ActionState.SUBMITTED]


def test_what_is_said_after_a_submission_names_the_manifesto(two: TwoManifestos) -> None:
    row = two.new.row(3)
    client = logged_in(two.old.cast.both)
    answer = client.post(f"/staff/actions/{row.pk}/check/", {"version": row.version}, follow=True)
    assert f"「①駅を直します」（{NEW}）を提出しました。" in source(answer)


# --- lists, choices and files of master data -------------------------------------------------------------
LISTED: dict[type, Callable[[Workspace], int]] = {
    Category: lambda space: 2,
    Pledge: lambda space: 1,
    Initiative: lambda space: 4,
    PlanProject: lambda space: 1,
    ReportingRound: lambda space: 2,
    YearlyAction: lambda space: 8,
}
FILTER = {
    Category: "manifesto",
    Pledge: "section__manifesto",
    Initiative: "pledge__section__manifesto",
    PlanProject: "manifesto",
    ReportingRound: "manifesto",
    YearlyAction: "round__manifesto",
}


@pytest.mark.parametrize("model", LISTED)
def test_lists_name_the_manifesto_of_each_row_and_filter_by_it(
    planner: Client, two: TwoManifestos, model: type
) -> None:
    whole = source(planner.get(page(model)))
    cells = re.findall(r'<td class="field-manifesto_name[^"]*">([^<]*)</td>', whole)
    count = LISTED[model](two.old)
    assert sorted(cells) == sorted([OLD] * count + [NEW] * count)
    asked = {f"{FILTER[model]}__id__exact": two.new.manifesto.pk}
    narrowed = source(planner.get(page(model), asked))
    assert re.findall(r'<td class="field-manifesto_name[^"]*">([^<]*)</td>', narrowed) == [NEW] * count


def test_fields_and_steps_of_two_manifestos_are_told_apart_in_filters(planner: Client) -> None:
    shown = source(planner.get(page(YearlyAction)))
    assert all(f"1. まち（{name}）" in shown and f"A 達成（{name}）" in shown for name in (OLD, NEW))


def test_what_is_called_alike_can_be_chosen_of_either_manifesto(planner: Client, two: TwoManifestos) -> None:
    form = source(planner.get(page(Initiative, "add")))
    assert all(
        f"1-1-1 駅を直します（{name}）" in form and f"2-2-3 駅前（{name}）" in form for name in (OLD, NEW)
    )
    assert all(
        f"1. まち ＞ (1) 道路（{name}）" in source(planner.get(page(Pledge, "add"))) for name in (OLD, NEW)
    )
    field = planner.get(page(Initiative, "add")).context["adminform"].form.fields["pledge"]
    pledge = Pledge.objects.get(section__manifesto=two.new.manifesto)
    assert field.clean([f"1-1-1 駅を直します（{NEW}）"]) == pledge
    suggested = planner.get(
        "/staff/autocomplete/",
        {"app_label": "tracker", "model_name": "initiative", "field_name": "pledge", "term": "駅"},
    ).json()
    assert [each["text"] for each in suggested["results"]] == [
        f"1-1-1 駅を直します（{name}）" for name in (OLD, NEW)
    ]


@pytest.mark.parametrize("model", [Category, Pledge, Initiative, PlanProject])
def test_files_hold_both_or_one_and_say_which(planner: Client, model: type) -> None:
    slugs = [row[0] for row in rows_of(export(planner, model))[1:]]
    assert set(slugs) == {"2021", "2025"}
    one = planner.get(page(model, "export"), {"format": "csv", "manifesto": "2025"})
    assert [row[0] for row in rows_of(one.content)[1:]] == [slug for slug in slugs if slug == "2025"]
    assert f"{model.__name__.lower()}-2025.csv" in one["Content-Disposition"]
    assert f"2025（{NEW}）" in source(planner.get(page(model, "import")))


def test_a_file_of_an_unknown_manifesto_is_told_which_there_are(planner: Client) -> None:
    rows = [["マニフェスト", "番号", "名称"], ["2029", "1", "まち"]]
    (error,) = errors_of(upload(planner, Category, as_csv(rows)))
    assert error[2] == "「2029」というマニフェストはありません。あるのは 2021、2025 です。"


# --- history ---------------------------------------------------------------------------------------------
def told(client: Client, **asked: str) -> list[tuple[str, str]]:
    """Manifesto and subject of each event in the list."""
    response = client.get(page(Event), asked)
    assert response.context["complaints"] == []
    return [(each.told.manifesto, each.event.subject) for each in response.context["events"]]


def test_events_say_of_which_manifesto_and_are_found_by_it(planner: Client, two: TwoManifestos) -> None:
    rows = {name: f"action:{space.row(1).pk}" for name, space in two.both}
    both = [each for each in told(planner, q="1-1-1-1") if each[1].startswith("action:")]
    assert set(both) == set(rows.items())
    assert {each for each in told(planner, q="1-1-1-1", manifesto="2025") if each[0]} == {(NEW, rows[NEW])}
    kinds = {subject.partition(":")[0] for _name, subject in told(planner, manifesto="2025")}
    assert kinds == {"action", "round", "report"}
    assert not {rows[OLD], two.old.round.subject} & {
        subject for _n, subject in told(planner, manifesto="2025")
    }


def test_what_is_deleted_keeps_its_manifesto_in_the_history(planner: Client, two: TwoManifestos) -> None:
    project = PlanProject.objects.get(manifesto=two.new.manifesto)
    assert planner.post(page(PlanProject, "delete", project.pk), {"post": "yes"}).status_code == 302
    assert told(planner, manifesto="2025", kind="catalogue") == [(NEW, f"planproject:{project.pk}")]
    event = Event.objects.latest("number")
    assert f"<dd>{NEW}</dd>" in source(planner.get(page(Event, "change", event.pk)))


def test_acts_on_a_pledge_and_an_initiative_tell_their_manifesto(two: TwoManifestos) -> None:
    pledge = Pledge.objects.get(section__manifesto=two.new.manifesto)
    named = {"text": "駅をなおします", "number_label": "①", "section_name": "道路", "category_name": "まち"}
    catalogue.correct(pledge, **named, by=two.new.cast.planner, reason="誤字")
    assert Event.objects.latest("number").content["manifesto"] == "2025"
    end = {"last_fiscal_year": 2024, "by": two.new.cast.planner, "reason": "済んだため"}
    rounds.end_initiative(two.new.row(4).initiative, **end)  # type: ignore[arg-type]
    assert Event.objects.latest("number").content["manifesto"] == "2025"


def test_a_things_history_leads_on_to_its_own_manifesto(planner: Client, two: TwoManifestos) -> None:
    pledge = Pledge.objects.get(section__manifesto=two.new.manifesto)
    shown = source(planner.get(page(Pledge, "history", pledge.pk)))
    assert f"{page(Event)}?q=1-1-1&amp;manifesto=2025" in shown


def test_events_of_older_versions_are_named_in_a_constant_number_of_statements(
    planner: Client, two: TwoManifestos, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        planner.get(page(Event))


# --- mails -----------------------------------------------------------------------------------------------
@pytest.fixture
def _mail(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    settings.STAFF_SITE_URL = "https://manifesto.example/staff"
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@city.example")


@pytest.mark.usefixtures("_mail")
def test_mails_name_the_manifesto_in_subject_and_text(two: TwoManifestos) -> None:
    for name, space in two.both:
        notice = notices_of(space.round, timezone.now(), days=60, kinds=[MailKind.REMINDER])[0]
        assert notice.subject.startswith(f"【市長マニフェスト】{name} {YEAR}の報告：")
        assert f"{name}の{YEAR}（2024年度）の取組の報告について" in notice.body


@pytest.mark.usefixtures("_mail")
def test_the_command_names_the_manifesto_and_those_there_are(two: TwoManifestos) -> None:
    out = io.StringIO()
    call_command("send_reminders", "--days", "60", "--dry-run", stdout=out, stderr=io.StringIO())
    assert all(f"土木課（{name} {YEAR}、1 件）" in out.getvalue() for name in (OLD, NEW))
    only = io.StringIO()
    options = ("--days", "60", "--dry-run", "--manifesto", "2025")
    call_command("send_reminders", *options, stdout=only, stderr=io.StringIO())
    assert (NEW in only.getvalue(), OLD in only.getvalue()) == (True, False)
    with pytest.raises(CommandError, match=rf"あるのは 2025（{NEW}）、2021（{OLD}） です。"):
        call_command("send_reminders", "--manifesto", "2029")


# --- entry sheets ----------------------------------------------------------------------------------------
def test_a_sheet_says_of_which_manifesto_it_is(two: TwoManifestos) -> None:
    client = logged_in(two.old.cast.clerk)
    for name, space in two.both:
        answer = client.get(f"/staff/rounds/{space.round.pk}/sheet.xlsx?department=001")
        assert f"入力シート_{name}_{YEAR}_土木課.xlsx" in unquote(answer["Content-Disposition"])
        book = load_workbook(io.BytesIO(answer.content))
        cells = [str(cell.value) for row in book.worksheets[0].iter_rows(max_row=8) for cell in row]
        assert any(name in cell for cell in cells)


def test_a_sheet_of_the_other_manifesto_is_refused_by_name(two: TwoManifestos) -> None:
    _made, content = exporting.export(two.old.round, by=two.old.cast.clerk, department=two.old.mine)
    file = SimpleUploadedFile("入力シート.xlsx", content)
    answer = logged_in(two.old.cast.clerk).post(f"/staff/rounds/{two.new.round.pk}/sheets/", {"file": file})
    assert answer.status_code == 422
    words = f"この入力シートは 令和6年度（2024年度）（{NEW}） の報告のものではありません。"
    assert f"{words}マニフェストを確かめてください。" in answer.content.decode()


# --- reorganisations, kept texts, pledges ----------------------------------------------------------------
def test_a_reorganisation_counts_and_names_the_rows_of_both(planner: Client, two: TwoManifestos) -> None:
    steps = [{"kind": "merge", "departments": ["001"], "successors": ["002"]}]
    document = Reorganisation.objects.create(fiscal_year=2025, title="春の改正", steps=steps)
    preview = planner.get(f"/staff/reorganisations/{document.pk}/").context["preview"]
    lines = {line.code: (line.rows, line.by_manifesto) for line in preview.lines}
    assert lines["001"] == ((4, 0), ((NEW, 2, 0), (OLD, 2, 0)))
    shown = source(planner.get(f"/staff/reorganisations/{document.pk}/"))
    assert f"「2025/」は{NEW}、「2021/」は{OLD}のものです。" in shown
    assert f"{NEW} {YEAR} 提出済 1件" in shown


def test_choices_of_a_split_name_the_manifesto(planner: Client, two: TwoManifestos) -> None:
    steps = [{"kind": "split", "departments": ["001"], "successors": ["002", "003"]}]
    document = Reorganisation.objects.create(fiscal_year=2025, title="春の改正", steps=steps)
    shown = source(planner.get(f"/staff/reorganisations/{document.pk}/steps/1/choices/"))
    assert f"2025/1-1-1-1　①駅を直します（{NEW}）" in shown
    book = load_workbook(
        io.BytesIO(planner.get(f"/staff/reorganisations/{document.pk}/choices.xlsx").content)
    )
    titles = [row[4] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert f"①駅を直します（{OLD}）" in titles


def test_the_list_of_pledges_is_that_of_all_or_of_one(planner: Client, two: TwoManifestos) -> None:
    whole = planner.get("/staff/pledges/")
    assert [(name, len(found)) for _each, name, found in whole.context["manifestos"]] == [(NEW, 1), (OLD, 1)]
    one = planner.get("/staff/pledges/?manifesto=2021&q=1-1-1")
    assert [(name, len(found)) for _each, name, found in one.context["manifestos"]] == [(OLD, 1)]
    assert one.context["manifesto_here"].others == [(NEW, "/staff/pledges/?manifesto=2025")]


def test_the_round_published_next_is_the_last_of_its_year(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space)
    first = ReportingRound.objects.get(pk=space.round.pk)
    rounds.start_correction(first, by=space.cast.planner, reason="誤り")
    assert unpublished_round(space.manifesto) == second


# --- what is asked before it is done, refused, or gone -----------------------------------------------------
def test_what_an_act_will_do_is_told_under_the_name_of_its_manifesto(
    planner: Client, two: TwoManifestos
) -> None:
    section = Category.objects.get(manifesto=two.old.manifesto, parent__isnull=False)
    typed = {
        "act": "check", "section": section.pk, "text": "公園を増やします", "number_label": "②",
        "first_fiscal_year": 2024, "parts": 1, "part-1-departments": ["土木課"], "reason": "市民の声",
    }  # fmt: skip
    shown = planner.post("/staff/pledges/add/?manifesto=2021", typed)
    assert (shown.status_code, shown.context["manifesto_here"].name) == (200, OLD)
    assert "1-1-2" in source(shown)


def test_opening_a_round_says_of_which_manifesto_before_and_after(
    planner: Client, two: TwoManifestos
) -> None:
    ReportingRound.objects.filter(pk=two.old.round.pk).update(state=RoundState.PUBLISHED)
    address = "/staff/rounds/open/?manifesto=2021"
    form = source(planner.get(address))
    assert f'<input type="hidden" name="manifesto" value="{two.old.manifesto.pk}">' in form
    due_on = timezone.localdate() + timedelta(days=9)
    values = {
        "manifesto": two.old.manifesto.pk, "fiscal_year": 2025, "name": "", "as_of": "2026-03-31",
        "due_on": due_on.isoformat(),
    }  # fmt: skip
    check = planner.post(address, {**values, "act": "check"})
    assert check.context["manifesto_here"].name == OLD
    assert f"<dt>マニフェスト</dt><dd>{OLD}</dd>" in source(check)
    after = planner.post(address, {**values, "act": "open"}, follow=True)
    assert f"令和7年度（{OLD}） の報告回を開きました。" in source(after)


def test_a_conflict_is_shown_under_the_name_of_its_manifesto(two: TwoManifestos) -> None:
    row = two.new.row(3)
    typed = {
        "version": row.version - 1,
        "base": "",
        "result": "・別の内容。",
        "rating": "none",
        "plan": "・別。",
    }
    answer = logged_in(two.old.cast.other).post(f"/staff/actions/{row.pk}/", {**typed, "act": "save"})
    assert (answer.status_code, answer.context["manifesto_here"].name) == (409, NEW)


def test_an_open_tab_is_told_whose_round_was_cancelled(planner: Client, two: TwoManifestos) -> None:
    row, round = two.new.row(4), two.new.round
    seen = planner.get(f"/staff/rounds/{round.pk}/cancel/").context["seen"]
    done = planner.post(
        f"/staff/rounds/{round.pk}/cancel/", {"reason": "まちがい", "seen": seen}, follow=True
    )
    assert f"令和6年度（{NEW}）" in source(done)
    gone = planner.get(f"/staff/actions/{row.pk}/")
    assert gone.status_code == 410
    assert f"令和6年度（{NEW}）の報告回は、企画が取り消しました" in gone.content.decode()


def test_a_text_that_waits_after_a_login_says_of_which_manifesto(two: TwoManifestos) -> None:
    row = two.new.row(3)
    request = RequestFactory().get("/staff/kept/")
    request.user = two.old.cast.clerk
    told = kept_texts._about(request, f"/staff/actions/{row.pk}/")
    assert told == f"1-1-1-3　①駅を直します（{NEW}）"

"""Import and export pages: nothing is written but what was shown, and only by who saw it."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.public.markup import parse
from tests.staff.master.browsing import page
from tests.staff.master.exchanging import (
    EXCHANGED,
    as_csv,
    confirm,
    errors_of,
    export,
    outcome_of,
    packed,
    rows_of,
    upload,
)
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.choices import EventKind
from tracker.cycle import events
from tracker.models import Department, Event, Initiative, PlanProject, Pledge
from tracker.staff.master import shown_rows


def test_a_change_is_shown_then_written_with_an_event(planner: Client, space: Workspace) -> None:
    Department.objects.create(code="n01", name="新しい課", first_fiscal_year=2024)
    heads, row, *rows = rows_of(export(planner, Initiative))
    initiative = space.row().initiative
    row[heads.index("担当課")] = "001 -2023\nn01 2024-"
    row[heads.index("SDGs")] = "3 17"
    before = Event.objects.count()
    preview = upload(planner, Initiative, as_csv([heads, row, *rows]))
    outcome = outcome_of(preview)
    assert [outcome.counts[kind] for kind in ("new", "update", "skip")] == [0, 1, len(rows)]
    assert Event.objects.count() == before
    assert list(initiative.assignments.values_list("department__code", flat=True)) == ["001"]
    assert confirm(planner, Initiative, preview).status_code == 302
    duties = initiative.assignments.order_by("position").values_list(
        "department__code", "from_fiscal_year", "to_fiscal_year"
    )
    assert list(duties) == [("001", None, 2023), ("n01", 2024, None)]
    assert Initiative.objects.get(pk=initiative.pk).sdgs == [3, 17]
    event = Event.objects.order_by("-number")[0]
    assert Event.objects.count() == before + 1
    told = (event.kind, event.subject, event.content["act"])
    assert told == (EventKind.CATALOGUE, f"initiative:{initiative.pk}", "取込で変更")
    assert event.content["changes"] == {"担当課": ["001", "001 -2023\nn01 2024-"], "SDGs": ["", "3 17"]}
    assert events.first_break(Event.objects.order_by("number")) is None


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (PlanProject, "「マニフェスト」「番号の表記」「名称」がいまの内容とすべて同じ行は変更"),
        (Department, "「コード」がいまの内容と同じ行は変更"),
    ],
)
def test_the_page_says_which_rows_are_changed_and_which_are_added(
    planner: Client, model: type[PlanProject | Department], words: str
) -> None:
    shown = planner.get(page(model, "import")).content.decode()
    assert f"{words}、そうでない行は追加になります。" in parse(shown).text


def test_a_renamed_project_is_another_one(planner: Client, project: PlanProject) -> None:
    """As that page says: a project is told by its name, too."""
    heads, row, *rows = rows_of(export(planner, PlanProject))
    row[heads.index("名称")] = "新しい名前"
    preview = upload(planner, PlanProject, as_csv([heads, row, *rows]))
    outcome, shown = outcome_of(preview), parse(preview.content.decode())
    assert (outcome.counts["new"], outcome.counts["update"]) == (1, 0)
    # A sentence in the caption is as wide as the table: a telephone would show its beginning only.
    assert shown.one("caption").text == "変わる行"
    assert "消える文字には線を引き、加わる文字には下線を引いています。" in shown.text


def test_notes_on_cells_are_told_and_not_taken(planner: Client) -> None:
    book = load_workbook(io.BytesIO(export(planner, PlanProject, "xlsx")))
    book.worksheets[0].append(["2021", "9-9-9", "新しい事業", "9-9-9"])
    book.worksheets[0]["C2"].comment = Comment("名前は仮", "企画")
    out = io.BytesIO()
    book.save(out)
    shown = parse(upload(planner, PlanProject, out.getvalue()).content.decode())
    assert (
        "C2：セルに付いたコメント（メモ）は取り込みません。要ることは、セルに書いてください。" in shown.text
    )


@pytest.mark.parametrize("character", ["\x01", "\x1f", "\x7f", "\ufffe", "\uffff"])
def test_a_control_character_in_a_file_is_refused_by_its_cell(planner: Client, character: str) -> None:
    heads = rows_of(export(planner, PlanProject))[0]
    rows = [["2021", "9-9-8", "よい事業", "9-9-8"], ["2021", "9-9-9", f"甲\n乙{character}丙", "9-9-9"]]
    preview = upload(planner, PlanProject, as_csv([heads, *rows]))
    words = "2 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。"
    assert errors_of(preview) == [(3, "名称", words)]
    assert not PlanProject.objects.filter(code__in=["9-9-8", "9-9-9"]).exists()


def test_a_line_break_in_a_name_is_refused_by_its_cell(planner: Client) -> None:
    heads = rows_of(export(planner, Department))[0]
    rows = [
        [f"x{number}", name, *[""] * (len(heads) - 2)] for number, name in enumerate(("総務\n課", "市民課\n"))
    ]
    preview = upload(planner, Department, as_csv([heads, *rows]))
    assert errors_of(preview) == [(2, "名称", "1 行で書く欄です。途中の改行を消してください。")]


def test_a_name_is_read_as_a_form_reads_it(planner: Client) -> None:
    heads = rows_of(export(planner, Department))[0]
    rows = [
        [f"x{n}", name, *[""] * (len(heads) - 2)] for n, name in enumerate(("　市民課\n", "\u200b", "　"))
    ]
    assert errors_of(upload(planner, Department, as_csv([heads, *rows]))) == [
        (3, "名称", "空欄にできません。"),
        (4, "名称", "空欄にできません。"),
    ]
    preview = upload(planner, Department, as_csv([heads, rows[0]]))
    assert planner.post(page(Department, "import"), {"rows": packed(preview)}).status_code == 302
    assert Department.objects.get(code="x0").name == "市民課"


def test_another_person_cannot_confirm(planner: Client, space: Workspace) -> None:
    heads = rows_of(export(planner, PlanProject))[0]
    preview = upload(planner, PlanProject, as_csv([heads, ["2021", "9-9-9", "新しい事業", "9-9-9"]]))
    address, sent = page(PlanProject, "import"), {"rows": packed(preview)}
    assert logged_in(space.cast.second_planner).post(address, sent).status_code == 403
    assert logged_in(space.cast.clerk).post(address, sent).status_code == 403
    assert planner.post(page(Department, "import"), sent).status_code == 403
    assert planner.post(address, {"rows": packed(preview)[:-3] + "abc"}).status_code == 403
    assert not PlanProject.objects.filter(code="9-9-9").exists()
    assert planner.post(address, sent).status_code == 302
    assert PlanProject.objects.filter(code="9-9-9").exists()


def test_a_confirmation_does_only_what_was_shown(planner: Client, space: Workspace) -> None:
    heads = rows_of(export(planner, Department))[0]
    preview = upload(planner, Department, as_csv([heads, ["001", "改名した課", "", "", ""]]))
    Department.objects.filter(code="001").update(first_fiscal_year=2001)
    again = confirm(planner, Department, preview)
    assert again.status_code == 409
    assert "ほかの人がデータを変えました" in again.content.decode()
    assert Department.objects.get(code="001").name == space.mine.name
    assert confirm(planner, Department, again).status_code == 302
    assert Department.objects.get(code="001").name == "改名した課"
    assert confirm(planner, Department, again).status_code == 409  # the same page sent twice


def test_a_confirmation_that_has_become_wrong_writes_nothing(planner: Client) -> None:
    heads = rows_of(export(planner, Department))[0]
    rows = [["m01", "一つ目", "", "", ""], ["m02", "二つ目", "", "", ""]]
    preview = upload(planner, Department, as_csv([heads, *rows]))
    Department.objects.create(code="m99", name="二つ目")
    before = Event.objects.count()
    assert errors_of(confirm(planner, Department, preview)) == [(3, "", "同じ名称の担当課があります。")]
    assert not Department.objects.filter(code__in=["m01", "m02"]).exists()
    assert Event.objects.count() == before


HEADINGS = "コード,名称,設置年度,廃止前の最後の年度,引継ぎ先"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です"),
        (b"\x81\x00\xff", "文字コードを読み取れません"),
        (b"PK\x03\x04 broken", "ブックが壊れています"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "古い形式（.xls）"),
        ("コード,名称\n1,2\n".encode(), "見出し「設置年度」「廃止前の最後の年度」「引継ぎ先」がありません"),
        (f"{HEADINGS},備考\n".encode(), "見出し「備考」は分かりません"),
        (f"{HEADINGS}\n1,2,,,,はみ出し\n".encode(), "2 行目：見出しのない列に文字があります"),
    ],
)
def test_files_that_cannot_be_read_say_why(planner: Client, content: bytes, words: str) -> None:
    response = upload(planner, Department, content)
    assert response.status_code == 400
    assert words in response.content.decode()


def test_no_file_is_an_error_beside_the_field(planner: Client) -> None:
    response = planner.post(page(Department, "import"), {})
    assert response.status_code == 400
    assert "ファイルを選んでください" in response.content.decode()


def test_windows_japanese_is_read(planner: Client) -> None:
    content = f"{HEADINGS}\r\nm01,①課,２０２４,,\r\n".encode("cp932")
    assert confirm(planner, Department, upload(planner, Department, content)).status_code == 302
    made = Department.objects.get(code="m01")
    assert (made.name, made.first_fiscal_year) == ("①課", 2024)


def test_departments_exchange_nothing(space: Workspace) -> None:
    clerk = logged_in(space.cast.clerk)
    for model in EXCHANGED:
        assert clerk.get(page(model, "export"), {"format": "xlsx"}).status_code == 403
        assert upload(clerk, model, b"x").status_code == 403


def test_what_is_too_much_for_one_form_is_told(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_rows, "MAX_PACKED", 100)
    heads = rows_of(export(planner, PlanProject))[0]
    response = upload(planner, PlanProject, as_csv([heads, ["2021", "9-9-9", "新しい事業", ""]]))
    assert "二つに分けてください" in response.content.decode()
    assert 'name="rows"' not in response.content.decode()


def test_a_workbook_that_would_lose_text_is_not_made(planner: Client) -> None:
    text = "長" * 40_000
    Pledge.objects.update(text=text)
    response = planner.get(page(Pledge, "export"), {"format": "xlsx"})
    assert (response.status_code, response.headers.get("Content-Disposition")) == (409, None)
    source = response.content.decode()
    assert "2 行目の「公約」が長すぎて、Excel のセルに入りません（32,767 字まで）。" in source
    assert 'href="?format=csv"' in source
    assert rows_of(export(planner, Pledge))[1][3] == text

"""Master data in and out of files: the round trip is the identity, and nothing is written but what was
shown.
"""

import csv
import io
import re
from collections.abc import Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.staff.conftest import Year
from tests.staff.people import logged_in
from tracker.choices import EventKind, Role
from tracker.cycle import events
from tracker.models import (
    Category,
    Department,
    DepartmentSuccession,
    Event,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    User,
)
from tracker.staff.master import exchange_pages, files
from tracker.workbooks.problems import FileProblem

TABLES = (Category, Pledge, PlanProject, Department, Initiative, User)


def page(model: type[Model], name: str) -> str:
    return reverse(f"admin:tracker_{model._meta.model_name}_{name}")


def export(client: Client, model: type[Model], suffix: str = "csv") -> bytes:
    response = client.get(page(model, "export"), {"format": suffix})
    assert response.status_code == 200
    return response.content


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def upload(client: Client, model: type[Model], content: bytes) -> HttpResponse:
    response: HttpResponse = client.post(
        page(model, "import"), {"file": SimpleUploadedFile("x.bin", content)}
    )
    return response


def packed(response: HttpResponse) -> str:
    match = re.search(r'name="rows" value="([^"]+)"', response.content.decode())
    assert match, response.content.decode()
    return match[1]


def confirm(client: Client, model: type[Model], response: HttpResponse) -> HttpResponse:
    answer: HttpResponse = client.post(page(model, "import"), {"rows": packed(response)})
    return answer


def errors_of(response: HttpResponse) -> list[tuple[int, str, str]]:
    assert response.status_code == 400
    found: list[tuple[int, str, str]] = response.context["outcome"].errors  # type: ignore[attr-defined]
    return found


@pytest.fixture
def admin(year: Year) -> Client:
    """The administrator's browser, with departments that have successors and text that looks like
    formulas.
    """
    heir = Department.objects.create(code="n01", name="新しい課", first_fiscal_year=2024)
    DepartmentSuccession.objects.create(predecessor=year.mine, successor=heir, fiscal_year=2024)
    year.foreign.initiative.assignments.create(department=heir, position=9, from_fiscal_year=2024)
    section = Category.objects.filter(parent__isnull=False)[0]
    Pledge.objects.create(section=section, position=80, text="=HYPERLINK(\"http://x\")\n2 行目、'引用'")
    Pledge.objects.create(section=section, position=81, text="'=1+1", number_label="@")
    PlanProject.objects.create(manifesto=year.round.manifesto, code="-1", base_code="1-1", name="+1 番の事業")
    return logged_in(year.cast.administrator)


@pytest.mark.django_db
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("model", TABLES)
def test_the_round_trip_is_the_identity(admin: Client, model: type[Model], suffix: str) -> None:
    before = Event.objects.count()
    content = export(admin, model, suffix)
    response = upload(admin, model, content)
    outcome = response.context["outcome"]  # type: ignore[attr-defined]
    assert (response.status_code, outcome.errors, outcome.writing) == (200, [], [])
    assert outcome.skipped == model._default_manager.count()
    assert "変わるところはありません" in response.content.decode()
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_a_whole_catalogue_is_carried_over(admin: Client) -> None:
    Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    for model in (Category, Pledge, PlanProject, Initiative):
        heads, *rows = rows_of(export(admin, model))
        carried = as_csv([heads, *([*("2025",), *row[1:]] for row in rows)])
        assert confirm(admin, model, upload(admin, model, carried)).status_code == 302
        again = [row for row in rows_of(export(admin, model))[1:] if row[0] == "2025"]
        assert [row[1:] for row in again] == [row[1:] for row in rows]


@pytest.mark.django_db
def test_a_change_is_shown_then_written_with_an_event(admin: Client, year: Year) -> None:
    heads, *rows = rows_of(export(admin, Initiative))
    initiative = Initiative.objects.of(year.round.manifesto).get(pk=year.action.initiative_id)
    row = next(row for row in rows if row[1] == initiative.place)
    row[heads.index("担当課")] = f"{year.mine.code} -2023\nn01 2024-"
    row[heads.index("SDGs")] = "3 17"
    before = Event.objects.count()
    preview = upload(admin, Initiative, as_csv([heads, *rows]))
    outcome = preview.context["outcome"]  # type: ignore[attr-defined]
    assert (outcome.new, outcome.updated, outcome.skipped) == (0, 1, len(rows) - 1)
    assert Event.objects.count() == before
    assert list(initiative.assignments.values_list("department__code", flat=True)) == [year.mine.code]
    assert confirm(admin, Initiative, preview).status_code == 302
    duties = initiative.assignments.order_by("position").values_list(
        "department__code", "from_fiscal_year", "to_fiscal_year"
    )
    assert list(duties) == [(year.mine.code, None, 2023), ("n01", 2024, None)]
    assert Initiative.objects.get(pk=initiative.pk).sdgs == [3, 17]
    event = Event.objects.order_by("-number")[0]
    assert Event.objects.count() == before + 1
    assert (event.kind, event.subject, event.content["act"]) == (
        EventKind.CATALOGUE,
        f"initiative:{initiative.pk}",
        "取込で変更",
    )
    assert event.content["changes"] == {
        "担当課": [year.mine.code, f"{year.mine.code} -2023\nn01 2024-"],
        "SDGs": ["", "3 17"],
    }
    assert events.first_break(Event.objects.order_by("number")) is None


@pytest.mark.django_db
def test_another_person_cannot_confirm(admin: Client, year: Year) -> None:
    heads = rows_of(export(admin, PlanProject))[0]
    preview = upload(admin, PlanProject, as_csv([heads, ["2021", "9-9-9", "新しい事業", "9-9-9"]]))
    sent = {"rows": packed(preview)}
    assert logged_in(year.cast.planner).post(page(PlanProject, "import"), sent).status_code == 403
    assert logged_in(year.cast.clerk).post(page(PlanProject, "import"), sent).status_code == 403
    assert admin.post(page(Department, "import"), sent).status_code == 403
    assert admin.post(page(PlanProject, "import"), {"rows": packed(preview)[:-3] + "abc"}).status_code == 403
    assert not PlanProject.objects.filter(code="9-9-9").exists()
    assert admin.post(page(PlanProject, "import"), sent).status_code == 302
    assert PlanProject.objects.filter(code="9-9-9").exists()


@pytest.mark.django_db
def test_a_confirmation_does_only_what_was_shown(admin: Client, year: Year) -> None:
    heads = rows_of(export(admin, Department))[0]
    preview = upload(admin, Department, as_csv([heads, [year.mine.code, "改名した課", "", "", ""]]))
    Department.objects.filter(pk=year.mine.pk).update(first_fiscal_year=2001)
    again = confirm(admin, Department, preview)
    assert again.status_code == 409
    assert "ほかの人がデータを変えました" in again.content.decode()
    assert Department.objects.get(pk=year.mine.pk).name == year.mine.name
    assert confirm(admin, Department, again).status_code == 302
    assert Department.objects.get(pk=year.mine.pk).name == "改名した課"
    assert confirm(admin, Department, again).status_code == 409  # the same page sent twice


@pytest.mark.django_db
def test_a_confirmation_that_has_become_wrong_writes_nothing(admin: Client, year: Year) -> None:
    heads = rows_of(export(admin, Department))[0]
    rows = [["m01", "一つ目", "", "", ""], ["m02", "二つ目", "", "", ""]]
    preview = upload(admin, Department, as_csv([heads, *rows]))
    Department.objects.create(code="m99", name="二つ目")
    before = Event.objects.count()
    assert errors_of(confirm(admin, Department, preview)) == [(3, "", "同じ名称の担当課があります。")]
    assert not Department.objects.filter(code__in=["m01", "m02"]).exists()
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_errors_name_row_and_column(admin: Client, year: Year) -> None:
    heads = rows_of(export(admin, Initiative))[0]
    assert heads == [
        "マニフェスト",
        "番号",
        "始まりの年度",
        "担当課",
        "ほかの担当課もある",
        "SDGs",
        "関連事業",
    ]
    rows = [
        ["2099", "1-1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-99-1", "2021", "", "", "", ""],
        ["", "", "", "", "", "", ""],
        ["2021", "1-1-1-1", "令和3", "zzz 2021-", "たぶん", "18", "ない事業"],
        ["2021", "１-1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-2-1", "", f"{year.mine.code} 2024-2021", "", "", ""],
        ["2021", "1-1-2-2", "2021", f"{year.mine.code}\n{year.mine.code}", "", "", ""],
    ]
    found = errors_of(upload(admin, Initiative, as_csv([heads, *rows])))
    assert found == [
        (2, "マニフェスト", "「2099」というマニフェストはありません。"),
        (3, "番号", "「1-1-1」は番号として読めません（例：1-2-3-1）。"),
        (4, "番号", "「1-1-99」がありません。先にそれを加えてください。"),
        (6, "SDGs", "「18」は読めません。1 から 17 までの数を、空白で区切って書いてください。"),
        (6, "ほかの担当課もある", "「たぶん」は読めません。「はい」か空欄にしてください。"),
        (6, "始まりの年度", "「令和3」は年度として読めません。西暦 4 桁で書いてください（例：2024）。"),
        (
            6,
            "担当課",
            (
                "「zzz 2021-」は読めません。1 行に 1 課、担当課のコードと年度を「015 2021-2023」"
                "のように書いてください。"
            ),
        ),
        (6, "関連事業", "「ない事業」という関連事業はありません。"),
        (7, "", "同じ「2021 1-1-1-1」の行が、ファイルの中にもう一つあります。"),
        (8, "始まりの年度", "西暦 4 桁で書いてください（例：2024）。"),
        (8, "担当課", f"「{year.mine.code} 2024-2021」は、最終年度が開始年度より前です。"),
        (9, "担当課", "同じ担当課が、同じ開始年度で二度書かれています。"),
    ]


@pytest.mark.django_db
def test_database_rules_are_errors_too(admin: Client, year: Year) -> None:
    heads = rows_of(export(admin, Department))[0]
    rows = [
        ["Ａ B!", "大文字の課", "", "", ""],
        ["m01", "", "", "", ""],
        ["m02", "逆の課", "2024", "2020", ""],
        ["m03", year.theirs.name, "", "", ""],
        ["m04", "引き継ぐ課", "", "2023", "m05 2024"],
        ["m05", "後の課", "2024", "", "m05 2025"],
    ]
    found = errors_of(upload(admin, Department, as_csv([heads, *rows])))
    assert found == [
        (2, "コード", "半角の英小文字・数字・ハイフンで書いてください。"),
        (3, "名称", "空欄にできません。"),
        (4, "", "最後の年度が、設置年度より前です。"),
        (5, "", "同じ名称の担当課があります。"),
        (
            7,
            "引継ぎ先",
            (
                "「m05 2025」は読めません。1 行に 1 課、引継ぎ先のコードと年度を「015 2023」"
                "のように書いてください。"
            ),
        ),
    ]


@pytest.mark.django_db
def test_a_successor_may_stand_in_a_later_row(admin: Client) -> None:
    heads = rows_of(export(admin, Department))[0]
    rows = [["m01", "前の課", "", "2023", "m02 2024"], ["m02", "後の課", "2024", "", ""]]
    assert confirm(admin, Department, upload(admin, Department, as_csv([heads, *rows]))).status_code == 302
    linked = DepartmentSuccession.objects.get(predecessor__code="m01")
    assert (linked.successor.code, linked.fiscal_year) == ("m02", 2024)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です"),
        (b"\xff\xfe\x00\x81", "文字の種類が分かりません"),
        (b"PK\x03\x04 broken", "ブックが壊れています"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "古い形式（.xls）"),
        ("コード,名称\n1,2\n".encode(), "見出し「設置年度」「廃止前の最後の年度」「引継ぎ先」がありません"),
        ("コード,名称,設置年度,廃止前の最後の年度,引継ぎ先,備考\n".encode(), "見出し「備考」は分かりません"),
        (
            "コード,名称,設置年度,廃止前の最後の年度,引継ぎ先\n1,2,,,,はみ出し\n".encode(),
            "2 行目：見出しのない列に文字があります",
        ),
    ],
)
def test_files_that_cannot_be_read_say_why(admin: Client, content: bytes, words: str) -> None:
    response = upload(admin, Department, content)
    assert response.status_code == 400
    assert words in response.content.decode()


@pytest.mark.django_db
def test_no_file_is_an_error_beside_the_field(admin: Client) -> None:
    response = admin.post(page(Department, "import"), {})
    assert response.status_code == 400
    assert "ファイルを選んでください" in response.content.decode()


@pytest.mark.django_db
def test_windows_japanese_is_read(admin: Client) -> None:
    text = "コード,名称,設置年度,廃止前の最後の年度,引継ぎ先\r\nm01,①課,２０２４,,\r\n"
    assert confirm(admin, Department, upload(admin, Department, text.encode("cp932"))).status_code == 302
    made = Department.objects.get(code="m01")
    assert (made.name, made.first_fiscal_year) == ("①課", 2024)


@pytest.mark.django_db
def test_people_are_carried_without_passwords(admin: Client, year: Year) -> None:
    heads, *rows = rows_of(export(admin, User))
    assert heads == ["利用者名", "姓", "名", "メールアドレス", "役割", "所属", "使える"]
    assert all("$" not in cell for row in rows for cell in row)
    new = ["yamada", "山田", "花子", "y@example.jp", "企画", f"{year.mine.code} {year.theirs.code}", "はい"]
    assert confirm(admin, User, upload(admin, User, as_csv([heads, new]))).status_code == 302
    user = User.objects.get(username="yamada")
    assert (user.role, user.has_usable_password(), user.is_staff, user.is_superuser) == (
        Role.PLANNING,
        False,
        False,
        False,
    )
    assert user.department_ids == {year.mine.pk, year.theirs.pk}
    own = ["administrator", "試験", "administrator", "", "担当課", "", "いいえ"]
    assert [
        (row, column) for row, column, _words in errors_of(upload(admin, User, as_csv([heads, own])))
    ] == [(2, "使える"), (2, "役割")]
    unknown = ["x", "", "", "no address", "部長", "zzz", "はい"]
    assert errors_of(upload(admin, User, as_csv([heads, unknown]))) == [
        (2, "メールアドレス", "有効なメールアドレスを入力してください。"),
        (2, "役割", "「部長」という役割はありません。担当課、企画、管理者 のどれかにしてください。"),
        (2, "所属", "コードが「zzz」の担当課はありません。"),
    ]


@pytest.mark.django_db
def test_people_are_the_administrators(year: Year) -> None:
    planner = logged_in(year.cast.planner)
    for name in ("import", "export"):
        assert planner.get(page(User, name)).status_code == 403
    assert planner.get(page(User, "export"), {"format": "csv"}).status_code == 403
    assert upload(planner, User, b"x").status_code == 403
    for model in TABLES:
        clerk = logged_in(year.cast.clerk)
        assert clerk.get(page(model, "export"), {"format": "xlsx"}).status_code == 403
        assert upload(clerk, model, b"x").status_code == 403


@pytest.mark.django_db
def test_what_is_too_much_for_one_form_is_told(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_pages, "MAX_PACKED", 100)
    heads = rows_of(export(admin, PlanProject))[0]
    response = upload(admin, PlanProject, as_csv([heads, ["2021", "9-9-9", "新しい事業", ""]]))
    assert "二つに分けてください" in response.content.decode()
    assert 'name="rows"' not in response.content.decode()


# Files


def test_workbooks_hold_text_only() -> None:
    rows = [["=1+1", "+1", "-1", "@x"], ["1-2", "0012", "令和6", "a\x0bb"]]
    sheet = load_workbook(io.BytesIO(files.write("xlsx", "表", ["い", "ろ", "は", "に"], rows))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert [cell.value for cell in cells] == ["=1+1", "+1", "-1", "@x", "1-2", "0012", "令和6", "ab"]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}


def test_csv_cells_are_no_formulas() -> None:
    rows = [["=1+1", "+1", "-1", "@x", "'=1", "＝1", "\tx", "1-2", "'x"]]
    written = rows_of(files.write("csv", "表", list("abcdefghi"), rows))[1]
    assert written == ["'=1+1", "'+1", "'-1", "'@x", "''=1", "'＝1", "'\tx", "1-2", "'x"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=2, max_size=2
    )
)
def test_any_text_survives_a_csv(cells: list[str]) -> None:
    table = files.read(files.write("csv", "表", ["い", "ろ"], [["x", *cells[1:]], ["y", cells[0]]]))
    assert table.rows == (("x", cells[1]), ("y", cells[0]))
    assert table.numbers == (2, 3)


def test_a_formula_without_a_value_is_refused() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["い"])
    book.active.append(["=1+1"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileProblem, match="A2 の数式"):
        files.read(out.getvalue())


def test_only_the_first_sheet_is_read_and_rows_keep_their_numbers() -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["い", "ろ"], [2024.0, None], [None, None], ["x", "y"]):
        book.active.append(row)
    book.create_sheet("ほか").append(["別"])
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    table = files.read(out.getvalue())
    assert (table.rows, table.numbers) == ((("2024", ""), ("x", "y")), (2, 4))


def test_large_files_are_refused() -> None:
    with pytest.raises(FileProblem, match="大きすぎます"):
        files.read(b"x" * (files.MAX_BYTES + 1))
    with pytest.raises(FileProblem, match="行が多すぎます"):
        files.read(b"a\n" * (files.MAX_ROWS + 2))

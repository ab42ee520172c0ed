"""What the rows of a file do to master data, and what is wrong with those that cannot be taken."""

import pytest
from django.db import IntegrityError
from django.test import Client

from tests.staff.master.exchanging import as_csv, confirm, errors_of, export, rows_of, upload
from tests.workspace import Workspace
from tracker.models import Department, DepartmentSuccession, Initiative, PlanProject


def test_errors_name_row_and_column(planner: Client, space: Workspace) -> None:
    for code, name in (("", "1 塔"), ("1", "塔")):
        PlanProject.objects.create(manifesto=space.manifesto, code=code, name=name)
    *heads, name = rows_of(export(planner, Initiative))[0]
    assert [*heads, name] == [
        *("マニフェスト", "番号", "始まりの年度", "担当課", "ほかの担当課もある", "SDGs", "関連事業"),
        "取組の名前",
    ]
    rows = [
        ["2099", "1-1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-99-1", "2021", "", "", "", ""],
        ["", "", "", "", "", "", ""],
        ["2021", "1-1-1-1", "令和3", "zzz 2021-", "たぶん", "18", "ない事業"],
        ["2021", "１-1-1-1", "2021", "", "", "", ""],
        ["2021", "1-1-1-2", "", "001 2024-2021", "", "", "1 塔"],
        ["2021", "1-1-1-3", "2021", "001\n001", "", "", ""],
    ]
    assert errors_of(upload(planner, Initiative, as_csv([heads, *rows]))) == [
        (2, "マニフェスト", "「2099」というマニフェストはありません。あるのは 2021 です。"),
        (3, "番号", "「1-1」がありません。先にそれを加えてください。"),
        (4, "番号", "「1-1-99」がありません。先にそれを加えてください。"),
        (6, "SDGs", "「18」は読めません。1 から 17 までの数を、空白で区切って書いてください。"),
        (6, "ほかの担当課もある", "「たぶん」は読めません。「はい」か空欄にしてください。"),
        (6, "始まりの年度", "「令和3」は年度として読めません。西暦 4 桁で書いてください（例：2024）。"),
        (
            6,
            "担当課",
            "「zzz 2021-」は読めません。1 行に 1 課、担当課のコードと年度を「015 2021-2023」"
            "のように書いてください。",
        ),
        (6, "関連事業", "「ない事業」という関連事業はありません。"),
        (7, "", "同じ「2021 1-1-1-1」の行が、ファイルの中にもう一つあります。"),
        (8, "始まりの年度", "西暦 4 桁で書いてください（例：2024）。"),
        (8, "担当課", "「001 2024-2021」は、最終年度が開始年度より前です。"),
        (8, "関連事業", "「1 塔」という関連事業が二つあり、区別できません。"),
        (9, "担当課", "同じ担当課が、同じ開始年度で二度書かれています。"),
    ]


def test_database_rules_are_errors_too(planner: Client, space: Workspace) -> None:
    heads = rows_of(export(planner, Department))[0][:5]  # as an earlier release wrote them
    rows = [
        ["Ａ B!", "大文字の課", "", "", ""],
        ["m01", "", "", "", ""],
        ["m02", "逆の課", "2024", "2020", ""],
        ["m03", space.theirs.name, "", "", ""],
        ["m04", "引き継ぐ課", "", "2023", "m05 2024"],
        ["m05", "後の課", "2024", "", "m05 2025"],
    ]
    assert errors_of(upload(planner, Department, as_csv([heads, *rows]))) == [
        (2, "コード", "半角の英小文字・数字・ハイフンで書いてください。"),
        (3, "名称", "空欄にできません。"),
        (4, "", "最後の年度が、設置年度より前です。"),
        (5, "", "同じ名称の担当課があります。"),
        (
            7,
            "引継ぎ先",
            "「m05 2025」は読めません。1 行に 1 課、引継ぎ先のコードと年度を「015 2023」"
            "のように書いてください。",
        ),
    ]


def test_a_row_that_fails_does_not_hide_what_is_wrong_with_the_others(
    planner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(department: Department, *args: object, **kwargs: object) -> None:
        raise IntegrityError("a rule that no validation knows")

    monkeypatch.setattr(Department, "save", save)
    heads = rows_of(export(planner, Department))[0][:5]  # as an earlier release wrote them
    rows = [["m01", "一つ目", "", "", ""], ["m02", "", "", "", ""]]
    assert errors_of(upload(planner, Department, as_csv([heads, *rows]))) == [
        (2, "", "この行は取り込めませんでした（IntegrityError）。"),
        (3, "名称", "空欄にできません。"),
    ]


def test_a_successor_may_stand_in_a_later_row(planner: Client) -> None:
    heads = rows_of(export(planner, Department))[0][:5]  # as an earlier release wrote them
    rows = [["m01", "前の課", "", "2023", "m02 2024"], ["m02", "後の課", "2024", "", ""]]
    assert (
        confirm(planner, Department, upload(planner, Department, as_csv([heads, *rows]))).status_code == 302
    )
    linked = DepartmentSuccession.objects.get(predecessor__code="m01")
    assert (linked.successor.code, linked.fiscal_year) == ("m02", 2024)

"""`manage.py import_report`: what it prints and writes, and that a bad file does no harm, nor half."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.conftest import FIXTURE
from tests.management.importing import counts, import_text, next_year, published, run_import, snapshot
from tests.published_tables.file.writing import (
    HEADINGS,
    NEXT_ROW,
    PLEDGE_ROW,
    raw_workbook,
    replaced,
    small_text,
)
from tests.workbooks import hostile
from tracker.models import Event, Manifesto, Pledge, Report, ReportEntry, ReportingRound
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.scale import HOW_TO_WRITE, SAY_STEP

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]
CORRECTED = small_text(PLEDGE_ROW, replaced(NEXT_ROW, {7: "C"}))


# --- reading only ---


@pytest.mark.parametrize("command", [["import_report", str(FIXTURE), "--check"], ["verify_events"]])
def test_a_database_that_was_not_migrated_is_told_in_a_sentence(tmp_path: Path, command: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("データベースが、この版の形になっていません（まだ行っていない変更が ")
    assert line.endswith("先に manage.py migrate を実行してください。")


def test_check_with_json_tells_all_of_the_citys_table() -> None:
    told = json.loads(run_import(FIXTURE, check=True, json=True))
    assert list(told) == ["title", "as_of", "ratings", "counts", "anomalies", "initiatives"]
    assert (told["title"], told["as_of"]) == ("市長マニフェストの達成状況（令和6年3月末時点）", "2024-03-31")
    assert told["counts"] == {
        "categories": 8, "sections": 24, "pledges": 138, "initiatives": 207, "departments": 51, "unrated": 4,
    }  # fmt: skip
    assert len(told["initiatives"]) == len({row["key"] for row in told["initiatives"]}) == 207
    assert len(told["anomalies"]) == 152
    assert set(counts().values()) == {0}


def test_json_tells_an_irregular_row_whole() -> None:
    told = json.loads(run_import(FIXTURE, check=True, json=True))
    row = next(row for row in told["initiatives"] if row["source_row"] == 246)
    assert {name: value for name, value in row.items() if name not in {"results", "plans", "pledge"}} == {
        "key": "5-1-5-1",
        "category": "医療、福祉の充実",
        "section": "地域医療体制の整備",
        "pledge_number": "⑤",
        "plan_projects": ["1-1-1①1 健康づくりの拠点整備 保健センター整備事業"],
        "sdgs": [3, 5, 11, 12],
        "sdgs_known": True,
        "rating": "C",
        "reason": "",
        "ratings_by_year": {},
        "extras": {},
        "indicators": [],
        "departments": [{"name": "健康づくり課", "from_year": None, "to_year": None}],
        "other_departments": False,
        "source_row": 246,
    }
    assert (list(row["results"]), list(row["plans"])) == (["2021", "2022", "2023"], ["2024"])
    assert row["pledge"] == "健康管理センターの施設整備を進めます"


def test_check_without_json_counts_and_writes_nothing(tmp_path: Path) -> None:
    assert import_text(tmp_path, small_text(), check=True).splitlines() == [
        "表.txt を読み取っています…",
        "市長マニフェストの達成状況（令和6年3月末時点）（2024-03-31 時点）",
        "分野 1、項目 1、公約 1、取組 2（うち評価なし 0）、担当課 2",
        "評価の区分：A 達成 100%、B おおむね達成 75%、C 一部達成 50%",
        "読み取りで判断した箇所：0 件（--json で一覧）",
        "確認だけを行いました。何も書き込んでいません。",
    ]
    assert set(counts().values()) == {0}


def test_a_table_of_a_day_to_come_is_told(tmp_path: Path) -> None:
    file = tmp_path / "表.txt"
    file.write_text(small_text(as_of="令和6年9月末"))
    told = StringIO()
    with time_machine.travel(date(2024, 9, 29)):
        call_command("import_report", str(file), check=True, stdout=StringIO(), stderr=told)
    assert "時点（令和6年9月30日）が、きょう（令和6年9月29日）より後です。" in told.getvalue()


def test_an_unknown_column_is_told_in_plain_words(tmp_path: Path) -> None:
    rows = ((*PLEDGE_ROW, "市債を使う"), (*NEXT_ROW, ""))
    out = import_text(tmp_path, small_text(*rows, headings=(*HEADINGS, "備考")), check=True)
    assert out.splitlines()[4:6] == [
        "知らない列「備考」は、取組のメモとして残しました。",
        "読み取りで判断した箇所：1 件（--json で一覧）",
    ]


def test_json_tells_the_notes_of_an_initiative_that_has_some(tmp_path: Path) -> None:
    rows = ((*PLEDGE_ROW, "・市債を使う ・3 年で返す"), (*NEXT_ROW, ""))
    told = json.loads(
        import_text(tmp_path, small_text(*rows, headings=(*HEADINGS, "備考")), check=True, json=True)
    )
    assert [row.get("notes") for row in told["initiatives"]] == [{"備考": "・市債を使う\n・3 年で返す"}, None]
    assert [(a["row"], a["kind"], a["column"]) for a in told["anomalies"]] == [(11, "column_unknown", "備考")]


# --- writing ---


def test_a_first_import_tells_what_it_wrote(tmp_path: Path) -> None:
    out = import_text(tmp_path, small_text(), publish=True, by="企画 花子")
    assert out.splitlines()[-2:] == [
        "取り込みました（新規 24 件、変更 0 件）。",
        "2021 2024-03-31 第1版を公表しました。",
    ]
    assert list(Event.objects.values_list("actor", flat=True)) == ["企画 花子", "企画 花子"]
    file_digest = hashlib.sha256((tmp_path / "表.txt").read_bytes()).hexdigest()
    assert Event.objects.get(number=1).content["sha256"] == file_digest


def test_json_on_standard_output_is_json_alone_while_writing(tmp_path: Path) -> None:
    told = json.loads(import_text(tmp_path, small_text(), publish=True, json=True))
    assert (told["counts"]["initiatives"], Report.objects.count()) == (2, 1)


@pytest.mark.parametrize("publish", [False, True])
def test_importing_twice_changes_nothing_and_says_so(tmp_path: Path, publish: bool) -> None:
    import_text(tmp_path, small_text(), publish=publish)
    before = snapshot()
    out = import_text(tmp_path, small_text(), publish=publish)
    assert out.splitlines()[6:] == [
        "同じ内容がすでに取り込まれています。変更はありません。",
        *(["2021 2024-03-31 第1版は同じ内容で公表済みです。新しい版は作りませんでした。"] if publish else []),
    ]
    assert snapshot() == before


def test_a_wording_that_the_table_put_back_is_named(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    Pledge.objects.update(text="駅を、建て直します")
    words = "1-1-1 の文言は、この表のとおりに{}：「駅を、建て直します」→「駅を直します」"
    assert words.format("なります") in import_text(tmp_path, small_text(), check=True)
    assert words.format("なりました") in import_text(tmp_path, small_text())


def test_a_check_says_what_stands_twice_and_where(tmp_path: Path) -> None:
    said = import_text(
        tmp_path, small_text(PLEDGE_ROW, replaced(PLEDGE_ROW, {0: "②駅を直します"})), check=True
    )
    assert "13行目：「駅を直します」12 行目にも同じ文の公約があるが、別の公約として数えた。" in said


def test_a_correction_without_a_reason_writes_nothing_at_all(tmp_path: Path) -> None:
    published(tmp_path)
    before = snapshot()
    with pytest.raises(CommandError) as caught:
        import_text(tmp_path, CORRECTED, publish=True)
    assert str(caught.value) == (
        "表.txt：この時点の公表版がすでにあります。訂正として公表するには、訂正の理由が必要です。"
        " 何も書き込んでいません。"
    )
    assert snapshot() == before


def test_a_correction_with_a_reason_is_edition_2_and_edition_1_stays(tmp_path: Path) -> None:
    first = published(tmp_path)
    before = list(Report.objects.values()), list(ReportEntry.objects.order_by("pk").values())
    out = import_text(tmp_path, CORRECTED, publish=True, reason="評価の誤り")
    assert out.splitlines()[-2:] == [
        "取り込みました（新規 0 件、変更 1 件）。",
        "2021 2024-03-31 第2版を公表しました。",
    ]
    kept = list(Report.objects.filter(pk=first.pk).values()), list(first.entries.order_by("pk").values())
    assert kept == before
    second = Report.objects.get(edition=2)
    assert list(second.entries.order_by("position").values_list("rating_code", flat=True)) == ["A", "C"]


def test_a_later_year_is_a_second_report(tmp_path: Path) -> None:
    first = published(tmp_path)
    import_text(tmp_path, next_year(), publish=True)
    assert list(Report.objects.values_list("as_of", "edition").order_by("as_of")) == [
        (first.as_of, 1),
        (first.as_of.replace(year=2025), 1),
    ]
    assert ReportingRound.objects.count() == 4


def test_an_open_round_refuses_the_import(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    ReportingRound.objects.filter(fiscal_year=2023).update(state="open")
    before = snapshot()
    with pytest.raises(
        CommandError, match=r"^表.txt：令和5年度 の報告回が進行中です。.*何も書き込んでいません。$"
    ):
        import_text(tmp_path, CORRECTED)
    assert snapshot() == before


def test_if_empty_does_nothing_once_something_is_published(tmp_path: Path) -> None:
    import_text(tmp_path, small_text(), publish=True, if_empty=True)
    before = snapshot()
    assert (
        import_text(tmp_path, CORRECTED, publish=True, if_empty=True)
        == "公表版がすでにあるので、取り込みませんでした。\n"
    )
    assert snapshot() == before


@pytest.mark.parametrize("slug", ["Ａ", "a b", "x" * 21, "-", "staff", "static"])
def test_a_slug_that_is_no_address_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(CommandError, match=f"^--manifesto {slug}："):
        import_text(tmp_path, small_text(), manifesto=slug)
    assert Manifesto.objects.count() == 0


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^--by：200 字までで書いてください。$"):
        import_text(tmp_path, small_text(), by="x" * 201)


# --- bad files ---

# Where the guard is in the sheet itself, it names the sheet.
BOOKS = {
    f"workbook: {name}": (hostile.hostile(name), f"{place}：{hostile.HOSTILE[name][1]}")
    for name, place in (
        *(("xls", ""), ("encrypted", ""), ("PDF", ""), ("ods", ""), ("cut", ""), ("macros", "")),
        *(("links to other workbooks", ""), ("billion laughs", ""), ("1 MB that unpacks to 1 GB", "")),
        *(("cell in the last corner", " シート「シート1」"), ("50,000 merges", " シート「シート1」")),
    )
}
NO_TITLE = (
    "表題と時点（「…（令和6年3月末時点）」）が見つかりません。市長マニフェストの達成状況の表ですか。"
    "表題と時点のない表であれば、配置（--layout）の title と as_of で示してください。"
)
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "：ファイルが空です。"),
    "blank": (b" \n\n ", "：ファイルが空です。"),
    "no table": ("こんにちは\n".encode(), f"：{NO_TITLE}"),
    "HTML": (b"<html><body>404</body></html>", f"：{hostile.MARKUP}"),
    "binary": (bytes(range(128)) * 9, " 1行目：文字の表ではありません（文字でないデータが入っています）。"),
    "misspelt heading": (
        small_text(headings=replaced(HEADINGS, {8: "担当化"})).encode(),
        " 11行目：見出し「担当課」がありません。知らない見出し「担当化」を確かめてください。",
    ),
    "no legend": (small_text(legend="").encode(), f" 8行目 「実施状況」の列：{HOW_TO_WRITE}"),
    "missing heading": (
        small_text(headings=HEADINGS[:8]).encode(),
        " 11行目：見出し「担当課」がありません。知らない見出し「9列目」を確かめてください。",
    ),
    "repeated heading": (
        small_text(headings=replaced(HEADINGS, {4: HEADINGS[5]})).encode(),
        " 11行目 「令和5年度の主な取組」の列：同じ見出しが 2 回あります。"
        "どちらかの見出しを別の名前にするか、"
        "配置（--layout）の columns で、それぞれ何の列かを示してください。",
    ),
    "year that does not parse": (
        small_text(headings=replaced(HEADINGS, {4: "令和Ｘ年度の主な取組"})).encode(),
        " 11行目 「令和Ｘ年度の主な取組」の列：見出しから年度を読み取れません。"
        "「令和5年度の主な取組」のように書いてください。",
    ),
    "rating outside the legend": (
        small_text(replaced(PLEDGE_ROW, {7: "Ｓ"})).encode(),
        f" 12行目 「実施状況」の列：評価「Ｓ」は凡例（A・B・C）にありません。{SAY_STEP}",
    ),
    "row that fits no alignment": (
        small_text((*PLEDGE_ROW, "余り")).encode(),
        " 12行目 「実施状況」の列：列がずれていて、どの見出しの下に入るか決められません"
        "（セル 10 個、見出し 9 個）。"
        "セルの数と、評価・担当課の位置を元の表のとおりに直してください。",
    ),
    "no year for its date": (
        small_text(as_of="令和8年3月末").encode(),
        "：時点の年度（令和7年度）の列がありません。表題の時点と、年度の見出しを確かめてください。"
        " 何も書き込んでいません。",
    ),
    **BOOKS,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_has_one_clear_message_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    with pytest.raises(CommandError) as caught:
        import_text(tmp_path, content, publish=True)
    assert str(caught.value) == f"表.txt{message}"
    assert set(counts().values()) == {0}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("無い.txt", "その名前のファイルやフォルダーがありません"),
        ("", "ファイルではなく、フォルダーです"),
        ("名" * 200, "名前が長すぎます"),
        ("x/y", "その名前のファイルやフォルダーがありません"),
    ],
)
def test_a_path_that_is_no_file(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        run_import(tmp_path / name)
    assert (
        str(caught.value)
        == f"{(tmp_path / name).name}：ファイルを開けません（{message}）。場所と名前を確かめてください。"
    )


def test_a_problem_in_a_workbook_names_its_sheet(tmp_path: Path) -> None:
    content = raw_workbook(grid_of(small_text(replaced(PLEDGE_ROW, {7: "S"})).encode()))
    with pytest.raises(CommandError) as caught:
        import_text(tmp_path, content)
    said = f"「実施状況」の列：評価「S」は凡例（A・B・C）にありません。{SAY_STEP}"
    assert str(caught.value) == f"表.txt シート「Sheet」 12行目 {said}"


def test_the_command_ends_with_1_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "表.txt").write_text(small_text(replaced(PLEDGE_ROW, {7: "S"})))
    command = [sys.executable, "manage.py", "import_report", str(tmp_path / "表.txt"), "--check"]
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False,
        env={**os.environ, "STATE_DIR": str(tmp_path), "DATABASE_URL": "", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        1,
        f"CommandError: 表.txt 12行目 「実施状況」の列：評価「S」は凡例（A・B・C）にありません。{SAY_STEP}\n",
    )


def test_every_cut_of_the_last_row_is_refused(tmp_path: Path) -> None:
    """A last row that is cut before its department's cell is an error, never a row that lost its end."""
    whole = small_text().rstrip("\n")
    last = whole.rindex("\n") + 1
    for end in range(last + 2, whole.rindex("\t") + 1):
        with pytest.raises(CommandError, match=r"^表.txt 13行目 「実施状況」の列："):
            import_text(tmp_path, whole[:end], check=True)


# --- layouts ---


def test_a_proposal_is_a_layout_that_reads_the_same(tmp_path: Path) -> None:
    said = run_import(_written(tmp_path, small_text()), propose=True)
    assert json.loads(said)["columns"]["A"] == "pledge"
    (tmp_path / "配置.json").write_text(said)
    layout = tmp_path / "配置.json"
    told = json.loads(run_import(tmp_path / "表.txt", check=True, json=True, layout=layout))
    plain = json.loads(run_import(tmp_path / "表.txt", check=True, json=True))
    assert told["initiatives"] == plain["initiatives"]
    assert set(counts().values()) == {0}


def test_a_layout_that_does_not_fit_writes_nothing(tmp_path: Path) -> None:
    layout = tmp_path / "配置.json"
    layout.write_text('{"as_of": "去年"}')
    with pytest.raises(CommandError) as caught:
        run_import(_written(tmp_path, small_text()), layout=layout)
    assert str(caught.value) == f"{layout}：配置の「as_of」：日付を 2025-03-31 のように書いてください。"
    assert set(counts().values()) == {0}


def test_what_cannot_be_kept_is_checked_and_not_loaded(tmp_path: Path) -> None:
    layout = tmp_path / "配置.json"
    columns = {
        "A": "pledge",
        "B": "initiative",
        "D": "result 2021",
        "G": "plan 2023",
        "H": "rating",
        "I": "department",
    }
    layout.write_text(json.dumps({"columns": columns, "as_of": "2022-03-31"}))
    file = _written(tmp_path, small_text())
    told = json.loads(run_import(file, check=True, json=True, layout=layout))
    assert told["initiatives"][0]["plans"] == {"2023": "・開きます。"}
    with pytest.raises(
        CommandError,
        match=r"取り込めません：令和5年度の予定（.*令和4年度の予定までです）。その列を「追加の項目」.*何も書き込んで",
    ):
        run_import(file, layout=layout)
    assert set(counts().values()) == {0}


def test_check_makes_the_checks_of_the_import(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"時点の年度（令和7年度）の列がありません。"):
        import_text(tmp_path, small_text(as_of="令和8年3月末"), check=True)


def _written(folder: Path, content: str) -> Path:
    file = folder / "表.txt"
    file.write_text(content)
    return file

"""What is written into an entry sheet comes back; whatever a clerk does to it is read rightly or named."""

import csv
import io
import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.entry_sheets.file.entries import (
    COLUMN_LETTERS,
    FISCAL_YEAR,
    META,
    TITLE_ROWS,
    Upload,
    cells_of,
    changed,
    demo_rows,
    entry_book,
    entry_row,
    opened,
    place,
    retyped,
    uploaded,
    written,
)
from tests.published_tables.file.writing import book_bytes
from tracker.entry_sheets.file import reading
from tracker.entry_sheets.file.columns import COLUMN_NAMES, COLUMNS, INPUTS, UNRATED
from tracker.entry_sheets.file.entry_book import as_written
from tracker.entry_sheets.file.ratings import UNRATED_WORDS, Ratings, Step
from tracker.entry_sheets.file.ratings import written as rating_words
from tracker.entry_sheets.file.reading import read_raw
from tracker.entry_sheets.file.uploaded import UnreadPlace, UploadedRow
from tracker.entry_sheets.file.writing import write
from tracker.workbooks import cell_text
from tracker.workbooks.csv_text import TOO_WIDE
from tracker.workbooks.problems import FileProblem

PIECES = [
    *("=", "+", "-", "@", "'", '"', " ", "\n", "\t", "\r", "\r\n", "　"),
    *("\x01", "\x0b", "\x1f", "\x7f", "\x85", "\u2028"),
    *("_", "x", "X", "0041", "000D", "005F", "_x0041_", "_x000D_", "_x005F_", "_X0041_", "&", "<", "]]>"),
    *("𠮷", "①", "\ufa19", "👩‍💻", "か\u3099", "A", "達成", "1", "2024/4/1", "\ufffe", "\0"),
]
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
PROSE = ("last_result", "result", "rating_reason", "plan")


def one(upload: Upload) -> UploadedRow:
    assert len(upload.rows) == 1
    return upload.rows[0]


def said(upload: Upload) -> list[tuple[int | None, dict[str, str], dict[str, str]]]:
    return [(row.id, row.values, row.problems) for row in upload.rows]


# ---- every text comes back


@given(st.lists(TEXTS, min_size=1, max_size=60))
@example(["あ" * 32_000, "𠮷" * 16_383, "x" * 32_767, "_x0041_" * 4_681])
@example([" ", "\n", "\t \n", " \u3000", "\u2003\n", "\x85", " \x85", "\u2028\n", "\xa0"])
@example(["_x0041\x01", "__x0041_", "_x005F_x0041_", "_x0041_x0042_", "_x0041_\r_x0042_"])
@settings(max_examples=12, deadline=None)
def test_any_text_reads_back_as_it_was_written(texts: list[str]) -> None:
    rows = [entry_row(number, **dict.fromkeys(PROSE, text)) for number, text in enumerate(texts, start=1)]
    upload = uploaded(written(*rows))
    expected = [{name: as_written(name, text) for name in PROSE} for text in texts]
    assert [row.problems for row in upload.rows] == [{}] * len(texts)
    assert [{name: row.values[name] for name in PROSE} for row in upload.rows] == expected


@given(TEXTS)
def test_only_a_text_that_no_cell_holds_is_written_otherwise(text: str) -> None:
    held = as_written("result", text)
    if cell_text.NOT_IN_ANY_FILE.search(text):
        assert held == cell_text.UNSPEAKABLE
    else:
        assert held == text.replace("\r\n", "\n").replace("\r", "\n")
    assert as_written("result", held) == held


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 32_767, True), ("x" * 32_768, False), ("𠮷" * 16_383, True), ("𠮷" * 16_384, False)],
)
def test_a_text_too_long_for_excel_is_counted_as_excel_counts(text: str, fits: bool) -> None:
    assert as_written("result", text) == (text if fits else cell_text.TOO_LONG)


def test_a_text_too_long_for_excel_cannot_be_typed_over() -> None:
    content = written(entry_row(result="x" * 32_768))
    _, sheet = opened(content)
    assert (sheet[place("result")].protection.locked, sheet[place("plan")].protection.locked) == (True, False)
    assert (
        one(uploaded(content)).values["result"] == "（長すぎて Excel に入りません。画面で入力してください）"
    )


def test_the_demo_reads_back_as_it_was_written() -> None:
    rows, scale = demo_rows()
    upload = uploaded(write(entry_book(*rows, scale=scale)), scale)
    assert (upload.meta, upload.problems) == (META, [])
    assert said(upload) == [(row.id, dict(row.values), {}) for row in rows]
    assert {row.version for row in upload.rows} == {1}


def test_a_row_of_an_error_workbook_without_an_id_comes_back_with_its_texts() -> None:
    row = one(uploaded(written(entry_row(None, result="足した行"))))
    assert (row.id, row.values["result"], row.problems) == (None, "足した行", {"": reading.NO_ID})


def test_the_same_sheet_gives_the_same_bytes() -> None:
    first = written(entry_row())
    time.sleep(1.1)  # a workbook tells the second in which it was made
    assert written(entry_row()) == first


# ---- ratings


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(
            ("A 達成", "A"),
            ("A", "A"),
            ("Ａ", "A"),
            ("a", "A"),
            ("達成", "A"),
            (" A　達成\n", "A"),
            ("Ａ達成", "A"),
        ),
        *(("C 未着手", "C"), ("未着手", "C"), ("おおむね 達成", "B"), ("", ""), ("  ", "")),
        *((UNRATED_WORDS, UNRATED), ("評価なし", UNRATED), ("—", UNRATED), ("-", UNRATED), ("－", UNRATED)),
    ],
)
def test_a_rating_is_known_by_what_a_clerk_types(typed: str, value: str) -> None:
    row = one(uploaded(changed(written(entry_row()), lambda sheet: put(sheet, place("rating"), typed))))
    assert (row.values["rating"], row.problems) == (value, {})


@pytest.mark.parametrize("typed", ["D", "A B", "none", "達成できず", "100", "？"])
def test_a_rating_that_is_none_is_named_with_the_allowed_ones(typed: str) -> None:
    row = one(uploaded(changed(written(entry_row()), lambda sheet: put(sheet, place("rating"), typed))))
    words = "実施状況は「A 達成」「B おおむね達成」「C 未着手」「評価を付けない」のどれかを選んでください。"
    assert (row.values["rating"], row.problems) == (typed, {"rating": words})


def test_signs_that_look_alike_are_one_rating() -> None:
    scale = [Step("◎", "", ""), Step("○", "", ""), Step("×", "", "")]
    assert [Ratings(scale).value(typed) for typed in "◎○〇◯×✕△"] == ["◎", "○", "○", "○", "×", "×", None]


def test_a_label_of_two_steps_says_neither() -> None:
    ratings = Ratings([Step("C", "検討中", ""), Step("D", "検討中", "")])
    assert [ratings.value(typed) for typed in ("検討中", "D 検討中", "C")] == [None, "D", "C"]


CODES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(
    st.lists(
        st.builds(Step, CODES, st.text(max_size=20), st.just("")),
        unique_by=lambda step: step.words,
        min_size=1,
    )
)
def test_any_scale_is_known_again_by_its_words(scale: list[Step]) -> None:
    codes = [step.code for step in scale if step.words not in {"", UNRATED_WORDS}]
    assert [Ratings(scale).value(rating_words(code, scale)) for code in codes] == codes


# ---- what a clerk does to a sheet


def put(sheet: Worksheet, address: str, value: object) -> None:
    """Types a value into a cell; a text stays a text."""
    sheet[address].value = value
    if isinstance(value, str):
        sheet[address].data_type = "s"


def put_formula(sheet: Worksheet, address: str) -> None:
    """A formula that no program has calculated."""
    sheet[address].value = "=1+1"


def three(**changes: object) -> bytes:
    """A sheet of three rows."""
    return written(*(entry_row(number, result=f"・{number} の実績") for number in (11, 12, 13)), **changes)


def answers(content: bytes) -> dict[int | None, str]:
    return {row.id: row.values["result"] for row in uploaded(content).rows}


THREE = {11: "・11 の実績", 12: "・12 の実績", 13: "・13 の実績"}


def test_sorted_rows_keep_their_ids() -> None:
    rows = cells_of(three())
    upload = uploaded(retyped([*rows[:TITLE_ROWS], *reversed(rows[TITLE_ROWS:])]))
    assert [(row.id, row.values["result"]) for row in upload.rows] == list(reversed(THREE.items()))
    assert upload.problems == []


def test_deleted_rows_are_just_not_there() -> None:
    assert answers(changed(three(), lambda sheet: sheet.delete_rows(TITLE_ROWS + 2))) == {
        11: THREE[11],
        13: THREE[13],
    }


def test_inserted_blank_rows_say_nothing() -> None:
    upload = uploaded(changed(three(), lambda sheet: sheet.insert_rows(TITLE_ROWS + 2, 3)))
    assert [(row.id, row.row) for row in upload.rows] == [
        (11, TITLE_ROWS + 1),
        (12, TITLE_ROWS + 5),
        (13, TITLE_ROWS + 6),
    ]
    assert upload.problems == []


def test_columns_in_another_order_are_known_by_their_headings() -> None:
    rows = [list(reversed(row)) for row in cells_of(three())]
    upload = uploaded(retyped(rows))
    assert {row.id: row.values["result"] for row in upload.rows} == THREE
    assert upload.problems == []
    assert upload.rows[0].address("result") == f"D{TITLE_ROWS + 1}"


def test_headings_typed_again_are_known() -> None:
    rows = cells_of(three())
    again = {
        "令和6年度の主な取組": "Ｒ６年度の\n主な取組",
        "令和7年度の取組予定": "2025 年度の 取組予定",
        "取組ID": "取組ＩＤ",
        "実施状況": " 実施 状況 ",
    }
    rows[TITLE_ROWS - 1] = [again.get(str(heading), heading) for heading in rows[TITLE_ROWS - 1]]
    upload = uploaded(retyped(rows))
    assert said(upload) == said(uploaded(three()))
    assert upload.problems == []


def test_a_column_of_the_clerks_own_is_named() -> None:
    def add(sheet: Worksheet) -> None:
        put(sheet, f"O{TITLE_ROWS}", "課内\nメモ")
        put(sheet, f"O{TITLE_ROWS + 1}", "確認済み")

    upload = uploaded(changed(three(), add))
    assert upload.problems == [
        UnreadPlace(
            "土木課",
            f"O{TITLE_ROWS}",
            "見出し「課内 メモ」は入力シートにありません。この列に書いた文字は取り込まれません。",
        )
    ]
    assert said(upload) == said(uploaded(three()))


def test_text_beside_the_table_is_named_once_a_column() -> None:
    def add(sheet: Worksheet) -> None:
        for row in (1, 3):
            put(sheet, f"P{TITLE_ROWS + row}", "メモ")

    upload = uploaded(changed(three(), add))
    words = (
        "表の外（見出しのない列）に文字があります。ここに書いた文字は取り込まれません。"
        "（この列にほか 1 か所）"
    )
    assert upload.problems == [UnreadPlace("土木課", f"P{TITLE_ROWS + 1}", words)]
    assert said(upload) == said(uploaded(three()))


def test_notes_on_cells_are_named_once_a_sheet_and_those_of_headings_are_ours() -> None:
    def note(sheet: Worksheet) -> None:
        sheet[f"J{TITLE_ROWS}"].comment = Comment("見出しの説明", "")
        for row in (1, 3):
            sheet[f"J{TITLE_ROWS + row}"].comment = Comment("課長に確認中", "")

    upload = uploaded(changed(three(), note))
    where = f"J{TITLE_ROWS + 1}・J{TITLE_ROWS + 3}"
    assert upload.problems == [UnreadPlace("土木課", where, reading.NOTED)]
    assert said(upload) == said(uploaded(three()))


def test_text_under_a_heading_that_was_cleared_is_named() -> None:
    rows = cells_of(three())
    rows[TITLE_ROWS - 1][COLUMN_NAMES.index("state")] = None
    upload = uploaded(retyped(rows))
    told = [(problem.address, problem.message[:8]) for problem in upload.problems]
    assert told == [("", "見出し「状態」の"), (f"F{TITLE_ROWS + 1}", "表の外（見出しの")]
    assert [row.problems for row in upload.rows] == [{}] * 3


def test_a_formula_above_the_table_is_nobodys_problem() -> None:
    upload = uploaded(changed(three(), lambda sheet: put_formula(sheet, "L1")))
    assert (said(upload), upload.problems) == (said(uploaded(three())), [])


@pytest.mark.parametrize("name", INPUTS)
def test_a_missing_column_is_no_deletion(name: str) -> None:
    column = COLUMN_NAMES.index(name)
    rows = [row[:column] + row[column + 1 :] for row in cells_of(three())]
    upload = uploaded(retyped(rows))
    heading = COLUMNS[column].heading_for(FISCAL_YEAR)
    words = (
        f"見出し「{heading}」の列がありません。"
        "列を消したときは、入力シートをもう一度ダウンロードして、そこに写してください。"
    )
    assert upload.problems == [UnreadPlace("土木課", "", words)]
    assert [name in row.values for row in upload.rows] == [False] * 3
    assert [row.problems for row in upload.rows] == [{name: "この欄の列がシートにありません。"}] * 3
    assert upload.rows[0].address(name) == f"{TITLE_ROWS + 1} 行目"


def test_a_missing_reference_column_leaves_the_answers_alone() -> None:
    column = COLUMN_NAMES.index("category")
    upload = uploaded(retyped([row[:column] + row[column + 1 :] for row in cells_of(three())]))
    assert [problem.message.partition("の列")[0] for problem in upload.problems] == ["見出し「分野」"]
    assert {row.id: row.values["result"] for row in upload.rows} == THREE
    assert [row.problems for row in upload.rows] == [{}] * 3


def test_a_doubled_column_is_named_and_its_differences_are_errors() -> None:
    column = COLUMN_NAMES.index("plan")
    rows = [[*row, row[column]] for row in cells_of(three())]
    rows[TITLE_ROWS + 1][-1] = "二つめの予定"
    upload = uploaded(retyped(rows))
    words = "見出し「令和7年度の取組予定」が 2 つあります。どちらか 1 列だけにしてください。"
    assert upload.problems == [UnreadPlace("土木課", f"O{TITLE_ROWS}", words)]
    assert [row.problems for row in upload.rows] == [{}, {"plan": reading.DOUBLED_COLUMN}, {}]


def test_hidden_columns_shown_and_rows_filtered_change_nothing() -> None:
    def show_and_filter(sheet: Worksheet) -> None:
        sheet.column_dimensions["A"].hidden = sheet.column_dimensions["B"].hidden = False
        sheet.column_dimensions[COLUMN_LETTERS["pledge"]].hidden = True
        sheet.row_dimensions[TITLE_ROWS + 2].hidden = True

    upload = uploaded(changed(three(), show_and_filter))
    assert (said(upload), upload.problems) == (said(uploaded(three())), [])


@pytest.mark.parametrize(("typed", "read"), [(2024, "2024"), (2024.0, "2024"), (0.5, "0.5"), (True, "TRUE")])
def test_a_number_in_a_text_cell_is_the_text_that_is_seen(typed: object, read: str) -> None:
    row = one(uploaded(changed(written(entry_row()), lambda sheet: put(sheet, place("plan"), typed))))
    assert (row.values["plan"], row.problems) == (read, {})


def test_cells_that_cannot_be_read_are_errors_at_their_address_and_no_deletions() -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet[place("result")].value = date(2024, 4, 1)
        sheet[place("result")].number_format = "yyyy/m/d"
        sheet[place("rating")].value = "=1+1"
        sheet[place("plan")].value = "#N/A"
        sheet[place("plan")].data_type = "e"

    row = one(uploaded(changed(written(entry_row()), spoil)))
    assert {row.address(name): message.partition("。")[0] for name, message in row.problems.items()} == {
        place("result"): "日付に変わっています",
        place("rating"): "数式に計算結果がありません",
        place("plan"): "エラー値（#N/A）になっています",
    }


def test_a_row_whose_only_content_cannot_be_read_is_not_passed_over() -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet[place("result", 6)].value = "=1+1"

    upload = uploaded(changed(three(), spoil))
    last = upload.rows[-1]
    assert (last.id, last.row, set(last.problems)) == (None, TITLE_ROWS + 6, {"", "result"})


def test_merged_answers_are_errors_in_all_their_cells() -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells(f"{place('plan', 1)}:{place('plan', 2)}")

    upload = uploaded(changed(three(), merge))
    assert [row.problems for row in upload.rows] == [{"plan": reading.MERGED}] * 2 + [{}]


@pytest.mark.parametrize(
    ("name", "typed", "read", "message"),
    [
        ("id", None, (None, 3), reading.NO_ID),
        ("id", "十一", (None, 3), reading.BAD_ID),
        ("id", "-1", (None, 3), reading.BAD_ID),
        ("id", "１１", (11, 3), ""),
        ("version", None, (11, None), reading.BAD_VERSION),
        ("version", "v3", (11, None), reading.BAD_VERSION),
    ],
)
def test_a_hidden_cell_that_was_changed_is_an_error_of_its_row(
    name: str, typed: object, read: tuple[int | None, int | None], message: str
) -> None:
    row = uploaded(changed(three(), lambda sheet: put(sheet, place(name), typed))).rows[0]
    assert ((row.id, row.version), row.problems) == (read, {"": message} if message else {})
    assert (row.values["result"], row.address("")) == (THREE[11], f"{TITLE_ROWS + 1} 行目")


def test_a_hidden_cell_that_cannot_be_read_is_an_error_of_its_row() -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet[place("version")].value = "=1+1"

    row = uploaded(changed(three(), spoil)).rows[0]
    assert {name: message.partition("。")[0] for name, message in row.problems.items()} == {
        "": "数式に計算結果がありません"
    }


def test_a_copied_row_comes_twice() -> None:
    rows = cells_of(three())
    assert [row.id for row in uploaded(retyped([*rows, rows[TITLE_ROWS]])).rows] == [11, 12, 13, 11]


def test_rows_below_the_table_are_rows_without_an_id() -> None:
    upload = uploaded(changed(three(), lambda sheet: put(sheet, place("result", 9), "新しい取組")))
    last = upload.rows[-1]
    assert (last.id, last.row, last.values["result"], last.problems) == (
        None,
        TITLE_ROWS + 9,
        "新しい取組",
        {"": reading.NO_ID},
    )


def test_a_sheet_of_the_clerks_own_is_named_unless_it_is_empty() -> None:
    book, _ = opened(three())
    book.create_sheet("空のシート")
    memo = book.create_sheet("メモ", 0)
    memo["C4"] = "農政課に確認"
    upload = uploaded(book_bytes(book))
    assert upload.problems == [UnreadPlace("メモ", "C4", reading.OTHER_SHEET)]
    assert {row.id: row.values["result"] for row in upload.rows} == THREE


def test_a_sheet_that_was_renamed_or_hidden_is_read() -> None:
    def rename(sheet: Worksheet) -> None:
        sheet.title, sheet.sheet_state = "土木課 (2)", "hidden"

    book, sheet = opened(three())
    book.create_sheet("表")
    rename(sheet)
    upload = uploaded(book_bytes(book))
    assert ({row.sheet for row in upload.rows}, upload.problems) == ({"土木課 (2)"}, [])


def test_a_workbook_of_another_year_names_its_headings() -> None:
    upload = uploaded(three(fiscal_year=2023))
    unknown = [problem for problem in upload.problems if problem.address]
    assert [problem.message.partition("は入力")[0] for problem in unknown] == [
        "見出し「令和4年度の主な取組」",
        "見出し「前の年度に書いた令和5年度の取組予定」",
        "見出し「令和6年度の取組予定」",
    ]


def test_a_workbook_without_an_entry_sheet_says_so() -> None:
    assert uploaded(retyped([["売上", "4 月"]])).problems == [
        UnreadPlace("", "", reading.NO_SHEET),
        UnreadPlace("土木課", "A1", reading.OTHER_SHEET),
    ]


# ---- a sheet saved as CSV


def as_csv(content: bytes, delimiter: str = ",") -> str:
    """The first sheet as Excel saves it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(cells_of(content))
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_says_what_the_sheet_says(encoding: str, delimiter: str) -> None:
    upload = uploaded(as_csv(three(), delimiter).encode(encoding))
    assert (upload.meta, upload.problems, {row.sheet for row in upload.rows}) == ({}, [], {"CSV"})
    assert said(upload) == said(uploaded(three()))


def refused(content: bytes) -> tuple[str, int | None]:
    with pytest.raises(FileProblem) as caught:
        read_raw(content)
    return caught.value.message, caught.value.row


def test_a_file_that_is_no_table_is_refused_in_words() -> None:
    assert refused(b"<!DOCTYPE html><table>")[0].startswith("中身が Web ページ（HTML）")
    assert refused(b"%PDF-1.7 ")[0].startswith("PDF のファイル")
    assert refused(b"  ")[0] == "ファイルが空です。"
    assert refused(b"a,b\n" + b"1," * 300) == (TOO_WIDE, 2)


def test_lines_in_a_cell_of_a_csv_end_as_in_a_workbook() -> None:
    text = as_csv(three()).replace("・11 の実績", '"・一つめ\r\n・二つめ\r・三つめ"')
    assert uploaded(text.encode()).rows[0].values["result"] == "・一つめ\n・二つめ\n・三つめ"


def test_a_csv_without_headings_says_so() -> None:
    assert uploaded(b"a,b\n1,2\n").problems[0] == UnreadPlace("", "", reading.NO_SHEET)


# ---- the form


def test_only_answers_of_open_rows_can_be_typed_into() -> None:
    _, sheet = opened(written(entry_row(1), entry_row(2, is_locked=True)))
    assert sheet.protection.sheet is True
    assert sheet.protection.password is None
    assert not any((sheet.protection.formatColumns, sheet.protection.formatRows, sheet.protection.autoFilter))
    unlocked = [
        cell.coordinate for cells in sheet.iter_rows() for cell in cells if not cell.protection.locked
    ]
    assert unlocked == [place(name) for name in INPUTS]


def test_what_is_hidden_is_hidden() -> None:
    book, sheet = opened(written(entry_row()))
    assert [name for name in COLUMN_NAMES if sheet.column_dimensions[COLUMN_LETTERS[name]].hidden] == [
        "id",
        "version",
    ]
    assert [(each.title, each.sheet_state) for each in book.worksheets] == [
        ("土木課", "visible"),
        ("_choices", "hidden"),
        ("_meta", "veryHidden"),
    ]
    assert dict(book["_meta"].iter_rows(values_only=True)) == META


def test_ratings_are_chosen_from_a_list_with_their_definitions() -> None:
    book, sheet = opened(written(entry_row(1), entry_row(2)))
    (rule,) = sheet.data_validations.dataValidation
    definitions = (
        "A 達成：進捗率100%\nB おおむね達成：進捗率75%程度\nC 未着手\n評価を付けない："
        "評価できる段階にないとき"
    )
    assert (rule.type, rule.formula1, str(rule.sqref)) == (
        "list",
        "'_choices'!$A$1:$A$4",
        f"{place('rating', 1)}:{place('rating', 2)}",
    )
    assert (rule.errorStyle, rule.prompt) == ("stop", definitions)
    assert [row[0] for row in book["_choices"].iter_rows(values_only=True)] == [
        "A 達成",
        "B おおむね達成",
        "C 未着手",
        UNRATED_WORDS,
    ]
    note = sheet[place("rating", 0)].comment
    assert note is not None
    assert note.text == definitions


def test_a_scale_too_long_for_a_prompt_is_told_in_the_note_alone() -> None:
    scale = [Step(code, "段階", "基準" * 40) for code in "ABCDE"]
    _, sheet = opened(written(entry_row(), scale=scale))
    (rule,) = sheet.data_validations.dataValidation
    assert (
        rule.prompt
        == "セルの右の ▼ を押すと出る一覧から選んでください。評価の基準は、見出しのメモにあります。"
    )
    note = sheet[place("rating", 0)].comment
    assert note is not None
    assert [line.partition("：")[0] for line in note.text.split("\n")] == [
        *(f"{code} 段階" for code in "ABCDE"),
        UNRATED_WORDS,
    ]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("=1+1", True), ("+8", True), ("-5", True), ("@甲", True), ("'乙", True), ("丙", False)],
)
def test_a_text_like_a_formula_stays_a_text_when_it_is_edited(text: str, quoted: bool) -> None:
    _, sheet = opened(written(entry_row(result=text)))
    cell = sheet[place("result")]
    assert (cell.value, cell.data_type, cell.number_format, cell.quotePrefix) == (text, "s", "@", quoted)


def test_the_sheet_says_what_for_and_until_when() -> None:
    rows = cells_of(written(entry_row()))
    assert [row[2] for row in rows[:2]] == [
        "令和6年度（2024年度） 入力シート　土木課",
        "市長マニフェスト　締切：令和7年5月30日",
    ]
    assert [row[2] for row in cells_of(written(due=""))[:3]] == [
        "令和6年度（2024年度） 入力シート　土木課",
        "市長マニフェスト",
        "この報告回で入力をお願いする取組はありません。",
    ]


def test_the_sheet_is_set_up_for_screen_and_paper() -> None:
    _, sheet = opened(written(entry_row(1), entry_row(2)))
    assert sheet.sheet_view.selection[-1].activeCell == place("result")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == (
        f"F{TITLE_ROWS + 1}",
        f"C{TITLE_ROWS}:N{TITLE_ROWS + 2}",
    )
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.print_title_rows) == (
        1,
        0,
        f"${TITLE_ROWS - 1}:${TITLE_ROWS}",
    )


def test_a_long_text_gets_a_high_row_within_what_excel_allows() -> None:
    _, sheet = opened(
        written(
            entry_row(result="短い"),
            entry_row(result="道路を直しました。" * 30),
            entry_row(result="あ\n" * 500),
        )
    )
    heights = [sheet.row_dimensions[TITLE_ROWS + number].height or 0 for number in (1, 2, 3)]
    assert heights == [37.0, 218.5, 409.0]


def test_marks_are_border_and_note_and_are_listed_on_top() -> None:
    marks = {"rating": "選び直してください。\n\x01", "": "取り込めません。", "version": "版が違います。"}
    _, sheet = opened(written(entry_row(1), entry_row(2, marks=marks)))
    row = TITLE_ROWS + 3  # below the line about the marks
    marked = {
        cell.coordinate: cell
        for cells in sheet.iter_rows(min_row=row, max_row=row)
        for cell in cells
        if cell.comment
    }
    assert {address: cell.comment.text for address, cell in marked.items() if cell.comment} == {
        f"C{row}": "取り込めません。\n版が違います。",
        f"L{row}": "選び直してください。\n_x0001_",
    }
    assert [cell.border.top.style for cell in marked.values()] == ["thick", "thick"]
    assert [cell.protection.locked for cell in marked.values()] == [True, False]
    assert sheet["C4"].value == (
        "直すところが 2 か所あります（赤い太枠の欄。カーソルを合わせると、理由がメモに出ます）："
        f"C{row}、L{row}"
    )


def test_many_marks_are_counted_and_some_are_listed() -> None:
    content = written(*(entry_row(number, marks={"result": "書いてください。"}) for number in range(1, 11)))
    words = str(cells_of(content)[3][2])
    assert words.startswith("直すところが 10 か所あります")
    assert words.endswith("：K7、K8、K9、K10、K11、K12、K13、K14 など")
    assert [row.problems for row in uploaded(content).rows] == [{}] * 10


def test_a_returned_row_stands_out() -> None:
    _, sheet = opened(
        written(entry_row(1, state="差戻し", return_reason="回数を書いてください。"), entry_row(2))
    )
    bold = [
        [sheet[place(name, row)].font.bold for name in ("state", "return_reason", "result")] for row in (1, 2)
    ]
    assert bold == [[True, True, False], [False, False, False]]


def test_every_department_has_a_sheet() -> None:
    rows = [[entry_row(1), entry_row(2)], [], [entry_row(3)]]
    names = ["土木課", "農政課", "土木課 "]  # the space is nothing that tells the names of two sheets apart
    content = written(sheets=dict(zip(names, rows, strict=True)))
    upload = uploaded(content)
    assert [(row.sheet, row.id) for row in upload.rows] == [("土木課", 1), ("土木課", 2), ("土木課 (2)", 3)]
    assert upload.problems == []


def test_a_workbook_without_departments_opens_and_has_no_rows() -> None:
    content = written(sheets={})
    assert opened(content)[0].sheetnames == ["入力シート", "_choices", "_meta"]
    assert uploaded(content) == Upload(META, [], [])

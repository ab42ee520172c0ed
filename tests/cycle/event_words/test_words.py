"""Events in words: each kind as a person reads it; any content whatever without JSON, codes or a crash."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.choices import TRANSITIONS, ActionState, EventKind, RoundState
from tracker.cycle import event_words
from tracker.cycle.event_words import Line, Told
from tracker.cycle.event_words.rows import SENTENCES
from tracker.models import Event

ACTION = {
    "manifesto": "2021", "fiscal_year": 2024, "place": "1-1-2-2", "pledge": "②駅を直します",
    "departments": ["土木課"], "result": "・直しました。", "plan": "", "rating": "A",
    "rating_label": "A 達成",
    "is_unrated": False, "was_reported": True, "rating_before": "B", "rating_before_label": "B 一部",
    "rating_reason": "完成したため", "return_field": "", "version": 3,
}  # fmt: skip


def told(kind: EventKind, subject: str, content: dict[str, Any], way: str = ">", **values: str) -> Told:
    before, _arrow, after = way.partition(">")
    event = Event(kind=kind, subject=subject, content=content, from_state=before, to_state=after, **values)
    assert event_words.wordless(event) == []
    return event_words.told(event)


def catalogue(subject: str, act: str, changes: dict[str, Any], model: str, name: str, **more: Any) -> Told:
    content = {"act": act, "model": model, "name": name, "changes": changes, **more}
    return told(EventKind.CATALOGUE, subject, content)


def test_a_row_that_was_returned() -> None:
    content = ACTION | {"return_field": "plan"}
    found = told(EventKind.TRANSITION, "action:7", content, "submitted>returned", reason="根拠を。")
    assert (found.what, found.about) == ("差し戻しました。", "令和6年度 1-1-2-2 ②駅を直します")
    assert found.reason_label == "差戻しの理由（翌年度の取組予定について）"
    assert [line.words for line in found.lines] == ["実施状況：B 一部 → A 達成（前回の公表から）"]
    assert dict(found.texts) == {
        "主な取組": "・直しました。",
        "実施状況": "A 達成",
        "評価を変えた理由": "完成したため",
        "翌年度の取組予定": "",
    }
    assert (found.places, found.departments, found.untold) == (("1-1-2-2",), ("土木課",), "")


def test_every_way_between_states_has_its_sentence() -> None:
    assert {(str(a), str(b)) for a, b in TRANSITIONS} <= {(str(a), str(b)) for a, b in SENTENCES}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"rating": None, "rating_label": "", "is_unrated": True, "rating_before": None}, "評価を付けない"),
        ({"rating": None, "rating_label": ""}, "（選ばれていません）"),
    ],
)
def test_no_rating_is_told_from_one_not_yet_chosen(values: dict[str, Any], shown: str) -> None:
    found = told(EventKind.TRANSITION, "action:7", ACTION | values, "not_started>draft")
    assert dict(found.texts)["実施状況"] == shown
    assert found.lines == ()


def test_values_of_master_data_have_words() -> None:
    changes = {
        "first_fiscal_year": [2021, 2022],
        "last_fiscal_year": [None, 2026],
        "other_departments": [False, True],
        "sdgs": [None, [3, 11]],
        "notes": [{}, {"備考": "国と協議"}],
    }
    found = catalogue("initiative:1", "変更", changes, "取組", "①駅 (2)", place="1-1-1-2")
    assert found.about == "取組 1-1-1-2 ①駅"
    assert [line.words for line in found.lines] == [
        "始まりの年度：令和3年度 → 令和4年度",
        "終わりの年度：（なし） → 令和8年度",
        "ほかの担当課もある（外）：いいえ → はい",
        "SDGs の目標：（なし） → 3 すべての人に健康と福祉を、11 住み続けられるまちづくりを",
        "表にあったほかの列：（なし） → 備考：国と協議",
    ]
    assert found.what == "取組を変えました。"


def test_what_was_changed_is_in_the_sentence() -> None:
    found = catalogue("department:1", "変更", {"name": ["農政課", "農業課"]}, "担当課", "農業課")
    assert (found.what, found.about) == ("名称を変えました。", "担当課 農業課")


def test_a_new_thing_is_told_without_what_nobody_chose() -> None:
    changes = {"code": [None, "003"], "name": [None, "新設課"], "first_fiscal_year": [None, 2025]}
    changes |= {"last_fiscal_year": [None, None]}
    found = catalogue("department:3", "追加", changes, "担当課", "新設課")
    assert found.what == "担当課を追加しました。"
    assert [line.words for line in found.lines] == ["コード：003", "名称：新設課", "設置年度：令和7年度"]


def test_a_deleted_thing_is_told_as_it_was() -> None:
    found = catalogue("planproject:3", "削除", {"name": ["駅前整備", None]}, "関連事業", "駅前整備")
    assert (found.what, [line.words for line in found.lines]) == (
        "関連事業を削除しました。",
        ["施策と事業の名称：駅前整備"],
    )


def test_rows_edited_with_a_thing() -> None:
    changes = {
        "ratings:1": [
            {"code": "A", "label": "達成", "percent": 90},
            {"code": "A", "label": "完了", "percent": 90},
        ],
        "ratings:2": [None, {"code": "E", "label": "中止", "percent": 0}],
        "ratings:3": [{"code": "D", "label": "遅れ"}, None],
    }
    found = catalogue("manifesto:2021", "変更", changes, "マニフェスト", "市長マニフェスト")
    words = [line.words for line in found.lines]
    assert words[0] == "実施状況の区分「A 達成」の名称：達成 → 完了"
    assert words[1].startswith("実施状況の区分の追加：E 中止")
    assert words[2] == "実施状況の区分の削除：D 遅れ"


def test_a_persons_role_is_a_word_and_private() -> None:
    found = catalogue(
        "user:3", "変更", {"role": ["department", "planning"], "is_active": [True, False]}, "利用者", "花子"
    )
    assert found.is_private
    assert found.lines[0] == Line("役割", "担当課", "企画")
    assert found.what == "利用者を変えました。"  # which of them is private, too


def test_an_import_of_master_data_has_its_headings() -> None:
    changes = {
        "担当課": ["001", "001 -2024\n002 2025-"],
        "SDGs": ["", "3 11"],
        "始まりの年度": ["2021", "2022"],
    }
    offices = {"001": "土木課", "002": "道路課"}
    more = {"place": "1-1-1-2", "offices": offices}
    found = catalogue("initiative:1", "取込で変更", changes, "取組", "①駅 (2)", **more)
    assert [line.words for line in found.lines] == [
        "担当課：土木課 → 道路課（令和7年度から）",
        "SDGs の目標：（なし） → 3 すべての人に健康と福祉を、11 住み続けられるまちづくりを",
        "始まりの年度：令和3年度 → 令和4年度",
    ]
    assert found.what == "表を取り込んで、担当課・SDGs の目標・始まりの年度を変えました。"
    heirs = {"引継ぎ先": ["", "002 2025"], "所属": ["001", "001 002"]}
    found = catalogue("department:1", "取込で変更", heirs, "担当課", "土木課", offices=offices)
    assert [line.words for line in found.lines] == [
        "引継ぎ先：（なし） → 道路課（令和7年度から）",
        "所属：土木課 → 土木課、道路課",
    ]


def test_an_imported_table() -> None:
    content = {
        "file": "表.xlsx", "sha256": "0" * 64, "created": {"Pledge": 2, "Initiative.plan_projects": 1},
        "changed": {"YearlyAction": 1200}, "anomalies": 3, "row_digests": {"1": "0"},
        "model": "マニフェスト", "name": "市長マニフェスト", "initiatives_ended": ["1-1-1-4"],
        "departments_added": ["新設課"],
    }  # fmt: skip
    found = told(EventKind.IMPORTED, "manifesto:2021", content)
    assert (found.what, found.about) == ("表を取り込みました。", "市長マニフェスト")
    assert [line.words for line in found.lines] == [
        "ファイル：表.xlsx",
        "追加：公約 2 件、取組と関連事業の結び付き 1 件",
        "変更：年度別取組 1,200 件",
        "読み取りで判断したところ：3 件",
        "表になく、終わったものとした取組：1-1-1-4",
        "新しい担当課：新設課",
    ]
    assert (found.places, found.departments) == (("1-1-1-4",), ("新設課",))


def test_a_publication_and_its_correction() -> None:
    content = {
        "digest": "0",
        "entries": 207,
        "unapproved_reason": "間に合わず",
        "carried": ["1-1-1-1"],
        "left_out": [],
    }
    found = told(EventKind.PUBLISHED, "report:2021/2025-03-31/1", content)
    assert (found.what, found.about) == ("公表しました（取組 207 件）。", "令和7年3月末時点の公表版 第1版")
    assert [line.words for line in found.lines] == [
        "承認されていない取組を残した理由：間に合わず",
        "前回の公表のままの取組：1-1-1-1",
    ]
    corrected = told(EventKind.PUBLISHED, "report:2021/2025-03-31/2", {"entries": 207}, reason="誤り")
    assert (corrected.what, corrected.reason_label) == (
        "訂正した版を公表しました（取組 207 件）。",
        "訂正の理由",
    )


@pytest.mark.parametrize(
    ("way", "content", "words"),
    [
        (">open", {"due_on": "2025-05-30", "as_of": "2025-03-31", "rows": 4},
         "報告回を開きました（締切 令和7年5月30日、取組 4件）。"),
        ("open>open", {"due_on": "2025-06-30", "due_before": "2025-05-30"},
         "締切日を 令和7年5月30日 から 令和7年6月30日 に変えました。"),
        ("open>open", {"added": 1, "places": ["1-1-1-5"]}, "取組 1件を加えました。"),
        ("open>closed", {}, "締め切りました。"),
        ("published>correcting", {}, "訂正を始めました。"),
        ("published>correcting", {"due_before": "2025-05-30"}, "訂正を始めました。"),
        ("correcting>published", {}, "訂正を終えました。"),
    ],
)  # fmt: skip
def test_what_happens_to_a_round(way: str, content: dict[str, Any], words: str) -> None:
    found = told(EventKind.ROUND, "round:2021/2024", content, way)
    assert (found.what, found.about) == (words, "令和6年度の報告回")


def test_an_ended_initiative() -> None:
    content = {"model": "取組", "name": "①駅 (2)", "place": "1-1-1-2", "departments": ["農政課"]}
    content |= {"last_fiscal_year": 2023, "deleted_rows": [2024]}  # type: ignore[dict-item]
    found = told(EventKind.CATALOGUE, "initiative:2", content, reason="済んだ")
    assert found.what == "この取組を令和5年度で終わったものとしました。"
    assert [line.words for line in found.lines] == ["なくした、まだ書かれていない報告：令和6年度"]


def test_what_nobody_has_words_for_is_told_all_the_same_and_noticed() -> None:
    event = Event(kind="moon", subject="rocket:7", content={"x_y": True, "as_of": "2025-03-31", "甲": [1, 2]})
    assert event_words.wordless(event) == ["kind moon"]
    assert [line.words for line in event_words.told(event).lines] == [
        "そのほかの記録：はい",
        "時点：令和7年3月31日",
        "甲：1、2",
    ]
    known = Event(
        kind=EventKind.ROUND, subject="rocket:7", to_state="open", content={"due_on": None, "fuel": 1}
    )
    assert event_words.wordless(known) == ["subject rocket", "key fuel"]
    changed = Event(
        kind=EventKind.CATALOGUE, subject="pledge:1", content={"act": "飛ばす", "changes": {"x": [1, 2]}}
    )
    assert event_words.wordless(changed) == ["act 飛ばす", "field x"]


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("2025-03-31")
JSON = VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(st.sampled_from(["name", "x", "甲"]), VALUES)
KEYS = st.sampled_from(
    [
        *("act", "model", "name", "place", "changes", "last_fiscal_year", "deleted_rows", "departments"),
        *("due_on", "added", "places", "rows", "created", "changed", "carried", "entries", "rating"),
        *("rating_before", "return_field", "fiscal_year", "pledge", "甲", "x"),
    ]
)
ROWS = st.dictionaries(st.sampled_from(["department", "position", "to_fiscal_year", "code"]), VALUES)
PAIRS = st.lists(JSON | ROWS, max_size=3)
FIELDS = st.sampled_from(["name", "sdgs", "assignments:1", "assignments:2", "ratings:3", "x:1", "role"])
CONTENT = st.dictionaries(KEYS, JSON, max_size=5) | st.fixed_dictionaries(
    {"changes": st.dictionaries(FIELDS, PAIRS, max_size=3)}
)
STATES = st.sampled_from(["", *ActionState.values, *RoundState.values, "moon"])
SUBJECTS = st.sampled_from(
    ["action:1", "initiative:²", "round:2021/x", "report:2021/2025-13-31/", "user:1", "manifesto:1", "a:b:c"]
)


@given(st.sampled_from([*EventKind.values, "moon"]), SUBJECTS, CONTENT, STATES, STATES)
@example("catalogue", "action:1", {"act": []}, "", "")
@example("catalogue", "action:1", {"act": [None]}, "", "")
@example("catalogue", "action:1", {"act": {}, "reorganisation": 1}, "", "")
def test_any_content_is_told_in_words(kind: str, subject: str, content: Any, before: str, after: str) -> None:
    event = Event(kind=kind, subject=subject, content=content, from_state=before, to_state=after)
    found = event_words.told(event)
    event_words.wordless(event)
    said = [found.what, found.about, *(line.words for line in found.lines)]
    assert all(isinstance(text, str) for text in said)
    assert found.what
    assert not any(word in text for text in (found.what,) for word in ("None", "False", "{'", "[]"))


def test_a_year_is_told_in_the_japanese_era_under_a_name_for_people_too() -> None:
    changes = {"最後の年度": [None, 2024], "last_fiscal_year": [2024, 2025]}
    found = catalogue("pledge:7", "公約の終わり", changes, "公約", "橋を架けます", place="1-1-1")
    assert [line.words.partition("：")[2] for line in found.lines] == [
        "（なし） → 令和6年度",
        "令和6年度 → 令和7年度",
    ]

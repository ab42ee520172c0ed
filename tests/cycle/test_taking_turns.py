"""Two people at once: whoever comes second waits for the first and then sees what became of it."""

from typing import Any

import pytest

from tests import machine
from tests.apart import run

pytestmark = pytest.mark.long

CLOSED, CONFIRMED = "この報告回は「締切済」なので、", "この取込は「取込済」"
UNTOUCHED, OPEN = ["not_started"] * 4, "令和7年度（2025年度） の報告回が受付中です"
# What the second act is told, and what stands afterwards.
WANTED: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing_is_saved_into_a_round_that_closes": (f"{CLOSED}保存できません", {"states": UNTOUCHED}),
    "nothing_is_sent_back_in_a_round_that_closes": (
        f"{CLOSED}差戻しできません", {"states": ["submitted"] * 4},
    ),
    "a_round_closes_after_the_save_that_came_first": ("", {"order": ["closed", "draft"]}),
    "no_sheet_is_written_into_a_round_that_closes": (f"{CLOSED}書き込めません", {"states": UNTOUCHED}),
    "a_row_that_somebody_is_writing_is_named": (
        "1 件が書き込めない状態になっていたため、1 件も書き込んでいません", {"texts": ["", "・予定"]},
    ),
    "nothing_is_approved_in_a_round_that_is_published": (
        "4 件が一括承認できない状態になっていたため、1 件も承認していません", {"states": ["submitted"]},
    ),
    "a_round_closes_once": (f"{CLOSED}締め切れません", {"events": 1}),
    "a_round_opens_on_the_report_that_is_being_published": ("", {"references": ["A"]}),
    "a_report_reaches_the_round_that_is_being_opened": ("", {"references": ["A"]}),
    "a_round_opens_once": (OPEN, {}),
    "a_report_is_published_once": ("", {"editions": [1]}),
    "a_sheet_is_confirmed_once": (f"{CONFIRMED}です", {"batch": "applied"}),
    "a_sheet_is_not_thrown_away_while_it_is_written": (f"{CONFIRMED}なので、やめられません", {"batches": 1}),
    "a_sheet_is_taken_back_once": ("この取込は「取消済」なので、取り消せません", {"batch": "undone"}),
    "the_chain_does_not_fork": ("", {"broken": "None"}),
    "an_index_is_made_anew_once": ("", {"outdated": 0}),
    "an_end_waits_for_the_round_that_is_being_opened": ("", {"rows": 0}),
    "an_end_waits_for_the_row_that_is_being_written": (
        "令和6年度（2024年度） の内容がすでに入力されています（入力中）",
        {"states": ["draft", *UNTOUCHED[1:]]},
    ),
    "what_two_enter_at_once_is_there_once": ("同じ番号の分野があります", {"fields": 1}),
    "a_table_is_loaded_once": ("", {"events": 1}),
    "a_document_is_not_rewritten_while_it_is_done": (
        "画面を開いたあとに、ほかの人がこの組織改正を変えました", {"steps": 1},
    ),
    "a_round_opens_after_the_one_that_is_being_cancelled": ("", {"years": [2023, 2025]}),
    "who_asks_twice_gets_one_link": ("", {"links": 1}),
    "a_list_is_not_thrown_away_while_it_is_applied": ("この一覧は「取込済」です", {"lists": 1}),
    "no_table_is_loaded_beside_a_round_that_is_being_opened": (
        "令和6年度 の報告回が進行中です", {"states": ["open", "published", "published", "published"]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All scenes, played on PostgreSQL whatever the other tests run on."""
    with machine.postgresql_database("turns") as url:
        return dict(run("tests.cycle.taking_turns", url=url, state=tmp_path_factory.mktemp("state")))


@pytest.mark.parametrize("scene", WANTED)
def test_who_comes_second_waits_and_sees(scenes: dict[str, Any], scene: str) -> None:
    words, stands = WANTED[scene]
    assert scenes[scene] == {"first": "", "second": words, "waited": True, **stands}


def test_every_scene_has_its_end_written_down(scenes: dict[str, Any]) -> None:
    assert list(scenes) == list(WANTED)

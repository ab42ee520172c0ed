"""Reports as awkward as they may get, for the rules to be held on."""

from datetime import date
from typing import Any

from tests.public.building import RATINGS, make_entry, save_report, term
from tracker.models import Report, ReportEntry

SYMBOLS: list[dict[str, Any]] = [
    {"code": "◎", "label": "達成", "definition": "すべて行った", "percent": None, "level": 1},
    {"code": "Ⅱ", "label": "概ね①", "definition": "", "percent": None, "level": 3},
    {"code": "△", "label": "遅れ", "definition": "0, または\n未着手", "percent": 0, "level": 5},
]
AWKWARD = "　①「A,B」\r\n㈱𠮷野〜😀 "
HOSTILE = [
    *(
        '=HYPERLINK("http://x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "#N/A",
        'a"b',
        "a,b",
        "<script>",
        "_x000D_",
        "0012",
        "2024-03-31",
    ),
    *(
        "TRUE",
        "1e5",
        "'0",
        ";",
        "—−‖¢£¬\u00a0x",
        "葛\U000e0100城",
        "\ue000外字",
        "髙﨑",
        "❶❷",
        "Ⅲ⑳㎡½",
        "\x0b甲\x01乙",
        " 　甲　 ",
    ),
]


def awkward_entries() -> list[ReportEntry]:
    """Entries with everything that a table may have, several or none."""
    several = make_entry(
        1,
        pledge_text=AWKWARD,
        pledge_number="❹",
        sdgs=[17, 4, 11, 4],
        departments=[
            term("001", "土木課", "past", None, 2022),
            term("002", "𠮷野課", "current", 2023, None),
            term("003", "道路・公園課", "current"),
            term("004", "新しい課", "next", 2024, None),
        ],
        plan_projects=[
            {"code": "2-2-3①❷", "base_code": "2-2-3", "name": "道路, 橋 ㈱事業"},
            {"code": "", "base_code": "", "name": "番号のない事業"},
        ],
        results={
            "2022": "次のとおり\n・①を\n・",
            "2023": "・令和4年度までの取組を引き続き実施しました。\n・〜を\u2028終えた",
        },
        plans={"2024": ""},
        rating_code="△",
        rating_reason="理由①\n二行目",
        other_departments=True,
    )
    nothing = make_entry(
        2,
        pledge_number="ア",
        sdgs=None,
        departments=[],
        plan_projects=[],
        results={},
        plans={},
        rating_code="",
    )
    no_goal = make_entry(3, pledge_number="", sdgs=[], rating_code="◎", carried_from=date(2023, 3, 31))
    ended = make_entry(4, pledge_number="３-4", rating_code="Ⅱ", ended_after=2022)
    hostile = [make_entry(n, pledge_text=words, rating_code="") for n, words in enumerate(HOSTILE, start=5)]
    again = make_entry(
        1, key="1-1-1-2", initiative_position=2, pledge_text=AWKWARD, pledge_number="❹", rating_code="◎"
    )
    return [several, again, nothing, no_goal, ended, *hostile]


def save_awkward(slug: str) -> Report:
    """An awkward report, after one with another scale and with an initiative that has gone."""
    save_report(
        [make_entry(1), make_entry(50, rating_code="E")], slug=slug, as_of=date(2023, 3, 31), ratings=RATINGS
    )
    return save_report(awkward_entries(), slug=slug, ratings=SYMBOLS)


def save_bare(slug: str) -> Report:
    """A report that has hardly anything to say."""
    bare = make_entry(
        1, sdgs=None, departments=[], plan_projects=[], results={}, plans={}, rating_code="", pledge_number=""
    )
    return save_report([bare], slug=slug, years=[], ratings=[])

"""Tables made of values, with everything that a report can say and the city's own table does not."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tracker.published_tables.file.cells import LegendStep, PlanReference
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableIndicator,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.words.bullets import is_nothing, tidy
from tracker.words.fiscal_years import date_label

CITY = [
    LegendStep("A", "達成", "進捗率100%", 100),
    LegendStep("B", "おおむね達成", "進捗率75%程度", 75),
    LegendStep("E", "未着手", "進捗率0%", 0),
]
SIGNS = [
    LegendStep("◎", "達成", "", 100),
    LegendStep("○", "順調", "計画どおり（一部を除く）", None),
    LegendStep("△", "遅れ", "", None),
]
WORDS = [
    LegendStep("達成", "達成した", "", None),
    LegendStep("①", "進捗率50%以上", "50%以上", None),
    LegendStep("遅れ", "遅れている", "", 0),
]
KINDS = [
    LegendStep("ア", "済んだ", "", None),
    LegendStep("イ", "検討", "50%以上", None),
]  # without percentages
RANKS: list[dict[str, Any]] = [{}, {"has_ranks": False}, {"unranked": frozenset({"イ"})}]
NAMES = (
    "土木課",
    "都市計画課",
    "市長公室",
    "情報システム・DX推進担当",
    "教育委員会 学校教育課",
    "観光センター（駅前）",
    "区画整理課（北部）",
)


def meaning(table: PublishedTable) -> list[Any]:
    """All that a table says, without where it stood."""
    return [
        (
            *(table.title, table.as_of, table.ratings, table.years, table.plan_years, table.cumulative_year),
            *(table.has_ranks, table.unranked),
        ),
        [
            (
                category.number,
                category.name,
                section.number,
                section.name,
                pledge.position,
                pledge.number,
                pledge.text,
            )
            for category, section, pledge in table.pledges()
        ],
        [
            [
                *(i.position, i.plan_projects, i.sdgs, i.results, i.plans, i.rating, i.departments, i.others),
                *(i.previous_rating, i.rating_reason, i.indicators, i.text),
                {label: text for label, text in i.extras.items() if text},
            ]
            for i in table.initiatives()
        ],
    ]


def initiative(position: int = 1, **values: Any) -> TableInitiative:
    """An initiative with something in every column."""
    return TableInitiative(
        **{
            "position": position,
            "row": position,
            "plan_projects": [PlanReference("2-2-3①③", "2-2-3", "駅前 整備事業")],
            "sdgs": (11,),
            "results": {2021: "・調べました。", 2022: "・図りました。"},
            "plans": {2023: "・建てます。"},
            "rating": "A",
            "departments": (DepartmentTerm("土木課"),),
            "others": False,
            **values,
        }
    )


def table_with(
    *initiatives: TableInitiative, number: str = "①", text: str = "駅を直します", **values: Any
) -> PublishedTable:
    """A table of one pledge."""
    category = TableCategory(
        1,
        "まち",
        [TableSection(1, "道路", [TablePledge(1, number, text, list(initiatives) or [initiative()])])],
    )
    return PublishedTable(
        **{
            "title": "市長マニフェストの達成状況（令和5年3月末時点）",
            "as_of": date(2023, 3, 31),
            "ratings": CITY,
            "years": [2021, 2022],
            "plan_years": [2023],
            "cumulative_year": 2021,
            "categories": [category],
            "anomalies": [],
            **values,
        }
    )


def is_in_a_cell(text: str) -> bool:
    """Whether a cell can say the text: tabs, control characters and a lone dash are something else there."""
    return not is_nothing(text) and text.replace("\n", "").isprintable()


texts = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("\n・—=+-@<>&;_x ①𠮷"), max_size=60
)
wordings = st.one_of(
    st.just(""),
    st.sampled_from(
        (
            *(
                "A",
                "外",
                "観光課",
                "・甲です。 ・乙です。",
                "<li>甲</li>",
                "&amp;",
                "=SUM(A1)",
                "@名",
                "_x000D_",
                "11",
                "・・甲",
                "　字下げ",
            ),
            *(
                "・令和2年度までの取組を引き続き実施しました。",
                "①駅",
                "※ 注",
                "1. まち",
                "(1) 道路",
                "<実施状況>",
                "A : 達成",
            ),
        )
    ),
    texts.map(tidy).filter(is_in_a_cell),
)
one_line = texts.map(lambda text: " ".join(text.split())).filter(
    lambda text: bool(text) and is_in_a_cell(text)
)
limits = st.tuples(st.none() | st.integers(2012, 2020), st.none() | st.integers(2021, 2030))
terms = st.builds(lambda name, years: DepartmentTerm(name, *years), st.sampled_from(NAMES), limits)
codes = st.tuples(st.integers(1, 9), st.sampled_from(("", "①", "①③", "❶1"))).map(
    lambda found: (f"{found[0]}-2-10{found[1]}", f"{found[0]}-2-10")
)
odd_codes = st.sampled_from((("重点", ""), ("重点-1", "9-9-9"), ("2-2-3①", "9-9-9"), ("", "")))
references = st.builds(
    lambda code, name: PlanReference(*code, name),
    codes | odd_codes,
    st.sampled_from(("駅前 整備事業", "2-2-4① の続き", "事業")),
)


numbers = st.dictionaries(st.sampled_from((2023, 2024)), st.sampled_from(("1,200", "12.5", "集計中")))
indicators = st.builds(TableIndicator, one_line, st.sampled_from(("", "件", "％")), numbers, numbers, numbers)


@st.composite
def initiatives(
    draw: st.DrawFn, scale: list[LegendStep], years: list[int], plan_years: list[int], labels: list[str]
) -> TableInitiative:
    return initiative(
        text=draw(wordings) if labels else "",
        plan_projects=draw(st.lists(references, max_size=3)),
        sdgs=draw(st.none() | st.lists(st.integers(1, 17), unique=True, max_size=17).map(tuple)),
        results={year: draw(wordings) for year in years},
        plans={year: draw(wordings) for year in plan_years},
        rating=draw(st.none() | st.sampled_from([step.code for step in scale])),
        departments=tuple(draw(st.lists(terms, max_size=4))),
        others=draw(st.booleans()),
        extras={label: draw(wordings) for label in labels},
        indicators=draw(st.lists(indicators, max_size=3)) if labels else [],
    )


def _take_names(of: str, categories: list[TableCategory]) -> None:
    """Makes a table of one whose pledges stand without a section, or without a field."""
    if of == "none":
        return
    for category in categories[: 1 if of == "some sections" else None]:
        pledges = category.sections[0].pledges
        category.sections[:] = [TableSection(0, "", pledges)]
    if of == "fields":
        categories[:] = [TableCategory(0, "", categories[0].sections)]


@st.composite
def tables(draw: st.DrawFn) -> PublishedTable:
    """Any table that a report can become."""
    scale = draw(st.sampled_from((CITY, SIGNS, WORDS, KINDS)))
    years = draw(st.sampled_from(([2023], [2021, 2022, 2023], [2022, 2023])))
    plan_years = draw(st.sampled_from(([], [2024], [2022, 2023, 2024] if len(years) == 3 else [2024])))
    as_of = draw(st.sampled_from((date(2024, 3, 31), date(2023, 9, 15), date(2019, 4, 30))))
    numbers = st.sampled_from(("①", "③", "㊿", "(12)", "4.", "", "重点1", "ア", "10", "1000.", "（1234）"))
    kinds = draw(st.sampled_from(("all", "few columns")))
    labels = draw(st.sampled_from(([], ["事業費（千円）", "実施状況"])))
    each = initiatives(scale, years, plan_years, labels)
    categories = []
    for number in range(1, draw(st.integers(1, 2)) + 1):
        sections = []
        for section in range(1, draw(st.integers(1, 2)) + 1):
            pledges = [
                TablePledge(
                    position,
                    draw(numbers),
                    draw(one_line),
                    # A further pledge may have no initiative yet.
                    draw(st.lists(each, min_size=position == 1, max_size=3)),
                )
                for position in range(1, draw(st.integers(1, 3)) + 1)
            ]
            sections.append(TableSection(section * 3, draw(one_line), pledges))
        categories.append(TableCategory(number * 7, draw(one_line), sections))
    _take_names(draw(st.sampled_from(("none", "sections", "some sections", "fields"))), categories)
    table = PublishedTable(
        f"市長公約&実績（{date_label(as_of)}）",
        as_of,
        scale,
        years,
        plan_years,
        draw(st.sampled_from((None, years[0]))),
        categories,
        [],
        **draw(st.sampled_from(RANKS if scale is KINDS else [{}])),
    )
    for _category, _section, pledge in table.pledges():
        for position, initiative in enumerate(pledge.initiatives, start=1):
            initiative.position = position
            if kinds == "few columns":
                initiative.plan_projects, initiative.sdgs = [], None
    return table

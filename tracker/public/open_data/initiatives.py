"""The tables of initiatives and pledges, one row each, and of the ratings in all reports so far."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from tracker.models import ReportEntry
from tracker.public.bare_pledges import is_bare
from tracker.public.open_data.columns import DataValue, day, fiscal_years, flag, number, text, wording
from tracker.public.open_data.long_tables import goals
from tracker.public.open_data.shared_columns import (
    CARRIED_FROM,
    ENDED_AFTER,
    PLEDGE_COLUMNS,
    place_columns,
    rating_columns,
)
from tracker.public.open_data.table import DataTable, EditionData
from tracker.public.rated_pledges import pledge_states, told_states
from tracker.reports.pledge_states import MEANINGS, PledgeState
from tracker.words.reported import RatedYear, in_charge


def _sdgs_status(entry: ReportEntry) -> str:
    if entry.sdgs is None:
        return "unknown"
    return "listed" if entry.sdgs else "none"


INITIATIVES = DataTable(
    name="initiatives",
    title="取組の一覧",
    about="1行が1つの取組です。評価、終わった年度、担当課の数などがあります。",
    group="main",
    key=("initiative_key",),
    own_columns=(
        *place_columns(initiatives=""),
        *fiscal_years("report.fiscal_year", "公表版の対象年度"),
        *rating_columns("ratings"),
        ENDED_AFTER,
        CARRIED_FROM,
        flag(
            "other_departments",
            "ほかの担当課の有無",
            "entry.other_departments",
            "担当課がほかにもある（元の表の「外」）",
            "ない",
        ),
        number(
            "department_count",
            "時点の年度の担当課の数",
            lambda told: len(in_charge(told.entry.departments)),
            "課の名前は initiative_departments にある",
            unit="課",
        ),
        text(
            "sdgs_status",
            "SDGsの記載",
            lambda told: _sdgs_status(told.entry),
            choices={"listed": "記載あり", "none": "該当なしという記載", "unknown": "元の表から読み取れない"},
        ),
        number(
            "sdg_count",
            "SDGsの目標の数",
            lambda told: None if told.entry.sdgs is None else len(goals(told.entry)),
            "目標は initiative_sdgs にある",
            unit="件",
            blank="元の表から読み取れない（0 件ではない）",
        ),
        number(
            "plan_project_count",
            "総合計画の関連事業の数",
            lambda told: len(told.entry.plan_projects),
            "事業は initiative_plan_projects にある",
            unit="件",
        ),
    ),
    rows=lambda edition: edition.told,
)


class PledgeRow(NamedTuple):
    """A pledge: its first entry, how many initiatives it has, and what they come to, as code and in words."""

    entry: ReportEntry
    initiative_count: int
    state: str
    state_name: str


def pledge_rows(edition: EditionData) -> list[PledgeRow]:
    """All pledges; of a scale without an order none has a state."""
    states = pledge_states(edition.report, map(vars, edition.entries))
    names, rows = told_states(edition.report), []
    for entries in edition.pledges:
        own = [entry for entry in entries if not is_bare(vars(entry))]
        state = states.get(entries[0].pledge_key)
        told = (state, names[state]) if state else ("", "")
        rows.append(PledgeRow(entries[0], len(own), *told))
    return rows


PLEDGES_BEFORE = DataTable(
    name="pledges",
    title="公約の一覧",
    about="1行が1つの公約です。",
    group="further",
    key=("pledge_key",),
    own_columns=(
        text("pledge_key", "公約の記号", "entry.pledge_key", "分野-項目-公約の順"),
        *PLEDGE_COLUMNS,
        number("initiative_count", "取組の数", "initiative_count", unit="件"),
    ),
    rows=pledge_rows,
)
NO_ORDER = "進み具合の順に並ぶ区分がない公表版"
STATE, STATE_NAME = "公約の状態", "公約の状態の名称"
STATES_OF_SOME = {PledgeState.ENDED, PledgeState.ENDED_WITHOUT}  # named where an edition has such pledges
PLEDGES = replace(
    PLEDGES_BEFORE,
    about="1行が1つの公約です。取組がまだない公約もあります。",
    own_columns=(
        *PLEDGES_BEFORE.own_columns[:-1],
        number("initiative_count", "取組の数", "initiative_count", "0 は、取組がまだない公約", unit="件"),
        text(
            "pledge_state",
            STATE,
            "state",
            "公約の取組の評価を合わせたもの。決まりは「評価の付け方」のページにある",
            blank=NO_ORDER,
            choices={state: words for state, words in MEANINGS.items() if state not in STATES_OF_SOME},
        ),
        wording("pledge_state_label", STATE_NAME, "state_name", "区分の名称を入れた言い方", blank=NO_ORDER),
    ),
)


def with_states(table: DataTable, found: set[PledgeState]) -> DataTable:
    """The table of pledges as an edition has it in which these states are found."""
    left_out = STATES_OF_SOME - found
    told: dict[DataValue, str] = {state: words for state, words in MEANINGS.items() if state not in left_out}
    columns = (
        replace(each, choices=told) if each.name == "pledge_state" else each for each in table.own_columns
    )
    return replace(table, own_columns=tuple(columns))


REPORT_ROUND_NAME = wording(
    "report_round_name", "評価を公表した報告回の名前", "report.round_name", blank="年度に1回の報告"
)

RATING_HISTORY = DataTable(
    name="rating_history",
    title="評価の推移",
    about="1行が、1つの取組の1回の公表での評価です。この公表版までの、各時点の最後の版のものがあります。",
    group="further",
    key=("initiative_key", "report_as_of"),
    own_columns=(
        *place_columns(initiatives="", pledges=""),  # what an older report tells may have gone from this one
        day("report_as_of", "評価を公表した時点", "report.as_of", "西暦の年月日"),
        number("report_edition", "評価を公表した版", "report.edition", unit="版"),
        *fiscal_years("report.fiscal_year", "評価の対象年度"),
        *rating_columns(""),
        wording(
            "rating_reason",
            "評価を変えた理由",
            "entry.rating_reason",
            blank="評価を変えていない、または理由の記載がない",
        ),
        ENDED_AFTER,
        CARRIED_FROM,
    ),
    rows=lambda edition: edition.history,
)


class EarlierRating(NamedTuple):
    """How a table rated an initiative for a year of which no report tells the rating."""

    entry: ReportEntry
    fiscal_year: int
    code: str
    label: str


def earlier_ratings_of(history: list[RatedYear]) -> list[RatedYear]:
    """The years' ratings that no report told."""
    return [each for each in history if each.get("from_table")]


def _earlier_ratings(edition: EditionData) -> Iterator[EarlierRating]:
    labels = {step["code"]: step["label"] for step in edition.report.ratings}
    for entry in edition.entries:
        for told in earlier_ratings_of(entry.rating_history):
            yield EarlierRating(entry, told["fiscal_year"], told["code"], labels.get(told["code"], ""))


EARLIER_RATINGS = DataTable(
    name="earlier_ratings",
    title="表に載っていた前の年度の評価",
    about="1行が、1つの取組の1つの年度の評価です。その年度の公表版はなく、のちの年度の表に載っていたものです。",
    group="further",
    key=("initiative_key", "fiscal_year"),
    own_columns=(
        *place_columns(),
        *fiscal_years("fiscal_year", "評価の年度"),
        wording("rating_code", "評価の記号", "code", "実施状況の区分", refers_to="ratings"),
        wording("rating_label", "評価の名称", "label"),
    ),
    rows=_earlier_ratings,
)

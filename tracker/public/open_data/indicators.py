"""The tables of indicators (指標): what each measures, and its target, actual and rate by year."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.choices import IndicatorDirection
from tracker.models import ReportEntry
from tracker.public.open_data.columns import fiscal_years, flag, number, text, wording, year
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.indicators import formula_words, verdict_words
from tracker.words.reported import ReportedIndicator, ReportedIndicatorYear

NUMBERS = "桁区切りのない半角の数字。単位と小数の桁数は indicators にある"


class IndicatorRow(NamedTuple):
    """An indicator, and the entry of the initiative with which it is answered."""

    entry: ReportEntry
    indicator: ReportedIndicator

    @property
    def formula(self) -> str:
        return formula_words(self.indicator["direction"], self.indicator["formula"])


class IndicatorValue(NamedTuple):
    """An indicator in a fiscal year."""

    entry: ReportEntry
    indicator: ReportedIndicator
    fiscal_year: int
    told: ReportedIndicatorYear

    @property
    def status(self) -> str:
        is_reached = self.told["is_reached"]
        return "unknown" if is_reached is None else "reached" if is_reached else "missed"


def _indicators(edition: EditionData) -> Iterator[IndicatorRow]:
    for entry in edition.entries:
        for indicator in entry.indicators or ():
            yield IndicatorRow(entry, indicator)


def _values(edition: EditionData) -> Iterator[IndicatorValue]:
    for entry, indicator in _indicators(edition):
        for when, told in indicator["years"].items():
            yield IndicatorValue(entry, indicator, int(when), told)


INDICATORS = DataTable(
    name="indicators",
    title="指標",
    about="1行が、1つの指標です。indicator_values の目標と実績の意味、単位、達成率の計算があります。",
    group="further",
    key=("indicator_code",),
    own_columns=(
        *place_columns(),
        text("indicator_code", "指標の記号", lambda row: row.indicator["code"], "変わらない"),
        wording("indicator_name", "指標の名称", lambda row: row.indicator["name"], "公表したときの名称"),
        flag(
            "is_of_pledge",
            "何の指標か",
            lambda row: row.indicator["is_of_pledge"],
            "公約全体の指標。実績は、この行の取組とともに報告される",
            "この行の取組の指標",
        ),
        wording("indicator_unit", "単位", lambda row: row.indicator["unit"], blank="単位のない数"),
        number("indicator_decimals", "小数の桁数", lambda row: row.indicator["decimals"], unit="桁"),
        text(
            "indicator_direction",
            "目指す方向",
            lambda row: row.indicator["direction"],
            choices={each.value: str(each.label) for each in IndicatorDirection},
        ),
        text("rate_formula", "達成率の計算", "formula", "小数第2位から下は切り捨て"),
        text(
            "base_value", "基準値", lambda row: row.indicator["base_value"], NUMBERS, blank="基準値のない指標"
        ),
        year(
            "base_fiscal_year",
            "基準値の年度（西暦）",
            lambda row: row.indicator["base_fiscal_year"],
            blank="基準値の年度の記載がない",
        ),
        wording("indicator_note", "説明", lambda row: row.indicator["note"], blank="説明の記載がない"),
    ),
    rows=_indicators,
)

INDICATOR_VALUES = DataTable(
    name="indicator_values",
    title="指標の目標と実績",
    about="1行が、1つの指標の、1つの年度です。目標か実績のある年度だけです。空の実績は 0 ではありません。",
    group="further",
    key=("indicator_code", "fiscal_year"),
    own_columns=(
        *place_columns(),
        text(
            "indicator_code",
            "指標の記号",
            lambda row: row.indicator["code"],
            "意味、単位は indicators にある",
            refers_to="indicators",
        ),
        wording("indicator_name", "指標の名称", lambda row: row.indicator["name"], "公表したときの名称"),
        *fiscal_years("fiscal_year", "年度"),
        text("target", "目標", lambda row: row.told["target"], NUMBERS, blank="目標のない年度"),
        text("actual", "実績", lambda row: row.told["actual"], NUMBERS, blank="実績がまだない年度"),
        text(
            "achievement_rate",
            "達成率（％）",
            lambda row: row.told["rate"],
            "公表したときの計算。計算は indicators の rate_formula にある",
            unit="%",
            blank="目標か実績がない、または計算できない",
        ),
        text(
            "achievement_status",
            "達成したか",
            "status",
            choices={
                "reached": verdict_words(True),
                "missed": verdict_words(False),
                "unknown": "目標か実績がない",
            },
        ),
        wording("actual_note", "補足", lambda row: row.told["note"], blank="補足の記載がない"),
    ),
    rows=_values,
)

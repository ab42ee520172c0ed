"""The long table of actions: one row per initiative, fiscal year and line of text."""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.models import ReportEntry
from tracker.public.open_data.columns import (
    fiscal_year_columns,
    flag_column,
    number_column,
    text_column,
    wording_column,
)
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words import continuations
from tracker.words.bullets import MARK, without_mark


@dataclass(frozen=True)
class ActionLine:
    """One line of an action's text."""

    entry: ReportEntry
    kind: str
    fiscal_year: int
    is_cumulative: bool
    number: int
    text: str

    @property
    def type(self) -> str:
        return "bullet" if self.text.startswith(MARK) else "lead"

    @property
    def continues(self) -> continuations.Continuation | None:
        return continuations.in_line(self.text)


def action_lines(edition: EditionData) -> Iterator[ActionLine]:
    """Every line of every text, in order; a year without text has no line."""
    for entry in edition.entries:
        for year in edition.report.years:
            texts = entry.text_lines(f"{year['kind']}s", year["fiscal_year"])
            for position, line in enumerate(texts, start=1):
                yield ActionLine(entry, year["kind"], year["fiscal_year"], year["cumulative"], position, line)


ACTIONS = DataTable(
    name="actions",
    title="年度ごとの取組の内容",
    about="1行が1つの文（箇条書きの1項目）です。主な取組と取組予定の本文が、取組・年度ごとにあります。",
    group="main",
    key=("initiative_key", "fiscal_year", "kind", "line_number"),
    own_columns=(
        *place_columns(lambda line: line.entry),
        *fiscal_year_columns(lambda line: line.fiscal_year, "年度"),
        flag_column(
            "is_cumulative",
            "年度の範囲",
            lambda line: line.is_cumulative,
            "その年度までの内容",
            "その年度の内容",
        ),
        text_column(
            "kind", "種類", lambda line: line.kind, choices={"result": "主な取組（実績）", "plan": "取組予定"}
        ),
        number_column("line_number", "文の順", lambda line: line.number, "その年度の内容の中での順"),
        text_column(
            "line_type", "文の種類", lambda line: line.type, choices={"bullet": "箇条書き", "lead": "前書き"}
        ),
        wording_column(
            "text",
            "本文",
            lambda line: without_mark(line.text),
            "箇条書きの印を除く",
            blank="箇条書きの印だけの行",
        ),
        flag_column(
            "is_continuation",
            "継続の記載",
            lambda line: line.continues is not None,
            "「令和何年度までの取組を引き続き」という記載",
            "それ以外",
        ),
        number_column(
            "continues_fiscal_year",
            "引き続き行うとした年度",
            lambda line: line.continues.until if line.continues else None,
            "引き続き行うとした取組の最後の年度。西暦",
            unit="年度",
            blank="継続の記載ではない",
        ),
    ),
    rows=action_lines,
)

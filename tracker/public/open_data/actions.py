"""The long table of actions: one row per initiative, fiscal year and line of text."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.models import ReportEntry
from tracker.public.open_data.columns import fiscal_years, flag, number, text, wording, year
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words import continuations
from tracker.words.bullets import MARK, without_mark


class ActionLine(NamedTuple):
    """One line of an action's text, and its place among them."""

    entry: ReportEntry
    kind: str
    fiscal_year: int
    is_cumulative: bool
    place: int
    text: str

    @property
    def continues(self) -> int | None:
        """The last fiscal year whose actions, the line says, go on."""
        found = continuations.in_line(self.text)
        return found.until if found else None


def action_lines(edition: EditionData) -> Iterator[ActionLine]:
    """Every line of every text, in order; a year without text has no line."""
    for entry in edition.entries:
        for column in edition.report.years:
            kind, told = column["kind"], column["fiscal_year"]
            for place, line in enumerate(entry.text_lines(f"{kind}s", told), start=1):
                yield ActionLine(entry, kind, told, column["cumulative"], place, line)


ACTIONS = DataTable(
    name="actions",
    title="年度ごとの取組の内容",
    about="1行が1つの文（箇条書きの1項目）です。主な取組と取組予定の本文が、取組・年度ごとにあります。",
    group="main",
    key=("initiative_key", "fiscal_year", "kind", "line_number"),
    own_columns=(
        *place_columns(),
        *fiscal_years("fiscal_year", "年度"),
        flag("is_cumulative", "年度の範囲", "is_cumulative", "その年度までの内容", "その年度の内容"),
        text("kind", "種類", "kind", choices={"result": "主な取組（実績）", "plan": "取組予定"}),
        number("line_number", "文の順", "place", "その年度の内容の中での順"),
        text(
            "line_type",
            "文の種類",
            lambda line: "bullet" if line.text.startswith(MARK) else "lead",
            choices={"bullet": "箇条書き", "lead": "前書き"},
        ),
        wording(
            "text",
            "本文",
            lambda line: without_mark(line.text),
            "箇条書きの印を除く",
            blank="箇条書きの印だけの行",
        ),
        flag(
            "is_continuation",
            "継続の記載",
            "continues",
            "「令和何年度までの取組を引き続き」という記載",
            "それ以外",
        ),
        year(
            "continues_fiscal_year",
            "引き続き行うとした年度",
            "continues",
            meaning="引き続き行うとした取組の最後の年度。西暦",
            blank="継続の記載ではない",
        ),
    ),
    rows=action_lines,
)

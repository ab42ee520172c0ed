"""一覧表: all about an initiative in one row with Japanese headings, for people who sort and filter.

The long tables say the same for programs. It stands apart from them: it puts several departments into one
cell, and it is in no file that holds all tables, so these stay as they were published.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from tracker.models import Report, ReportEntry
from tracker.public.bare_pledges import is_bare
from tracker.public.open_data.columns import DataColumn, Getter, day, number, text, wording
from tracker.public.open_data.initiatives import NO_ORDER, STATE, pledge_rows
from tracker.public.open_data.long_tables import goals
from tracker.public.open_data.table import DataTable, EditionData, ToldEntry
from tracker.reports.comparison import Comparison, compare_ratings
from tracker.reports.identity import in_terms_of
from tracker.words.fiscal_years import short_label
from tracker.words.places import NO_FIELD, NO_SECTION
from tracker.words.reported import in_charge
from tracker.words.step_names import NOT_RATED

NO_TEXT, FIRST_REPORT = "記載がない", "最初の公表版"


class SummaryRow(NamedTuple):
    """An initiative, how it was rated in the report before, what became of that, and what its pledge comes
    to; or a pledge without any.
    """

    told: ToldEntry
    before: ToldEntry | None
    move: str
    state: str

    @property
    def entry(self) -> ReportEntry:
        return self.told.entry

    @property
    def departments(self) -> str:
        names = [term["name"] for term in in_charge(self.entry.departments)]
        return "、".join([*names, *(["ほか"] if self.entry.other_departments else [])])

    @property
    def goals(self) -> str:
        return "、".join(map(str, goals(self.entry)))


def _rows(edition: EditionData) -> Iterator[SummaryRow]:
    before = _before(edition)
    moves = _moves(edition, before)
    states = {row.entry.pledge_key: row.state_name for row in pledge_rows(edition)}
    for entry in chain.from_iterable(edition.pledges):
        move = moves.get(entry.key, "同じ") if before else ""
        told = ToldEntry(entry, edition.report)
        yield SummaryRow(told, before.get(entry.key), move, states[entry.pledge_key])


def _before(edition: EditionData) -> dict[str, ToldEntry]:
    """The report before, by this one's keys; nothing of the first report."""
    earlier = [told for told in edition.history if told.report.pk != edition.report.pk]
    last = [told for told in earlier if told.report.pk == earlier[-1].report.pk]
    newer = {entry.key: entry for entry in edition.entries}
    found = in_terms_of(newer, [told.entry for told in last])
    return {key: ToldEntry(entry, last[0].report) for key, entry in found.items()}


def _moves(edition: EditionData, before: dict[str, ToldEntry]) -> dict[str, str]:
    """How the ratings of a report's initiatives differ from those before, where they do."""
    if not before:
        return {}
    compared = _compared(edition, before)
    differences = {
        "上がった": compared.improved,
        "下がった": compared.worsened,
        compared.undirected_name: compared.newly_rated_or_unrated,
    }
    moves = {each.after.key: name for name, found in differences.items() for each in found}
    return moves | {entry.key: "新しい取組" for entry in compared.new}


def _compared(edition: EditionData, before: dict[str, ToldEntry]) -> Comparison:
    report, old = edition.report, next(iter(before.values())).report
    return compare_ratings(
        [told.entry for told in before.values()],
        edition.entries,
        report.rating_codes,
        old.rating_codes,
        [*report.unranked_codes, *old.unranked_codes],
    )


def _last_year(kind: str, row: SummaryRow) -> int | None:
    """The newest year whose results, or plans, an initiative tells."""
    years = [year["fiscal_year"] for year in row.told.report.years if f"{year['kind']}s" == kind]
    return max((year for year in years if row.entry.text_lines(kind, year)), default=None)


def _year(kind: str, row: SummaryRow) -> str:
    found = _last_year(kind, row)
    return short_label(found) if found else ""


def _text(kind: str, row: SummaryRow) -> str:
    found = _last_year(kind, row)
    return "\n".join(row.entry.text_lines(kind, found)) if found else ""


def _rating(told: ToldEntry) -> str:
    return str(told.rating.get("label") or NOT_RATED)


def _named(
    make: partial[DataColumn], name: str, getter: Getter, meaning: str = "", **more: Any
) -> DataColumn:
    """A column whose name in files is Japanese already."""
    return make(name, name, getter, meaning, **more)


ENDED = "終わった年度"
NOTHING_BEFORE = f"{FIRST_REPORT}、または新しい取組"
COLUMNS_OF_REPORT = (
    _named(text, "団体コード", "city.code"),
    _named(wording, "団体名", "city.name"),
    _named(text, "マニフェスト", "report.slug"),
    _named(day, "時点", "report.as_of"),
    _named(number, "版", "report.edition"),
    _named(wording, "報告回", "report.round_name", blank="その年度の報告は1回"),
)
WHICH = (
    _named(text, "取組の記号", "entry.key"),
    _named(wording, "分野", "entry.category_name", blank=NO_FIELD),
    _named(wording, "項目", "entry.section_name", blank=NO_SECTION),
    _named(wording, "公約の番号", "entry.pledge_number", "元の表の表記", blank="元の表に番号がない"),
    _named(wording, "公約", "entry.pledge_text"),
    _named(number, "取組の順", "entry.initiative_position", "公約の中での順"),
)
INITIATIVE_NAME = _named(  # behind 取組の順, where any initiative has one
    wording, "取組の名前", "entry.initiative_name", "公約とは別の名前", blank="名前を付けていない取組"
)
RATED = (
    _named(wording, "評価の記号", "entry.rating_code", blank=NOT_RATED),
    _named(wording, "評価", lambda row: _rating(row.told)),
    _named(
        number,
        "進捗率の目安",
        lambda row: row.told.rating.get("percent"),
        unit="％",
        blank="評価なし、または進捗率を定めていない区分",
    ),
    _named(day, "前回の時点", lambda row: row.before and row.before.report.as_of, blank=NOTHING_BEFORE),
    _named(wording, "前回の評価", lambda row: row.before and _rating(row.before), blank=NOTHING_BEFORE),
    _named(text, "評価の動き", "move", "前回と比べて", blank=FIRST_REPORT),
    _named(wording, "評価を変えた理由", "entry.rating_reason", blank="変えていない、または記載がない"),
)
FURTHER = (
    _named(
        wording,
        "担当課",
        "departments",
        "時点の年度の担当課。いくつかあれば「、」で区切る",
        blank="記載がない",
    ),
    _named(
        text,
        "SDGs",
        "goals",
        "目標の番号。いくつかあれば「、」で区切る",
        blank="該当なし、または読み取れない",
    ),
    _named(text, "最新の取組の年度", partial(_year, "results"), blank=NO_TEXT),
    _named(wording, "最新の取組", partial(_text, "results"), blank=NO_TEXT),
    _named(text, "予定の年度", partial(_year, "plans"), blank=NO_TEXT),
    _named(wording, "予定", partial(_text, "plans"), blank=NO_TEXT),
    _named(number, ENDED, "entry.ended_after", "西暦の年度", unit="年度", blank="続いている取組"),
    _named(
        day,
        "もとの公表の時点",
        "entry.carried_from",
        "承認前のため前の公表のまま載せた取組が、いつの公表のものか",
        blank="この公表のために承認された内容",
    ),
)
BEFORE = DataTable(
    name="summary",
    title="一覧表（1つの取組を1行に）",
    about="1行が1つの取組です。評価、前回の評価、担当課、最新の取組と予定を、日本語の列名で横に並べています。",
    group="ready",
    key=("取組の記号",),
    report_columns=COLUMNS_OF_REPORT,
    own_columns=(*WHICH, *RATED, *FURTHER),
    rows=_rows,
)


def _of_initiative(column: DataColumn) -> DataColumn:
    """A column as a table has it that has pledges without initiatives, too: they leave it empty."""
    blank = f"{column.blank}、または{NO_INITIATIVE}" if column.blank else NO_INITIATIVE
    if column.name == ENDED:  # a pledge may have ended without one
        return replace(column, blank=blank)
    return replace(
        column, blank=blank, getter=lambda row: None if is_bare(vars(row.entry)) else column.value(row)
    )


NO_INITIATIVE = "取組がまだない公約"
OF_PLEDGE = {"分野", "項目", "公約の番号", "公約"}
SUMMARY = replace(
    BEFORE,
    about=f"1行が1つの取組です。{NO_INITIATIVE}は、取組の欄が空の1行にしています。評価、前回の評価、担当課、最新の取組と予定を、"
    "日本語の列名で横に並べています。",
    key=("公約の記号", "取組の記号"),
    own_columns=(
        *(each if each.name in OF_PLEDGE else _of_initiative(each) for each in BEFORE.own_columns),
        _named(text, "公約の記号", "entry.pledge_key", "分野-項目-公約の順"),
        _named(
            wording,
            STATE,
            "state",
            "公約の取組の評価を合わせたもの。公約の取組のどの行にも同じ",
            blank=NO_ORDER,
        ),
    ),
)


def summary_of_report(report: Report) -> DataTable:
    """The table as a report's edition has it: an older one's stays as it was published."""
    return SUMMARY if report.tells_every_pledge else BEFORE

"""What the heading of a single column says: what the column holds, and its fiscal year.

A heading is compared folded, with its year taken out: 「取組実績（令和5年度）」, 「R5取組内容」 and
「令和5年度の主な取組」 all say "results of 2023". Any other wording is no error: its column is not known.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from tracker.published_tables.file.cells import one_line
from tracker.words.fiscal_years import year_of
from tracker.words.folding import fold


class Kind(Enum):
    """What a column holds."""

    FIELD = "分野"
    SECTION = "項目"
    NUMBER = "番号"
    PLEDGE = "マニフェスト"
    INITIATIVE = "取組名"
    PLAN_PROJECTS = "総合計画実施計画の関連事業"
    SDGS = "SDGs関連項目"
    RESULT = "主な取組"
    PLAN = "取組予定"
    PREVIOUS_RATING = "前回の実施状況"
    RATING = "実施状況"
    DIVISION = "担当部"
    DEPARTMENTS = "担当課"
    REASON = "評価の理由"
    INDICATOR = "指標"
    UNIT = "単位"
    TARGET = "目標値"
    ACTUAL = "実績値"
    RATE = "達成率"
    MARK = "評価の印"  # a mark in it gives the step that its heading names
    EXTRA = "追加の項目"  # kept and public
    NOTE = "メモ"  # kept; a column that the reader does not know
    IGNORE = "読まない列"


OUTLINE = (Kind.FIELD, Kind.SECTION)
FIGURES = (Kind.TARGET, Kind.ACTUAL, Kind.RATE)  # of an indicator, by year
OF_INDICATORS = (Kind.INDICATOR, Kind.UNIT, *FIGURES)


# 令和5年度, R5, 2023年度, in brackets or not. Not 「令和5年」 (no fiscal year), not 「令和4・5年度」 (two).
YEAR = re.compile(
    r"[(\[【〔]?(?P<since>[~〜]?)(?<![A-Za-z\d])"
    r"(?:(?P<era>令和|平成|昭和|R|H|S)(?P<count>\d{1,2}|元)|(?P<gregorian>(?:19|20)\d\d)(?=年度))"
    r"(?:年度)?(?![年\d]|[~〜・、,-]\d)(?P<until>末?まで|以前)?[)\]】〕]?の?"
)
UNREAD_YEAR = re.compile(r"\d年")  # a second year, in a form that is not understood
DATE_IN_BRACKETS = re.compile(r"\([^()]*(?:末|現在|時点)\)")

TAKEN_UP = "取り?組み?"
ONE_DONE = rf"(?:{TAKEN_UP}の?(?:内容|実績|状況|結果|成果)?|(?:実施|活動|事業)(?:内容|実績|結果)|実績|成果)"
DONE = rf"(?:{ONE_DONE}(?:(?:・|及び|と){ONE_DONE})*|具体的な内容)"
RESULT_WORDS = rf"(?:主な|具体的な|これまでの)*{DONE}(?:等|など)?(?:\((?:結果量|実績)\))?"
PLANNED = rf"(?:{TAKEN_UP}|実施|事業|年度)の?(?:予定|計画|方針)"
PLAN_WORDS = rf"(?:主な|具体的な)*(?:{PLANNED}|予定|計画)(?:等|など)?"
TO_COME = rf"(?:今後|これから|将来)の?(?:主な|具体的な)*{TAKEN_UP}"
DATED_HEADINGS = (
    (Kind.PLAN, re.compile(rf"^{TO_COME}(?:の?(?:内容|方針|方向性?))?(?:等|など)?$")),
    (Kind.PLAN, re.compile(rf"(?:^|の)(?:{PLAN_WORDS}|{RESULT_WORDS}\((?:予定|計画)\))$")),
    (Kind.RESULT, re.compile(rf"(?:^|の){RESULT_WORDS}(?:\(実績\))?$")),
)
LATER = re.compile(r"^(?:今後|次年度|来年度|翌年度)")  # no year that a heading could be held to
# Without its year such a heading is a mistake; other undated wordings may tell what the initiative is at all.
LACKS_YEAR = (
    (Kind.PLAN, re.compile(r"取組?み?予定$")),
    (Kind.RESULT, re.compile(r"の?(?:主な)?取り?組み?(?:実績)?$")),
)
MAY_LACK_YEAR = re.compile(rf"^{RESULT_WORDS}$")

RATING_STATUS = r"(?:進捗|達成|実施)の?(?:状況|度)"
UNDATED_HEADINGS = (
    (
        Kind.PLEDGE,
        re.compile(
            r"^(?:(?:市長|政策|選挙)?(?:マニフェスト|公約)|マニフェスト\(公約\)|公約\(マニフェスト\))(?:項目|事項|名|の?内容)?$"
        ),
    ),
    (Kind.PLAN_PROJECTS, re.compile(r"^総合計画.*関連事業$")),
    (Kind.SDGS, re.compile(r"^SDGs(?:の?関連)?(?:の?(?:項目|目標|ゴール))?$", re.IGNORECASE)),
    # Only as we print it: of another wording nobody knows what it is the last one of.
    (Kind.PREVIOUS_RATING, re.compile(f"^{Kind.PREVIOUS_RATING.value}$")),
    (
        Kind.RATING,
        re.compile(
            rf"^(?:{RATING_STATUS}(?:の?(?:評価|区分))?|(?:自己|進捗|達成度?|総合)?評価(?:区分|結果)?)$"
        ),
    ),
    (
        Kind.DEPARTMENTS,
        re.compile(r"^(?:(?:主?担当|所管|主管)?(?:課|課・?室|部課|部署|所属|課\(室\))等?名?|主?担当|所管)$"),
    ),
    (Kind.DIVISION, re.compile(r"^(?:主?担当|所管|主管)?(?:部|局|部・?局)等?名?$")),
    (
        Kind.REASON,
        re.compile(r"^(?:(?:自己)?評価|判定|進捗(?:状況|度)?|達成(?:状況|度)?)の?(?:理由|根拠)(?:等|など)?$"),
    ),
    (
        Kind.NUMBER,
        re.compile(r"^(?:No\.?|#|(?:通し|整理|公約|政策|事業|項目)?番号|項番|通番|連番)$", re.IGNORECASE),
    ),
    (
        Kind.INDICATOR,
        re.compile(
            r"^(?:(?:成果|数値|活動|評価)?指標|KPI|成果目標|数値目標)名?(?:\(単位\))?$", re.IGNORECASE
        ),
    ),
    (Kind.UNIT, re.compile(r"^単位$")),
    (Kind.TARGET, re.compile(r"^(?:最終|中間)?(?:目標|計画)値$")),
    (Kind.ACTUAL, re.compile(r"^実績値$")),
    (Kind.RATE, re.compile(r"^(?:目標)?(?:達成|進捗)率$")),
)
# What stands over a group of columns, and what short words below it mean: 「部」 below 「担当部署」.
GROUPED = (
    (
        re.compile(r"^(?:主?担当|所管|主管)(?:部署|部局|部課|所属|課)?$"),
        (
            (Kind.DIVISION, re.compile(r"^(?:部|局|部・?局)等?名?$")),
            (Kind.DEPARTMENTS, re.compile(r"^(?:課|室|課・?室|係|所属)等?名?$")),
        ),
    ),
    (
        re.compile(r"^(?:(?:(?:成果|数値|活動|評価)?指標|KPI)(?:等|の?(?:状況|実績|達成状況))?|数値目標)$"),
        (
            (Kind.INDICATOR, re.compile(r"^(?:指標|項目)?名?称?$")),
            (Kind.UNIT, re.compile(r"^単位$")),
            (Kind.TARGET, re.compile(r"^(?:目標|計画)値?$")),
            (Kind.ACTUAL, re.compile(r"^実績値?$")),
            (Kind.RATE, re.compile(r"^(?:目標)?(?:達成|進捗)率$")),
        ),
    ),
)
# Words for a level of the plan, of which the last column is the pledge where none is called one.
LEVEL = re.compile(
    r"^(?:(?:政策|施策)?分野|(?:基本|重点|政策)?目標|(?:基本|重点|具体的|個別)?(?:政策|施策|事業|項目)(?:名|キーワード)?"
    r"|(?:大|中|小)(?:項目|分類|区分)|(?:実施|取組|政策|計画|具体)(?:項目|事業)名?|約束|(?:(?:政策|施策|公約)の)?柱|テーマ|章|節)$"
)
NAME_OF_INITIATIVE = re.compile(rf"^(?:個別|具体的?な?)?{TAKEN_UP}の?名(?:称|前)?$")
BEFORE_A_PLEDGE = re.compile(r"^(?:項目|区分|目標)$")  # a level only beside other columns
CLEAR_RATING = re.compile(r"評価|達成度")  # 「実施状況」 may also be told in words


@dataclass(frozen=True)
class Heading:
    """One heading as understood: `fiscal_years` are those it names, `shown` is its wording on one line.

    `lacks_year`: its kind needs a year, and it names none, or several. `is_clear_rating`: not just a
    "status", which may also be told in words. `may_lack_year`: with a year it would be a year's column.
    """

    shown: str
    kind: Kind
    fiscal_years: tuple[int, ...] = ()
    cumulative: bool = False
    lacks_year: bool = False
    is_clear_rating: bool = False
    may_lack_year: bool = False

    @property
    def wording(self) -> str:
        """What it says but for its year."""
        return _without_dates(fold(self.shown)).strip()

    @property
    def is_dated(self) -> bool:
        """Whether figures under it are of one year: its own, or the table's."""
        return len(self.fiscal_years) == 1 or self.may_lack_year


@lru_cache(maxsize=10_000)
def read_heading(printed: str) -> Heading:
    """A heading as understood; kind NOTE for one that is not known, SECTION for any level of the plan."""
    folded = fold(printed)
    shown = one_line(printed)
    matches = list(YEAR.finditer(folded))
    years = tuple(dict.fromkeys(year_of(match) for match in matches))
    cumulative = any(match["since"] or match["until"] for match in matches)
    base = _without_dates(folded)
    if kind := _in_group(shown):
        return Heading(shown, kind, years, cumulative, may_lack_year=kind in FIGURES and not years)
    if len(years) == 1 and not UNREAD_YEAR.search(base) and (kind := _first(DATED_HEADINGS, base)):
        return Heading(shown, kind, years, cumulative)
    if kind := _first(UNDATED_HEADINGS, base):
        return Heading(shown, kind, years, cumulative, is_clear_rating=bool(CLEAR_RATING.search(base)))
    if (years or not LATER.search(folded)) and (kind := _first(LACKS_YEAR, folded)):
        may_lack = not years and bool(MAY_LACK_YEAR.search(folded))
        return Heading(shown, kind, years, cumulative, len(years) != 1, may_lack_year=may_lack)
    if not years and NAME_OF_INITIATIVE.match(base):
        return Heading(shown, Kind.INITIATIVE)
    if not years and LEVEL.match(base):
        return Heading(shown, Kind.SECTION)
    return Heading(shown, Kind.NOTE, years, may_lack_year=not years and bool(MAY_LACK_YEAR.search(folded)))


def _without_dates(folded: str) -> str:
    return DATE_IN_BRACKETS.sub("", YEAR.sub("", folded))


def _in_group(shown: str) -> Kind | None:
    """What a heading of several rows is, whose first says what the others are of."""
    over, _space, below = shown.partition(" ")
    words = _without_dates(fold(below))
    found = (kinds for group, kinds in GROUPED if words and group.match(_without_dates(fold(over))))
    return next((kind for kinds in found if (kind := _first(kinds, words))), None)


def _first(patterns: tuple[tuple[Kind, re.Pattern[str]], ...], wording: str) -> Kind | None:
    return next((kind for kind, pattern in patterns if pattern.search(wording)), None)

"""The roles of columns in a clerk's words, and those that a person may choose for one. Pure."""

from collections.abc import Iterable, Sequence

from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.roles import MAX_LABEL, NAMES, column_of
from tracker.words.cutting import cut
from tracker.words.fiscal_years import short_label

Choice = tuple[str, str]  # a role, and its words
GROUPS = {
    "公約の場所": (Kind.FIELD, Kind.SECTION),
    "公約と取組": (Kind.PLEDGE, Kind.NUMBER, Kind.INITIATIVE, Kind.PLAN_PROJECTS, Kind.SDGS),
    "担当": (Kind.DEPARTMENTS, Kind.DIVISION),
    "評価": (Kind.RATING, Kind.REASON, Kind.PREVIOUS_RATING),
    "年度ごとの取組": (Kind.RESULT, Kind.PLAN),
    "指標": (Kind.INDICATOR, Kind.UNIT, Kind.TARGET, Kind.ACTUAL, Kind.RATE),
    "評価の印": (Kind.MARK,),
    "ほか": (Kind.EXTRA, Kind.NOTE, Kind.IGNORE),
}
CALLED = {
    Kind.FIELD: "分野",
    Kind.SECTION: "項目",
    Kind.NUMBER: "番号",
    Kind.PLEDGE: "公約",
    Kind.INITIATIVE: "取組",
    Kind.PLAN_PROJECTS: "関連事業",
    Kind.SDGS: "SDGs",
    Kind.DEPARTMENTS: "担当課",
    Kind.DIVISION: "部",
    Kind.RATING: "評価",
    Kind.REASON: "評価の理由",
    Kind.PREVIOUS_RATING: "前回の評価",
    Kind.RESULT: "実績",
    Kind.PLAN: "予定",
    Kind.INDICATOR: "指標の名前",
    Kind.UNIT: "指標の単位",
    Kind.TARGET: "指標の目標",
    Kind.ACTUAL: "指標の実績値",
    Kind.RATE: "指標の達成率",
    Kind.IGNORE: "使わない",
}
YEARLY = (Kind.RESULT, Kind.PLAN, Kind.TARGET, Kind.ACTUAL, Kind.RATE)
UNDATED = (Kind.RESULT,)  # may stand without a year, too


def group_of(role: str) -> int:
    """The number of the group that a role belongs to, from 1; 0 for no role at all."""
    kind = _column(role).kind if role else None
    return next((number for number, kinds in enumerate(GROUPS.values(), start=1) if kind in kinds), 0)


def in_words(role: str) -> str:
    """A role in words: 「実績 令和6年度」, 「メモ「備考」（公開しない）」."""
    column = _column(role)
    match column.kind:
        case Kind.EXTRA:
            return f"追加の項目「{cut(column.code, 20)}」"
        case Kind.NOTE:
            return f"メモ「{cut(column.code, 20)}」（公開しない）"
        case Kind.MARK:
            return f"評価「{column.code}」の印"
        case Kind.RATING if column.fiscal_year:
            return f"{short_label(column.fiscal_year)}の評価"
        case kind if column.fiscal_year:
            return f"{CALLED[kind]} {short_label(column.fiscal_year)}"
        case Kind.RESULT:
            return "実績（見出しに年度のない列）"
        case kind:
            return CALLED[kind]


def choices_for(
    heading: str, letter: str, role: str, common: Sequence[tuple[str, Sequence[Choice]]]
) -> list[tuple[str, list[Choice]]]:
    """(group, roles) that a column may have: the common ones, those named by its heading, and its own."""
    label = (heading or f"{letter}列")[:MAX_LABEL].strip() or f"{letter}列"
    named = [f"{NAMES[kind]} {label}" for kind in (Kind.EXTRA, Kind.NOTE)]
    groups = [(name, list(choices)) for name, choices in common]
    groups[-1][1][:0] = [(each, in_words(each)) for each in named]
    if role and role not in {each for _name, choices in groups for each, _words in choices}:
        groups.insert(0, ("いまの選び方", [(role, in_words(role))]))
    return groups


def common_choices(years: Iterable[int], codes: Iterable[str]) -> list[tuple[str, list[Choice]]]:
    """(group, roles) for any column of a table with these fiscal years and steps of the scale."""
    ordered, steps = sorted(set(years)), list(codes)
    return [
        (name, [(role, in_words(role)) for kind in kinds for role in _roles(kind, ordered, steps)])
        for name, kinds in GROUPS.items()
        if Kind.MARK not in kinds or steps
    ]


def _roles(kind: Kind, years: Sequence[int], codes: Sequence[str]) -> list[str]:
    word = NAMES[kind]
    dated = [f"{word} {year}" for year in years]
    if kind is Kind.MARK:
        return [f"{word} {code}" for code in codes]
    if kind in YEARLY:
        return [word, *dated] if kind in UNDATED else dated
    if kind is Kind.RATING:
        return [word, *dated]
    return [] if kind in {Kind.EXTRA, Kind.NOTE} else [word]


def _column(role: str) -> TableColumn:
    return column_of(role, "")

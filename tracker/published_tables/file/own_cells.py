"""What the cells of a table that we publish say: printed from its values, and read again.

Wherever the wording allows it, a cell is printed so that the general reader (`parser`) understands it, too.
What only the readers here tell apart has an ideographic space, which no wording from a table has there.
"""

import re

from tracker.published_tables.file import cells
from tracker.published_tables.file.departments import DepartmentTerm, is_divided, read_departments
from tracker.words import codes
from tracker.words.bullets import NOTHING
from tracker.words.fiscal_years import fiscal_years_in, short_label
from tracker.words.no_initiative import NO_INITIATIVE

REASON_MARK = "\n理由："  # after a rating, before why it was changed
OTHERS_MARK = "外"
NOTE = "※ "
WIDE_SPACE = "\u3000"
CONTINUED = f"（続き）{WIDE_SPACE}"  # before a pledge's text that stands once more on the next page

NOTHING_YET = f"{NO_INITIATIVE}{WIDE_SPACE}"  # in the row of a pledge without an initiative
EXTRA_MARK = WIDE_SPACE  # ends the heading of an extra column, which no known heading does

NUMBERED = re.compile(rf"(?P<number>{cells.PRINTED_NUMBER})\s*(?P<text>\S.*)", re.DOTALL)
CODED = re.compile(
    rf"(?P<code>[^{WIDE_SPACE}［］]*)(?:［(?P<base>[^{WIDE_SPACE}［］]*)］)?{WIDE_SPACE}(?P<name>.*)",
    re.DOTALL,
)
LIMITED = re.compile(
    r"(?P<name>.+)（(?:～(?P<until>[^～（）]+)|(?P<since>[^～（）]+)以降|(?P<first>[^～（）]+)～(?P<last>[^～（）]+))）"
)
PRINTED_STEP = re.compile(
    r"(?P<code>.+?) : (?P<label>.+?)(?:（(?P<definition>.*)）)?"
    r"(?:［(?:進捗率(?:(?P<percent>\d{1,3})%|なし)|順序なし)］)?",
    re.DOTALL,
)


def pledge_cell(number: str, text: str) -> str:
    """「①駅を直します」. A wide space sets apart a number that no reader would know as one, or none."""
    plain = number + text
    return plain if pledge_in(plain) == (number, text) else f"{number}{WIDE_SPACE}{text}"


def pledge_in(cell: str) -> tuple[str, str]:
    """(number as printed, wording) of a pledge's cell."""
    if match := NUMBERED.fullmatch(cell):
        return match["number"], match["text"]
    number, space, text = cell.partition(WIDE_SPACE)
    return (number, text) if space else ("", cell)


def continued_cell(pledge: str) -> str:
    """A pledge's cell as it is repeated where its initiatives go on overleaf."""
    return CONTINUED + pledge


def plan_project_cell(reference: cells.PlanReference) -> str:
    """「2-2-3①③ 立地支援策のPR 企業誘致事業」."""
    if cells.read_plan_references(reference.text) == [reference]:
        return reference.text
    base = "" if reference.base_code == _base(reference.code) else f"［{reference.base_code}］"
    return f"{reference.code}{base}{WIDE_SPACE}{reference.name}"


def plan_project_in(cell: str) -> list[cells.PlanReference]:
    """The plan project of a cell of its own; none where it says so. Raises ValueError for no plan code."""
    match = CODED.fullmatch(cell)
    if not match:
        return cells.read_plan_references(cell)
    base = _base(match["code"]) if match["base"] is None else match["base"]
    if base and codes.plan_code_refusal(base):
        raise ValueError(base)
    return [cells.PlanReference(match["code"], base, match["name"])]


def _base(code: str) -> str:
    match = cells.PLAN_CODE.fullmatch(code)
    return match[1] if match else ""


def sdgs_cell(goals: tuple[int, ...] | None) -> str:
    """「3 5 11」; blank where it is not known, a dash where there are none."""
    return "" if goals is None else " ".join(map(str, goals)) or NOTHING


def sdgs_in(cell: str) -> tuple[int, ...] | None:
    """The goals of a cell. Raises ValueError for anything but numbers, a blank or a dash."""
    return None if not cell else () if cell == NOTHING else tuple(int(goal) for goal in cell.split(" "))


def rating_cell(rating: str | None, reason: str) -> str:
    """「B」, and under it 「理由：用地の取得が終わったため」 where that is to be told."""
    return (rating or NOTHING) + (REASON_MARK + reason if reason else "")


def rating_in(cell: str) -> tuple[str, str]:
    """(the rating as printed, its reason or "") of a rating's cell."""
    rating, _mark, reason = cell.partition(REASON_MARK)
    return rating, reason


def previous_rating_cell(rating: str | None) -> str:
    """Blank where no report told one, a dash where the last one gave none."""
    return "" if rating is None else rating or NOTHING


def previous_rating_in(cell: str) -> str | None:
    """What `previous_rating_cell` printed."""
    return None if not cell else "" if cell == NOTHING else cell


def value_cell(text: str) -> str:
    """A value as it is printed; a dash where there is none."""
    return text or NOTHING


def value_in(cell: str) -> str:
    """What `value_cell` printed."""
    return "" if cell == NOTHING else cell


def departments_cell(terms: tuple[DepartmentTerm, ...], others: bool) -> str:
    """A line per duty, each with its own years: 「土木課」「道路整備課（令和6年度以降）」, and 「外」."""
    return "\n".join([*map(_duty, terms), *([OTHERS_MARK] if others else [])]) or NOTHING


def _duty(term: DepartmentTerm) -> str:
    first, last = (short_label(year) if year else "" for year in (term.from_year, term.to_year))
    if not first and not last:
        return term.name
    return f"{term.name}（{first}～{last}）" if last else f"{term.name}（{first}以降）"


def departments_in(cell: str) -> tuple[tuple[DepartmentTerm, ...], bool]:
    """(duties, whether there are others) of a cell with a duty per line.

    Raises ValueError for a line that names several departments: somebody has written it who follows other
    rules.
    """
    lines = [] if cell == NOTHING else cell.split("\n")
    others = OTHERS_MARK in lines[-1:]
    return tuple(_duty_in(line) for line in (lines[:-1] if others else lines)), others


def _duty_in(line: str) -> DepartmentTerm:
    told = read_departments(line)
    match = LIMITED.fullmatch(line)
    are_several = len(told.terms) > 1 and not told.joined and not told.doubtful
    if not line.strip() or told.others or (are_several and not is_divided(match["name"] if match else line)):
        raise ValueError(line)
    if not match:
        return DepartmentTerm(line)
    first, last = (_year(match[a] or match[b]) for a, b in (("since", "first"), ("until", "last")))
    return DepartmentTerm(match["name"], first, last)


def _year(words: str | None) -> int | None:
    if words is None:
        return None
    (year,) = fiscal_years_in(words)
    return year


NO_RANK = "［順序なし］"  # behind a step that stands outside the order


def legend_line(step: cells.LegendStep, *, is_ranked: bool = True) -> str:
    """「A : 達成（進捗率100%）」, and behind it the percentage if the definition does not tell it."""
    plain = f"{step.code} : {step.label}" + (f"（{step.definition}）" if step.definition else "")
    if not is_ranked:
        return plain + NO_RANK
    if PRINTED_STEP.fullmatch(plain) and legend_in(plain).percent == step.percent:
        return plain
    return f"{plain}［進捗率{'なし' if step.percent is None else f'{step.percent}%'}］"


def legend_in(line: str) -> cells.LegendStep:
    """A step of the scale. Raises ValueError where the line is none."""
    match = PRINTED_STEP.fullmatch(line)
    if not match:
        raise ValueError(line)
    definition = match["definition"] or ""
    told = cells.read_legend(f"A : A（{definition}）")
    percent = told.percent if told else None
    if match["percent"] or line.endswith(("［進捗率なし］", NO_RANK)):
        percent = int(match["percent"]) if match["percent"] else None
    return cells.LegendStep(match["code"], match["label"], definition, percent)

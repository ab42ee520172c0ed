"""What single cells of a published table say: pledge numbers, plan references, SDGs, departments, the legend."""

import re
from dataclasses import dataclass

from tracker.bullets import MARK, SPACES, is_blank, is_nothing
from tracker.fiscal_years import fiscal_years_in
from tracker.folding import fold

NUMBER_MARK = re.compile(r"^\s*(?P<number>[①-⑳㉑-㉟㊱-㊿]|[(（]?\d{1,3}[)）.．])\s*(?P<text>\S.*)$", re.DOTALL)


def pledge(cell: str) -> tuple[str, str] | None:
    """(printed number, wording) of a cell that begins a pledge, or None. The number is a label, not an identity."""
    match = NUMBER_MARK.match(cell)
    return (match["number"], " ".join(match["text"].split())) if match else None


@dataclass(frozen=True)
class PlanReference:
    """A project of the city's implementation plan as printed. `base_code` is the part of the code that is not misread."""

    code: str
    base_code: str
    name: str

    @property
    def text(self) -> str:
        return f"{self.code} {self.name}".strip()


# Three numbers, then circled digits that the source often misreads (❶ ⑩ ❾ or plain digits for ①).
PLAN_CODE = re.compile(r"(?<![\d-])(\d{1,2}-\d{1,2}-\d{1,2})([①-⑳❶-❿\d]*)(?![\d-])")
CLEAR_SUFFIX = re.compile(r"^[①-⑨]{2}$")


def plan_references(cell: str) -> list[PlanReference]:
    """The plan projects of a cell; wording in front of the first code is a reference without a code."""
    if is_blank(cell) or is_nothing(cell):
        return []
    codes = list(PLAN_CODE.finditer(cell))
    ends = [code.start() for code in codes[1:]] + [len(cell)]
    head = " ".join(cell[: codes[0].start() if codes else len(cell)].split())
    found = [PlanReference("", "", head)] if head else []
    for code, end in zip(codes, ends, strict=False):
        found.append(PlanReference(code[0], code[1], " ".join(cell[code.end() : end].split())))
    return found


def is_clear_code(reference: PlanReference) -> bool:
    """Whether the code has the plan's full form, 2-2-3①③."""
    return bool(reference.code) and bool(CLEAR_SUFFIX.match(reference.code.removeprefix(reference.base_code)))


SDG_NUMBER = re.compile(r"(?<![\d.])(\d{1,2})(?!\.?\d)")


def sdgs(cell: str) -> tuple[tuple[int, ...] | None, str]:
    """(goals, what else stood in the cell). None: blank, the icons were lost; empty: the cell says there are none."""
    if is_blank(cell):
        return None, ""
    if is_nothing(cell):
        return (), ""
    numbers = [int(number) for number in SDG_NUMBER.findall(fold_spaces(cell))]
    goals = tuple(dict.fromkeys(number for number in numbers if 1 <= number <= 17))
    rest = " ".join(SDG_NUMBER.sub(lambda m: "" if 1 <= int(m[1]) <= 17 else m[0], fold_spaces(cell)).split())
    return goals or None, rest


def fold_spaces(cell: str) -> str:
    """White space made single spaces, so that a number stays apart from the word behind it."""
    return " ".join(cell.split())


@dataclass(frozen=True)
class DepartmentTerm:
    """A department's duty for an initiative, with the first and last fiscal year where the cell names them."""

    name: str
    from_year: int | None = None
    to_year: int | None = None


@dataclass(frozen=True)
class DepartmentCell:
    """What a department cell says: `others` for 「外」, `joined` for names put together from pieces, `doubtful` for the rest."""

    terms: tuple[DepartmentTerm, ...] = ()
    others: bool = False
    joined: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


ENDINGS = ("課", "室", "局", "所", "館", "校", "センター")
OTHERS = {"外", "他", "ほか", "等"}
DEPARTMENT_TOKEN = re.compile(rf"[（(][^（()）]*[)）]|[^（()）、，,／/\n{SPACES}]+|[（()）]")
# 「・」 begins a line, or stands between two departments; inside a name (文化・観光課) it stays.
DEPARTMENT_MARK = re.compile(rf"(?m)^\s*{MARK}|(?<=[課室局所館校]){MARK}|(?<=センター){MARK}")


def departments(cell: str) -> DepartmentCell:
    """Reads 「土木課 都市計画課 (～R5年度) 道路整備課 (R6年度以降)」: names share the next brackets (SOURCE_NOTES, rule 4)."""
    if is_blank(cell) or is_nothing(cell):
        return DepartmentCell()
    terms: list[DepartmentTerm] = []
    joined: list[str] = []
    doubtful: list[str] = []
    waiting: list[str] = []  # names whose brackets have not come yet
    piece = ""  # a beginning without a department's ending
    others = False
    for token in DEPARTMENT_TOKEN.findall(DEPARTMENT_MARK.sub(" ", cell)):
        if token[0] in "（(" and (years := _years(token)) is not None:
            names = [*waiting, piece] if piece else waiting
            terms += [DepartmentTerm(name, *years) for name in names]
            doubtful += [piece] if piece else []
            if not names:
                doubtful.append(token)
            waiting, piece = [], ""
        elif token in OTHERS:
            others = True
        elif token.endswith(ENDINGS):
            waiting.append(piece + token)
            joined += [piece + token] if piece else []
            piece = ""
        else:
            piece += token
    doubtful += [piece] if piece else []
    terms += [DepartmentTerm(name) for name in ([*waiting, piece] if piece else waiting)]
    return DepartmentCell(tuple(terms), others, tuple(joined), tuple(doubtful))


def _years(brackets: str) -> tuple[int | None, int | None] | None:
    inside = fold(brackets)[1:-1]
    years = fiscal_years_in(inside)
    if len(years) == 2 and "~" in inside:
        return years[0], years[1]
    if len(years) != 1:
        return None
    if inside.startswith("~") or inside.endswith("まで"):
        return None, years[0]
    if inside.endswith(("~", "以降", "から")):
        return years[0], None
    return None


@dataclass(frozen=True)
class Legend:
    """One step of the rating scale: 「A : 達成（進捗率100%）」. `percent` is None where the scale gives none."""

    code: str
    label: str
    definition: str
    percent: int | None


LEGEND_LINE = re.compile(r"^\s*(?P<code>[^\s:：]{1,12})\s*[:：]\s*(?P<label>[^（(]+?)\s*(?:[（(](?P<definition>.*)[)）])?\s*$")


def legend(line: str) -> Legend | None:
    """A line of the legend, or None."""
    match = LEGEND_LINE.match(line)
    if not match:
        return None
    definition = match["definition"] or ""
    percent = re.search(r"(?<![\d.])(\d{1,3})%", fold(definition))
    return Legend(fold(match["code"]), match["label"], definition, int(percent[1]) if percent else None)

"""A department's cell: which departments it names, for which fiscal years, and whether it says 「外」."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tracker.words.bullets import MARK, SPACES, is_blank, is_nothing
from tracker.words.fiscal_years import fiscal_years_in, year_named
from tracker.words.folding import fold


@dataclass(frozen=True)
class DepartmentTerm:
    """A department's duty for an initiative, with the first and last fiscal year if the cell names them."""

    name: str
    from_year: int | None = None
    to_year: int | None = None


@dataclass(frozen=True)
class DepartmentCell:
    """What a cell says: `others` for 「外」, `joined` names put together from pieces, `doubtful` ones.

    `former` are departments that the cell says another has followed, without a year. `aside` is what stands
    in brackets and is no department, such as a telephone number.
    """

    terms: tuple[DepartmentTerm, ...] = ()
    others: bool = False
    joined: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()


SECTIONS = ("課", "室")  # they carry on a division that was named before: 総務部 総務課 情報政策課
ENDINGS = (*SECTIONS, "局", "所", "館", "校", "センター")
ENDINGS_ALONE = (*ENDINGS, "委員会", "署", "園")  # departments, too, where nothing follows
DIVISION = "部"
LOOSE_DIVISIONS = ("局", "支所", "委員会")  # departments of their own, unless their section follows at once
ALWAYS_ALONE = ("事務局",)  # 議会事務局 行政課 are two
OTHERS_WORDS = {"外", "他", "ほか", "等"}
ALL_OTHERS = re.compile(r"^(?:(?:ほか|他|外)の?関係|関係)各?(?:部?課|部署|所属|部局)(?:等|など)?$")
EVERY = re.compile(r"^(?:全|各)(?:庁|部?課|部署|所属|部局|課・?室)(?:等|など)?$")  # no department's name
OTHERS_BEHIND = re.compile(
    r"(?<=[課室局])(?:ほか|他|外|等)(?:関係)?(?:[0-9０-９]+[課室])?$"
)  # 「商工課ほか」
FOLLOWED = re.compile(r"\s*[→⇒➡]\s*")  # 「A課→B課」: B follows A
UNDATED_YEAR = re.compile(r"((?:令和|平成|R|H)(?:\d{1,2}|元))(?!\d|年)")  # 「R5」 for 「R5年度」
SHARE = re.compile(r"^\((?:主|副|正|関係|(?:主|副)?担当|主管)(?:課)?\)$")  # whose part it is, no name
TELEPHONE = re.compile(r"内線|電話|ダイヤル|TEL|FAX|℡|☎|^\([\d-]{3,}\)$", re.IGNORECASE)
DEPARTMENT_TOKEN = re.compile(
    rf"(?P<gap>[、，,／/\n{SPACES}]*)(?P<token>[（(][^（()）]*[)）]|[^（()）、，,／/\n{SPACES}]+|[（()）])"
)


# 「・」 begins a line, or stands between two departments; inside a name (文化・観光課) it stays.
DEPARTMENT_MARK = re.compile(rf"(?m)^\s*{MARK}|(?<=[課室局所館校]){MARK}|(?<=センター){MARK}")


def read_departments(cell: str) -> DepartmentCell:
    """Reads 「土木課 都市計画課 (～R5年度) 道路整備課 (R6年度以降)」: names share the next brackets.

    A division is part of its sections' names: 「総務部 総務課 情報政策課」 are 「総務部 総務課」 and 「総務部
    情報政策課」. Alone it is a department. A comma ends what it covers.
    """
    if is_blank(cell) or is_nothing(cell):
        return DepartmentCell()
    *before, now = (
        _Departments(DEPARTMENT_MARK.sub(" ", piece)).read() for piece in FOLLOWED.split(cell.strip())
    )
    return _followed(before, now) if before else now


def _followed(before: Sequence[DepartmentCell], now: DepartmentCell) -> DepartmentCell:
    """The departments of today, and of those before them the ones whose years are told."""
    earlier = [term for each in before for term in each.terms]
    dated = [term for term in earlier if term.to_year is not None]
    return replace(
        now,
        terms=(*dated, *now.terms),
        others=now.others or any(each.others for each in before),
        joined=(*(name for each in before for name in each.joined), *now.joined),
        doubtful=(*(name for each in before for name in each.doubtful), *now.doubtful),
        former=tuple(term.name for term in earlier if term.to_year is None),
        aside=(*(words for each in before for words in each.aside), *now.aside),
    )


class _Departments:
    """One cell's walk: names that wait for brackets, a name without an ending, the division in force."""

    def __init__(self, cell: str) -> None:
        self.tokens = [*DEPARTMENT_TOKEN.findall(cell), ("", "")]
        self.terms: list[DepartmentTerm] = []
        self.joined: list[str] = []
        self.doubtful: list[str] = []
        self.waiting: list[str] = []
        self.piece = ""
        self.division = ""
        self.is_new = False  # the division has no section yet
        self.others = False
        self.aside: list[str] = []

    def read(self) -> DepartmentCell:
        for (gap, token), following in pairwise(self.tokens):
            if re.search("[、，,／/]", gap):
                self._end_division()
            self._read(token, *following)
        self._close(None, None)
        return DepartmentCell(
            tuple(self.terms), self.others, tuple(self.joined), tuple(self.doubtful), aside=tuple(self.aside)
        )

    def _read(self, token: str, gap: str, following: str) -> None:
        if token[0] in "（(" and (years := _years(token)) is not None:
            if not self._close(*years):
                self.doubtful.append(token)
        elif token[0] in "（(" and (TELEPHONE.search(fold(token)) or SHARE.match(fold(token))):
            self.aside.append(token)
        elif token[0] in "（(" and self.is_new and token[1:-1].endswith(SECTIONS):
            for section in re.split(r"[・、，,／/\s]+", token[1:-1]):  # 「福祉部（子育て課）」
                self._read(section, "", "")
        elif token in OTHERS_WORDS or ALL_OTHERS.match(fold(token)):
            self.others = True
        elif behind := OTHERS_BEHIND.search(token):
            self.others = True
            self._read(token[: behind.start()], gap, following)
        elif token.endswith(DIVISION):
            self._begin_division(token)
        elif not gap.strip(SPACES) and _is_division_of(token, following):
            self._begin_division(token)
            self.joined.append(f"{self.division} {following}")
        elif token.endswith(ENDINGS_ALONE):
            self._name(token)
        else:
            self.piece += token

    def _begin_division(self, token: str) -> None:
        self._end_division()
        self.division, self.is_new = self.piece + token, True
        self.joined += [self.division] if self.piece else []
        self.piece = ""

    def _flush_division(self) -> None:
        """A division that no section follows is a department."""
        self.waiting += [self.division] if self.is_new else []
        self.is_new = False

    def _end_division(self) -> None:
        self._flush_division()
        self.division = ""

    def _name(self, token: str) -> None:
        name = self.piece + token
        belongs = self.division and (self.is_new or token.endswith(SECTIONS))
        if belongs:
            name = f"{self.division} {name}"
        if self.piece or (belongs and not self.is_new):
            self.joined.append(name)
        if self.division.endswith(LOOSE_DIVISIONS):
            self.division = ""
        self.waiting.append(name)
        self.doubtful += [name] if EVERY.match(fold(name)) else []
        self.piece, self.is_new = "", False

    def _close(self, first: int | None, last: int | None) -> bool:
        """Gives the waiting names their years. False where there are none."""
        self._flush_division()
        pieces = [self.piece] if self.piece else []
        self.doubtful += pieces
        names = self.waiting + pieces
        self.terms += [DepartmentTerm(name, first, last) for name in names]
        self.waiting, self.piece = [], ""
        return bool(names)


def is_divided(name: str) -> bool:
    """Whether a department's name may be that of a division and its section, as `in_divisions` makes them."""
    division, _, section = name.partition(" ")
    return " " not in section and section.endswith(ENDINGS) and not division.endswith(SECTIONS)


def _is_division_of(token: str, following: str) -> bool:
    is_section = following.endswith(ENDINGS) and not following.endswith(LOOSE_DIVISIONS)
    return is_section and token.endswith(LOOSE_DIVISIONS) and not token.endswith(ALWAYS_ALONE)


def in_divisions(divisions: DepartmentCell, sections: DepartmentCell) -> DepartmentCell:
    """A row's departments, where divisions (部) and sections (課) have columns, named with both.

    One division for all sections, or one each, or several in turn for one. Raises ValueError where the
    numbers do not match, or a 課 stands where its division should.
    """
    over, under = divisions.terms, sections.terms
    if not over or not under:
        return sections if under else divisions
    if any(term.name.endswith("課") for term in over):
        raise ValueError(over)
    if len(over) == 1:
        over *= len(under)
    elif len(under) == 1 and all(term.from_year or term.to_year for term in over):
        under *= len(over)
    if len(over) != len(under):
        raise ValueError(over)
    pairs = zip(over, under, strict=True)
    return DepartmentCell(
        tuple(_within(division, section) for division, section in pairs),
        divisions.others or sections.others,
        divisions.joined + sections.joined,
        divisions.doubtful + sections.doubtful,
        divisions.former + sections.former,
        divisions.aside + sections.aside,
    )


def _within(division: DepartmentTerm, section: DepartmentTerm) -> DepartmentTerm:
    dated = section if section.from_year or section.to_year else division
    name = section.name if section.name.startswith(division.name) else f"{division.name} {section.name}"
    return DepartmentTerm(name, dated.from_year, dated.to_year)


def _years(brackets: str) -> tuple[int | None, int | None] | None:
    inside = UNDATED_YEAR.sub(r"\1年度", fold(brackets)[1:-1])
    match fiscal_years_in(inside):
        case [only] if year_named(inside) == only:
            return only, only
        case [first, last] if "~" in inside:
            return first, last
        case [last] if inside.startswith("~") or inside.endswith("まで"):
            return None, last
        case [first] if inside.endswith(("~", "以降", "から")):
            return first, None
    return None

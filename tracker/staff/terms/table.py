"""The pledges of a term as a table: a workbook to be filled in, and what its rows say."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl.utils import get_column_letter

from tracker.cycle.manifestos import name_of
from tracker.cycle.term_pledges import (
    BroughtDuty,
    BroughtInitiative,
    BroughtPledge,
    NamedPlace,
    by_former_place,
    carried_on,
    continued_in,
)
from tracker.cycle.terms import former_of
from tracker.models import Category, Department, Manifesto, PlanProject, Pledge
from tracker.models.catalogue import HIGHEST
from tracker.organisation.people.file.cells import OfficeFinder
from tracker.organisation.people.stored import stored_offices
from tracker.staff.master import files
from tracker.staff.master.by_place import typed_place
from tracker.staff.master.cell_values import NONE, in_lines, lines_in
from tracker.staff.master.files import MasterFile
from tracker.staff.master.initiative_resources import goals_in
from tracker.words.codes import plan_code, plan_code_refusal
from tracker.words.folding import fold
from tracker.words.no_initiative import NO_INITIATIVE, says_no_initiative
from tracker.words.typed_text import MAX_NAME, control_refusal, in_one_line, line_refusal, name_refusal
from tracker.words.visible import says_nothing

HEADINGS = (
    *("分野の番号", "分野", "項目の番号", "項目", "番号の表記", "公約"),
    *("前の任期の公約", "担当課", "SDGs", "関連事業"),
)
FIELD_NUMBER, FIELD, SECTION_NUMBER, SECTION, LABEL, TEXT, FORMER, OFFICES, GOALS, PROJECTS = HEADINGS
NAME = "取組の名前"
WITH_NAMES = (*HEADINGS, NAME)  # where initiatives have names beside their pledges
SHEET = "公約"
CIRCLED = re.compile("[①-⑳❶-❿]+$")  # after a measure's number: which of its projects
PledgeKey = tuple[str, str, str]  # field, section and words, folded
MOST_LETTERS = {FIELD: 200, SECTION: 200, LABEL: 8}
# What a column is for, shown on the page that offers the workbook.
MEANT = {
    FIELD_NUMBER: "公開ページのアドレスになる番号です。空けておくと、順に付きます。",
    FIELD: "分野の名称です。上の行と同じなら、左の 4 列をまとめて空けられます。",
    SECTION_NUMBER: "分野の中での番号です。空けておくと、順に付きます。",
    SECTION: "項目の名称です。項目がない分野では「なし」、分野もなければ、分野も項目も「なし」と書きます。",
    LABEL: "① など、印刷した番号です。なくても構いません。",
    TEXT: "公約の文です。取組が 2 つ以上あるときは、同じ文の行を続けて書きます（1 行が 1 つの取組です）。",
    FORMER: "前の任期のどの公約の続きかを、番号（1-1-2）で書きます。続きでなければ、空けておきます。",
    OFFICES: "課の名称かコードです。いくつかあるときは「、」で区切ります。"
    f"取組をまだ決めていない公約は、「{NO_INITIATIVE}」と書きます。",
    GOALS: "目標の番号を空白で区切ります。どれにも当てはまらなければ「なし」、分からなければ空けておきます。",
    PROJECTS: "総合計画の関連事業を、1 行に 1 つ「2-2-3 駅前整備」のように、番号と名称で書きます。",
    NAME: f"公約とは別に取組ごとの名前があるときに、{MAX_NAME} 文字までで書きます。なければ空けておきます。",
}


@dataclass(frozen=True)
class RefusedPledgeCell:
    """A cell that cannot be taken: where it stands, and what to do."""

    row: int
    heading: str
    words: str

    @property
    def address(self) -> str:
        """「F5」."""
        return f"{get_column_letter(WITH_NAMES.index(self.heading) + 1)}{self.row}"


@dataclass
class ReadPledges:
    """What a table says, and what of it cannot be taken."""

    pledges: list[BroughtPledge] = field(default_factory=list)
    refused: list[RefusedPledgeCell] = field(default_factory=list)


# ---- The workbook


def workbook(former: Manifesto | None, first_fiscal_year: int) -> bytes:
    """The table with its headings; with the rows of a former term, where one is given. Raises FileProblem."""
    keys = Pledge.objects.filter(section__manifesto=former).values_list("pk", flat=True) if former else ()
    brought = carried_on(former, keys, first_fiscal_year) if former else []
    rows = [row for each in brought for row in _rows_of(each, first_fiscal_year)]
    if any(row[-1] for row in rows):
        return files.write("xlsx", SHEET, WITH_NAMES, rows)
    return files.write("xlsx", SHEET, HEADINGS, [row[:-1] for row in rows])


def _rows_of(pledge: BroughtPledge, year: int) -> Iterator[list[str]]:
    told = [str(pledge.category.number or ""), pledge.category.name or NONE]
    told += [str(pledge.section.number or ""), pledge.section.name or NONE, pledge.number_label, pledge.text]
    told.append(pledge.continues.place if pledge.continues else "")
    if not pledge.initiatives:
        yield [*told, NO_INITIATIVE, "", "", ""]
    for each in pledge.initiatives:
        offices = [duty.department.name_in(year) for duty in each.duties if duty.from_fiscal_year <= year]
        goals = "" if each.sdgs is None else " ".join(map(str, each.sdgs)) or NONE
        yield [*told, "、".join(offices), goals, in_lines(each.plan_projects), each.name]


# ---- Its rows


def heading_problem(file: MasterFile) -> str:
    """What is wrong with a table's headings; "" where nothing is."""
    lacking = [each for each in HEADINGS if each not in file.headings]
    advice = "この画面から受け取った表の見出しを、そのまま使ってください。"
    if lacking:
        return f"見出し「{'」「'.join(lacking)}」がありません。{advice}"
    if file.headings not in {HEADINGS, WITH_NAMES}:
        return f"見出しの順番が違うか、分からない見出しがあります。{advice}"
    return "" if file.rows else "見出しの下に、公約の行が 1 行もありません。"


def read_rows(file: MasterFile, manifesto: Manifesto, first_fiscal_year: int) -> ReadPledges:
    """What the rows of a table say for a term, which has everything new begin in that year."""
    reading = _Reading(manifesto, first_fiscal_year)
    for number, cells in zip(file.numbers, file.rows, strict=True):
        reading.take(number, dict(zip(file.headings, cells, strict=True)))
    reading.read.refused.sort(key=lambda each: (each.row, WITH_NAMES.index(each.heading)))
    return reading.read


class _Reading:
    """Rows on their way; each is read to its end, so that all refusals are told at once."""

    def __init__(self, manifesto: Manifesto, first_fiscal_year: int) -> None:
        self.read, self.year, self.row = ReadPledges(), first_fiscal_year, 0
        self.former = former_of(manifesto)
        self.former_pledges = by_former_place(self.former) if self.former else {}
        self.finder = OfficeFinder(stored_offices(first_fiscal_year), first_fiscal_year)
        self.departments = Department.objects.in_bulk()
        self.numbers = _Numbers(manifesto)
        there = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
        self.there = {_key_of(each.section.parent or each.section, each.section, each.text) for each in there}
        self.continued = continued_in(manifesto)
        self.carried: dict[int, int] = {}  # the row that carries on a former pledge
        self.above: tuple[NamedPlace, NamedPlace] | None = None
        self.taken = set[PledgeKey | None]()  # the pledges that were read
        self.follows = False  # whether the row above is the last of the pledges
        self.known_projects = _projects_of(manifesto, self.former)

    def refuse(self, heading: str, words: str) -> None:
        self.read.refused.append(RefusedPledgeCell(self.row, heading, words))

    def take(self, row: int, cells: dict[str, str]) -> None:
        self.row = row
        refused_before = len(self.read.refused)
        places, label, text = self._places(cells), self._label(cells[LABEL]), self._text(cells[TEXT])
        initiatives = self._initiatives(cells)
        last = self.read.pledges[-1] if self.follows else None
        if places and last and _is_same(last, places, label, text):
            self._require_same_former(last, cells[FORMER])
            self._require_initiatives(last, initiatives)
            self.read.pledges[-1] = replace(last, initiatives=[*last.initiatives, *initiatives])
            return
        key = _key_of(*places, text) if places else None
        if text and key in self.taken:
            words = "同じ項目の同じ公約が、離れた行にもあります。"
            self.refuse(TEXT, f"{words}取組が 2 つ以上あるときは、行を続けて書いてください。")
        continues = self._former(cells[FORMER], places, text)
        self.follows = places is not None and len(self.read.refused) == refused_before
        if places and self.follows:
            self.taken.add(key)
            self.read.pledges.append(BroughtPledge(*places, text, label, continues, initiatives))

    # -- where it stands

    def _places(self, cells: dict[str, str]) -> tuple[NamedPlace, NamedPlace] | None:
        own = (FIELD_NUMBER, FIELD, SECTION_NUMBER, SECTION)
        if self.above and all(says_nothing(cells[name]) for name in own):
            return self.above
        field, section = (self._name(heading, cells[heading]) for heading in (FIELD, SECTION))
        given = [self._number(heading, cells[heading]) for heading in (FIELD_NUMBER, SECTION_NUMBER)]
        self.above = None
        if field is None or section is None:
            return None
        if section and not field:
            self.refuse(SECTION, f"分野が「{NONE}」のときは、項目も「{NONE}」にしてください。")
            return None
        if words := self.numbers.refusal("", given[0], field):
            self.refuse(FIELD_NUMBER, words)
        if words := self.numbers.refusal(fold(field), given[1], section):
            self.refuse(SECTION_NUMBER, words)
        self.above = (NamedPlace(field, given[0]), NamedPlace(section, given[1]))
        return self.above

    def _name(self, heading: str, text: str) -> str | None:
        """The name, "" for 「なし」; None for what is refused."""
        text = text.strip()
        if says_nothing(text):
            words = f"{heading}の名称を書いてください。{heading}がなければ「{NONE}」と書きます。"
            self.refuse(heading, words)
            return None
        if text == NONE:
            return ""
        return text if self._holds(heading, text) else None

    def _holds(self, heading: str, text: str) -> bool:
        words = control_refusal(text) or line_refusal(text)
        if not words and len(text) > MOST_LETTERS[heading]:
            words = f"{MOST_LETTERS[heading]} 文字までで書いてください。"
        if words:
            self.refuse(heading, words)
        return not words

    def _number(self, heading: str, text: str) -> int | None:
        typed = fold(text)
        if not typed:
            return None
        if typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= HIGHEST:
            return int(typed)
        self.refuse(
            heading, f"「{text.strip()}」は番号として読めません。1 から {HIGHEST} までの数にしてください。"
        )
        return None

    # -- what it says

    def _label(self, text: str) -> str:
        text = text.strip()
        return text if self._holds(LABEL, text) else ""

    def _text(self, text: str) -> str:
        if says_nothing(text):
            self.refuse(TEXT, "公約の文を書いてください。")
            return ""
        if words := control_refusal(text):
            self.refuse(TEXT, words)
        return text.strip()

    def _former(
        self, text: str, places: tuple[NamedPlace, NamedPlace] | None, pledge_text: str
    ) -> Pledge | None:
        if says_nothing(text):
            return None
        if (former := self._former_at(text)) is None:
            self.refuse(FORMER, self._unknown_former(text.strip()))
            return None
        place = former.place
        is_there = places and _key_of(*places, pledge_text) in self.there
        if (other := self.continued.get(former.pk)) and not is_there:
            words = f"{place} は、もう {other.place}「{other.text[:40]}」が引き継いでいます。"
            self.refuse(FORMER, f"{words}続きでなければ、この欄を空けてください。")
        if (row := self.carried.get(former.pk)) is not None:
            self.refuse(
                FORMER, f"{place} は、{row} 行目の公約が引き継いでいます。どちらか 1 つにしてください。"
            )
        self.carried.setdefault(former.pk, self.row)
        return former

    def _former_at(self, text: str) -> Pledge | None:
        place = typed_place(text)
        return self.former_pledges.get(place) or self.former_pledges.get(place.rpartition("-")[0])

    def _unknown_former(self, text: str) -> str:
        if self.former is None:
            return "前の任期がないので、この欄は空けてください。"
        words = f"「{text}」という番号の公約は、「{name_of(self.former)}」にありません。"
        return f"{words}1-1-2 のように書いてください。"

    def _require_same_former(self, pledge: BroughtPledge, text: str) -> None:
        """A further initiative's row says the same, or nothing, of what its pledge carries on."""
        former = self._former_at(text)
        if not says_nothing(text) and (former is None or former != pledge.continues):
            self.refuse(FORMER, "同じ公約の上の行と違います。同じ番号にするか、空けてください。")

    def _initiatives(self, cells: dict[str, str]) -> list[BroughtInitiative]:
        """A row's initiative; none where it says that there is none yet, and so can say nothing of it."""
        if not says_no_initiative(cells[OFFICES]):
            return [self._initiative(cells)]
        for heading in (GOALS, PROJECTS, NAME):
            if not says_nothing(cells.get(heading, "")):
                self.refuse(heading, f"「{NO_INITIATIVE}」とした行なので、空けてください。")
        return []

    def _require_initiatives(self, pledge: BroughtPledge, further: Sequence[BroughtInitiative]) -> None:
        """A pledge of several rows has an initiative in each."""
        if not pledge.initiatives or not further:
            self.refuse(OFFICES, f"同じ公約の行がほかにあるので、「{NO_INITIATIVE}」とは書けません。")

    def _initiative(self, cells: dict[str, str]) -> BroughtInitiative:
        duties = [BroughtDuty(each, self.year) for each in self._offices(cells[OFFICES])]
        goals = self._told(GOALS, goals_in, cells[GOALS])
        projects, name = list(self._projects(cells[PROJECTS])), self._called(cells.get(NAME, ""))
        return BroughtInitiative(duties, projects, goals, name=name)

    def _called(self, text: str) -> str:
        name = "" if says_nothing(text) else in_one_line(text)
        if words := name_refusal(name):
            self.refuse(NAME, words)
        return name

    def _told(self, heading: str, read: Callable[[str], Any], text: str) -> Any:
        try:
            return read(text)
        except ValueError as problem:
            self.refuse(heading, str(problem))
            return None

    def _offices(self, text: str) -> list[Department]:
        found = [self.finder.find(piece) for piece in self.finder.divided(text)]
        for words in found:
            if isinstance(words, str):
                self.refuse(OFFICES, words)
        return [self.departments[each.id] for each in dict.fromkeys(found) if not isinstance(each, str)]

    def _projects(self, text: str) -> Iterator[PlanProject]:
        for line in lines_in(text):
            if known := self.known_projects.get(fold(line)):
                yield known
                continue
            code, _space, name = line.partition(" ") if " " in line else line.partition("　")
            words = control_refusal(line) or plan_code_refusal(_base(code))
            if not words and says_nothing(name):
                words = (
                    f"「{line}」という関連事業はまだありません。番号のあとに、空白と名称を書いてください。"
                )
            if not words and (len(code) > 30 or len(name) > 400):
                words = "番号は 30 文字、名称は 400 文字までで書いてください。"
            if words:
                self.refuse(PROJECTS, words)
                continue
            made = PlanProject(code=code.strip(), base_code=_base(code), name=name.strip())
            yield self.known_projects.setdefault(fold(line), made)


def _base(code: str) -> str:
    """The measure's number in a printed code: 2-2-3 of 「2-2-3①③」."""
    return plan_code(CIRCLED.sub("", code.strip()))


def _key_of(field: Category | NamedPlace, section: Category | NamedPlace, text: str) -> PledgeKey:
    """Pledges with one key are the same; it is looked up, for a table has thousands of rows."""
    return fold(field.name), fold(section.name), fold(text)


def _is_same(pledge: BroughtPledge, places: tuple[NamedPlace, NamedPlace], label: str, text: str) -> bool:
    """Whether a row tells a further initiative of a pledge."""
    own = _key_of(pledge.category, pledge.section, pledge.text)
    return pledge.number_label == label and own == _key_of(*places, text)


def _projects_of(manifesto: Manifesto, former: Manifesto | None) -> dict[str, PlanProject]:
    """The projects of both terms by what they are called; the new term's own come first."""
    before = PlanProject.objects.filter(manifesto=former) if former else PlanProject.objects.none()
    own = PlanProject.objects.filter(manifesto=manifesto)
    return {fold(str(each)): each for each in (*before, *own)}


class _Numbers:
    """Which number each field, and each section of a field, has: in the term, and in the rows so far."""

    def __init__(self, manifesto: Manifesto) -> None:
        self.names: dict[tuple[str, int], str] = {}
        self.given: dict[tuple[str, str], int] = {}
        for each in manifesto.categories.select_related("parent"):
            self._know(fold(each.parent.name) if each.parent else "", each.number, each.name)

    def _know(self, above: str, number: int, name: str) -> None:
        self.names[above, number] = name
        self.given[above, fold(name)] = number

    def refusal(self, above: str, number: int | None, name: str) -> str:
        """Why a name cannot have that number, below a field (folded; "" for fields); "" where it can."""
        if number is None:
            return ""
        if not name:
            return f"「{NONE}」には番号が付きません。空けてください。"
        given = self.given.get((above, fold(name)))
        if given is not None and given != number:
            return f"「{name}」の番号は {given} です。同じ番号にするか、空けてください。"
        other = self.names.get((above, number))
        if other is not None and fold(other) != fold(name):
            return f"{number} 番は「{other}」です。別の番号にするか、空けてください。"
        self._know(above, number, name)
        return ""

"""The rating scale of a published table, read from its legend (凡例), wherever that stands in the file.

A legend is a heading (「<実施状況>」, 「評価の区分」, 「凡例」) with its steps below or behind it: one to a
line (「A : 達成（進捗率100%）」), several in a line (「◎：実施済　○：一部実施」), a small table of two to
four columns, or plain words (達成, 順調). A line of symbols with their meanings is a legend without a
heading, too. Best comes first; where every step has a percentage, that decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

from tracker.published_tables.file import cells
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.columns import is_heading_row
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.table import Anomaly
from tracker.words import codes
from tracker.words.folding import fold

MAX_LABEL, MAX_DEFINITION, MAX_HEADING = 50, 200, 30
HOW_TO_WRITE = (
    "評価の凡例が見つかりません。「<実施状況>」という行を置き、その下に「A : 達成（進捗率100%）」"
    "「◎：実施済」のように、"
    "1 行に 1 つずつ、進んだ評価から順に書いてください。"
)

LEGEND_STATUS = "(?:進捗|達成|実施|取組)の?(?:状況|度)"
SUBJECT = f"(?:(?:取組|事業|公約|マニフェスト)の?)?(?:{LEGEND_STATUS}(?:の?評価)?|(?:自己|進捗|達成度)?評価)"
ABOUT = "の?(?:区分|凡例|基準|見方|説明|目安|段階|考え方|記号|定義)"
HEADING = re.compile(
    rf"^[#■●◆◇□▼※*・]*[<\[【〈《「『(〔]?(?:{SUBJECT}(?:{ABOUT})?(?:\(凡例\))?|凡例|(?:評価)?記号(?:の(?:説明|意味|見方))?)"
    r"[>\]】〉》」』)〕]?:?$"
)
TABLE_HEADING = re.compile(r"^(?:記号|区分|凡例|評価(?:区分)?|達成度|(?:進捗|実施|達成)状況)$")
TABLE_MEANING = re.compile(
    r"^(?:名称|内容|説明|意味|状態|考え方|(?:(?:評価|判断|判定)の?)?(?:基準|目安)|(?:進捗|達成)率(?:の目安)?)$"
)
PLAIN_WORD = re.compile(r"^[\w・]{1,12}$")
SENTENCE = re.compile(r"(?:です|ます|した|する|こと)$")
GAP = r"[\s、，,／/]"
# Where steps begin that stand in one line, with a colon or, for a symbol, without.
BEGINNINGS = (
    re.compile(rf"(?:^|(?<={GAP}))(?=[^\s:：＝=…、，,／/。]{{1,14}}\s*{cells.SEPARATOR})"),
    re.compile(rf"(?:^|(?<={GAP}))(?=[{cells.SYMBOLS}])"),
)


@dataclass(frozen=True)
class Scale:
    """The steps, best first, and which rows (by index) told them: those are no part of the table."""

    steps: tuple[LegendStep, ...] = ()
    rows: frozenset[int] = frozenset()
    anomalies: tuple[Anomaly, ...] = ()

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(step.code for step in self.steps)

    @cached_property
    def _wordings(self) -> dict[str, str]:
        """Code by all that a cell may say: code, code with label, or the label if only one step has it."""
        labels = [fold(step.label) for step in self.steps]
        said = {fold(step.label): step.code for step in self.steps if labels.count(fold(step.label)) == 1}
        said |= {
            fold(words): s.code for s in self.steps for words in (f"{s.code}{s.label}", f"{s.code}:{s.label}")
        }
        return said | {step.code: step.code for step in self.steps}

    def code_of(self, cell: str) -> str | None:
        """The step that a rating cell names, None where it names none."""
        return self._wordings.get(cells.rating_code(cell))

    def is_code(self, cell: str) -> bool:
        """Whether a cell holds a step's code and nothing else."""
        return cells.rating_code(cell) in self.codes


def read_scale(rows: Sequence[Row]) -> Scale:
    """The scale that the rows tell; it has no steps without a legend. Raises FileProblem for two answers."""
    return _LegendReader(rows).read()


@dataclass
class _LegendReader:
    """One walk over the rows: the steps so far, and plain words that may be the steps of the open legend."""

    rows: Sequence[Row]
    steps: dict[str, LegendStep] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    in_legend: bool = False
    has_steps: bool = False  # the open legend
    words: list[tuple[int, str]] = field(default_factory=list)
    table_sheets: set[str | None] = field(default_factory=set)  # those whose table has begun

    def read(self) -> Scale:
        for index, row in enumerate(self.rows):
            if not row.filled:
                if self.has_steps or len(self.words) > 1:
                    self._end()
            elif is_heading_row(row.cells):
                self._end()
                self.table_sheets.add(row.sheet)
            elif self._is_of_the_table(row) or cells.read_category(row.line) or cells.read_section(row.line):
                self._end()
            else:
                self._read(index, row)
        self._end()
        return self._ordered()

    def _ordered(self) -> Scale:
        steps = list(self.steps.values())
        percents = [-1 if step.percent is None else step.percent for step in steps]
        if -1 in percents or percents == sorted(percents, reverse=True):
            return Scale(tuple(steps), frozenset(self.used))
        steps.sort(key=lambda step: -(step.percent or 0))
        told = "・".join(self.steps)
        number = self.rows[min(self.used)].number
        anomaly = Anomaly(number, "", "legend_order", told, "進捗率の高い順に並べ替えた")
        return Scale(tuple(steps), frozenset(self.used), (anomaly,))

    def _is_of_the_table(self, row: Row) -> bool:
        """Whether the row continues a pledge, or begins one: neither is ever a legend."""
        begins = row.filled > 1 and cells.read_pledge(row.cells[0]) is not None
        return row.sheet in self.table_sheets and (not row.cells[0].strip() or begins)

    def _read(self, index: int, row: Row) -> None:
        """A row that may belong to a legend: its heading, its steps, or both."""
        filled = [cell for cell in row.cells if cell.strip()]
        first, *others = map(fold, filled)
        if others and TABLE_HEADING.match(first) and all(map(TABLE_MEANING.match, others)):
            self._begin(index)  # 「記号」「内容」 above a legend of two columns
            return
        head, rest = _parted(filled[0])
        filled = ([rest] if rest else []) + filled[1:]
        steps, words = _steps(filled), _words(filled)
        # Several symbols with their meanings need no heading to be a legend.
        is_evident = len(steps) > 1 and all(step.code in cells.SYMBOLS for step in steps)
        if head and (not filled or steps or len(words) > 1):
            self._begin(index)
        elif not (self.in_legend or is_evident):
            return
        for step in steps:
            self.in_legend = self.has_steps = True
            self._add(step, index)
        if not steps:
            self.words += [(index, word) for word in words]

    def _begin(self, index: int) -> None:
        self._end()
        self.in_legend = True
        self.used.add(index)

    def _end(self) -> None:
        """The legend's end. Plain words are its steps where it has no others."""
        if not self.has_steps and len(self.words) > 1:
            for index, word in self.words:
                self._add(LegendStep(cells.rating_code(word), word, "", None), index)
        self.in_legend = self.has_steps = False
        self.words = []

    def _add(self, step: LegendStep, index: int) -> None:
        row = self.rows[index]
        self.used.add(index)
        if refusal := codes.rating_code_refusal(step.code):
            raise row.problem(refusal)
        if self.steps.setdefault(step.code, step) != step:
            raise row.problem(f"評価「{step.code}」の説明が 2 通りあります。")
        if step.percent is not None and step.percent > 100:
            raise row.problem(f"評価「{step.code}」の進捗率が 100% を超えています。")
        for wording, limit in ((step.label, MAX_LABEL), (step.definition, MAX_DEFINITION)):
            if len(wording) > limit:
                raise row.problem(f"評価「{step.code}」の説明が長すぎます（{limit} 字まで）。")


def _parted(cell: str) -> tuple[str, str]:
    """(a legend's heading, what stands behind it) of a cell; no heading where it has none."""
    text = cell.strip()
    for end in range(min(len(text), MAX_HEADING), 0, -1):
        if HEADING.match(fold(text[:end])):
            return text[:end], text[end:].strip()
    return "", text


def _steps(filled: Sequence[str]) -> list[LegendStep]:
    """The steps in a row's cells: a table's row (code, label, more), or one or several steps in each line."""
    if step := _table_step(filled):
        return [step]
    found = [steps_in(line) for cell in filled for line in cell.split("\n") if line.strip()]
    return list(chain.from_iterable(found)) if all(found) else []


def _table_step(filled: Sequence[str]) -> LegendStep | None:
    texts = [cells.one_line(cell) for cell in filled]
    if not 2 <= len(texts) <= 4 or not (PLAIN_WORD.match(texts[0]) or texts[0] in cells.SYMBOLS):
        return None
    if cells.is_word(texts[0]):
        is_list = len(texts) > 2 and all(map(PLAIN_WORD.match, texts))  # 達成, 順調, 遅れ side by side
        return None if is_list else cells.legend_step(texts[0], texts[0], " ".join(texts[1:]))
    return cells.legend_step(texts[0], texts[1], " ".join(texts[2:])) if len(texts[0]) == 1 else None


def steps_in(line: str) -> list[LegendStep]:
    """The steps of one line, 「◎：実施済　○：一部実施　△：未実施」; none where any piece of it is no step."""
    text = line.strip()
    if re.fullmatch(r"[（(][^（()）]*[)）]", text):
        text = text[1:-1].strip()
    for beginning in BEGINNINGS:
        starts = [match.start() for match in beginning.finditer(text)]
        pieces = [text[start:end] for start, end in pairwise([*starts, len(text)])]
        found = [step for piece in pieces if (step := cells.read_legend(re.sub(rf"{GAP}+$", "", piece)))]
        codes = [step.code for step in found]
        is_one_kind = len({len(code) == 1 for code in codes}) == 1 and len(set(codes)) == len(codes)
        if len(found) == len(pieces) > 1 and starts[0] == 0 and is_one_kind:
            return found
    step = cells.read_legend(text)
    return [step] if step else []


def _words(filled: Sequence[str]) -> list[str]:
    """The plain words of a row, if there is nothing else in it."""
    found = [word for cell in filled for word in re.split(rf"{GAP}+|\s*[→＞>]\s*", cell.strip())]
    return found if all(PLAIN_WORD.match(word) and not SENTENCE.search(word) for word in found) else []

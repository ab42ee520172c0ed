"""The rating scale of a published table, read from its legend (凡例), wherever that stands in the file.

A legend is a heading (「<実施状況>」, 「評価の区分」, 「凡例」) with its steps below or behind it: one to a
line (「A : 達成（進捗率100%）」), several in a line (「◎：実施済　○：一部実施」), a small table of two to
four columns, or plain words (達成, 順調). A line of several symbols or letters with their meanings is a
legend without a heading, too. Best comes first; where every step has a percentage, that decides, and where
the words say that the worst comes first (未着手 … 達成), they do. A file may have several legends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, pairwise

from tracker.published_tables.file import cells
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.columns import is_heading_row
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.table import Anomaly
from tracker.words import codes
from tracker.words.bullets import is_nothing
from tracker.words.folding import fold
from tracker.words.visible import DASHES

MAX_LABEL, MAX_DEFINITION, MAX_HEADING = 50, 200, 30
SAY_STEP = "セルを直すか、配置（--layout）の scale に区分を加えてください。"
SAY_STEPS = "凡例を書き足さないときは、配置（--layout）の scale に、進んだ評価から順に書いてください。"
HOW_TO_WRITE = (
    "評価の凡例が見つかりません。「<実施状況>」という行を置き、その下に「A : 達成（進捗率100%）」"
    "「◎：実施済」のように、"
    "1 行に 1 つずつ、進んだ評価から順に書いてください。"
    f"{SAY_STEPS}"
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
    r"^(?:名称|内容|説明|意味|状態|考え方|(?:(?:評価|判断|判定)の?)?(?:基準|目安)|(?:進捗|達成)率(?:の目安)?"
    r"|(?:公約|取組|項目|事業)?件?数|割合|構成比)$"
)
FIGURE = re.compile(r"^[\d,.]+(?:件|項目|個|%)?$")
PLAIN_WORD = re.compile(r"^[\w・]{1,12}$")
AROUND = re.compile(r"(?:評価|判定|ランク)$|[(（].*[)）]$")  # 「B評価」, 「C（遅れ）」
NO_RATING = re.compile(
    r"^(?:評価|判定)(?:の?対象外|なし|無し|しない|できない|不能|せず|未実施)|^(?:対象外|該当なし|未評価|未判定)"
)
GOOD = re.compile(
    r"^(?:達成|完了|実現|実施(?:済|した|完了)?$|できた|完成|計画(?:より|以上)|順調)|済|既に|終(?:えた|わった)"
)
BAD = re.compile(
    r"未(?:着手|実施|達成|完)|遅れ|ない|いない|できない|困難|中止|見送|これから|まだ|手を付けて|不可|今後"
)
ORDERS = ("SABCDEFG", "◎○△▲×", "◎○●△▲×", "12345", "★☆", "ⅠⅡⅢⅣⅤ", "アイウエオカキクケコ")
SENTENCE = re.compile(r"(?:です|ます|した|する|こと)$")
# Signs that make a legend, where several with a meaning each stand in a line or in lines on end.
EVIDENT = frozenset(cells.SYMBOLS + "ABCDEFGSabcdefgs" + "アイウエオカキクケコ")
SIGNS = EVIDENT | frozenset(DASHES)
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
    heading: str = ""
    unrated: tuple[str, ...] = ()  # codes that mean 「評価なし」
    is_doubtful: bool = False  # nothing says which end is the best

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(step.code for step in self.steps)

    @cached_property
    def _wordings(self) -> dict[str, str]:
        """Code by all that a cell may say: code, code with label, or the label if only one step has it."""
        labels = [fold(step.label) for step in self.steps]
        said = {fold(step.label): step.code for step in self.steps if labels.count(fold(step.label)) == 1}
        said |= {
            fold(words): s.code
            for s in self.steps
            for words in (f"{s.code}{s.label}", f"{s.code}:{s.label}", f"{s.code}({s.label})")
        }
        return said | {step.code: step.code for step in self.steps}

    def code_of(self, cell: str) -> str | None:
        """The step that a rating cell names (B, 「B評価」, 「B（順調）」), None where it names none."""
        said = cells.rating_code(cell)
        return self._wordings.get(said) or self._wordings.get(AROUND.sub("", said))

    def is_unrated(self, cell: str) -> bool:
        """Whether a rating cell says that there is no rating."""
        is_said = is_nothing(cell) or NO_RATING.match(fold(cell))
        return cells.rating_code(cell) in self.unrated or bool(is_said and not self.code_of(cell))

    def is_code(self, cell: str) -> bool:
        """Whether a cell holds a step's code and nothing else."""
        return cells.rating_code(cell) in self.codes


def read_scale(rows: Sequence[Row]) -> Scale:
    """The first scale that the rows tell, without steps where there is no legend."""
    return next(iter(read_scales(rows)), Scale())


def read_scales(rows: Sequence[Row]) -> list[Scale]:
    """The scales that the rows tell, one per legend; a legend that comes again is one with the first.

    Raises FileProblem for a legend that contradicts itself.
    """
    return _LegendReader(rows).read()


def best_first(steps: Sequence[LegendStep]) -> tuple[tuple[LegendStep, ...], bool]:
    """(the steps, best first, whether nothing says which end is the best).

    Percentages decide where every step has one, then the words of the ends, then the letters or symbols.
    """
    percents = [-1 if step.percent is None else step.percent for step in steps]
    if -1 not in percents:
        return tuple(sorted(steps, key=lambda step: -(step.percent or 0))), False
    ends = [_goodness(step) for step in (*steps[:1], *steps[-1:])]
    if len(steps) > 1 and ends[0] != ends[1]:
        return tuple(steps if ends[0] > ends[1] else reversed(steps)), False
    codes = [step.code for step in steps]
    for order in ORDERS:
        if all(code in order for code in codes) and len(codes) > 1:
            places = [order.index(code) for code in codes]
            return tuple(steps), places != sorted(places)
    return tuple(steps), False


def _goodness(step: LegendStep) -> int:
    words = fold(f"{step.code if cells.is_word(step.code) else ''}{step.label}")
    return 0 if (bad := bool(BAD.search(words))) == bool(GOOD.search(words)) else -1 if bad else 1


@dataclass
class _LegendReader:
    """One walk over the rows: the steps so far, and plain words that may be the steps of the open legend."""

    rows: Sequence[Row]
    scales: list[Scale] = field(default_factory=list)
    steps: dict[str, LegendStep] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    heading: str = ""
    in_legend: bool = False
    has_steps: bool = False  # the open legend
    words: list[tuple[int, str]] = field(default_factory=list)
    table_sheets: set[str | None] = field(default_factory=set)  # those whose table has begun

    def read(self) -> list[Scale]:
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
        self._close()
        return self.scales

    def _close(self) -> None:
        """Keeps the legend that has been read, as one with an earlier one that says the same of its steps."""
        if self.steps or self.used:
            found, used = self._ordered(), self.used
            for place, there in enumerate(self.scales):
                if not self.steps or not there.steps or self._repeats(there):
                    both = there if there.steps else found
                    self.scales[place] = replace(both, rows=there.rows | used)
                    break
            else:
                self.scales.append(found)
        self.steps, self.used, self.heading = {}, set(), ""

    def _repeats(self, scale: Scale) -> bool:
        known = {step.code: step for step in scale.steps}
        rated = [step for step in self.steps.values() if step.code not in scale.unrated]
        return all(known.get(step.code) == step for step in rated)

    def _ordered(self) -> Scale:
        unrated = [s.code for s in self.steps.values() if NO_RATING.match(fold(s.label)) and len(s.code) == 1]
        given = [step for step in self.steps.values() if step.code not in unrated]
        steps, is_doubtful = best_first(given)
        anomalies = []
        if list(steps) != given:
            done = "進捗率の高い順に並べ替えた"
            if any(step.percent is None for step in steps):
                done = f"ことばから、進んだ評価から順に並べ替えた（{'・'.join(step.code for step in steps)}）"
            row = self.rows[min(self.used)].number
            anomalies = [Anomaly(row, "", "legend_order", "・".join(step.code for step in given), done)]
        return Scale(steps, frozenset(self.used), tuple(anomalies), self.heading, tuple(unrated), is_doubtful)

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
        filled = _without_figures(([rest] if rest else []) + filled[1:])
        steps, words = _steps(filled), _words(filled)
        steps = steps or _pairs(words)
        # Several signs with their meanings need no heading to be a legend.
        codes_there = {step.code for step in [*steps, *(self._steps_below(index) if len(steps) == 1 else [])]}
        is_evident = len(codes_there) > 1 and codes_there <= EVIDENT
        if head and (not filled or steps or len(words) > 1):
            self._begin(index, head)
        elif not (self.in_legend or is_evident):
            return
        for step in steps:
            self.in_legend = self.has_steps = True
            self._add(step, index)
        if not steps:
            self.words += [(index, word) for word in words]

    def _steps_below(self, index: int) -> list[LegendStep]:
        """The step in the row below, where it has one alone."""
        below = self.rows[index + 1] if index + 1 < len(self.rows) else None
        if below is None or below.sheet != self.rows[index].sheet or self._is_of_the_table(below):
            return []
        steps = _steps([cell for cell in below.cells if cell.strip()])
        return steps if len(steps) == 1 else []

    def _begin(self, index: int, heading: str = "") -> None:
        self._end()
        self._close()
        self.in_legend, self.heading = True, heading
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
    if not 2 <= len(texts) <= 4 or not (PLAIN_WORD.match(texts[0]) or texts[0] in SIGNS):
        return None
    if _is_count(texts):
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


def _is_count(texts: Sequence[str]) -> bool:
    """Whether a row counts the initiatives of a step, 「A」 「12」 「60%」, or all of them."""
    figures = [fold(text) for text in texts[1:]]
    is_percent = len(figures) == 1 and figures[0].endswith("%") and "計" not in texts[0]
    return all(map(FIGURE.match, figures)) and not is_percent


def _without_figures(filled: list[str]) -> list[str]:
    """A row's cells without the counts and shares behind a step: 「A：達成」 「12」 「60%」."""
    rest = [cell for cell in filled[1:] if not FIGURE.match(fold(cell))]
    return filled if rest or not (filled and steps_in(filled[0])) else filled[:1]


def _pairs(words: Sequence[str]) -> list[LegendStep]:
    """The steps of words that take turns with signs: 「5 達成、4 おおむね達成」."""
    signs, labels = words[0::2], words[1::2]
    are_pairs = len(signs) == len(labels) > 1 and all(len(sign) == 1 for sign in signs)
    if not are_pairs or any(len(label) == 1 for label in labels):
        return []
    return [cells.legend_step(sign, label, "") for sign, label in zip(signs, labels, strict=True)]


def _words(filled: Sequence[str]) -> list[str]:
    """The plain words of a row, if there is nothing else in it."""
    found = [word for cell in filled for word in re.split(rf"{GAP}+|\s*[→＞>]\s*", cell.strip())]
    return found if all(PLAIN_WORD.match(word) and not SENTENCE.search(word) for word in found) else []

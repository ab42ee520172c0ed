"""What single cells of a published table say: pledge numbers, plan projects, SDGs, steps of the legend."""

import re
from dataclasses import dataclass

from tracker.words.bullets import is_blank, is_nothing
from tracker.words.codes import SAME_SYMBOLS
from tracker.words.folding import fold
from tracker.words.step_names import step_name
from tracker.words.visible import DASHES

PRINTED_NUMBER = r"[①-⑳㉑-㉟㊱-㊿]|[(（]?\d{1,4}[)）.．]"  # of a pledge
NUMBER = re.compile(rf"^\s*(?P<star>[★☆※*＊]*)\s*(?P<number>{PRINTED_NUMBER})\s*(?P<text>\S.*)$", re.DOTALL)
BROKEN_LINE = re.compile(r"(?<=[^\s\x00-\x7f])[ \t　]*\n[ \t　]*(?=[^\s\x00-\x7f・※○●◆■①-⑳（(])")


def one_line(text: str) -> str:
    """A text with single spaces for its white space, so that a number stays apart from the word behind it."""
    return " ".join(text.split())


def read_pledge(cell: str) -> tuple[str, str] | None:
    """(printed number, wording) of a cell that begins a pledge, or None. The number is only a label."""
    match = NUMBER.match(cell)
    return (match["number"], match["star"] + wording(match["text"])) if match else None


def wording(cell: str) -> str:
    """A text on one line. A line that is broken within a word, or a sentence, goes on without a space."""
    return one_line(BROKEN_LINE.sub("", cell))


CATEGORY_LINE = re.compile(r"^\s*#*\s*(\d{1,2})\s*[.．、]\s*(\S.*?)\s*$")
SECTION_LINE = re.compile(r"^\s*#*\s*[(（]\s*(\d{1,2})\s*[)）]\s*(\S.*?)\s*$")


def read_category(line: str) -> tuple[int, str] | None:
    """(number, name) of a field's line, 「1. 産業支援」, or None."""
    return (int(match[1]), match[2]) if (match := CATEGORY_LINE.match(line)) else None


def read_section(line: str) -> tuple[int, str] | None:
    """(number, name) of a section's line, 「(1) 企業支援」, or None."""
    return (int(match[1]), match[2]) if (match := SECTION_LINE.match(line)) else None


@dataclass(frozen=True)
class PlanReference:
    """A project of the city's plan as printed. `base_code` is the part of the code that is never misread."""

    code: str
    base_code: str
    name: str

    @property
    def text(self) -> str:
        return f"{self.code} {self.name}".strip()


# Three numbers, then circled digits that the source often misreads (❶ ⑩ ❾ or plain digits for ①).
PLAN_CODE = re.compile(r"(?<![\d-])(\d{1,2}-\d{1,2}-\d{1,2})([①-⑳❶-❿\d]*)(?![\d-])")
CLEAR_SUFFIX = re.compile(r"^[①-⑨]{2}$")


def read_plan_references(cell: str) -> list[PlanReference]:
    """The plan projects of a cell; wording in front of the first code is a reference without a code."""
    if is_blank(cell) or is_nothing(cell):
        return []
    codes = list(PLAN_CODE.finditer(cell))
    ends = [code.start() for code in codes[1:]] + [len(cell)]
    head = one_line(cell[: codes[0].start() if codes else len(cell)])
    found = [PlanReference("", "", head)] if head else []
    names = [one_line(cell[code.end() : end]) for code, end in zip(codes, ends, strict=False)]
    return found + [PlanReference(code[0], code[1], name) for code, name in zip(codes, names, strict=True)]


def is_clear_code(reference: PlanReference) -> bool:
    """Whether the code has the plan's full form, 2-2-3①③."""
    return bool(reference.code) and bool(CLEAR_SUFFIX.match(reference.code.removeprefix(reference.base_code)))


SDG_NUMBER = re.compile(r"(?<![\d.])(\d{1,2})(?!\.?\d)")


def read_sdgs(cell: str) -> tuple[tuple[int, ...] | None, str]:
    """(goals, what else stood in the cell). None: the icons were lost; empty: it says there are none."""
    if is_blank(cell):
        return None, ""
    if is_nothing(cell):
        return (), ""
    line = one_line(cell)
    goals = [number for number in map(int, SDG_NUMBER.findall(line)) if 1 <= number <= 17]
    rest = one_line(SDG_NUMBER.sub(lambda m: "" if 1 <= int(m[1]) <= 17 else m[0], line))
    return tuple(dict.fromkeys(goals)) or None, rest


@dataclass(frozen=True)
class LegendStep:
    """One step of the scale, 「A : 達成（進捗率100%）」. `percent` is None where the scale has none."""

    code: str
    label: str
    definition: str
    percent: int | None

    @property
    def called(self) -> str:
        """「A 達成 100%」."""
        name = step_name(self.code, self.label)
        return name if self.percent is None else f"{name} {self.percent}%"


SYMBOLS = "◎○〇◯●△▲▽▼×✕✖□■☆★◇◆"
OPENING, CLOSING = "「『【［\\[〔〈<（(", "」』】］\\]〕〉>）)"
SEPARATOR = "(?:[:：＝=]|…+|‥+|・{2,})"
BULLET = r"^(?:[・※]\s*)?"
LEGEND_LINE = re.compile(
    rf"{BULLET}[{OPENING}]?(?P<code>[^\s:：＝=…‥{OPENING}{CLOSING}]{{1,12}})[{CLOSING}]?\s*{SEPARATOR}\s*(?P<rest>\S.*)$",
    re.DOTALL,
)
LABEL = r"(?P<rest>[^\s。][^。]*)$"  # no sentence
SYMBOL_LINE = re.compile(rf"{BULLET}[{OPENING}]?(?P<code>[{SYMBOLS}])[{CLOSING}]?\s*{LABEL}")
LETTER = "[A-Za-zＡ-Ｚａ-ｚ]"
LETTER_LINE = re.compile(
    rf"{BULLET}(?:(?P<code>{LETTER}|[{DASHES}])\s+|[{OPENING}](?P<enclosed>{LETTER}|[ァ-ヶ])[{CLOSING}]\s*){LABEL}"
)
EXPLAINED = re.compile(r"^(?P<label>[^（(]+?)\s*[（(](?P<definition>.*)[)）]$", re.DOTALL)
PERCENT = re.compile(r"(?P<from>[~〜-]?)(?<![\d.])(?P<number>\d{1,3})%(?P<range>以上|以下|未満|超|[~〜-])?")


def rating_code(cell: str) -> str:
    """A rating's code as it is compared and kept: folded, one form for symbols that are drawn alike."""
    code = fold(cell).translate(SAME_SYMBOLS)
    return "-" if len(code) == 1 and code in DASHES else code


def is_word(code: str) -> bool:
    """Whether a code is a word, such as 順調, and so is its own label."""
    return len(code) > 1 and bool(re.search(r"[ぁ-ヿ一-鿿々]", code))


def read_legend(line: str) -> LegendStep | None:
    """The step that a line of the legend tells, or None. A symbol, or a letter apart, needs no colon."""
    text = line.strip()
    match = LEGEND_LINE.match(text) or SYMBOL_LINE.match(text) or LETTER_LINE.match(text)
    if not match:
        return None
    code = match["code"] or match["enclosed"]
    explained = EXPLAINED.match(match["rest"])
    label, definition = (explained["label"], explained["definition"]) if explained else (match["rest"], "")
    if is_word(code) and fold(label) != fold(code):
        label, definition = code, match["rest"]
    return legend_step(code, label, definition)


def legend_step(code: str, label: str, definition: str) -> LegendStep:
    """A step of the scale. Its percentage is in the definition, or in the label where that is missing."""
    return LegendStep(rating_code(code), label, definition, _percent(definition or label))


def _percent(text: str) -> int | None:
    """The only percentage of a text; None for a range (「50%以上」), of which an average would be a guess."""
    found = PERCENT.findall(fold(text))
    if len(found) != 1:
        return None
    begins, number, ends = found[0]
    is_range = begins or (ends and (number, ends) != ("100", "以上"))
    return None if is_range else int(number)

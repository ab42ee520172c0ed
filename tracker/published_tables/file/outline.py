"""Lines of the outline, 「1. 産業」, 「Ⅰ 人を元気に」, 「(1) 企業」: how they begin, their names."""

import re
from dataclasses import dataclass

from tracker.published_tables.file.cells import one_line
from tracker.words.folding import fold

WORD = (
    "基本目標|基本政策|重点(?:目標|政策|施策)|政策(?:の柱)?|施策|目標|約束|分野|柱|プラン|ビジョン|チャレンジ"
)
KANJI = "一二三四五六七八九十"
NUMERAL = rf"(?:[0-9０-９]{{1,2}}|[{KANJI}]{{1,3}}|[Ⅰ-Ⅻ]|[IVX]{{1,4}})"
STYLES = (
    (
        "dot",
        re.compile(r"^\s*#*\s*(?P<number>[0-9０-９]{1,2})\s*[.．、](?![0-9０-９])\s*(?P<name>\S.*?)\s*$"),
    ),
    ("bracketed", re.compile(r"^\s*#*\s*[(（]\s*(?P<number>[0-9０-９]{1,2})\s*[)）]\s*(?P<name>\S.*?)\s*$")),
    ("roman", re.compile(r"^\s*(?P<number>[Ⅰ-Ⅻ])\s*[.．、:：]?\s*(?P<name>\S.*?)\s*$")),
    ("roman", re.compile(r"^\s*(?P<number>[IVX]{1,4})(?:\s*[.．、:：]\s*|\s+)(?P<name>\S.*?)\s*$")),
    ("kanji", re.compile(rf"^\s*(?P<number>[{KANJI}]{{1,3}})\s*[.．、]\s*(?P<name>\S.*?)\s*$")),
    ("chapter", re.compile(rf"^\s*(?P<name>第\s*(?P<number>{NUMERAL})\s*[章節編部]?[\s:：.．、]+\S.*?)\s*$")),
    ("word", re.compile(rf"^\s*(?P<name>(?P<word>{WORD})\s*(?P<number>{NUMERAL})?[\s:：.．、]+\S.*?)\s*$")),
    (
        "code",
        re.compile(r"^\s*(?P<number>[0-9０-９]{1,2}[-－‐][0-9０-９]{1,2})[\s.．:：]+(?P<name>\S.*?)\s*$"),
    ),
    ("bare", re.compile(r"^\s*(?P<number>[0-9０-９]{1,2})\s+(?P<name>[^\s0-9０-９].*?)\s*$")),
    ("letter", re.compile(r"^\s*(?P<number>[A-ZＡ-Ｚ])(?:\s*[.．、]\s*|\s+)(?P<name>[^\s:：＝=…].*?)\s*$")),
    ("framed", re.compile(r"^\s*[【〔《](?P<name>[^】〕》]+)[】〕》]\s*$")),
    ("square", re.compile(r"^\s*[■●◆◇□▼]\s*(?P<name>\S.*?)\s*$")),
)
GOES_ON = re.compile(r"\s*[(（](?:つづき|続き|続)[)）]\s*$")
WIDE = "wide"  # a line without a sign of its own, merged across the table


@dataclass(frozen=True)
class OutlineLine:
    """A line that may be of the outline. `number` is None where its label has none that counts."""

    style: str
    number: int | None
    name: str
    goes_on: bool = False  # 「（つづき）」


def read_line(line: str, *, is_wide: bool = False) -> OutlineLine | None:
    """What a line says as one of the outline, None where it begins like none."""
    text, goes_on = GOES_ON.sub("", line), bool(GOES_ON.search(line))
    for style, pattern in STYLES:
        if match := pattern.match(text):
            told = match.groupdict()
            name = f"{style} {told['word']}" if style == "word" else style
            return OutlineLine(name, _number(told.get("number") or ""), one_line(match["name"]), goes_on)
    name = one_line(text.strip().lstrip("#"))
    return OutlineLine(WIDE, None, name, goes_on) if is_wide and name else None


def _number(label: str) -> int | None:
    folded = fold(label)
    if folded.isdigit():
        return int(folded)
    if folded and set(folded) <= set("IVX"):
        values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in folded]
        pairs = zip(values, [*values[1:], 0], strict=True)
        return sum(-value if value < following else value for value, following in pairs)
    if label and set(label) <= set(KANJI):
        ten, _, one = label.rpartition("十")
        tens = (KANJI.index(ten) + 1 if ten else 1) * 10 if "十" in label else 0
        return tens + (KANJI.index(one) + 1 if one else 0)
    return None

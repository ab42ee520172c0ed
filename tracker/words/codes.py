"""Codes that are parsed, or stand in addresses: one spelling of each, and words for what is none. Pure."""

import re

from tracker.words.folding import fold

UNRATED = "none"  # stands for 「評価を付けない」 in entry sheets, and for 「評価なし」 in addresses

DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─ー", "-"))
PLAN_CODE = re.compile(r"[0-9]{1,2}(?:-[0-9]{1,2}){0,3}")
DATE = re.compile(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}.*")  # what Excel makes of 2-2-3
HOW_TO_WRITE_A_PLAN_CODE = "2-2-3 のように、数字をハイフンでつないで書いてください。"

HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # Ａ is A; ① stays
SAME_SYMBOLS = str.maketrans("〇◯✕✖", "○○××")  # drawn alike, and mixed in one table
NO_RATING_CODE = re.compile(r"[\s:：＝=…‥「『【［\[〔〈<（(」』】］\]〕〉>）)]")


CITY_CODE_WEIGHTS = (6, 5, 4, 3, 2)  # of the first five digits


def city_code_refusal(code: str) -> str:
    """What to say to what is no 全国地方公共団体コード (JIS X 0401, 0402, and the ministry's check digit)."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return "全国地方公共団体コードを、6 桁の数字で書いてください（102041 など）。"
    own, last = code[:5], int(code[5])
    total = sum(weight * int(digit) for weight, digit in zip(CITY_CODE_WEIGHTS, own, strict=True))
    if last == (11 - total % 11) % 10:
        return ""
    return f"「{code}」は、最後の 1 桁（検査数字）が合いません。6 桁の数字を確かめてください。"


def in_file_name(city_code: str) -> str:
    """How a file's name begins: with the city's code, where it is known."""
    return f"{city_code}_" if city_code else ""


def plan_code(text: str) -> str:
    """A plan code with half-width digits and plain hyphens: 「２－２－３」 is 2-2-3."""
    return fold(text).translate(DASHES)


def plan_code_refusal(code: str) -> str:
    """What to say to a text that is no plan code; "" to one that is."""
    if PLAN_CODE.fullmatch(code):
        return ""
    if DATE.fullmatch(code):
        words = "「%s」は日付です。Excel が番号を日付に変えています。"
        return words % code + "セルの書式を「文字列」にしてから、2-2-3 のように書き直してください。"
    return f"「{code}」は施策の番号として読めません。{HOW_TO_WRITE_A_PLAN_CODE}"


def plan_order(code: str) -> tuple[bool, list[int], str]:
    """The plan's order: 2-2-10 after 2-2-9, and last what is no code."""
    numbers = re.findall(r"[0-9]+", code) if PLAN_CODE.fullmatch(code) else []
    return not numbers, [int(number) for number in numbers], code


def rating_code(text: str) -> str:
    """A step's code with half-width letters, and one form for symbols that are drawn alike."""
    return text.strip().translate(HALF_WIDTH).translate(SAME_SYMBOLS)


def rating_code_refusal(code: str) -> str:
    """What to say to a text that cannot be a step's code; "" to one that can."""
    if code.casefold() == UNRATED:
        words = "「%s」は「評価を付けない」を表すことばなので、記号にできません。別の記号にしてください。"
        return words % code
    if found := NO_RATING_CODE.search(code):
        sign = "空白" if found[0].isspace() else f"「{found[0]}」"
        return f"記号「{code}」の中の{sign}は使えません。A、◎、順調のように、続けて書いてください。"
    return ""

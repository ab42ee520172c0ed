"""How a number shows in its format, as far as a plain one goes: 0.385 in `0.0%` is 「38.5%」."""

import re
from decimal import ROUND_HALF_UP, Decimal

# [ECMA-376] part 1, 18.8.31: digits with grouping and decimals, a percent sign, quoted words around them.
WORDS = r'(?:"[^"]*"|\\.|[-¥￥()])*'
PLAIN = re.compile(
    rf"(?P<before>{WORDS})(?P<grouped>#,##)?#*0(?:\.(?P<decimals>0+))?(?P<percent>%?)(?P<after>{WORDS})"
)
ASIDE = re.compile(r"_.|\*.|\[\$[^\]]*\]|\[(?:Red|Black|Blue|Green|White|色\d+)\]")


def shown_number(value: float, code: str) -> str | None:
    """A number as its cell shows it, or None where the format says more than is understood here."""
    positive, *others = code.split(";")
    match = PLAIN.fullmatch(ASIDE.sub("", others[0] if value < 0 and others else positive))
    if not match:
        return None
    number = Decimal(repr(abs(value) if value < 0 and others else value)) * (100 if match["percent"] else 1)
    places = len(match["decimals"] or "")
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = f"{rounded:,f}" if match["grouped"] else f"{rounded:f}"
    before, after = (_words(match[part]) for part in ("before", "after"))
    return f"{before}{digits}{match['percent']}{after}"


def _words(quoted: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] or found[2] or "", quoted)

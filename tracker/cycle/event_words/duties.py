"""Duties: what is edited as rows with years is told as one department's work passing to another. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.cycle.event_words.told import Line
from tracker.cycle.event_words.values import in_words, year_in

Row = Mapping[str, Any]
Pair = tuple[Row | None, Row | None]  # a duty before and after
LABEL = "担当課"
YEARS = {"from_fiscal_year": "開始年度", "to_fiscal_year": "最終年度"}


@dataclass
class Handover:
    """What ends and what begins with one fiscal year (None: at once)."""

    ended: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)


def duty_lines(pairs: Iterable[Pair]) -> Iterator[Line]:
    """「担当課：商工労働課 → 商工振興課（令和7年度から）」."""
    handovers = defaultdict[int | None, Handover](Handover)
    edited = []
    for before, after in pairs:
        if before is None and after is not None:
            handovers[_year(after, "from_fiscal_year")].begun.append(_office(after))
        elif before is not None and after is None:
            handovers[None].ended.append(_office(before))
        elif before is not None and after is not None:
            if _ends(before, after):
                handovers[(_year(after, "to_fiscal_year") or 0) + 1].ended.append(_office(before))
            else:
                edited.append((before, after))
    _join_removed(handovers)
    for year, handover in sorted(handovers.items(), key=lambda each: each[0] or 0):
        yield from _handed_over(year, handover)
    for before, after in edited:
        yield from _edited(before, after)


def _join_removed(handovers: dict[int | None, Handover]) -> None:
    """Duties that were taken out pass to the only ones that begin."""
    begun = [year for year, each in handovers.items() if each.begun]
    if None in handovers and len(begun) == 1 and begun != [None] and not handovers[begun[0]].ended:
        handovers[begun[0]].ended = handovers.pop(None).ended


def _handed_over(year: int | None, handover: Handover) -> Iterator[Line]:
    ended, begun = "、".join(handover.ended), "、".join(handover.begun)
    since = f"{year_in(year)}から" if year_in(year) else ""
    if ended and begun:
        yield Line(LABEL, ended, begun, since)
    elif begun:
        yield Line(f"{LABEL}の追加", None, begun, since)
    elif year:
        yield Line(f"{LABEL}の終わり", None, ended, f"{year_in(year - 1)}まで" if year_in(year - 1) else "")
    else:
        yield Line(f"{LABEL}から外したもの", None, ended)


def _edited(before: Row, after: Row) -> Iterator[Line]:
    ours, theirs = _office(before), _office(after)
    years = year_in(_year(after, "from_fiscal_year"))
    if ours != theirs:
        yield Line(LABEL, ours, theirs, f"{years}から" if years else "")
    for name, label in YEARS.items():
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Line(f"{LABEL}「{theirs}」の{label}", year_in(was) or "なし", year_in(now) or "なし")
    if before.get("position") != after.get("position"):
        was, now = (in_words(row.get("position")) for row in (before, after))
        yield Line(f"{LABEL}「{theirs}」の順序", was, now)


def _ends(before: Row, after: Row) -> bool:
    """Whether all that was changed is that the duty ends."""
    differing = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    is_running = before.get("to_fiscal_year") is None
    return differing == {"to_fiscal_year"} and is_running and _year(after, "to_fiscal_year") is not None


def _office(row: Row) -> str:
    return in_words(row.get("department"))


def _year(row: Row, name: str) -> int | None:
    value = row.get(name)
    return value if isinstance(value, int) and year_in(value) else None

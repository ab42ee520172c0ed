"""Every figure of an edition, counted anew from nothing but its open data, by rules of the tests' own."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from tests.public.conftest import Site
from tests.public.test_overview import text_kind

Row = dict[str, Any]
SHAPES = {"分野の名前": "category_name", "項目の名前": "section_name", "公約の番号": "pledge_label"}


class Edition:
    """One edition's open data, and what can be counted in it."""

    def __init__(self, site: Site, as_of: str, edition: int) -> None:
        name = f"/2021/data/102041_manifesto-all_{as_of}_e{edition}.json"
        content = json.loads(site.get(name).content)
        self.as_of, self.number = as_of, edition
        self.correction_reason: str = content["correction_reason"] or ""
        self.unapproved_reason: str = content["unapproved_reason"] or ""
        self.tables: dict[str, list[Row]] = {name: each["rows"] for name, each in content["tables"].items()}
        self.rows = {row["initiative_key"]: row for row in self.tables["initiatives"]}
        self.scale: dict[str, Row] = {row["rating_code"]: row for row in self.tables["ratings"]}

    def __getitem__(self, key: str) -> Row:
        return self.rows[key]

    def code(self, key: str) -> str:
        """An initiative's rating; "" without one."""
        return self.rows[key]["rating_code"] or ""

    def name(self, code: str) -> str:
        return f"{code} {self.scale[code]['rating_label']}" if code else "評価なし"

    @property
    def codes(self) -> list[str]:
        """The scale, best first, and "" for the unrated."""
        return [*sorted(self.scale, key=lambda code: int(self.scale[code]["rating_position"])), ""]

    def _of(self, table: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables[table]:
            found[row["initiative_key"]].append(row)
        return found

    @cached_property
    def duties(self) -> dict[str, list[Row]]:
        return self._of("initiative_departments")

    @cached_property
    def goals(self) -> dict[str, list[int]]:
        return {key: [row["sdg_number"] for row in rows] for key, rows in self._of("initiative_sdgs").items()}

    @cached_property
    def projects(self) -> dict[str, list[tuple[str, str, str]]]:
        """By initiative: code as printed, base code and name of each."""

        def told(row: Row) -> tuple[str, str, str]:
            return row["plan_code"] or "", row["plan_base_code"] or "", row["plan_name"]

        found = self._of("initiative_plan_projects")
        return {key: [told(row) for row in rows] for key, rows in found.items()}

    @cached_property
    def texts(self) -> dict[str, dict[tuple[str, int], list[tuple[str, str]]]]:
        """By initiative, kind and year: the lines, each with its type."""
        found: dict[str, dict[tuple[str, int], list[tuple[str, str]]]] = defaultdict(dict)
        for row in self.tables["actions"]:
            lines = found[row["initiative_key"]].setdefault((row["kind"], row["fiscal_year"]), [])
            lines.append((row["line_type"], row["text"] or ""))
        return found

    @cached_property
    def years(self) -> list[tuple[str, int]]:
        """The columns of texts: results by year, then plans."""
        told = {(row["kind"], row["fiscal_year"]) for row in self.tables["actions"]}
        return sorted(told, key=lambda each: (each[0] == "plan", each[1]))

    @cached_property
    def cumulative(self) -> set[tuple[str, int]]:
        rows = self.tables["actions"]
        return {(row["kind"], row["fiscal_year"]) for row in rows if row["is_cumulative"]}

    @cached_property
    def reasons(self) -> dict[str, dict[int, str]]:
        """By initiative and year that it was rated for: the reason."""
        found: dict[str, dict[int, str]] = defaultdict(dict)
        for row in self.tables["rating_history"]:
            if row["rating_code"] and not row["carried_from"] and not row["ended_after"]:
                found[row["initiative_key"]][row["fiscal_year"]] = row["rating_reason"] or ""
        return found

    def in_charge(self, key: str) -> list[Row]:
        return [row for row in self.duties.get(key, []) if row["assignment_status"] == "current"]

    def answering(self, code: str, *when: str) -> list[str]:
        """The initiatives that a department answers for, did, or will."""
        duties = (row for row in self.tables["initiative_departments"] if row["department_code"] == code)
        named = {row["initiative_key"] for row in duties if row["assignment_status"] in when}
        return [key for key in self.rows if key in named]

    def kinds(self, keys: Iterable[str], column: tuple[str, int]) -> dict[str, int]:
        """How many texts of a year say something new, only "as before", or nothing."""
        found = ("\n".join(text for _type, text in self.texts[key].get(column, [])) for key in keys)
        counts = Counter(text_kind(text) for text in found)
        return {kind: counts[kind] for kind in "新継無"}

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        found = Counter(self.code(key) for key in keys)
        return {code: found[code] for code in self.codes}

    def ended(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if self.rows[key]["ended_after"] is not None]

    def carried(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if self.rows[key]["carried_from"] is not None]

    def average(self, codes: Iterable[str]) -> str:
        """Of the rated; "" where there are fewer than five."""
        percents = [self.scale[code]["rating_percent"] for code in codes if code]
        return one_place(Decimal(sum(percents)) / len(percents)) if len(percents) >= 5 else ""

    @cached_property
    def pledges(self) -> dict[str, list[Row]]:
        """Each pledge's initiatives."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.values():
            found[row["pledge_key"]].append(row)
        return found

    @cached_property
    def pledge_states(self) -> Counter[str]:
        """How many pledges there are of each kind, by a rule of the tests' own for the scale from A to E."""
        return Counter(map(pledge_state, self.pledges.values()))


STATES = {  # of pledges, and what they are called in addresses
    "すべての取組で達成": "kept",
    "一部の取組で達成": "partly_kept",
    "進行中": "under_way",
    "未着手": "not_begun",
    "評価なし": "unrated",
    "終わった（達成の取組なし）": "ended",
}


def pledge_state(rows: Sequence[Row]) -> str:
    """What the ratings of a pledge's initiatives come to."""
    found = {row["rating_code"] or "" for row in rows}
    if "A" in found:
        return "すべての取組で達成" if found == {"A"} else "一部の取組で達成"
    if all(row["ended_after"] for row in rows):
        return "終わった（達成の取組なし）"
    if found == {""}:
        return "評価なし"
    return "未着手" if found <= {"E", ""} else "進行中"


def one_place(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


@dataclass(frozen=True)
class Changes:
    """What differs between two editions."""

    before: Edition
    after: Edition

    @cached_property
    def both(self) -> list[str]:
        return [key for key in self.after.rows if key in self.before.rows]

    @cached_property
    def new(self) -> list[str]:
        return [key for key in self.after.rows if key not in self.before.rows]

    @cached_property
    def gone(self) -> list[str]:
        return [key for key in self.before.rows if key not in self.after.rows]

    @cached_property
    def finished(self) -> list[str]:
        ended = set(self.before.ended(self.both))
        return [key for key in self.after.ended(self.both) if key not in ended]

    @cached_property
    def approved_since(self) -> list[str]:
        carried = set(self.after.carried(self.both))
        return [key for key in self.before.carried(self.both) if key not in carried]

    def step(self, key: str) -> tuple[str, str]:
        return self.before.code(key), self.after.code(key)

    def moved(self, *directions: int) -> list[str]:
        """Those whose rating differs: -1 up, 1 down, 0 from or to none."""
        return [
            key
            for key in self.both
            if self.step(key)[0] != self.step(key)[1] and self.direction(*self.step(key)) in directions
        ]

    def direction(self, old: str, new: str) -> int:
        if not old or not new:
            return 0
        places = [int(self.after.scale[code]["rating_position"]) for code in (old, new)]
        return (places[1] > places[0]) - (places[1] < places[0])

    @cached_property
    def same(self) -> list[str]:
        return [key for key in self.both if self.step(key)[0] == self.step(key)[1]]

    @cached_property
    def reassigned(self) -> list[str]:
        return [key for key in self.both if _codes(self.before, key) != _codes(self.after, key)]

    @cached_property
    def rewordings(self) -> dict[str, tuple[bool, list[int]]]:
        """By initiative: whether the pledge's text differs, and the years whose texts do."""
        told = [column for column in self.after.years if column in self.before.years]
        found = {}
        for key in self.both:
            old, new = self.before.texts[key], self.after.texts[key]
            was_carried = self.before[key]["carried_from"] is not None
            years = {
                column[1]
                for column in told
                if old.get(column, []) != new.get(column, []) and not (was_carried and column not in old)
            }
            pledge = self.before[key]["pledge_text"] != self.after[key]["pledge_text"]
            if years or pledge:
                found[key] = (pledge, sorted(years))
        return found

    @cached_property
    def otherwise(self) -> dict[str, list[str]]:
        """By initiative: what else differs."""
        found = {key: list(self._facts(key)) for key in self.both}
        return {key: facts for key, facts in found.items() if facts}

    def _facts(self, key: str) -> Iterator[str]:
        old, new = self.before, self.after
        for words, name in SHAPES.items():
            if old[key][name] != new[key][name]:
                yield words
        if old.projects.get(key) != new.projects.get(key):
            yield "総合計画の事業"
        sdgs = [(each.goals.get(key), each[key]["sdgs_status"]) for each in (old, new)]
        if sdgs[0] != sdgs[1]:
            yield "SDGs"
        if old[key]["other_departments"] != new[key]["other_departments"]:
            yield "ほかの担当課の有無"
        renamed = {row["department_code"]: row["department_name"] for row in new.in_charge(key)}
        names = {row["department_code"]: row["department_name"] for row in old.in_charge(key)}
        for code, name in renamed.items() if not old.ended([key]) else ():
            if names.get(code, name) != name:
                yield f"担当課の名前（{names[code]} → {name}）"
        if key not in self.reassigned and _terms(old, key) != _terms(new, key):
            yield "担当の期間"
        reasons = old.reasons[key], new.reasons[key]
        if any(reasons[0][year] != reasons[1][year] for year in reasons[0].keys() & reasons[1].keys()):
            yield "評価の理由"

    @cached_property
    def is_empty(self) -> bool:
        changed = (self.moved(-1, 0, 1), self.reassigned, self.rewordings, self.otherwise)
        return not any((*changed, self.new, self.gone, self.finished, self.approved_since))

    @cached_property
    def rated_in_both(self) -> list[str]:
        return [key for key in self.both if all(self.step(key))]


def _terms(edition: Edition, key: str) -> Sequence[tuple[Any, ...]]:
    shown = ("department_code", "from_fiscal_year", "to_fiscal_year")
    return [tuple(row[name] for name in shown) for row in edition.duties.get(key, [])]


def _codes(edition: Edition, key: str) -> set[str]:
    """The departments in charge: a new name does not make another of one."""
    return {row["department_code"] for row in edition.in_charge(key)}

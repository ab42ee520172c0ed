"""What a load changes of what was there, cell by cell, from its journal."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracker.models import (
    Assignment,
    Category,
    Department,
    Indicator,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    ReportingRound,
    YearlyAction,
)
from tracker.published_tables.journal import SILENT, JournalLine, Values, model_named
from tracker.published_tables.loading import LoadingOutcome
from tracker.words.fiscal_years import round_label

# Links between rows: how each names its initiative and what it links to.
LINKS = {"Assignment": "department_id", "Initiative_plan_projects": "planproject_id"}
LABELS = {"Assignment": "担当課", "Initiative_plan_projects": "関連事業"}
ORDER = (
    *("Manifesto", "Rating", "Category", "Pledge", "ReportingRound", "Initiative", "Indicator"),
    "YearlyAction",
)
NOTHING_SAID = "（なし）"


@dataclass(frozen=True)
class CellDifference:
    """One cell that says otherwise after the load: where it stands, what it is, before and after."""

    place: str
    label: str
    before: str
    after: str


def differences_of(outcome: LoadingOutcome) -> list[CellDifference]:
    """What changes of rows that were there, in the order of kinds. To be asked before it is rolled back.

    A constant number of queries. What is new or ended is counted by the outcome itself.
    """
    return list(_Told(outcome).all())


class _Told:
    """One telling: the names of all rows that the changed ones point to are fetched at once."""

    def __init__(self, outcome: LoadingOutcome) -> None:
        self.lines = outcome.journal.lines
        made = {line.pk for line in self.lines if line.model == "Initiative" and line.before is None}
        self.changed = [line for line in self.lines if line.before is not None and line.now is not None]
        self.links = [line for line in self.lines if line.model in LINKS]
        self.linked = {pk for line in self.links if (pk := _values(line)["initiative_id"]) not in made}
        self.places = self._places()
        manifesto = outcome.round.manifesto
        self.ratings = {rating.pk: rating.code for rating in manifesto.ratings.all()} if self.changed else {}
        self.labels = self._labels(manifesto) if self.changed else {}

    def _labels(self, manifesto: Manifesto) -> dict[str, str]:
        """What extra columns and indicators are called, by their codes."""
        measured = Indicator.objects.filter(initiative__pledge__section__manifesto=manifesto)
        told = {column.code: column.label for each in measured for column in each.columns}
        return told | {column.code: column.label for column in manifesto.extra_columns.all()}

    def all(self) -> Iterator[CellDifference]:
        for line in sorted(
            self.changed, key=lambda line: ORDER.index(line.model) if line.model in ORDER else 99
        ):
            yield from self._of_row(line)
        yield from self._of_links()

    def _of_row(self, line: JournalLine) -> Iterator[CellDifference]:
        columns = {column.attname: column for column in model_named(line.model)._meta.concrete_fields}
        before, now = line.before or {}, line.now or {}
        for name, column in columns.items():
            if name in SILENT or column.primary_key or before.get(name) == now.get(name):
                continue
            if name == "extra_values":
                yield from self._of_answers(line)
                continue
            label, values = str(column.verbose_name), (before.get(name), now.get(name))
            yield CellDifference(self._place(line), label, *(self._shown(name, value) for value in values))

    def _of_answers(self, line: JournalLine) -> Iterator[CellDifference]:
        """Values of extra columns and indicators, each by its name."""
        before, now = ((side or {}).get("extra_values") or {} for side in (line.before, line.now))
        for code in sorted({*before, *now}):
            if (values := (before.get(code, ""), now.get(code, "")))[0] != values[1]:
                shown = (self._shown(code, value) for value in values)
                yield CellDifference(self._place(line), self.labels.get(code, code), *shown)

    def _shown(self, name: str, value: object) -> str:
        if name == "rating_id" and isinstance(value, int):
            return self.ratings.get(value, NOTHING_SAID)
        if isinstance(value, bool):
            return "はい" if value else "いいえ"
        if isinstance(value, dict):
            return "、".join(f"{name}：{text}" for name, text in value.items()) or NOTHING_SAID
        if isinstance(value, list):
            return "、".join(map(str, value)) or NOTHING_SAID
        return NOTHING_SAID if value is None or value == "" else str(value)

    def _place(self, line: JournalLine) -> str:
        return self.places.get((line.model, line.pk), str(model_named(line.model)._meta.verbose_name))

    def _of_links(self) -> Iterator[CellDifference]:
        """Duties and plan projects are written anew: what an initiative had, beside what it has."""
        names = self._names_of_linked()
        sides: dict[tuple[str, int], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for line in self.links:
            values = _values(line)
            if values["initiative_id"] in self.linked:
                side = sides[line.model, values["initiative_id"]][line.before is None]
                side.append(names.get((line.model, values[LINKS[line.model]]), ""))
        for (model, pk), (before, after) in sides.items():
            told = ("、".join(side) or NOTHING_SAID for side in (before, after))
            yield CellDifference(self.places.get(("Initiative", pk), ""), LABELS[model], *told)

    def _names_of_linked(self) -> dict[tuple[str, int], str]:
        wanted: dict[str, set[int]] = defaultdict(set)
        for line in self.links:
            values = _values(line)
            if values["initiative_id"] in self.linked:
                wanted[line.model].add(values[LINKS[line.model]])
        offices = Department.objects.filter(pk__in=wanted["Assignment"])
        projects = PlanProject.objects.filter(pk__in=wanted["Initiative_plan_projects"])
        found = {("Assignment", each.pk): str(each) for each in offices}
        return found | {("Initiative_plan_projects", each.pk): str(each) for each in projects}

    def _places(self) -> dict[tuple[str, int], str]:
        """Where changed rows stand, by kind and key."""
        keys: dict[str, set[int]] = defaultdict(set)
        for line in self.changed:
            keys[line.model].add(line.pk)
        actions = (
            YearlyAction.objects.filter(pk__in=keys["YearlyAction"]).with_place().select_related("round")
        )
        initiatives = Initiative.objects.filter(pk__in=keys["Initiative"] | self.linked).with_place()
        pledges = Pledge.objects.filter(pk__in=keys["Pledge"]).select_related("section__parent")
        places = {("Initiative", each.pk): f"取組 {each.place}" for each in initiatives}
        measured = Indicator.objects.filter(pk__in=keys["Indicator"])
        places |= {
            ("Indicator", each.pk): f"取組 {each.initiative.place} の指標「{each}」"
            for each in measured.select_related("initiative__pledge__section__parent")
        }
        places |= {("Pledge", each.pk): f"公約 {each.place}" for each in pledges}
        places |= {
            ("YearlyAction", each.pk): f"取組 {each.initiative.place} の"
            f"{round_label(each.round.fiscal_year, each.round.name)}"
            for each in actions
        }
        for model in (Category, Rating, ReportingRound, Manifesto):
            name = model._meta.object_name or ""
            rows = model._default_manager.filter(pk__in=keys[name])
            places |= {(name, row.pk): f"{model._meta.verbose_name}「{row}」" for row in rows}
        return places


def _values(line: JournalLine) -> Values:
    return line.now or line.before or {}


def seen_changes(outcome: LoadingOutcome) -> Counter[str]:
    """How many rows of each kind change in what a person sees of them; not in where the table had them."""
    lines = (line for line in outcome.journal.lines if line.before is not None and line.now is not None)
    seen = Counter(line.model for line in lines if line.is_seen)
    return seen + Counter({"Assignment": outcome.changed["Assignment"]})


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What is new or changed, in words."""
    kinds = {"Category": "分野と項目", "Pledge": "公約", "Initiative": "取組", "YearlyAction": "年度別の取組"}
    kinds |= {
        Assignment.__name__: "担当",
        "Department": "担当課",
        "PlanProject": "関連事業",
        "Rating": "評価の区分",
        "ExtraColumn": "追加の項目",
        "Indicator": "指標",
    }
    return [(words, counts[kind]) for kind, words in kinds.items() if counts.get(kind)]

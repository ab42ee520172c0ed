"""Pledges are brought into a term: those that carry on one of the former term, or those of a table.

What is there already is never doubled. Everything new begins with the first year still to be reported.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from tracker.cycle import catalogue, permissions
from tracker.cycle.places import Places
from tracker.cycle.terms import TermProblem, record_term, term_in_turn, told_pledges, told_project
from tracker.models import (
    ROWS_PER_STATEMENT,
    Assignment,
    Category,
    Department,
    Indicator,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    User,
)
from tracker.models.catalogue import HIGHEST, PLEDGE_PLACE, UNNAMED, not_continued
from tracker.models.indicators import free_codes
from tracker.words.fiscal_years import short_label
from tracker.words.folding import fold
from tracker.words.indicators import target_lines
from tracker.words.visible import says_nothing

# What a copied indicator has of the former one.
COPIED = (
    *("position", "name", "is_of_pledge", "unit", "decimals", "direction", "formula"),
    *("base_value", "base_fiscal_year", "note", "last_fiscal_year"),
)


@dataclass(frozen=True)
class NamedPlace:
    """A field or a section by its name; `number` is where it is to stand, None for after the others.

    Without a name there is none: pledges stand in the field, or in the manifesto itself.
    """

    name: str
    number: int | None = None


@dataclass(frozen=True)
class BroughtDuty:
    """A department's duty, from a fiscal year on; to one, or without end."""

    department: Department
    from_fiscal_year: int
    to_fiscal_year: int | None = None


@dataclass(frozen=True)
class BroughtInitiative:
    """An initiative as it is to begin. `plan_projects` may be unsaved or of another term: they are copied.

    `left_behind` names departments that had the duty and are not there any more. `indicators` are those of
    the former term, which are copied.
    """

    duties: Sequence[BroughtDuty] = ()
    plan_projects: Sequence[PlanProject] = ()
    sdgs: Sequence[int] | None = None
    other_departments: bool = False
    left_behind: Sequence[str] = ()
    indicators: Sequence[Indicator] = ()
    name: str = ""


@dataclass(frozen=True)
class BroughtPledge:
    """A pledge as it is to be, and where."""

    category: NamedPlace
    section: NamedPlace
    text: str
    number_label: str = ""
    continues: Pledge | None = None
    initiatives: Sequence[BroughtInitiative] = ()


@dataclass
class BroughtIn:
    """What was done: new fields, sections and projects, new pledges, those that were there.

    `linked` were there and carry on one of the former term from now on. `without` are new initiatives that no
    department answers for, `left_behind` (initiative, names) what departments could not come along;
    `indicators` are the new ones.
    """

    manifesto: Manifesto
    first_fiscal_year: int
    categories: list[Category] = field(default_factory=list)
    plan_projects: list[PlanProject] = field(default_factory=list)
    made: list[Pledge] = field(default_factory=list)
    linked: list[Pledge] = field(default_factory=list)
    there: list[Pledge] = field(default_factory=list)
    without: list[Initiative] = field(default_factory=list)
    left_behind: list[tuple[Initiative, Sequence[str]]] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)


# ---- Those of the former term


def carried_on(former: Manifesto, keys: Iterable[int], first_fiscal_year: int) -> list[BroughtPledge]:
    """Pledges of a former term by their keys, in its order, as they go on in a term from that year."""
    pledges = Pledge.objects.filter(section__manifesto=former, pk__in=list(keys))
    found = pledges.select_related("section__parent", "section__manifesto").order_by(*PLEDGE_PLACE)
    of_initiatives = ("assignments__department", "plan_projects", "indicators")
    parts = found.prefetch_related(*(f"initiatives__{name}" for name in of_initiatives))
    return [_carried_on(each, first_fiscal_year) for each in parts]


def _carried_on(pledge: Pledge, year: int) -> BroughtPledge:
    section = pledge.section
    above = section.parent or section
    return BroughtPledge(
        NamedPlace(above.name, above.number),
        NamedPlace(section.name, section.number),
        pledge.text,
        pledge.number_label,
        pledge,
        [_goes_on(each, year) for each in running(pledge.initiatives.all(), year)],
    )


def running(initiatives: Iterable[Initiative], year: int) -> list[Initiative]:
    """Those that have not ended before a year; where all have, those that ended last."""
    every = sorted(initiatives, key=lambda each: each.position)
    lasting = [each for each in every if each.last_fiscal_year is None or each.last_fiscal_year >= year]
    last = max((each.last_fiscal_year or 0 for each in every), default=0)
    return lasting or [each for each in every if each.last_fiscal_year == last]


def _goes_on(initiative: Initiative, year: int) -> BroughtInitiative:
    duties = list(initiative.assignments.all())
    lasting = [duty for duty in duties if duty.to_fiscal_year is None or duty.to_fiscal_year >= year]
    there = [duty for duty in lasting if duty.department.is_there_in(max(year, duty.from_fiscal_year or 0))]
    gone = [duty for duty in lasting if duty not in there]
    if not lasting and duties:
        last = max(duty.to_fiscal_year or 0 for duty in duties)
        gone = [duty for duty in duties if duty.to_fiscal_year == last]
    brought = [_duty_from(duty, year) for duty in there]
    return BroughtInitiative(
        list({(duty.department.pk, duty.from_fiscal_year): duty for duty in brought}.values()),
        list(initiative.plan_projects.all()),
        initiative.sdgs,
        initiative.other_departments,
        list(dict.fromkeys(_gone_in_words(duty) for duty in gone)),
        [each for each in initiative.indicators.all() if (each.last_fiscal_year or year) >= year],
        initiative.name,
    )


def _duty_from(duty: Assignment, year: int) -> BroughtDuty:
    return BroughtDuty(duty.department, max(duty.from_fiscal_year or year, year), duty.to_fiscal_year)


def _gone_in_words(duty: Assignment) -> str:
    last = duty.to_fiscal_year or duty.department.last_fiscal_year
    return f"{duty.department}（{short_label(last)}まで）" if last else str(duty.department)


# ---- Bringing in


@transaction.atomic
def bring_in(manifesto: Manifesto, pledges: Sequence[BroughtPledge], *, by: User) -> BroughtIn:
    """Adds pledges to a term, with fields, sections, projects and initiatives that they need; one event.

    A pledge whose words stand in the section already is not added again; it is linked, where it carries on
    nothing yet. Raises RoundProblem.
    """
    manifesto = term_in_turn(manifesto, by)
    if not pledges:
        raise TermProblem("公約が 1 つも選ばれていません。加える公約を選んでください。", "pledges")
    done = BroughtIn(manifesto, catalogue.first_open_year(manifesto))
    adding = _Adding(done)
    for each in pledges:
        adding.add(each)
    adding.write()
    if done.made or done.linked:
        _record_bringing(done, by)
    return done


class _Adding:
    """One bringing in, on its way."""

    def __init__(self, done: BroughtIn) -> None:
        self.done, self.manifesto = done, done.manifesto
        self.initiatives: list[tuple[Initiative, BroughtInitiative]] = []
        found = self.manifesto.categories.select_related("parent", "manifesto")
        self.categories: dict[tuple[int | None, str], Category] = {}  # by what is above, and the folded name
        self.numbers = defaultdict[int | None, set[int]](set)
        for each in found:
            self._know_category(each)
        self.pledges: dict[tuple[int, str], Pledge] = {}  # by section and folded text
        self.carried: dict[int, Pledge] = {}
        for pledge in Pledge.objects.filter(section__manifesto=self.manifesto).select_related(
            "section__parent"
        ):
            self._know(pledge)
        self.positions: dict[int, int] = {}
        projects = PlanProject.objects.filter(manifesto=self.manifesto)
        self.projects = {(each.code, each.name): each for each in projects}

    def _know_category(self, category: Category) -> None:
        self.categories.setdefault((category.parent_id, fold(category.name)), category)
        self.numbers[category.parent_id].add(category.number)

    def _know(self, pledge: Pledge) -> None:
        self.pledges.setdefault((pledge.section_id, fold(pledge.text)), pledge)
        if pledge.continues_id:
            self.carried[pledge.continues_id] = pledge

    def add(self, brought: BroughtPledge) -> None:
        if says_nothing(brought.text):
            raise TermProblem("公約の文を書いてください。")
        section = self._category(brought.section, self._category(brought.category, None))
        former = brought.continues
        if former is not None and former.text == brought.text and former.pk in self.carried:
            self._meet(self.carried[former.pk], None)
            return
        same = self.pledges.get((section.pk, fold(brought.text)))
        if same:
            self._meet(same, former)
        else:
            self._new(section, brought)

    def _meet(self, pledge: Pledge, former: Pledge | None) -> None:
        """The words are there: nothing is added, but the link where it lacks. One without is told, too."""
        if former is not None and pledge.continues_id is None and former.pk not in self.carried:
            pledge.continues = self._continued(former)
            pledge.save(update_fields=["continues"])
            self.carried[former.pk] = pledge
            if pledge not in self.done.made:
                self.done.linked.append(pledge)
        else:
            self.done.there.append(pledge)

    def _continued(self, former: Pledge) -> Pledge:
        if words := not_continued(self.manifesto, former):
            raise TermProblem(words)
        if other := self.carried.get(former.pk):
            words = "前の任期の %s は、もう %s「%s」が引き継いでいます。1 つの公約から 2 度は引き継げません。"
            raise TermProblem(words % (former.place, other.place, other.text[:40]))
        return former

    def _new(self, section: Category, brought: BroughtPledge) -> None:
        former = self._continued(brought.continues) if brought.continues else None
        following = self.positions.get(section.pk) or catalogue.next_position(section)
        position = catalogue.sound_position(section, following)
        self.positions[section.pk] = position + 1
        pledge = Pledge.objects.create(
            section=section,
            position=position,
            number_label=brought.number_label.strip(),
            text=brought.text.strip(),
            continues=former,
        )
        self._know(pledge)
        self.done.made.append(pledge)
        first = self.done.first_fiscal_year
        for number, each in enumerate(brought.initiatives, start=1):
            sdgs = None if each.sdgs is None else sorted(each.sdgs)
            made = Initiative(pledge=pledge, position=number, first_fiscal_year=first, sdgs=sdgs)
            made.other_departments, made.name = each.other_departments, each.name
            self.initiatives.append((made, each))

    def _category(self, wanted: NamedPlace, parent: Category | None) -> Category:
        """The field or section of that name; a new one where there is none."""
        above = parent.pk if parent else None
        if found := self.categories.get((above, fold(wanted.name))):
            return found
        taken = self.numbers[above]
        number = wanted.number if wanted.number and wanted.number not in taken else max(taken, default=0) + 1
        made = new_category(self.manifesto, parent, number, wanted.name)
        self._know_category(made)
        self.done.categories.append(made)
        return made

    def write(self) -> None:
        """The initiatives with their duties and projects, in few statements."""
        made = Initiative.objects.bulk_create((each for each, _told in self.initiatives), ROWS_PER_STATEMENT)
        Assignment.objects.bulk_create(
            (
                Assignment(initiative=initiative, position=position, **vars(duty))
                for initiative, told in self.initiatives
                for position, duty in enumerate(told.duties, start=1)
            ),
            ROWS_PER_STATEMENT,
        )
        through = Initiative.plan_projects.through
        pairs = [
            through(initiative_id=initiative.pk, planproject_id=pk)
            for initiative, told in self.initiatives
            for pk in dict.fromkeys(self._project(each).pk for each in told.plan_projects)
        ]
        through._default_manager.bulk_create(pairs, ROWS_PER_STATEMENT)
        told_of = list(zip(made, (told for _each, told in self.initiatives), strict=True))
        self._write_indicators(told_of)
        for initiative, told in told_of:
            first = self.done.first_fiscal_year
            if not any(duty.from_fiscal_year <= first for duty in told.duties):
                self.done.without.append(initiative)
            if told.left_behind:
                self.done.left_behind.append((initiative, told.left_behind))

    def _write_indicators(self, told_of: Iterable[tuple[Initiative, BroughtInitiative]]) -> None:
        """Copies with codes of their own. Of the targets, those of the new term's years."""
        former = [(initiative, each) for initiative, told in told_of for each in told.indicators]
        if not former:
            return
        codes, first = free_codes(), self.done.first_fiscal_year
        for initiative, each in former:
            like = {name: getattr(each, name) for name in COPIED}
            targets = {year: target for year, target in each.targets.items() if year >= first}
            made = Indicator(initiative=initiative, code=next(codes), **like)
            made.target_lines = target_lines(targets)
            self.done.indicators.append(made)
        Indicator.objects.bulk_create(self.done.indicators, ROWS_PER_STATEMENT)

    def _project(self, like: PlanProject) -> PlanProject:
        key = (like.code, like.name)
        if key not in self.projects:
            told = {"code": like.code, "base_code": like.base_code, "name": like.name}
            self.projects[key] = PlanProject.objects.create(manifesto=self.manifesto, **told)
            self.done.plan_projects.append(self.projects[key])
        return self.projects[key]


def _record_bringing(done: BroughtIn, by: User) -> None:
    made = Pledge.objects.filter(pk__in=[each.pk for each in done.made]).order_by(*PLEDGE_PLACE)
    linked = Pledge.objects.filter(pk__in=[each.pk for each in done.linked]).order_by(*PLEDGE_PLACE)
    record_term(
        done.manifesto,
        "任期の公約",
        by,
        first_fiscal_year=done.first_fiscal_year,
        categories=[[each.place, each.called] for each in done.categories],
        plan_projects=[told_project(each) for each in done.plan_projects],
        pledges=told_pledges(made),
        linked=told_pledges(linked),
    )


# ---- A field or a section by hand


@transaction.atomic
def add_section(
    manifesto: Manifesto, *, category: NamedPlace, section: NamedPlace, by: User
) -> tuple[Category, list[Category]]:
    """A section, with its field where no field has that name; the field alone where the section has no name.

    Raises RoundProblem.

    Returns the section, and what was added.
    """
    if not permissions.may_change_pledges(by):
        raise TermProblem("分野と項目を加えられるのは企画の職員だけです。")
    manifesto = term_in_turn(manifesto, by)
    above = _found_or_new(manifesto, None, category, "category")
    under = _found_or_new(manifesto, above[0], section, "section")
    added = [each for each, is_new in (above, under) if is_new]
    if not under[1]:
        words = "「%s」には、「%s」という項目がもうあります。"
        if not under[0].name:
            words = "「%s」の公約は、項目なしで、もう加えられます（%s）。"
        raise TermProblem(words % (above[0].path, under[0].called), "section_name")
    told = [[each.place, each.called] for each in added]
    record_term(manifesto, "分野と項目の追加", by, categories=told)
    return under[0], added


def _found_or_new(
    manifesto: Manifesto, parent: Category | None, wanted: NamedPlace, field: str
) -> tuple[Category, bool]:
    siblings = list(manifesto.categories.filter(parent=parent).select_related("parent", "manifesto"))
    if found := next((each for each in siblings if fold(each.name) == fold(wanted.name)), None):
        return found, False
    taken = {each.number: each for each in siblings}
    number = wanted.number or max(taken, default=0) + 1
    if number in taken:
        words = f"{number} 番は「{taken[number].name}」です。別の番号にするか、空欄にしてください。"
        raise TermProblem(words, f"{field}_number")
    return new_category(manifesto, parent, number, wanted.name), True


def new_category(manifesto: Manifesto, parent: Category | None, number: int, name: str) -> Category:
    """Raises TermProblem for a number beyond those that addresses have. What has no name gets none."""
    if not name.strip():
        number = UNNAMED
    elif not 1 <= number <= HIGHEST:
        raise TermProblem(f"番号は 1 から {HIGHEST} までの数にしてください。")
    return Category.objects.create(manifesto=manifesto, parent=parent, number=number, name=name.strip())


def continued_in(manifesto: Manifesto) -> dict[int, Pledge]:
    """The pledges of a term by the key of the former pledge that each carries on."""
    own = Pledge.objects.filter(section__manifesto=manifesto, continues__isnull=False)
    return {each.continues_id or 0: each for each in own.select_related("section__parent")}


def by_former_place(former: Manifesto) -> dict[str, Pledge]:
    """A term's pledges by their places, those that they have left included."""
    pledges = Pledge.objects.filter(section__manifesto=former).select_related("section__parent")
    now = {each.place: each for each in pledges.select_related("section__manifesto")}
    places = Places(former)
    return {place: each for each in now.values() for place in [*places.former(each.place), each.place]} | now

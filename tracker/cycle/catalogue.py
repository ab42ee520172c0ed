"""Pledges change in mid-term: added, corrected, ended, split, moved. Each act has a reason and one event.

Published reports keep what they say. The next report says what stands here (reports/entries.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max

from tracker.choices import EventKind, RoundState
from tracker.cycle import events, one_writer, permissions, round_dates, rounds
from tracker.cycle.places import places_of, published_places
from tracker.cycle.rounds import RoundProblem
from tracker.models import (
    Assignment,
    Category,
    Department,
    FormerPlace,
    Initiative,
    InitiativeContinuation,
    Manifesto,
    PlanProject,
    Pledge,
    ReportingRound,
    User,
)
from tracker.models.catalogue import HIGHEST, PLEDGE_PLACE, UNNAMED
from tracker.models.organisation import holds_in
from tracker.words.fiscal_years import label, short_label, term_in
from tracker.words.folding import fold
from tracker.words.places import pledge_numbers
from tracker.words.visible import says_nothing

TAKEN_BY_ANOTHER = (
    "{} は、別の公約が公表されていた番号です。"
    "前のアドレスを見る人が別の公約に着かないように、一度公表した番号はほかの公約に使えません。"
)

LAST_YEAR = "最後の年度"
ALL_ENDED = "この公約の取組は、すべて終わっています。"
NONE_TO_CARRY_ON = (
    "この公約には、まだ取組がないので、続きとして引き継ぐ取組がありません。"
    "「もとの公約」を選ばずに新しい公約を加え、この公約は「公約を終える」で終えてください。"
)


class CatalogueProblem(RoundProblem):
    """What must not be done with a pledge, in words. `field` is the form's field that it is about, if any."""


@dataclass(frozen=True)
class Part:
    """An initiative as it is to be: who has the duty, which projects of the plan and SDGs are of it, and its
    name, None where nobody was asked for one.
    """

    departments: Sequence[Department] = ()
    plan_projects: Sequence[PlanProject] = ()
    sdgs: Sequence[int] | None = None
    name: str | None = None


@dataclass
class CatalogueChange:
    """What an act has done: the pledge as it stands now, each value before and after, and what follows.

    `ended` and `begun` are initiatives; `rows_gone` tells (initiative's place, fiscal year) of the rows that
    were taken off rounds, `rows_added` how many a running round got.
    """

    pledge: Pledge
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    ended: list[Initiative] = field(default_factory=list)
    begun: list[Initiative] = field(default_factory=list)
    rows_gone: list[tuple[str, int]] = field(default_factory=list)
    rows_added: int = 0

    def take(self, other: "CatalogueChange") -> None:
        """What another act, which was part of this one, has ended."""
        self.ended += other.ended
        self.rows_gone += other.rows_gone


def manifesto_of(pledge: Pledge) -> Manifesto:
    return Manifesto.objects.get(categories__pledges=pledge)


def first_open_year(manifesto: Manifesto) -> int:
    """The first fiscal year in which something may begin: an open round's, or the next round's."""
    open_round = running_round(manifesto)
    return open_round.fiscal_year if open_round else round_dates.next_round(manifesto)[0]


def running_round(manifesto: Manifesto) -> ReportingRound | None:
    """The round that takes rows of new initiatives."""
    return manifesto.rounds.filter(state=RoundState.OPEN).first()


# ---- Adding


@transaction.atomic
def add_pledge(
    section: Category,
    *,
    text: str,
    number_label: str,
    first_fiscal_year: int,
    parts: Sequence[Part],
    by: User,
    reason: str,
    adds_rows: bool,
    continued: Pledge | None = None,
    ends_continued: bool = False,
) -> CatalogueChange:
    """Adds a pledge at the end of its section, with its first initiatives. Raises RoundProblem.

    `continued` is a pledge that it follows because the promise itself was changed: every initiative that ran
    in the year before is carried on by every new one. `ends_continued` ends that pledge with the year before.
    `adds_rows` gives the new initiatives their rows in the running round at once.
    """
    manifesto = section.manifesto
    _begin(manifesto, by, reason)
    _require_text(text)
    position = next_position(section)
    pledge = Pledge.objects.create(
        section=section, position=position, number_label=number_label.strip(), text=text.strip()
    )
    change = CatalogueChange(pledge)
    change.changes = {"text": (None, pledge.text), "number_label": (None, pledge.number_label)}
    if continued:
        if continued.section.manifesto_id != manifesto.pk:
            raise CatalogueProblem("別のマニフェストの公約は選べません。", "continued")
        if not continued.initiatives.exists():
            raise CatalogueProblem(NONE_TO_CARRY_ON, "continued")
        change.changes["もとの公約"] = (continued.place, pledge.place)
        if ends_continued:
            change.take(_ended_pledge(continued, first_fiscal_year - 1, by, reason))
    _begin_initiatives(change, first_fiscal_year, parts)
    if continued:
        before = list(continued.initiatives.running_in(first_fiscal_year - 1))
        _link(before, change.begun, first_fiscal_year)
    _record(change, "公約の追加", by, reason)
    _add_rows(change, manifesto, by, adds_rows=adds_rows)
    return change


@transaction.atomic
def add_initiatives(
    pledge: Pledge, *, first_fiscal_year: int, parts: Sequence[Part], by: User, reason: str, adds_rows: bool
) -> CatalogueChange:
    """Adds initiatives to a pledge, from a fiscal year on. Raises RoundProblem."""
    manifesto = manifesto_of(pledge)
    _begin(manifesto, by, reason)
    change = CatalogueChange(_read(pledge))
    if (last := change.pledge.last_fiscal_year) is not None:
        _set_last_year(change, last, None)
    _begin_initiatives(change, first_fiscal_year, parts)
    _record(change, "取組の追加", by, reason)
    _add_rows(change, manifesto, by, adds_rows=adds_rows)
    return change


# ---- Correcting


@transaction.atomic
def correct(
    pledge: Pledge,
    *,
    text: str,
    number_label: str,
    section_name: str,
    category_name: str,
    by: User,
    reason: str,
) -> CatalogueChange:
    """Mends the words of a pledge, or the name of its section or field. The promise stays the same.

    Raises RoundProblem.
    """
    _begin(manifesto_of(pledge), by, reason)
    _require_text(text)
    change = CatalogueChange(_read(pledge))
    section = change.pledge.section
    _write(change, change.pledge, "text", "text", text)
    _write(change, change.pledge, "number_label", "number_label", number_label)
    if section.name:
        _write(change, section, "name", "項目の名称", section_name)
    if section.parent and section.parent.name:
        _write(change, section.parent, "name", "分野の名称", category_name)
    if not change.changes:
        raise CatalogueProblem("どこも変わっていません。直すところを書き換えてください。")
    _record(change, "誤字の訂正", by, reason)
    return change


def _write(change: CatalogueChange, of: Pledge | Category, name: str, called: str, value: str) -> None:
    before, value = getattr(of, name), value.strip()
    if name == "name" and says_nothing(value):
        raise CatalogueProblem(f"{called}を書いてください。")
    if before != value:
        setattr(of, name, value)
        of.save(update_fields=[name])
        change.changes[called] = (before, value)


# ---- Ending


@transaction.atomic
def end_pledge(pledge: Pledge, *, last_fiscal_year: int, by: User, reason: str) -> CatalogueChange:
    """Ends all initiatives of a pledge that still run, after a fiscal year. One without any ends itself,
    until an initiative begins. Raises RoundProblem.
    """
    _begin(manifesto_of(pledge), by, reason)
    return _ended_pledge(pledge, last_fiscal_year, by, reason)


def _ended_pledge(pledge: Pledge, last_fiscal_year: int, by: User, reason: str) -> CatalogueChange:
    change = CatalogueChange(_read(pledge))
    running = list(change.pledge.initiatives.with_place().filter(last_fiscal_year=None).order_by("position"))
    if why := why_not_ended(change.pledge):
        raise CatalogueProblem(why)
    for initiative in running:
        _end(change, initiative, last_fiscal_year)
    if running:
        change.changes = {LAST_YEAR: (None, last_fiscal_year)}
    else:
        _end_without_initiative(change, last_fiscal_year)
    _record(change, "公約の終わり", by, reason)
    return change


def _end_without_initiative(change: CatalogueChange, last_fiscal_year: int) -> None:
    first = change.pledge.section.manifesto.first_fiscal_year
    if not first <= last_fiscal_year <= rounds.FISCAL_YEARS[-1]:
        words = "終わりの年度は、任期の最初の年度（%s）からにしてください。"
        raise CatalogueProblem(words % label(first), "last_fiscal_year")
    _set_last_year(change, None, last_fiscal_year)


def _set_last_year(change: CatalogueChange, before: int | None, after: int | None) -> None:
    change.pledge.last_fiscal_year = after
    change.pledge.save(update_fields=["last_fiscal_year"])
    change.changes[LAST_YEAR] = (before, after)


def why_not_ended(pledge: Pledge) -> str:
    """Why nothing of a pledge is left to be ended; "" where something is."""
    if pledge.initiatives.exists():
        return "" if pledge.initiatives.filter(last_fiscal_year=None).exists() else ALL_ENDED
    last = pledge.last_fiscal_year
    return "" if last is None else f"この公約は、取組のないまま {short_label(last)} で終わっています。"


def _end(change: CatalogueChange, initiative: Initiative, last_fiscal_year: int) -> None:
    try:
        gone = rounds.ended(initiative, last_fiscal_year)
    except RoundProblem as problem:
        raise CatalogueProblem(f"取組 {initiative.place}：{problem}", problem.field) from problem
    change.ended.append(initiative)
    change.rows_gone += [(initiative.place, year) for year in gone]


# ---- Splitting


@transaction.atomic
def split(
    initiative: Initiative,
    *,
    last_fiscal_year: int,
    goes_on: bool,
    parts: tuple[Part, Part],
    by: User,
    reason: str,
    adds_rows: bool,
) -> CatalogueChange:
    """Makes two of one initiative from the year after `last_fiscal_year` on. Raises RoundProblem.

    It ends, and both parts begin; or it `goes_on` as the first part, and the second begins. What begins is
    linked to it as its continuation.
    """
    manifesto = manifesto_of(initiative.pledge)
    _begin(manifesto, by, reason)
    initiative = Initiative.objects.with_place().get(pk=initiative.pk)
    if initiative.last_fiscal_year is not None:
        raise CatalogueProblem(f"この取組は {short_label(initiative.last_fiscal_year)} で終わっています。")
    if last_fiscal_year < initiative.first_fiscal_year:
        words = "分ける前の最後の年度は、始まりの年度（%s）からにしてください。"
        raise CatalogueProblem(words % label(initiative.first_fiscal_year), "last_fiscal_year")
    change = CatalogueChange(_read(initiative.pledge))
    begins = last_fiscal_year + 1
    if goes_on:
        _change_parts(change, initiative, parts[0], begins)
    else:
        _end(change, initiative, last_fiscal_year)
    _begin_initiatives(change, begins, parts[1:] if goes_on else parts)
    _link([initiative], change.begun, begins)
    parted = [*([initiative] if goes_on else []), *change.begun]
    change.changes["分けた取組"] = (initiative.place, [each.place for each in parted])
    _record(change, "取組の分割", by, reason, initiative)
    _add_rows(change, manifesto, by, adds_rows=adds_rows)
    return change


def _change_parts(change: CatalogueChange, initiative: Initiative, part: Part, fiscal_year: int) -> None:
    """From a fiscal year on it has the part's departments. Projects and SDGs have no years: at once."""
    _require_departments(part, fiscal_year)
    duties = list(initiative.assignments.filter(holds_in(fiscal_year)).select_related("department"))
    before = [duty.department.name for duty in duties]
    for duty in duties:
        if duty.department in part.departments:
            continue
        if duty.from_fiscal_year is not None and duty.from_fiscal_year >= fiscal_year:
            duty.delete()
        else:
            duty.to_fiscal_year = fiscal_year - 1
            duty.save(update_fields=["to_fiscal_year"])
    staying = {duty.department for duty in duties}
    _give(initiative, [each for each in part.departments if each not in staying], fiscal_year)
    after = [each.name for each in part.departments]
    if sorted(before) != sorted(after):
        change.changes[f"{initiative.place} の担当課（{short_label(fiscal_year)}から）"] = (before, after)
    projects = [str(each) for each in initiative.plan_projects.all()]
    wanted = [str(each) for each in part.plan_projects]
    if sorted(projects) != sorted(wanted):
        initiative.plan_projects.set(part.plan_projects)
        change.changes[f"{initiative.place} の関連事業"] = (projects, wanted)
    sdgs = _goals(part)
    if sdgs != initiative.sdgs:
        change.changes[f"{initiative.place} の SDGs"] = (initiative.sdgs, sdgs)
        initiative.sdgs = sdgs
        initiative.save(update_fields=["sdgs"])
    if part.name is not None and part.name != initiative.name:
        change.changes[f"{initiative.place} の名前"] = (initiative.name, part.name)
        initiative.name = part.name
        initiative.save(update_fields=["name"])


# ---- Moving


@transaction.atomic
def move(
    pledge: Pledge, *, section: Category, position: int | None, number_label: str, by: User, reason: str
) -> CatalogueChange:
    """Moves a pledge to another section or position (None: the section's end). Raises RoundProblem.

    A place that a report has it at stays its own for ever, and leads to the new one from the next report on.
    """
    manifesto = manifesto_of(pledge)
    all_rounds = _begin(manifesto, by, reason)
    if correcting := next((each for each in all_rounds if each.state == RoundState.CORRECTING), None):
        words = (
            "%s の報告回が訂正中です。訂正した版の番号が変わらないように、訂正を終えてから移してください。"
        )
        raise CatalogueProblem(words % label(correcting.fiscal_year))
    change = CatalogueChange(_read(pledge))
    pledge = change.pledge
    if section.parent is None or section.manifesto_id != manifesto.pk:
        raise CatalogueProblem("移す先の項目を選んでください。", "section")
    if position is None and section.pk == pledge.section_id:
        raise CatalogueProblem("いまと同じ項目です。ほかの項目を選ぶか、順序を書いてください。", "section")
    position = next_position(section, pledge) if position is None else position
    if (section.pk, position) == (pledge.section_id, pledge.position):
        raise CatalogueProblem("いまと同じ場所です。移す先を選んでください。", "position")
    if why := why_taken(section, position, pledge):
        raise CatalogueProblem(why, "position")
    before, was = pledge.place, _standing(pledge)
    pledge.section, pledge.position, pledge.number_label = section, position, number_label.strip()
    pledge.save(update_fields=["section", "position", "number_label"])
    _leave(manifesto, pledge, before)
    change.changes = {name: (was[name], now) for name, now in _standing(pledge).items() if was[name] != now}
    _record(change, "公約の移動", by, reason)
    return change


def _standing(pledge: Pledge) -> dict[str, str]:
    return {"番号": pledge.place, "section": pledge.section.path, "number_label": pledge.number_label}


def _leave(manifesto: Manifesto, pledge: Pledge, place: str) -> None:
    """The place that a pledge has just left stays its own where a report has it there."""
    pledge.former_places.filter(place=pledge.place).delete()  # it has come back
    if place in published_places(manifesto.pk):
        FormerPlace.objects.create(manifesto=manifesto, pledge=pledge, place=place)


def _published_positions(section: Category) -> dict[str, int]:
    """The places in a section that reports have pledges at, with their positions."""
    above = (section.parent.number if section.parent else 0, section.number)
    placed = {key: pledge_numbers(key) for key in published_places(section.manifesto_id)}
    return {key: numbers[-1] for key, numbers in placed.items() if numbers[:-1] == above}


def unnamed_section(manifesto: Manifesto, category: Category | None = None) -> Category:
    """Where pledges of a field stand without a section, or without a field; made where it is not there."""
    above = category or _unnamed(manifesto, None)
    return _unnamed(manifesto, above)


def _unnamed(manifesto: Manifesto, parent: Category | None) -> Category:
    there, _is_new = Category.objects.get_or_create(
        manifesto=manifesto, parent=parent, name="", defaults={"number": UNNAMED}
    )
    return there


def next_position(section: Category, pledge: Pledge | None = None) -> int:
    """The position after all that a section has, or that reports have ever had in it. Raises
    CatalogueProblem.
    """
    others = section.pledges.exclude(pk=pledge.pk) if pledge else section.pledges
    last: int = others.aggregate(last=Max("position", default=0))["last"]
    return sound_position(section, max([last, *_published_positions(section).values()]) + 1)


def sound_position(section: Category, position: int) -> int:
    """The position, if addresses have it. Raises CatalogueProblem."""
    if position > HIGHEST:
        words = "「%s」には、公約を %d 件までしか置けません。ほかの項目に分けてください。"
        raise CatalogueProblem(words % (section.path, HIGHEST))
    return position


def why_taken(section: Category, position: int, pledge: Pledge | None = None) -> str:
    """Why a pledge (None, or without key: a new one) cannot stand there; "" where it can."""
    is_kept = pledge is not None and pledge.pk is not None
    own = set(places_of(_read(pledge))) if pledge is not None and is_kept else set()
    place = section.place_of(position)
    if not 1 <= position <= HIGHEST:
        return f"1 から {HIGHEST} までの数で書いてください。空欄にすると最後に加わります。"
    if place in own:
        return ""
    if other := section.pledges.filter(position=position).first():
        return f"{place} には、別の公約「{other.text[:40]}」があります。"
    if place in _published_positions(section) or section.manifesto.former_places.filter(place=place).exists():
        return TAKEN_BY_ANOTHER.format(place)
    return ""


# ---- What all of them do


def _begin(manifesto: Manifesto, by: User, reason: str) -> list[ReportingRound]:
    """Permission, reason, and the locks from the top down; returns the rounds, oldest first."""
    if not permissions.may_change_pledges(by):
        raise CatalogueProblem("公約を変えられるのは企画の職員だけです。")
    if says_nothing(reason):
        raise CatalogueProblem("理由を書いてください。", "reason")
    one_writer.wait_for_turn()
    return rounds.lock_all(manifesto.pk)


def _read(pledge: Pledge) -> Pledge:
    """As it stands now: what was read before the lock may be old."""
    return Pledge.objects.select_related("section__parent", "section__manifesto").get(pk=pledge.pk)


def _require_text(text: str) -> None:
    if says_nothing(text):
        raise CatalogueProblem("公約の文を書いてください。", "text")


def told_twin(manifesto: Manifesto, text: str) -> str:
    """Where a pledge stands that says the same, as tables know it again, in a sentence; "" for none."""
    found = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
    twins = (each for each in found.order_by(*PLEDGE_PLACE) if fold(each.text) == fold(text))
    return next((f"同じ文の公約が {each.place}（{each.section.path}）にあります。" for each in twins), "")


def _require_departments(part: Part, fiscal_year: int) -> None:
    for department in part.departments:
        if term_in(fiscal_year, department.first_fiscal_year, department.last_fiscal_year) != "current":
            words = f"「{department}」は、{label(fiscal_year)} にはない課です。その年度の課を選んでください。"
            raise CatalogueProblem(words, "departments")


def _begin_initiatives(change: CatalogueChange, first_fiscal_year: int, parts: Iterable[Part]) -> None:
    """Makes new initiatives at the pledge's end, with their duties from that year on."""
    pledge = change.pledge
    earliest = first_open_year(pledge.section.manifesto)
    if not earliest <= first_fiscal_year <= rounds.FISCAL_YEARS[-1]:
        words = "新しい取組は、%s より前からは始められません。それまでの年度の報告は、もう集め終えています。"
        raise CatalogueProblem(words % label(earliest), "first_fiscal_year")
    last: int = pledge.initiatives.aggregate(last=Max("position", default=0))["last"]
    for position, part in enumerate(parts, start=last + 1):
        _require_departments(part, first_fiscal_year)
        made = Initiative.objects.create(
            pledge=pledge,
            position=position,
            first_fiscal_year=first_fiscal_year,
            sdgs=_goals(part),
            name=part.name or "",
        )
        made.plan_projects.set(part.plan_projects)
        _give(made, part.departments, first_fiscal_year)
        change.begun.append(made)


def _goals(part: Part) -> list[int] | None:
    return None if part.sdgs is None else sorted(part.sdgs)


def _give(initiative: Initiative, departments: Iterable[Department], fiscal_year: int) -> None:
    """Gives departments the duty from a fiscal year on, after those that have it."""
    last: int = initiative.assignments.aggregate(last=Max("position", default=0))["last"]
    Assignment.objects.bulk_create(
        Assignment(
            initiative=initiative, department=department, position=position, from_fiscal_year=fiscal_year
        )
        for position, department in enumerate(dict.fromkeys(departments), start=last + 1)
    )


def _link(before: Sequence[Initiative], after: Sequence[Initiative], fiscal_year: int) -> None:
    InitiativeContinuation.objects.bulk_create(
        InitiativeContinuation(predecessor=old, successor=new, fiscal_year=fiscal_year)
        for old in before
        for new in after
    )


def _add_rows(change: CatalogueChange, manifesto: Manifesto, by: User, *, adds_rows: bool) -> None:
    """Rows in the running round for what begins by its year."""
    round = running_round(manifesto)
    begun = [each for each in change.begun if round and each.first_fiscal_year <= round.fiscal_year]
    if adds_rows and round and begun:
        change.rows_added = rounds.add_missing(round, by=by, only=begun)


def _record(
    change: CatalogueChange, act: str, by: User, reason: str, initiative: Initiative | None = None
) -> None:
    """One event, under the pledge or one initiative of it; what ended and began is told by place."""
    about: Pledge | Initiative = initiative or change.pledge
    content = {
        "act": act,
        "model": str(about._meta.verbose_name),
        "name": str(about),
        "place": about.place,
        "manifesto": manifesto_of(change.pledge).slug,
        "changes": {name: list(pair) for name, pair in change.changes.items()},
        "ended": [[each.place, each.last_fiscal_year] for each in change.ended],
        "begun": [[each.place, each.first_fiscal_year, _in_charge(each)] for each in change.begun],
        "rows_gone": [list(each) for each in change.rows_gone],
    }
    told = {name: value for name, value in content.items() if value not in ({}, [])}
    subject = f"{about._meta.model_name}:{about.pk}"
    events.record(
        by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=told, reason=reason.strip()
    )


def _in_charge(initiative: Initiative) -> list[str]:
    return [duty.department.name for duty in initiative.assignments.select_related("department")]

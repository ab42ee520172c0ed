"""What bringing pledges in does, by name: before it is done, beside the button."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db.models import Prefetch

from tracker.cycle.term_pledges import BroughtIn
from tracker.models import Assignment, Category, Indicator, Initiative, Pledge
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import short_label
from tracker.words.indicators import said
from tracker.words.sdgs import GOALS


@dataclass(frozen=True)
class ToldInitiative:
    """A new initiative in words."""

    departments: str
    more: str
    lost: str


@dataclass(frozen=True)
class ToldPledge:
    """A new pledge: where it will stand, what it says, what it carries on, and its initiatives."""

    place: str
    category: str
    section: str
    words: str
    former: str
    initiatives: list[ToldInitiative]


@dataclass(frozen=True)
class BringingTold:
    """All of it; what was there already is told apart."""

    year: str
    pledges: list[ToldPledge]
    categories: list[str]
    projects: list[str]
    linked: list[str]
    there: list[str]
    without: list[str]
    lost: list[tuple[str, str]]
    measured: list[str]  # indicators that come along

    @property
    def initiative_count(self) -> int:
        return sum(len(each.initiatives) for each in self.pledges)

    @property
    def does_nothing(self) -> bool:
        return not self.pledges and not self.linked

    @property
    def digest(self) -> str:
        """Stands for what was shown: the same while nobody else has changed anything."""
        return sha256(canonical_json(asdict(self)))


def bringing_in_words(done: BroughtIn) -> BringingTold:
    """Inside the transaction that has done it."""
    lost = {initiative.pk: names for initiative, names in done.left_behind}
    duties = Prefetch("assignments", Assignment.objects.with_department())
    initiatives = Prefetch(
        "initiatives", Initiative.objects.order_by("position").prefetch_related(duties, "plan_projects")
    )
    made = Pledge.objects.filter(pk__in=[each.pk for each in done.made]).order_by(*PLEDGE_PLACE)
    found = made.select_related("section__parent", "continues__section__parent")
    pledges = list(found.prefetch_related(initiatives))
    return BringingTold(
        short_label(done.first_fiscal_year),
        [_told_pledge(each, lost) for each in pledges],
        [_category(each) for each in done.categories],
        [str(each) for each in done.plan_projects],
        [_linked(each) for each in done.linked],
        [f"{each.place} {each}" for each in done.there],
        [_initiative(each) for each in done.without],
        [(_initiative(each), "、".join(names)) for each, names in done.left_behind],
        [_indicator(each) for each in done.indicators],
    )


def _indicator(indicator: Indicator) -> str:
    """「1-1-1-1：相談件数（目標：令和7年度 1,500 件）」."""
    targets = (f"{short_label(year)} {said(indicator, number)}" for year, number in indicator.targets.items())
    return f"{indicator.initiative.place}：{indicator.name}（目標：{'、'.join(targets) or 'まだありません'}）"


def _category(category: Category) -> str:
    return f"{'項目' if category.parent else '分野'} {category.place}　{category.called}"


def _linked(pledge: Pledge) -> str:
    return f"{pledge.place} {pledge}（前の任期の {pledge.continues.place if pledge.continues else ''}）"


def _initiative(initiative: Initiative) -> str:
    return f"{initiative.place} {initiative.pledge}"


def _told_pledge(pledge: Pledge, lost: Mapping[int, Sequence[str]]) -> ToldPledge:
    section, former = pledge.section, pledge.continues
    return ToldPledge(
        pledge.place,
        str(above := section.parent or section) or above.called,
        str(section),
        str(pledge),
        f"{former.place} {former}" if former else "",
        [_told_initiative(each, lost.get(each.pk, ())) for each in pledge.initiatives.all()],
    )


def _told_initiative(initiative: Initiative, lost: Sequence[str]) -> ToldInitiative:
    offices = "、".join(duty.department.name for duty in initiative.assignments.all())
    more = [f"「{initiative.name}」"] if initiative.name else []
    more += [str(each) for each in initiative.plan_projects.all()]
    if initiative.sdgs:
        goals = (GOALS[number] for number in initiative.sdgs)
        more.append(f"SDGs {'、'.join(f'{goal.number} {goal.name}' for goal in goals)}")
    elif initiative.sdgs == []:
        more.append("SDGs なし")
    return ToldInitiative(offices, "／".join(more), "、".join(lost))

"""A small workspace made by hand: last year published, this year's round open. Quicker than the city's own
table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.staff.people import Cast, make_cast, open_round
from tracker.choices import ActionState, RoundState
from tracker.models import (
    Assignment,
    Category,
    Department,
    Event,
    Initiative,
    Manifesto,
    Pledge,
    Rating,
    Report,
    ReportingRound,
    YearlyAction,
)
from tracker.reports import publishing

LAST_YEAR, THIS_YEAR = 2023, 2024
# Code, label and percentage of a scale's steps, best first.
LETTERS = (("A", "達成", 100), ("B", "おおむね達成", 75), ("C", "一部達成", 50))


@dataclass(frozen=True)
class Workspace:
    """Initiatives by turns of `mine`, `theirs`, both, and nobody; last year all had the second rating (B)."""

    manifesto: Manifesto
    last_round: ReportingRound
    round: ReportingRound
    cast: Cast
    mine: Department
    theirs: Department
    ratings: dict[str, Rating]

    def rows(self) -> list[YearlyAction]:
        """This year's rows in the table's order, as they stand now."""
        return list(
            YearlyAction.objects.filter(round=self.round).with_place().with_departments().in_table_order()
        )

    def row(self, number: int = 1) -> YearlyAction:
        """One of this year's rows, counted from 1: 1 is `mine`'s, 2 `theirs`', 3 both's, 4 nobody's."""
        return self.rows()[number - 1]


def make_workspace(
    count: int = 4,
    *,
    slug: str = "2021",
    cast: Cast | None = None,
    steps: Sequence[tuple[str, str, int | None]] = LETTERS,
) -> Workspace:
    """`count` initiatives of one pledge, imported and published for last year. `cast` are the people of
    another workspace.
    """
    manifesto = Manifesto.objects.create(slug=slug, title="市長マニフェスト", first_fiscal_year=2021)
    ratings = {
        code: Rating.objects.create(
            manifesto=manifesto, position=position, code=code, label=label, percent=percent
        )
        for position, (code, label, percent) in enumerate(steps, start=1)
    }
    field = Category.objects.create(manifesto=manifesto, number=1, name="まち")
    section = Category.objects.create(manifesto=manifesto, parent=field, number=1, name="道路")
    pledge = Pledge.objects.create(section=section, position=1, number_label="①", text="駅を直します")
    mine, _ = Department.objects.get_or_create(code="001", defaults={"name": "土木課"})
    theirs, _ = Department.objects.get_or_create(code="002", defaults={"name": "農政課"})
    initiatives = Initiative.objects.bulk_create(
        Initiative(pledge=pledge, position=position, first_fiscal_year=2021)
        for position in range(1, count + 1)
    )
    duties = [(mine,), (theirs,), (mine, theirs), ()]
    Assignment.objects.bulk_create(
        Assignment(initiative=initiative, department=department, position=position)
        for number, initiative in enumerate(initiatives)
        for position, department in enumerate(duties[number % 4], start=1)
    )
    last_round = ReportingRound.objects.create(
        manifesto=manifesto,
        fiscal_year=LAST_YEAR,
        as_of=date(LAST_YEAR + 1, 3, 31),
        state=RoundState.PUBLISHED,
    )
    YearlyAction.objects.bulk_create(
        YearlyAction(
            initiative=initiative, round=last_round, result="・調べました。", plan="・工事を始めます。",
            rating=ratings[steps[1][0]], state=ActionState.APPROVED, is_imported=True,
        )
        for initiative in initiatives
    )  # fmt: skip
    publishing.publish(last_round, by="取込")
    cast = cast or make_cast(mine, theirs)
    return Workspace(
        manifesto, last_round, open_round(manifesto, cast.planner, THIS_YEAR), cast, mine, theirs, ratings
    )


def transitions(action: YearlyAction) -> list[tuple[str, str]]:
    """From and to of each of a row's events."""
    return list(
        Event.objects.filter(subject=action.subject).order_by("number").values_list("from_state", "to_state")
    )


def newest_report(manifesto: Manifesto) -> Report:
    return Report.objects.filter(manifesto=manifesto).latest("pk")

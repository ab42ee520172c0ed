"""A term after that of the small workspace: three pledges, of which two carry on its one."""

from dataclasses import dataclass

from tests.half_years import approve, publish, rows_of
from tests.staff.people import open_round
from tests.workspace import LETTERS, Workspace
from tracker.models import Category, Initiative, Manifesto, Pledge, Rating, Report, ReportingRound

SLUG, YEAR = "2025", 2025


@dataclass(frozen=True)
class NextTerm:
    """Its pledges ① and ③ carry on 「駅を直します」, ② is new; each has one initiative, nobody's."""

    former: Workspace
    manifesto: Manifesto
    pledges: list[Pledge]
    round: ReportingRound

    def publish(self) -> Report:
        """Its first report, with all rows approved."""
        rated = {"rating_id": self.manifesto.ratings.get(code="C").pk, "is_unrated": False}
        for row in rows_of(self.round):
            approve(self.former, row, **rated, rating_reason="初めての評価")
        return publish(self.round)


def make_next_term(space: Workspace) -> NextTerm:
    """Begun and open, with nothing published."""
    manifesto = Manifesto.objects.create(slug=SLUG, title="新しい約束", first_fiscal_year=YEAR)
    Rating.objects.bulk_create(
        Rating(manifesto=manifesto, position=position, code=code, label=label, percent=percent)
        for position, (code, label, percent) in enumerate(LETTERS, start=1)
    )
    field = Category.objects.create(manifesto=manifesto, number=1, name="まち")
    section = Category.objects.create(manifesto=manifesto, parent=field, number=1, name="駅")
    former = Pledge.objects.get(section__manifesto=space.manifesto)
    words = (("①", "駅の南口を直します"), ("②", "図書館を建てます"), ("③", "駅前を直します"))
    pledges = [
        Pledge.objects.create(
            section=section,
            position=position,
            number_label=label,
            text=text,
            continues=None if label == "②" else former,
        )
        for position, (label, text) in enumerate(words, start=1)
    ]
    Initiative.objects.bulk_create(
        Initiative(pledge=pledge, position=1, first_fiscal_year=YEAR) for pledge in pledges
    )
    return NextTerm(space, manifesto, pledges, open_round(manifesto, space.cast.planner, YEAR))


def publish_last_year(space: Workspace) -> Report:
    """The former term's last report: two rows approved, one of them better rated, the others carried."""
    first, second, *_ = space.rows()
    better = {"rating_id": space.ratings["A"].pk, "rating_reason": "開通したため"}
    approve(space, first, **better)
    approve(space, second)
    return publish(space.round, unapproved_reason="確認中")

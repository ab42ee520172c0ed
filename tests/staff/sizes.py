"""Rounds of any size, written directly: to count queries, and for what the city's table does not have."""

from datetime import timedelta

from django.utils import timezone

from tests.staff.people import Cast, make_cast, open_round
from tracker.choices import ActionState
from tracker.models import (
    Assignment,
    Category,
    Department,
    Initiative,
    Manifesto,
    Pledge,
    Rating,
    Report,
    ReportEntry,
    ReportingRound,
    YearlyAction,
)

DEPARTMENTS = 50


def sized_round(count: int) -> tuple[ReportingRound, Cast]:
    """An open round with `count` submitted rows of unchanged rating; every tenth has two departments."""
    manifesto = Manifesto.objects.create(slug="2017", title="市長マニフェスト", first_fiscal_year=2021)
    rating = Rating.objects.create(manifesto=manifesto, position=1, code="A", label="達成", percent=100)
    Rating.objects.create(manifesto=manifesto, position=2, code="B", label="一部達成", percent=50)
    names = [Department(code=f"d{number:02}", name=f"第{number}課") for number in range(DEPARTMENTS)]
    departments = Department.objects.bulk_create(names)
    cast = make_cast(*departments[:2])
    field = Category.objects.create(manifesto=manifesto, number=1, name="分野")
    section = Category.objects.create(manifesto=manifesto, parent=field, number=1, name="項目")
    pledges = Pledge.objects.bulk_create(
        [
            Pledge(section=section, position=number, text=f"公約{number}を進めます")
            for number in range(1, count + 1)
        ],
        batch_size=500,
    )
    initiatives = Initiative.objects.bulk_create(
        [Initiative(pledge=pledge, position=1, first_fiscal_year=2021) for pledge in pledges], batch_size=500
    )
    duties = [
        Assignment(
            initiative=initiative,
            department=departments[(index + further) % DEPARTMENTS],
            position=further + 1,
        )
        for index, initiative in enumerate(initiatives)
        for further in range(2 if index % 10 == 0 else 1)
    ]
    Assignment.objects.bulk_create(duties, batch_size=500)
    round = open_round(manifesto, cast.planner)
    rows = YearlyAction.objects.filter(round=round)
    rows.update(
        result="・会議を開きました。",
        plan="・工事を始めます。",
        rating=rating,
        was_reported=True,
        reference_rating=rating,
        state=ActionState.DRAFT,
    )
    rows.update(state=ActionState.SUBMITTED, submitted_by=cast.clerk, submitted_at=timezone.now())
    return round, cast


def overdue(round: ReportingRound, days: int = 3) -> None:
    """Lets a round's due date be some days ago."""
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=90), "due_on": today - timedelta(days=days)}
    ReportingRound.objects.filter(pk=round.pk).update(**dates)
    round.refresh_from_db()


def report_of(round: ReportingRound, action: YearlyAction, **values: object) -> ReportEntry:
    """A further report of the round's manifesto with one entry, that of the row."""
    report = Report.objects.create(
        manifesto=round.manifesto,
        slug=round.manifesto.slug,
        title="表題",
        as_of=round.as_of,
        fiscal_year=round.fiscal_year,
        published_at=timezone.now(),
        published_by="企画",
        entry_count=1,
        digest="0" * 64,
    )
    pledge = action.initiative.pledge
    return ReportEntry.objects.create(
        report=report,
        position=1,
        key=action.place,
        category_number=1,
        category_name="分野",
        section_number=1,
        section_name="項目",
        pledge_key=pledge.place,
        pledge_text=pledge.text,
        initiative_position=action.initiative.position,
        content_digest="0" * 64,
        **values,
    )

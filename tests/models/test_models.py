"""The database's own rules, each with a message that a person can read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tracker.choices import ActionState, Role, RoundState
from tracker.models import (
    Assignment,
    Category,
    Department,
    DepartmentSuccession,
    Event,
    Initiative,
    Manifesto,
    Membership,
    PlanProject,
    Pledge,
    Rating,
    Reminder,
    Report,
    ReportEntry,
    ReportingRound,
    User,
    YearlyAction,
)

NOW, TODAY = datetime(2024, 6, 1, tzinfo=UTC), date(2024, 6, 1)

pytestmark = pytest.mark.django_db


@dataclass
class Cast:
    """One row of everything."""

    manifesto: Manifesto
    rating: Rating
    category: Category
    section: Category
    pledge: Pledge
    project: PlanProject
    initiative: Initiative
    department: Department
    other: Department
    user: User
    round: ReportingRound
    report: Report


@pytest.fixture
def cast() -> Cast:
    manifesto = Manifesto.objects.create(slug="2021", title="マニフェスト", first_fiscal_year=2021)
    category = Category.objects.create(manifesto=manifesto, number=1, name="まち")
    section = Category.objects.create(manifesto=manifesto, parent=category, number=1, name="道路")
    pledge = Pledge.objects.create(section=section, position=1, number_label="①", text="駅を直します")
    initiative = Initiative.objects.create(pledge=pledge, position=1, first_fiscal_year=2021)
    department = Department.objects.create(code="001", name="土木課")
    round = ReportingRound.objects.create(
        manifesto=manifesto, fiscal_year=2023, state=RoundState.OPEN, as_of=date(2024, 3, 31)
    )
    user = User.objects.create(username="hanako", password="x")
    Assignment.objects.create(initiative=initiative, department=department, position=1)
    Membership.objects.create(user=user, department=department)
    YearlyAction.objects.create(initiative=initiative, round=round)
    other = Department.objects.create(code="002", name="農政課")
    DepartmentSuccession.objects.create(predecessor=department, successor=other, fiscal_year=2024)
    for reminded in (department, None):
        Reminder.objects.create(
            round=round, department=reminded, sent_on=TODAY, sent_at=NOW, sent_by="x", row_count=1
        )
    return Cast(
        manifesto,
        Rating.objects.create(manifesto=manifesto, position=1, code="A", label="達成", percent=100),
        category,
        section,
        pledge,
        PlanProject.objects.create(manifesto=manifesto, code="2-2-3①③", base_code="2-2-3", name="駅前"),
        initiative,
        department,
        other,
        user,
        round,
        report(manifesto),
    )


def report(manifesto: Manifesto, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "manifesto": manifesto, "slug": "2021", "title": "表", "as_of": date(2024, 3, 31), "fiscal_year": 2023,
        "published_at": NOW, "published_by": "x", "ratings": [], "years": [], "entry_count": 9,
        "digest": "0" * 64,
    }  # fmt: skip
    return Report.objects.create(**values | changes)


def action(cast: Cast, **values: Any) -> YearlyAction:
    second = Initiative.objects.create(pledge=cast.pledge, position=2, first_fiscal_year=2021)
    return YearlyAction(initiative=second, round=cast.round, **values)


def second_user() -> User:
    return User.objects.create(username="taro", password="x")


Make = Callable[[Cast], models.Model]
BROKEN: dict[str, tuple[Make, str]] = {
    "rating_code_once": (lambda c: Rating(manifesto=c.manifesto, position=2, code="A", label="x"), "同じ記号の評価があります。"),
    "rating_position_once": (
        lambda c: Rating(manifesto=c.manifesto, position=1, code="B", label="x"),
        "同じ順序の評価があります。",
    ),
    "rating_percent_at_most_100": (
        lambda c: Rating(manifesto=c.manifesto, position=2, code="B", label="x", percent=101),
        "進捗率は 0 から 100 までです。",
    ),
    "category_number_once": (lambda c: Category(manifesto=c.manifesto, number=1, name="x"), "同じ番号の分野があります。"),
    "section_number_once": (
        lambda c: Category(manifesto=c.manifesto, parent=c.category, number=1, name="x"),
        "同じ番号の項目があります。",
    ),
    "pledge_position_once": (lambda c: Pledge(section=c.section, position=1, text="x"), "同じ順序の公約があります。"),
    "plan_project_once": (
        lambda c: PlanProject(manifesto=c.manifesto, code="2-2-3①③", base_code="2-2-3", name="駅前"),
        "同じ関連事業があります。",
    ),
    "initiative_position_once": (
        lambda c: Initiative(pledge=c.pledge, position=1, first_fiscal_year=2021),
        "同じ順序の取組があります。",
    ),
    "initiative_ends_after_start": (
        lambda c: Initiative(pledge=c.pledge, position=2, first_fiscal_year=2021, last_fiscal_year=2019),
        "終わりの年度が、始まりの年度より前です。",
    ),
    "living_department_name_once": (lambda c: Department(code="009", name="土木課"), "同じ名称の担当課があります。"),
    "department_ends_after_start": (
        lambda c: Department(code="009", name="x課", first_fiscal_year=2021, last_fiscal_year=2020),
        "最後の年度が、設置年度より前です。",
    ),
    "succession_once": (
        lambda c: DepartmentSuccession(predecessor=c.department, successor=c.other, fiscal_year=2024),
        "同じ引継ぎがあります。",
    ),
    "succession_to_another": (
        lambda c: DepartmentSuccession(predecessor=c.department, successor=c.department, fiscal_year=2025),
        "引継ぎ先が同じ課です。",
    ),
    "assignment_once": (
        lambda c: _second(c, Assignment(initiative=c.initiative, department=c.other, position=3, from_fiscal_year=2023)),
        "同じ担当が登録されています。",
    ),
    "assignment_without_start_once": (
        lambda c: Assignment(initiative=c.initiative, department=c.department, position=2),
        "同じ担当が登録されています。",
    ),
    "assignment_position_once": (
        lambda c: Assignment(initiative=c.initiative, department=c.other, position=1),
        "同じ順序の担当があります。",
    ),
    "assignment_ends_after_start": (
        lambda c: Assignment(initiative=c.initiative, department=c.other, position=2, from_fiscal_year=2023, to_fiscal_year=2022),
        "最終年度が、開始年度より前です。",
    ),
    "user_role_known": (lambda c: User(username="x", password="x", role="mayor"), "その役割はありません。"),
    "membership_once": (lambda c: Membership(user=c.user, department=c.department), "すでに所属しています。"),
    "round_once": (
        lambda c: ReportingRound(manifesto=c.manifesto, fiscal_year=2023, state=RoundState.CLOSED, as_of=date(2024, 3, 31)),
        "この年度の報告回はすでにあります。",
    ),
    "one_open_round": (
        lambda c: ReportingRound(manifesto=c.manifesto, fiscal_year=2024, state=RoundState.OPEN, as_of=date(2025, 3, 31)),
        "受付中の報告回がほかにあります。",
    ),
    "round_state_known": (
        lambda c: ReportingRound(manifesto=c.manifesto, fiscal_year=2024, state="asleep", as_of=date(2025, 3, 31)),
        "その状態はありません。",
    ),
    "round_due_after_opening": (
        lambda c: ReportingRound(
            manifesto=c.manifesto, fiscal_year=2024, state=RoundState.CLOSED, as_of=date(2025, 3, 31),
            opens_on=date(2025, 4, 2), due_on=date(2025, 4, 1),
        ),
        "締切日が受付開始日より前です。",
    ),
    "one_action_per_year": (lambda c: YearlyAction(initiative=c.initiative, round=c.round), "この年度の取組はすでにあります。"),
    "action_state_known": (lambda c: action(c, state="lost"), "その状態はありません。"),
    "returned_needs_reason": (lambda c: action(c, state=ActionState.RETURNED), ("差し戻すときは、" "理由を書いてください。")),
    "return_field_known": (lambda c: action(c, return_field="mayor"), ("差戻しの対象が、" "入力欄ではありません。")),
    "submitted_needs_submitter": (lambda c: action(c, state=ActionState.SUBMITTED), "提出した人が記録されていません。"),
    "approved_needs_approver": (
        lambda c: action(c, state=ActionState.APPROVED, submitted_by=c.user, submitted_at=NOW),
        "承認した人が記録されていません。",
    ),
    "changed_rating_needs_reason": (
        lambda c: action(
            c, state=ActionState.SUBMITTED, submitted_by=c.user, submitted_at=NOW, was_reported=True, reference_rating=c.rating
        ),
        "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
    ),
    "rated_or_unrated": (
        lambda c: action(c, rating=c.rating, is_unrated=True),
        "評価を選ぶか、評価を付けないか、どちらかにしてください。",
    ),
    "one_reminder_a_day": (
        lambda c: Reminder(round=c.round, department=c.department, sent_on=TODAY, sent_at=NOW, sent_by="x", row_count=1),
        "この課には、今日すでに送っています。",
    ),
    "one_reminder_to_planning_a_day": (
        lambda c: Reminder(round=c.round, sent_on=TODAY, sent_at=NOW, sent_by="x", row_count=1),
        "企画には、今日すでに送っています。",
    ),
    "nobody_approves_their_own": (
        lambda c: action(c, submitted_by=c.user, approved_by=c.user),
        "自分が提出したものは承認できません。",
    ),
    "correction_needs_reason": (
        lambda c: Report(**report_values(c, edition=2)),
        "訂正するときは、理由を書いてください。",
    ),
}  # fmt: skip


def _second(cast: Cast, assignment: Assignment) -> Assignment:
    Assignment.objects.create(
        initiative=cast.initiative, department=cast.other, position=2, from_fiscal_year=2023
    )
    return assignment


def report_values(cast: Cast, **changes: Any) -> dict[str, Any]:
    names = [field.name for field in Report._meta.concrete_fields if field.name != "id"]
    return {name: getattr(cast.report, name) for name in names} | changes


def messages(row: models.Model) -> list[str]:
    """All messages of a full validation."""
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return [message for found in caught.value.message_dict.values() for message in found]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_told_in_words(cast: Cast, name: str) -> None:
    make, message = BROKEN[name]
    row = make(cast)
    assert messages(row) != []
    with pytest.raises(ValidationError) as caught:
        row.validate_constraints()
    assert caught.value.messages == [message]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused_by_the_database(cast: Cast, name: str) -> None:
    row = BROKEN[name][0](cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_every_constraint_is_tested_or_guarded_by_a_trigger() -> None:
    models_of_ours = (
        *(
            Assignment,
            Category,
            Department,
            DepartmentSuccession,
            Event,
            Initiative,
            Manifesto,
            Membership,
            PlanProject,
            Pledge,
        ),
        *(Rating, Reminder, Report, ReportEntry, ReportingRound, User, YearlyAction),
    )
    names = {constraint.name for model in models_of_ours for constraint in model._meta.constraints}
    by_trigger = {"report_edition_once", "entry_position_once", "entry_key_once", "entry_position_from_1"}
    assert names == set(BROKEN) | by_trigger


def test_an_entrys_position_begins_at_one(cast: Cast) -> None:
    names = {field.name for field in ReportEntry._meta.concrete_fields}
    texts = dict.fromkeys(
        ("key", "category_name", "section_name", "pledge_key", "pledge_text", "content_digest"), "x"
    )
    numbers = dict.fromkeys(("category_number", "section_number", "initiative_position"), 1)
    assert set(texts) | set(numbers) < names
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportEntry.objects.create(report=cast.report, position=0, **texts, **numbers)  # type: ignore[misc]


@pytest.mark.parametrize(
    "make",
    [
        lambda c: Category(manifesto=c.manifesto, number=2, name="x"),
        lambda c: Initiative(pledge=c.pledge, position=2, first_fiscal_year=2021, last_fiscal_year=2020),
        lambda c: Department(code="009", name="土木課", last_fiscal_year=2020),
        lambda c: Assignment(
            initiative=c.initiative,
            department=c.other,
            position=2,
            from_fiscal_year=2023,
            to_fiscal_year=2023,
        ),
        lambda c: action(c, state=ActionState.RETURNED, return_reason="直してください"),
        lambda c: action(c, submitted_by=c.user, approved_by=second_user()),
        lambda c: action(
            c, state=ActionState.APPROVED, submitted_by=c.user, submitted_at=NOW, approved_by=second_user()
        ),
        lambda c: action(c, state=ActionState.APPROVED, is_imported=True),
        lambda c: action(c, state=ActionState.APPROVED, is_imported=True, was_reported=True),
        lambda c: action(
            c,
            state=ActionState.APPROVED,
            is_imported=True,
            was_reported=True,
            rating=c.rating,
            reference_rating=c.rating,
        ),
        lambda c: action(
            c,
            state=ActionState.APPROVED,
            is_imported=True,
            was_reported=True,
            rating=c.rating,
            rating_reason="達成したため",
        ),
        lambda c: action(c, state=ActionState.DRAFT, was_reported=True, rating=c.rating),
        lambda c: Rating(manifesto=c.manifesto, position=2, code="B", label="x", percent=0),
    ],
)
def test_what_is_allowed_is_saved(cast: Cast, make: Make) -> None:
    row = make(cast)
    row.full_clean()
    row.save()
    assert row.pk is not None


@pytest.mark.parametrize("slug", ["", "Ａ", "A", "-a", "a_b", "a\n", "a/b"])
def test_a_slug_is_plain(slug: str) -> None:
    assert messages(Manifesto(slug=slug, title="x", first_fiscal_year=2021)) != []


def test_rows_name_themselves(cast: Cast) -> None:
    event = Event(number=3, subject="manifesto:2021")
    entry = ReportEntry(key="1-1-1-1", results={"2023": "・甲\n・乙"})
    assert [str(row) for row in vars(cast).values()] == [
        "マニフェスト", "A 達成", "1. まち", "(1) 道路", "①駅を直します", "2-2-3①③ 駅前", "①駅を直します (1)",
        "土木課", "農政課", "hanako", "2021 2023", "表 1",
    ]  # fmt: skip
    links = (DepartmentSuccession, Assignment, Membership, YearlyAction)
    assert [str(row) for model in links for row in model._default_manager.all()] == [
        "土木課 → 農政課", "土木課 ～", "hanako 土木課", "2023 ①駅を直します (1)",
    ]  # fmt: skip
    assert (str(event), str(entry)) == ("3 manifesto:2021", "1-1-1-1")
    assert str(User(username="x", last_name="企画", first_name="花子")) == "企画 花子"


@pytest.mark.parametrize(
    ("years", "year", "expected"),
    [
        ((None, None), 2023, True),
        ((2024, None), 2023, False),
        ((None, 2022), 2023, False),
        ((2022, 2023), 2023, True),
        ((2023, 2023), 2024, False),
    ],
)
def test_an_assignment_covers_its_years(
    years: tuple[int | None, int | None], year: int, expected: bool
) -> None:
    assert Assignment(from_fiscal_year=years[0], to_fiscal_year=years[1]).covers(year) is expected


def test_a_role_is_the_departments_unless_said() -> None:
    assert User(username="x").role == Role.DEPARTMENT


def test_the_list_leaves_out_what_only_a_pledges_page_shows(cast: Cast) -> None:
    assert "results" not in ReportEntry.objects.for_list().query.values_select


def test_an_entrys_lines(cast: Cast) -> None:
    entry = ReportEntry(results={"2023": "・甲\n・乙"}, plans={})
    assert (entry.text_lines("results", 2023), entry.text_lines("plans", 2024)) == (["・甲", "・乙"], [])

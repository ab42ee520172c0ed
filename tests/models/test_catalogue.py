"""What was promised: the rules of its tables, each with a message that a person can read, and its names."""

import pytest

from tests.models.breaking import Broken, Make, assert_allowed, assert_broken, constraints_of, messages
from tests.workspace import Workspace
from tracker.models import (
    Category,
    FormerPlace,
    Initiative,
    InitiativeContinuation,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
)

pytestmark = pytest.mark.django_db


def pledge(space: Workspace) -> Pledge:
    return space.row().initiative.pledge


def field(space: Workspace) -> Category:
    return space.manifesto.categories.get(parent=None)


def project(space: Workspace) -> PlanProject:
    """A plan project that is not there yet."""
    return PlanProject(manifesto=space.manifesto, code="2-2-3①③", base_code="2-2-3", name="駅前")


def second_project(space: Workspace) -> PlanProject:
    project(space).save()
    return project(space)


def second_former_place(space: Workspace) -> FormerPlace:
    FormerPlace.objects.create(manifesto=space.manifesto, pledge=pledge(space), place="1-1-9")
    return FormerPlace(manifesto=space.manifesto, pledge=pledge(space), place="1-1-9")


def continuation(space: Workspace, to: int) -> InitiativeContinuation:
    first, other = (space.row(number).initiative for number in (1, to))
    return InitiativeContinuation(predecessor=first, successor=other, fiscal_year=2024)


def second_continuation(space: Workspace) -> InitiativeContinuation:
    continuation(space, 2).save()
    return continuation(space, 2)


BROKEN: Broken = {
    "manifesto_years_in_order": (
        lambda s: Manifesto(slug="2025", title="x", first_fiscal_year=2025, last_fiscal_year=2024),
        "最後の年度は、最初の年度かそれより後にしてください。",
    ),
    "category_without_name_is_0": (
        lambda s: Category(manifesto=s.manifesto, parent=field(s), number=7, name=""),
        "名称のない分野・項目に、番号は付けられません。",
    ),
    "rating_without_rank_has_no_percent": (
        lambda s: Rating(manifesto=s.manifesto, position=9, code="Z", label="x", is_ranked=False, percent=50),
        "順序のない区分に、進捗率は付けられません。",
    ),
    "rating_code_once": (
        lambda s: Rating(manifesto=s.manifesto, position=9, code="A", label="x"),
        "同じ記号の評価があります。",
    ),
    "rating_position_once": (
        lambda s: Rating(manifesto=s.manifesto, position=1, code="S", label="x"),
        "同じ順序の評価があります。",
    ),
    "rating_percent_at_most_100": (
        lambda s: Rating(manifesto=s.manifesto, position=9, code="S", label="x", percent=101),
        "進捗率は 0 から 100 までです。",
    ),
    "category_number_once": (
        lambda s: Category(manifesto=s.manifesto, number=1, name="x"),
        "同じ番号の分野があります。",
    ),
    "section_number_once": (
        lambda s: Category(manifesto=s.manifesto, parent=field(s), number=1, name="x"),
        "同じ番号の項目があります。",
    ),
    "pledge_position_once": (
        lambda s: Pledge(section=pledge(s).section, position=1, text="x"),
        "同じ順序の公約があります。",
    ),
    "plan_project_once": (second_project, "同じ関連事業があります。"),
    "initiative_position_once": (
        lambda s: Initiative(pledge=pledge(s), position=1, first_fiscal_year=2021),
        "同じ順序の取組があります。",
    ),
    "initiative_ends_after_start": (
        lambda s: Initiative(pledge=pledge(s), position=9, first_fiscal_year=2021, last_fiscal_year=2019),
        "終わりの年度が、始まりの年度より前です。",
    ),
    "former_place_once": (second_former_place, "別の公約の以前の番号です。"),
    "continuation_once": (second_continuation, "同じ引継ぎがあります。"),
    "continuation_by_another": (lambda s: continuation(s, 1), "引継ぎ先が同じ取組です。"),
}
ALLOWED: dict[str, Make] = {
    "a term of one year": lambda s: Manifesto(
        slug="2025", title="x", first_fiscal_year=2025, last_fiscal_year=2025
    ),
    "another field": lambda s: Category(manifesto=s.manifesto, number=2, name="x"),
    "the same number in another field": lambda s: Category(
        manifesto=s.manifesto, parent=field(s), number=2, name="x"
    ),
    "a step that stands for no progress": lambda s: Rating(
        manifesto=s.manifesto, position=9, code="S", label="x", percent=0
    ),
    "an initiative that ended before it began": lambda s: Initiative(
        pledge=pledge(s), position=9, first_fiscal_year=2021, last_fiscal_year=2020
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused(space: Workspace, name: str) -> None:
    make, message = BROKEN[name]
    assert_broken(make(space), message)


def test_every_rule_is_tested() -> None:
    assert set(BROKEN) == constraints_of("catalogue")


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_saved(space: Workspace, name: str) -> None:
    assert_allowed(ALLOWED[name](space))


@pytest.mark.parametrize("slug", ["", "Ａ", "A", "-a", "a_b", "a/b"])
def test_a_slug_is_plain(slug: str) -> None:
    assert messages(Manifesto(slug=slug, title="x", first_fiscal_year=2021)) != []


def test_rows_name_themselves(space: Workspace) -> None:
    outline = [space.manifesto, field(space), pledge(space).section, pledge(space), space.row().initiative]
    names = ["市長マニフェスト", "1. まち", "(1) 道路", "①駅を直します", "①駅を直します (1)"]
    assert [str(row) for row in outline] == names
    assert (str(space.ratings["A"]), str(project(space))) == ("A 達成", "2-2-3①③ 駅前")

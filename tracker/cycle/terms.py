"""A term begins: a manifesto beside the former one, with years and scale; its beginning is taken back.

Its pledges are brought in by term_pledges.py. Once a round of it was opened, it is changed as any manifesto.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tracker.choices import EventKind
from tracker.cycle import events, manifestos, one_writer, permissions, rounds
from tracker.cycle.rounds import FISCAL_YEARS, RoundProblem
from tracker.models import (
    Assignment,
    ExtraColumn,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    Report,
    User,
)
from tracker.models.catalogue import MAX_TITLE, PLEDGE_PLACE
from tracker.words import codes
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import label
from tracker.words.folding import fold
from tracker.words.step_names import step_name
from tracker.words.typed_text import control_refusal, line_refusal
from tracker.words.visible import says_nothing

SCALE, COLUMNS = "実施状況の区分", "追加の項目"  # among an event's changes
BEGUN = "任期の開始"  # the act of an event
MOST_STEPS = 20
OVERTAKEN = (
    "この画面を開いたあとに、ほかの人が変えました。まだ保存していません。"
    "いまの内容（下）と比べて、あなたの入力でよければ、もう一度「保存する」を押してください。"
)


class TermProblem(RoundProblem):
    """What must not be done with a term, in words. `field` is the form's field that it is about, if any."""


class OvertakenTerm(TermProblem):
    """Somebody else has changed it since the form was opened."""


@dataclass(frozen=True)
class ScaleStep:
    """A step of a scale as it is to be; the first is the best."""

    code: str
    label: str
    definition: str = ""
    percent: int | None = None
    is_ranked: bool = True  # False: it stands outside the order
    from_rate: int | None = None

    def __str__(self) -> str:
        told = step_name(self.code, self.label) + ("" if self.percent is None else f"（{self.percent}％）")
        told += "" if self.is_ranked else "（順序なし）"
        told += "" if self.from_rate is None else f"（指標の達成率 {self.from_rate}％から）"
        return f"{told}：{self.definition}" if self.definition else told


def scale_of_term(manifesto: Manifesto) -> list[ScaleStep]:
    """The steps that a manifesto has, best first."""
    found = manifesto.ratings.order_by("position")
    return [
        ScaleStep(each.code, each.label, each.definition, each.percent, each.is_ranked, each.from_rate)
        for each in found
    ]


def former_of(manifesto: Manifesto) -> Manifesto | None:
    """The term before: of those that began earlier the last."""
    earlier = Manifesto.objects.filter(first_fiscal_year__lt=manifesto.first_fiscal_year)
    return earlier.order_by("first_fiscal_year", "pk").last()


def in_preparation() -> QuerySet[Manifesto]:
    """The terms that have begun and of which nothing is reported yet, the newest first."""
    reported = Report.objects.filter(manifesto=OuterRef("pk"))
    found = Manifesto.objects.filter(~Exists(reported), rounds=None)
    return found.order_by("-first_fiscal_year", "-pk")


def why_fixed(manifesto: Manifesto) -> str:
    """Why the beginning of a term is not changed here any more; "" where it can be."""
    if (round := manifesto.rounds.newest_first().first()) is not None:
        return f"{round.short_label} の報告回がもうあります。"
    return "公表版がもうあります。" if Report.objects.filter(manifesto=manifesto).exists() else ""


# ---- Title, years, scale


@transaction.atomic
def begin(
    *,
    title: str,
    first_fiscal_year: int,
    last_fiscal_year: int | None,
    by: User,
    slug: str = "",
    scale: Sequence[ScaleStep] = (),
) -> Manifesto:
    """Begins a term. Its addresses begin with `slug`, by default its first year. Raises RoundProblem.

    Heads confirm in it where they do in the term before, and its extra columns are that one's.
    """
    _wait(by)
    manifesto = Manifesto(
        slug=fold(slug) or str(first_fiscal_year),
        title=title.strip(),
        first_fiscal_year=first_fiscal_year,
        last_fiscal_year=last_fiscal_year,
    )
    _require_sound(manifesto, None)
    _require_slug(manifesto.slug)
    if scale:
        _require_steps(scale)
    former = former_of(manifesto)
    manifesto.section_check = former is not None and former.section_check
    manifesto.save()
    _write_steps(manifesto, scale)
    columns = _begin_columns(manifesto, former)
    told = {"slug": manifesto.slug, **_standing(manifesto)}
    told |= {"section_check": True} if manifesto.section_check else {}
    changes: dict[str, tuple[Any, Any]] = {name: (None, value) for name, value in told.items()}
    if scale:
        changes[SCALE] = (None, [str(step) for step in scale])
    if columns:
        changes[COLUMNS] = (None, [column.label for column in columns])
    record_term(manifesto, BEGUN, by, changes=changes)
    return manifesto


@transaction.atomic
def change(
    manifesto: Manifesto,
    *,
    title: str,
    first_fiscal_year: int,
    last_fiscal_year: int | None,
    by: User,
    seen: str = "",
) -> Manifesto:
    """Changes title or years of a term that has no round yet. What began with it moves along.

    `seen` is the `standing_digest` that the form began with; "" asks for no comparison. Raises RoundProblem.
    """
    manifesto = locked_term(manifesto, by)
    before, was_first, stood = _standing(manifesto), manifesto.first_fiscal_year, standing_digest(manifesto)
    manifesto.title, manifesto.last_fiscal_year = title.strip(), last_fiscal_year
    manifesto.first_fiscal_year = first_fiscal_year
    _require_sound(manifesto, was_first)
    after = _standing(manifesto)
    if before == after:
        return manifesto
    _require_seen(seen, stood)
    manifesto.save(update_fields=["title", "first_fiscal_year", "last_fiscal_year"])
    if was_first != first_fiscal_year:
        _move_beginnings(manifesto, was_first)
    changes = {name: (before[name], value) for name, value in after.items() if before[name] != value}
    record_term(manifesto, "任期の変更", by, changes=changes)
    return manifesto


@transaction.atomic
def set_scale(manifesto: Manifesto, steps: Sequence[ScaleStep], *, by: User, seen: str = "") -> None:
    """Gives a term that has no round yet another scale. Raises RoundProblem.

    `seen` is the `scale_digest` that the form began with; "" asks for no comparison.
    """
    manifesto = locked_term(manifesto, by)
    _require_steps(steps)
    before = scale_of_term(manifesto)
    if before == list(steps):
        return
    _require_seen(seen, scale_digest(before))
    manifesto.ratings.all().delete()
    _write_steps(manifesto, steps)
    changes = {SCALE: (list(map(str, before)), list(map(str, steps)))}
    record_term(manifesto, "任期の変更", by, changes=changes)


def standing_digest(manifesto: Manifesto) -> str:
    """Stands for title and years as they are."""
    return sha256(canonical_json(_standing(manifesto)))


def scale_digest(steps: Sequence[ScaleStep]) -> str:
    """Stands for a scale as it is."""
    return sha256(canonical_json([vars(step) for step in steps]))


def _require_seen(seen: str, stands: str) -> None:
    """Nobody saves over what somebody else has changed since the form was opened, without having seen it."""
    if seen and seen != stands:
        raise OvertakenTerm(OVERTAKEN)


def _standing(manifesto: Manifesto) -> dict[str, Any]:
    names = ("title", "first_fiscal_year", "last_fiscal_year")
    return {name: getattr(manifesto, name) for name in names}


def _require_slug(slug: str) -> None:
    try:
        Manifesto._meta.get_field("slug").run_validators(slug)
    except ValidationError as problem:
        raise TermProblem("".join(problem.messages), "slug") from problem
    if (other := Manifesto.objects.filter(slug=slug).first()) is not None:
        words = f"「{slug}」は、「{manifestos.name_of(other)}」のアドレスです。別の名前にしてください。"
        raise TermProblem(words, "slug")
    if Report.objects.filter(slug=slug).exists():
        raise TermProblem(f"「{slug}」には公表版があります。別の名前にしてください。", "slug")


def _require_sound(manifesto: Manifesto, was_first: int | None) -> None:
    """Title and years can be meant. `was_first` is the first year that it had, None for a new term."""
    title, first, last = manifesto.title, manifesto.first_fiscal_year, manifesto.last_fiscal_year
    if says_nothing(title):
        raise TermProblem("表題を書いてください。", "title")
    if len(title) > MAX_TITLE:
        raise TermProblem(f"表題は {MAX_TITLE} 文字までで書いてください。", "title")
    if words := control_refusal(title) or line_refusal(title):
        raise TermProblem(words, "title")
    for name, year in (("first_fiscal_year", first), ("last_fiscal_year", last)):
        if year is not None and year not in FISCAL_YEARS:
            words = f"西暦で、{FISCAL_YEARS[0]} から {FISCAL_YEARS[-1]} までの数で書いてください。"
            raise TermProblem(words, name)
    if last is not None and last < first:
        words = "最後の年度が、最初の年度（%s）より前です。年度を確かめてください。"
        raise TermProblem(words % label(first), "last_fiscal_year")
    _require_order(manifesto, was_first)


def _require_order(manifesto: Manifesto, was_first: int | None) -> None:
    """Terms follow each other: a new one comes last, and a change of years passes none."""
    for other in Manifesto.objects.exclude(pk=manifesto.pk):
        is_before = was_first is None or other.first_fiscal_year < was_first
        is_after = was_first is not None and other.first_fiscal_year > was_first
        told = (manifestos.name_of(other), label(other.first_fiscal_year))
        if is_before and manifesto.first_fiscal_year <= other.first_fiscal_year:
            words = "前の任期「%s」の最初の年度（%s）より後にしてください。"
            raise TermProblem(words % told, "first_fiscal_year")
        if is_after and manifesto.first_fiscal_year >= other.first_fiscal_year:
            words = "次の任期「%s」の最初の年度（%s）より前にしてください。"
            raise TermProblem(words % told, "first_fiscal_year")


def _move_beginnings(manifesto: Manifesto, was_first: int) -> None:
    """What began with the term begins with it still: initiatives, and the duties for them."""
    first = manifesto.first_fiscal_year
    begun = Initiative.objects.filter(pledge__section__manifesto=manifesto, first_fiscal_year=was_first)
    duties = Assignment.objects.filter(initiative__in=begun, from_fiscal_year=was_first)
    later = Assignment.objects.filter(initiative__in=begun, from_fiscal_year=first)
    taken = set(later.values_list("initiative", "department"))
    for duty in duties.order_by("pk"):
        is_over = duty.to_fiscal_year is not None and duty.to_fiscal_year < first
        if is_over or (duty.initiative_id, duty.department_id) in taken:
            duty.delete()
    duties.update(from_fiscal_year=first)
    begun.update(first_fiscal_year=first)


def _require_steps(steps: Sequence[ScaleStep]) -> None:
    if not steps:
        raise TermProblem("区分が 1 つもありません。記号と名称を、1 段階以上書いてください。")
    if len(steps) > MOST_STEPS:
        raise TermProblem(f"区分は {MOST_STEPS} 段階までにしてください。")
    for place, step in enumerate(steps, start=1):
        if words := _refusal(step):
            raise TermProblem(f"{place} 段階目：{words}")
    counted = Counter(step.code for step in steps)
    if twice := [code for code, count in counted.items() if count > 1]:
        words = "記号「%s」が 2 つあります。段階ごとに別の記号にしてください。"
        raise TermProblem(words % "」「".join(twice))


def _refusal(step: ScaleStep) -> str:
    """What is wrong with a step, as its form would say; "" where nothing is."""
    if says_nothing(step.code) or says_nothing(step.label):
        return "記号と名称を、どちらも書いてください。"
    if words := codes.rating_code_refusal(step.code):
        return words
    try:
        made = Rating(position=1, **vars(step))
        made.clean_fields(exclude=["manifesto", "code"])
        made.validate_constraints(exclude=["manifesto", "position"])
    except ValidationError as problem:
        return "".join(problem.messages)
    texts = (step.code, step.label, step.definition)
    return next((words for text in texts if (words := control_refusal(text) or line_refusal(text))), "")


def _write_steps(manifesto: Manifesto, steps: Sequence[ScaleStep]) -> None:
    Rating.objects.bulk_create(
        Rating(manifesto=manifesto, position=position, **vars(step))
        for position, step in enumerate(steps, start=1)
    )


def _begin_columns(manifesto: Manifesto, former: Manifesto | None) -> list[ExtraColumn]:
    """Gives a new term the extra columns of the former one that have not ended, under the same codes."""
    columns = list(former.extra_columns.filter(last_fiscal_year=None)) if former else []
    for column in columns:
        column.pk, column.manifesto, column.first_fiscal_year = None, manifesto, None
    return ExtraColumn.objects.bulk_create(columns)


# ---- Taking back


@dataclass(frozen=True)
class TermContents:
    """All that a term has, as JSON holds it: what its taking back would delete."""

    told: dict[str, Any]

    @property
    def digest(self) -> str:
        """What a person has looked at: it changes with everything that is typed."""
        return sha256(canonical_json(self.told))


def contents_of(manifesto: Manifesto) -> TermContents:
    """A term's scale, fields and pledges as they stand. A constant number of queries."""
    categories = manifesto.categories.select_related("parent").order_by("parent__number", "number")
    pledges = Pledge.objects.filter(section__manifesto=manifesto).order_by(*PLEDGE_PLACE)
    projects = PlanProject.objects.filter(manifesto=manifesto)
    columns = list(manifesto.extra_columns.values_list("label", flat=True))
    return TermContents(
        {
            **_standing(manifesto),
            "slug": manifesto.slug,
            SCALE: [str(step) for step in scale_of_term(manifesto)],
            **({COLUMNS: columns} if columns else {}),
            "categories": [[each.place, each.called] for each in categories],
            "plan_projects": [told_project(each) for each in projects],
            "pledges": told_pledges(pledges),
        }
    )


def told_project(project: PlanProject) -> list[str]:
    """A project as an event keeps it; its measure's number first, where its own code does not say it."""
    is_said = project.code.startswith(project.base_code)
    return ["" if is_said else project.base_code, str(project)]


def told_pledges(pledges: Any) -> list[list[Any]]:
    """Pledges as an event keeps them: place, words, what it carries on, and its initiatives."""
    found = pledges.select_related("section__parent", "continues__section__parent", "continues__section")
    of_initiatives = ("assignments__department", "plan_projects", "indicators")
    parts = found.prefetch_related(*(f"initiatives__{name}" for name in of_initiatives))
    return [
        [
            each.place,
            str(each),
            each.continues.place if each.continues else "",
            [_told_initiative(initiative) for initiative in each.initiatives.all()],
        ]
        for each in parts
    ]


def _told_initiative(initiative: Initiative) -> list[Any]:
    duties = [duty.department.name for duty in initiative.assignments.all()]
    told = [duties, [str(project) for project in initiative.plan_projects.all()], initiative.sdgs]
    indicators = [each.name for each in initiative.indicators.all()]
    more = [indicators, *([initiative.name] if initiative.name else [])]
    return [*told, *(more if any(more) else [])]


@transaction.atomic
def take_back(manifesto: Manifesto, *, by: User, reason: str, seen: str) -> None:
    """Takes the beginning of a term back as a whole, as long as no round of it was opened.

    `seen` is the digest of the contents that the person has looked at; the event keeps them. Raises
    RoundProblem.
    """
    manifesto = locked_term(manifesto, by)
    if says_nothing(reason):
        raise TermProblem("取り消す理由を書いてください。", "reason")
    contents = contents_of(manifesto)
    if seen != contents.digest:
        words = "確かめているあいだに、ほかの人が変えました。まだ取り消していません。"
        raise TermProblem(f"{words}下の内容をもう一度確かめてください。")
    later = Pledge.objects.filter(continues__section__manifesto=manifesto).exclude(
        section__manifesto=manifesto
    )
    if following := later.select_related("section__manifesto").first():
        words = "「%s」の公約が、この任期の公約を引き継いでいるので、取り消せません。"
        raise TermProblem(words % manifestos.name_of(following.section.manifesto))
    record_term(manifesto, "任期の取消し", by, reason=reason.strip(), gone=contents.told)
    manifesto.delete()


# ---- What all of them do


def locked_term(manifesto: Manifesto, by: User) -> Manifesto:
    """The term as it stands, locked with its rounds, if its beginning can be changed still."""
    manifesto = term_in_turn(manifesto, by)
    if why := why_fixed(manifesto):
        advice = "表題・年度・区分は「基本データ」で、公約は「公約の変更」で変えてください。"
        raise TermProblem(f"{why}{advice}")
    return manifesto


def term_in_turn(manifesto: Manifesto, by: User) -> Manifesto:
    """The term, read after waiting for one's turn. Raises TermProblem where it was taken back meanwhile."""
    _wait(by)
    found = Manifesto.objects.filter(pk=manifesto.pk).first()
    if found is None:
        raise TermProblem(rounds.TERM_GONE)
    rounds.lock_all(found.pk)
    return found


def _wait(by: User) -> None:
    if not permissions.may_begin_terms(by):
        raise TermProblem("任期を始められるのは企画の職員だけです。")
    one_writer.wait_for_turn()


def record_term(
    manifesto: Manifesto,
    act: str,
    by: User,
    *,
    reason: str = "",
    changes: dict[str, tuple[Any, Any]] | None = None,
    **more: Any,
) -> None:
    """One event about a term."""
    told = {"changes": {name: list(pair) for name, pair in (changes or {}).items()}, **more}
    content = {
        "act": act,
        "model": str(Manifesto._meta.verbose_name),
        "name": str(manifesto),
        **{name: value for name, value in told.items() if value not in ({}, [])},
    }
    subject = f"manifesto:{manifesto.slug}"
    events.record(by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=content, reason=reason)

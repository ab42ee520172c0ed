"""The files of initiatives with their duties, and of the plan projects that they belong to."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from import_export.fields import Field

from tracker.models import Assignment, Initiative, PlanProject, Pledge
from tracker.models.catalogue import PLACE
from tracker.staff.master.catalogue_resources import PlacedResource, PledgeResource, held_by
from tracker.staff.master.cell_values import NO_YEAR, NONE, YES, answer_in, in_lines, lines_in, year_in
from tracker.staff.master.resources import CellWidget, Key, MasterResource, PartsField, Row
from tracker.words.codes import plan_code
from tracker.words.folding import fold
from tracker.words.typed_text import in_one_line

IN_ORDER = ("pledge__section__manifesto", *PLACE)


class DutyLine(NamedTuple):
    """A department's duty for an initiative, as a line of a cell says it: 「015 2021-2023」."""

    code: str
    first: int | None
    last: int | None

    def __str__(self) -> str:
        return self.code + (f" {self.first or ''}-{self.last or ''}" if self.first or self.last else "")


def stored_duties(initiative: Initiative) -> list[DutyLine]:
    stored = sorted(
        initiative.assignments.all(), key=lambda duty: (duty.position, duty.from_fiscal_year or 0)
    )
    return [DutyLine(each.department.code, each.from_fiscal_year, each.to_fiscal_year) for each in stored]


def stored_projects(initiative: Initiative) -> list[PlanProject]:
    return sorted(initiative.plan_projects.all(), key=str)


def required_year_in(text: str) -> int:
    year = year_in(text)
    if year is None:
        raise ValueError(NO_YEAR)
    return year


def goals_in(text: str) -> list[int] | None:
    """Numbers of SDGs; none at all for なし, not known for blank."""
    text = text.strip()
    if text in {"", NONE}:
        return [] if text else None
    words = [fold(word) for word in re.split(r"[\s,、・，]+", text)]
    if not all(re.fullmatch(r"[1-9]|1[0-7]", word) for word in words):
        raise ValueError(f"「{text}」は読めません。1 から 17 までの数を、空白で区切って書いてください。")
    return list(dict.fromkeys(map(int, words)))


class InitiativeResource(PlacedResource[Initiative]):
    """Where an initiative ends is not in the file: ending is an act with a reason."""

    depths = (2, 3, 4)
    may_lack = ("取組の名前",)
    manifesto = Field("pledge__section__manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    first_fiscal_year = Field("first_fiscal_year", "始まりの年度", CellWidget(required_year_in))
    duties = PartsField("duties_read", "担当課", stored_duties, in_lines)
    other_departments = Field(
        "other_departments", "ほかの担当課もある", CellWidget(answer_in, {True: YES, False: ""}.get)
    )
    sdgs = Field("sdgs", "SDGs", CellWidget(goals_in, lambda goals: " ".join(map(str, goals)) or NONE))
    projects = PartsField("projects_read", "関連事業", stored_projects, in_lines)
    name = Field("name", "取組の名前", CellWidget(in_one_line))

    class Meta:
        model = Initiative

    def get_queryset(self) -> QuerySet[Initiative]:
        found = Initiative.objects.select_related("pledge__section__parent", "pledge__section__manifesto")
        parts = found.prefetch_related("assignments__department", "plan_projects")
        return parts.order_by(*IN_ORDER)

    @cached_property
    def pledges(self) -> Mapping[Key, Pledge]:
        return PledgeResource(self.by).known

    @cached_property
    def projects_by_name(self) -> dict[tuple[int, str], list[PlanProject]]:
        found = defaultdict(list)
        for project in PlanProject.objects.all():
            found[project.manifesto_id, str(project)].append(project)
        return found

    def init_instance(self, row: Row) -> Initiative:
        pledge, number = self.place_in(row)
        return Initiative(pledge=held_by(self.pledges, pledge), position=number)

    def read_duties(self, text: str, row: Row) -> list[DutyLine]:
        duties = [self._duty(line) for line in lines_in(text)]
        if len({duty[:2] for duty in duties}) < len(duties):
            raise ValueError("同じ担当課が、同じ開始年度で二度書かれています。")
        return duties

    def _duty(self, line: str) -> DutyLine:
        match = re.fullmatch(r"(\S+?)(?:\s+(\d{4})?[-~～－](\d{4})?)?", line)
        code = fold(match[1]) if match else ""
        if not match or code not in self.departments:
            words = "1 行に 1 課、担当課のコードと年度を「015 2021-2023」のように書いてください。"
            raise ValueError(f"「{line}」は読めません。{words}")
        first, last = year_in(match[2] or ""), year_in(match[3] or "")
        if first and last and last < first:
            raise ValueError(f"「{line}」は、最終年度が開始年度より前です。")
        return DutyLine(code, first, last)

    def read_projects(self, text: str, row: Row) -> list[PlanProject]:
        manifesto, chosen = self.manifesto_in(row).pk, []
        for line in lines_in(text):
            found = self.projects_by_name[manifesto, line]
            if len(found) > 1:
                raise ValueError(f"「{line}」という関連事業が二つあり、区別できません。")
            if not found:
                raise ValueError(f"「{line}」という関連事業はありません。")
            chosen += found
        return sorted(chosen, key=str)

    def after_save_instance(self, instance: Initiative, row: Row, **kwargs: object) -> None:
        Assignment.objects.filter(initiative=instance).delete()
        Assignment.objects.bulk_create(
            Assignment(
                initiative=instance,
                department=self.departments[duty.code],
                position=position,
                from_fiscal_year=duty.first,
                to_fiscal_year=duty.last,
            )
            for position, duty in enumerate(self.fields["duties"].get_value(instance), start=1)
        )
        instance.plan_projects.set(self.fields["projects"].get_value(instance))


class PlanProjectResource(MasterResource[PlanProject]):
    """Code and name stand as printed: ① and 1 are not the same here."""

    manifesto = Field("manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    code = Field("code", "番号の表記", CellWidget(str.strip))
    name = Field("name", "名称", CellWidget(str.strip))
    base_code = Field("base_code", "施策の番号", CellWidget(plan_code))

    class Meta:
        model = PlanProject
        import_id_fields = ("manifesto", "code", "name")

    def get_queryset(self) -> QuerySet[PlanProject]:
        order = ("manifesto", "base_code", "code", "name")
        return PlanProject.objects.select_related("manifesto").order_by(*order)

    def init_instance(self, row: Row) -> PlanProject:
        return PlanProject(manifesto=self.manifesto_in(row))

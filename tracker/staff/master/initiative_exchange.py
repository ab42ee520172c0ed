"""The files of initiatives with their duties, and of the plan projects that they belong to."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tracker.models import Assignment, Department, Initiative, Manifesto, PlanProject, Pledge
from tracker.staff.master.catalogue_exchange import PlacedExchange
from tracker.staff.master.cell_values import NO_YEAR, NONE, YES, answer_in, lines_in, year_in
from tracker.staff.master.exchange import MasterExchange, Row
from tracker.words.folding import fold


class Duty(NamedTuple):
    """A department's duty for an initiative, as a line of a cell says it: 「015 2021-2023」."""

    code: str
    first: int | None
    last: int | None


class InitiativeExchange(PlacedExchange[Initiative, Pledge]):
    """Where an initiative ends is not in the file: ending is an act with a reason."""

    columns = {
        "manifesto": "マニフェスト",
        "place": "番号",
        "first_fiscal_year": "始まりの年度",
        "duties": "担当課",
        "other_departments": "ほかの担当課もある",
        "sdgs": "SDGs",
        "projects": "関連事業",
    }
    depths = (4,)
    # What the row at hand says; None until it is read.
    duties: list[Duty] | None = None
    projects: list[PlanProject] | None = None

    def stored(self) -> QuerySet[Initiative]:
        found = Initiative.objects.select_related("pledge__section__parent", "pledge__section__manifesto")
        return found.prefetch_related("assignments__department", "plan_projects").order_by(
            *("pledge__section__manifesto", "pledge__section__parent__number", "pledge__section__number"),
            *("pledge__position", "position"),
        )

    def holders(self) -> QuerySet[Pledge]:
        return Pledge.objects.select_related("section__parent", "section__manifesto")

    def placed(self, slug: str, above: str, number: int) -> Initiative:
        return Initiative(pledge=self.holder(slug, above), position=number)

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        self.departments = {department.code: department for department in Department.objects.all()}
        self.projects_by_name = defaultdict(list)
        for project in PlanProject.objects.all():
            self.projects_by_name[project.manifesto_id, str(project)].append(project)

    def find(self, row: Row) -> Initiative:
        self.duties = self.projects = None
        return super().find(row)

    def take_first_fiscal_year(self, instance: Initiative, text: str) -> None:
        year = year_in(text)
        if year is None:
            raise ValueError(NO_YEAR)
        instance.first_fiscal_year = year

    def show_sdgs(self, instance: Initiative) -> str:
        return "" if instance.sdgs is None else " ".join(map(str, instance.sdgs)) or NONE

    def take_sdgs(self, instance: Initiative, text: str) -> None:
        words = re.split(r"[\s,、・，]+", text.strip())
        if text.strip() in {"", NONE}:
            instance.sdgs = [] if text.strip() else None
        elif all(re.fullmatch(r"[1-9]|1[0-7]", fold(word)) for word in words):
            instance.sdgs = list(dict.fromkeys(int(fold(word)) for word in words))
        else:
            raise ValueError(f"「{text}」は読めません。1 から 17 までの数を、空白で区切って書いてください。")

    def show_other_departments(self, instance: Initiative) -> str:
        return YES if instance.other_departments else ""

    def take_other_departments(self, instance: Initiative, text: str) -> None:
        instance.other_departments = answer_in(text)

    def duties_of(self, instance: Initiative) -> list[Duty]:
        if self.duties is not None:
            return self.duties
        stored = sorted(instance.assignments.all(), key=lambda each: each.position) if instance.pk else []
        return [Duty(each.department.code, each.from_fiscal_year, each.to_fiscal_year) for each in stored]

    def show_duties(self, instance: Initiative) -> str:
        return "\n".join(
            code + (f" {first or ''}-{last or ''}" if first or last else "")
            for code, first, last in self.duties_of(instance)
        )

    def take_duties(self, instance: Initiative, text: str) -> None:
        duties = [self._duty(line) for line in lines_in(text)]
        if len({duty[:2] for duty in duties}) < len(duties):
            raise ValueError("同じ担当課が、同じ開始年度で二度書かれています。")
        self.duties = duties

    def _duty(self, line: str) -> Duty:
        match = re.fullmatch(r"(\S+?)(?:\s+(\d{4})?[-~～－](\d{4})?)?", line)
        code = fold(match[1]) if match else ""
        if not match or code not in self.departments:
            words = "1 行に 1 課、担当課のコードと年度を「015 2021-2023」のように書いてください。"
            raise ValueError(f"「{line}」は読めません。{words}")
        first, last = year_in(match[2] or ""), year_in(match[3] or "")
        if first and last and last < first:
            raise ValueError(f"「{line}」は、最終年度が開始年度より前です。")
        return Duty(code, first, last)

    def projects_of(self, instance: Initiative) -> list[PlanProject]:
        if self.projects is not None:
            return self.projects
        return list(instance.plan_projects.all()) if instance.pk else []

    def show_projects(self, instance: Initiative) -> str:
        return "\n".join(sorted(map(str, self.projects_of(instance))))

    def take_projects(self, instance: Initiative, text: str) -> None:
        chosen = []
        for line in lines_in(text):
            found = self.projects_by_name[instance.pledge.section.manifesto_id, line]
            if len(found) > 1:
                raise ValueError(f"「{line}」という関連事業が二つあり、区別できません。")
            if not found:
                raise ValueError(f"「{line}」という関連事業はありません。")
            chosen += found
        self.projects = chosen

    def save_related(self, instance: Initiative) -> None:
        duties, projects = self.duties_of(instance), self.projects_of(instance)
        Assignment.objects.filter(initiative=instance).delete()
        Assignment.objects.bulk_create(
            Assignment(
                initiative=instance,
                department=self.departments[duty.code],
                position=position,
                from_fiscal_year=duty.first,
                to_fiscal_year=duty.last,
            )
            for position, duty in enumerate(duties, start=1)
        )
        instance.plan_projects.set(projects)


class PlanProjectExchange(MasterExchange[PlanProject]):
    columns = {"manifesto": "マニフェスト", "code": "番号の表記", "name": "名称", "base_code": "施策の番号"}
    key = ("manifesto", "code", "name")

    def stored(self) -> QuerySet[PlanProject]:
        order = ("manifesto", "base_code", "code", "name")
        return PlanProject.objects.select_related("manifesto").order_by(*order)

    def prepare(self, rows: Sequence[Row]) -> None:
        self.manifestos = {manifesto.slug: manifesto for manifesto in Manifesto.objects.all()}
        self.known = {(each.manifesto.slug, each.code, each.name): each for each in self.stored()}

    def find(self, row: Row) -> PlanProject:
        slug, code, name = key = self.key_in(row)
        if slug not in self.manifestos:
            raise ValidationError({"manifesto": f"「{slug}」というマニフェストはありません。"})
        return self.known.get(key) or PlanProject(manifesto=self.manifestos[slug], code=code, name=name)

    def key_in(self, row: Row) -> tuple[str, str, str]:
        """Code and name as printed: ① and 1 are not the same here."""
        return fold(row["manifesto"]), row["code"].strip(), row["name"].strip()

    def show_manifesto(self, instance: PlanProject) -> str:
        return instance.manifesto.slug

    def take_base_code(self, instance: PlanProject, text: str) -> None:
        instance.base_code = fold(text)

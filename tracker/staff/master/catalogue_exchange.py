"""The tables of the catalogue: fields and sections, pledges, initiatives with their duties, plan projects."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from import_export.fields import Field

from tracker.models import Assignment, Category, Department, Initiative, Manifesto, PlanProject, Pledge
from tracker.staff.master.exchange import NONE, YES, MasterResource, answer_of, lines_of, number_of
from tracker.words.folding import fold

Duty = tuple[str, int | None, int | None]  # department's code, from, to


class PlacedResource(MasterResource):
    """Rows with a place (1-2-3) in a manifesto."""

    key = ("manifesto", "place")
    depth: tuple[int, ...] = ()  # how many numbers a place may have

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.manifestos = {manifesto.slug: manifesto for manifesto in Manifesto.objects.all()}
        self.known = {self.key_of(each): each for each in self.get_queryset()}
        self.above = {self.key_of(each): each for each in self.get_above()}

    def key_of(self, instance: Any) -> tuple[str, str]:
        return self.manifesto_of(instance).slug, place_of(instance)

    def manifesto_of(self, instance: Any) -> Manifesto:
        raise NotImplementedError

    def get_above(self) -> Any:
        """The things that a new row can be placed in."""
        return []

    def place_new(self, manifesto: Manifesto, above: Any, number: int) -> Model:
        raise NotImplementedError

    def find(self, row: Any) -> Model:
        slug, place = self.text_of(row, "manifesto"), self.text_of(row, "place")
        if slug not in self.manifestos:
            raise ValidationError({"manifesto": f"「{slug}」というマニフェストはありません。"})
        numbers = place.split("-")
        if not re.fullmatch(r"[1-9]\d{0,2}(-[1-9]\d{0,2})*", place) or len(numbers) not in self.depth:
            example = "-".join("1231"[: max(self.depth)])
            raise ValidationError({"place": f"「{place}」は番号として読めません（例：{example}）。"})
        if (slug, place) in self.known:
            found: Model = self.known[slug, place]
            return found
        head = "-".join(numbers[:-1])
        above = self.above.get((slug, head))
        if head and above is None:
            raise ValidationError({"place": f"「{head}」がありません。先にそれを加えてください。"})
        return self.place_new(self.manifestos[slug], above, int(numbers[-1]))

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self.known[self.key_of(instance)] = instance

    def show_manifesto(self, instance: Any) -> str:
        return self.manifesto_of(instance).slug

    def show_place(self, instance: Any) -> str:
        return place_of(instance)


def place_of(instance: Any) -> str:
    if isinstance(instance, Category):
        return f"{instance.parent.number}-{instance.number}" if instance.parent else str(instance.number)
    return str(instance.place)


class CategoryResource(PlacedResource):
    depth = (1, 2)
    manifesto = Field("manifesto", "マニフェスト")
    place = Field("place", "番号")
    name = Field("name", "名称")

    class Meta(MasterResource.Meta):
        model = Category
        fields = ("manifesto", "place", "name")

    def get_queryset(self) -> QuerySet[Category]:
        return Category.objects.select_related("manifesto", "parent")

    def get_above(self) -> list[Category]:
        return [each for each in self.known.values() if each.parent_id is None]

    def manifesto_of(self, instance: Category) -> Manifesto:
        return instance.manifesto

    def place_new(self, manifesto: Manifesto, above: Category | None, number: int) -> Category:
        return Category(manifesto=manifesto, parent=above, number=number)

    def after_save_instance(self, instance: Category, row: Any, **kwargs: Any) -> None:
        super().after_save_instance(instance, row, **kwargs)
        self.above[self.key_of(instance)] = instance  # its sections may follow


class PledgeResource(PlacedResource):
    depth = (3,)
    manifesto = Field("manifesto", "マニフェスト")
    place = Field("place", "番号")
    number_label = Field("number_label", "番号の表記")
    text = Field("text", "公約")

    class Meta(MasterResource.Meta):
        model = Pledge
        fields = ("manifesto", "place", "number_label", "text")

    def get_queryset(self) -> QuerySet[Pledge]:
        places = ("section__manifesto", "section__parent__number", "section__number", "position")
        return Pledge.objects.select_related("section__parent", "section__manifesto").order_by(*places)

    def get_above(self) -> QuerySet[Category]:
        return Category.objects.filter(parent__isnull=False).select_related("parent", "manifesto")

    def key_of(self, instance: Any) -> tuple[str, str]:
        manifesto = instance.manifesto if isinstance(instance, Category) else instance.section.manifesto
        return manifesto.slug, place_of(instance)

    def manifesto_of(self, instance: Pledge) -> Manifesto:
        return instance.section.manifesto

    def place_new(self, manifesto: Manifesto, above: Any, number: int) -> Pledge:
        return Pledge(section=above, position=number)


class InitiativeResource(PlacedResource):
    """Where an initiative ends is not in the table: ending is an act with a reason."""

    depth = (4,)
    manifesto = Field("manifesto", "マニフェスト")
    place = Field("place", "番号")
    first_fiscal_year = Field("first_fiscal_year", "始まりの年度")
    sdgs = Field("sdgs", "SDGs")
    other_departments = Field("other_departments", "ほかの担当課もある")
    duties = Field("duties", "担当課")
    projects = Field("projects", "関連事業")

    class Meta(MasterResource.Meta):
        model = Initiative
        fields = (
            "manifesto",
            "place",
            "first_fiscal_year",
            "duties",
            "other_departments",
            "sdgs",
            "projects",
        )

    def get_queryset(self) -> QuerySet[Initiative]:
        found = Initiative.objects.select_related("pledge__section__parent", "pledge__section__manifesto")
        return found.prefetch_related("assignments__department", "plan_projects").order_by(
            "pledge__section__manifesto",
            "pledge__section__parent__number",
            "pledge__section__number",
            "pledge__position",
            "position",
        )

    def get_above(self) -> QuerySet[Pledge]:
        return Pledge.objects.select_related("section__parent", "section__manifesto")

    def key_of(self, instance: Any) -> tuple[str, str]:
        pledge = instance if isinstance(instance, Pledge) else instance.pledge
        return pledge.section.manifesto.slug, place_of(instance)

    def manifesto_of(self, instance: Initiative) -> Manifesto:
        return instance.pledge.section.manifesto

    def place_new(self, manifesto: Manifesto, above: Any, number: int) -> Initiative:
        return Initiative(pledge=above, position=number)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.departments = {department.code: department for department in Department.objects.all()}
        self.projects_by_name: dict[tuple[int, str], list[PlanProject]] = {}
        for project in PlanProject.objects.all():
            self.projects_by_name.setdefault((project.manifesto_id, str(project)), []).append(project)

    def take_first_fiscal_year(self, instance: Initiative, text: str) -> None:
        year = number_of(text)
        if year is None:
            raise ValueError("西暦 4 桁で書いてください（例：2024）。")
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
        instance.other_departments = answer_of(text)

    def duties_of(self, instance: Any) -> list[Duty]:
        """What the row says, if it was read; else what is stored."""
        if "read_duties" in vars(instance):
            return list(instance.read_duties)
        if instance.pk is None:
            return []
        stored = sorted(instance.assignments.all(), key=lambda each: each.position)
        return [(each.department.code, each.from_fiscal_year, each.to_fiscal_year) for each in stored]

    def show_duties(self, instance: Initiative) -> str:
        return "\n".join(
            code + (f" {first or ''}-{last or ''}" if first or last else "")
            for code, first, last in self.duties_of(instance)
        )

    def take_duties(self, instance: Any, text: str) -> None:
        duties = [self._duty(line) for line in lines_of(text)]
        if len({duty[:2] for duty in duties}) < len(duties):
            raise ValueError("同じ担当課が、同じ開始年度で二度書かれています。")
        instance.read_duties = duties

    def _duty(self, line: str) -> Duty:
        match = re.fullmatch(r"(\S+?)(?:\s+(\d{4})?[-~～－](\d{4})?)?", line)
        code = fold(match[1]) if match else ""
        if not match or code not in self.departments:
            words = (
                "「%s」は読めません。1 行に 1 課、担当課のコードと年度を「015 2021-2023」"
                "のように書いてください。"
            )
            raise ValueError(words % line)
        first, last = number_of(match[2] or ""), number_of(match[3] or "")
        if first and last and last < first:
            raise ValueError(f"「{line}」は、最終年度が開始年度より前です。")
        return code, first, last

    def projects_of(self, instance: Any) -> list[PlanProject]:
        if "read_projects" in vars(instance):
            return list(instance.read_projects)
        return [] if instance.pk is None else list(instance.plan_projects.all())

    def show_projects(self, instance: Initiative) -> str:
        return "\n".join(sorted(str(project) for project in self.projects_of(instance)))

    def take_projects(self, instance: Any, text: str) -> None:
        manifesto, chosen = instance.pledge.section.manifesto_id, []
        for line in lines_of(text):
            found = self.projects_by_name.get((manifesto, line), [])
            if len(found) != 1:
                words = (
                    "「%s」という関連事業が二つあり、区別できません。"
                    if found
                    else "「%s」という関連事業はありません。"
                )
                raise ValueError(words % line)
            chosen.append(found[0])
        instance.read_projects = chosen

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().after_save_instance(instance, row, **kwargs)
        duties, projects = self.duties_of(instance), self.projects_of(instance)
        Assignment.objects.filter(initiative=instance).delete()
        Assignment.objects.bulk_create(
            Assignment(
                initiative=instance,
                department=self.departments[code],
                position=position,
                from_fiscal_year=first,
                to_fiscal_year=last,
            )
            for position, (code, first, last) in enumerate(duties, start=1)
        )
        instance.plan_projects.set(projects)


class PlanProjectResource(MasterResource):
    key = ("manifesto", "code", "name")
    manifesto = Field("manifesto", "マニフェスト")
    code = Field("code", "番号の表記")
    name = Field("name", "名称")
    base_code = Field("base_code", "施策の番号")

    class Meta(MasterResource.Meta):
        model = PlanProject
        fields = ("manifesto", "code", "name", "base_code")

    def get_queryset(self) -> QuerySet[PlanProject]:
        return PlanProject.objects.select_related("manifesto").order_by(
            "manifesto", "base_code", "code", "name"
        )

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.manifestos = {manifesto.slug: manifesto for manifesto in Manifesto.objects.all()}
        self.known = {(each.manifesto.slug, each.code, each.name): each for each in self.get_queryset()}

    def find(self, row: Any) -> PlanProject:
        slug = self.text_of(row, "manifesto")
        if slug not in self.manifestos:
            raise ValidationError({"manifesto": f"「{slug}」というマニフェストはありません。"})
        key = self.key_in(row)
        return self.known.get((key[0], key[1], key[2])) or PlanProject(
            manifesto=self.manifestos[slug], code=key[1], name=key[2]
        )

    def key_in(self, row: Any) -> tuple[str, ...]:
        """Code and name as printed: ① and 1 are not the same here."""
        return self.text_of(row, "manifesto"), row["番号の表記"].strip(), row["名称"].strip()

    def show_manifesto(self, instance: PlanProject) -> str:
        return instance.manifesto.slug

    def take_base_code(self, instance: PlanProject, text: str) -> None:
        instance.base_code = fold(text)

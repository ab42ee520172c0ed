"""The files of fields and sections, and of pledges: rows with a place in a manifesto."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field

from tracker.models import Category, Pledge
from tracker.staff.master.resources import CellWidget, MasterResource, Row
from tracker.words.folding import fold

Address = tuple[str, str]  # a manifesto's slug and a place in it
Holder = TypeVar("Holder", Category, Pledge)


class PlacedResource(MasterResource):
    """Things with a place: the place of what holds them, and a number in it."""

    depths: tuple[int, ...]  # how many numbers a place may have

    class Meta:
        import_id_fields = ("manifesto", "place")

    def place_in(self, row: Row) -> tuple[Address, int]:
        """The holder's address, and the number in it. Raises ValidationError."""
        slug, place = self.manifesto_in(row).slug, fold(row["番号"])
        *above, last = place.split("-")
        if not re.fullmatch(r"[1-9]\d{0,2}(-[1-9]\d{0,2})*", place) or len(above) + 1 not in self.depths:
            example = "-".join("1231"[: max(self.depths)])
            raise ValidationError({"place": f"「{place}」は番号として読めません（例：{example}）。"})
        return (slug, "-".join(above)), int(last)


def held_by(holders: Mapping[Address, Holder], address: Address) -> Holder:
    """Raises ValidationError for a holder that is not there."""
    if address not in holders:
        raise ValidationError({"place": f"「{address[1]}」がありません。先にそれを加えてください。"})
    return holders[address]


class CategoryResource(PlacedResource):
    depths = (1, 2)
    manifesto = Field("manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    place = Field("place", "番号", CellWidget(fold), readonly=True)
    name = Field("name", "名称", CellWidget())

    class Meta:
        model = Category
        fields = ("manifesto", "place", "name")

    def get_queryset(self) -> QuerySet[Category]:
        return Category.objects.select_related("manifesto", "parent")

    @cached_property
    def fields_of_policy(self) -> dict[Address, Category]:
        found = self.get_queryset().filter(parent=None)
        return {(field.manifesto.slug, field.place): field for field in found}

    def init_instance(self, row: Row) -> Category:
        above, number = self.place_in(row)
        parent = held_by(self.fields_of_policy, above) if above[1] else None
        return Category(manifesto=self.manifesto_in(row), parent=parent, number=number)

    def after_save_instance(self, instance: Category, row: Row, **kwargs: object) -> None:
        if instance.parent_id is None:  # its sections may follow
            self.fields_of_policy[instance.manifesto.slug, instance.place] = instance


class PledgeResource(PlacedResource):
    depths = (3,)
    manifesto = Field("section__manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    place = Field("place", "番号", CellWidget(fold), readonly=True)
    number_label = Field("number_label", "番号の表記", CellWidget())
    text = Field("text", "公約", CellWidget())

    class Meta:
        model = Pledge
        fields = ("manifesto", "place", "number_label", "text")

    def get_queryset(self) -> QuerySet[Pledge]:
        places = ("section__manifesto", "section__parent__number", "section__number", "position")
        return Pledge.objects.select_related("section__parent", "section__manifesto").order_by(*places)

    @cached_property
    def sections(self) -> dict[Address, Category]:
        found = Category.objects.filter(parent__isnull=False).select_related("parent", "manifesto")
        return {(section.manifesto.slug, section.place): section for section in found}

    def init_instance(self, row: Row) -> Pledge:
        section, number = self.place_in(row)
        return Pledge(section=held_by(self.sections, section), position=number)

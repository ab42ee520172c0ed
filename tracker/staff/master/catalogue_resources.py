"""The files of fields and sections, and of pledges: rows with a place in a manifesto."""

import re
from collections.abc import Mapping
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field

from tracker.models import Category, Pledge
from tracker.staff.master.generic import M
from tracker.staff.master.resources import CellWidget, Key, MasterResource, Row
from tracker.words.folding import fold

PLEDGES_IN_ORDER = ("section__manifesto", "section__parent__number", "section__number", "position")


class PlacedResource(MasterResource[M]):
    """Things with a place: the place of what holds them, and a number in it."""

    depths: tuple[int, ...]  # how many numbers a place may have
    manifesto = Field("manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    place = Field("place", "番号", CellWidget(fold), readonly=True)

    class Meta:
        import_id_fields = ("manifesto", "place")

    def place_in(self, row: Row) -> tuple[Key, int]:
        """The holder's key (its place is "" for no holder), and the number in it. Raises ValidationError."""
        slug, place = self.manifesto_in(row).slug, fold(row["番号"])
        *above, last = place.split("-")
        if not re.fullmatch(r"[1-9]\d{0,2}(-[1-9]\d{0,2})*", place) or len(above) + 1 not in self.depths:
            example = "-".join("1231"[: max(self.depths)])
            raise ValidationError({"place": f"「{place}」は番号として読めません（例：{example}）。"})
        return (slug, "-".join(above)), int(last)


def held_by(holders: Mapping[Key, M], key: Key) -> M:
    """Raises ValidationError for a holder that is not there."""
    if key not in holders:
        raise ValidationError({"place": f"「{key[1]}」がありません。先にそれを加えてください。"})
    return holders[key]


class CategoryResource(PlacedResource[Category]):
    depths = (1, 2)
    name = Field("name", "名称", CellWidget())

    class Meta:
        model = Category

    def get_queryset(self) -> QuerySet[Category]:
        return Category.objects.select_related("manifesto", "parent")

    def init_instance(self, row: Row) -> Category:
        above, number = self.place_in(row)
        parent = held_by(self.known, above) if above[1] else None
        return Category(manifesto=self.manifesto_in(row), parent=parent, number=number)

    def after_save_instance(self, instance: Category, row: Row, **kwargs: object) -> None:
        self.known[self.key_of(instance)] = instance  # its sections may follow


class PledgeResource(PlacedResource[Pledge]):
    depths = (3,)
    manifesto = Field("section__manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    number_label = Field("number_label", "番号の表記", CellWidget())
    text = Field("text", "公約", CellWidget())

    class Meta:
        model = Pledge

    def get_queryset(self) -> QuerySet[Pledge]:
        found = Pledge.objects.select_related("section__parent", "section__manifesto")
        return found.order_by(*PLEDGES_IN_ORDER)

    @cached_property
    def sections(self) -> Mapping[Key, Category]:
        return CategoryResource(self.by).known

    def init_instance(self, row: Row) -> Pledge:
        section, number = self.place_in(row)
        return Pledge(section=held_by(self.sections, section), position=number)

"""The files of fields and sections, and of pledges: rows with a place in a manifesto."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field

from tracker.cycle import catalogue
from tracker.models import Category, FormerPlace, Pledge, User
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
        return Category.objects.named().select_related("manifesto", "parent")

    def init_instance(self, row: Row) -> Category:
        above, number = self.place_in(row)
        parent = held_by(self.known, above) if above[1] else None
        return Category(manifesto=self.manifesto_in(row), parent=parent, number=number)

    def after_save_instance(self, instance: Category, row: Row, **kwargs: object) -> None:
        self.known[self.key_of(instance)] = instance  # its sections may follow


class FormerPledgeField(Field):  # type: ignore[misc]
    """The pledge of an earlier term that one carries on, as 「2021 1-1-2」."""

    read: Callable[[str], Pledge | None]

    def clean(self, row: Row, **kwargs: object) -> Pledge | None:
        return self.read(row[self.column_name])


def called_with_term(pledge: Pledge) -> str:
    return f"{pledge.section.manifesto.slug} {pledge.place}"


class PledgeResource(PlacedResource[Pledge]):
    depths = (1, 2, 3)
    may_lack = ("前の任期の公約",)
    manifesto = Field("section__manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True)
    number_label = Field("number_label", "番号の表記", CellWidget())
    text = Field("text", "公約", CellWidget())
    continues = FormerPledgeField("continues", "前の任期の公約", CellWidget(show=called_with_term))

    class Meta:
        model = Pledge

    def __init__(self, by: User) -> None:
        super().__init__(by)
        self.fields["continues"].read = self.former_in

    def get_queryset(self) -> QuerySet[Pledge]:
        sections = ("section", "continues__section")
        above = [f"{name}__{other}" for name in sections for other in ("parent", "manifesto")]
        return Pledge.objects.select_related(*above).order_by(*PLEDGES_IN_ORDER)

    def former_in(self, text: str) -> Pledge | None:
        """The pledge that a cell names; None for blank. Raises ValueError."""
        if not (typed := tuple(map(fold, text.split()))):
            return None
        if (found := self.known.get(typed)) is None:
            words = "前の任期の公約を、「2021 1-1-2」のように、マニフェストと番号で書いてください。"
            raise ValueError(f"「{text.strip()}」という公約はありません。{words}")
        return found

    @cached_property
    def sections(self) -> dict[Key, Category]:
        """Sections by their place; where pledges stand without one, by that of the field, or by ""."""
        found = Category.objects.filter(parent__isnull=False).select_related("parent", "manifesto")
        return {(each.manifesto.slug, each.place): each for each in found}

    @cached_property
    def places(self) -> dict[Key, Category]:
        """All fields and sections that have names."""
        return CategoryResource(self.by).known

    def _section_at(self, key: Key, row: Row) -> Category:
        """Raises ValidationError where there is none, or where a number of the place seems to lack."""
        if key not in self.sections:
            above = held_by(self.places, key) if key[1] else None
            siblings = [place for slug, place in self.places if slug == key[0]]
            if below := [place for place in siblings if not above or place.startswith(f"{key[1]}-")]:
                words = f"{above or 'このマニフェスト'}には「{below[0]}」などがあります。"
                raise ValidationError({"place": f"{words}番号を {below[0]}-1 のように書いてください。"})
            self.sections[key] = catalogue.unnamed_section(self.manifesto_in(row), above)
        return self.sections[key]

    def init_instance(self, row: Row) -> Pledge:
        section, number = self.place_in(row)
        pledge = Pledge(section=self._section_at(section, row), position=number)
        if (section[0], pledge.place) in self.left:
            raise ValidationError({"place": catalogue.TAKEN_BY_ANOTHER.format(pledge.place)})
        return pledge

    @cached_property
    def left(self) -> set[tuple[str, str]]:
        """Slug and place of what reports have at a place that it has left."""
        return set(FormerPlace.objects.values_list("manifesto__slug", "place"))

"""The files of fields and sections, and of pledges: rows with a place in a manifesto."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tracker.models import Category, Initiative, Manifesto, Pledge
from tracker.staff.master.exchange import MasterExchange, Row

Placed = TypeVar("Placed", bound=Category | Pledge | Initiative)
Holder = TypeVar("Holder", bound=Category | Pledge)


def key_of(thing: Category | Pledge | Initiative) -> tuple[str, str]:
    """A manifesto's slug and the place in it: ("2021", "1-2-3")."""
    if isinstance(thing, Category):
        place = f"{thing.parent.number}-{thing.number}" if thing.parent else str(thing.number)
        return thing.manifesto.slug, place
    pledge = thing if isinstance(thing, Pledge) else thing.pledge
    return pledge.section.manifesto.slug, thing.place


class PlacedExchange(MasterExchange[Placed], Generic[Placed, Holder]):
    """Things with a place, each within a holder: an initiative in a pledge, a pledge in a section."""

    key = ("manifesto", "place")
    depths: tuple[int, ...]  # how many numbers a place may have

    @abstractmethod
    def holders(self) -> Iterable[Holder]:
        """The things that a new row can be placed in."""

    @abstractmethod
    def placed(self, slug: str, above: str, number: int) -> Placed:
        """A new thing at a place; `above` is the place of its holder, "" where it needs none."""

    def prepare(self, rows: Sequence[Row]) -> None:
        self.manifestos = {manifesto.slug: manifesto for manifesto in Manifesto.objects.all()}
        self.known = {key_of(each): each for each in self.stored()}
        self.by_address = {key_of(each): each for each in self.holders()}

    def holder(self, slug: str, place: str) -> Holder:
        if (slug, place) not in self.by_address:
            raise ValidationError({"place": f"「{place}」がありません。先にそれを加えてください。"})
        return self.by_address[slug, place]

    def find(self, row: Row) -> Placed:
        slug, place = self.key_in(row)
        if slug not in self.manifestos:
            raise ValidationError({"manifesto": f"「{slug}」というマニフェストはありません。"})
        *above, last = place.split("-")
        if not re.fullmatch(r"[1-9]\d{0,2}(-[1-9]\d{0,2})*", place) or len(above) + 1 not in self.depths:
            example = "-".join("1231"[: max(self.depths)])
            raise ValidationError({"place": f"「{place}」は番号として読めません（例：{example}）。"})
        return self.known.get((slug, place)) or self.placed(slug, "-".join(above), int(last))

    def show_manifesto(self, instance: Placed) -> str:
        return key_of(instance)[0]

    def show_place(self, instance: Placed) -> str:
        return key_of(instance)[1]


class CategoryExchange(PlacedExchange[Category, Category]):
    columns = {"manifesto": "マニフェスト", "place": "番号", "name": "名称"}
    depths = (1, 2)

    def stored(self) -> QuerySet[Category]:
        return Category.objects.select_related("manifesto", "parent")

    def holders(self) -> list[Category]:
        return [each for each in self.known.values() if each.parent_id is None]

    def placed(self, slug: str, above: str, number: int) -> Category:
        parent = self.holder(slug, above) if above else None
        return Category(manifesto=self.manifestos[slug], parent=parent, number=number)

    def save_related(self, instance: Category) -> None:
        self.by_address[key_of(instance)] = instance  # its sections may follow


class PledgeExchange(PlacedExchange[Pledge, Category]):
    columns = {"manifesto": "マニフェスト", "place": "番号", "number_label": "番号の表記", "text": "公約"}
    depths = (3,)

    def stored(self) -> QuerySet[Pledge]:
        places = ("section__manifesto", "section__parent__number", "section__number", "position")
        return Pledge.objects.select_related("section__parent", "section__manifesto").order_by(*places)

    def holders(self) -> QuerySet[Category]:
        return Category.objects.filter(parent__isnull=False).select_related("parent", "manifesto")

    def placed(self, slug: str, above: str, number: int) -> Pledge:
        return Pledge(section=self.holder(slug, above), position=number)

"""The found initiatives of a list by pledge: what stands under one heading, and how many there are."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Concat

from tracker.models import ReportEntry
from tracker.public.bare_pledges import with_bare
from tracker.public.entries import Entries, EntryRows, EntryValues, place_of_rating
from tracker.public.groups import NOT_ANEW
from tracker.words.places import pledge_numbers

PLEDGES_PER_PAGE = 50
NO_NUMBER = "ページ：「{asked}」は数ではないので、1 ページ目を表示しています。"
NO_PAGE = "ページ：「{asked}」ページはありません。{last} ページ目を表示しています。"


class PledgePart(NamedTuple):
    """What a list shows under one heading: of a pledge all that was found, or what has one rating."""

    pledge_key: str
    rating_code: str = ""


class PledgeParts:
    """The parts of what was found, in order; by the place of their rating in `codes` where there are any.

    `bare` are pledges without an initiative that were found, too; they have no rating, and are last there.
    """

    def __init__(self, entries: Entries, codes: Sequence[str] = (), bare: Sequence[EntryValues] = ()) -> None:
        self.entries = entries.by_rating(codes)
        self.codes = codes
        self.bare = bare
        self.fields = ("pledge_key", "rating_code") if codes else ("pledge_key",)

    @cached_property
    def figures(self) -> dict[str, int]:
        """How many parts, pledges and initiatives there are, how many of these were not rated anew, and how
        many pledges have none yet, or ended so.
        """
        ended, carried = ({f"{name}__isnull": False} for name in NOT_ANEW)
        published: dict[str, int] = self.entries.published.order_by().aggregate(
            parts=Count(Concat(*self.fields) if self.codes else "pledge_key", distinct=True),
            pledges=Count("pledge_key", distinct=True),
            initiatives=Count("pk"),
            ended_count=Count("pk", filter=Q(**ended)),
            carried_count=Count("pk", filter=Q(**carried)),
        )
        drafted = self.entries.drafted
        more = {
            "parts": len(self._drafted) + len(self.bare),
            "pledges": len({entry.pledge_key for entry in drafted}) + len(self.bare),
            "initiatives": len(drafted),
            "ended_count": sum(entry.ended_after is not None for entry in drafted),
            "carried_count": sum(entry.carried_from is not None for entry in drafted),
        }
        bare_ended = sum(row["ended_after"] is not None for row in self.bare)
        told = {"bare": len(self.bare) - bare_ended, "bare_ended": bare_ended}
        return {name: published[name] + more[name] for name in more} | told

    @property
    def _drafted(self) -> list[PledgePart]:
        return list(dict.fromkeys(self._parts_of(map(vars, self.entries.drafted))))

    def _part_of(self, entry: EntryValues) -> PledgePart:
        return PledgePart(*(entry[field] for field in self.fields))

    @property
    def _published(self) -> QuerySet[ReportEntry, dict[str, object]]:
        order = [place_of_rating(self.codes)] if self.codes else []
        found: QuerySet[ReportEntry, dict[str, object]] = (
            self.entries.published.values(*self.fields)
            .annotate(first=Min("position"))
            .order_by(*order, "first")
        )
        return found

    def __len__(self) -> int:
        return self.figures["parts"]

    def __getitem__(self, places: slice) -> list[PledgePart]:
        drafted = self._drafted
        if self.bare:
            return self._with_bare(drafted or self._parts_of(self._published))[places]
        return drafted[places] if drafted else self._parts_of(self._published[places])

    def _parts_of(self, rows: Iterable[EntryValues]) -> list[PledgePart]:
        return [self._part_of(row) for row in rows]

    def _with_bare(self, parts: list[PledgePart]) -> list[PledgePart]:
        both = [*parts, *self._parts_of(self.bare)]
        return both if self.codes else sorted(both, key=lambda part: pledge_numbers(part.pledge_key))

    def rows(self, parts: Iterable[PledgePart], *further: str) -> EntryRows:
        """What the rows of some parts show; of a pledge without an initiative, itself."""
        wanted = set(parts)
        keys = {part.pledge_key for part in wanted}
        found = self.entries.where(pledge_key__in=keys).for_list(*further)
        own = [row for row in self.bare if row["pledge_key"] in keys]
        if self.codes:
            return [*(row for row in found if self._part_of(row) in wanted), *own]
        return with_bare(found, own) if own else found

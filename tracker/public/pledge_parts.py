"""The found initiatives of a list by pledge: what stands under one heading, and how many there are."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Concat

from tracker.models import ReportEntry
from tracker.public.entries import Entries, EntryRows, EntryValues, place_of_rating
from tracker.public.groups import NOT_ANEW

PLEDGES_PER_PAGE = 50
NO_NUMBER = "ページ：「{asked}」は数ではないので、1 ページ目を表示しています。"
NO_PAGE = "ページ：「{asked}」ページはありません。{last} ページ目を表示しています。"


class PledgePart(NamedTuple):
    """What a list shows under one heading: of a pledge all that was found, or what has one rating."""

    pledge_key: str
    rating_code: str = ""


class PledgeParts:
    """The parts of what was found, in order; by the place of their rating in `codes` where there are any."""

    def __init__(self, entries: Entries, codes: Sequence[str] = ()) -> None:
        self.entries = entries.by_rating(codes)
        self.codes = codes
        self.fields = ("pledge_key", "rating_code") if codes else ("pledge_key",)

    @cached_property
    def figures(self) -> dict[str, int]:
        """How many parts, pledges and initiatives there are, and how many of these were not rated anew."""
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
            "parts": len(self._drafted),
            "pledges": len({entry.pledge_key for entry in drafted}),
            "initiatives": len(drafted),
            "ended_count": sum(entry.ended_after is not None for entry in drafted),
            "carried_count": sum(entry.carried_from is not None for entry in drafted),
        }
        return {name: published[name] + more[name] for name in more}

    @property
    def _drafted(self) -> list[PledgePart]:
        return list(dict.fromkeys(self._part_of(vars(entry)) for entry in self.entries.drafted))

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
        if self.entries.drafted:
            return self._drafted[places]
        return [self._part_of(row) for row in self._published[places]]

    def rows(self, parts: Iterable[PledgePart], *further: str) -> EntryRows:
        """What the rows of some parts show."""
        wanted = set(parts)
        keys = {part.pledge_key for part in wanted}
        found = self.entries.where(pledge_key__in=keys).for_list(*further)
        return [row for row in found if self._part_of(row) in wanted] if self.codes else found

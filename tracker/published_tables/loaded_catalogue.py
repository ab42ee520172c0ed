"""What a load makes of a table's fields, sections, pledges, initiatives and plan projects."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tracker import models
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.published_tables.identity import (
    Identities,
    Place,
    identities_of,
    initiative_positions,
    renumbered,
)
from tracker.published_tables.loaded_rounds import year_of_table
from tracker.published_tables.row_writer import LoadingProblem, RowWriter, Values
from tracker.words.fiscal_years import short_label
from tracker.words.places import written

Pairs = list[tuple[TableInitiative, models.Initiative]]  # as read, and as kept
OF_THE_COMMAND = "（--end-missing）"  # how the command calls what a page has a box for
MOST_TOLD = 3
ANOTHER_PLEDGE = (
    "同じ公約か、別の公約か分からないものがあります：{}。"
    "言い換えただけの同じ公約であれば、先に「公約の変更」で文言を表のとおりに直してください。"
    f"別の公約であれば、「表にない取組を終わったものとする」{OF_THE_COMMAND}を選んで取り込んでください。"
)
SAME_WORDS = (
    "同じ文言の公約がいくつかあるので、どれのことか分かりません：{}。"
    "先に「公約の変更」で文言を書き分け、表も同じように直してから取り込んでください。"
)


class LoadedCatalogue:
    """The catalogue of a table in a manifesto. `first_year` is that of what a first table has.

    Raises LoadingProblem where it is not certain which pledge is meant.
    """

    def __init__(
        self, table: PublishedTable, manifesto: models.Manifesto, writer: RowWriter, *, first_year: int
    ) -> None:
        self.table, self.manifesto, self.writer = table, manifesto, writer
        self.first_year, self.fiscal_year = first_year, year_of_table(table)
        self.places: dict[int, str] = {}  # of initiatives

    def kept(self, *, end_missing: bool) -> Pairs:
        """All initiatives of the table; those that run and are not in it end, or refuse it."""
        self.identities = self._identities(end_missing)
        kept = self._initiatives(self._pledges(self._sections()))
        self._end_missing(kept, end_missing)
        self._plan_projects(kept)
        return kept

    def _identities(self, end_missing: bool) -> Identities:
        """Which pledges the table's are. Raises LoadingProblem where that is not certain."""
        if refusal := renumbered(self.manifesto, self.table):
            raise LoadingProblem(refusal)
        found = identities_of(self.manifesto, self.table, self.fiscal_year)
        if found.twice:
            raise LoadingProblem(SAME_WORDS.format(_listed(found.twice)))
        if found.other and not end_missing:
            raise LoadingProblem(ANOTHER_PLEDGE.format(_listed(found.other)))
        self.writer.name("pledges_elsewhere", found.elsewhere)
        return found

    def _sections(self) -> dict[Place, models.Category]:
        there = self.manifesto.categories.select_related("parent")
        top = {category.number: category for category in there if not category.parent}
        names = {c.number: {"number": c.number, "name": c.name} for c in self.table.categories}
        fields = self.writer.keep(models.Category, top, names, manifesto=self.manifesto)
        below: dict[Place, models.Category] = {(s.parent.number, s.number): s for s in there if s.parent}
        wanted: dict[Place, Values] = {
            (c.number, s.number): {"parent": fields[c.number], "number": s.number, "name": s.name}
            for c in self.table.categories
            for s in c.sections
        }
        return below | self.writer.keep(models.Category, below, wanted, manifesto=self.manifesto)

    def _pledges(self, sections: Mapping[Place, models.Category]) -> dict[Place, models.Pledge]:
        place = {section.pk: key for key, section in sections.items()}
        there = models.Pledge.objects.filter(section__in=list(place)).select_related("section")
        wanted: dict[Place, Values] = {}
        for c, s, p in self.table.pledges():
            standing = self._place(c, s, p)
            wanted[standing] = {"section": sections[standing[:2]], "position": standing[-1], "text": p.text}
            if standing[:2] == (c.number, s.number):  # elsewhere it was printed with another one's number
                wanted[standing]["number_label"] = p.number
        return self.writer.keep(models.Pledge, {(*place[p.section_id], p.position): p for p in there}, wanted)

    def _place(self, category: TableCategory, section: TableSection, pledge: TablePledge) -> Place:
        """Where a pledge of the table stands."""
        return self.identities.places[category.number, section.number, pledge.position]

    def _initiatives(self, pledges: Mapping[Place, models.Pledge]) -> Pairs:
        place = {pledge.pk: key for key, pledge in pledges.items()}
        found = models.Initiative.objects.filter(pledge__in=list(place)).select_related("pledge")
        there: dict[Place, models.Initiative] = {(*place[i.pledge_id], i.position): i for i in found}
        of_pledge = defaultdict[Place, list[models.Initiative]](list)
        for key, initiative in there.items():
            of_pledge[key[:3]].append(initiative)
        read: dict[Place, TableInitiative] = {}
        for pledge in self.table.pledges():
            above, rows = self._place(*pledge), pledge[-1].initiatives
            names = [row.text for row in rows]
            positions = initiative_positions(names, of_pledge[above], self.fiscal_year)
            read |= {(*above, position): row for position, row in zip(positions, rows, strict=True)}
        begins = self.fiscal_year if there else self.first_year  # what a later table adds: in its year
        # A table without columns for them takes no notes and no names away.
        has_notes, has_names = any(row.notes for row in read.values()), any(row.text for row in read.values())
        wanted = {
            key: {
                "pledge": pledges[key[:3]],
                "position": key[-1],
                "sdgs": None if row.sdgs is None else list(row.sdgs),
                "other_departments": row.others,
                "first_fiscal_year": there[key].first_fiscal_year if key in there else begins,
                "last_fiscal_year": self._last_of(there.get(key)),
                "source": row.source,
            }
            | ({"notes": row.notes} if has_notes else {})
            | ({"name": row.text} if has_names else {})
            | self._earlier_ratings(there.get(key), row)
            for key, row in read.items()
        }
        self.writer.name("initiatives_of_nothing", _of_nothing(read, there))
        kept = self.writer.keep(models.Initiative, there, wanted)
        self.places = {initiative.pk: written(key) for key, initiative in kept.items()}
        if there:  # of a first table all are new
            self.writer.name("initiatives_added", (written(key) for key in wanted if key not in there))
        return [(row, kept[key]) for key, row in read.items()]

    def _earlier_ratings(self, initiative: models.Initiative | None, row: TableInitiative) -> Values:
        """How the table rates years before its own, beside what earlier tables said of others."""
        told = {str(year): code for year, code in row.ratings_by_year.items() if year < self.fiscal_year}
        known: dict[str, str | None] = initiative.earlier_ratings if initiative else {}
        return {"earlier_ratings": known | told} if told else {}

    def _last_of(self, initiative: models.Initiative | None) -> int | None:
        """The last year of an initiative that the table has: one that it says nothing against stays."""
        last = initiative.last_fiscal_year if initiative else None
        return last if last is not None and last >= self.fiscal_year else None

    def _end_missing(self, kept: Pairs, end_missing: bool) -> None:
        """An initiative that the table no longer lists ended before the table's year."""
        running = (
            models.Initiative.objects.of(self.manifesto)
            .filter(last_fiscal_year=None, first_fiscal_year__lte=self.fiscal_year)
            .with_place()
        )
        missing = running.exclude(pk__in=[row.pk for _read, row in kept]).in_bulk()
        if missing and not end_missing:
            names = "、".join(initiative.place for initiative in list(missing.values())[:5])
            more = " など" if len(missing) > 5 else ""
            raise LoadingProblem(
                f"進行中の取組のうち {len(missing)} 件（{names}{more}）が、この表にありません。"
                "表が途中で切れていないか確かめてください。"
                f"終わった取組であれば、「表にない取組を終わったものとする」{OF_THE_COMMAND}を選んで取り込んでください。"
            )
        if new := [each.place for each in missing.values() if each.first_fiscal_year >= self.fiscal_year]:
            raise LoadingProblem(
                f"{short_label(self.fiscal_year)}に始まった取組 {len(new)} 件（{'、'.join(new[:5])}）が、"
                "この表にありません。始まる前に終わったことになるので、終わったものとすることはできません。"
                "前の取込みを取り消すか、表にこの取組を加えてください。"
            )
        ended = {pk: {"last_fiscal_year": self.fiscal_year - 1} for pk in missing}
        self.writer.name("initiatives_ended", (initiative.place for initiative in missing.values()))
        self.writer.keep(models.Initiative, missing, ended)

    def _plan_projects(self, kept: Pairs) -> None:
        there = {(p.code, p.name): p for p in self.manifesto.plan_projects.all()}
        wanted = {(told.code, told.name): vars(told) for row, _ in kept for told in row.plan_projects}
        projects = self.writer.keep(models.PlanProject, there, wanted, manifesto=self.manifesto)
        links = models.Initiative.plan_projects.through
        found = links.objects.filter(initiative_id__in=[initiative.pk for _, initiative in kept])
        known = {(link.initiative_id, link.planproject_id): link.pk for link in found}
        pairs = {(i.pk, projects[told.code, told.name].pk) for row, i in kept for told in row.plan_projects}
        new, gone = sorted(pairs - known.keys()), known.keys() - pairs
        self.writer.journal.created(
            links.objects.bulk_create([links(initiative_id=a, planproject_id=b) for a, b in new])
        )
        lost = links.objects.filter(pk__in=[known[pair] for pair in gone])
        self.writer.journal.deleting(lost)
        lost.delete()
        self.writer.created["Initiative.plan_projects"] += len(new)
        self.writer.changed["Initiative.plan_projects"] += len(gone)


def _of_nothing(
    read: Mapping[Place, TableInitiative], there: Mapping[Place, models.Initiative]
) -> Iterator[str]:
    """How many pledges of the table get an initiative of which it says nothing, and the first of them."""
    several = Counter(key[:3] for key in read)
    new = [key for key, row in read.items() if row.tells_nothing and key not in there]
    if places := [written(key[:3]) for key in new if several[key[:3]] == 1]:
        yield f"{len(places):,} 件：{_listed(places)}"


def _listed(told: Sequence[str]) -> str:
    """The first of what is told, and how many more there are."""
    more = f"（ほかに {len(told) - MOST_TOLD} 件）" if len(told) > MOST_TOLD else ""
    return "、".join(told[:MOST_TOLD]) + more

"""Who has the duty of a table's initiatives: departments by the names of their years, and assignments."""

from collections import defaultdict
from operator import attrgetter

from tracker.models import Assignment, Department
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.loaded_catalogue import Pairs
from tracker.published_tables.loaded_rounds import year_of_table
from tracker.published_tables.row_writer import RowWriter, Values


class LoadedDuties:
    """The duties of a table."""

    def __init__(self, table: PublishedTable, writer: RowWriter) -> None:
        self.table, self.writer, self.fiscal_year = table, writer, year_of_table(table)

    def keep(self, kept: Pairs) -> None:
        """Writes the duties anew of each initiative for which the table says others."""
        departments = self._departments()
        there = defaultdict[int, list[Assignment]](list)
        for duty in Assignment.objects.filter(initiative__in=[i for _, i in kept]).order_by("position"):
            there[duty.initiative_id].append(duty)
        new = []
        for row, initiative in kept:
            wanted = [
                Assignment(
                    initiative=initiative,
                    department=departments[term],
                    position=position,
                    from_fiscal_year=term.from_year,
                    to_fiscal_year=term.to_year,
                )
                for position, term in enumerate(dict.fromkeys(row.departments), start=1)
            ]
            old = there[initiative.pk]
            if not self._says_the_same(old, wanted):
                self.writer.changed["Assignment"] += bool(old)
                self.writer.created["Assignment"] += 0 if old else len(wanted)
                if old:
                    self.writer.journal.deleting(old)
                    Assignment.objects.filter(initiative=initiative).delete()
                new += wanted
        self.writer.journal.created(Assignment.objects.bulk_create(new, batch_size=500))

    def _says_the_same(self, old: list[Assignment], wanted: list[Assignment]) -> bool:
        """Whether duties say what the table says. Where it names no later year, what was arranged for later
        years, by a reorganisation for example, is not its matter.
        """
        year = self.fiscal_year
        told = attrgetter("department_id", "from_fiscal_year", "to_fiscal_year")
        if any((each.from_fiscal_year or 0) > year or (each.to_fiscal_year or 0) >= year for each in wanted):
            return [told(duty) for duty in old] == [told(duty) for duty in wanted]
        begun = [told(duty) for duty in old if (duty.from_fiscal_year or 0) <= year]
        then = [(office, first, last if last and last < year else None) for office, first, last in begun]
        return then == [told(duty) for duty in wanted]

    def _departments(self) -> dict[DepartmentTerm, Department]:
        """Departments by the duty that names them: the one that was called so in the duty's last year.

        A new one gets the next free three-digit code, in order of appearance.
        """
        stored = list(Department.objects.prefetch_related("former_names").order_by("code"))
        used = {each.code for each in stored}
        free = (code for number in range(1, 100_000) if (code := f"{number:03d}") not in used)
        terms = {term: (term.name, self._last_year(term)) for term in self.table.department_terms()}
        there = {
            (department.name_in(year), year): department
            for year in {year for _name, year in terms.values()}
            for department in stored
            if department.is_there_in(year)
        }
        lacking = dict.fromkeys(key[0] for key in terms.values() if key not in there)
        wanted: dict[str, Values] = {name: {"code": next(free), "name": name} for name in lacking}
        if stored:
            self.writer.name("departments_added", wanted)
        new = self.writer.keep(Department, {}, wanted)
        return {term: there.get(key) or new[term.name] for term, key in terms.items()}

    def _last_year(self, term: DepartmentTerm) -> int:
        """The last year up to the table's in which a department has a duty."""
        return min(term.to_year or self.fiscal_year, self.fiscal_year)

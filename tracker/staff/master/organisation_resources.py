"""The files of departments. Those of people are organisation/people's."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.results import Result

from tracker.models import Department, DepartmentSuccession, FormerName
from tracker.models.organisation import MAX_DEPARTMENT_NAME
from tracker.staff.master.cell_values import in_lines, lines_in, year_in
from tracker.staff.master.resources import CellWidget, MasterResource, PartsField, Row
from tracker.words.folding import fold


def stored_heirs(department: Department) -> list[str]:
    """Code and year, as a line of the cell says them: 「015 2023」."""
    return sorted(f"{each.successor.code} {each.fiscal_year}" for each in department.successions.all())


def stored_names(department: Department) -> list[str]:
    """Former name and its last year, as a line of the cell says them: 「商工労働課 2023」."""
    return sorted(f"{each.name} {each.last_fiscal_year}" for each in department.former_names.all())


class DepartmentResource(MasterResource[Department]):
    code = Field("code", "コード", CellWidget(fold))
    name = Field("name", "名称", CellWidget())
    first_fiscal_year = Field("first_fiscal_year", "設置年度", CellWidget(year_in))
    last_fiscal_year = Field("last_fiscal_year", "廃止前の最後の年度", CellWidget(year_in))
    heirs = PartsField("heirs_read", "引継ぎ先", stored_heirs, in_lines)
    division = Field("division", "部", CellWidget())
    short_name = Field("short_name", "略称", CellWidget())
    names = PartsField("names_read", "これまでの名称", stored_names, in_lines)

    may_lack = ("部", "略称", "これまでの名称")  # since version 1.1

    class Meta:
        model = Department
        import_id_fields = ("code",)

    def get_queryset(self) -> QuerySet[Department]:
        parts = ("successions__successor", "former_names")
        return Department.objects.prefetch_related(*parts).order_by("code")

    def before_import(self, dataset: Mapping[str, Sequence[str]], **kwargs: object) -> None:
        """Which codes there are, or will be."""
        stored = Department.objects.values_list("code", flat=True)
        self.codes = {*stored, *map(fold, dataset["コード"])}

    def read_heirs(self, text: str, row: Row) -> list[str]:
        return sorted({self._heir(line, fold(row["コード"])) for line in lines_in(text)})

    def _heir(self, line: str, own_code: str) -> str:
        match = re.fullmatch(r"(\S+)\s+(\d{4})", " ".join(map(fold, line.split())))
        year = year_in(match[2]) if match else None
        if not match or year is None or match[1] == own_code:
            words = "1 行に 1 課、引継ぎ先のコードと年度を「015 2023」のように書いてください。"
            raise ValueError(f"「{line}」は読めません。{words}")
        if match[1] not in self.codes:
            raise ValueError(f"コードが「{match[1]}」の担当課はありません。")
        return f"{match[1]} {year}"

    def read_names(self, text: str, row: Row) -> list[str]:
        return sorted({self._former(line) for line in lines_in(text)})

    def _former(self, line: str) -> str:
        name, _space, year = " ".join(line.split()).rpartition(" ")
        if not name or not re.fullmatch(r"\d{4}", fold(year)) or len(name) > MAX_DEPARTMENT_NAME:
            words = "1 行に 1 つ、名称とその名称だった最後の年度を「商工労働課 2023」のように書いてください。"
            raise ValueError(f"「{line}」は読めません。{words}")
        return f"{name} {year_in(fold(year))}"

    def after_import(self, dataset: object, result: Result, **kwargs: object) -> None:
        """Successors may stand in later rows, so they are linked at the end."""
        if result.has_errors() or result.has_validation_errors():
            return
        known = Department.objects.in_bulk(field_name="code")
        written = [row.instance for row in result.rows if row.import_type in {"new", "update"}]
        DepartmentSuccession.objects.filter(predecessor__in=written).delete()
        DepartmentSuccession.objects.bulk_create(
            DepartmentSuccession(predecessor=department, successor=known[code], fiscal_year=year)
            for department in written
            for code, year in map(str.split, self.fields["heirs"].get_value(department))
        )
        self._write_names(written)

    def _write_names(self, written: Sequence[Department]) -> None:
        """Former names that are no longer named go, new ones come; the others keep their division."""
        there = {
            (each.department_id, f"{each.name} {each.last_fiscal_year}"): each.pk
            for each in FormerName.objects.filter(department__in=written)
        }
        wanted = {
            (department.pk, line): department
            for department in written
            for line in self.fields["names"].get_value(department)
        }
        FormerName.objects.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
        FormerName.objects.bulk_create(
            FormerName(department=department, name=line.rpartition(" ")[0], last_fiscal_year=line[-4:])
            for (_pk, line), department in wanted.items()
            if (department.pk, line) not in there
        )

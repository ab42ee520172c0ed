"""The files of departments and of people."""

import re
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field
from import_export.results import Result

from tracker.choices import Role
from tracker.models import Department, DepartmentSuccession, Membership, User
from tracker.staff.frame.sessions import end_sessions
from tracker.staff.master.cell_values import NO, YES, answer_in, in_lines, lines_in, year_in
from tracker.staff.master.resources import CellWidget, MasterResource, PartsField, Row
from tracker.words.folding import fold


def stored_heirs(department: Department) -> list[str]:
    """Code and year, as a line of the cell says them: 「015 2023」."""
    return sorted(f"{each.successor.code} {each.fiscal_year}" for each in department.successions.all())


class DepartmentResource(MasterResource[Department]):
    code = Field("code", "コード", CellWidget(fold))
    name = Field("name", "名称", CellWidget())
    first_fiscal_year = Field("first_fiscal_year", "設置年度", CellWidget(year_in))
    last_fiscal_year = Field("last_fiscal_year", "廃止前の最後の年度", CellWidget(year_in))
    heirs = PartsField("heirs_read", "引継ぎ先", stored_heirs, in_lines)

    class Meta:
        model = Department
        import_id_fields = ("code",)

    def get_queryset(self) -> QuerySet[Department]:
        return Department.objects.prefetch_related("successions__successor").order_by("code")

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


def role_in(text: str) -> Role:
    roles = {str(role.label): role for role in Role}
    if fold(text) not in roles:
        raise ValueError(f"「{text}」という役割はありません。{'、'.join(roles)} のどれかにしてください。")
    return roles[fold(text)]


def stored_offices(user: User) -> list[str]:
    return sorted(each.department.code for each in user.memberships.all())


class UserResource(MasterResource[User]):
    """People, without passwords: a new one gets theirs on their own page."""

    username = Field("username", "利用者名", CellWidget(fold))
    last_name = Field("last_name", "姓", CellWidget())
    first_name = Field("first_name", "名", CellWidget())
    email = Field("email", "メールアドレス", CellWidget())
    role = Field("role", "役割", CellWidget(role_in, lambda role: Role(role).label))
    offices = PartsField("offices_read", "所属", stored_offices, " ".join)
    is_active = Field("is_active", "使える", CellWidget(answer_in, {True: YES, False: NO}.get))

    class Meta:
        model = User
        import_id_fields = ("username",)

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.prefetch_related("memberships__department").order_by("username")

    def import_instance(self, instance: User, row: Row, **kwargs: object) -> None:
        if not instance.password:
            instance.set_unusable_password()
        super().import_instance(instance, row, **kwargs)

    def read_offices(self, text: str, row: Row) -> list[str]:
        codes = [fold(word) for word in re.split(r"[\s,、，]+", text) if word]
        if unknown := [code for code in codes if code not in self.departments]:
            raise ValueError(f"コードが「{'、'.join(unknown)}」の担当課はありません。")
        return sorted(set(codes))

    def validate_instance(self, instance: User, found: Mapping[str, ValidationError]) -> None:
        """Nobody can shut themselves out."""
        errors = dict(found)
        for name in ("role", "is_active") if instance.pk == self.by.pk else ():
            if getattr(instance, name) != getattr(self.by, name):
                words = "自分の役割と「使える」は変えられません。ほかの管理者に頼んでください。"
                errors[name] = ValidationError(words)
        super().validate_instance(instance, errors)

    def after_save_instance(self, instance: User, row: Row, **kwargs: object) -> None:
        offices = [self.departments[code] for code in self.fields["offices"].get_value(instance)]
        Membership.objects.filter(user=instance).delete()
        Membership.objects.bulk_create(Membership(user=instance, department=office) for office in offices)

    def after_import(self, dataset: object, result: Result, **kwargs: object) -> None:
        super().after_import(dataset, result, **kwargs)
        changed = [row.instance for row in result.rows if row.import_type == "update"]
        end_sessions([user for user in changed if not user.is_active])

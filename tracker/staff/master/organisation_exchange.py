"""The files of departments and of people."""

import re
from collections.abc import Sequence

from django.db.models import QuerySet

from tracker.choices import Role
from tracker.models import Department, DepartmentSuccession, Membership, User
from tracker.staff.master.cell_values import NO, YES, answer_in, lines_in, year_in
from tracker.staff.master.exchange import MasterExchange, Row
from tracker.words.folding import fold


class DepartmentExchange(MasterExchange[Department]):
    columns = {
        "code": "コード",
        "name": "名称",
        "first_fiscal_year": "設置年度",
        "last_fiscal_year": "廃止前の最後の年度",
        "heirs": "引継ぎ先",
    }
    key = ("code",)
    heirs: list[tuple[str, int]] | None = None  # what the row at hand says; None until it is read

    def stored(self) -> QuerySet[Department]:
        return Department.objects.prefetch_related("successions__successor").order_by("code")

    def prepare(self, rows: Sequence[Row]) -> None:
        self.known = {department.code: department for department in self.stored()}
        self.promised = {fold(row["code"]) for row in rows}
        self.to_link: list[tuple[Department, list[tuple[str, int]]]] = []

    def find(self, row: Row) -> Department:
        self.heirs = None
        (code,) = self.key_in(row)
        return self.known.get(code) or Department(code=code)

    def take_first_fiscal_year(self, instance: Department, text: str) -> None:
        instance.first_fiscal_year = year_in(text)

    def take_last_fiscal_year(self, instance: Department, text: str) -> None:
        instance.last_fiscal_year = year_in(text)

    def heirs_of(self, instance: Department) -> list[tuple[str, int]]:
        if self.heirs is not None:
            return self.heirs
        stored = instance.successions.all() if instance.pk else []
        return sorted((each.successor.code, each.fiscal_year) for each in stored)

    def show_heirs(self, instance: Department) -> str:
        return "\n".join(f"{code} {year}" for code, year in self.heirs_of(instance))

    def take_heirs(self, instance: Department, text: str) -> None:
        self.heirs = sorted({self._heir(instance, line) for line in lines_in(text)})

    def _heir(self, instance: Department, line: str) -> tuple[str, int]:
        match = re.fullmatch(r"(\S+)\s+(\d{4})", " ".join(map(fold, line.split())))
        year = year_in(match[2]) if match else None
        if not match or year is None or match[1] == instance.code:
            words = "1 行に 1 課、引継ぎ先のコードと年度を「015 2023」のように書いてください。"
            raise ValueError(f"「{line}」は読めません。{words}")
        if match[1] not in self.known and match[1] not in self.promised:
            raise ValueError(f"コードが「{match[1]}」の担当課はありません。")
        return match[1], year

    def save_related(self, instance: Department) -> None:
        self.known[instance.code] = instance
        self.to_link.append((instance, self.heirs_of(instance)))

    def finish(self) -> None:
        """Successors may stand in later rows, so they are linked at the end."""
        for instance, heirs in self.to_link:
            DepartmentSuccession.objects.filter(predecessor=instance).delete()
            DepartmentSuccession.objects.bulk_create(
                DepartmentSuccession(predecessor=instance, successor=self.known[code], fiscal_year=year)
                for code, year in heirs
            )


class UserExchange(MasterExchange[User]):
    """People, without passwords: a new one gets theirs on their own page."""

    columns = {
        "username": "利用者名",
        "last_name": "姓",
        "first_name": "名",
        "email": "メールアドレス",
        "role": "役割",
        "offices": "所属",
        "is_active": "使える",
    }
    key = ("username",)
    offices: list[str] | None = None  # codes that the row at hand says; None until it is read

    def stored(self) -> QuerySet[User]:
        return User.objects.prefetch_related("memberships__department").order_by("username")

    def prepare(self, rows: Sequence[Row]) -> None:
        self.known = {user.username: user for user in self.stored()}
        self.departments = {department.code: department for department in Department.objects.all()}

    def find(self, row: Row) -> User:
        self.offices = None
        (username,) = self.key_in(row)
        user = self.known.get(username) or User(username=username)
        if not user.password:
            user.set_unusable_password()
        return user

    def show_role(self, instance: User) -> str:
        return str(Role(instance.role).label)

    def take_role(self, instance: User, text: str) -> None:
        roles = {str(role.label): role for role in Role}
        role = roles.get(fold(text))
        if role is None:
            raise ValueError(f"「{text}」という役割はありません。{'、'.join(roles)} のどれかにしてください。")
        self._not_my_own(instance, instance.role != role)
        instance.role = role

    def show_is_active(self, instance: User) -> str:
        return YES if instance.is_active else NO

    def take_is_active(self, instance: User, text: str) -> None:
        answer = answer_in(text)
        self._not_my_own(instance, instance.is_active != answer)
        instance.is_active = answer

    def _not_my_own(self, instance: User, is_changed: bool) -> None:
        if is_changed and instance.pk == self.by.pk:
            raise ValueError("自分の役割と「使える」は変えられません。ほかの管理者に頼んでください。")

    def offices_of(self, instance: User) -> list[str]:
        if self.offices is not None:
            return self.offices
        return sorted(each.department.code for each in instance.memberships.all()) if instance.pk else []

    def show_offices(self, instance: User) -> str:
        return " ".join(self.offices_of(instance))

    def take_offices(self, instance: User, text: str) -> None:
        codes = [fold(word) for word in re.split(r"[\s,、，]+", text) if word]
        if unknown := [code for code in codes if code not in self.departments]:
            raise ValueError(f"コードが「{'、'.join(unknown)}」の担当課はありません。")
        self.offices = sorted(set(codes))

    def save_related(self, instance: User) -> None:
        Membership.objects.filter(user=instance).delete()
        Membership.objects.bulk_create(
            Membership(user=instance, department=self.departments[code]) for code in self.offices_of(instance)
        )

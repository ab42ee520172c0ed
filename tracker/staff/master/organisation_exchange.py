"""The tables of departments and people."""

import re
from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field

from tracker.choices import Role
from tracker.models import Department, DepartmentSuccession, Membership, User
from tracker.staff.master.exchange import YES, MasterResource, answer_of, fold_spaced, lines_of, number_of
from tracker.words.folding import fold


class DepartmentResource(MasterResource):
    key = ("code",)
    code = Field("code", "コード")
    name = Field("name", "名称")
    first_fiscal_year = Field("first_fiscal_year", "設置年度")
    last_fiscal_year = Field("last_fiscal_year", "廃止前の最後の年度")
    heirs = Field("heirs", "引継ぎ先")

    class Meta(MasterResource.Meta):
        model = Department
        fields = ("code", "name", "first_fiscal_year", "last_fiscal_year", "heirs")

    def get_queryset(self) -> QuerySet[Department]:
        return Department.objects.prefetch_related("successions__successor").order_by("code")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.known = {department.code: department for department in self.get_queryset()}
        self.promised = {fold(code) for code in dataset["コード"]}
        self.to_link: list[Any] = []

    def find(self, row: Any) -> Department:
        code = self.text_of(row, "code")
        return self.known.get(code) or Department(code=code)

    def take_first_fiscal_year(self, instance: Department, text: str) -> None:
        instance.first_fiscal_year = number_of(text)

    def take_last_fiscal_year(self, instance: Department, text: str) -> None:
        instance.last_fiscal_year = number_of(text)

    def heirs_of(self, instance: Any) -> list[tuple[str, int]]:
        if "read_heirs" in vars(instance):
            return list(instance.read_heirs)
        if instance.pk is None:
            return []
        return sorted((each.successor.code, each.fiscal_year) for each in instance.successions.all())

    def show_heirs(self, instance: Department) -> str:
        return "\n".join(f"{code} {year}" for code, year in self.heirs_of(instance))

    def take_heirs(self, instance: Any, text: str) -> None:
        heirs = []
        for line in lines_of(text):
            match = re.fullmatch(r"(\S+)\s+(\d{4})", fold_spaced(line))
            year = number_of(match[2]) if match else None
            if not match or year is None or match[1] == instance.code:
                raise ValueError(
                    f"「{line}」は読めません。1 行に 1 課、引継ぎ先のコードと年度を「015 2023」"
                    "のように書いてください。"
                )
            if match[1] not in self.known and match[1] not in self.promised:
                raise ValueError(f"コードが「{match[1]}」の担当課はありません。")
            heirs.append((match[1], year))
        instance.read_heirs = sorted(set(heirs))

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self.known[instance.code] = instance
        self.to_link.append(instance)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Successors may stand in later rows, so they are linked at the end."""
        if result.has_errors() or result.has_validation_errors():
            return
        for instance in self.to_link:
            DepartmentSuccession.objects.filter(predecessor=instance).delete()
            DepartmentSuccession.objects.bulk_create(
                DepartmentSuccession(predecessor=instance, successor=self.known[code], fiscal_year=year)
                for code, year in instance.read_heirs
            )


class UserResource(MasterResource):
    """People, without passwords: a new one gets theirs on their own page."""

    key = ("username",)
    username = Field("username", "利用者名")
    last_name = Field("last_name", "姓")
    first_name = Field("first_name", "名")
    email = Field("email", "メールアドレス")
    role = Field("role", "役割")
    offices = Field("offices", "所属")
    is_active = Field("is_active", "使える")

    class Meta(MasterResource.Meta):
        model = User
        fields = ("username", "last_name", "first_name", "email", "role", "offices", "is_active")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by: User | None = kwargs.get("by")

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.prefetch_related("memberships__department").order_by("username")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.known = {user.username: user for user in self.get_queryset()}
        self.departments = {department.code: department for department in Department.objects.all()}

    def find(self, row: Any) -> User:
        username = self.text_of(row, "username")
        user = self.known.get(username) or User(username=username)
        if not user.password:
            user.set_unusable_password()
        return user

    def show_role(self, instance: User) -> str:
        return str(Role(instance.role).label)

    def take_role(self, instance: User, text: str) -> None:
        roles = {str(role.label): role for role in Role}
        if fold(text) not in roles:
            raise ValueError(
                "「{text}」という役割はありません。{roles} のどれかにしてください。".format(
                    text=text, roles="、".join(roles)
                )
            )
        self._not_my_own(instance, instance.role != roles[fold(text)])
        instance.role = roles[fold(text)]

    def show_is_active(self, instance: User) -> str:
        return YES if instance.is_active else "いいえ"

    def take_is_active(self, instance: User, text: str) -> None:
        answer = answer_of(text)
        self._not_my_own(instance, instance.is_active != answer)
        instance.is_active = answer

    def _not_my_own(self, instance: User, is_changed: bool) -> None:
        if is_changed and self.by is not None and instance.pk == self.by.pk:
            raise ValueError("自分の役割と「使える」は変えられません。ほかの管理者に頼んでください。")

    def offices_of(self, instance: Any) -> list[str]:
        if "read_offices" in vars(instance):
            return list(instance.read_offices)
        return (
            [] if instance.pk is None else sorted(each.department.code for each in instance.memberships.all())
        )

    def show_offices(self, instance: User) -> str:
        return " ".join(self.offices_of(instance))

    def take_offices(self, instance: Any, text: str) -> None:
        codes = [fold(word) for word in re.split(r"[\s,、，]+", text) if word]
        if unknown := [code for code in codes if code not in self.departments]:
            raise ValueError("コードが「{}」の担当課はありません。".format("、".join(unknown)))
        instance.read_offices = sorted(set(codes))

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        Membership.objects.filter(user=instance).delete()
        Membership.objects.bulk_create(
            Membership(user=instance, department=self.departments[code]) for code in self.offices_of(instance)
        )

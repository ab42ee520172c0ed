"""Who answers: departments through reorganisations, their duties, and the people who work in them."""

import re
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CASCADE, PROTECT, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property

from tracker.choices import Role
from tracker.models.catalogue import SLUG, Initiative
from tracker.models.codes import CodeField
from tracker.models.rules import always, in_order, once
from tracker.words.cutting import cut
from tracker.words.fiscal_years import fiscal_year_of, term_in

MAX_DEPARTMENT_NAME = 100  # characters
STILL_ON_DUTY = (
    "その年度より後も担当する取組が %d 件あります。"
    "課をなくすときは、「組織改正」で、どの課が引き継ぐかを決めてください。"
)
STILL_MANNED = (
    "この課に所属する、使える利用者が %d 人います。"
    "課をなくすときは、「組織改正」で、どの課に移るかを決めてください。"
)


class DepartmentNaming(models.Model):
    """What a department is called: its name, the division that it stands in, and a short name."""

    name = models.CharField("名称", max_length=MAX_DEPARTMENT_NAME)
    division = models.CharField("部", max_length=MAX_DEPARTMENT_NAME, blank=True)
    short_name = models.CharField("略称", max_length=MAX_DEPARTMENT_NAME, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Department(DepartmentNaming):
    """担当課, with the first and last fiscal year in which it exists (None: not known, or still there).

    It is called by its newest name; `former_names` has those before (docs/adr/0017).
    """

    code = CodeField("コード", max_length=20, unique=True, validators=[SLUG])
    first_fiscal_year = models.PositiveSmallIntegerField("設置年度", null=True, blank=True)
    last_fiscal_year = models.PositiveSmallIntegerField("廃止前の最後の年度", null=True, blank=True)
    is_contact = models.BooleanField(
        "公開ページの問い合わせ先",
        default=False,
        help_text="どの課にも付けなければ、「市の名前と問い合わせ先」にあるものを示します。",
    )
    successors = models.ManyToManyField(
        "self",
        through="DepartmentSuccession",
        symmetrical=False,
        related_name="predecessors",
        verbose_name="引継ぎ先",
    )

    class Meta:
        verbose_name = verbose_name_plural = "担当課"
        ordering = ["code"]
        constraints = [
            once(
                "living_department_name_once",
                ("name",),
                "同じ名称の担当課があります。",
                Q(last_fiscal_year__isnull=True),
            ),
            once("one_contact", ("is_contact",), "問い合わせ先の課が、ほかにあります。", Q(is_contact=True)),
            always(
                "department_ends_after_start",
                in_order("first_fiscal_year", "last_fiscal_year"),
                "最後の年度が、設置年度より前です。",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves, and copies what the public reads of it."""
        super().save(*args, **kwargs)
        SiteContact.refresh()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        SiteContact.refresh()
        return deleted

    def name_in(self, fiscal_year: int) -> str:
        """What it was called in a fiscal year. Queries unless `former_names` are prefetched."""
        return name_in(fiscal_year, self.name, self.former_names.all())

    def clean(self) -> None:
        """A department with duties ends by a reorganisation, which says who takes them over."""
        last = self.last_fiscal_year
        if self.pk is None or last is None:
            return
        later = self.assignments.filter(Q(to_fiscal_year__isnull=True) | Q(to_fiscal_year__gt=last))
        if count := later.values("initiative").distinct().count():
            raise ValidationError({"last_fiscal_year": STILL_ON_DUTY % count})
        if last < this_fiscal_year() and (people := self.people.filter(is_active=True).count()):
            raise ValidationError({"last_fiscal_year": STILL_MANNED % people})

    def is_there_in(self, fiscal_year: int) -> bool:
        """Whether it has not ended before that fiscal year."""
        return self.last_fiscal_year is None or self.last_fiscal_year >= fiscal_year


class SiteContact(models.Model):
    """問い合わせ先, as the public reads it: division and name of the department that `is_contact`, copied.

    One row at most. Public pages read no workspace, so whoever writes departments calls `refresh`.
    """

    name = models.CharField("問い合わせ先", max_length=2 * MAX_DEPARTMENT_NAME + 1)

    class Meta:
        verbose_name = verbose_name_plural = "問い合わせ先"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def refresh(cls) -> None:
        """Copies what is said now."""
        named = Department.objects.filter(is_contact=True).first()
        if named is None:
            cls.objects.all().delete()
        else:
            cls.objects.update_or_create(pk=1, defaults={"name": f"{named.division} {named.name}".strip()})


def contact() -> Coalesce:
    """As a column: the department that the public asks; "" where none is named."""
    return Coalesce(Subquery(SiteContact.objects.values("name")[:1]), Value(""))


class FormerName(DepartmentNaming):
    """これまでの名称: what a department was called up to and with a fiscal year, before it was renamed."""

    department = models.ForeignKey(Department, CASCADE, related_name="former_names", verbose_name="担当課")
    last_fiscal_year = models.PositiveSmallIntegerField("この名称だった最後の年度")

    class Meta:
        verbose_name = verbose_name_plural = "これまでの名称"
        ordering = ["department", "last_fiscal_year"]
        constraints = [
            once(
                "former_name_once_a_year",
                ("department", "last_fiscal_year"),
                "この年度までの名称は、すでにあります。",
            )
        ]


def name_in(fiscal_year: int, name: str, former: Iterable[FormerName]) -> str:
    """The name of a fiscal year, of a department that is called `name` now and had `former` names."""
    then = [each for each in former if each.last_fiscal_year >= fiscal_year]
    return min(then, key=lambda each: each.last_fiscal_year).name if then else name


class DepartmentSuccession(models.Model):
    """From `fiscal_year` on, `successor` answers for what `predecessor` did."""

    predecessor = models.ForeignKey(Department, CASCADE, related_name="successions", verbose_name="引継ぎ元")
    successor = models.ForeignKey(Department, CASCADE, related_name="inheritances", verbose_name="引継ぎ先")
    fiscal_year = models.PositiveSmallIntegerField("引継ぎの年度")

    class Meta:
        verbose_name = verbose_name_plural = "引継ぎ"
        constraints = [
            once("succession_once", ("predecessor", "successor", "fiscal_year"), "同じ引継ぎがあります。"),
            always("succession_to_another", ~Q(predecessor=F("successor")), "引継ぎ先が同じ課です。"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


# The order of an initiative's duties: by place, and who had it before first.
DUTY_ORDER = ("position", F("from_fiscal_year").asc(nulls_first=True))


def this_fiscal_year() -> int:
    """The fiscal year of today."""
    return fiscal_year_of(timezone.localdate())


def holds_in(fiscal_year: int | Subquery) -> Q:
    """Duties that hold in a fiscal year: `Assignment.covers` as a condition."""
    return Q(
        Q(from_fiscal_year__isnull=True) | Q(from_fiscal_year__lte=fiscal_year),
        Q(to_fiscal_year__isnull=True) | Q(to_fiscal_year__gte=fiscal_year),
    )


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Reads of duties."""

    def with_department(self) -> Self:
        """Each with its department, an initiative's in their order: to be prefetched."""
        return self.select_related("department").order_by(*DUTY_ORDER)

    def answering(self, fiscal_year: int | Subquery, below: int | Subquery | None = None) -> Self:
        """Those whose departments answer today for a row of a fiscal year: `YearlyAction.departments`.

        They have the duty in that year. Where one of these is there no more today, so do those that have the
        duty today. `below` is the fiscal year as a query inside this one sees it, where that differs.
        """
        then, now = holds_in(fiscal_year), this_fiscal_year()
        ended = Q(department__last_fiscal_year__lt=now) & holds_in(fiscal_year if below is None else below)
        left = Exists(Assignment.objects.order_by().filter(ended, initiative=OuterRef("initiative")))
        is_there = Q(department__last_fiscal_year__isnull=True) | Q(department__last_fiscal_year__gte=now)
        return self.filter(is_there, then | (holds_in(now) & Q(left)))


class Assignment(models.Model):
    """担当: a department's duty for an initiative, from and to a fiscal year (None: unlimited there)."""

    initiative = models.ForeignKey(Initiative, CASCADE, related_name="assignments", verbose_name="取組")
    department = models.ForeignKey(Department, PROTECT, related_name="assignments", verbose_name="担当課")
    position = models.PositiveSmallIntegerField("順序", default=1)
    from_fiscal_year = models.PositiveSmallIntegerField("開始年度", null=True, blank=True)
    to_fiscal_year = models.PositiveSmallIntegerField("最終年度", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "担当"
        ordering = ["initiative", *DUTY_ORDER]
        constraints = [
            once(
                "assignment_once",
                ("initiative", "department", "from_fiscal_year"),
                "同じ担当が登録されています。",
            ),
            once(
                "assignment_without_start_once",
                ("initiative", "department"),
                "同じ担当が登録されています。",
                Q(from_fiscal_year__isnull=True),
            ),
            # Who had the duty before and who has it now may stand in the same place.
            once(
                "assignment_position_once",
                ("initiative", "position", "from_fiscal_year"),
                "同じ順序の担当があります。",
            ),
            once(
                "assignment_position_without_start_once",
                ("initiative", "position"),
                "同じ順序の担当があります。",
                Q(from_fiscal_year__isnull=True),
            ),
            always(
                "assignment_ends_after_start",
                in_order("from_fiscal_year", "to_fiscal_year"),
                "最終年度が、開始年度より前です。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.from_fiscal_year or ''}～{self.to_fiscal_year or ''}"

    def covers(self, fiscal_year: int) -> bool:
        """Whether the duty holds in that fiscal year; `holds_in` is the same in SQL."""
        return term_in(fiscal_year, self.from_fiscal_year, self.to_fiscal_year) == "current"


USERNAME = re.compile(r"[A-Za-z0-9@.+_-]+")
MAX_SIGNATURE = 200  # characters, in all columns that say who did something


class PeopleManager(UserManager["User"]):
    """Makes people. `manage.py createsuperuser` makes an administrator, whose name obeys the form's rule."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> "User":
        extra_fields.setdefault("role", Role.ADMINISTRATOR)
        self.model(username=self.model.normalize_username(username)).clean()
        return super().create_superuser(username, email, password, **extra_fields)


class User(AbstractUser):
    """A person with a role. Duties belong to the departments, of which a person may have several (兼務).

    `is_demo` marks the accounts of `make run`. They cannot log in anywhere else. `uses_desk_keys`: on the
    review page single keys act, which not everybody can use safely (WCAG 2.1.4).
    """

    role = models.CharField("役割", max_length=20, choices=Role, default=Role.DEPARTMENT)
    departments = models.ManyToManyField(
        Department, through="Membership", verbose_name="所属", blank=True, related_name="people"
    )
    is_demo = models.BooleanField("見本の利用者", default=False)
    uses_desk_keys = models.BooleanField("確認の画面でキーを使う", default=True)

    objects = PeopleManager()  # type: ignore[misc]  # Django's stubs fix the manager to their own user's

    class Meta:
        verbose_name = verbose_name_plural = "利用者"
        constraints = [always("user_role_known", Q(role__in=Role.values), "その役割はありません。")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        """A new user name looks like no other: half-width letters, and not one that differs in case only.

        A name from before this rule stays as it is.
        """
        super().clean()
        is_refused_already = not self.username
        if is_refused_already or User.objects.filter(pk=self.pk, username=self.username).exists():
            return
        if not USERNAME.fullmatch(self.username):
            raise ValidationError({"username": "利用者名は、半角の英数字と @ . + - _ で書いてください。"})
        if User.objects.exclude(pk=self.pk).filter(username__iexact=self.username).exists():
            words = "大文字と小文字が違うだけの利用者名があります。別の名前にしてください。"
            raise ValidationError({"username": words})

    def get_full_name(self) -> str:
        """Family name first, as it is written in Japan."""
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def signature(self) -> str:
        """The person in events: 「企画 花子（kikaku）」. Names repeat and change, user names do not.

        It has `MAX_SIGNATURE` characters at most: a name that is too long for that is cut.
        """
        name, more = self.get_full_name(), f"（{self.username}）"
        if not name:
            return self.username
        return f"{cut(name, MAX_SIGNATURE - len(more))}{more}"

    @property
    def has_password(self) -> bool:
        """Whether a password was set: without one nobody can log in by name and password."""
        return bool(self.password) and self.has_usable_password()

    @property
    def places(self) -> "list[Membership]":
        """Where they work, the main department first. Asks `memberships` as it was fetched."""
        return sorted(self.memberships.all(), key=lambda each: (each.is_concurrent, each.pk))

    @cached_property
    def department_ids(self) -> frozenset[int]:
        """The departments that this person belongs to, read once per request."""
        return frozenset(self.memberships.values_list("department", flat=True))

    @cached_property
    def headed_ids(self) -> frozenset[int]:
        """The departments of which this person is a head (課長), read once per request."""
        return frozenset(self.memberships.filter(is_head=True).values_list("department", flat=True))


class Membership(models.Model):
    """所属: a person in a department, `is_concurrent` beside another one; `is_head` as its head (課長)."""

    user = models.ForeignKey(User, CASCADE, related_name="memberships", verbose_name="利用者")
    department = models.ForeignKey(Department, PROTECT, related_name="memberships", verbose_name="担当課")
    is_concurrent = models.BooleanField("兼務", default=False)
    is_head = models.BooleanField(
        "課長",
        default=False,
        help_text="「課長確認」を使うマニフェストでは、この課の取組を、提出の前に確認します。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "所属"
        constraints = [once("membership_once", ("user", "department"), "すでに所属しています。")]

    def __str__(self) -> str:
        return f"{self.user} {self.department}"

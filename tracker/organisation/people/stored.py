"""The people and departments of the database, as a list is compared with them. Two queries each."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tracker.choices import Role
from tracker.models import Department, DepartmentSuccession, Membership, User
from tracker.models.organisation import USERNAME
from tracker.organisation.people.file.cells import ListedOffice
from tracker.organisation.people.file.comparison import Person, StoredPerson, World

ROLES = {str(role.label): str(role) for role in Role}
ROLE_WORDS = {role: words for words, role in ROLES.items()}
FIELDS = ("pk", "username", "last_name", "first_name", "email", "role", "is_active", "is_demo")
NO_NUMBER = "利用者名に使えるのは、半角の英数字と @ . + - _ です。"
NO_MAIL = "メールアドレスとして読めません。"


def stored_people() -> list[StoredPerson]:
    """Everybody, by user name."""
    offices: dict[int, list[int]] = {}
    heads: dict[int, set[int]] = {}
    memberships = Membership.objects.order_by("is_concurrent", "pk")
    for user, department, is_head in memberships.values_list("user", "department", "is_head"):
        offices.setdefault(user, []).append(department)
        if is_head:
            heads.setdefault(user, set()).add(department)
    found = []
    for values in User.objects.order_by("username").values(*FIELDS):
        pk, is_demo = values.pop("pk"), values.pop("is_demo")
        own = offices.get(pk, [])
        person = Person(**values, offices=(*own[:1], *sorted(own[1:])), heads=frozenset(heads.get(pk, ())))
        found.append(StoredPerson(pk, person, is_demo))
    return found


def stored_offices(fiscal_year: int) -> list[ListedOffice]:
    """All departments by code, ended ones too, as they are called in a fiscal year. Two queries more than
    departments need: their successors, and their former names.
    """
    heirs: dict[int, list[str]] = {}
    successions = DepartmentSuccession.objects.order_by("successor__code")
    for pk, name in successions.values_list("predecessor", "successor__name"):
        heirs.setdefault(pk, []).append(name)
    return [
        ListedOffice(
            each.pk,
            each.code,
            each.name_in(fiscal_year),
            each.first_fiscal_year,
            each.last_fiscal_year,
            tuple(dict.fromkeys(heirs.get(each.pk, ()))),
            tuple({name for name in (each.name, each.short_name) if name}),
        )
        for each in Department.objects.prefetch_related("former_names").order_by("code")
    ]


def world_for(by: User, fiscal_year: int) -> World:
    """What a list of this person's for a fiscal year is compared with, as it is now. Five queries."""
    return World(
        fiscal_year=fiscal_year,
        offices=stored_offices(fiscal_year),
        people=stored_people(),
        by=by.pk,
        roles=ROLES,
        ordinary_role=str(Role.DEPARTMENT),
        number_refusal=lambda text: "" if USERNAME.fullmatch(text) else NO_NUMBER,
        mail_refusal=mail_refusal,
    )


def mail_refusal(text: str) -> str:
    """What is wrong with an address; "" where nothing is."""
    try:
        validate_email(text)
    except ValidationError:
        return NO_MAIL
    return ""

"""The city itself: what it is called, whom the public asks, and the planning office that its own staff ask.

One row, kept by people. Where a value is empty, the settings say it: so a site that was set up by its
environment stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Subquery, Value
from django.db.models.functions import Coalesce

from tracker.models.codes import CodeField
from tracker.models.organisation import MAX_DEPARTMENT_NAME, SiteContact, contact
from tracker.models.rules import always
from tracker.words.codes import city_code_refusal

THE_ONE = 1  # its key
KNOWN_CODES = {settings.ISESAKI: "102041"}  # of the city whose table stands in the fixtures: no other's
MAX_CONTACT = 2 * MAX_DEPARTMENT_NAME + 1  # characters, as the name of a department with its division


def refuse_no_city_code(code: str) -> None:
    """Raises ValidationError for what is no code of a municipality."""
    if words := city_code_refusal(code):
        raise ValidationError(words)


class City(models.Model):
    """市の名前と問い合わせ先. Empty: as the settings say; of the planning office, nothing."""

    name = models.CharField("市の名前", max_length=50, blank=True)
    code = CodeField("全国地方公共団体コード", max_length=6, blank=True, validators=[refuse_no_city_code])
    contact = models.CharField("市民の問い合わせ先", max_length=MAX_CONTACT, blank=True)
    contact_url = models.URLField("問い合わせ先のページ", blank=True)
    office_name = models.CharField("企画の課名", max_length=MAX_DEPARTMENT_NAME, blank=True)
    office_telephone = models.CharField("企画の電話番号", max_length=50, blank=True)
    office_mail = models.EmailField("企画のメールアドレス", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "市の名前と問い合わせ先"
        constraints = [always("one_city", Q(pk=THE_ONE), "市は 1 つだけです。")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class PlanningOffice(NamedTuple):
    """Whom departments ask; each "" where nobody has written it."""

    name: str = ""
    telephone: str = ""
    mail: str = ""


@dataclass(frozen=True)
class CityFacts:
    """The city as pages, files and mails tell it."""

    name: str
    code: str  # "" while nobody has said it
    contact: str  # the department that is marked as such, else what is written, else the city itself
    contact_url: str
    office: PlanningOffice

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "CityFacts":
        """From values named as `city_columns` names them; one that is lacking is empty."""
        told = {name: str(stored.get(name) or "") for name in COLUMNS}
        name, department = told["city_name"] or settings.CITY_NAME, told["contact"]
        nobody = (
            name if told["city_name"] else settings.CITY_CONTACT
        )  # the settings' is of the settings' city
        return cls(
            name=name,
            code=told["city_code"] or settings.CITY_CODE or KNOWN_CODES.get(name, ""),
            contact=f"{name} {department}" if department else told["city_contact"] or nobody,
            contact_url=told["city_contact_url"] or settings.CITY_CONTACT_URL,
            office=PlanningOffice(*(told[f"city_office_{part}"] for part in PlanningOffice._fields)),
        )


PUBLIC_COLUMNS = ("contact", "city_name", "city_code", "city_contact", "city_contact_url")
COLUMNS = (*PUBLIC_COLUMNS, "city_office_name", "city_office_telephone", "city_office_mail")


def city_columns(names: tuple[str, ...] = COLUMNS) -> dict[str, Coalesce]:
    """What is stored, as columns beside any row: so it costs a query of another thing nothing."""
    return {name: contact() if name == "contact" else _column(name) for name in names}


def _column(name: str) -> Coalesce:
    stored = City.objects.filter(pk=THE_ONE).values(name.removeprefix("city_"))
    return Coalesce(Subquery(stored[:1]), Value(""))


def stored_city(names: tuple[str, ...] = COLUMNS) -> dict[str, str]:
    """What is stored, by these names, in one query."""
    own = (name.removeprefix("city_") for name in names[1:])  # the first is the department
    found = City.objects.filter(pk=THE_ONE).values_list(contact(), *own).first()
    if found is None:  # the tables were emptied since the migration: no row to stand beside
        return {"contact": SiteContact.objects.values_list("name", flat=True).first() or ""}
    return dict(zip(names, found, strict=True))


def city_now() -> CityFacts:
    """The city as it is stored now, in one query: for mails and the staff site."""
    return CityFacts.of(stored_city())


def public_city_now() -> CityFacts:
    """Likewise what the public may read of it: of the planning office, nothing is asked."""
    return CityFacts.of(stored_city(PUBLIC_COLUMNS))

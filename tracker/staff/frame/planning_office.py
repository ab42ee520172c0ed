"""What every template of the staff site is given: whom in the planning office to ask."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tracker.models.city import COLUMNS, CityFacts, PlanningOffice
from tracker.public.context import city_of


def planning_office(request: HttpRequest) -> dict[str, object]:
    """`planning_office` with name, telephone and mail, read when asked for. Each is "" where it is not known,
    and for who is not logged in.
    """
    return {"planning_office": SimpleLazyObject(lambda: _office(request))}


def _office(request: HttpRequest) -> PlanningOffice:
    return (city_of_person(request) or city_of(request)).office


def city_of_person(request: HttpRequest) -> CityFacts | None:
    """The city as it was read with the person (authentication.StaffBackend): it costs no query."""
    person = getattr(request, "user", None)
    if not hasattr(person, "city_name"):
        return None
    return CityFacts.of({name: getattr(person, name) for name in COLUMNS})

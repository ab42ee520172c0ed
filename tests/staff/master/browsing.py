"""Master data as a browser sees it: addresses, forms, and what comes of sending them."""

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tracker.models import (
    Category,
    Department,
    Event,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Report,
    ReportingRound,
    YearlyAction,
)
from tracker.staff.master.by_name import ByName

KEPT = (Manifesto, Category, Pledge, Initiative, PlanProject, Department)
RECORDS = (ReportingRound, YearlyAction, Report, Event)


def page(model: type[Model], name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:tracker_{model._meta.model_name}_{name}", args=args)


def form_of(client: Client, address: str) -> dict[str, object]:
    """What a browser would send of a page's form, unchanged."""
    context = client.get(address).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, object] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif isinstance(field.field, ByName):
                data[field.html_name] = field.field.texts(value)
            elif value is not None and value is not False:
                data[field.html_name] = value
    return data


def _changed(client: Client, address: str, changed: dict[str, object]) -> dict[str, object]:
    """A page's form with some fields changed; None takes a field out."""
    fields = {**form_of(client, address), **changed}
    return {name: value for name, value in fields.items() if value is not None}


def save(client: Client, address: str, **changed: object) -> None:
    """Sends a form with some fields changed, and demands that it is accepted."""
    response = client.post(address, _changed(client, address, changed))
    assert response.status_code == 302, response.context["errors"]


def refused(client: Client, address: str, **changed: object) -> str:
    """Sends a form and demands that it is not accepted; the page that says why."""
    response = client.post(address, _changed(client, address, changed))
    assert response.status_code == 200
    return response.content.decode()

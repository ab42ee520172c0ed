"""The way of every act on a pledge: fields, then what will happen by name, then it is done.

What was shown is what is done: the act is tried before each answer, and if it would now do something else
than the page has shown, it is taken back and shown anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tracker.choices import EventKind
from tracker.cycle.catalogue import CatalogueChange, manifesto_of
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, Pledge
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.kept import TOKEN, unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.pledges.forms import PartForm, all_valid
from tracker.staff.pledges.told import address_pattern, told
from tracker.templatetags.tracker_public import BOUND
from tracker.words.cutting import cut

MOST_IN_A_MESSAGE = 60  # characters of a pledge, which may have hundreds
NOT_CARRIED = {"act", "expected", TOKEN}
CHANGED_SINCE = (
    "確かめたあとに、ほかの人が変えたため、まだ行っていません。"
    "いま行うと、下のようになります。よければ、もう一度押してください。"
)


@dataclass(frozen=True)
class PledgeAct:
    """An act: what its pages are called and say, and what writes it."""

    title: str
    template: str
    button: str
    done: str
    write: Callable[[], CatalogueChange]


def take(
    request: HttpRequest,
    step: PledgeAct,
    form: StaffForm,
    parts: Sequence[PartForm] = (),
    *,
    has_form: bool = True,
    **context: Any,
) -> HttpResponse:
    """The page of an act: its form, or what it does, or the pledge's page after it was done.

    `has_form` is false where it is too late for the act: then what was typed is shown for copying.
    """
    act = request.POST.get("act", "")
    is_asked = act not in {"", "begin", "edit", "more"}
    if not is_asked:
        for each in (form, *parts):
            each.without_errors()
    elif all_valid(form, parts):
        try:
            return _try(request, step, form, context.get("pledge"), is_wanted=act == "do")
        except RoundProblem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
    names = [*form.fields, *(f"{part.prefix}-{name}" for part in parts for name in part.fields), "parts"]
    return show(
        request,
        f"pledges/{step.template}",
        status=max(each.status for each in (form, *parts)) if is_asked else 200,
        title=step.title,
        form=form,
        parts=parts,
        typed=unshown_texts(request, names if has_form else ()),
        has_form=has_form,
        has_errors=is_asked,
        **context,
    )


def _try(
    request: HttpRequest, step: PledgeAct, form: StaffForm, pledge: Pledge | None, *, is_wanted: bool
) -> HttpResponse:
    with transaction.atomic():
        change = step.write()
        manifesto = manifesto_of(change.pledge)
        shown = told(change, address_pattern(manifesto))
        is_done = is_wanted and request.POST.get("expected") == shown.digest
        if not is_done:
            transaction.set_rollback(True)
    if is_done:
        messages.success(
            request, f"{change.pledge.place}「{cut(str(change.pledge), MOST_IN_A_MESSAGE)}」{step.done}"
        )
        return redirect("staff-pledge", change.pledge.pk)
    return show(
        request,
        "pledges/check",
        status=409 if is_wanted else 200,
        title=step.title,
        step=step,
        pledge=pledge,
        manifesto=manifesto,
        happening=shown,
        reason=form.cleaned_data["reason"],
        carried=carried(request),
        problem=CHANGED_SINCE if is_wanted else "",
        last=last_change() if is_wanted else None,
    )


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields that the page of what will happen sends once more."""
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    return [each for each in fields if each[0] not in NOT_CARRIED and not each[0].startswith(BOUND)]


def last_change() -> Event | None:
    """What somebody did last with the catalogue."""
    return Event.objects.filter(kind=EventKind.CATALOGUE).order_by("-number").first()

"""Ending an initiative from a year on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import manifestos, rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import Initiative, User, YearlyAction
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.pledges.told import indicators_left
from tracker.staff.rounds.access import nothing_written, planner
from tracker.staff.rounds.forms import EndForm
from tracker.words.fiscal_years import short_label


@require_http_methods(["GET", "HEAD", "POST"])
def end_initiative(request: HttpRequest, pk: int) -> HttpResponse:
    """After which year, and why; then what will happen, to be confirmed; then it has ended."""
    user = planner(request)
    found = Initiative.objects.with_place().prefetch_related("assignments__department")
    initiative = get_object_or_404(found, pk=pk)
    form = EndForm(request.POST or None, first=initiative.first_fiscal_year)
    step = {"check": _check, "end": _end}.get(request.POST.get("act", ""))
    if step and form.is_valid():
        try:
            return step(request, initiative, form, user)
        except RoundProblem as problem:
            form.add_error(problem.field or None, str(problem))
    typed = unshown_texts(request, form.fields if initiative.last_fiscal_year is None else ())
    context = {"form": form, "initiative": initiative, "rows": _rows(initiative), "typed": typed}
    return show(request, "rounds/end", status=form.status, title="取組を終える", **context)


def _rows(initiative: Initiative) -> list[YearlyAction]:
    """The initiative's years, oldest first."""
    return list(
        initiative.actions.select_related("round", "rating").order_by("round__fiscal_year", "round__as_of")
    )


def _check(request: HttpRequest, initiative: Initiative, form: EndForm, user: User) -> HttpResponse:
    with nothing_written():
        rounds.end_initiative(initiative, **form.cleaned_data, by=user)
    last = form.cleaned_data["last_fiscal_year"]
    gone = [row for row in _rows(initiative) if row.round.fiscal_year > last]
    context = {"form": form, "initiative": initiative, "last": last, "gone": gone}
    context["indicators"] = list(indicators_left([initiative]))
    return show(request, "rounds/end_check", title="取組を終える", **context)


def _end(request: HttpRequest, initiative: Initiative, form: EndForm, user: User) -> HttpResponse:
    ended = rounds.end_initiative(initiative, **form.cleaned_data, by=user)
    year = short_label(form.cleaned_data["last_fiscal_year"])
    which = f"{ended.place}{manifestos.beside(ended.pledge.section.manifesto_id)}"
    words = f"取組 {which} を {year} で終わりにしました。次の公表から「終わった取組」として示します。"
    messages.success(request, words)
    return redirect("staff-rounds")

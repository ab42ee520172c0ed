"""Ending an initiative from a year on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import Initiative, User, YearlyAction
from tracker.staff.frame.pages import show
from tracker.staff.rounds.access import ROUNDS, nothing_written, planner
from tracker.staff.rounds.forms import EndForm
from tracker.words.fiscal_years import short_label


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """After which year, and why; then what will happen, to be confirmed; then it has ended."""
    user = planner(request)
    initiative = get_object_or_404(
        Initiative.objects.with_place().prefetch_related("assignments__department"), pk=pk
    )
    form = EndForm(request.POST or None, initiative=initiative)
    act, status = request.POST.get("act", ""), 422
    if form.is_valid() and act in {"check", "end"}:
        try:
            if act == "end":
                return _ended(request, initiative, form, user)
            return _end_check(request, initiative, form, user)
        except RoundProblem as problem:
            form.add_error(problem.field or None, str(problem))
            status = 422 if problem.field else 409
    context = {"form": form, "initiative": initiative, "rows": _rows(initiative)}
    return show(request, "rounds/end", status=status if form.errors else 200, title="取組を終える", **context)


def _rows(initiative: Initiative) -> list[YearlyAction]:
    """The initiative's years, oldest first."""
    return list(initiative.actions.select_related("round", "rating").order_by("round__fiscal_year"))


def _end_check(request: HttpRequest, initiative: Initiative, form: EndForm, user: User) -> HttpResponse:
    with nothing_written():
        rounds.end_initiative(initiative, **form.cleaned_data, by=user)
    last = form.cleaned_data["last_fiscal_year"]
    gone = [row for row in _rows(initiative) if row.round.fiscal_year > last]
    context = {"form": form, "initiative": initiative, "last": last, "gone": gone}
    return show(request, "rounds/end_check", title="取組を終える", **context)


def _ended(request: HttpRequest, initiative: Initiative, form: EndForm, user: User) -> HttpResponse:
    ended = rounds.end_initiative(initiative, **form.cleaned_data, by=user)
    words = "取組 %(place)s を %(year)s で終わりにしました。次の公表から「終わった取組」として示します。"
    last = form.cleaned_data["last_fiscal_year"]
    messages.success(request, words % {"place": ended.place, "year": short_label(last)})
    return redirect(ROUNDS)

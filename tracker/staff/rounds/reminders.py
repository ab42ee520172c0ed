"""Reminders of a round: which mails would go to whom, and the button that sends them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.cycle import reminders
from tracker.cycle.reminders import ReminderProblem
from tracker.models import Reminder, ReportingRound
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import planners_round
from tracker.staff.rounds.forms import DaysForm

MOST_SHOWN = 300  # of the mails that were sent


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """The mails as they would be sent now; a POST sends them."""
    round, user = planners_round(request, pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = DaysForm(asked if "days" in asked else {"days": reminders.DAYS})
    if not form.is_valid() or request.method != "POST":
        return _show(request, round, form, status=form.status)
    due = list(reminders.rounds_to_remind(timezone.localdate(), form.cleaned_data["days"]).filter(pk=pk))
    try:
        delivery = reminders.send(due, by=user.signature)
    except ReminderProblem as problem:
        return _show(request, round, form, problem=str(problem), status=409)
    _tell(request, delivery)
    return redirect(reverse("staff-reminders", args=[pk], query={"days": form.cleaned_data["days"]}))


def _tell(request: HttpRequest, delivery: reminders.Delivery) -> None:
    if delivery.sent:
        messages.success(request, f"{delivery.sent_count} 通の催促メールを送りました。")
    if not delivery.sent and not delivery.failed:
        messages.info(request, "いま送る催促メールはありません。")
    for notice, why in delivery.failed:
        words = "記録していないので、もう一度送ると、送れなかった宛先だけに送ります。"
        to = "、".join(notice.recipients)
        messages.error(request, f"{notice.name}：{to} に送れませんでした（{why}）。{words}")


def _show(
    request: HttpRequest, round: ReportingRound, form: DaysForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    today, days = timezone.localdate(), form.cleaned_data["days"] if form.is_valid() else reminders.DAYS
    found = reminders.notices(round, today) if round.is_writable else []
    sent = Reminder.objects.filter(round=round).select_related("department")
    return show(
        request,
        "rounds/reminders",
        status=status,
        title="催促メール",
        round=round,
        tab="reminders",
        form=form,
        days=days,
        problem=problem,
        lacking=reminders.missing_settings(),
        is_due=reminders.rounds_to_remind(today, days).filter(pk=round.pk).exists(),
        days_left=round.days_left(today),
        sendable=[notice for notice in found if notice.recipients],
        mails=sum(len(notice.recipients) for notice in found),
        already=[notice for notice in found if notice.mailed],
        without_address=[notice for notice in found if not notice.has_address],
        sent=sent[:MOST_SHOWN],
        sent_count=sent.count(),
    )

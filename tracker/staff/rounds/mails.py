"""Mails of a round: which would go to whom and when, what was sent and refused, and which kinds are sent."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.choices import MailKind
from tracker.cycle import mailing
from tracker.cycle.notices import kinds, sending, switches
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.sending import Delivery, MailProblem
from tracker.models import RefusedMail, ReportingRound, SentMail
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import planners_round
from tracker.staff.rounds.forms import DaysForm

MOST_SHOWN = 300  # of the mails that were sent
WHEN: dict[str, str] = {
    MailKind.OPENED: "報告回を開いてから 10 分後に、取組がある課の人に。",
    MailKind.RETURNED: "差し戻してから 10 分後に、その課の人に。そのあいだの差戻しは、1 通にまとめます。",
    MailKind.DUE_CHANGED: "締切日を変えてから 10 分後に、まだ提出していない取組がある課の人に。",
    MailKind.REMINDER: "締切が近いときと過ぎたあと、平日の朝 8 時から、未提出の取組がある課の人に日に 1 通。",
    MailKind.WEEKLY: "受付中のあいだ、月曜日の朝 8 時から、課長に週 1 通。課の取組がどこで待っているか。",
    MailKind.PUBLISHED: "公表してから 10 分後に、取組がある課の人に。",
}


@require_http_methods(["GET", "HEAD", "POST"])
def round_mails(request: HttpRequest, pk: int) -> HttpResponse:
    """The mails as they would be sent now; a POST sends them, without waiting for their time."""
    round, user = planners_round(request, pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = DaysForm(asked if "days" in asked else {"days": kinds.DAYS})
    if not form.is_valid() or request.method != "POST":
        return _show(request, round, form, status=form.status)
    days = form.cleaned_data["days"]
    try:
        delivery = sending.send([round], by=user.signature, days=days)
    except MailProblem as problem:
        return _show(request, round, form, problem=str(problem), status=409)
    _tell(request, delivery)
    if not ReportingRound.objects.filter(pk=pk).exists():
        return redirect("staff-rounds")
    return redirect(reverse("staff-mails", args=[pk], query={"days": days}))


@require_http_methods(["GET", "HEAD", "POST"])
def turn_mails(request: HttpRequest, pk: int) -> HttpResponse:
    """Turns kinds of mail on and off, for the round's manifesto. Who asks for the address gets their page."""
    round, user = planners_round(request, pk)
    if request.method != "POST":
        return redirect("staff-mails", pk)
    turned = switches.turn(round.manifesto, request.POST.getlist("kind"), by=user)
    if turned:
        names = "、".join(f"「{kind.label}」" for kind in turned)
        messages.success(request, f"送るメールの種類を変えました（{names}）。")
    else:
        messages.info(request, "送るメールの種類は、前と同じです。")
    return redirect(reverse("staff-mails", args=[pk], fragment="kinds"))


def _tell(request: HttpRequest, delivery: Delivery) -> None:
    if delivery.sent:
        messages.success(request, f"{delivery.sent_count} 通のメールを送りました。")
    if delivery.untimely:
        words = "送っているあいだに、報告回か取組の状態が変わりました。"
        messages.warning(request, f"{words}送らなかった宛先：{_names(delivery.untimely)}")
    if delivery.left:
        left = f"まだ送っていないメールが {sending.mail_count(delivery.left)} 通あります。"
        words = "メールサーバーの答えが遅いので、途中でやめました。"
        messages.warning(request, f"{words}{left}もう一度送ってください。")
    if not (delivery.sent or delivery.failed or delivery.untimely or delivery.left):
        messages.info(request, "いま送るメールはありません。")
    words = "記録していないので、もう一度送ると、送れなかった宛先だけに送ります。"
    for refused in dict.fromkeys(
        f"{notice.name}：{'、'.join(notice.recipients)} に送れませんでした（{why}）。"
        for notice, why in delivery.failed
    ):
        messages.error(request, f"{refused}{words}")


def _names(notices: Iterable[Notice]) -> str:
    return "、".join(dict.fromkeys(notice.name for notice in notices))


def _show(
    request: HttpRequest, round: ReportingRound, form: DaysForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    now, days = timezone.now(), form.cleaned_data["days"] if form.is_valid() else kinds.DAYS
    found = kinds.notices_of(round, now, days=days)
    since = switches.since(round.manifesto)
    sent = SentMail.objects.filter(round=round).select_related("department")
    return show(
        request,
        "rounds/mails",
        status=status,
        title="メール",
        round=round,
        tab="mails",
        form=form,
        days=days,
        problem=problem,
        now=now,
        lacking=mailing.missing_settings(),
        reminds=round.is_writable and since[MailKind.REMINDER] is not None,
        days_left=round.days_left(timezone.localdate(now)),
        sendable=[notice for notice in found if notice.recipients],
        mails=sending.mail_count(found),
        without_address=_names(notice for notice in found if not notice.has_address),
        refused=RefusedMail.objects.filter(round=round).select_related("department"),
        kinds=[(kind, since[kind] is not None, WHEN[kind]) for kind in MailKind],
        sent=sent[:MOST_SHOWN],
        sent_count=sent.count(),
    )

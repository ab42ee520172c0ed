"""The page for a request that cannot be answered now: why, when to come back, and the words that were sent.

It needs neither the database nor a session: they may be what is in the way.
"""

import logging

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.log import log_response

from tracker.public.context import tell_last_city
from tracker.staff.frame import kept
from tracker.troubles import Trouble
from tracker.turns import Busy

logger = logging.getLogger(__name__)

STATUS = {Trouble.BUSY: 503, Trouble.DISK: 503, Trouble.TOO_LARGE: 413, Trouble.CUT_OFF: 408}
RETRY_AFTER = {Trouble.BUSY: 30, Trouble.DISK: 600}  # seconds
TITLE = {
    Trouble.BUSY: "いま混み合っています",
    Trouble.DISK: "いま書き込めません",
    Trouble.TOO_LARGE: "送られたものが大きすぎます",
    Trouble.CUT_OFF: "途中で届かなくなりました",
}
WORDS = {
    Trouble.BUSY: "30 秒ほど待って、もう一度お試しください。",
    Trouble.DISK: (
        "サーバーのディスクがいっぱいか、書き込めない状態です。管理者に連絡してください。"
        "直るまで、保存はできません。"
    ),
    Trouble.TOO_LARGE: "ファイルは 20 MB までです。シートを分けるなどして、小さくしてから送ってください。",
    Trouble.CUT_OFF: "送っている途中で通信が切れたか、時間がかかりすぎました。もう一度送ってください。",
}


def trouble_page(
    request: HttpRequest, trouble: Trouble, problem: BaseException | None = None
) -> HttpResponse:
    """503 with Retry-After, or the status for what is wrong with the request. JSON for the page's script."""
    words = f"{problem if isinstance(problem, Busy) else ''}{WORDS[trouble]}"
    if request.accepts("text/html"):
        answer = _in_words(request, trouble, words)
    else:
        answer = JsonResponse({"unavailable": words}, status=STATUS[trouble])
    if trouble in RETRY_AFTER:
        answer.headers["Retry-After"] = str(RETRY_AFTER[trouble])
    answer.headers["Cache-Control"] = "no-store"
    said = ("%s: %s (%s)", trouble, request.path, problem or "at the door")
    level = "error" if trouble is Trouble.DISK else "warning"
    log_response(*said, response=answer, request=request, logger=logger, level=level)
    return answer


def _in_words(request: HttpRequest, trouble: Trouble, words: str) -> HttpResponse:
    is_staff = request.path_info.startswith(settings.SESSION_COOKIE_PATH)
    template = "staff/unavailable.html" if is_staff else "unavailable.html"
    request.user = AnonymousUser()  # the page asks nobody who this is
    tell_last_city(request)
    context = {
        "title": TITLE[trouble],
        "words": words,
        "again": kept.sent(request),
        "lost_file": bool(request.FILES),
    }
    return render(request, template, context, status=STATUS[trouble])

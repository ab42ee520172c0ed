"""Whether the mail server answers. Nothing is sent; a mail to oneself is `doctor --mail`'s."""

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection

from tracker.doctor.findings import Finding, good, notice, trouble
from tracker.words.system_errors import in_words


def server() -> Iterator[Finding]:
    if not settings.EMAIL_HOST:
        words = "メールサーバーの設定がないので、メールを送りません。"
        yield notice("メール", words, "送るときは EMAIL_HOST などを設定してください。")
        return
    if not settings.MAIL_FROM_IS_SAID:
        words = f"差出人が {settings.DEFAULT_FROM_EMAIL} のままです。受け取られないことがあります。"
        yield notice("メール", words, "MAIL_FROM に、市のメールアドレスを設定してください。")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection():
            yield good("メール", f"{where} が答えました。")
    except OSError as problem:
        words = f"{where} とつながりません（{in_words(problem)}）。"
        yield trouble("メール", words, "EMAIL_HOST などの設定と、サーバーが動いているかを確かめてください。")

"""Versions, settings and the disk."""

import platform
import shutil
from collections.abc import Iterator

import django
from django.conf import settings
from django.core import checks

from tracker import storage
from tracker.doctor.findings import Finding, good, notice, trouble
from tracker.models.city import city_now, stored_city

GIBIBYTE = 1024**3
LEAST_FREE = 1  # GiB, before it is told


def versions() -> Iterator[Finding]:
    others = f"Python {platform.python_version()}、Django {django.__version__}"
    yield good("版", f"市長マニフェスト {settings.VERSION}、{others}。")


def settings_told() -> Iterator[Finding]:
    """What is dangerous, what is missing, and what Django's own checks say."""
    dangerous = [name for name in ("DEBUG", "DEMO") if getattr(settings, name)]
    for name in dangerous:
        yield trouble(
            "設定", f"{name} が true です。", f"公開するサーバーでは {name} を設定から外してください。"
        )
    for name, words in _missing():
        yield notice("設定", words, f"{name} を設定してください（README の「設定」）。")
    wrong = [each for each in checks.run_checks(include_deployment_checks=True) if each.level >= checks.ERROR]
    for each in wrong:
        yield trouble("設定", f"{each.id}：{each.msg}", each.hint or "")
    if not dangerous and not wrong:
        yield good("設定", "危険な設定はありません。")


def _missing() -> Iterator[tuple[str, str]]:
    if not settings.HTTPS:
        yield "HTTPS", "HTTPS が false です。職員のパスワードが、暗号にならずに流れることがあります。"
    elif not settings.TRUSTED_PROXIES:
        yield (
            "TRUSTED_PROXIES",
            "プロキシのアドレスがありません。だれかのログインの失敗で、ほかの人も待たされます。",
        )
    if not settings.PUBLIC_URL:
        yield "PUBLIC_URL", "市民が開くアドレスがありません。共有したときの絵と、絶対のアドレスが出ません。"
    if settings.EMAIL_HOST and not settings.STAFF_SITE_URL:
        yield "STAFF_SITE_URL", "職員用サイトのアドレスがないので、メールを送りません。"


def city_told() -> Iterator[Finding]:
    """Whether the city has said who it is: its name and code go into every page and file."""
    to_do = "職員用サイトの「基本データ」›「市の名前と問い合わせ先」に書いてください。"
    stored, city = stored_city(), city_now()
    if not (stored.get("city_name") or settings.CITY_NAME_IS_SAID or settings.DEMO):
        yield notice("市", f"市の名前を決めていないので、「{city.name}」と出ます。", to_do)
    elif not city.code:
        words = "全国地方公共団体コードがありません。オープンデータの列は空になり、ファイル名に入りません。"
        yield notice("市", words, to_do)
    else:
        yield good("市", f"{city.name}（{city.code}）です。")


def assets() -> Iterator[Finding]:
    if storage.assets_are_collected():
        yield good("静的ファイル", "集めてあります。")
    else:
        words = "集めていないものがあり、画面を出せません。"
        yield trouble(
            "静的ファイル", words, "manage.py collectstatic --noinput を実行し、起動し直してください。"
        )


def disk() -> Iterator[Finding]:
    folder = settings.STATE_DIR
    if not storage.can_be_written(folder):
        yield trouble("ディスク", f"{folder} に書けません。", "空きと、持ち主・権限を確かめてください。")
        return
    free = shutil.disk_usage(folder).free / GIBIBYTE
    words = f"{folder} の空きは {free:,.1f} GiB です。"
    if free < LEAST_FREE:
        yield notice("ディスク", words, "要らないファイルを消すか、ディスクを大きくしてください。")
    else:
        yield good("ディスク", words)

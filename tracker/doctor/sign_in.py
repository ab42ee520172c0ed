"""How people come in: whether the provider answers, who could if it did not, and whom nobody named."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from tracker.choices import Role
from tracker.doctor.findings import Finding, good, notice, trouble
from tracker.models import User
from tracker.organisation.sign_in import means, proxy, second_factor
from tracker.organisation.sign_in.means import SignInRefused
from tracker.organisation.sign_in.oidc import provider

TOPIC = "ログイン"
MOST_ADDRESSES = 256  # in a network of proxies, before it is told
LATELY = timedelta(days=30)


def ways() -> Iterator[Finding]:
    """By password, by an account that people have elsewhere, with a second factor or without."""
    if settings.OIDC_ISSUER:
        yield from _provider()
    if settings.REMOTE_USER_HEADER:
        yield from _proxy()
    yield from _local() if means.has_single_sign_on() else _passwords()
    yield from _mails()


def _provider() -> Iterator[Finding]:
    """What it says now, not what it said an hour ago."""
    if not settings.HTTPS:
        words = "OpenID Connect を使うのに、HTTPS が false です。返事を途中で取られることがあります。"
        yield trouble(TOPIC, words, "HTTPS を true にして、TLS のプロキシの後ろに置いてください。")
    provider.forget()
    try:
        found, keys = provider.provider(), provider.keys()
    except SignInRefused as silent:
        words = f"認証のサーバー（{settings.OIDC_ISSUER}）とやりとりできません（{silent.reason}）。"
        yield trouble(
            TOPIC, words, "OIDC_ISSUER が正しいか、ここから届くか、証明書を信頼できるかを確かめてください。"
        )
        return
    if not keys.get("keys"):
        yield trouble(
            TOPIC,
            "認証のサーバーに、署名を確かめる鍵がありません。",
            "認証のサーバーの設定を確かめてください。",
        )
    elif found.logout:
        yield good(TOPIC, f"認証のサーバー（{settings.OIDC_ISSUER}）が答えました。")
    else:
        words = "認証のサーバーに、ログアウトの窓口がありません。ここでログアウトしても、認証は続きます。"
        yield notice(TOPIC, words, "あるなら OIDC_LOGOUT_URL を設定してください。")


def _proxy() -> Iterator[Finding]:
    wide = [str(each) for each in settings.REMOTE_USER_PROXIES if each.num_addresses > MOST_ADDRESSES]
    if wide:
        words = f"REMOTE_USER_PROXIES の {'、'.join(wide)} は広すぎます。だれかになりすませる機械が入ります。"
        yield trouble(TOPIC, words, "プロキシのアドレスだけを書いてください。")
    else:
        yield good(TOPIC, "プロキシが伝える名前を、決めたアドレスからだけ受け付けています。")
    ignored = proxy.last_ignored()
    if ignored and timezone.now() - ignored[1] < LATELY:
        when = timezone.localtime(ignored[1])
        words = (
            f"決めていないアドレス（{ignored[0]}）から、名前のヘッダーが来ました（{when:%Y-%m-%d %H:%M}）。"
        )
        to_do = "使っていません。正しいものなら REMOTE_USER_PROXIES に加え、違えば送り主を調べてください。"
        yield notice(TOPIC, words, to_do)


def _local() -> Iterator[Finding]:
    """Who could come in on the day on which the other system is down."""
    if not settings.LOCAL_LOGIN:
        words = "庁内の認証が止まると、だれもログインできません。"
        yield notice(TOPIC, words, "パスワードを残す管理者を LOCAL_LOGIN に書いてください。")
    usable = {
        user.username
        for user in User.objects.filter(username__in=settings.LOCAL_LOGIN, is_active=True)
        if user.role == Role.ADMINISTRATOR and user.has_password
    }
    if unusable := [name for name in settings.LOCAL_LOGIN if name not in usable]:
        words = f"LOCAL_LOGIN の {'、'.join(unusable)} は、パスワードでログインできません。"
        yield trouble(TOPIC, words, "管理者の役割で、使えて、パスワードがある利用者の名前を書いてください。")
    elif usable:
        yield good(TOPIC, f"庁内の認証が使えないときは、{len(usable)} 人の管理者がパスワードで入れます。")
    yield from _second_factors(User.objects.filter(username__in=usable))


def _passwords() -> Iterator[Finding]:
    yield from _second_factors(User.objects.filter(is_active=True, role__in=means.WITH_SECOND_FACTOR))


def _second_factors(people: QuerySet[User]) -> Iterator[Finding]:
    """How many have one of those who would need it."""
    if not settings.SECOND_FACTOR:
        if people.exists():
            words = "企画か管理者が、パスワードだけでログインできます。"
            yield notice(TOPIC, words, "SECOND_FACTOR を true にすると、2 段階認証が要るようになります。")
        return
    if lost := second_factor.unreadable():
        words = f"{lost} 人の 2 段階認証を読めません（SECRET_KEY が変わりました）。"
        yield trouble(TOPIC, words, "もとの SECRET_KEY に戻すか、reset_second_factor で解除してください。")
    have = people.filter(second_factor__isnull=False).count()
    yield good(TOPIC, f"2 段階認証が要る {people.count()} 人のうち、{have} 人が設定しています。")


def _mails() -> Iterator[Finding]:
    """Addresses of several people, where an address says who it is."""
    by_mail = (settings.OIDC_ISSUER and settings.OIDC_MATCH == "email") or (
        settings.REMOTE_USER_HEADER and settings.REMOTE_USER_MATCH == "email"
    )
    if not by_mail:
        return
    people = User.objects.filter(is_active=True)
    without = people.filter(email="").count()
    shared = people.exclude(email="").values("email").annotate(count=Count("pk")).filter(count__gt=1).count()
    if without or shared:
        words = f"アドレスのない {without} 人と、{shared} 件の同じアドレスの人は、ログインできません。"
        yield notice(TOPIC, words, "「利用者」で、1 人に 1 つのアドレスを登録してください。")

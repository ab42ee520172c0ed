"""Invitations: who may set a password of their own, by which number, and how it ends.

A link is an address that everybody knows, a user name and a number. The number never stands in an address
that a server sees: it is typed, or stands behind the `#` of a mailed link, which browsers keep to themselves.
So it is in no log, no event and no Referer. It is not in the database either: it is made of the invitation's
key and the site's secret key whenever it is shown.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from tracker.choices import EventKind
from tracker.cycle import events, permissions
from tracker.models import ROWS_PER_STATEMENT, Event, Invitation, User
from tracker.models.sheets import token
from tracker.organisation.sessions import end_sessions
from tracker.organisation.sign_in.means import uses_password
from tracker.words.digests import canonical_json
from tracker.words.fiscal_years import day_label
from tracker.words.folding import fold_for_search

# 32 letters without those that are taken for each other on paper: 0 and O, 1 and I.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH, PIECE = 12, 4  # letters of a number, which is 60 bits; and of each piece of it
ASKED_AGAIN = timedelta(minutes=15)  # so long nobody gets a second mail that they ask for
KEPT_AFTER = timedelta(days=90)  # so long the list of people says that an invitation has ended
NOBODY = "ログインしていない人"  # who asked for a mail: it is not known whether it was the person
WITHOUT_ADDRESS = "メールアドレスがありません"
SHARED_ADDRESS = "同じメールアドレスの人がいます"
NO_SUCH_NUMBER = (
    "利用者名か招待番号が違います。すでに使った番号、あとから新しい番号が作られたときの古い番号、"
    "期限が過ぎた番号は使えません。"
)


class InvitationProblem(Exception):  # noqa: N818 - the field's own word for it
    """What cannot be done with an invitation, in words. Nothing was written."""


@dataclass(frozen=True)
class Invited:
    """What came of inviting: the invitations, and those whom no mail can reach, by the reason."""

    invitations: Sequence[Invitation]
    unreachable: dict[str, list[User]]

    @property
    def batch(self) -> str:
        return self.invitations[0].batch if self.invitations else ""


def binding_of(user: User, *, by_mail: bool) -> str:
    """What an invitation is bound to: another password, or another address for its mail, ends it."""
    bound = canonical_json([user.pk, user.password, user.email if by_mail else ""])
    return salted_hmac("tracker.invitation.bound", bound, algorithm="sha256").hexdigest()


def number_of(invitation: Invitation) -> str:
    """The number that opens it: 「ABCD-EFGH-JKLM」."""
    secret = canonical_json([invitation.key, invitation.bound_to])
    bits = int.from_bytes(salted_hmac("tracker.invitation", secret, algorithm="sha256").digest(), "big")
    letters = "".join(LETTERS[bits >> 5 * place & 31] for place in range(LENGTH))
    return "-".join(letters[start : start + PIECE] for start in range(0, LENGTH, PIECE))


def is_valid(invitation: Invitation, user: User) -> bool:
    """Whether it can be used now. Who made it must still be allowed to: rights and roles change meanwhile."""
    is_bound = invitation.bound_to == binding_of(user, by_mail=invitation.by_mail)
    may = user.is_active and not user.is_demo
    if invitation.made_by is not None:
        may = permissions.may_invite_person(invitation.made_by, user)
    return is_bound and may and not invitation.has_ended


def valid_invitation(user: User) -> Invitation | None:
    """Of those that can be used the one that ends last. Asks `invitations` as they were fetched."""
    found = [each for each in user.invitations.all() if is_valid(each, user)]
    return max(found, key=lambda each: each.expires_at, default=None)


def mail_problem(user: User, shared: Collection[str]) -> str:
    """Why a link must not be mailed to somebody; "" where it may. `shared`: see `shared_addresses`.

    Who reads a shared mailbox could log in as each of those who have it.
    """
    if not user.email:
        return WITHOUT_ADDRESS
    return SHARED_ADDRESS if user.email.casefold() in shared else ""


def shared_addresses() -> set[str]:
    """The addresses of more than one usable person, without regard to case."""
    seen: set[str] = set()
    shared: set[str] = set()
    for email in User.objects.filter(is_active=True).exclude(email="").values_list("email", flat=True):
        (shared if email.casefold() in seen else seen).add(email.casefold())
    return shared


@transaction.atomic
def invite(people: Collection[int], *, by: User, by_mail: bool) -> Invited:
    """Makes invitations for people by id; those that they had are worth nothing any more.

    Whom no mail can reach is left out and named, where they are to be mailed. Raises PermissionDenied for
    somebody whom `by` may not invite, InvitationProblem for who cannot be invited at all.
    """
    maker = User.objects.get(pk=by.pk)
    found = list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    _require_invitable(found, len(set(people)), maker)
    shared = shared_addresses() if by_mail else set()
    reasons = {user.pk: mail_problem(user, shared) if by_mail else "" for user in found}
    unreachable: dict[str, list[User]] = {}
    for user in found:
        if reason := reasons[user.pk]:
            unreachable.setdefault(reason, []).append(user)
    invited = [user for user in found if not reasons[user.pk]]
    Invitation.objects.filter(user__in=invited).delete()
    batch = token()
    made = Invitation.objects.bulk_create(
        (
            Invitation(
                user=user,
                batch=batch,
                made_by=maker,
                by_mail=by_mail,
                bound_to=binding_of(user, by_mail=by_mail),
            )
            for user in invited
        ),
        batch_size=ROWS_PER_STATEMENT,
    )
    events.record_all([_told(each, "メール" if by_mail else "印刷") for each in made], by=maker.signature)
    return Invited(made, unreachable)


def _require_invitable(found: Iterable[User], wanted: int, maker: User) -> None:
    users = list(found)
    if not permissions.may_invite(maker):
        raise PermissionDenied("パスワードの案内を作れるのは、管理者と企画だけです。")
    if elsewhere := [user.signature for user in users if not uses_password(user)]:
        words = "庁内の認証でログインするので、パスワードは要りません"
        raise InvitationProblem(f"{words}：{'、'.join(elsewhere)}。選び直してください。")
    refused = [user for user in users if not permissions.may_invite_person(maker, user)]
    if any(user.is_active and not user.is_demo for user in refused):
        words = "企画が案内を作れるのは、担当課の人だけです。ほかの人の案内は、管理者に頼んでください。"
        raise PermissionDenied(words)
    if refused or len(users) != wanted:
        names = "、".join(user.signature for user in refused) or "一覧にない人"
        raise InvitationProblem(f"使えない人が含まれています：{names}。選び直してください。")


def _told(invitation: Invitation, way: str) -> Event:
    user = invitation.user
    act = "パスワードの再設定の案内" if user.has_password else "招待"
    until = day_label(timezone.localtime(invitation.expires_at).date())
    return _event(user, act, {"渡し方": (None, way), "期限": (None, until)})


def _event(user: User, act: str, changes: dict[str, tuple[str | None, str]]) -> Event:
    content = {"act": act, "model": "利用者", "name": str(user), "changes": changes}
    return Event(kind=EventKind.CATALOGUE, subject=f"user:{user.pk}", content=content)


@transaction.atomic
def ask(username: str) -> Invitation | None:
    """The invitation that somebody asks for who cannot log in, to be mailed to the person of that name.

    None where there is no such person, or no address of their own, or no password to come in by; or where
    they were sent one lately.
    """
    people = User.objects.select_for_update().filter(username=username, is_active=True, is_demo=False)
    user = people.first()
    if user is None or not uses_password(user) or mail_problem(user, shared_addresses()):
        return None
    asked = Invitation.objects.filter(user=user, made_by=None)
    if asked.filter(made_at__gt=timezone.now() - ASKED_AGAIN).exists():
        return None
    asked.delete()
    bound_to = binding_of(user, by_mail=True)
    made = Invitation.objects.create(user=user, by_mail=True, bound_to=bound_to)
    events.record_all([_told(made, "メール（本人の画面から）")], by=NOBODY)
    return made


def find(username: str, number: str) -> Invitation | None:
    """The invitation that a user name and a number open, if it can be used."""
    user = User.objects.filter(username=username).first()
    held = user.invitations.select_related("user", "made_by") if user else ()
    return next((each for each in held if _opens(number, each) and is_valid(each, each.user)), None)


def _opens(number: str, invitation: Invitation) -> bool:
    return constant_time_compare(_plain(number), _plain(number_of(invitation)))


def _plain(number: str) -> str:
    """A number as it may be typed: in small letters, full-width, with other strokes, with spaces."""
    return fold_for_search(number).replace("-", "")


@transaction.atomic
def accept(username: str, number: str, password: str) -> User:
    """Sets the password that somebody chose. Every invitation and session of theirs is over.

    Raises InvitationProblem where the number has been used or replaced meanwhile.
    """
    User.objects.select_for_update().filter(username=username).first()  # one at a time
    invitation = find(username, number)
    if invitation is None:
        raise InvitationProblem(NO_SUCH_NUMBER)
    user = invitation.user
    user.set_password(password)
    user.save(update_fields=["password"])
    user.invitations.all().delete()
    end_sessions([user.pk])
    events.record_all([_event(user, "パスワードの設定（本人が招待番号で）", {})], by=user.signature)
    return user


def forget_ended() -> int:
    """Lets go of invitations that ended long ago: that they did is told by nobody any more."""
    ended = Invitation.objects.filter(expires_at__lt=timezone.now() - KEPT_AFTER)
    return ended.delete()[1].get("tracker.Invitation", 0)


def slips_of(batch: str, by: User) -> list[Invitation]:
    """The invitations that a person made together and that can still be used; nobody else sees a number."""
    made = Invitation.objects.filter(batch=batch, made_by=by, by_mail=False)
    found = made.select_related("user", "made_by").prefetch_related("user__memberships__department")
    return [each for each in found if is_valid(each, each.user)]

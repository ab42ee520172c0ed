"""Whether somebody can log in, and why not: what would happen if they tried now."""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localtime

from tracker.models import Invitation, User
from tracker.organisation.invitations import valid_invitation
from tracker.organisation.sign_in.means import uses_password
from tracker.staff.frame import lock_out
from tracker.templatetags.tracker_public import date_and_time


class StandingKind(StrEnum):
    """The three things that the list of people says."""

    ABLE = "able"
    INVITED = "invited"
    UNABLE = "unable"


@dataclass(frozen=True)
class Standing:
    """`words` begin with the kind: 「使えない（…）」. `waits`: a link would help."""

    kind: StandingKind
    words: str
    waits: bool = False


def with_standing(people: QuerySet[User]) -> QuerySet[User]:
    """People with all that `standing_of` asks. Two queries more, for any number."""
    held = Invitation.objects.select_related("made_by")
    counted = people.annotate(is_locked_out=lock_out.is_locked_out())
    return counted.prefetch_related(Prefetch("invitations", held))


def standing_of(user: User) -> Standing:
    """Needs `with_standing`."""
    if not user.is_active:
        return Standing(StandingKind.UNABLE, "使えない（止めている）")
    if user.is_demo and not settings.DEMO:
        return Standing(StandingKind.UNABLE, "使えない（見本の利用者）")
    if not uses_password(user):
        return Standing(StandingKind.ABLE, "庁内の認証でログインする")
    invitation = valid_invitation(user)
    until = f"期限 {date_and_time(localtime(invitation.expires_at))}" if invitation else ""
    if not user.has_password:
        if invitation:
            return Standing(StandingKind.INVITED, f"招待中（{until}）")
        has_ended = any(each.has_ended for each in user.invitations.all())
        why = "招待の期限が切れた" if has_ended else "パスワードが未設定"
        return Standing(StandingKind.UNABLE, f"使えない（{why}）", waits=True)
    if user.is_locked_out:  # type: ignore[attr-defined]  # of `with_standing`
        return Standing(StandingKind.UNABLE, "使えない（パスワードの間違いが続き、一時止めている）")
    more = f"（パスワードの案内を渡している、{until}）" if invitation else ""
    return Standing(StandingKind.ABLE, f"ログインできる{more}")

"""Which kinds of mail a manifesto sends. The planning office turns them on and off; all are on at first."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tracker.choices import EventKind, MailKind
from tracker.cycle import events, permissions
from tracker.models import MailSwitch, Manifesto, User

ALWAYS = datetime.min.replace(tzinfo=UTC)


def since(manifesto: Manifesto) -> dict[MailKind, datetime | None]:
    """For each kind since when it is sent: nothing older is told. None: it is not sent."""
    found: dict[MailKind, datetime | None] = dict.fromkeys(MailKind, ALWAYS)
    for switch in MailSwitch.objects.filter(manifesto=manifesto):
        found[MailKind(switch.kind)] = switch.since if switch.is_on else None
    return found


@transaction.atomic
def turn(manifesto: Manifesto, kinds: Collection[str], *, by: User) -> list[MailKind]:
    """Sends mails of these kinds only from now on. Returns the kinds that were turned on or off.

    What happened while a kind was off is never told afterwards.
    """
    if not permissions.may_run_rounds(by):
        raise PermissionDenied("メールの種類を選べるのは企画の職員だけです。")
    manifesto = Manifesto.objects.select_for_update().get(pk=manifesto.pk)
    stood, now = since(manifesto), timezone.now()
    turned = [kind for kind in MailKind if (stood[kind] is not None) != (kind in kinds)]
    for kind in turned:
        MailSwitch.objects.update_or_create(
            manifesto=manifesto, kind=kind, defaults={"is_on": kind in kinds, "since": now}
        )
    if turned:
        content = {"manifesto": manifesto.slug, "mails": {str(kind): kind in kinds for kind in turned}}
        subject = f"manifesto:{manifesto.slug}"
        events.record(by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=content)
    return turned

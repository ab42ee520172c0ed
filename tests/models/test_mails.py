"""Records of mails: one an occasion and recipient, in words that a person reads; when a refused one rests."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.models.breaking import Broken, assert_allowed, assert_broken, constraints_of
from tests.workspace import Workspace
from tracker.models import Department, MailSwitch, RefusedMail, SentMail

pytestmark = pytest.mark.django_db


def sent(space: Workspace, department: Department | None, **values: Any) -> SentMail:
    """A mail that is not recorded yet."""
    told = {"kind": "reminder", "occasion": "2024-06-01", "recipient": "x@city.example", **values}
    record = {"sent_at": timezone.now(), "sent_by": "x", "row_count": 1}
    return SentMail(round=space.round, department=department, **record, **told)


def refused(space: Workspace, department: Department | None, **values: Any) -> RefusedMail:
    told = {"kind": "reminder", "occasion": "2024-06-01", "recipient": "x@city.example", **values}
    refusal = RefusedMail(round=space.round, department=department, **told)
    refusal.refused_at(timezone.now(), "断られました")
    return refusal


def switch(space: Workspace, **values: Any) -> MailSwitch:
    told = {"kind": "opened", "since": timezone.now(), **values}
    return MailSwitch(manifesto=space.manifesto, **told)


def second(make: Any, *given: Any) -> Any:
    make(*given).save()
    return make(*given)


UNKNOWN = "その種類のメールはありません。"
BROKEN: Broken = {
    "sent_mail_kind_known": (lambda s: sent(s, s.mine, kind="spam"), UNKNOWN),
    "refused_mail_kind_known": (lambda s: refused(s, s.mine, kind="spam"), UNKNOWN),
    "mail_switch_kind_known": (lambda s: switch(s, kind="spam"), UNKNOWN),
    "one_mail_an_occasion": (
        lambda s: second(sent, s, s.mine),
        "この課のこの宛先には、同じメールをすでに送っています。",
    ),
    "one_mail_to_planning_an_occasion": (
        lambda s: second(sent, s, None),
        "企画のこの宛先には、同じメールをすでに送っています。",
    ),
    "one_refusal_a_kind": (
        lambda s: second(refused, s, s.mine),
        "この課のこの宛先に届かなかったことは、すでに記録しています。",
    ),
    "one_refusal_to_planning_a_kind": (
        lambda s: second(refused, s, None),
        "企画のこの宛先に届かなかったことは、すでに記録しています。",
    ),
    "one_switch_a_kind": (lambda s: second(switch, s), "この種類の設定は、すでにあります。"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused(space: Workspace, name: str) -> None:
    make, message = BROKEN[name]
    assert_broken(make(space), message)


def test_every_rule_is_tested() -> None:
    assert set(BROKEN) == constraints_of("mails")


def test_another_occasion_kind_department_or_recipient_is_another_mail(space: Workspace) -> None:
    sent(space, space.mine).save()
    others: list[dict[str, str]] = [
        {"occasion": "2024-06-02"}, {"kind": "opened"}, {"recipient": "y@city.example"}
    ]  # fmt: skip
    for values in others:
        assert_allowed(sent(space, space.mine, **values))
    assert_allowed(sent(space, space.theirs))
    assert_allowed(sent(space, None))


def test_a_refused_mail_is_tried_by_the_next_run_then_ever_later_once_a_day_at_least(
    space: Workspace,
) -> None:
    refusal, now, minutes = refused(space, space.mine), timezone.now(), []
    refusal.tries = 0
    for _try in range(14):
        refusal.refused_at(now, "断られました")
        minutes.append((refusal.next_try_at - now) / timedelta(minutes=1))
    assert minutes == [0, 5, 15, 35, 75, 155, 315, 635, 1275, *[1440] * 5]


def test_records_name_themselves(space: Workspace) -> None:
    rows = [sent(space, space.mine), sent(space, None), refused(space, None), switch(space, is_on=False)]
    assert [str(row) for row in rows] == [
        "催促 2024-06-01 土木課",
        "催促 2024-06-01 企画",
        "催促 x@city.example",
        "2021 報告の開始 送らない",
    ]

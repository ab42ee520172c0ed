"""The news on the home page: the same as the mails say, for those who get none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cycle.notices.sent import after
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.choices import MailKind
from tracker.cycle import rounds, workflow
from tracker.cycle.notices.news import news_for
from tracker.models import User
from tracker.reports import publishing


def kinds(user: User) -> list[MailKind]:
    return [each.kind for each in news_for(user, {})]


def test_an_opening_is_news_to_departments_with_rows_only(space: Workspace) -> None:
    cast = space.cast
    told = [kinds(each) for each in (cast.clerk, cast.other, cast.both, cast.stranger, cast.planner)]
    assert told == [[MailKind.OPENED]] * 3 + [[]] * 2


def test_an_extension_and_returned_rows_are_news_the_newest_first(space: Workspace) -> None:
    for number in (1, 3):
        row = submit(space.row(number), space.cast.both)
        workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="回数を")
    with after(1):
        due_on = timezone.localdate() + timedelta(days=44)
        rounds.extend(space.round, due_on=due_on, by=space.cast.planner)
    with after(2):
        assert kinds(space.cast.clerk) == [MailKind.DUE_CHANGED, MailKind.RETURNED, MailKind.OPENED]
        assert [each.count for each in news_for(space.cast.clerk, {})] == [0, 2, 0]
        assert [each.count for each in news_for(space.cast.other, {})] == [0, 1, 0]


def test_a_publication_is_news_and_what_was_before_it_is_not(space: Workspace) -> None:
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    assert kinds(space.cast.clerk) == [MailKind.PUBLISHED]


def test_after_a_month_it_is_no_news(space: Workspace) -> None:
    with after(60 * 24 * 30 + 1):
        assert kinds(space.cast.clerk) == []


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("open", "報告が始まりました"),
        ("extend", "に延びました"),
        ("return", "取組 1件が差し戻されました"),
        ("publish", "公表しました"),
    ],
)
def test_the_home_page_says_what_the_mails_say(space: Workspace, act: str, words: str) -> None:
    if act == "extend":
        due_on = timezone.localdate() + timedelta(days=44)
        rounds.extend(space.round, due_on=due_on, by=space.cast.planner)
    elif act == "return":
        row = submit(space.row(1), space.cast.clerk)
        workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="回数を")
    elif act == "publish":
        publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    page = logged_in(space.cast.clerk).get("/staff/").content.decode()
    assert words in page.partition('id="news"')[2].partition("</section>")[0]

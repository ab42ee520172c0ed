"""A confirmed list of people is written as a whole, with one event, if it does what its preview said."""

from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from tracker.choices import BatchState, EventKind
from tracker.cycle import events, one_writer, permissions
from tracker.models import ROWS_PER_STATEMENT, Membership, PeopleList, User
from tracker.organisation.people.file.columns import HEAD, HEADING, MAIL, OFFICE, OTHERS, ROLE
from tracker.organisation.people.file.comparison import ChangeKind, PeoplePlan, Person, PersonChange
from tracker.organisation.people.planning import plan_of_list
from tracker.organisation.people.stored import ROLE_WORDS
from tracker.organisation.sessions import shut_out

WRITTEN = ("last_name", "first_name", "email", "role", "is_active")
MOVED_MEANWHILE = (
    "確かめているあいだに、利用者か担当課が変わりました。まだ何も変えていません。"
    "下の新しい内容をもう一度確かめてください。"
)
OTHER_CONDITIONS = (
    "年度か「表にない人は使えなくする」を選び直したので、まだ何も変えていません。"
    "下の内容をもう一度確かめて、よければ、もう一度押してください。"
)


class PeopleProblem(Exception):  # noqa: N818 - the field's own word for it
    """Something that cannot be done with a list of people: why, and what to do. Nothing was written."""


class ShownOtherwise(PeopleProblem):
    """It would do something else than the preview showed: back to the preview."""


@transaction.atomic
def keep_conditions(listed: PeopleList, *, by: User, fiscal_year: int, closes_missing: bool) -> PeopleList:
    """Remembers what was chosen on the preview. Raises PeopleProblem where it comes too late."""
    listed = _ready(listed, by)
    listed.fiscal_year, listed.closes_missing = fiscal_year, closes_missing
    listed.save(update_fields=["fiscal_year", "closes_missing"])
    return listed


@transaction.atomic
def discard_list(listed: PeopleList, *, by: User) -> None:
    """Forgets an uploaded list that was not applied. Raises PeopleProblem."""
    _ready(listed, by).delete()


@transaction.atomic
def apply_list(listed: PeopleList, *, by: User, seen: str) -> PeopleList:
    """Applies a list, if its plan is the one that was seen (`PeoplePlan.digest`).

    Owner, permission and plan are looked at again here. People are read and written by one at a time. Raises
    PeopleProblem, ShownOtherwise.
    """
    one_writer.wait_for_turn()
    listed = _ready(listed, by)
    plan = plan_of_list(listed, by)
    if plan.digest != seen:
        raise ShownOtherwise(MOVED_MEANWHILE)
    if plan.refusals:
        words = "直すところが %d か所あるので、取り込めません。表を直して、もう一度読み込ませてください。"
        raise PeopleProblem(words % len(plan.refusals))
    if not plan.changes:
        raise PeopleProblem("変わるところはありません。取り込む必要はありません。")
    added = _write(plan.changes)
    listed.state, listed.plan_digest, listed.confirmed_at = BatchState.APPLIED, seen, timezone.now()
    listed.counts, listed.added, listed.rows = plan.counts, added, b""
    listed.save()
    _record(listed, plan, by)
    return listed


def _ready(listed: PeopleList, by: User) -> PeopleList:
    """The list, locked, for its owner, who still keeps people."""
    permissions.require_people_keeper(by)
    found = PeopleList.objects.select_for_update().filter(pk=listed.pk).first()
    if found is None:
        raise PeopleProblem("この一覧の取込は、ほかの画面でやめています。もう一度読み込ませてください。")
    if found.owner_id != by.pk:
        raise PeopleProblem("取り込めるのは、この一覧を読み込ませた人だけです。")
    if found.has_expired:
        raise PeopleProblem("確認の期限を過ぎました。一覧をもう一度読み込ませてください。")
    if found.state != BatchState.READY:
        raise PeopleProblem(f"この一覧は「{found.get_state_display()}」です。")
    return found


def _write(changes: Sequence[PersonChange]) -> list[int]:
    """Writes people and where they work; ends what closed ones had. Returns the ids of new ones."""
    new = [change for change in changes if change.id is None]
    # In order of id, as others lock people: two that wait for each other would both be refused.
    stored = sorted((each for each in changes if each.id is not None), key=lambda each: each.id or 0)
    # Nobody can log in without a password; each gets an unusable one of their own.
    made = User.objects.bulk_create(
        (
            User(**_values(change.after), username=change.after.username, password=make_password(None))
            for change in new
        ),
        batch_size=ROWS_PER_STATEMENT,
    )
    _update(stored)
    ids = {change.after.username: change.id for change in stored if change.id is not None}
    ids |= {user.username: user.pk for user in made}
    _place([(ids[change.after.username], change.before, change.after) for change in changes])
    shut_out([change.id for change in stored if change.id and change.kind is ChangeKind.LEAVING])
    return [user.pk for user in made]


def _values(person: Person) -> dict[str, str | bool]:
    return {name: getattr(person, name) for name in WRITTEN}


def _update(changes: Iterable[PersonChange]) -> None:
    """One statement per person's own values, sent at once: passwords and logins stay as they are."""
    parameters = [
        [*_values(change.after).values(), change.id]
        for change in changes
        if change.before is None or _values(change.before) != _values(change.after)
    ]
    if not parameters:
        return
    quote = connection.ops.quote_name
    settings = ", ".join(f"{quote(name)} = %s" for name in WRITTEN)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(User._meta.db_table)} SET {settings} WHERE {quote('id')} = %s",  # noqa: S608 - columns
            parameters,
        )


def _place(people: Iterable[tuple[int, Person | None, Person]]) -> None:
    """Makes the memberships of those whose departments differ anew."""
    moved = [
        (pk, after)
        for pk, before, after in people
        if before is None or (before.offices, before.heads) != (after.offices, after.heads)
    ]
    ids = [pk for pk, _after in moved]
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        Membership.objects.filter(user__in=ids[start : start + ROWS_PER_STATEMENT]).delete()
    Membership.objects.bulk_create(
        (
            Membership(
                user_id=pk, department_id=office, is_concurrent=place > 0, is_head=office in after.heads
            )
            for pk, after in moved
            for place, office in enumerate(after.offices)
        ),
        batch_size=ROWS_PER_STATEMENT,
    )


def _record(listed: PeopleList, plan: PeoplePlan, by: User) -> None:
    """One event for the whole list: everybody whom it changed, by name, with each value before and after."""
    told = {
        str(kind): {change.after.username: differences(change, plan.office_names) for change in plan.of(kind)}
        for kind in ChangeKind
        if plan.of(kind)
    }
    content = {
        "act": "利用者の一覧の取込",
        "model": "利用者の一覧",
        "name": listed.file_name,
        "fiscal_year": listed.fiscal_year,
        "closes_missing": listed.closes_missing,
        "digest": plan.digest,
        "counts": plan.counts,
        "people": told,
    }
    events.record(
        by=by.signature, kind=EventKind.CATALOGUE, subject=f"peoplelist:{listed.key}", content=content
    )


def differences(change: PersonChange, offices: Mapping[int, str]) -> dict[str, tuple[str, str]]:
    """What differs of a person, by the list's own headings: before and after in words."""
    before = in_words(change.before, offices) if change.before else {}
    after = in_words(change.after, offices)
    return {
        name: (before.get(name, ""), text) for name, text in after.items() if before.get(name, "") != text
    }


def in_words(person: Person, offices: Mapping[int, str]) -> dict[str, str]:
    """A person's values by heading, as they are read."""

    def names(ids: Iterable[int]) -> str:
        return "、".join(offices.get(each, "") for each in ids)

    return {
        "氏名": person.full_name,
        HEADING[MAIL]: person.email,
        HEADING[OFFICE]: names(person.offices[:1]),
        HEADING[OTHERS]: names(person.offices[1:]),
        HEADING[HEAD]: names(each for each in person.offices if each in person.heads),
        HEADING[ROLE]: ROLE_WORDS[person.role],
        "使える": "はい" if person.is_active else "いいえ",
    }

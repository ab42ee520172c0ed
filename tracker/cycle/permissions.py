"""Who may do what: small predicates for all who ask (querysets, forms, views, Excel, the workflow).

What a person may not see is not there for them (404). What they may see but not do is forbidden (403).
Whether a row's state and its round allow an act is the workflow's question, not this module's.
"""

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.choices import Role
from tracker.models import Membership, User, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet, answered_by
from tracker.words.extra_values import FilledColumn

Visitor = User | AnonymousUser
KEEPERS_ONLY = "利用者の一覧を取り込めるのは、管理者だけです。"


def may_enter(user: Visitor) -> TypeGuard[User]:
    """The staff site at all."""
    return isinstance(user, User) and user.is_active


def is_planning(user: Visitor) -> bool:
    return may_enter(user) and user.role == Role.PLANNING


def is_administrator(user: Visitor) -> bool:
    return may_enter(user) and user.role == Role.ADMINISTRATOR


def may_see_all_actions(user: Visitor) -> bool:
    """Every department's rows. An administrator sees them, but does not write them."""
    return is_planning(user) or is_administrator(user)


may_review = is_planning  # approving, returning, reopening
may_run_rounds = is_planning  # opening, extending, closing and correcting; reminders; ending initiatives
may_publish = is_planning
may_change_pledges = is_planning  # adding, correcting, ending, splitting and moving them in mid-term
may_begin_terms = is_planning  # the next term: its years, scale and pledges, until its first round is opened
may_see_rounds = may_see_all_actions  # the board of a round
may_see_events = may_see_all_actions  # the whole chain; a row's own history is shown to all who see the row
# Seeing, changing, importing and exporting manifestos, pledges, initiatives, duties and departments.
may_keep_master_data = may_see_all_actions
may_load_tables = may_keep_master_data  # the city's published table into the workspace; nothing is published
may_keep_people = is_administrator  # users and their departments
may_reorganise = may_keep_master_data  # documents of reorganisations, which move duties and people
may_invite = may_see_all_actions  # starting links to set a password: for whom, `invitable_people` says


def visible_actions(user: Visitor) -> YearlyActionQuerySet:
    """The rows that exist for this person."""
    if may_see_all_actions(user):
        return YearlyAction.objects.all()
    if may_enter(user):
        return YearlyAction.objects.answered_by(user.department_ids)
    return YearlyAction.objects.none()


def may_write(user: Visitor, action: YearlyAction) -> bool:
    """Whether this person answers for the row: by a department that does, or as planning."""
    if is_planning(user):
        return True
    if not may_enter(user) or user.role != Role.DEPARTMENT:
        return False
    return any(department.pk in user.department_ids for department in action.departments)


def may_fill(user: Visitor, column: FilledColumn) -> bool:
    """Whether this person writes an extra column of the rows that they may write."""
    return is_planning(user) or not column.is_of_planning


def own_columns(user: Visitor, action: YearlyAction) -> list[FilledColumn]:
    """The extra columns and indicators of a row that this person fills in, if they may write the row."""
    return [column for column in action.answer_columns if may_fill(user, column)]


def writers_rows(user: User) -> Q:
    """`may_write` as a condition: it asks the tables, not what was read."""
    if user.role == Role.PLANNING:
        return reviewers_rows(user)
    return Q(answered_by(Q(department__in=_offices(user).values("department"))))


def still_writing(user: User, action: YearlyAction) -> Q:
    """`may_write` as a condition for the UPDATE of one row, whose departments this transaction has read.

    It asks the tables whether the person still works in one of them: a quarter of the work of `writers_rows`.
    """
    if user.role == Role.PLANNING:
        return reviewers_rows(user)
    return Q(Exists(_offices(user).filter(department__in=[each.pk for each in action.departments])))


def _offices(user: User) -> QuerySet[Membership]:
    """Where the person works, if they are one of department staff."""
    return Membership.objects.filter(user=user, user__is_active=True, user__role=Role.DEPARTMENT)


def reviewers_rows(user: User) -> Q:
    """`may_review` as a condition for the UPDATE."""
    return Q(Exists(User.objects.filter(pk=user.pk, is_active=True, role=Role.PLANNING)))


def may_approve(user: Visitor, action: YearlyAction) -> bool:
    """Approving this row: nobody approves what they submitted."""
    return may_review(user) and action.submitted_by_id != user.pk


def approvers_rows(user: User) -> Q:
    """`may_approve` as a condition for the UPDATE."""
    return reviewers_rows(user) & ~Q(submitted_by=user)


def heads() -> QuerySet[Membership]:
    """Who heads a department (課長): people of departments only, so that no planner is one."""
    return Membership.objects.filter(is_head=True, user__is_active=True, user__role=Role.DEPARTMENT)


def headed_departments() -> frozenset[int]:
    """The departments (their ids) that have a head."""
    return frozenset(heads().values_list("department", flat=True))


def may_confirm(user: Visitor, action: YearlyAction) -> bool:
    """Confirming the row for its section, or giving it back: as a head of a department that answers for it.

    Nobody confirms what they wrote, unless no other head could. Asks the database in that case only.
    """
    offices = [department.pk for department in action.departments]
    if not may_enter(user) or user.role != Role.DEPARTMENT or user.headed_ids.isdisjoint(offices):
        return False
    writers = {action.submitted_by_id, action.saved_by_id} - {None}
    if user.pk not in writers:
        return True
    return not heads().filter(department__in=offices).exclude(user__in=writers).exists()


def confirmers_rows(user: User) -> Q:
    """`may_confirm` as a condition for the UPDATE: it asks the tables, not what was read."""
    own = Q(department__in=heads().filter(user=user).values("department"))
    writers = [Coalesce(OuterRef(OuterRef(name)), 0) for name in ("submitted_by", "saved_by")]
    others = heads().filter(*(~Q(user=each) for each in writers), department=OuterRef("department"))
    wrote = Q(submitted_by=user) | Q(saved_by=user)
    return Q(answered_by(own)) & (~wrote | ~Q(answered_by(Q(Exists(others)))))


def require_people_keeper(user: User) -> None:
    """Raises PermissionDenied unless the person keeps people now: it asks the table, not what was read."""
    keepers = User.objects.filter(pk=user.pk, is_active=True, role=Role.ADMINISTRATOR)
    if not may_keep_people(user) or not keepers.exists():
        raise PermissionDenied(KEEPERS_ONLY)


def may_invite_person(user: Visitor, person: User) -> bool:
    """Giving somebody a link to set their password: who holds the link can log in as them.

    The planning office may do so for department staff only, so that it gets nobody's greater rights.
    """
    if not person.is_active or person.is_demo:
        return False
    return is_administrator(user) or (is_planning(user) and person.role == Role.DEPARTMENT)


def invitable_people(user: Visitor) -> QuerySet[User]:
    """`may_invite_person` as a queryset."""
    people = User.objects.filter(is_active=True, is_demo=False)
    if is_administrator(user):
        return people
    return people.filter(role=Role.DEPARTMENT) if is_planning(user) else people.none()

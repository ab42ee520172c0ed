"""Who may do what: small predicates for all who ask (querysets, forms, views, Excel, the workflow).

What a person may not see is not there for them (404). What they may see but not do is forbidden (403).
Whether a row's state and its round allow an act is the workflow's question, not this module's.
"""

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Q

from tracker.choices import Role
from tracker.models import Membership, User, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet, answered_by

Visitor = User | AnonymousUser


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
may_see_rounds = may_see_all_actions  # the board of a round
may_see_events = may_see_all_actions  # the whole chain; a row's own history is shown to all who see the row
# Seeing, changing, importing and exporting manifestos, pledges, initiatives, duties and departments.
may_keep_master_data = may_see_all_actions
may_keep_people = is_administrator  # users and their departments


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


def writers_rows(user: User) -> Q:
    """`may_write` as a condition for the UPDATE that it guards: it asks the tables, not what was read."""
    if user.role == Role.PLANNING:
        return reviewers_rows(user)
    own = Membership.objects.filter(user=user, user__is_active=True, user__role=Role.DEPARTMENT)
    return Q(answered_by(Q(department__in=own.values("department"))))


def reviewers_rows(user: User) -> Q:
    """`may_review` as a condition for the UPDATE."""
    return Q(Exists(User.objects.filter(pk=user.pk, is_active=True, role=Role.PLANNING)))


def may_approve(user: Visitor, action: YearlyAction) -> bool:
    """Approving this row: nobody approves what they submitted."""
    return may_review(user) and action.submitted_by_id != user.pk


def approvers_rows(user: User) -> Q:
    """`may_approve` as a condition for the UPDATE."""
    return reviewers_rows(user) & ~Q(submitted_by=user)

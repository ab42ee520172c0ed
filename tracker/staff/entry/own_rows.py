"""The rows that a person is asked to answer for: those of their departments, or those that have none."""

from tracker.cycle import permissions
from tracker.models import YearlyAction
from tracker.models.reporting import YearlyActionQuerySet


def asked_of(user: permissions.Visitor) -> YearlyActionQuerySet:
    """The rows that stand on this person's home page, of all rounds."""
    if permissions.is_planning(user):
        return YearlyAction.objects.without_department()
    if permissions.is_administrator(user):
        return YearlyAction.objects.none()
    return permissions.visible_actions(user)

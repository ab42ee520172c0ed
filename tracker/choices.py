"""Closed lists of states and roles, with their Japanese names."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person may do beyond the rows of their own departments."""

    DEPARTMENT = "department", _("担当課")
    PLANNING = "planning", _("企画")
    ADMINISTRATOR = "administrator", _("管理者")


class ActionState(TextChoices):
    """Where a yearly action stands on its way into a report."""

    NOT_STARTED = "not_started", _("未着手")
    DRAFT = "draft", _("入力中")
    SUBMITTED = "submitted", _("提出済")
    RETURNED = "returned", _("差戻し")
    APPROVED = "approved", _("承認済")


class RoundState(TextChoices):
    """Whether departments may still write into a round."""

    OPEN = "open", _("受付中")
    CLOSED = "closed", _("締切")
    PUBLISHED = "published", _("公表済")


class EventKind(TextChoices):
    """What an event records."""

    IMPORTED = "imported", _("取込")
    PUBLISHED = "published", _("公表")
    TRANSITION = "transition", _("状態の変更")

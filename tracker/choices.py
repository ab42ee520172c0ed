"""Closed lists of states and roles, with their Japanese names."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may do beyond the rows of their own departments."""

    DEPARTMENT = "department", "担当課"
    PLANNING = "planning", "企画"
    ADMINISTRATOR = "administrator", "管理者"


class ActionState(TextChoices):
    """Where a yearly action stands on its way into a report."""

    NOT_STARTED = "not_started", "未着手"
    DRAFT = "draft", "入力中"
    SUBMITTED = "submitted", "提出済"
    RETURNED = "returned", "差戻し"
    APPROVED = "approved", "承認済"


# Rows that the department still has to answer, what needs a hand first; and rows that it has answered.
OPEN_STATES = (ActionState.RETURNED, ActionState.DRAFT, ActionState.NOT_STARTED)
HANDED_IN = (ActionState.SUBMITTED, ActionState.APPROVED)


class RoundState(TextChoices):
    """Whether departments may write into a round. One under correction takes its reopened rows only."""

    OPEN = "open", "受付中"
    CLOSED = "closed", "締切済"
    PUBLISHED = "published", "公表済"
    CORRECTING = "correcting", "訂正中"


# The rounds in which rows may be written, and those in which they may be approved.
WRITABLE_ROUNDS = (RoundState.OPEN, RoundState.CORRECTING)
APPROVABLE_ROUNDS = (RoundState.OPEN, RoundState.CLOSED, RoundState.CORRECTING)

# Taking an entry sheet back puts its rows where they stood, while nobody has touched them (docs/adr/0009).
TAKING_BACK = {
    (ActionState.DRAFT, ActionState.NOT_STARTED),
    (ActionState.SUBMITTED, ActionState.NOT_STARTED),
    (ActionState.SUBMITTED, ActionState.DRAFT),
    (ActionState.SUBMITTED, ActionState.RETURNED),
}

# Every way from one state to another. The database refuses all others (triggers.py). A save within a state
# is no transition.
TRANSITIONS = TAKING_BACK | {
    (ActionState.NOT_STARTED, ActionState.DRAFT),
    (ActionState.DRAFT, ActionState.SUBMITTED),
    (ActionState.RETURNED, ActionState.SUBMITTED),
    (ActionState.SUBMITTED, ActionState.APPROVED),
    (ActionState.SUBMITTED, ActionState.RETURNED),
    (ActionState.APPROVED, ActionState.RETURNED),
}


class ActionField(TextChoices):
    """The parts of a yearly action that a person writes. A return may point at one of them."""

    RESULT = "result", "主な取組"
    RATING = "rating", "実施状況"
    RATING_REASON = "rating_reason", "評価を変えた理由"
    PLAN = "plan", "翌年度の取組予定"


class EventKind(TextChoices):
    """What an event records."""

    IMPORTED = "imported", "取込"
    PUBLISHED = "published", "公表"
    TRANSITION = "transition", "状態の変更"
    ROUND = "round", "報告回"
    CATALOGUE = "catalogue", "基本データ"


class BatchState(TextChoices):
    """Where an uploaded entry sheet stands."""

    READY = "ready", "確認待ち"
    APPLIED = "applied", "取込済"
    UNDONE = "undone", "取消済"

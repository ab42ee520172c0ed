"""Closed lists of states and roles, with their Japanese names."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may do beyond the rows of their own departments."""

    DEPARTMENT = "department", "担当課"
    PLANNING = "planning", "企画"
    ADMINISTRATOR = "administrator", "管理者"


class ActionState(TextChoices):
    """Where a yearly action stands on its way into a report."""

    NOT_STARTED = "not_started", "未入力"
    DRAFT = "draft", "入力中"
    IN_SECTION = "in_section", "課内確認中"
    SUBMITTED = "submitted", "提出済"
    RETURNED = "returned", "差戻し"
    APPROVED = "approved", "承認済"


# What a draft is called that lacks nothing (`YearlyAction.state_label`). It is no state of its own.
FILLED_IN_LABEL = "入力済み"

# Rows that the department still has to answer, what needs a hand first; and rows that it has answered. Those
# that wait for its head (課長) are neither: they have not reached the planning office, and nobody writes into
# them.
OPEN_STATES = (ActionState.RETURNED, ActionState.DRAFT, ActionState.NOT_STARTED)
HANDED_IN = (ActionState.SUBMITTED, ActionState.APPROVED)
OUTSTANDING = (*OPEN_STATES, ActionState.IN_SECTION)
BOUND = (ActionState.IN_SECTION, *HANDED_IN)


class RoundState(TextChoices):
    """Whether departments may write into a round. One under correction takes its reopened rows only; one that
    came with a table waits to be published.
    """

    OPEN = "open", "受付中"
    CLOSED = "closed", "締切済"
    IMPORTED = "imported", "取込済（公表前）"
    PUBLISHED = "published", "公表済"
    CORRECTING = "correcting", "訂正中"


# The rounds in which rows may be written, and those in which they may be approved.
WRITABLE_ROUNDS = (RoundState.OPEN, RoundState.CORRECTING)
APPROVABLE_ROUNDS = (RoundState.OPEN, RoundState.CLOSED, RoundState.CORRECTING)

# What the last event of a row says in the place of its state, where the row went with its cancelled round.
CANCELLED = "cancelled"
CANCELLED_LABEL = "取り消した"

# A department withdraws what it has submitted: to where it stood before (docs/adr/0021).
WITHDRAWING = {
    (before, after)
    for before in (ActionState.SUBMITTED, ActionState.IN_SECTION)
    for after in (ActionState.DRAFT, ActionState.RETURNED)
}

# Taking an entry sheet back puts its rows where they stood, while nobody has touched them (docs/adr/0009).
TAKING_BACK = WITHDRAWING | {
    (ActionState.DRAFT, ActionState.NOT_STARTED),
    (ActionState.SUBMITTED, ActionState.NOT_STARTED),
    (ActionState.IN_SECTION, ActionState.NOT_STARTED),
}

# Every way from one state to another. The database refuses all others (triggers.py). A save within a state
# is no transition.
TRANSITIONS = TAKING_BACK | {
    (ActionState.NOT_STARTED, ActionState.DRAFT),
    (ActionState.DRAFT, ActionState.SUBMITTED),
    (ActionState.RETURNED, ActionState.SUBMITTED),
    (ActionState.DRAFT, ActionState.IN_SECTION),
    (ActionState.RETURNED, ActionState.IN_SECTION),
    (ActionState.IN_SECTION, ActionState.SUBMITTED),
    (ActionState.IN_SECTION, ActionState.RETURNED),
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


class ColumnKind(TextChoices):
    """What the values of an extra column are (words/extra_values.py reads them)."""

    TEXT = "text", "文章"
    NUMBER = "number", "数"
    DATE = "date", "日付"
    CHOICE = "choice", "選択肢"
    LINK = "link", "リンク"


class IndicatorDirection(TextChoices):
    """Where an indicator should go (words/indicators.py tells what is reached)."""

    UP = "up", "増やす"
    DOWN = "down", "減らす"
    KEEP = "keep", "維持する"


class IndicatorFormula(TextChoices):
    """How an indicator's rate is reckoned (words/indicators.py)."""

    RATIO = "ratio", "実績と目標の比"
    FROM_BASE = "from_base", "基準値からの進み"


# Who fills an extra column in.
COLUMN_FILLERS = [(Role.DEPARTMENT, Role.DEPARTMENT.label), (Role.PLANNING, Role.PLANNING.label)]


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


class ReorganisationState(TextChoices):
    """Where a document of a reorganisation stands."""

    PREPARED = "prepared", "準備中"
    APPLIED = "applied", "実施済"
    UNDONE = "undone", "取消済"


class MailKind(TextChoices):
    """Of what people are told by mail (cycle/notices)."""

    OPENED = "opened", "報告の開始"
    RETURNED = "returned", "差戻し"
    DUE_CHANGED = "due_changed", "締切の変更"
    REMINDER = "reminder", "催促"
    WEEKLY = "weekly", "課長への週ごとの状況"
    PUBLISHED = "published", "公表"

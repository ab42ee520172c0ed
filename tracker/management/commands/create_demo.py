"""`manage.py create_demo`, for `make run` only: accounts to try each role, and a round that is under way."""

import csv
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from tracker.choices import ActionState, Role
from tracker.cycle import events, rounds, workflow
from tracker.cycle.round_dates import next_round, probable_date
from tracker.cycle.rounds import RoundProblem
from tracker.cycle.workflow import Content
from tracker.models import Department, Manifesto, Membership, User, YearlyAction
from tracker.staff.master import changes
from tracker.words import continuations
from tracker.workbooks.text_lines import text_width

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # without 1, l, i, o and 0, which look alike
DUE_IN = timedelta(days=6)  # near enough for reminders
NOT_REAL = "（見本の文章です）"  # nobody may take the demo for what a real city did
REASONS = {"better": "予定より早く進んだため。", "worse": "工程を見直し、完了が先になったため。"}
CHANGED = "（変更済み）"  # stands for a password that somebody has changed since


@dataclass(frozen=True)
class Account:
    """Somebody to try. `departments` are places in `busiest_departments`.

    `acts` are what has happened when the demo begins, to one row each of the first department.
    """

    username: str
    family_name: str
    given_name: str
    role: Role
    departments: list[int]
    acts: list[str]

    def user(self, departments: Sequence[Department]) -> User:
        """Makes the user, without a password yet."""
        names = {"last_name": self.family_name, "first_name": self.given_name}
        mail = f"{self.username}@demo.invalid"
        user = User.objects.create_user(self.username, mail, role=self.role, is_demo=True, **names)
        own = [Membership(user=user, department=departments[place]) for place in self.departments]
        Membership.objects.bulk_create(own)
        made = changes.changes_between({}, changes.values_of(user, ("memberships",)))
        events.record_all([changes.recorded(user, "追加", made)], by="create_demo")
        return user


with Path(__file__).with_name("demo_accounts.csv").open(encoding="utf-8", newline="") as file:
    ACCOUNTS = [
        Account(name, family, given, Role(role), [int(place) for place in places.split()], acts.split())
        for name, family, given, role, places, acts in list(csv.reader(file))[1:]
    ]


class Command(BaseCommand):
    help = "見本の利用者と、入力の始まった報告回を作ります（make run のときだけ）。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            words = "見本の利用者は、DEMO=true のときだけ作れます。実際のサーバーでは使わないでください。"
            raise CommandError(words)
        if User.objects.filter(is_demo=False).exists():
            self.stdout.write("利用者がすでに登録されているので、見本の利用者は作りません。")
            return
        keeping = Path(settings.STATE_DIR) / "demo_accounts.txt"
        with transaction.atomic():
            is_new = not User.objects.exists()
            manifesto = latest_manifesto()
            departments = busiest_departments(manifesto)
            passwords = make_people(departments, kept_passwords(keeping))
            if is_new:
                open_and_play(manifesto, departments)
        lines = account_lines(departments, passwords)
        keep("\n".join(lines), keeping)
        heading = f"\n  見本の利用者（/staff/ にログインできます。この表は {keeping} にもあります）"
        self.stdout.write("\n".join([heading, *(f"  {line}" for line in lines)]))


def latest_manifesto() -> Manifesto:
    """The manifesto that was published last. Raises CommandError where there is none."""
    manifesto = Manifesto.objects.filter(reports__isnull=False).order_by("-first_fiscal_year").first()
    if manifesto is None:
        raise CommandError("公表版がありません。先に import_report --publish で表を取り込んでください。")
    return manifesto


def busiest_departments(manifesto: Manifesto) -> list[Department]:
    """The departments that answer for most initiatives now, most first: as many as the accounts need."""
    needed = 1 + max(place for account in ACCOUNTS for place in account.departments)
    now = Q(assignments__to_fiscal_year=None, assignments__initiative__pledge__section__manifesto=manifesto)
    ranked = Department.objects.annotate(duties=Count("assignments", filter=now)).order_by("-duties", "code")
    return list(ranked[:needed])


def make_people(departments: Sequence[Department], kept: dict[str, str]) -> dict[str, str]:
    """Makes the accounts that are missing, and new passwords for unknown ones. User name to password."""
    passwords = {}
    for account in ACCOUNTS:
        user = User.objects.filter(username=account.username).first() or account.user(departments)
        password = kept.get(account.username, "")
        if not user.has_usable_password() or not password:
            password = "".join(secrets.choice(READABLE) for _place in range(12))
            user.set_password(password)
            user.save()
        elif not user.check_password(password):
            password = CHANGED
        passwords[account.username] = password
    return passwords


def kept_passwords(keeping: Path) -> dict[str, str]:
    """User name to password, as an earlier run wrote them down."""
    text = keeping.read_text(encoding="utf-8") if keeping.exists() else ""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) > 1}


def keep(text: str, keeping: Path) -> None:
    """Writes the file in one step, readable by its owner only."""
    with tempfile.NamedTemporaryFile("w", dir=keeping.parent, delete=False, encoding="utf-8") as private:
        private.write(f"{text}\n")
    Path(private.name).replace(keeping)


def account_lines(departments: Sequence[Department], passwords: dict[str, str]) -> list[str]:
    """The accounts in columns: user name, password, role, departments."""
    rows = [("利用者名", "パスワード", "役割", "担当課")]
    for account in ACCOUNTS:
        names = "・".join(departments[place].name for place in account.departments)
        rows.append((account.username, passwords[account.username], str(account.role.label), names))
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in rows]


def padded(text: str, width: int) -> str:
    """A text with as many blanks behind it as fill a column of a terminal."""
    return text + " " * (width - text_width(text))


def open_and_play(manifesto: Manifesto, departments: Sequence[Department]) -> None:
    """Opens the next round, and lets something happen in it; neither where another round is under way."""
    planner = User.objects.get(username="kikaku1")
    year, name = next_round(manifesto)
    due_on, as_of = timezone.localdate() + DUE_IN, probable_date(year, name)
    try:
        round = rounds.open_round(
            manifesto, fiscal_year=year, name=name, due_on=due_on, as_of=as_of, by=planner
        )
    except RoundProblem:
        return
    for account in (each for each in ACCOUNTS if each.acts):
        untouched = YearlyAction.objects.filter(round=round, state=ActionState.NOT_STARTED)
        own = untouched.answered_by([departments[account.departments[0]].pk]).with_place().with_departments()
        clerk = User.objects.get(username=account.username)
        for act, action in zip(account.acts, own.in_table_order()[: len(account.acts)], strict=False):
            play(act, action, clerk, planner)


def play(act: str, action: YearlyAction, clerk: User, planner: User) -> None:
    """Writes a row as a department would, and takes it as far as the act says."""
    row = workflow.save(action.pk, by=clerk, version=action.version, content=answer(act, action))
    if act == "draft":
        return
    row = workflow.submit(row.pk, by=clerk, version=row.version)
    if act == "approved":
        workflow.approve(row.pk, by=planner, version=row.version)
    elif act == "returned":
        reason = f"{NOT_REAL}いつ、何回行ったのかが分かるように書いてください。"
        workflow.send_back(row.pk, by=planner, version=row.version, reason=reason, field="result")


def answer(act: str, action: YearlyAction) -> Content:
    """What the department writes. A rating that should move past an end of the scale goes the other way."""
    year, rating = action.round.fiscal_year, action.reference_rating
    step = {"better": -1, "worse": 1}.get(act, 0)
    scale = {each.position: each for each in action.round.manifesto.ratings.all()}
    moved = (scale.get(rating.position + step) or scale.get(rating.position - step)) if rating else None
    told = f"・{NOT_REAL}説明会を開き、意見を聞きました。"
    reason = ""
    if step and moved and rating:
        reason = NOT_REAL + REASONS["better" if moved.position < rating.position else "worse"]
    return Content(
        result=continuations.phrase(year, done=True) if act == "approved" else told,
        plan="" if act == "draft" else continuations.phrase(year + 1, done=False),
        rating_id=moved.pk if moved else None,
        is_unrated=moved is None,
        rating_reason=reason,
    )

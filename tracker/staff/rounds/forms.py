"""Forms of the rounds: opening, extending, correcting, ending an initiative, publishing, reminding."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from tracker.cycle.notices.kinds import DAYS
from tracker.cycle.round_dates import next_round, probable_date
from tracker.models import Manifesto, ReportingRound
from tracker.models.reporting import MAX_ROUND_NAME
from tracker.staff.frame.fields import DayField, ReasonField, StaffForm, YearField
from tracker.words.fiscal_years import fiscal_year_of, label
from tracker.words.visible import without_unseen

YEARS_AHEAD = 5  # fiscal years offered beyond the next
FARTHEST_DUE = timedelta(days=2 * 366)
UNCHOSEN = dict.fromkeys(("required", "invalid_choice"), "マニフェストを一覧から選んでください。")
NO_DAYS = "日数は 0 から 366 までの数で書いてください。"


def year_choices(first: int, last: int) -> list[tuple[str, str]]:
    return [(str(year), label(year)) for year in range(first, last + 1)]


def needed(label: str, help_text: str = "") -> ReasonField:
    """A reason that must be given."""
    missing = {"required": f"{label}を書いてください。"}
    return ReasonField(label=label, help_text=help_text, error_messages=missing)


class DueForm(StaffForm):
    """A due date."""

    due_on = DayField(label="締切日", error_messages={"required": "締切日を入力してください。"})

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on > timezone.localdate() + FARTHEST_DUE:
            raise ValidationError("締切日が 2 年より先です。年を確かめてください。")
        return due_on


class RoundNameField(forms.CharField):
    """Which round of its year it is; what suggests itself is offered by the page."""

    widget = forms.TextInput(attrs={"list": "round-names", "autocomplete": "off"})
    default_error_messages = {"max_length": f"{MAX_ROUND_NAME} 文字までで書いてください。"}

    def __init__(self) -> None:
        help_text = (
            "同じ年度に 2 回以上報告するときに、「上半期」「下半期」「中間報告」のように書きます。"
            "同じ年度の報告回には、別々の名前を付けます。年度に 1 回だけなら、空けておきます。"
            "公開ページにも出ます。"
        )
        label = "報告回の名前"
        super().__init__(label=label, required=False, max_length=MAX_ROUND_NAME, help_text=help_text)

    def to_python(self, value: Any) -> str:
        return " ".join(without_unseen(super().to_python(value) or "").split())


AS_OF_HELP = (
    "公表するときに「令和○年○月末時点」と示す日です。年度の終わりの 3 月 31 日が普通です。"
    "年度の始まりから、翌年度の 12 月末までの日付にできます。"
)


def as_of_field() -> DayField:
    missing = {"required": "時点の日付を入力してください。"}
    return DayField(label="時点", help_text=AS_OF_HELP, error_messages=missing)


class DescribeForm(StaffForm):
    """Name and date of a round that is not published yet."""

    name = RoundNameField()
    as_of = as_of_field()

    def __init__(self, data: QueryDict | None = None, *, round: ReportingRound) -> None:
        super().__init__(data, initial={"name": round.name, "as_of": round.as_of})


class OpenForm(DueForm):
    """A round to open: of which manifesto and year, called what, due when, true as of when."""

    manifesto = forms.ModelChoiceField(
        Manifesto.objects.all(), label="マニフェスト", empty_label=None, error_messages=UNCHOSEN
    )
    fiscal_year = YearField(label="年度", help_text="取組の結果を報告してもらう年度です。")
    name = RoundNameField()
    as_of = as_of_field()
    field_order = ["manifesto", "fiscal_year", "name", "as_of", "due_on"]

    def __init__(self, data: QueryDict | None = None, *, manifesto: Manifesto) -> None:
        year, name = next_round(manifesto)
        initial = {"manifesto": manifesto, "fiscal_year": year, "name": name}
        super().__init__(data, initial=initial | {"as_of": probable_date(year, name)})
        first = min(year, *Manifesto.objects.values_list("first_fiscal_year", flat=True))
        last = max(year, fiscal_year_of(timezone.localdate())) + YEARS_AHEAD
        self.offer("fiscal_year", year_choices(first, last))
        self.fields["due_on"].help_text = "担当課に提出してもらう最後の日です。あとから延ばせます。"


class CancelForm(StaffForm):
    """Why a round, or the import of a table, is taken back."""

    reason = needed("取り消す理由", "履歴に残ります。公開ページには出ません。")


class CorrectForm(StaffForm):
    """Why a published round is to be corrected."""

    reason = needed("訂正を始める理由")


class EndForm(StaffForm):
    """After which year an initiative has ended, and why."""

    last_fiscal_year = YearField(
        label="最後の年度", help_text="この年度まで取り組みました。次の年度からは報告を求めません。"
    )
    reason = needed("終わる理由", "履歴に残ります。公開ページには出ません。")

    def __init__(self, data: QueryDict | None = None, *, first: int) -> None:
        now = fiscal_year_of(timezone.localdate())
        super().__init__(data, initial={"last_fiscal_year": max(first, now - 1)})
        self.offer("last_fiscal_year", year_choices(first, max(first, now + 1)))


class PublishForm(StaffForm):
    """The reasons that a publication needs: for rows that are not approved, and for a further edition."""

    correction_reason = needed("訂正の理由", "公開ページに、そのまま出ます。")
    unapproved_reason = needed("承認前の取組を残して公表する理由", "公開ページに、そのまま出ます。")

    def __init__(self, *args: Any, is_correction: bool, is_incomplete: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_correction:
            del self.fields["correction_reason"]
        if not is_incomplete:
            del self.fields["unapproved_reason"]


class DaysForm(StaffForm):
    """How near the due date must be."""

    days = forms.IntegerField(
        label="催促を、締切の何日前から送れるようにするか",
        min_value=0,
        max_value=366,
        initial=DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), NO_DAYS),
    )

"""Forms of reorganisations: a document, its steps, and who takes over what."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from tracker.models.catalogue import SLUG
from tracker.models.organisation import MAX_DEPARTMENT_NAME
from tracker.organisation.outcome import DepartmentNow
from tracker.organisation.steps import ABOLISH, CREATE, MERGE, MOVE, RENAME, SPLIT, DocumentStep
from tracker.staff.frame.fields import LineField, StaffForm, YearField
from tracker.staff.rounds.forms import needed, year_choices
from tracker.words.fiscal_years import fiscal_year_of
from tracker.words.folding import fold
from tracker.words.visible import is_empty_to_the_eye

UNCHOSEN = "一覧から選んでください。"


class NewForm(StaffForm):
    """A new document: from which fiscal year, and what it is called."""

    fiscal_year = YearField(label="何年度の組織改正ですか", help_text="その年度の 4 月 1 日から変わります。")
    title = forms.CharField(label="件名", max_length=100, required=False, help_text="空欄でもかまいません。")

    def __init__(self, data: QueryDict | None = None) -> None:
        now = fiscal_year_of(timezone.localdate())
        super().__init__(data, initial={"fiscal_year": now + 1 if timezone.localdate().month <= 3 else now})
        self.offer("fiscal_year", year_choices(now - 1, now + 2))


class FileForm(StaffForm):
    """A filled-in workbook."""

    file = forms.FileField(
        label="記入したファイル",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )


class UndoForm(StaffForm):
    """Why a reorganisation is taken back."""

    reason = needed("取り消す理由")


class _Name(LineField):
    """A name on one line, in characters that can be seen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_DEPARTMENT_NAME, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and is_empty_to_the_eye(value):
            raise ValidationError("見える文字がありません。書き直してください。")


class _NamesForm(StaffForm):
    """What a department is called."""

    name = _Name(label="名称")
    division = _Name(label="部", required=False, help_text="産業部 のように書きます。なければ空欄にします。")
    short_name = _Name(
        label="略称", required=False, help_text="名簿などで使う短い呼び方です。空欄でもかまいません。"
    )

    def names(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "division", "short_name")}


class StepForm(StaffForm):
    """A step of one kind, between departments that are there at that point of the document."""

    kind = ""
    is_many = False  # several departments

    def __init__(
        self, data: QueryDict | None, departments: list[DepartmentNow], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial)
        choices = [(each.code, f"{each.name}（{each.code}）") for each in departments]
        for name in {"departments", "department", "successors", "successor"} & set(self.fields):
            empty = [] if name.endswith("s") else [("", "選んでください")]
            self.offer(name, [*empty, *choices])

    def step(self) -> DocumentStep:
        data = self.cleaned_data
        about = list(dict.fromkeys(data["departments"])) if "departments" in data else [data["department"]]
        heirs = (
            data["successors"] if "successors" in data else [data["successor"]] if "successor" in data else []
        )
        step: dict[str, object] = {"kind": self.kind, "departments": about}
        return cast(DocumentStep, step | ({"successors": heirs} if heirs else {}))


def _one(label: str, help_text: str = "") -> forms.ChoiceField:
    messages = dict.fromkeys(("required", "invalid_choice"), UNCHOSEN)
    return forms.ChoiceField(label=label, help_text=help_text, error_messages=messages)


def _many(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    messages = dict.fromkeys(("required", "invalid_choice", "invalid_list"), UNCHOSEN)
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, error_messages=messages, widget=forms.CheckboxSelectMultiple
    )


class RenameForm(StepForm, _NamesForm):
    kind = RENAME
    department = _one("名称が変わる課")
    field_order = ["department"]

    def step(self) -> DocumentStep:
        return cast(DocumentStep, {**super().step(), **self.names()})


class CreateForm(StepForm, _NamesForm):
    kind = CREATE
    code = forms.CharField(
        label="コード",
        max_length=20,
        validators=[SLUG],
        help_text="半角の英小文字・数字・ハイフンです。ほかの課と重ならないようにします。",
        error_messages={"required": "コードを書いてください。"},
    )
    field_order = ["code"]

    def clean_code(self) -> str:
        return fold(self.cleaned_data["code"])

    def step(self) -> DocumentStep:
        return cast(
            DocumentStep, {"kind": CREATE, "departments": [self.cleaned_data["code"]], **self.names()}
        )


class MergeForm(StepForm):
    kind = MERGE
    departments = _many("なくなる課", "引継ぎ先の課は選びません。")
    successor = _one("引継ぎ先", "新しい課にまとめるときは、先に「新しい課」のステップを加えます。")


class DepartmentSplitForm(StepForm):
    kind = SPLIT
    department = _one("分かれる課")
    successors = _many("引継ぎ先", "新しい課は、先に「新しい課」のステップを加えると、ここに出ます。")

    def clean_successors(self) -> list[str]:
        found: list[str] = list(dict.fromkeys(self.cleaned_data["successors"]))
        if len(found) < 2:
            raise ValidationError("分かれた先の課を、2 つ以上選んでください。1 つのときは「廃止」です。")
        return found


class AbolishForm(StepForm):
    kind = ABOLISH
    department = _one("なくなる課")
    successor = _one("引継ぎ先")


class DutyMoveForm(StepForm):
    kind = MOVE
    department = _one("いまの担当課")
    successor = _one("移す先の課")


STEP_FORMS: dict[str, type[StepForm]] = {
    form.kind: form
    for form in (RenameForm, CreateForm, MergeForm, DepartmentSplitForm, AbolishForm, DutyMoveForm)
}


def initial_of(step: DocumentStep) -> dict[str, Any]:
    """What a step's form begins with."""
    heirs = step.get("successors", [])
    return {
        **step,
        "department": step["departments"][0],
        "code": step["departments"][0],
        "successor": heirs[0] if heirs else "",
    }

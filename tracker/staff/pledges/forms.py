"""Forms of what is done with a pledge in mid-term."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from tracker.cycle import catalogue
from tracker.cycle.catalogue import Part
from tracker.models import Assignment, Category, Department, Initiative, Manifesto, Pledge
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.staff.frame.fields import LineField, ReasonField, StaffForm, TextField, YearField
from tracker.staff.frame.twins import TwinField, ask_about_a_twin
from tracker.staff.master.by_name import ByName
from tracker.staff.rounds.forms import needed, year_choices
from tracker.words.cutting import cut
from tracker.words.fiscal_years import label
from tracker.words.sdgs import GOALS
from tracker.words.visible import says_nothing

YEARS_AHEAD = 3  # fiscal years offered beyond the first
MOST_PARTS = 10  # initiatives that one form begins
NAMES_HELP = "名前の一部を入力すると候補が出ます。外すときは、欄を空にします。"
ADD_ROWS = "受付中の報告回に、入力欄をすぐに加える"
OTHERS_TOO = "同じ{}のほかの公約でも変わります。"


class PledgeTextField(TextField):
    """The words of a pledge. Nothing to see is none."""

    def __init__(self) -> None:
        super().__init__(label="公約の文", error_messages={"required": "公約の文を書いてください。"})
        self.required = True
        self.widget.attrs["rows"] = 4

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return "" if says_nothing(text) else text


def number_field() -> LineField:
    return LineField(
        label="番号の表記",
        max_length=8,
        required=False,
        help_text="① など、印刷した番号です。なくても構いません。",
    )


def reason_field() -> ReasonField:
    return needed("理由", "履歴に残ります。公開ページには出ません。")


def section_choices(manifesto: Manifesto) -> list[tuple[str, str]]:
    """The sections, each with its field; where pledges stand without a section, the field."""
    found = manifesto.categories.filter(parent__isnull=False).select_related("parent")
    in_order = found.order_by("parent__number", "number")
    return [(str(each.pk), each.path) for each in in_order]


class ChoosesSection(StaffForm):
    """A form with a section of one manifesto."""

    section = forms.TypedChoiceField(
        label="項目",
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "項目を一覧から選んでください。"),
    )

    def chosen_section(self) -> Category:
        sections = Category.objects.select_related("parent", "manifesto")
        return sections.get(pk=self.cleaned_data["section"])


class TypoForm(StaffForm):
    """A pledge's words, and the names of where it stands."""

    text = PledgeTextField()
    number_label = number_field()
    section_name = LineField(label="項目の名称", max_length=200, help_text=OTHERS_TOO.format("項目"))
    category_name = LineField(label="分野の名称", max_length=200, help_text=OTHERS_TOO.format("分野"))
    reason = reason_field()

    def __init__(self, data: QueryDict | None, *, pledge: Pledge) -> None:
        section = pledge.section
        names = {"section_name": section.name, "category_name": section.parent.name if section.parent else ""}
        super().__init__(data, initial={"text": pledge.text, "number_label": pledge.number_label, **names})
        for name, words in names.items():
            if not words:
                del self.fields[name]


class MoveForm(ChoosesSection):
    """Where a pledge is to stand."""

    position = forms.IntegerField(
        label="項目の中の順序",
        required=False,
        help_text="空欄にすると、項目の最後になります。公表したことのある番号は、ほかの公約には使えません。",
        error_messages={"invalid": "数で書いてください。"},
    )
    number_label = number_field()
    reason = reason_field()

    def __init__(self, data: QueryDict | None, *, pledge: Pledge, manifesto: Manifesto) -> None:
        super().__init__(data, initial={"section": pledge.section_id, "number_label": pledge.number_label})
        self.fields["section"].label = "移す先の項目"
        self.offer("section", section_choices(manifesto))


class BeginForm(StaffForm):
    """What begins in a fiscal year, and whether the running round gets its rows at once."""

    first_fiscal_year = YearField(label="始まりの年度", help_text="この年度の分から報告を求めます。")
    adds_rows = forms.BooleanField(label=ADD_ROWS, required=False, initial=True)
    reason = reason_field()

    def __init__(self, data: QueryDict | None = None, *, manifesto: Manifesto, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        first, running = catalogue.first_open_year(manifesto), catalogue.running_round(manifesto)
        self.offer("first_fiscal_year", year_choices(first, first + YEARS_AHEAD))
        if running is None:
            del self.fields["adds_rows"]
        else:
            words = "%s の報告回が受付中です。その年度に始まる取組の欄が加わり、担当課が書けます。"
            self.fields["adds_rows"].help_text = words % label(running.fiscal_year)


class AddForm(BeginForm, ChoosesSection):
    """A new pledge; it may follow another, whose promise was changed."""

    text = PledgeTextField()
    is_another = TwinField()
    number_label = number_field()
    continued = forms.TypedChoiceField(
        label="もとの公約",
        required=False,
        coerce=int,
        empty_value=None,
        help_text="約束の内容を変えるために加えるときだけ選びます。新しい公約がその続きであることを、公開ページの両方に示します。",
        error_messages={"invalid_choice": "公約を一覧から選んでください。"},
    )
    ends_continued = forms.BooleanField(label="もとの公約を、始まりの前の年度で終える", required=False)
    field_order = (
        *("section", "number_label", "text", "is_another", "continued", "ends_continued"),
        *("first_fiscal_year", "adds_rows", "reason"),
    )

    def __init__(self, data: QueryDict | None = None, *, manifesto: Manifesto, **kwargs: Any) -> None:
        super().__init__(data, manifesto=manifesto, **kwargs)
        self.offer("section", section_choices(manifesto))
        pledges = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
        in_order = pledges.order_by(*PLEDGE_PLACE)
        named = [(str(each.pk), f"{each.place} {cut(each.text, 40)}") for each in in_order]
        self.offer("continued", [("", "なし"), *named])

    def clean(self) -> None:
        super().clean()
        section, text = self.cleaned_data.get("section"), self.cleaned_data.get("text")
        if section and text and (words := catalogue.told_twin(self.chosen_section().manifesto, text)):
            ask_about_a_twin(self, words)


class SplitForm(StaffForm):
    """How one initiative becomes two."""

    goes_on = forms.ChoiceField(
        label="分け方",
        choices=[
            ("", "いまの取組を終え、2 つの新しい取組にする"),
            ("yes", "いまの取組を続け、一部を新しい取組に分ける"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    last_fiscal_year = YearField(label="分ける前の最後の年度", help_text="次の年度から、2 つに分かれます。")
    adds_rows = forms.BooleanField(label=ADD_ROWS, required=False, initial=True)
    reason = reason_field()

    def __init__(self, data: QueryDict | None, *, manifesto: Manifesto) -> None:
        first = catalogue.first_open_year(manifesto)
        super().__init__(data, initial={"last_fiscal_year": first - 1})
        self.offer("last_fiscal_year", year_choices(first - 1, first - 1 + YEARS_AHEAD))
        if catalogue.running_round(manifesto) is None:
            del self.fields["adds_rows"]


class PartForm(StaffForm):
    """An initiative as it is to be: departments, projects of the plan, SDGs; its name if others have one."""

    goals = forms.TypedMultipleChoiceField(
        label="SDGs の目標",
        required=False,
        coerce=int,
        choices=[(goal.number, f"{goal.number} {goal.name}") for goal in GOALS.values()],
        widget=forms.CheckboxSelectMultiple,
    )
    has_no_goals = forms.BooleanField(label="どの目標にも当てはまらない", required=False)

    def __init__(
        self, data: QueryDict | None, *, number: int, manifesto: Manifesto, like: Initiative | None = None
    ) -> None:
        self.number = number
        super().__init__(data, prefix=f"part-{number}", initial=_as_it_is(like) if like else {})
        year = catalogue.first_open_year(manifesto)
        there = [each.pk for each in Department.objects.all() if each.is_there_in(year)]
        departments = ByName(
            Department.objects.filter(pk__in=there), str, Assignment._meta.get_field("department"), NAMES_HELP
        )
        departments.takes_many, departments.required = True, False
        projects = ByName(
            manifesto.plan_projects.all(), str, Initiative._meta.get_field("plan_projects"), NAMES_HELP
        )
        self.fields = {"departments": departments, "plan_projects": projects, **self.fields}
        if Initiative.objects.of(manifesto).exclude(name="").exists():
            name = Initiative._meta.get_field("name").formfield(widget=forms.TextInput, help_text="")
            self.fields = {"name": name, **self.fields}

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("goals") and self.cleaned_data.get("has_no_goals"):
            self.add_error("has_no_goals", "目標が選ばれています。どちらかを外してください。")

    def part(self) -> Part:
        told = self.cleaned_data
        sdgs = told["goals"] or ([] if told["has_no_goals"] else None)
        return Part(told["departments"], told["plan_projects"], sdgs, told.get("name"))


def _as_it_is(initiative: Initiative) -> dict[str, object]:
    lasting = [duty.department for duty in initiative.assignments.all() if duty.to_fiscal_year is None]
    return {
        "name": initiative.name,
        "departments": lasting,
        "plan_projects": list(initiative.plan_projects.all()),
        "goals": initiative.sdgs or [],
        "has_no_goals": initiative.sdgs == [],
    }


def number_of_parts(data: QueryDict) -> int:
    """How many initiatives a form has fields for; one more where its button asks for it."""
    typed = data.get("parts", "1")
    count = int(typed) if typed.isdecimal() and len(typed) < 3 else 1
    return min(max(count, 1) + (data.get("act") == "more"), MOST_PARTS)


def all_valid(form: StaffForm, parts: Sequence[PartForm]) -> bool:
    """Every form is asked, so that all errors are shown at once."""
    return all([form.is_valid(), *(part.is_valid() for part in parts)])

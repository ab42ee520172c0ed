"""Forms of a term: its beginning, its years, its scale, and what is chosen for it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from tracker.cycle import manifestos, terms
from tracker.cycle.rounds import FISCAL_YEARS
from tracker.cycle.term_pledges import NamedPlace
from tracker.cycle.terms import MOST_STEPS, ScaleStep
from tracker.models import Category, Manifesto
from tracker.models.catalogue import HIGHEST, MAX_TITLE, UNNAMED
from tracker.staff.frame.fields import LineField, StaffForm
from tracker.words.codes import rating_code
from tracker.words.fiscal_years import fiscal_year_of, short_label, year_named
from tracker.words.folding import fold
from tracker.words.step_names import step_name

USUAL_YEARS = 4  # of a term
YEARS_WORDS = (
    "2025 のような西暦 4 桁の数か、令和7年度のように書いてください"
    f"（{FISCAL_YEARS[0]} から {FISCAL_YEARS[-1]} まで）。"
)
MOST_RATE = 1_000  # percent, of an indicator
SPARE_STEPS = 2  # empty lines below the steps that are there
FIRST_STEPS = 5  # empty lines where there are none
NUMBER_WORDS = f"1 から {HIGHEST} までの数で書いてください。"


class YearNumberField(forms.IntegerField):
    """A fiscal year by its number, in half or full width."""

    def __init__(self, *, missing: str = "", **kwargs: Any) -> None:
        numbers = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(
            min_value=FISCAL_YEARS[0], max_value=FISCAL_YEARS[-1], widget=numbers, localize=False, **kwargs
        )
        self.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), YEARS_WORDS)
        self.error_messages["required"] = missing

    def to_python(self, value: Any) -> int | None:
        """「令和7年度」, 「令和7」 and 「R7」 are meant as 2025."""
        return super().to_python(year_named(value) or value if isinstance(value, str) else value)


class TermYearsForm(StaffForm):
    """Title and years of a term."""

    title = LineField(label="表題", max_length=MAX_TITLE, help_text="公開ページの見出しになります。")
    first_fiscal_year = YearNumberField(
        label="最初の年度（西暦）",
        missing="最初の年度を書いてください。",
        help_text="2025、令和7年度のどちらの書き方でも構いません。この年度の取組から、新しい公約で報告します。",
    )
    last_fiscal_year = YearNumberField(
        label="最後の年度（西暦）", required=False, help_text="まだ決まっていなければ、空けておきます。"
    )


class BeginTermForm(TermYearsForm):
    """A term to begin; its scale may be that of a former one."""

    slug = forms.CharField(
        label="公開ページのアドレス",
        required=False,
        max_length=20,
        help_text=(
            "公開ページのアドレスの始めになります。半角の英小文字・数字・ハイフンで書きます。"
            "空けておくと、最初の年度（西暦）になります。あとから変えられません。"
        ),
        error_messages={"max_length": "20 文字までで書いてください。"},
    )
    scale_of = forms.TypedChoiceField(
        label=terms.SCALE,
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text="評価の段階です。写したあとでも、最初の報告回を開くまでは変えられます。",
        error_messages={"invalid_choice": "一覧にあるものから選んでください。"},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        earlier = list(Manifesto.objects.prefetch_related("ratings").order_by("-first_fiscal_year"))
        first = _following_year(earlier)
        initial = {"first_fiscal_year": first, "last_fiscal_year": first + USUAL_YEARS - 1}
        with_scale = [each for each in earlier if each.ratings.all()]
        initial["scale_of"] = with_scale[0].pk if with_scale else 0
        super().__init__(data, initial=initial)
        names = manifestos.names_of_all()
        chosen = [
            (str(each.pk), f"「{names[each]}」と同じ（{_steps_in_short(each)}）") for each in with_scale
        ]
        self.offer("scale_of", [*chosen, ("", "次の画面で、新しく決める")])


def _following_year(earlier: list[Manifesto]) -> int:
    """The year in which the next term probably begins; `earlier` has the latest first."""
    if not earlier:
        return fiscal_year_of(timezone.localdate())
    latest = earlier[0]
    return (latest.last_fiscal_year or latest.first_fiscal_year + USUAL_YEARS - 1) + 1


def _steps_in_short(manifesto: Manifesto) -> str:
    steps = sorted(manifesto.ratings.all(), key=lambda each: each.position)
    return "・".join(step_name(each.code, each.label) for each in steps)


class PercentField(forms.IntegerField):
    """A percentage, with or without its sign."""

    def to_python(self, value: Any) -> int | None:
        return super().to_python(fold(value).removesuffix("%") if isinstance(value, str) else value)


class ScaleStepForm(StaffForm):
    """One line of a scale. All blank is no step."""

    code = LineField(label="記号", max_length=12, required=False)
    label = LineField(label="名称", max_length=50, required=False)
    definition = LineField(label="基準", max_length=200, required=False)
    percent = PercentField(
        label="進捗率（％）",
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "進捗率は 0 から 100 までの数で書いてください。"
        ),
    )

    has_no_rank = forms.BooleanField(label="順序のない区分", required=False)
    from_rate = PercentField(
        label="指標の達成率（％以上）",
        required=False,
        min_value=0,
        max_value=MOST_RATE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"指標の達成率は 0 から {MOST_RATE} までの数で書いてください。",
        ),
    )

    def __init__(self, data: QueryDict | None, *, number: int, step: ScaleStep | None = None) -> None:
        self.number = number
        initial = {**vars(step), "has_no_rank": not step.is_ranked} if step else {}
        super().__init__(data, prefix=f"step-{number}", initial=initial)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{number} 段階目の{field.label}"

    def clean_code(self) -> str:
        return rating_code(self.cleaned_data["code"])

    def clean(self) -> None:
        super().clean()
        told = self.cleaned_data
        if self.errors or not self.is_filled:
            return
        for name, words in (("code", "記号を書いてください。"), ("label", "名称を書いてください。")):
            if not told[name]:
                self.add_error(name, words)
        if told["has_no_rank"] and told["percent"] is not None:
            self.add_error("percent", "順序のない区分に、進捗率は付けられません。どちらかを外してください。")

    @property
    def is_filled(self) -> bool:
        return any(value not in ("", None, False) for value in self.cleaned_data.values())

    def step(self) -> ScaleStep:
        told = dict(self.cleaned_data)
        return ScaleStep(is_ranked=not told.pop("has_no_rank"), **told)


def scale_forms(data: QueryDict | None, stored: list[ScaleStep]) -> list[ScaleStepForm]:
    """A form per line: those that were sent, one more where a button asks for it; else the stored ones."""
    if data is None:
        lines = [*stored, *[None] * (SPARE_STEPS if stored else FIRST_STEPS)]
        return [ScaleStepForm(None, number=n, step=each) for n, each in enumerate(lines, start=1)]
    typed = data.get("steps", "")
    count = int(typed) if typed.isdecimal() and len(typed) < 3 else len(stored) + SPARE_STEPS
    count = min(max(count, 1) + (data.get("act") == "more"), MOST_STEPS)
    return [ScaleStepForm(data, number=n) for n in range(1, count + 1)]


def number_of_place() -> forms.IntegerField:
    numbers = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label="番号",
        required=False,
        min_value=1,
        max_value=HIGHEST,
        widget=numbers,
        help_text="公開ページのアドレスになります。空けておくと、最後の次の番号になります。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NUMBER_WORDS),
    )


NO_FIELD = 0  # chosen instead of a field's key


class AddPlaceForm(StaffForm):
    """A section to add, in a field that is there or in a new one."""

    category = forms.TypedChoiceField(
        label="分野",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "分野を一覧から選んでください。"},
    )
    category_name = LineField(
        label="新しい分野の名称",
        max_length=200,
        required=False,
        help_text="一覧の分野を選んだときは、空けておきます。",
    )
    category_number = number_of_place()
    section_name = LineField(
        label="項目の名称",
        max_length=200,
        required=False,
        help_text="空けておくと、項目を作らず、分野にじかに公約を置けるようにします。",
    )
    section_number = number_of_place()

    def __init__(self, data: QueryDict | None = None, *, manifesto: Manifesto) -> None:
        super().__init__(data)
        self.there = {each.pk: each for each in manifesto.categories.named().filter(parent=None)}
        told = [(str(pk), str(each)) for pk, each in self.there.items()]
        none = (str(NO_FIELD), "分野も項目もない（公約をじかに並べる）")
        self.offer("category", [("", "新しい分野（下に名称を書きます）"), *told, none])
        self.fields["category_number"].label = "新しい分野の番号"
        self.fields["section_number"].label = "項目の番号"

    def clean(self) -> None:
        super().clean()
        told = self.cleaned_data
        name, chosen = told.get("category_name", ""), told.get("category")
        if "category_name" in self.errors or "category" in self.errors:
            return
        if chosen is not None and name:
            self.add_error("category_name", "一覧の分野も選ばれています。どちらか 1 つにしてください。")
        if chosen is None and not name:
            words = "分野を一覧から選ぶか、新しい分野の名称を書いてください。"
            self.add_error("category_name", words)
        if told.get("section_number") and not told.get("section_name"):
            words = "項目の名称が空なので、番号は付きません。どちらも書くか、空けてください。"
            self.add_error("section_number", words)
        if chosen == NO_FIELD and told.get("section_name"):
            words = "分野のない項目は作れません。分野を選ぶか、項目の名称を空けてください。"
            self.add_error("section_name", words)

    def places(self) -> tuple[NamedPlace, NamedPlace]:
        told = self.cleaned_data
        if told["category"] == NO_FIELD:
            return NamedPlace("", UNNAMED), NamedPlace("", UNNAMED)
        chosen: Category | None = self.there.get(told["category"] or 0)
        category = (
            NamedPlace(chosen.name, chosen.number)
            if chosen
            else NamedPlace(told["category_name"], told["category_number"])
        )
        return category, NamedPlace(told["section_name"], told["section_number"])


def years_in_words(manifesto: Manifesto) -> str:
    """「令和7年度から令和10年度まで」."""
    first, last = short_label(manifesto.first_fiscal_year), manifesto.last_fiscal_year
    return f"{first}から" + (f"{short_label(last)}まで" if last else "、最後の年度は未記入")

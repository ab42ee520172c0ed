"""The public list's filters: their state is the query string, so that every list has an address."""

import re
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString

from tracker.models import ReportEntry
from tracker.models.synonyms import groups_now
from tracker.public.bare_pledges import bare_rows, wording_of
from tracker.public.change_marks import marks_of_all
from tracker.public.changes import changes_since
from tracker.public.entries import Entries, EntryValues
from tracker.public.published import Published
from tracker.public.rated_pledges import STATE_FIELDS, pledge_states, told_states
from tracker.public.scope import Scope
from tracker.public.search_words import MAX_WORDS_CHARACTERS, TOO_LONG, UNKNOWN_CHOICE, WordsFilter
from tracker.reports.comparison import Comparison
from tracker.reports.figures import UNRATED
from tracker.words.codes import UNRATED as UNRATED_CHOICE
from tracker.words.folding import fold_for_search
from tracker.words.places import HIGHEST_ASKED, numbered, written
from tracker.words.reported import choice_tokens
from tracker.words.sdgs import GOALS
from tracker.words.searching import Groups, Search
from tracker.words.step_names import NOT_RATED

QUERY_NAMES = (
    *("q", "field", "pledge_state", "rating", "department", "sdg", "plan", "text", "extra", "changed_since"),
    *("sort", "page"),
)

TYPED_PLACE = re.compile(r"(?:公約|取組|番号|no\.?|№)?(\d{1,9}(?:-\d{1,9}){0,3})")
TEXT_CHOICES = (("new", "新しい記載がある"), ("continued", "「引き続き」だけの記載"), ("none", "記載なし"))
SORT_CHOICES = (("best", "評価の進んだ順"), ("worst", "評価の遅れている順"))
CLASSES_SORT_CHOICES = (("best", "評価の区分の順"), ("worst", "評価の区分の逆の順"))


class EntryFilter(django_filters.FilterSet):
    """Filters over one report's entries. Choices are the report's own: departments are those of its date."""

    q = WordsFilter(
        label="ことば",
        method="with_words",
        max_length=MAX_WORDS_CHARACTERS,
        help_text="2文字から探せます。空白で区切ると、すべてを含むものを探します。",
    )
    field = django_filters.ChoiceFilter(label="分野", method="of_field", empty_label="すべての分野")
    pledge_state = django_filters.ChoiceFilter(
        label="公約の状況", method="with_pledge_state", empty_label="すべて"
    )
    rating = django_filters.MultipleChoiceFilter(
        label="評価", method="with_ratings", widget=forms.CheckboxSelectMultiple
    )
    department = django_filters.ChoiceFilter(
        label="担当課", method="with_facet", empty_label="すべての担当課"
    )
    sdg = django_filters.ChoiceFilter(label="SDGs", method="with_facet", empty_label="すべての目標")
    plan = django_filters.ChoiceFilter(
        label="総合計画の施策番号", method="with_facet", empty_label="すべての番号"
    )
    text = django_filters.ChoiceFilter(
        label="最新年度の記載", method="with_facet", empty_label="すべて", choices=TEXT_CHOICES
    )
    extra = django_filters.MultipleChoiceFilter(
        label="そのほかの項目", method="with_choices", widget=forms.CheckboxSelectMultiple
    )
    changed_since = django_filters.ChoiceFilter(label="変化", method="with_changes", empty_label="指定しない")
    sort = django_filters.ChoiceFilter(
        label="並び順", method="sorted_by", empty_label="公約の順", choices=SORT_CHOICES
    )

    FACETS = {"department": "d", "sdg": "s", "plan": "p", "text": "t"}

    class Meta:
        model = ReportEntry
        fields: list[str] = []

    def __init__(self, data: QueryDict, scope: Scope) -> None:
        self.scope = scope
        ratings = {**{step.code: step.name for step in scope.scale}, UNRATED_CHOICE: NOT_RATED}
        extra = {
            token: f"{column['label']}：{choice}"
            for column in scope.report.extra_columns
            for token, choice in choice_tokens(column).items()
        }
        several = {"rating": ratings, "extra": extra}
        self.unknown = {
            name: [value for value in data.getlist(name) if value not in known]
            for name, known in several.items()
        }
        if any(self.unknown.values()):  # one unknown choice must not undo the known ones beside it
            data = data.copy()
            for name, known in several.items():
                data.setlist(name, [value for value in data.getlist(name) if value in known])
        self.query = data
        super().__init__(data, ReportEntry.objects.none())  # `found` asks the scope for its entries
        outline = scope.report.outline
        choices = {
            "field": [(str(c["number"]), numbered(c["number"], c["name"])) for c in outline["categories"]],
            "pledge_state": [(str(state), name) for state, name in told_states(scope.report).items()],
            "rating": list(ratings.items()),
            "extra": list(extra.items()),
            "department": [(d["code"], d["name"]) for d in outline["departments"]],
            "sdg": [(str(goal.number), f"{goal.number} {goal.name}") for goal in GOALS.values()],
            "plan": [(plan["code"], f"{plan['code']} {plan['name']} など") for plan in outline["plans"]],
            "changed_since": [(str(row.as_of), f"{row.label}から変わったもの") for row in scope.earlier],
        }
        if not any(step.is_ranked for step in scope.scale):
            choices["sort"] = list(CLASSES_SORT_CHOICES)
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs
        for field in self.form.fields.values():
            field.error_messages["invalid_choice"] = UNKNOWN_CHOICE
            field.error_messages["max_length"] = TOO_LONG

    def with_words(self, entries: Entries, name: str, value: str) -> Entries:
        return entries.with_words(self.search, self.place)

    def of_field(self, entries: Entries, name: str, value: str) -> Entries:
        return entries.where(category_number__exact=int(value))

    def with_pledge_state(self, entries: Entries, name: str, value: str) -> Entries:
        """All initiatives of the pledges in the state. One query."""
        states = pledge_states(self.scope.report, self.scope.entries.values(*STATE_FIELDS))
        return entries.where(pledge_key__in=[key for key, state in states.items() if state == value])

    def with_ratings(self, entries: Entries, name: str, value: list[str]) -> Entries:
        return entries.rated([UNRATED if code == UNRATED_CHOICE else code for code in value])

    def with_choices(self, entries: Entries, name: str, value: list[str]) -> Entries:
        """Those with one of the choices of each extra column of which any is asked for."""
        by_column: dict[str, list[str]] = {}
        for token in value:
            by_column.setdefault(token.partition("-")[0], []).append(f"x:{token}")
        for facets in by_column.values():
            entries = entries.with_any_facet(facets)
        return entries

    def with_facet(self, entries: Entries, name: str, value: str) -> Entries:
        return entries.with_facet(f"{self.FACETS[name]}:{value}")

    def with_changes(self, entries: Entries, name: str, value: str) -> Entries:
        return entries.where(key__in=self.compared.changed_keys) if self.compared else entries

    def sorted_by(self, entries: Entries, name: str, value: str) -> Entries:
        return entries.by_rating(self.order)

    @property
    def asked_department(self) -> str:
        """The code of the department that is asked for; "" for none."""
        self.form.is_valid()
        return self.form.cleaned_data.get("department") or ""

    @property
    def since(self) -> Published | None:
        """The report since which changes are asked for; None where none is."""
        self.form.is_valid()
        since = self.form.cleaned_data.get("changed_since") or ""
        return next((row for row in self.scope.earlier if str(row.as_of) == since), None)

    @cached_property
    def compared(self) -> Comparison | None:
        """With that report."""
        return changes_since(self.scope, self.since) if self.since else None

    @property
    def marks(self) -> dict[str, SafeString] | None:
        """What changed since, as marks by initiative; None where it is not asked for."""
        return marks_of_all(self.compared, self.since.label) if self.compared and self.since else None

    @cached_property
    def search(self) -> Search:
        """The words that are looked for."""
        self.form.is_valid()
        typed = self.form.cleaned_data.get("q") or ""
        return Search.of(typed, self.groups) if typed else Search.of("")

    @cached_property
    def groups(self) -> Groups:
        """Which spellings are the same."""
        return groups_now()

    @property
    def place(self) -> str:
        """The place of a pledge or an initiative (1-1-2, 公約 1-1-2-3) that is looked for; "" for words."""
        named = TYPED_PLACE.fullmatch(fold_for_search(self.form.cleaned_data.get("q") or ""))
        return written(min(int(number), HIGHEST_ASKED) for number in named[1].split("-")) if named else ""

    @property
    def order(self) -> list[str]:
        """The ratings in the order that is asked for; none where the pledges' own order is."""
        self.form.is_valid()
        codes = self.scope.report.rating_codes
        return {"best": codes, "worst": codes[::-1]}.get(self.form.cleaned_data.get("sort") or "", [])

    def found(self) -> Entries:
        """The entries that fulfil every condition that could be understood."""
        entries = self.scope.entries
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            condition: Any = self.filters[name]  # a Filter, which asks nothing of a queryset but to be one
            entries = condition.filter(entries, value)
        return entries

    def found_bare(self) -> list[EntryValues]:
        """The pledges without an initiative that fulfil them: nothing but its words, its field and its state
        is asked of one, so that none answers any other condition.
        """
        self.form.is_valid()
        asked = {name: value for name, value in self.form.cleaned_data.items() if value}
        if asked.keys() - {"q", "field", "sort", "pledge_state"}:
            return []
        states = pledge_states(self.scope.report, ()) if "pledge_state" in asked else {}
        return [
            row
            for row in bare_rows(self.scope.report)
            if self._is_meant(row, asked.get("field"))
            and states.get(row["pledge_key"]) == asked.get("pledge_state")
        ]

    def _is_meant(self, row: EntryValues, field: str | None) -> bool:
        says_so = self.search.finds(wording_of(row)) or self.place == row["pledge_key"]
        return says_so and field in (None, str(row["category_number"]))

    def chips(self) -> list[tuple[str, str, str]]:
        """The conditions in force: (name, wording, query string without it)."""
        self.form.is_valid()
        found = []
        for name, value in self.form.cleaned_data.items():
            for single in value if isinstance(value, list) else [value]:
                if single and name != "sort":
                    field = self.form.fields[name]
                    words = dict(getattr(field, "choices", ())).get(single, single)
                    found.append((str(field.label), str(words), self._without(name, single)))
        return found

    def _without(self, name: str, value: str) -> str:
        query = self.query.copy()
        several = isinstance(self.form.fields[name], forms.MultipleChoiceField)
        query.setlist(name, [other for other in query.getlist(name) if several and other != value])
        query.pop("page", None)
        return query.urlencode()

    def complaints(self) -> list[str]:
        """What in the query could not be understood, in words, by field."""
        found = [
            f"{self.form.fields[name].label}：{message}"
            for name, messages in self.form.errors.items()
            for message in messages
        ]
        unknown = [(name, value) for name, values in self.unknown.items() for value in values if value]
        return found + [
            f"{self.filters[name].label}：{UNKNOWN_CHOICE % {'value': value[:30]}}" for name, value in unknown
        ]

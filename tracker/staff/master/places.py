"""Rows with a place among siblings: two can change places, a new one without a number goes to the end."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Max, Model, QuerySet

from tracker.models.catalogue import HIGHEST
from tracker.staff.frame.twins import TwinField, ask_about_a_twin
from tracker.staff.master import in_reports
from tracker.staff.master.generic import BoundForm, InlineFormSet, ModelForm

ASIDE = 20_000  # where rows wait while others take their places; PositiveSmallIntegerField holds 32,767


class PlacedForm(ModelForm):
    """A row with a place (the field `place`) in what `within` names. A published one keeps its place."""

    place = "position"
    within: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get(self.place):
            field.required = False
            field.widget.attrs["max"] = HIGHEST
            if self.instance.pk is None:
                self.initial[self.place] = None  # not the model's default, which a sibling has
            elif in_reports.shows(self.instance):
                field.disabled = True
                field.help_text = "公表版に載っているので変えられません。"

    def siblings(self) -> QuerySet[Model] | None:
        """Those after which a row without a number goes; None where they are not known."""
        holders = {name: self.cleaned_data.get(name) for name in self.within}
        known = any(holders.values())
        return self.instance._meta.model._default_manager.filter(**holders) if known else None

    def clean(self) -> None:
        super().clean()
        number = self.cleaned_data.get(self.place)
        if number is not None and not 1 <= number <= HIGHEST:
            words = f"1 から {HIGHEST} までの数で書いてください。空欄にすると最後に加わります。"
            self.add_error(self.place, words)
        elif number is None and self.place not in self.errors and (siblings := self.siblings()) is not None:
            self.cleaned_data[self.place] = siblings.aggregate(last=Max(self.place, default=0))["last"] + 1


class AddedForm(PlacedForm):
    """A row with a page of its own: one that is added beside a twin is asked about."""

    is_another = TwinField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["is_another"]

    def told_twin(self) -> str:
        """Which one of the same words stands where, in a sentence; "" where there is none."""
        raise NotImplementedError

    def clean(self) -> None:
        super().clean()
        if not (self.instance.pk or self.errors) and (words := self.told_twin()):
            ask_about_a_twin(self, words)


class PlacedRow(PlacedForm):
    """A row within a formset: whether a place is free is the formset's question, which knows all siblings."""

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), self.place}  # type: ignore[misc]


class OrderedFormSet(InlineFormSet):
    """Siblings with distinct places. Its forms are PlacedRow's."""

    collision = "順序が重なっています：%s。別々の数にしてください。"

    def clean(self) -> None:
        super().clean()
        staying = [form for form in self.forms if not self.is_going(form)]
        kept = [form for form in staying if form.instance.pk or form.has_changed()]
        if any(form.errors for form in kept):
            return
        place = self.form.place
        numbered = [(n, form) for form in kept if (n := form.cleaned_data.get(place)) is not None]
        pairs = combinations(numbered, 2)
        if twice := sorted({n for (n, one), (m, other) in pairs if n == m and self.collide(one, other)}):
            raise ValidationError(self.collision % "、".join(map(str, twice)))
        numbers = [n for n, _form in numbered]
        last = max(numbers, default=0)
        for form in kept:
            if form.cleaned_data.get(place) is None:
                last += 1
                form.cleaned_data[place] = last
                setattr(form.instance, place, last)

    def collide(self, one: BoundForm, other: BoundForm) -> bool:
        """Whether two rows must not have the same number."""
        return True

    def save(self, commit: bool = True) -> list[Model]:
        """Moved and deleted rows step aside first, so that two can change places."""
        place = self.form.place
        moved = [f.instance.pk for f in self.initial_forms if place in f.changed_data or self.is_going(f)]
        if moved:
            self.get_queryset().filter(pk__in=moved).update(**{place: F(place) + ASIDE})
        return super().save(commit)

    def is_going(self, form: BoundForm) -> bool:
        return bool(self.can_delete and self._should_delete_form(form))  # type: ignore[attr-defined]

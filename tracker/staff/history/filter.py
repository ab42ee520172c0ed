"""The history's filter: which events, by words, kind, subject, person and days. Its state is the address."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import QueryDict
from django.utils import timezone

from tracker.choices import EventKind
from tracker.cycle import manifestos
from tracker.cycle.event_words import index
from tracker.cycle.event_words.names import OWNER, READ
from tracker.cycle.event_words.subjects import GROUPS, kinds_of
from tracker.cycle.event_words.values import KINDS
from tracker.models import Event
from tracker.models.synonyms import search_for
from tracker.public.search_words import MAX_WORDS_CHARACTERS, UNKNOWN_CHOICE, WordsField
from tracker.staff.master.by_place import place_in, things_at
from tracker.templatetags.tracker_public import japanese_date
from tracker.words.folding import fold_for_search

NO_DAY = "日付として読めません。この条件は使わずに表示しています。"
TOO_LONG = f"検索のことばは {MAX_WORDS_CHARACTERS} 文字までです。この条件は使わずに表示しています。"
PAGE_NAMES = ("page",)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)  # that are asked for


def _words(label: str, help_text: str) -> WordsField:
    field = WordsField(label=label, required=False, max_length=MAX_WORDS_CHARACTERS, help_text=help_text)
    field.error_messages["max_length"] = TOO_LONG
    return field


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    no_day = {"invalid": NO_DAY}
    validators = [MinValueValidator(FIRST_DAY, NO_DAY), MaxValueValidator(LAST_DAY, NO_DAY)]
    return forms.DateField(
        label=label, required=False, widget=widget, error_messages=no_day, validators=validators
    )


def _choice(label: str, choices: dict[str, str]) -> forms.ChoiceField:
    offered = [("", "すべて"), *choices.items()]
    return forms.ChoiceField(
        label=label, required=False, choices=offered, error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )


class HistoryFilter(forms.Form):
    """The conditions. What cannot be understood is complained of and left out."""

    use_required_attribute = False

    q = _words("ことば", "番号（1-1-2-2、公約は 1-1-2）、課の名前、人の名前、理由のことばで探せます。")
    kind = _choice("出来事", {kind.value: KINDS.get(kind.value, str(kind.label)) for kind in EventKind})
    about = _choice("何について", GROUPS)
    by = _words("行った人", "氏名か利用者名の一部")
    since = _day("いつから")
    until = _day("いつまで")

    def __init__(self, data: QueryDict, *, reads_people: bool) -> None:
        super().__init__(data)
        names = {manifesto.slug: name for manifesto, name in manifestos.names_of_all().items()}
        if len(names) > 1:
            self.fields["manifesto"] = _choice("マニフェスト", names)
        self.reads_people = reads_people
        self.is_valid()
        if self.is_backwards:
            self.add_error("until", "「いつから」より前の日付です。この条件は使わずに表示しています。")

    @property
    def is_backwards(self) -> bool:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return bool(since and until and until < since)

    def events(self) -> QuerySet[Event]:
        """The events that fulfil every condition that was understood, newest first."""
        asked, found = self.cleaned_data, Event.objects.order_by("-number")
        if asked.get("q"):
            found = found.filter(self._says(asked["q"]))
        if asked.get("kind"):
            found = found.filter(kind=asked["kind"])
        if asked.get("about"):
            found = found.filter(_any(Q(subject__startswith=f"{kind}:") for kind in kinds_of(asked["about"])))
        if asked.get("manifesto"):
            found = found.filter(_of_manifesto(asked["manifesto"]))
        for word in asked.get("by", "").split():
            found = found.filter(index__actor__contains=fold_for_search(word))
        if asked.get("since"):
            found = found.filter(happened_at__gte=_midnight(asked["since"]))
        if asked.get("until"):
            found = found.filter(happened_at__lt=_midnight(asked["until"] + timedelta(days=1)))
        return found

    def _says(self, typed: str) -> Q:
        """That an event says every word, or is about what stands, or stood, at that place."""
        if place := place_in(typed):
            whole = self._in_text("regex", f"(^|[^0-9-]){re.escape(place)}($|[^0-9-])")
            number = self._in_text("contains", place) & whole  # of a plan, too
            return number | index.at_place(place) | Q(subject__in=things_at(place))
        says = Q()
        for spellings in search_for(typed).words:
            says &= _any(self._in_text("contains", each) for each in spellings)
        return says

    def _in_text(self, how: str, text: str) -> Q:
        said = Q(**{f"index__said__{how}": text})
        return said | Q(**{f"index__kept_back__{how}": text}) if self.reads_people else said

    def conditions(self) -> list[tuple[str, str]]:
        """The conditions in force: (name, wording)."""
        found = []
        for name, value in self.cleaned_data.items():
            if value:
                field: Any = self.fields[name]
                words = dict(getattr(field, "choices", ())).get(value, value)
                found.append((str(field.label), words if isinstance(words, str) else japanese_date(words)))
        return found

    def complaints(self) -> list[str]:
        """What in the address could not be understood, in words."""
        found = [f"{self.fields[name].label}：{words}" for name in self.errors for words in self.errors[name]]
        unknown = sorted(name[:30] for name in self.data if name not in (*self.fields, *PAGE_NAMES))
        if unknown:
            found.append(f"アドレスの中の「{'」「'.join(unknown)}」は、このページでは使わない指定です。")
        return found

    def query(self) -> str:
        """The conditions as a query string, without the page."""
        query = QueryDict(mutable=True)
        query.update({name: self.data[name] for name in self.fields if self.data.get(name)})
        return query.urlencode()


def _of_manifesto(slug: str) -> Q:
    """The events about a manifesto, its rounds and reports, and what has, or had, its place there."""
    below = [Q(subject__startswith=f"{kind}:{slug}/") for kind in ("round", "report")]
    had = [Q(subject__startswith=f"{kind}:", content__manifesto=slug) for kind in OWNER]
    has = [Q(subject__in=_subjects(kind, slug)) for kind in OWNER]
    return _any([Q(subject=f"manifesto:{slug}"), *below, *had, *has])


def _subjects(kind: str, slug: str) -> Any:
    """The subjects of a manifesto's things of a kind, as a subquery."""
    subject = Concat(Value(f"{kind}:"), Cast("pk", CharField()))
    things = READ[kind]().order_by().filter(**{OWNER[kind]: slug})
    return things.annotate(as_subject=subject).values("as_subject")


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q(pk__in=[]))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

"""Where a search leads besides its list: to a place, a rating, a department; and what is near to nothing."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tracker.models import Report
from tracker.public.bare_pledges import bare_rows, wording_of
from tracker.public.entries import EntryValues
from tracker.public.filters import EntryFilter
from tracker.public.scope import Scope
from tracker.words.folding import fold_for_search
from tracker.words.numbering import behind, labelled
from tracker.words.sdgs import GOALS
from tracker.words.searching import Search
from tracker.words.step_names import NOT_RATED

MOST_LEADS = 5
FEW = 5  # initiatives: a search that finds fewer names the term before, too
LONGEST_IN_PARTS = 20  # characters of a word whose parts are looked for
LEAST_IN_NAMES = 2  # characters of a word that is looked for within names
KANJI, LATIN = "[㐀-鿿々]", "[a-z]"
QUOTED = re.compile("「(.+)」")
# Letters of which a word's parts are made, and how many of them say something. Katakana are folded away in
# what is searched, so that their parts may stand within others.
PARTS = {KANJI: 2, LATIN: 2, "[ァ-ヺー]": 3}
OWN_PAGES = {"department": "code", "sdg": "number", "plan": "code"}  # what a filter's value is in its address
CHANGES = ("変化", "変化あり", "変更", "変わった", "変わったもの", "評価の変化", "上がった", "下がった")
NAMED_BY_PART = {"department", "sdg", "field"}
NONE_GIVEN = (NOT_RATED, "未評価", "評価無し", "評価がない")


class Lead(NamedTuple):
    """A way out of a search."""

    address: str
    words: str


def leads(filters: EntryFilter) -> list[Lead]:
    """What is called as the typed words are: the place of a pledge or an initiative, a choice of a filter,
    a department by a former name.
    """
    typed = fold_for_search(filters.form.cleaned_data.get("q") or "")
    if not typed:
        return []
    found = [*_places(filters), *_choices(filters, typed)]
    if not any(lead.words.startswith("担当課") for lead in found):
        found += _formerly(filters.scope, typed)
    return list(dict.fromkeys(found))[:MOST_LEADS]


def _places(filters: EntryFilter) -> Iterator[Lead]:
    place, scope = filters.place, filters.scope
    if not place:
        return
    above, _dash, position = place.rpartition("-")
    fields = ("pledge_key", "pledge_number", "pledge_text", "initiative_position", "initiative_name")
    rows = [*scope.entries.where(pledge_key__in={place, above}).values(*fields), *bare_rows(scope.report)]
    if own := [row for row in rows if row["pledge_key"] == place]:
        yield Lead(scope.url("pledge", key=place), f"公約 {place}：{_called(own[0])}")
    for row in rows:
        if row["pledge_key"] == above and str(row["initiative_position"]) == position:
            address = f"{scope.url('pledge', key=above)}#initiative-{position}"
            yield Lead(address, f"取組 {place}：{_called(row)}{behind(row['initiative_name'])}")


def _called(entry: EntryValues) -> str:
    return labelled(entry["pledge_number"], entry["pledge_text"])


def _choices(filters: EntryFilter, typed: str) -> Iterator[Lead]:
    """The choices of the filters that are called so; departments, goals and fields also by a part of it."""
    for lead, folded, by_part in choice_leads(filters):
        is_within = by_part and len(typed) >= LEAST_IN_NAMES
        if typed in folded or (is_within and any(typed in each for each in folded)):
            yield lead


def choice_leads(filters: EntryFilter) -> Iterator[tuple[Lead, list[str], bool]]:
    """Every choice of the filters, what it may be called, folded, and whether a part of that is enough."""
    for name, value, label, names in _named(filters):
        folded = sorted(map(fold_for_search, names))
        yield Lead(_address(filters.scope, name, value), label), folded, name in NAMED_BY_PART


def _named(filters: EntryFilter) -> Iterator[tuple[str, str, str, Collection[str]]]:
    """Every choice: its filter, its value, how it is offered, and what people may call it."""
    scope, fields = filters.scope, filters.form.fields
    for step in scope.scale:
        letters = {step.code, f"評価{step.code}", f"{step.code}評価"}
        yield "rating", step.code, f"評価：{step.name}", {step.label, step.name, *letters}
    yield "rating", "none", f"評価：{NOT_RATED}", NONE_GIVEN
    for category in scope.report.outline["categories"]:
        number, name = category["number"], category["name"]
        if name:
            yield "field", str(number), f"分野：{number}. {name}", {name, f"分野{number}", f"{number}.{name}"}
    for each in scope.report.outline["departments"]:
        yield "department", each["code"], f"担当課：{each['name']}", {each["name"]}
    for n, goal in GOALS.items() if scope.report.may_name_goals else ():
        names = {
            goal.name,
            f"{n}{goal.name}",
            f"SDGs{n}",
            f"SDG{n}",
            f"SDGs目標{n}",
            f"目標{n}",
            f"ゴール{n}",
        }
        yield "sdg", str(n), f"SDGs：{n} {goal.name}", names
    for plan in scope.report.outline["plans"]:
        code = plan["code"]
        yield "plan", code, f"総合計画：{code} {plan['name']} など", {code, f"総合計画{code}", f"施策{code}"}
    for name in ("text", "extra"):
        for value, words in fields[name].choices:  # type: ignore[attr-defined]
            if value:
                own = {words, words.rpartition("：")[2], *QUOTED.findall(words)}
                yield name, value, f"{fields[name].label}：{words}", own
    if scope.earlier:
        yield (
            "changed_since",
            str(scope.earlier[0].as_of),
            f"{scope.earlier[0].label}から変わったもの",
            CHANGES,
        )


def _address(scope: Scope, name: str, value: str) -> str:
    if name in OWN_PAGES:
        return scope.url(name, **{OWN_PAGES[name]: int(value) if name == "sdg" else value})
    return _list_of(scope, **{name: value})


def _list_of(scope: Scope, **query: str) -> str:
    return f"{scope.url('pledges')}?{urlencode(query)}#results"


def _formerly(scope: Scope, typed: str) -> Iterator[Lead]:
    if len(typed) >= LEAST_IN_NAMES:
        yield from (lead for lead, folded in former_departments(scope) if typed in folded)


def former_departments(scope: Scope) -> Iterator[tuple[Lead, str]]:
    """Departments as earlier reports call them, folded: their present page, else the one of that report."""
    if not scope.earlier:
        return
    today = {each["code"]: each["name"] for each in scope.report.outline["departments"]}
    outlines = dict(
        Report.objects.filter(pk__in=[row.pk for row in scope.earlier]).values_list("pk", "outline")
    )
    for row in scope.earlier:
        for each in outlines[row.pk]["departments"]:
            code, name = each["code"], each["name"]
            if code in today:
                lead = Lead(
                    scope.url("department", code=code), f"担当課：{today[code]}（以前の名称：{name}）"
                )
            else:
                lead = Lead(row.url("department", code=code), f"担当課：{name}（{row.label}まで）")
            yield lead, fold_for_search(name)


def former_term(filters: EntryFilter, found: int) -> SafeString:
    """Where the term before can be searched for words of which so many initiatives were found, if these are
    few; "" without such a term.
    """
    typed = filters.form.cleaned_data.get("q") or ""
    if not typed or found >= FEW:
        return SafeString()
    return former_term_search(filters.scope, typed, urlencode({"q": typed}))


def former_term_search(scope: Scope, typed: str, query: str) -> SafeString:
    """The same for some words and their query; "" without such a term."""
    if not scope.former_term:
        return SafeString()
    told = {"term": scope.former_term, "typed": typed, "query": query}
    return render_to_string("components/former_term_search.html", told)


def nearest(filters: EntryFilter, leads: Collection[Lead]) -> list[Lead]:
    """What a search that found nothing may have meant besides its leads, each with how many initiatives it
    would find.
    """
    typed = filters.form.cleaned_data.get("q") or ""
    if not typed.strip():
        return []
    texts = [row["search_text"] for row in filters.scope.entries.values("search_text")]
    texts += map(wording_of, bare_rows(filters.scope.report))
    words = typed.split()
    asked: dict[str, str] = {}
    if len(filters.chips()) > 1:
        asked[typed] = f"ほかの条件を外して「{typed}」を探す"
    if len(words) > 1:
        asked |= {word: f"「{word}」だけで探す" for word in words}
    found = list(_counted(filters, asked, texts))
    if not found:
        found = list(_alike(filters, typed))
        parts = [part for word in words for part in _parts(word, texts)]
        found += _counted(filters, {part: f"「{part}」で探す" for part in parts}, texts)
    return [lead for lead in dict.fromkeys(found) if lead not in leads][:MOST_LEADS]


def _counted(filters: EntryFilter, asked: Mapping[str, str], texts: Collection[str]) -> Iterator[Lead]:
    for typed, words in asked.items():
        search = Search.of(typed, filters.groups)
        if count := sum(map(search.finds, texts)):
            yield Lead(_list_of(filters.scope, q=typed), f"{words}（{count}件）")


def _parts(word: str, texts: Collection[str]) -> list[str]:
    """The words that one is made of and that are said somewhere, the longest first: whole runs of kanji, of
    Latin letters, of katakana; of kanji also the longest beginning.
    """
    whole, word = "\n".join(texts), unicodedata.normalize("NFKC", word)[:LONGEST_IN_PARTS]
    found = [
        part
        for letter, least in PARTS.items()
        for run in re.findall(f"{letter}{{{least},}}", word, re.IGNORECASE)
        if (part := _said(run, letter, whole)) and part != word
    ]
    return sorted(dict.fromkeys(found), key=len, reverse=True)[:2]


def _said(run: str, letter: str, whole: str) -> str:
    """The longest beginning of a run that the texts say as a word of its own; "" for none."""
    for length in range(len(run), 1 if letter == KANJI else len(run) - 1, -1):
        said = re.escape(fold_for_search(run[:length]))
        if re.search(f"(?<!{letter}){said}(?!{letter})", whole):
            return run[:length]
    return ""


def _alike(filters: EntryFilter, typed: str) -> Iterator[Lead]:
    """The choices of the filters whose names are written much like the typed words."""
    named = {each: lead for lead, folded, _by_part in choice_leads(filters) for each in folded}
    for close in get_close_matches(fold_for_search(typed), named, n=2, cutoff=0.6):
        yield named[close]

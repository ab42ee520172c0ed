"""Lists of initiatives as pages show them: under their pledges, with the words that were looked for.

Markup is rendered once a page and filled row by row: a template's loop takes three times as long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tracker.public.bare_pledges import in_words, is_bare
from tracker.public.change_marks import changes_of_ratings, marks
from tracker.public.entries import EntryValues
from tracker.public.rows import badges
from tracker.public.scope import Scope
from tracker.reports.wordings import EntryWording, wordings
from tracker.words.fiscal_years import short_label
from tracker.words.marking import MarkedPiece, marked, shortened, telling_sentences
from tracker.words.numbering import behind, labelled
from tracker.words.places import in_words as place_in_words
from tracker.words.places import numbered
from tracker.words.reported import in_charge, not_in_charge
from tracker.words.searching import Search
from tracker.words.step_names import NOT_RATED

PLACE_FIELDS = ("category_number", "category_name", "section_number", "section_name")
MOST_SENTENCES = 2  # of an initiative that say what was looked for
# Which wording is shown first: what was done last, what is planned next, then what belongs to it.
FIRST_SHOWN = ("result", "plan", "extra", "indicator", "project", "department")
NOTHING_ASKED = Search((), ())
BARE_HEADING = "取組のない公約"
Heading = Callable[[EntryValues], str]


def pledge_list(
    entries: Iterable[EntryValues],
    scope: Scope,
    heading: Heading | None = None,
    search: Search = NOTHING_ASKED,
    changes: Mapping[str, SafeString] | None = None,
    department: str = "",
) -> SafeString:
    """The pledges of `Entries.for_list`, in the order that they come in, each with its initiatives.

    `heading` says under which heading an entry stands; without it, each pledge tells its field and section.
    Each has its mark in `changes`; without these, each rating that differs from the report of the date before
    has one. `department`: the code of one that is asked for, which is named where it is not in charge.
    """
    entries = list(entries)
    if changes is None:
        changes = marks(changes_of_ratings(scope, entries))
    drawn = PledgeDrawing(scope, search, changes, department, is_named=are_named(entries))
    parts: list[SafeString] = []
    for title, under in groupby(entries, key=heading or (lambda entry: "")):
        if heading:
            said = drawn.marked(title) if heading is of_field else title
            parts.append(format_html('<h2 class="listed-heading">{}</h2>', said))
        place = ""
        for _key, own in groupby(under, key=itemgetter("pledge_key")):
            rows = list(own)
            told, place = place, drawn.place(rows[0], by_field=heading is of_field)
            parts.append(drawn.pledge(rows, "" if place == told else place))
    # Each part is escaped already.
    return format_html('<div class="listed">{}</div>', mark_safe("\n".join(parts))) if parts else SafeString()  # noqa: S308


def are_named(entries: Iterable[EntryValues]) -> bool:
    """Whether any initiative has a name."""
    return any(entry["initiative_name"] for entry in entries)


def of_field(entry: EntryValues) -> str:
    """The field under which a pledge stands."""
    return numbered(entry["category_number"], entry["category_name"])


def headed(scope: Scope, order: Sequence[str]) -> Heading:
    """What stands above pledges: their ratings where these are the order, else their fields, if any."""
    names = {step.code: step.name for step in scope.scale}
    if order:
        return lambda entry: BARE_HEADING if is_bare(entry) else names.get(entry["rating_code"], NOT_RATED)
    return of_field if scope.report.has_fields else lambda entry: "すべての公約"


class PledgeDrawing:
    """What a page's pledges and rows are drawn with; `is_named`: some initiatives have names."""

    def __init__(
        self,
        scope: Scope,
        search: Search,
        changes: Mapping[str, SafeString],
        department: str = "",
        *,
        is_named: bool,
    ) -> None:
        self.scope, self.search, self.changes, self.department = scope, search, changes, department
        self.badges = badges(scope.scale)
        told = {"address": scope.pages.pledge_pattern, "is_named": is_named}
        self.row = render_to_string("components/listed_initiative.html", told)
        self.head = render_to_string("components/listed_pledge.html", told)
        self.bare = render_to_string("components/bare.html")
        self.once = cache(conditional_escape)  # departments come again and again
        self.other_duty = cache(other_duty)
        self.cumulative = {str(year["fiscal_year"]) for year in scope.report.years if year["cumulative"]}
        self.columns = {column["code"]: column["label"] for column in scope.report.extra_columns}

    def place(self, entry: EntryValues, *, by_field: bool) -> str:
        """Where a pledge stands; below its field's heading, only the section."""
        number, name, *section = (entry[field] for field in PLACE_FIELDS)
        return place_in_words(number, "" if by_field else name, *section)

    def pledge(self, rows: list[EntryValues], place: str) -> SafeString:
        first = rows[0]
        text = labelled(first["pledge_number"], first["pledge_text"])
        return format_html(
            self.head,
            place=format_html('<p class="entry-place">{}</p>', self.marked(place)) if place else "",
            key=first["pledge_key"],
            pledge=self.marked(text),
            rows=format_html(self.bare, words=in_words(first))
            if is_bare(first)
            else format_html_join("\n", self.row, map(self.values, rows)),
        )

    def marked(self, text: str) -> str:
        """A text with what was looked for in it."""
        return _with_marks(marked(text, self.search.words)) if self.search.words else text

    def values(self, entry: EntryValues) -> dict[str, object]:
        """What fills the names in `row`."""
        return {
            "badge": self.badges.get(entry["rating_code"], self.badges[""]),
            "changes": self.changes.get(f"{entry['pledge_key']}-{entry['initiative_position']}", ""),
            "marks": self._marks(entry) if entry["ended_after"] or entry["carried_from"] else "",
            "key": self.once(entry["pledge_key"]),
            "position": self.once(str(entry["initiative_position"])),
            "name": self.marked(behind(entry["initiative_name"])),
            "excerpt": self._said(entry) or entry["excerpt"],
            "departments": self.once(_current_departments(entry)) + self._other_duty(entry),
        }

    def _marks(self, entry: EntryValues) -> SafeString:
        shown = {"entry": entry, "scope": self.scope, "is_listed": True}
        return render_to_string("components/marks.html", shown)

    def _other_duty(self, entry: EntryValues) -> str:
        """The department that was asked for, where it is not in charge."""
        term = not_in_charge(entry["departments"]).get(self.department)
        return format_html(" {}", self.other_duty(term["when"], term["name"])) if term else ""

    def _said(self, entry: EntryValues) -> SafeString:
        """The sentences that say what was looked for, each with its year; "" where none does."""
        told = list(self._sentences(entry)) if self.search.words else []
        return format_html_join("", "<span class=entry-when>{}</span> {} ", told)

    def _sentences(self, entry: EntryValues) -> Iterator[tuple[str, SafeString]]:
        left, shown = self.search.words, 0
        for wording in self.in_order(entry):
            if not left or shown == MOST_SENTENCES:
                return
            sentence, found = telling_sentences(wording.text, left)
            if found:
                shown += 1
                left = tuple(word for number, word in enumerate(left) if number not in found)
                yield self.when(wording), _with_marks(shortened(marked(sentence, self.search.words)))

    def in_order(self, entry: EntryValues) -> list[EntryWording]:
        """The wordings that a row may show, first those to be shown first; the others stand in a heading."""
        return sorted((each for each in wordings(entry) if each.kind in FIRST_SHOWN), key=_first_shown)

    def when(self, wording: EntryWording) -> str:
        """What says the sentence: 「令和5年度の取組」, 「担当課」."""
        if wording.kind in {"result", "plan"}:
            until = "まで" if wording.kind == "result" and wording.of in self.cumulative else ""
            return f"{short_label(int(wording.of))}{until}の{'取組' if wording.kind == 'result' else '予定'}"
        names = {"project": "総合計画", "department": "担当課", "indicator": "指標"}
        return self.columns.get(wording.of) or names[wording.kind]


def _first_shown(wording: EntryWording) -> tuple[int, int]:
    """Sorts by what a reader wants to know first, the newest year first."""
    return FIRST_SHOWN.index(wording.kind), -int(wording.of) if wording.kind in {"result", "plan"} else 0


def _with_marks(pieces: Iterable[MarkedPiece]) -> SafeString:
    ways = {True: "<mark>{}</mark>", False: "{}"}
    return format_html_join("", "{}", ((format_html(ways[piece.is_found], piece.text),) for piece in pieces))


def other_duty(when: str, name: str) -> SafeString:
    """A department that did have a duty before, or will later, as a tag."""
    return render_to_string("components/other_duty.html", {"when": when, "name": name})


def _current_departments(entry: EntryValues) -> str:
    names = [term["name"] for term in in_charge(entry["departments"])]
    between = "、" if any(" " in name for name in names) else " "  # 総務部 総務課、福祉部 高齢福祉課
    return between.join([*names, "ほか"] if entry["other_departments"] else names)

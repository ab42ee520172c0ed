"""What the list's script searches and shows: a report's initiatives as one JSON (docs/adr/0041).

The markup of a row stands in it as the pages have it, rendered once; the script fills the names in braces.
Texts are as they were written: the script folds them by the tables that the server folds by.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

from tracker.models import ReportEntry
from tracker.public.bare_pledges import NO_POSITION, bare_rows, in_words, is_bare, with_bare
from tracker.public.change_marks import changes_of_ratings, marks, marks_of_all
from tracker.public.changes import changes_since
from tracker.public.entries import EntryValues
from tracker.public.filters import TYPED_PLACE, EntryFilter
from tracker.public.groups import goals_known
from tracker.public.leads import FEW, KANJI, PARTS, choice_leads, former_departments, former_term_search
from tracker.public.pledge_lists import BARE_HEADING, PledgeDrawing, are_named, of_field, other_duty
from tracker.public.pledge_parts import NO_NUMBER, NO_PAGE, PLEDGES_PER_PAGE
from tracker.public.published import Published
from tracker.public.rated_pledges import pledge_states
from tracker.public.scope import Scope
from tracker.public.search_words import MAX_WORDS_CHARACTERS, TOO_LONG, UNKNOWN_CHOICE, UNUSABLE
from tracker.reports.wordings import WORDED
from tracker.words.folding import folding_tables
from tracker.words.numbering import labelled
from tracker.words.places import HIGHEST_ASKED
from tracker.words.reported import not_in_charge
from tracker.words.searching import MOST_SPELLINGS, Search, pattern_of

CONTENT_TYPE = "application/json; charset=utf-8"
MOST_COMPARED = 200  # pairs of reports whose marks a process keeps, some 20 kB each
PLEDGE_TEXTS = ("category_name", "section_name", "pledge_number", "pledge_text")

_marks: dict[tuple[str, str], dict[str, str]] = {}  # by the digests of the earlier report and the newer


def list_index(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The JSON of the scope's report."""
    told = ToldList(scope)
    content = json.dumps(told.all_of_it(), ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(content, content_type=CONTENT_TYPE)


class ToldList:
    """What is told of a report; texts that come again are named by their place in `texts`."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.filters = scope, EntryFilter(QueryDict(), scope)
        self.texts: dict[str, int] = {}
        self.rows: list[EntryValues] = list(scope.entries.for_list("key", *WORDED))
        self.facets = {row["key"]: row["facets"] for row in scope.entries.values("key", "facets")}
        self.bare = bare_rows(scope.report)
        self.states = pledge_states(scope.report, self.rows)
        changes = marks(changes_of_ratings(scope, self.rows))
        self.drawing = PledgeDrawing(scope, Search.of(""), changes, is_named=are_named(self.rows))

    def all_of_it(self) -> dict[str, Any]:
        told = {
            "total": self.scope.report.entry_count,
            "row": self.drawing.row,
            "head": self.drawing.head,
            "badges": self.drawing.badges,
            "entries": [self._of_either(row) for row in with_bare(self.rows, self.bare)],
            "pledges": {row["pledge_key"]: self._pledge(row) for row in (*self.rows, *self.bare)},
            "bare": [self.drawing.bare, BARE_HEADING],
            "changed": dict(self._changed()),
            "since": {str(row.as_of): self._compared_with(row) for row in self.scope.earlier},
            "steps": {step.code: step.name for step in self.scope.scale},
            "has_fields": self.scope.report.has_fields,
            "names": {name: str(field.label) for name, field in self.filters.form.fields.items()},
            **{kind: self._counted(kind) for kind in ("ended", "carried")},
            "order": self.scope.report.rating_codes,
            "list_address": self.scope.url("pledges"),
            "other_duties": {when: other_duty(when, "{name}") for when in ("past", "next")},
            "without_report": render_to_string("components/without_report.html"),
            "goals": render_to_string("components/goals_known.html", {**goals_known(self.scope)}),
            **self._search(),
            **self._leads(),
        }
        return told | {"texts": list(self.texts)}

    def _text(self, text: str) -> int:
        return self.texts.setdefault(str(text), len(self.texts))

    def _counted(self, kind: str) -> str:
        """How those not rated anew are counted, with a place for their number."""
        counted = {f"{kind}_count": f"{{{kind}}}"}
        return render_to_string("components/counted.html", {"scope": self.scope, "counted": counted})

    def _compared_with(self, row: Published) -> str:
        """With which report the marks of a list compare."""
        return render_to_string("components/marks_since.html", {"since": row})

    def _pledge(self, row: EntryValues) -> list[Any]:
        """Its field and words, its heading, where it stands (whole, and below that), its state, its texts."""
        places = (self.drawing.place(row, by_field=by_field) for by_field in (False, True))
        texts = (row[name] for name in PLEDGE_TEXTS)
        label = labelled(row["pledge_number"], row["pledge_text"])
        state = self.states.get(row["pledge_key"], "")
        return [row["category_number"], label, *map(self._text, (of_field(row), *places, state)), *texts]

    def _entry(self, row: EntryValues) -> list[Any]:
        values = self.drawing.values(row)
        return [
            row["key"],
            row["pledge_key"],
            row["initiative_position"],
            row["rating_code"],
            self._text(self._facets(row)),
            int(row["ended_after"] is not None),
            int(row["carried_from"] is not None),
            *(self._text(str(values[name])) for name in ("changes", "marks", "departments")),
            row["excerpt"],
            [
                piece
                for wording in self.drawing.in_order(row)
                for piece in (self._text(self.drawing.when(wording)), wording.text)
            ],
            *filter(None, [row["initiative_name"]]),
        ]

    def _facets(self, row: EntryValues) -> str:
        """What filters look through, and the departments that are not in charge."""
        others = not_in_charge(row["departments"]).values()
        return (self.facets[row["key"]] or " ") + "".join(
            f"{term['when']}:{term['code']} " for term in others
        )

    def _of_either(self, row: EntryValues) -> list[Any]:
        return self._bare(row) if is_bare(row) else self._entry(row)

    def _bare(self, row: EntryValues) -> list[Any]:
        """A pledge without an initiative: no rating, no facets, no texts but the pledge's own; what is said
        of it stands in the place of an excerpt.
        """
        key, nothing, has_ended = row["pledge_key"], self._text(""), int(row["ended_after"] is not None)
        blank = (nothing, nothing, nothing)
        return [key, key, NO_POSITION, None, nothing, has_ended, 0, *blank, in_words(row), []]

    def _changed(self) -> Iterator[tuple[str, dict[str, int]]]:
        """What differs from each earlier report, with its mark."""
        for earlier in self.scope.earlier:
            told = self._marked(earlier)
            yield str(earlier.as_of), {key: self._text(mark) for key, mark in told.items()}

    def _marked(self, earlier: Published) -> dict[str, str]:
        """The marks since an earlier report, by key. Two published reports are compared once, for neither
        changes.
        """
        both = earlier.digest, self.scope.this.digest
        if self.scope.unpublished:  # a draft has changed by the next time
            return self._compared(earlier)
        if both not in _marks:
            if len(_marks) >= MOST_COMPARED:
                _marks.clear()
            _marks[both] = self._compared(earlier)
        return _marks[both]

    def _compared(self, earlier: Published) -> dict[str, str]:
        compared = changes_since(self.scope, earlier, entries=self._entries)
        told = marks_of_all(compared, earlier.label)
        return {key: told.get(key, "") for key in sorted(compared.changed_keys)}

    @cached_property
    def _entries(self) -> list[ReportEntry]:
        return list(self.scope.entries)

    def _search(self) -> dict[str, Any]:
        groups = self.filters.groups
        return {
            "folding": folding_tables(),
            "groups": list(dict.fromkeys(groups.values())),
            "pattern": pattern_of(groups),
            "most_spellings": MOST_SPELLINGS,
            "most_characters": MAX_WORDS_CHARACTERS,
            "per_page": PLEDGES_PER_PAGE,
            "place": TYPED_PLACE.pattern,
            "highest": HIGHEST_ASKED,
            "facets": EntryFilter.FACETS,
            "complaints": {"choice": UNKNOWN_CHOICE, "long": TOO_LONG, "unusable": UNUSABLE},
            "no_number": NO_NUMBER,
            "no_page": NO_PAGE,
            "parts": list(PARTS.items()),
            "kanji": KANJI,
            "few": FEW,
        }

    def _leads(self) -> dict[str, Any]:
        return {
            "pledge_address": self.scope.pages.pledge_pattern,
            "choices": [[*lead, folded, by_part] for lead, folded, by_part in choice_leads(self.filters)],
            "former_term": former_term_search(self.scope, "{typed}", "{query}"),
            "former": [[*lead, folded] for lead, folded in former_departments(self.scope)],
        }

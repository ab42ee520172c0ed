"""The tables of what a report tells of others: where its pledges stood before, and what carries on what, of
this term and of an earlier one.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from tracker.models import ReportEntry
from tracker.public.open_data.columns import text, wording, year
from tracker.public.open_data.shared_columns import PLEDGE_COLUMNS, place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.reported import FormerTermPledge


class FormerKey(NamedTuple):
    """A pledge, by one of its entries, and a key that earlier reports have it under."""

    entry: ReportEntry
    former: str


def _former_keys(edition: EditionData) -> Iterator[FormerKey]:
    for entry, *_others in edition.pledges:
        for former in entry.former_pledge_keys or []:
            yield FormerKey(entry, former)


FORMER_PLEDGE_KEYS = DataTable(
    name="former_pledge_keys",
    title="公約の以前の記号",
    about="1行が、ほかの分野・項目に移した公約の、1つの以前の記号です。前の公表版の公約と結び付けられます。",
    group="further",
    key=("pledge_key", "former_pledge_key"),
    own_columns=(
        text("pledge_key", "公約の記号", "entry.pledge_key", "分野-項目-公約の順", refers_to="pledges"),
        text("former_pledge_key", "以前の公約の記号", "former", "前の公表版での分野-項目-公約の順"),
        *PLEDGE_COLUMNS,
    ),
    rows=_former_keys,
)


class Continued(NamedTuple):
    """An initiative that carries on another, from a fiscal year on."""

    entry: ReportEntry
    predecessor: str
    fiscal_year: int


def _continued(edition: EditionData) -> Iterator[Continued]:
    for entry in edition.entries:
        for link in entry.continues or []:
            yield Continued(entry, link["key"], link["fiscal_year"])


CONTINUATIONS = DataTable(
    name="initiative_continuations",
    title="取組の引継ぎ",
    about="1行が、ほかの取組を引き継いだ1つの取組です。",
    group="further",
    key=("initiative_key", "predecessor_key"),
    own_columns=(
        *place_columns(),
        text("predecessor_key", "引継ぎ元の取組の記号", "predecessor", "分野-項目-公約の順-取組の順"),
        year("from_fiscal_year", "引継ぎの年度", "fiscal_year"),
    ),
    rows=_continued,
)


class ContinuedPledge(NamedTuple):
    """A pledge, by one of its entries, that carries on one of an earlier term."""

    entry: ReportEntry
    former: FormerTermPledge


def _continued_pledges(edition: EditionData) -> Iterator[ContinuedPledge]:
    found: dict[tuple[str, str, str], ContinuedPledge] = {}
    for entry in chain.from_iterable(edition.pledges):
        if former := entry.former_term_pledge:
            key = (entry.pledge_key, former["slug"], former["key"])
            found.setdefault(key, ContinuedPledge(entry, former))
    yield from found.values()


FORMER_TERM_PLEDGES = DataTable(
    name="former_term_pledges",
    title="前の任期から引き継ぐ公約",
    about="1行が、前の任期の公約を引き継ぐ1つの公約です。前の任期のデータと結び付けられます。",
    group="further",
    key=("pledge_key", "former_manifesto", "former_term_pledge_key"),
    own_columns=(
        text("pledge_key", "公約の記号", "entry.pledge_key", "分野-項目-公約の順", refers_to="pledges"),
        text(
            "former_manifesto",
            "前の任期のマニフェストの名前",
            lambda row: row.former["slug"],
            "前の任期のデータの manifesto の値",
        ),
        wording(
            "former_manifesto_title", "前の任期のマニフェストの表題", lambda row: row.former["manifesto"]
        ),
        text(
            "former_term_pledge_key",
            "前の任期の公約の記号",
            lambda row: row.former["key"],
            "前の任期での分野-項目-公約の順",
        ),
        wording(
            "former_term_pledge_label",
            "前の任期の公約の番号の表記",
            lambda row: row.former["number"],
            blank="元の表に番号がない",
        ),
        wording("former_term_pledge_text", "前の任期の公約", lambda row: row.former["text"]),
        *PLEDGE_COLUMNS,
    ),
    rows=_continued_pledges,
)

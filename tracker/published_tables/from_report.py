"""A report as the published table (掲載表), and notes of what that has no column for.

Reads reports only, so that the public site can use it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from tracker.models import Report, ReportEntry
from tracker.published_tables.file import table
from tracker.published_tables.file.cells import LegendStep, PlanReference, one_line
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.laid_table import Notes
from tracker.published_tables.file.table import PublishedTable
from tracker.words.bullets import is_nothing
from tracker.words.codes import in_file_name
from tracker.words.extra_values import NUMBER, in_words
from tracker.words.fiscal_years import as_of_in, date_label, day_label, round_label, short_label
from tracker.words.places import pledge_numbers
from tracker.words.reported import ONCE, BarePledge, ReportedIndicator, has_ended
from tracker.words.typed_text import with_plain_breaks


def file_name(city_code: str, as_of: date, edition: int, suffix: str) -> str:
    """The file's name in ASCII: municipality code, date and edition, as the open data's files have them."""
    return in_file_name(city_code) + f"manifesto-table_{as_of.isoformat()}_e{edition}.{suffix}"


@dataclass(frozen=True)
class Extras:
    """What a table tells beside a city's usual columns: the ratings of the report before, by the entries'
    keys, why a rating was changed, the extra columns, and the indicators, of the report's year.
    """

    previous_ratings: Mapping[str, str] = field(default_factory=dict)
    with_reasons: bool = False
    with_columns: bool = False
    with_indicators: bool = False


USUAL = Extras()


def table_of(
    report: Report, entries: Sequence[ReportEntry] | None = None, extras: Extras = USUAL
) -> PublishedTable:
    """A report as the table that the city publishes; `entries` saves a query where they are at hand."""
    steps = [
        LegendStep(r["code"], one_line(r["label"]) or r["code"], one_line(r["definition"]), r["percent"])
        for r in report.ratings
    ]
    return PublishedTable(
        title=_title(report),
        as_of=report.as_of,
        ratings=steps,
        years=report.result_years,
        plan_years=report.plan_years,
        cumulative_year=next((year["fiscal_year"] for year in report.years if year["cumulative"]), None),
        categories=_categories(report, entries or report.entries.order_by("position"), extras),
        **_ranks(report),
    )


def _ranks(report: Report) -> dict[str, Any]:
    """Whether the scale has an order, and which steps stand outside it."""
    unranked = report.unranked_codes
    if unranked and unranked == report.rating_codes:
        return {"has_ranks": False}
    return {"unranked": frozenset(unranked)}


def notes_of(report: Report, entries: Sequence[ReportEntry] | None = None, extras: Extras = USUAL) -> Notes:
    """What the table says beside its columns: the edition, and per section what ended or was carried on."""
    entries = list(entries or report.entries.order_by("position"))
    rows = _grouped(entries, "category_number", "section_number")
    sections = {
        (found[0].category_number, found[0].section_number): notes
        for found in rows
        if (notes := tuple(_section_notes(found)))
    }
    return Notes(tuple(_head_notes(report, entries, extras)), sections)


def _grouped(entries: Iterable[ReportEntry], *names: str) -> list[list[ReportEntry]]:
    """Entries that stand together and have the same values of these fields."""
    return [list(rows) for _values, rows in groupby(entries, key=attrgetter(*names))]


def _title(report: Report) -> str:
    """The title with its date: a reader learns the date from there."""
    title = one_line(report.title)
    return title if as_of_in(title) == report.as_of else f"{title}（{date_label(report.as_of)}）"


def _words(text: str) -> str:
    """A text as a cell holds it; one that is only a dash says nothing, as the table's own dash does."""
    return "" if is_nothing(text) else with_plain_breaks(text).replace("\t", " ")


def _categories(report: Report, entries: Iterable[ReportEntry], extras: Extras) -> list[table.TableCategory]:
    """Fields with their pledges, in order; those without an entry stand at their places."""
    rows = {(each[0].category_number, each[0].section_number): each for each in _by_section(entries)}
    bare = defaultdict[tuple[int, int], list[BarePledge]](list)
    for pledge in report.bare_pledges:
        if not has_ended(pledge):  # such are told above the table: their row would say 「まだ」
            bare[pledge["category_number"], pledge["section_number"]].append(pledge)
    places = sorted(rows.keys() | bare.keys()) if bare else list(rows)
    categories: dict[int, table.TableCategory] = {}
    for place in places:
        in_section, told = rows.get(place, []), bare.get(place, [])
        category = categories.setdefault(place[0], table.TableCategory(place[0], ""))
        pledges = _pledges(report, in_section, told, extras)
        category.sections.append(
            table.TableSection(place[1], _named(in_section, told, "section_name"), pledges)
        )
    for number, category in categories.items():
        in_field = [entry for place, found in rows.items() if place[0] == number for entry in found]
        told = [each for place, found in bare.items() if place[0] == number for each in found]
        category.name = _named(in_field, told, "category_name")
    return list(categories.values())


def _by_section(entries: Iterable[ReportEntry]) -> list[list[ReportEntry]]:
    return _grouped(entries, "category_number", "section_number")


def _named(entries: Sequence[ReportEntry], bare: Sequence[BarePledge], name: str) -> str:
    """The name of a field or a section, as its entries have it, or its pledges without any."""
    named: Any = vars(_newest(entries)) if entries else bare[0]
    return one_line(named[name])


def _pledges(
    report: Report, entries: Sequence[ReportEntry], bare: Sequence[BarePledge], extras: Extras
) -> list[table.TablePledge]:
    """The pledges of a section."""
    told = [(rows[0].pledge_key, _pledge(report, rows, extras)) for rows in _grouped(entries, "pledge_key")]
    if bare:
        told += [(each["pledge_key"], _bare_pledge(each)) for each in bare]
        told.sort(key=lambda each: pledge_numbers(each[0]))
    return [replace(pledge, position=position) for position, (_key, pledge) in enumerate(told, start=1)]


def _bare_pledge(pledge: BarePledge) -> table.TablePledge:
    return table.TablePledge(0, one_line(pledge["pledge_number"]), _words(pledge["pledge_text"]))


def _pledge(report: Report, entries: Sequence[ReportEntry], extras: Extras) -> table.TablePledge:
    newest = _newest(entries)
    initiatives = [
        _initiative(report, entry, number, extras) for number, entry in enumerate(entries, start=1)
    ]
    return table.TablePledge(0, one_line(newest.pledge_number), _words(newest.pledge_text), initiatives)


def _newest(entries: Sequence[ReportEntry]) -> ReportEntry:
    """An entry that has today's names of field, section and pledge; a carried one has those of its time."""
    return next((entry for entry in entries if entry.carried_from is None), entries[0])


def _initiative(report: Report, entry: ReportEntry, position: int, extras: Extras) -> table.TableInitiative:
    projects = [PlanReference(p["code"], p["base_code"], one_line(p["name"])) for p in entry.plan_projects]
    duties = [DepartmentTerm(one_line(t["name"]), t["from_year"], t["to_year"]) for t in entry.departments]
    return table.TableInitiative(
        position=position,
        row=entry.position,
        plan_projects=projects,
        sdgs=None if entry.sdgs is None else tuple(entry.sdgs),
        results={year: _words(entry.results.get(str(year), "")) for year in report.result_years},
        plans={year: _words(entry.plans.get(str(year), "")) for year in report.plan_years},
        rating=entry.rating_code or None,
        departments=tuple(duties),
        others=entry.other_departments,
        previous_rating=extras.previous_ratings.get(entry.key),
        rating_reason=_words(entry.rating_reason) if extras.with_reasons else "",
        extras=_values(report, entry) if extras.with_columns else {},
        indicators=_indicators(report, entry) if extras.with_indicators else [],
        text=_words(entry.initiative_name),
    )


def _values(report: Report, entry: ReportEntry) -> dict[str, str]:
    """What the public extra columns say of the report's year, and of the initiative as such, in order."""
    found = {}
    for column in report.extra_columns:
        by_year = (entry.extra_values or {}).get(column["code"], {})
        value = by_year.get(ONCE) or by_year.get(str(report.fiscal_year), "")
        said = in_words(column["kind"], column["unit"], column["decimals"], value)
        found[one_line(column["label"])] = _words(said)
    return found


def _indicators(report: Report, entry: ReportEntry) -> list[table.TableIndicator]:
    """The entry's indicators with the target, the actual and the rate of the report's year."""
    year, found = report.fiscal_year, []
    for each in entry.indicators or ():
        told = each["years"].get(str(year))
        target, actual = (_number(each, told[name] if told else "") for name in ("target", "actual"))
        rate = f"{told['rate']}%" if told and told["rate"] else ""
        figures = ({year: text} if text else {} for text in (target, actual, rate))
        found.append(table.TableIndicator(one_line(each["name"]), one_line(each["unit"]), *figures))
    return found


def _number(indicator: ReportedIndicator, number: str) -> str:
    """A number of an indicator without its unit, which has a column of its own."""
    return in_words(NUMBER, "", indicator["decimals"], number)


def _head_notes(report: Report, entries: Iterable[ReportEntry], extras: Extras) -> Iterator[str]:
    if report.round_name:
        yield f"{round_label(report.fiscal_year, one_line(report.round_name))}の報告です。"
    if report.edition > 1:
        yield f"第{report.edition}版。訂正の理由：{one_line(report.correction_reason)}"
    if report.unapproved_reason:
        yield f"承認が間に合わなかった取組があります。理由：{one_line(report.unapproved_reason)}"
    if ended := [pledge for pledge in report.bare_pledges if has_ended(pledge)]:
        yield f"次の公約は、取組のないまま終わりました。{_named_pledges(ended)}"
    if any(rated.get("from_table") for entry in entries for rated in entry.rating_history):
        yield "表に載っていた前の年度の評価は、公開ページとオープンデータにあります。"
    if report.extra_columns and not extras.with_columns:
        names = "、".join(one_line(column["label"]) for column in report.extra_columns)
        yield f"このほかの項目（{names}）は、公開ページとオープンデータにあります。"
    if any(entry.indicators for entry in entries) and not extras.with_indicators:
        yield "指標の目標と実績は、公開ページとオープンデータにあります。"


def _named_pledges(pledges: Iterable[BarePledge]) -> str:
    return "".join(
        f"「{one_line(each['pledge_number'])}{one_line(each['pledge_text'])}」" for each in pledges
    )


def _section_notes(entries: Sequence[ReportEntry]) -> Iterator[str]:
    """A line per initiative that is not as the columns say: ended, or as it stood in an earlier report."""
    for entry in entries:
        pledge = f"{one_line(entry.pledge_number)}{one_line(entry.pledge_text)}"
        named = f"「{pledge}」の{entry.initiative_position}番目の取組"
        if entry.ended_after is not None:
            year = short_label(entry.ended_after)
            yield f"{named}は、{year}で終わった取組です。実施状況は、終わったときのものです。"
        if entry.carried_from is not None:
            day = day_label(entry.carried_from)
            yield f"{named}は、承認が間に合わなかったため、{day}時点の公表のまま載せています。"

"""A further edition of a report takes nothing over by itself: it starts from the edition before.

Only rows that were approved anew speak anew. What has changed in the catalogue since (wording, departments,
plan projects, SDGs …) is offered to the planning office, which picks from it; nothing is picked by default.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.cycle.places import Places
from tracker.models import OriginalFile, Report, ReportEntry
from tracker.reports.bare_pledges import without_entry
from tracker.reports.digests import CONTENT_FIELDS, LATER_FIELDS
from tracker.reports.indicators import answered, defined_as, definitions, definitions_in_words
from tracker.words.cutting import cut
from tracker.words.digests import canonical_json, sha256
from tracker.words.extra_values import heading_of
from tracker.words.fiscal_years import short_label, term_label
from tracker.words.numbering import labelled
from tracker.words.places import initiative_numbers
from tracker.words.reported import (
    BarePledge,
    LinkedInitiative,
    ReportedColumn,
    ReportedManifesto,
    ReportedRating,
    has_ended,
)
from tracker.words.step_names import step_name


@dataclass
class OfferedChange:
    """What the catalogue says otherwise than the edition before, in words, and at which places.

    The same change at many places is one. `key` tells it from all others: what has changed once more is
    another change. `is_needed`: the edition cannot do without it.
    """

    key: str
    what: str
    before: str
    after: str
    is_picked: bool
    is_needed: bool
    places: list[str] = field(default_factory=list)


class Aspect(NamedTuple):
    """Something that the catalogue says of an entry: what, in which fields, and in words."""

    what: str
    fields: tuple[str, ...]
    words: Callable[[ReportEntry], str]
    is_of_place: bool = False  # goes along with a pledge that moves


def _departments(entry: ReportEntry) -> str:
    names = [f"{term['name']}{term_label(term['from_year'], term['to_year'])}" for term in entry.departments]
    return "、".join([*names, *(["ほかの担当課"] if entry.other_departments else [])])


def _projects(entry: ReportEntry) -> str:
    return "、".join(f"{project['code']} {project['name']}".strip() for project in entry.plan_projects)


def _sdgs(entry: ReportEntry) -> str:
    return "読み取れません" if entry.sdgs is None else "、".join(map(str, entry.sdgs))


def _end(entry: ReportEntry) -> str:
    return f"{short_label(entry.ended_after)}で終わり" if entry.ended_after else "続いています"


def _scale(ratings: Iterable[ReportedRating]) -> str:
    return "、".join(f"{step_name(each['code'], each['label'])}（{each['definition']}）" for each in ratings)


def _columns(columns: Iterable[ReportedColumn]) -> str:
    return "、".join(heading_of(each["label"], each["unit"]) for each in columns) or "なし"


def _years_told(years: list[int]) -> str:
    return "、".join(map(short_label, years)) or "なし"


MOST_TOLD = 60  # characters of a long text, to know it by


def _about(about: ReportedManifesto) -> str:
    told = [about.get(name, "") for name in ("mayor", "evaluator", "consideration", "original_url")]
    told += [cut(text, MOST_TOLD) for text in (about.get("easy", ""), about.get("english", ""))]
    told += [_original(about["original_sha256"])] if "original_sha256" in about else []
    first, last = about.get("first_fiscal_year"), about.get("last_fiscal_year")
    told += [f"任期 {short_label(first)}～{short_label(last)}"] if first and last else []
    return "、".join(map(str, filter(None, told))) or "なし"


def _original(digest: str) -> str:
    """A file by its name; the digest tells apart two of one name."""
    name = OriginalFile.objects.filter(sha256=digest).values_list("name", flat=True).first()
    return f"原本のファイル「{name or '名前の記録なし'}」（SHA-256 {digest[:8]}…）"


def _bare(pledges: Iterable[BarePledge]) -> str:
    told = (
        f"{each['pledge_key']} {labelled(each['pledge_number'], cut(each['pledge_text'], MOST_TOLD))}"
        + (f"（{short_label(each['ended_after'])}で終了）" if has_ended(each) else "")
        for each in pledges
    )
    return "、".join(told) or "なし"


def _codes_before(entry: ReportEntry) -> list[str]:
    return [rating["code"] for rating in entry.rating_history]


def _pledge(entry: ReportEntry) -> str:
    return labelled(entry.pledge_number, entry.pledge_text)


def _former_term(entry: ReportEntry) -> str:
    former = entry.former_term_pledge
    return f"{former['manifesto']} {former['key']} {former['number']}{former['text']}" if former else "なし"


def _links(both: list[list[LinkedInitiative] | None]) -> str:
    names = ("前の取組", "後の取組")
    told = [f"{name} {each['key']}" for name, links in zip(names, both, strict=True) for each in links or ()]
    return "、".join(told) or "なし"


def _under(keys: Mapping[str, str], links: list[LinkedInitiative] | None) -> list[LinkedInitiative] | None:
    """Links with the keys that initiatives have in another report."""
    if links is None:
        return None
    return [
        LinkedInitiative(key=keys.get(link["key"], link["key"]), fiscal_year=link["fiscal_year"])
        for link in links
    ]


# Where an entry's pledge stands, what moves with it, and what is said of the pledge itself.
PLACE_OF_PLEDGE = (
    *("category_number", "category_name", "section_number", "section_name"),
    *("pledge_key", "former_pledge_keys"),
)
PLACE = ("key", "initiative_position", *PLACE_OF_PLEDGE)
PLEDGE_WORDS = ("pledge_number", "pledge_text", "former_term_pledge")
END = "取組の終わり"
ASPECTS = (
    Aspect("分野の名称", ("category_name",), lambda entry: entry.category_name, is_of_place=True),
    Aspect("項目の名称", ("section_name",), lambda entry: entry.section_name, is_of_place=True),
    Aspect("公約の番号と文", ("pledge_number", "pledge_text"), _pledge),
    Aspect("取組の名前", ("initiative_name",), lambda entry: entry.initiative_name or "なし"),
    Aspect("引き継ぐ前の任期の公約", ("former_term_pledge",), _former_term),
    Aspect("担当課", ("departments", "other_departments"), _departments),
    Aspect("関連事業", ("plan_projects",), _projects),
    Aspect("SDGs の目標", ("sdgs",), _sdgs),
    Aspect(END, ("ended_after",), _end),
)


class Correction:
    """The edition after `last`, and what of the catalogue it takes over (`picked`) or could take over."""

    def __init__(self, last: Report, picked: Collection[str], columns: list[ReportedColumn]) -> None:
        self.last, self.picked = last, picked
        self._changes: dict[str, OfferedChange] = {}
        then = last.extra_columns
        words = _columns(then), _columns(columns)
        stays = then == columns or not self._takes_over("追加の項目", words, [then, columns])
        self.extra_columns = then if stays else columns
        # Columns that are public no more say what they said: nobody approved more of them for the public.
        self.no_longer = {each["code"] for each in self.extra_columns} - {each["code"] for each in columns}

    @property
    def changes(self) -> list[OfferedChange]:
        """Each change once, in the order in which it was met."""
        return list(self._changes.values())

    def entries(self, made: Iterable[ReportEntry], stood: Mapping[str, ReportEntry]) -> list[ReportEntry]:
        """In the table's order; `made` are those that the workspace would say now, and `stood` those of the
        edition before, by the key that each has now.

        One that the edition before does not have stands where its pledge stands there, in the same words.
        """
        found = {entry.key: entry for entry in made}
        keys_then = {key: entry.key for key, entry in stood.items()}
        for key, entry in found.items():
            self._put_values_back(entry, stood.get(key))
            self._put_indicators_back(entry, stood.get(key))
            if key in stood:
                self._put_back(entry, stood[key], keys_then)
        self._put_beside(found, stood)
        for key in stood.keys() - found.keys():
            if not self._takes_over("取組の削除", (_pledge(stood[key]), "載せません"), [key], key):
                found[key] = copied(stood[key])
        keys = {key: entry.key for key, entry in found.items()}
        for entry in found.values():
            entry.continues, entry.continued_by = (
                _under(keys, links) for links in (entry.continues, entry.continued_by)
            )
        return sorted(found.values(), key=_place)

    def bare_pledges(
        self, made: Iterable[BarePledge], entries: Sequence[ReportEntry], places: Places
    ) -> list[BarePledge]:
        """The edition's pledges without an initiative, but for those that have an entry now.

        Those of today (`made`), where that is picked.
        """
        then, now = (without_entry(each, entries, places) for each in (self.last.bare_pledges, made))
        words = _bare(then), _bare(now)
        return then if then == now or not self._takes_over("取組のない公約", words, [then, now]) else now

    def put_back_head(self, report: Report, entries: Iterable[ReportEntry]) -> None:
        """Puts back title, scale, 「まで」 year and what the manifesto says of itself.

        Except for what is picked, or needed by an entry.
        """
        last, known = self.last, {"", *self.last.rating_codes}
        report.extra_columns = self.extra_columns
        told = {code for entry in entries for code in (entry.rating_code, *_codes_before(entry))}
        if report.title != last.title and not self._takes_over(
            "表題", (last.title, report.title), [last.title, report.title]
        ):
            report.title = last.title
        if report.ratings != last.ratings and not self._takes_over(
            "実施状況の区分",
            (_scale(last.ratings), _scale(report.ratings)),
            [last.ratings, report.ratings],
            is_needed=not told <= known,
        ):
            report.ratings = last.ratings
        if report.about != last.about and not self._takes_over(
            "マニフェストの説明", (_about(last.about), _about(report.about)), [last.about, report.about]
        ):
            report.about = last.about
        cumulative = [year["fiscal_year"] for year in last.years if year["cumulative"]]
        now = [year["fiscal_year"] for year in report.years if year["cumulative"]]
        words = _years_told(cumulative), _years_told(now)
        if cumulative != now and not self._takes_over("最初の列にまとめる年度", words, [cumulative, now]):
            for year in report.years:
                year["cumulative"] = year["kind"] == "result" and year["fiscal_year"] in cumulative

    def _put_values_back(self, entry: ReportEntry, stood: ReportEntry | None) -> None:
        """Leaves an entry the values of the edition's extra columns."""
        codes, then = {each["code"] for each in self.extra_columns}, (stood and stood.extra_values) or {}
        now = {code: said for code, said in (entry.extra_values or {}).items() if code in codes}
        entry.extra_values = now | {code: then[code] for code in self.no_longer if code in then} or None

    def _put_indicators_back(self, entry: ReportEntry, stood: ReportEntry | None) -> None:
        """Leaves an entry the indicators of the edition as they were defined, with the actuals of now.

        An actual that was approved cannot be told without its definition: that one is needed.
        """
        if stood is None:
            return
        then, now = stood.indicators, entry.indicators
        both = [definitions(then), definitions(now)]
        words = definitions_in_words(then), definitions_in_words(now)
        is_needed = not answered(now) <= {each["code"] for each in then or ()}
        if both[0] != both[1] and not self._takes_over("指標", words, both, entry.key, is_needed=is_needed):
            entry.indicators = defined_as(then, now)

    def _put_beside(self, found: Mapping[str, ReportEntry], stood: Mapping[str, ReportEntry]) -> None:
        """Puts entries that are new in this edition to the others of their pledge."""
        beside = {key.rpartition("-")[0]: entry for key, entry in found.items() if key in stood}
        for key, entry in found.items():
            if key not in stood and (sister := beside.get(key.rpartition("-")[0])):
                for name in (*PLACE_OF_PLEDGE, *PLEDGE_WORDS):
                    setattr(entry, name, getattr(sister, name))
                entry.key = f"{sister.pledge_key}-{entry.initiative_position}"

    def _put_back(self, entry: ReportEntry, stood: ReportEntry, keys_then: Mapping[str, str]) -> None:
        links = [_under(keys_then, each) for each in (entry.continues, entry.continued_by)]
        then = [stood.continues, stood.continued_by]
        words = _links(then), _links(links)
        if links != then and not self._takes_over("取組の引継ぎ", words, [then, links], entry.key):
            entry.continues, entry.continued_by = then
        place = stood.pledge_key, entry.pledge_key
        if place[0] != place[1] and not self._takes_over("公約の場所", place, list(place), stood.key):
            for name in PLACE:
                setattr(entry, name, getattr(stood, name))
        for aspect in ASPECTS:
            before, after = ([getattr(each, name) for name in aspect.fields] for each in (stood, entry))
            if before == after or (aspect.is_of_place and entry.pledge_key != stood.pledge_key):
                continue
            words = aspect.words(stood), aspect.words(entry)
            if not self._takes_over(aspect.what, words, [before, after], entry.key):
                if aspect.what == END and stood.carried_from:  # nothing else of it has been approved since
                    for name in (*CONTENT_FIELDS, "carried_from", "extra_values", "indicators"):
                        setattr(entry, name, getattr(stood, name))
                for name, value in zip(aspect.fields, before, strict=True):
                    setattr(entry, name, value)

    def _takes_over(
        self, what: str, words: tuple[str, str], values: object, place: str = "", *, is_needed: bool = False
    ) -> bool:
        """Notes a change of `values` at a place; whether it is picked."""
        key = sha256(canonical_json([what, values]))[:16]
        is_picked = is_needed or key in self.picked
        change = self._changes.setdefault(key, OfferedChange(key, what, *words, is_picked, is_needed))
        change.places += [place] if place else []
        return is_picked


def _place(entry: ReportEntry) -> tuple[int, ...]:
    return initiative_numbers(entry.key)


def copied(stood: ReportEntry) -> ReportEntry:
    """An unsaved entry that says the same."""
    return ReportEntry(**{name: getattr(stood, name) for name in (*CONTENT_FIELDS, *LATER_FIELDS)})

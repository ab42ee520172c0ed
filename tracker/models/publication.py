"""What the public reads: reports, frozen and self-contained, and their index.

The database itself refuses to change or delete reports and entries (triggers.py). Their index is made from
them, and can be made anew (reports/index.py).
"""

from datetime import date
from typing import Any, TypeAlias, TypeVar

from django.db import models
from django.db.models import CASCADE, PROTECT, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from tracker.models.catalogue import MAX_TITLE, Manifesto
from tracker.models.city import PUBLIC_COLUMNS, city_columns
from tracker.models.organisation import MAX_SIGNATURE
from tracker.models.original_files import OriginalFile
from tracker.models.reporting import MAX_ROUND_NAME
from tracker.models.rules import always, once
from tracker.models.synonyms import synonym_state
from tracker.words import places, reported
from tracker.words.fiscal_years import dated_label, label

Held = TypeVar("Held")
Json: TypeAlias = "models.JSONField[Held, Held]"  # a column whose JSON is of a known shape

EVERY_PLEDGE = 3  # the version of the digest since which reports tell every pledge
LIST_FIELDS = (
    *("category_number", "category_name", "section_number", "section_name", "pledge_key", "pledge_number"),
    *("pledge_text", "initiative_position", "rating_code", "departments", "other_departments"),
    *("ended_after", "carried_from", "former_pledge_keys", "initiative_name"),
)


class ReportQuerySet(models.QuerySet["Report"]):
    """Reads of reports."""

    def current_editions(self) -> "ReportQuerySet":
        """Of each manifesto and date the last edition, newest date first."""
        same = Report.objects.filter(slug=OuterRef("slug"), as_of=OuterRef("as_of"))
        newest = same.order_by("-edition").values("pk")[:1]
        return self.filter(pk=Subquery(newest)).order_by("-as_of")

    def of(self, slug: str) -> "ReportQuerySet":
        """The reports of one manifesto."""
        return self.filter(slug=slug)

    def until(self, as_of: date) -> "ReportQuerySet":
        """The current editions up to a date, newest first; the first is what that date's round follows."""
        return self.filter(as_of__lte=as_of).current_editions()

    def with_site_state(self) -> "ReportQuerySet":
        """What all pages show beside reports: `index_state`, the id of the first entry's index row, another
        one whenever the report's index was made anew; `synonym_state`, likewise of what searches take for
        the same; and the city as the public reads it (`models/city.PUBLIC_COLUMNS`).
        """
        first = EntryIndex.objects.filter(entry__report=OuterRef("pk"), entry__position=1)
        return self.annotate(
            index_state=Subquery(first.values("pk")[:1]),
            synonym_state=synonym_state(),
            **city_columns(PUBLIC_COLUMNS),
        )


class Report(models.Model):
    """公表版: the state as of a date, copied whole. A correction is a further edition with a reason.

    `ratings` is the scale, best first. `digest` is the SHA-256 of all content (reports/digests.py). Version 1
    covered the index of its time, too: `derived_in_digest` keeps that, packed, as {"progress", "excerpt",
    "facets", "search_text"} of each entry in order. From version 3 on every pledge is told (docs/adr/0048).
    `chain_head` is the hash of the last event before the report. `unapproved_reason` says why rows were left
    as they stood in the report before (`ReportEntry.carried_from`). `round_name` tells the reports of one
    fiscal year apart; blank where a year has one only. `extra_columns` describes the public extra columns, in
    order. `about` is what the manifesto said of itself. `bare_pledges` are those without an entry: no
    initiative has begun, or the report before told them so and none is approved yet.
    """

    manifesto = models.ForeignKey(Manifesto, PROTECT, related_name="reports", verbose_name="マニフェスト")
    slug = models.CharField(max_length=20)
    title = models.CharField("表題", max_length=MAX_TITLE)
    as_of = models.DateField("時点")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    edition = models.PositiveSmallIntegerField("版", default=1)
    correction_reason = models.TextField("訂正の理由", blank=True)
    published_at = models.DateTimeField("公表日時")
    published_by = models.CharField("公表した人", max_length=MAX_SIGNATURE)
    ratings: "Json[list[reported.ReportedRating]]" = models.JSONField(default=list)
    years: "Json[list[reported.ReportedYear]]" = models.JSONField(default=list)
    outline: "Json[reported.Outline]" = models.JSONField(default=dict)
    entry_count = models.PositiveIntegerField("取組の数")
    digest = models.CharField(max_length=64)
    digest_version = models.PositiveSmallIntegerField(default=3)
    derived_in_digest = models.BinaryField(default=bytes)
    unapproved_reason = models.TextField("承認前の取組を残して公表した理由", blank=True)
    chain_head = models.CharField("履歴の先頭", max_length=64, blank=True)
    round_name = models.CharField("報告回の名前", max_length=MAX_ROUND_NAME, blank=True, default="")
    extra_columns: "Json[list[reported.ReportedColumn]]" = models.JSONField(default=list)
    about: "Json[reported.ReportedManifesto]" = models.JSONField(default=dict)
    bare_pledges: "Json[list[reported.BarePledge]]" = models.JSONField(default=list)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公表版"
        ordering = ["-as_of", "-edition"]
        constraints = [
            once("report_edition_once", ("slug", "as_of", "edition"), "この版はすでにあります。"),
            always(
                "correction_needs_reason",
                Q(edition=1) | (Q(edition__gt=1) & ~Q(correction_reason="")),
                "訂正するときは、理由を書いてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.edition}"

    @property
    def subject(self) -> str:
        """What the event of its publication is filed under."""
        return f"report:{self.slug}/{self.as_of}/{self.edition}"

    @property
    def year_label(self) -> str:
        """「令和6年度（2024年度）上半期」: the year that it reports on, and which report of it."""
        return f"{label(self.fiscal_year)}{self.round_name}"

    @property
    def dated_label(self) -> str:
        """「令和6年9月末時点（令和6年度上半期）」."""
        return dated_label(self.as_of, self.fiscal_year, self.round_name)

    @property
    def result_years(self) -> list[int]:
        """The fiscal years whose results the report tells, oldest first."""
        return [year["fiscal_year"] for year in self.years if year["kind"] == "result"]

    @property
    def plan_years(self) -> list[int]:
        """The fiscal years whose plans the report tells, oldest first."""
        return [year["fiscal_year"] for year in self.years if year["kind"] == "plan"]

    @property
    def unranked_codes(self) -> list[str]:
        """The ratings that stand outside the scale's order."""
        return [rating["code"] for rating in self.ratings if not rating.get("ranked", True)]

    @property
    def has_fields(self) -> bool:
        """Whether any pledge stands in a field (分野)."""
        return any(category["name"] for category in self.outline["categories"])

    @property
    def may_name_goals(self) -> bool:
        """Whether any initiative names a goal of the SDGs, as far as the report says that."""
        return self.outline.get("goals") != []

    @property
    def rating_codes(self) -> list[str]:
        return [rating["code"] for rating in self.ratings]

    @property
    def tells_every_pledge(self) -> bool:
        """Whether it was made so that its data tell pledges without initiatives, and each pledge's state."""
        return self.digest_version >= EVERY_PLEDGE


class ReportEntryQuerySet(models.QuerySet["ReportEntry"]):
    """Reads of a report's rows."""

    def with_facet(self, facet: str) -> "ReportEntryQuerySet":
        """Rows that carry a facet of their index: `d:001`, `s:4`, `p:2-2-3`, `t:continued`."""
        return self.filter(index__facets__contains=f" {facet} ")

    def for_list(self, *further: str) -> "models.QuerySet[ReportEntry, dict[str, Any]]":
        """What a row of a list shows, as dicts: a page has 200 rows, and model objects take twice as long."""
        rows: models.QuerySet[ReportEntry, dict[str, Any]] = self.values(
            *LIST_FIELDS, *further, excerpt=Coalesce("index__excerpt", Value(""))
        )
        return rows


class ReportEntry(models.Model):
    """One initiative as it stood, with everything that is said of it.

    `results` and `plans`: {"2023": text}. `sdgs`: goal numbers, None where they are not known. `ended_after`:
    the last fiscal year of an initiative that has ended; it stays as it ended. `carried_from`: the date of
    the report that the entry was copied from, because its year was not approved yet. `former_pledge_keys`:
    the places of its pledge in earlier reports, the oldest first. `continues` and `continued_by`: entries of
    this report that it carries on, and that carry it on. `former_term_pledge`: the pledge of an earlier
    term that its pledge carries on. `extra_values`: the public ones, {"x1": {"2024": text}}, by the column's
    code and the year (`reported.ONCE`: whatever the year). `indicators`: with their years, as they were
    reckoned then. `initiative_name`: what it is called beside its pledge, most have none. `content_digest`
    changes whenever anything of the content does.
    """

    report = models.ForeignKey(Report, PROTECT, related_name="entries")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    category_number = models.PositiveSmallIntegerField()
    category_name = models.CharField(max_length=200)
    section_number = models.PositiveSmallIntegerField()
    section_name = models.CharField(max_length=200)
    pledge_key = models.CharField(max_length=30)
    pledge_number = models.CharField(max_length=8, blank=True)
    pledge_text = models.TextField()
    initiative_position = models.PositiveSmallIntegerField()
    plan_projects: "Json[list[reported.ReportedProject]]" = models.JSONField(default=list)
    sdgs: "Json[list[int] | None]" = models.JSONField(null=True, default=None)
    results: "Json[dict[str, str]]" = models.JSONField(default=dict)
    plans: "Json[dict[str, str]]" = models.JSONField(default=dict)
    rating_code = models.CharField(max_length=12, blank=True)
    rating_reason = models.TextField(blank=True)
    rating_history: "Json[list[reported.RatedYear]]" = models.JSONField(default=list)
    departments: "Json[list[reported.ReportedDepartment]]" = models.JSONField(default=list)
    other_departments = models.BooleanField(default=False)
    ended_after = models.PositiveSmallIntegerField("終わった年度", null=True, default=None)
    carried_from = models.DateField("この時点のまま", null=True, default=None)
    former_pledge_keys: "Json[list[str] | None]" = models.JSONField(null=True, default=None)
    continues: "Json[list[reported.LinkedInitiative] | None]" = models.JSONField(null=True, default=None)
    continued_by: "Json[list[reported.LinkedInitiative] | None]" = models.JSONField(null=True, default=None)
    former_term_pledge: "Json[reported.FormerTermPledge | None]" = models.JSONField(null=True, default=None)
    extra_values: "Json[dict[str, dict[str, str]] | None]" = models.JSONField(null=True, default=None)
    indicators: "Json[list[reported.ReportedIndicator] | None]" = models.JSONField(null=True, default=None)
    initiative_name = models.TextField("取組の名前", blank=True, default="")
    content_digest = models.CharField(max_length=64)

    objects = ReportEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公表版の取組"
        ordering = ["report", "position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="entry_position_once"),
            models.UniqueConstraint(fields=["report", "key"], name="entry_key_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="entry_position_from_1"),
        ]
        # A list counts what was found, and cuts it into pages: all that this asks is in the index.
        indexes = [
            models.Index(
                name="entry_parts",
                fields=[
                    *("report", "pledge_key", "position", "rating_code", "ended_after", "carried_from"),
                    "sdgs",
                ],
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def where(self) -> str:
        """「1. まち　(1) 道路」: where its pledge stands; "" where it has neither field nor section."""
        named = (self.category_number, self.category_name, self.section_number, self.section_name)
        return places.in_words(*named)

    @property
    def place_names(self) -> str:
        """「まち　道路」, the same without numbers."""
        return "　".join(filter(None, (self.category_name, self.section_name)))

    def text_lines(self, kind: str, fiscal_year: int) -> list[str]:
        """The lines of a year's `results` or `plans`."""
        texts: dict[str, str] = getattr(self, kind)
        return texts.get(str(fiscal_year), "").splitlines()


def let_go(file: OriginalFile) -> None:
    """Deletes a manifesto's original that no manifesto has any more, unless a report names it."""
    if not (file.manifestos.exists() or Report.objects.filter(about__original_sha256=file.sha256).exists()):
        file.delete()


class EntryIndex(models.Model):
    """What lists show, and filters and searches look through, of one entry (reports/index.py makes it).

    `facets`: tokens between spaces, `d:001` a department, `s:4` an SDG, `p:2-2-3` a plan code, `t:continued`
    the kind of the year's text, `k:1-1-2` a former place of the pledge, `x:x1-2` a choice of an extra
    column. `search_text`: all wording, folded
    for searching. `excerpt`: the last wording that says something. A row that is made anew has a new id, by
    which kept pages notice it.
    """

    entry = models.OneToOneField(ReportEntry, CASCADE, related_name="index")
    progress: "Json[reported.Progress]" = models.JSONField(default=dict)
    excerpt = models.CharField(max_length=200, blank=True)
    facets = models.TextField(blank=True)
    search_text = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公表版の索引"

    def __str__(self) -> str:
        return self.facets.strip()

"""Reports made directly, without a workspace: for sizes and cases that the city's table does not have."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from tracker.models import EntryIndex, Manifesto, Report, ReportEntry
from tracker.reports import digests
from tracker.reports.index import index_of

RATINGS: list[dict[str, Any]] = [
    {"code": "A", "label": "達成", "definition": "進捗率100%", "percent": 100, "level": 1},
    {"code": "B", "label": "おおむね達成", "definition": "進捗率75%程度", "percent": 75, "level": 2},
    {"code": "C", "label": "一部達成", "definition": "進捗率50%程度", "percent": 50, "level": 3},
    {"code": "D", "label": "検討・準備中", "definition": "進捗率25%程度", "percent": 25, "level": 4},
    {"code": "E", "label": "未着手", "definition": "進捗率0%", "percent": 0, "level": 5},
]
YEARS: list[dict[str, Any]] = [
    {"fiscal_year": 2022, "kind": "result", "cumulative": True},
    {"fiscal_year": 2023, "kind": "result", "cumulative": False},
    {"fiscal_year": 2024, "kind": "plan", "cumulative": False},
]


def term(
    code: str, name: str, when: str = "current", from_year: int | None = None, to_year: int | None = None
) -> dict[str, Any]:
    """A department's duty as an entry keeps it."""
    return {"code": code, "name": name, "from_year": from_year, "to_year": to_year, "when": when}


def make_entry(number: int = 1, **values: Any) -> ReportEntry:
    """An unsaved entry, one to a pledge: 20 pledges a section, 10 sections a field."""
    category, section, pledge = 1 + (number - 1) // 200, 1 + (number - 1) // 20 % 10, 1 + (number - 1) % 20
    pledge_key = f"{category}-{section}-{pledge}"
    return ReportEntry(
        **{
            "position": number,
            "key": f"{pledge_key}-1",
            "category_number": category,
            "category_name": f"分野{category}",
            "section_number": section,
            "section_name": f"項目{section}",
            "pledge_key": pledge_key,
            "pledge_number": "①",
            "pledge_text": f"公約{number}を進めます",
            "initiative_position": 1,
            "plan_projects": [{"code": "2-2-3①", "base_code": "2-2-3", "name": "道路の整備 市道整備事業"}],
            "sdgs": [11],
            "results": {
                "2022": "・計画を作りました。",
                "2023": "・令和4年度までの取組を引き続き実施しました。",
            },
            "plans": {"2024": "・工事を始めます。"},
            "rating_code": ("A", "B", "C", "D", "E", "")[number % 6],
            "departments": [term("001", "土木課")],
            **values,
        }
    )


def save_report(
    entries: Iterable[ReportEntry],
    *,
    slug: str = "2017",
    as_of: date = date(2024, 3, 31),
    edition: int = 1,
    **values: Any,
) -> Report:
    """Writes a report with its entries, their index, its outline and digest."""
    rows = list(entries)
    manifesto, _ = Manifesto.objects.get_or_create(
        slug=slug, defaults={"title": "市長マニフェスト", "first_fiscal_year": 2021}
    )
    report = Report(
        **{
            "manifesto": manifesto,
            "slug": slug,
            "title": "市長マニフェストの達成状況",
            "as_of": as_of,
            "fiscal_year": as_of.year - (as_of.month < 4),
            "edition": edition,
            "correction_reason": "集計の誤り" if edition > 1 else "",
            "published_at": datetime(as_of.year, 5, 10, 3, 0, edition, tzinfo=UTC),
            "published_by": "企画調整課",
            "ratings": RATINGS,
            "years": YEARS,
            "outline": outline(rows),
            "entry_count": len(rows),
            **values,
        }
    )
    for position, entry in enumerate(rows, start=1):
        entry.pk, entry.report, entry.position = None, report, position
        entry.content_digest = digests.content_digest(entry)
    report.digest = digests.digest(report, rows)
    report.save(force_insert=True)
    ReportEntry.objects.bulk_create(rows, batch_size=500)
    EntryIndex.objects.bulk_create([index_of(entry, report) for entry in rows], batch_size=500)
    return report


def outline(entries: list[ReportEntry]) -> dict[str, Any]:
    """What the entries name, for menus."""
    departments = {t["code"]: t["name"] for e in entries for t in e.departments}
    plans = {
        p["base_code"]: p["name"].split(" ")[0] for e in entries for p in e.plan_projects if p["base_code"]
    }
    return {
        "categories": [
            {"number": n, "name": name}
            for n, name in {e.category_number: e.category_name for e in entries}.items()
        ],
        "departments": [{"code": code, "name": name} for code, name in sorted(departments.items())],
        "plans": [{"code": code, "name": name} for code, name in sorted(plans.items())],
    }


def copy_report(
    report: Report,
    *,
    as_of: date,
    edition: int = 1,
    change: Callable[[list[ReportEntry]], list[ReportEntry]] = lambda entries: entries,
    **values: Any,
) -> Report:
    """A further report like `report`, its entries passed through `change`."""
    entries = list(report.entries.order_by("position"))
    return save_report(
        change(entries),
        slug=report.slug,
        as_of=as_of,
        edition=edition,
        **{"ratings": report.ratings, "years": report.years, **values},
    )

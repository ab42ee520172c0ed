"""The index of reports: made from frozen entries, and made anew where it is outdated."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.public.building import make_entry, save_report
from tracker.models import EntryIndex, Report, ReportEntry
from tracker.reports import index

STOCK = "・令和4年度までの取組を引き続き実施しました。"


@pytest.fixture
def report(db: None) -> Report:
    """A report of three initiatives, whose pages nobody has asked for yet."""
    cache.clear()
    return save_report([make_entry(number) for number in (1, 2, 3)])


def stored() -> list[dict[str, Any]]:
    return list(EntryIndex.objects.order_by("entry__position").values("entry", *index.INDEXED))


def test_an_unsaved_entry_has_its_index() -> None:
    entry = ReportEntry(
        results={"2022": "・ＤＸを進めました。", "2023": STOCK},
        plans={"2024": "", "2025": "・橋を直します。"},
        sdgs=[4, 11],
        plan_projects=[{"code": "2-2-3①", "base_code": "2-2-3", "name": "道路"}],
        departments=[{"code": "001", "name": "土木課", "from_year": None, "to_year": 2022, "when": "past"}],
        pledge_text="駅を 直します",
    )
    made = index.index_of(entry, Report(fiscal_year=2023))
    assert entry.index is made
    assert made.progress == {
        "results": {"2022": "new", "2023": "continued"},
        "plans": {"2024": "none", "2025": "new"},
    }
    assert (made.excerpt, made.facets) == ("ＤＸを進めました。", " d:001 s:4 s:11 p:2-2-3 t:continued ")
    assert made.search_text.split("\n") == [
        *(
            "駅を直します",
            "2-2-31道路",
            "・dxを進めました。",
            "・令和4年度までの取組を引き続き実施しました。",
        ),
        *("・橋を直します。", "土木課"),
    ]
    assert str(made) == "d:001 s:4 s:11 p:2-2-3 t:continued"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "none"),
        ("・", "none"),
        ("・\n\u200b", "none"),
        ("・令和3年度までの取組を引き続き実施しました。", "continued"),
        ("・令和3年度までの取組を引き続き実施しました。\n・", "continued"),
        ("・令和3年度までの\u200b取組を引き続き実施しました。\n\u200b", "continued"),
        ("・甲です。", "new"),
    ],
)
def test_progress_kind(text: str, kind: str) -> None:
    assert index.progress_kind(text) == kind


def test_excerpt_is_the_last_wording_that_says_something() -> None:
    stock = "・令和4年度までの取組を引き続き実施しました。"
    assert (
        index.excerpt({2021: "・甲です。", 2022: "・乙です。\n・丙です。", 2023: stock})
        == "乙です。　丙です。"
    )
    assert index.excerpt({2022: "・甲です。", 2023: "・\n\u200b"}) == "甲です。"
    assert index.excerpt({2022: "", 2023: stock}) == ""
    assert index.excerpt({}) == ""
    assert index.excerpt({2023: "あ" * 200}) == "あ" * (index.EXCERPT_CHARACTERS - 1) + "…"


def test_a_rebuild_of_what_is_right_changes_nothing(report: Report) -> None:
    before = list(EntryIndex.objects.values())
    assert (index.outdated(report), index.rebuild(report)) == (0, 0)
    assert list(EntryIndex.objects.values()) == before


def test_a_rebuild_makes_what_is_missing_or_outdated(report: Report) -> None:
    before = stored()
    EntryIndex.objects.filter(entry__position=1).delete()
    EntryIndex.objects.filter(entry__position=2).update(facets=" d:999 ")
    assert (index.outdated(report), index.rebuild(report)) == (2, 2)
    assert stored() == before
    assert (index.outdated(report), index.rebuild(report)) == (0, 0)


def test_a_rebuild_leaves_other_reports_alone(report: Report) -> None:
    other = save_report([make_entry(number) for number in (1, 2)], slug="2013")
    EntryIndex.objects.update(excerpt="")
    assert (index.rebuild(report), index.outdated(other)) == (3, 2)


def test_a_rebuild_that_breaks_off_leaves_the_index_as_it_was(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    EntryIndex.objects.filter(entry__position=1).update(facets="")
    before = stored()
    monkeypatch.setattr(EntryIndex.objects, "bulk_create", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.rebuild(report)
    assert stored() == before


def test_a_page_shows_a_new_index_at_once(report: Report) -> None:
    """Although the page is kept, and the browser has it."""
    EntryIndex.objects.update(excerpt="古い抜き書き")
    first = Client().get("/2017/pledges/")
    index.rebuild(report)
    again = Client().get("/2017/pledges/", headers={"if-none-match": first["ETag"]})
    assert [page.content.decode().count("古い抜き書き") for page in (first, again)] == [3, 0]
    assert again.content.decode().count("計画を作りました。") == 3


def test_an_entry_without_an_index_is_still_listed(report: Report) -> None:
    EntryIndex.objects.filter(entry__position=2).delete()
    assert [row["excerpt"] for row in report.entries.for_list()] == [
        "計画を作りました。",
        "",
        "計画を作りました。",
    ]
    assert "公約2を進めます" in Client().get("/2017/").content.decode()

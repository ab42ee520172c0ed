"""Tables into the workspace: only differences are written, and nothing of staff's work is overwritten."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.management.importing import import_text, later, next_year, published, snapshot
from tests.published_tables.file.tables import initiative, table_with
from tests.published_tables.file.writing import HEADINGS, NEXT_ROW, PLEDGE_ROW, replaced, small_text
from tests.staff.people import person
from tracker.choices import ActionState, EventKind, Role, RoundState
from tracker.cycle import catalogue, event_words, rounds
from tracker.cycle.event_words.told import Line
from tracker.models import (
    Assignment,
    Category,
    Department,
    Event,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    ReportingRound,
    YearlyAction,
)
from tracker.published_tables import loading
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.published_tables.loading import LoadingOutcome
from tracker.published_tables.row_writer import LoadingProblem
from tracker.reports import publishing

pytestmark = pytest.mark.django_db


def load(content: str, slug: str = "2021", *, end_missing: bool = True) -> LoadingOutcome:
    table = parse_table(grid_of(content.encode()))
    return loading.load(
        table, slug=slug, by="企画 花子", file_name="表.txt", file_digest="0" * 64, end_missing=end_missing
    )


def actions(year: int) -> list[tuple[Any, ...]]:
    found = YearlyAction.objects.filter(round__fiscal_year=year).order_by(
        "initiative__pledge__position", "initiative__position"
    )
    return list(found.values_list("result", "plan", "rating__code", "state", "version"))


def with_notes(*notes: str) -> str:
    rows = ((*PLEDGE_ROW, notes[0]), (*NEXT_ROW, notes[1]))
    return small_text(*rows, headings=(*HEADINGS, "備考"))


def notes() -> list[dict[str, str]]:
    return list(Initiative.objects.order_by("position").values_list("notes", flat=True))


def test_notes_of_unknown_columns_are_kept() -> None:
    load(with_notes("市債を使う", ""))
    assert notes() == [{"備考": "市債を使う"}, {}]
    assert dict(load(with_notes("", "国の補助")).changed) == {"Initiative": 2}
    assert notes() == [{}, {"備考": "国の補助"}]


def test_a_table_without_notes_takes_none_away() -> None:
    load(with_notes("市債を使う", ""))
    assert load(small_text()).changed["Initiative"] == 2  # the source cells
    assert notes() == [{"備考": "市債を使う"}, {}]


def test_a_first_table_makes_the_whole_workspace() -> None:
    outcome = load(small_text())
    assert dict(outcome.created) == {
        "Manifesto": 1, "ReportingRound": 3, "Rating": 3, "Category": 2, "Pledge": 1, "Initiative": 2,
        "PlanProject": 1,
        "Initiative.plan_projects": 1, "Department": 2, "Assignment": 2, "YearlyAction": 6,
    }  # fmt: skip
    assert dict(outcome.changed) == {}
    assert outcome.round.as_of == date(2024, 3, 31)
    assert list(ReportingRound.objects.values_list("fiscal_year", "state", "as_of")) == [
        (2021, RoundState.IMPORTED, date(2022, 3, 31)),
        (2022, RoundState.IMPORTED, date(2023, 3, 31)),
        (2023, RoundState.IMPORTED, date(2024, 3, 31)),  # until it is published
    ]
    assert actions(2022) == [
        ("・図りました。", "", None, ActionState.APPROVED, 1),
        ("・乙です。", "", None, ActionState.APPROVED, 1),
    ]
    assert actions(2023) == [
        ("・建てました。", "・開きます。", "A", ActionState.APPROVED, 1),
        ("・丙です。", "・丁です。", "B", ActionState.APPROVED, 1),
    ]


def test_the_load_writes_one_event_that_tells_the_file() -> None:
    load(small_text())
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject) == (EventKind.IMPORTED, "企画 花子", "manifesto:2021")
    assert (event.content["file"], event.content["sha256"], event.content["anomalies"]) == (
        "表.txt",
        "0" * 64,
        0,
    )


def test_the_same_table_again_changes_nothing() -> None:
    load(small_text())
    before = snapshot()
    outcome = load(small_text())
    assert (outcome.is_unchanged, dict(outcome.created), dict(outcome.changed)) == (True, {}, {})
    assert snapshot() == before


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        (replaced(NEXT_ROW, {5: "・直した。"}), {"Initiative": 1, "YearlyAction": 1}),
        (replaced(NEXT_ROW, {7: "C"}), {"Initiative": 1, "YearlyAction": 1}),
        (replaced(NEXT_ROW, {6: "・直す。"}), {"Initiative": 1, "YearlyAction": 1}),
        (replaced(NEXT_ROW, {2: "4"}), {"Initiative": 1}),
        (replaced(NEXT_ROW, {8: "土木課"}), {"Initiative": 1, "Assignment": 1}),
    ],
)
def test_a_corrected_copy_changes_only_what_differs(row: tuple[str, ...], changed: dict[str, int]) -> None:
    load(small_text())
    other = Initiative.objects.get(position=1)
    before = list(YearlyAction.objects.filter(initiative=other).values())
    assert dict(load(small_text(PLEDGE_ROW, row)).changed) == changed
    assert list(YearlyAction.objects.filter(initiative=other).values()) == before


def test_a_changed_action_has_the_next_version() -> None:
    load(small_text())
    load(small_text(PLEDGE_ROW, replaced(NEXT_ROW, {5: "・直した。"})))
    assert [(result, version) for result, *_, version in actions(2023)] == [
        ("・建てました。", 1),
        ("・直した。", 2),
    ]


def test_a_plan_project_that_another_initiative_has_already_counts_as_a_change() -> None:
    load(small_text())
    outcome = load(small_text(PLEDGE_ROW, replaced(NEXT_ROW, {1: PLEDGE_ROW[1]})))
    assert outcome.created["Initiative.plan_projects"] == 1
    assert PlanProject.objects.get().initiatives.count() == 2
    back = load(small_text())
    assert back.changed["Initiative.plan_projects"] == 1
    assert Event.objects.count() == 3


def test_duties_are_written_with_their_years_and_taken_away() -> None:
    load(small_text(replaced(PLEDGE_ROW, {8: "土木課 都市計画課 (～R5年度) 道路整備課 (R6年度以降) 外"})))
    initiative = Initiative.objects.get()
    assert initiative.other_departments is True
    assert list(
        initiative.assignments.values_list(
            "position", "department__name", "from_fiscal_year", "to_fiscal_year"
        )
    ) == [(1, "土木課", None, 2023), (2, "都市計画課", None, 2023), (3, "道路整備課", 2024, None)]
    outcome = load(small_text(replaced(PLEDGE_ROW, {8: "—"})))
    assert (outcome.changed["Assignment"], Assignment.objects.count(), Department.objects.count()) == (
        1,
        0,
        3,
    )


def test_a_new_department_gets_the_next_free_code() -> None:
    Department.objects.create(code="001", name="財政課")
    Department.objects.create(code="003", name="農政課")
    load(small_text())
    assert list(Department.objects.values_list("code", "name")) == [
        ("001", "財政課"),
        ("002", "土木課"),
        ("003", "農政課"),
    ]


def test_a_department_of_the_past_is_not_taken_for_the_living_one() -> None:
    Department.objects.create(code="001", name="土木課", last_fiscal_year=2010)
    load(small_text())
    assert list(Department.objects.values_list("code", "name")) == [
        ("001", "土木課"),
        ("002", "土木課"),
        ("003", "農政課"),
    ]


def test_an_initiative_that_is_dropped_ends_and_comes_back() -> None:
    load(small_text())
    outcome = load(small_text(PLEDGE_ROW))
    assert dict(outcome.changed) == {"Initiative": 1}
    assert Initiative.objects.get(position=2).last_fiscal_year == 2022
    assert load(small_text(PLEDGE_ROW)).is_unchanged is True
    load(small_text())
    assert Initiative.objects.get(position=2).last_fiscal_year is None


def test_a_table_that_lacks_running_initiatives_is_refused_unless_told_so() -> None:
    load(small_text())
    with pytest.raises(LoadingProblem) as caught:
        load(small_text(PLEDGE_ROW), end_missing=False)
    assert str(caught.value) == (
        "進行中の取組のうち 1 件（1-1-1-2）が、この表にありません。表が途中で切れていないか確かめてください。"
        "終わった取組であれば、「表にない取組を終わったものとする」（--end-missing）を選んで取り込んでください。"
    )
    assert Initiative.objects.get(position=2).last_fiscal_year is None


def test_an_initiative_does_not_end_before_it_has_begun() -> None:
    load(small_text())
    Initiative.objects.filter(position=2).update(first_fiscal_year=2023)
    with pytest.raises(LoadingProblem, match="令和5年度に始まった取組 1 件（1-1-1-2）が"):
        load(small_text(PLEDGE_ROW))
    assert Initiative.objects.get(position=2).last_fiscal_year is None


def test_a_later_table_adds_a_round_and_keeps_what_earlier_ones_rated_and_planned() -> None:
    load(small_text())
    Manifesto.objects.get().rounds.filter(fiscal_year=2023).update(as_of=date(2024, 3, 1))
    outcome = load(next_year())
    assert outcome.round.as_of == date(2025, 3, 31)
    assert (outcome.created["ReportingRound"], outcome.created["YearlyAction"]) == (1, 2)
    assert [(plan, rating) for _, plan, rating, *_ in actions(2023)] == [
        ("・開きます。", "A"),
        ("・丁です。", "B"),
    ]
    assert [(plan, rating) for _, plan, rating, *_ in actions(2024)] == [("・続けます。", "A")] * 2
    assert ReportingRound.objects.get(fiscal_year=2023).as_of == date(2024, 3, 1)


def test_what_a_later_table_adds_begins_in_its_year_and_what_it_lacks_ended_before() -> None:
    load(small_text())
    added = later(replaced(PLEDGE_ROW, {0: "②橋を直します"}), "B")
    load(next_year(later(PLEDGE_ROW, "A"), added))
    found = Initiative.objects.order_by("pledge__position", "position").values_list(
        "first_fiscal_year", "last_fiscal_year"
    )
    assert list(found) == [(2021, None), (2021, 2023), (2024, None)]
    with pytest.raises(LoadingProblem, match="始まる前に終わったことになる"):
        load(next_year(later(PLEDGE_ROW, "A")))
    assert Initiative.objects.get(first_fiscal_year=2024).last_fiscal_year is None


def test_a_later_table_without_the_first_years_keeps_the_first_year() -> None:
    load(small_text())
    headings = ("マニフェスト", "令和6年度の主な取組", "実施状況", "担当課")
    load(
        small_text(
            ("①駅を直します", "・開きました。", "A", "土木課"), headings=headings, as_of="令和7年3月末"
        )
    )
    assert Manifesto.objects.get().first_fiscal_year == 2021
    assert actions(2021)[0][0] == "・調べました。"


def test_renamed_parts_keep_their_identity() -> None:
    load(small_text())
    pledge = Pledge.objects.get().pk
    outcome = load(
        small_text()
        .replace("駅を直します", "駅を建てます")
        .replace("(1) 道路", "(1) 道")
        .replace("1. まち", "1. 街")
    )
    assert dict(outcome.changed) == {"Category": 2, "Pledge": 1, "Initiative": 1}
    assert (Pledge.objects.get().pk, Pledge.objects.get().text) == (pledge, "駅を建てます")


def test_a_wording_that_is_the_tables_again_is_told_with_what_stood_there() -> None:
    load(small_text())
    corrected = "駅を、建て直します"
    Pledge.objects.update(text=corrected)
    outcome = load(small_text())
    place = Pledge.objects.get().place
    assert outcome.reworded == [(place, corrected, "駅を直します")]
    event = Event.objects.latest("number")
    told = event_words.told(event, event_words.Names.of([event]))
    assert Line(f"{place} の文言", corrected, "駅を直します") in told.lines
    assert load(small_text()).reworded == []


def refused(content: str) -> str:
    before = snapshot()
    with pytest.raises(LoadingProblem) as caught:
        load(content)
    assert snapshot() == before
    return str(caught.value)


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.CLOSED])
def test_a_round_that_staff_work_in_refuses_the_table(state: RoundState) -> None:
    load(small_text())
    ReportingRound.objects.filter(fiscal_year=2022).update(state=state)
    assert refused(small_text(PLEDGE_ROW)) == (
        "令和4年度 の報告回が進行中です。入力された内容を書き換えないよう、取り込みを中止しました。"
    )


def test_a_table_without_the_year_of_its_date_is_refused() -> None:
    assert refused(small_text(as_of="令和7年3月末")) == (
        "時点の年度（令和6年度）の列がありません。表題の時点と、年度の見出しを確かめてください。"
    )


def test_a_table_that_tells_years_after_its_date_is_refused() -> None:
    assert (
        refused(small_text(as_of="令和5年3月末"))
        == "時点より後の年度（令和5年度）の列があります。表題の時点を確かめてください。"
    )


def test_an_older_table_does_not_overwrite_a_newer_one() -> None:
    load(small_text())
    load(next_year())
    assert refused(small_text()) == (
        "より新しい 令和6年度 の表が取り込まれています。新しい内容を古い表で書き換えないよう、"
        "取り込みを中止しました。"
    )


def test_another_manifesto_is_left_alone() -> None:
    load(small_text())
    before = list(Initiative.objects.values())
    load(small_text(PLEDGE_ROW), slug="2025")
    assert list(Initiative.objects.filter(pledge__section__manifesto__slug="2021").values()) == before
    assert Manifesto.objects.count() == 2


def test_published_names_the_manifesto_by_its_first_year(tmp_path: Path) -> None:
    assert published(tmp_path).slug == "2021"
    import_text(tmp_path, small_text(), manifesto="second-term")
    assert list(Manifesto.objects.values_list("slug", flat=True)) == ["2021", "second-term"]


def test_a_correction_that_changed_nothing_is_in_no_later_tables_way(tmp_path: Path) -> None:
    """Imported rows that were compared with their report are again what the table says: it has no reasons."""
    report = published(tmp_path)
    planner = person("planner", Role.PLANNING)
    rounds.start_correction(ReportingRound.objects.latest("fiscal_year"), by=planner, reason="誤り")
    rounds.finish_correction(ReportingRound.objects.latest("fiscal_year"), by=planner)
    assert set(actions(2023)[1][2]) == {"B"}
    second = published(tmp_path, small_text(PLEDGE_ROW, replaced(NEXT_ROW, {7: "C"})), reason="評価の誤り")
    assert (second.as_of, second.edition, actions(2023)[1][2]) == (report.as_of, 2, "C")


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("マニフェストの「表題」", {"title": "長" * 201}),
        ("実施状況の区分の「基準」", {"definition": "長" * 201}),
        ("分野の「名称」", {"name": "長" * 201}),
    ],
)
def test_what_no_column_holds_is_refused_in_words(what: str, values: dict[str, str]) -> None:
    """SQLite would take it, and the first page of a PostgreSQL would break off."""
    table = parse_table(grid_of(small_text().encode()))
    for each in (table, *table.ratings, *table.categories):
        for name in values.keys() & vars(each).keys():
            object.__setattr__(each, name, values[name])
    with pytest.raises(LoadingProblem, match=f"{what}を書き込めません。この値は 200 文字以下"):
        loading.load(table, slug="2021", by="企画 花子", file_name="表.txt", file_digest="0" * 64)
    assert Manifesto.objects.count() == Pledge.objects.count() == 0


@pytest.mark.parametrize("codes", ["◎○△", "ASBC", "AC", "BAC"])
def test_a_table_of_another_scale_is_refused_in_words(codes: str) -> None:
    """Another city's table, a step put in between, one left out between others, another order."""
    load(small_text())
    table = parse_table(grid_of(small_text().encode()))
    there = [step.code for step in table.ratings]
    table.ratings[:] = [LegendStep(code, f"{code}の段階", "", None) for code in codes]
    for each in table.initiatives():
        object.__setattr__(each, "rating", codes[0])
    before = snapshot()
    words = f"区分（{'、'.join(codes)}）は、マニフェスト「2021」の区分（{'、'.join(there)}）と違います。"
    with pytest.raises(LoadingProblem, match=words):
        loading.load(table, slug="2021", by="企画 花子", file_name="表.txt", file_digest="0" * 64)
    assert snapshot() == before


NAMES = ("駅を直します", "公園を広くします", "図書館を夜も開けます", "保育園を建てます")


def of_pledges(*names: str, second: tuple[str, ...] = ()) -> PublishedTable:
    """A table with a pledge per name, each with its own words, in one section or two."""

    def listed(names: tuple[str, ...]) -> list[TablePledge]:
        return [TablePledge(n, "①", name, [said_of(name)]) for n, name in enumerate(names, start=1)]

    def said_of(name: str) -> TableInitiative:
        return initiative(results={2022: "・前の年", 2023: f"・{name}"}, plans={})

    sections = [TableSection(1, "まち", listed(names)), TableSection(2, "くらし", listed(second))]
    dated = {"as_of": date(2024, 3, 31), "title": "達成状況（令和6年3月末時点）", "cumulative_year": None}
    return table_with(
        years=[2022, 2023], plan_years=[], **dated, categories=[TableCategory(1, "分野", sections)]
    )


def kept(table: PublishedTable, *, end_missing: bool = False) -> LoadingOutcome:
    return loading.load(
        table, slug="2021", by="企画", file_name="表.txt", file_digest="0" * 64, end_missing=end_missing
    )


def words_of_pledges() -> dict[int, tuple[str, str]]:
    """By pledge: its name, and what its year says."""
    rows = YearlyAction.objects.filter(round__fiscal_year=2023).values_list(
        "initiative__pledge", "initiative__pledge__text", "result"
    )
    return {pledge: (name, result) for pledge, name, result in rows}


MOVED = {
    "first": (0, 2, 9),
    "middle": (1, 2, None),
    "within": (0, 1, 9),
}  # which, to which section and position


@pytest.mark.parametrize("is_published", [True, False])
@pytest.mark.parametrize("how", MOVED)
def test_no_word_stands_under_another_pledge_after_a_move(how: str, is_published: bool) -> None:
    """The table of before the move, that of after it, and one with a pledge put between."""
    outcome = kept(of_pledges(*NAMES[:3], second=NAMES[3:]))
    if is_published:
        publishing.publish(outcome.round, by="企画")
    there, planner = words_of_pledges(), person("planner", Role.PLANNING)
    assert sorted(there.values()) == sorted((name, f"・{name}") for name in NAMES)
    which, number, position = MOVED[how]
    pledge, section = (
        Pledge.objects.get(text=NAMES[which]),
        Category.objects.get(number=number, parent__number=1),
    )
    catalogue.move(
        pledge, section=section, position=position, number_label="①", by=planner, reason="並べ替え"
    )
    place = Pledge.objects.get(pk=pledge.pk).place
    rest = [name for name in NAMES[:3] if name != NAMES[which]]
    after = (*rest, NAMES[which]) if how == "within" else tuple(rest)
    second = NAMES[3:] if how == "within" else (*NAMES[3:], NAMES[which])
    assert kept(of_pledges(*after, second=second)).is_unchanged
    for names in (NAMES[:3], (NAMES[0], "橋を架けます", *NAMES[1:3])):
        outcome = kept(of_pledges(*names, second=NAMES[3:]))
        told = [f"{place}（表の1行目「{NAMES[which]}」）"]
        assert outcome.named.get("pledges_elsewhere", []) == ([] if how == "within" else told)
        now = words_of_pledges()
        assert {pk: now[pk] for pk in there} == there
        assert all(result == f"・{name}" for name, result in now.values())
    assert (Pledge.objects.get(pk=pledge.pk).place, len(now)) == (place, 5)


def test_a_reworded_pledge_is_found_beside_new_and_dropped_ones() -> None:
    """What is like nothing may be the pledge that is missing: that is asked, and written under no other."""
    kept(of_pledges(*NAMES[:3]))
    there = {pledge.text: pledge.pk for pledge in Pledge.objects.all()}
    other = of_pledges(NAMES[0], "市長の給与を減らします", "図書館を夜遅くまで開けます")
    with pytest.raises(LoadingProblem) as caught:
        kept(other)
    assert str(caught.value) == (
        "同じ公約か、別の公約か分からないものがあります：表の1行目「市長の給与を減らします」と、"
        "いまの公約 1-1-2「公園を広くします」。言い換えただけの同じ公約であれば、"
        "先に「公約の変更」で文言を表のとおりに直してください。"
        "別の公約であれば、「表にない取組を終わったものとする」（--end-missing）を選んで取り込んでください。"
    )
    outcome = kept(other, end_missing=True)
    assert outcome.reworded == [("1-1-3", NAMES[2], "図書館を夜遅くまで開けます")]
    now = {pledge.pk: (pledge.place, pledge.text) for pledge in Pledge.objects.all()}
    assert [now.pop(there[name]) for name in NAMES[:3]] == [
        ("1-1-1", NAMES[0]),
        ("1-1-2", NAMES[1]),
        ("1-1-3", "図書館を夜遅くまで開けます"),
    ]
    assert list(now.values()) == [("1-1-4", "市長の給与を減らします")]
    assert outcome.named["initiatives_ended"] == ["1-1-2-1"]


def test_pledges_of_the_same_words_are_told_apart_by_place_or_not_at_all() -> None:
    kept(of_pledges(NAMES[0], NAMES[0], second=NAMES[:1]))
    there = words_of_pledges()
    kept(of_pledges(NAMES[1], NAMES[0], NAMES[0], second=NAMES[:1]))
    assert there.items() <= words_of_pledges().items()
    with pytest.raises(LoadingProblem, match="同じ文言の公約がいくつかあるので、どれのことか分かりません"):
        kept(of_pledges(NAMES[1], NAMES[2], NAMES[3], NAMES[0], second=NAMES[:1]), end_missing=True)


def test_fields_and_sections_that_change_numbers_are_refused() -> None:
    kept(of_pledges(NAMES[0], second=NAMES[1:2]))
    other = of_pledges(NAMES[1], second=NAMES[:1])
    first, second = other.categories[0].sections
    first.name, second.name = second.name, first.name
    with pytest.raises(LoadingProblem, match="「くらし」の番号が、表では 1、いまは 2 です"):
        kept(other)


def test_an_initiative_that_ended_is_not_written_again_for_the_next() -> None:
    table = of_pledges(NAMES[0])
    pledge = table.categories[0].sections[0].pledges[0]
    pledge.initiatives.append(initiative(2, results={2022: "・二つ目", 2023: "・二つ目"}, plans={}))
    kept(table)
    Initiative.objects.filter(position=1).update(last_fiscal_year=2022)
    YearlyAction.objects.filter(initiative__position=1, round__fiscal_year=2023).delete()
    before = list(YearlyAction.objects.order_by("pk").values())
    del pledge.initiatives[0]
    pledge.initiatives[0].position = 1
    kept(table)
    assert list(YearlyAction.objects.order_by("pk").values()) == before


def test_an_older_table_changes_nothing_under_a_later_round_at_work() -> None:
    """What departments are asked now would say what it said a year ago."""
    kept(of_pledges(*NAMES[:2]))
    manifesto = Manifesto.objects.get()
    late = {"fiscal_year": 2024, "as_of": date(2025, 3, 31)}
    for state in (RoundState.OPEN, RoundState.CLOSED, RoundState.CORRECTING):
        later_round = manifesto.rounds.create(**late, state=state)
        assert kept(of_pledges(*NAMES[:2])).is_unchanged
        with pytest.raises(LoadingProblem, match="令和6年度 の報告回が進行中です。いまの公約の文言"):
            kept(of_pledges(NAMES[0], "公園をもっと広くします"))
        later_round.delete()

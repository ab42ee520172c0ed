"""A term begins beside the former one, gets its pledges, and is taken back without a trace but its events."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.indicators import define as define_indicator
from tests.workspace import Workspace
from tracker.choices import EventKind
from tracker.cycle import catalogue, event_words, rounds, term_pledges, terms
from tracker.cycle.term_pledges import (
    BroughtDuty,
    BroughtInitiative,
    BroughtPledge,
    NamedPlace,
    bring_in,
    carried_on,
)
from tracker.cycle.terms import ScaleStep, TermProblem
from tracker.models import (
    Assignment,
    Category,
    Department,
    Event,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
)
from tracker.words.folding import fold

TITLE = "市長マニフェスト（第2期）"
STEPS = [ScaleStep("◎", "実施済", "すべて行った", 100), ScaleStep("○", "一部実施", percent=50)]
# What every act leaves behind for good.
CHAIN = {"Event", "EventIndex", "ChainHead"}


def begun(space: Workspace, **values: Any) -> Manifesto:
    told: dict[str, Any] = {"title": TITLE, "first_fiscal_year": 2025, "last_fiscal_year": 2028, **values}
    return terms.begin(**told, by=space.cast.planner)


def former_pledge(space: Workspace) -> Pledge:
    return Pledge.objects.get(section__manifesto=space.manifesto, position=1, section__number=1)


def another(space: Workspace, text: str = "公園を増やします") -> Pledge:
    """A second pledge of the former term, in a section of its own, with one initiative."""
    field = Category.objects.get(manifesto=space.manifesto, parent=None)
    section = Category.objects.create(manifesto=space.manifesto, parent=field, number=3, name="公園")
    pledge = Pledge.objects.create(section=section, position=2, number_label="⑤", text=text)
    made = Initiative.objects.create(pledge=pledge, position=4, first_fiscal_year=2021, sdgs=[11, 3])
    project = PlanProject.objects.create(
        manifesto=space.manifesto, code="2-2-3①", base_code="2-2-3", name="駅前"
    )
    made.plan_projects.add(project)
    Assignment.objects.create(initiative=made, department=space.theirs)
    return pledge


def carry(space: Workspace, manifesto: Manifesto, *pledges: Pledge) -> term_pledges.BroughtIn:
    keys = [each.pk for each in pledges]
    brought = carried_on(space.manifesto, keys, catalogue.first_open_year(manifesto))
    return bring_in(manifesto, brought, by=space.cast.planner)


def by_hand(text: str = "橋を架けます", **values: Any) -> BroughtPledge:
    places = {"category": NamedPlace("まち"), "section": NamedPlace("橋")}
    return BroughtPledge(text=text, **{**places, **values})


def everything() -> dict[str, list[Any]]:
    """All rows of all tables but those of the chain."""
    kinds: list[type[Model]] = list(apps.get_app_config("tracker").get_models())
    through = [field.remote_field.through for kind in kinds for field in kind._meta.local_many_to_many]
    return {
        kind.__name__: sorted(map(str, kind._default_manager.values_list()))
        for kind in {*kinds, *through}
        if kind.__name__ not in CHAIN
    }


def last_event() -> Event:
    return Event.objects.order_by("number").last()  # type: ignore[return-value]


def words() -> set[str]:
    """What the last event says. PostgreSQL keeps the values of a content in an order of its own."""
    return {line.words for line in event_words.told(last_event()).lines}


# ---- Beginning


def test_a_term_begins_with_one_event_in_words(space: Workspace) -> None:
    made = begun(space, scale=STEPS)
    assert (made.slug, made.title, made.first_fiscal_year, made.last_fiscal_year) == (
        "2025", TITLE, 2025, 2028,
    )  # fmt: skip
    assert terms.scale_of_term(made) == STEPS
    event = last_event()
    assert (event.kind, event.subject, event.actor) == (
        EventKind.CATALOGUE, "manifesto:2025", space.cast.planner.signature,
    )  # fmt: skip
    assert event_words.told(event).what == "次の任期を始めました。"
    assert words() == {
        "公開ページのアドレス：2025",
        "実施状況の区分：◎ 実施済（100％）：すべて行った、○ 一部実施（50％）",
        "最初の年度：令和7年度",
        "最後の年度：令和10年度",
        f"表題：{TITLE}",
    }
    assert terms.former_of(made) == space.manifesto


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"title": "　"}, "title", "表題を書いてください"),
        ({"title": "一\n二"}, "title", "改行"),
        ({"last_fiscal_year": 2024}, "last_fiscal_year", "最初の年度（令和7年度（2025年度））より前"),
        ({"first_fiscal_year": 2021}, "first_fiscal_year", "最初の年度（令和3年度（2021年度））より後"),
        ({"first_fiscal_year": 2020}, "first_fiscal_year", "前の任期「市長マニフェスト」"),
        ({"first_fiscal_year": 3025, "last_fiscal_year": None}, "first_fiscal_year", "2000 から 2099"),
        ({"slug": "2021"}, "slug", "「市長マニフェスト」のアドレスです"),
        ({"slug": "staff"}, "slug", "ほかのページのアドレスです"),
        ({"slug": "二期"}, "slug", "半角の英小文字"),
        ({"scale": [STEPS[0], STEPS[0]]}, "", "記号「◎」が 2 つあります"),
        ({"scale": [ScaleStep("A", "")]}, "", "1 段階目：記号と名称"),
        ({"scale": [ScaleStep("A", "達成", percent=101)]}, "", "1 段階目"),
        ({"scale": [ScaleStep("none", "なし")]}, "", "評価を付けない"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    space: Workspace, values: dict[str, Any], field: str, words: str
) -> None:
    before = everything()
    with pytest.raises(TermProblem, match=words.replace("（", "（")) as refused:
        begun(space, **values)
    assert refused.value.field == field
    assert everything() == before


def test_only_the_planning_office_begins_terms(space: Workspace) -> None:
    for person in (space.cast.clerk, space.cast.administrator):
        with pytest.raises(TermProblem, match="企画の職員だけ"):
            terms.begin(title=TITLE, first_fiscal_year=2025, last_fiscal_year=None, by=person)
    assert Manifesto.objects.count() == 1


# ---- Changing


def test_years_change_and_what_began_with_them_moves_along(space: Workspace) -> None:
    made = begun(space)
    carry(space, made, former_pledge(space))
    terms.change(made, title=TITLE, first_fiscal_year=2026, last_fiscal_year=None, by=space.cast.planner)
    own = Initiative.objects.filter(pledge__section__manifesto=made)
    assert set(own.values_list("first_fiscal_year", flat=True)) == {2026}
    duties = Assignment.objects.filter(initiative__in=own)
    assert set(duties.values_list("from_fiscal_year", flat=True)) == {2026}
    assert words() == {"最初の年度：令和7年度 → 令和8年度", "最後の年度：令和10年度 → （なし）"}


def test_a_year_passes_no_other_term(space: Workspace) -> None:
    second = begun(space)
    third = begun(space, first_fiscal_year=2029, last_fiscal_year=None)
    for term, year, told in (
        (second, 2029, "次の任期"),
        (second, 2021, "前の任期"),
        (third, 2025, "前の任期"),
    ):
        with pytest.raises(TermProblem, match=told):
            terms.change(
                term, title=TITLE, first_fiscal_year=year, last_fiscal_year=None, by=space.cast.planner
            )
    assert sorted(Manifesto.objects.values_list("first_fiscal_year", flat=True)) == [2021, 2025, 2029]


def test_another_scale_is_told_before_and_after(space: Workspace) -> None:
    made = begun(space, scale=STEPS)
    terms.set_scale(made, [ScaleStep("A", "達成")], by=space.cast.planner)
    assert [(each.code, each.position) for each in made.ratings.all()] == [("A", 1)]
    assert words() == {"実施状況の区分：◎ 実施済（100％）：すべて行った、○ 一部実施（50％） → A 達成"}
    with pytest.raises(TermProblem, match="区分が 1 つもありません"):
        terms.set_scale(made, [], by=space.cast.planner)


def test_what_says_the_same_is_no_event(space: Workspace) -> None:
    made, count = begun(space, scale=STEPS), Event.objects.count()
    terms.set_scale(made, STEPS, by=space.cast.planner)
    terms.change(made, title=TITLE, first_fiscal_year=2025, last_fiscal_year=2028, by=space.cast.planner)
    assert Event.objects.count() == count


def test_once_a_round_was_opened_the_beginning_is_fixed(space: Workspace) -> None:
    made = begun(space, scale=STEPS)
    carry(space, made, former_pledge(space))
    rounds.open_round(
        made, fiscal_year=2025, due_on=date(2999, 1, 1), as_of=date(2026, 3, 31), by=space.cast.planner
    )
    seen = terms.contents_of(made).digest
    for act in (
        lambda: terms.set_scale(made, STEPS[:1], by=space.cast.planner),
        lambda: terms.take_back(made, by=space.cast.planner, reason="誤り", seen=seen),
        lambda: terms.change(
            made, title="別", first_fiscal_year=2025, last_fiscal_year=None, by=space.cast.planner
        ),
    ):
        with pytest.raises(TermProblem, match="令和7年度 の報告回がもうあります"):
            act()


def test_no_round_before_the_term(space: Workspace) -> None:
    made = begun(space)
    carry(space, made, former_pledge(space))
    with pytest.raises(rounds.RoundProblem, match="最初の年度（令和7年度（2025年度））より前"):
        rounds.open_round(
            made, fiscal_year=2024, due_on=date(2999, 1, 1), as_of=date(2025, 3, 31), by=space.cast.planner
        )


# ---- Pledges


def test_chosen_pledges_come_with_all_that_belongs_to_them(space: Workspace) -> None:
    old, made = another(space), begun(space)
    former = define_indicator(old.initiatives.get(), decimals=1, note="窓口の数")
    define_indicator(old.initiatives.get(), "終わった指標", last_fiscal_year=2024)
    done = carry(space, made, old)
    (pledge,) = done.made
    (indicator,) = pledge.initiatives.get().indicators.all()
    assert (indicator.name, indicator.note, indicator.decimals) == (former.name, "窓口の数", 1)
    assert (indicator.code, indicator.targets) == ("k3", {2025: "1500"})
    assert (pledge.place, pledge.text, pledge.number_label, pledge.continues) == (
        "1-3-1", old.text, "⑤", old,
    )  # fmt: skip
    assert (str(pledge.section.parent), str(pledge.section)) == ("1. まち", "(3) 公園")
    initiative = pledge.initiatives.get()
    assert (initiative.position, initiative.first_fiscal_year, initiative.sdgs) == (1, 2025, [3, 11])
    assert [(d.department, d.from_fiscal_year) for d in initiative.assignments.all()] == [
        (space.theirs, 2025)
    ]
    project = initiative.plan_projects.get()
    assert (project.manifesto, project.code, project.base_code) == (made, "2-2-3①", "2-2-3")
    assert words() == {
        "取組の始まりの年度：令和7年度",
        "加えた分野と項目（2）：1 まち\n1-3 公園",
        "加えた関連事業（1）：2-2-3① 駅前",
        "加えた公約（1）：1-3-1 ⑤公園を増やします（前の任期の 1-3-2 の続き、"
        "農政課・2-2-3① 駅前・SDGs 3 すべての人に健康と福祉を・SDGs 11 住み続けられるまちづくりを・"
        "指標「相談件数」）",
    }


def test_only_running_initiatives_come_along_or_those_that_ended_last(space: Workspace) -> None:
    pledge, made = former_pledge(space), begun(space)
    first, second, *others = pledge.initiatives.order_by("position")
    Initiative.objects.filter(pk=first.pk).update(last_fiscal_year=2023)
    (brought,) = carried_on(space.manifesto, [pledge.pk], 2025)
    assert len(brought.initiatives) == 1 + len(others)
    pledge.initiatives.exclude(pk=first.pk).update(last_fiscal_year=2024)
    (brought,) = carried_on(space.manifesto, [pledge.pk], 2025)
    assert len(brought.initiatives) == 1 + len(others)
    assert second.pk not in {None}
    assert made.pk


def test_a_department_that_is_not_there_any_more_is_told_by_name(space: Workspace) -> None:
    old, made = another(space), begun(space)
    Department.objects.filter(pk=space.theirs.pk).update(last_fiscal_year=2024)
    done = carry(space, made, old)
    assert [each.pledge.text for each in done.without] == [old.text]
    assert [names for _initiative, names in done.left_behind] == [["農政課（令和6年度まで）"]]
    assert Assignment.objects.filter(initiative__pledge__section__manifesto=made).count() == 0


def test_a_duty_that_moves_later_moves_in_the_new_term_too(space: Workspace) -> None:
    old, made = another(space), begun(space)
    initiative = old.initiatives.get()
    Assignment.objects.filter(initiative=initiative).update(to_fiscal_year=2025)
    Assignment.objects.create(initiative=initiative, department=space.mine, position=2, from_fiscal_year=2026)
    carry(space, made, old)
    duties = Assignment.objects.filter(initiative__pledge__section__manifesto=made).order_by("position")
    assert [(d.department.code, d.from_fiscal_year, d.to_fiscal_year) for d in duties] == [
        ("002", 2025, 2025), ("001", 2026, None),
    ]  # fmt: skip


def test_nothing_is_doubled(space: Workspace) -> None:
    old, made = another(space), begun(space)
    carry(space, made, old)
    before, count = everything(), Event.objects.count()
    done = carry(space, made, old)
    assert (done.made, done.linked, [each.text for each in done.there]) == ([], [], [old.text])
    assert (everything(), Event.objects.count()) == (before, count)
    done = carry(space, made, old, former_pledge(space))
    assert [each.text for each in done.made] == [former_pledge(space).text]


def test_a_pledge_with_the_same_words_is_linked(space: Workspace) -> None:
    old, made = another(space), begun(space)
    place = {"category": NamedPlace("まち"), "section": NamedPlace("公園")}
    bring_in(made, [by_hand(old.text, **place)], by=space.cast.planner)
    done = carry(space, made, old)
    assert ([each.text for each in done.linked], done.made) == ([old.text], [])
    assert Pledge.objects.get(section__manifesto=made).continues == old
    assert "前の任期の公約とつないだ公約（1）：1-1-1 公園を増やします（前の任期の 1-3-2 の続き）" in words()


def test_one_pledge_is_carried_on_once(space: Workspace) -> None:
    old, made = another(space), begun(space)
    carry(space, made, old)
    with pytest.raises(TermProblem, match="もう 1-3-1「公園を増やします」が引き継いでいます"):
        bring_in(made, [by_hand("公園を直します", continues=old)], by=space.cast.planner)
    with pytest.raises(TermProblem, match="1 つも選ばれていません"):
        bring_in(made, [], by=space.cast.planner)


def test_a_pledge_that_was_reworded_since_is_not_brought_again(space: Workspace) -> None:
    old, made = another(space), begun(space)
    (pledge,) = carry(space, made, old).made
    Pledge.objects.filter(pk=pledge.pk).update(text="公園をもっと増やします")
    done = carry(space, made, old)
    assert (done.made, done.there) == ([], [pledge])


def test_a_taken_number_gives_a_new_field_the_next(space: Workspace) -> None:
    made = begun(space)
    Category.objects.create(manifesto=made, number=1, name="くらし")
    carry(space, made, another(space))
    fields = made.categories.filter(parent=None).values_list("number", "name")
    assert list(fields) == [(1, "くらし"), (2, "まち")]


def test_by_hand_a_term_without_fields_gets_its_first(space: Workspace) -> None:
    made = begun(space)
    section, added = term_pledges.add_section(
        made, category=NamedPlace("まち", 3), section=NamedPlace("橋"), by=space.cast.planner
    )
    assert [each.place for each in added] == ["3", "3-1"]
    done = catalogue.add_pledge(
        section,
        text="橋を架けます",
        number_label="",
        first_fiscal_year=2025,
        parts=[catalogue.Part([space.mine])],
        by=space.cast.planner,
        reason="新しい公約",
        adds_rows=False,
    )
    assert done.pledge.place == "3-1-1"
    for category, name, told in (
        (NamedPlace("くらし", 3), "道", "3 番は「まち」です"),
        (NamedPlace("まち"), "橋", "もうあります"),
    ):
        with pytest.raises(TermProblem, match=told):
            term_pledges.add_section(made, category=category, section=NamedPlace(name), by=space.cast.planner)


# ---- Taking back


def test_taking_back_keeps_what_was_typed_in_the_event(space: Workspace) -> None:
    made = begun(space, scale=STEPS)
    carry(space, made, another(space))
    seen = terms.contents_of(made).digest
    with pytest.raises(TermProblem, match="ほかの人が変えました"):
        terms.take_back(made, by=space.cast.planner, reason="年度のまちがい", seen="")
    with pytest.raises(TermProblem, match="理由を書いてください"):
        terms.take_back(made, by=space.cast.planner, reason="　", seen=seen)
    terms.take_back(made, by=space.cast.planner, reason="年度のまちがい", seen=seen)
    event = last_event()
    assert event_words.wordless(event) == []
    told = event_words.told(event)
    assert (told.what, event.reason) == ("任期の開始を、まるごと取り消しました。", "年度のまちがい")
    said = [line.words for line in told.lines]
    assert f"表題：{TITLE}" in said
    assert "なくなった公約（1）：1-3-1 ⑤公園を増やします" in "\n".join(said)
    assert Manifesto.objects.get() == space.manifesto


def test_a_term_that_another_carries_on_stays(space: Workspace) -> None:
    second = begun(space)
    carry(space, second, former_pledge(space))
    third = begun(space, first_fiscal_year=2029, last_fiscal_year=None)
    brought = carried_on(
        second, Pledge.objects.filter(section__manifesto=second).values_list("pk", flat=True), 2029
    )
    bring_in(third, brought, by=space.cast.planner)
    seen = terms.contents_of(second).digest
    with pytest.raises(TermProblem, match="引き継いでいるので、取り消せません"):
        terms.take_back(second, by=space.cast.planner, reason="誤り", seen=seen)


acts = st.lists(
    st.one_of(
        st.sampled_from(["former", "other", "both", "scale", "years", "section", "hand"]),
        st.tuples(
            st.sampled_from(["まち", "くらし"]), st.sampled_from(["橋", "道路"]), st.text("あ橋 ", min_size=1)
        ),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_beginning_and_taking_back_leave_every_table_as_it_was(space: Workspace, acts: list[Any]) -> None:
    if not Category.objects.filter(name="公園").exists():
        another(space)
    before = everything()
    made = begun(space, scale=STEPS)
    pledges = list(Pledge.objects.filter(section__manifesto=space.manifesto))
    for act in acts:
        try:
            play(space, made, act, pledges)
        except TermProblem:
            continue
    made.refresh_from_db()
    terms.take_back(made, by=space.cast.planner, reason="やり直し", seen=terms.contents_of(made).digest)
    assert everything() == before


def play(space: Workspace, made: Manifesto, act: Any, pledges: list[Pledge]) -> None:
    """One thing that a person does with a term."""
    by = space.cast.planner
    if isinstance(act, tuple):
        category, section, text = act
        duty = BroughtDuty(space.mine, 2025)
        project = PlanProject(code="9-1", base_code="9-1", name=text)
        initiative = BroughtInitiative([duty], [project], [4])
        places = {"category": NamedPlace(category), "section": NamedPlace(section)}
        bring_in(made, [by_hand(text, **places, initiatives=[initiative])], by=by)
    elif act in {"former", "other", "both"}:
        carry(space, made, *{"former": pledges[:1], "other": pledges[1:], "both": pledges}[act])
    elif act == "scale":
        terms.set_scale(made, STEPS[:1], by=by)
    elif act == "years":
        terms.change(made, title="別の表題", first_fiscal_year=2026, last_fiscal_year=2029, by=by)
    else:
        term_pledges.add_section(made, category=NamedPlace("ひと"), section=NamedPlace(act), by=by)


# ---- What a link may be


def test_a_pledge_carries_on_one_of_an_earlier_term_only(space: Workspace) -> None:
    old, made = former_pledge(space), begun(space)
    (pledge,) = carry(space, made, another(space)).made
    for one, other, told in ((pledge, pledge, "同じマニフェスト"), (old, pledge, "前の任期ではありません")):
        one.continues = other
        with pytest.raises(ValidationError, match=told):
            one.clean()
    pledge.continues = old
    pledge.clean()


def test_a_term_stays_between_those_that_it_is_linked_with(space: Workspace) -> None:
    made = begun(space)
    carry(space, made, former_pledge(space))
    made.first_fiscal_year = 2021
    with pytest.raises(ValidationError, match="公約を引き継いでいる"):
        made.clean()
    former = space.manifesto
    former.first_fiscal_year = 2025
    with pytest.raises(ValidationError, match="公約を引き継いでいる"):
        former.clean()
    assert Rating.objects.filter(manifesto=made).count() == 0


def test_what_comes_after_the_taking_back_is_told_so(space: Workspace) -> None:
    """Both were opened in another tab before: neither fails, nor leaves something without its term."""
    term = begun(space)
    terms.take_back(term, by=space.cast.planner, reason="早すぎた", seen=terms.contents_of(term).digest)
    term.pk = 999  # what the other tab still holds
    with pytest.raises(TermProblem, match="ほかの人が取り消しました"):
        term_pledges.add_section(
            term, category=NamedPlace("まち"), section=NamedPlace("道"), by=space.cast.planner
        )
    days = {"due_on": date(2099, 5, 31), "as_of": date(2026, 3, 31)}
    with pytest.raises(rounds.RoundProblem, match="ほかの人が取り消しました"):
        rounds.open_round(term, fiscal_year=2025, **days, by=space.cast.planner)
    assert Category.objects.filter(name="道").count() == 0


def many(count: int, section: str = "道") -> list[BroughtPledge]:
    places = NamedPlace("まち"), NamedPlace(section)
    return [BroughtPledge(*places, f"公約その{number}") for number in range(count)]


def test_the_work_grows_with_the_pledges_and_no_faster(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing each with each took minutes for thousands, in which nobody else could write."""
    term, folded = begun(space), Counter[int]()

    def counted(text: str) -> str:
        folded[count] += 1
        return fold(text)

    monkeypatch.setattr(term_pledges, "fold", counted)
    for count in (20, 40):
        bring_in(term, many(count, f"{count} 件"), by=space.cast.planner)
    assert folded[40] < 2.5 * folded[20]


def test_a_section_has_no_more_pledges_than_addresses(space: Workspace) -> None:
    term = begun(space)
    with pytest.raises(
        rounds.RoundProblem, match=r"「1\. まち ＞ \(1\) 道」には、公約を 999 件までしか置けません"
    ):
        bring_in(term, many(1000), by=space.cast.planner)
    assert Pledge.objects.filter(section__manifesto=term).count() == 0
    bring_in(term, many(999), by=space.cast.planner)
    section = Category.objects.get(name="道")
    told: dict[str, Any] = {"text": "もう 1 件", "number_label": "", "first_fiscal_year": 2025, "parts": []}
    with pytest.raises(rounds.RoundProblem, match="999 件までしか置けません"):
        catalogue.add_pledge(section, **told, by=space.cast.planner, reason="追加", adds_rows=False)


def test_of_two_former_pledges_with_the_same_words_none_goes_unsaid(space: Workspace) -> None:
    """The second is not added, since its words are there; it is told among those that are not."""
    first = former_pledge(space)
    second = Pledge.objects.create(section=first.section, position=2, text=first.text)
    done = bring_in(
        begun(space), carried_on(space.manifesto, [first.pk, second.pk], 2025), by=space.cast.planner
    )
    assert (len(done.made), done.there) == (1, done.made)

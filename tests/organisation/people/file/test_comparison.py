"""A list beside the people who are there: what becomes of each, what is refused, and by which cell."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.organisation.people.lists import (
    BOSS,
    FARMS,
    NEW_TRADE,
    OFFICES,
    POLICY,
    ROADS,
    somebody,
    table,
    world,
)
from tracker.organisation.people.file.comparison import (
    ChangeKind,
    PeoplePlan,
    Person,
    StoredPerson,
    applied,
    compare,
)

OWN = ("kanri", "管理 一", "", "", "", "", "管理者")


def kinds(plan: PeoplePlan) -> dict[str, str]:
    return {change.after.username: str(change.kind) for change in plan.changes}


def refusals(plan: PeoplePlan) -> list[tuple[str, str]]:
    return [(each.address, each.words) for each in plan.refusals]


def refused(*rows: tuple[str, ...], people: tuple[StoredPerson, ...] = (), fiscal_year: int = 2026) -> str:
    """The one refusal, as 「D2：…」."""
    plan = compare(table(*rows), world(*people, fiscal_year=fiscal_year), closes_missing=False)
    [(address, words)] = refusals(plan)
    return f"{address}：{words}"


def test_everybody_is_of_one_kind() -> None:
    people = (
        somebody(2, "a1", ROADS.id),
        somebody(3, "a2", ROADS.id, email="a2@x.jp"),
        somebody(4, "a3", ROADS.id),
        somebody(5, "a4", ROADS.id, is_active=False),
        somebody(6, "a5", ROADS.id),
        somebody(7, "demo", ROADS.id, is_demo=True),
    )
    listed = table(
        OWN,
        ("a1", "山田 a1", "", "土木課"),
        ("a2", "山田 a2", "b2@x.jp", "001", "", "○"),
        ("a3", "山田 a3", "", "農政課"),
        ("a4", "山田 a4", "", "土木課"),
        ("n1", "鈴木　花子", "", "農政課", "土木課", "農政課、土木課", "企画"),
    )
    plan = compare(listed, world(*people), closes_missing=True)
    assert refusals(plan) == []
    assert kinds(plan) == {
        "a2": "changed", "a3": "moved", "a4": "returning", "n1": "new", "a5": "leaving",
    }  # fmt: skip
    assert [person.username for person in plan.unchanged] == ["kanri", "a1"]
    [new] = plan.of(ChangeKind.NEW)
    assert new.after == Person(
        "n1", "鈴木", "花子", "", "planning", True, (FARMS.id, ROADS.id), frozenset({ROADS.id, FARMS.id})
    )
    kept = compare(listed, world(*people), closes_missing=False)
    assert ([each.username for each in kept.absent], kinds(kept).get("a5")) == (["a5"], None)


def test_who_applies_is_never_left_out() -> None:
    other = somebody(2, "kanri2", role="administrator")
    plan = compare(table(("n1", "鈴木 一", "", "土木課")), world(other), closes_missing=True)
    assert kinds(plan) == {"n1": "new", "kanri2": "leaving"}
    assert [person.username for person in plan.absent] == ["kanri"]
    assert plan.doubts == ["あなた（管理 一）は表にありませんが、使えるまま残します。"]


NOWHERE = "「{}」という課はありません。名称かコードを確かめてください。"
PERSON = ("n1", "鈴木 一", "")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((*PERSON, "土木"), "D2：「土木」という課はありません。もしかして：土木課"),
        ((*PERSON, "なし課なし"), f"D2：{NOWHERE.format('なし課なし')}"),
        ((*PERSON, "土木課", "どこか"), f"E2：{NOWHERE.format('どこか')}"),
        ((*PERSON, "", "土木課"), "D2：兼務があるのに、所属が空です。"),
        ((*PERSON, "土木課", "", "農政課"), "F2：所属でも兼務でもない課の課長にはできません。"),
        (
            (*PERSON, "土木課", "", "", "部長"),
            "G2：「部長」という役割はありません。担当課、企画、管理者 のどれかにしてください。",
        ),
        (("n1", "鈴木 一", "x.jp", "土木課"), "C2：メールアドレスとして読めません。"),
        (("n1", "", "", "土木課"), "B2：氏名が空です。"),
        (("", "鈴木 一", "", "土木課"), "A2：職員番号が空です。"),
        (("職員", "鈴木 一", "", "土木課"), "A2：半角で書いてください。"),
        (
            ("KANRI", "鈴木 一", "", "土木課"),
            "A2：大文字と小文字が違うだけの利用者「kanri」がいます。同じ人なら、そのとおりに書いてください。",
        ),
        (
            ("kanri", "管理 一", "", "", "", "", "企画"),
            "G2：自分の役割は変えられません。ほかの管理者に頼んでください。",
        ),
    ],
)
def test_a_cell_is_refused_by_its_address(row: tuple[str, ...], told: str) -> None:
    assert refused(row) == told


def test_a_department_is_there_in_the_year_of_the_list() -> None:
    assert refused((*PERSON, "商工労働課")) == (
        "D2：「商工労働課」は 令和8年度（2026年度）にはありません（令和7年度（2025年度）まで）。"
        "引継ぎ先は 商工振興課 です。"
    )
    row = ("n1", "鈴木 一", "", "商工振興課")
    assert refused(row, fiscal_year=2025) == (
        "D2：「商工振興課」は 令和7年度（2025年度）にはありません（令和8年度（2026年度）から）。"
    )
    assert compare(table(row), world(), closes_missing=False).changes[0].after.offices == (NEW_TRADE.id,)


def test_a_number_stands_once() -> None:
    row = ("n1", "鈴木 一", "", "土木課")
    assert refused(row, row) == "A3：同じ職員番号が A2 にもあります。"
    assert refused(row, ("N1", *row[1:])) == "A3：同じ職員番号が A2 にもあります。"


def test_names_from_before_the_rule_may_differ_in_case_only() -> None:
    people = (somebody(2, "tanaka", ROADS.id), somebody(3, "Tanaka", ROADS.id))
    rows = [(name, f"山田 {name}", "", "土木課") for name in ("tanaka", "Tanaka")]
    plan = compare(table(OWN, *rows), world(*people), closes_missing=True)
    assert (list(plan.refusals), list(plan.changes)) == ([], [])


def test_zeros_that_a_spreadsheet_took_away_are_noticed() -> None:
    told = refused(("123", "山田 00123", "", "土木課"), people=(somebody(2, "00123", ROADS.id),))
    assert told == "A2：利用者「00123」がいます。先頭の 0 が消えていないか、確かめてください。"


def test_an_account_of_the_demo_cannot_be_listed() -> None:
    told = refused(("demo", "山田 demo", "", "土木課"), people=(somebody(2, "demo", is_demo=True),))
    assert told.startswith("A2：見本の利用者です。")


def test_what_a_list_does_not_say_stays() -> None:
    """Without the columns; and how a name is divided, where it is written in one."""
    stored = somebody(
        2, "a1", ROADS.id, FARMS.id, email="a@x.jp", role="planning", heads=frozenset({FARMS.id})
    )
    listed = table(("a1", "山田a1", "情報政策課"), names=("number", "full_name", "office"))
    [change] = compare(listed, world(stored), closes_missing=False).changes
    assert change.after == Person(
        "a1", "山田", "a1", "a@x.jp", "planning", True, (POLICY.id, FARMS.id), frozenset({FARMS.id})
    )


def test_doubts_are_told_before() -> None:
    people = (somebody(2, "a1", ROADS.id, email="k@x.jp"), somebody(3, "a2", FARMS.id, email="K@x.jp"))
    listed = table(OWN, ("a1", "山田 a1", "k@x.jp", "農政課"), ("a2", "山田 a2", "K@x.jp", ""))
    assert compare(listed, world(*people), closes_missing=False).doubts == [
        "同じメールアドレスの人がいます。パスワードの案内はメールでは送れず、印刷して渡します："
        "k@x.jp（山田 a1（a1）、山田 a2（a2））",
        "使える人がいなくなる課があります：土木課",
        "所属がないので、取組が 1 件も見えない人がいます：山田 a2（a2）",
    ]


def test_a_number_that_may_be_mistyped_is_told() -> None:
    listed = table(("a2", "山田 a1", "", "土木課"))
    [told, *_others] = compare(listed, world(somebody(2, "a1", ROADS.id)), closes_missing=False).doubts
    assert told == (
        "「山田 a1」は、新しい職員番号 a2 で登録します。"
        "同じ氏名の a1 は表にありません。職員番号を確かめてください。"
    )


def test_the_digest_stands_for_what_is_told() -> None:
    row = ("a1", "山田 a1", "", "農政課")
    before = compare(table(row), world(somebody(2, "a1", ROADS.id)), closes_missing=False).digest
    same = compare(table(row), world(somebody(2, "a1", ROADS.id)), closes_missing=False).digest
    moved = compare(table(row), world(somebody(2, "a1", POLICY.id)), closes_missing=False).digest
    other = compare(table(row), world(somebody(2, "a1", ROADS.id)), closes_missing=True).digest
    assert (same == before, moved == before, other == before) == (True, False, False)


# --- whatever stands in a list ------------------------------------------------------------------------------
THERE = [office for office in OFFICES if office.is_there_in(2026)]
USERNAMES = [f"u{number}" for number in range(6)]
names = st.sampled_from(["山田", "佐藤", "𠮷野", "Smith"])
mails = st.sampled_from(["", "a@x.jp", "b@x.jp"])
office_ids = st.lists(st.sampled_from([office.id for office in OFFICES]), max_size=3, unique=True)


@st.composite
def stored(draw: st.DrawFn) -> list[StoredPerson]:
    found = []
    for pk, username in enumerate(draw(st.lists(st.sampled_from(USERNAMES), unique=True)), start=2):
        own = draw(office_ids)
        offices = (*own[:1], *sorted(own[1:]))
        heads = frozenset(draw(st.lists(st.sampled_from(offices), unique=True))) if offices else frozenset()
        person = Person(
            username, draw(names), draw(names), draw(mails),
            draw(st.sampled_from(["department", "planning"])), draw(st.booleans()), offices, heads,
        )  # fmt: skip
        found.append(StoredPerson(pk, person, draw(st.booleans()) and draw(st.booleans())))
    return found


@st.composite
def listed_rows(draw: st.DrawFn) -> list[tuple[str, ...]]:
    rows = []
    for username in draw(
        st.lists(st.sampled_from([*USERNAMES, "kanri", "x1", "x2"]), min_size=1, unique=True)
    ):
        own = draw(st.lists(st.sampled_from(THERE), max_size=3, unique=True))
        main, *others = [draw(st.sampled_from([office.name, office.code])) for office in own] or [""]
        head = draw(st.sampled_from(["", "○"] if own else [""]))
        role = "" if username == "kanri" else draw(st.sampled_from(["", "担当課", "企画"]))
        name = f"{draw(names)} {draw(names)}"
        rows.append((username, name, draw(mails), main, "、".join(others), head, role))
    return rows


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(stored(), listed_rows(), st.booleans())
def test_applying_a_plan_comes_to_the_table_and_a_second_time_changes_nothing(
    people: list[StoredPerson], rows: list[tuple[str, ...]], closes_missing: bool
) -> None:
    demo = {each.person.username for each in people if each.is_demo}
    plan = compare(table(*rows), world(*people), closes_missing=closes_missing)
    assert {each.address for each in plan.refusals} == {
        f"A{number}" for number, row in enumerate(rows, start=2) if row[0] in demo
    }
    if plan.refusals:
        return
    everybody = [BOSS, *people]
    after = {person.username: person for person in applied(everybody, plan)}
    by_code = {office.code: office for office in OFFICES} | {office.name: office for office in OFFICES}
    for username, name, mail, main, others, head, role in rows:
        found = after[username]
        assert (found.full_name, found.email, found.is_active) == (name, mail, True)
        assert set(found.offices) == {by_code[each].id for each in [main, *others.split("、")] if each}
        assert found.offices[:1] == ((by_code[main].id,) if main else ())
        assert found.heads == (frozenset(found.offices[:1]) if head else frozenset())
        assert role in {"", {"department": "担当課", "planning": "企画"}.get(found.role)}
    for each in everybody:
        person = each.person
        if person.username not in {row[0] for row in rows}:
            leaves = closes_missing and not each.is_demo and each.id != BOSS.id
            assert after[person.username].is_active == (person.is_active and not leaves)
    ids = {each.person.username: each.id for each in everybody}
    now = [
        StoredPerson(ids.get(name, 100 + number), person, name in demo)
        for number, (name, person) in enumerate(after.items())
    ]
    again = compare(table(*rows), replace(world(), people=now), closes_missing=closes_missing)
    assert (list(again.changes), list(again.refusals)) == ([], [])

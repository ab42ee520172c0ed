"""Pages of manifestos, fields, sections and pledges: addresses that are taken or published, and places."""

import pytest
from django.test import Client

from tests.staff.master.browsing import form_of, page, refused, save
from tests.staff.master.exchanging import as_csv, confirm, errors_of, export, rows_of, upload
from tests.workspace import Workspace
from tracker.models import Category, Department, Initiative, Manifesto, Pledge


@pytest.mark.parametrize("name", ["accessibility", "staff", "static"])
def test_a_manifesto_takes_no_other_pages_address(planner: Client, name: str) -> None:
    address = page(Manifesto, "add")
    sent = {"title": "市長マニフェスト", "first_fiscal_year": "2025", "slug": name}
    response = planner.post(address, form_of(planner, address) | sent)
    assert response.context["adminform"].form.errors == {
        "slug": [f"「{name}」は、ほかのページのアドレスです。別の名前にしてください。"]
    }


def test_published_places_stay(planner: Client, space: Workspace) -> None:
    initiative = space.row().initiative
    pledge = initiative.pledge
    section = pledge.section
    other = Category.objects.create(manifesto=space.manifesto, parent=section.parent, number=2, name="河川")
    address = page(Pledge, "change", pledge.pk)
    save(planner, address, position=99, section=other.pk, text="新しい文")
    changed = Pledge.objects.get(pk=pledge.pk)
    assert (changed.place, changed.text) == (pledge.place, "新しい文")
    save(planner, page(Initiative, "change", initiative.pk), position=99, last_fiscal_year=2022)
    stored = Initiative.objects.get(pk=initiative.pk)
    assert (stored.place, stored.last_fiscal_year) == (initiative.place, None)
    save(planner, address, **{"initiatives-0-position": 50})
    assert Initiative.objects.get(pk=initiative.pk).position == 1
    save(planner, page(Category, "change", section.pk), number=77)
    assert Category.objects.get(pk=section.pk).number == section.number
    save(planner, page(Category, "change", section.parent_id), **{"sections-0-number": 77})
    assert not Category.objects.filter(number=77).exists()
    save(planner, page(Department, "change", space.mine.pk), code="zzz")
    assert Department.objects.get(pk=space.mine.pk).code == space.mine.code
    save(planner, page(Manifesto, "change", space.manifesto.pk), slug="other")
    assert Manifesto.objects.get().slug == "2021"


@pytest.fixture
def pledge(space: Workspace) -> Pledge:
    """A pledge that is not published yet, with initiatives that begin in 2021 and 2022."""
    section = space.row().initiative.pledge.section
    pledge = Pledge.objects.create(section=section, position=90, text="まだ公表していない公約")
    for position in (1, 2):
        Initiative.objects.create(pledge=pledge, position=position, first_fiscal_year=2020 + position)
    return pledge


def places(pledge: Pledge) -> list[tuple[int, int]]:
    """Position and first year of a pledge's initiatives."""
    return list(pledge.initiatives.order_by("position").values_list("position", "first_fiscal_year"))


def test_unpublished_initiatives_change_places(planner: Client, pledge: Pledge) -> None:
    address = page(Pledge, "change", pledge.pk)
    save(planner, address, **{"initiatives-0-position": 2, "initiatives-1-position": 1})
    assert places(pledge) == [(1, 2022), (2, 2021)]
    save(planner, address, position=91)
    assert Pledge.objects.get(pk=pledge.pk).position == 91


def test_a_new_row_without_a_place_goes_to_the_end(planner: Client, pledge: Pledge) -> None:
    save(planner, page(Pledge, "change", pledge.pk), **{"initiatives-2-first_fiscal_year": 2030})
    assert places(pledge) == [(1, 2021), (2, 2022), (3, 2030)]
    save(planner, page(Initiative, "add"), pledge=pledge.place, position="", first_fiscal_year=2031)
    assert places(pledge) == [(1, 2021), (2, 2022), (3, 2030), (4, 2031)]
    save(planner, page(Pledge, "add"), section=pledge.section_id, position="", text="次の公約")
    assert Pledge.objects.get(text="次の公約").position == 91
    section = {"manifesto": pledge.section.manifesto_id, "parent": pledge.section.parent_id, "number": ""}
    save(planner, page(Category, "add"), **section, name="次の項目")
    assert Category.objects.get(name="次の項目").number == 2


def test_the_is_another_once_more_are_asked_about(planner: Client, pledge: Pledge) -> None:
    address, told = (
        page(Pledge, "add"),
        {"section": pledge.section_id, "position": "", "text": " まだ公表して いない公約"},
    )
    assert 'type="checkbox" name="is_another"' not in planner.get(address).content.decode()
    words = refused(planner, address, **told)
    assert f"同じ文の公約が {pledge.place}（{pledge.section.path}）にあります。" in words
    assert 'type="checkbox" name="is_another"' in words
    save(planner, address, **told, is_another="on")
    twin = Pledge.objects.get(position=91)
    save(planner, page(Pledge, "change", twin.pk), number_label="②")  # what stands there is not asked about


def test_a_section_and_an_initiative_like_another_are_asked_about(planner: Client, space: Workspace) -> None:
    row = space.row(3).initiative
    section, address = row.pledge.section, page(Category, "add")
    beside = {"manifesto": section.manifesto_id, "parent": section.parent_id, "number": "", "name": "道 路"}
    assert "同じ名称のものが 1-1 にあります。" in refused(planner, address, **beside)
    save(planner, address, **beside, is_another="on")
    save(planner, address, **beside | {"name": "公園"})
    like, address = {"pledge": row.pledge.place, "position": ""}, page(Initiative, "add")
    like |= {"first_fiscal_year": 2021, "assignments-0-department": space.mine.pk}
    like |= {"assignments-0-position": 1, "assignments-TOTAL_FORMS": 2}
    told = "名前、始まりの年度、担当課が同じ取組が {} にあります。"
    assert told.format("1-1-1-1") in refused(planner, address, **like)
    both = {"assignments-1-department": space.theirs.pk, "assignments-1-position": 2}
    assert told.format(row.place) in refused(planner, address, **like | both)
    save(planner, address, **like, name="ひろば")
    save(planner, address, **like, is_another="on")


def test_a_deleted_row_leaves_its_place_to_another(planner: Client, pledge: Pledge) -> None:
    sent = {"initiatives-0-position": 2, "initiatives-1-DELETE": "on"}
    save(planner, page(Pledge, "change", pledge.pk), **sent)
    assert places(pledge) == [(2, 2021)]


def test_two_rows_with_one_place_are_refused(planner: Client, pledge: Pledge) -> None:
    address = page(Pledge, "change", pledge.pk)
    twice = refused(planner, address, **{"initiatives-0-position": 2, "initiatives-1-position": 2})
    assert "順序が重なっています：2" in twice
    assert "1 から 999 までの数" in refused(planner, address, **{"initiatives-0-position": 30000})
    assert places(pledge) == [(1, 2021), (2, 2022)]


def test_categories_have_two_levels(planner: Client, space: Workspace) -> None:
    section = space.row().initiative.pledge.section
    other = Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    fresh = Category.objects.create(manifesto=other, number=1, name="新しい分野")
    Category.objects.create(manifesto=other, parent=fresh, number=1, name="新しい項目")
    second = Category.objects.create(manifesto=other, number=2, name="二つ目")
    address = page(Category, "change", fresh.pk)
    assert "別のマニフェストの分野です" in refused(planner, address, parent=section.parent_id)
    assert "ほかの分野の項目にはできません" in refused(planner, address, parent=second.pk)
    assert "正しく選択" in refused(planner, page(Category, "change", second.pk), parent=section.pk)
    save(planner, address, **{"sections-1-name": "あとから"})
    assert list(fresh.sections.values_list("number", "name", "manifesto__slug")) == [
        (1, "新しい項目", "2025"),
        (2, "あとから", "2025"),
    ]


def test_a_pledge_carries_on_one_of_an_earlier_term(planner: Client, space: Workspace) -> None:
    """Where there is no earlier term, none is asked for; a later one's is refused in words."""
    old = space.row().initiative.pledge
    assert "continues" not in form_of(planner, page(Pledge, "change", old.pk))
    later = Manifesto.objects.create(slug="2025", title="第2期", first_fiscal_year=2025)
    field = Category.objects.create(manifesto=later, number=1, name="まち")
    section = Category.objects.create(manifesto=later, parent=field, number=1, name="道路")
    new = Pledge.objects.create(section=section, position=1, text="駅を守ります")
    address = page(Pledge, "change", new.pk)
    save(planner, address, continues="1-1-1 駅を直します")
    assert Pledge.objects.get(pk=new.pk).continues == old
    assert "2021 1-1-1 駅を直します" in planner.get(address).content.decode()
    assert "「守ります」にあたるものはありません" in refused(planner, address, continues="守ります")


def test_a_file_of_pledges_tells_what_they_carry_on(planner: Client, space: Workspace) -> None:
    later = Manifesto.objects.create(slug="2025", title="第2期", first_fiscal_year=2025)
    field = Category.objects.create(manifesto=later, number=1, name="まち")
    section = Category.objects.create(manifesto=later, parent=field, number=1, name="道路")
    new = Pledge.objects.create(section=section, position=1, text="駅を守ります")
    heads, *rows = rows_of(export(planner, Pledge))
    assert (heads[-1], [row[-1] for row in rows]) == ("前の任期の公約", ["", ""])
    told = [[*row[:-1], "2021 1-1-1" if row[0] == "2025" else ""] for row in rows]
    confirm(planner, Pledge, upload(planner, Pledge, as_csv([heads, *told])))
    old = space.row().initiative.pledge
    assert Pledge.objects.get(pk=new.pk).continues == old
    assert [row[-1] for row in rows_of(export(planner, Pledge))[1:]] == ["", "2021 1-1-1"]
    for cell, words in (("2025 1-1-1", "同じマニフェスト"), ("2021 9-9-9", "という公約はありません")):
        wrong = [[*row[:-1], cell if row[0] == "2025" else ""] for row in rows]
        assert words in str(errors_of(upload(planner, Pledge, as_csv([heads, *wrong]))))
    without = [row[:-1] for row in rows]  # a file of an earlier release: what it does not tell stays
    upload(planner, Pledge, as_csv([heads[:-1], *without]))
    assert Pledge.objects.get(pk=new.pk).continues == old


def test_a_pledge_is_put_into_a_field_without_sections(planner: Client, space: Workspace) -> None:
    bare = Category.objects.create(manifesto=space.manifesto, number=2, name="くらし")
    again = refused(planner, page(Pledge, "add"), section=bare.pk, position="", text="")
    assert "selected>2. くらし</option>" in again
    save(planner, page(Pledge, "add"), section=bare.pk, position="", text="園を建てます")
    new = Pledge.objects.get(text="園を建てます")
    save(planner, page(Pledge, "change", new.pk), number_label="①")
    new.refresh_from_db()
    assert (new.place, new.number_label, new.section.name) == ("2-1", "①", "")
    twice = refused(planner, page(Pledge, "add"), section=bare.pk, position="", text="園を建てます")
    assert "同じ文の公約が 2-1（2. くらし）にあります。" in twice  # as Back sends it: it names the field
    listed = planner.get(page(Category)).context["cl"].result_list
    assert [category.name for category in listed] == ["まち", "道路", "くらし"]  # none without a name


def test_a_file_puts_pledges_where_there_is_no_section(planner: Client, space: Workspace) -> None:
    Category.objects.create(manifesto=space.manifesto, number=2, name="くらし")
    heads, *rows = rows_of(export(planner, Pledge))
    new = ["2021", "2-1", "", "園を建てます", *[""] * (len(heads) - 4)]
    wrong = [["2021", place, "", "x", *[""] * (len(heads) - 4)] for place in ("1-2", "7")]
    assert errors_of(upload(planner, Pledge, as_csv([heads, *wrong]))) == [
        (2, "番号", "1. まちには「1-1」などがあります。番号を 1-1-1 のように書いてください。"),
        (3, "番号", "このマニフェストには「1」などがあります。番号を 1-1 のように書いてください。"),
    ]
    confirm(planner, Pledge, upload(planner, Pledge, as_csv([heads, *rows, new])))
    assert [row[1] for row in rows_of(export(planner, Pledge))[1:]] == ["1-1-1", "2-1"]

"""A place that reports have a pledge at is closed to every other, whichever way one comes."""

from tests.staff.master.exchanging import as_csv, errors_of, export, rows_of, upload
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.cycle import catalogue
from tracker.models import Category, Pledge


def test_a_file_of_pledges_is_refused_at_the_place(space: Workspace) -> None:
    pledge = space.row().initiative.pledge
    field = Category.objects.get(manifesto=space.manifesto, parent=None)
    other = Category.objects.create(manifesto=space.manifesto, parent=field, number=2, name="公園")
    catalogue.move(
        pledge, section=other, position=None, number_label="", by=space.cast.planner, reason="並べ替え"
    )
    planner = logged_in(space.cast.planner)
    heads, *rows = rows_of(export(planner, Pledge))
    told = {"マニフェスト": "2021", "番号": "1-1-1", "公約": "別の公約"}
    refused = upload(planner, Pledge, as_csv([heads, *rows, [told.get(head, "") for head in heads]]))
    assert "1-1-1 は、別の公約が公表されていた番号です" in str(errors_of(refused))
    assert Pledge.objects.count() == 1

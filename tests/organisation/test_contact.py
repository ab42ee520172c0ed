"""Whom the public asks: the settings, or a department, through its reorganisations."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.organisation.test_writing import applied, document
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import Report
from tracker.public.open_data.dcat import dcat
from tracker.public.scope import choose, published

pytestmark = pytest.mark.django_db


def test_it_follows_the_department_without_a_restart(space: Workspace, client: Client) -> None:
    def told() -> set[str]:
        pages = [client.get(reverse("home"), follow=True), client.get(reverse("accessibility"))]
        pages.append(logged_in(space.cast.planner).get(reverse("staff-home")))
        found = {page.content.decode().partition("お問い合わせ")[2][:200] for page in pages}
        return {
            name
            for name in ("企画部 企画調整課", "企画部 土木課", "まちの未来課")
            if all(name in f for f in found)
        }

    assert told() == {"企画部 企画調整課"}
    space.mine.is_contact, space.mine.division = True, "企画部"
    space.mine.save()
    assert told() == {"企画部 土木課"}
    applied(
        document({"kind": "rename", "departments": ["001"], "name": "まちの未来課", "division": ""}),
        space.cast.planner,
    )
    assert told() == {"まちの未来課"}
    report = Report.objects.get()
    scope = choose(published(), report.slug, None, None)
    assert scope is not None
    assert "まちの未来課" in json.dumps(dcat(scope), ensure_ascii=False)

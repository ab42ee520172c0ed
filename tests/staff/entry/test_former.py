"""The page of a row's former texts: who reads it, and the one click that brings a text back."""

import pytest

from tests.cycle.test_former_texts import kept, save
from tests.staff.conftest import Year
from tests.staff.entry.test_entry import address, answers, page
from tests.staff.people import fill, logged_in, submit
from tracker.models import FormerText, YearlyAction

pytestmark = pytest.mark.django_db


def test_a_form_with_an_old_beginning_and_a_fresh_version_is_a_conflict(year: Year) -> None:
    """What a browser sends that has put old text beside new hidden fields, but for the beginning."""
    action, client = year.action, logged_in(year.cast.clerk)
    old = answers(action, result="・はじめの文\n・書き足した文")
    saved = fill(action, year.cast.colleague, result="・ほかの人の文")
    answer = client.post(address(action), old | {"version": saved.version})
    assert answer.status_code == 409
    assert "・ほかの人の文" in page(answer).text
    assert "・書き足した文" in page(answer).text
    assert YearlyAction.objects.get(pk=action.pk).result == "・ほかの人の文"


def test_one_click_brings_a_former_text_back_and_keeps_the_present_one(year: Year) -> None:
    action, cast = year.action, year.cast
    action = fill(action, cast.clerk, result="・失われた文", rating_reason="・理由")
    saved = fill(action, cast.colleague, result="・上書きした文")
    client = logged_in(cast.clerk)
    assert address(action, "former/") in client.get(address(action)).content.decode()
    shown = client.get(address(action, "former/"))
    assert "失われた" in page(shown).text
    [former] = FormerText.objects.filter(action=action)
    answer = client.post(address(action, "former/"), {"former": former.pk, "version": saved.version})
    assert answer.headers["Location"] == address(action)
    row = YearlyAction.objects.get(pk=action.pk)
    assert (row.result, row.rating_reason, row.saved_by) == ("・失われた文", "・理由", cast.clerk)
    assert kept(row)[0] == ("・上書きした文", cast.colleague, cast.clerk)


def test_a_text_is_not_brought_back_over_what_nobody_has_seen(year: Year) -> None:
    action, cast = year.action, year.cast
    action = fill(action, cast.clerk, result="・失われた文")
    saved = fill(action, cast.colleague, result="・上書きした文")
    former = FormerText.objects.get(action=action)
    save(action, cast.colleague, result="・そのあとの文")
    client = logged_in(cast.clerk)
    for version in (saved.version, "", "x" * 50):
        answer = client.post(address(action, "former/"), {"former": former.pk, "version": version})
        assert answer.status_code == 409
        assert "まだ何も戻していません" in page(answer).text
    assert YearlyAction.objects.get(pk=action.pk).result == "・そのあとの文"


def test_who_may_read_and_who_may_bring_back(year: Year) -> None:
    action, cast = year.action, year.cast
    action = fill(action, cast.clerk, result="・失われた文")
    saved = fill(action, cast.colleague, result="・上書きした文")
    [former] = FormerText.objects.filter(action=action)
    asked = {"former": former.pk, "version": saved.version}
    people = (cast.other, cast.stranger, cast.administrator, cast.planner)
    read = [logged_in(who).get(address(action, "former/")).status_code for who in people]
    assert read == [404, 404, 200, 200]
    wrote = [logged_in(who).post(address(action, "former/"), asked).status_code for who in people]
    assert wrote == [404, 404, 403, 302]
    foreign = fill(year.foreign, cast.other)
    for key in (former.pk, "", "abc", "9" * 30):
        answer = logged_in(cast.other).post(
            address(foreign, "former/"), {"former": key, "version": foreign.version}
        )
        assert answer.status_code == 404


def test_nothing_is_brought_back_into_a_submitted_row(year: Year) -> None:
    action, cast = year.action, year.cast
    action = fill(action, cast.clerk, result="・失われた文")
    done = submit(action, cast.colleague, result="・出した文")
    client, [former] = logged_in(cast.clerk), FormerText.objects.filter(action=action)
    assert "この内容に戻す" not in client.get(address(action, "former/")).content.decode()
    answer = client.post(address(action, "former/"), {"former": former.pk, "version": done.version})
    assert (answer.status_code, YearlyAction.objects.get(pk=action.pk).result) == (409, "・出した文")


@pytest.mark.parametrize("former", ["", "x", "９", "9" * 20, "9" * 5_000])
def test_a_number_that_no_former_text_has_is_not_there(year: Year, former: str) -> None:
    client = logged_in(year.cast.clerk)
    answer = client.post(address(year.action, "former/"), {"former": former, "version": "0"})
    assert answer.status_code == 404

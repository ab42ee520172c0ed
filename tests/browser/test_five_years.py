"""Five years of a city hall in a real browser: the city's own table (令和3 to 5年度), then the round of 6,
a reorganisation, new people, two half-years of 7 written by the successors, a new term beside the old one,
and a correction of 6.

Read it from top to bottom. Each act is a person's, on the day on which it happens.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import april, next_term
from tests.browser.kept_bytes import TOP
from tests.browser.server import manage, own_site
from tests.browser.years import (
    CityHall,
    approve_all,
    begin_correction,
    change_a_rating,
    look_at_history,
    mend,
    open_round,
    publish,
    publish_correction,
    write_by_sheet,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]
# As of when: the city's table, the report after it, and the two halves of the next year.
TABLE, LAST, AUTUMN, SPRING = "2024-03-31", "2025-03-31", "2025-09-30", "2026-03-31"
IMPORTED = ("令和3年度", "令和4年度", "令和5年度")
LAST_YEAR, FIRST_HALF, SECOND_HALF, FIRST_OF_NEW_TERM = (
    "令和6年度",
    "令和7年度上半期",
    "令和7年度下半期",
    "令和7年度",
)
SUCCESSORS = {"デジタル推進課": 13, "道路課": 11, "環境政策課": 6}  # with how many duties of former ones
WITHOUT_DEPARTMENT = 5  # initiatives of the city's table


def test_five_years(tmp_path: Path, browser: Browser) -> None:
    with own_site(tmp_path, DEMO="true", SITE_CLOCK="2024-06-03T10:00+09:00") as environment:
        manage(environment | {"SITE_CLOCK": "2025-03-27T09:00+09:00"}, "create_demo")
        hall = CityHall(browser, environment, tmp_path)
        the_year_before(hall)
        in_april(hall)
        the_first_half(hall)
        the_second_half(hall)
        the_correction(hall)


def the_year_before(hall: CityHall) -> None:
    """令和6年度, as the demo has it: some rows are there, some were returned. The rest comes by Excel."""
    with hall.on("2025-03-31T09:00+09:00"):
        hall.remember(TABLE)
        with hall.desk("tanto1") as page:
            change_a_rating(page, look="entry")
        with hall.desk("kikaku1") as page:
            assert write_by_sheet(hall, page, LAST_YEAR, 2024, "・会議を開きました。", look="sheet") == 196
        with hall.desk("kikaku2") as page:
            approve_all(page, LAST_YEAR, look="approve")
            publish(page, LAST_YEAR, look="publish")
        hall.remember(LAST, every=3)  # it is corrected afterwards


def in_april(hall: CityHall) -> None:
    """The reorganisation of 令和7年度, and thirty new people: every department is manned."""
    with hall.on("2025-04-01T09:00+09:00"):
        with hall.desk("kikaku1") as page:
            april.say_whom_the_public_asks(page, look="contact")
            april.reorganise(page, look="reorganisation")
            page.goto(f"{hall.site.base}/2021/")
            expect(page.locator("footer")).to_contain_text("お問い合わせ：伊勢崎市 市長公室 企画調整課")
        with hall.desk("kanri") as page:
            numbers = april.thirty_people(hall, page, look="people")
        for office in SUCCESSORS:
            april.first_login(hall, hall.people[office], numbers[hall.people[office]])
        assert_answered_for(hall, [*IMPORTED, LAST_YEAR], {})


def the_first_half(hall: CityHall) -> None:
    """令和7年度上半期: the successors write what their predecessors would have written."""
    with hall.on("2025-10-15T09:00+09:00"):
        with hall.desk("kikaku1") as page:
            assert open_round(page, "上半期", AUTUMN, "2025-10-31", look="open") == FIRST_HALF
        write_and_publish(hall, FIRST_HALF, "が始めました。", "・計画を進めました。")
        hall.remember(AUTUMN)
        assert_written_by_successors(hall, AUTUMN, "が始めました。")


def the_second_half(hall: CityHall) -> None:
    """令和7年度下半期 begins with the first half's texts. Who adds nothing hands them in as they are."""
    with hall.on("2026-04-20T09:00+09:00"):
        with hall.desk("kikaku1") as page:
            assert open_round(page, due_on="2026-05-15", look="open-second-half") == SECOND_HALF
            next_term.begin_term(page, look="term")
            next_term.open_first_round(page, "2026-05-15", look="term")
        write_and_publish(hall, SECOND_HALF, "が終えました。", "")
        hall.remember(SPRING)
        assert_written_by_successors(hall, SPRING, "が終えました。")
        the_new_term(hall)


def the_new_term(hall: CityHall) -> None:
    """令和7年度 of the next term, whose round was opened beside the former term's."""
    with hall.desk("kikaku1") as page:
        assert write_by_sheet(hall, page, FIRST_OF_NEW_TERM, 2025, "・新しい任期の取組を始めました。") == 4
    with hall.desk("kikaku2") as page:
        approve_all(page, FIRST_OF_NEW_TERM, look="term-approve")
        publish(page, FIRST_OF_NEW_TERM, look="term-publish")
    hall.remember(SPRING, slug="2025")
    next_term.the_public_sees_both_terms(hall, look="term-public")


def write_and_publish(hall: CityHall, round: str, words: str, others: str) -> None:
    """The successors write, the planning office writes for all others, and for the public."""
    for office in SUCCESSORS:
        with hall.desk(hall.people[office]) as page:
            assert write_by_sheet(hall, page, round, 2025, f"・{office}{words}") >= SUCCESSORS[office]
    with hall.desk("kikaku1") as page:
        write_by_sheet(hall, page, round, 2025, others)
    with hall.desk("kikaku2") as page:
        approve_all(page, round)
        publish(page, round, look="publish-half")


def the_correction(hall: CityHall) -> None:
    """令和6年度 is corrected in one row, by the department that answers for it today."""
    office = next(iter(SUCCESSORS))
    with hall.on("2026-06-15T09:00+09:00"):
        with hall.desk("kikaku2") as page:
            begin_correction(page, LAST_YEAR, office, look="correction")
        with hall.desk(hall.people[office]) as page:
            mend(page, look="correction")
        with hall.desk("kikaku2") as page:
            approve_all(page, LAST_YEAR)
            publish_correction(page, LAST_YEAR, look="correction-publish")
            look_at_history(page, look="history")
            assert april.slips_for_those_who_wait(page, look="people-waiting") == april.NEWCOMERS - 3
        assert_only_one_row_differs(hall)
        # A date's own address shows its last edition; the next report's is compared with that one, and the
        # overviews of later ones have the trend.
        later = [f"{AUTUMN}/", f"{AUTUMN}/changes/", f"{SPRING}/"]
        of_dates = [*(f"{LAST}/{name}" for name in TOP), *later]
        assert hall.changed_since() == sorted(f"/2021/reports/{path}" for path in of_dates)
        rounds = [*IMPORTED, LAST_YEAR, FIRST_HALF, SECOND_HALF]
        assert_answered_for(hall, rounds, {f"2025 {FIRST_OF_NEW_TERM}": [4, 0, 0]})
        manage(hall.today, "verify_events")


def assert_answered_for(hall: CityHall, rounds: list[str], new_term: dict[str, list[int]]) -> None:
    """Somebody who can log in answers for every row; the planning office where no department has the duty."""
    answers = [207 - WITHOUT_DEPARTMENT, WITHOUT_DEPARTMENT, 0]
    assert hall.answering() == {f"2021 {round}": answers for round in rounds} | new_term


def assert_written_by_successors(hall: CityHall, as_of: str, words: str) -> None:
    """The public reads it at each initiative that a successor took over, and at those it had before."""
    rows = hall.tables(as_of)["actions"]
    for office, duties in SUCCESSORS.items():
        assert sum(f"{office}{words}" in str(row["text"]) for row in rows) >= duties, office


def assert_only_one_row_differs(hall: CityHall) -> None:
    """The two editions of 令和6年度, table by table, but for the numbers of the editions."""
    first, second = (hall.tables(LAST, edition) for edition in (1, 2))
    found = []
    for name, rows in first.items():
        for before, after in zip(rows, second[name], strict=True):
            differing = {key for key in before if before[key] != after[key]}
            found += [(name, key) for key in differing - {"edition", "report_edition"}]
    assert found == [("actions", "text")]

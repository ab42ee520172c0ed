"""What the tables say, against the city's table and against reports made for it."""

import json
import re
from datetime import date

from tests.public.building import RATINGS, copy_report, make_entry, save_report, term
from tests.public.conftest import Row, entries_of
from tests.public.open_data.reading import Downloaded
from tests.public.open_data.reports import SYMBOLS
from tracker.models import Report, ReportEntry
from tracker.public.open_data.characters import plain
from tracker.public.open_data.shared_columns import printed_number
from tracker.words.fiscal_years import short_label


def test_initiatives_say_what_the_table_says(city: Downloaded, rows: list[Row]) -> None:
    percent = {"A": 100, "B": 75, "C": 50, "D": 25, "E": 0, "": None}
    for record, row in zip(city.json["initiatives"].rows, rows, strict=True):
        goals = row.initiative.sdgs
        assert record["initiative_key"] == row.key
        assert (record["rating_status"], record["rating_code"]) == (
            "rated" if row.rating else "unrated",
            row.rating or None,
        )
        assert record["rating_percent"] == percent[row.rating]
        assert record["other_departments"] == int(row.initiative.others)
        assert record["department_count"] == len(row.departments_in(2023))
        assert record["sdgs_status"] == ("unknown" if goals is None else "listed" if goals else "none")
        assert record["sdg_count"] == (None if goals is None else len(goals))
        assert record["plan_project_count"] == len(row.initiative.plan_projects)
        assert (record["category_name"], record["section_name"]) == (row.category.name, row.section.name)
        assert (record["pledge_text"], record["pledge_label"] or "") == (row.pledge.text, row.pledge.number)
        assert record["pledge_number"] == printed_number(row.pledge.number)
        assert (record["fiscal_year"], record["fiscal_year_label"]) == (2023, "令和5年度")


def test_long_tables_say_what_the_table_says(city: Downloaded, rows: list[Row]) -> None:
    current = [r for r in city.json["initiative_departments"].rows if r["assignment_status"] == "current"]
    assert [(r["initiative_key"], r["department_name"]) for r in current] == [
        (row.key, name) for row in rows for name in row.departments_in(2023)
    ]
    assert [(r["initiative_key"], r["sdg_number"]) for r in city.json["initiative_sdgs"].rows] == [
        (row.key, goal) for row in rows for goal in row.initiative.sdgs or ()
    ]
    projects = [
        (r["initiative_key"], r["plan_code"], r["plan_name"])
        for r in city.json["initiative_plan_projects"].rows
    ]
    assert sorted(projects) == sorted(
        (row.key, p.code, p.name) for row in rows for p in row.initiative.plan_projects
    )
    keys = {row.pledge_key: [each.key for each in rows if each.pledge_key == row.pledge_key] for row in rows}
    assert {r["pledge_key"]: r["initiative_count"] for r in city.json["pledges"].rows} == {
        k: len(v) for k, v in keys.items()
    }


def test_duties_tell_from_when_to_when(awkward: Downloaded) -> None:
    told = [
        (r["department_code"], r["from_fiscal_year"], r["to_fiscal_year"], r["assignment_status"])
        for r in awkward.json["initiative_departments"].rows
        if r["initiative_key"] == "1-1-1-1"
    ]
    assert told == [
        ("001", None, 2022, "past"),
        ("002", 2023, None, "current"),
        ("003", None, None, "current"),
        ("004", 2024, None, "next"),
    ]
    assert awkward.json["initiatives"].rows[0]["department_count"] == 2


def test_a_goal_named_twice_is_one_goal(awkward: Downloaded) -> None:
    own = [
        (r["sdg_number"], r["sdg_name"])
        for r in awkward.json["initiative_sdgs"].rows
        if r["initiative_key"] == "1-1-1-1"
    ]
    assert own == [
        (17, "パートナーシップで目標を達成しよう"),
        (4, "質の高い教育をみんなに"),
        (11, "住み続けられるまちづくりを"),
    ]


def test_a_goal_that_is_none_of_the_17_stays_without_a_name(db: None) -> None:
    save_report([make_entry(1, sdgs=[18])])
    (row,) = Downloaded("2017").json["initiative_sdgs"].rows
    assert (row["sdg_number"], row["sdg_name"]) == (18, None)


def test_a_plan_project_without_a_code_has_no_code(awkward: Downloaded) -> None:
    own = [r for r in awkward.json["initiative_plan_projects"].rows if r["initiative_key"] == "1-1-1-1"]
    assert [(r["plan_code"], r["plan_base_code"], r["plan_name"]) for r in own] == [
        ("2-2-3①❷", "2-2-3", "道路, 橋 ㈱事業"),
        (None, None, "番号のない事業"),
    ]
    assert awkward.csv["initiative_plan_projects"].rows[0]["plan_code"] == "2-2-3(1)(2)"


def test_actions_joined_are_the_report_s_texts(city: Downloaded, demo: Report, db: None) -> None:
    joined: dict[tuple[str, str, int], list[str]] = {}
    for row in city.json["actions"].rows:
        lines = joined.setdefault((row["initiative_key"], row["kind"], row["fiscal_year"]), [])
        lines.append(("・" if row["line_type"] == "bullet" else "") + row["text"])
        assert row["line_number"] == len(lines)
        assert row["is_cumulative"] == int(row["fiscal_year"] == 2021)
    expected = {
        (entry.key, kind, int(year)): text
        for entry in entries_of(demo)
        for kind, texts in (("result", entry.results), ("plan", entry.plans))
        for year, text in texts.items()
        if text
    }
    assert {key: "\n".join(lines) for key, lines in joined.items()} == expected


def test_actions_tell_continuations(city: Downloaded) -> None:
    rows = city.json["actions"].rows
    continued = [row for row in rows if row["is_continuation"]]
    assert len(continued) >= 330
    assert [r for r in rows if r["is_continuation"] != int(r["continues_fiscal_year"] is not None)] == []
    years = [
        (short_label(r["continues_fiscal_year"]), str(plain(r["text"])).replace("５", "5")) for r in continued
    ]
    assert [text for label, text in years if label not in text or "引き続き" not in text] == []


def test_a_line_of_nothing_but_the_mark_has_a_blank_text(awkward: Downloaded) -> None:
    own = [
        r
        for r in awkward.json["actions"].rows
        if (r["initiative_key"], r["fiscal_year"]) == ("1-1-1-1", 2022)
    ]
    assert [(r["line_type"], r["text"]) for r in own] == [
        ("lead", "次のとおり"),
        ("bullet", "①を"),
        ("bullet", None),
    ]


def test_rating_history_tells_each_report_in_its_own_words(awkward: Downloaded) -> None:
    """The scale of a manifesto changed between the reports; an initiative has gone."""
    told = [
        (r["report_as_of"], r["fiscal_year"], r["rating_code"], r["rating_label"], r["rating_percent"])
        for r in awkward.json["rating_history"].rows
        if r["initiative_key"] in {"1-1-1-1", "1-3-10-1"}
    ]
    assert told == [
        ("2023-03-31", 2022, "B", "おおむね達成", 75),
        ("2023-03-31", 2022, "E", "未着手", 0),
        ("2024-03-31", 2023, "△", "遅れ", 0),
    ]
    assert {row["as_of"] for row in awkward.json["rating_history"].rows} == {"2024-03-31"}
    assert [row["rating_code"] for row in awkward.json["ratings"].rows] == ["◎", "Ⅱ", "△"]


def test_rating_history_has_each_date_s_edition_that_stood_then(db: None) -> None:
    first = save_report([make_entry(1, rating_code="E")], as_of=date(2022, 3, 31))
    copy_report(first, as_of=date(2022, 3, 31), edition=2, change=lambda entries: rated(entries, "D"))
    copy_report(first, as_of=date(2023, 3, 31), change=lambda entries: rated(entries, "C"))
    copy_report(
        first, as_of=date(2022, 3, 31), edition=3, change=lambda entries: rated(entries, "A")
    )  # corrected later
    copy_report(first, as_of=date(2024, 3, 31), change=lambda entries: rated(entries, "B"))
    told = {
        day: [
            (r["report_as_of"], r["report_edition"], r["rating_code"])
            for r in Downloaded("2017", day).json["rating_history"].rows
        ]
        for day in ("2022-03-31", "2023-03-31", "2024-03-31")
    }
    assert told == {
        "2022-03-31": [("2022-03-31", 1, "E")],
        "2023-03-31": [("2022-03-31", 2, "D"), ("2023-03-31", 1, "C")],
        "2024-03-31": [("2022-03-31", 3, "A"), ("2023-03-31", 1, "C"), ("2024-03-31", 1, "B")],
    }


def rated(entries: list[ReportEntry], code: str) -> list[ReportEntry]:
    """The entries, all with one rating."""
    for entry in entries:
        entry.rating_code = code
    return entries


def test_categories_have_two_levels_in_the_table_s_order(city: Downloaded, rows: list[Row]) -> None:
    expected: dict[str, tuple[str, str, str | None]] = {}
    for row in rows:
        field, section = row.category, row.section
        expected.setdefault(str(field.number), ("category", field.name, None))
        expected.setdefault(f"{field.number}-{section.number}", ("section", field.name, section.name))
    told = {
        r["category_key"]: (r["category_level"], r["category_name"], r["section_name"])
        for r in city.json["categories"].rows
    }
    assert list(told.items()) == list(expected.items())
    assert len(told) == 8 + 24


def test_code_tables_say_what_the_report_says(city: Downloaded, demo: Report) -> None:
    names = ("rating_code", "rating_label", "rating_definition", "rating_percent")
    assert [tuple(row[name] for name in names) for row in city.json["ratings"].rows] == [
        (step["code"], step["label"], step["definition"], step["percent"]) for step in demo.ratings
    ]
    departments = [
        {"code": r["department_code"], "name": r["department_name"]} for r in city.json["departments"].rows
    ]
    assert departments == demo.outline["departments"]


def test_a_scale_without_percentages_leaves_them_blank(awkward: Downloaded) -> None:
    told = [
        (r["rating_code"], r["rating_percent"], r["rating_definition"]) for r in awkward.json["ratings"].rows
    ]
    assert told == [(s["code"], s["percent"], s["definition"] or None) for s in SYMBOLS]
    (rated_without,) = [r for r in awkward.json["initiatives"].rows if r["initiative_key"] == "1-1-3-1"]
    assert (rated_without["rating_status"], rated_without["rating_percent"]) == ("rated", None)


def test_an_ended_and_a_carried_initiative_say_so(awkward: Downloaded) -> None:
    told = {
        r["initiative_key"]: (r["ended_after"], r["carried_from"]) for r in awkward.json["initiatives"].rows
    }
    assert {key: value for key, value in told.items() if any(value)} == {
        "1-1-3-1": (None, "2023-03-31"),
        "1-1-4-1": (2022, None),
    }


def test_numbers_of_pledges_are_numbers_where_they_are_one(awkward: Downloaded) -> None:
    told = {r["pledge_key"]: (r["pledge_number"], r["pledge_label"]) for r in awkward.json["pledges"].rows}
    assert [told[f"1-1-{n}"] for n in range(1, 6)] == [
        (4, "❹"),
        (None, "ア"),
        (None, None),
        (None, "３-4"),
        (1, "①"),
    ]


def test_every_row_says_whose_it_is_and_as_of_when(db: None) -> None:
    first = save_report([make_entry(1, departments=[term("001", "土木課")])])
    copy_report(first, as_of=first.as_of, edition=2, ratings=RATINGS)
    downloaded = Downloaded("2017", edition=2)
    names = ("municipality_code", "municipality_name", "manifesto", "as_of", "edition")
    for copies in downloaded.formats.values():
        for table, copy in copies.items():
            whose = {tuple(str(row[name]) for name in names) for row in copy.rows}
            assert whose == ({("102041", "伊勢崎市", "2017", "2024-03-31", "2")} if copy.rows else set()), (
                table
            )


def test_json_says_which_report_it_is_from(city: Downloaded, demo: Report) -> None:
    for table in ("initiatives", "ratings"):
        content = json.loads(city.raw[table, ".json"])
        head = {
            name: content[name]
            for name in content
            if name not in ("columns", "rows", "about", "key", "table_title")
        }
        assert head == {
            "title": demo.title,
            "publisher": "伊勢崎市",
            "license": "CC BY 4.0",
            "as_of": "2024-03-31",
            "edition": 1,
            "published_at": demo.published_at.isoformat(),
            "correction_reason": None,
            "unapproved_reason": None,
            "digest": demo.digest,
            "columns_version": 9,
            "data_set": table,
        }
        assert re.fullmatch(r"1行が.+。", content["about"])
    columns = {column["name"]: column for column in json.loads(city.raw["initiatives", ".json"])["columns"]}
    assert columns["rating_percent"] == {
        "name": "rating_percent",
        "title": "評価が表す進捗率の目安",
        "description": "0 は進捗がないという評価で、評価なしとは別",
        "type": "整数",
        "unit": "％",
        "blank": "評価なし、または進捗率を定めていない区分",
        "allowed_values": None,
        "refers_to": None,
    }
    assert columns["rating_code"]["refers_to"] == "ratings.rating_code"
    assert columns["other_departments"]["allowed_values"][1] == {"value": 0, "meaning": "ない"}

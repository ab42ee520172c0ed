"""What a search looks through: every wording of an entry, and what it is. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

Kind = Literal["place", "pledge", "name", "project", "result", "plan", "department", "extra", "indicator"]

# The fields of an entry that have words.
WORDED = (
    *("category_name", "section_name", "pledge_number", "pledge_text", "plan_projects", "results", "plans"),
    *("departments", "extra_values", "indicators", "initiative_name"),
)


class EntryWording(NamedTuple):
    """A text of an entry. `of`: the fiscal year of a result or a plan, the code of an extra column."""

    kind: Kind
    of: str
    text: str


def wordings(entry: Mapping[str, Any]) -> Iterator[EntryWording]:
    """Every wording of an entry, given by its fields, in the order in which the index keeps them."""
    for kind, fields in (("place", WORDED[:2]), ("pledge", WORDED[2:4])):
        yield from (EntryWording(kind, "", entry[field]) for field in fields)  # type: ignore[arg-type]
    if entry["initiative_name"]:
        yield EntryWording("name", "", entry["initiative_name"])
    for project in entry["plan_projects"]:
        yield EntryWording("project", "", f"{project['code']} {project['name']}")
    yield from (EntryWording("result", year, text) for year, text in entry["results"].items())
    yield from (EntryWording("plan", year, text) for year, text in entry["plans"].items())
    yield from (EntryWording("department", "", department["name"]) for department in entry["departments"])
    for code, told in (entry["extra_values"] or {}).items():
        yield from (EntryWording("extra", code, text) for text in told.values())
    for each in entry["indicators"] or ():
        yield from (EntryWording("indicator", "", each[field]) for field in ("name", "note"))

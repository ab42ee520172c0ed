"""The house's own rules that no tool checks: names that stand once, and where lines of templates end."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.conftest import PROJECT

NAMED_BY_DJANGO = {"Command"}
MOST_CHARACTERS = 120  # of a template's line


def modules() -> list[Path]:
    found = [*(PROJECT / "tracker").rglob("*.py"), *(PROJECT / "manifesto").rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def test_a_class_has_a_name_of_its_own() -> None:
    named = defaultdict(list)
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name not in NAMED_BY_DJANGO:
                named[node.name].append(path.relative_to(PROJECT).as_posix())
    assert len(named) > 100
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def test_no_view_is_called_page() -> None:
    found = [
        path.relative_to(PROJECT).as_posix()
        for path in modules()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "page"
    ]
    assert found == []


def test_lines_of_templates_end() -> None:
    files = list((PROJECT / "templates").rglob("*.html"))
    long = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > MOST_CHARACTERS
    ]
    assert len(files) > 60
    assert long == []


def test_a_form_that_tells_what_was_seen_is_bound_to_it() -> None:
    """Else a browser puts old text beside a new version after Back (templatetags, `bound_to`)."""
    seen = re.compile(r'type="hidden"\s+name="(version|base|seen|shown|rows|expected)"')
    forms = [
        (path.relative_to(PROJECT).as_posix(), form)
        for path in (PROJECT / "templates").rglob("*.html")
        for form in re.findall(r"<form.*?</form>", path.read_text(), re.DOTALL)
        if seen.search(form)
    ]
    assert len(forms) >= 9
    assert [path for path, form in forms if "{% bound_to " not in form] == []


# What takes `by` and is no act of its own: part of another one, one row, or nothing in the database.
NO_ACTS = {
    *("former_texts.keep", "events.record", "workflow.saving", "workflow.submitting", "publishing.completed"),
    *("planning.receive_list", "receiving.receive", "exporting.export", "sending.send"),
}


def test_who_acts_does_so_in_one_transaction() -> None:
    """Its locks hold to its end, and it is written whole or not at all."""
    acts = {
        f"{path.stem}.{node.name}": [ast.unparse(each) for each in node.decorator_list]
        for room in ("cycle", "organisation", "reports", "entry_sheets", "published_tables")
        for path in (PROJECT / "tracker" / room).rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if "by" in [each.arg for each in node.args.kwonlyargs]
    }
    assert len(acts) > 40
    assert {name for name, wrapped in acts.items() if "transaction.atomic" not in wrapped} == NO_ACTS

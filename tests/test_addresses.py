"""No internal address is built by hand: they come from {% url %}, {% page_url %}, `reverse` or a scope."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent

ATTRIBUTE = re.compile(r'\b(?:href|action|formaction|src|data-[a-z-]+)="((?:{%.*?%}|{{.*?}}|[^"])*)"')
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}")
GAP = "\0"  # what an f-string fills in
PATH = re.compile(rf"/[\w{GAP}-]+/|/staff\b|{GAP}[\w.-]+/|.*\b(?:href|action|src)=[\"']?/", re.DOTALL)


def files(folder: str, *endings: str) -> Iterator[Path]:
    """The files of a folder, without migrations."""
    for path in sorted((PROJECT / folder).rglob("*")):
        place = path.relative_to(PROJECT).as_posix()
        if path.suffix in endings and not place.startswith("tracker/migrations"):
            yield path


def in_template(source: str) -> list[str]:
    """The values of links that say a path themselves, wholly or beside a variable."""
    values: list[str] = ATTRIBUTE.findall(source)
    return [value for value in values if "/" in own_path(value) and not own_path(value).startswith("http")]


def own_path(value: str) -> str:
    """What a link's value says itself of its path."""
    return re.split("[?#]", TEMPLATE_TAG.sub("", value))[0]


def in_python(source: str) -> list[str]:
    """The strings of a module that begin with a path, or hold a link."""
    texts, pieces = [], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            pieces |= {id(part) for part in node.values}
            said = (part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
            texts.append("".join(map(str, said)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
            texts.append(node.value)
    return [text for text in texts if PATH.match(text)]


def test_no_template_builds_an_address() -> None:
    found = {path.name: in_template(path.read_text()) for path in files("templates", ".html", ".txt")}
    assert {name: values for name, values in found.items() if values} == {}


def test_no_module_builds_an_address() -> None:
    found = {str(path.relative_to(PROJECT)): in_python(path.read_text()) for path in files("tracker", ".py")}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "source",
    [
        '<a href="/">',
        '<a href="/staff/rounds/{{ round.pk }}/">',
        '<form action="{{ scope.base }}pledges/">',
        '<a href="{% if a == "b" %}/{{ slug }}{% endif %}/">',
    ],
)
def test_a_template_that_builds_one_would_be_found(source: str) -> None:
    assert len(in_template(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '<a href="{% url "home" %}">',
        '<a href="{{ host }}{% page_url scope "pledge" key=entry.pledge_key %}#initiative-1">',
        '<a href="{{ address }}?{{ query }}">',
        '<a href="https://example.jp/a/">',
        '<path d="M8 1/2">',
    ],
)
def test_a_template_that_builds_none_is_not_complained_of(source: str) -> None:
    assert in_template(source) == []


@pytest.mark.parametrize(
    "source",
    [
        'redirect("/staff/")',
        'f"/staff/queue/?{query}"',
        'f"/{slug}/reports/{as_of}/"',
        'f"{scope.base}pledges/{key}/"',
        "format_html('<a href=\"/staff/rounds/{}/\">{}</a>', pk, name)",
    ],
)
def test_a_module_that_builds_one_would_be_found(source: str) -> None:
    assert len(in_python(source)) == 1


@pytest.mark.parametrize(
    "source", ['f"{a}/{b}"', 'f"/{name}"', '"xl/workbook.xml"', "'<a href=\"{}\">'", '"/TH"']
)
def test_a_module_that_builds_none_is_not_complained_of(source: str) -> None:
    assert in_python(source) == []

"""The project's own promises: what its documents say exists, and nothing in it names this or that machine."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
TOP_LEVEL = (
    "manage.py",
    "pyproject.toml",
    "manifesto",
    "tracker",
    "templates",
    "fixtures",
    "docker-compose.yml",
    "tests",
    "README.md",
    "Makefile",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ".ci/run",
)
PIN = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,-]+\])?==\S+)", re.MULTILINE)
CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"}
NOT_OURS = {".git", ".venv", "var", ".coverage", "htmlcov"} | CACHES
# Written in pieces, so that this file does not find itself.
FOREIGN = re.compile(r"\.\./" + r"shared|/work" + r"/|/root" + r"/|/home" + r"/[a-z]|pyp" + r"i\.org")


@cache
def text(name: str) -> str:
    return (PROJECT / name).read_text()


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_top_level_holds_what_a_stranger_looks_for(name: str) -> None:
    assert (PROJECT / name).exists()


def test_ci_is_executable() -> None:
    assert (PROJECT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.parametrize(
    "name", [f"requirements/{name}.txt" for name in ("run", "pdf", "pictures", "brotli", "oidc", "dev")]
)
def test_requirements_have_hashes_and_no_address(name: str) -> None:
    assert re.findall(r"https?://|^\s*-", re.sub(r"--hash=\S+", "", text(name)), re.MULTILINE) == []
    blocks = re.split(r"\n(?=\S)", text(name).strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_running_needs_nothing_that_development_has_not() -> None:
    """`make run` and `make test` share one environment; what is optional comes on top of running."""
    names = ("run", "pdf", "pictures", "brotli", "oidc", "dev")
    run, *extras, dev = (set(PIN.findall(text(f"requirements/{name}.txt"))) for name in names)
    assert run
    assert all(run < extra < dev for extra in extras)


def test_each_dependency_is_locked_and_says_what_it_is_for() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    for name, wanted in {"run": project["dependencies"], **project["optional-dependencies"]}.items():
        wanted = [each for each in wanted if not each.startswith("manifesto[")]  # the project's own
        locked = {re.split(r"[\[=]", pin)[0].lower() for pin in PIN.findall(text(f"requirements/{name}.txt"))}
        assert {re.split(r"[\[~=<>]", each)[0].lower() for each in wanted} - locked == set()
    entries = re.findall(r'^  "[^"]+",.*$', text("pyproject.toml"), re.MULTILINE)
    assert [
        entry
        for entry in entries
        if re.match(r'  "[a-z0-9-]+(\[[a-z-]+\])?[~>=<]', entry) and "#" not in entry
    ] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documented_make_targets_exist(document: str) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", text(document)))
    assert {"run", "test"} & named
    assert named - set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE)) == set()


def test_documented_options_are_those_of_the_commands() -> None:
    commands = "".join(text(f"tracker/management/commands/{name}_report.py") for name in ("import", "export"))
    described = set(re.findall(r"^\| `(--[a-z-]+)", text("README.md"), re.MULTILINE))
    assert described == set(re.findall(r'add_argument\(\s*"(--[a-z-]+)"', commands))


def test_each_setting_is_described() -> None:
    sources = text("manifesto/settings.py") + text("manifesto/environment.py") + text("manifesto/gunicorn.py")
    read = set(
        re.findall(
            r"(?:text|flag|words|networks|choice|number|origin|(?:own_)?address|header|secret)\(\s*[\"']([A-Z_]+)",
            sources,
        )
    )
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", text("README.md"), re.MULTILINE))
    assert described == read


def test_linked_documents_exist() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "fixtures/README.md"):
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text(name))
        assert [target for target in targets if not (PROJECT / name).parent.joinpath(target).exists()] == []


def test_nothing_refers_to_a_place_outside_the_project() -> None:
    found = []
    for path in sorted(PROJECT.rglob("*")):
        is_measured = path.name.startswith(".coverage")  # what a run with coverage writes while it runs
        if path.is_file() and not is_measured and not NOT_OURS & set(path.relative_to(PROJECT).parts):
            content = path.read_bytes().decode(errors="ignore")
            found += [(str(path.relative_to(PROJECT)), match[0]) for match in FOREIGN.finditer(content)]
    assert found == []


def test_imports_go_down_only() -> None:
    """The contract of pyproject.toml, which ARCHITECTURE.md draws."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))",
    ]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr

"""Who takes over what in a reorganisation, as a workbook to be filled in and read back."""

from collections.abc import Iterator
from typing import NamedTuple, cast

from tracker.organisation.outcome import Organisation, outcome_of
from tracker.organisation.steps import MOVE, SPLIT, DocumentStep
from tracker.staff.master import files
from tracker.words.folding import fold
from tracker.workbooks.problems import FileProblem

HEADINGS = ("種類", "ステップ", "いまの担当課", "番号・利用者名", "公約・氏名", "新しい担当課")
INITIATIVE, PERSON = "取組", "人"
PARTS = {INITIATIVE: "initiatives", PERSON: "people"}  # of a step


class ChoiceLine(NamedTuple):
    """One initiative or person of a step: as the file names it, and its id."""

    kind: str
    step: int
    department: str
    code: str
    title: str
    key: str


def lines_of(steps: list[DocumentStep], organisation: Organisation, fiscal_year: int) -> Iterator[ChoiceLine]:
    """What the steps leave to choose, in order."""
    for number, step in enumerate(steps, start=1):
        if step["kind"] not in (SPLIT, MOVE):
            continue
        there = outcome_of(organisation, fiscal_year, steps[: number - 1]).after
        for code in step["departments"]:
            name = there.called(code)
            for duty in there.running(code, fiscal_year):
                if task := there.tasks.get(duty.initiative):
                    told = (number, name, task.place, task.whole_title)
                    yield ChoiceLine(INITIATIVE, *told, str(duty.initiative))
            for person in there.members(code) if step["kind"] == SPLIT else ():
                yield ChoiceLine(
                    PERSON, number, name, there.logins[person], there.people[person], str(person)
                )


def write(steps: list[DocumentStep], organisation: Organisation, fiscal_year: int) -> bytes:
    """The workbook, with what is chosen so far. Raises FileProblem."""
    after = outcome_of(organisation, fiscal_year, steps).after
    rows = []
    for line in lines_of(steps, organisation, fiscal_year):
        chosen = _choices(steps[line.step - 1], line.kind).get(line.key, "")
        told = (line.kind, str(line.step), line.department, line.code, line.title)
        rows.append([*told, after.called(chosen) if chosen else ""])
    return files.write("xlsx", "引継ぎ先", HEADINGS, rows)


def _choices(step: DocumentStep, kind: str) -> dict[str, str]:
    choices: dict[str, str] = step.get(PARTS[kind], {})  # type: ignore[assignment]
    return choices


def read(
    content: bytes, steps: list[DocumentStep], organisation: Organisation, fiscal_year: int
) -> tuple[list[DocumentStep], int]:
    """The steps with the file's choices, and how many it made. Raises FileProblem, which names the row.

    An empty cell leaves the choice to the step's rest. Rows that the file lacks keep their choice.
    """
    table = files.read(content)
    if table.headings != HEADINGS:
        raise FileProblem(f"見出しが違います。1 行目を「{'」「'.join(HEADINGS)}」にしてください。", row=1)
    known = {line[:2] + line[3:4]: line for line in lines_of(steps, organisation, fiscal_year)}
    after = outcome_of(organisation, fiscal_year, steps).after
    made = [
        cast(
            DocumentStep, {**s, "initiatives": {**_choices(s, INITIATIVE)}, "people": {**_choices(s, PERSON)}}
        )
        for s in steps
    ]
    seen: dict[ChoiceLine, int] = {}
    count = 0
    for number, (kind, step, department, code, _title, heir) in zip(table.numbers, table.rows, strict=True):
        which = int(step) if step.isdecimal() and len(step) < 6 else 0
        line = known.get((fold(kind), which, code.strip()))
        if line and fold(department) != fold(line.department):
            words = (
                f"ステップ{which}は「{line.department}」のものです。一覧をもう一度ダウンロードしてください。"
            )
            raise FileProblem(words, row=number)
        if line is None:
            raise FileProblem(f"「{kind} {step} {code}」は、この組織改正にありません。", row=number)
        if line in seen:
            raise FileProblem(f"「{code}」の行が、{seen[line]} 行目にもあります。", row=number)
        seen[line] = number
        choices = _choices(made[line.step - 1], kind)
        choices.pop(line.key, None)
        if heir.strip():
            count += 1
            choices[line.key] = _heir(heir.strip(), made[line.step - 1], after, number)
    return made, count


def _heir(text: str, step: DocumentStep, after: Organisation, row: int) -> str:
    """The successor that a cell names, by code or by name. Raises FileProblem."""
    heirs = step.get("successors", [])
    for code in heirs:
        if fold(text) in {fold(code), fold(after.called(code))}:
            return code
    names = "、".join(map(after.called, heirs))
    raise FileProblem(f"「{text}」は引継ぎ先にありません。{names} のどれかを書いてください。", row=row)

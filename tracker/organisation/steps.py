"""The steps of a reorganisation (組織改正): what each kind is called, and what it holds. Pure."""

from typing import Final, NotRequired, TypedDict


class DocumentStep(TypedDict):
    """A step. Departments are named by their codes; one that an earlier step creates has its code, too.

    `departments` are those that it is about: one, or those that are merged. `name`, `division` and
    `short_name` are of a rename or of a new department. `successors` take over from the fiscal year of the
    document. `initiatives` and `people` say who takes over which, by id; `rest` what nobody chose for.
    `words` tell the step as it was applied.
    """

    kind: str
    departments: list[str]
    name: NotRequired[str]
    division: NotRequired[str]
    short_name: NotRequired[str]
    successors: NotRequired[list[str]]
    initiatives: NotRequired[dict[str, str]]
    people: NotRequired[dict[str, str]]
    rest: NotRequired[str]
    words: NotRequired[str]


RENAME, CREATE, MERGE, SPLIT, ABOLISH, MOVE = "rename", "create", "merge", "split", "abolish", "move"
KINDS: Final = {
    RENAME: "名称の変更",
    CREATE: "新しい課",
    MERGE: "統合",
    SPLIT: "分割",
    ABOLISH: "廃止",
    MOVE: "担当の移動",
}
EXPLAINED: Final = {
    RENAME: "課は同じまま、名称や部が変わります。これまでの公表版は、これまでの名称のままです。",
    CREATE: "課を新しく置きます。統合や分割の引継ぎ先になる課は、先にここで作ります。",
    MERGE: "いくつかの課が 1 つの課になります。取組と人は、すべて引継ぎ先に移ります。",
    SPLIT: "1 つの課が、いくつかの課に分かれます。取組と人ごとに、引継ぎ先を選びます。",
    ABOLISH: "課がなくなり、取組と人を 1 つの課が引き継ぎます。",
    MOVE: "課はそのままで、選んだ取組の担当だけを、ほかの課に移します。",
}
ENDING: Final = (MERGE, SPLIT, ABOLISH)


def touched(steps: list[DocumentStep]) -> set[str]:
    """The codes of all departments that steps are about or lead to."""
    return {code for step in steps for code in (*step["departments"], *step.get("successors", ()))}


def chosen(step: DocumentStep, whose: str, key: int) -> str:
    """Who takes over an initiative (`whose` "initiatives") or a person ("people"); "" where nobody is."""
    successors = step.get("successors", [])
    choices: dict[str, str] = step.get(whose, {})  # type: ignore[assignment]
    code = choices.get(str(key)) or step.get("rest", "")
    return code if code in successors else successors[0] if len(successors) == 1 else ""

"""What a reorganisation does, worked out on plain values before anything is written. Pure.

An `Organisation` is all that it may change. `outcome_of` lets the steps happen one after another on a copy,
and says what stands in the way. What is written is the difference.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import count

from tracker.organisation.steps import CREATE, ENDING, KINDS, MOVE, RENAME, DocumentStep, chosen
from tracker.words.duties import answering
from tracker.words.fiscal_years import short_label, term_in, terms_overlap
from tracker.words.places import initiative_numbers


@dataclass(frozen=True)
class DepartmentNow:
    """A department as it is called, from its first fiscal year to its last."""

    code: str
    name: str
    division: str = ""
    short_name: str = ""
    first: int | None = None
    last: int | None = None
    is_contact: bool = False

    def is_there_in(self, fiscal_year: int) -> bool:
        return term_in(fiscal_year, self.first, self.last) == "current"


@dataclass(frozen=True)
class NameBefore:
    """What a department was called up to a fiscal year."""

    department: str
    name: str
    division: str
    short_name: str
    last: int


@dataclass(frozen=True)
class Succession:
    predecessor: str
    successor: str
    fiscal_year: int


@dataclass(frozen=True)
class Duty:
    """A department's duty for an initiative, at a place among others, in which fiscal years."""

    initiative: int
    department: str
    position: int
    first: int | None = None
    last: int | None = None

    def reaches(self, fiscal_year: int) -> bool:
        """Whether it holds in that year or later."""
        return self.last is None or self.last >= fiscal_year


@dataclass(frozen=True)
class Post:
    """A person's place in a department."""

    person: int
    department: str
    is_concurrent: bool = False
    is_head: bool = False


@dataclass(frozen=True)
class Task:
    """An initiative: its place in the table, its pledge, its last fiscal year.

    `manifesto`: the name of its manifesto, where there are several; then its place begins with its slug.
    """

    place: str
    title: str
    last: int | None = None
    manifesto: str = ""

    @property
    def whole_title(self) -> str:
        return f"{self.title}（{self.manifesto}）" if self.manifesto else self.title


@dataclass
class Organisation:
    """Departments by code; the others by the id of their row. What is not written yet has a negative id.

    `tasks`, `people` and `logins` are what duties and posts name: initiatives, people's names and user names.
    """

    departments: dict[str, DepartmentNow] = field(default_factory=dict)
    names: dict[int, NameBefore] = field(default_factory=dict)
    successions: dict[int, Succession] = field(default_factory=dict)
    duties: dict[int, Duty] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    logins: Mapping[int, str] = field(default_factory=dict)

    def copied(self) -> "Organisation":
        """One whose rows can be changed without these."""
        parts = ("departments", "names", "successions", "duties", "posts")
        return replace(self, **{name: copy(getattr(self, name)) for name in parts})

    def called(self, code: str) -> str:
        return self.departments[code].name if code in self.departments else code

    def running(self, code: str, fiscal_year: int) -> list[Duty]:
        """A department's duties from a year on, for initiatives that run in it, in the table's order."""
        found = [
            duty
            for duty in self.duties.values()
            if duty.department == code
            and duty.reaches(fiscal_year)
            and not _has_ended(self.tasks.get(duty.initiative), fiscal_year)
        ]
        return sorted(found, key=lambda duty: _order(self.tasks.get(duty.initiative)))

    def answering(self, initiative: int, fiscal_year: int, today: int) -> set[str]:
        """Who answers in the fiscal year `today` for a row of a fiscal year."""
        own = [duty for duty in self.duties.values() if duty.initiative == initiative]

        def in_charge(year: int) -> set[str]:
            return {each.department for each in own if term_in(year, each.first, each.last) == "current"}

        def is_there(code: str) -> bool:
            last = self.departments[code].last
            return last is None or last >= today

        return set(answering(in_charge, is_there, fiscal_year, today))

    def members(self, code: str) -> list[int]:
        """The people of a department who can be used, by name."""
        there = (post.person for post in self.posts.values() if post.department == code)
        found = {person for person in there if person in self.people}
        return sorted(found, key=lambda person: self.people.get(person, ""))


def _has_ended(task: Task | None, fiscal_year: int) -> bool:
    return task is not None and task.last is not None and task.last < fiscal_year


def _order(task: Task | None) -> tuple[int, ...]:
    return initiative_numbers(task.place.rpartition("/")[2]) if task else ()


@dataclass(frozen=True)
class Problem:
    """Why a reorganisation must not happen, and which step (counted from 1; 0: all of it) says so."""

    step: int
    words: str


@dataclass
class Outcome:
    """The organisation afterwards, what stands in the way, and what each step did, in words."""

    fiscal_year: int
    before: Organisation
    after: Organisation
    problems: list[Problem] = field(default_factory=list)
    told: list[dict[str, list[str | None]]] = field(default_factory=list)  # per step: what → [before, after]

    @property
    def homeless(self) -> list[str]:
        """The names of people who would belong to no department any more."""
        had = {post.person for post in self.before.posts.values()}
        have = {post.person for post in self.after.posts.values()}
        return sorted(self.before.people[person] for person in had - have if person in self.before.people)


def outcome_of(organisation: Organisation, fiscal_year: int, steps: Iterable[DocumentStep]) -> Outcome:
    """Lets the steps happen on a copy, in order."""
    happening = _Happening(organisation, fiscal_year)
    for number, step in enumerate(steps, start=1):
        happening.take(number, step)
    happening.look_back()
    return happening.outcome


class _Happening:
    """One reorganisation while its steps happen."""

    def __init__(self, organisation: Organisation, fiscal_year: int) -> None:
        self.year = fiscal_year
        self.outcome = Outcome(fiscal_year, organisation, organisation.copied())
        self.new_id = (-number for number in count(1))
        self.number = 0
        self.told: dict[str, list[str | None]] = {}

    @property
    def now(self) -> Organisation:
        return self.outcome.after

    def take(self, number: int, step: DocumentStep) -> None:
        self.number, self.told = number, {}
        acts: dict[str, Callable[[DocumentStep], None]] = {
            RENAME: self.rename,
            CREATE: self.create,
            MOVE: self.move,
        }
        act = self.end if step["kind"] in ENDING else acts[step["kind"]]
        if all(self.knows(code, step) for code in step["departments"] if step["kind"] != CREATE):
            act(step)
        self.outcome.told.append(self.told)

    def refuse(self, words: str) -> None:
        self.outcome.problems.append(Problem(self.number, words))

    def knows(self, code: str, step: DocumentStep) -> bool:
        """Whether there is such a department to begin with in the year; says so where not."""
        department = self.now.departments.get(code)
        if department is None:
            self.refuse(f"コード「{code}」の担当課がありません。")
        elif not department.is_there_in(self.year):
            years = f"{short_label(self.year)}には"
            self.refuse(f"「{department.name}」は、{years}ありません（{KINDS[step['kind']]}できません）。")
        return department is not None and department.is_there_in(self.year)

    # --- names

    def rename(self, step: DocumentStep) -> None:
        code = step["departments"][0]
        old = self.now.departments[code]
        new = _renamed(old, step)
        if new == old:
            self.refuse(f"「{old.name}」の名称・部・略称が、いまと同じです。")
            return
        if not self.is_free(new.name, code):
            return
        last = self.year - 1
        if any(each.department == code and each.last >= last for each in self.now.names.values()):
            self.refuse(
                f"「{old.name}」は、{short_label(self.year)}かそれより後に、すでに名称を変えています。"
            )
            return
        if old.first is not None and old.first > last:
            self.refuse(f"「{old.name}」は、{short_label(old.first)}に置く課です。その名称を直してください。")
            return
        before = NameBefore(code, old.name, old.division, old.short_name, last)
        self.now.names[next(self.new_id)] = before
        self.now.departments[code] = new
        for what, was, becomes in (
            ("名称", old.name, new.name),
            ("部", old.division, new.division),
            ("略称", old.short_name, new.short_name),
        ):
            if was != becomes:
                self.told[what] = [was, becomes]

    def create(self, step: DocumentStep) -> None:
        code, name = step["departments"][0], step.get("name", "")
        if code in self.now.departments:
            self.refuse(f"コード「{code}」は、「{self.now.called(code)}」が使っています。")
        elif self.is_free(name, code):
            names = (name, step.get("division", ""), step.get("short_name", ""))
            self.now.departments[code] = DepartmentNow(code, *names, first=self.year)
            self.told["新しい課"] = [None, name]

    def is_free(self, name: str, code: str) -> bool:
        """Whether no other department of that name is there from the year on; says so where not."""
        same = [
            each
            for each in self.now.departments.values()
            if each.name == name and each.code != code and (each.last is None or each.last >= self.year)
        ]
        if same:
            self.refuse(f"「{name}」という担当課が、ほかにあります（コード {same[0].code}）。")
        return not same

    # --- endings and moves

    def end(self, step: DocumentStep) -> None:
        for code in step["departments"]:
            self.end_one(code, step)

    def end_one(self, code: str, step: DocumentStep) -> None:
        old, successors = self.now.departments[code], step.get("successors", [])
        if not self.may_follow(code, successors):
            return
        unchosen = [
            duty
            for duty in self.now.running(code, self.year)
            if not chosen(step, "initiatives", duty.initiative)
        ]
        if unchosen and successors:
            self.refuse(f"「{old.name}」の取組のうち、引継ぎ先を選んでいないもの：{self.places(unchosen)}")
            return
        people = [each for each in self.now.members(code) if not chosen(step, "people", each)]
        if people and successors:
            names = "、".join(self.now.people.get(each, "") for each in people)
            self.refuse(f"「{old.name}」の人のうち、引継ぎ先を選んでいない人：{names}")
            return
        if old.first is not None and old.first >= self.year:
            self.refuse(f"「{old.name}」は、{short_label(old.first)}に置く課です。同じ年度にはなくせません。")
            return
        self.now.departments[code] = replace(old, last=self.year - 1, is_contact=False)
        self.told[f"{old.name}：最後の年度"] = [None, short_label(self.year - 1)]
        for successor in successors:
            self.now.successions[next(self.new_id)] = Succession(code, successor, self.year)
        if successors:
            self.told[f"{old.name}：引継ぎ先"] = [None, "、".join(map(self.now.called, successors))]
        if old.is_contact and successors:
            heir = self.now.departments[successors[0]]
            self.now.departments[heir.code] = replace(heir, is_contact=True)
            self.told["公開ページの問い合わせ先"] = [old.name, heir.name]
        first = successors[0] if successors else ""  # of what nobody chooses for: initiatives that have ended
        self.hand_over(code, lambda duty: chosen(step, "initiatives", duty.initiative) or first)
        self.move_people(code, step)

    def may_follow(self, code: str, successors: list[str]) -> bool:
        """Whether departments can take over; says so where one cannot."""
        name = self.now.called(code)
        if code in successors:
            self.refuse(f"「{name}」の引継ぎ先が、「{name}」自身です。")
            return False
        for each in successors:
            heir = self.now.departments.get(each)
            if heir and heir.is_there_in(self.year) and heir.last is not None:
                last = short_label(heir.last)
                self.refuse(f"「{heir.name}」は{last}でなくなるので、「{name}」の引継ぎ先にできません。")
                return False
            if heir is None or not heir.is_there_in(self.year):
                heir_name, year = self.now.called(each), short_label(self.year)
                self.refuse(f"「{name}」の引継ぎ先「{heir_name}」は、{year}にはありません。")
                return False
        return True

    def move(self, step: DocumentStep) -> None:
        code, successors = step["departments"][0], step.get("successors", [])
        moved = set(step.get("initiatives", {}))
        if not successors or not moved:
            self.refuse(f"「{self.now.called(code)}」から移す取組と、移す先を選んでください。")
        elif self.may_follow(code, successors):
            there = {str(duty.initiative) for duty in self.now.running(code, self.year)}
            if lacking := sorted(moved - there):
                named = [self.now.tasks.get(int(each)) for each in lacking]
                places = "、".join(task.place if task else "（なくなった取組）" for task in named)
                self.refuse(f"「{self.now.called(code)}」は、もう担当していません：{places}")
                return
            self.hand_over(code, lambda duty: successors[0] if str(duty.initiative) in moved else None)

    def hand_over(self, code: str, heir_of: Callable[[Duty], str | None]) -> None:
        """Ends duties with the year before, and gives them to their heirs; None: the duty stays."""
        for key, duty in sorted(self.now.duties.items()):
            if duty.department != code or not duty.reaches(self.year):
                continue
            task = self.now.tasks.get(duty.initiative)
            heir = heir_of(duty)
            if heir is None:
                continue
            begun = duty.first is None or duty.first < self.year
            if begun:
                self.now.duties[key] = replace(duty, last=self.year - 1)
            else:
                del self.now.duties[key]
            if heir:
                self.give(heir, replace(duty, first=self.year) if begun else duty)
            if task and heir:
                was = self.told.setdefault(f"担当 {task.place}", [None, self.now.called(heir)])
                was[0] = f"{was[0]}、{self.now.called(code)}" if was[0] else self.now.called(code)

    def give(self, code: str, duty: Duty) -> None:
        """A department has the duty from its first year on; one that it has already lasts as long."""
        for key, own in self.now.duties.items():
            is_own = own.department == code and own.initiative == duty.initiative
            if is_own and terms_overlap(own.first, own.last, duty.first, duty.last):
                first = None if own.first is None or duty.first is None else min(own.first, duty.first)
                last = None if own.last is None or duty.last is None else max(own.last, duty.last)
                self.now.duties[key] = replace(own, first=first, last=last)
                return
        position = self.free_position(duty)
        self.now.duties[next(self.new_id)] = replace(duty, department=code, position=position)

    def free_position(self, duty: Duty) -> int:
        """The duty's own position, or the next one that no other duty of that first year has."""
        taken = {
            each.position
            for each in self.now.duties.values()
            if each.initiative == duty.initiative and each.first == duty.first
        }
        return next(number for number in count(duty.position) if number not in taken)

    def move_people(self, code: str, step: DocumentStep) -> None:
        for key, post in sorted(self.now.posts.items()):
            if post.department != code:
                continue
            heirs = step.get("successors", [])
            heir = chosen(step, "people", post.person) or (heirs[0] if heirs else "")
            own = {
                each.department: number
                for number, each in self.now.posts.items()
                if each.person == post.person
            }
            if heir and heir not in own:
                self.now.posts[key] = replace(post, department=heir)
            else:
                del self.now.posts[key]
            if heir in own:  # what they were there, or here, they stay
                both = self.now.posts[own[heir]]
                self.now.posts[own[heir]] = replace(
                    both,
                    is_concurrent=both.is_concurrent and post.is_concurrent,
                    is_head=both.is_head or post.is_head,
                )
            if post.person in self.now.people:
                name = f"{self.now.people[post.person]}（{self.now.logins.get(post.person, '')}）"
                told = self.told.setdefault(f"所属 {name}", [None, self.now.called(heir) if heir else None])
                told[0] = f"{told[0]}、{self.now.called(code)}" if told[0] else self.now.called(code)

    # --- all of it

    def look_back(self) -> None:
        """What no single step can see: an initiative that would be left with nobody."""
        self.number = 0
        had, have = (self._answered(each) for each in (self.outcome.before, self.now))
        left = [task for key, task in self.now.tasks.items() if key in had - have]
        if left:
            places = "、".join(f"{task.place} {task.title}" for task in sorted(left, key=_order)[:10])
            more = f" ほか {len(left) - 10} 件" if len(left) > 10 else ""
            self.refuse(f"担当課がなくなる取組があります。引継ぎ先を選んでください：{places}{more}")

    def _answered(self, organisation: Organisation) -> set[int]:
        """The initiatives that a department answers for in the year."""
        return {
            duty.initiative
            for duty in organisation.duties.values()
            if term_in(self.year, duty.first, duty.last) == "current"
        }

    def places(self, duties: Iterable[Duty]) -> str:
        found = [
            self.now.tasks[duty.initiative].place for duty in duties if duty.initiative in self.now.tasks
        ]
        return "、".join(found[:10]) + (f" ほか {len(found) - 10} 件" if len(found) > 10 else "")


def words_of(step: DocumentStep, outcome: Outcome) -> str:
    """A step in a few words: 「商工労働課 → 商工振興課」."""

    def called(code: str) -> str:
        return (
            outcome.before.called(code) if code in outcome.before.departments else outcome.after.called(code)
        )

    if step["kind"] == RENAME and (then := outcome.before.departments.get(step["departments"][0])):
        return " → ".join(told_apart(then, _renamed(then, step)))
    about = "、".join(map(called, step["departments"]))
    to = step.get("name") or "、".join(map(outcome.after.called, step.get("successors", ())))
    if step["kind"] == CREATE:
        return step.get("name", about)
    return f"{about} → {to}" if to else about


def _renamed(department: DepartmentNow, step: DocumentStep) -> DepartmentNow:
    return replace(
        department,
        name=step.get("name", ""),
        division=step.get("division", ""),
        short_name=step.get("short_name", ""),
    )


def told_apart(then: DepartmentNow, now: DepartmentNow) -> tuple[str, str]:
    """What a department is called then and now, with what differs: the name, else its division, else its
    short name.
    """
    ways: tuple[Callable[[DepartmentNow], str], ...] = (
        lambda each: each.name,
        lambda each: f"{each.division} {each.name}".strip(),
        lambda each: f"{each.name}（略称：{each.short_name or 'なし'}）",
    )
    told = [(words(then), words(now)) for words in ways]
    return next((both for both in told if both[0] != both[1]), told[0])

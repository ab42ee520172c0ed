"""A list of people beside those who are there: who is new, moved, changed, comes back, leaves. Pure.

A list is applied as a whole or not at all: one refused cell, and it cannot be. A column that the list lacks
changes nothing; an empty cell empties, but for the role, which nobody loses or gets by an empty cell.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property

from tracker.organisation.people.file.cells import ListedOffice, OfficeFinder, squeezed
from tracker.organisation.people.file.columns import (
    FAMILY,
    FULL_NAME,
    GIVEN,
    HEAD,
    HEADING,
    MAIL,
    NUMBER,
    OFFICE,
    OTHERS,
    ROLE,
)
from tracker.organisation.people.file.reading import ListedRow, ListedTable
from tracker.words.digests import canonical_json, sha256
from tracker.words.folding import fold
from tracker.words.typed_text import line_refusal

MOST_NAME, MOST_NUMBER, MOST_MAIL = 150, 150, 254  # characters, as the database has them
YES_WORDS = {"○", "〇", "◯", "◎", "1", "はい", "yes", "true", "課長"}
NO_WORDS = {"", "×", "0", "いいえ", "no", "false", "-", "ー", "―", "なし"}


class ChangeKind(StrEnum):
    """What becomes of a person."""

    NEW = "new"
    RETURNING = "returning"
    MOVED = "moved"
    CHANGED = "changed"
    LEAVING = "leaving"


@dataclass(frozen=True)
class Person:
    """A person as a list can say: `offices` by id, the main one first, then the others in order of id."""

    username: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    role: str = ""
    is_active: bool = True
    offices: tuple[int, ...] = ()
    heads: frozenset[int] = frozenset()

    @property
    def full_name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()


@dataclass(frozen=True)
class StoredPerson:
    """Somebody who is there. The demo's people are nobody's to list."""

    id: int
    person: Person
    is_demo: bool = False


@dataclass(frozen=True)
class PersonChange:
    """A person before (None: new) and after. `row` is that of the list; None for who is not in it."""

    id: int | None
    before: Person | None
    after: Person
    row: int | None = None

    @property
    def kind(self) -> ChangeKind:
        before, after = self.before, self.after
        if before is None:
            return ChangeKind.NEW
        if before.is_active != after.is_active:
            return ChangeKind.RETURNING if after.is_active else ChangeKind.LEAVING
        return ChangeKind.CHANGED if before.offices == after.offices else ChangeKind.MOVED


@dataclass(frozen=True)
class RefusedCell:
    """A cell that cannot be taken, whose it is, and why."""

    address: str
    who: str
    heading: str
    words: str


@dataclass(frozen=True)
class World:
    """What a list is compared with, and the rules that the database has for its cells.

    `by` is the id of the person who applies; `roles` are the role's names by what a list calls them;
    `number_refusal` and `mail_refusal` say what is wrong with a text ("" for nothing).
    """

    fiscal_year: int
    offices: Sequence[ListedOffice]
    people: Sequence[StoredPerson]
    by: int
    roles: Mapping[str, str]
    ordinary_role: str
    number_refusal: Callable[[str], str]
    mail_refusal: Callable[[str], str]


@dataclass(frozen=True)
class PeoplePlan:
    """What a list would do. `absent` are usable people who are not in it, and stay as they are."""

    changes: Sequence[PersonChange]
    refusals: Sequence[RefusedCell]
    unchanged: Sequence[Person]
    absent: Sequence[Person]
    doubts: Sequence[str]
    office_names: Mapping[int, str]
    conditions: tuple[object, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Stands for all that the plan says: while it is the same, a preview is true."""
        changes = [
            [each.id, each.row, _told(each.before) if each.before else None, _told(each.after)]
            for each in self.changes
        ]
        rest = [[asdict(each) for each in self.refusals], [each.username for each in self.absent]]
        names = {str(pk): name for pk, name in self.office_names.items()}
        return sha256(canonical_json([changes, rest, list(self.doubts), names, list(self.conditions)]))

    @cached_property
    def counts(self) -> dict[str, int]:
        found = Counter(str(change.kind) for change in self.changes)
        return {str(kind): found[str(kind)] for kind in ChangeKind} | {"unchanged": len(self.unchanged)}

    def of(self, kind: ChangeKind) -> list[PersonChange]:
        return [change for change in self.changes if change.kind is kind]


def _told(person: Person) -> dict[str, object]:
    return {**vars(person), "heads": sorted(person.heads)}


def compare(table: ListedTable, world: World, *, closes_missing: bool) -> PeoplePlan:
    """What applying the list would do now."""
    comparison = _Comparison(table, world)
    wanted = [
        (row, stored, after) for row in table.rows for stored, after in [comparison.person(row)] if after
    ]
    changes = [
        PersonChange(stored.id if stored else None, stored.person if stored else None, after, row.row)
        for row, stored, after in wanted
        if stored is None or stored.person != after
    ]
    unchanged = [after for _row, stored, after in wanted if stored and stored.person == after]
    missing = comparison.missing()
    leaving = [each for each in missing if closes_missing and each.id != world.by]
    changes += [PersonChange(each.id, each.person, replace(each.person, is_active=False)) for each in leaving]
    absent = [each.person for each in missing if each not in leaving]
    doubts = comparison.doubts(changes, is_own_name_missing=closes_missing)
    conditions = (world.fiscal_year, closes_missing)
    names = {office.id: office.name for office in world.offices}
    return PeoplePlan(changes, comparison.refusals, unchanged, absent, doubts, names, conditions)


def applied(people: Sequence[StoredPerson], plan: PeoplePlan) -> list[Person]:
    """The people after a plan, by user name: what writing it must come to."""
    after = {each.person.username: each.person for each in people}
    after |= {change.after.username: change.after for change in plan.changes}
    return sorted(after.values(), key=lambda person: person.username)


class _Comparison:
    """One comparison on its way: finds people and departments, and gathers what is refused."""

    def __init__(self, table: ListedTable, world: World) -> None:
        self.table, self.world = table, world
        self.offices = OfficeFinder(world.offices, world.fiscal_year)
        self.by_name = {each.person.username: each for each in world.people}
        self.by_case: dict[str, list[str]] = {}
        for username in self.by_name:
            self.by_case.setdefault(username.casefold(), []).append(username)
        self.by_digits = {name.lstrip("0"): name for name in self.by_name if _is_number(name)}
        self.refusals: list[RefusedCell] = []
        self.listed: dict[str, int] = {}  # the row of each number; of new ones without regard to case
        self.named: set[str] = set()

    def missing(self) -> list[StoredPerson]:
        """Usable people whom the list does not name."""
        found = (each for each in self.world.people if each.person.is_active and not each.is_demo)
        return [each for each in found if each.person.username not in self.named]

    def person(self, row: ListedRow) -> tuple[StoredPerson | None, Person | None]:
        """The one who is there, and what the row makes of them; (…, None) where it is refused."""
        before = len(self.refusals)
        for name, words in row.problems.items():
            self._refuse(row, name, words)
        number, stored = self._number(row)
        if len(self.refusals) > before:
            return stored, None
        last_name, first_name = self._full_name(row, stored)
        offices = self._offices(row, stored)
        are_found = len(self.refusals) == before  # else a head of one of them is no second fault
        person = Person(
            username=number,
            last_name=last_name,
            first_name=first_name,
            email=self._mail(row, stored),
            role=self._role(row, stored),
            offices=offices,
            heads=self._heads(row, stored, offices) if are_found else frozenset(),
        )
        return stored, person if len(self.refusals) == before else None

    def _refuse(self, row: ListedRow, name: str, words: str) -> None:
        who = " ".join(
            filter(None, (" ".join(row.cells.get(each, "").split()) for each in (FULL_NAME, FAMILY, GIVEN)))
        )
        address = self.table.address(row.row, name)
        self.refusals.append(RefusedCell(address, who or row.cells.get(NUMBER, ""), HEADING[name], words))

    def _number(self, row: ListedRow) -> tuple[str, StoredPerson | None]:
        typed = row.cells.get(NUMBER, "")
        number = typed if typed in self.by_name else fold(typed)
        self.named.add(number)
        stored = self.by_name.get(number)
        if NUMBER in row.problems:
            return number, stored
        if words := self._number_refusal(number, stored):
            self._refuse(row, NUMBER, words)
        elif (first := self.listed.setdefault(number if stored else number.casefold(), row.row)) != row.row:
            self._refuse(row, NUMBER, f"同じ職員番号が {self.table.address(first, NUMBER)} にもあります。")
        return number, stored

    def _number_refusal(self, number: str, stored: StoredPerson | None) -> str:
        if not number:
            return "職員番号が空です。"
        if stored:
            is_demo = "見本の利用者です。一覧には書けません。別の職員番号にしてください。"
            return is_demo if stored.is_demo else ""
        if len(number) > MOST_NUMBER:
            return f"長すぎます（{MOST_NUMBER} 文字まで）。"
        if alike := self.by_case.get(number.casefold()):
            words = f"大文字と小文字が違うだけの利用者「{alike[0]}」がいます。"
            return f"{words}同じ人なら、そのとおりに書いてください。"
        other = self.by_digits.get(number.lstrip("0")) if _is_number(number) else None
        if other:
            return f"利用者「{other}」がいます。先頭の 0 が消えていないか、確かめてください。"
        return self.world.number_refusal(number)

    def _full_name(self, row: ListedRow, stored: StoredPerson | None) -> tuple[str, str]:
        if FULL_NAME in self.table.letters:
            name, parts = FULL_NAME, row.cells.get(FULL_NAME, "").split(maxsplit=1)
            last_name, first_name = (" ".join(part.split()) for part in (*parts, "", "")[:2])
        else:
            name = FAMILY
            last_name, first_name = (" ".join(row.cells.get(each, "").split()) for each in (FAMILY, GIVEN))
        if not last_name:
            self._refuse(row, name, f"{HEADING[name]}が空です。")
        elif max(len(last_name), len(first_name)) > MOST_NAME:
            self._refuse(row, name, f"長すぎます（{MOST_NAME} 文字まで）。")
        elif words := line_refusal(row.cells.get(name, "")):
            self._refuse(row, name, words)
        # 「山田太郎」 without a space is the same as 山田 and 太郎: how it is divided is known already.
        if stored and name == FULL_NAME:
            known = stored.person
            if squeezed(known.last_name + known.first_name) == squeezed(last_name + first_name):
                return known.last_name, known.first_name
        return last_name, first_name

    def _mail(self, row: ListedRow, stored: StoredPerson | None) -> str:
        if MAIL not in self.table.letters:
            return stored.person.email if stored else ""
        mail = fold(row.cells.get(MAIL, ""))
        if stored and mail == stored.person.email:
            return mail
        words = f"長すぎます（{MOST_MAIL} 文字まで）。" if len(mail) > MOST_MAIL else ""
        if mail and (words := words or self.world.mail_refusal(mail)):
            self._refuse(row, MAIL, words)
        return mail

    def _role(self, row: ListedRow, stored: StoredPerson | None) -> str:
        now = stored.person.role if stored else self.world.ordinary_role
        typed = fold(row.cells.get(ROLE, ""))
        if not typed:
            return now
        if typed not in self.world.roles:
            words = "、".join(self.world.roles)
            self._refuse(
                row, ROLE, f"「{row.cells[ROLE]}」という役割はありません。{words} のどれかにしてください。"
            )
            return now
        role = self.world.roles[typed]
        if stored and stored.id == self.world.by and role != now:
            self._refuse(row, ROLE, "自分の役割は変えられません。ほかの管理者に頼んでください。")
        return role

    def _offices(self, row: ListedRow, stored: StoredPerson | None) -> tuple[int, ...]:
        """The main one first. Without a column of others those that a person has stay."""
        main, others = self._found(row, OFFICE, [row.cells.get(OFFICE, "")]), []
        if OTHERS in self.table.letters:
            others = self._found(row, OTHERS, self.offices.divided(row.cells.get(OTHERS, "")))
        elif stored:
            others = [*stored.person.offices[1:]]
        if others and not main and row.cells.get(OFFICE, "") == "":
            if OTHERS in self.table.letters:
                self._refuse(row, OFFICE, "兼務があるのに、所属が空です。")
            else:
                others = []
        return (*main, *sorted(set(others) - set(main)))

    def _found(self, row: ListedRow, name: str, texts: Iterable[str]) -> list[int]:
        found = []
        for text in filter(None, texts):
            office = self.offices.find(text)
            if isinstance(office, str):
                self._refuse(row, name, office)
            else:
                found.append(office.id)
        return found

    def _heads(self, row: ListedRow, stored: StoredPerson | None, offices: tuple[int, ...]) -> frozenset[int]:
        if HEAD not in self.table.letters:
            return stored.person.heads & frozenset(offices) if stored else frozenset()
        text = row.cells.get(HEAD, "")
        word = fold(text).lower()
        if word in NO_WORDS:
            return frozenset()
        if word in YES_WORDS:
            if not offices:
                self._refuse(row, HEAD, "課長とする所属がありません。")
            return frozenset(offices[:1])
        found = self._found(row, HEAD, self.offices.divided(text))
        if not set(found) <= set(offices):
            self._refuse(row, HEAD, "所属でも兼務でもない課の課長にはできません。")
        return frozenset(found)

    def doubts(self, changes: Sequence[PersonChange], *, is_own_name_missing: bool) -> list[str]:
        """What is no error, and should be known before the list is applied."""
        after = {each.person.username: each.person for each in self.world.people if not each.is_demo}
        before = dict(after)
        after |= {change.after.username: change.after for change in changes}
        leaving = sum(change.kind is ChangeKind.LEAVING for change in changes)
        usable = sum(person.is_active for person in before.values())
        told = []
        if leaving * 2 > usable:
            words = f"いま使える {usable} 人のうち {leaving} 人が使えなくなります。"
            told.append(f"{words}表に全員がいるか、確かめてください。")
        told += self._mistaken_numbers(changes)
        told += self._shared_mails(after)
        told += self._deserted(before, after)
        homeless = [
            change.after
            for change in changes
            if change.after.is_active
            and not change.after.offices
            and change.after.role == self.world.ordinary_role
        ]
        if homeless:
            told.append(f"所属がないので、取組が 1 件も見えない人がいます：{_names(homeless)}")
        own = next((each for each in self.world.people if each.id == self.world.by), None)
        if is_own_name_missing and own and not own.is_demo and own.person.username not in self.named:
            told.append(f"あなた（{own.person.full_name}）は表にありませんが、使えるまま残します。")
        return told

    def _mistaken_numbers(self, changes: Sequence[PersonChange]) -> list[str]:
        """New people who are called as somebody whom the list does not name: a number may be mistyped."""
        missing = {squeezed(each.person.full_name): each.person for each in self.missing()}
        new = [change.after for change in changes if change.before is None]
        return [
            f"「{person.full_name}」は、新しい職員番号 {person.username} で登録します。"
            f"同じ氏名の {missing[name].username} は表にありません。職員番号を確かめてください。"
            for person in new
            if (name := squeezed(person.full_name)) in missing
        ]

    def _shared_mails(self, after: Mapping[str, Person]) -> list[str]:
        owners: dict[str, list[Person]] = {}
        for person in after.values():
            if person.is_active and person.email:
                owners.setdefault(person.email.casefold(), []).append(person)
        words = "同じメールアドレスの人がいます。パスワードの案内はメールでは送れず、印刷して渡します"
        return [
            f"{words}：{mail}（{_names(people)}）"
            for mail, people in sorted(owners.items())
            if len(people) > 1
        ]

    def _deserted(self, before: Mapping[str, Person], after: Mapping[str, Person]) -> list[str]:
        """Departments that are there in the year and lose everybody."""
        had, has = (
            {office for person in people.values() if person.is_active for office in person.offices}
            for people in (before, after)
        )
        left = [office.name for office in self.offices.there if office.id in had - has]
        return [f"使える人がいなくなる課があります：{'、'.join(left)}"] if left else []


def _names(people: Iterable[Person]) -> str:
    return "、".join(f"{person.full_name}（{person.username}）" for person in people)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()

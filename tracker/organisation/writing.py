"""Reads the organisation from the database, applies a reorganisation whole, and takes it back whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Model, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from tracker.choices import EventKind, ReorganisationState
from tracker.cycle import events, manifestos, one_writer, permissions
from tracker.models import (
    ROWS_PER_STATEMENT,
    Assignment,
    Department,
    DepartmentSuccession,
    Event,
    FormerName,
    Initiative,
    Membership,
    Reorganisation,
    SiteContact,
    User,
)
from tracker.organisation.outcome import (
    DepartmentNow,
    Duty,
    NameBefore,
    Organisation,
    Outcome,
    Post,
    Succession,
    Task,
    outcome_of,
    words_of,
)
from tracker.organisation.steps import KINDS, touched
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import short_label
from tracker.words.visible import says_nothing

Values = dict[str, Any]  # a row's columns


class ReorganisationProblem(Exception):  # noqa: N818 - the field's own word for it
    """What must not be done with a reorganisation, in words."""


OVERTAKEN = "画面を開いたあとに、ほかの人がこの組織改正を変えました。いまの内容を確かめてください。"


TAKEN = (
    "元に戻すと、そのあとに作られたもの（同じ名称の課、同じ所属や担当）と重なるか、戻す先の取組や人が"
    "なくなっているため、取り消せません。基本データの「変更の履歴」で、実施のあとの変更を確かめてください。"
)


class DocumentOvertaken(ReorganisationProblem):
    """Somebody has changed the document, or what it is about, since it was looked at."""


# Whose columns an organisation's rows are, by its part: the model, and (column, attribute, is a department).
PARTS: dict[str, tuple[type[Model], tuple[tuple[str, str, bool], ...]]] = {
    "departments": (
        Department,
        (
            *(("code", "code", False), ("name", "name", False), ("division", "division", False)),
            *(("short_name", "short_name", False), ("first_fiscal_year", "first", False)),
            *(("last_fiscal_year", "last", False), ("is_contact", "is_contact", False)),
        ),
    ),
    "names": (
        FormerName,
        (
            *(("department_id", "department", True), ("name", "name", False)),
            *(("division", "division", False), ("short_name", "short_name", False)),
            ("last_fiscal_year", "last", False),
        ),
    ),
    "successions": (
        DepartmentSuccession,
        (
            *(("predecessor_id", "predecessor", True), ("successor_id", "successor", True)),
            ("fiscal_year", "fiscal_year", False),
        ),
    ),
    "posts": (
        Membership,
        (
            *(("user_id", "person", False), ("department_id", "department", True)),
            *(("is_concurrent", "is_concurrent", False), ("is_head", "is_head", False)),
        ),
    ),
    "duties": (
        Assignment,
        (
            *(("initiative_id", "initiative", False), ("department_id", "department", True)),
            *(("position", "position", False), ("from_fiscal_year", "first", False)),
            ("to_fiscal_year", "last", False),
        ),
    ),
}
KINDS_OF_ROW = {"names": NameBefore, "successions": Succession, "posts": Post, "duties": Duty}
MODELS = {model.__name__: model for model, _columns in PARTS.values()}


def read_organisation() -> Organisation:
    """All that a reorganisation may change, in a statement per table."""
    codes: dict[int, str] = dict(Department.objects.values_list("pk", "code"))
    now = Organisation()
    columns = [column for column, _attribute, _is_department in PARTS["departments"][1]]
    for values in Department.objects.order_by("code").values_list(*columns):
        now.departments[values[0]] = DepartmentNow(*values)
    for part, kind in KINDS_OF_ROW.items():
        model, fields = PARTS[part]
        rows = model._default_manager.order_by("pk").values_list("pk", *(column for column, *_ in fields))
        for pk, *values in rows:
            told = zip(values, (is_department for *_, is_department in fields), strict=True)
            getattr(now, part)[pk] = kind(*(codes[value] if is_one else value for value, is_one in told))
    initiatives = list(Initiative.objects.with_place().select_related("pledge__section__manifesto"))
    names = manifestos.names()
    now.tasks = {each.pk: _task(each, names) for each in initiatives}
    users = list(User.objects.filter(is_active=True).only("username", "last_name", "first_name"))
    now.people = {user.pk: str(user) for user in users}
    now.logins = {user.pk: user.username for user in users}
    return now


def _task(initiative: Initiative, names: Mapping[int, str]) -> Task:
    """An initiative; where there are several manifestos its place begins with the slug of its own."""
    pledge = initiative.pledge
    manifesto = pledge.section.manifesto
    place = f"{manifesto.slug}/{initiative.place}" if names else initiative.place
    return Task(place, str(pledge), initiative.last_fiscal_year, names.get(manifesto.pk, ""))


def worked_out(document: Reorganisation) -> Outcome:
    """What a document would do now. Writes nothing."""
    return outcome_of(read_organisation(), document.fiscal_year, document.steps)


def fingerprint(document: Reorganisation, outcome: Outcome) -> str:
    """The same for a document and a preview of it that would do the same."""
    seen = [document.pk, document.version, outcome.told, [each.words for each in outcome.problems]]
    return sha256(canonical_json(seen))


def others_with_the_same(document: Reorganisation) -> list[tuple[Reorganisation, list[str]]]:
    """Other documents being prepared that touch departments of this one, with the departments' codes."""
    own = touched(document.steps)
    others = Reorganisation.objects.filter(state=ReorganisationState.PREPARED).exclude(pk=document.pk)
    return [(other, sorted(same)) for other in others if (same := own & touched(other.steps))]


# --- the document


@transaction.atomic
def write_steps(document: Reorganisation, steps: list[Any], *, by: User) -> Reorganisation:
    """Puts other steps in the place of a document's. Raises DocumentOvertaken, or ReorganisationProblem where
    another document touches the same departments.
    """
    _require_may(by)
    document = _locked(document, ReorganisationState.PREPARED)
    document.steps = steps
    same = others_with_the_same(document)
    if same:
        other, codes = same[0]
        names = Department.objects.filter(code__in=codes).values_list("name", flat=True)
        words = f"「{'、'.join(names) or '、'.join(codes)}」は、準備中の「{other}」でも扱っています。"
        raise ReorganisationProblem(f"{words}1 つの組織改正にまとめてください。")
    document.version += 1
    document.save(update_fields=["steps", "version"])
    return document


@transaction.atomic
def delete(document: Reorganisation, *, by: User) -> None:
    """Gives up a document that was only prepared. Its steps stay in the event."""
    _require_may(by)
    document = _locked(document, ReorganisationState.PREPARED)
    outcome = worked_out(document)
    content = {
        "act": "準備をやめた",
        "model": "組織改正",
        "name": str(document),
        "reorganisation": str(document),
        "steps": [f"{KINDS[step['kind']]}：{words_of(step, outcome)}" for step in document.steps],
    }
    subject = document.subject
    events.record(by=by.signature, kind=EventKind.CATALOGUE, subject=subject, content=content)
    document.delete()


@transaction.atomic
def apply(document: Reorganisation, *, by: User, expected: str) -> Outcome:
    """Does all that a document says, as it was looked at (`expected`, a `fingerprint`), or nothing.

    Raises DocumentOvertaken or ReorganisationProblem.
    """
    _require_may(by)
    one_writer.wait_for_turn()
    document = _locked(document, ReorganisationState.PREPARED)
    if same := others_with_the_same(document):
        raise ReorganisationProblem(f"準備中の「{same[0][0]}」でも、同じ課を扱っています。")
    outcome = worked_out(document)
    if fingerprint(document, outcome) != expected:
        raise DocumentOvertaken(
            "確かめたあとに、担当や所属が変わりました。下の内容をもう一度確かめてください。"
        )
    if outcome.problems or not document.steps:
        raise ReorganisationProblem("このままでは実施できません。下の「直すところ」を見てください。")
    document.written = _write(outcome)
    SiteContact.refresh()
    document.steps = [{**step, "words": words_of(step, outcome)} for step in document.steps]
    document.state = ReorganisationState.APPLIED
    document.applied_by, document.applied_at = by.signature, timezone.now()
    document.version += 1
    document.save()
    _record(document, outcome, by)
    return outcome


def _record(document: Reorganisation, outcome: Outcome, by: User) -> None:
    """One event per step, filed under the department that it is about."""
    known = Department.objects.in_bulk(field_name="code")
    happenings = []
    for step, told in zip(document.steps, outcome.told, strict=True):
        departments = [known[code] for code in step["departments"]]
        before = outcome.before.departments
        names = [before[each.code].name if each.code in before else each.name for each in departments]
        content = {
            "act": f"組織改正：{KINDS[step['kind']]}",
            "model": "担当課",
            "name": "、".join(names),
            "fiscal_year": document.fiscal_year,
            "changes": told,
            "departments": sorted({outcome.after.called(code) for code in touched([step])} | {*names}),
            "reorganisation": str(document),
        }
        subject = f"department:{departments[0].pk}"
        happenings.append(Event(kind=EventKind.CATALOGUE, subject=subject, content=content))
    events.record_all(happenings, by=by.signature)


@transaction.atomic
def undo(document: Reorganisation, *, by: User, reason: str) -> Reorganisation:
    """Puts back all that applying a document wrote. Raises ReorganisationProblem that names what was changed
    since.
    """
    _require_may(by)
    if says_nothing(reason):
        raise ReorganisationProblem("取り消す理由を書いてください。")
    one_writer.wait_for_turn()
    document = _locked(document, ReorganisationState.APPLIED)
    if found := list(changed_since(document)):
        words = "実施したあとに変わったものがあるので、取り消せません："
        more = f" ほか {len(found) - 10} 件" if len(found) > 10 else ""
        raise ReorganisationProblem(words + "、".join(found[:10]) + more)
    try:
        with transaction.atomic():
            _take_back(document.written)
            connection.check_constraints()
    except IntegrityError as problem:  # another has the name or the place that would come back
        raise ReorganisationProblem(TAKEN) from problem
    SiteContact.refresh()
    document.state = ReorganisationState.UNDONE
    document.version += 1
    document.save(update_fields=["state", "version"])
    content = {"act": "組織改正の取消し", "model": "組織改正", "name": str(document)}
    content["reorganisation"] = str(document)
    events.record(
        by=by.signature,
        kind=EventKind.CATALOGUE,
        subject=document.subject,
        content=content,
        reason=reason.strip(),
    )
    return document


def _require_may(by: User) -> None:
    if not permissions.may_reorganise(by):
        raise ReorganisationProblem("組織改正を扱えるのは、企画の職員と管理者だけです。")


def _locked(document: Reorganisation, state: ReorganisationState) -> Reorganisation:
    """The document as it is now. Raises DocumentOvertaken where it is not as it was read."""
    now = Reorganisation.objects.select_for_update().filter(pk=document.pk).first()
    if now is None or now.state != state or now.version != document.version:
        raise DocumentOvertaken(OVERTAKEN)
    return now


# --- rows


@dataclass(frozen=True)
class _Written:
    """One row that is written: None before where it is new, None after where it is deleted."""

    part: str
    key: int | str
    before: Any
    after: Any


def _differences(outcome: Outcome) -> Iterator[_Written]:
    for part in PARTS:
        before, after = getattr(outcome.before, part), getattr(outcome.after, part)
        for key in before | after:
            if before.get(key) != after.get(key):
                yield _Written(part, key, before.get(key), after.get(key))


def _write(outcome: Outcome) -> list[Values]:
    """Writes what differs, and says what it was: [{"model", "pk", "before", "after"}], columns by name."""
    found = list(_differences(outcome))
    ids: dict[str, int] = dict(Department.objects.values_list("code", "pk"))
    written: list[Values] = []
    for part, (model, _columns) in PARTS.items():
        rows = [each for each in found if each.part == part]
        gone = [each for each in rows if each.after is None]
        changed = [each for each in rows if each.before is not None and each.after is not None]
        new = [each for each in rows if each.before is None]
        by_code = part == "departments"
        keys = [ids[str(each.key)] if by_code else int(each.key) for each in (*gone, *changed)]
        model._default_manager.filter(pk__in=keys[: len(gone)]).delete()
        wanted = zip(keys[len(gone) :], changed, strict=True)
        _update(model, {pk: _columns_of(part, each.after, ids) for pk, each in wanted})
        made = [model(**_columns_of(part, each.after, ids)) for each in new]
        model._default_manager.bulk_create(made, batch_size=ROWS_PER_STATEMENT)
        if by_code:
            ids |= {str(row.code): row.pk for row in made}  # type: ignore[attr-defined]
        for pk, each in zip(keys, (*gone, *changed), strict=True):
            values = [_columns_of(part, row, ids) if row else None for row in (each.before, each.after)]
            written.append(_as_written(model, pk, *values))
        for each, row in zip(new, made, strict=True):
            written.append(_as_written(model, row.pk, None, _columns_of(part, each.after, ids)))
    return written


def _as_written(model: type[Model], pk: int, before: Values | None, after: Values | None) -> Values:
    return {"model": model.__name__, "pk": pk, "before": before, "after": after}


def _columns_of(part: str, row: Any, ids: dict[str, int]) -> Values:
    columns = PARTS[part][1]
    return {
        column: ids[getattr(row, attribute)] if is_department else getattr(row, attribute)
        for column, attribute, is_department in columns
    }


def _update(model: type[Model], values: dict[int, Values]) -> None:
    if model is Department:  # names change hands within one document: nobody has one meanwhile
        nameless = Concat(Value("\x7f"), Cast("pk", CharField()))
        Department.objects.filter(pk__in=list(values)).update(name=nameless, is_contact=False)
    rows = list(model._default_manager.filter(pk__in=list(values)))
    for row in rows:
        for column, value in values[row.pk].items():
            setattr(row, column, value)
    names = {name.removesuffix("_id") for each in values.values() for name in each}
    if rows:
        model._default_manager.bulk_update(rows, sorted(names), batch_size=ROWS_PER_STATEMENT)


def _take_back(written: list[Values]) -> None:
    """The rows as they were: in the opposite order of writing."""
    for model, _columns in reversed(list(PARTS.values())):
        rows = [each for each in written if each["model"] == model.__name__]
        model._default_manager.filter(pk__in=[each["pk"] for each in rows if each["before"] is None]).delete()
        _update(model, {each["pk"]: each["before"] for each in rows if each["before"] and each["after"]})
        gone = [model(pk=each["pk"], **each["before"]) for each in rows if each["after"] is None]
        model._default_manager.bulk_create(gone, batch_size=ROWS_PER_STATEMENT)


def changed_since(document: Reorganisation) -> Iterator[str]:
    """What was changed, deleted or built upon since a document was applied, by name."""
    names = _Names(document.written)
    for model in MODELS.values():
        rows = {each["pk"]: each for each in document.written if each["model"] == model.__name__}
        there = {row.pk: row for row in model._default_manager.filter(pk__in=list(rows))}
        for pk, each in rows.items():
            row, after = there.get(pk), each["after"]
            if after is not None and row is None:
                yield f"{names.of(model, after)}（なくなりました）"
            elif after is not None and any(getattr(row, column) != value for column, value in after.items()):
                yield names.of(model, after)
    yield from _built_upon(document)
    yield from _ended_since(document)


class _Names:
    """What written rows are called: duties and posts by what they join."""

    def __init__(self, written: list[Values]) -> None:
        rows = [row for each in written for row in (each["before"], each["after"]) if row]
        initiatives = {row["initiative_id"] for row in rows if "initiative_id" in row}
        found = Initiative.objects.with_place().select_related("pledge__section__manifesto")
        names = manifestos.names()
        self.places = {each.pk: _task(each, names).place for each in found.filter(pk__in=initiatives)}
        self.departments: dict[int, str] = dict(Department.objects.values_list("pk", "name"))
        people = {row["user_id"] for row in rows if "user_id" in row}
        self.people = {user.pk: str(user) for user in User.objects.filter(pk__in=people)}

    def of(self, model: type[Model], row: Values) -> str:
        office = self.departments.get(row.get("department_id") or row.get("predecessor_id") or 0, "")
        about = {
            Assignment: f"{self.places.get(row.get('initiative_id', 0), '')} {office}",
            Membership: f"{self.people.get(row.get('user_id', 0), '')} {office}",
            DepartmentSuccession: office,
        }.get(model, row.get("name", ""))
        return f"{model._meta.verbose_name}「{str(about).strip()}」"


def _ended_since(document: Reorganisation) -> Iterator[str]:
    """Departments that duties and people would come back to, and that have ended since."""
    own = {each["pk"] for each in document.written if each["model"] == "Department" and each["before"]}
    back = {
        each["before"]["department_id"]
        for each in document.written
        if each["before"] and "department_id" in each["before"]
    }
    ended = Department.objects.filter(pk__in=back - own, last_fiscal_year__isnull=False)
    for department in ended.order_by("code"):
        yield f"担当課「{department}」（{short_label(department.last_fiscal_year or 0)}でなくなります）"


def _built_upon(document: Reorganisation) -> Iterator[str]:
    """What others have hung on the departments that the document created."""
    created = [
        each["pk"] for each in document.written if each["model"] == "Department" and each["before"] is None
    ]
    own = {(each["model"], each["pk"]) for each in document.written}
    for relation in Department._meta.related_objects:
        if relation.many_to_many:  # the rows between say it by name
            continue
        rows = relation.related_model._default_manager.filter(Q((f"{relation.field.name}__in", created)))
        for row in rows.order_by("pk") if created else ():
            if (type(row).__name__, row.pk) not in own:
                yield f"{row._meta.verbose_name}「{row}」"

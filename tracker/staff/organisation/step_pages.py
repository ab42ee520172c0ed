"""Pages of a reorganisation's steps, and of who takes over what, by hand or by a workbook."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.models import Reorganisation, User
from tracker.organisation import writing
from tracker.organisation.outcome import DepartmentNow, Organisation, outcome_of
from tracker.organisation.steps import EXPLAINED, KINDS, MOVE, DocumentStep
from tracker.organisation.writing import ReorganisationProblem
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.rows import workbook_answer
from tracker.staff.frame.site import show
from tracker.staff.master.files import MAX_FILE_BYTES
from tracker.staff.organisation import choices_file as file
from tracker.staff.organisation.access import a_document, in_preparation, keeper, require_seen, step_number
from tracker.staff.organisation.forms import STEP_FORMS, FileForm, initial_of
from tracker.staff.organisation.pages import show_document
from tracker.staff.organisation.preview import CHOOSABLE
from tracker.workbooks.problems import FileProblem


@require_http_methods(["GET", "HEAD", "POST"])
def add_step(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A new step of a kind, at the end."""
    user, document = keeper(request), in_preparation(pk)
    if kind not in STEP_FORMS:
        raise Http404
    number = len(document.steps) + 1
    form = STEP_FORMS[kind](request.POST or None, _there(document, number), {})
    if request.method == "POST" and form.is_valid():
        steps = [*document.steps, form.step()]
        if answer := _written(request, document, steps, user, form):
            return answer
        return redirect(_after(document, number, form.step()))
    return _show_step(request, document, kind, form, number)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_step(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A step that is there, to be changed. Choices of who takes over what stay where they still hold."""
    user, document = keeper(request), in_preparation(pk)
    step: DocumentStep = document.steps[step_number(str(number), document) - 1]
    form = STEP_FORMS[step["kind"]](request.POST or None, _there(document, number), initial_of(step))
    if request.method == "POST" and form.is_valid():
        kept = {name: step[name] for name in ("initiatives", "people", "rest") if name in step}
        new = _still_chosen(cast(DocumentStep, {**kept, **form.step()}))
        steps = [new if place == number else each for place, each in enumerate(document.steps, start=1)]
        if answer := _written(request, document, steps, user, form):
            return answer
        return redirect(_after(document, number, new))
    return _show_step(request, document, step["kind"], form, number)


def _still_chosen(step: DocumentStep) -> DocumentStep:
    """A step whose successors may be others than before: what was moved goes to the new one, and choices of a
    department that takes over no more are open again.
    """
    heirs = step.get("successors", [])
    if step["kind"] == MOVE:
        return cast(
            DocumentStep, {**step, "initiatives": dict.fromkeys(step.get("initiatives", {}), heirs[0])}
        )
    kept = {
        whose: {key: code for key, code in cast(dict[str, str], step.get(whose, {})).items() if code in heirs}
        for whose in ("initiatives", "people")
    }
    return cast(DocumentStep, {**step, **kept})


def _there(document: Reorganisation, number: int) -> list[DepartmentNow]:
    """The departments that are there in the year, as the steps before leave them."""
    before = outcome_of(writing.read_organisation(), document.fiscal_year, document.steps[: number - 1])
    there = [each for each in before.after.departments.values() if each.is_there_in(document.fiscal_year)]
    return sorted(there, key=lambda each: each.code)


def _written(
    request: HttpRequest, document: Reorganisation, steps: list[DocumentStep], user: User, form: Any
) -> HttpResponse | None:
    """None where the steps are written; else nothing is, and the form says why."""
    try:
        require_seen(request, document)
        writing.write_steps(document, steps, by=user)
    except ReorganisationProblem as problem:
        form.add_error(None, str(problem))
        return _show_step(request, a_document(document.pk), form.kind, form, len(steps))
    return None


def _after(document: Reorganisation, number: int, step: DocumentStep) -> str:
    """Where one goes on: to the choices that a step needs, or back to the document."""
    if step["kind"] in CHOOSABLE:
        return _address("staff-reorganisation-choices", document.pk, number)
    return _address("staff-reorganisation", document.pk)


def _address(name: str, *args: int) -> str:
    return reverse(name, args=args)


def _show_step(
    request: HttpRequest, document: Reorganisation, kind: str, form: Any, number: int
) -> HttpResponse:
    context = {"document": document, "form": form, "number": number, "explained": EXPLAINED[kind]}
    typed = unshown_texts(request, form.fields)
    more = {"title": KINDS[kind], "is_choosable": kind in CHOOSABLE, "typed": typed}
    return show(request, "organisation/step", status=form.status, **context, **more)


# --- who takes over what


@dataclass(frozen=True)
class HeirChoice:
    """One initiative or person of a step, its field's name, and who was chosen ("" nobody on its own)."""

    name: str
    what: str
    chosen: str


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Who takes over each initiative and person of a step: one for all, and exceptions."""
    user, document = keeper(request), in_preparation(pk)
    step: DocumentStep = document.steps[step_number(str(number), document) - 1]
    if step["kind"] not in CHOOSABLE:
        raise Http404
    before = outcome_of(writing.read_organisation(), document.fiscal_year, document.steps[: number - 1]).after
    problem, status = "", 200
    if request.method == "POST":
        step = _chosen_in(request, step, before, document.fiscal_year)
        steps = [step if place == number else each for place, each in enumerate(document.steps, start=1)]
        try:
            require_seen(request, document)
            writing.write_steps(document, steps, by=user)
            return redirect("staff-reorganisation", document.pk)
        except ReorganisationProblem as found:
            problem, status, document = str(found), 409, a_document(pk)
    rows, people = _choices_of(step, before, document.fiscal_year)
    return show(
        request,
        "organisation/choices",
        status=status,
        title="引継ぎ先の選択" if step["kind"] != MOVE else "移す取組の選択",
        document=document,
        number=number,
        step=step,
        is_move=step["kind"] == MOVE,
        heirs=[(code, before.called(code)) for code in step.get("successors", [])],
        initiatives=rows,
        people=people,
        problem=problem,
        about="、".join(map(before.called, step["departments"])),
    )


def _choices_of(
    step: DocumentStep, before: Organisation, fiscal_year: int
) -> tuple[list[HeirChoice], list[HeirChoice]]:
    own = {whose: cast(dict[str, str], step.get(whose, {})) for whose in ("initiatives", "people")}
    initiatives = [
        HeirChoice(f"take_i{key}", f"{task.place}　{task.whole_title}", own["initiatives"].get(str(key), ""))
        for code in step["departments"]
        for key in (duty.initiative for duty in before.running(code, fiscal_year))
        if (task := before.tasks.get(key))
    ]
    people = [
        HeirChoice(f"take_p{key}", before.people.get(key, ""), own["people"].get(str(key), ""))
        for code in step["departments"]
        for key in before.members(code)
    ]
    return initiatives, [] if step["kind"] == MOVE else people


def _chosen_in(
    request: HttpRequest, step: DocumentStep, before: Organisation, fiscal_year: int
) -> DocumentStep:
    """The step with what the form chose; what is no choice of this page is left out."""
    heirs = step.get("successors", [])
    initiatives, people = _choices_of(step, before, fiscal_year)

    def picked(offered: list[HeirChoice]) -> dict[str, str]:
        found = {each.name.removeprefix("take_")[1:]: request.POST.get(each.name, "") for each in offered}
        return {key: code for key, code in found.items() if code in heirs}

    rest = request.POST.get("take_rest", "")
    made = {
        "initiatives": picked(initiatives),
        "people": picked(people),
        "rest": rest if rest in heirs else "",
    }
    return cast(DocumentStep, {**step, **made})


# --- the same as a workbook


@require_safe
def choices_file(request: HttpRequest, pk: int) -> HttpResponse:
    """All initiatives and people of a document's steps, with who takes them over, to be filled in."""
    keeper(request)
    document = a_document(pk)
    try:
        content = file.write(document.steps, writing.read_organisation(), document.fiscal_year)
    except FileProblem as problem:
        return show_document(request, document, problem=problem.in_words("一覧"), status=409)
    return workbook_answer(content, f"組織改正_{document.fiscal_year}年度.xlsx")


@require_http_methods(["POST"])
def choices_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes the choices of a filled-in workbook into the document, all or none."""
    user, document = keeper(request), a_document(pk)
    form = FileForm(request.POST, request.FILES)
    try:
        require_seen(request, document)
        if not form.is_valid():
            raise ReorganisationProblem("、".join(map(str, form.errors["file"])))
        content = form.cleaned_data["file"].read(MAX_FILE_BYTES + 1)
        organisation = writing.read_organisation()
        steps, count = file.read(content, document.steps, organisation, document.fiscal_year)
        writing.write_steps(document, steps, by=user)
    except (ReorganisationProblem, FileProblem) as problem:
        words = problem.in_words("ファイル") if isinstance(problem, FileProblem) else str(problem)
        refused = f"ファイルから取り込めませんでした。{words}"
        return show_document(request, a_document(pk), problem=refused, status=409)
    messages.success(request, f"ファイルから {count} 件の引継ぎ先を入れました。下の内容を確かめてください。")
    return redirect("staff-reorganisation", document.pk)

"""Pages of reorganisations: the list, and a document with its preview and its buttons."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.choices import ReorganisationState
from tracker.models import Reorganisation, User
from tracker.organisation import writing
from tracker.organisation.steps import EXPLAINED, KINDS
from tracker.organisation.writing import ReorganisationProblem
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.organisation.access import a_document, keeper, require_seen, step_number
from tracker.staff.organisation.forms import FileForm, NewForm, UndoForm
from tracker.staff.organisation.preview import CHOOSABLE, Preview


@require_http_methods(["GET", "HEAD", "POST"])
def reorganisations(request: HttpRequest) -> HttpResponse:
    """All documents, and the way to a new one."""
    keeper(request)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        document = Reorganisation.objects.create(**form.cleaned_data)
        return redirect("staff-reorganisation", document.pk)
    typed = unshown_texts(request, form.fields)
    context = {"form": form, "documents": Reorganisation.objects.all(), "typed": typed}
    return show(request, "organisation/list", status=form.status, title="組織改正", **context)


@require_http_methods(["GET", "HEAD", "POST"])
def reorganisation(request: HttpRequest, pk: int) -> HttpResponse:
    """A document: its steps and what they would do, and the buttons that apply it or take it back."""
    user, document = keeper(request), a_document(pk)
    acts: dict[str, Callable[[HttpRequest, Reorganisation, User], HttpResponse]] = {
        "apply": _apply,
        "undo": _undo,
        "delete": _delete,
        "drop": _drop_step,
    }
    act = acts.get(request.POST.get("act", ""))
    return act(request, document, user) if act else show_document(request, document)


def show_document(
    request: HttpRequest,
    document: Reorganisation,
    *,
    problem: str = "",
    status: int = 200,
    form: UndoForm | None = None,
) -> HttpResponse:
    is_prepared = document.state == ReorganisationState.PREPARED
    is_applied = document.state == ReorganisationState.APPLIED
    preview = Preview(document, writing.worked_out(document)) if is_prepared else None
    form = form or UndoForm()
    return show(
        request,
        "organisation/document",
        status=status,
        title=str(document),
        document=document,
        preview=preview,
        problem=problem,
        kinds=[(kind, KINDS[kind], EXPLAINED[kind]) for kind in KINDS],
        form=form,
        file_form=FileForm(),
        has_choices=any(step["kind"] in CHOOSABLE for step in document.steps),
        typed=unshown_texts(request, form.fields if is_applied else ()),
        changed=list(writing.changed_since(document))
        if document.state == ReorganisationState.APPLIED
        else [],
        done=_done(document),
        applied=[(KINDS[step["kind"]], step.get("words", "")) for step in document.steps],
    )


def _done(document: Reorganisation) -> list[tuple[str, int]]:
    """How many rows of each kind an applied document wrote."""
    counts: dict[str, int] = {}
    for each in document.written:
        name = str(writing.MODELS[each["model"]]._meta.verbose_name)
        counts[name] = counts.get(name, 0) + 1
    return list(counts.items())


def _apply(request: HttpRequest, document: Reorganisation, user: User) -> HttpResponse:
    try:
        require_seen(request, document)
        writing.apply(document, by=user, expected=request.POST.get("expected", ""))
    except ReorganisationProblem as problem:
        return show_document(request, a_document(document.pk), problem=str(problem), status=409)
    messages.success(request, f"「{document}」を実施しました。公表した版は変わりません。")
    return redirect("staff-reorganisation", document.pk)


def _undo(request: HttpRequest, document: Reorganisation, user: User) -> HttpResponse:
    form = UndoForm(request.POST)
    is_valid = form.is_valid()
    if document.state == ReorganisationState.APPLIED and not is_valid:
        return show_document(request, document, form=form, status=422)
    try:
        require_seen(request, document)
        writing.undo(document, by=user, reason=form.cleaned_data.get("reason", ""))
    except ReorganisationProblem as problem:
        return show_document(request, a_document(document.pk), problem=str(problem), status=409, form=form)
    messages.success(request, f"「{document}」を取り消しました。課・担当・所属は、実施する前に戻りました。")
    return redirect("staff-reorganisation", document.pk)


def _delete(request: HttpRequest, document: Reorganisation, user: User) -> HttpResponse:
    """A document that was only prepared goes. Its steps have changed nothing."""
    try:
        require_seen(request, document)
        writing.delete(document, by=user)
    except ReorganisationProblem as problem:
        return show_document(request, a_document(document.pk), problem=str(problem), status=409)
    messages.success(request, f"「{document}」をやめました。何も変わっていません。")
    return redirect("staff-reorganisations")


def _drop_step(request: HttpRequest, document: Reorganisation, user: User) -> HttpResponse:
    number = step_number(request.POST.get("step", ""), document)
    steps = [step for place, step in enumerate(document.steps, start=1) if place != number]
    try:
        require_seen(request, document)
        writing.write_steps(document, steps, by=user)
    except ReorganisationProblem as problem:
        return show_document(request, a_document(document.pk), problem=str(problem), status=409)
    return redirect("staff-reorganisation", document.pk)

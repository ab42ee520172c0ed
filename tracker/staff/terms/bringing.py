"""Pledges come into a term: chosen from the former one, or by a table; told by name before it is done.

What was shown is what is done: it is tried before each answer, and what would now do something else than the
page has shown is shown anew (as staff/pledges/steps.py does).
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tracker.cycle import catalogue, manifestos, term_pledges, terms
from tracker.cycle.rounds import RoundProblem
from tracker.cycle.term_pledges import BroughtPledge
from tracker.models import Category, Manifesto, Pledge, User
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.staff.frame.access import NoSuchTerm, row_number
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.rows import workbook_answer
from tracker.staff.frame.site import show
from tracker.staff.master import files, shown_rows
from tracker.staff.master.files import MasterFile
from tracker.staff.pledges.steps import CHANGED_SINCE, carried
from tracker.staff.terms import table
from tracker.staff.terms.access import a_term, beginner
from tracker.staff.terms.forms import AddPlaceForm
from tracker.staff.terms.pages import both_ways
from tracker.staff.terms.told import bringing_in_words
from tracker.workbooks.problems import FileProblem

# ---- Chosen from the former term


@both_ways
def former_pledges(request: HttpRequest, pk: int) -> HttpResponse:
    """All pledges of the former term, by field, to be chosen; what was chosen by name; then it is done."""
    user, manifesto = beginner(request), a_term(pk)
    former = terms.former_of(manifesto)
    if former is None:
        return show(request, "terms/former", title="前の任期の公約から選ぶ", manifesto=manifesto, former=None)
    chosen = _chosen(request, former)
    act, problem = request.POST.get("act", ""), ""
    if act in {"check", "do"}:
        try:
            year = catalogue.first_open_year(manifesto)
            brought = term_pledges.carried_on(former, chosen, year)
            return _try(request, manifesto, brought, user, is_wanted=act == "do")
        except RoundProblem as refused:
            problem = str(refused)
    return _choosing_page(request, manifesto, former, chosen, problem)


def _chosen(request: HttpRequest, former: Manifesto) -> set[int]:
    """The keys of the pledges whose boxes are ticked, or whose field's box is."""
    keys, fields = (
        {number for text in request.POST.getlist(name) if (number := row_number(text)) is not None}
        for name in ("pledge", "all_of")
    )
    wanted = Pledge.objects.filter(section__manifesto=former, section__parent__in=fields)
    return keys | set(wanted.values_list("pk", flat=True))


def _choosing_page(
    request: HttpRequest, manifesto: Manifesto, former: Manifesto, chosen: set[int], problem: str
) -> HttpResponse:
    pledges = Pledge.objects.filter(section__manifesto=former).select_related("section__parent")
    there = term_pledges.continued_in(manifesto)
    return show(
        request,
        "terms/former",
        status=409 if problem else 200,
        title="前の任期の公約から選ぶ",
        manifesto=manifesto,
        former=former,
        former_name=manifestos.name_of(former),
        pledges=[(each, there.get(each.pk), each.pk in chosen) for each in pledges.order_by(*PLEDGE_PLACE)],
        left=pledges.exclude(pk__in=there).count(),
        all_of=set(request.POST.getlist("all_of")),
        problem=problem,
    )


# ---- Told by name, then done


def _try(
    request: HttpRequest,
    manifesto: Manifesto,
    brought: Sequence[BroughtPledge],
    user: User,
    *,
    is_wanted: bool,
    fields: Sequence[tuple[str, str]] | None = None,
    noted: str = "",
) -> HttpResponse:
    """`fields` are what the page sends once more; by default all that was sent. Raises RoundProblem.

    `noted` tells what a table has that is not taken.
    """
    with transaction.atomic():
        done = term_pledges.bring_in(manifesto, brought, by=user)
        told = bringing_in_words(done)
        is_done = is_wanted and request.POST.get("expected") == told.digest and not told.does_nothing
        if not is_done:
            transaction.set_rollback(True)
    if is_done:
        words = f"公約 {len(told.pledges)} 件、取組 {told.initiative_count} 件を加えました。"
        linked = f"前の任期の公約と {len(told.linked)} 件をつなぎました。" if told.linked else ""
        messages.success(request, f"{words if told.pledges else ''}{linked}")
        return redirect("staff-term", manifesto.pk)
    return show(
        request,
        "terms/check",
        status=409 if is_wanted else 200,
        title="公約を加える（確認）",
        manifesto=manifesto,
        happening=told,
        has_round=manifesto.rounds.exists(),
        carried=carried(request) if fields is None else fields,
        problem=CHANGED_SINCE if is_wanted else "",
        has_table=fields is not None,
        noted=noted,
    )


# ---- By a table


class PledgeTableForm(StaffForm):
    """The table as a file."""

    file = forms.FileField(
        label="公約の表",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )

    def clean_file(self) -> MasterFile:
        try:
            found = files.read(self.cleaned_data["file"].read(files.MAX_FILE_BYTES + 1))
        except FileProblem as problem:
            raise forms.ValidationError(problem.in_words(self.cleaned_data["file"].name)) from problem
        if words := table.heading_problem(found):
            raise forms.ValidationError(words)
        return found


@both_ways
def pledge_table(request: HttpRequest, pk: int) -> HttpResponse:
    """The table to take out, its upload, what it would do, and doing it."""
    user, manifesto = beginner(request), a_term(pk)
    if "rows" in request.POST:
        if request.POST.get("act") == "edit":
            return redirect("staff-term-table", manifesto.pk)
        file, _more = shown_rows.unpack(request.POST["rows"], salt=_salt(manifesto, user), called="表")
        return _take_table(request, manifesto, user, file, is_wanted=True)
    form = PledgeTableForm(request.POST, request.FILES) if request.method == "POST" else PledgeTableForm()
    if form.is_valid():
        return _take_table(request, manifesto, user, form.cleaned_data["file"], is_wanted=False)
    return _table_page(request, manifesto, form)


def _take_table(
    request: HttpRequest, manifesto: Manifesto, user: User, file: MasterFile, *, is_wanted: bool
) -> HttpResponse:
    read = table.read_rows(file, manifesto, catalogue.first_open_year(manifesto))
    form = PledgeTableForm()
    if read.refused:
        return _table_page(request, manifesto, form, refused=read.refused)
    if not (packed := shown_rows.pack(file, salt=_salt(manifesto, user))):
        words = "表が大きすぎて、一度には確かめられません。分野ごとに分けて取り込んでください。"
        return _table_page(request, manifesto, form, problem=words)
    try:
        fields = [("rows", packed)]
        return _try(
            request, manifesto, read.pledges, user, is_wanted=is_wanted, fields=fields, noted=file.noted
        )
    except RoundProblem as problem:
        return _table_page(request, manifesto, form, problem=str(problem))


def _salt(manifesto: Manifesto, user: User) -> str:
    """Signed for this person and this term."""
    return f"staff.term-table:{manifesto.pk}:{user.pk}"


def _table_page(
    request: HttpRequest,
    manifesto: Manifesto,
    form: PledgeTableForm,
    *,
    refused: Sequence[table.RefusedPledgeCell] = (),
    problem: str = "",
) -> HttpResponse:
    status = 422 if refused else 409 if problem else form.status
    former = terms.former_of(manifesto)
    return show(
        request,
        "terms/table",
        status=status,
        title="表で公約を加える",
        manifesto=manifesto,
        form=form,
        refused=refused,
        problem=problem,
        meant=table.MEANT.items(),
        former=former,
        most_mb=files.MAX_FILE_BYTES // 1024 // 1024,
    )


@require_safe
def term_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The table to be filled in; with the former term's rows, where these are asked for."""
    beginner(request)
    manifesto = a_term(pk)
    former = terms.former_of(manifesto) if request.GET.get("rows") == "former" else None
    try:
        content = table.workbook(former, catalogue.first_open_year(manifesto))
    except FileProblem as problem:
        return _table_page(request, manifesto, PledgeTableForm(), problem=problem.message)
    return workbook_answer(content, f"公約_{manifesto.slug}.xlsx")


# ---- A field or a section by hand


@both_ways
def add_place(request: HttpRequest) -> HttpResponse:
    """A section, with its field, so that pledges can be added to it by hand."""
    user = beginner(request)
    manifesto = Manifesto.objects.filter(slug=request.GET.get("manifesto", "")).first()
    if manifesto is None:
        raise NoSuchTerm
    form = AddPlaceForm(request.POST or None, manifesto=manifesto)
    if request.method == "POST" and form.is_valid():
        category, section = form.places()
        try:
            _section, added = term_pledges.add_section(manifesto, category=category, section=section, by=user)
        except RoundProblem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(request, f"{_added_in_words(added)}を加えました。")
            return redirect(request.get_full_path())
    return _place_page(request, manifesto, form)


def _added_in_words(added: Sequence[Category]) -> str:
    return "と".join(map(_place_in_words, added))


def _place_in_words(category: Category) -> str:
    if not category.name:
        return "項目のない公約の場所"
    return f"{'項目' if category.parent else '分野'}「{category.place} {category.name}」"


def _place_page(request: HttpRequest, manifesto: Manifesto, form: AddPlaceForm) -> HttpResponse:
    sections = Prefetch("sections", Category.objects.order_by("number"))
    fields: Any = manifesto.categories.named().filter(parent=None).prefetch_related(sections)
    context = {"manifesto": manifesto, "form": form, "categories": fields.order_by("number")}
    return show(request, "terms/add_place", status=form.status, title="分野と項目を加える", **context)

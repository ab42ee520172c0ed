"""次の任期: its beginning, its own page with what is next, its years, its scale, taking it back."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import EventKind
from tracker.cycle import event_words, manifestos, terms
from tracker.cycle.term_pledges import continued_in
from tracker.cycle.terms import TermProblem
from tracker.models import Event, Initiative, Manifesto, Pledge
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.master.changes import subject_of
from tracker.staff.rounds.forms import CancelForm
from tracker.staff.terms.access import a_term, beginner
from tracker.staff.terms.forms import BeginTermForm, ScaleStepForm, TermYearsForm, scale_forms, years_in_words
from tracker.words.fiscal_years import term_label

both_ways = require_http_methods(["GET", "HEAD", "POST"])
EVENTS_SHOWN = 5
DONE, NEXT, LATER = "済", "次にすること", "そのあと"


@both_ways
def begin_term(request: HttpRequest) -> HttpResponse:
    """Title, years and scale of a new term."""
    user = beginner(request)
    form = BeginTermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        like = Manifesto.objects.filter(pk=told.pop("scale_of") or 0).first()
        try:
            made = terms.begin(**told, scale=terms.scale_of_term(like) if like else (), by=user)
        except TermProblem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(
                request, f"「{manifestos.name_of(made)}」を始めました。公開ページには、まだ何も出ません。"
            )
            return redirect("staff-term", made.pk)
    latest = Manifesto.objects.order_by("-first_fiscal_year").first()
    called = manifestos.names_of_all()
    has_years = latest is not None and _years_in_name(latest) in called[latest]
    return show(
        request,
        "terms/begin",
        status=form.status,
        title="次の任期を始める" if latest else "最初の任期を登録する",
        form=form,
        latest=latest,
        latest_name=called[latest] if latest else "",
        years=years_in_words(latest) if latest and not has_years else "",
        preparing=[(each, called[each]) for each in terms.in_preparation()],
    )


def _years_in_name(manifesto: Manifesto) -> str:
    return term_label(manifesto.first_fiscal_year, manifesto.last_fiscal_year)


@dataclass(frozen=True)
class TermStep:
    """A step of the list: whether it is done, and what to do."""

    key: str
    name: str
    state: str

    @property
    def is_done(self) -> bool:
        return self.state == DONE


@require_safe
def term_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A term's own page: what is done, and what is next."""
    beginner(request)
    manifesto = a_term(pk)
    former = terms.former_of(manifesto)
    pledges = Pledge.objects.filter(section__manifesto=manifesto)
    initiatives = Initiative.objects.filter(pledge__section__manifesto=manifesto)
    scale, rounds = terms.scale_of_term(manifesto), list(manifesto.rounds.newest_first())
    linked = len(continued_in(manifesto))
    return show(
        request,
        "terms/term",
        title="任期の内容" if rounds else "任期の準備",
        manifesto=manifesto,
        years=years_in_words(manifesto),
        fixed=terms.why_fixed(manifesto),
        overlap=_overlap(manifesto, former) if former else None,
        former=former,
        former_name=manifestos.name_of(former),
        former_count=Pledge.objects.filter(section__manifesto=former).count() if former else 0,
        steps=_steps(bool(scale), pledges.exists(), bool(rounds)),
        scale=scale,
        pledge_count=pledges.count(),
        initiative_count=initiatives.count(),
        linked_count=linked,
        without=list(initiatives.filter(assignments=None).with_place().in_table_order()),
        bare=list(pledges.filter(initiatives=None).select_related("section__parent")),
        rounds=rounds,
        events=[(event, event_words.told(event)) for event in _last_events(manifesto)],
    )


def _last_events(manifesto: Manifesto) -> list[Event]:
    """The newest first, back to its beginning: an earlier term of the same address was taken back."""
    found = Event.objects.filter(kind=EventKind.CATALOGUE, subject=subject_of(manifesto)).order_by("-number")
    began = found.filter(content__act=terms.BEGUN).first()
    return list((found.filter(number__gte=began.number) if began else found)[:EVENTS_SHOWN])


def _overlap(manifesto: Manifesto, former: Manifesto) -> int | None:
    """The former term's last year, as told or as its rounds have reached it, where the new one has it."""
    reached = former.rounds.aggregate(last=Max("fiscal_year"))["last"]
    last = max(filter(None, (former.last_fiscal_year, reached)), default=None)
    return last if last is not None and manifesto.first_fiscal_year <= last else None


def _steps(has_scale: bool, has_pledges: bool, has_rounds: bool) -> list[TermStep]:
    """The steps in their order; the first that is not done comes next."""
    found = {
        "years": ("表題と年度", True),
        "scale": (terms.SCALE, has_scale),
        "pledges": ("公約と取組", has_pledges),
        "round": ("最初の報告回", has_rounds),
    }
    steps, following = [], NEXT
    for key, (name, is_done) in found.items():
        steps.append(TermStep(key, name, DONE if is_done else following))
        following = following if is_done else LATER
    return steps


@both_ways
def term_years(request: HttpRequest, pk: int) -> HttpResponse:
    """Another title, or other years."""
    user, manifesto = beginner(request), a_term(pk)
    names = ("title", "first_fiscal_year", "last_fiscal_year")
    stored = {name: getattr(manifesto, name) for name in names}
    form, is_overtaken = TermYearsForm(request.POST or None, initial=stored), False
    if request.method == "POST" and form.is_valid():
        try:
            seen = request.POST.get("seen", "")
            manifesto = terms.change(manifesto, **form.cleaned_data, by=user, seen=seen)
        except TermProblem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
            is_overtaken = isinstance(problem, terms.OvertakenTerm)
        else:
            messages.success(request, "表題と年度を保存しました。")
            return redirect("staff-term", manifesto.pk)
    return _years_page(request, manifesto, form, stored, is_overtaken=is_overtaken)


def _years_page(
    request: HttpRequest,
    manifesto: Manifesto,
    form: TermYearsForm,
    stored: dict[str, object],
    *,
    is_overtaken: bool,
) -> HttpResponse:
    fixed = terms.why_fixed(manifesto)
    return show(
        request,
        "terms/years",
        status=form.status,
        title="表題と年度",
        manifesto=manifesto,
        form=form,
        fixed=fixed,
        shown="\n".join(map(str, stored.values())),
        seen=terms.standing_digest(manifesto)
        if is_overtaken or not form.is_bound
        else request.POST.get("seen", ""),
        now=[manifesto.title, years_in_words(manifesto)] if is_overtaken else [],
        typed=unshown_texts(request, () if fixed else form.fields),
    )


@both_ways
def term_scale(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps of the scale, line by line; another term's can be put in."""
    user, manifesto = beginner(request), a_term(pk)
    stored = terms.scale_of_term(manifesto)
    like = Manifesto.objects.filter(slug=request.GET.get("like", "")).first()
    lines = scale_forms(request.POST or None, terms.scale_of_term(like) if like else stored)
    problem, seen, now = "", request.POST.get("seen", ""), list[terms.ScaleStep]()
    if request.POST.get("act") == "save" and not [line for line in lines if not line.is_valid()]:
        steps = [line.step() for line in lines if line.is_filled]
        try:
            terms.set_scale(manifesto, steps, by=user, seen=seen)
        except TermProblem as refused:
            problem = str(refused)
            now = stored if isinstance(refused, terms.OvertakenTerm) else []
        else:
            messages.success(request, "実施状況の区分を保存しました。")
            return redirect("staff-term", manifesto.pk)
    elif request.POST.get("act") != "save":
        for line in lines:
            line.without_errors()
    told = terms.scale_digest(stored) if now or request.method != "POST" else seen
    return _scale_page(request, manifesto, lines, stored, problem, like, seen=told, now=now)


def _scale_page(
    request: HttpRequest,
    manifesto: Manifesto,
    lines: list[ScaleStepForm],
    stored: list[terms.ScaleStep],
    problem: str,
    like: Manifesto | None,
    **told: object,
) -> HttpResponse:
    fixed, is_saving = terms.why_fixed(manifesto), request.POST.get("act") == "save"
    names = [f"{line.prefix}-{name}" for line in lines for name in line.fields]
    called = manifestos.names_of_all()
    others = Manifesto.objects.exclude(pk=manifesto.pk).exclude(ratings=None).order_by("-first_fiscal_year")
    return show(
        request,
        "terms/scale",
        status=(409 if problem else max(line.status for line in lines)) if is_saving else 200,
        title=terms.SCALE,
        manifesto=manifesto,
        lines=lines,
        problem=problem,
        errors=[(line, each) for line in lines for each in line.errors_in_order()] if is_saving else [],
        others=[(each, called[each]) for each in others],
        like=like,
        like_name=called[like] if like else "",
        fixed=fixed,
        may_have_more=len(lines) < terms.MOST_STEPS,
        shown="\n".join(map(str, stored)),
        typed=unshown_texts(request, () if fixed else [*names, "steps"]),
        **told,
    )


@both_ways
def take_back_term(request: HttpRequest, pk: int) -> HttpResponse:
    """All that the term has, by name; a POST with a reason takes its beginning back."""
    user, manifesto = beginner(request), a_term(pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = manifestos.name_of(manifesto)
        reason, seen = form.cleaned_data["reason"], request.POST.get("seen", "")
        try:
            terms.take_back(manifesto, by=user, reason=reason, seen=seen)
        except TermProblem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            words = "の開始を取り消しました。入力していた内容は、「履歴」に残っています。"
            messages.success(request, f"「{name}」{words}")
            return redirect("staff-rounds")
    return _take_back_page(request, a_term(pk), form)


def _take_back_page(request: HttpRequest, manifesto: Manifesto, form: CancelForm) -> HttpResponse:
    contents, fixed = terms.contents_of(manifesto), terms.why_fixed(manifesto)
    pledges = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
    return show(
        request,
        "terms/take_back",
        status=form.status,
        title="任期の開始を取り消す",
        manifesto=manifesto,
        years=years_in_words(manifesto),
        form=form,
        fixed=fixed,
        seen=contents.digest,
        scale=contents.told[terms.SCALE],
        columns=contents.told.get(terms.COLUMNS, []),
        pledges=list(pledges.order_by(*PLEDGE_PLACE)),
        categories=contents.told["categories"],
        projects=contents.told["plan_projects"],
        initiative_count=sum(len(each[3]) for each in contents.told["pledges"]),
        typed=unshown_texts(request, () if fixed else form.fields),
    )

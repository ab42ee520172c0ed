"""公約の変更: all pledges with a search, one pledge with what can be done with it, and each of the acts."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import EventKind
from tracker.cycle import catalogue, manifestos, permissions, terms
from tracker.models import Assignment, Event, Initiative, Manifesto, Pledge, User
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.models.synonyms import search_for
from tracker.staff.frame.access import allowed, row_number
from tracker.staff.frame.manifestos import asked_manifesto
from tracker.staff.frame.site import show
from tracker.staff.master import in_reports
from tracker.staff.master.by_place import place_in
from tracker.staff.master.changes import subject_of
from tracker.staff.pledges.forms import (
    MOST_PARTS,
    AddForm,
    BeginForm,
    MoveForm,
    PartForm,
    SplitForm,
    TypoForm,
    number_of_parts,
    section_choices,
)
from tracker.staff.pledges.steps import PledgeAct, take
from tracker.staff.pledges.told import unpublished_round
from tracker.staff.rounds.forms import EndForm
from tracker.words.folding import folded_pieces

EVENTS_SHOWN = 10
SHOWN_ENDED = "次の公表から「終わった取組」として示します。"
SHOWN_ENDED_BARE = "その次の年度の公表から「取組のないまま終わりました」と示します。"
BARE_UNTIL = (
    "この年度の公表までは「取組はまだありません」、"
    "次の年度の公表からは「取組のないまま終わりました」と載ります。"
)
both_ways = require_http_methods(["GET", "HEAD", "POST"])


def planner(request: HttpRequest) -> User:
    """The person, who changes pledges. No such page for departments (404); an administrator may not (403)."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    return allowed(request, permissions.may_change_pledges, "公約を変えられるのは企画の職員だけです。")


@require_safe
def pledge_list(request: HttpRequest) -> HttpResponse:
    """All pledges, of all terms or of one, or those that say the words or stand at the asked place."""
    planner(request)
    asked, names = request.GET.get("q", "").strip(), manifestos.names_of_all()
    manifesto = asked_manifesto(request) if request.GET.get("manifesto") else None
    found = [(each, names[each], _found(each, asked)) for each in names if manifesto in {None, each}]
    return show(
        request,
        "pledges/list",
        title="公約の変更",
        asked=asked,
        manifesto=manifesto,
        manifestos=found,
        preparing=list(terms.in_preparation()),
        count=sum(len(pledges) for _manifesto, _name, pledges in found),
    )


def _found(manifesto: Manifesto, asked: str) -> list[Pledge]:
    pledges = Pledge.objects.filter(section__manifesto=manifesto).select_related("section__parent")
    in_order = pledges.prefetch_related("former_places", "initiatives__assignments__department")
    search, place = search_for(asked), place_in(asked)
    meant = {place, place.rpartition("-")[0]} - {""}  # a pledge's, or an initiative's
    return [
        each
        for each in in_order.order_by(*PLEDGE_PLACE)
        if not search.words
        or not meant.isdisjoint({each.place, *map(str, each.former_places.all())})
        or search.finds(folded_pieces(_pieces(each)))
    ]


def _pieces(pledge: Pledge) -> set[str]:
    """What a search looks through."""
    section, initiatives = pledge.section, pledge.initiatives.all()
    departments = {duty.department.name for each in initiatives for duty in each.assignments.all()}
    names = {
        section.name,
        section.parent.name if section.parent else "",
        *(each.name for each in initiatives),
    }
    return {str(pledge)} | names | departments


@require_safe
def pledge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One pledge: how it stands, what can be done with it and its initiatives, and what was done last."""
    planner(request)
    pledge = _pledge(pk)
    initiatives = list(_initiatives(pledge))
    subjects = [subject_of(each) for each in (pledge, *initiatives)]
    happened = Event.objects.filter(kind=EventKind.CATALOGUE, subject__in=subjects).order_by("-number")
    return show(
        request,
        "pledges/pledge",
        title="公約の変更",
        pledge=pledge,
        initiatives=initiatives,
        may_end=not catalogue.why_not_ended(pledge),
        former=list(pledge.former_places.all()),
        preview=_preview(pledge),
        is_preparing=pledge.section.manifesto in terms.in_preparation(),
        events=list(happened[:EVENTS_SHOWN]),
    )


def _pledge(pk: int) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("section__parent", "section__manifesto"), pk=pk)


def _initiatives(pledge: Pledge) -> Any:
    duties = Prefetch("assignments", Assignment.objects.with_department())
    found = pledge.initiatives.with_place().order_by("position")
    place = "pledge__section__parent"
    links = (f"continues__predecessor__{place}", f"continued_by__successor__{place}")
    return found.prefetch_related(duties, "plan_projects", *links)


def _preview(pledge: Pledge) -> str:
    """Where the pledge is seen as it will be published next; "" where it is not."""
    round = unpublished_round(pledge.section.manifesto)
    if round is None or not in_reports.shows(pledge):
        return ""
    return reverse("preview:latest:pledge", kwargs={"pk": round.pk, "key": pledge.place})


def _facts(pledge: Pledge) -> dict[str, Any]:
    return {"pledge": pledge, "seen": f"{pledge.place} {pledge} {pledge.section.path}"}


@both_ways
def add_pledge(request: HttpRequest) -> HttpResponse:
    """A new pledge with its first initiatives."""
    user = planner(request)
    manifesto = asked_manifesto(request)
    if manifesto is None:
        raise Http404
    data, parts = _asked(request, manifesto)
    form = AddForm(data, manifesto=manifesto)

    def write() -> catalogue.CatalogueChange:
        told = form.cleaned_data
        continued = Pledge.objects.filter(pk=told["continued"]).first() if told["continued"] else None
        return catalogue.add_pledge(
            form.chosen_section(),
            text=told["text"],
            number_label=told["number_label"],
            continued=continued,
            ends_continued=told["ends_continued"],
            **_begun(form, parts, user),
        )

    step = PledgeAct("公約を加える", "add", "公約を加える", "を加えました。", write)
    facts: dict[str, Any] = {"manifesto": manifesto, "has_sections": bool(section_choices(manifesto))}
    return take(request, step, form, parts, may_have_more=len(parts) < MOST_PARTS, **facts)


def _asked(request: HttpRequest, manifesto: Manifesto) -> tuple[QueryDict | None, list[PartForm]]:
    """What was sent, and its initiatives. Where the page of a typo leads here, these are the old ones."""
    if request.POST.get("act") != "begin":
        return request.POST or None, _parts(request, manifesto)
    pledge, data = _pledge(row_number(request.GET.get("continues", "")) or 0), request.POST.copy()
    told: dict[str, object] = {"section": pledge.section_id, "adds_rows": "on"}
    if pledge.initiatives.exists():  # else there is nothing to end, and nothing to carry on
        told |= {"continued": pledge.pk, "ends_continued": "on"}
    data.update({name: str(value) for name, value in told.items()})
    running = [each for each in _initiatives(pledge) if each.last_fiscal_year is None][:MOST_PARTS]
    numbered = enumerate(running or [None], start=1)
    return data, [PartForm(None, number=n, manifesto=manifesto, like=each) for n, each in numbered]


def _parts(request: HttpRequest, manifesto: Manifesto, count: int = 0) -> list[PartForm]:
    count = count or number_of_parts(request.POST)
    return [PartForm(request.POST or None, number=n, manifesto=manifesto) for n in range(1, count + 1)]


def _begun(form: BeginForm, parts: list[PartForm], user: User) -> dict[str, Any]:
    told = form.cleaned_data
    return {
        "first_fiscal_year": told["first_fiscal_year"],
        "parts": [each.part() for each in parts],
        "adds_rows": told.get("adds_rows", False),
        "by": user,
        "reason": told["reason"],
    }


@both_ways
def add_initiatives(request: HttpRequest, pk: int) -> HttpResponse:
    """Further initiatives of a pledge."""
    user, pledge = planner(request), _pledge(pk)
    manifesto = pledge.section.manifesto
    form, parts = BeginForm(request.POST or None, manifesto=manifesto), _parts(request, manifesto)

    def write() -> catalogue.CatalogueChange:
        return catalogue.add_initiatives(pledge, **_begun(form, parts, user))

    step = PledgeAct("取組を加える", "add_initiatives", "取組を加える", "に取組を加えました。", write)
    more = {"may_have_more": len(parts) < MOST_PARTS, **_facts(pledge)}
    return take(request, step, form, parts, **more)


@both_ways
def correct_pledge(request: HttpRequest, pk: int) -> HttpResponse:
    """A spelling is mended: the promise stays the same."""
    user, pledge = planner(request), _pledge(pk)
    form = TypoForm(request.POST or None, pledge=pledge)

    def write() -> catalogue.CatalogueChange:
        return catalogue.correct(pledge, **{"category_name": "", **form.cleaned_data}, by=user)

    step = PledgeAct("誤字を直す", "correct", "直す", "を直しました。", write)
    query = {"manifesto": pledge.section.manifesto.slug, "continues": pledge.pk}
    following = reverse("staff-pledge-add", query=query)
    facts = {"has_initiatives": pledge.initiatives.exists(), **_facts(pledge)}
    return take(request, step, form, following=following, **facts)


@both_ways
def end_pledge(request: HttpRequest, pk: int) -> HttpResponse:
    """All initiatives of a pledge end."""
    user, pledge = planner(request), _pledge(pk)
    running = pledge.initiatives.filter(last_fiscal_year=None).order_by("-first_fiscal_year").first()
    first = running.first_fiscal_year if running else pledge.section.manifesto.first_fiscal_year
    form, why_not = EndForm(request.POST or None, first=first), catalogue.why_not_ended(pledge)
    if not running:
        form.fields["last_fiscal_year"].help_text = BARE_UNTIL

    def write() -> catalogue.CatalogueChange:
        return catalogue.end_pledge(pledge, **form.cleaned_data, by=user)

    done = "を終わりにしました。" + (SHOWN_ENDED if running else SHOWN_ENDED_BARE)
    step = PledgeAct("公約を終える", "end", "公約を終える", done, write)
    facts = {"why_not": why_not, "is_bare": running is None, **_facts(pledge)}
    return take(request, step, form, has_form=not why_not, **facts)


@both_ways
def move_pledge(request: HttpRequest, pk: int) -> HttpResponse:
    """A pledge goes to another section or position."""
    user, pledge = planner(request), _pledge(pk)
    form = MoveForm(request.POST or None, pledge=pledge, manifesto=pledge.section.manifesto)

    def write() -> catalogue.CatalogueChange:
        told = form.cleaned_data
        return catalogue.move(
            pledge,
            section=form.chosen_section(),
            position=told["position"],
            number_label=told["number_label"],
            by=user,
            reason=told["reason"],
        )

    return take(
        request, PledgeAct("公約を移す", "move", "移す", "に移しました。", write), form, **_facts(pledge)
    )


@both_ways
def split_initiative(request: HttpRequest, pk: int) -> HttpResponse:
    """One initiative becomes two."""
    user = planner(request)
    found = Initiative.objects.select_related("pledge__section__parent", "pledge__section__manifesto")
    initiative = get_object_or_404(found.prefetch_related("assignments__department", "plan_projects"), pk=pk)
    manifesto = initiative.pledge.section.manifesto
    form = SplitForm(request.POST or None, manifesto=manifesto)
    parts = [
        PartForm(request.POST or None, number=number, manifesto=manifesto, like=initiative)
        for number in (1, 2)
    ]

    def write() -> catalogue.CatalogueChange:
        told = form.cleaned_data
        return catalogue.split(
            initiative,
            last_fiscal_year=told["last_fiscal_year"],
            goes_on=told["goes_on"] == "yes",
            parts=(parts[0].part(), parts[1].part()),
            by=user,
            reason=told["reason"],
            adds_rows=told.get("adds_rows", False),
        )

    is_running = initiative.last_fiscal_year is None
    step = PledgeAct("取組を 2 つに分ける", "split", "分ける", "の取組を分けました。", write)
    facts = {"initiative": initiative, **_facts(initiative.pledge)}
    return take(request, step, form, parts, has_form=is_running, **facts)

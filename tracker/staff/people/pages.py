"""The people and whether they can log in; links to set a password, by mail or as slips to print."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from tracker.cycle import mailing, permissions
from tracker.models import Department, Invitation, PeopleList, User
from tracker.models.invitations import VALID_FOR
from tracker.models.synonyms import search_for
from tracker.organisation import invitation_mails, invitations
from tracker.organisation.invitations import InvitationProblem, Invited
from tracker.organisation.sign_in.means import uses_password
from tracker.staff.frame.access import row_number
from tracker.staff.frame.site import show
from tracker.staff.people.access import inviter
from tracker.staff.people.standing import Standing, StandingKind, standing_of, with_standing
from tracker.words.folding import folded_pieces
from tracker.words.searching import Search

PEOPLE_PER_PAGE = 100
STANDINGS: dict[str, tuple[str, Callable[[Standing], bool]]] = {
    "": ("全員", lambda _standing: True),
    "waits": ("案内がいる人（パスワードがない）", lambda standing: standing.waits),
    "invited": ("招待中の人", lambda standing: standing.kind is StandingKind.INVITED),
    "able": ("ログインできる人", lambda standing: standing.kind is StandingKind.ABLE),
    "unable": ("使えない人", lambda standing: standing.kind is StandingKind.UNABLE),
}
NOBODY_PICKED = "案内を作る人を選んでください。"
WITHOUT_OFFICE = "所属のない人"


@dataclass(frozen=True)
class ListedPerson:
    """A person of the list."""

    user: User
    standing: Standing
    offices: list[str]
    can_be_invited: bool

    def says(self, search: Search) -> bool:
        """Whether all words are found in what the list shows of the person."""
        if not search.words:
            return True
        shown = [self.user.username, self.user.get_full_name(), self.user.email, *self.offices]
        return search.finds(folded_pieces(shown))


@dataclass(frozen=True)
class PeopleFilter:
    """Which people are shown; its query goes along from page to page."""

    show: str = ""
    department: str = ""
    q: str = ""
    list: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        names = ("show", "department", "q", "list")
        return urlencode({name: getattr(self, name) for name in names if getattr(self, name)})


def _filter(request: HttpRequest) -> PeopleFilter:
    """What the address asks for; what it cannot mean is named and left out."""
    asked = {name: request.GET.get(name, "").strip() for name in ("show", "department", "q", "list")}
    known: dict[str, Callable[[str], bool]] = {
        "show": lambda value: value in STANDINGS,
        "department": lambda value: Department.objects.filter(code=value).exists(),
        "list": lambda value: PeopleList.objects.filter(key=value).exists(),
        "q": lambda _value: True,
    }
    unknown = tuple(name for name, value in asked.items() if value and not known[name](value))
    return PeopleFilter(**{n: v for n, v in asked.items() if n not in unknown}, unknown=unknown)


def _found(by: User, asked: PeopleFilter) -> list[ListedPerson]:
    """The people whom the filter shows, as far as they are this reader's: department staff for planning."""
    people = User.objects.all() if permissions.may_keep_people(by) else permissions.invitable_people(by)
    if asked.department:
        people = people.filter(departments__code=asked.department)
    if asked.list:
        people = people.filter(pk__in=PeopleList.objects.get(key=asked.list).added)
    people = with_standing(people).prefetch_related("memberships__department").order_by("username")
    search = search_for(asked.q)
    listed = (
        ListedPerson(user, standing_of(user), offices_of(user), _can_be_invited(by, user)) for user in people
    )
    shows = STANDINGS[asked.show][1]
    return [each for each in listed if shows(each.standing) and each.says(search)]


def _can_be_invited(by: User, user: User) -> bool:
    return uses_password(user) and permissions.may_invite_person(by, user)


def offices_of(user: User) -> list[str]:
    """The names of the departments, the main one first. Asks `memberships` with their departments."""
    return [each.department.name + ("（課長）" if each.is_head else "") for each in user.places]


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and whether they can log in; POST makes links for those who are picked."""
    user = inviter(request)
    asked = _filter(request)
    if request.method != "POST":
        return _people_page(request, user, asked)
    by_mail, whole = request.POST.get("act") == "mail", request.POST.get("scope") == "all"
    picked = _picked(request)
    if whole:
        picked = {each.user.pk for each in _found(user, asked) if each.can_be_invited}
    try:
        _require_sendable(picked, by_mail)
        invited = invitations.invite(picked, by=user, by_mail=by_mail)
    except InvitationProblem as problem:
        return _people_page(request, user, asked, problem=str(problem), picked=picked, whole=whole)
    if by_mail:
        _mail(request, invited)
    _tell_unreachable(request, invited)
    if by_mail or not invited.batch:
        return redirect(f"{reverse('staff-people')}?{asked.query}")
    messages.success(
        request, f"{len(invited.invitations)} 人の案内を作りました。印刷して、本人に渡してください。"
    )
    return redirect("staff-slips", invited.batch)


def _picked(request: HttpRequest) -> set[int]:
    """The ids that were picked, on this page and on those before it."""
    return {pk for pk in map(row_number, request.POST.getlist("pick")) if pk is not None}


def _require_sendable(picked: set[int], by_mail: bool) -> None:
    """Raises InvitationProblem."""
    if not picked:
        raise InvitationProblem(NOBODY_PICKED)
    if by_mail and (lacking := mailing.missing_settings()):
        raise InvitationProblem(f"いまはメールを送れません。{lacking}印刷する案内は作れます。")
    if by_mail and len(picked) > invitation_mails.MOST_MAILS:
        words = f"メールは一度に {invitation_mails.MOST_MAILS} 人まで送れます。"
        raise InvitationProblem(f"{words}課で絞り込むなどして、分けてください。")


def _mail(request: HttpRequest, invited: Invited) -> None:
    """Sends them, now that they are stored, and tells what the mail server refused, by name."""
    refused = invitation_mails.mail_invitations(invited.invitations)
    count = len(invited.invitations) - sum(map(len, refused.values()))
    if count:
        messages.success(request, f"{count} 人に、パスワードの案内をメールで送りました。")
    for reason, those in refused.items():
        words = "もう一度送るか、印刷する案内を作って渡してください。"
        messages.error(request, f"{_names(those)}：送れませんでした（{reason}）。{words}")


def _tell_unreachable(request: HttpRequest, invited: Invited) -> None:
    for reason, those in invited.unreachable.items():
        words = "メールでは送れません。印刷する案内を作って渡してください。"
        messages.warning(request, f"{_names(those)}：{reason}。{words}")


def _names(those: list[User]) -> str:
    return "、".join(user.signature for user in those)


def _people_page(
    request: HttpRequest,
    user: User,
    asked: PeopleFilter,
    *,
    problem: str = "",
    picked: Collection[int] = (),
    whole: bool = False,
) -> HttpResponse:
    """The list. What was picked stays picked where something is in the way."""
    found = _found(user, asked)
    page: Page[ListedPerson] = Paginator(found, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    shown = {each.user.pk for each in page.object_list}
    return show(
        request,
        "people/people",
        status=422 if problem else 200,
        title="利用者",
        asked=asked,
        page=page,
        numbers=page.paginator.get_elided_page_range(page.number),
        total=len(found),
        invitable=sum(each.can_be_invited for each in found),
        standings=[(key, words) for key, (words, _shows) in STANDINGS.items()],
        departments=Department.objects.filter(memberships__isnull=False).distinct().order_by("code"),
        listed=PeopleList.objects.filter(key=asked.list).first() if asked.list else None,
        is_keeper=permissions.may_keep_people(user),
        lacking=mailing.missing_settings(),
        problem=problem,
        picked=picked,
        picked_elsewhere=sorted(set(picked) - shown) if not whole else [],
        whole=whole,
        days=VALID_FOR.days,
    )


@require_safe
def slips(request: HttpRequest, batch: str) -> HttpResponse:
    """The slips that this person made together, as far as they can still be used: by department, to print."""
    user = inviter(request)
    made = Invitation.objects.filter(batch=batch, made_by=user, by_mail=False)
    if not made.exists():
        raise Http404
    found = sorted(invitations.slips_of(batch, user), key=_place)
    by_office = [(office, list(those)) for office, those in groupby(map(_slip, found), attrgetter("office"))]
    here = request.build_absolute_uri(reverse("staff-invitation"))
    return show(
        request,
        "people/slips",
        title="パスワードの案内（印刷）",
        groups=by_office,
        count=len(found),
        entrance=invitation_mails.entrance() if settings.STAFF_SITE_URL else here,
    )


@dataclass(frozen=True)
class Slip:
    """What one slip says."""

    invitation: Invitation
    office: str
    number: str


def _slip(invitation: Invitation) -> Slip:
    main = _main_office(invitation)
    return Slip(invitation, main.name if main else WITHOUT_OFFICE, invitations.number_of(invitation))


def _main_office(invitation: Invitation) -> Department | None:
    return next((each.department for each in invitation.user.places), None)


def _place(invitation: Invitation) -> tuple[str, str]:
    """By the main department's code, those without one at the end; then by user name."""
    main = _main_office(invitation)
    return (main.code if main else "~", invitation.user.username)

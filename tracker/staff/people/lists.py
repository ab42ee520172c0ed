"""People in April: the list of all people to take out, its upload, its preview, and its confirmation."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import BatchState
from tracker.models import PeopleList, User
from tracker.models.organisation import this_fiscal_year
from tracker.organisation.people import applying, planning
from tracker.organisation.people.applying import OTHER_CONDITIONS, PeopleProblem, ShownOtherwise, differences
from tracker.organisation.people.file.columns import COLUMNS, HEADING, OFFICE, OTHERS
from tracker.organisation.people.file.comparison import ChangeKind, PeoplePlan, PersonChange
from tracker.organisation.people.file.reading import missing_columns
from tracker.staff.frame.fields import StaffForm, YearField
from tracker.staff.frame.rows import workbook_answer
from tracker.staff.frame.site import show
from tracker.staff.people.access import people_keeper
from tracker.words.fiscal_years import label, short_label
from tracker.workbooks.problems import FileProblem

LISTS_SHOWN = 20
ROWS_SHOWN = 2_000  # of a kind; the counts are of all
# By kind: its heading, what it means.
KIND_WORDS = {
    ChangeKind.NEW: ("新しい人", "登録します。パスワードは、取り込んだあとに本人が決めます。"),
    ChangeKind.RETURNING: (
        "戻る人",
        "止めていた人です。また使えるようにします。パスワードは前のままで、忘れていれば案内を作れます。",
    ),
    ChangeKind.MOVED: ("所属が変わる人", "取り込むとすぐに、新しい課の取組だけが見えるようになります。"),
    ChangeKind.CHANGED: ("所属のほかが変わる人", "氏名、メール、課長、役割のどれかが変わります。"),
    ChangeKind.LEAVING: (
        "使えなくする人",
        "表にない人です。すぐにログインできなくなります。削除はせず、履歴には残ります。",
    ),
}


class ConditionsForm(StaffForm):
    """The year of a list, and what becomes of those who are not in it."""

    fiscal_year = YearField(label="年度", help_text="この年度にある課だけを、所属に書けます。")
    closes_missing = forms.BooleanField(label="表にない人は使えなくする", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("fiscal_year", [(str(year), label(year)) for year in planning.years_to_choose()])


class UploadForm(ConditionsForm):
    """The list as a file."""

    file = forms.FileField(
        label="一覧のファイル",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )


@dataclass(frozen=True)
class ShownChange:
    """A person as the preview shows them. `moves` are (what, before, after) of departments."""

    address: str
    number: str
    name: str
    moves: list[tuple[str, str, str]]
    others: list[tuple[str, str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def people_lists(request: HttpRequest) -> HttpResponse:
    """The list to take out, the form for an upload, and what was uploaded before."""
    user = people_keeper(request)
    if request.method != "POST":
        form = UploadForm(initial={"fiscal_year": this_fiscal_year()})
        return _lists_page(request, form)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _lists_page(request, form)
    given = form.cleaned_data
    file = given.pop("file")
    if file.size > planning.MAX_LIST_BYTES:  # before it is in memory
        form.add_error("file", planning.LIST_TOO_LARGE)
        return _lists_page(request, form)
    try:
        listed = planning.receive_list(file.read(), file_name=file.name, by=user, **given)
    except FileProblem as problem:
        form.add_error("file", problem.in_words(file.name))
        return _lists_page(request, form)
    return redirect("staff-people-list", listed.key)


def _lists_page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    lists = PeopleList.objects.select_related("owner").defer("rows", "added")
    return show(
        request,
        "people/lists",
        status=form.status,
        title="利用者の一覧の取込",
        form=form,
        years=[(year, short_label(year)) for year in planning.years_to_choose()],
        columns=COLUMNS,
        accepted=",".join(planning.FILE_KINDS),
        most_mb=planning.MAX_LIST_BYTES // 1024 // 1024,
        demo_count=User.objects.filter(is_demo=True, is_active=True).count(),
        lists=lists[:LISTS_SHOWN],
    )


@require_safe
def people_workbook(request: HttpRequest) -> HttpResponse:
    """All usable people as a workbook, with the departments of the chosen year to choose from."""
    people_keeper(request)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, planning.years_to_choose()) else this_fiscal_year()
    content, _count = planning.workbook_of_today(year)
    return workbook_answer(content, f"利用者の一覧_{short_label(year)}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def people_list(request: HttpRequest, key: str) -> HttpResponse:
    """An uploaded list in its state; POST does what its buttons say."""
    user = people_keeper(request)
    listed = _visible_list(key)
    if request.method != "POST":
        return _list_page(request, listed, user)
    if listed.owner_id != user.pk:
        words = f"この一覧を取り込めるのは、読み込ませた {listed.owner} さんだけです。"
        raise PermissionDenied(words)
    acts = {"confirm": _confirm_list, "discard": _discard}
    try:
        return acts.get(request.POST.get("act", ""), _choose)(request, listed, user)
    except PeopleProblem as problem:
        return _refused(request, key, user, problem)


def _visible_list(key: str) -> PeopleList:
    listed = PeopleList.objects.select_related("owner").filter(key=key).first()
    if listed is None:
        raise Http404
    return listed


def _conditions(request: HttpRequest, listed: PeopleList, user: User) -> PeopleList:
    """The list with what was chosen on the page. Raises PeopleProblem for a year that is not offered."""
    form = ConditionsForm(request.POST)
    if not form.is_valid():
        raise PeopleProblem("一覧にある年度から選んでください。")
    return applying.keep_conditions(listed, by=user, **form.cleaned_data)


def _choose(request: HttpRequest, listed: PeopleList, user: User) -> HttpResponse:
    _conditions(request, listed, user)
    return redirect("staff-people-list", listed.key)


def _discard(request: HttpRequest, listed: PeopleList, user: User) -> HttpResponse:
    applying.discard_list(listed, by=user)
    messages.success(request, f"「{listed.file_name}」の取込をやめました。何も変えていません。")
    return redirect("staff-people-lists")


def _confirm_list(request: HttpRequest, listed: PeopleList, user: User) -> HttpResponse:
    """Applies the list, if it does what the page said; a page of other conditions said something else."""
    before = (listed.fiscal_year, listed.closes_missing)
    chosen = _conditions(request, listed, user)
    if (chosen.fiscal_year, chosen.closes_missing) != before:
        raise ShownOtherwise(OTHER_CONDITIONS)
    applying.apply_list(listed, by=user, seen=request.POST.get("seen", ""))
    return redirect("staff-people-list", listed.key)


def _refused(request: HttpRequest, key: str, user: User, problem: PeopleProblem) -> HttpResponse:
    """The page as it is now, with what is in the way. What was confirmed before is done already."""
    listed = PeopleList.objects.select_related("owner").filter(key=key).first()
    if listed is None:
        raise Http404 from problem
    is_done = listed.state == BatchState.APPLIED and listed.plan_digest == request.POST.get("seen")
    if request.POST.get("act") == "confirm" and is_done:
        return redirect("staff-people-list", key)
    is_late = isinstance(problem, ShownOtherwise) or listed.state != BatchState.READY or listed.has_expired
    return _list_page(request, listed, user, str(problem), 409 if is_late else 422)


def _list_page(
    request: HttpRequest, listed: PeopleList, user: User, problem: str = "", status: int = 200
) -> HttpResponse:
    if listed.state != BatchState.READY or listed.has_expired:
        return _outcome_page(request, listed, problem, status)
    plan, table = planning.plan_of_list(listed, listed.owner), planning.table_of(listed)
    conditions = {"fiscal_year": listed.fiscal_year, "closes_missing": listed.closes_missing}
    return show(
        request,
        "people/preview",
        status=status,
        title="利用者の一覧の確認",
        listed=listed,
        plan=plan,
        form=ConditionsForm(initial=conditions),
        is_owner=listed.owner_id == user.pk,
        is_next_year=listed.fiscal_year > this_fiscal_year(),
        groups=_groups(plan),
        counts=_counts(plan.counts),
        lacking=list(missing_columns(table)),
        unread=table.unread,
        problem=problem,
    )


def _groups(plan: PeoplePlan) -> list[dict[str, object]]:
    """Each kind of change that there is, with its people."""
    found = []
    for kind, (heading, meaning) in KIND_WORDS.items():
        changes = plan.of(kind)
        if changes:
            shown = [_shown(change, plan) for change in changes[:ROWS_SHOWN]]
            about = {"kind": str(kind), "heading": heading, "meaning": meaning}
            found.append({**about, "count": len(changes), "rows": shown, "rest": len(changes) - len(shown)})
    return found


def _shown(change: PersonChange, plan: PeoplePlan) -> ShownChange:
    told = [(name, *both) for name, both in differences(change, plan.office_names).items()]
    if change.kind is ChangeKind.LEAVING:
        told = []
    places = {HEADING[OFFICE], HEADING[OTHERS]}
    return ShownChange(
        address=f"{change.row} 行目" if change.row else "",
        number=change.after.username,
        name=change.after.full_name,
        moves=[each for each in told if each[0] in places],
        others=[
            each
            for each in told
            if each[0] not in {*places, "使える", "氏名" if change.before is None else ""}
        ],
    )


def _counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    words = {str(kind): heading for kind, (heading, _meaning) in KIND_WORDS.items()} | {
        "unchanged": "変わらない人"
    }
    return [(heading, counts.get(kind, 0)) for kind, heading in words.items()]


def _outcome_page(request: HttpRequest, listed: PeopleList, problem: str, status: int) -> HttpResponse:
    """What a list did, and the way on to the links for its new people."""
    waiting = User.objects.filter(pk__in=listed.added[:ROWS_SHOWN], is_active=True)
    return show(
        request,
        "people/outcome",
        status=status,
        title="利用者の一覧の取込",
        listed=listed,
        counts=_counts(listed.counts),
        without_password=sum(not user.has_password for user in waiting),
        problem=problem,
    )

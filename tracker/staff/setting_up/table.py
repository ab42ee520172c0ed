"""A published table through the browser: chosen, told by name, loaded. Nothing is published by it.

The file travels in the page that has told it, signed for the person; one that is too large for that is chosen
once more, and must be the same.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import manifestos
from tracker.models import Manifesto, User
from tracker.published_tables import loading
from tracker.published_tables.file.reading import MAX_TABLE_BYTES, table_in
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.loading import LoadingOutcome, LoadingProblem
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.site import show
from tracker.staff.master.shown_rows import CONFIRM_WITHIN_HOURS, MAX_PACKED
from tracker.staff.rounds.access import nothing_written
from tracker.staff.setting_up.pages import keeper
from tracker.words.folding import fold
from tracker.workbooks.problems import FileProblem

MOST_NAMED = 200  # characters of a file's name
MOST_TOLD = 100  # places that were interpreted, on the page that asks
SLUG = Manifesto._meta.get_field("slug")


@dataclass(frozen=True)
class GivenTable:
    """A file as it came, and what it says."""

    name: str
    content: bytes
    table: PublishedTable

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class LoadTableForm(StaffForm):
    """A table to load, and into which manifesto."""

    file = forms.FileField(
        label="公表した表のファイル",
        required=False,
        help_text="Excel ブック（.xlsx）、CSV、またはタブ区切りの文字のファイル。20 MB まで。",
        error_messages={"empty": "ファイルが空です。"},
    )
    slug = forms.CharField(
        label="公開ページのアドレス",
        required=False,
        max_length=20,
        help_text="公開ページのアドレスの始めになります。空けておくと、表の最初の年度（西暦）になります。"
        "いまあるマニフェストに次の年度の表を加えるときは、そのアドレスを書きます。",
        error_messages={"max_length": "20 文字までで書いてください。"},
    )
    end_missing = forms.BooleanField(
        label="表にない取組を終わったものとする",
        required=False,
        help_text="いまあるマニフェストに加えるときだけ関係します。",
    )

    def clean_slug(self) -> str:
        slug = fold(self.cleaned_data["slug"])
        if slug:
            SLUG.run_validators(slug)
        return slug


@require_http_methods(["GET", "HEAD", "POST"])
def load_table(request: HttpRequest) -> HttpResponse:
    """The form; then what the table says and would do; then doing it."""
    user = keeper(request)
    form = LoadTableForm(request.POST or None, request.FILES or None)
    is_given = request.method == "POST" and request.POST.get("act") != "edit" and form.is_valid()
    if is_given and (given := _given(request, form, user)):
        slug = form.cleaned_data["slug"] or str(given.table.first_year)
        try:
            if request.POST.get("act") == "load" and request.POST.get("expected") == given.digest:
                return _load(request, given, slug, user, end_missing=form.cleaned_data["end_missing"])
            return _told(request, given, slug, user, form)
        except LoadingProblem as problem:
            form.add_error(None, f"{problem} まだ何も取り込んでいません。")
    if request.POST.get("act") == "edit":
        form.without_errors()
    return _page(request, form)


def _page(request: HttpRequest, form: LoadTableForm) -> HttpResponse:
    there = [(each.slug, name) for each, name in manifestos.names_of_all().items()]
    context = {"title": "公表した表を取り込む", "form": form, "there": there}
    return show(request, "setting_up/table", status=form.status, **context)


def _given(request: HttpRequest, form: LoadTableForm, user: User) -> GivenTable | None:
    """The file that came with this request, or with the page that has told it; None with the form's error."""
    file = form.cleaned_data["file"]
    if file is None and not request.POST.get("table"):
        form.add_error("file", "ファイルを選んでください。")
        return None
    if file is None:
        name, content = _unpacked(request.POST["table"], user)
    else:
        name, content = file.name[:MOST_NAMED], file.read(MAX_TABLE_BYTES + 1)
    try:
        if len(content) > MAX_TABLE_BYTES:
            raise FileProblem("ファイルが大きすぎます（20 MB まで）。")
        return GivenTable(name, content, table_in(content))
    except FileProblem as problem:
        form.add_error("file", problem.in_words(name))
        return None


def _told(
    request: HttpRequest, given: GivenTable, slug: str, user: User, form: LoadTableForm
) -> HttpResponse:
    """What the table says, and what loading it would do."""
    table, end_missing = given.table, form.cleaned_data["end_missing"]
    with nothing_written():
        outcome = _loaded(given, slug, user, end_missing=end_missing)
    there = Manifesto.objects.filter(slug=slug).first()
    context: dict[str, Any] = {
        "given": given,
        "counts": table.counts(),
        "years": table.years,
        "outcome": outcome,
        "into": manifestos.name_of(there) if there else "",
        "anomalies": table.anomalies[:MOST_TOLD],
        "pledges": table.pledges()[:5],
        "departments": table.department_names(),
        "slug": slug,
        "end_missing": end_missing,
        "packed": _packed(given, user),
        "has_changed": request.POST.get("act") == "load",
    }
    return show(request, "setting_up/table_check", title="公表した表を取り込む", **context)


def _loaded(given: GivenTable, slug: str, user: User, *, end_missing: bool) -> LoadingOutcome:
    source = {"file_name": given.name, "file_digest": given.digest}
    return loading.load(given.table, slug=slug, by=user.signature, end_missing=end_missing, **source)


def _load(
    request: HttpRequest, given: GivenTable, slug: str, user: User, *, end_missing: bool
) -> HttpResponse:
    outcome = _loaded(given, slug, user, end_missing=end_missing)
    if outcome.is_unchanged:
        messages.info(request, "同じ内容がすでに取り込まれています。何も変えませんでした。")
    else:
        count = len(given.table.initiatives())
        words = f"「{given.name}」を取り込みました（取組 {count:,}件）。まだ公表していません。"
        messages.success(request, f"{words}まちがえたときは、企画の職員が取り消せます。")
    return redirect("staff-setting-up")


# ---- The file on its way


def _salt(user: User) -> str:
    return f"staff.load-table:{user.pk}"


def _packed(given: GivenTable, user: User) -> str:
    """The file for the form, "" where it is too large for one."""
    if len(given.content) > MAX_PACKED:
        return ""
    told = [given.name, base64.b85encode(given.content).decode()]
    packed = signing.dumps(told, salt=_salt(user), compress=True)
    return packed if len(packed) <= MAX_PACKED else ""


def _unpacked(packed: str, user: User) -> tuple[str, bytes]:
    """Raises PermissionDenied for what is nobody's, somebody else's, or too old."""
    try:
        name, content = signing.loads(packed, salt=_salt(user), max_age=CONFIRM_WITHIN_HOURS * 60 * 60)
    except signing.BadSignature as problem:
        words = f"取込の確認は、表を選んだ本人が {CONFIRM_WITHIN_HOURS} 時間以内に行ってください。"
        raise PermissionDenied(f"{words}表を選び直してください。") from problem
    return name, base64.b85decode(content)

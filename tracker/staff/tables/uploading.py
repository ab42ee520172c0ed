"""表を取り込む, its beginning: a file is chosen, read by the guard, and kept. Nothing else changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.models import TableLayout, TableUpload, User
from tracker.published_tables import uploads
from tracker.published_tables.file.reading import MAX_TABLE_BYTES
from tracker.staff.frame.site import show
from tracker.staff.tables.access import loader
from tracker.workbooks.problems import FileProblem

MOST_LISTED = 10
TITLE = "表を取り込む"


@require_http_methods(["GET", "HEAD", "POST"])
def load_table(request: HttpRequest) -> HttpResponse:
    """The form for a file, and the files that are on their way; a POST leads on to how the file is read."""
    user = loader(request)
    if request.method != "POST":
        return _form_page(request, user)
    file = request.FILES.get("file")
    if file is None or not file.name:
        return _form_page(request, user, "ファイルを選んでください。")
    if (file.size or 0) > MAX_TABLE_BYTES:  # before it is in memory
        return _form_page(request, user, uploads.TABLE_TOO_LARGE)
    try:
        upload = uploads.receive_table(file.read(), file_name=file.name, by=user)
    except FileProblem as problem:
        return _form_page(request, user, problem.in_words(file.name))
    return redirect("staff-load-table-reading", upload.key)


def _form_page(request: HttpRequest, user: User, problem: str = "") -> HttpResponse:
    own = TableUpload.objects.filter(owner=user, expires_at__gte=timezone.now()).defer("grid", "document")
    return show(
        request,
        "tables/upload",
        status=422 if problem else 200,
        title=TITLE,
        problem=problem,
        own=own[:MOST_LISTED],
        layouts=TableLayout.objects.select_related("manifesto", "kept_by").defer("document")[:MOST_LISTED],
        most_kept=uploads.MOST_KEPT,
        most_mb=MAX_TABLE_BYTES // 1024 // 1024,
    )

"""How an uploaded table is read: its sheet as a grid, what each column is, and what would be read by that."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.cycle import manifestos, permissions
from tracker.models import TableUpload
from tracker.published_tables import taking_back, uploads
from tracker.published_tables.file.document import LayoutProblem, parse_document
from tracker.published_tables.file.understanding import OF_HEADINGS
from tracker.published_tables.uploads import ReadUpload
from tracker.staff.frame.site import show
from tracker.staff.setting_up.steps import steps_left
from tracker.staff.tables.access import own_upload
from tracker.staff.tables.choices import MAX_STEPS, PLACES, Chosen, chosen_in
from tracker.staff.tables.outcome import outcome_of
from tracker.staff.tables.sheet_grid import SheetGrid, settings_of
from tracker.staff.tables.uploading import TITLE
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import short_label

MAX_LAYOUT_BYTES = 1024 * 1024
WAYS_ON = {"up": "scale", "down": "scale", "drop": "scale"}  # where the page is looked at after a button


@require_http_methods(["GET", "HEAD", "POST"])
def table_reading(request: HttpRequest, key: str) -> HttpResponse:
    """The grid with its lists; a POST keeps what was chosen. After the load it tells where the table went."""
    upload = own_upload(request, key)
    if request.method != "POST":
        return _loaded_page(request, upload) if upload.is_loaded else _reading_page(request, upload)
    if upload.is_loaded:
        messages.info(request, "この表は、もう取り込まれています。")
        return redirect("staff-load-table-reading", key)
    acts = {"discard": _discard, "anew": _begin_anew, "layout": _take_layout}
    return acts.get(request.POST.get("act", ""), _choose)(request, upload)


def _choose(request: HttpRequest, upload: TableUpload) -> HttpResponse:
    """Keeps the choices, and goes where the button leads. What cannot be taken stays on the page as typed."""
    grid = uploads.grid_of_upload(upload)
    number = _number(request.POST.get("sheet", ""), 0)
    sheet = grid.sheets[number] if number < len(grid.sheets) else None
    chosen = chosen_in(request.POST, grid, sheet, upload.document)
    uploads.say(upload, chosen.changes)
    if chosen.refused:
        return _reading_page(request, upload, chosen)
    act = request.POST.get("act", "")
    if act == "check":
        return redirect("staff-load-table-check", upload.key)
    sheet_to, _, page_to = request.POST.get("go", "").partition("-")
    query = {
        "sheet": _number(sheet_to or request.POST.get("sheet", ""), 0),
        "page": _number(page_to or request.POST.get("page", ""), 1),
    }
    way_on = "grid" if sheet_to else WAYS_ON.get(act.partition("-")[0])
    return redirect(reverse("staff-load-table-reading", args=[upload.key], query=query, fragment=way_on))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _discard(request: HttpRequest, upload: TableUpload) -> HttpResponse:
    upload.delete()
    messages.success(request, f"「{upload.file_name}」の取り込みをやめました。何も変えていません。")
    return redirect("staff-load-table")


def _begin_anew(request: HttpRequest, upload: TableUpload) -> HttpResponse:
    uploads.begin_anew(upload, {})
    messages.success(request, "選んだ内容を消して、プログラムの案から始めました。")
    return redirect("staff-load-table-reading", upload.key)


def _take_layout(request: HttpRequest, upload: TableUpload) -> HttpResponse:
    """A layout as a file stands in for all that was chosen."""
    file = request.FILES.get("layout")
    if file is None:
        return _reading_page(
            request, upload, Chosen(refused={"layout": "読み方のファイル（JSON）を選んでください。"})
        )
    content = file.read(MAX_LAYOUT_BYTES + 1)
    try:
        if len(content) > MAX_LAYOUT_BYTES:
            raise LayoutProblem("全体", "ファイルが大きすぎます（1 MB まで）。")
        parse_document(content)
    except LayoutProblem as problem:
        return _reading_page(request, upload, Chosen(refused={"layout": str(problem)}))
    said = json.loads(content.decode("utf-8-sig"))
    uploads.begin_anew(upload, {name: value for name, value in said.items() if value is not None})
    messages.success(request, f"「{file.name}」の読み方で読み直しました。")
    return redirect("staff-load-table-reading", upload.key)


# ---- The page


def _reading_page(request: HttpRequest, upload: TableUpload, chosen: Chosen | None = None) -> HttpResponse:
    found = uploads.read_upload(upload)
    asked = request.POST if chosen else request.GET
    sheet = SheetGrid(found, _number(asked.get("sheet", ""), _first_with_headings(found)))
    page = min(max(_number(asked.get("page", ""), 1), 1), sheet.page_count)
    rows = sheet.page(page)
    document = found.understood.document
    refused = chosen.refused if chosen else {}
    return show(
        request,
        "tables/reading",
        status=422 if refused else 200,
        title=TITLE,
        upload=upload,
        found=found,
        sheet=sheet,
        page=page,
        pages=range(1, sheet.page_count + 1),
        rows=rows,
        shown_rows=" ".join(str(row.number) for row in rows),
        over=sheet.roles_over(),
        settings=_typed_settings(request.POST) if "settings" in asked and refused else settings_of(document),
        years=[(year, short_label(year)) for year in sorted(sheet.years())],
        shown=canonical_json(document),
        digest=sha256(canonical_json([document, sheet.number, page])),
        outcome=outcome_of(found, sheet),
        refused=[(*PLACES.get(key, ("layout", "読み方のファイル")), words) for key, words in refused.items()],
        picked_sheets=_picked_sheets(found),
        has_said=bool(upload.document),
    )


def _first_with_headings(found: ReadUpload) -> int:
    """The number of the sheet that is shown first: a cover has nothing to choose."""
    with_headings = {block.sheet for block in found.understood.layout.blocks}
    return next((n for n, name in enumerate(found.grid.sheets) if name in with_headings), 0)


def _picked_sheets(found: ReadUpload) -> list[tuple[str, bool]]:
    told = found.understood.document["sheets"]
    return [(name, told == "all" or name in told) for name in found.grid.sheets]


def _typed_settings(post: QueryDict) -> dict[str, Any]:
    """What was typed, where some of it cannot be taken."""
    steps = []
    for number in range(MAX_STEPS):
        step = {
            name: post.get(f"scale-{number}-{name}", "")
            for name in ("code", "label", "percent", "definition")
        }
        if any(step.values()):
            steps.append({**step, "rank": not post.get(f"scale-{number}-apart")})
    told: dict[str, Any] = {name: post.get(name, "") for name in ("title", "as_of", "unrated", "scale_kind")}
    told |= {"fiscal_year": _number(post.get("fiscal_year", ""), 0)}
    return {**told, "outline": post.getlist("outline"), "scale": steps}


# ---- After the load


def _loaded_page(request: HttpRequest, upload: TableUpload) -> HttpResponse:
    last = taking_back.last_import(upload.round) if upload.round else None
    return show(
        request,
        "tables/loaded",
        title=TITLE,
        upload=upload,
        round=upload.round,
        into=manifestos.name_of(upload.round.manifesto) if upload.round else "",
        may_take_back=bool(last and last.event_number == upload.event_number),
        following=next((step for step in steps_left(request.user) if step.is_next), None),
        is_planner=permissions.may_run_rounds(request.user),
    )


@require_safe
def table_layout(request: HttpRequest, key: str) -> HttpResponse:
    """How the table is read, as a file for `import_report --layout` and for this page."""
    found = uploads.read_upload(own_upload(request, key))
    said = {key: value for key, value in found.understood.document.items() if value is not None}
    if found.understood.layout.slips:  # its rows are put straight only where nobody has said what columns are
        said = {key: value for key, value in said.items() if key not in OF_HEADINGS}
    response = HttpResponse(json.dumps(said, ensure_ascii=False, indent=1), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="layout.json"'
    return response

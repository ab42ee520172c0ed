"""What loading a table would do: what is new, what changes cell by cell, what ends; then doing it, once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.cycle import manifestos
from tracker.cycle.event_words.publishing import OF_ANSWERS
from tracker.cycle.round_dates import too_early
from tracker.models import Manifesto, TableUpload, User
from tracker.public.published import Pages
from tracker.published_tables import uploads
from tracker.published_tables.differences import CellDifference, counted, differences_of, seen_changes
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.loaded_catalogue import OF_THE_COMMAND
from tracker.published_tables.loaded_rounds import year_of_table
from tracker.published_tables.loading import LoadingOutcome
from tracker.published_tables.row_writer import LoadingProblem
from tracker.published_tables.uploads import ReadUpload
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import nothing_written
from tracker.staff.tables.access import loader, own_upload
from tracker.staff.tables.outcome import FIRST_PLEDGES
from tracker.staff.tables.uploading import TITLE
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import fiscal_year_of
from tracker.words.folding import fold
from tracker.words.numbering import labelled
from tracker.words.places import written

NEW = ":new"  # no address of a manifesto
MOST_DIFFERENCES = 200  # shown one by one
MOST_NAMED = 100
SLUG = Manifesto._meta.get_field("slug")
SEEN_OTHERWISE = (
    "確かめた内容と、いま取り込むと起きることが違います。まだ取り込んでいません。下の内容を確かめてください。"
)


class DestinationForm(StaffForm):
    """Into which manifesto a table goes."""

    into = forms.ChoiceField(
        label="取り込み先", error_messages={"invalid_choice": "一覧から選んでください。"}
    )
    slug = forms.CharField(
        label="新しいマニフェストのアドレス",
        required=False,
        max_length=20,
        help_text="公開ページのアドレスの始めになります。空けておくと、表の最初の年度（西暦）になります。",
        error_messages={"max_length": "20 文字までで書いてください。"},
    )
    end_missing = forms.BooleanField(
        label="表にない取組を終わったものとする",
        required=False,
        help_text="いまあるマニフェストに加えるときだけ関係します。付けなければ、表にない取組があるときは取り込みません。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = [
            (each.slug, f"いまある「{name}」に加える") for each, name in manifestos.names_of_all().items()
        ]
        self.offer("into", [*there, (NEW, "新しいマニフェストとして取り込む")])

    def clean_slug(self) -> str:
        slug = fold(self.cleaned_data["slug"])
        if slug:
            SLUG.run_validators(slug)
        return slug

    def destination(self, table: PublishedTable) -> str:
        """The address of the manifesto that was chosen; "" with an error where a new one has another's."""
        if (into := str(self.cleaned_data["into"])) != NEW:
            return into
        slug = self.cleaned_data["slug"] or str(table.first_year)
        if Manifesto.objects.filter(slug=slug).exists():
            words = f"「{slug}」は、いまあるマニフェストのアドレスです。別のアドレスを書いてください。"
            self.add_error("slug", words)
            return ""
        return slug


@require_http_methods(["GET", "HEAD", "POST"])
def table_check(request: HttpRequest, key: str) -> HttpResponse:
    """What would happen; a POST chooses another destination, or loads what the page has told."""
    upload, user = own_upload(request, key), loader(request)
    if upload.is_loaded:
        if request.method == "POST":
            messages.info(request, "この表は、もう取り込まれています。")
        return redirect("staff-load-table-reading", key)
    found = uploads.read_upload(upload)
    if found.understood.table is None:
        return redirect("staff-load-table-reading", key)  # which says why
    upload.slug = destination_of(found)
    if request.method != "POST":
        return _check_page(request, found, user, DestinationForm(initial=_initial(upload)))
    form = DestinationForm(request.POST)
    if not form.is_valid() or not (slug := form.destination(found.understood.table)):
        return _check_page(request, found, user, form, status=form.status)
    upload.slug = slug
    upload.end_missing = form.cleaned_data["end_missing"]
    upload.save(update_fields=["slug", "end_missing"])
    if request.POST.get("act") != "load":
        return redirect("staff-load-table-check", key)
    return _load(request, found, user)


def _initial(upload: TableUpload) -> dict[str, object]:
    is_there = Manifesto.objects.filter(slug=upload.slug).exists()
    into = {"into": upload.slug} if is_there else {"into": NEW, "slug": upload.slug}
    return {**into, "end_missing": upload.end_missing}


def destination_of(found: ReadUpload) -> str:
    """What was chosen, else the term that a table reports on, else a new one."""
    if found.upload.slug:
        return found.upload.slug
    year = fiscal_year_of(found.table.as_of)
    begun = Manifesto.objects.filter(first_fiscal_year__lte=year).order_by("-first_fiscal_year", "-pk")
    term = next((each for each in begun if (each.last_fiscal_year or year) >= year), None)
    return term.slug if term else str(found.table.first_year)


def _load(request: HttpRequest, found: ReadUpload, user: User) -> HttpResponse:
    """Loads what the page has told; nothing where something else would happen now."""
    try:
        with transaction.atomic():
            outcome, _differences, seen = _tried(found, user)
            if request.POST.get("expected") != seen:
                raise LoadingProblem(SEEN_OTHERWISE)
    except LoadingProblem as problem:
        form = DestinationForm(initial=_initial(found.upload))
        return _check_page(request, found, user, form, problem=_on_the_page(problem), status=409)
    if outcome.is_unchanged:
        messages.info(request, "同じ内容がすでに取り込まれています。何も変えませんでした。")
        return redirect("staff-load-table")
    count = len(found.table.initiatives())
    words = f"「{found.upload.file_name}」を取り込みました（取組 {count:,}件）。まだ公表していません。"
    messages.success(request, words)
    return redirect("staff-load-table-reading", found.upload.key)


def _on_the_page(problem: LoadingProblem) -> str:
    return str(problem).replace(OF_THE_COMMAND, "")


def _tried(found: ReadUpload, user: User) -> tuple[LoadingOutcome, list[CellDifference], str]:
    """A load, which its caller may take back; what it changed, and the digest of all of that."""
    outcome = uploads.load_upload(found, by=user)
    differences = differences_of(outcome)
    told = [found.upload.file_digest, found.understood.document, found.upload.slug, found.upload.end_missing]
    done = [outcome.created, outcome.changed, outcome.named, [vars(each) for each in differences]]
    return outcome, differences, sha256(canonical_json([told, done]))


def _check_page(
    request: HttpRequest,
    found: ReadUpload,
    user: User,
    form: DestinationForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    outcome, differences, seen, refusal = None, list[CellDifference](), "", ""
    try:
        with nothing_written():
            outcome, differences, seen = _tried(found, user)
    except LoadingProblem as refused:
        refusal = _on_the_page(refused)
    table = found.table
    there = Manifesto.objects.filter(slug=found.upload.slug).first()
    return show(
        request,
        "tables/check",
        status=status,
        title=TITLE,
        upload=found.upload,
        table=table,
        counts=table.counts(),
        form=form,
        problem=problem if problem != refusal else "",
        refusal=refusal,
        outcome=outcome,
        created=counted(outcome.created) if outcome else [],
        changed=counted(seen_changes(outcome)) if outcome else [],
        added=outcome.named.get("initiatives_added", [])[:MOST_NAMED] if outcome else [],
        ended=outcome.named.get("initiatives_ended", []) if outcome else [],
        offices=outcome.named.get("departments_added", []) if outcome else [],
        elsewhere=outcome.named.get("pledges_elsewhere", []) if outcome else [],
        answers=_answers(outcome) if outcome else [],
        has_new_indicators=bool(outcome and outcome.named.get("indicators_added")),
        differences=differences[:MOST_DIFFERENCES],
        difference_count=len(differences),
        pledges=_first_pledges(found, outcome) if outcome else [],
        too_early=too_early(year_of_table(table), table.as_of, timezone.localdate()),
        into=manifestos.name_of(there) if there else "",
        expected=seen,
    )


def _answers(outcome: LoadingOutcome) -> list[tuple[str, list[str]]]:
    """What was decided and is told by name, each kind under its heading."""
    return [(label, told) for key, label in OF_ANSWERS.items() if (told := outcome.named.get(key))]


def _first_pledges(found: ReadUpload, outcome: LoadingOutcome) -> list[tuple[str, str, str]]:
    """(way to its page, where it stands, words) of the first pledges."""
    below, places = preview_of(found.upload.key).within("latest"), outcome.pledge_places
    return [
        (
            below.url("pledge", key=written(places[category.number, section.number, pledge.position])),
            " › ".join(filter(None, (category.name, section.name))),
            labelled(pledge.number, pledge.text),
        )
        for category, section, pledge in found.table.pledges()[:FIRST_PLEDGES]
    ]


def preview_of(key: str) -> Pages:
    """Where the public pages of a table stand before it is loaded."""
    return Pages("table-preview", {"table": key})

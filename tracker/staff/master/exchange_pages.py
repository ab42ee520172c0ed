"""Import and export pages of master data, over django-import-export's resources.

Its own confirm step names a file that any other user could confirm, and writes whatever the file means by
then. Here the rows travel with the page, signed for one person; what they would do is worked out again at the
confirmation, and nothing is written unless that is exactly what was shown.
"""

from dataclasses import dataclass
from typing import Any

import tablib  # type: ignore[import-untyped]
from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from tracker.models import User
from tracker.staff.master import changes, files
from tracker.staff.master.exchange import MasterResource
from tracker.staff.master.files import Table
from tracker.staff.master.master_admin import MasterAdmin
from tracker.words.digests import canonical_json, sha256
from tracker.workbooks.problems import FileProblem

MAX_AGE = 2 * 60 * 60  # seconds between preview and confirmation
MAX_PACKED = 2_000_000  # characters; Django takes forms of 2.5 MB
WRITTEN = ("new", "update")


@dataclass(frozen=True)
class Line:
    """A row of the preview: what happens to it, or why it cannot."""

    number: int
    kind: str  # new, update, skip
    cells: list[tuple[str, str]]  # before, after


@dataclass(frozen=True)
class Outcome:
    """What an import does, or did. `errors`: (row's number, column's heading, words)."""

    lines: list[Line]
    errors: list[tuple[int, str, str]]

    def count(self, kind: str) -> int:
        return sum(line.kind == kind for line in self.lines)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def updated(self) -> int:
        return self.count("update")

    @property
    def skipped(self) -> int:
        return self.count("skip")

    @property
    def writing(self) -> list[Line]:
        return [line for line in self.lines if line.kind in WRITTEN]

    @property
    def fingerprint(self) -> str:
        """The same for two outcomes that do the same."""
        return sha256(canonical_json([[line.number, line.kind, line.cells] for line in self.lines]))


class UploadForm(forms.Form):
    """The file, whichever of the two kinds it is."""

    file = forms.FileField(
        label="ファイル",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )

    def clean_file(self) -> Table:
        try:
            return files.read(self.cleaned_data["file"].read(files.MAX_BYTES + 1))
        except FileProblem as problem:
            where = f"{problem.row} 行目：" if problem.row else ""
            raise forms.ValidationError(where + problem.message) from problem


class ExchangedAdmin(MasterAdmin):
    """Master data with an import and an export page."""

    resource_class: type[MasterResource]
    change_list_template = "admin/exchanged_list.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = self.admin_site.admin_view
        pages = [
            path("import/", own(self.import_page), name=f"{name}_import"),
            path("export/", own(self.export_page), name=f"{name}_export"),
        ]
        return [*pages, *super().get_urls()]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Upload, preview, confirmation: the rows of the last travel in the form."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if "rows" in request.POST:
            return self._confirm(request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            table: Table = form.cleaned_data["file"]
            if problem := self._heading_problem(request, table):
                form.add_error("file", problem)
            else:
                return self._preview(request, table)
        status = 400 if form.is_bound else 200
        headings = self._resource(request).headings
        return self._show(
            request, "import", status, form=form, headings=headings, title=f"{self.opts.verbose_name}の取込"
        )

    def _heading_problem(self, request: HttpRequest, table: Table) -> str:
        headings = self._resource(request).headings
        lacking = [heading for heading in headings if heading not in table.headings]
        unknown = [heading for heading in table.headings if heading not in headings]
        if lacking:
            return "見出し「{}」がありません。書き出したファイルの見出しのまま使ってください。".format(
                "」「".join(lacking)
            )
        if unknown or len(table.headings) != len(headings):
            return "見出し「{}」は分かりません。書き出したファイルの見出しのまま使ってください。".format(
                "」「".join(unknown or table.headings)
            )
        return ""

    def _preview(self, request: HttpRequest, table: Table, *, again: bool = False) -> HttpResponse:
        outcome = self._run(request, table, is_dry=True)
        packed = signing.dumps(
            [table.headings, table.rows, table.numbers, outcome.fingerprint],
            salt=self._salt(request),
            compress=True,
        )
        is_too_large = len(packed) > MAX_PACKED
        can_confirm = bool(outcome.writing) and not outcome.errors and not is_too_large
        return self._show(
            request,
            "import_preview",
            400 if outcome.errors else 409 if again else 200,
            title=f"{self.opts.verbose_name}の取込の確認",
            outcome=outcome,
            rows=packed if can_confirm else "",
            is_too_large=is_too_large,
            again=again,
            headings=self._resource(request).headings,
        )

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        """Writes what was shown, and only if that is still what the rows do."""
        try:
            packed = signing.loads(request.POST["rows"], salt=self._salt(request), max_age=MAX_AGE)
        except signing.BadSignature as problem:
            words = (
                "取込の確認は、ファイルを選んだ本人が %d 時間以内に行ってください。"
                "ファイルを選び直してください。"
            )
            raise PermissionDenied(words % (MAX_AGE // 3600)) from problem
        table = Table(tuple(packed[0]), tuple(map(tuple, packed[1])), tuple(packed[2]))
        with transaction.atomic():
            outcome = self._run(request, table, is_dry=False)
            if outcome.errors or outcome.fingerprint != packed[3]:
                transaction.set_rollback(True)
        if outcome.errors or outcome.fingerprint != packed[3]:
            return self._preview(request, table, again=True)
        words = "取り込みました。追加 %(new)d 件、変更 %(updated)d 件、変更なし %(skipped)d 件。"
        self.message_user(
            request, words % {"new": outcome.new, "updated": outcome.updated, "skipped": outcome.skipped}
        )
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def _run(self, request: HttpRequest, table: Table, *, is_dry: bool) -> Outcome:
        resource = self._resource(request)
        dataset = tablib.Dataset(*table.rows, headers=list(table.headings))
        result = resource.import_data(
            dataset, dry_run=is_dry, raise_errors=False, rollback_on_validation_errors=True
        )
        outcome = _outcome(result, table, resource)
        if not is_dry and not outcome.errors:
            self._record_import(request, result, resource)
        return outcome

    def _record_import(self, request: HttpRequest, result: Any, resource: MasterResource) -> None:
        """One event per row that was written."""
        acts = {"new": "取込で追加", "update": "取込で変更"}
        happenings = []
        for row in result.rows:
            if row.import_type in WRITTEN:
                pairs = zip(resource.headings, row.diff, strict=True)
                changed = {heading: [before, after] for heading, (before, after) in pairs if before != after}
                happenings.append(changes.happening(row.instance, acts[row.import_type], changed))
        self._tell(request, *happenings)

    def export_page(self, request: HttpRequest) -> HttpResponse:
        """The choice of a format, or the file: all that import reads."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        suffix = request.GET.get("format", "")
        if suffix not in files.CONTENT_TYPES:
            title = f"{self.opts.verbose_name}の書出し"
            return self._show(request, "export", 200, title=title, headings=self._resource(request).headings)
        resource = self._resource(request)
        rows = [resource.shown(instance) for instance in resource.get_queryset()]
        content = files.write(suffix, str(self.opts.verbose_name), resource.headings, rows)
        response = HttpResponse(content, content_type=files.CONTENT_TYPES[suffix])
        response["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}.{suffix}"'
        return response

    def _resource(self, request: HttpRequest) -> MasterResource:
        return self.resource_class(by=request.user)

    def _salt(self, request: HttpRequest) -> str:
        """Signed for this person and this kind of data."""
        return f"staff.import:{self.opts.model_name}:{_person(request).pk}"

    def _show(self, request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/{template}.html", context, status=status)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - admin_view has let nobody else in
    return request.user


def _outcome(result: Any, table: Table, resource: MasterResource) -> Outcome:
    errors = [(1, "", str(error.error)) for error in result.base_errors]
    for bad in result.invalid_rows:
        number = table.numbers[bad.number - 1]
        for name, messages in bad.error_dict.items():
            errors += [(number, _heading(resource, name), _in_our_words(message)) for message in messages]
    for failed in result.error_rows:
        words = f"この行は取り込めませんでした（{type(failed.errors[0].error).__name__}）。"
        errors.append((table.numbers[failed.number - 1], "", words))
    lines = [
        Line(table.numbers[index], row.import_type, [(str(before), str(after)) for before, after in row.diff])
        for index, row in enumerate(result.rows)
        if row.diff is not None
    ]
    return Outcome(lines, sorted(errors))


def _in_our_words(message: str) -> str:
    """Django's own words speak of fields, which a table does not have."""
    blank = {str(Field.default_error_messages["blank"]), str(Field.default_error_messages["null"])}
    return "空欄にできません。" if message in blank else message


def _heading(resource: MasterResource, name: str) -> str:
    """The column that an error is about; "" where it is about the row."""
    if name in resource.fields:
        return str(resource.fields[name].column_name)
    known = {field.name: str(field.verbose_name) for field in resource._meta.model._meta.concrete_fields}
    return known.get(name, "")

"""Import and export pages of master data.

The rows of a preview travel with the page, signed for one person. What they would do is worked out again at
the confirmation, and nothing is written unless that is exactly what was shown.
"""

from collections.abc import Collection

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from tracker.cycle import manifestos, one_writer
from tracker.cycle.event_words.cells import codes_in
from tracker.models import Department, Manifesto
from tracker.staff.frame.manifestos import asked_manifesto
from tracker.staff.master import changes, files, shown_rows
from tracker.staff.master.files import MasterFile
from tracker.staff.master.generic import M
from tracker.staff.master.master_admin import MasterAdmin, person
from tracker.staff.master.resources import MasterImport, MasterResource
from tracker.workbooks.problems import FileProblem

ACTS = {"new": "取込で追加", "update": "取込で変更"}


class MasterFileForm(forms.Form):
    """The file, whichever of the two kinds it is."""

    file = forms.FileField(
        label="ファイル",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )

    def clean_file(self) -> MasterFile:
        try:
            return files.read(self.cleaned_data["file"].read(files.MAX_FILE_BYTES + 1))
        except FileProblem as problem:
            where = f"{problem.row} 行目：" if problem.row else ""
            raise forms.ValidationError(where + problem.message) from problem


class ExchangedAdmin(MasterAdmin[M]):
    """Master data with an import and an export page."""

    resource_class: type[MasterResource[M]]
    manifesto_path = ""  # leads to the manifesto of a thing that has one (of_manifesto)
    change_list_template = "admin/exchanged_list.html"

    @property
    def headings(self) -> list[str]:
        return [field.column_name for field in self.resource_class.fields.values()]

    @property
    def keys(self) -> list[str]:
        """The headings whose texts together tell a row from all others."""
        fields = self.resource_class.fields
        return [fields[name].column_name for name in self.resource_class._meta.import_id_fields]

    def get_urls(self) -> list[URLPattern]:
        own, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        importing = path("import/", own(self.import_page), name=f"{name}_import")
        return [importing, path("export/", own(self.export_page), name=f"{name}_export"), *super().get_urls()]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Upload, preview, confirmation: the rows of the last travel in the form."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if "rows" in request.POST:
            return self._confirm(request)
        form = MasterFileForm(request.POST, request.FILES) if request.method == "POST" else MasterFileForm()
        if form.is_valid():
            file: MasterFile = form.cleaned_data["file"]
            if not (problem := _heading_problem(self.headings, self.resource_class.may_lack, file)):
                return self._preview(request, file)
            form.add_error("file", problem)
        return self._show(request, "import", "取込", 400 if form.is_bound else 200, form=form)

    def _preview(self, request: HttpRequest, file: MasterFile, *, again: bool = False) -> HttpResponse:
        outcome = self._resource(request).take_in(file, dry_run=True)
        packed = shown_rows.pack(file, outcome.fingerprint, salt=self._salt(request))
        can_confirm = outcome.writing and not outcome.errors
        context = {"outcome": outcome, "rows": packed if can_confirm else "", "is_too_large": not packed}
        context |= {"noted": file.noted}
        status = 400 if outcome.errors else 409 if again else 200
        return self._show(request, "import_preview", "取込の確認", status, again=again, **context)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        """Writes what was shown, and only if that is still what the rows do."""
        packed, salt = request.POST["rows"], self._salt(request)
        file, (fingerprint,) = shown_rows.unpack(packed, salt=salt, called="ファイル")
        with transaction.atomic():
            one_writer.wait_for_turn()
            outcome = self._resource(request).take_in(file, dry_run=False)
            is_as_shown = not outcome.errors and outcome.fingerprint == fingerprint
            if is_as_shown:
                self._record_import(request, outcome)
            else:
                transaction.set_rollback(True)
        if not is_as_shown:
            return self._preview(request, file, again=True)
        counts = "追加 {new} 件、変更 {update} 件、変更なし {skip} 件。".format_map(outcome.counts)
        self.message_user(request, f"取り込みました。{counts}")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _record_import(self, request: HttpRequest, outcome: MasterImport) -> None:
        """One event per row that was written, with the names of the departments whose codes it has."""
        happenings, names = [], {each.code: str(each) for each in Department.objects.all()}
        for _number, row in outcome.writing:
            cells = zip(self.headings, row.diff, strict=True)
            changed = {heading: both for heading, both in cells if both[0] != both[1]}
            happening = changes.recorded(row.instance, ACTS[row.import_type], changed)
            codes = {code for heading, both in changed.items() for code in codes_in(heading, " ".join(both))}
            happening.content["offices"] = {code: names[code] for code in sorted(codes & names.keys())}
            happenings.append(happening)
        self._tell(request, *happenings)

    def export_page(self, request: HttpRequest) -> HttpResponse:
        """The choice of a format, or the file: all that import reads. 409 for what a workbook cannot hold."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        suffix, problem = request.GET.get("format", ""), ""
        manifesto = asked_manifesto(request) if request.GET.get("manifesto") else None
        if suffix in files.CONTENT_TYPES:
            try:
                return self._file(request, suffix, manifesto)
            except FileProblem as found:
                problem = found.message
        return self._show(request, "export", "書出し", 409 if problem else 200, problem=problem)

    def _file(self, request: HttpRequest, suffix: str, manifesto: Manifesto | None) -> HttpResponse:
        """All rows, or those of a manifesto. Raises FileProblem."""
        resource = self._resource(request)
        rows = resource.get_queryset()
        if manifesto and self.manifesto_path:
            rows = rows.filter(**{self.manifesto_path: manifesto})
        table = resource.export(rows)
        name = "-".join([str(self.opts.model_name), *([manifesto.slug] if manifesto else [])])
        content = files.write(suffix, str(self.opts.verbose_name), table.headers, list(table))
        disposition = {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}
        return HttpResponse(content, content_type=files.CONTENT_TYPES[suffix], headers=disposition)

    def _resource(self, request: HttpRequest) -> MasterResource[M]:
        return self.resource_class(by=person(request))

    def _salt(self, request: HttpRequest) -> str:
        """Signed for this person and this kind of data."""
        return f"staff.import:{self.opts.model_name}:{person(request).pk}"

    def _show(self, request: HttpRequest, page: str, act: str, status: int, **more: object) -> HttpResponse:
        title = f"{self.opts.verbose_name}の{act}"
        own = {"opts": self.opts, "title": title, "headings": self.headings, "keys": self.keys}
        if self.manifesto_path and len(named := manifestos.names_of_all()) > 1:
            own |= {"manifestos": named, "suffixes": list(files.CONTENT_TYPES)}
        context = {**self.admin_site.each_context(request), **own, **more}
        return TemplateResponse(request, f"admin/{page}.html", context, status=status)


def _heading_problem(headings: list[str], may_lack: Collection[str], file: MasterFile) -> str:
    """What is wrong with a file's headings; "" where nothing is."""
    advice = "書き出したファイルの見出しのまま使ってください。"
    if lacking := [each for each in headings if each not in file.headings and each not in may_lack]:
        return f"見出し「{'」「'.join(lacking)}」がありません。{advice}"
    unknown = [heading for heading in file.headings if heading not in headings]
    if unknown or len(file.headings) != len(set(file.headings)):
        return f"見出し「{'」「'.join(unknown or file.headings)}」は分かりません。{advice}"
    return ""

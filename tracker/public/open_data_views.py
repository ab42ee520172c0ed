"""The open data page and its files."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tracker.models import Report, ReportEntry
from tracker.public import open_data
from tracker.public.context import LICENSES
from tracker.public.pages import frozen_page
from tracker.public.scope import Published, Scope


@frozen_page()
def index(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Every file of every report, what the columns mean, and under which licence."""
    entries = list(ReportEntry.objects.filter(report=scope.report).order_by("position"))
    definitions = [
        (name, title, open_data.columns_of(name, scope.report, entries)) for name, title in open_data.DATA_SETS.items()
    ]
    files = [(row, _files(row)) for row in scope.reports]
    return render(
        request,
        "public/data.html",
        {
            "scope": scope,
            "path": "data/",
            "section": "data",
            "files": files,
            "definitions": definitions,
            "formats": open_data.FORMATS,
            "json_ld": _json_ld(request, scope),
        },
    )


def _files(row: Published) -> list[tuple[str, list[tuple[str, str]]]]:
    """(title, [(format, file name)]) per data set."""
    return [
        (
            title,
            [(words, open_data.file_name(name, row.as_of, row.edition, suffix)) for suffix, words in open_data.FORMATS.items()],
        )
        for name, title in open_data.DATA_SETS.items()
    ]


def _json_ld(request: HttpRequest, scope: Scope) -> str:
    """The data set described for search engines (schema.org Dataset), safe inside a script element."""
    here = f"/{scope.report.slug}/data/"
    newest = scope.latest
    first_year = min([*scope.report.result_years, scope.report.fiscal_year])
    content = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"{settings.CITY_NAME} {scope.report.title}",
        "description": (
            f"{settings.CITY_NAME}の市長マニフェストに掲げた公約の取組ごとに、年度別の主な取組、次年度の予定、"
            "実施状況の評価、担当課をまとめたデータです。"
        ),
        "url": here,
        "inLanguage": "ja",
        "isAccessibleForFree": True,
        "license": LICENSES[settings.DATA_LICENSE][1],
        "creator": {"@type": "GovernmentOrganization", "name": settings.CITY_NAME},
        "temporalCoverage": f"{first_year}-04-01/{scope.report.as_of.isoformat()}",
        "dateModified": timezone.localtime(scope.report.published_at).date().isoformat(),
        "version": f"{newest.as_of.isoformat()} e{newest.edition}",
        "distribution": [
            {
                "@type": "DataDownload",
                "name": f"{title} {words}",
                "encodingFormat": open_data.CONTENT_TYPES[file.rsplit(".", 1)[1]].split(";")[0],
                "contentUrl": here + file,
            }
            for title, formats in _files(newest)
            for words, file in formats
        ],
    }
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@frozen_page()
def download(request: HttpRequest, scope: Scope, file_name: str) -> HttpResponse:
    """One file of one edition."""
    asked = open_data.parse_file_name(file_name)
    if asked is None:
        raise Http404
    data_set, as_of, edition, suffix = asked
    row = next((row for row in scope.reports if (row.as_of, row.edition) == (as_of, edition)), None)
    if row is None:
        raise Http404
    report = Report.objects.get(pk=row.pk)
    entries = list(ReportEntry.objects.filter(report=report).order_by("position"))
    return HttpResponse(
        open_data.write(data_set, suffix, report, entries),
        content_type=open_data.CONTENT_TYPES[suffix],
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )

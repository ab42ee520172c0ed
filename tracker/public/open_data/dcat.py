"""The open data described for machines, as JSON-LD: a DCAT catalogue (W3C DCAT 3) and a schema.org Dataset.

Addresses have the host where PUBLIC_URL says it; else they are paths, read against the document's own.
"""

import json
from typing import Any

from django.conf import settings
from django.utils import timezone

from tracker.public.addresses import absolute
from tracker.public.context import LICENSES
from tracker.public.open_data import files
from tracker.public.open_data.files import ALL_TABLES, CP932_ZIP, CSV, ZIP, DataFile
from tracker.public.open_data.summary import SUMMARY
from tracker.public.open_data.tables import TABLES, tables_of
from tracker.public.published import Published
from tracker.public.scope import Scope
from tracker.words.fiscal_years import round_label

RULES = "行政データにおける機械可読性に関するルール"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
ANNUAL = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
JAPANESE = "http://publications.europa.eu/resource/authority/language/JPN"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
TITLE_OF_ALL, ABOUT_ALL = "すべての表", "すべての表を1つにまとめたファイルです。"


def files_of(row: Published, content: str) -> list[DataFile]:
    """A table's files, or those of all tables together, in one edition."""
    return [
        DataFile(row.city.code, content, row.as_of, row.edition, format)
        for format in files.formats_of(content)
    ]


def dcat(scope: Scope) -> dict[str, Any]:
    """A dcat:Catalog with a dcat:Dataset for each table of the scope's report, and one for all tables."""
    contents = [
        (ALL_TABLES, TITLE_OF_ALL, ABOUT_ALL),
        *((t.name, t.title, t.about) for t in (*tables_of(scope), SUMMARY)),
    ]
    return {
        "@context": CONTEXT,
        "@id": absolute(scope.this.url("catalog")),
        "@type": "dcat:Catalog",
        "dct:title": _ja(f"{_title(scope)} オープンデータ"),
        "dct:description": _ja(_description(scope)),
        "foaf:homepage": {"@id": absolute(scope.root.url("data"))},
        **_common(scope),
        "dcat:dataset": [_dataset(scope, *content) for content in contents],
    }


def _title(scope: Scope) -> str:
    """Whose report, of which term and which one of its year, where there are several."""
    report = scope.report
    term = f"（{report.slug}）" if scope.term_name and report.slug not in report.title else ""
    named = f" {round_label(report.fiscal_year, report.round_name)}" if report.round_name else ""
    return f"{scope.city.name} {report.title}{term}{named}"


def _dataset(scope: Scope, content: str, title: str, about: str) -> dict[str, Any]:
    row, begin, end = scope.this, *map(_day, _span(scope))
    first, anchor = files_of(row, content)[0], f"#table-{content}"
    before = scope.corrects
    corrected = {"dcat:previousVersion": {"@id": absolute(before.url("data")) + anchor}} if before else {}
    return {
        "@id": absolute(row.url("data")) + anchor,
        "@type": "dcat:Dataset",
        "dct:identifier": first.name.removesuffix(first.format.ending),
        "dct:title": _ja(f"{_title(scope)} {title}"),
        "dct:description": _ja(about),
        "dcat:keyword": [_ja(word) for word in ("市長マニフェスト", "公約", "実施状況", "評価")],
        "dcat:version": f"{row.as_of.isoformat()} e{row.edition}",
        **corrected,
        **_common(scope),
        "dct:accrualPeriodicity": {"@id": ANNUAL},
        "dct:temporal": {"@type": "dct:PeriodOfTime", "dcat:startDate": begin, "dcat:endDate": end},
        "dct:conformsTo": {
            "@type": "dct:Standard",
            "dct:title": _ja(RULES),
            "dct:issued": _day("2026-03-31"),
        },
        "dcat:contactPoint": _contact(scope),
        "dcat:landingPage": {"@id": absolute(row.url("data"))},
        "dcat:distribution": [_distribution(scope, file, title) for file in files_of(row, content)],
    }


def _identifier(scope: Scope, name: str) -> dict[str, str]:
    """The city's code, where it is known."""
    return {name: scope.city.code} if scope.city.code else {}


def _common(scope: Scope) -> dict[str, Any]:
    published = _day(_published_on(scope))
    return {
        "dct:publisher": {
            "@type": "foaf:Agent",
            "foaf:name": _ja(scope.city.name),
            **_identifier(scope, "dct:identifier"),
        },
        "dct:issued": published,
        "dct:modified": published,  # an edition never changes
        "dct:language": {"@id": JAPANESE},
        "dct:license": {"@id": _license()},
        "dct:spatial": {
            "@type": "dct:Location",
            **_identifier(scope, "dct:identifier"),
            "skos:prefLabel": _ja(scope.city.name),
        },
    }


def _distribution(scope: Scope, file: DataFile, title: str) -> dict[str, Any]:
    is_packed = file.format in {ZIP, CP932_ZIP}
    packed = {"dcat:packageFormat": {"@id": f"{MEDIA_TYPES}{ZIP.media_type}"}} if is_packed else {}
    return {
        "@type": "dcat:Distribution",
        "dct:title": _ja(f"{title} {file.format.title}"),
        "dcat:accessURL": {"@id": absolute(scope.this.url("data"))},
        "dcat:downloadURL": {"@id": absolute(scope.root.url("data_file", file_name=file.name))},
        "dcat:mediaType": {"@id": f"{MEDIA_TYPES}{CSV.media_type if is_packed else file.format.media_type}"},
        **packed,
        "dct:license": {"@id": _license()},
    }


def _contact(scope: Scope) -> dict[str, Any]:
    city = scope.city
    address = {"vcard:hasURL": {"@id": city.contact_url}} if city.contact_url else {}
    return {"@type": "vcard:Organization", "vcard:fn": _ja(city.contact), **address}


def _ja(words: str) -> dict[str, str]:
    return {"@value": words, "@language": "ja"}


def _day(iso: str) -> dict[str, str]:
    return {"@value": iso, "@type": "xsd:date"}


def schema_org(scope: Scope) -> dict[str, Any]:
    """The data set for search engines (schema.org Dataset): the two main tables and the whole."""
    main = [(table.name, table.title) for table in TABLES if table.group == "main"] + [
        (ALL_TABLES, TITLE_OF_ALL)
    ]
    begin, end = _span(scope)
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": _title(scope),
        "description": _description(scope),
        "url": absolute(scope.root.url("data")) if scope.is_latest else absolute(scope.this.url("data")),
        "inLanguage": "ja",
        "isAccessibleForFree": True,
        "license": _license(),
        "creator": {"@type": "GovernmentOrganization", "name": scope.city.name},
        "temporalCoverage": f"{begin}/{end}",
        "spatialCoverage": {"@type": "Place", "name": scope.city.name, **_identifier(scope, "identifier")},
        "dateModified": _published_on(scope),
        "version": f"{scope.this.as_of.isoformat()} e{scope.this.edition}",
        "includedInDataCatalog": {"@type": "DataCatalog", "url": absolute(scope.this.url("catalog"))},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": f"{title} {file.format.title}",
                "encodingFormat": file.format.media_type,
                "contentUrl": absolute(scope.root.url("data_file", file_name=file.name)),
            }
            for content, title in main
            for file in files_of(scope.this, content)
        ],
    }


def in_script(content: dict[str, Any]) -> str:
    """JSON that cannot close the script element it stands in."""
    return json.dumps(content, ensure_ascii=False).translate(ESCAPES)


def _description(scope: Scope) -> str:
    return (
        f"{scope.city.name}の市長マニフェストに掲げた公約の取組ごとに、年度別の主な取組、次年度の予定、"
        "実施状況の評価、担当課をまとめたデータです。"
    )


def _license() -> str:
    return LICENSES[settings.DATA_LICENSE][1]


def _published_on(scope: Scope) -> str:
    """The day in Japan."""
    return timezone.localtime(scope.report.published_at).date().isoformat()


def _span(scope: Scope) -> tuple[str, str]:
    """From the first fiscal year whose results are told, to the report's date."""
    first = min([*scope.report.result_years, scope.report.fiscal_year])
    return f"{first}-04-01", scope.report.as_of.isoformat()

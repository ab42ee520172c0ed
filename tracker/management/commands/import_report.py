"""`manage.py import_report FILE`: a published table into the workspace and, with --publish, to the public."""

import hashlib
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from tracker.cycle.event_words.publishing import OF_ANSWERS
from tracker.cycle.round_dates import too_early
from tracker.models import Manifesto, Report
from tracker.published_tables import loading
from tracker.published_tables.differences import seen_changes
from tracker.published_tables.file.document import LayoutDocument, LayoutProblem, as_document, parse_document
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.keeping import refusal_to_keep
from tracker.published_tables.file.looks import ASIDE
from tracker.published_tables.file.proposal import propose
from tracker.published_tables.file.reading import content_of, read_table
from tracker.published_tables.file.repeats import TWICE
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableIndicator,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.published_tables.loaded_rounds import year_of_table
from tracker.published_tables.row_writer import LoadingProblem
from tracker.reports import publishing
from tracker.turns import Busy
from tracker.words.places import written
from tracker.workbooks.problems import FileProblem

SLUG_FIELD = Manifesto._meta.get_field("slug")
MAX_BY = 200  # what the models hold


class Command(BaseCommand):
    help = "公表された達成状況の表（.xlsx、.csv、またはテキスト）を取り込みます。"
    # They import the whole staff site, a second that no table needs; `migrate` has run them before.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="表のファイル")
        parser.add_argument("--check", action="store_true", help="読めるかを確かめるだけで、何も書き込まない")
        parser.add_argument("--json", action="store_true", help="読み取った内容を JSON で出力する")
        layout = "表の配置（どの列が何か、など）の JSON。書いていないことは、表から判断する"
        parser.add_argument("--layout", metavar="JSON", type=Path, help=layout)
        proposal = "表の配置の案を JSON で出力する（--layout に渡せる形。判断に迷った所も出る）"
        parser.add_argument("--propose", action="store_true", help=proposal)
        parser.add_argument("--publish", action="store_true", help="取り込んだあと、そのまま公表する")
        slug_help = "マニフェストの名前（初期値は見出しの最初の年度）"
        parser.add_argument("--manifesto", metavar="SLUG", help=slug_help)
        parser.add_argument("--reason", default="", help="公表版を訂正する理由（第 2 版から必要）")
        parser.add_argument("--by", default="import_report", help="履歴と公表版に残す、実行した人の名前")
        ending = "表にない進行中の取組を、終わったものとする"
        parser.add_argument("--end-missing", action="store_true", help=ending)
        parser.add_argument("--if-empty", action="store_true", help="公表版がすでにあれば何もしない")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        # Progress and outcome; on standard error while standard output carries JSON.
        self.say = (self.stderr if options["json"] or options["propose"] else self.stdout).write
        if options["if_empty"] and Report.objects.exists():
            self.stdout.write("公表版がすでにあるので、取り込みませんでした。")
            return
        self.say(f"{file.name} を読み取っています…")
        try:
            told = parse_document(content_of(options["layout"])) if options["layout"] else None
            if options["propose"]:
                self._propose(file, told)
                return
            table = read_table(file, told)
        except FileProblem as problem:
            raise CommandError(problem.in_words(file.name)) from problem
        except LayoutProblem as problem:
            raise CommandError(f"{options['layout']}：{problem}") from problem
        except Busy as busy:
            raise CommandError(f"{busy}少し待って、もう一度実行してください。") from busy
        slug = self._slug(options["manifesto"] or str(table.first_year))
        if len(options["by"]) > MAX_BY:
            raise CommandError(f"--by：{MAX_BY} 字までで書いてください。")
        if not options["json"]:
            self._summarise(table)
        if words := too_early(year_of_table(table), table.as_of, timezone.localdate()):
            self.stderr.write(words)
        if options["check"]:
            self._check(file, table, slug, options)
            self.say("確認だけを行いました。何も書き込んでいません。")
        else:
            self._write(file, table, slug, options)
        if options["json"]:
            self.stdout.write(json.dumps(table_as_json(table), ensure_ascii=False, indent=1))

    def _propose(self, file: Path, told: LayoutDocument | None) -> None:
        """The layout that the table would be read by, and on standard error what is doubtful in it."""
        proposal = propose(grid_of(content_of(file)), told)
        for doubt in proposal.doubts:
            self.stderr.write(doubt.in_words())
        for question in proposal.questions:
            self.stderr.write(f"要確認：{question.in_words(file.name)}")
        self.stdout.write(json.dumps(as_document(proposal.layout), ensure_ascii=False, indent=1))

    def _slug(self, slug: str) -> str:
        try:
            SLUG_FIELD.run_validators(slug)
        except ValidationError as problem:
            raise CommandError(f"--manifesto {slug}：{problem.messages[0]}") from problem
        return slug

    def _check(self, file: Path, table: PublishedTable, slug: str, options: dict[str, Any]) -> None:
        """Every check that an import makes, by an import that is taken back. What cannot be kept is told."""
        if refusal := refusal_to_keep(table):
            self.say(refusal)
            return
        with transaction.atomic():
            self._tell_outcome(self._load(file, table, slug, options), "なります")
            transaction.set_rollback(True)

    def _tell_outcome(self, outcome: loading.LoadingOutcome, become: str) -> None:
        """Which words become the table's, and what the import decided of what it does not tell.

        Nothing where it changes nothing.
        """
        for place, before, after in outcome.reworded:
            self.say(f"{place} の文言は、この表のとおりに{become}：「{before}」→「{after}」")
        for key, label in OF_ANSWERS.items():
            for words in outcome.named.get(key, []) if not outcome.is_unchanged else ():
                self.say(f"{label}：{words}")

    def _load(
        self, file: Path, table: PublishedTable, slug: str, options: dict[str, Any]
    ) -> loading.LoadingOutcome:
        source = {"file_name": file.name, "file_digest": hashlib.sha256(file.read_bytes()).hexdigest()}
        try:
            return loading.load(
                table, slug=slug, by=options["by"], end_missing=options["end_missing"], **source
            )
        except LoadingProblem as problem:
            raise CommandError(f"{file.name}：{problem} 何も書き込んでいません。") from problem

    def _write(self, file: Path, table: PublishedTable, slug: str, options: dict[str, Any]) -> None:
        self.say("データベースに書き込んでいます…")
        published = None
        try:
            with transaction.atomic():
                outcome = self._load(file, table, slug, options)
                if options["publish"]:
                    published = publishing.publish(
                        outcome.round,
                        by=options["by"],
                        reason=options["reason"],
                        whole_catalogue=not outcome.is_unchanged,
                    )
        except publishing.PublishingProblem as problem:
            raise CommandError(f"{file.name}：{problem} 何も書き込んでいません。") from problem
        words = (
            f"取り込みました（新規 {outcome.created.total()} 件、変更 {seen_changes(outcome).total()} 件）。"
        )
        unchanged = "同じ内容がすでに取り込まれています。変更はありません。"
        self.say(unchanged if outcome.is_unchanged else words)
        self._tell_outcome(outcome, "なりました")
        if published:
            report, is_new = published
            words = "を公表しました" if is_new else "は同じ内容で公表済みです。新しい版は作りませんでした"
            self.say(f"{report.slug} {report.as_of} 第{report.edition}版{words}。")

    def _summarise(self, table: PublishedTable) -> None:
        counts = table.counts()
        self.stdout.write(f"{table.title}（{table.as_of} 時点）")
        self.stdout.write(
            "分野 {categories}、項目 {sections}、公約 {pledges}、取組 {initiatives}"
            "（うち評価なし {unrated}）、担当課 {departments}".format(**counts)
        )
        self.stdout.write(f"評価の区分：{'、'.join(step.called for step in table.ratings) or 'なし'}")
        for anomaly in (each for each in table.anomalies if each.kind == "column_unknown"):
            self.stdout.write(f"知らない列「{anomaly.column}」は、取組のメモとして残しました。")
        for anomaly in (each for each in table.anomalies if each.kind in ASIDE):
            self.stdout.write(f"{anomaly.sheet}　{anomaly.read}：{anomaly.done}。".lstrip("　"))
        for anomaly in (each for each in table.anomalies if each.kind in TWICE):
            self.stdout.write(f"{anomaly.in_words()}。")
        self.stdout.write(f"読み取りで判断した箇所：{len(table.anomalies)} 件（--json で一覧）")


def table_as_json(table: PublishedTable) -> dict[str, Any]:
    """The table as --json prints it. A text has a bullet per line; years are strings, as JSON keys are.

    "notes" is there for an initiative that has some, "bare_pledges" where there are some.
    """
    return {
        "title": table.title,
        "as_of": table.as_of.isoformat(),
        "ratings": [
            {"code": r.code, "label": r.label, "percent": r.percent, "definition": r.definition}
            | ({"rank": False} if r.code in table.unranked else {})
            for r in table.ratings
        ],
        "counts": table.counts(),
        "anomalies": [vars(anomaly) for anomaly in table.anomalies],
        "initiatives": [
            {
                "key": table_key(category, section, pledge, initiative),
                "category": category.name or None,
                "section": section.name or None,
                "pledge": pledge.text,
                "pledge_number": pledge.number,
            }
            | _as_json(initiative)
            for category, section, pledge in table.pledges()
            for initiative in pledge.initiatives
        ],
    } | ({"bare_pledges": bare} if (bare := _bare_pledges(table)) else {})


def _bare_pledges(table: PublishedTable) -> list[dict[str, object]]:
    """The pledges that the table says have no initiative yet."""
    return [
        {
            "key": written((category.number, section.number, pledge.position)),
            "category": category.name or None,
            "section": section.name or None,
            "pledge": pledge.text,
            "pledge_number": pledge.number,
        }
        for category, section, pledge in table.pledges()
        if not pledge.initiatives
    ]


def table_key(
    category: TableCategory, section: TableSection, pledge: TablePledge, initiative: TableInitiative
) -> str:
    """「1-1-2-3」: the places of field, section, pledge and initiative, without those that are not there."""
    return written((category.number, section.number, pledge.position, initiative.position))


def _as_json(initiative: TableInitiative) -> dict[str, Any]:
    said = {
        "plan_projects": [reference.text for reference in initiative.plan_projects],
        "sdgs": list(initiative.sdgs or ()),
        "sdgs_known": initiative.sdgs is not None,
        "results": {str(year): text for year, text in initiative.results.items()},
        "plans": {str(year): text for year, text in initiative.plans.items()},
        "rating": initiative.rating,
        "reason": initiative.rating_reason,
        "ratings_by_year": {str(year): code for year, code in initiative.ratings_by_year.items()},
        "extras": initiative.extras,
        "indicators": [_indicator(each) for each in initiative.indicators],
        "departments": [vars(term) for term in initiative.departments],
        "other_departments": initiative.others,
        "source_row": initiative.row,
    }
    said |= {"initiative": initiative.text} if initiative.text else {}
    return said | ({"notes": initiative.notes} if initiative.notes else {})


def _indicator(indicator: TableIndicator) -> dict[str, Any]:
    figures = {
        name: {str(year): figure for year, figure in getattr(indicator, name).items()}
        for name in ("targets", "actuals", "rates")
    }
    return {"name": indicator.name, "unit": indicator.unit, **figures}

"""`manage.py verify_events`: whether all is as it was recorded (reports/verifying.py).

Ends with 1 if one is not.
"""

import json
import re
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.cycle import seals
from tracker.last_runs import ended_well
from tracker.reports.verifying import Verification


class Command(BaseCommand):
    help = "履歴・公表版・取組の行が、記録されたときのままかを確かめます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="結果を JSON で出力する")
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="ハッシュ",
            help="控えておいたハッシュ（前にこの命令が示した終わり、公表版の一覧の「公表する直前の履歴」）が、"
            "履歴にあることも確かめる。何回でも書ける",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads = [head.strip().lower() for head in options["head"]]
        if wrong := [head for head in heads if not re.fullmatch(r"[0-9a-f]{64}", head)]:
            raise CommandError(f"--head {wrong[0]}：ハッシュは、0〜9 と a〜f の 64 文字です。")
        try:
            found = Verification(heads, tell=self._tell)
        except OSError as problem:
            raise CommandError(f"控え（{seals.log_path()}）を読めません：{problem.strerror}。") from problem
        found.run()
        if not found.problems:
            ended_well("verify_events")
        if options["json"]:
            self._print_json(found)
        elif found.problems:
            words = "\n".join(str(problem) for problem in found.problems)
            raise CommandError(
                f"履歴 {found.count:,} 件を確かめ、正しくないところが見つかりました。\n{words}"
            )
        else:
            self._print(found)

    def _tell(self, count: int) -> None:
        self.stderr.write(f"{count:,} 件まで確かめました…")

    def _print(self, found: Verification) -> None:
        self.stdout.write(f"履歴 {found.count:,} 件を確かめました。改ざんは見つかりませんでした。")
        versions = found.digest_versions.items()
        told = "、".join(f"方式 {version}：{count:,} 件" for version, count in versions)
        versions_told = f"（確認番号の{told}）" if told else ""
        self.stdout.write(f"公表版 {len(found.reports):,} 件も、公表したときのままです{versions_told}。")
        self.stdout.write(f"取組の行 {found.recorded.compared:,} 件も、履歴のとおりです。")
        if found.end.number:
            sealed = "封印は鍵と合っています" if found.is_sealed else "封印はありません"
            self.stdout.write(f"履歴の終わり：{found.end.number:,} 番 {found.end.own_hash}（{sealed}）")
        if found.log.reaches:
            self.stdout.write(f"控え：{found.log.reaches:,} 番まで、履歴と合っています。")
        for notice in found.notices:
            self.stdout.write(f"ご注意：{notice}")

    def _print_json(self, found: Verification) -> None:
        end = {"number": found.end.number, "hash": found.end.own_hash, "sealed": found.is_sealed}
        log = {
            "lines": found.log.lines,
            "reaches": found.log.reaches,
            "unreadable": len(found.log.unreadable),
        }
        outcome = {
            "events": found.count,
            "reports": len(found.reports),
            "rows": found.recorded.compared,
            "digest_versions": found.digest_versions,
            "end": end,
            "log": log,
            "holds": not found.problems,
            "problems": [asdict(each) for each in found.problems],
            "notices": found.notices,
        }
        self.stdout.write(json.dumps(outcome, ensure_ascii=False, indent=1))
        if found.problems:
            sys.exit(1)

"""Entry sheets in every state in which a page shows them: `python -m tests.browser.sheet_states`.

A process of its own, on the site's database and through the same functions as the pages. Prints who sees
which state where.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import django

CLERK, COLLEAGUE, PLANNER = "clerk", "colleague", "planner"
LONG_NAME = (
    "入力シート_令和6年度_とても長い名前の付いた担当課の提出用のファイル"
    "（最終版の修正版のコピー）_v2_FINAL_final.xlsx"
)
UNBROKEN = "https://example.com/" + "abcdefghij" * 30
LONG = "・会議を 3 回開き、計画をまとめました。" * 120 + f"\n・{UNBROKEN}\n" + "・説明会を開きました。\n" * 40


def prepare() -> dict[str, list[str]]:
    """The cast, an open round, and a batch in each state. Returns user name and address by the state's
    name.
    """
    from tests.browser.the_rest import people
    from tests.staff.people import open_round
    from tracker.models import Manifesto, User

    people()
    round = open_round(Manifesto.objects.get(), User.objects.get(username=PLANNER))
    stage = Stage(round)
    made = {name: [who, f"/staff/sheets/{batch.key}/"] for name, who, batch in batches(stage)}
    page = f"/staff/rounds/{round.pk}/sheets/"
    return {
        **made,
        "page, empty": [COLLEAGUE, page],
        "page": [CLERK, page],
        "page of the planning office": [PLANNER, page],
        "page, closed": [PLANNER, f"/staff/rounds/{closed_round()}/sheets/"],
    }


def closed_round() -> int:
    """A round of another manifesto, which takes no more answers."""
    from tests.staff.people import Cast
    from tests.workspace import make_workspace
    from tracker.cycle import rounds
    from tracker.models import User

    cast = Cast(**{name: User.objects.get(username=name) for name in Cast.__dataclass_fields__})
    round = make_workspace(1, slug="2017", cast=cast).round
    rounds.close(round, by=cast.planner)
    return int(round.pk)


class Stage:
    """The round, its people, and the rows that the clerk's department answers for."""

    def __init__(self, round: Any) -> None:
        from tracker.models import Department, User, YearlyAction

        self.round = round
        self.clerk, self.colleague, self.planner = (
            User.objects.get(username=name) for name in (CLERK, COLLEAGUE, PLANNER)
        )
        self.department = Department.objects.get(pk=next(iter(self.clerk.department_ids)))
        rows = YearlyAction.objects.filter(round=round).answered_by([self.department.pk])
        self.rows = list(rows.with_place().with_departments().in_table_order())

    def fresh(self, number: int) -> Any:
        return type(self.rows[0]).objects.get(pk=self.rows[number].pk)

    def sheet(self, whole: bool = False) -> bytes:
        from tracker.entry_sheets import exporting

        if whole:
            return exporting.export(self.round, by=self.planner)[1]
        return exporting.export(self.round, by=self.clerk, department=self.department)[1]

    def answered(self, answers: Mapping[int, Mapping[str, Any]], content: bytes | None = None) -> Any:
        """The clerk's sheet with answers by the rows' numbers, opened."""
        from tests.entry_sheets.filling import Filled

        opened = Filled(content or self.sheet())
        for number, values in answers.items():
            opened.write(self.rows[number].pk, **values)
        return opened

    def received(
        self, content: bytes, *, by: Any = None, name: str = "入力シート_土木課.xlsx", submits: bool = False
    ) -> Any:
        from tracker.entry_sheets import receiving

        return receiving.receive(
            content, file_name=name, round=self.round, by=by or self.clerk, submits=submits
        )

    def applied(self, answers: Mapping[int, Mapping[str, Any]], *, submits: bool = False) -> Any:
        from tracker.entry_sheets import applying, planning

        batch = self.received(self.answered(answers).bytes(), submits=submits)
        return applying.confirm(batch, by=self.clerk, seen=planning.plan_of(batch, self.clerk).digest)


def batches(stage: Stage) -> Iterator[tuple[str, str, Any]]:
    """Name, who looks, and the batch of each state."""
    yield "nothing to do", CLERK, stage.received(stage.sheet())
    yield (
        "outcome, applied",
        CLERK,
        stage.applied({0: {"result": "・橋を直しました。", "plan": "・道を直します。"}, 1: ANSWER}),
    )
    yield (
        "outcome, submitted",
        CLERK,
        stage.applied({2: COMPLETE, 3: {"result": "・途中です。"}}, submits=True),
    )
    yield "outcome, touched since", CLERK, touched(stage)
    yield "outcome, undone", CLERK, undone(stage)
    yield (
        "changes",
        CLERK,
        stage.received(stage.answered({0: CHANGE, 6: ANSWER, 7: UNREASONED}).bytes(), submits=True),
    )
    yield "onlooker", PLANNER, stage.received(stage.answered({6: ANSWER}).bytes())
    yield "conflict", CLERK, conflict(stage)
    yield "errors", CLERK, errors(stage)
    yield "without a base", CLERK, without_base(stage)
    yield (
        "long text",
        CLERK,
        stage.received(stage.answered({8: {"result": LONG, "plan": UNBROKEN}}).bytes(), name=LONG_NAME),
    )
    yield "many rows", PLANNER, many(stage)


ANSWER = {"result": "・会議を 3 回開きました。\n・計画をまとめました。"}
CHANGE = {"result": "・橋を 2 か所直しました。\n・点検しました。", "plan": "・道を直します。"}
COMPLETE = {
    **ANSWER,
    "rating": "評価を付けない",
    "rating_reason": "・県の事業に移ったため。",
    "plan": "・工事を始めます。",
}
UNREASONED = {**ANSWER, "rating": "評価を付けない"}


def touched(stage: Stage) -> Any:
    from tests.staff.people import fill

    batch = stage.applied({4: ANSWER})
    fill(stage.fresh(4), stage.colleague, result="・あとから書き直しました。")
    return batch


def undone(stage: Stage) -> Any:
    from tracker.entry_sheets import applying

    return applying.undo(stage.applied({5: ANSWER}), by=stage.planner)


def conflict(stage: Stage) -> Any:
    """Two cells that two people wrote, one that only the other did."""
    from tests.staff.people import fill

    sheet = stage.sheet()
    fill(
        stage.fresh(9),
        stage.colleague,
        result="・同僚が先に書きました。\n・会議を開きました。",
        plan="・同僚の予定です。",
    )
    answers = {
        9: {"result": "・自分も書きました。", "rating": "評価を付けない"},
        10: {"plan": "・自分の予定です。"},
    }
    return stage.received(stage.answered(answers, sheet).bytes())


def errors(stage: Stage) -> Any:
    """A rating that is none, a locked row, a foreign row, a row twice, a reference cell written into, a
    column of one's own.
    """
    opened = stage.answered(
        {0: {"rating": "よくできた"}, 2: {"result": "・提出したあとの文です。"}, 6: ANSWER}
    )
    opened.write(stage.rows[7].pk, last_result="・去年の文を直しました。")
    sheet, number, columns = opened.place(stage.rows[10].pk)
    sheet.cell(number, columns["id"]).value = 999_999
    sheet.cell(number, columns["result"]).value = "・だれの行でもありません。"
    sheet, number, columns = opened.place(stage.rows[11].pk)
    sheet.cell(number, columns["id"]).value = stage.rows[12].pk
    header, _columns = opened.header(sheet)
    sheet.cell(header, max(columns.values()) + 1).value = "メモ"
    return stage.received(opened.bytes())


def without_base(stage: Stage) -> Any:
    """A CSV, which does not tell what it was made from, of rows that have moved since."""
    import csv
    import io

    opened = stage.answered({0: {"result": "・CSV で書きました。"}, 6: ANSWER})
    sheet, number, columns = opened.place(stage.rows[0].pk)
    sheet.cell(number, columns["version"]).value = 1
    out = io.StringIO()
    rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    csv.writer(out).writerows(rows)
    return stage.received(out.getvalue().encode("cp932", "replace"), name="入力シート.csv")


def many(stage: Stage) -> Any:
    """A change in every row of the round that can be written, and more pages than one."""
    from tests.entry_sheets.filling import Filled
    from tracker.models import YearlyAction

    opened = Filled(stage.sheet(whole=True))
    for pk in YearlyAction.objects.filter(round=stage.round, state="not_started").values_list(
        "pk", flat=True
    ):
        opened.write(pk, plan="・来年も続けます。")
    return stage.received(opened.bytes(), by=stage.planner, name="全体.xlsx")


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(prepare()))

"""The desk's lists as Excel: named for what they list, their round, and the day."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils import timezone

from tracker.cycle import manifestos
from tracker.models import ReportingRound
from tracker.staff.frame.rows import workbook_answer
from tracker.templatetags.tracker_public import date_and_time
from tracker.workbooks.cell_text import held
from tracker.workbooks.list_writing import ListSheet, write_lists

ABOUT = "この一覧について"


def desk_workbook(
    round: ReportingRound, *lists: ListSheet, conditions: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """The lists, the first of which gives the file its name, and a sheet that says what they list."""
    name, now = manifestos.names().get(round.manifesto_id, ""), timezone.now()
    about: list[tuple[str, str | int]] = [
        ("一覧", lists[0].title),
        ("マニフェスト", name or str(round.manifesto)),
        ("報告回", f"{round.label}（{round.get_state_display()}）"),
        *((f"絞り込み（{condition}）", words) for condition, words in conditions),
        *((f"「{each.title}」の行数", len(each.rows)) for each in lists),
        ("作成した日時", date_and_time(now)),
    ]
    sheets = [ListSheet(each.title, each.headings, _held(each.rows)) for each in lists]
    content = write_lists(*sheets, ListSheet(ABOUT, ("項目", "内容"), _held(about)))
    day = timezone.localdate(now).isoformat()
    parts = filter(None, (lists[0].title, name.replace("/", " "), round.short_label, day))
    return workbook_answer(content, f"{'_'.join(parts)}.xlsx")


def _held(rows: Iterable[Sequence[str | int]]) -> list[list[str | int]]:
    """A text that no cell can hold says so in its place; the list is not refused for it."""
    return [[held(value) if isinstance(value, str) else value for value in row] for row in rows]

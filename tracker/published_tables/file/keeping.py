"""What a table tells that the database cannot keep: such a table is read, but not loaded. Pure."""

from tracker.published_tables.file.table import PublishedTable
from tracker.words.fiscal_years import short_label

INSTEAD = "その列を「追加の項目」（公開する）か「メモ」（公開しない）とすると、内容を残して取り込めます。"
TOO_FAR = "{}の予定（予定は前の年度の報告に書くので、{}の予定までです）"


def not_kept(table: PublishedTable) -> list[str]:
    """What of a table cannot be kept, in words; nothing where all of it can.

    A plan stands in the row of the year before, and none is of a year to come (docs/adr/0043).
    """
    last = table.reported_years[-1]
    return [
        TOO_FAR.format(short_label(year + 1), short_label(last + 1))
        for year in table.planning_years
        if year > last
    ]


def refusal_to_keep(table: PublishedTable) -> str:
    """Why a table is not loaded, and what would do; "" where it can be."""
    if not (lacking := not_kept(table)):
        return ""
    return f"この表は読み取れますが、次のものは取り込めません：{'、'.join(lacking)}。{INSTEAD}"

"""What a table tells that the database cannot keep yet: such a table is read, but not loaded. Pure."""

from collections.abc import Callable

from tracker.published_tables.file.table import PublishedTable

INSTEAD = "その列を「追加の項目」（公開する）か「メモ」（公開しない）とすると、内容を残して取り込めます。"
NOT_KEPT: dict[str, Callable[[PublishedTable], bool]] = {
    "取組の名前": lambda table: any(each.text for each in table.initiatives()),
    "前の年度に結果のない予定": lambda table: any(
        year - 1 not in table.reported_years for year in table.plan_years
    ),
}


def not_kept_yet(table: PublishedTable) -> list[str]:
    """What of a table cannot be kept, in words; nothing where all of it can."""
    return [words for words, is_there in NOT_KEPT.items() if is_there(table)]


def refusal_to_keep(table: PublishedTable) -> str:
    """Why a table is not loaded, and what would do; "" where it can be."""
    if not (lacking := not_kept_yet(table)):
        return ""
    return f"この表は読み取れますが、次のものはまだ取り込めません：{'、'.join(lacking)}。{INSTEAD}"

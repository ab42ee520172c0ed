"""The columns of the list of people, in both directions: what they are called, and by which other names."""

import re
from dataclasses import dataclass

from tracker.words.folding import fold

MAIN_SHEET, CHOICES_SHEET = "利用者", "_選択肢"
YES = "○"


@dataclass(frozen=True)
class ListColumn:
    """One column. `width` in half-width characters; `others` are headings that cities write for the same."""

    name: str
    heading: str
    width: int
    note: str = ""
    others: tuple[str, ...] = ()
    is_required: bool = False


NUMBER, FULL_NAME, FAMILY, GIVEN, MAIL = "number", "full_name", "family", "given", "mail"
OFFICE, OTHERS, HEAD, ROLE = "office", "others", "head", "role"

COLUMNS = (
    ListColumn(
        NUMBER,
        "職員番号（利用者名）",
        22,
        "ログインに使います。半角の英数字と @ . + - _ です。",
        ("職員番号", "利用者名", "職員コード", "職員No", "職員No.", "ユーザー名", "ID"),
        is_required=True,
    ),
    ListColumn(FULL_NAME, "氏名", 20, "姓と名のあいだを空けます。", ("名前", "職員氏名", "職員名")),
    ListColumn(MAIL, "メール", 32, "", ("メールアドレス", "電子メール", "e-mail", "email", "mail")),
    ListColumn(
        OFFICE,
        "所属",
        26,
        "課の名称かコードです。",
        ("所属課", "所属名", "課", "課名", "担当課", "所属部署", "部署", "所属コード"),
        is_required=True,
    ),
    ListColumn(OTHERS, "兼務", 26, "いくつかあるときは「、」で区切ります。", ("兼務先", "兼務課", "併任")),
    ListColumn(
        HEAD,
        "課長",
        18,
        f"所属の課長は「{YES}」。兼務先の課長のときは、課の名称かコードを書きます。",
        ("所属長", "課長級"),
    ),
    ListColumn(ROLE, "役割", 14, "▼ から選びます。空けておくと、いまの役割のままです。", ("権限",)),
)
# Instead of one column of names a list may have two; they are read, and never written.
APART = (
    ListColumn(FAMILY, "姓", 10, others=("氏", "名字", "苗字")),
    ListColumn(GIVEN, "名", 10, others=("名前（名）",)),
)
HEADING = {column.name: column.heading for column in (*COLUMNS, *APART)}


def heading_key(text: str) -> str:
    """A heading as it is compared: width, case, spaces and marks of what is required do not count."""
    return re.sub(r"[*※]|\(必須\)", "", fold(text)).lower()


NAME_BY_HEADING = {
    heading_key(heading): column.name
    for column in (*COLUMNS, *APART)
    for heading in (column.heading, *column.others)
}

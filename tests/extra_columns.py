"""Extra columns (追加の項目) that tests define."""

from typing import Any

from tracker.choices import ColumnKind, Role
from tracker.models import ExtraColumn, Manifesto

KINDS: dict[str, dict[str, Any]] = {
    "説明": {"kind": ColumnKind.TEXT, "is_public": True},
    "事業費": {"kind": ColumnKind.NUMBER, "unit": "千円", "decimals": 1, "is_public": True},
    "完了日": {"kind": ColumnKind.DATE, "is_public": True},
    "今後の方向性": {"kind": ColumnKind.CHOICE, "choice_lines": "継続\n拡充\n見直し", "is_public": True},
    "資料": {"kind": ColumnKind.LINK, "is_public": True, "is_once": True},
    "庁内メモ": {"kind": ColumnKind.TEXT},
    "外部評価": {
        "kind": ColumnKind.CHOICE,
        "choice_lines": "妥当\n要改善",
        "is_public": True,
        "filled_by": Role.PLANNING,
    },
}


def define(manifesto: Manifesto, label: str, **values: Any) -> ExtraColumn:
    """A column at the end of the others; what its kind needs is there unless told otherwise."""
    position = manifesto.extra_columns.count() + 1
    return ExtraColumn.objects.create(
        manifesto=manifesto, position=position, label=label, **{**KINDS.get(label, {}), **values}
    )


def define_all(manifesto: Manifesto) -> dict[str, ExtraColumn]:
    """One column of each kind, an internal one, and one of the planning office; by label."""
    return {label: define(manifesto, label) for label in KINDS}

"""What an act on a pledge does, in words: before it is done, beside the button."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from tracker.choices import RoundState
from tracker.cycle.catalogue import CatalogueChange, manifesto_of
from tracker.models import Indicator, Initiative, Manifesto, Pledge, ReportingRound
from tracker.staff.frame.rows import marked
from tracker.words import differences
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import short_label

NAMES = {
    "text": "公約の文",
    "number_label": "番号の表記",
    "section": "分野と項目",
    "番号": "番号（アドレス）",
}
WORDINGS = {"公約の文", "項目の名称", "分野の名称"}


@dataclass(frozen=True)
class ToldChange:
    """A value that changes: its name, what it was and what it will be, and the difference by words."""

    name: str
    before: str
    after: str

    @property
    def is_wording(self) -> bool:
        """Whether one text becomes another, so that a look at the words helps."""
        return self.name in WORDINGS and "なし" not in {self.before, self.after}

    @property
    def difference(self) -> SafeString:
        return marked(differences.words(self.before, self.after))


@dataclass(frozen=True)
class ActTold:
    """All that an act does: what changes, and further headings with lines. Both are by name."""

    changes: list[ToldChange]
    more: list[tuple[str, list[str]]]

    @property
    def has_wording(self) -> bool:
        return any(change.is_wording for change in self.changes)

    @property
    def digest(self) -> str:
        """Stands for what was shown: the same act says the same while nobody else has changed anything."""
        said = [[each.name, each.before, each.after] for each in self.changes]
        return sha256(canonical_json([said, [[head, lines] for head, lines in self.more]]))


def told(change: CatalogueChange, address: str) -> ActTold:
    """`address`: the pledge's public address pattern with {} for its place."""
    changes = [
        ToldChange(NAMES.get(name, name), _words(name, before), _words(name, after))
        for name, (before, after) in change.changes.items()
        if (before, after) != (None, "")
    ]
    more = [
        ("公約", [f"{change.pledge.place}　{change.pledge}"]),
        *_more(change),
        *_addresses(change, address),
    ]
    return ActTold(changes, [(head, lines) for head, lines in (*more, _seen(change.pledge)) if lines])


def _words(name: str, value: Any) -> str:
    if value is None or value == []:
        return "なし"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return short_label(value) if name == "最後の年度" else str(value)


def _more(change: CatalogueChange) -> Iterator[tuple[str, list[str]]]:
    yield "ほかに変わる公約", list(_shared_names(change))
    ended = [(each.place, short_label(each.last_fiscal_year or 0)) for each in change.ended]
    yield "終わる取組", [f"{place}（{year}まで）" for place, year in ended]
    yield "始まる取組", [_begun(each) for each in change.begun]
    yield "指標", list(indicators_left(change.ended))
    gone = [(place, short_label(year)) for place, year in change.rows_gone]
    yield "なくなる入力欄", [f"{year}の {place}（まだ何も書かれていません）" for place, year in gone]
    yield "加わる入力欄", [f"受付中の報告回に {change.rows_added} 件"] if change.rows_added else []


def indicators_left(ended: Iterable[Initiative]) -> Iterator[str]:
    """What becomes of the indicators of initiatives that end."""
    running = Indicator.objects.filter(initiative__in=list(ended), last_fiscal_year=None)
    found = list(running.select_related("initiative__pledge__section__parent"))
    for each in found:
        yield f"{each.initiative.place} の「{each.name}」は、終わりの年度までの目標と実績を残します。"
    if found:
        yield "ほかの取組には引き継がれません。続けるときは、基本データの「指標」で、続ける取組に作ります。"


def _shared_names(change: CatalogueChange) -> Iterator[str]:
    """How many other pledges have a name that is corrected."""
    section = change.pledge.section
    others = Pledge.objects.exclude(pk=change.pledge.pk)
    if "項目の名称" in change.changes:
        yield f"同じ項目の公約 {others.filter(section=section).count()} 件"
    if "分野の名称" in change.changes:
        yield f"同じ分野の公約 {others.filter(section__parent=section.parent).count()} 件"


def _begun(initiative: Initiative) -> str:
    duties = initiative.assignments.select_related("department")
    told = [f"名前：{initiative.name}"] if initiative.name else []
    told += [f"担当課：{'、'.join(duty.department.name for duty in duties) or 'なし（企画が書きます）'}"]
    if projects := "、".join(map(str, initiative.plan_projects.all())):
        told.append(f"関連事業：{projects}")
    if initiative.sdgs:
        told.append(f"SDGs：{'、'.join(map(str, initiative.sdgs))}")
    year = short_label(initiative.first_fiscal_year)
    return f"{initiative.place}（{'、'.join([f'{year}から', *told])}）"


def _addresses(change: CatalogueChange, address: str) -> Iterator[tuple[str, list[str]]]:
    before, after = change.changes.get("番号", ("", change.pledge.place))
    is_new = change.changes.get("text", ("", ""))[0] is None
    lines = []
    if before and change.pledge.former_places.filter(place=before).exists():
        lines = [
            f"新しい番号で公表すると、{address.format(before)} を開いた人は、",
            f"ずっと {address.format(after)} に移ります。",
            "それまでの公表版と、その版のアドレスは変わりません。",
        ]
    elif before:
        lines = [f"{before} はまだ公表していないので、移す案内は要りません。"]
    elif is_new:
        lines = [address.format(after)]
    yield "アドレス", [*lines, "ほかの公約の番号は変わりません。"] if lines else []


def _seen(pledge: Pledge) -> tuple[str, list[str]]:
    """Where the change will be seen, and where it never will."""
    manifesto = manifesto_of(pledge)
    count = manifesto.reports.count()
    round = unpublished_round(manifesto)
    where = (
        f"次に公表する{short_label(round.fiscal_year)}の公表版から。公表前の確認の画面では、すぐに見られます。"
        if round
        else "次の報告回の公表版から。"
    )
    never = [f"すでに公表した {count} 版は変わりません。"] if count else []
    return "見えるところ", [where, *never]


def unpublished_round(manifesto: Manifesto) -> ReportingRound | None:
    """The round that is published next: of several of a year the last."""
    return manifesto.rounds.exclude(state=RoundState.PUBLISHED).newest_first().first()


def address_pattern(manifesto: Manifesto) -> str:
    """The public address of a pledge, {} being its place."""
    return reverse("manifesto:latest:pledge", args=[manifesto.slug, "0-0-0"]).replace("0-0-0", "{}")

"""The cover of what is to be decided on (決裁用の案): what publishing the round now would change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tracker.models import ReportEntry
from tracker.published_tables.file.cells import one_line
from tracker.published_tables.file.cover import Cover, CoverTable
from tracker.reports.comparison import Comparison, Difference
from tracker.reports.figures import RatingStep
from tracker.staff.rounds.publish import Publication
from tracker.words.fiscal_years import day_label, short_label
from tracker.words.numbering import labelled
from tracker.words.reported import in_charge
from tracker.words.step_names import NOT_RATED

NO_REASON = "記載なし"
CARRIED = "前回の公表のまま載せる"
LEFT_OUT = "載せない（前回の公表にもない）"


def cover_of(publication: Publication, made: str, reason: str) -> Cover:
    """All that the publish page tells, in lists, as of a moment in words. `reason` is a correction's."""
    draft = publication.draft
    return Cover(
        title=one_line(draft.report.title),
        made=made,
        facts=[*_facts(publication, reason)],
        tables=[table for table in _tables(publication) if table.rows],
        behind=[table for table in [_unapproved(publication)] if table.rows],
    )


def _facts(publication: Publication, reason: str) -> Iterator[tuple[str, str]]:
    draft, before = publication.draft, publication.draft.before
    kind = "（訂正）" if publication.edition > 1 else ""
    yield "公表版", f"{day_label(draft.report.as_of)}時点　第{publication.edition}版{kind}"
    if publication.edition > 1:
        yield "訂正の理由", one_line(reason)
    yield "載せる取組", f"{len(draft.entries)}件"
    if before:
        yield "比べる相手", f"{day_label(before.as_of)}時点　第{before.edition}版"
    else:
        yield "比べる相手", "ありません（最初の公表版です）"
    if comparison := publication.comparison:
        yield "変わる取組", _counts(comparison)
    yield "承認されていない取組", f"{len(publication.unapproved)}件"


def _counts(comparison: Comparison) -> str:
    counts = (
        *((name, len(found)) for name, found in _rating_changes(comparison)),
        ("新しい取組", len(comparison.new)),
        ("終わった取組", len(comparison.ended)),
        ("担当課が変わる", len(comparison.reassigned)),
        ("文章が直る", len(comparison.reworded)),
        ("そのほかの記載が変わる", len(comparison.otherwise_changed)),
        ("分野・項目を移す", len(comparison.moved)),
    )
    return "、".join(f"{name} {count}件" for name, count in counts)


def _rating_changes(comparison: Comparison) -> list[tuple[str, list[Difference]]]:
    """The changes of ratings by their kinds; of a scale without an order there is but one."""
    undirected = (comparison.undirected_to_come, comparison.newly_rated_or_unrated)
    if not comparison.is_ranked:
        return [undirected]
    return [("評価が上がる", comparison.improved), ("評価が下がる", comparison.worsened), undirected]


def _tables(publication: Publication) -> Iterator[CoverTable]:
    yield _ratings(publication)
    if comparison := publication.comparison:
        names = _names(publication)
        for name, found in _rating_changes(comparison):
            yield _changes(f"{name}取組", found, names)
        yield _entries("新しい取組", comparison.new, names)
        yield _entries("終わった取組", comparison.ended, names)
        yield _moved(comparison.moved)
    yield _unapproved_by_department(publication)
    yield _catalogue(publication)


def _ratings(publication: Publication) -> CoverTable:
    """How many have each rating, then and now; then is unknown for a first report."""
    rows = []
    for share, then in publication.shares:
        change = "—" if then is None else f"{share.count - then:+d}件" if share.count != then else "増減なし"
        name = share.step.name if share.step else NOT_RATED
        rows.append((name, "—" if then is None else f"{then}件", f"{share.count}件", change))
    return CoverTable("評価ごとの件数", ("評価", "前回", "今回", "増減"), rows)


def _names(publication: Publication) -> dict[str, str]:
    """How a rating is called, of either scale."""
    before = publication.draft.before
    scales = [before.ratings if before else [], publication.draft.report.ratings]
    return {"": NOT_RATED} | {step.code: step.name for scale in scales for step in RatingStep.scale(scale)}


def _changes(heading: str, found: Sequence[Difference], names: dict[str, str]) -> CoverTable:
    rows = [
        (
            *(_named(each.after), _in_charge(each.after)),
            *(names.get(entry.rating_code, entry.rating_code) for entry in (each.before, each.after)),
            each.after.rating_reason or NO_REASON,
        )
        for each in found
    ]
    return CoverTable(_headed(heading, found), ("取組", "担当課", "前回", "今回", "理由"), rows)


def _entries(heading: str, found: Sequence[ReportEntry], names: dict[str, str]) -> CoverTable:
    rows = [
        (_named(entry), _in_charge(entry), names.get(entry.rating_code, entry.rating_code), _end(entry))
        for entry in found
    ]
    return CoverTable(_headed(heading, found), ("取組", "担当課", "評価", "終わった年度"), rows)


def _moved(found: Sequence[Difference]) -> CoverTable:
    rows = [(_named(each.after), each.before.key, each.after.key) for each in found]
    return CoverTable(_headed("ほかの分野・項目に移す取組", found), ("取組", "前の場所", "新しい場所"), rows)


def _unapproved_by_department(publication: Publication) -> CoverTable:
    """How many of whom, the most first; the rows themselves stand behind the table."""
    counts = Counter(row.in_charge for row in publication.unapproved)
    carried = Counter(row.in_charge for row in publication.unapproved if row.is_carried)
    rows = [
        (name, f"{count}件", f"{carried[name]}件", f"{count - carried[name]}件")
        for name, count in counts.most_common()
    ]
    heading = f"承認されていない取組の担当課（{sum(counts.values())}件）"
    columns = ("担当課", "承認されていない取組", "前回のまま載せる", "載せない")
    return CoverTable(heading, columns, rows, "どの取組かは、掲載表の後ろの一覧にあります。")


def _unapproved(publication: Publication) -> CoverTable:
    rows = [
        (
            *(f"{row.key} {one_line(row.title)}", row.in_charge),
            row.action.get_state_display() if row.action else "この報告回にない",
            CARRIED if row.is_carried else LEFT_OUT,
        )
        for row in publication.unapproved
    ]
    heading = _headed("承認されていない取組", rows)
    return CoverTable(heading, ("取組", "担当課", "状態", "公表での扱い"), rows)


def _catalogue(publication: Publication) -> CoverTable:
    rows = [
        (change.what, "、".join(change.places) or "全体", change.before, change.after)
        for change in publication.draft.changes
        if change.is_picked
    ]
    heading = _headed("この訂正に入れる基本データの変更", rows)
    return CoverTable(heading, ("変わったこと", "取組", "前の版", "この案"), rows)


def _headed(heading: str, found: Sequence[object]) -> str:
    return f"{heading}（{len(found)}件）"


def _named(entry: ReportEntry) -> str:
    return f"{entry.key} {labelled(entry.pledge_number, one_line(entry.pledge_text))}"


def _in_charge(entry: ReportEntry) -> str:
    return _joined(term["name"] for term in in_charge(entry.departments))


def _joined(names: Iterable[str]) -> str:
    return "、".join(names) or "—"


def _end(entry: ReportEntry) -> str:
    return short_label(entry.ended_after) if entry.ended_after is not None else "—"

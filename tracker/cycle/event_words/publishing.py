"""Tables that were read in, and reports that were published."""

from tracker.choices import EventKind
from tracker.cycle.event_words.names import Names
from tracker.cycle.event_words.registry import words_for
from tracker.cycle.event_words.told import Line, Told
from tracker.cycle.event_words.values import in_words, label_of, listed, model_of, texts_in
from tracker.models import Event

LINKS = {"Initiative.plan_projects": "取組と関連事業の結び付き"}  # counted beside the models
# What an import decided, and tells by name: of pledges without initiatives, extra columns and indicators.
OF_ANSWERS = {
    "initiatives_of_nothing": "取組の書かれていない公約に、評価なしで 1 件ずつ作る取組",
    "columns_added": "新しい追加の項目（市民に公表する文章）",
    "columns_internal": "公表しない追加の項目に入れたもの",
    "indicators_added": "新しい指標",
    "indicators_not_told": "この表になく、そのまま残す指標",
    "directions_otherwise": "表の目標の書き方と違うが、変えない指標の目指す方向（違うときは「指標」で直す）",
    "figures_in_words": "数として読めず、言葉のまま残す目標と実績",
    "rates_otherwise": "表と計算で違う達成率",
}
# What an import tells by name, beside its numbers.
NAMED = {
    "initiatives_added": "加わった取組",
    "initiatives_ended": "表になく、終わったものとした取組",
    "departments_added": "新しい担当課",
    "pledges_elsewhere": "表では別の項目にあり、いまの場所に残した公約",
    **OF_ANSWERS,
}


def _uncounted(event: Event) -> list[str]:
    counted = [*_counts(event, "created"), *_counts(event, "changed")]
    return [f"count {name}" for name in counted if name not in LINKS and model_of(name) is None]


@words_for(
    EventKind.IMPORTED,
    keys={"model", "name", "file", "created", "changed", "anomalies", "reworded", *NAMED},
    silent={"sha256", "row_digests"},
    wordless=_uncounted,
)
def imported(event: Event, names: Names) -> Told:
    content = event.content
    lines = [Line("ファイル", None, in_words(content["file"]))] if "file" in content else []
    for key, label in (("created", "追加"), ("changed", "変更")):
        if counts := _counts(event, key):
            told = (f"{_counted(name)} {count:,} 件" for name, count in counts.items())
            lines.append(Line(label, None, "、".join(told)))
    if anomalies := content.get("anomalies"):
        lines.append(Line("読み取りで判断したところ", None, f"{in_words(anomalies)} 件"))
    named = {label: texts_in(content.get(key)) for key, label in NAMED.items()}
    lines += [Line(label, None, listed(found)) for label, found in named.items() if found]
    reworded = _reworded(event)
    lines += [Line(f"{place} の文言", before, after) for place, before, after in reworded]
    places = [*texts_in(content.get("initiatives_added")), *texts_in(content.get("initiatives_ended"))]
    places += [place for place, _before, _after in reworded]
    offices = tuple(texts_in(content.get("departments_added")))
    return Told("表を取り込みました。", lines=tuple(lines), places=tuple(places), departments=offices)


def _reworded(event: Event) -> list[list[str]]:
    """(place, before, after) of each wording."""
    told = event.content.get("reworded")
    return [texts for each in (told if isinstance(told, list) else []) if len(texts := texts_in(each)) == 3]


def _counts(event: Event, key: str) -> dict[str, int]:
    counts = event.content.get(key)
    found = counts.items() if isinstance(counts, dict) else ()
    return {str(name): count for name, count in found if isinstance(count, int) and count}


def _counted(name: str) -> str:
    model = model_of(name)
    return LINKS.get(name) or (str(model._meta.verbose_name) if model else label_of(None, name))


@words_for(
    EventKind.IMPORTED,
    keys={"file", "gone", "restored"},
    silent={"import", "row_digests", "taken_back"},
    when=lambda event: "taken_back" in event.content,
)
def taken_back(event: Event, names: Names) -> Told:
    lines = [Line("ファイル", None, in_words(event.content.get("file")))]
    for key, label in (("gone", "なくなったもの"), ("restored", "前の内容に戻ったもの")):
        if counts := _counts(event, key):
            told = (f"{_counted(name)} {count:,} 件" for name, count in counts.items())
            lines.append(Line(label, None, "、".join(told)))
    return Told("表の取込みを取り消しました。", lines=tuple(lines))


ROWS = {"carried": "前回の公表のままの取組", "left_out": "載せなかった取組"}


@words_for(
    EventKind.PUBLISHED,
    keys={"entries", "unapproved_reason", "taken_over", *ROWS, "model", "name"},
    silent={"digest"},
)
def published(event: Event, names: Names) -> Told:
    content = event.content
    is_correction = not event.subject.endswith("/1")
    count = f"（取組 {in_words(content['entries'])} 件）" if content.get("entries") is not None else ""
    lines = []
    if reason := content.get("unapproved_reason"):
        lines.append(Line("承認されていない取組を残した理由", None, in_words(reason)))
    lines += [Line("基本データから入れた変更", None, text) for text in texts_in(content.get("taken_over"))]
    rows = {label: texts_in(content.get(key)) for key, label in ROWS.items()}
    lines += [Line(label, None, listed(places)) for label, places in rows.items() if places]
    return Told(
        f"訂正した版を公表しました{count}。" if is_correction else f"公表しました{count}。",
        lines=tuple(lines),
        places=tuple(place for places in rows.values() for place in places),
        reason_label="訂正の理由" if is_correction else "理由",
    )

"""What a page must say with a number in it, in order, from an edition's open data: test_recount's rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.public.recount import Changes, Edition, one_place

ARROWS = {-1: "↑", 1: "↓", 0: ""}
WORDS = {-1: "に上がった", 1: "に下がった", 0: "に変わった"}


def day(as_of: str) -> str:
    told = date.fromisoformat(as_of)
    return f"令和{told.year - 2018}年{told.month}月末時点"


def year(fiscal_year: int) -> str:
    return f"令和{fiscal_year - 2018}年度（{fiscal_year}年度）"


def title(edition: Edition, key: str) -> str:
    row = edition[key]
    return f"{row['pledge_label'] or ''}{row['pledge_text']}（取組{row['initiative_position']}）"


def share(count: int, total: int) -> str:
    return one_place(Decimal(100 * count) / total) if total else "0.0"


def average_cell(edition: Edition, keys: Iterable[str]) -> str:
    found = edition.average(edition.code(key) for key in keys)
    return f"{found}%" if found else "―"


def row_of(edition: Edition, name: str, keys: Sequence[str]) -> str:
    """A group's row: name, bar, counts, total, average."""
    counts = map(str, edition.counts(keys).values())
    return " | ".join([name, "", *counts, str(len(keys)), average_cell(edition, keys)])


def formula(edition: Edition, keys: Sequence[str]) -> Iterator[str]:
    """The average with its calculation; why there is none of few, and nothing with a number of none."""
    counts = edition.counts(keys)
    unrated = counts.pop("")
    rated = len(keys) - unrated
    if 0 < rated < 5:
        yield "評価のある取組が5件より少ないため、平均進捗率は出していません。件数で見てください。"
    elif rated:
        terms = "＋".join(f"{edition.scale[c]['rating_percent']}×{n}件" for c, n in counts.items() if n)
        left_out = f" ※評価なし{unrated}件は計算に入れていません" if unrated else ""
        average = edition.average(edition.code(key) for key in keys)
        yield f"平均進捗率 {average}% ＝（{terms}）÷{rated}件{left_out}"


def distribution(edition: Edition, keys: Sequence[str]) -> Iterator[str]:
    for code, count in edition.counts(keys).items():
        about = edition.scale[code]["rating_definition"] if code else "評価が付けられていない取組"
        yield f"{edition.name(code)} {about} | {count}件 | {share(count, len(keys))}%"
    yield f"合計 | {len(keys)}件 | 100%"


def counted(edition: Edition, keys: Sequence[str]) -> Iterator[str]:
    """How many of a group were not rated anew."""
    if ended := edition.ended(keys):
        yield f"終わった取組 {len(ended)}件は、終わったときの評価で数えています。"
    if carried := edition.carried(keys):
        reason = f"理由：{edition.unapproved_reason} " if edition.unapproved_reason else ""
        words = f"承認前の取組 {len(carried)}件は、前の公表のままの評価で数えています。"
        yield f"{words}{reason}承認前の取組を見る"


def square(edition: Edition, keys: Sequence[str], changes: Changes | None) -> str:
    """The name of a pledge's square."""
    row, codes = edition[keys[0]], [edition.code(key) for key in keys]
    told = edition.name(codes[0])
    if len(codes) > 1:
        parts = (f"{edition.name(code)} {codes.count(code)}件" for code in dict.fromkeys(codes))
        told = f"取組{len(codes)}件：{'、'.join(parts)}"
    for words, found in (("終わったもの", edition.ended(keys)), ("承認前のもの", edition.carried(keys))):
        told += f"、うち{words} {len(found)}件" if found else ""
    moved = [_move(changes, key) for key in keys if changes and key in changes.moved(-1, 0, 1)]
    told += f"。前回から：{'、'.join(moved)}" if moved else ""
    return f"{row['pledge_label'] or ''}{row['pledge_text']}（{told}）"


def _move(changes: Changes, key: str) -> str:
    """「B→A ▲」."""
    old, new = changes.step(key)
    arrow = {-1: " ▲", 1: " ▼", 0: ""}[changes.direction(old, new)]
    return f"{old or '評価なし'}→{new or '評価なし'}{arrow}"


def fields(edition: Edition) -> dict[int, list[str]]:
    """The initiatives of each field."""
    found: dict[int, list[str]] = {}
    for key, row in edition.rows.items():
        found.setdefault(row["category_number"], []).append(key)
    return found


def of_pledges(edition: Edition, keys: Iterable[str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(edition[key]["pledge_key"], []).append(key)
    return list(found.values())


MEANINGS = {
    "すべての取組で達成": "すべての取組の評価が「A 達成」",
    "一部の取組で達成": "「A 達成」の取組と、そうでない取組がある",
    "進行中": "「A 達成」の取組はまだなく、「E 未着手」より進んだ取組がある",
    "未着手": "評価のある取組が、すべて「E 未着手」",
    "評価なし": "進み具合の評価のある取組がない",
    "終わった（達成の取組なし）": "すべての取組が終わり、「A 達成」の取組がない",
}


def states(edition: Edition) -> list[str]:
    """Those that are told; the last one where there is such a pledge."""
    return [state for state in MEANINGS if not state.startswith("終わった") or edition.pledge_states[state]]


def answer(edition: Edition, changes: Changes | None) -> Iterator[str]:
    """The sentence, the bar's counts, what changed, and up to which year is told."""
    yield day(edition.as_of) + (f"（訂正 第{edition.number}版）" if edition.number > 1 else "")
    kept = edition.pledge_states["すべての取組で達成"]
    told = f"{len(edition.pledges)}の公約のうち{kept}件が、すべての取組で達成。"
    if changes:
        up, down = len(changes.moved(-1)), len(changes.moved(1))
        told += f"前回から、取組{up}件の評価が上がり、{down}件が下がりました。"
    yield told
    yield from (f"{edition.name(code)} {count}件" for code, count in edition.counts(edition.rows).items())
    if changes:
        yield from change_figures(changes)
        yield f"{day(changes.before.as_of)}の公表版と比べました。変化の一覧を見る"
        yield from average_move(changes)
    years = [told for kind, told in edition.years if kind == "result"]
    yield f"令和{years[0] - 2018}年度から令和{years[-1] - 2018}年度までの取組の報告です。"


def change_figures(changes: Changes, *, is_correction: bool = False) -> Iterator[str]:
    same, after = changes.same, changes.after
    ended = after.ended(same)
    carried = [key for key in after.carried(same) if key not in ended]
    gone_on = [key for key in same if key not in ended and key not in carried]
    unrated = [key for key in gone_on if not after.code(key)]
    figures = {
        "▲ 評価が上がった": changes.moved(-1),
        "▼ 評価が下がった": changes.moved(1),
        "評価が付いた・なくなった": changes.moved(0),
        f"評価{'は' if is_correction else 'し直して'}同じ": [key for key in gone_on if after.code(key)],
        **({"評価なしのまま": unrated} if unrated else {}),
        **({"承認前で前回のまま": carried} if carried else {}),
        **({"終わっていて同じ": ended} if ended else {}),
        "新しい取組": changes.new,
        "終わった取組": changes.finished + changes.gone,
        "担当課が変わった": changes.reassigned,
    }
    yield from (f"{words} {len(found)}件" for words, found in figures.items())


def pledge_table(edition: Edition, before: Edition | None) -> Iterator[str]:
    """Pledges counted as pledges, beside the report before."""
    for state in states(edition):
        meaning = MEANINGS[state]
        then = f" | {before.pledge_states[state]}件" if before else ""
        yield f"{state} {meaning} | {edition.pledge_states[state]}件{then}"
    yield f"合計 | {len(edition.pledges)}件" + (f" | {len(before.pledges)}件" if before else "")


def trend(editions: Sequence[Edition]) -> Iterator[str]:
    """A row for each report, once there are three."""
    for edition in editions if len(editions) > 2 else ():
        row = row_of(edition, day(edition.as_of), list(edition.rows))
        yield f"{row} | {edition.pledge_states['すべての取組で達成']}"


def overview(edition: Edition, changes: Changes | None, earlier: Sequence[Edition]) -> Iterator[str]:
    """`earlier` are the reports of the dates before, oldest first."""
    keys = list(edition.rows)
    names = {n: f"{n}. {edition[own[0]]['category_name']}" for n, own in fields(edition).items()}
    yield from answer(edition, changes)
    yield (
        f"伊勢崎市長が市民のみなさんに約束した {len(of_pledges(edition, keys))}の公約を、"
        f"{len(keys)}の取組に分けて、担当課が年度ごとに何をしたか、どこまで進んだかを報告します。"
    )
    yield from pledge_table(edition, changes and changes.before)
    yield from formula(edition, keys)
    yield from distribution(edition, keys)
    yield "「評価なし」は、まだ始めていないという意味ではありません。0% として数えることもしません。"
    yield from counted(edition, keys)
    yield from (f"{state} {edition.pledge_states[state]}件" for state in states(edition))
    for number, own in fields(edition).items():
        pledges = of_pledges(edition, own)
        yield f"{names[number]} 公約{len(pledges)}件・取組{len(own)}件"
        yield from (square(edition, each, changes) for each in pledges)
    for number, own in fields(edition).items():
        yield row_of(edition, names[number], own)
    yield row_of(edition, "全体", keys)
    yield (
        "平均進捗率＝（評価が表す進捗率の目安×件数の合計）÷評価のある件数。評価なしは計算に入れていません。"
        f"{few_rated('分野')}帯の長さは取組の件数です。"
    )
    yield from trend([*earlier, edition])
    heads = [
        year(told) + ("予定" if kind == "plan" else "まで" if (kind, told) in edition.cumulative else "")
        for kind, told in edition.years
    ]
    yield " | ".join(["分野", *heads])
    for number, own in fields(edition).items():
        yield texts(edition, names[number], own)
    yield texts(edition, "全体", keys)


def texts(edition: Edition, name: str, keys: Sequence[str]) -> str:
    cells = (edition.kinds(keys, column) for column in edition.years)
    return " | ".join([name, *(" ".join(f"{kind} {n}" for kind, n in cell.items()) for cell in cells)])


def average_move(changes: Changes) -> Iterator[str]:
    before, after, both = changes.before, changes.after, changes.rated_in_both
    told = [edition.average(map(edition.code, edition.rows)) for edition in (before, after)]
    words = f"平均進捗率は {told[1]}%（前の公表版は {told[0]}%）です。"
    joined, left = (len([k for k in e.rows if e.code(k)]) - len(both) for e in (after, before))
    if joined or left:
        common = [edition.average(map(edition.code, both)) for edition in (before, after)]
        words += (
            f"計算に入る取組が同じではありません。評価が付いて計算に加わった取組が{joined}件、"
            f"評価がなくなったか載らなくなって計算から外れた取組が{left}件あります。"
            f"どちらの公表版でも評価のある{len(both)}件だけで比べると、{common[0]}%から{common[1]}%です。"
        )
        if _sign(*told) != _sign(*common):
            words += "全体の平均の動きは、計算に入る取組が入れ替わったためです。"
    yield words


def _sign(before: str, after: str) -> int:
    old, new = Decimal(before), Decimal(after)
    return (new > old) - (new < old)


def changes_page(edition: Edition, compared: Sequence[Changes]) -> Iterator[str]:
    yield f"{day(edition.as_of)}・第{edition.number}版"
    if not compared:
        yield f"{day(edition.as_of)}の概要を見る"
    for changes in compared:
        yield from _comparison(changes)
    if compared and (carried := edition.carried(edition.rows)):
        yield f"承認前のため、前の公表のまま載せた取組{len(carried)}件"
        fiscal_year = edition[carried[0]]["fiscal_year"]
        yield (
            f"この公表のときに、{year(fiscal_year)}の内容がまだ承認されていなかった取組です。"
            f"理由：{edition.unapproved_reason}"
        )
        stood = Counter(edition[key]["carried_from"] for key in carried)
        for from_date, count in sorted(stood.items()):
            yield f"{day(from_date)}のまま{count}件"
            if count > 100:
                yield f"{count}件の取組をすべて見る"
            yield from (title(edition, key) for key in carried if edition[key]["carried_from"] == from_date)


def _comparison(changes: Changes) -> Iterator[str]:
    before, after = changes.before, changes.after
    if before.as_of == after.as_of:
        yield f"訂正した箇所（第{before.number}版との違い）"
    else:
        yield f"{day(before.as_of)}（第{before.number}版）との違い"
    yield from change_figures(changes, is_correction=before.as_of == after.as_of)
    yield f"文章が直った {len(changes.rewordings)}件"
    yield f"そのほかの記載が変わった {len(changes.otherwise)}件"
    yield from average_move(changes)
    yield _in_words(changes)
    yield from _table(changes)
    yield from _moves(changes, "評価が上がった取組", -1)
    yield from _moves(changes, "評価が下がった取組", 1)
    if changes.moved(0):
        yield from _moves(changes, "評価が付いた・なくなった取組", 0)
    for key in changes.new:
        yield f"{title(after, key)} 評価：{after.name(after.code(key))}"
    for key in changes.finished:
        words = f"{year(after[key]['ended_after'])}で終了しました。終わったときの評価："
        yield f"{title(after, key)} {words}{after.name(after.code(key))}"
    yield from (f"{title(before, key)} この公表版には載っていません。" for key in changes.gone)
    yield from (title(after, key) for key in changes.approved_since)
    for key in changes.reassigned:
        yield f"{title(after, key)} 担当課：{_terms(before, key)} → {_terms(after, key)}"
    for key, (pledge, years) in changes.rewordings.items():
        places = f"{'公約の文' if pledge else ''}{''.join(f' {told}年度' for told in years)}"
        yield f"{title(after, key)} 直った箇所：{places}（前の文を見る）"
    for key, facts in changes.otherwise.items():
        yield f"{title(after, key)} 変わった記載：{'、'.join(facts)}（前の記載を見る）"


def _in_words(changes: Changes) -> str:
    after = changes.after
    ended = after.ended(changes.same)
    carried = [key for key in after.carried(changes.same) if key not in ended]
    gone_on = [key for key in changes.same if key not in ended and key not in carried]
    unrated = [key for key in gone_on if not after.code(key)]
    words = (
        f"どちらの公表版にもある取組は{len(changes.both)}件です。"
        f"そのうち評価が変わらなかったものは{len(gone_on) - len(unrated)}件、"
        f"上がったものは{len(changes.moved(-1))}件、下がったものは{len(changes.moved(1))}件、"
        f"評価が付いた・なくなったものは{len(changes.moved(0))}件です。"
    )
    if unrated:
        words += f" 評価なしのままのものが{len(unrated)}件あります。"
    if ended:
        words += (
            f"{'' if unrated else ' '}終わっていて、終わったときの評価のままのものが{len(ended)}件あります。"
        )
    if carried:
        words += f"承認前のため、前の公表のままの評価を載せたものが{len(carried)}件あります。"
    return words


def _table(changes: Changes) -> Iterator[str]:
    """From which rating to which, with the totals of both."""
    codes, steps = changes.after.codes, [changes.step(key) for key in changes.both]
    for old in changes.before.codes:
        cells = [_cell(changes, old, new, steps.count((old, new))) for new in codes]
        total = sum(step[0] == old for step in steps)
        yield " | ".join([changes.before.name(old), *cells, str(total)])
    totals = [str(sum(step[1] == new for step in steps)) for new in codes]
    yield " | ".join(["合計", *totals, str(len(steps))])


def _cell(changes: Changes, old: str, new: str, count: int) -> str:
    if old == new or not count:
        return str(count)
    direction = changes.direction(old, new)
    return f"{ARROWS[direction]}{count}件が{old or '評価なし'}から{new or '評価なし'}{WORDS[direction]}"


def _moves(changes: Changes, words: str, direction: int) -> Iterator[str]:
    before, after, keys = changes.before, changes.after, changes.moved(direction)
    yield f"{words}{len(keys)}件"
    for old in before.codes:
        for new in after.codes:
            if own := [key for key in keys if changes.step(key) == (old, new)]:
                yield f"{before.name(old)} →から {after.name(new)} {len(own)}件"
                yield from (title(after, key) for key in own)


def _terms(edition: Edition, key: str) -> str:
    """Who is in charge, each with the years that bound the duty."""
    told = []
    for row in edition.in_charge(key):
        first, last = row["from_fiscal_year"], row["to_fiscal_year"]
        bounds = [f"令和{bound - 2018}年度" if bound else "" for bound in (first, last)]
        told.append(row["department_name"] + (f"（{'～'.join(bounds)}）" if first or last else ""))
    return "、".join(told) or "なし"


@dataclass(frozen=True)
class Groups:
    """What the pages of departments, goals and codes of the plan list."""

    edition: Edition

    @property
    def departments(self) -> dict[str, str]:
        """Names by code."""
        rows = self.edition.tables["departments"]
        return {row["department_code"]: row["department_name"] for row in rows}

    def of_goal(self, number: int) -> list[str]:
        return [key for key in self.edition.rows if number in self.edition.goals.get(key, [])]

    def of_code(self, code: str) -> list[str]:
        projects = self.edition.projects
        return [key for key in self.edition.rows if code in {base for _c, base, _n in projects.get(key, [])}]

    def has_code(self, key: str) -> bool:
        return any(base for _code, base, _name in self.edition.projects.get(key, []))

    def printed(self, code: str) -> list[tuple[str, str]]:
        """The projects under a code, as printed, with their names."""
        own = (each for projects in self.edition.projects.values() for each in projects if each[1] == code)
        return sorted({(printed, name) for printed, _base, name in own})

    @property
    def codes(self) -> list[str]:
        bases = {base for projects in self.edition.projects.values() for _c, base, _n in projects if base}
        return sorted(bases, key=lambda base: [int(part) for part in base.split("-")])


def few_rated(groups: str) -> str:
    return f"評価のある取組が5件より少ない{groups}には、平均を出していません。"


def departments(edition: Edition) -> Iterator[str]:
    groups = Groups(edition)
    words = "ひとつの取組を複数の課が担当することがあるため、件数の合計は取組の数より多くなります。"
    now = [code for code in groups.departments if edition.answering(code, "current")]
    others = (
        "" if len(now) == len(groups.departments) else "ほかに、以前または今後に担当する課を載せています。"
    )
    yield f"{day(edition.as_of)}の担当課は {len(now)}課です。{others}{words}"
    for code, name in groups.departments.items():
        own, other = edition.answering(code, "current"), edition.answering(code, "past", "next")
        yield row_of(
            edition, name + ("" if own or not other else f" （以前または今後の担当 {len(other)}件）"), own
        )
    yield few_rated("担当課")
    yield from counted(edition, [key for key in edition.rows if edition.in_charge(key)])
    if nobody := [key for key in edition.rows if key not in edition.duties]:
        yield f"市の担当課の記載がない取組が{len(nobody)}件あります。"


def goals_known(edition: Edition) -> Iterator[str]:
    """Of how many initiatives the goals cannot be read."""
    statuses = [row["sdgs_status"] for row in edition.rows.values()]
    yield (
        f"{len(statuses)}件のうち {statuses.count('unknown')}件は、SDGs の目標が分かりません"
        "（元の表のアイコンから番号を読み取れないか、記載がありません）。"
        f"{statuses.count('none')}件には関連する目標がありません。ここに出るのは目標の分かるものだけです。"
    )


def sdgs(edition: Edition) -> Iterator[str]:
    groups = Groups(edition)
    yield from goals_known(edition)
    for row in edition.tables["sdgs"]:
        yield row_of(edition, f"{row['sdg_number']} {row['sdg_name']}", groups.of_goal(row["sdg_number"]))
    yield few_rated("目標")
    yield from counted(edition, [key for key in edition.rows if edition.goals.get(key)])


def plans(edition: Edition) -> Iterator[str]:
    groups = Groups(edition)
    yield (
        "取組に書かれた総合計画実施計画の番号を、はじめの3つの数字でまとめました。後ろに付く丸数字には読み取りの"
        "確かでないものがあるため、まとめには使っていません（表記はそのまま残しています）。"
    )
    for code in groups.codes:
        names = [name for _printed, name in groups.printed(code)]
        told = "／".join(names[:2]) + (" など" if len(names) > 2 else "")
        yield row_of(edition, f"{code} {told}", groups.of_code(code))
    yield few_rated("番号")
    yield from counted(edition, [key for key in edition.rows if groups.has_code(key)])


def summary(edition: Edition, keys: Sequence[str]) -> Iterator[str]:
    """The head of a group's list."""
    yield from (f"{edition.name(code)} {count}件" for code, count in edition.counts(keys).items())
    yield f"合計 {len(keys)}件"
    yield from formula(edition, keys)
    yield from counted(edition, keys)


def department(edition: Edition, code: str) -> Iterator[str]:
    yield from summary(edition, edition.answering(code, "current"))
    for status, words in (
        ("current", "担当している取組"),
        ("next", "これから担当する取組"),
        ("past", "以前に担当していた取組"),
    ):
        if own := edition.answering(code, status):
            yield f"{words}{len(own)}件"


def goal(edition: Edition, number: int) -> Iterator[str]:
    row = next(row for row in edition.tables["sdgs"] if row["sdg_number"] == number)
    yield f"目標{number} {row['sdg_name']}"
    yield from goals_known(edition)
    if own := Groups(edition).of_goal(number):
        yield from summary(edition, own)


def plan(edition: Edition, code: str) -> Iterator[str]:
    groups = Groups(edition)
    yield f"総合計画 {code}"
    yield from (f"{printed} {name}".strip() for printed, name in groups.printed(code))
    own = groups.of_code(code)
    yield f"取組{len(own)}件"
    yield from summary(edition, own)


def ratings(edition: Edition) -> Iterator[str]:
    keys = list(edition.rows)
    yield from distribution(edition, keys)
    yield from counted(edition, keys)
    yield from pledge_table(edition, None)
    yield (
        "元の表で評価が「—」となっている取組と、担当課が「評価を付けない」と答えて承認された取組です。"
        "まだ始めていないという意味でも「0%」でもありません。件数には入れますが、平均の計算には入れません。"
    )
    yield (
        "評価が表す進捗率の目安（％）に件数を掛けて足し合わせ、評価のある取組の件数で割り、小数第2位を四捨五入します。"
        "目安は「75%程度」のような幅のある数字なので、平均もおおよその値です。必ず件数と合わせて見てください。"
        "評価のある取組が5件より少ないときは、平均を出していません。"
    )
    yield from formula(edition, keys)


def pledges(edition: Edition, keys: Sequence[str]) -> Iterator[str]:
    """The head of the list of initiatives, of which some are found."""
    yield f"{len(edition.rows)}件中 {len(keys)}件の取組"
    found = len({key.rpartition("-")[0] for key in keys})
    pages = -(-found // 50)
    yield f"公約では {found}件です。" + (f"{pages}ページに分けた 1ページ目です。" if pages > 1 else "")
    yield from counted(edition, keys)

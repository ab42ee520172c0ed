"""The public's answer: sentences made from figures, and what a report says of whose promises these are."""

from tracker.models import Report
from tracker.reports.comparison import Comparison
from tracker.reports.figures import Distribution
from tracker.reports.pledge_states import PledgeCounts
from tracker.words.fiscal_years import short_label

SELF_EVALUATED = "市の自己評価です。取組ごとに担当課が評価し、企画部門が確かめています。"
TO_CONSIDER = "検討"


def answer(
    pledge_count: int, rated: Distribution, pledges: PledgeCounts | None, compared: Comparison | None
) -> list[str]:
    """How many pledges were kept, and what changed; of classes, which have no top, how many are rated."""
    told = [f"{pledge_count}の公約を{rated.total}の取組に分け、{rated.rated}件に評価が付いています。"]
    if pledges:
        told = [f"{pledges.total}の公約のうち{pledges.kept}件が、すべての取組で{pledges.rule.top.label}。"]
    return [*told, _moved(compared)] if compared else told


def _moved(compared: Comparison) -> str:
    up, down = len(compared.improved), len(compared.worsened)
    if not compared.is_ranked:
        return f"前回から、取組{len(compared.newly_rated_or_unrated)}件の評価が変わりました。"
    if not up and not down:
        return "前回から、評価の上がり下がりはありません。"
    return f"前回から、取組{up}件の評価が上がり、{down}件が下がりました。"


def evaluator(report: Report) -> str:
    """Who says so."""
    return report.about.get("evaluator") or SELF_EVALUATED


def term_so_far(report: Report) -> str:
    """How far the term has gone; where its years are not known, which years are told. "" without any."""
    about, year = report.about, report.fiscal_year
    first, last = about.get("first_fiscal_year"), about.get("last_fiscal_year")
    if first and last:
        term = f"任期{last - first + 1}年（{short_label(first)}～{short_label(last)}）"
        if year > last:
            return f"{term}が終わったあとの報告です。"
        return (
            f"{term}のうち、{year - first + 1}年目（{short_label(year)}{report.round_name}）までの報告です。"
        )
    years = list(map(short_label, report.result_years))
    if len(years) == 1:
        return f"{years[0]}の取組の報告です。"
    return f"{years[0]}から{years[-1]}までの取組の報告です。" if years else ""


def consideration(report: Report, pledge_text: str = TO_CONSIDER) -> str:
    """What the top step means for a promise to consider (検討), for a pledge that promises that; else ""."""
    return report.about.get("consideration", "") if TO_CONSIDER in pledge_text else ""

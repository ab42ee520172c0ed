"""The picture that other sites show where a page's address is shared: a report's ratings, as a PNG.

It is our own SVG, drawn by resvg where that is installed (the extra `pictures`) and a Japanese font is there;
else it is one picture for all, without figures.
"""

from functools import cache as once
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tracker.public.charts import RatingLook, look
from tracker.public.rated_pledges import STATE_FIELDS
from tracker.public.scope import Scope
from tracker.public.trend import counted_report
from tracker.reports.figures import Share

try:
    from resvg_py import svg_to_bytes

    IS_INSTALLED = True
except ImportError:
    IS_INSTALLED = False

COLUMNS, LEGEND_TOP, LEGEND_HEIGHT, TALLEST_ROW = 3, 400, 170, 56
DEFAULT = Path(settings.BASE_DIR) / "tracker/static/tracker/share.png"
LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="8" font-size="9">{}</text></svg>'
)


class LegendItem(NamedTuple):
    """A share of the bar in words, and where it stands."""

    x: int
    y: float
    share: Share
    look: RatingLook


def picture(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The report's counts per rating, or the picture for all."""
    return HttpResponse(_drawn(scope) if can_draw() else DEFAULT.read_bytes(), content_type="image/png")


@once
def can_draw() -> bool:
    """Whether there is what draws, and a font with Japanese letters: without one they all look alike."""
    return IS_INSTALLED and len({_png(LETTER.format(letter)) for letter in ("市", "長", "")}) == 3


def _drawn(scope: Scope) -> bytes:
    entries = scope.entries.values(*STATE_FIELDS)
    counted = counted_report(scope.this, scope.report, entries)
    shares = [share for share in counted.distribution.shares if share.step or share.count]
    context = {
        "city": scope.city,
        "scope": scope,
        "pledge_count": counted.pledge_count,
        "total": counted.distribution.total,
        "bar": counted.bar,
        "legend": _legend(shares),
    }
    return _png(render_to_string("public/picture.svg", context))


def _legend(shares: list[Share]) -> list[LegendItem]:
    """In rows of three, lower ones for a long scale."""
    rows = -(-len(shares) // COLUMNS)
    height = min(TALLEST_ROW, LEGEND_HEIGHT / rows)
    return [
        LegendItem(
            60 + 360 * (place % COLUMNS), LEGEND_TOP + height * (place // COLUMNS), share, look(share.step)
        )
        for place, share in enumerate(shares)
    ]


def _png(svg: str) -> bytes:
    return bytes(svg_to_bytes(svg_string=svg, font_family="Noto Sans CJK JP"))

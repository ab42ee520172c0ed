"""What a question advises, in the page's own words: a layout is written, on the page it is chosen. Pure."""

from tracker.published_tables.file.columns import SAY_COLUMNS
from tracker.published_tables.file.proposal import (
    SAY_HEAD,
    SAY_HEADINGS,
    SAY_NO_OUTLINE,
    SAY_SCALE,
    SAY_SHEETS,
    SAY_SKIP,
    SAY_YEAR,
)
from tracker.published_tables.file.scale import SAY_STEP, SAY_STEPS

# Where on the page that is chosen which a layout would say: the part, and its words.
ON_THE_PAGE = {
    SAY_YEAR: ("#fiscal_year", "「見出しに年度のない列は、何年度のことか」で選んでください。"),
    SAY_HEAD: ("#title", "表題と時点のない表であれば、下の「表題」と「時点」に書いてください。"),
    SAY_HEADINGS: ("#headings", "「見出しの行」と、列の上の一覧で、何の列かを選んでください。"),
    SAY_NO_OUTLINE: (
        "#outline",
        "分野のない表であれば、「分野と項目は、どこに書いてあるか」の印をすべて外してください。",
    ),
    SAY_COLUMNS: ("#grid", "列の上の一覧で、それぞれ何の列かを選んでください。"),
    SAY_SHEETS: ("#sheets", "「読むシート」で、1 つの年度のシートだけに印を付けてください。"),
    SAY_SKIP: ("#grid", "合計などの行であれば、その行の「読まない」に印を付けてください。"),
    SAY_STEP: ("#scale", "ファイルのセルを直すか、「評価の区分」に加えてください。"),
    SAY_STEPS: (
        "#scale",
        "凡例を書き足さないときは、「評価の区分」に、進んだ評価から順に 1 つずつ加えてください。",
    ),
    SAY_SCALE: (
        "#scale",
        "「評価の区分」で並べ替えてください。いまの順でよければ、「この順でよい」に印を付けてください。",
    ),
}

ON_THE_GRID = {SAY_HEADINGS, SAY_COLUMNS, SAY_SKIP, SAY_STEP}  # where the problem's own row is the way


def on_the_page(words: str, way: str = "") -> tuple[str, str]:
    """A question's words with the page's own advice, and the way to where it is followed."""
    for advice, (part, instead) in ON_THE_PAGE.items():
        if words.endswith(advice):
            return words.removesuffix(advice) + instead, way if advice in ON_THE_GRID and way else part
    return words, way

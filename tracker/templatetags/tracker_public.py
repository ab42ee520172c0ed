"""Addresses of pages and words for values, in public templates."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.choices import CANCELLED, CANCELLED_LABEL, ActionField, ActionState
from tracker.models.synonyms import search_for
from tracker.public import charts
from tracker.public.published import Pages, Published, page_of_list
from tracker.public.scope import Scope
from tracker.published_tables.from_report import file_name
from tracker.words import bullets, fiscal_years, numbering
from tracker.words.digests import sha256
from tracker.words.reported import ReportedDepartment
from tracker.words.sdgs import GOALS, Goal

register = template.Library()
BOUND = "bound-"
WHOLE_LIST = {"pledges", "pledges_page"}

register.filter("date_label", fiscal_years.date_label)
register.filter("fiscal_year", fiscal_years.label)
register.filter("look", charts.look)
register.filter("behind", numbering.behind)
register.filter("spaced", numbering.spaced)
register.filter("marked", bullets.marked)
register.simple_tag(charts.bar_room, name="bar_room")
register.filter("short_year", fiscal_years.short_label)


@register.simple_tag
def page_url(where: Scope | Pages | Published, name: str, **arguments: Any) -> str:
    """The address of a page by its name in public/urls.py: in a scope, or of an edition."""
    return where.url(name, **arguments)


@register.simple_tag
def bound_to(*seen: object) -> SafeString:
    """The first field of a form; its name stands for what the page showed when it was made.

    After Back a browser puts what was typed into the form again, if that has the same fields. So it never
    puts text that was typed beside an older version into a form that carries a newer one.
    """
    return format_html(
        '<input type="hidden" name="{}{}" value="">', BOUND, sha256("\n".join(map(str, seen)))[:16]
    )


@register.simple_tag(takes_context=True)
def same_page(context: template.Context, where: Scope | Pages | Published) -> str:
    """The address of the page that is shown, elsewhere."""
    return where.url(context["page_name"], **context["page_arguments"])


@register.simple_tag(takes_context=True)
def list_page(context: template.Context, number: int) -> str:
    """The address of a page of the list that is shown: a path for the public's whole list, else a query."""
    if query := context.get("query"):
        return f"?{query}&page={number}"
    if context.get("page_name") in WHOLE_LIST:
        name, arguments = page_of_list(number)
        return str(context["scope"].url(name, **arguments))
    return f"?page={number}"


class CapturedNode(Node):
    """What stands in a `captured`."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: template.Context) -> str:
        context[self.name] = self.nodelist.render(context).strip()
        return ""


@register.tag
def captured(parser: Parser, token: Token) -> CapturedNode:
    """{% captured name %} … {% endcaptured %}: a text with its blocks, to be said in several places."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcaptured",))
    parser.delete_first_token()
    return CapturedNode(name, nodelist)


class JoinedNode(Node):
    """What stands in a `joined`."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        return self.nodelist.render(context)


@register.tag
def joined(parser: Parser, token: Token) -> JoinedNode:
    """{% joined %} … {% endjoined %}: line breaks of the source, with their indents, are none in the page.

    Japanese has no spaces, so a sentence in two lines of the source would be shown with a gap in it. Between
    the attributes of an element a line break becomes the space that must be there.
    """
    nodelist = parser.parse(("endjoined",))
    parser.delete_first_token()
    in_element = False
    texts: list[Any] = nodelist.get_nodes_by_type(TextNode)
    for node in texts:
        pieces = re.split(r"([<>]|[ \t]*\n[ \t]*)", node.s)
        for place, piece in enumerate(pieces):
            if piece in {"<", ">"}:
                in_element = piece == "<"
            elif "\n" in piece:
                pieces[place] = " " if in_element else ""
        node.s = "".join(pieces)
    return JoinedNode(nodelist)


@register.filter
def japanese_date(day: date) -> str:
    """「令和6年3月31日」; a moment is shown as the day it fell on in Japan."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return fiscal_years.day_label(day)


@register.filter
def day(of: date) -> SafeString:
    """A date as an element."""
    return format_html('<time datetime="{}">{}</time>', of.isoformat(), japanese_date(of))


@register.filter(expects_localtime=True)
def date_and_time(at: datetime) -> str:
    """「令和6年4月1日 09:05」."""
    return f"{japanese_date(at)} {at:%H:%M}"


@register.filter(expects_localtime=True)
def moment(at: datetime) -> SafeString:
    """A date with its time of day, as an element."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_and_time(at))


@register.simple_tag(takes_context=True)
def planning_office_in_words(context: template.Context) -> str:
    """「企画調整課（電話 0270-00-0000）」: whom a person is told to ask, as far as it is known.

    A tag, since an included template would end with a line break, which is a gap in a sentence.
    """
    office = context.get("planning_office")
    name, telephone = (office.name, office.telephone) if office else ("", "")
    return f"{name or '企画'}（電話 {telephone}）" if telephone else name or "企画"


@register.filter
def table_file(row: Published, city_code: str) -> str:
    """The name of an edition's published table."""
    return file_name(city_code, row.as_of, row.edition, "xlsx")


@register.filter
def stood(scope: Scope, as_of: date) -> Published | None:
    """The edition of a date that a carried row was copied from."""
    return scope.stood(as_of)


@register.filter
def label_of(scope: Scope, as_of: date) -> str:
    """What the report is called that a carried row was copied from."""
    return scope.label_of(as_of)


@register.filter
def get(values: dict[str, object], key: str) -> object:
    """A value by a key that is itself a variable."""
    return values.get(key, "")


@register.filter
def last_number(key: str) -> str:
    """The position of the initiative that a key names."""
    return key.rpartition("-")[2]


@register.filter
def called(code: str) -> str:
    """「提出済」 for the code of a state, 「主な取組」 for that of a field; anything else stays as it is."""
    return dict([*ActionState.choices, *ActionField.choices, (CANCELLED, CANCELLED_LABEL)]).get(code, code)


@register.filter
def also_searched(words: str | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a search for the words looks for besides: (spelling, its other spellings) each."""
    return search_for(words or "").also


@register.filter
def term_years(term: ReportedDepartment) -> str:
    """「（～令和5年度）」 of a department's duty; empty where it is unlimited."""
    return fiscal_years.term_label(term["from_year"], term["to_year"])


@register.filter
def duty_years(duty: Any) -> str:
    """The same of a duty in the workspace."""
    return fiscal_years.term_label(duty.from_fiscal_year, duty.to_fiscal_year)


@register.filter
def goal(number: int) -> Goal:
    """The SDG of a number."""
    return GOALS[number]


@register.filter
def add_half(start: float, width: float) -> float:
    """The middle of a bar's segment."""
    return start + width / 2

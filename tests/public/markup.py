"""Pages as trees, so that tests ask for elements and not for substrings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element with what is inside it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside, white space made single."""
        return re.sub(r"\s+", " ", self._text()).strip()

    def _text(self) -> str:
        return "".join(child if isinstance(child, str) else child._text() for child in self.children)

    @property
    def raw_text(self) -> str:
        """All text inside as it stands; a <br> is a line's end."""
        inside = (
            child if isinstance(child, str) else "\n" if child.name == "br" else child.raw_text
            for child in self.children
        )
        return "".join(inside)

    def descendants(self) -> Iterator["Element"]:
        """Every element inside, in order."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.descendants()

    def all(self, name: str = "", cls: str = "", **attributes: str) -> list["Element"]:
        """The elements inside of a name, class and attributes, in order."""
        return [
            each
            for each in self.descendants()
            if name in ("", each.name)
            and (not cls or cls in each.attributes.get("class", "").split())
            and all(each.attributes.get(key) == value for key, value in attributes.items())
        ]

    def one(self, name: str = "", cls: str = "", **attributes: str) -> "Element":
        """The only such element. Fails where there is none or more."""
        found = self.all(name, cls, **attributes)
        assert len(found) == 1, f"{len(found)} of <{name} class={cls} {attributes}>"
        return found[0]

    def texts(self, name: str = "", cls: str = "") -> list[str]:
        return [each.text for each in self.all(name, cls)]

    @property
    def links(self) -> list[str]:
        """Where its links lead, in order."""
        return [each.attributes["href"] for each in self.all("a") if "href" in each.attributes]

    def table_rows(self) -> list[list[str]]:
        """The texts of a table's cells, row by row, headings included."""
        cells = [
            [c for c in row.children if isinstance(c, Element) and c.name in ("th", "td")]
            for row in self.all("tr")
        ]
        return [[cell.text for cell in row] for row in cells]

    def section(self, heading: str) -> "Element":
        """The section that an element of this id names."""
        return next(each for each in self.all("section") if each.attributes.get("aria-labelledby") == heading)


class _Builder(HTMLParser):
    """Builds the tree and refuses markup that does not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        return element

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """A page's tree. Fails where elements do not nest or are not closed."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], f"not closed: {[each.name for each in builder.open[1:]]}"
    return builder.root

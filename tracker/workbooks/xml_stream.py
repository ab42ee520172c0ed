"""An XML part as a stream of elements. What exhausts a parser, and no workbook needs, is refused.

Elements are known by their local names, whatever namespace they claim, as the workbook parsers know them.
"""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from tracker.workbooks.cell_text import MOST_UNITS
from tracker.workbooks.empty_cells import is_utf_8
from tracker.workbooks.parts import BROKEN
from tracker.workbooks.problems import FileProblem

DECLARES = (
    "ブックの中に許されない宣言（DOCTYPE／ENTITY）があります。Excel で新しいブックに写して保存してください。"
)
LONG_TEXT = (
    f"文字が多すぎるセルがあります（1 つのセルに {MOST_UNITS:,} 文字まで）。"
    "そのセルの文字を減らしてください。"
)
UNUSUAL = "Excel とは違う書き方のブックです。Excel で開いて保存し直してください。"

MAX_DEPTH = 100  # elements within each other; a workbook has about ten
MAX_TEXT = MOST_UNITS * 7  # characters of a cell's text as it may be written: _x000D_ is one
MAX_TOKEN = 1024 * 1024  # bytes of one tag or comment

# The roots that a workbook's parser reads. Others (someone's custom XML) may be written as they like.
ROOTS = {"workbook", "worksheet", "sst", "styleSheet", "Relationships", "Types"}
UTF_8_NAMES = {None, "utf-8", "utf8", "us-ascii"}

Attributes = dict[str, str]


class XmlStream:
    """Expat's callbacks for one part. A subclass fills `starts` and `ends` with what it does at an element.

    A workbook's own parts must be in UTF-8: calamine finds nothing at all in one in UTF-16.
    """

    def __init__(self) -> None:
        self.starts: dict[str, Callable[[Attributes], None]] = {}
        self.ends: dict[str, Callable[[], None]] = {}
        self.depth = self.run = self.prefix_length = 0
        self.is_utf_8 = True
        self.bounds_texts = False  # whether a text may be a cell's
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self.declaration
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartCdataSectionHandler = self.aside
        self.parser.CommentHandler = self.aside
        self.parser.ProcessingInstructionHandler = self.aside

    def read(self, pieces: Iterable[bytes]) -> None:
        """Raises FileProblem for what must not be opened, ExpatError for what is no XML."""
        fed = 0
        for number, piece in enumerate(pieces):
            if number == 0:
                self.is_utf_8 = is_utf_8(piece)
            fed += len(piece)
            self.parser.Parse(piece, False)
            if fed - self.parser.CurrentByteIndex > MAX_TOKEN:
                raise FileProblem(UNUSUAL)
        self.parser.Parse(b"", True)

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.is_utf_8 = self.is_utf_8 and (encoding.lower() if encoding else None) in UTF_8_NAMES

    def doctype(self, *declaration: object) -> None:
        raise FileProblem(DECLARES)

    def aside(self, *content: object) -> None:
        """At a comment, CDATA or instruction."""

    def start(self, name: str, attributes: Attributes) -> None:
        self.run = 0
        self.depth += 1
        handler = self.starts.get(name)
        if handler is None and ":" in name:
            prefix, _, name = name.rpartition(":")
            handler = self.starts.get(name)
            self.prefix_length = len(prefix) + 1 if handler else self.prefix_length
        if handler is not None:
            handler(attributes)
        if self.depth == 1 and name in ROOTS:
            self.bounds_texts = True
            if not self.is_utf_8:
                raise FileProblem(UNUSUAL)
        if self.depth > MAX_DEPTH:
            raise FileProblem(BROKEN)

    def end(self, name: str) -> None:
        self.run = 0
        self.depth -= 1
        handler = self.ends.get(name) or (self.ends.get(name.rpartition(":")[2]) if ":" in name else None)
        if handler is not None:
            handler()

    def text(self, text: str) -> None:
        self.run += len(text)
        if self.run > MAX_TEXT and self.bounds_texts:
            raise FileProblem(LONG_TEXT)

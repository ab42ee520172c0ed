"""What is told of an event: plain values, for pages and for the search."""

from dataclasses import dataclass

EMPTY = "（なし）"
LONG = 60  # characters, from which on a value is read beside the other one, with the difference marked


@dataclass(frozen=True)
class Line:
    """A value, or what it was and is. `before` None: only stated. `note`: since when, for example."""

    label: str
    before: str | None
    after: str
    note: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it is read in a box of its own. What is only stated is so where it has lines."""
        if self.before is None:
            return "\n" in self.after
        return any(len(text) > LONG or "\n" in text for text in (self.before, self.after))

    @property
    def words(self) -> str:
        """「担当課：商工労働課 → 商工振興課（令和7年度から）」."""
        change = self.after if self.before is None else f"{self.before} → {self.after}"
        return f"{self.label}：{change}{f'（{self.note}）' if self.note else ''}"


@dataclass(frozen=True)
class Told:
    """An event in words.

    `what` happened, a sentence. `about` what, with the names of then. `manifesto`: that in which this has its
    place, where there are several. `texts`: a row's whole texts as they stood (label, text). `places` and
    `departments`: what it is also found by. `is_private`: the lines are for those who keep people. `untold`:
    what it does not say, in words.
    """

    what: str
    about: str = ""
    lines: tuple[Line, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    places: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    reason_label: str = "理由"
    is_private: bool = False
    untold: str = ""
    manifesto: str = ""

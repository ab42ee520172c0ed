"""An event in the words of a person: what happened, to what, and each value before and after.

A rule tells some events of a kind, chosen by what their content has (`registry.words_for`). A new event adds
its rule in a module here, and its subject to `subjects.SUBJECTS`; a new act on master data is a line of
`catalogue.ACTS`. The tests refuse an event that is written without words (tests/conftest.py). One that nobody
has words for, or whose content is of another make, is told all the same, more plainly.
"""

from tracker.cycle.event_words import catalogue, mails, organisation, publishing, rounds, rows, terms  # noqa: F401 - rules
from tracker.cycle.event_words.names import NO_NAMES, Names
from tracker.cycle.event_words.registry import told, wordless
from tracker.cycle.event_words.told import Line, Told

__all__ = ["NO_NAMES", "Line", "Names", "Told", "told", "wordless"]

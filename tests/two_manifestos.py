"""The overlap year: two small workspaces, the former term with its last round and the new with its first."""

from dataclasses import dataclass

from tests.workspace import Workspace, make_workspace
from tracker.models import Manifesto

OLD, NEW = "まちを育てる約束", "新しいまちの約束"


@dataclass(frozen=True)
class TwoManifestos:
    """`old` and `new` have the same places, departments and people; a round of the year is open in both."""

    old: Workspace
    new: Workspace

    @property
    def both(self) -> list[tuple[str, Workspace]]:
        """Each with its name."""
        return [(OLD, self.old), (NEW, self.new)]


def make_two_manifestos(old: Workspace) -> TwoManifestos:
    """A second manifesto beside a workspace."""
    new = make_workspace(slug="2025", cast=old.cast)
    _call(old.manifesto, OLD, 2021)
    _call(new.manifesto, NEW, 2024)
    return TwoManifestos(old, new)


def _call(manifesto: Manifesto, title: str, first_fiscal_year: int) -> None:
    manifesto.title, manifesto.first_fiscal_year = title, first_fiscal_year
    manifesto.save()

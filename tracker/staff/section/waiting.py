"""What a head's home says of the rows that wait for them."""

from dataclasses import dataclass

from tracker.cycle.permissions import Visitor, may_enter
from tracker.cycle.rounds import current_rounds
from tracker.staff.section.pages import WaitingRound, waiting_rounds_of


@dataclass(frozen=True)
class SectionTasks:
    """The rounds with rows that wait for a head, none where nothing waits."""

    rounds: list[WaitingRound]

    @property
    def count(self) -> int:
        return sum(each.count for each in self.rounds)


def section_tasks(user: Visitor) -> SectionTasks | None:
    """For templates/staff/section/waiting.html; None where this person is not asked to confirm anything.

    Asks nothing of who heads no department.
    """
    if not may_enter(user) or not user.headed_ids:
        return None
    waiting = waiting_rounds_of(user)
    is_used = waiting or current_rounds().filter(manifesto__section_check=True).exists()
    return SectionTasks(waiting) if is_used else None

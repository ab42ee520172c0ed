"""Entry sheets on their way: the rule of their tables."""

import pytest

from tests.models.breaking import assert_broken, constraints_of
from tests.workspace import Workspace
from tracker.models import SheetBatch

pytestmark = pytest.mark.django_db


def test_a_state_outside_the_list_is_refused(space: Workspace) -> None:
    assert constraints_of("sheets") == {"batch_state_known"}
    batch = SheetBatch(
        owner=space.cast.clerk, round=space.round, file_name="a.xlsx", file_digest="x", state="lost"
    )
    assert_broken(batch, "その状態はありません。")

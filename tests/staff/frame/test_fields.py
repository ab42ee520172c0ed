"""Fields that the pages of the staff site share."""

import pytest
from django.core.exceptions import ValidationError

from tracker.staff.frame.fields import ReasonField


@pytest.mark.parametrize("text", ["", " \n", "・", "\u200b", "・\ufeff\n・", "—"])
def test_a_reason_that_shows_nothing_is_none(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReasonField().clean(text)
    assert caught.value.error_list[0].code == "required"
    assert ReasonField(required=False).clean(text) == ""


def test_a_reason_is_kept_as_it_was_typed() -> None:
    assert ReasonField().clean("・完了\r\n\u200b次へ") == "・完了\n\u200b次へ"

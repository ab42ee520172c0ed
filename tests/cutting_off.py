"""Acts that are cut off in the middle: whoever writes more than one row writes all of them or none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from tracker.cycle import events


class CutOffError(Exception):
    """The machine stops here."""


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


def cut_off(act: Callable[[], object]) -> None:
    """Stops an act where it records an event, or saves or deletes a row, once something was written: nothing
    of it stays.
    """
    before = everything()

    def stopping(original: Callable[..., Any]) -> Callable[..., Any]:
        def stop_or_go_on(*values: Any, **named: Any) -> Any:
            if everything() != before:
                raise CutOffError
            return original(*values, **named)

        return stop_or_go_on

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((events, "record_all"), (Model, "save"), (Model, "delete")):
            patch.setattr(owner, name, stopping(getattr(owner, name)))
        with pytest.raises(CutOffError):
            act()
    assert everything() == before

"""A sheet that waited for the worker when there was one is neither lost nor stuck after the upgrade."""

from typing import Any

import pytest

from tests.apart import empty_databases, run


@pytest.mark.long
def test_a_sheet_that_waited_says_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with empty_databases(tmp_path_factory.mktemp("upgrading"), "upgrading") as (url,):
        found = run("tests.entry_sheets.upgrading", url=url, state=tmp_path_factory.mktemp("state"))
    waits: dict[str, Any] = {"state": "ready", "status": 200}
    read = waits | {"total": 2, "has_base": True, "problems": []}

    def unread(name: str, words: str) -> dict[str, Any]:
        problem = {"sheet": f"{name}.xlsx", "address": "", "message": words}
        return waits | {"total": 0, "has_base": False, "problems": [problem], "writes": 0}

    again = (
        "システムが新しい版になったので、読み込まれませんでした。同じファイルを、もう一度取り込んでください。"
    )
    assert found == {
        "reading": unread("reading", again),
        "failed": unread("failed", "failed.xlsx：壊れています。"),
        "applying": read | {"writes": 1},
        "applied": read | {"state": "applied", "writes": None},
    }

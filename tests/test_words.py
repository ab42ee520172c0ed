"""Words on screens: one word for one thing. What was called otherwise before is called so nowhere."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
FORMER_WORDS = {
    "期限：": "締切：",
    "提出期限": "締切",
    ">切り替える<": "この方法に変える",
    "選んだ内容を残す": "途中まで保存する",
    "アドレスの名前": "公開ページのアドレス",
    "「まで」の年度": "最初の列にまとめる年度",
    "元の表から読み取れません": "記載なし",
    "の取組なので、書き換えられません。": "提出済みなので、この行は取り込みません。",
}
# An invitation's end of validity is no due date; the open data keep the meanings of their columns.
SPARED = {"templates/mail/invitation.txt"}


def shown_files() -> list[Path]:
    """Templates, scripts and code whose words people read. Migrations tell what once was."""
    found = [*PROJECT.glob("templates/**/*.*"), *PROJECT.glob("tracker/static/**/*.js")]
    found += [path for path in PROJECT.glob("tracker/**/*.py") if "migrations" not in path.parts]
    return [path for path in found if str(path.relative_to(PROJECT)) not in SPARED]


@pytest.mark.parametrize("former", FORMER_WORDS)
def test_a_former_word_is_used_nowhere(former: str) -> None:
    files = shown_files()
    assert len(files) > 400
    found = [str(path.relative_to(PROJECT)) for path in files if former in path.read_text()]
    assert found == [], f"{former} → {FORMER_WORDS[former]}"


def test_who_is_told_to_ask_the_planning_office_is_told_where() -> None:
    """Templates say its name and telephone; the foot of every page has them for what Python says."""
    templates = list(PROJECT.glob("templates/**/*.html"))
    found = [path for path in templates if "企画に連絡" in path.read_text() or "企画に聞" in path.read_text()]
    assert [str(path.relative_to(PROJECT)) for path in found] == []
    assert sum("planning_office_in_words" in path.read_text() for path in templates) > 4

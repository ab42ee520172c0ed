"""Everything that is looked at, in the order in which one would ask. Nothing is written."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError

from tracker.doctor import certificates, database, mail, nightly, set_up, sign_in
from tracker.doctor.findings import Finding, Soundness, trouble
from tracker.words.system_errors import in_words, of_database

LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    set_up.versions,
    set_up.settings_told,
    set_up.city_told,
    sign_in.ways,
    set_up.assets,
    set_up.disk,
    database.protected,
    database.clock,
    database.chain,
    database.size,
    mail.server,
    nightly.runs,
    certificates.ends,
)


def examine() -> list[Finding]:
    """All findings. What cannot be asked of the database, or read, is a finding, too."""
    found: list[Finding] = []
    for look in LOOKS:
        try:
            found += look()
        except DatabaseError as problem:
            if any(each[:2] == ("データベース", Soundness.TROUBLE) for each in found):
                continue  # why is told already
            words = f"データベースに尋ねられません（{of_database(problem) or type(problem).__name__}）。"
            found.append(
                trouble("データベース", words, "動いているか、DATABASE_URL が正しいかを確かめてください。")
            )
        except OSError as problem:
            words = f"{problem.filename or '設備のファイル'} を調べられません（{in_words(problem)}）。"
            found.append(trouble("ディスク", words, "ディスクと、持ち主・権限を確かめてください。"))
    return list(dict.fromkeys(found))

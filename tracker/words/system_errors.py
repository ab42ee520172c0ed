"""What the system and the database say of a failure, for people: 「その名前のファイルがありません」. Pure."""

import errno
import re
import smtplib
import socket

REASONS = {
    errno.ENOENT: "その名前のファイルやフォルダーがありません",
    errno.EISDIR: "ファイルではなく、フォルダーです",
    errno.ENOTDIR: "途中の名前が、フォルダーではありません",
    errno.EEXIST: "同じ名前のものがすでにあります",
    errno.EACCES: "読み書きする権限がありません",
    errno.EPERM: "読み書きする権限がありません",
    errno.EROFS: "書き込めないディスクです",
    errno.ENOSPC: "ディスクに空きがありません",
    errno.EDQUOT: "使ってよい容量を超えました",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.ELOOP: "リンクがたどれません",
    errno.EIO: "ディスクを読み書きできません",
    errno.ECONNREFUSED: "相手のサーバーが受け付けていません",
    errno.ECONNRESET: "相手のサーバーが通信を切りました",
    errno.EPIPE: "相手のサーバーが通信を切りました",
    errno.ETIMEDOUT: "相手のサーバーが答えません",
    errno.EHOSTUNREACH: "相手のサーバーまでつながりません",
    errno.ENETUNREACH: "ネットワークにつながっていません",
}

NOT_THIS_VERSION = "データベースが、この版のものではありません。manage.py migrate を実行してください"
CANNOT_CONNECT = (
    "データベースのサーバーとつながりません。動いているか、DATABASE_URL が正しいかを確かめてください"
)
BUSY = "ほかの人か命令が書き込んでいて、待っても終わりませんでした"
READ_ONLY = "データベースに書けません。ファイルとフォルダーの持ち主・権限を確かめてください"
# By the beginning of what SQLite calls its error.
SQLITE = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_FULL": REASONS[errno.ENOSPC],
    "SQLITE_IOERR": REASONS[errno.EIO],
    "SQLITE_CANTOPEN": "データベースのファイルを開けません。場所と、持ち主・権限を確かめてください",
    "SQLITE_CORRUPT": "データベースのファイルが壊れています。バックアップから戻してください",
    "SQLITE_NOTADB": "データベースのファイルが、SQLite のものではありません",
}
# By PostgreSQL's SQLSTATE, or by its class.
POSTGRESQL = {
    "08": CANNOT_CONNECT,
    "28": "データベースの利用者名かパスワードが違います。DATABASE_URL を確かめてください",
    "3D000": "その名前のデータベースがありません。DATABASE_URL を確かめてください",
    "42P01": NOT_THIS_VERSION,
    "42703": NOT_THIS_VERSION,
    "42501": "データベースの利用者に、権限がありません",
    "25006": "データベースは、読むだけになっています",
    "53100": "データベースのディスクに空きがありません",
    "53300": "データベースのサーバーへの接続が、いっぱいです",
    "55P03": BUSY,
    "57014": BUSY,
    "40P01": BUSY,
    "57P": CANNOT_CONNECT,
}
# What libpq hands on of a refused connection is text alone, in the server's language: English or Japanese.
REFUSED_CONNECTIONS = {
    "28": re.compile(r"authentication failed|role .* does not exist|認証に失敗|ロール.*存在しません"),
    "3D000": re.compile(r"database .* does not exist|データベース.*存在しません"),
    "53300": re.compile(r"too many (?:clients|connections)|接続数|接続枠"),
}


def in_words(problem: Exception) -> str:
    """Why something failed, without the system's own English where we know better."""
    if told := of_database(problem):
        return told
    if isinstance(problem, smtplib.SMTPException):
        return _of_mail(problem)
    if isinstance(problem, socket.gaierror):
        return "相手のサーバーの名前が見つかりません"
    if isinstance(problem, TimeoutError | ConnectionRefusedError):
        return REASONS[errno.ETIMEDOUT if isinstance(problem, TimeoutError) else errno.ECONNREFUSED]
    if isinstance(problem, OSError) and problem.errno is not None:
        return REASONS.get(problem.errno, f"システムのエラー {problem.errno}")
    return str(problem) or type(problem).__name__


def of_database(problem: BaseException) -> str:
    """Why a database failed, by SQLite's name or PostgreSQL's state of what lies behind; "" where unknown."""
    cause = problem.__cause__ or problem
    name, state = (getattr(cause, key, None) for key in ("sqlite_errorname", "sqlstate"))
    if name == "SQLITE_ERROR" and str(cause).startswith(("no such table", "no such column")):
        return NOT_THIS_VERSION
    if name:
        return next((words for begins, words in SQLITE.items() if name.startswith(begins)), "")
    if state:
        return next((words for begins, words in POSTGRESQL.items() if state.startswith(begins)), "")
    # psycopg's, where no server has answered; it knows no state.
    is_without_answer = type(cause).__module__.startswith("psycopg") and hasattr(cause, "sqlstate")
    if not is_without_answer or type(cause).__name__ != "OperationalError":
        return ""
    found = (key for key, says in REFUSED_CONNECTIONS.items() if says.search(str(cause)))
    return POSTGRESQL.get(next(found, ""), CANNOT_CONNECT)


def _of_mail(problem: smtplib.SMTPException) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _words in problem.recipients.values()})
        return f"メールサーバーが宛先を受け付けません（{'、'.join(map(str, codes))}）"
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return f"メールサーバーにログインできません（{problem.smtp_code}）"
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"メールサーバーが断りました（{problem.smtp_code}）"
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return "メールサーバーが通信を切りました"
    return "メールサーバーとやりとりできません"

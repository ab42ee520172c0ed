"""What the system says of a failure, for people: 「その名前のファイルがありません」. Pure."""

import errno
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


def in_words(problem: Exception) -> str:
    """Why something failed, without the system's own English where we know better."""
    if isinstance(problem, smtplib.SMTPException):
        return _of_mail(problem)
    if isinstance(problem, socket.gaierror):
        return "相手のサーバーの名前が見つかりません"
    if isinstance(problem, TimeoutError | ConnectionRefusedError):
        return REASONS[errno.ETIMEDOUT if isinstance(problem, TimeoutError) else errno.ECONNREFUSED]
    if isinstance(problem, OSError) and problem.errno is not None:
        return REASONS.get(problem.errno, f"システムのエラー {problem.errno}")
    return str(problem) or type(problem).__name__


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

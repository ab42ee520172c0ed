"""Reads the text form of a published table: lines, tab-separated where they belong to a table."""

from tracker.spreadsheets.grid import FileProblem, Grid, Row


def read(content: bytes) -> Grid:
    """The lines of a text file as a grid. UTF-8 (with or without BOM) or cp932; raises FileProblem for anything else."""
    text = _decode(content)
    if "\x00" in text:
        raise FileProblem(
            "文字の表ではありません（文字でないデータが入っています）。", row=text[: text.index("\x00")].count("\n") + 1
        )
    # Only line feeds end a line: str.splitlines would also cut at characters that may stand inside a cell.
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Grid(tuple(Row(number, tuple(line.split("\t"))) for number, line in enumerate(rows, start=1)))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        try:
            return content.decode("cp932")
        except UnicodeDecodeError:
            raise FileProblem(
                "文字コードを読み取れません。UTF-8 で保存し直してください（途中で切れたファイルでも、このエラーになります）。",
                row=content[: problem.start].count(b"\n") + 1,
            ) from problem

"""A file that cannot be taken: what is wrong, where, in words for the person who chose it."""


class FileProblem(Exception):  # noqa: N818 - the field's own word for it
    """A file that cannot be read as a published table. The message is for the person who chose the file.

    `row` is 1-based (a line of the text form, a row of the sheet), `column` a heading or a sheet's column
    letter.
    """

    def __init__(
        self, message: str, *, row: int | None = None, column: str | None = None, sheet: str | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.row, self.column, self.sheet = message, row, column, sheet

    def in_words(self, file_name: str) -> str:
        """File, place and message in one line."""
        places = [file_name]
        if self.sheet:
            places.append(f"シート「{self.sheet}」")
        if self.row is not None:
            places.append(f"{self.row}行目")
        if self.column:
            places.append(f"「{self.column}」の列")
        return f"{' '.join(places)}：{self.message}"

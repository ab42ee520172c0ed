"""A file that cannot be taken: what is wrong, where, in words for the person who chose it."""

# What is wrong with a single cell, and what to do.
UNCALCULATED = "数式に計算結果がありません。Excel で開いて保存し直すか、文字に直してください。"
BECAME_A_DATE = "日付に変わっています。セルの表示形式を「文字列」にして、入れ直してください。"
BECAME_A_TIME = "時刻に変わっています。セルの表示形式を「文字列」にして、入れ直してください。"
SHOWN_OTHERWISE = (
    "見えている文字と、中の数値が違います（％や桁区切りなどの表示形式）。"
    "セルの表示形式を「文字列」にして、見えているとおりに入れ直してください。"
)
CONTROL_CHARACTER = "読み取れない文字（制御文字）が入っています。その文字を消してください。"


class FileProblem(Exception):  # noqa: N818 - the field's own word for it
    """A file that cannot be taken. The message is for the person who chose it.

    `row` is 1-based (a line of a text, a row of a sheet), `column` a heading or a sheet's column letter.
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

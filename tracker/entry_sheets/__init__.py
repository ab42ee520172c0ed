"""Entry sheets (入力シート) between workbook and workspace: export, receive, plan, apply and undo."""

"""課長確認: the pages of a department's head."""

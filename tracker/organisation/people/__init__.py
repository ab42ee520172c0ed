"""利用者の一覧: one table of all people, compared with those who are there, and applied as a whole."""

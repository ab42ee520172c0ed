"""Files in: readers make a grid, the parser makes a table of plain values. Nothing here knows the database."""

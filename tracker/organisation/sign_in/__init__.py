"""Coming in: whether a person may, by which means, and what each means is checked by (docs/adr/0042)."""

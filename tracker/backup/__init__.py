"""バックアップ: all that an installation holds as one file, for either database (docs/adr/0029)."""

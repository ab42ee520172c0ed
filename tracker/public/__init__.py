"""The public site. Reads reports only (models.publication); import-linter holds that."""

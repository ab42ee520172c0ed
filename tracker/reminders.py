"""Mails to departments whose rows are still open near or past the due date."""

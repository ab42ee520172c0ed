"""The application: pledges, what was done for them, and the reports that the public reads."""

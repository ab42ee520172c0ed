"""Coming in by other means than a password alone, and the second step after it."""

"""Who works where through the years: reorganisations, people in April, and links to set a password."""

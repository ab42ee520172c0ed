"""The staff site, Django's admin made ours. Departments enter, the planning office approves and publishes."""

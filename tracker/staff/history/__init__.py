"""変更の履歴: the list of events, one event, a row's own history, and that of a thing of the master data."""

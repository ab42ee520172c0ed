"""診断: what an administrator asks of an installation, for `manage.py doctor` and its page alike."""

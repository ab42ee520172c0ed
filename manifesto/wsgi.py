"""The WSGI application for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from manifesto.door import Door
from manifesto.patience import limit_waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manifesto.settings")
connection_created.connect(limit_waiting)
application = Door(get_wsgi_application(), staff=settings.SESSION_COOKIE_PATH)

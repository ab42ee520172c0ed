"""Django's settings. Everything that differs between installations comes from the environment (README, 設定)."""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from manifesto import environment

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(environment.text("STATE_DIR", str(BASE_DIR / "var")))

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret_key(STATE_DIR / "secret_key")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", "")

# Who publishes. Shown on every page and written into the open data.
CITY_NAME = environment.text("CITY_NAME", "伊勢崎市")
CITY_CODE = environment.text("CITY_CODE", "102041")  # 全国地方公共団体コード, six digits
CITY_CONTACT = environment.text("CITY_CONTACT", "伊勢崎市 企画部 企画調整課")
CITY_CONTACT_URL = environment.text("CITY_CONTACT_URL", "")
DATA_LICENSE = environment.choice("DATA_LICENSE", "CC BY 4.0", {"CC BY 4.0", "PDL 1.0"})
SITE_NOTICE = environment.text("SITE_NOTICE", "")  # one line above every page, such as 「試験公開中」
if not (CITY_CODE.isascii() and CITY_CODE.isdigit() and len(CITY_CODE) == 6):
    raise ImproperlyConfigured(f"CITY_CODE={CITY_CODE!r}: write the six-digit 全国地方公共団体コード")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_filters",
    "csp",
    "tracker",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "manifesto.urls"
WSGI_APPLICATION = "manifesto.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
            "context_processors": ["tracker.public.context.city"],
            "libraries": {"tracker_public": "tracker.templatetags.tracker_public"},
            "builtins": ["tracker.templatetags.tracker_public", "django.templatetags.static"],
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """The one database: SQLite in the state folder, or what DATABASE_URL names. Raises ImproperlyConfigured."""
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as problem:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {problem}") from problem
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        # WAL and IMMEDIATE: without them concurrent writers meet "database is locked".
        settings["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL: only postgres:// and sqlite:// are supported")
    settings["CONN_MAX_AGE"] = None
    settings["CONN_HEALTH_CHECKS"] = True
    return settings


DATABASES = {"default": database(environment.text("DATABASE_URL", f"sqlite:///{STATE_DIR / 'manifesto.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "tracker.User"

# Rendered pages of frozen reports: kept per worker, by report digest, template version and query.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 600},
    }
}

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Nothing but our own style sheet and images: the public pages run no script at all.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # no CSRF middleware: the public site has no form that writes
    "security.W005",  # HSTS for sub-domains is the city's decision, not one system's
    "security.W021",  # likewise HSTS preload
]
HTTPS = environment.flag("HTTPS", default=False)  # true behind a proxy that speaks TLS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})},
}

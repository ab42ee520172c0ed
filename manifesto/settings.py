"""Django's settings. What differs between installations comes from the environment (README, 設定)."""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from manifesto import VERSION as VERSION  # settings.VERSION
from manifesto import environment

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = environment.private_folder(Path(environment.text("STATE_DIR", str(BASE_DIR / "var"))))

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret("SECRET_KEY", STATE_DIR / "secret_key")
SEAL_KEY = environment.secret("SEAL_KEY", STATE_DIR / "seal_key")  # of the chain of events (docs/adr/0014)
SITE_KEY = environment.secret("SITE_KEY", STATE_DIR / "site_key")  # signs the exported site (docs/adr/0039)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", "")
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")  # whose X-Forwarded-For says where a client is

# Who publishes. Shown on every page and written into the open data, while 基本データ › 市 says nothing else.
ISESAKI = "伊勢崎市"
CITY_NAME = environment.text("CITY_NAME", ISESAKI)
CITY_NAME_IS_SAID = bool(environment.text("CITY_NAME", ""))
CITY_CODE = environment.text("CITY_CODE", "")  # 全国地方公共団体コード, six digits
asked_first = "伊勢崎市 企画部 企画調整課" if CITY_NAME == ISESAKI else CITY_NAME  # not another city
CITY_CONTACT = environment.text("CITY_CONTACT", asked_first)
CITY_CONTACT_URL = environment.text("CITY_CONTACT_URL", "")
DATA_LICENSE = environment.choice("DATA_LICENSE", "CC BY 4.0", {"CC BY 4.0", "PDL 1.0"})
PUBLIC_URL = environment.origin("PUBLIC_URL")  # where citizens find the site; "" while nobody has said it
SITE_NOTICE = environment.text("SITE_NOTICE", "")  # one line above every page, such as 「試験公開中」
if CITY_CODE and not (CITY_CODE.isascii() and CITY_CODE.isdigit() and len(CITY_CODE) == 6):
    raise ImproperlyConfigured(
        f"CITY_CODE={CITY_CODE} は使えません。6 桁の全国地方公共団体コードを書いてください。"
    )

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # the staff site registers its own pages
    "tracker",  # before auth, two of whose commands it wraps
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "import_export",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tracker.staff.frame.middleware.Troubles",
    "tracker.public.askable.Askable",
    # Only below /staff/: the public site knows nobody and sets no cookie.
    "tracker.staff.frame.once.RemembersAnswers",
    "tracker.staff.frame.middleware.StaffSessions",
    "tracker.staff.frame.middleware.StaffCsrf",
    "tracker.staff.frame.middleware.StaffAuthentication",
    "tracker.staff.frame.middleware.StaffMessages",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "manifesto.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.public.context.city",
                "tracker.staff.frame.planning_office.planning_office",
            ],
            "builtins": ["tracker.templatetags.tracker_public", "django.templatetags.static"],
        },
    }
]


# PgBouncer in transaction mode stands between: no two transactions need have one session (docs/adr/0046).
PGBOUNCER = environment.flag("PGBOUNCER", default=False)
DATABASE_FORMS = (
    "postgres://利用者:パスワード@ホスト:5432/データベース か "
    "sqlite:////フォルダー/ファイル の形で書いてください。"
    "パスワードの記号は %XX の形にします（@ は %40）。"
)


def database(url: str) -> dict[str, Any]:
    """The settings of the one database, from its address. Raises ImproperlyConfigured for any other kind."""
    try:
        parsed = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
        settings: dict[str, Any] = dict(parsed)
    except (ValueError, KeyError) as problem:
        raise ImproperlyConfigured(f"DATABASE_URL を読めません。{DATABASE_FORMS}") from problem
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        # Without WAL and IMMEDIATE, concurrent writers meet "database is locked". With FULL, what was told
        # as saved outlasts a power cut.
        settings["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    elif settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"DATABASE_URL のデータベースは使えません。{DATABASE_FORMS}")
    else:
        options = settings.setdefault("OPTIONS", {})
        options.setdefault("connect_timeout", 10)  # seconds
        if PGBOUNCER:
            settings["DISABLE_SERVER_SIDE_CURSORS"] = True
            options["prepare_threshold"] = None
        else:
            # Our statements join many tables and read few rows: compiling one takes longer than it runs.
            options.setdefault("options", "-c jit=off")
    return settings


DATABASES = {
    "default": database(environment.text("DATABASE_URL", f"sqlite:///{STATE_DIR / 'manifesto.sqlite3'}"))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    environment.private_database(str(DATABASES["default"]["NAME"]))
# Seconds that a request may take (manifesto/patience.py): for a lock, a statement, a pause in a transaction.
LOCK_SECONDS = environment.number("DB_LOCK_SECONDS", 10, highest=60)
STATEMENT_SECONDS = environment.number("DB_STATEMENT_SECONDS", 60, highest=120)
IDLE_SECONDS = environment.number("DB_IDLE_SECONDS", 60, highest=120)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "tracker.User"

# Staff log in; the public does not. `make run` sets DEMO: its accounts to try work nowhere else.
DEMO = environment.flag("DEMO", default=False)
LOGIN_URL = LOGOUT_REDIRECT_URL = "admin:login"
LOGIN_REDIRECT_URL = "staff-home"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "tracker.staff.frame.authentication.StaffBackend",
]
# By which other means (docs/adr/0042, docs/operations.md): an OpenID Connect provider, a proxy in front, and
# a second factor beside passwords. Whoever comes in must be listed among our people.
MATCHES = {"username", "email"}
OIDC_ISSUER = environment.address("OIDC_ISSUER")  # "": there is none
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET", "")
OIDC_AUTHORIZATION_URL = environment.address("OIDC_AUTHORIZATION_URL")  # else the provider says where
OIDC_TOKEN_URL = environment.address("OIDC_TOKEN_URL")
OIDC_KEYS_URL = environment.address("OIDC_KEYS_URL")
OIDC_LOGOUT_URL = environment.address("OIDC_LOGOUT_URL")
OIDC_SCOPE = environment.text("OIDC_SCOPE", "openid profile email")
OIDC_PROMPT = environment.choice("OIDC_PROMPT", "provider", {"provider", "login", "select_account"})
OIDC_MATCH = environment.choice("OIDC_MATCH", "username", MATCHES)  # with what of ours
OIDC_CLAIM = environment.text("OIDC_CLAIM", "email" if OIDC_MATCH == "email" else "preferred_username")
OIDC_LABEL = environment.text("OIDC_LABEL", "庁内の認証でログイン")  # on the button
OIDC_SECONDS = environment.number("OIDC_SECONDS", 5, highest=30)  # for one answer of the provider
if OIDC_ISSUER and not OIDC_CLIENT_ID:
    raise ImproperlyConfigured(
        "OIDC_ISSUER を使うには、認証のサーバーに登録した OIDC_CLIENT_ID も設定してください。"
    )
if OIDC_ISSUER and "openid" not in OIDC_SCOPE.split():
    raise ImproperlyConfigured(f"OIDC_SCOPE={OIDC_SCOPE} には、openid も書いてください。")
if OIDC_ISSUER and find_spec("joserfc") is None:
    raise ImproperlyConfigured(
        "OIDC_ISSUER を使うには、requirements/oidc.txt を入れてください（README の「設定」）。"
    )
REMOTE_USER_HEADER = environment.header("REMOTE_USER_HEADER")  # as request.META has it; "": there is none
REMOTE_USER_PROXIES = environment.networks("REMOTE_USER_PROXIES")  # from whom alone it is believed
REMOTE_USER_MATCH = environment.choice("REMOTE_USER_MATCH", "username", MATCHES)
REMOTE_USER_LOGOUT_URL = environment.address("REMOTE_USER_LOGOUT_URL")  # where the proxy's own login ends
if REMOTE_USER_HEADER and not REMOTE_USER_PROXIES:
    raise ImproperlyConfigured(
        "REMOTE_USER_HEADER を使うには、REMOTE_USER_PROXIES も設定してください。"
        "でないと、だれでもそのヘッダーを書けてしまいます。"
    )
LOCAL_LOGIN = environment.words("LOCAL_LOGIN", "")  # administrators who keep their password beside the above
SECOND_FACTOR = environment.flag("SECOND_FACTOR", default=False)  # for planning and administrators

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A city hall is one address: a person who fails too often is locked out by name and address together.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "tracker.staff.frame.authentication.locked_out"
AXES_HANDLER = "tracker.staff.frame.lock_out.LockOut"
AXES_USERNAME_CALLABLE = "tracker.staff.frame.lock_out.typed_name"
AXES_CLIENT_IP_CALLABLE = "tracker.staff.frame.lock_out.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who goes on trying does not lock out for longer
# What is not noted with a failure: the words that a login page carries along are nobody else's.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "kept"]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 10 * 60 * 60  # seconds: a working day
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/staff/"
SESSION_COOKIE_NAME = "staff_session"
CSRF_COOKIE_NAME = "staff_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tracker.staff.frame.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MESSAGE_TAGS = {20: "messages", 25: "messages"}  # info and success; a tag is its box's class (notice-…)

# Mail, for reminders. Without EMAIL_HOST nothing is sent, and the staff site says so.
EMAIL_HOST = environment.text("EMAIL_HOST", "")
EMAIL_PORT = environment.number("EMAIL_PORT", 25, highest=65_535)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "manifesto@localhost")
MAIL_FROM_IS_SAID = bool(environment.text("MAIL_FROM", ""))
STAFF_SITE_URL = environment.text("STAFF_SITE_URL", "")  # where mails send people: https://…/staff/

# Rendered pages of frozen reports, kept per worker (public/frozen.py).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 600},
    }
}

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Our own style sheet and images, nothing else: no public page but the list runs a script (public/urls).
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
    "security.W003",  # the CSRF middleware is a subclass of Django's that acts below /staff/ only
    "security.W005",  # HSTS for sub-domains is the city's decision, not one system's
    "security.W021",  # likewise HSTS preload
]
HTTPS = environment.flag("HTTPS", default=False)  # true behind a proxy that speaks TLS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "manifesto.json_lines.JsonLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": environment.choice("LOG_FORMAT", "line", {"line", "json"}),
        }
    },
    "loggers": {"axes": {"level": "WARNING"}},  # its successes are no news
    "root": {
        "handlers": ["stderr"],
        "level": environment.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"}),
    },
}

"""Settings, all of them read from the environment, with an embedded default that serves this machine only.

Two modes. `embedded` (default) is the demonstration: SQLite, filesystem broker, loopback hosts, everything under
`var/`. `production` demands PostgreSQL, Redis, a mail server, an https address and a strong key, and refuses to
start while one of them is missing: `normandata.safety` holds the list.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from normandata import safety

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.prefix = "NORMANDATA_"

MODE = env.str("MODE", default="embedded")
PRODUCTION = MODE == "production"
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else safety.local_key(VAR_DIR / "secret_key"))
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
ERASURES_FILE = env.str("ERASURES_FILE", default=str(VAR_DIR / "erasures.jsonl"))
SITE_URL = env.str("SITE_URL", default="" if PRODUCTION else "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if SITE_URL.startswith("https://") else [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "normandata.accounts.administration.AdministrationConfig",
    "normandata.outbox",
    "normandata.ui",
    "normandata.accounts",
    "normandata.procedure",
    "normandata.privacy",
    "normandata.organisations",
    "normandata.documents",
    "normandata.notifications",
    "normandata.dossiers",
    "normandata.budgets",
    "normandata.deminimis",
    "normandata.scoring",
    "normandata.committee",
    "normandata.experts",
    "normandata.indicators",
    "normandata.opendata",
    "normandata.rights",
    "diagnostic",
    "booster_ia",
    "datathon",
    "roadmap",
    "normandata.portal",
]

MIDDLEWARE = [
    "normandata.ui.middleware.arrival",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "normandata.ui.middleware.headers",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "normandata.documents.middleware.weigh",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "normandata.accounts.middleware.throttled",
    "allauth.account.middleware.AccountMiddleware",
    "normandata.accounts.middleware.expired_session",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "normandata.accounts.middleware.second_factor",
    "normandata.accounts.middleware.alive",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "normandata.urls"
WSGI_APPLICATION = "normandata.wsgi.application"
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
                "normandata.ui.context.site",
                "normandata.portal.context.navigation",
            ],
            "builtins": ["normandata.ui.templatetags.nd"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

DATABASES = {"default": env.db("DATABASE_URL", default="" if PRODUCTION else f"sqlite:///{VAR_DIR}/normandata.sqlite3")}
if DATABASES["default"].get("ENGINE", "").endswith("sqlite3"):
    # WAL and immediate transactions let web and worker write side by side without « database is locked ».
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/espace/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "normandata.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 2
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/compte/?fait=adresse"
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
# What asks for a mail is counted by address in `normandata.accounts.throttle`, silently.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "confirm_email": None, "reset_password": "20/m/ip"}
ACCOUNT_FORMS = {
    "login": "normandata.accounts.forms.SignInForm",
    "signup": "normandata.accounts.forms.SignUpForm",
    "add_email": "normandata.accounts.forms.AddressForm",
    "change_password": "normandata.accounts.forms.PasswordForm",
    "reset_password": "normandata.accounts.forms.ResetForm",
    "confirm_password_reset_code": "normandata.accounts.forms.ResetCodeForm",
    "reset_password_from_key": "normandata.accounts.forms.NewPasswordForm",
    "confirm_email_verification_code": "normandata.accounts.forms.AddressCodeForm",
    "reauthenticate": "normandata.accounts.forms.ConfirmPasswordForm",
}
ALLAUTH_USER_CODE_FORMAT = {"length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = 0
MFA_ADAPTER = "normandata.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "normandata.accounts.forms.SecondFactorForm",
    "reauthenticate": "normandata.accounts.forms.ConfirmSecondFactorForm",
    "activate_totp": "normandata.accounts.forms.EnrolForm",
    "deactivate_totp": "normandata.accounts.forms.LeaveForm",
    "generate_recovery_codes": "normandata.accounts.forms.RecoveryCodesForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
# By account here, whatever the visitor's address; by visitor's address in ACCOUNT_RATE_LIMITS.
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "normandata.accounts.adapter.typed_address"
AXES_CLIENT_IP_CALLABLE = "normandata.accounts.adapter.client_address"
AXES_LOCKOUT_CALLABLE = "normandata.accounts.adapter.locked"
AXES_SENSITIVE_PARAMETERS = ["login", "email", "username", "ip_address", "password", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# By account and by nothing else: no other browser or address gives an account more tries.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

LANGUAGE_CODE = "fr-fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "normandata.ui.static.NodeFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "normandata.ui.static.PublishedStorage"},
}
WHITENOISE_MAX_AGE = 600
WHITENOISE_ALLOW_ALL_ORIGINS = False

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR_DIR / "cache"}
    }
CELERY_BROKER_URL = env.str("BROKER_URL", default=REDIS_URL or "filesystem://")
CELERY_BROKER_DIR = Path(env.str("BROKER_DIR", default=str(VAR_DIR / "broker")))

# Requests of the public API that one visitor's address makes in a minute; beyond, it is asked to wait.
API_PER_MINUTE = env.int("API_PER_MINUTE", default=120)

# A file that the backup touches when it ends: the status page says its day.
BACKUP_STAMP = env.str("BACKUP_STAMP", default="")

# The public directory of companies; empty means offline, with a fictitious register.
DIRECTORY_URL = env.str(
    "DIRECTORY_URL", default="https://recherche-entreprises.api.gouv.fr" if PRODUCTION else ""
).rstrip("/")

# Who grants, in the open data: the Region's SIRET (Hôtel de Région; 20005340300016 is the Abbaye-aux-Dames).
OPENDATA_AUTHORITY_NAME = env.str("OPENDATA_NAME", default="Région Normandie")
OPENDATA_AUTHORITY_SIRET = env.str("OPENDATA_SIRET", default="20005340300057")

# The smallest group of people, or of answers given in confidence, that a public indicator tells of.
INDICATORS_THRESHOLD = env.int("INDICATORS_THRESHOLD", default=5)

# Without a mail server production is refused below, in French, with its other faults.
EMAIL_URL = env.str("EMAIL_URL", default="") or ("dummymail://" if PRODUCTION else "filemail://")
EMAIL_CONFIG = env.email_url_config(EMAIL_URL)
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="NormanDATA <ne-pas-repondre@normandata.invalid>")

SESSION_COOKIE_AGE = 8 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "normandata.portal.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Bytes. A file is written to disk up to the first, a request is read at all up to the second.
UPLOAD_MOST_BYTES = 20 * 1024 * 1024
UPLOAD_HEAVIEST_REQUEST = 110 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["normandata.documents.upload_handlers.DraftHandler"]
# `unix:/path` or `tcp://host:port`; the demonstration alone may do without.
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        ALLAUTH_TRUSTED_PROXY_COUNT = 1

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("camera", "display-capture", "fullscreen", "geolocation", "microphone", "payment", "usb")
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # A forged Host is answered 400; it needs no alarm.
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "celery.worker.consumer.connection": {"level": "WARNING"},
        "celery.apps.worker": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},
        "kombu.connection": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "weasyprint.progress": {"level": "ERROR"},
    },
}

unsafe = safety.complaints(
    mode=MODE,
    debug=DEBUG,
    secret_key=SECRET_KEY,
    fallback_keys=SECRET_KEY_FALLBACKS,
    hosts=ALLOWED_HOSTS,
    trusted_origins=CSRF_TRUSTED_ORIGINS,
    site_url=SITE_URL,
    database_engine=DATABASES["default"].get("ENGINE", ""),
    broker_url=CELERY_BROKER_URL,
    redis_url=REDIS_URL,
    email_backend=EMAIL_CONFIG.get("EMAIL_BACKEND", ""),
    email_host=EMAIL_CONFIG.get("EMAIL_HOST") or "",
    from_email=DEFAULT_FROM_EMAIL,
    antivirus=CLAMD_SOCKET,
)
if unsafe:
    raise ImproperlyConfigured("Démarrage refusé :\n- " + "\n- ".join(unsafe))

"""Settings of the tests: the embedded ones, or those of the servers named in the environment, in a folder apart."""

import os
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
VAR = Path(__file__).resolve().parent.parent / "var" / "test" / WORKER
os.environ["NORMANDATA_VAR_DIR"] = str(VAR)
os.environ["NORMANDATA_MODE"] = "embedded"

from normandata.settings import *  # noqa: E402, F403
from normandata.settings import DATABASES, STORAGES  # noqa: E402

# A file, not memory: workers in their own processes open it too.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}
else:
    # Whatever the encoding of the cluster, which a machine without locale makes in ASCII.
    DATABASES["default"]["TEST"] = {"CHARSET": "UTF8", "TEMPLATE": "template0"}
    # No test cuts the server's power: what is committed need not reach the disk.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
DATABASES["default"]["CONN_MAX_AGE"] = 0
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Thousands of requests come from one address in a minute.
API_PER_MINUTE = 1_000_000

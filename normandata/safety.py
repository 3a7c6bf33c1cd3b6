"""What a deployment must provide before the portal agrees to start."""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

MODES = ("embedded", "production")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})
SMALLEST_KEY = 50
ANTIVIRUS = re.compile(r"unix:/.+|tcp://([^/:\[\]]+|\[[^\]]+\]):\d{1,5}")


def local_key(path: Path) -> str:
    """Return the embedded mode's key, made on first use and readable by its owner only."""
    if not path.exists():
        # Written aside, then linked: of two processes starting together both read the same whole key.
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text(encoding="ascii")


def complaints(
    *,
    mode: str,
    debug: bool,
    secret_key: str,
    fallback_keys: Sequence[str],
    hosts: Sequence[str],
    trusted_origins: Sequence[str],
    site_url: str,
    database_engine: str,
    broker_url: str,
    redis_url: str,
    email_backend: str,
    email_host: str,
    from_email: str,
    antivirus: str,
) -> list[str]:
    """List, in French and by variable name, everything that makes these settings unsafe; empty when none does."""
    if mode not in MODES:
        return [f"NORMANDATA_MODE vaut « {mode} » ; les valeurs possibles sont embedded et production."]
    if mode == "embedded":
        strangers = [host for host in hosts if host not in LOOPBACK]
        return [
            f"NORMANDATA_ALLOWED_HOSTS contient {', '.join(strangers)} : le mode embedded ne sert que cette machine. "
            "Pour ouvrir le portail, passez NORMANDATA_MODE à production."
        ] * bool(strangers)
    checks = [
        (debug, "NORMANDATA_DEBUG doit être absent ou à false."),
        (
            _is_weak(secret_key),
            f"NORMANDATA_SECRET_KEY doit compter au moins {SMALLEST_KEY} caractères variés, tirés au hasard.",
        ),
        (
            any(_is_weak(key) for key in fallback_keys),
            f"NORMANDATA_SECRET_KEY_FALLBACKS : chaque ancienne clé compte au moins {SMALLEST_KEY} caractères variés.",
        ),
        *_address_checks(hosts, site_url, trusted_origins),
        ("postgresql" not in database_engine, "NORMANDATA_DATABASE_URL doit désigner une base PostgreSQL."),
        (
            not broker_url.startswith(("redis://", "rediss://")),
            "NORMANDATA_BROKER_URL (ou NORMANDATA_REDIS_URL) doit désigner un serveur Redis.",
        ),
        (
            not redis_url.startswith(("redis://", "rediss://", "unix://")),
            "NORMANDATA_REDIS_URL doit désigner un serveur Redis : le cache est partagé entre les processus.",
        ),
        (
            not (email_backend.endswith("smtp.EmailBackend") and email_host),
            "NORMANDATA_EMAIL_URL doit désigner un serveur SMTP.",
        ),
        (".invalid" in from_email, "NORMANDATA_FROM_EMAIL doit être une adresse d’expédition réelle."),
        (
            not ANTIVIRUS.fullmatch(antivirus),
            "NORMANDATA_CLAMD_SOCKET doit désigner un antivirus, par exemple unix:/run/clamav/clamd.ctl.",
        ),
    ]
    return [message for unsafe, message in checks if unsafe]


def _address_checks(hosts: Sequence[str], site_url: str, trusted_origins: Sequence[str]) -> list[tuple[bool, str]]:
    has_joker = any(host.startswith(("*", ".")) for host in hosts)
    site_host = urlsplit(site_url).hostname if site_url.startswith("https://") else None
    return [
        (not hosts, "NORMANDATA_ALLOWED_HOSTS doit nommer le domaine servi."),
        (has_joker, "NORMANDATA_ALLOWED_HOSTS ne peut pas contenir de joker."),
        (not site_url.startswith("https://"), "NORMANDATA_SITE_URL doit commencer par https://."),
        (
            any("*" in origin or not origin.startswith("https://") for origin in trusted_origins),
            "NORMANDATA_CSRF_TRUSTED_ORIGINS ne peut contenir que des adresses https:// complètes, sans joker.",
        ),
        (
            bool(site_host and hosts) and not has_joker and site_host not in hosts,
            "NORMANDATA_SITE_URL doit désigner un domaine de NORMANDATA_ALLOWED_HOSTS.",
        ),
    ]


def _is_weak(key: str) -> bool:
    return len(key) < SMALLEST_KEY or len(set(key)) < 10

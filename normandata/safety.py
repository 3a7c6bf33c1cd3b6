"""What a deployment must provide before the portal agrees to start."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

MODES = ("embedded", "production")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})
SMALLEST_KEY = 50


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
    hosts: Sequence[str],
    site_url: str,
    database_engine: str,
    broker_url: str,
    redis_url: str,
    email_backend: str,
    email_host: str,
    from_email: str,
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
            len(secret_key) < SMALLEST_KEY or len(set(secret_key)) < 10,
            f"NORMANDATA_SECRET_KEY doit compter au moins {SMALLEST_KEY} caractères variés, tirés au hasard.",
        ),
        (not hosts, "NORMANDATA_ALLOWED_HOSTS doit nommer le domaine servi."),
        (
            any(host.startswith(("*", ".")) for host in hosts),
            "NORMANDATA_ALLOWED_HOSTS ne peut pas contenir de joker.",
        ),
        (not site_url.startswith("https://"), "NORMANDATA_SITE_URL doit commencer par https://."),
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
    ]
    return [message for unsafe, message in checks if unsafe]

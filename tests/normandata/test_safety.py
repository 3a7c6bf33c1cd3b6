"""What makes a deployment unsafe, and the key of the demonstration."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from normandata import safety

SAFE: dict[str, Any] = {
    "mode": "production",
    "debug": False,
    "secret_key": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP",
    "fallback_keys": [],
    "hosts": ["aides.example.org"],
    "trusted_origins": [],
    "site_url": "https://aides.example.org",
    "database_engine": "django.db.backends.postgresql",
    "broker_url": "redis://127.0.0.1:6379/0",
    "redis_url": "redis://127.0.0.1:6379/0",
    "email_backend": "django.core.mail.backends.smtp.EmailBackend",
    "email_host": "mail.example.org",
    "from_email": "aides@example.org",
    "antivirus": "unix:/run/clamav/clamd.ctl",
}


def complaints(**changes: Any) -> list[str]:
    return safety.complaints(**(SAFE | changes))


def test_a_safe_production_has_nothing_to_mend() -> None:
    assert complaints() == []
    assert complaints(antivirus="tcp://clamd:3310") == complaints(antivirus="tcp://[::1]:3310") == []
    assert complaints(broker_url="rediss://cache.example.org/0", hosts=["aides.example.org", "b.example.org"]) == []


KEY = "NORMANDATA_SECRET_KEY doit compter au moins 50 caractères variés, tirés au hasard."
JOKER = "NORMANDATA_ALLOWED_HOSTS ne peut pas contenir de joker."
ORIGINS = "NORMANDATA_CSRF_TRUSTED_ORIGINS ne peut contenir que des adresses https:// complètes, sans joker."
SITE = "NORMANDATA_SITE_URL doit commencer par https://."
BASE = "NORMANDATA_DATABASE_URL doit désigner une base PostgreSQL."
BROKER = "NORMANDATA_BROKER_URL (ou NORMANDATA_REDIS_URL) doit désigner un serveur Redis."
CACHE = "NORMANDATA_REDIS_URL doit désigner un serveur Redis : le cache est partagé entre les processus."
ANTIVIRUS = "NORMANDATA_CLAMD_SOCKET doit désigner un antivirus, par exemple unix:/run/clamav/clamd.ctl."
MAIL = "NORMANDATA_EMAIL_URL doit désigner un serveur SMTP."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"debug": True}, "NORMANDATA_DEBUG doit être absent ou à false."),
        ({"secret_key": ""}, KEY),
        ({"secret_key": SAFE["secret_key"][:49]}, KEY),
        ({"secret_key": "ab" * 40}, KEY),
        ({"secret_key": "123456789" * 8}, KEY),
        (
            {"fallback_keys": [SAFE["secret_key"], "a"]},
            "NORMANDATA_SECRET_KEY_FALLBACKS : chaque ancienne clé compte au moins 50 caractères variés.",
        ),
        (
            {"site_url": "https://other.example.org"},
            "NORMANDATA_SITE_URL doit désigner un domaine de NORMANDATA_ALLOWED_HOSTS.",
        ),
        ({"trusted_origins": ["https://*"]}, ORIGINS),
        ({"trusted_origins": ["http://aides.example.org"]}, ORIGINS),
        ({"hosts": []}, "NORMANDATA_ALLOWED_HOSTS doit nommer le domaine servi."),
        ({"hosts": ["aides.example.org", "*"]}, JOKER),
        ({"hosts": [".example.org"]}, JOKER),
        ({"site_url": ""}, SITE),
        ({"site_url": "http://aides.example.org"}, SITE),
        ({"site_url": "aides.example.org"}, SITE),
        ({"database_engine": ""}, BASE),
        ({"database_engine": "django.db.backends.sqlite3"}, BASE),
        ({"broker_url": "filesystem://"}, BROKER),
        ({"broker_url": "amqp://guest@localhost"}, BROKER),
        (
            {"redis_url": ""},
            "NORMANDATA_REDIS_URL doit désigner un serveur Redis : le cache est partagé entre les processus.",
        ),
        ({"email_backend": ""}, MAIL),
        ({"email_backend": "django.core.mail.backends.filebased.EmailBackend"}, MAIL),
        ({"antivirus": ""}, ANTIVIRUS),
        ({"antivirus": "/run/clamav/clamd.ctl"}, ANTIVIRUS),
        ({"antivirus": "unix:"}, ANTIVIRUS),
        ({"antivirus": "tcp://clamd"}, ANTIVIRUS),
        ({"antivirus": "tcp://:3310"}, ANTIVIRUS),
        ({"from_email": "x@normandata.invalid"}, "NORMANDATA_FROM_EMAIL doit être une adresse d’expédition réelle."),
    ],
)
def test_an_unsafe_production_setting_is_named(change: dict[str, Any], message: str) -> None:
    assert complaints(**change) == [message]


def test_every_fault_is_listed_at_once() -> None:
    found = complaints(debug=True, secret_key="", hosts=[], site_url="", database_engine="", broker_url="")
    assert [message.split()[0] for message in found] == [
        "NORMANDATA_DEBUG",
        "NORMANDATA_SECRET_KEY",
        "NORMANDATA_ALLOWED_HOSTS",
        "NORMANDATA_SITE_URL",
        "NORMANDATA_DATABASE_URL",
        "NORMANDATA_BROKER_URL",
    ]


@pytest.mark.parametrize("mode", ["", "prod", "Production", "embedded "])
def test_a_mode_that_does_not_exist_is_refused(mode: str) -> None:
    assert complaints(mode=mode) == [
        f"NORMANDATA_MODE vaut « {mode} » ; les valeurs possibles sont embedded et production."
    ]


def test_the_demonstration_serves_this_machine_only() -> None:
    assert complaints(mode="embedded", hosts=["localhost", "127.0.0.1", "[::1]"], secret_key="", site_url="") == []
    assert complaints(mode="embedded", hosts=["localhost", "aides.example.org", "*"]) == [
        "NORMANDATA_ALLOWED_HOSTS contient aides.example.org, * : le mode embedded ne sert que cette machine. "
        "Pour ouvrir le portail, passez NORMANDATA_MODE à production."
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.2", "192.168.1.4", "localhost.example.org", "", ".localhost"])
def test_no_other_address_passes_for_this_machine(host: str) -> None:
    assert len(complaints(mode="embedded", hosts=[host])) == 1


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = safety.local_key(path)
    assert (len(key), stat.S_IMODE(path.stat().st_mode)) == (86, 0o600)
    assert safety.local_key(path) == key == path.read_text(encoding="ascii")
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]


def test_each_folder_has_its_own_key(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    assert len({safety.local_key(folder / "secret_key") for folder in folders}) == 3


def test_a_key_already_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("theirs", encoding="ascii")
    assert safety.local_key(path) == "theirs"


def test_processes_that_start_together_read_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them find the file missing before any writes it."""
    racers, path = 8, tmp_path / "secret_key"
    line = threading.Barrier(racers, timeout=10)
    exists = Path.exists

    def late(self: Path, **options: Any) -> bool:
        found = exists(self, **options)
        if self == path:
            line.wait()
        return found

    monkeypatch.setattr(Path, "exists", late)
    with ThreadPoolExecutor(racers) as pool:
        keys = set(pool.map(safety.local_key, [path] * racers))
    assert len(keys) == 1
    assert keys == {path.read_text(encoding="ascii")}
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]

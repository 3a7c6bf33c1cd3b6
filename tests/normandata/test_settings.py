"""The portal starts on a safe environment, and refuses any other in French."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
START = "import normandata.settings as s; print(s.SECRET_KEY)"
KEY = "NORMANDATA_SECRET_KEY doit compter au moins 50 caractères variés, tirés au hasard."
JOKER = "NORMANDATA_ALLOWED_HOSTS ne peut pas contenir de joker."
SITE = "NORMANDATA_SITE_URL doit commencer par https://."
BASE = "NORMANDATA_DATABASE_URL doit désigner une base PostgreSQL."
BROKER = "NORMANDATA_BROKER_URL (ou NORMANDATA_REDIS_URL) doit désigner un serveur Redis."
CACHE = "NORMANDATA_REDIS_URL doit désigner un serveur Redis : le cache est partagé entre les processus."
ANTIVIRUS = "NORMANDATA_CLAMD_SOCKET doit désigner un antivirus, par exemple unix:/run/clamav/clamd.ctl."
MAIL = "NORMANDATA_EMAIL_URL doit désigner un serveur SMTP."


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or ("-c", START))],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(environment: dict[str, str]) -> list[str]:
    """Return the faults a start complains of; the start must fail, and as a whole."""
    result = run(environment)
    assert (result.returncode, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    first = lines.index("django.core.exceptions.ImproperlyConfigured: Démarrage refusé :")
    return lines[first + 1 :]


@pytest.fixture(scope="module")
def source() -> dict[str, str]:
    """Read the production environment that continuous integration checks."""
    result = subprocess.run(
        ["bash", "-c", ". .ci/production-env && env -0"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.partition("=") for line in result.stdout.split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("NORMANDATA_")}


@pytest.fixture
def production(source: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return source | {"NORMANDATA_VAR_DIR": str(tmp_path)}


def test_a_safe_production_starts(production: dict[str, str]) -> None:
    result = run(production)
    assert (result.returncode, result.stdout.strip()) == (0, production["NORMANDATA_SECRET_KEY"])
    assert not (Path(production["NORMANDATA_VAR_DIR"]) / "secret_key").exists()


def test_a_safe_production_passes_django_s_own_checks(production: dict[str, str]) -> None:
    result = run(production, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("name", "value", "messages"),
    [
        ("DEBUG", "true", ["NORMANDATA_DEBUG doit être absent ou à false."]),
        ("SECRET_KEY", None, [KEY]),
        ("SECRET_KEY", "", [KEY]),
        ("SECRET_KEY", "x" * 80, [KEY]),
        ("ALLOWED_HOSTS", None, ["NORMANDATA_ALLOWED_HOSTS doit nommer le domaine servi."]),
        ("ALLOWED_HOSTS", "aides.example.org,*", [JOKER]),
        ("ALLOWED_HOSTS", ".example.org", [JOKER]),
        ("SITE_URL", None, [SITE]),
        ("SITE_URL", "http://aides.example.org", [SITE]),
        ("SITE_URL", "https://", [SITE]),
        ("DATABASE_URL", None, [BASE]),
        ("DATABASE_URL", "sqlite:///x.sqlite3", [BASE]),
        ("REDIS_URL", None, [BROKER, CACHE]),
        ("BROKER_URL", "filesystem://", [BROKER]),
        ("EMAIL_URL", "filemail://", [MAIL]),
        ("EMAIL_URL", "consolemail://", [MAIL]),
        ("EMAIL_URL", None, [MAIL]),
        ("EMAIL_URL", "", [MAIL]),
        ("FROM_EMAIL", None, ["NORMANDATA_FROM_EMAIL doit être une adresse d’expédition réelle."]),
        ("CLAMD_SOCKET", None, [ANTIVIRUS]),
        ("CLAMD_SOCKET", "oui", [ANTIVIRUS]),
        ("MODE", "prod", ["NORMANDATA_MODE vaut « prod » ; les valeurs possibles sont embedded et production."]),
    ],
)
def test_an_unsafe_production_refuses_to_start(
    production: dict[str, str], name: str, value: str | None, messages: list[str]
) -> None:
    environment = {key: text for key, text in production.items() if key != f"NORMANDATA_{name}"}
    if value is not None:
        environment[f"NORMANDATA_{name}"] = value
    assert refusal(environment) == [f"- {message}" for message in messages]


@pytest.mark.parametrize(
    ("name", "value"), [("REDIS_URL", "memcached://127.0.0.1"), ("EMAIL_URL", "smtp://")], ids=["cache", "mail"]
)
def test_an_address_that_leads_nowhere_refuses_to_start(production: dict[str, str], name: str, value: str) -> None:
    environment = production | {
        "NORMANDATA_BROKER_URL": production["NORMANDATA_REDIS_URL"],
        f"NORMANDATA_{name}": value,
    }
    assert [line.split()[1] for line in refusal(environment)] == [f"NORMANDATA_{name}"]


def test_a_production_with_nothing_said_lists_every_fault(tmp_path: Path) -> None:
    faults = refusal({"NORMANDATA_MODE": "production", "NORMANDATA_VAR_DIR": str(tmp_path)})
    assert [line.split()[1] for line in faults] == [
        "NORMANDATA_SECRET_KEY",
        "NORMANDATA_ALLOWED_HOSTS",
        "NORMANDATA_SITE_URL",
        "NORMANDATA_DATABASE_URL",
        "NORMANDATA_BROKER_URL",
        "NORMANDATA_REDIS_URL",
        "NORMANDATA_EMAIL_URL",
        "NORMANDATA_FROM_EMAIL",
        "NORMANDATA_CLAMD_SOCKET",
    ]


def test_production_sends_cookies_and_pages_over_https_only(production: dict[str, str]) -> None:
    code = (
        "import normandata.settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT,"
        " s.SECURE_HSTS_SECONDS, s.DEBUG, hasattr(s, 'SECURE_PROXY_SSL_HEADER'))"
    )
    assert run(production, "-c", code).stdout == "True True True 31536000 False False\n"
    behind = run(production | {"NORMANDATA_BEHIND_PROXY": "true"}, "-c", code)
    assert behind.stdout == "True True True 31536000 False True\n"


def test_a_secret_may_be_read_from_a_file(production: dict[str, str], tmp_path: Path) -> None:
    key = production.pop("NORMANDATA_SECRET_KEY")
    (tmp_path / "key").write_text(key, encoding="ascii")
    assert run(production | {"NORMANDATA_SECRET_KEY_FILE": str(tmp_path / "key")}).stdout.strip() == key


def test_the_demonstration_starts_alone_with_a_key_of_its_own(tmp_path: Path) -> None:
    started = [run({"NORMANDATA_VAR_DIR": str(tmp_path / folder)}) for folder in ("a", "a", "b")]
    assert [result.returncode for result in started] == [0, 0, 0], started[0].stderr
    first, again, other = (result.stdout.strip() for result in started)
    assert first == again == (tmp_path / "a" / "secret_key").read_text(encoding="ascii")
    assert other != first
    assert stat.S_IMODE((tmp_path / "a" / "secret_key").stat().st_mode) == 0o600


def test_processes_of_the_demonstration_that_start_together_share_one_key(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NORMANDATA_VAR_DIR": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", START], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert keys == {(tmp_path / "secret_key").read_text(encoding="ascii")}


def test_the_demonstration_refuses_a_foreign_host(tmp_path: Path) -> None:
    environment = {"NORMANDATA_VAR_DIR": str(tmp_path), "NORMANDATA_ALLOWED_HOSTS": "localhost,aides.example.org"}
    assert refusal(environment) == [
        "- NORMANDATA_ALLOWED_HOSTS contient aides.example.org : le mode embedded ne sert que cette machine. "
        "Pour ouvrir le portail, passez NORMANDATA_MODE à production."
    ]
